"""Walk-ins at the desk: they appear on board and counts at once, one page decides, and they are vetted later.

Rules: SG-02, SG-06. Case: DR-37.
"""

import re
from datetime import datetime, timedelta

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, live, wording
from events.ground.database import Database
from events.mail.outbox import Message
from registrations.checkin.walking_in.walk_in import Stage, WalkIn
from registrations.deciding import vetting
from registrations.people.no_address import NO_SUCH_ADDRESS
from registrations.people.registration import Registration, State
from registrations.phones.door import Device
from registrations.tickets.ticket import Ticket
from tests.at_the_desk import desk, fields
from tests.browser import browsing, words
from tests.people import MONDAY, THE_DAY, Person, confirmed, someone
from tests.professional import with_ticket
from tests.registrations.booking.handing.handing import taken_up
from tests.registrations.checkin.walking_in.test_walk_ins import WREN, lee, newest, start

__all__ = ["lee"]
pytestmark = pytest.mark.usefixtures("the_day")
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


@SQLITE
async def test_dr37_it_appears_at_once_and_one_page_lets_them_in(
    database: Database, event: Event, lee: Device, omar: Staff
) -> None:
    nudges = [live.hub().wake(topic) for topic in (f"doors:{event.id}", f"event:{event.id}")]
    async with browsing(database, omar) as client:
        assert "walk-in" not in words((await client.get(desk(event, "board"))).text)
        for nudge in nudges:
            nudge.clear()
        await start(lee)
        assert all(nudge.is_set() for nudge in nudges), "board and desks are told"
        board, queue = await client.get(desk(event, "board")), await client.get(desk(event, "requests"))
        assert "1 walk-in waits at a door . An organiser decides." in words(board.text)
        assert "1 walk-in waits" in words(queue.text)
        listed = await client.get(desk(event, "walk-ins"))
        assert WREN.full_name not in listed.text, "a name appears when one is opened"
        assert "Press" in words(listed.text)
        assert set(re.findall(r'aria-current="page">([^<]+)', listed.text)) == {"Walk-ins"}
        walk_in = await newest()
        shown = await client.get(desk(event, "walk-ins", walk_in.id))
        for said in ("Wren Walker", "Westmoor Weekly", "wren@weekly.example.org", "Press", "takes one of 120 free"):
            assert said in words(shown.text)
        assert 'checked="' not in shown.text
        nothing = await client.post(desk(event, "walk-ins", walk_in.id), data=fields(shown))
        assert (nothing.status_code, "Select if they come in" in words(nothing.text)) == (422, True)
        done = await client.post(desk(event, "walk-ins", walk_in.id), data=fields(shown) | {"decision": "approve"})
        assert "Let in. The reference is on the lead" in words((await client.get(done.headers["location"])).text)
        person = words((await client.get(desk(event, "people", walk_in.registration_id))).text)
        assert "Let in without a place" in person
        assert "not vetted yet" in person
        mark = "At the door, not vetted yet"
        assert mark in words((await client.get(desk(event, "people"))).text)
        assert (await client.post(desk(event, "walk-ins", walk_in.id, "vetted"))).status_code == 303
        assert mark not in words((await client.get(desk(event, "people"))).text)
        assert "not vetted yet" not in words((await client.get(desk(event, "people", walk_in.registration_id))).text)
        assert "walk-in waits" not in words((await client.get(desk(event, "board"))).text)
    assert await AuditEntry.filter(action=Action.VIEWED).exists(), "whoever looked is recorded"
    assert await Ticket.all().count() == 1


@SQLITE
async def test_a_viewer_reads_on_the_board_how_many_wait(
    database: Database, event: Event, lee: Device, vic: Staff
) -> None:
    await start(lee)
    async with browsing(database, vic) as client:
        board = await client.get(desk(event, "board"))
    assert ("1 walk-in waits at a door" in words(board.text), desk(event, "walk-ins") in board.text) == (True, False)


@SQLITE
async def test_of_a_known_address_the_page_says_so(
    database: Database, event: Event, lee: Device, omar: Staff, ada: Person
) -> None:
    await confirmed(ada, event)
    await start(lee, WREN._replace(email=ada.email))
    async with browsing(database, omar) as client:
        said = words((await client.get(desk(event, "walk-ins", (await newest()).id))).text)
    assert "There was a request for this address before." in said
    assert "Telephone the lead, and compare the name." in said
    assert (ada.name in said, WREN.full_name in said) == (True, False)


