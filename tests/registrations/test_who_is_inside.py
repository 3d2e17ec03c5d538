"""Who arrived, is inside and has left: each page, list and email says what people truly did, by whichever doors.

One definition stands behind them (`codes/arrived.py`); here each is asked in its own words. Of the two rooms one asks
whether people were counted at the entrance. Rules: EV-01, SG-15.
"""

import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from types import ModuleType
from typing import NamedTuple

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import query
from registrations.certificates import attended, issuing
from registrations.certificates.certificate import Hours
from registrations.checkin import checkin, headcount, whereabouts
from registrations.checkin.scan import BOTH, CAME_IN_ELSEWHERE, ScanKind
from registrations.checkin.whereabouts import Presence
from registrations.deciding import taking_over
from registrations.desk.arranging import catering
from registrations.exports import rows
from registrations.paper import lines
from registrations.paper.sheet import SheetKind
from registrations.people.registration import Registration, State
from registrations.phones import counted, room_changes
from registrations.phones.door import ENTRANCES, Device
from registrations.reporting import reading
from registrations.reporting.figures import Outcome
from registrations.roll_call import calling
from registrations.telling import mailing
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, scan_of
from tests.people import a_door, a_room, someone
from tests.registrations.offline import NINE

GUESTS, ACTS = 6, 40
Ids = frozenset[int]  # of registrations


class Truth(NamedTuple):
    arrived: set[int]
    inside: set[int]


async def lived_through(event: Event, omar: Staff, seed: int) -> Truth:
    """Guests go through the doors as it comes. What a steward is asked is answered at times, and then they go on."""
    chance, truth = random.Random(seed), Truth(set(), set())  # noqa: S311
    entrance, asking, silent = await a_door(event), await a_room(event), await a_room(event, "Workshop B")
    await room_changes.set_needs_entrance(asking, needs=True, by=omar, at=NINE)
    phones = [await a_phone_at(door, f"Phone {door.id}") for door in (entrance, asking, silent)]
    tickets = [await a_ticket(someone(), event) for _ in range(GUESTS)]
    for minute in range(ACTS):
        ticket, by, kind = chance.choice(tickets), chance.choice(phones), chance.choice([ScanKind.IN, ScanKind.OUT])
        answer = chance.choice(["", BOTH if kind is ScanKind.IN else CAME_IN_ELSEWHERE])
        scan = (await scan_of(ticket))._replace(kind=kind, code=answer)
        [said] = await checkin.settle([scan], by, NINE + timedelta(minutes=minute))
        if said["verdict"] in {"ok", "out"}:
            goes_through(truth, ticket.registration_id, by, kind)
    return truth


async def one_of_each(event: Event) -> Truth:
    """Who came by the entrance, who left by it, and who came into a room and left the room."""
    truth, at = Truth(set(), set()), NINE
    entrance, room = [await a_phone_at(door, f"Phone {door.id}") for door in (await a_door(event), await a_room(event))]
    for acts in ([(entrance, ScanKind.IN)], [(entrance, ScanKind.IN), (entrance, ScanKind.OUT)],
                 [(room, ScanKind.IN), (room, ScanKind.OUT)]):  # fmt: skip
        ticket = await a_ticket(someone(), event)
        for by, kind in acts:
            at += timedelta(minutes=1)
            [said] = await checkin.settle([(await scan_of(ticket))._replace(kind=kind)], by, at)
            assert said["verdict"] in {"ok", "out"}
            goes_through(truth, ticket.registration_id, by, kind)
    return truth


def goes_through(truth: Truth, who: int, by: Device, kind: ScanKind) -> None:
    truth.arrived.add(who)
    is_out = by.presence == ENTRANCES and kind is ScanKind.OUT
    (truth.inside.discard if is_out else truth.inside.add)(who)


async def by_the_list(event: Event, presence: Presence) -> Ids:
    return frozenset(person.id for person in (await whereabouts.everybody(event))[presence])


async def on_paper(event: Event) -> Ids:
    tickets = [line.ticket_id for line in await lines.of_sheet(event, SheetKind.ROLL_CALL)]
    return frozenset(ticket.registration_id for ticket in await Ticket.filter(id__in=tickets))


async def by_roll_call(event: Event) -> Ids:
    return frozenset(row["registration_id"] for row in await query(calling.INSIDE, [event.id]))


async def by_phones(event: Event) -> Ids:
    known = await counted.counted([ticket.id for ticket in await Ticket.filter(event_id=event.id)])
    return frozenset(ticket.registration_id for ticket in await Ticket.filter(id__in=known))


async def in_file(event: Event, *, inside: bool) -> Ids:
    found = await query(f"SELECT * FROM {rows.CAME}", [event.id])  # noqa: S608  # ours
    return frozenset(row["who"] for row in found if not (inside and row["has_left"]))


async def by_email(event: Event) -> Ids:
    to = mailing.Recipients(frozenset({State.APPROVED}), arrived=True)
    found = await query(f"SELECT r.id FROM registration r WHERE r.event_id = ? AND {to.where}", [event.id, *to.values])  # noqa: S608
    return frozenset(row["id"] for row in found)


async def by_certificates(event: Event) -> Ids:
    """None has one yet."""
    return frozenset(row["id"] for row in await query(f"SELECT r.id {issuing.LACKING}", [event.id]))


async def by_hand_overs(event: Event) -> Ids:
    guests = [ticket.registration_id for ticket in await Ticket.filter(event_id=event.id)]
    return frozenset([guest for guest in guests if await taking_over.has_come(guest)])


async def by_catering(event: Event) -> Ids:
    return frozenset(row["id"] for row in await query(catering.ARRIVED, [event.id]))


