"""Desks of several events that count at the same time share a look at the database, and each has its own numbers."""

import asyncio
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import database
from registrations.deciding import vetting
from registrations.desk import desk_counts
from registrations.desk.desk_counts import counts
from tests.people import MONDAY, an_event, confirmed, someone


async def test_each_desk_has_the_numbers_of_its_own_event(
    event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, looks = await an_event(), list[Any]()
    rows = [await confirmed(someone(), event) for _ in range(3)]
    await confirmed(someone(), other)
    await vetting.approve(rows[0], omar, MONDAY)
    ask = database.query

    async def noted(sql: str, values: Any) -> Any:
        looks.append(values)
        return await ask(sql, values)

    monkeypatch.setattr(desk_counts, "query", noted)
    told = await asyncio.gather(*(counts(id_) for id_ in (event.id, other.id, event.id, other.id)))
    assert [(told.to_decide, told.approved) for told in told] == [(2, 1), (1, 0), (2, 1), (1, 0)]
    assert len(looks) == 1, "one for all"


async def test_what_was_changed_before_somebody_counts_is_counted(event: Event, omar: Staff) -> None:
    """Whoever comes while another one looks shares the next look, not this one."""
    row = await confirmed(someone(), event)

    async def decides() -> int:
        await vetting.approve(row, omar, MONDAY)
        return (await counts(event.id)).to_decide

    async def looks_on() -> list[int]:
        return [(await counts(event.id)).to_decide for _ in range(30)]

    before, *_, after = await asyncio.gather(looks_on(), looks_on(), decides())
    assert (before[0], after, (await counts(event.id)).to_decide) == (1, 0, 0)
