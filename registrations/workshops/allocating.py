"""Organisers give out the places in the workshops of a slot: by a seed that is noted before anything is computed, and
that anybody can compute it again from.

Rules: EV-01.
"""

import json
import secrets
from datetime import datetime
from typing import Any, NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor, AuditEntry
from events.event import Event, send_whole_lists
from events.ground import live
from events.ground.database import after_commit, find_rows, query, run_tx, within_tx
from events.ground.refusal import Refused
from events.programme import changing
from events.programme.programme import programme_of
from registrations.people.registration import KNOWS_OF_A_PLACE, Registration, held_in_order

from . import choice
from .choice import Allocation, WorkshopChoice
from .choosing import NOT_THERE
from .lot import Lot, Seats, Wish, allot, drawn_for, fingerprint, lots_of
from .place import BY_CHANCE, WorkshopPlace
from .workshop_emails import email_after_draw

SEED_BYTES = 32
WHO_CHOSE = "SELECT registration_id FROM workshop_choice WHERE slot_id = ?"
CHOICES = "SELECT * FROM workshop_choice WHERE slot_id = ? ORDER BY id"
GIVE_OUT = "UPDATE allocation SET allocated_at = ?, seats = ? WHERE id = ? AND allocated_at IS NULL RETURNING id"
NO_WORKSHOPS = "This slot has no workshop, so nothing was given out."


async def allocate(event: Event, slot_id: int, leftover: bool, *, by: Actor, at: datetime, real: datetime) -> bool:
    """Notes a seed, then gives out the places by it. False if somebody else has given them out already."""
    await note_seed(event, slot_id, leftover, by=by, at=at)
    return await give_out(event, slot_id, by=by, at=at, real=real)


@run_tx
async def note_seed(event: Event, slot_id: int, leftover: bool, *, by: Actor, at: datetime) -> None:
    """Closes the choice for good, and notes the seed in the audit log. One that is noted already stays, with what was
    said then of places that are left: nobody draws until they like what comes of it."""
    if not await choice.hold_slot(slot_id, alone=True):
        raise Refused(NOT_THERE)
    whole = await programme_of(event)
    if not (line := whole.slot(slot_id)) or not line.workshops:
        raise Refused(NO_WORKSHOPS)
    known = await choice.allocation_of(slot_id) or await Allocation.create(event_id=event.id, slot_id=slot_id)
    if known.seed:
        return
    seed = secrets.token_hex(SEED_BYTES)
    closed_at = known.closed_at or at
    await Allocation.filter(id=known.id).update(seed=seed, leftover=leftover, closed_at=closed_at)
    noted: dict[str, Any] = {"seed": seed, "leftover": leftover, "slot": slot_id}
    await audit.record(Action.SEED_NOTED, known, by=by, at=at, event_id=event.id, **noted)


@run_tx
async def give_out(event: Event, slot_id: int, *, by: Actor, at: datetime, real: datetime) -> bool:
    """Whoever gives up their place meanwhile comes before it, or loses the workshop again: their request is held.
    Each of them gets one email, also whoever has no place or comes along with one of them.

    False if it was done already.
    """
    ids = [row["registration_id"] for row in await query(WHO_CHOSE, [slot_id])]
    held = await held_in_order(ids)
    await choice.hold_slot(slot_id, alone=True)
    allocation = await choice.allocation_of(slot_id)
    if allocation is None or not allocation.seed:
        raise Refused(NOT_THERE)
    seats = await changing.held_seats(slot_id)
    if not await query(GIVE_OUT, [at, _as_json(seats), allocation.id]):
        return False
    chosen: list[WorkshopChoice] = list(await find_rows(WorkshopChoice, CHOICES, [slot_id]))
    guests = {id_: person for id_, person in held.items() if person.state in KNOWS_OF_A_PLACE}
    wishes = {
        row.registration_id: _wish(row, allocation.seed, guests) for row in chosen if row.registration_id in guests
    }
    got = allot(list(wishes.values()), seats, allocation.leftover)
    await _write(allocation, wishes, got, at)
    await email_after_draw(event.id, list(wishes), slot_id, at, real)
    mark = fingerprint(allocation.seed, seats, allocation.leftover, list(wishes.values()), got)
    given = sum(workshop is not None for workshop in got.values())
    done: dict[str, Any] = {"slot": slot_id, "people": len(got), "places": given, "fingerprint": mark}
    await audit.record(Action.WORKSHOPS_ALLOCATED, allocation, by=by, at=at, event_id=event.id, **done)
    await send_whole_lists(event.id)  # phones at rooms have to know it of everybody
    after_commit(live.publish, f"event:{event.id}")
    return True


