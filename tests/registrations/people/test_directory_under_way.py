"""The people of an event in memory while others are under way on PostgreSQL: nobody is missed, nobody opened twice."""

import re
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest

from events.event import Event
from events.ground.database import Database
from registrations.people import directory
from registrations.people.directory import Directory
from registrations.people.registration import Registration, State
from tests.people import Person, confirmed

from .test_directory import found


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_what_commits_late_is_not_missed(database: Database, event: Event, ada: Person, bo: Person) -> None:
    """A transaction that began first commits last: its number is lower than one that was read already."""
    slow, quick = await confirmed(ada, event), await confirmed(bo, event)
    assert len(await found(event)) == 2
    there = await asyncpg.connect(re.sub(r"&?maxsize=\d+", "", database.url))
    try:
        transaction = there.transaction()
        await transaction.start()
        await there.execute("UPDATE registration SET state = 'cancelled' WHERE id = $1", slow.id)
        await Registration.filter(id=quick.id).update(state=State.WAITING)
        assert await found(event, state=State.WAITING) == [quick.id]
        assert await found(event, state=State.CANCELLED) == []
        await Registration.filter(id=quick.id).update(state=State.NOT_OFFERED)
        assert await found(event, state=State.NOT_OFFERED) == [quick.id], "changed again meanwhile"
        await transaction.commit()
        assert await found(event, state=State.CANCELLED) == [slow.id]
    finally:
        await there.close()


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_what_is_read_again_while_others_are_under_way_is_opened_once(
    database: Database, event: Event, ada: Person, bo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick, slow = await confirmed(ada, event), await confirmed(bo, event)
    there = await asyncpg.connect(re.sub(r"&?maxsize=\d+", "", database.url))
    opened, real = list[int](), Directory.put

    def put(people: Directory, rows: Sequence[Any]) -> None:
        opened.extend(row["id"] for row in rows)
        real(people, rows)

    try:
        transaction = there.transaction()
        await transaction.start()
        await there.execute("UPDATE registration SET state = 'cancelled' WHERE id = $1", slow.id)
        await directory.of(event.id)
        monkeypatch.setattr(Directory, "put", put)
        await Registration.filter(id=quick.id).update(state=State.WAITING)
        for _ in range(3):
            assert await found(event, state=State.WAITING) == [quick.id]
        assert opened == [quick.id]
        await transaction.commit()
        assert await found(event, state=State.CANCELLED) == [slow.id]
    finally:
        await there.close()
