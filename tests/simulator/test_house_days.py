"""Days in a house with rooms, paper, cards, walk-ins, badges and companions; and faults that such days must find.

Rules: DR-49.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
import structlog
from structlog.testing import capture_logs

from events.audit.audit import AuditEntry
from events.ground.database import Database
from registrations.badges import on_arrival
from registrations.checkin import (
    admitting,
    attendance_ledger,
    checkin,
    closing,
    lead_override,
    moving_on,
    reconciling,
)
from registrations.checkin.walking_in import deciding_walk_ins, starting
from registrations.people.registration import Registration
from registrations.phones.lead_card import LeadCard
from registrations.tickets.ticket import Ticket
from tests.hostile.door_simulation import WentWrong
from tests.simulator.house import HouseDay

SEEDS = [2, 11, 12]
FOUND_WITHIN = range(1, 13)  # seeds
pytestmark = pytest.mark.timeout(180)
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("database", ["postgres"], indirect=True)


@contextmanager
def overheard() -> Iterator[list[str]]:
    """All that is logged meanwhile, by us and by libraries."""
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        with capture_logs() as lines:
            yield said
        said += [repr(line) for line in lines]
    finally:
        logging.getLogger().removeHandler(handler)


async def lived(day: HouseDay) -> HouseDay:
    with overheard() as said:
        await day.run()
    said += [repr(entry.details) for entry in await AuditEntry.all()]
    people, tickets = await Registration.all(), await Ticket.all()
    names = {text for person in people for text in (person.full_name, person.email) if text}
    for word in names | {ticket.reference for ticket in tickets}:
        if told := [line for line in said if word in line]:
            day.fail([f"a name is in the log: {told[0]}"])
    return day


@on_sqlite
@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_befalls_in_the_house_is_as_it_happened(database: Database, seed: int) -> None:
    day = await lived(HouseDay(seed))
    assert len(day.deeds) > 20


@on_postgres
async def test_nor_is_it_otherwise_on_postgresql(database: Database) -> None:
    assert len((await lived(HouseDay(5, guests=5, steps=80))).deeds) > 20


class Planted(NamedTuple):
    room: Any
    name: str
    instead: Any
    found: str
    often: str  # of what befalls
    seed: int = 1  # tried first, since it has found it


async def _nothing(*_: Any, **__: Any) -> None:
    return None


async def _nobody(*_: Any) -> set[int]:
    return set()


def _with_reference(walk_in: Any, references: Any) -> Any:
    return {"asked": 0, "stage": walk_in.stage.value, "reference": "A2B-C3D"}


def _all_marks(with_them: Any, _: int) -> list[str]:
    return [person.mark for person in with_them]


def _trusted(received: Any, tickets: Any) -> Any:
    return judge(received._replace(by=received.by._replace(live=True, at_desk=True)), tickets)


async def _says_who(group: Any) -> Any:
    judged = await admit(group)
    for scan in judged:
        structlog.get_logger().info("let in", who=scan.guest.name if scan.guest else "")
    return judged


judge, admit = admitting._judge, admitting.admit
NO_PASS = closing.CLOSE[: closing.CLOSE.index("    AND NOT EXISTS")] + " RETURNING id"
NO_CONFLICT = closing.CLOSE[: closing.CLOSE.index("    AND NOT EXISTS (SELECT 1 FROM conflict")] + " RETURNING id"  # noqa: S608
PLANTED = {
    "who comes into another room stays in the one before": Planted(
        moving_on, "owed", lambda rooms: [], "was owed|left at", ""
    ),
    "an entry elsewhere explains nothing": Planted(
        reconciling, "explain", _nothing, "was an exit between them", "part:40,scan:120", seed=28
    ),
    "a tick on paper is another person than who was scanned": Planted(
        attendance_ledger,
        "without_known",
        lambda passages: passages,
        "conflict is open|was owed",
        "paper:40,types_up:20",
    ),
    "every card is the lead's": Planted(
        LeadCard, "counted_at", lambda card, at: True, "was decided by|is recorded as by", "card:20,part:30", seed=4
    ),
    "no card is anybody's": Planted(
        lead_override,
        "_whose_card",
        lambda one, cards: 0,
        "was decided by|is recorded as by|conflict",
        "card:20,part:30",
        seed=7,
    ),
    "a card that is none opens no conflict": Planted(
        lead_override, "open_doubted", _nothing, "by a card: conflict False", "card:10,part:40", seed=8
    ),
    "nobody who was let in at the door is vetted later": Planted(
        deciding_walk_ins, "not_vetted", _nobody, "to be vetted", "walk_in:20,organiser:20,vets:0", seed=2
    ),
    "whoever is asked for has a reference": Planted(
        starting, "_shown", _with_reference, "the lead hears of", "walk_in:20"
    ),
    "a badge is printed again for whoever has one": Planted(
        on_arrival,
        "WAITING",
        on_arrival.WAITING.replace(on_arrival.NO_PRINT, "1 = 1"),
        "the badge desk says",
        "badge:30",
        seed=2,
    ),
    "who has come in is still waited for": Planted(admitting, "outside", _all_marks, "who come with them", "along:30"),
    "the door is closed while a phone is out": Planted(closing, "CLOSE", NO_PASS, "the door was closed", ""),
    "the door is closed while a conflict is open": Planted(closing, "CLOSE", NO_CONFLICT, "open", "part:30"),
    "a phone that was written off is trusted": Planted(
        admitting, "_judge", _trusted, "after the door was closed", "revoke:0"
    ),
    "a log says who came in": Planted(checkin, "admit", _says_who, "a name is in the log", ""),
}


async def found(planted: Planted) -> None:
    for seed in dict.fromkeys((planted.seed, *FOUND_WITHIN)):
        await lived(HouseDay(seed, guests=5, steps=60, only=planted.often))


@pytest.mark.planted
@on_sqlite
@pytest.mark.parametrize("fault", PLANTED)
async def test_a_fault_in_the_house_is_found(database: Database, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    planted = PLANTED[fault]
    monkeypatch.setattr(planted.room, planted.name, planted.instead)
    with pytest.raises(WentWrong, match=planted.found):
        await found(planted)
