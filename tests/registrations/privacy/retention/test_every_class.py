"""The clock goes through every class of data: each goes at its minute, none sooner, and nothing of it is left.

Rules: DP-07.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from events.accounts.staff import Staff
from events.audit import audit_seal, audit_verify
from events.event import Event
from events.ground import clock
from events.ground.database import Database, query, run_tx
from registrations.privacy.retention import deleting, rows
from registrations.privacy.retention.classes import BY_CODE, CLASSES
from registrations.privacy.retention.deletion import Deletion
from registrations.privacy.retention.kept import Delete, Kept
from registrations.privacy.retention.stays import STAYS
from tests.people import MONDAY
from tests.registrations.privacy.retention.scripted import DAY, GOES, World, every_value, something_of_every_class

MINUTE = timedelta(minutes=1)
LONG_AFTER = MONDAY + 1000 * DAY


@pytest.fixture
def real() -> datetime:
    """The machine's clock on Monday; it goes on with the event's."""
    return clock.real()


@pytest.fixture
async def world(event: Event, lena: Staff, real: datetime) -> World:
    return await something_of_every_class(event, lena, real)


def test_the_script_has_something_of_every_class_and_says_when_it_goes() -> None:
    assert set(GOES) == set(BY_CODE), "put something of the new class into scripted.py, and say when it goes"


async def those_gone(world: World, codes: Iterable[str]) -> set[str]:
    return {code for code in codes if await world.gone[code]()}


async def test_each_class_goes_at_its_minute_and_none_before(world: World, real: datetime) -> None:
    assert set(world.gone) == set(GOES)
    went_at, before = dict[str, datetime](), set[str]()
    for moment in sorted({moment - early for moment in GOES.values() for early in (MINUTE, MINUTE * 0)}):
        await deleting.turn(moment, real + (moment - MONDAY))
        await audit_seal.seal_all()
        now = await those_gone(world, GOES)
        went_at |= dict.fromkeys(now - before, moment)
        assert before <= now, "what is gone comes back"
        before = now
    assert went_at == GOES
    counted = {row.kind for row in await Deletion.all()}
    assert counted == set(GOES), "each is counted"
    assert await audit_verify.verify() == []


async def test_the_desk_says_the_day_on_which_each_class_goes(world: World) -> None:
    clock.move_to(MONDAY)
    standing = {kept.code: await rows.standing(kept, world.event) for kept in CLASSES}
    here = {code: (there.rows > 0, there.next_on) for code, there in standing.items() if code != "empty_requests"}
    days = {code: clock.local(moment).date() for code, moment in GOES.items()}
    assert here == {code: (True, day) for code, day in days.items() if code != "empty_requests"}
    await deleting.delete(BY_CODE["unconfirmed"], GOES["unconfirmed"], clock.real())
    assert await rows.standing(BY_CODE["empty_requests"], world.event) == (1, days["empty_requests"])


class TakenBack(Exception):
    """Ends a transaction whose end nobody wants."""


async def after_a_turn(
    world: World, classes: Sequence[Kept], at: datetime, real: datetime, codes: Iterable[str]
) -> set[str]:
    """Which of these would be gone then; it is all put back."""
    found: set[str] = set()

    @run_tx
    async def tried() -> None:
        for kept in classes:
            with suppress(Exception):  # as in a turn: the others go on
                await deleting.delete(kept, at, real + (at - MONDAY))
        found.update(await those_gone(world, codes))
        raise TakenBack

    with pytest.raises(TakenBack):
        await tried()
    return found


def by(days: int, delete: Delete) -> Delete:
    """The same, for a clock that is so many days ahead."""
    return lambda kept, at, real: delete(kept, at + days * DAY, real + days * DAY)


LATE: Callable[[Kept], Kept | None] = lambda kept: replace(kept, delete=by(-1, kept.delete))  # noqa: E731
EARLY: Callable[[Kept], Kept | None] = lambda kept: replace(kept, delete=by(1, kept.delete))  # noqa: E731


GUARDED = {
    "data_key": "the turn, as long as somebody is named",
    "scans": "the database, before it is counted who came",
    "releases": "the database, since typed lines refer to them",
    "sheets": "the database, since typed lines refer to them",
    "roll_ticks": "the database, before it is counted who came",
    "roll_calls": "the database, since ticks refer to them",
    "tickets": "the database, since scans refer to them",
    "phones": "the database, since scans refer to them",
}  # who keeps these from going too early, whatever the list says


WITH_NAMES = {"certificates"}  # of the same day: the database deletes them with what their people told us


def with_fault(code: str, fault: Callable[[Kept], Kept | None]) -> list[Kept]:
    faulty = [fault(kept) if kept.code == code else kept for kept in CLASSES]
    return [kept for kept in faulty if kept is not None]


@pytest.mark.planted
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # of the script, which is the same on both
async def test_a_class_that_is_left_out_or_goes_a_day_late_or_early_is_found(world: World, real: datetime) -> None:
    """The script is what finds it: a planted fault of each class, and the control without one, which is not put back:
    each moment begins with what the ones before have left."""
    missed = dict[str, tuple[bool, ...]]()
    for moment in sorted(set(GOES.values())):
        codes = [code for code, its in GOES.items() if its == moment]
        before = await after_a_turn(world, CLASSES, moment - MINUTE, real, codes)
        faults = {code: await gone_with_faults(world, code, real) for code in codes}
        await deleting.turn(moment, real + (moment - MONDAY))
        gone = await those_gone(world, codes)
        missed |= {code: (code in gone, code in before, *faults[code]) for code in codes}
    expected = {code: (True, False, *[code in WITH_NAMES] * 2, code not in GUARDED) for code in GOES}
    assert missed == expected


async def gone_with_faults(world: World, code: str, real: datetime) -> list[bool]:
    """Left out and a day late at its moment; a day early the minute before."""
    at = GOES[code]
    planted = ((lambda kept: None, at), (LATE, at), (EARLY, at - MINUTE))
    return [code in await after_a_turn(world, with_fault(code, fault), when, real, [code]) for fault, when in planted]


def in_files(database: Database) -> bytes:
    assert database.file is not None
    return b"".join(path.read_bytes() for path in sorted(Path(database.file).parent.iterdir()))


async def raw(database: Database) -> bytes:
    """On SQLite the file with its free pages, and the journal; on PostgreSQL all values of all rows."""
    return in_files(database) if database.file is not None else await every_value()


async def test_nothing_is_left_of_any_class_in_whatever_file(database: Database, world: World, real: datetime) -> None:
    assert set(world.traces) == set(GOES)
    found = await raw(database)
    assert [code for code, trace in world.traces.items() if trace not in found] == [], "the control: all are there"
    staying = {table: await query(f"SELECT count(*) AS number FROM {table}") for table in STAYS}  # noqa: S608
    await deleting.turn(LONG_AFTER, real + 1000 * DAY)
    await audit_seal.seal_all()
    await deleting.turn(LONG_AFTER + 400 * DAY, real + 1400 * DAY)
    found = await raw(database)
    assert [code for code, trace in world.traces.items() if trace in found] == []
    for table in ("event", "door", "staff", "role"):
        assert await query(f"SELECT count(*) AS number FROM {table}") == staying[table]  # noqa: S608
