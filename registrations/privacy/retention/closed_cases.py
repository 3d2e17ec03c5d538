"""Complaints, incidents and rights requests that were closed so long ago that they go, whichever event they were of."""

from datetime import datetime

from events.ground.database import query, within_tx
from registrations.privacy.cases import casework
from registrations.privacy.cases.case import Case
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.cases.incident import Incident
from registrations.privacy.rights.rights_request import RightsRequest

from . import rows
from .kept import Gone, Kept

CASES: dict[str, type[Case]] = {kind._meta.db_table: kind for kind in (Complaint, Incident, RightsRequest)}


@within_tx
async def forget(kept: Kept, at: datetime, real: datetime) -> Gone:
    """How many of each event went."""
    before = await _closed(kept, at, real)
    await casework.forget_closed(CASES[kept.rows.table], at)
    return before - await _closed(kept, at, real)


async def _closed(kept: Kept, at: datetime, real: datetime) -> Gone:
    due = await rows.due(kept, at, real)
    sql = f"SELECT event_id FROM {kept.rows.table} WHERE {due.where}" if due else ""  # noqa: S608
    return rows.by_event(await query(sql, due.values)) if due else Gone()
