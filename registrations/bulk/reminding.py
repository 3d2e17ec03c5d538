"""Organisers remind people of what they still have to do: say yes to their request, answer an offer, choose workshops.

Nobody is reminded twice within a day, nor of an unconfirmed request more than once: an address that somebody typed may
be anybody's. Nobody is reminded of what no email has told them before: the one that asked first has to be out. Whether
somebody needs anything for the day is no reason to write: who is left out would tell who does.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event
from events.ground.database import inserted, places, query, within_tx
from events.ground.tokens import Purpose
from events.mail import outbox, quiet_hours
from events.mail.emails import Writer
from events.mail.outbox import Queued
from events.programme.programme import guests_programme
from registrations.people.link_answers import LINK_LASTS
from registrations.people.registration import State, held_in_order
from registrations.tickets import own_changes, request_emails
from registrations.tickets.request_emails import REMINDED, request_email
from registrations.workshops import choice

from .bulk_act import Outcome

CHOOSE = "choose_workshops"
TEMPLATES = {Outcome.CONFIRM: "confirm", Outcome.OFFER: "offer", Outcome.WORKSHOPS: CHOOSE}  # two that asked, once more
WRITERS: dict[str, Writer] = {CHOOSE: request_email({State.APPROVED}, manage=Purpose.MANAGE)}
request_emails.TEMPLATES.update(WRITERS)
AGAIN_AFTER = timedelta(days=1)
LINK = """l.registration_id = r.id AND l.answers_sealed IS NOT NULL AND l.said_no_at IS NULL AND l.moved_at IS NULL
    AND l.asked_at > ?"""
ASKED = f"SELECT 1 FROM link_answers l JOIN message m ON m.template = 'confirm' AND m.subject_id = l.id WHERE {LINK}"  # noqa: S608
OFFERED = """SELECT 1 FROM message m WHERE m.template = 'offer' AND m.subject_id = r.id AND m.state = 'sent'
    AND m.cause = 'offer ' || r.offer_n"""
TICKET = """SELECT 1 FROM ticket t JOIN message m ON m.template = 'ticket' AND m.subject_id = t.id
    WHERE t.registration_id = r.id AND t.revoked_at IS NULL AND m.state = 'sent'"""
CHOSEN = """(EXISTS (SELECT 1 FROM workshop_choice c WHERE c.registration_id = r.id AND c.slot_id = ?)
    OR EXISTS (SELECT 1 FROM workshop_place p WHERE p.registration_id = r.id AND p.slot_id = ?))"""  # in one slot
Line = tuple[str, list[Any], Outcome]  # a condition of a registration `r`, its values, and what fits whom it is true of
LATELY = "SELECT 1 FROM reminder d WHERE d.registration_id = r.id AND d.reminded_at > ?"
EACH = "SELECT r.id, {fits} AS fits FROM registration r WHERE +r.event_id = ? AND r.id IN ({ids})"
OF_ACT = """SELECT {fits} AS fits, count(*) AS number FROM bulk_person b JOIN registration r ON r.id = b.registration_id
    WHERE b.bulk_id = ? GROUP BY 1"""
WHO = """SELECT r.id FROM bulk_person b JOIN registration r ON r.id = b.registration_id
    WHERE b.bulk_id = ? AND {fits} = ? ORDER BY b.id"""
LINKS = f"""SELECT l.registration_id, max(l.id) AS link FROM registration r JOIN link_answers l ON {LINK}
    JOIN message m ON m.template = 'confirm' AND m.subject_id = l.id AND m.state = 'sent'
    WHERE r.id IN ({{ids}}) GROUP BY l.registration_id"""  # noqa: S608  # ours
COLUMNS = {"event_id": "int", "registration_id": "int", "what": "text", "cause": "text", "reminded_at": "timestamptz",
    "reminded_by": "text"}  # fmt: skip
PUT = """INSERT INTO reminder {rows} ON CONFLICT (registration_id) DO UPDATE SET what = excluded.what,
    cause = excluded.cause, reminded_at = excluded.reminded_at, reminded_by = excluded.reminded_by
    WHERE reminder.reminded_at <= ? RETURNING registration_id"""
TAKEN_BACK = """DELETE FROM reminder WHERE event_id = ? AND cause = ? AND registration_id IN (
    SELECT m.subject_id FROM message m WHERE m.event_id = ? AND m.cause = ? AND m.state = 'dropped'
        AND m.template <> 'confirm'
    UNION SELECT l.registration_id FROM message m JOIN link_answers l ON l.id = m.subject_id
        WHERE m.event_id = ? AND m.cause = ? AND m.state = 'dropped' AND m.template = 'confirm')
    RETURNING registration_id"""


def cause_of(act_id: int) -> str:
    """Why the reminders of a bulk act are sent."""
    return f"{REMINDED}{act_id}"


async def preview(event: Event, act_id: int, at: datetime) -> dict[Outcome, int]:
    """How many of a bulk act's people would get which reminder now, or none and why."""
    sql, values = await _fits(event, at)
    rows = await query(OF_ACT.format(fits=sql), [*values, act_id])
    return {Outcome(row["fits"]): int(row["number"]) for row in rows}


async def who(event: Event, act_id: int, fits: Outcome, at: datetime) -> list[int]:
    """Of `preview` those behind one number, in the order in which they are acted on."""
    sql, values = await _fits(event, at)
    rows = await query(WHO.format(fits=sql), [act_id, *values, fits])
    return [int(row["id"]) for row in rows]


