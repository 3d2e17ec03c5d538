"""Days at the door from a seed, on both databases; and three faults planted, each of which such a day must find."""

from collections.abc import Sequence
from typing import Any

import pytest

from events.audit.audit import Action, AuditEntry
from events.ground.database import Database, query
from registrations.checkin import attendance_ledger, checkin
from registrations.checkin.conflict import Conflict
from registrations.checkin.scan import Scan
from tests.hostile.door_simulation import WentWrong, simulate

SEEDS = range(1, 6)
FOUND_WITHIN = range(1, 9)  # seeds


@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_the_day_brings_nothing_is_lost_doubled_or_changed_unseen(database: Database, seed: int) -> None:
    simulation = await simulate(seed, guests=16, steps=120)
    assert len(simulation.deeds) > 30


async def test_a_day_is_worth_its_name(database: Database) -> None:
    """It moves admissions, opens conflicts and marks impossible times, or it would prove nothing."""
    await simulate(2, guests=30, steps=400)
    assert await AuditEntry.filter(action=Action.ADMISSION_MOVED).count() > 0
    assert await Conflict.all().count() > 3
    for what in ({"held": True}, {"offline": True}, {"verdict": "undone"}, {"verdict": "revoked"}, {"kind": "out"}):
        assert await Scan.filter(**what).count() > 0, what


async def found(what: str) -> None:
    async def look() -> None:
        for seed in FOUND_WITHIN:
            await simulate(seed, guests=12, steps=150)

    with pytest.raises(WentWrong, match=what) as told:
        await look()
    assert "The story of guest" in str(told.value)


async def test_an_order_by_arrival_is_found(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attendance_ledger, "surely_before", lambda one, other: False)
    await found("the admission is of")


async def test_a_late_scan_that_is_dropped_is_found(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    apart = checkin._apart
    monkeypatch.setattr(checkin, "_apart", lambda arrived: apart([one for one in arrived if one.scan.age < 600]))
    await found("it was dropped")


async def test_a_version_that_is_taken_early_is_found(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Phones that have this version already never ask for what comes under it."""

    async def as_it_was(event_id: int) -> int:
        rows: Sequence[dict[str, Any]] = await query("SELECT list_version FROM event WHERE id = ?", [event_id])
        return int(rows[0]["list_version"])

    monkeypatch.setattr(checkin, "next_list_version", as_it_was)
    await found("the list of phone")
