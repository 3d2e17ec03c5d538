"""Fixes whom a bulk act is about, before anybody is asked whether it shall begin.

Its people are noted in parts, so that nobody at a door waits for 100,000 rows. An act that nobody begins goes an hour
later, or a day where an email is to be written first. `at` is the event's time, `real` the machine's.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import among, ask, query, run_tx
from registrations.deciding.decision import TURN
from registrations.people.registration import State

from .bulk_act import BulkAct, BulkKind

DRAFT_LASTS, WRITTEN_WITHIN = timedelta(hours=1), timedelta(days=1)
TOGETHER = 1000  # people who are noted in one transaction
IN_ORDER = """SELECT id FROM registration WHERE +event_id = ? AND {wanted}
    ORDER BY {turn}"""  # as several decisions have them
ADD = """INSERT INTO bulk_person (event_id, bulk_id, registration_id, version, outcome)
    SELECT r.event_id, ?, r.id, r.version, '' FROM registration r WHERE +r.event_id = ? AND {wanted}
    ORDER BY {turn}"""
FIXED = """UPDATE bulk_act SET fixed_at = ?, total = (SELECT count(*) FROM bulk_person b WHERE b.bulk_id = bulk_act.id)
    WHERE id = ? RETURNING id"""
DROP_OLD = """DELETE FROM bulk_act WHERE id IN (SELECT id FROM bulk_act WHERE begun_at IS NULL
    AND ((kind <> 'write' AND fixed_at <= ?) OR fixed_at <= ? OR (fixed_at IS NULL AND asked_at <= ?)) LIMIT 5)
    RETURNING id"""


async def fix(
    event: Event, kind: BulkKind, seen: State | None, ids: Collection[int], filtered: str, by: Staff,
    at: datetime, real: datetime,
) -> BulkAct:  # fmt: skip
    """`seen`: the state in which a list of people who are to be decided on has them; `filtered`: by what, in words."""
    act = await _make(event, kind, seen, filtered, by, at)
    wanted, values = among("id", "int", ids)
    order = [id_ for (id_,) in await ask(IN_ORDER.format(wanted=wanted, turn=TURN.format(of="")), [event.id, *values])]
    for some in (order[n : n + TOGETHER] for n in range(0, len(order), TOGETHER)):
        await _add(act, some)
    await _is_fixed(act, real)
    return await BulkAct.get(id=act.id)


@run_tx
async def _make(event: Event, kind: BulkKind, seen: State | None, filtered: str, by: Staff, at: datetime) -> BulkAct:
    return await BulkAct.create(event_id=event.id, kind=kind, seen=seen, filtered=filtered, asked_by=by, asked_at=at)


@run_tx
async def _add(act: BulkAct, ids: Sequence[int]) -> None:
    wanted, values = among("r.id", "int", ids)
    await query(ADD.format(wanted=wanted, turn=TURN.format(of="r.")), [act.id, act.event_id, *values])


@run_tx
async def _is_fixed(act: BulkAct, real: datetime) -> None:
    await query(FIXED, [real, act.id])


@run_tx
async def drop_old(at: datetime, real: datetime) -> None:
    """Those that nobody has begun, and those whose making was cut off."""
    await query(DROP_OLD, [real - DRAFT_LASTS, real - WRITTEN_WITHIN, at - DRAFT_LASTS])
