"""Organisers choose whose badges they print, in which order; what is printed is noted before the file is made.

Rules: EV-01, EV-02, DP-13, SG-12.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from events.accounts.staff import Staff
from events.audit import audit, triggers
from events.audit.action import Action
from events.event import Event
from events.ground.database import among, inserted, query, run_tx, within_tx
from events.ground.refusal import Refused
from registrations.codes.badge_type import BadgeType
from registrations.people import choices
from registrations.people.names.surname import order as as_listed
from registrations.people.names.surname import tray_letter
from registrations.people.person import COLUMNS, IS_DELETED, UNREADABLE, fold, of_row
from registrations.people.registration import OrganisationKind, State

from .badge import Badge, badge_of, text_hash
from .last_paper import USUAL, Layout
from .papers import PaperName
from .workshop_lines import Lines, lines_of

A_PART = 1000  # rows at once: others are answered between two parts
NOBODY = "There is no such badge to print. Nothing was printed, and nothing was noted."
OF_GUEST = f"{COLUMNS}, r.kind, r.comes_with_id"
HAS_BADGE = f"r.state = '{State.APPROVED}' AND r.person_sealed IS NOT NULL"  # and a ticket
LAST_PRINT = """LEFT JOIN badge_print p ON p.registration_id = r.id
    AND p.n = (SELECT max(q.n) FROM badge_print q WHERE q.registration_id = r.id)"""
GUESTS = f"""SELECT {OF_GUEST}, coalesce(p.n, 0) AS printed_n, p.text_hash
    FROM registration r JOIN ticket t ON t.registration_id = r.id AND t.revoked_at IS NULL {LAST_PRINT}
    WHERE r.event_id = ? AND {HAS_BADGE} AND r.id > ? ORDER BY r.id LIMIT {A_PART}"""  # noqa: S608  # ours
HOW_MANY = f"""SELECT count(*) AS number FROM registration r JOIN ticket t ON t.registration_id = r.id
    WHERE r.event_id = ? AND t.revoked_at IS NULL AND {HAS_BADGE}"""  # noqa: S608
HELD = f"""SELECT r.id FROM registration r WHERE {{among}} AND {HAS_BADGE} ORDER BY r.id FOR SHARE OF r"""  # noqa: S608
WRITTEN = {
    "event_id": "int", "registration_id": "int", "n": "int", "text_hash": "text", "printed_at": "timestamptz",
    "printed_by": "text", "on_arrival": "bool",
}  # fmt: skip
NOTE = "INSERT INTO badge_print {rows} ON CONFLICT (registration_id, n) DO NOTHING RETURNING registration_id"
GOES = "DELETE FROM badge_print WHERE registration_id = NEW.id"
triggers.ended_with("registration", IS_DELETED, "badges_ended", [GOES])


class Which(StrEnum):
    ALL = "all"
    LETTERS = "letters"
    OTHER_LETTERS = "other-letters"
    KIND = "kind"
    NEW = "new"
    CHANGED = "changed"


class Order(StrEnum):
    SURNAME = "surname"
    ORGANISATION = "organisation"


class Wanted(NamedTuple):
    which: Which
    order: Order = Order.SURNAME
    first: str = "a"  # of the letters that surnames begin with, small
    last: str = "z"
    kind: OrganisationKind | None = None


class Guest(NamedTuple):
    """Somebody with a ticket, as far as a badge goes."""

    id: int
    badge: Badge
    surname: str  # as the door list is sorted by it, and below by the whole name and the organisation
    name: str
    organisation: str
    kind: str
    printed_n: int  # how often their badge was printed
    text_hash: str
    has_changed: bool  # since it was printed last

    @property
    def letter(self) -> str:
        return tray_letter(self.surname)


class Printed(NamedTuple):
    badges: list[Badge]

    @property
    def gaps(self) -> int:
        """On how many stand letters that no font of ours has."""
        return sum(badge.has_gaps for badge in self.badges)


class Counted(NamedTuple):
    guests: int
    new: int
    changed: int
    gaps: int
    unreadable: int


async def counted(event: Event) -> Counted:
    found = await guests(event)
    [with_ticket] = await query(HOW_MANY, [event.id])
    return Counted(
        len(found),
        sum(not guest.printed_n for guest in found),
        sum(guest.has_changed for guest in found),
        sum(guest.badge.has_gaps for guest in found),
        with_ticket["number"] - len(found),
    )


async def print_badges(
    event: Event, wanted: Wanted, paper: PaperName, by: Staff, at: datetime, layout: Layout = USUAL
) -> Printed:
    """The badges in order. That they were printed, how many and of which choice is noted, and nobody's name. Of those
    that somebody else prints at the same moment, one who asked for what is new or changed gets none.

    Raises Refused where there is nobody.
    """
    chosen = in_order([guest for guest in await guests(event) if _is_wanted(guest, wanted)], wanted.order)
    again = wanted.which not in (Which.NEW, Which.CHANGED)
    said = {"which": wanted.which.value, "paper": paper.value, **layout.details}
    noted = await _note_all(event, chosen, said, by, at, again=again)
    return Printed([guest.badge for guest in chosen if guest.id in noted])


async def guests(event: Event) -> list[Guest]:
    """All with a ticket whose row can be read, by number."""
    found, after, lines = list[Guest](), 0, await lines_of(event)
    while rows := await query(GUESTS, [event.id, after]):
        found += [guest for row in rows if (guest := guest_of(event, row, lines))]
        after = rows[-1]["registration_id"]
        await asyncio.sleep(0)
        if len(rows) < A_PART:
            break
    return found


def guest_of(event: Event, row: Mapping[str, Any], lines: Lines) -> Guest | None:
    """None for somebody whose row was damaged: no badge says that a name cannot be read."""
    person = of_row(row)
    if person is UNREADABLE:
        return None
    chosen, id_ = choices.of_row(row), row["registration_id"]
    badge = badge_of(person, chosen, lines.of(row), BadgeType(row["badge_type"]))
    hashed, (surname, name) = text_hash(event, id_, badge), as_listed(chosen.listed_name(person))
    has_changed = bool(row["printed_n"]) and row["text_hash"] != hashed
    return Guest(
        id_, badge, surname, name, fold(badge.organisation), row["kind"], row["printed_n"], hashed, has_changed
    )


def in_order(chosen: Sequence[Guest], order: Order) -> list[Guest]:
    """By surname, as trays are; or by organisation as it stands on the badge, those without one last."""
    if order is Order.ORGANISATION:
        return sorted(chosen, key=lambda guest: (not guest.organisation, guest.organisation, guest.surname, guest.name))
    return sorted(chosen, key=lambda guest: (guest.surname, guest.name, guest.id))


def _is_wanted(guest: Guest, wanted: Wanted) -> bool:
    match wanted.which:
        case Which.LETTERS:
            return bool(guest.letter) and wanted.first <= guest.letter <= wanted.last
        case Which.OTHER_LETTERS:
            return not guest.letter
        case Which.KIND:
            return guest.kind == wanted.kind
        case Which.NEW:
            return not guest.printed_n
        case Which.CHANGED:
            return guest.has_changed
    return True


@run_tx
async def _note_all(
    event: Event, chosen: Sequence[Guest], said: Mapping[str, str | bool], by: Staff, at: datetime, *, again: bool
) -> set[int]:
    noted = set[int]()
    for start in range(0, len(chosen), A_PART):
        noted |= await note(event, chosen[start : start + A_PART], by, at, again=again)
    if not noted:
        raise Refused(NOBODY, 422)
    await audit.record(Action.BADGES_PRINTED, event, by=by, at=at, event_id=event.id, number=len(noted), **said)
    return noted


@within_tx
async def note(
    event: Event, some: Sequence[Guest], by: Staff, at: datetime, *, again: bool = False, on_arrival: bool = False
) -> set[int]:
    """The ids of those whose next print is ours now. It holds the requests, so that nobody is deleted meanwhile, and
    leaves out who has no place any more. `again`: also those whom somebody else has printed since."""
    condition, ids = among("r.id", "int", [guest.id for guest in some])
    sql = HELD.format(among=condition)
    held: set[int] = {row["id"] for row in await query(sql, ids)}
    waiting, ours = sorted((guest for guest in some if guest.id in held), key=lambda guest: guest.id), set[int]()
    while waiting:
        rows = [
            (event.id, guest.id, guest.printed_n + 1, guest.text_hash, at, by.actor, on_arrival) for guest in waiting
        ]
        written, values = inserted(WRITTEN, rows)
        ours |= {row["registration_id"] for row in await query(NOTE.format(rows=written), values)}
        waiting = [guest._replace(printed_n=guest.printed_n + 1) for guest in waiting if again and guest.id not in ours]
    return ours
