"""Reminds the leads of an event each week of all that is overdue there: one email for each lead, however much it is.

Rules: DP-08, DP-09, DP-10.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from events.accounts.lead_alerts import leads_of
from events.audit import audit
from events.ground import clock
from events.ground.database import run_tx
from events.mail import outbox

from .cases.case import Case
from .cases.complaint import Complaint
from .cases.incident import Incident
from .rights.rights_request import RightsRequest

ALERT = "overdue_alert"  # the template
NINE = 9  # o'clock at the venue: reminders are no business of the night
KINDS: tuple[type[Case], ...] = (Complaint, RightsRequest, Incident)


async def overdue_at(at: datetime, **where: int) -> list[Case]:
    still_open = [case for kind in KINDS for case in await kind.filter(closed_at=None, **where).order_by("id")]
    return [case for case in still_open if case.is_overdue(at)]


async def remind(at: datetime) -> int:
    """Once in each week of the calendar, from nine o'clock on the day on which something is overdue first. Of how many
    events."""
    there = clock.local(at)
    if there.hour < NINE:
        return 0
    cases = defaultdict[int, list[Case]](list)
    for case in await overdue_at(at):
        cases[case.event_id].append(case)
    year, week, _ = there.isocalendar()
    return sum([await _remind(event_id, cases[event_id], f"{year}-{week}", at) for event_id in sorted(cases)])


@run_tx
async def _remind(event_id: int, cases: Sequence[Case], week: str, at: datetime) -> bool:
    """Of several servers one reminds: an email with this cause is there once."""
    leads = [role.staff_id for role in await leads_of(event_id)]
    if not leads or not await outbox.put(ALERT, *leads, cause=f"{event_id} {week}", at=at, event_id=event_id):
        return False
    for case in cases:
        await audit.record(case.ACTS.reminded, case, by=None, at=at)
    return True