@SQLITE
async def test_one_whose_request_was_declined_before_can_be_declined_here_too(
    database: Database, event: Event, lee: Device, omar: Staff, ada: Person
) -> None:
    """DR-37. Else the lead's phone would wait for ever, and so would board and closing page."""
    await vetting.not_offer(await confirmed(ada, event), omar, MONDAY)
    await start(lee, WREN._replace(email=ada.email))
    path = desk(event, "walk-ins", (await newest()).id)
    async with browsing(database, omar) as client:
        shown = await client.get(path)
        assert "Their request was declined before." in words(shown.text)
        assert f'action="{path}"' in shown.text
        done = await client.post(path, data=fields(shown))
        assert "Declined. The lead" in words((await client.get(done.headers["location"])).text)
        assert "1 walk-in waits" not in words((await client.get(desk(event, "board"))).text)
        assert f'action="{path}"' not in (await client.get(path)).text
    assert ((await WalkIn.get()).stage, (await Registration.get()).state) == (Stage.DECLINED, State.NOT_OFFERED)


@SQLITE
@pytest.mark.parametrize("has_place", [True, False])
async def test_a_ticket_goes_out_by_email_to_whoever_had_none_and_the_page_says_which(
    database: Database, event: Event, lee: Device, omar: Staff, ada: Person, has_place: bool
) -> None:
    if has_place:
        await with_ticket(ada, event)
    await start(lee, WREN._replace(email=ada.email))
    path, before = desk(event, "walk-ins", (await newest()).id), await Message.all().count()
    async with browsing(database, omar) as client:
        done = await client.post(path, data=fields(await client.get(path)) | {"decision": "approve"})
        said = words((await client.get(done.headers["location"])).text)
    sent = await Message.all().count() - before
    assert (sent, "the ticket goes out by email" in said, "no email was sent" in said) == (
        (0, False, True) if has_place else (1, True, False)
    )


@SQLITE
async def test_full_or_changed_it_says_so_and_lets_nobody_in(
    database: Database, event: Event, lee: Device, omar: Staff
) -> None:
    await Event.filter(id=event.id).update(capacity=0)
    await start(lee)
    walk_in = await newest()
    path = desk(event, "walk-ins", walk_in.id)
    async with browsing(database, omar) as client:
        shown = fields(await client.get(path)) | {"decision": "approve"}
        full = await client.post(path, data=shown)
        assert (full.status_code, "There is no place left" in words(full.text)) == (409, True)
        await Event.filter(id=event.id).update(capacity=9)
        await start(lee, WREN._replace(full_name="Somebody Else"))
        changed = await client.post(path, data=shown)
        assert (changed.status_code, await Ticket.all().count()) == (409, 0)
        await client.post(path, data=shown | {"decision": "decline"})
        late = await client.post(path, data=shown)
        assert (late.status_code, "Someone else has decided this" in words(late.text)) == (409, True)
    assert (await WalkIn.get()).stage is Stage.DECLINED
    assert (await Registration.get()).person_sealed is None


@SQLITE
async def test_the_page_says_where_whoever_takes_over_a_place_or_comes_along_is_decided_on(
    database: Database, event: Event, lee: Device, omar: Staff, ada: Person
) -> None:
    giver, receiver = await taken_up(ada, event)
    guest, along = await with_ticket(someone(), event), await confirmed(someone(), event)
    await Registration.filter(id=along.id).update(comes_with_id=guest[0].id)
    pages = []
    async with browsing(database, omar) as client:
        for person in (receiver, along):
            await start(lee, WREN._replace(email=person.email))
            shown = await client.get(desk(event, "walk-ins", (await newest()).id))
            pages.append(words(shown.text))
            said = await client.post(shown.url.path, data=fields(shown) | {"decision": "approve"})
            pages.append(str(said.status_code))
    assert "They take over a guest" in pages[0]
    assert "takes none of the free places" in pages[2]
    assert (pages[1], pages[3]) == ("409", "303")
    assert (await Registration.get(id=giver.id)).state is State.APPROVED


async def enters(client: httpx2.AsyncClient, event: Event, **typed: str) -> httpx2.Response:
    said = {"full_name": "Wren Walker", "organisation": "Westmoor Weekly", "email": "", "reason": "press"}
    return await client.post(desk(event, "walk-ins", "enter"), data=said | typed)


