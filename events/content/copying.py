"""An event is copied for the next time: what organisers wrote and set, and nobody who asked, came or worked for it.

What is not copied is said in LEFT. The copy is a draft with a data key of its own, and its lead is whoever made it.
"""

from collections.abc import Awaitable, Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from tortoise.exceptions import IntegrityError
from tortoise.models import Model

from events import moving_day
from events.accounts.staff import Role, RoleName, Staff
from events.audit import audit
from events.audit.action import Action
from events.event import DESTROYED, PUBLIC, Event, held_event, new_event
from events.ground import clock, live, tokens
from events.ground.database import after_commit, run_tx, within_tx
from events.ground.refusal import Refused
from events.known_organisation import KnownOrganisation
from events.processor import Processor, Service
from events.programme.programme import Programme, ProgrammeItem, Slot, Words, programme_of, sealed

from .logo import HostLogo

COPIED = (
    "hosts", "facts", "public_text", "colour", "capacity", "allowance", "automatic_offers", "domain_cap",
    "by_invitation", "two_approvals", "stewards_look_up", "contact_email", "contact_phone", "changes_until",
    "emails_off", "rehearsal",
)  # fmt: skip
LEFT = (
    "the venue, and what is known of access there",
    "the telephone number of the lead on the day, what to bring, and who is there to talk to",
    "the reference of the signed data protection impact assessment: ask again whether it holds",
    "everybody who asked or came, tickets, phones, emails, paper and the audit log",
    "staff: you are its lead, and invite the others",
)  # in words for whoever copies
SLUG_TAKEN = "There is an event with this short name. Choose another"
NO_KEY = (
    "The data key of the new event could not be written. Ask whoever runs the server to look at its folder of keys."
)


class ProgrammeCopied(StrEnum):
    """How much of the programme the copy has. Rooms are of the building, and are never copied."""

    NOTHING = "nothing"
    TITLES = "titles"
    TEXTS = "texts"  # content notes too: they may name speakers


@dataclass(frozen=True)
class Wanted:
    title: str
    slug: str
    day: date
    programme: ProgrammeCopied


@dataclass
class Copied:
    """What is made of what: the events, and the parts of the programme by their ids."""

    source: Event
    event: Event
    at: datetime
    slots: dict[int, int] = field(default_factory=dict)
    items: dict[int, int] = field(default_factory=dict)

    @property
    def days(self) -> int:
        return (self.event.day - self.source.day).days


COPIERS: list[Callable[[Copied], Awaitable[None]]] = []  # what else is copied, in the same transaction
KEPT_OF_A_PROCESSOR = ("service", "name", "does", "receives", "region", "kept", "contract", "smtp_host", "log_kept")
KEPT_OF_AN_ORGANISATION = ("domain", "suffix", "kind", "treatment", "area")
KEPT_OF_A_LOGO = ("host", "alt", "picture", "mark", "width", "height", "added_at")


async def copy_event(source: Event, wanted: Wanted, *, by: Staff, at: datetime) -> Event:
    """Raises Refused where the short name is taken, also by somebody at the same moment, or the day cannot be."""
    if await Event.filter(slug=wanted.slug).exists():
        raise Refused(f"{SLUG_TAKEN}.")
    try:
        return await _copied(source, wanted, by, at)
    except IntegrityError:  # somebody else's, since we looked
        if await Event.filter(slug=wanted.slug).exists():
            raise Refused(f"{SLUG_TAKEN}.") from None
        raise


@run_tx
async def _copied(source: Event, wanted: Wanted, by: Staff, at: datetime) -> Event:
    source = await held_event(source.id)  # as it stands: nobody changes it meanwhile
    event = _made_of(source, wanted, at)
    if wrong := moving_day.wrong_day(event, event.day, at):
        raise Refused(f"{wrong}. Nothing was copied.")
    await event.save()
    copied = Copied(source, event, at)
    await _copy_lists(copied)
    await _copy_logos(copied)
    if wanted.programme is not ProgrammeCopied.NOTHING:
        await _copy_programme(copied, wanted.programme)
    for copier in COPIERS:
        await copier(copied)
    await Role.create(staff=by, event=event, name=RoleName.LEAD)
    await audit.record(Action.EVENT_COPIED, event, by=by, at=at, event_id=source.id, to=event.id)
    await audit.record(Action.EVENT_COPIED, event, by=by, at=at, event_id=event.id, of=source.id)
    await audit.record(Action.ROLE_GIVEN, by, by=by, at=at, event_id=event.id, role=RoleName.LEAD.value)
    after_commit(live.publish, PUBLIC)
    return event


def _made_of(source: Event, wanted: Wanted, at: datetime) -> Event:
    """Its data key is written before the transaction ends: where that fails, the key is there for the next try."""
    try:
        event = new_event(wanted.slug, wanted.title, wanted.day, at)
    except OSError:
        raise Refused(NO_KEY) from None
    hours = moving_day.hours_on(source, wanted.day)
    return event.update_from_dict({name: copy(getattr(source, name)) for name in COPIED} | hours)


@within_tx
async def _copy_lists(copied: Copied) -> None:
    """Who receives personal data, but for the building; and what is known of organisations."""
    for processor in await Processor.filter(event_id=copied.source.id).exclude(service=Service.VENUE).order_by("id"):
        await Processor.create(event_id=copied.event.id, **_kept(processor, KEPT_OF_A_PROCESSOR))
    known = await KnownOrganisation.filter(event_id=copied.source.id).order_by("id")
    rows = [_kept(organisation, KEPT_OF_AN_ORGANISATION) for organisation in known]
    await KnownOrganisation.bulk_create([KnownOrganisation(event_id=copied.event.id, **row) for row in rows])


def _kept(row: Model, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


@within_tx
async def _copy_logos(copied: Copied) -> None:
    for logo in await HostLogo.filter(event_id=copied.source.id).order_by("id"):
        await HostLogo.create(event_id=copied.event.id, **_kept(logo, KEPT_OF_A_LOGO))


@within_tx
async def _copy_programme(copied: Copied, how: ProgrammeCopied) -> None:
    """A part that cannot be read is left out. Nobody sees the copy until organisers say who does."""
    if not copied.source.data_key:
        raise Refused(DESTROYED)
    whole = await programme_of(copied.source)
    for line in whole.lines:
        slot = await Slot.create(event_id=copied.event.id, starts=line.starts, ends=line.ends) if line.slot else None
        if line.slot and slot:
            copied.slots[line.slot.id] = slot.id
        for entry in line.entries:
            if entry.item.words is None:
                continue
            texts = {"text": entry.words.text, "content_note": entry.words.content_note}
            words = Words(entry.words.title, **(texts if how is ProgrammeCopied.TEXTS else {}))
            copied.items[entry.id] = await _copy_item(copied.event, entry.item, words, slot)
    await Programme.create(event_id=copied.event.id)


async def _copy_item(event: Event, item: ProgrammeItem, words: Words, slot: Slot | None) -> int:
    public_id = tokens.new_public_id()
    made = await ProgrammeItem.create(
        event_id=event.id, slot_id=slot.id if slot else None, public_id=public_id,
        words_sealed=sealed(words, event, public_id), starts=item.starts, ends=item.ends, capacity=item.capacity,
    )  # fmt: skip
    return made.id


def moved(copied: Copied, moment: datetime | None) -> datetime | None:
    """The same time by a clock at the venue on the copy's day."""
    return clock.days_later(moment, copied.days) if moment else None
