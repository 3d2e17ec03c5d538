"""The email that says in which workshops somebody takes part: after a draw, and after each change of it.

It says what is true when it is sent, of all slots, and a room to those alone who may read where the event is. Rules:
EV-01, SG-01.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from events.event import Event
from events.ground import clock
from events.ground.database import query, within_tx
from events.ground.tokens import Purpose
from events.mail import emails
from events.mail.bounces.addressees import reachable
from events.mail.emails import Email, Writer
from events.mail.outbox import Message
from events.programme import changing
from events.programme.programme import Line, ProgrammeItem, guests_programme
from registrations.people.registration import KNOWS_OF_A_PLACE, Registration, State, with_event
from registrations.tickets import gathered, own_changes, request_emails
from registrations.tickets.ticket_email import WORKSHOPS_OF, facts_of, is_past, marked

from . import choice, place
from .choice import Allocation, WorkshopChoice
from .place import WorkshopPlace
from .shown import IN_NONE, NOT_CHOSEN, is_given_out, on_ticket, standing, workshop_in

WORKSHOPS = "workshops"  # the template
SOME_LEFT = "None. There are places left in others: take one on your booking page."
NONE_LEFT = "None. No place is left in any of them. If somebody changes, you can take theirs on your booking page."
NOT_YET = "Not given out yet"
TO_CHOOSE = f"{NOT_CHOSEN}. Choose on your booking page."
WHO_CHOSE = """SELECT c.registration_id FROM workshop_choice c WHERE ? IN (c.first_workshop_id, c.second_workshop_id)
    AND NOT EXISTS (SELECT 1 FROM allocation a WHERE a.slot_id = c.slot_id AND a.allocated_at IS NOT NULL)"""


class Why(StrEnum):
    """What happened, as the first word of the message's cause says it."""

    DRAWN = "drawn"
    CHANGED = "changed"
    MOVED = "moved"
    CANCELLED = "cancelled"
    ALTERED = "altered"
    ALONG = "along"
    DRAWN_ALONG = "drawn-along"


WORDS = {
    Why.DRAWN: "The places in the workshops are given out.",
    Why.CHANGED: "Your workshop was changed on your booking page.",
    Why.MOVED: "The organisers have changed which workshop you are in.",
    Why.CANCELLED: "A workshop that you were in, or had chosen, does not take place.",
    Why.ALTERED: "The title, the time or the room of a workshop that you are in was changed.",
    Why.ALONG: "The workshop of the guest with whom you come along was changed, and yours with it.",
    Why.DRAWN_ALONG: "The places in the workshops are given out. You are where the guest is with whom you come along.",
}


class InSlot(NamedTuple):
    """What the email says of a slot."""

    hours: str
    words: str
    room: str


@within_tx
async def email_own_change(registration: Registration, at: datetime, real: datetime) -> None:
    """To whoever has changed it themselves, or somebody with their link. Their request is held."""
    await gathered.put(WORKSHOPS, registration, Why.CHANGED, at, real)


@within_tx
async def email_all(event_id: int, ids: Collection[int], why: Why, at: datetime, real: datetime) -> None:
    """To all these, by their requests. Where they are not held, two acts at the same moment may each send one."""
    await gathered.put_for_all(WORKSHOPS, event_id, ids, why, at, real)


@within_tx
async def email_after_draw(event_id: int, drawn: Collection[int], slot_id: int, at: datetime, real: datetime) -> None:
    """To all who were in it, and to whoever was not and comes along with one of them."""
    await email_all(event_id, drawn, Why.DRAWN, at, real)
    along = set(await place.who_come_along(sorted(drawn), slot_id)).difference(drawn)
    await email_all(event_id, sorted(along), Why.DRAWN_ALONG, at, real)


