"""An event with something of every class of data, and when each of it has to go, as people would say it.

The days here are written by hand: they know nothing of the list by which the product deletes.
"""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from tortoise.models import Model

from events.accounts import sign_in
from events.accounts.staff import Session, Staff
from events.audit import audit_seal
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import query, run_tx
from events.ground.limits import Attempt
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from registrations.asking import drafting
from registrations.asking.draft import Draft
from registrations.badges.badge_print import BadgePrint
from registrations.badges.papers import PaperName
from registrations.badges.printing import Wanted, Which, print_badges
from registrations.checkin.checkin import settle
from registrations.checkin.conflict import Conflict, ConflictKind
from registrations.checkin.scan import Admission, Scan
from registrations.deciding import vetting
from registrations.desk.listing import saving
from registrations.desk.listing.saved_filter import Listed, SavedFilter
from registrations.people import erased, former_address, link_answers, objection
from registrations.people.address_change import AddressChange
from registrations.people.colleague import Colleague
from registrations.people.erased import ErasedAddress
from registrations.people.former_address import FormerAddress, Move
from registrations.people.hand_over import HandOver
from registrations.people.invitation import Invitation
from registrations.people.link_answers import LinkAnswers
from registrations.people.objection import Objection
from registrations.people.registration import Registration
from registrations.phones.door import DoorPass
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.cases.incident import Incident
from registrations.privacy.rights.rights_request import RightsRequest
from registrations.telling import announcing
from registrations.telling.announcement import Announcement, Audience
from registrations.telling.mailing import VENUE_RELEASED, Mailing
from registrations.tickets.ticket import Ticket
from registrations.workshops.choice import WorkshopChoice
from registrations.workshops.lot import Lot
from registrations.workshops.place import WorkshopPlace
from tests.at_the_door import a_phone_at, a_ticket, scan_of
from tests.people import MONDAY, THE_DAY, a_door, confirmed, recorded, requested, someone
from tests.professional import with_ticket
from tests.registrations.asking.invitations import an_invitation
from tests.registrations.booking.addressing import asks
from tests.registrations.booking.colleagues.naming_them import a_guest_names
from tests.registrations.booking.handing.handing import asks as hands_over
from tests.registrations.booking.telling_needs import tells_everything
from tests.registrations.privacy.cases.complaining import a_complaint
from tests.registrations.privacy.cases.incidents import an_incident
from tests.registrations.privacy.retention.afterwards import AFTERWARDS, traces_afterwards
from tests.registrations.privacy.retention.beside_phones import BESIDE, traces_beside_phones
from tests.registrations.privacy.retention.many_at_once import OF_MANY, traces_of_many
from tests.registrations.privacy.retention.taken_away import TAKEN_AWAY, traces_taken_away
from tests.registrations.privacy.rights.asking import a_rights_request
from tests.registrations.workshops.guests import a_guest, takes_part
from tests.tables import models

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
put = run_tx(outbox.put)


def midnight(year: int, month: int, day: int) -> datetime:
    """The first minute of a day at the venue."""
    return clock.at_venue(date(year, month, day), 0, 0)


