"""Each thing that needs an old instance key, planted before or after a new one comes, and how it ends."""

import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from events.accounts import password_links, recovery, sign_in
from events.accounts.staff import RecoveryCode, Session, Staff
from events.audit import audit_seal, forgetting
from events.audit.action import Action
from events.audit.audit import Machine
from events.backup import erased_list
from events.backup.erased_list import Entry
from events.event import Event
from events.ground import clock, keys, settings
from events.ground.database import run_tx
from events.mail import outbox
from events.mail.outbox import Message
from events.rotation import needs
from events.rotation.needs import Need
from registrations.feedback.token import FeedbackToken
from registrations.people import objection
from registrations.people.link_answers import LinkAnswers
from registrations.people.objection import Objection
from registrations.people.registration import Registration
from registrations.phones import pairing
from registrations.phones.door import DoorPass, PassRole
from registrations.privacy import key_needs
from registrations.privacy.rights.rights_request import RightsRequest
from tests.conftest import SETTINGS
from tests.people import a_door, a_member_of_staff, confirmed, recorded, requested, someone
from tests.professional import with_ticket
from tests.registrations.feedback.guests import a_link, an_answered_box
from tests.registrations.privacy.rights.asking import a_copy


async def a_value(lead: Staff) -> None:
    """Of a process that seals with the old key still."""
    ring = keys.ring()
    keys.install(keys.Keyring([urlsafe_b64encode(key).decode() for key in ring.keys[1:]]))
    await a_member_of_staff("Omar Organiser", "omar@hosts.example.org", None, None)
    keys.install(ring)


async def a_ticket(lead: Staff) -> None:
    await with_ticket(someone(), await Event.get())


async def nobody_is_named_any_more(lead: Staff) -> None:
    await Event.all().update(data_key="")


async def an_invitation(lead: Staff) -> None:
    await password_links.for_the_terminal(lead, clock.now(), clock.real())


async def codes(lead: Staff) -> None:
    await recovery.make(lead, clock.now())


async def a_sign_in(lead: Staff) -> None:
    await sign_in.begin_full_session(lead, clock.real())


async def an_email(lead: Staff) -> None:
    await outbox.put("staff_alert", lead.id, cause="in a test", at=clock.now())
    await Message.all().update(state="sent", done_at=clock.now())


async def an_entry(lead: Staff) -> None:
    await recorded(Action.SIGNED_IN, lead, by=lead, at=clock.now())


async def a_booking(lead: Staff) -> None:
    await confirmed(someone(), await Event.get(), clock.now())


async def a_question(lead: Staff) -> None:
    await requested(someone(), await Event.get(), clock.now())


async def a_phone(lead: Staff) -> None:
    door = await a_door(await Event.get())
    await pairing.make_pass(door, "Main door 1", PassRole.DOOR_LEAD, lead, clock.now(), clock.real())


async def a_link_to_a_copy(lead: Staff) -> None:
    await a_copy(await Event.get(), lead)


async def an_erasure(lead: Staff) -> None:
    erased_list.append(_backups(), Entry(frozenset({"a" * 64}), clock.now(), clock.real()))


async def a_look_at_backups(lead: Staff) -> None:
    erased_list.prune(_backups(), clock.real())


def _backups() -> Path:
    """A folder of this test's."""
    if settings.current().backup_folder is None:
        settings.choose(SETTINGS.model_copy(update={"backup_folder": Path(tempfile.mkdtemp())}))
    return settings.current().backup_folder or Path()


async def a_no(lead: Staff) -> None:
    await run_tx(objection.note)((await Event.get()).id, someone().email, clock.now())


async def a_link_for_feedback(lead: Staff) -> None:
    """Somebody was asked how it was, and has not answered."""
    event = await Event.get()
    await an_answered_box(event, "as somebody else did", clock.now())
    await a_link(event)


class Planted(NamedTuple):
    """What needs the key, whether it is there before the key is replaced, what is said of it, and how it ends."""

    plant: Callable[[Staff], Awaitable[None]]
    said: str
    ends: Callable[[Staff], Awaitable[object]]
    before: bool = True


def gone(model: type[Message | Session | RecoveryCode | DoorPass]) -> Callable[[Staff], Awaitable[object]]:
    return lambda lead: model.all().delete()


PLANTED: dict[Need, Planted] = {
    needs.of_values: Planted(
        a_value, "2 values in the database are made with it: run ./run key rotate.",
        lambda lead: Staff.exclude(id=lead.id).delete(), before=False,
    ),
    needs.of_tickets: Planted(
        a_ticket, "1 event has tickets that come from it, until nobody is named there any more.",
        nobody_is_named_any_more,
    ),
    needs.of_staff_links: Planted(
        an_invitation, "1 link for a password works by it.",
        lambda lead: Staff.all().update(link_expires_at=clock.real()),
    ),
    needs.of_recovery_codes: Planted(
        codes, "1 account has recovery codes of it: their owners make new ones.", codes
    ),
    needs.of_sessions: Planted(
        a_sign_in, "1 sign-in is from before: they end by themselves within twelve hours.", gone(Session)
    ),
    needs.of_emails: Planted(
        an_email, "1 email of the last 7 days may come back, marked with it.",
        lambda lead: Message.all().update(done_at=clock.real() - needs.COMES_BACK),
    ),
    needs.of_the_audit_log: Planted(
        an_entry, "2 entries of the audit log are proved by it, until ", lambda lead: forgetting_all()
    ),
    key_needs.of_bookings: Planted(
        a_booking, "Links to bookings work by it, in emails from before: 1.",
        lambda lead: Registration.all().update(state="cancelled"),
    ),
    key_needs.of_unanswered: Planted(
        a_question, "Links that wait for an answer may work by it: 1.",
        lambda lead: LinkAnswers.all().update(answers_sealed=None),
    ),
    key_needs.of_phones: Planted(
        a_phone, "Phones at doors have passes from before, which are not over: 1.",
        lambda lead: DoorPass.all().update(revoked_at=clock.real()),
    ),
    key_needs.of_copies: Planted(
        a_link_to_a_copy, "Links to copies for people who asked for one work by it: 1.",
        lambda lead: RightsRequest.all().update(copy_opened_at=clock.now()),
    ),
    key_needs.of_erasures: Planted(
        an_erasure, "are proved by it: 1. ./run backup proves them by the new one.", a_look_at_backups
    ),
    key_needs.of_objections: Planted(
        a_no, "Addresses to which we do not write again for a guest are known by it: 1.",
        lambda lead: Objection.all().delete(),
    ),
    key_needs.of_feedback: Planted(
        a_link_for_feedback, "Links that ask for feedback may work by it: 1.", lambda lead: FeedbackToken.all().delete()
    ),
}  # fmt: skip


async def forgetting_all() -> None:
    """A year later, with one more entry by then, since the newest always stays."""
    later = clock.now() + forgetting.KEPT_FOR + timedelta(days=2)
    clock.move_to(later)
    await recorded(Action.SIGNED_OUT, by=None, at=later)
    await audit_seal.seal_all()
    while await forgetting.forget(later, Machine()):
        pass