ARRIVED: Mapping[str, Callable[[Event], Awaitable[Ids]]] = {
    "the file": lambda event: in_file(event, inside=False),
    "thanks": by_email, "certificates": by_certificates, "hand-overs": by_hand_overs, "catering": by_catering,
}  # fmt: skip
INSIDE: Mapping[str, Callable[[Event], Awaitable[Ids]]] = {
    "the people list": lambda event: by_the_list(event, Presence.IN),
    "the roll call on paper": on_paper, "the roll call": by_roll_call, "the phones": by_phones,
    "the file": lambda event: in_file(event, inside=True),
}  # fmt: skip


# What each of them reads, so that another definition can be planted there alone.
READERS: Mapping[str, tuple[ModuleType, str]] = {
    "the file": (rows, "CAME"), "thanks": (mailing, "CAME"), "certificates": (issuing, "LACKING"),
    "hand-overs": (taking_over, "ADMITTED"), "catering": (catering, "ARRIVED"), "the report": (reading, "ASKED"),
    "the people list": (whereabouts, "CHANGED"), "the roll call on paper": (lines, "CHECKED_IN"),
    "the roll call": (calling, "INSIDE"), "the phones": (counted, "IN_NOW"), "the board": (headcount, "ARRIVED"),
}  # fmt: skip
ROOMS_ALONE = ("presence = 0", "presence <> 0")
PLANTED = (
    *((name, *ROOMS_ALONE) for name in READERS if name != "the board"),
    ("the board", "a.left_at IS NOT NULL", "a.left_at IS NULL"),
    *((name, "a.left_at IS NULL", "a.id > 0") for name in ("the roll call on paper", "the roll call", "the phones")),
    *((name, "left_at IS NULL", "left_at IS NOT NULL") for name in ("the file", "the people list")),
)


@pytest.mark.parametrize("seed", range(6))
async def test_each_page_says_what_people_did(event: Event, omar: Staff, seed: int) -> None:
    await all_say_it(event, await lived_through(event, omar, seed))


async def test_each_says_it_of_one_of_each(event: Event) -> None:
    """The control of the planted ones below."""
    await all_say_it(event, await one_of_each(event))


@pytest.mark.planted
@pytest.mark.parametrize(("name", "was", "planted"), PLANTED)
async def test_a_page_with_its_own_definition_is_found(
    event: Event, name: str, was: str, planted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = await one_of_each(event)
    room, statement = READERS[name]
    assert was in getattr(room, statement)
    monkeypatch.setattr(room, statement, getattr(room, statement).replace(was, planted))
    with pytest.raises(AssertionError):
        await all_say_it(event, truth)


async def all_say_it(event: Event, truth: Truth) -> None:
    assert {name: await asked(event) for name, asked in ARRIVED.items()} == dict.fromkeys(ARRIVED, truth.arrived)
    assert {name: await asked(event) for name, asked in INSIDE.items()} == dict.fromkeys(INSIDE, truth.inside)
    assert await by_the_list(event, Presence.LEFT) == truth.arrived - truth.inside
    assert await numbers(event, NINE + timedelta(minutes=ACTS)) == (len(truth.arrived), len(truth.inside))


async def numbers(event: Event, at: datetime) -> tuple[int, int]:
    """Of the board; and the report says the first of them too."""
    board = await headcount.counts(event.id, at, clock.real())
    report = await reading.requests(event, {})
    assert sum(asked.outcome in {Outcome.CAME, Outcome.LATER} for asked in report) == board.people
    return board.people, board.inside


async def test_who_only_ever_was_in_a_room_is_on_every_list(event: Event) -> None:
    """Whoever leaves the room is in the building still; and it is the entrance that they leave it by."""
    entrance, room = [await a_phone_at(door, f"Phone {door.id}") for door in (await a_door(event), await a_room(event))]
    ticket, _ = await a_ticket(someone(), event), await a_ticket(someone(), event)
    at, came, nobody = NINE, frozenset({ticket.registration_id}), frozenset[int]()
    for by, kind, inside in ((room, ScanKind.IN, came), (room, ScanKind.OUT, came), (entrance, ScanKind.OUT, nobody)):
        await checkin.settle([(await scan_of(ticket))._replace(kind=kind)], by, at)
        assert {name: await asked(event) for name, asked in ARRIVED.items()} == dict.fromkeys(ARRIVED, came)
        assert {name: await asked(event) for name, asked in INSIDE.items()} == dict.fromkeys(INSIDE, inside)
        assert await numbers(event, at) == (1, len(inside))
        at += timedelta(hours=1)
    assert (await attended.of_person(ticket.registration_id, event, Hours(0, 24 * 60, ()))).minutes == 120


async def test_by_two_tickets_a_person_is_where_the_later_one_says(event: Event) -> None:
    """Nobody scanned them out by the first; they came in again by the second, and left."""
    by = await a_phone_at(await a_door(event))
    first = await a_ticket(someone(), event)
    await checkin.settle([await scan_of(first)], by, NINE)
    await Ticket.filter(id=first.id).update(revoked_at=NINE)
    second = await ticketing.issue(await Registration.get(id=first.registration_id), NINE)
    came, nobody = frozenset({first.registration_id}), frozenset[int]()
    for kind, inside in ((ScanKind.IN, came), (ScanKind.OUT, nobody)):
        at = NINE + timedelta(minutes=10 if inside else 20)
        [said] = await checkin.settle([(await scan_of(second))._replace(kind=kind)], by, at)
        assert said["verdict"] in {"ok", "out"}
        assert {name: await asked(event) for name, asked in INSIDE.items()} == dict.fromkeys(INSIDE, inside)
        assert await numbers(event, at) == (1, len(inside))
