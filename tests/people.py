"""The cast, and makers for what a test does not talk about. Every name is invented."""

import itertools
import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pyotp
import pytest
from tortoise.models import Model

from events.accounts import passwords
from events.accounts.staff import TOTP, Holder, Role, RoleName, Staff, account_of
from events.accounts.staff import sealed_columns as staff_columns
from events.audit import audit
from events.audit.audit import AuditEntry
from events.event import Event, EventState, new_event, sealed
from events.ground import clock, keys, tokens, wording
from events.ground.database import run_tx
from events.mail.outbox import Message
from events.processor import Processor, Service
from events.processor_register import Facts
from registrations.people import link_answers
from registrations.people import person as sealed_person
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import LIVE, OrganisationKind, Registration, State
from registrations.phones.door import DOOR, PHONE, Door, DoorPass, PassRole, name_columns

MONDAY = clock.at_venue(date(2019, 4, 8), 9, 0)
THE_DAY = clock.at_venue(date(2019, 4, 15), 9, 0)
VENUE_CANARY = "VENUE-CANARY-7781"
_numbers = itertools.count(1)
recorded = run_tx(audit.record)  # an act that is nothing but its entry


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    organisation: str
    kind: str
    role: str
    badge_name: str = ""
    phone: str = ""


def someone() -> Person:
    """Somebody else each time."""
    n = next(_numbers)
    return Person(f"Guest Number {n}", f"guest{n}@guests.example.org", f"Organisation {n}", "charity", "Advocate")


async def an_event(*, slug: str = "", capacity: int = 120, state: EventState = EventState.OPEN) -> Event:
    """Open, with a place for all, a venue that is a canary, and hours on the day."""
    event = new_event(slug or f"launch-{next(_numbers)}", "Conference for professionals", date(2019, 4, 15), MONDAY)
    event.hosts = [
        {"name": "Safer Places", "email": "places@hosts.example.org", "phone": "01632 960001",
         "data_protection": "officer-places@hosts.example.org"},
        {"name": "Three Rivers District Council", "email": "rivers@hosts.example.org", "phone": "01632 960002",
         "data_protection": "officer-rivers@hosts.example.org"},
    ]  # fmt: skip
    event.facts = {"privacy": {name: f"{what}, as the hosts say" for name, what in wording.PRIVACY.items()}}
    event.capacity, event.state = capacity, state
    event.starts_at, event.ends_at = clock.at_venue(event.day, 9, 30), clock.at_venue(event.day, 16, 0)
    event.doors_open_at = clock.at_venue(event.day, 9, 0)
    event.venue_sealed = sealed(event, "venue", f"{VENUE_CANARY} House, 1 Example Street")
    event.dpia_reference, event.contact_email = "DPIA-1", "organisers@example.org"
    event.contact_phone, event.lead_phone = "01632 960003", "07700 900003"
    event.wellbeing = "A quiet room is open all day. Talk to Wanda Whitfield of the hosts. You may leave at any time."
    await event.save()
    await Processor.bulk_create([Processor(event=event, **facts._asdict()) for facts in PROCESSORS])
    return event


PROCESSORS = (
    Facts(
        Service.HOSTING, "Sample Hosting", "Runs the server", "All that people tell us", "United Kingdom",
        "30 days after the event", "SH-1",
    ),
    Facts(
        Service.EMAIL, "Sample Relay", "Hands our emails over", "Names and addresses", "United Kingdom",
        "Until they are handed over", "SR-1", "127.0.0.1", "14 days",
    ),
)  # fmt: skip


async def a_member_of_staff(
    name: str, email: str, event: Event | None, role: RoleName | None, host: str = "Safer Places"
) -> Staff:
    staff = await Staff.create(**staff_columns(tokens.new_public_id(), Holder(email, name, host)), created_at=MONDAY)
    if event is not None and role is not None:
        await Role.create(staff=staff, event=event, name=role)
    return staff


async def the_account_of(email: str) -> Staff:
    return await account_of(email) or pytest.fail("there is no such account")


PASSWORD = "kettle fish window"


