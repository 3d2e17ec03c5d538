"""The calendar file: an hour that is right in summer, a venue only once released, and nobody's name or address.

Rules: EM-10.
"""

import asyncio
import re
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest

from events import event_changes
from events.accounts.staff import Staff
from events.event import Event, new_event, sealed
from events.ground import clock
from registrations.tickets.calendar_file import CONTENT_TYPE, FILE_NAME, calendar_file
from tests.mail_reading import INDISCREET
from tests.people import MONDAY

LATER = MONDAY + timedelta(days=2)


def an_event_on_the_day(venue: str = "", *, released: bool = False) -> Event:
    """Not in any database: the file is made of the row alone."""
    event = new_event("launch", "Launch of a service for victims of stalking", date(2019, 4, 15), MONDAY)
    event.id = 1
    event.hosts = [{"name": "Safer Places", "email": "places@hosts.example.org", "phone": "01632 960001"}]
    event.contact_email, event.lead_phone = "organisers@example.org", "07700 900003"
    event.starts_at, event.ends_at = clock.at_venue(event.day, 9, 30), clock.at_venue(event.day, 16, 0)
    event.venue_sealed = sealed(event, "venue", venue)
    event.venue_released_at = MONDAY if released else None
    return event


def lines_of(file: bytes) -> list[tuple[str, str]]:
    """Read by RFC 5545's own words: CRLF ends a line, CRLF and a space continue it, backslashes escape."""
    assert file.endswith(b"\r\n")
    raw = file.split(b"\r\n")[:-1]
    assert [line for line in raw if len(line) > 75 or b"\r" in line or b"\n" in line] == []
    unfolded = re.sub(rb"\r\n[ \t]", b"", file).decode().split("\r\n")[:-1]
    found = [line.partition(":") for line in unfolded]
    plain = {r"\n": "\n", r"\,": ",", r"\;": ";", r"\\": "\\"}
    return [(name, re.sub(r"\\[n,;\\]", lambda escape: plain[escape[0]], value)) for name, _, value in found]


def test_the_whole_file() -> None:
    assert sorted(lines_of(calendar_file(an_event_on_the_day(), LATER))) == sorted(
        [
            ("BEGIN", "VCALENDAR"),
            ("VERSION", "2.0"),
            ("PRODID", "-//Muster//Conference places//EN"),
            ("METHOD", "PUBLISH"),
            ("BEGIN", "VEVENT"),
            ("UID", "event-1@example.org"),
            ("SEQUENCE", "0"),
            ("DTSTAMP", "20190410T080000Z"),
            ("DTSTART", "20190415T083000Z"),
            ("DTEND", "20190415T150000Z"),
            ("SUMMARY", "Conference"),
            ("DESCRIPTION", "The details are in the email with your ticket."),
            ("CLASS", "PRIVATE"),
            ("ORGANIZER", "mailto:organisers@example.org"),
            ("BEGIN", "VALARM"),
            ("ACTION", "DISPLAY"),
            ("TRIGGER", "-P1D"),
            ("DESCRIPTION", "Conference"),
            ("END", "VALARM"),
            ("END", "VEVENT"),
            ("END", "VCALENDAR"),
        ]
    )


def test_a_second_parser_reads_the_same_hours() -> None:
    (entry,) = icalendar.Calendar.from_ical(calendar_file(an_event_on_the_day(), LATER)).walk("VEVENT")
    assert entry.decoded("dtstart") == datetime(2019, 4, 15, 8, 30, tzinfo=UTC)
    assert clock.time_words(entry.decoded("dtstart")) == "09:30"
    assert entry.decoded("dtend") - entry.decoded("dtstart") == timedelta(hours=6, minutes=30)


def test_the_whole_day_until_the_hours_are_known() -> None:
    event = an_event_on_the_day()
    event.starts_at = event.ends_at = None
    said = dict(lines_of(calendar_file(event, LATER)))
    assert (said["DTSTART;VALUE=DATE"], said["DTEND;VALUE=DATE"]) == ("20190415", "20190416")
    assert said["TRIGGER"] == "-PT15H", "at nine on the day before"


