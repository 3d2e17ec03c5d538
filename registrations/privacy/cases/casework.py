"""What is done with every case, of whichever kind: it is changed, closed, reminded of, and deleted a year later."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from events.accounts.lead_alerts import leads_of
from events.audit import audit
from events.audit.audit import Actor
from events.ground import clock
from events.ground.database import run_tx, within_tx
from events.ground.refusal import Refused
from events.mail import outbox
from events.mail.outbox import EPOCH

from .case import Case

KEPT_FOR = timedelta(days=365)  # after it is closed
BATCH = 200
MOST_ALONE = 5  # reminders of one event at once that are an email each
CHANGED = "Someone else has changed this {} since you opened its page. Look at it again, then decide."
OVER = "This {} is closed, so nothing about it can be changed any more."
OPEN_OF_EVENT = """(SELECT count(*) FROM complaint c WHERE c.event_id = e.id AND c.closed_at IS NULL)
    + (SELECT count(*) FROM rights_request r WHERE r.event_id = e.id AND r.closed_at IS NULL)
    + (SELECT count(*) FROM incident i WHERE i.event_id = e.id AND i.closed_at IS NULL)"""  # in SQL, of an event e
OPENED = 0  # the stage at which the leads hear of it first; after that it is the number of the reminder


@within_tx
async def tell_leads(case: Case, stage: int, at: datetime) -> None:
    """Queues one email for each lead, of whichever host."""
    for role in await leads_of(case.event_id):
        cause = f"{case.NAME} {case.id} {stage}"
        await outbox.put(case.ALERT, role.staff_id, cause=cause, at=at, event_id=case.event_id)


@within_tx
async def tell_together(case: Case, why: str, at: datetime, due: datetime = EPOCH) -> None:
    """Queues one email for each lead, however often this is called with the same `why`."""
    for role in await leads_of(case.event_id):
        cause = f"{case.event_id} {why}"
        await outbox.put(case.DIGEST, role.staff_id, cause=cause, at=at, event_id=case.event_id, due=due)


@within_tx
async def change(case: Case, seen: int, **noted: Any) -> bool:
    """`seen`: the version on the page. False if somebody else has changed it since.

    Raises Refused when it is closed.
    """
    rows = type(case).filter(id=case.id)
    if await rows.filter(closed_at__not_isnull=True).exists():
        raise Refused(OVER.format(case.NAME))
    return await rows.filter(closed_at=None, version=seen).update(**noted, version=seen + 1) == 1


@run_tx
async def close(case: Case, seen: int, by: Actor, at: datetime) -> None:
    """Raises Refused before it is complete, and when it is no longer as it was seen. It is deleted a year later."""
    as_seen = type(case).filter(id=case.id, closed_at=None, version=seen)
    if not await as_seen.filter(case.COMPLETE).update(closed_at=at, version=seen + 1):
        raise Refused(case.NOT_COMPLETE if await as_seen.exists() else CHANGED.format(case.NAME))
    await audit.record(case.ACTS.closed, case, by=by, at=at)


async def remind(kind: type[Case], at: datetime) -> int:
    """Reminds the leads of open cases whose time it is; of the newest stage only, if the server was away. Of one event
    so many have an email of their own, and all others one together."""
    still_open = await kind.filter(closed_at=None).order_by("id")
    due = [(case, stage) for case in still_open if (stage := case.reminders_due(at)) > case.reminded]
    before, reminded = Counter[int](), 0
    for case, stage in due:
        alone = not case.DIGEST or before[case.event_id] < MOST_ALONE
        before[case.event_id] += 1
        reminded += await _remind(case, stage, at, alone=alone)
    return reminded


@run_tx
async def _remind(case: Case, stage: int, at: datetime, *, alone: bool) -> bool:
    """Of several servers one reminds, and each stage comes once."""
    if not await type(case).filter(id=case.id, closed_at=None, reminded__lt=stage).update(reminded=stage):
        return False
    await audit.record(case.ACTS.reminded, case, by=None, at=at)
    if alone:
        await tell_leads(case, stage, at)
    else:
        await tell_together(case, f"reminded {clock.local(at).date()}", at)
    return True


async def forget_closed(kind: type[Case], at: datetime) -> int:
    """Deletes what was closed twelve months ago."""
    due = kind.filter(closed_at__lte=at - KEPT_FOR).order_by("id").limit(BATCH)
    return sum([await _forget(case, at) for case in await due])


@run_tx
async def _forget(case: Case, at: datetime) -> bool:
    if not await type(case).filter(id=case.id).delete():
        return False
    await audit.record(case.ACTS.deleted, case, by=None, at=at)
    return True
