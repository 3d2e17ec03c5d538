"""What a phone reports at each contact: scans to send, its list, battery and clock, and which page speaks.

`at` is the event's time, `real` the machine's.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from events.ground.database import run_tx

from . import alarm
from .alarm import Kind
from .door import Device, DoorPass

SEEN_OFTEN_ENOUGH = timedelta(seconds=5)
MOST_TO_SEND = 100_000
LONGEST = 366 * 24 * 3600.0  # seconds: what is more is no age and no clock
PAGE = re.compile(r"[0-9a-f]{8}")


class Report(NamedTuple):
    """What a phone reports of itself. None where it said nothing, or something impossible."""

    to_send: int | None = None  # after the scans that came with it
    list_version: int | None = None
    list_age: float | None = None  # seconds
    battery: float | None = None
    clock_off: float | None = None  # seconds
    page: str = ""


def read_report(body: Mapping[str, Any]) -> Report:
    """Never raises, whatever was posted."""
    page = body.get("page")
    return Report(
        to_send=_whole(body.get("to_send"), MOST_TO_SEND),
        list_version=_whole(body.get("list_version"), 2**31 - 1),
        list_age=_number(body.get("list_age"), 0, LONGEST),
        battery=_number(body.get("battery"), 0, 1),
        clock_off=_number(body.get("clock_off"), -LONGEST, LONGEST),
        page=page if isinstance(page, str) and PAGE.fullmatch(page) else "",
    )


def read_age(body: Mapping[str, Any]) -> float:
    """Seconds; 0 if it gave none."""
    return _number(body.get("age"), 0, LONGEST) or 0.0


def _whole(value: object, most: int) -> int | None:
    return min(max(value, 0), most) if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: object, least: float, most: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # NaN alone differs from itself
        return None
    return float(min(max(value, least), most))


async def note(device: Device, report: Report, at: datetime, real: datetime) -> None:
    """Writes it every few seconds at most, unless the scans to send have changed or another page speaks."""
    other_page = report.page not in ("", device.page)
    recent = device.last_seen_at is not None and real - device.last_seen_at < SEEN_OFTEN_ENOUGH
    if recent and report.to_send in (None, device.to_send) and not other_page:
        return
    news: dict[str, Any] = {"last_seen_at": real} | _news(report, real)
    if other_page:
        news |= {
            "page": report.page,
            "page_before": device.page,
            "override_until": None,
        }  # the lead gave it to the other
    await DoorPass.filter(id=device.id).update(**news)
    if other_page and report.page == device.page_before:  # a page that was loaded anew never comes back
        await _two_pages(device, at)


async def note_left(device: Device, report: Report) -> None:
    """Notes what a phone still has to send after its pass ended."""
    if report.to_send is not None and report.to_send != device.to_send:
        await DoorPass.filter(id=device.id).update(to_send=report.to_send)


def _news(report: Report, real: datetime) -> dict[str, Any]:
    values = report._asdict()
    news = {
        name: values[name] for name in ("to_send", "list_version", "battery", "clock_off") if values[name] is not None
    }
    if report.to_send == 0:
        news["emptied_at"] = real
    if report.list_age is not None:
        news["list_at"] = real - timedelta(seconds=report.list_age)
    return news


@run_tx
async def _two_pages(device: Device, at: datetime) -> None:
    await alarm.sound(Kind.TWO_PAGES, device, at)


@run_tx
async def call_for_help(device: Device, at: datetime, age: float = 0.0, *, taken_back: bool = False) -> None:
    """Records phone, door and time and nothing else: no text, nobody's name (SG-08).

    `age` is in seconds, as the phone says: without a network a call waits. `taken_back`: it was pressed by mistake.
    """
    if taken_back:
        await alarm.take_back_help(device, at, age)
    else:
        await alarm.sound(Kind.HELP, device, at, age)