def _wish(row: WorkshopChoice, seed: str, guests: dict[int, Registration]) -> Wish:
    drawn = drawn_for(seed, guests[row.registration_id].public_id)
    return Wish(drawn, row.first_workshop_id, row.second_workshop_id)


@within_tx
async def _write(allocation: Allocation, wishes: dict[int, Wish], got: dict[str, int | None], at: datetime) -> None:
    of: dict[str, Any] = {"event_id": allocation.event_id}
    lots, places = list[Lot](), list[WorkshopPlace]()
    for id_, wish in wishes.items():
        given = got[wish.drawn]
        wanted: dict[str, Any] = {"drawn": wish.drawn, "wanted_first": wish.first, "wanted_second": wish.second}
        lots.append(Lot(allocation_id=allocation.id, registration_id=id_, got=given, **of, **wanted))
        if given is not None:
            place: dict[str, Any] = {"registration_id": id_, "slot_id": allocation.slot_id, "workshop_id": given}
            places.append(WorkshopPlace(given_by=BY_CHANCE, given_at=at, **of, **place))
    await Lot.bulk_create(lots)
    await WorkshopPlace.bulk_create(places)


def _as_json(seats: Seats) -> str:
    return json.dumps(sorted(seats.items()))


class Checked(NamedTuple):
    """A draw that was computed again."""

    people: int
    without_a_place: int  # of these
    gone: int  # of these no longer have a place at the event, so that their lot stays as it was noted
    seed_noted: bool  # before it, in the audit log, with this seed
    lots_right: bool  # of all who are still there, from the seed
    same: bool  # everybody gets what they got then
    as_recorded: bool  # all of it is what the audit log says of the draw

    @property
    def all_right(self) -> bool:
        return self.seed_noted and self.lots_right and self.same and self.as_recorded


async def check(allocation: Allocation) -> Checked:
    """Computes the draw again, from the seed and from what people chose then."""
    lots, seed = await lots_of(allocation), allocation.seed
    wishes = [Wish(lot.drawn, lot.wanted_first, lot.wanted_second) for lot in lots]
    seats = dict(allocation.seats)
    got = {lot.drawn: lot.got for lot in lots}
    ids = [lot.registration_id for lot in lots if lot.registration_id is not None]
    public = {row.id: row.public_id for row in await Registration.filter(id__in=ids)}
    theirs = [(lot.drawn, public[lot.registration_id]) for lot in lots if lot.registration_id in public]
    noted = await AuditEntry.filter(action=Action.SEED_NOTED, subject=f"allocation:{allocation.id}")
    done = await AuditEntry.filter(action=Action.WORKSHOPS_ALLOCATED, subject=f"allocation:{allocation.id}")
    mark = fingerprint(seed, seats, allocation.leftover, wishes, got)
    return Checked(
        people=len(lots),
        without_a_place=sum(lot.got is None for lot in lots),
        gone=len(lots) - len(theirs),
        seed_noted=[entry.details["seed"] for entry in noted] == [seed]
        and all(noted[0].id < entry.id for entry in done),
        lots_right=all(drawn == drawn_for(seed, public_id) for drawn, public_id in theirs),
        same=allot(wishes, seats, allocation.leftover) == got,
        as_recorded=[entry.details["fingerprint"] for entry in done] == [mark],
    )
