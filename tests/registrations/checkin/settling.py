"""Scans that are settled at once, and what the phone is told."""

from datetime import datetime, timedelta

from registrations.checkin import checkin
from registrations.checkin.scan import Sent
from registrations.phones.door import Device
from registrations.phones.scan_answer import Answer
from tests.people import THE_DAY

LATER = THE_DAY + timedelta(minutes=12)


async def says(scan: Sent, by: Device, at: datetime = THE_DAY) -> Answer:
    [answer] = await checkin.settle([scan], by, at)
    return answer