SEVEN_DAYS_AFTER = midnight(2019, 4, 22)
THIRTY_DAYS_AFTER, NINETY_DAYS_AFTER = midnight(2019, 5, 15), midnight(2019, 7, 14)
GOES = {
    "sessions": MONDAY + HOUR / 2,
    "drafts": MONDAY + 20 * HOUR,
    "tries": MONDAY + 24 * HOUR,
    "unconfirmed": MONDAY + 72 * HOUR,
    "links": MONDAY + 72 * HOUR,
    "new_addresses": MONDAY + 72 * HOUR,
    "colleagues": MONDAY + 72 * HOUR,
    "colleagues_of_nobody": MONDAY,
    "hand_overs": MONDAY + 72 * HOUR,
    "empty_requests": MONDAY + 30 * DAY,
    "erased": MONDAY + 30 * DAY,
    **dict.fromkeys(("export_files", "imports"), MONDAY + HOUR),
    **dict.fromkeys(("needs", "workshop_choices", "workshop_places", "badges", "lots"), SEVEN_DAYS_AFTER),
    "for_the_day": MONDAY + HOUR,
    "not_offered": THIRTY_DAYS_AFTER,
    "objections": THIRTY_DAYS_AFTER,
    "emails": THIRTY_DAYS_AFTER,
    **dict.fromkeys(("mailings", "announcements", "filters", "kind_words", *OF_MANY), THIRTY_DAYS_AFTER),
    "invitations": THIRTY_DAYS_AFTER,
    "names": NINETY_DAYS_AFTER,
    **dict.fromkeys(("exports", "lessons"), NINETY_DAYS_AFTER),
    "former_addresses": NINETY_DAYS_AFTER,
    "data_key": NINETY_DAYS_AFTER,
    "admissions": NINETY_DAYS_AFTER,
    "conflicts": NINETY_DAYS_AFTER,
    "scans": NINETY_DAYS_AFTER,
    **dict.fromkeys(BESIDE, NINETY_DAYS_AFTER),
    "tickets": NINETY_DAYS_AFTER,
    "phones": NINETY_DAYS_AFTER,
    **AFTERWARDS,
    "complaints": MONDAY + 365 * DAY,
    "incidents": MONDAY + 365 * DAY,
    "rights_requests": MONDAY + 365 * DAY,
    "audit": midnight(2020, 4, 8),
}
Gone = Callable[[], Awaitable[bool]]


class World(NamedTuple):
    """Of each class, by its code, how one sees that it is gone; and texts and bytes that have to go with it."""

    event: Event
    gone: dict[str, Gone]
    traces: dict[str, bytes]


def _row(model: type[Model], **of: object) -> Gone:
    """No such row is left."""

    async def gone() -> bool:
        return not await model.filter(**of).exists()

    return gone


async def something_of_every_class(event: Event, lena: Staff, real: datetime) -> World:
    """On Monday of the week before the event, and on its day."""
    entry = await recorded(Action.SEARCHED, lena, by=lena, at=MONDAY, event_id=event.id)
    gone, traces = await _people(event, lena)
    parts = [await _cases(event, lena), await _at_the_door(event), await _told(event, lena, real)]
    parts.append(await traces_afterwards(event))
    parts.append(await _staff(event, lena, real))  # the last, as it forgets what the others have tried
    for more in parts:
        gone |= more[0]
        traces |= more[1]
    gone["data_key"] = _row(Event, id=event.id, data_key__not="")
    traces["data_key"] = bytes(event.venue_sealed or b"")
    gone["audit"], traces["audit"] = _row(AuditEntry, id=entry.id), entry.mark.encode()
    await Message.filter(state=MessageState.QUEUED).update(state=MessageState.SENT, done_at=MONDAY)
    await audit_seal.seal_all()
    return World(event, gone, traces)


Part = tuple[dict[str, Gone], dict[str, bytes]]


