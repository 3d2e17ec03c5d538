"""The audit log of an event as its leads read it: who did what to what, when, and whether it is whole."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.accounts import reading
from events.accounts.guards import STAFF
from events.accounts.staff import May, Role, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.web.forms import whole_number
from events.web.rendering import render
from events.web.routing import page

from .audit import audit_seal
from .event import Event
from .ground import clock, wording
from .ground.database import find_rows, places, query

ON_A_PAGE = 100
SUBJECT = re.compile(r"([a-z_]+(?: [a-z]+){0,4})[: ]+([0-9]{1,9})")
ACTOR = re.compile(r"[a-z]{1,20}(:[0-9]{1,9})?")
NOWHERE = "-"
NOT_SAID = "Somebody with a place"  # whom something is arranged for is for the access lead, who does not come here
PEOPLE = """SELECT s.id FROM staff s
    WHERE EXISTS (SELECT 1 FROM audit_entry e WHERE e.event_id = ? AND e.actor = 'staff:' || s.id)
    OR EXISTS (SELECT 1 FROM audit_entry e WHERE e.subject = 'staff:' || s.id AND e.event_id = ?)"""
HALF = "SELECT * FROM (SELECT * FROM audit_entry WHERE {where} ORDER BY id DESC LIMIT ?) AS half"
TECHNICAL = {"code", "ids", "letters", "sealed"}  # details for whoever looks into a fault, below the fold
MOMENTS = {"opens", "closes"}  # details that are seconds since 1970
NAMES = {"role", "changed", "reason", "columns"}  # details that are names of our own
REFERENCE = re.compile(r"([a-z_]+):([0-9]{1,9})")
EMAILS = wording.EMAIL_NAMES | wording.OTHER_EMAIL_NAMES
ACTORS = {"pass": "Phone", "person": "The person of registration"}


async def entries(request: Request) -> Response:
    """Newest first. Looking at the log is itself recorded, but never what was typed into the filter."""
    event: Event = request.state.event
    asked = {name: request.query_params.get(name, "") for name in ("actor", "action", "subject", "before")}
    staff = await people_of(event)
    rows = await _page_of(event, staff, asked)
    shown, filtered = rows[:ON_A_PAGE], any(asked.values())
    await reading.looked_at_log(event, len(shown), filtered=filtered, by=request.state.staff, at=clock.now())
    facts: dict[str, Any] = {"asked": asked, "actors": staff, "actions": sorted(Action)}
    facts |= {"rows": [_shown(row, staff) for row in shown], "more": len(rows) > ON_A_PAGE}
    facts |= {"head": await audit_seal.head(), "damage": audit_seal.trouble()}
    last = rows[ON_A_PAGE - 1].id if facts["more"] else None
    return render(request, "events/audit.html", **facts, last=last)


async def people_of(event: Event) -> dict[str, str]:
    """Names by actor, of those who have or had a role for the event or have acted in it."""
    ids = {row["id"] for row in await query(PEOPLE, [event.id] * 2)}
    ids |= {role.staff_id for role in await Role.filter(event=event)}
    names = {staff.actor: staff.full_name for staff in await Staff.filter(id__in=sorted(ids))}
    return dict(sorted(names.items(), key=lambda named: named[1].casefold()))


async def _page_of(event: Event, staff: Collection[str], asked: Mapping[str, str]) -> list[AuditEntry]:
    """One entry more than a page shows, to know whether there are older ones.

    These are the event's own entries, and entries of no event that are about these people or made by the machine. Each
    half is read from the end of its index: a condition with OR would read the whole log.
    """
    names = places(len(staff)) or "NULL"
    of_people = f"event_id IS NULL AND (actor = 'system' OR actor IN ({names}) OR subject IN ({names}))"
    filters = _filters(asked)
    rest = "".join(f" AND {condition}" for condition, _ in filters)
    narrowed = [value for _, value in filters]
    halves = [HALF.format(where=where + rest) for where in ("event_id = ?", of_people)]
    sql = f"{' UNION ALL '.join(halves)} ORDER BY id DESC LIMIT ?"
    values = [event.id, *narrowed, ON_A_PAGE + 1, *staff, *staff, *narrowed, ON_A_PAGE + 1, ON_A_PAGE + 1]
    return await find_rows(AuditEntry, sql, values)


def _filters(asked: Mapping[str, str]) -> list[tuple[str, str | int]]:
    """Conditions and their values."""
    found: list[tuple[str, str | int]] = []
    if asked["actor"]:
        found.append(("actor = ?", asked["actor"] if ACTOR.fullmatch(asked["actor"]) else NOWHERE))
    if asked["action"] in set(Action):
        found.append(("action = ?", asked["action"]))
    if asked["subject"]:
        found.append(("subject = ?", subject_of(asked["subject"])))
        found.append(("action <> ?", Action.NEED_MOVED.value))
    if (before := whole_number(asked["before"])) is not None:
        found.append(("id < ?", before))
    return found


def subject_of(typed: str) -> str:
    """'Door pass 12', as it is shown, in the form of the log; what has not this form is found nowhere."""
    match = SUBJECT.fullmatch(" ".join(typed.lower().split()))
    return f"{match[1].replace(' ', '_')}:{int(match[2])}" if match else NOWHERE


def _shown(entry: AuditEntry, staff: dict[str, str]) -> dict[str, Any]:
    there = clock.local(entry.at)
    technical = {name: entry.details[name] for name in sorted(TECHNICAL & entry.details.keys())}
    return {
        "id": entry.id,
        "when": f"{there.day} {there:%B %Y, %H:%M:%S}",
        "actor": _actor(entry.actor, staff),
        "action": entry.action.value,
        "subject": _subject(entry, staff),
        "details": _named({name: value for name, value in entry.details.items() if name not in TECHNICAL}),
        "technical": _named(technical),
    }


def _subject(entry: AuditEntry, staff: Mapping[str, str]) -> str:
    if entry.action is Action.NEED_MOVED:
        return NOT_SAID
    return staff.get(entry.subject) or entry.subject.replace(":", " ").replace("_", " ").capitalize()


def _named(details: Mapping[str, object]) -> str:
    """'email: Ticket, page: 2'. What is empty says nothing."""
    return ", ".join([_detail(name, value) for name, value in details.items() if value not in ("", [], None)])


def _detail(name: str, value: object) -> str:
    """An email and a state by the names that the desk has. No such name says what somebody needs."""
    if name == "template":
        return f"email: {EMAILS.get(str(value), value)}"
    if name == "state":
        return f"state: {wording.STATES.get(str(value), value)}"
    if name in MOMENTS and isinstance(value, int):
        return f"{name}: {clock.time_words(datetime.fromtimestamp(value, UTC))}"
    return f"{name.replace('_', ' ')}: {_words(value, '; ' if name in NAMES else ' ', plain=name in NAMES)}"


def _actor(actor: str, staff: dict[str, str]) -> str:
    kind, _, number = actor.partition(":")
    if kind == "system":
        return "Muster"
    return staff.get(actor) or f"{ACTORS.get(kind, kind.capitalize())} {number}"


def _words(value: object, between: str, *, plain: bool) -> str:
    """`plain`: names of our own, as people read them. What an entry refers to is said as its subject is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = between.join(str(part) for part in value) if isinstance(value, list) else str(value)
    if match := REFERENCE.fullmatch(text):
        return f"{match[1].replace('_', ' ')} {match[2]}"
    return text.replace("_sealed", "").replace("_", " ") if plain else text


routes = [page("/desk/{event}/audit", entries, who=STAFF(May.LEAD))]
