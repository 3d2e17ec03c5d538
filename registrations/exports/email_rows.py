"""Which emails went to people, as it stands in an export. Not those that went to somebody else for them, nor those by
which one could tell who needs something."""

from collections.abc import Sequence
from typing import Any

from events.event import Event
from events.ground import clock, wording
from events.ground.database import find_rows, places, query
from events.mail import delivery
from events.mail.outbox import Message
from registrations.tickets import request_emails
from registrations.tickets.request_emails import OF_NEEDS, TEMPLATES, TO_OTHERS

from .rows import BATCH, Line, Progress, names_of

OURS = "FROM message WHERE event_id = ? AND template IN ({templates})"


async def total(event: Event) -> int:
    sql, values = _ours(event)
    [row] = await query(f"SELECT count(*) AS number {sql}", values)
    return int(row["number"])


async def of_event(event: Event, progress: Progress) -> list[Line]:
    """The oldest first. Without those of people who are deleted."""
    (sql, values), lines, last, read = _ours(event), list[Line](), 0, 0
    part = f"SELECT * {sql} AND id > ? ORDER BY id LIMIT {BATCH}"
    while emails := await find_rows(Message, part, [*values, last]):
        lines += await _lines(emails)
        last, read = emails[-1].id, read + len(emails)
        await progress(read)
        if len(emails) < BATCH:
            break
    return lines


def _ours(event: Event) -> tuple[str, list[Any]]:
    templates = sorted(TEMPLATES - TO_OTHERS - OF_NEEDS)
    return OURS.format(templates=places(len(templates))), [event.id, *templates]


async def _lines(emails: Sequence[Message]) -> list[Line]:
    whose = await request_emails.requests_of(emails)
    known = await names_of(sorted(set(whose.values())))
    return [
        {
            **known[whose[email.id]],
            "which": wording.EMAIL_NAMES.get(email.template, email.template),
            "queued": f"{clock.local(email.queued_at):%Y-%m-%d %H:%M}",
            "state": delivery.in_words(email),
        }
        for email in emails
        if whose.get(email.id) in known
    ]
