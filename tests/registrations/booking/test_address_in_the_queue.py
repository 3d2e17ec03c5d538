"""Whoever waits for a decision, or is on the waiting list, gives us another address by their own link.

It says yes, the present one is told and can stop it, and organisers see both. Rules: GU-22, SG-02, SG-03.
"""

import asyncio
import re
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.refusal import Refused
from events.ground.tokens import Purpose
from events.mail.outbox import Message
from registrations.all_emails import writers
from registrations.booking import new_address
from registrations.deciding import asking_for_more, offers, several_decisions, vetting
from registrations.deciding.asking_for_more import More
from registrations.deciding.vetting import Decision, Result
from registrations.people.address_change import moving_of
from registrations.people.registration import Registration, State
from registrations.tickets.ticket import Ticket
from tests.at_the_desk import amber, desk, ticked
from tests.browser import browsing, words
from tests.mail_reading import text_of, written
from tests.people import MONDAY, Person, confirmed, queued
from tests.professional import path_to, put_into
from tests.registrations.booking.addressing import NEW, anew, asks, newest
from tests.registrations.booking.colleagues.naming_them import outside
from tests.registrations.deciding.decisions import LATER
from tests.registrations.desk.test_changed_meanwhile import shown

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
UNDECIDED = [State.CONFIRMED, State.WAITING]


async def undecided(state: State, person: Person, event: Event, by: Staff) -> Registration:
    asked = await confirmed(person, event)
    if state is State.WAITING:
        await vetting.put_on_waiting_list(asked, by, MONDAY)
        await Message.all().delete()
    return await anew(asked)


async def moves(asked: Registration) -> Registration:
    assert await new_address.confirm(await asks(asked), LATER)
    return await anew(asked)


@pytest.mark.parametrize("state", UNDECIDED)
async def test_the_yes_waits_for_a_decision_and_nobody_loses_their_turn(
    event: Event, ada: Person, omar: Staff, state: State
) -> None:
    asked = await undecided(state, ada, event, omar)
    change = await asks(asked)
    assert sorted(await queued()) == [("address_asked", asked.id), ("new_address", asked.id)]
    before = await anew(asked)
    assert (before.state, before.email, await moving_of([before])) == (state, ada.email, {})
    assert await new_address.confirm(change, LATER)
    now = await anew(asked)
    assert (now.state, now.email, now.requested_at) == (State.CONFIRMED, ada.email, asked.requested_at)
    assert [moving.address for moving in (await moving_of([now])).values()] == [NEW]
    assert (await queued()).count(("address_asked", asked.id)) == 2, "the present one is told"
    assert not await new_address.confirm(await newest(asked), LATER), "a second press"


@pytest.mark.parametrize("state", UNDECIDED)
async def test_approved_it_is_the_new_address_that_gets_the_ticket(
    event: Event, ada: Person, omar: Staff, state: State
) -> None:
    asked = await moves(await undecided(state, ada, event, omar))
    assert await vetting.decide(asked, Decision.APPROVE, omar, LATER) is Result.DONE
    now = await anew(asked)
    assert (now.state, now.email, now.generation) == (State.APPROVED, NEW, 1)
    assert await Ticket.filter(registration_id=asked.id, revoked_at=None).count() == 1


@pytest.mark.parametrize("has_said_yes", [False, True])
@pytest.mark.parametrize("state", UNDECIDED)
async def test_the_present_address_stops_it_and_every_older_link_is_old(
    event: Event, ada: Person, omar: Staff, state: State, has_said_yes: bool
) -> None:
    """Somebody with a stolen link may have asked for it."""
    asked = await undecided(state, ada, event, omar)
    await asks(asked)
    if has_said_yes:
        assert await new_address.confirm(await newest(asked), LATER)
    assert await new_address.keep(await newest(asked), LATER)
    now = await anew(asked)
    assert (now.email, now.generation, (await newest(asked)).address) == (ada.email, 1, "")
    assert not await new_address.confirm(await newest(asked), LATER)
    await vetting.decide(now, Decision.APPROVE, omar, LATER)
    assert (await anew(asked)).email == ada.email


async def test_no_other_one_is_asked_for_while_a_person_looks_at_it(event: Event, ada: Person, omar: Staff) -> None:
    asked = await moves(await undecided(State.CONFIRMED, ada, event, omar))
    with pytest.raises(Refused, match="A person looks at the other address"):
        await asks(asked, "ada@towers.example.org")
    assert (await newest(asked)).address == NEW


