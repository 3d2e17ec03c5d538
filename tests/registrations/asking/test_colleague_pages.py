"""The pages of a colleague whom a guest named: opening one changes nothing, and the guest is told nothing.

Rules: DP-16, EM-05, EM-06, GU-01.
"""

from datetime import timedelta

from events.event import Event, EventState
from events.ground import clock
from events.ground.database import Database
from registrations.asking.draft import Draft
from registrations.booking import own_booking
from registrations.people.colleague import Colleague
from registrations.people.registration import Registration, State
from tests.browser import browsing, heading, words
from tests.hostile.machines import everything
from tests.people import THE_DAY, Person, queued, request_of
from tests.professional import answer_questions, with_ticket
from tests.registrations.booking.colleagues.naming_them import (
    KIT,
    a_guest_names,
    answers,
    asked,
    asks_for_a_place,
    names,
    outside,
    says_yes,
)

OVER = (410, "This link no longer works")


async def test_looking_changes_nothing_and_names_nobody(database: Database, event: Event, ada: Person) -> None:
    named = await a_guest_names(ada, event)
    before = await everything()
    async with browsing(database) as client:
        page = await client.get(named.path)
        nothing = await client.post(named.path, data={})
    assert (heading(page), page.status_code, nothing.status_code) == ("Would you like a place too?", 200, 422)
    assert [said for said in (ada.name, ada.email, ada.organisation) if said in page.text + nothing.text] == []
    assert KIT.email in page.text
    assert "checked" not in page.text
    assert await everything() == before


async def test_from_the_link_to_a_request_that_is_confirmed(database: Database, event: Event, ada: Person) -> None:
    named = await a_guest_names(ada, event)
    async with browsing(database) as client:
        assert await says_yes(client, named) == f"/e/{event.slug}/ask/name"
        await answers(client, event)
        check = await client.get(f"/e/{event.slug}/ask/check")
        assert "Your address is confirmed already: you opened our email to it." in words(check.text)
        sent = await client.post(f"/e/{event.slug}/ask/check")
        stands = await client.get(sent.headers["location"])
        again = await client.post(f"/e/{event.slug}/ask/check")
        asked_page = await client.get(f"/e/{event.slug}/asked")
    assert (sent.headers["location"], heading(stands)) == (named.path, "We have your request")
    assert (again.headers["location"], asked_page.headers["location"]) == (f"/e/{event.slug}/asked", named.path)
    request = await request_of(KIT.email)
    assert (request.state, await queued()) == (State.CONFIRMED, [("colleague", named.id), ("received", request.id)])


async def test_a_no_deletes_the_address_and_the_link_is_over(database: Database, event: Event, ada: Person) -> None:
    named = await a_guest_names(ada, event)
    async with browsing(database) as client:
        no = await client.post(named.path, data={"place": "no", "word": "Delete "})
        deleted = await client.get(no.headers["location"])
        later = [await client.get(named.path), await client.post(named.path, data={"place": "yes"})]
    assert (no.status_code, heading(deleted)) == (303, "We have deleted your address")
    assert [(page.status_code, heading(page)) for page in later] == [OVER] * 2
    assert (await Colleague.exclude(address_sealed=None).count(), await Draft.all().count()) == (0, 0)


async def test_the_answer_may_be_given_under_another_address_which_then_confirms_itself(
    database: Database, event: Event, ada: Person
) -> None:
    named = await a_guest_names(ada, event)
    async with browsing(database) as client:
        await says_yes(client, named)
        await answers(client, event)
        await client.post(f"/e/{event.slug}/ask/email", data={"email": "kit@elsewhere.example.org"})
        check = await client.get(f"/e/{event.slug}/ask/check")
        sent = await client.post(f"/e/{event.slug}/ask/check")
        page = await client.get(sent.headers["location"])
    assert "we send an email to the address above" in words(check.text)
    assert heading(page) == "Check your email"
    assert (await request_of("kit@elsewhere.example.org")).state is State.REQUESTED
    assert (await asked(named)).address == KIT.email


async def test_what_somebody_else_has_typed_in_this_browser_is_not_theirs(
    database: Database, event: Event, ada: Person, bo: Person
) -> None:
    named = await a_guest_names(ada, event)
    async with browsing(database) as client:
        await answer_questions(client, event, bo)
        await says_yes(client, named)
        fresh = await client.get(f"/e/{event.slug}/ask/name")
        await client.post(f"/e/{event.slug}/ask/name", data={"full_name": KIT.name})
        await says_yes(client, named)
        goes_on = await client.get(f"/e/{event.slug}/ask/name")
    assert (bo.name in fresh.text, KIT.name in goes_on.text) == (False, True)


async def test_each_end_looks_the_same(database: Database, event: Event, ada: Person) -> None:
    """Answered with no, too old, or over with the guest's place: the reader of an old email learns nothing."""
    guest, _ = await with_ticket(ada, event)
    rows = [await names(guest, f"kit{n}@lanterns.example.org", n) for n in range(3)]
    async with browsing(database) as client:
        await client.post(rows[0].path, data={"place": "no", "word": "Delete "})
        await Colleague.filter(id=rows[1].id).update(asked_at=rows[1].asked_at - timedelta(hours=72))
        seen = [outside(await client.get(row.path)) for row in rows[:2]]
        assert outside(await client.get(rows[2].path))[0] == 200, "the control"
        await own_booking.give_up(await Registration.get(id=guest.id), clock.now())
        seen.append(outside(await client.get(rows[2].path)))
    assert len(set(seen)) == 1


async def test_closed_full_and_past(database: Database, event: Event, ada: Person) -> None:
    named = await a_guest_names(ada, event)
    async with browsing(database) as client:
        await Event.filter(id=event.id).update(capacity=1)
        full = await client.get(named.path)
        await Event.filter(id=event.id).update(state=EventState.CLOSED)
        closed, late = await client.get(named.path), await client.post(named.path, data={"place": "yes"})
        clock.move_to(THE_DAY.replace(day=16))
        past = await client.get(named.path)
    assert "There is a waiting list: say yes all the same" in words(full.text)
    closed_says = "Registration has closed"
    assert [(page.status_code, heading(page)) for page in (closed, late)] == [(410, closed_says)] * 2
    assert "We delete your address at 09:00 on Thursday 11 April 2019" in words(closed.text)
    assert (past.status_code, heading(past)) == OVER
    assert await Draft.all().count() == 0


async def test_once_the_request_has_ended_the_link_says_no_more_that_we_have_it(
    database: Database, event: Event, ada: Person
) -> None:
    named = await a_guest_names(ada, event)
    async with browsing(database) as client:
        await asks_for_a_place(client, named, event)
        assert heading(await client.get(named.path)) == "We have your request", "the control"
        await own_booking.give_up(await request_of(KIT.email), clock.now())
        page = await client.get(named.path)
    assert (page.status_code, heading(page)) == OVER
