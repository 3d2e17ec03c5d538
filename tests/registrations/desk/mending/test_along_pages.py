"""Organisers note with whom somebody comes along, and part two people; both persons' pages say it.

Rules: EV-05, SE-12.
"""

import re

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry, about
from events.event import Event
from events.ground.database import Database
from registrations.people.registration import State
from tests.at_the_desk import ticked
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
        assert heading(page) == "Note that they come along with a guest"
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
        assert heading(question) == "Note that they come along no longer"
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


async def test_when_all_places_are_taken_the_desk_says_who_can_still_be_approved(
    database: Database, event: Event, omar: Staff
) -> None:
    guest = (await with_ticket(someone(), event))[0]
    companion, other = await comes_along(guest), await confirmed(someone(), event)
    await Event.filter(id=event.id).update(capacity=1, allowance=0)
    desk = f"/desk/{event.slug}"
    async with browsing(database, omar) as client:
        typed = {"person": await ticked(companion, other), "decision": "approve"}
        both = await client.post(f"{desk}/requests", data=typed)
        rows = re.findall(r"<li(.*?)>([^<]*?),", both.text.partition("desk-names")[2])
        over = {name: "desk-names__over" in how for how, name in rows}
        assert (over[companion.full_name], over[other.full_name]) == (False, True)
        assert "No place is left" in words(both.text)
        await client.post(f"{desk}/requests/several", data=typed)
        page = words((await client.get(f"{desk}/event")).text)
        await client.post(f"{desk}/people/{companion.id}/withdraw")
        wait = {"decision": "wait", "seen": "confirmed"}
        await client.post(f"{desk}/people/{companion.id}/decide", data=wait)
        waiting = words((await client.get(f"{desk}/waiting")).text)
    assert "0 places left (not counting 1 companion)" in page
    assert "1 given out, 0 left, not counting 1 companion" in page
    assert "Approving takes no free place" in waiting
    assert ((await anew(companion)).state, (await anew(other)).state) == (State.WAITING, State.CONFIRMED)