@pytest.mark.parametrize("state", UNDECIDED)
async def test_one_whose_new_address_has_a_request_by_now_holds_up_none_of_several(
    database: Database, event: Event, ada: Person, bo: Person, cleo: Person, omar: Staff, state: State
) -> None:
    """They are told apart in the banner: before that the page said of all that nothing was decided."""
    people = [await undecided(state, person, event, omar) for person in (ada, bo, cleo)]
    moving = await moves(people[1])
    if state is State.WAITING:
        await vetting.put_on_waiting_list(moving, omar, LATER)
    await confirmed(Person("Nia", NEW, "Lanterns", "charity", "Keeper"), event)
    page = desk(event, "waiting" if state is State.WAITING else "requests")
    async with browsing(database, omar) as client:
        posted = {"person": await ticked(*people), "decision": "approve"}
        done = await client.post(f"{page}/several", data=posted)
        said = amber(await client.get(done.headers["location"]))
    assert [(await anew(asked)).state for asked in people] == [State.APPROVED, state, State.APPROVED]
    assert f"{bo.name} : not approved, since the new address has a request of its own by now." in said


async def test_who_reads_the_list_before_the_yes_does_not_approve_another_address_unseen(
    event: Event, ada: Person, omar: Staff
) -> None:
    for together in (True, False):
        asked = await undecided(State.CONFIRMED, ada, event, omar)
        read = await several_decisions.in_order(event, [asked.id])
        asks_first = await asks(asked)
        decided = (
            several_decisions.decide_people(read, Decision.APPROVE, omar, LATER)
            if together
            else several_decisions.decide_alone(read[0], Decision.APPROVE, omar, LATER, clock.real())
        )
        said, result = await asyncio.gather(new_address.confirm(asks_first, LATER), decided)
        done = (result[asked.id] if isinstance(result, dict) else result) is Result.DONE
        now = await anew(asked)
        assert (done, said, now.email) in [(True, False, ada.email), (False, True, ada.email)]
        await vetting.cancel(now, omar, LATER)


async def test_what_was_read_before_the_yes_is_not_approved(event: Event, ada: Person, omar: Staff) -> None:
    asked = await undecided(State.CONFIRMED, ada, event, omar)
    [read] = await several_decisions.in_order(event, [asked.id])
    await moves(asked)
    result = await several_decisions.decide_alone(read, Decision.APPROVE, omar, LATER, clock.real())
    results = await several_decisions.decide_people([read], Decision.APPROVE, omar, LATER)
    assert [result, *results.values()] == [Result.CHANGED] * 2


