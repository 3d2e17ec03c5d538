"""Reads who asked for a place at an event, and what became of it: the one reading from which all figures are made."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, cast

from events.event import Event
from events.ground import clock
from events.ground.database import moment, places, query
from events.known_organisation import KnownOrganisation
from registrations.codes.arrived import at_entrances
from registrations.people import needs, person
from registrations.people.needs import IS_ARRANGED, KEPT
from registrations.people.registration import State
from registrations.tickets.request_emails import TEMPLATES

from .figures import NOT_KNOWN, OtherCounts, Outcome, Request

BATCH = 1000  # rows that are read at once
# Whoever asked, by a yes of their address or of an organiser; with the tickets that they had.
ASKED = f"""SELECT r.id, r.public_id, r.person_sealed, r.kind, r.state, r.state_before, r.requested_at, r.confirmed_at,
    r.decided_at, max(CASE WHEN t.id IS NULL THEN 0 ELSE 1 END) AS had, max(CASE WHEN t.issued_at <= ?
        AND (t.revoked_at IS NULL OR t.revoked_at > ?) THEN 1 ELSE 0 END) AS held,
    max(CASE WHEN a.id IS NULL THEN 0 ELSE 1 END) AS came
    FROM registration r LEFT JOIN ticket t ON t.registration_id = r.id
    LEFT JOIN {at_entrances()}
    WHERE r.event_id = ? AND r.id > ? AND (r.confirmed_at IS NOT NULL OR t.id IS NOT NULL)
    GROUP BY r.id ORDER BY r.id LIMIT {BATCH}"""  # noqa: S608  # ours
OPENED = """SELECT min(coalesce(d.opens_at, e.doors_open_at)) AS opens FROM event e
    LEFT JOIN door d ON d.event_id = e.id AND d.presence = 0 WHERE e.id = ?"""
EMAILS = """SELECT count(CASE WHEN state = 'sent' THEN 1 END) AS sent, count(CASE WHEN state = 'failed' THEN 1 END)
    AS failed FROM message WHERE event_id = ? AND template IN ({templates})"""
TOLD = "SELECT id, event_id, public_id, needs_sealed FROM registration WHERE event_id = ? AND needs_sealed IS NOT NULL"
BY_STATE: Mapping[str, Outcome] = {
    State.NOT_OFFERED: Outcome.DECLINED,
    State.WAITING: Outcome.WAITING,
    State.OFFERED: Outcome.WAITING,
}


async def opened_at(event: Event) -> datetime:
    """When the first entrance opened; the first minute of the day where nobody said."""
    [row] = await query(OPENED, [event.id])
    return moment(row["opens"]) or event.starts_at or clock.at_venue(event.day, 0, 0)


async def requests(event: Event, areas: Mapping[str, str]) -> list[Request]:
    """Of everybody who asked. `areas`: by domain."""
    opened, found = await opened_at(event), list[Request]()
    async for rows in _batches(event, opened):
        people = person.of_many(event.id, ((row["id"], row["public_id"], row["person_sealed"]) for row in rows))
        found += [_of(row, areas, said.get("email", "")) for row, said in zip(rows, people, strict=True)]
    return found


async def _batches(event: Event, opened: datetime) -> AsyncIterator[list[dict[str, Any]]]:
    last = 0
    while rows := list(await query(ASKED, [opened, opened, event.id, last])):
        last = rows[-1]["id"]
        yield rows


def _of(row: Mapping[str, Any], areas: Mapping[str, str], email: str) -> Request:
    yes, decided, outcome = moment(row["confirmed_at"]), moment(row["decided_at"]), outcome_of(row)
    is_vetted = row["state_before"] == State.CONFIRMED and outcome is not Outcome.LATER  # at a door they do not wait
    decided_in = decided - yes if is_vetted and decided and yes and decided >= yes else None
    area = areas.get(email.rpartition("@")[2], NOT_KNOWN)
    requested = cast("datetime", moment(row["requested_at"]))
    return Request(outcome, row["kind"], area, clock.local(requested).date(), decided_in)


def outcome_of(row: Mapping[str, Any]) -> Outcome:
    if row["came"]:
        return Outcome.CAME if row["held"] else Outcome.LATER
    if row["held"] or row["state"] == State.RECHECKING:  # whose place is held, without a ticket
        return Outcome.NO_SHOW
    if row["state"] == State.CANCELLED:
        return Outcome.ENDED if row["had"] else Outcome.OTHER
    return BY_STATE.get(row["state"], Outcome.OTHER)


async def areas(event: Event) -> dict[str, str]:
    """Of each known organisation of which somebody has said it, by its domain."""
    known = await KnownOrganisation.filter(event_id=event.id, suffix=False).exclude(area="").order_by("area", "domain")
    return {organisation.domain: organisation.area for organisation in known}


async def other_counts(event: Event, at: datetime) -> OtherCounts:
    """`at` says whether needs are deleted."""
    [emails] = await query(EMAILS.format(templates=places(len(TEMPLATES))), [event.id, *sorted(TEMPLATES)])
    if clock.local(at).date() >= event.day + KEPT.time:
        return OtherCounts(emails["sent"], emails["failed"], None, 0)
    told = [
        needs.opened(row["needs_sealed"], row["id"], event.id, row["public_id"])
        for row in await query(TOLD, [event.id])
    ]
    wanted = [steps for known in told if (steps := known.adjustments)]
    arranged = sum(set(steps.values()) <= IS_ARRANGED for steps in wanted)
    return OtherCounts(emails["sent"], emails["failed"], len(wanted), arranged)