async def joined(staff: Staff) -> Staff:
    """Has accepted the invitation: the password is PASSWORD, and codes come from `code_of`."""
    staff.password_hash, staff.joined_at = await passwords.hashed(PASSWORD), MONDAY
    staff.totp_sealed, staff.totp_set_at = keys.seal(TOTP, pyotp.random_base32(), staff.public_id), clock.real()
    await staff.save()
    return staff


def code_of(staff: Staff, real: datetime) -> str:
    """What the authenticator app shows at this moment of the machine."""
    return pyotp.TOTP(staff.totp_secret).at(real)


async def requested(person: Person, event: Event, at: datetime = MONDAY) -> Registration:
    """Asked, and has not confirmed yet."""
    return await _in_state(person, event, State.REQUESTED, at)


async def confirmed(person: Person, event: Event, at: datetime = MONDAY) -> Registration:
    """Has confirmed the address and waits for a decision."""
    return await _in_state(person, event, State.CONFIRMED, at)


async def _in_state(person: Person, event: Event, state: State, at: datetime) -> Registration:
    asked = await Registration.create(
        event=event,
        **sealed_columns(event, as_told(person)),
        kind=OrganisationKind(person.kind),
        state=state,
        requested_at=at,
        confirmed_at=at if state is not State.REQUESTED else None,
    )
    answers = {name: str(getattr(asked, name)) for name in link_answers.DETAILS}
    sealed = link_answers.sealed(answers, event, asked.public_id) if state is State.REQUESTED else None
    await LinkAnswers.create(registration=asked, public_id=asked.public_id, answers_sealed=sealed, asked_at=at)
    return asked


def as_told(person: Person) -> sealed_person.Person:
    """What they have told us."""
    return sealed_person.Person(
        person.name, person.badge_name, person.email.lower(), person.organisation, person.role, person.phone
    )


def sealed_columns(event: Event, person: sealed_person.Person) -> dict[str, Any]:
    """What the row of a registration holds of them."""
    public_id = tokens.new_public_id()
    return {
        "public_id": public_id,
        "address_tag": sealed_person.address_tag(event, person.email),
        "person_sealed": sealed_person.seal(person, event, public_id),
    }


async def request_of(address: str) -> Registration:
    """The live one with this address, or the only one."""
    found = [row for row in await Registration.all() if row.email == address]
    [row] = [row for row in found if row.state in LIVE] or found
    return row


async def tell_anew(asked: Registration, **texts: str) -> None:
    """Some of what they have told us is another now."""
    sealed = asked.sealed(replace(asked.person, **texts))
    await Registration.filter(id=asked.id).update(person_sealed=sealed)


async def link_of(asked: Registration) -> LinkAnswers:
    """The newest link that asks them, with its request."""
    links = LinkAnswers.filter(registration_id=asked.id).order_by("-id").select_related("registration")
    return await links.first() or pytest.fail("they have no link")


async def a_door(event: Event, name: str = "Main door") -> Door:
    """An entrance."""
    return await Door.create(event=event, **name_columns(DOOR, event, name), created_at=MONDAY)


async def a_room(event: Event, name: str = "Workshop A") -> Door:
    door = await a_door(event, name)
    door.presence = door.id
    await door.save(update_fields=["presence"])
    return door


async def a_phone(door: Door, name: str = "Main door 1", role: PassRole = PassRole.STEWARD) -> DoorPass:
    """Paired already. Its cookie is not known; tests of pages pair a phone through the page."""
    real = clock.real()
    columns = name_columns(PHONE, await Event.get(id=door.event_id), name)
    return await DoorPass.create(
        event_id=door.event_id, door=door, **columns, role=role, code_expires_at=real, made_at=MONDAY, paired_at=real,
        expires_at=real + timedelta(hours=12), token_hash=secrets.token_hex(32),
    )  # fmt: skip


async def queued() -> list[tuple[str, int]]:
    """Emails that wait to be sent: (template, id of what it is about), oldest first."""
    return [(message.template, message.subject_id) for message in await Message.filter(state="queued").order_by("id")]


async def audit_of(row: Model) -> list[tuple[str, str, datetime]]:
    """What was recorded of this row: (action, actor, when), oldest first."""
    about = f"{row._meta.db_table}:{row.pk}"
    return [(entry.action, entry.actor, entry.at) for entry in await AuditEntry.filter(subject=about).order_by("id")]
