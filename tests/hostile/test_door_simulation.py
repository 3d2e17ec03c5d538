"""Days at the door from a seed; and faults planted in the product, each of which such days must find.

What is right is worked out from what phones did and guests were owed, so that no fault of the server's hides itself.
"""

from datetime import timedelta
from typing import Any

import pytest

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.ground.database import Database
from registrations.checkin import (
    admitting,
    attendance_ledger,
    checkin,
    headcount,
    lead_override,
    quarantine,
    reconciling,
    undoing,
)
from registrations.checkin.already_in import already_in
from registrations.checkin.conflict import Conflict
from registrations.checkin.received_scan import Judged, ReceivedScan
from registrations.checkin.scan import Scan
from registrations.codes.verdict import Verdict
from registrations.phones import list_rows
from registrations.phones.door import DoorPass, PassRole
from tests.hostile.door_simulation import MIX, Simulation, WentWrong, simulate

SEEDS = [
    1,  # a scan that was kept apart and discarded comes again, and says that it let somebody in after all
    2, 3, 4,
]  # fmt: skip
FOUND_WITHIN = range(1, 25)  # seeds
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@on_sqlite
@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_the_day_brings_nothing_is_lost_doubled_or_changed_unseen(database: Database, seed: int) -> None:
    simulation = await simulate(seed, guests=12, steps=150)
    assert len(simulation.deeds) > 30


async def test_a_day_is_worth_its_name(database: Database) -> None:
    """It moves admissions, opens conflicts and marks impossible times, or it would prove nothing."""
    day = Simulation(7, guests=24, steps=300)
    day.mix = dict(MIX)
    await day.run()
    assert await AuditEntry.filter(action=Action.ADMISSION_MOVED).count() > 0
    assert await Conflict.all().count() > 3
    for what in ({"held": True}, {"offline": True}, {"verdict": "undone"}, {"verdict": "unknown"}, {"kind": "out"}):
        assert await Scan.filter(**what).count() > 0, what


async def found(what: str, first: int = 1, **often: int) -> None:
    """`often`: acts that such days are full of. `first`: the seed to begin with, before all the others."""

    async def look() -> None:
        for seed in sorted(FOUND_WITHIN, key=lambda seed: (seed < first, seed)):
            day = Simulation(seed, guests=12, steps=150)
            day.mix |= often
            await day.run()

    with pytest.raises(WentWrong, match=what) as told:
        await look()
    assert "The story of" in str(told.value)


