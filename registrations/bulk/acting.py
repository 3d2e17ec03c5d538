"""An organiser begins a bulk act, stops it, and takes it back as a whole while none of its emails has gone out.

All emails of an act wait for one moment, which is no other act's and moves on while people are still acted on, or taken
back. `at` is the event's time, `real` the machine's.
"""

from datetime import datetime, timedelta

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, event_with
from events.ground import live, wording
from events.ground.database import after_commit, ask, query, run_tx, within_tx
from events.ground.refusal import Refused
from events.mail import quiet_hours
from registrations.deciding import offers, out_of_turn
from registrations.deciding.decision import UNDO_FOR
from registrations.deciding.out_of_turn import TurnReason
from registrations.people.registration import State

from .bulk_act import NOT_UNDONE, BulkAct, BulkKind
from .deciding_some import GIVES_A_PLACE

TOPIC = "bulk acts"  # whoever works on them wakes by it
HOLD = timedelta(hours=1)  # emails wait so long at most, should nobody work on
BEGUN_ALREADY = "This has begun already, or was not begun within an hour. Look at the list again."
NOBODY = "Nobody is on this list, so there is nothing to do."
ENDED = "This has ended already, so there was nothing to stop."
TOO_LATE = "It is too late to undo this as a whole: its emails go out. Open a person to see what you can still do."
OF_ACT = "SELECT registration_id FROM bulk_person WHERE bulk_id = ?"
BEGIN = """UPDATE bulk_act SET begun_at = ?, emails_at = ? WHERE id = ? AND begun_at IS NULL AND fixed_at IS NOT NULL
    AND total > 0 RETURNING id"""
KEEP = """UPDATE bulk_act SET begun_at = coalesce(begun_at, ?) WHERE id = ? AND kind = 'write'
    AND fixed_at IS NOT NULL RETURNING id"""
STOP = """UPDATE bulk_act SET ended_at = ?, stopped = ? WHERE id = ? AND begun_at IS NOT NULL AND ended_at IS NULL
    AND kind <> 'write' RETURNING emails_at"""
STAYS = ", ".join(f"'{kind.value}'" for kind in sorted(NOT_UNDONE))
UNDO = f"""UPDATE bulk_act SET undo_at = ?, undone_by_id = ? WHERE id = ? AND ended_at IS NOT NULL AND undo_at IS NULL
    AND emails_at > ? AND kind NOT IN ({STAYS}) RETURNING emails_at"""  # noqa: S608  # ours
MOVE_EMAILS = """UPDATE message SET next_try_at = ? WHERE event_id = ? AND state = 'queued' AND tries = 0
    AND next_try_at = ? RETURNING id"""
MOVED = "UPDATE bulk_act SET emails_at = ? WHERE id = ? RETURNING id"


async def is_out_of_turn(act: BulkAct, at: datetime) -> bool:
    """Whether it gives people of the waiting list a place, or offers one, before others who wait."""
    if act.kind not in GIVES_A_PLACE or act.seen is not State.WAITING:
        return False
    ids = {id_ for (id_,) in await ask(OF_ACT, [act.id])}
    return await out_of_turn.passes_over(await event_with(act.event_id), ids, at)


@run_tx
async def begin(act: BulkAct, by: Staff, at: datetime, real: datetime, reason: TurnReason | None = None) -> None:
    """Raises Refused where it has begun, there is nobody, no offer goes out now, or it is out of turn and no reason is
    given."""
    event = await event_with(act.event_id)
    if event.is_over(at):
        raise Refused(wording.IS_OVER)
    if act.kind is BulkKind.OFFER and offers.ends(event, at) is None:
        raise Refused(offers.NO_OFFER_NOW)
    if not act.total:
        raise Refused(NOBODY)
    if not await query(BEGIN, [at, _own_moment(act, real + HOLD + quiet_hours.wait(at)), act.id]):
        raise Refused(BEGUN_ALREADY)
    if reason is None and await is_out_of_turn(act, at):
        raise Refused(out_of_turn.SAY_WHY)
    why = {"what": f"{Action.OUT_OF_TURN}, {reason}"} if reason else {}
    await _note(Action.BULK_BEGUN, act, by, at, kind=act.kind.value, number=act.total, **why)


@within_tx
async def keep(act_id: int, at: datetime) -> None:
    """For an announcement to its people, which has pages of its own. Raises Refused if the list is gone by now."""
    if not await query(KEEP, [at, act_id]):
        raise Refused(BEGUN_ALREADY)


@run_tx
async def stop(act: BulkAct, by: Actor | None, at: datetime, real: datetime) -> None:
    """Nobody else's turn comes. What was done stays, and can still be undone for a moment. Raises Refused once it has
    ended. `by` is None where whoever began it may not do so any more."""
    stopped = await query(STOP, [at, True, act.id])
    if not stopped:
        raise Refused(ENDED)
    await move_emails(await BulkAct.get(id=act.id), real + max(UNDO_FOR, quiet_hours.wait(at)))
    await _note(Action.BULK_STOPPED, act, by, at)


@run_tx
async def undo(act: BulkAct, by: Staff, at: datetime, real: datetime) -> None:
    """From now on none of its emails goes out before all that can be taken back is. Raises Refused once they do."""
    if not await query(UNDO, [at, by.id, act.id, real]):
        raise Refused(TOO_LATE)
    await move_emails(await BulkAct.get(id=act.id), real + HOLD)
    await _note(Action.BULK_UNDONE, act, by, at)


@within_tx
async def move_emails(act: BulkAct, to: datetime) -> None:
    """All of its emails that wait, to another moment, or just after it; hold its row."""
    own = _own_moment(act, to)
    await query(MOVE_EMAILS, [own, act.event_id, act.emails_at])
    await query(MOVED, [own, act.id])
    act.emails_at = own
    after_commit(live.publish, "outbox")


def _own_moment(act: BulkAct, to: datetime) -> datetime:
    """Within two seconds after this one. By it the emails of an act are known: all that wait for the morning wait for
    eight o'clock to the microsecond, and are not this act's."""
    return to.replace(microsecond=0) + timedelta(seconds=1, microseconds=1000 + act.id % 900_000)


async def recent(event: Event, most: int = 50) -> list[BulkAct]:
    """Those that were begun, the newest first."""
    found = BulkAct.filter(event_id=event.id, begun_at__not_isnull=True).exclude(kind=BulkKind.WRITE)
    return await found.order_by("-id").limit(most).prefetch_related("asked_by")


async def _note(action: Action, act: BulkAct, by: Actor | None, at: datetime, **details: audit.Detail) -> None:
    await audit.record(action, act, by=by, at=at, event_id=act.event_id, **details)
    after_commit(live.publish, TOPIC)
    after_commit(live.publish, f"event:{act.event_id}")