@SQLITE
async def test_an_organiser_enters_somebody_without_an_address_and_lets_them_in(
    database: Database, event: Event, omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        assert desk(event, "walk-ins", "enter") in (await client.get(desk(event, "walk-ins"))).text
        wrong = await enters(client, event)
        assert (wrong.status_code, "or say that they have none" in words(wrong.text)) == (422, True)
        entered = await enters(client, event, no_email="yes")
        shown = await client.get(entered.headers["location"])
        assert "At the desk" in words(shown.text)
        assert "No email is sent, since they have no address." in words(shown.text)
        done = await client.post(entered.headers["location"], data=fields(shown) | {"decision": "approve"})
        page = words((await client.get(done.headers["location"])).text)
        ticket = await Ticket.all().first()
        assert ticket is not None
        assert f"Reference {ticket.reference} A steward types it at the door." in page
        assert "Let in. Tell them the reference below" in page
    walk_in = await newest()
    assert (walk_in.door_pass_id, walk_in.stage, walk_in.registration.state) == (None, Stage.APPROVED, State.APPROVED)
    assert walk_in.registration.undeliverable == NO_SUCH_ADDRESS
    entry = await AuditEntry.get(action=Action.WALK_IN_ENTERED)
    assert (entry.actor, entry.details) == (omar.actor, {"reason": "press", "known": False})


@SQLITE
async def test_whom_the_desk_enters_is_found_by_their_address_and_waits_once(
    database: Database, event: Event, lee: Device, omar: Staff
) -> None:
    """As somebody of whom a door has asked: that phone goes on hearing of them."""
    await start(lee)
    async with browsing(database, omar) as client:
        entered = await enters(client, event, email=WREN.email)
    assert await WalkIn.all().count() == 1
    walk_in = await newest()
    assert entered.headers["location"] == desk(event, "walk-ins", walk_in.id)
    assert walk_in.door_pass_id == lee.id


@SQLITE
@pytest.mark.parametrize(("at", "closing", "said"), [
    (THE_DAY - timedelta(days=1), False, wording.WALK_IN_ON_THE_DAY),
    (THE_DAY, True, wording.WALK_INS_CLOSED),
    (THE_DAY + timedelta(days=1), False, wording.IS_OVER),
])  # fmt: skip
async def test_the_desk_enters_nobody_before_the_day_while_the_door_closes_or_after_it(
    database: Database, event: Event, omar: Staff, at: datetime, closing: bool, said: str
) -> None:
    clock.move_to(at)
    if closing:
        await Event.filter(id=event.id).update(doors_closing_at=at)
    async with browsing(database, omar) as client:
        form = await client.get(desk(event, "walk-ins", "enter"))
        refused = await enters(client, event, no_email="yes")
        listed = await client.get(desk(event, "walk-ins"))
    assert [(page.status_code, said in words(page.text)) for page in (form, refused)] == [(200, True), (409, True)]
    assert "Go on to decide" not in form.text
    assert "walk-ins/enter" not in listed.text
    assert await Registration.all().count() == 0


@SQLITE
@pytest.mark.parametrize("guest", [False, True])
async def test_after_the_event_nobody_is_let_in_and_who_still_waits_is_declined(
    database: Database, event: Event, lee: Device, omar: Staff, guest: bool
) -> None:
    """Also of somebody who has a place: no door is there any more."""
    if guest:
        await with_ticket(Person("Wren Walker", WREN.email, "Westmoor Weekly", "something else", "Writer"), event)
    await start(lee)
    walk_in = await newest()
    here = desk(event, "walk-ins", walk_in.id)
    async with browsing(database, omar) as client:
        before = await client.get(here)
        clock.move_to(THE_DAY + timedelta(days=1))
        after = await client.get(here)
        assert ["Let them in" in page.text for page in (before, after)] == [True, False]
        assert "The event is over, so nobody is let in any more." in words(after.text)
        refused = await client.post(here, data=fields(before) | {"decision": "approve"})
        assert (refused.status_code, wording.IS_OVER in words(refused.text)) == (409, True)
        assert (await newest()).stage is Stage.WAITING
        await client.post(here, data=fields(after) | {"decision": "decline"})
    assert (await newest()).stage is Stage.DECLINED