@within_tx
async def remind(
    event: Event, ids: Sequence[int], cause: str, by: Actor, at: datetime, due: datetime
) -> dict[int, Outcome]:
    """Sends each of these the reminder that fits, and says what became of each. `due`: the machine's time before which
    no email is sent."""
    held = await held_in_order(ids)
    sql, values = await _fits(event, at)
    rows = await query(EACH.format(fits=sql, ids=places(len(ids))), [*values, event.id, *ids])
    became = dict.fromkeys(ids, Outcome.NOTHING) | {int(row["id"]): Outcome(row["fits"]) for row in rows}
    wanted = {id_: what for id_, what in became.items() if what in TEMPLATES}
    first = sorted(await _not_reminded_yet(event, wanted, cause, by, at))
    links = await _links([id_ for id_ in first if wanted[id_] is Outcome.CONFIRM], at)
    if first:
        of = (cause, event.id, at, due, True)
        emails = [Queued(TEMPLATES[wanted[id_]], links.get(id_, id_), *of) for id_ in first]
        await outbox.put_each(emails)
        reminded: list[audit.Act] = [(Action.REMINDED, held[id_], {"of": wanted[id_].value}) for id_ in first]
        await audit.record_all(reminded, by=by, at=at)
    return became | {id_: Outcome.REMINDED for id_ in wanted if id_ not in first}


async def _not_reminded_yet(
    event: Event, wanted: Mapping[int, Outcome], cause: str, by: Actor, at: datetime
) -> set[int]:
    """Of two who remind the same person at the same moment one does."""
    if not wanted:
        return set()
    rows, values = inserted(COLUMNS, [(event.id, id_, what, cause, at, by.actor) for id_, what in wanted.items()])
    found = await query(PUT.format(rows=rows), [*values, at - AGAIN_AFTER])
    return {int(row["registration_id"]) for row in found}


async def _links(ids: Sequence[int], at: datetime) -> dict[int, int]:
    """The newest link that each was sent."""
    if not ids:
        return {}
    rows = await query(LINKS.format(ids=places(len(ids))), [_goes_out(at) - LINK_LASTS, *ids])
    return {int(row["registration_id"]): int(row["link"]) for row in rows}


@within_tx
async def take_back(event_id: int, cause: str, at: datetime) -> list[int]:
    """Drops what has not gone out. Whoever was not sent theirs may be reminded again."""
    await outbox.drop_all(event_id, cause, at)
    rows = await query(TAKEN_BACK, [event_id, cause] * 3)
    return [int(row["registration_id"]) for row in rows]


def _goes_out(at: datetime) -> datetime:
    return at + quiet_hours.wait(at)


async def _fits(event: Event, at: datetime) -> tuple[str, list[Any]]:
    """Which reminder fits a registration `r`, or why none does: as SQL, with its values. The first line that is true of
    somebody says it."""
    slots, soon = await _open_slots(event, at), _goes_out(at)
    chosen = " AND ".join([CHOSEN] * len(slots)) or "1 = 1"
    lines: list[Line] = [
        ("r.state NOT IN ('requested', 'offered', 'approved')", [], Outcome.NOTHING),
        (f"r.state = 'approved' AND {chosen}", [slot for slot in slots for _ in range(2)], Outcome.NOTHING),
        ("r.state = 'requested' AND r.person_sealed IS NULL", [], Outcome.SAID_NO),
        ("r.undeliverable <> ''", [], Outcome.NO_EMAIL),
        (f"EXISTS ({LATELY})", [at - AGAIN_AFTER], Outcome.REMINDED),
        *_of_unconfirmed(soon - LINK_LASTS),
        ("r.state = 'offered' AND r.offered_until <= ?", [soon], Outcome.OVER),
        (f"r.state = 'offered' AND NOT EXISTS ({OFFERED})", [], Outcome.NOT_OUT),
        ("r.state = 'offered'", [], Outcome.OFFER),
        (f"NOT EXISTS ({TICKET})", [], Outcome.NOT_OUT),
    ]
    cases = " ".join(f"WHEN {condition} THEN '{outcome}'" for condition, _, outcome in lines)
    return f"CASE {cases} ELSE '{Outcome.WORKSHOPS}' END", [value for _, values, _ in lines for value in values]


def _of_unconfirmed(link_from: datetime) -> list[Line]:
    """Of those who have still to say yes, whose link must have been asked for after `link_from`."""
    linked = f"EXISTS (SELECT 1 FROM link_answers l WHERE {LINK})"  # noqa: S608  # ours
    reminded = f"EXISTS ({ASKED} AND m.cause LIKE 'remind %' AND m.state <> 'dropped')"
    return [
        (f"r.state = 'requested' AND NOT {linked}", [link_from], Outcome.OVER),
        (f"r.state = 'requested' AND {reminded}", [link_from], Outcome.REMINDED),
        (f"r.state = 'requested' AND NOT EXISTS ({ASKED} AND m.state = 'sent')", [link_from], Outcome.NOT_OUT),
        ("r.state = 'requested'", [], Outcome.CONFIRM),
    ]


async def _open_slots(event: Event, at: datetime) -> list[int]:
    """Where guests can choose workshops now."""
    whole = await guests_programme(event) if own_changes.are_taken(event, at) else None
    closed = {slot_id for slot_id, known in (await choice.allocations_of(event.id)).items() if choice.is_closed(known)}
    lines = whole.slots if whole else []
    return [line.slot_id for line in lines if line.workshops and line.slot_id not in closed]