def test_the_venue_only_once_it_is_released() -> None:
    venue = "Example House; 1 Example Street, Westmoor"
    held_back = calendar_file(an_event_on_the_day(venue), LATER)
    said = dict(lines_of(calendar_file(an_event_on_the_day(venue, released=True), LATER)))
    assert b"Example House" not in held_back
    assert "LOCATION" not in dict(lines_of(held_back))
    assert said["LOCATION"] == venue


def test_a_rehearsal_says_what_it_made_up() -> None:
    event = an_event_on_the_day("Example House", released=True)
    event.rehearsal = True
    said = [value for name, value in lines_of(calendar_file(event, LATER)) if name in {"LOCATION", "DESCRIPTION"}]
    assert [value.endswith(" (made up for this rehearsal)") for value in said] == [True, True, False]
    assert said[-1] == "Conference", "the reminder says no more than the entry"


async def test_each_change_of_hours_or_venue_makes_a_later_file_and_nothing_else_does(
    event: Event, lena: Staff
) -> None:
    """All within the same second: no clock has a part in it."""

    async def sequence() -> tuple[str, int]:
        said = dict(lines_of(calendar_file(await Event.get(id=event.id), MONDAY)))
        return said["UID"], int(said["SEQUENCE"])

    async def change(**details: object) -> int:
        now = await Event.get(id=event.id)
        await event_changes.change(now, details, by=lena, at=MONDAY, real=MONDAY)
        return (await sequence())[1]

    uid, first = await sequence()
    assert await change(bring="A pen", capacity=90) == first
    assert await change(starts_at=clock.at_venue(event.day, 10, 0)) == first + 1
    assert await change(ends_at=clock.at_venue(event.day, 17, 0), venue="Hall 2") == first + 2
    await event_changes.release_venue(event, by=lena, at=MONDAY, real=MONDAY)
    assert await sequence() == (uid, first + 3)
    await event_changes.hold_venue_back(event, by=lena, at=MONDAY)
    assert await sequence() == (uid, first + 4)


async def test_of_two_changes_at_once_each_makes_a_later_file(event: Event, lena: Staff) -> None:
    changes: list[dict[str, object]] = [{"starts_at": clock.at_venue(event.day, 10, 0)}, {"venue": "Hall 2"}]
    before = event.calendar_version
    await asyncio.gather(*(event_changes.change(event, change, by=lena, at=MONDAY, real=MONDAY) for change in changes))
    assert (await Event.get(id=event.id)).calendar_version == before + 2


def test_it_names_and_invites_nobody_and_says_nothing_of_the_matter() -> None:
    """RFC 5546 wants an organiser: it is the address of the event, which is published anyway."""
    file = calendar_file(an_event_on_the_day("Example House", released=True), LATER).decode()
    assert [word for word in ("ATTENDEE", "hosts.example", "07700", "http", "CN=") if word in file] == []
    assert re.findall("mailto:.*", file) == ["mailto:organisers@example.org\r"]
    assert INDISCREET.search(file) is None
    assert INDISCREET.search(FILE_NAME) is None
    assert CONTENT_TYPE == "text/calendar; method=PUBLISH; charset=utf-8"


@pytest.mark.parametrize(
    "venue",
    [
        "House\r\nATTENDEE:mailto:eve@evil.example",
        "House\nEND:VEVENT\nBEGIN:VEVENT",
        "House\r\n ATTENDEE:x",
        "House\x0b\x0c\x1c\x85\u2028\u2029ATTENDEE:x",
        "House\\nATTENDEE:x",
        'House";ALTREP="http://evil.example"',
        "Hø" * 200,
        "🏛" * 60,
    ],
)
def test_no_venue_becomes_a_line_of_its_own(venue: str) -> None:
    file = calendar_file(an_event_on_the_day(venue, released=True), LATER)
    names = [name for name, _ in lines_of(file)]
    assert sorted(names) == sorted([*(n for n, _ in lines_of(calendar_file(an_event_on_the_day(), LATER))), "LOCATION"])
    assert dict(lines_of(file))["LOCATION"] == " ".join(venue.split())
    (entry,) = icalendar.Calendar.from_ical(file).walk("VEVENT")
    assert str(entry["location"]) == " ".join(venue.split())
    assert "attendee" not in entry
