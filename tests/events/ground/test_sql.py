"""What the two databases say differently: each helper means the same on both."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context

import pytest

from events.event import Event
from events.ground.database import (
    Database,
    advisory_lock,
    first_unseen,
    given,
    is_postgres,
    lock_rows,
    query,
    run_tx,
    string_agg,
    update_with,
)
from registrations.people.registration import Registration, State
from tests.people import Person, an_event
from tests.professional import put_into

WAITS, MANY = "SELECT id FROM event WHERE id = ? FOR NO KEY UPDATE", 6


async def _count_on(event: Event) -> None:
    """Reads and writes in two steps: whoever reads meanwhile writes the same."""
    before = await Event.get(id=event.id)
    await asyncio.sleep(0)
    await Event.filter(id=event.id).update(next_n=before.next_n + 1)


@pytest.mark.parametrize("how", ["rows", "lock", "query"])
async def test_whoever_locks_the_same_comes_one_after_the_other(database: Database, event: Event, how: str) -> None:
    @run_tx
    async def count_on() -> None:
        if how == "rows":
            await lock_rows(WAITS, [event.id])
        elif how == "lock":
            await advisory_lock(1, event.id)
        else:
            await query(WAITS, [event.id])
        await _count_on(event)

    await asyncio.gather(*(count_on() for _ in range(MANY)))
    assert (await Event.get(id=event.id)).next_n == event.next_n + MANY


@pytest.mark.parametrize("lock", [advisory_lock, lock_rows])
async def test_a_lock_is_a_part_of_an_act(database: Database, lock: Callable[..., Awaitable[None]]) -> None:
    with pytest.raises(RuntimeError, match="a part of an act"):
        await lock()


@pytest.mark.parametrize("how", ["UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE"])
@pytest.mark.parametrize("rest", ["", " OF e", " SKIP LOCKED", " OF e SKIP LOCKED"])
async def test_either_takes_a_statement_with_any_lock(database: Database, event: Event, how: str, rest: str) -> None:
    sql = f"SELECT id FROM event WHERE id IN (SELECT e.id FROM event e WHERE e.id = ? FOR {how}{rest}) AND slug <> ''"  # noqa: S608
    assert await query(sql, [event.id]) == [{"id": event.id}]


async def test_what_another_holds_is_left_out_where_several_can_hold_something(
    database: Database, event: Event
) -> None:
    found = list[int]()

    @run_tx
    async def claim() -> None:
        found.append(len(await query(f"{WAITS} SKIP LOCKED", [event.id])))

    @run_tx
    async def hold() -> None:
        await query(WAITS, [event.id])
        if is_postgres():
            await asyncio.create_task(of_another(), context=Context())

    async def of_another() -> None:
        await claim()

    await hold()
    await claim()
    assert found == ([0, 1] if is_postgres() else [1])


async def test_two_change_rows_and_the_second_reads_what_the_first_has_changed(
    database: Database, event: Event
) -> None:
    other = await an_event()
    first = "UPDATE event SET next_n = next_n + ? WHERE id = ? RETURNING id, next_n"
    then = "UPDATE event SET taken = changed.next_n FROM changed WHERE event.id = ? RETURNING event.id"
    changed = {"id": event.id, "next_n": event.next_n + 5}
    assert await update_with(first, [5, event.id], then, [other.id]) == [changed]
    assert (await Event.get(id=other.id)).taken == changed["next_n"]
    assert await update_with(first, [5, 0], then, [event.id]) == []
    assert (await Event.get(id=event.id)).taken == 0


async def test_values_of_a_group_come_as_one_text(database: Database, event: Event) -> None:
    rows, values = given({"kind": "text", "number": "int"}, [("a", 3), ("b", 5), ("a", 8)])
    sql = f"{rows} SELECT kind, {string_agg('number')} AS numbers FROM given GROUP BY kind"  # noqa: S608
    found = {row["kind"]: sorted(row["numbers"].split(",")) for row in await query(sql, values)}
    assert found == {"a": ["3", "8"], "b": ["5"]}


async def test_what_a_statement_does_not_see_has_a_higher_version_than_what_it_sees(
    database: Database, event: Event, ada: Person
) -> None:
    """Also what is under way, and committed afterwards."""
    before = await put_into(State.CONFIRMED, ada, event)
    sql = f"SELECT {first_unseen('people_version')} AS first FROM event WHERE id = ?"  # noqa: S608  # ours
    [seen] = await query(sql, [event.id])
    await Registration.filter(id=before.id).update(needs_sealed=None)
    after = await Registration.get(id=before.id)
    assert seen["first"] <= after.version
    if not is_postgres():  # there others of the same server count along
        assert seen["first"] == before.version + 1 == after.version