@within_tx
async def email_who_had(item: ProgrammeItem, at: datetime, real: datetime) -> None:
    """To whoever is in a workshop that is about to go or, until places are given out, has chosen it."""
    chosen = {int(row["registration_id"]) for row in await query(WHO_CHOSE, [item.id])}
    ids = sorted(chosen.union(await place.who_take_part([item.id])))
    await email_all(item.event_id, ids, Why.CANCELLED, at, real)


@within_tx
async def email_who_take_part(event: Event, ids: list[int], room_alone: bool, at: datetime, real: datetime) -> None:
    """Of another title, time or room of these workshops. Of a room alone once guests may read where the event is."""
    if not room_alone or event.venue_released_at:
        await email_all(event.id, await place.who_take_part(ids), Why.ALTERED, at, real)


@within_tx
async def email_companions(registration: Registration, slot_id: int, at: datetime, real: datetime) -> None:
    """To whoever is in this slot where this guest is, who was moved."""
    ids = await place.who_come_along([registration.id], slot_id)
    await email_all(registration.event_id, ids, Why.ALONG, at, real)


async def workshops_email(message: Message) -> Email | None:
    """None where guests see no programme now, or no workshop is left in it."""
    person = await with_event("id = ?", message.subject_id)
    if person is None or person.state not in KNOWS_OF_A_PLACE or is_past(person.event, clock.now()):
        return None
    may_change = own_changes.are_taken(person.event, clock.now())
    if not (slots := await _slots(person, may_change)):
        return None
    why = [WORDS[Why(part)] for part in gathered.parts_of(message)]
    links = {"manage": person.link(Purpose.MANAGE), "may_change": "yes" if may_change else ""}
    facts = facts_of(person) | {"why": " ".join(why), "slots": slots} | links
    return emails.write(message, to=reachable(person), name=person.full_name, facts=facts)


async def _slots(person: Registration, may_change: bool) -> list[InSlot]:
    event, whole = person.event, await guests_programme(person.event)
    lines = [line for line in whole.slots if line.workshops] if whole else []
    if not lines:
        return []
    chosen, places = await choice.choices_of(person.id), await place.places_for(person)
    allocations, taken = await choice.allocations_of(event.id), await place.taken_at(event.id)
    with_rooms, found = person.state is State.APPROVED and event.venue_released_at, list[InSlot]()
    for line in lines:
        known, mine = allocations.get(line.slot_id), places.get(line.slot_id)
        words = _words(line, known, chosen.get(line.slot_id), mine, taken if may_change else None)
        entry = workshop_in(line, mine)
        room = marked(event, entry.words.room) if entry and with_rooms else ""
        found.append(InSlot(line.hours, marked(event, words) if entry else words, room))
    return found


def _words(
    line: Line,
    allocation: Allocation | None,
    chosen: WorkshopChoice | None,
    mine: WorkshopPlace | None,
    taken: Mapping[int, int] | None,
) -> str:
    """Where they stand in a slot, and what they can do. `taken`: places by workshop; None once they can do nothing."""
    words = standing(line, allocation, chosen, mine)
    if not is_given_out(allocation):
        return TO_CHOOSE if words == NOT_CHOSEN and taken is not None else f"{NOT_YET}. {words}"
    if words == IN_NONE and taken is not None:
        left = any(not entry.capacity or taken.get(entry.id, 0) < entry.capacity for entry in line.workshops)
        return SOME_LEFT if left else NONE_LEFT
    return words


async def on_ticket_email(person: Registration) -> list[tuple[str, str]]:
    """When, and which and where, of each workshop that a guest takes part in."""
    event = person.event
    return [(workshop.hours, marked(event, workshop.words)) for workshop in await on_ticket(event, person)]


WORKSHOPS_OF.append(on_ticket_email)
changing.GOES.append(email_who_had)
changing.CHANGED.append(email_who_take_part)
WRITERS: dict[str, Writer] = {WORKSHOPS: workshops_email}
request_emails.TEMPLATES.update(WRITERS)
gathered.SENT_FIRST.update(WRITERS)
