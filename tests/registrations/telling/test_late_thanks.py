"""Who is known to have come only after all others were thanked is thanked and asked then, once.

Rules: EM-15, EV-10.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import is_postgres, query
from events.mail.outbox import Message
from registrations.checkin import checkin
from registrations.feedback import answering, token
from registrations.feedback.box import FeedbackBox
from registrations.feedback.token import FeedbackLink, FeedbackToken
from registrations.paper import walk_in_lines
from registrations.paper.sheet import SheetKind
from registrations.paper.walk_in_lines import Written
from registrations.phones.door import Door
from registrations.telling import mailings, timed_emails
from registrations.telling.mailing import Mailing
from tests.at_the_door import a_phone_at, a_ticket, scan_of
from tests.people import a_door, someone
from tests.registrations.feedback.guests import CLOSED, NEXT_DAY, asked, path_in_email_to, said
from tests.registrations.paper.releases import WREN, a_list
from tests.registrations.paper.typing import HALF_HOUR, Begin
from tests.waiting import until

LATER = NEXT_DAY + timedelta(hours=1)


async def come_to_be_known(event: Event, number: int, at: datetime = LATER) -> list[int]:
    """Guests whose scans a phone has held since the event's day; their requests."""
    tickets = [await a_ticket(someone(), event) for _ in range(number)]
    doors = await Door.filter(event_id=event.id)
    phone = await a_phone_at(doors[0] if doors else await a_door(event), f"Held {at:%d %H:%M:%S}")
    for ticket in tickets:
        scan = (await scan_of(ticket, age=3600))._replace(offline=True)
        [answer] = await checkin.settle([scan], phone._replace(live=True, longest_age=1e9, at_desk=True), at)
        assert answer["verdict"] == "ok", answer
    return [ticket.registration_id for ticket in tickets]


async def thanked() -> list[int]:
    return [email.subject_id for email in await Message.filter(template="thanks").order_by("id")]


async def turn(at: datetime) -> None:
    clock.move_to(at)
    await timed_emails.turn(at, clock.real())


async def test_a_walk_in_who_is_typed_up_the_next_day_is_thanked_and_asked_once(event: Event, omar: Staff) -> None:
    await asked(event, 5)
    numbers = await a_list(event, omar)
    sheet = await Begin(event, await Door.get(), omar).sheet(kind=SheetKind.WALK_IN)
    await turn(LATER)
    assert len(await thanked()) == 5, "the control"
    event = await Event.get(id=event.id)
    found = await walk_in_lines.find_release(event, sheet, 1, numbers[0])
    assert not isinstance(found, str)
    await walk_in_lines.enter(sheet, event, Written(1, WREN, found, 0), HALF_HOUR, omar, LATER, clock.real())
    for _ in range(3):
        await turn(LATER)
    [late] = (await thanked())[5:]
    path = await path_in_email_to(late)
    assert path.startswith("/feedback/")
    assert ((await FeedbackBox.get()).asked, await FeedbackToken.all().count()) == (6, 6)
    assert (await Mailing.get(template="thanks")).number == 6


async def test_whose_token_came_later_is_told_by_no_order_and_no_transaction(event: Event) -> None:
    links = await asked(event, 8)
    await turn(LATER)
    assert await answering.take(links[0], said(4), LATER)
    first = {row.token_hash for row in await FeedbackToken.all()}
    [late] = await come_to_be_known(event, 1)
    await turn(LATER)
    kept = [row.token_hash for row in await FeedbackToken.all().order_by("id")]
    assert (kept, len(kept), first < set(kept)) == (sorted(kept), 8, True), "the spent one does not come back"
    if is_postgres():
        assert len(await query("SELECT DISTINCT xmin::text FROM feedback_token")) == 1
    assert await answering.take((await FeedbackLink.get(registration_id=late)).public_id, said(1), LATER)
    assert all([await answering.take(link, said(2), LATER) for link in links[1:]])


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # SQLite lets one write after the other
async def test_an_answer_at_the_moment_in_which_somebody_is_asked_later_is_taken_once(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for the tokens that are put anew, and finds its own among them."""
    links, make, are_put = await asked(event, 6), token.make, asyncio.Event()
    late = await come_to_be_known(event, 1)

    async def somebody_waits() -> bool:
        return bool((await query("SELECT count(*) AS n FROM pg_locks WHERE NOT granted"))[0]["n"])

    async def until_somebody_waits(*args: Any) -> None:
        await make(*args)
        are_put.set()
        await until(somebody_waits)

    monkeypatch.setattr(token, "make", until_somebody_waits)
    asks_later = asyncio.create_task(turn(LATER))
    await are_put.wait()
    assert await answering.take(links[0], said(3), LATER)
    await asks_later
    assert not await answering.take(links[0], said(3), LATER)
    assert (await FeedbackToken.all().count(), (await FeedbackBox.get()).asked, len(late)) == (6, 7, 1)


async def test_two_servers_at_the_same_moment_thank_each_once(event: Event) -> None:
    await asked(event, 5)
    late = await come_to_be_known(event, 3)
    clock.move_to(LATER)
    await asyncio.gather(*(timed_emails.turn(LATER, clock.real()) for _ in range(4)))
    assert (await thanked())[5:] == late
    assert await FeedbackToken.all().count() == 8


async def test_where_five_come_to_be_known_they_are_asked_though_those_before_were_too_few(event: Event) -> None:
    await asked_too_few(event)
    few = await come_to_be_known(event, 1)
    await turn(LATER)
    many = await come_to_be_known(event, 5, LATER + timedelta(hours=2))
    await turn(LATER + timedelta(hours=2))
    assert [bool(await path_in_email_to(id_)) for id_ in [*few, *many]] == [False] + [True] * 5
    assert (await FeedbackBox.get()).asked == 5


async def asked_too_few(event: Event) -> None:
    await come_to_be_known(event, 2, NEXT_DAY - timedelta(hours=1))
    await turn(NEXT_DAY)
    assert (len(await thanked()), await FeedbackBox.all().count()) == (2, 0)


@pytest.mark.parametrize("why", ["stopped", "switched off", "over", "taken back"])
async def test_nobody_is_thanked_later_where_nobody_is_to_be(event: Event, omar: Staff, why: str) -> None:
    await asked(event, 5)
    moment = CLOSED - timedelta(days=1) if why == "over" else LATER
    if why == "stopped":
        await mailings.stop(await Mailing.get(template="thanks"), omar, LATER)
    if why == "switched off":
        await Event.filter(id=event.id).update(emails_off=["thanks"])
    late = await come_to_be_known(event, 2, moment)
    if why == "taken back":
        await query(
            "DELETE FROM admission WHERE ticket_id IN (SELECT id FROM ticket WHERE registration_id = ?)", late[:1]
        )
    await turn(moment)
    assert (await thanked())[5:] == (late[1:] if why == "taken back" else [])