async def _people(event: Event, lena: Staff) -> Part:
    asked, again = await requested(someone(), event), await requested(someone(), event)
    older = await LinkAnswers.get(registration_id=again.id)
    answers = link_answers.sealed(older.answers, event, "newer")
    later = MONDAY + 2 * DAY
    await LinkAnswers.create(registration=again, public_id="newer", answers_sealed=answers, asked_at=later)
    await Registration.filter(id=again.id).update(requested_at=later)
    declined = await confirmed(someone(), event)
    await vetting.not_offer(declined, lena, MONDAY)
    for_the_day, needs = await _for_the_day(event, lena)
    emptied = {"unconfirmed": asked, "not_offered": declined}
    gone = {code: _row(Registration, id=row.id, person_sealed__isnull=False) for code, row in emptied.items()}
    gone["links"] = _row(LinkAnswers, id=older.id, answers_sealed__isnull=False)
    gone["empty_requests"] = _row(Registration, id=asked.id)
    gone["needs"] = _row(Registration, id=needs.id, needs_sealed__isnull=False)
    gone["for_the_day"] = _row(Registration, id=for_the_day.id, choices_sealed__isnull=False)
    traces = {code: bytes(row.person_sealed or b"") for code, row in emptied.items()}
    traces |= {"needs": bytes(needs.needs_sealed or b""), "for_the_day": bytes(for_the_day.choices_sealed or b"")}
    change = await asks((await with_ticket(someone(), event))[0])
    before = Move("before@guests.example.org", declined.email)
    await run_tx(former_address.keep)(declined, before, lena.actor, MONDAY - DAY)  # nothing came from before that
    gone["former_addresses"] = _row(FormerAddress)
    traces["former_addresses"] = bytes((await FormerAddress.get()).move_sealed)
    gone["new_addresses"] = _row(AddressChange, id=change.id, address_sealed__isnull=False)
    named, of_nobody = [await a_guest_names(someone(), event) for _ in range(2)]
    await vetting.withdraw(await Registration.get(id=of_nobody.registration_id), lena, MONDAY)
    for code, row in {"colleagues": named, "colleagues_of_nobody": of_nobody}.items():
        gone[code] = _row(Colleague, id=row.id, address_sealed__isnull=False)
        traces[code] = bytes(row.address_sealed or b"")
    hand_over = await hands_over((await with_ticket(someone(), event))[0])
    gone["hand_overs"] = _row(HandOver, id=hand_over.id, address_sealed__isnull=False)
    return gone, traces | {
        "hand_overs": bytes(hand_over.address_sealed or b""),
        "new_addresses": bytes(change.address_sealed or b""),
        "links": bytes(older.answers_sealed or b""),
        "empty_requests": asked.public_id.encode(),
    }


async def _for_the_day(event: Event, lena: Staff) -> tuple[Registration, Registration]:
    """Somebody whose place has ended, and somebody who has theirs."""
    ended, stays = [await tells_everything((await with_ticket(someone(), event))[0]) for _ in range(2)]
    await vetting.withdraw(ended, lena, MONDAY)
    await vetting.not_offer(await Registration.get(id=ended.id), lena, MONDAY)
    return ended, stays


async def _staff(event: Event, lena: Staff, real: datetime) -> Part:
    await drafting.keep(event, None, "", {"full_name": "Dora Draft"}, real)
    await Attempt.all().delete()  # of what was done before
    await Attempt.create(subject="trace-of-tries", slot=1, tries=1, ends_at=real + 24 * HOUR)
    await sign_in.begin_full_session(lena, real)
    session, draft = await Session.get(), await Draft.get()
    await put("received", 77, cause="trace-of-emails", at=MONDAY, event_id=event.id)
    gone = {"drafts": _row(Draft, id=draft.id), "tries": _row(Attempt), "sessions": _row(Session)}
    gone["emails"] = _row(Message, cause="trace-of-emails")
    traces = {code: f"trace-of-{code}".encode() for code in ("tries", "emails")}
    return gone, traces | {"drafts": draft.answers_sealed, "sessions": session.token_hash.encode()}


