"""Two who work on the same act: whoever was slow, and lost the lease meanwhile, does nothing more."""

import asyncio
from datetime import timedelta
from itertools import count

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from registrations.bulk import deciding_some, working
from registrations.bulk.bulk_act import BulkAct, BulkKind
from tests.at_the_desk import several

from .acts import became, begun, works


async def test_whoever_lost_the_lease_stops_while_the_other_is_still_at_work(
    event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, look = await begun(event, omar, BulkKind.WAIT, await several(event, 60)), deciding_some.need_a_look
    calls, has_claimed, goes_on, others = count(), asyncio.Event(), asyncio.Event(), list[asyncio.Task[int]]()

    async def meet(*args: object) -> frozenset[int]:
        match next(calls):
            case 0:  # slow: its lease is over, and another claims the act
                late = clock.real() + working.LEASE + timedelta(seconds=1)
                others.append(asyncio.create_task(works(late)))
                await has_claimed.wait()
            case 1:
                has_claimed.set()
                await goes_on.wait()
        return await look(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(deciding_some, "need_a_look", meet)
    assert (await works(), (await BulkAct.get(id=act.id)).done) == (0, 0)
    goes_on.set()
    assert await others[0] == 1
    assert (await became(act), (await BulkAct.get(id=act.id)).done) == (["done"] * 60, 60)
    assert await AuditEntry.filter(action=Action.PUT_ON_WAITING_LIST).count() == 60