def ages_become(monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    def happened_at(one: ReceivedScan) -> Any:
        return one.at - timedelta(seconds=share * min(one.scan.age, one.by.longest_age))

    monkeypatch.setattr(ReceivedScan, "happened_at", property(happened_at))


@on_sqlite
@pytest.mark.parametrize("share", [0.0, 0.5], ids=["ignored", "halved"])
async def test_ages_that_are_not_believed_are_found(
    database: Database, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    ages_become(monkeypatch, share)
    await found("is kept as of")


@on_sqlite
async def test_one_good_ticket_in_five_refused_is_found(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = admitting._of_ticket

    def refuses(one: ReceivedScan, shown: admitting.Shown, stay: admitting.Stay | None) -> Any:
        judged = judge(one, shown, stay)
        refused = shown.row["ticket_id"] % 5 == 0 and judged.verdict is Verdict.OK
        return judged._replace(verdict=Verdict.REVOKED, careful=False) if refused else judged

    monkeypatch.setattr(admitting, "_of_ticket", refuses)
    await found("was owed")


@on_sqlite
async def test_every_entry_after_an_exit_refused_is_found(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(one: Any, past: list[Any]) -> Any:
        return already_in(one, past[0].at, past[0].door) if past else one._replace(passed=True)

    monkeypatch.setattr(reconciling, "_asked", refuses)
    await found("was owed ok")


@on_sqlite
async def test_an_order_by_arrival_is_found(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attendance_ledger, "surely_before", lambda first, second: False)
    await found("the admission is of")


@on_sqlite
async def test_a_late_scan_that_is_dropped_is_found(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    in_groups = checkin._in_groups
    monkeypatch.setattr(
        checkin, "_in_groups", lambda arrived: in_groups([received for received in arrived if received.scan.age < 600])
    )
    await found("it was dropped|was answered|was owed|no conflict", first=3)


@on_sqlite
async def test_a_version_that_is_taken_early_is_found(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Phones that have this version already never ask for what comes under it."""

    as_it_was = "SELECT list_version, doors_closed_at FROM event WHERE ? IS NOT NULL AND id = ?"
    monkeypatch.setattr(checkin, "NEXT_VERSION", as_it_was)
    await found("the list of phone")


async def _nothing(*_: Any) -> None:
    return None


async def _as_they_came(scans: Any) -> Any:
    return list(scans)


async def _all_counted(scans: Any, apart: Any) -> Any:
    return []


async def _any_pin(pin: str, event_id: int, real: Any) -> Any:
    return await DoorPass.filter(event_id=event_id, role=PassRole.DOOR_LEAD).first()


answered = checkin._whole_answer


def _anew(arrived: Any, given: Any, settled: Any) -> Any:
    """To a scan that was answered before: what would be said if it came now."""
    answer = answered(arrived, given, settled)
    return answer | {"verdict": "already_in"} if given and answer["verdict"] == "ok" else answer


async def _accepted(event: Any, pass_id: int, newest: int, by: Any, at: Any) -> None:
    await quarantine.accept(event, pass_id, newest, by, at, at)


hold, passed_anyway = reconciling.hold, checkin._passed_anyway
leave, rows_where, key_of = reconciling._leave, list_rows.rows_where, Judged.key.fget  # type: ignore[attr-defined]
LATER = timedelta(minutes=2)


async def _admitted_later(holds: Any) -> None:
    moved = {
        key: held.admission and held.admission._replace(at=held.admission.at + LATER) for key, held in holds.items()
    }
    await hold({key: held._replace(admission=moved[key]) for key, held in holds.items()})


async def _left_later(holds: Any) -> None:
    await hold({key: held._replace(left_at=held.left_at and held.left_at + LATER) for key, held in holds.items()})


def _told_later(judged: Any, admitted_at: Any, door: int) -> Any:
    return already_in(judged, admitted_at + LATER, door)


def _at_once(received: Any, given: Any) -> Any:
    late = passed_anyway(received, given)
    return late and late._replace(by=late.by._replace(live=True))


def _without_a_no(received: Any, given: Any) -> Any:
    return None if received.scan.turned_away else passed_anyway(received, given)


def _by_door_alone(judged: Any) -> Any:
    return key_of(judged)[0], judged.received.by.door_id


def _leaves_here_alone(judged: Any, past: Any) -> Any:
    return leave(judged, [passage for passage in past if passage.door == judged.received.by.door_id])


def _told_of_this_door(judged: Any, admitted_at: Any, door: int) -> Any:
    return already_in(judged, admitted_at, judged.received.by.door_id)


async def _rows_of_the_door_alone(device: Any, which: str, *values: int) -> Any:
    return await rows_where(device._replace(presence=device.door_id), which, *values)


async def _held_at_another_door(holds: Any) -> None:
    def at(admission: Any) -> Any:
        return admission and admission._replace(door=3 - admission.door if admission.door < 3 else 1)

    await hold({key: held._replace(admission=at(held.admission)) for key, held in holds.items()})


COUNTED = "FROM admission a WHERE a.door_id = d.id"
BY_SCANS = headcount.ARRIVED.replace(f"{COUNTED})", "FROM scan a WHERE a.door_id = d.id AND a.kind = 'in')")
BY_EXITS = headcount.ARRIVED.replace(f"{COUNTED} AND a.left_at IS NOT NULL", "FROM scan a WHERE a.door_id = d.id"
                                     " AND a.verdict = 'out'")  # fmt: skip
NAMED: dict[str, tuple[Any, str, Any, str]] = {
    "an admission has another time than its entry": (reconciling, "hold", _admitted_later, "admitted at"),
    "somebody left at another time than they did": (reconciling, "hold", _left_later, "left at"),
    "a phone is told another time": (reconciling, "already_in", _told_later, "was told"),
    "what a phone did by itself before its end counts at once": (
        checkin,
        "_passed_anyway",
        _at_once,
        "came in|was owed|admission|left at",
    ),
    "whom a phone turned away before its end is let in": (
        checkin,
        "_passed_anyway",
        _without_a_no,
        "came in|was owed|admission|left at",
    ),
    "doubles are never shown": (reconciling, "open_doubles", _nothing, "no conflict"),
    "what a phone let in by itself is no conflict": (reconciling, "open_conflicts", _nothing, "owed|no conflict"),
    "an admission is never moved": (reconciling, "hold", _nothing, "admission is|came in|left at|was owed"),
    "exits are forgotten": (attendance_ledger, "is_in", lambda past, at: bool(past), "was owed"),
    "nobody is ever in": (reconciling, "is_in", lambda past, at: False, "was owed"),
    "any reason is honoured": (lead_override, "honoured", _as_they_came, "was owed"),
    "what was accepted counts for nothing": (
        quarantine,
        "_not_yet_counted",
        _all_counted,
        "came in|left at|no conflict|was owed",
    ),
    "an undo takes nobody out": (undoing, "_take_back", _nothing, "the admission is|came in|left at|was owed"),
    "a steward undoes at any time": (undoing, "UNDO_SECONDS", 10**9, "was owed undo_needs_lead"),
    "any PIN is a lead's": (lead_override, "_whose", _any_pin, "a PIN that was"),
    "a late exit explains nothing": (reconciling, "explain", _nothing, "was an exit between them"),
    "what was discarded counts": (
        quarantine,
        "discard",
        _accepted,
        "the admission is|came in|left at|was owed|conflict",
    ),
    "a scan that comes again is judged again": (checkin, "_whole_answer", _anew, "was answered"),
    "a tap is recorded as the lead's": (
        ReceivedScan,
        "decided_by",
        property(lambda received: received.by.id),
        "is recorded as by",
    ),
    "each entrance counts for itself": (Judged, "key", property(_by_door_alone), "was owed|came in"),
    "an exit by another entrance asks the question": (reconciling, "_leave", _leaves_here_alone, "was owed out"),
    "a phone is told of its own door": (reconciling, "already_in", _told_of_this_door, "was told"),
    "a list tells of its own door alone": (list_rows, "rows_where", _rows_of_the_door_alone, "the list of phone"),
    "an admission is at another door than its entry": (reconciling, "hold", _held_at_another_door, "is at door"),
    "people are counted by their scans": (headcount, "ARRIVED", BY_SCANS, "the board says"),
    "who has left once is never inside again": (headcount, "ARRIVED", BY_EXITS, "the board says"),
    "a phone after its end is trusted": (checkin, "hold_ended", None, "was owed device_revoked"),
}


OFTEN: dict[str, dict[str, int]] = {  # `first` where the days before that one are known to find nothing
    "what a phone did by itself before its end counts at once": {"revoke": 20, "part": 20, "decide": 0},
    "whom a phone turned away before its end is let in": {"first": 23, "revoke": 20, "part": 20, "decide": 10},
    "doubles are never shown": {"first": 4},
    "an undo takes nobody out": {"undo": 60},
    "a steward undoes at any time": {"lead_undo": 60},
    "a late exit explains nothing": {"first": 18, "part": 60, "pin": 40, "scan": 120},
    "what was discarded counts": {"first": 5},
}


@pytest.mark.planted
@on_sqlite
@pytest.mark.parametrize("fault", NAMED)
async def test_a_broken_rule_is_found(database: Database, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    room, name, instead, what = NAMED[fault]
    if instead is None:
        judge = admitting._judge
        trusted = lambda received, tickets: judge(received._replace(by=received.by._replace(live=True)), tickets)  # noqa: E731
        monkeypatch.setattr(admitting, "_judge", trusted)
    else:
        monkeypatch.setattr(room, name, instead)
    if room is attendance_ledger:
        monkeypatch.setattr(reconciling, name, instead)
    await found(what, **OFTEN.get(fault, {}))
