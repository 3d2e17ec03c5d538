"""Scans that phones made alone, and what came of them."""

from datetime import datetime, timedelta
from typing import Any

from registrations.checkin import checkin
from registrations.checkin.conflict import Conflict
from registrations.checkin.scan import Admission, ScanKind, Sent
from registrations.phones.door import Device
from registrations.phones.scan_answer import Answer
from registrations.tickets.ticket import Ticket
from tests.at_the_door import (
    scan_of,
)
from tests.people import THE_DAY

NINE = THE_DAY
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


async def let_in(ticket: Ticket, *, sent: datetime, at: datetime, **more: Any) -> Sent:
    """The scan of a phone alone that showed COME IN at that moment, as it would be sent now."""
    scan = await scan_of(ticket, age=(sent - at).total_seconds())
    alone: dict[str, Any] = {"offline": True, "shown": "ok"} | more
    return scan._replace(**alone)


async def way_out(ticket: Ticket, **more: Any) -> Sent:
    return (await scan_of(ticket))._replace(kind=ScanKind.OUT, **more)


async def said_of(scan: Sent, by: Device, at: datetime) -> dict[str, Any]:
    answer: Answer = (await checkin.settle([scan], by, at))[0]
    return {name: answer.get(name) for name in ("verdict", "at", "conflict") if name in answer}


async def admissions() -> list[list[Any]]:
    return [
        [admission.client_id, admission.admitted_at, admission.left_at]
        for admission in await Admission.all().order_by("id")
    ]


async def conflicts() -> list[list[Any]]:
    return [[conflict.kind, {conflict.first_scan, conflict.second_scan}, conflict.uncertain, conflict.outcome]
            for conflict in await Conflict.all().order_by("id")]  # fmt: skip
