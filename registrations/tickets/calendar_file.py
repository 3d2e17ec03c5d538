"""The calendar file of a ticket page: when, and once it is released where. It invites nobody and names nobody."""

from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar
from icalendar import Event as Entry

from events.event import Event
from events.mail.emails import own_domain

from .ticket_email import marked

CONTENT_TYPE = "text/calendar; method=PUBLISH; charset=utf-8"
FILE_NAME = "conference.ics"
SUMMARY = "Conference"  # shared calendars show it: no title, no host, no subject matter, so no workshop either
DESCRIPTION = "The details are in the email with your ticket."  # no link either: it would open the ticket

DAY_BEFORE = timedelta(days=-1)
MORNING_BEFORE = timedelta(hours=-15)  # of a whole day, which begins at midnight: 09:00


def calendar_file(event: Event, at: datetime) -> bytes:
    """Only for people with a ticket: it names the venue once that is released. A later file replaces an earlier one."""
    entry = Entry()
    entry.add("uid", f"event-{event.id}@{own_domain()}")
    entry.add("sequence", event.calendar_version)
    entry.add("dtstamp", at.astimezone(UTC))
    entry.add("summary", SUMMARY)
    entry.add("description", marked(event, DESCRIPTION))
    entry.add("class", "PRIVATE")
    if event.contact_email:
        entry.add("organizer", f"mailto:{event.contact_email}")  # RFC 5546 wants one of PUBLISH; nobody's own address
    _put_times(entry, event)
    entry.add_component(_reminder(event))
    if event.venue_for_guests:
        entry.add("location", marked(event, " ".join(event.venue_for_guests.split())))
    calendar = Calendar()
    calendar.add("prodid", "-//Muster//Conference places//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")  # with REQUEST people press Decline, and think that they have cancelled
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _reminder(event: Event) -> Alarm:
    """It appears on locked screens, and says no more than the entry."""
    reminder = Alarm()
    reminder.add("action", "DISPLAY")
    reminder.add("trigger", MORNING_BEFORE if event.starts_at is None else DAY_BEFORE)
    reminder.add("description", SUMMARY)
    return reminder


def _put_times(entry: Entry, event: Event) -> None:
    """In UTC, so that no calendar has to know about summer time; the whole day until the hours are known."""
    if event.starts_at is None:
        entry.add("dtstart", event.day)
        entry.add("dtend", event.day + timedelta(days=1))
        return
    entry.add("dtstart", event.starts_at.astimezone(UTC))
    if event.ends_at is not None:
        entry.add("dtend", event.ends_at.astimezone(UTC))
