"""A backup of an audit log that begins at a boundary comes back whole, and what is over by then goes at once.

Rules: DP-07, SE-12.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from events.audit import audit_seal, audit_verify, boundary, forgetting
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.backup import backing_up, drill
from events.ground.database import Database
from events.ground.settings import Settings
from tests.events.audit.years import DAY, a_year, acts, forget
from tests.events.backup.restores import REAL, Restores
from tests.people import MONDAY, a_member_of_staff


@pytest.fixture
async def made(house: Database, chosen: Settings) -> Path:
    """Of a log that begins after seal 6, and of which the next six are over a day later."""
    async with house.opened():
        lena, omar = [await a_member_of_staff(name, f"{name}@hosts.example.org", None, None) for name in ("a", "b")]
        await a_year(lena, omar)
        await forget(366)
        await audit_seal.seal_all()
        return (await backing_up.back_up(house, chosen, REAL)).file


async def test_it_comes_back_whole_and_a_day_later_begins_a_day_later(
    restore: Restores, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 1)  # one goes, and one is written that says so: there are as many
    restored = await restore(made, late=367 * DAY)
    assert (restored.faults, restored.missing, restored.deleted) == ([], [], 6)
    async with restore.place.opened():
        assert (await boundary.standing())[:1] == (12,)
        assert await audit_verify.verify() == []
        assert await AuditEntry.filter(at__lt=MONDAY + 2 * DAY).count() == 0
        assert await AuditEntry.filter(action=Action.RESTORED).count() == 1


async def test_a_drill_counts_what_was_done_since_whatever_was_deleted_meanwhile(
    house: Database, chosen: Settings, identity: Path, made: Path
) -> None:
    async with house.opened():
        lena = await a_member_of_staff("c", "c@hosts.example.org", None, None)
        await acts(lena, on=371, number=3)
        await audit_seal.seal_all()
        assert await forget(367) == 6
    at, real = MONDAY + 367 * DAY, REAL + timedelta(hours=1)
    drilled = await drill.drill(house, made, identity, at, real, programs=chosen.backup_programs)
    assert (drilled.lost, drilled.restored.faults) == (4, []), "three acts, and that six entries were deleted"