async def test_two_who_have_to_approve_both_see_the_new_address(
    event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    await Event.filter(id=event.id).update(two_approvals=True)
    asked = await undecided(State.CONFIRMED, ada, event, omar)
    assert await vetting.decide(await anew(asked), Decision.APPROVE, lena, LATER) is Result.FIRST
    now = await moves(asked)
    assert await vetting.decide(now, Decision.APPROVE, omar, LATER) is Result.FIRST, "Lena approved another address"


@SQLITE
async def test_the_page_offers_it_and_does_not_tell_who_is_on_the_waiting_list(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    seen = []
    async with browsing(database) as client:
        for state in UNDECIDED:
            asked = await undecided(state, ada, event, omar)
            booking = path_to(asked, Purpose.MANAGE)
            pages = [await client.get(booking), question := await client.get(f"{booking}/address")]
            assert f'href="{booking}/address"' in pages[0].text
            assert "You do not lose your turn" in words(question.text)
            assert "Your ticket stops working" not in question.text
            sent = await client.post(f"{booking}/address", data=shown(question) | {"email": NEW, "save": "yes"})
            pages += [sent, await client.get(sent.headers["location"])]
            path = (await newest(asked)).link(Purpose.NEW_ADDRESS).removeprefix("https://places.example.org")
            theirs = await client.get(path)
            assert "a person looks at the request with this address" in words(theirs.text)
            said = await client.get((await client.post(path, data={"theirs": "yes"})).headers["location"])
            assert "A person looks at the request. If we can offer a place, we send the ticket here." in words(
                said.text
            )
            after = await client.get(booking)
            assert f'href="{booking}/address"' not in after.text
            pages += [theirs, said, after]
            seen.append([outside(page) for page in pages])
            await vetting.cancel(await anew(asked), omar, MONDAY)
    marks = [[str(page).replace(NEW, "") for page in pages] for pages in seen]
    hide = [[_without_marks(text) for text in pages] for pages in marks]
    assert hide[0] == hide[1]


def _without_marks(text: str) -> str:
    return re.sub(r"[0-9a-f]{32}|[a-z2-7]{42}", "MARK", text)


@SQLITE
async def test_the_page_offers_to_keep_the_present_one_only_while_that_can_be_done(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    """Whoever is offered a place answers that first: the other address cannot say yes meanwhile either."""
    asked = await undecided(State.WAITING, ada, event, omar)
    link = (await asks(asked)).link(Purpose.KEEP_ADDRESS)
    seen = []
    async with browsing(database) as client:
        for happens in (None, offers.offer):
            if happens is not None:
                await happens(await anew(asked), omar, MONDAY)
            page = await client.get(path_to(await anew(asked), Purpose.MANAGE))
            kept = await client.get(link.removeprefix("https://places.example.org"))
            seen.append((link in page.text, kept.status_code))
    assert seen == [(True, 200), (False, 410)]


@SQLITE
async def test_organisers_see_both_addresses_and_no_click_approves_it(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff, lena: Staff
) -> None:
    asked, other = await undecided(State.CONFIRMED, ada, event, omar), await confirmed(bo, event)
    async with browsing(database, lena) as client:
        stale = shown(await client.get(desk(event, "people", asked.id))) | {"decision": "approve"}
        stale_box = await ticked(asked, other)
        await moves(asked)
        queue = words((await client.get(desk(event, "requests"))).text)
        assert f"{ada.email} New: {NEW}" in queue
        assert "Changed their address 8 April" in queue
        assert "Had a place" not in queue
        page = await client.get(desk(event, "people", asked.id))
        assert NEW in page.text
        refused = await client.post(desk(event, "people", asked.id, "decide"), data=stale)
        assert (refused.status_code, (await anew(asked)).state) == (409, State.CONFIRMED)
        one = await client.post(desk(event, "requests", "approve"), data={"person": await ticked(asked)})
        assert one.headers["location"] == desk(event, "people", asked.id)
        done = await client.post(desk(event, "requests", "several"), data={"person": stale_box, "decision": "approve"})
        assert ada.name in amber(await client.get(done.headers["location"]))
        assert ((await anew(asked)).state, (await anew(other)).state) == (State.CONFIRMED, State.APPROVED)
        await client.post(desk(event, "people", asked.id, "decide"), data=shown(page) | {"decision": "approve"})
    assert (await anew(asked)).email == NEW


@SQLITE
@pytest.mark.parametrize(("days", "is_offered"), [(None, True), (30, False)])
async def test_the_email_that_asks_for_a_work_address_promises_no_link_that_is_not_there(
    database: Database, event: Event, ada: Person, omar: Staff, days: int | None, is_offered: bool
) -> None:
    """The page takes no change any more so many days before the event. Whoever is looked at again is asked for none."""
    await Event.filter(id=event.id).update(changes_until=days)
    asked = await put_into(State.CONFIRMED, ada, event)
    await asking_for_more.ask(asked, More.ADDRESS, omar, MONDAY)
    message = await Message.get(template="more_address")
    email = await written(writers()["more_address"], message)
    assert email is not None
    said = " ".join(text_of(email).split())
    assert "If your request has a Change link beside your email address, follow it and enter your work address." in said
    assert "You can also tell us the address in a reply to this email, or by telephone." in said
    assert asked.link(Purpose.MANAGE) in said
    async with browsing(database) as client:
        page = await client.get(path_to(asked, Purpose.MANAGE))
    assert (f'href="{path_to(asked, Purpose.MANAGE)}/address"' in page.text) is is_offered


@pytest.mark.parametrize("has_said_yes", [False, True])
async def test_the_present_address_is_told_what_is_true(
    event: Event, ada: Person, omar: Staff, has_said_yes: bool
) -> None:
    asked = await undecided(State.CONFIRMED, ada, event, omar)
    change = await asks(asked)
    if has_said_yes:
        assert await new_address.confirm(change, MONDAY + timedelta(hours=1))
    message = await Message.filter(template="address_asked").order_by("-id").first()
    assert message is not None
    email = await written(writers()["address_asked"], message)
    assert email is not None
    said = " ".join(text_of(email).split())
    wanted = "If we offer you a place, we write there" if has_said_yes else "an organiser looks at your request with it"
    assert (wanted in said, "we send you new ones" in said, "ticket" in said) == (True, True, False)
