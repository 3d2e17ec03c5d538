"""Organisers note with whom somebody comes along, and part two people; both persons' pages say it.

Rules: EV-05, SE-12.
"""

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry, about
from events.event import Event
from events.ground.database import Database
from registrations.people.registration import State
from tests.browser import browsing, heading, words
from tests.people import Person, confirmed, someone
from tests.professional import put_into, with_ticket
from tests.registrations.coming import anew, comes_along


async def test_omar_links_bo_with_ada_who_telephones_and_both_pages_say_so(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    guest, other = (await with_ticket(ada, event))[0], await confirmed(bo, event)
    people = f"/desk/{event.slug}/people"
    async with browsing(database, omar) as client:
        assert f'href="{people}/{other.id}/along"' in (await client.get(f"{people}/{other.id}")).text
        page = await client.get(f"{people}/{other.id}/along")
        assert heading(page) == "They come along with a guest"
        typed = ("", "nobody@wardens.example.org", bo.email)
        wrong = [await client.post(f"{people}/{other.id}/along", data={"email": email}) for email in typed]
        assert ([answer.status_code for answer in wrong], (await anew(other)).comes_with_id) == ([422] * 3, None)
        assert "Nobody with a place at this event has this address" in words(wrong[1].text)
        done = await client.post(f"{people}/{other.id}/along", data={"email": ada.email.upper()})
        theirs, hers = await client.get(done.headers["location"]), await client.get(f"{people}/{guest.id}")
        assert f"Comes along with {ada.name}" in words(theirs.text)
        assert f"With them {bo.name} comes along" in words(hers.text)
        assert f"/{guest.id}/along" not in hers.text, "whoever has people with them comes along with nobody"
        queue = words((await client.get(f"/desk/{event.slug}/requests")).text)
        assert "Comes along with a guest" in queue
        question = await client.get(f"{people}/{other.id}/along")
        assert heading(question) == "Part them from the guest"
        parted = await client.post(f"{people}/{other.id}/alone")
        twice = await client.post(f"{people}/{other.id}/alone")
        assert "They do not come along" in words((await client.get(parted.headers["location"])).text)
    assert (parted.status_code, twice.status_code, (await anew(other)).comes_with_id) == (303, 409, None)


async def test_looking_at_one_is_recorded_of_both_whose_names_are_shown(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    guest = (await with_ticket(ada, event))[0]
    companion, alone = await comes_along(guest, State.APPROVED), await put_into(State.APPROVED, someone(), event)
    for shown, seen in ((guest, {guest, companion}), (companion, {guest, companion}), (alone, {alone})):
        before = await AuditEntry.all().count()
        async with browsing(database, omar) as client:
            await client.get(f"/desk/{event.slug}/people/{shown.id}")
        views = await AuditEntry.filter(action=Action.VIEWED, id__gt=before)
        assert {view.subject for view in views} == {about(person) for person in seen}


async def test_whoever_has_ended_cannot_be_linked(database: Database, event: Event, bo: Person, omar: Staff) -> None:
    ended = await put_into(State.CANCELLED, bo, event)
    async with browsing(database, omar) as client:
        page = await client.get(f"/desk/{event.slug}/people/{ended.id}/along")
    assert page.status_code == 404