async def _told(event: Event, lena: Staff, real: datetime) -> Part:
    """To many, and the last that somebody is told."""
    chosen = VENUE_RELEASED.recipients.as_json()
    await Mailing.create(event=event, template=VENUE_RELEASED.template, cause="trace-of-mailings", chosen=chosen,
                         begun_at=MONDAY, waits_until=real, is_filled=True)  # fmt: skip
    words = announcing.Written("Doors", "They open at nine.", Audience.GUESTS, "", ())
    said = await announcing.write(event, words, lena, MONDAY)
    await run_tx(erased.note_tags)(event, ["trace-of-erased"], MONDAY)
    await run_tx(objection.note)(event.id, someone().email, MONDAY)
    invitation = await an_invitation(event, lena)
    await takes_part(await a_guest(event), event, lena)
    await print_badges(event, Wanted(Which.ALL), PaperName.CARD, lena, MONDAY)
    await BadgePrint.all().update(printed_by="trace-of-badges")
    await WorkshopPlace.all().update(given_by="trace-of-workshop_places")
    await WorkshopChoice.all().update(chosen_at=MONDAY + timedelta(microseconds=123_457))
    gone = {"mailings": _row(Mailing), "announcements": _row(Announcement), "erased": _row(ErasedAddress)}
    gone |= {"invitations": _row(Invitation), "objections": _row(Objection)}
    gone |= {code: _row(model) for code, model in (TAKEN_AWAY | OF_MANY).items()}
    gone |= {"workshop_choices": _row(WorkshopChoice), "workshop_places": _row(WorkshopPlace), "lots": _row(Lot)}
    await saving.keep(event, Listed.PEOPLE, "trace-of-filters", "", lena, MONDAY, shared=False)
    gone["badges"], gone["filters"] = _row(BadgePrint), _row(SavedFilter)
    traces = {
        code: f"trace-of-{code}".encode() for code in ("mailings", "erased", "workshop_places", "badges", "filters")
    }
    traces |= {"lots": (await Lot.get()).drawn.encode(), "workshop_choices": b".123457"}
    traces |= await traces_taken_away(event, lena, real) | await traces_of_many(event, lena)
    traces["objections"] = (await Objection.get()).address_tag.encode()
    return gone, traces | {"announcements": bytes(said.words_sealed), "invitations": bytes(invitation.terms_sealed)}


async def _cases(event: Event, lena: Staff) -> Part:
    """Each is closed on Monday."""
    cases = {
        "complaints": await a_complaint(event),
        "incidents": await an_incident(event, lena),
        "rights_requests": await a_rights_request(event, lena),
    }
    for case in cases.values():
        await type(case).filter(id=case.id).update(closed_at=MONDAY)
    complaint, incident, request = await Complaint.get(), await Incident.get(), await RightsRequest.get()
    sealed = (complaint.account_sealed, incident.description_sealed, request.email_sealed)
    traces = {code: bytes(text or b"") for code, text in zip(cases, sealed, strict=True)}
    return {code: _row(type(case)) for code, case in cases.items()}, traces


async def _at_the_door(event: Event) -> Part:
    phone = await a_phone_at(await a_door(event), "Main door 1")
    ticket = await a_ticket(someone(), event)
    sent = (await scan_of(ticket))._replace(initials="ZQXJ")
    await settle([sent], phone, THE_DAY)
    await Conflict.create(
        door_id=phone.door_id,
        ticket=ticket,
        kind=ConflictKind.HOURS,
        first_scan="trace-of-conflicts",
        opened_at=THE_DAY,
    )
    person = await Registration.get(id=ticket.registration_id)
    rows: dict[str, type[Model]] = {"admissions": Admission, "conflicts": Conflict, "scans": Scan, "tickets": Ticket}
    rows |= {"phones": DoorPass} | BESIDE
    gone: dict[str, Gone] = {code: _row(model) for code, model in rows.items()}
    gone["names"] = _row(Registration, id=person.id, person_sealed__isnull=False)
    traces = {"names": bytes(person.person_sealed or b""), "admissions": sent.id.encode()}
    traces |= await traces_beside_phones(event, phone, ticket)
    traces |= {"conflicts": b"trace-of-conflicts", "scans": b"ZQXJ", "phones": bytes(phone.named.sealed or b"")}
    return gone, traces | {"tickets": ticket.reference_hash.encode()}


async def every_value() -> bytes:
    """Of all rows of all tables, as they are: bytes as bytes."""
    found = bytearray()
    for table in sorted({model._meta.db_table for model in models()}):
        for row in await query(f"SELECT * FROM {table}"):  # noqa: S608
            for value in row.values():
                found += bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                found += b"\n"
    return bytes(found)
