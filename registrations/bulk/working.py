"""The turn that works on bulk acts, fifty people at a time. Rules: SG-02, SG-03.

Whoever works on one holds a lease, so that another goes on where a server was killed. What is done with these people
and what is noted of it are one transaction, which begins by asking whether the act is still ours: so nobody is acted on
twice, and nobody is left out. Where fifty cannot share it, each is tried alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from events.accounts.staff import May, Role, Staff
from events.audit import audit
from events.audit.action import Action
from events.event import Event, event_with
from events.ground import clock, live
from events.ground.database import after_commit, places, query, run_tx, within_tx
from events.ground.outage import kind_of
from events.ground.refusal import Refused
from events.ground.repeating import repeat_woken
from events.mail import quiet_hours
from registrations.deciding.decision import UNDO_FOR
from registrations.tickets import badge_types

from . import acting, deciding_some, fixing, reminding
from .acting import HOLD, TOPIC
from .bulk_act import BADGE_TYPES, WAS_DONE, BulkAct, BulkKind, Outcome, Stage

LEASE = timedelta(minutes=1)
REST = timedelta(seconds=20)  # after a fault, before the next try
TOGETHER = 50  # people who share a transaction: as long scans at the door wait for the event's row
EVERY_SECONDS = 30.0
FAILED = "a bulk act failed"  # for the log
DOING = "begun_at IS NOT NULL AND ended_at IS NULL"
UNDOING = "undo_at IS NOT NULL AND undone_at IS NULL"
CLAIM = f"""UPDATE bulk_act SET leased_until = ?, tries = tries + 1 WHERE id IN (
    SELECT id FROM bulk_act WHERE (({DOING}) OR ({UNDOING})) AND kind <> 'write'
    AND (leased_until IS NULL OR leased_until < ?) ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id"""  # noqa: S608  # ours
OURS = {
    Stage.WORKING: f"UPDATE bulk_act SET leased_until = ? WHERE id = ? AND tries = ? AND {DOING} RETURNING id",  # noqa: S608
    Stage.UNDOING: f"UPDATE bulk_act SET leased_until = ? WHERE id = ? AND tries = ? AND {UNDOING} RETURNING id",  # noqa: S608
}
LET_GO = "UPDATE bulk_act SET leased_until = ? WHERE id = ? AND tries = ? RETURNING id"
COUNTED = "UPDATE bulk_act SET done = done + ? WHERE id = ? RETURNING id"
ENDED = "UPDATE bulk_act SET ended_at = ?, leased_until = NULL WHERE id = ? RETURNING id"
ALL_UNDONE = "UPDATE bulk_act SET undone_at = ?, leased_until = NULL WHERE id = ? RETURNING id"
NEXT = "SELECT registration_id FROM bulk_person WHERE bulk_id = ? AND outcome = '' ORDER BY id LIMIT ?"
NEXT_TO_UNDO = """SELECT registration_id FROM bulk_person WHERE bulk_id = ? AND outcome IN ({done})
    ORDER BY id LIMIT ?"""
VERSIONS = "SELECT registration_id, version FROM bulk_person WHERE bulk_id = ? AND registration_id IN ({ids})"
BECAME = "UPDATE bulk_person SET outcome = ? WHERE bulk_id = ? AND registration_id IN ({ids}) RETURNING id"
NOT_UNDONE = "UPDATE bulk_person SET outcome = ? WHERE bulk_id = ? AND outcome IN ({done}) RETURNING id"
HOW_MANY = "SELECT outcome, count(*) AS number FROM bulk_person WHERE bulk_id = ? GROUP BY outcome"
Became = Mapping[int, Outcome]
log = structlog.get_logger()


class Lost(Exception):
    """Somebody else works on it now, or it was stopped, or is taken back."""


async def turn(at: datetime, real: datetime) -> int:
    """Works on all that were begun, one after the other. Returns on how many."""
    await fixing.drop_old(at, real)
    worked = 0
    while (act := await _claim(real)) is not None:
        worked += await _try(act)
    return worked


@run_tx
async def _claim(real: datetime) -> BulkAct | None:
    found = await query(CLAIM, [real + LEASE, real])
    return await BulkAct.get(id=found[0]["id"]) if found else None


async def _try(act: BulkAct) -> int:
    try:
        await (_undo(act) if act.stage is Stage.UNDOING else _do(act))
    except Lost:
        await _let_go(act, None)
        return 0
    except Exception as error:
        log.error(FAILED, act=act.id, error=kind_of(error))
        await _let_go(act, clock.real() + REST)
        return 0
    return 1


@run_tx
async def _let_go(act: BulkAct, until: datetime | None) -> None:
    """Whoever tries next waits until then."""
    await query(LET_GO, [until, act.id, act.tries])


async def _do(act: BulkAct) -> None:
    event, by = await event_with(act.event_id), await Staff.get(id=act.asked_by_id)
    while ids := await _next(act):
        if not await may_still(by, event):
            await acting.stop(act, None, clock.now(), clock.real())
            raise Lost
        look = await deciding_some.need_a_look(event, act, ids)
        await _part(act, ids, partial(_act_on, act, event, look, by))
    await _end(act, by, clock.now(), clock.real())


async def _undo(act: BulkAct) -> None:
    by = await Staff.get(id=act.undone_by_id)
    if act.kind is BulkKind.REMIND:
        await _undo_reminders(act, clock.now())
    else:
        while ids := await _next(act):
            await _part(act, ids, partial(_take_back, act, by))
    await _all_undone(act, clock.now(), clock.real())


async def may_still(by: Staff, event: Event) -> bool:
    """Whether whoever pressed may decide here even now: an account that is disabled goes on with nothing."""
    role = await Role.get_or_none(staff_id=by.id, event_id=event.id)
    now = await Staff.get(id=by.id)
    return role is not None and role.may(May.ORGANISE) and now.disabled_at is None


async def _next(act: BulkAct) -> list[int]:
    if act.stage is Stage.UNDOING:
        sql, values = NEXT_TO_UNDO.format(done=places(len(WAS_DONE))), [act.id, *WAS_DONE, TOGETHER]
    else:
        sql, values = NEXT, [act.id, TOGETHER]
    return [int(row["registration_id"]) for row in await query(sql, values)]


async def _part(act: BulkAct, ids: Sequence[int], work: Callable[[Sequence[int]], Awaitable[None]]) -> None:
    """All of these together; or each alone, so that one who cannot be acted on holds up nobody."""
    try:
        await work(ids)
        return
    except Lost:
        raise
    except Exception as error:
        log.error(FAILED, act=act.id, error=kind_of(error), together=len(ids))
    for id_ in ids:
        try:
            await work([id_])
        except Lost:
            raise
        except Refused:
            await _leave_out(act, id_)
        except Exception as error:
            log.error(FAILED, act=act.id, error=kind_of(error), registration=id_)
            await _leave_out(act, id_)


@within_tx
async def _hold(act: BulkAct, real: datetime) -> BulkAct:
    """Holds its row until the transaction ends, and the lease for longer. Raises Lost where it is not ours any more."""
    if not await query(OURS[act.stage], [real + LEASE, act.id, act.tries]):
        raise Lost
    held = await BulkAct.get(id=act.id)
    if held.emails_at and held.emails_at - real < HOLD / 4:
        await acting.move_emails(held, real + HOLD)
    return held


@run_tx
async def _act_on(act: BulkAct, event: Event, look: frozenset[int], by: Staff, ids: Sequence[int]) -> None:
    held, at = await _hold(act, clock.real()), clock.now()
    if act.kind is BulkKind.REMIND:
        became = await reminding.remind(event, ids, reminding.cause_of(held.id), by, at, held.emails_at or clock.real())
    elif act.kind in BADGE_TYPES:
        changed = await badge_types.set_badge_types(ids, BADGE_TYPES[act.kind], by, at)
        became = {id_: Outcome.DONE if id_ in changed else Outcome.SAME for id_ in ids}
    else:
        seen = {row["registration_id"]: int(row["version"]) for row in await _versions(act, ids)}
        became = await deciding_some.decide(held, seen, look, by, at)
    await _note(act, became)
    await query(COUNTED, [len(ids), act.id])


@run_tx
async def _take_back(act: BulkAct, by: Staff, ids: Sequence[int]) -> None:
    held = await _hold(act, clock.real())
    await _note(act, await deciding_some.take_back(held, ids, by, clock.now()))


@run_tx
async def _undo_reminders(act: BulkAct, at: datetime) -> None:
    held = await _hold(act, clock.real())
    undone = await reminding.take_back(held.event_id, reminding.cause_of(held.id), at)
    await _note(act, dict.fromkeys(undone, Outcome.UNDONE))
    await query(NOT_UNDONE.format(done=places(len(WAS_DONE))), [Outcome.TOO_LATE, act.id, *WAS_DONE])


@run_tx
async def _leave_out(act: BulkAct, id_: int) -> None:
    await _hold(act, clock.real())
    if act.stage is Stage.UNDOING:
        await _note(act, {id_: Outcome.TOO_LATE})
    else:
        await _note(act, {id_: Outcome.FAILED})
        await query(COUNTED, [1, act.id])


async def _versions(act: BulkAct, ids: Sequence[int]) -> Sequence[Mapping[str, int]]:
    return await query(VERSIONS.format(ids=places(len(ids))), [act.id, *ids])


@within_tx
async def _note(act: BulkAct, became: Became) -> None:
    for outcome in set(became.values()):
        ids = [id_ for id_, of in became.items() if of is outcome]
        for some in (ids[n : n + 500] for n in range(0, len(ids), 500)):
            await query(BECAME.format(ids=places(len(some))), [outcome, act.id, *some])
    after_commit(live.publish, f"event:{act.event_id}")


@run_tx
async def _end(act: BulkAct, by: Staff, at: datetime, real: datetime) -> None:
    held = await _hold(act, real)
    await acting.move_emails(held, real + max(UNDO_FOR, quiet_hours.wait(at)))
    await query(ENDED, [at, act.id])
    done = {row["outcome"]: int(row["number"]) for row in await query(HOW_MANY, [act.id])}
    number = sum(done.get(outcome, 0) for outcome in WAS_DONE)
    await audit.record(Action.BULK_ENDED, act, by=by, at=at, event_id=act.event_id, number=number, of=act.total)


@run_tx
async def _all_undone(act: BulkAct, at: datetime, real: datetime) -> None:
    held = await _hold(act, real)
    await acting.move_emails(held, real + quiet_hours.wait(at))
    await query(ALL_UNDONE, [at, act.id])


async def run(stop: asyncio.Event) -> None:
    """Whenever somebody begins an act or takes one back, and now and then, until the server stops."""
    await repeat_woken(lambda: turn(clock.now(), clock.real()), TOPIC, EVERY_SECONDS, stop, FAILED)
