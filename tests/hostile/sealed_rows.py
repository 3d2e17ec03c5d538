"""Every sealed column that there is and what its row says, and two rows of each table with something in all of them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from events.accounts import staff as accounts
from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import query, run_tx
from events.mail import last_email
from registrations.asking import drafting
from registrations.importing import kind_words
from registrations.importing.people_import import ListAnswers, PeopleImport, sealed_rest
from registrations.people import choices, erased, former_address, needs
from registrations.people import person as people
from registrations.people.former_address import Move
from registrations.privacy.cases import complaints
from registrations.privacy.cases.complaint import Outcome
from registrations.privacy.rights import rights_requests
from registrations.privacy.rights.rights_request import Outcome as RightsOutcome
from registrations.privacy.rights.rights_request import Right
from registrations.privacy.rights.rights_requests import Asked
from registrations.reporting import learning
from registrations.roll_call import list_keys
from registrations.telling import announcing
from registrations.telling.announcement import Audience
from registrations.telling.announcing import Written
from registrations.tickets import ticket as tickets
from tests.at_the_door import a_phone_at
from tests.callers_world import World
from tests.events.accounts.passkeys.authenticator import a_passkey_of
from tests.events.programme.programmes import a_programme
from tests.people import MONDAY, a_door, a_phone, requested, someone
from tests.professional import with_ticket
from tests.registrations.asking.invitations import an_invitation
from tests.registrations.booking.addressing import asks
from tests.registrations.booking.colleagues.naming_them import names
from tests.registrations.booking.handing.handing import asks as hands_over
from tests.registrations.booking.telling_needs import tells_everything
from tests.registrations.certificates.giving import is_given
from tests.registrations.exports.taking import a_file
from tests.registrations.feedback.guests import an_answered_box
from tests.registrations.importing.lists import a_list
from tests.registrations.privacy.cases.complaining import a_complaint
from tests.registrations.privacy.cases.incidents import ELSE_HAPPENED, HAPPENED, an_incident, decided


class Column(NamedTuple):
    """Of a table: what its row says once it is opened, and what it says where it does not open."""

    says: Callable[[Any], object]
    instead: object


COLUMNS: dict[str, Column] = {
    "event.venue_sealed": Column(lambda event: event.venue, ""),
    "event.lead_phone_sealed": Column(lambda event: event.lead_phone, ""),
    "event.wellbeing_sealed": Column(lambda event: event.wellbeing, ""),
    "event.bring_sealed": Column(lambda event: event.bring, ""),
    "programme_item.words_sealed": Column(lambda item: item.words, None),
    "staff.holder_sealed": Column(lambda member: member.holder, accounts.UNREADABLE),
    "staff.totp_sealed": Column(lambda member: member.totp_secret, ""),
    "passkey.device_sealed": Column(lambda passkey: passkey.device, None),
    "door.name_sealed": Column(lambda door: door.named.opened, None),
    "door_pass.name_sealed": Column(lambda door_pass: door_pass.named.opened, None),
    "roll_key.key_sealed": Column(lambda row: row.opened, None),
    "registration.person_sealed": Column(lambda row: row.person, people.UNREADABLE),
    "registration.needs_sealed": Column(lambda row: row.needs, needs.UNREADABLE),
    "registration.choices_sealed": Column(lambda row: row.choices, choices.UNREADABLE),
    "link_answers.answers_sealed": Column(lambda link: link.answers, {}),
    "address_change.address_sealed": Column(lambda change: change.address, ""),
    "colleague.address_sealed": Column(lambda colleague: colleague.address, ""),
    "former_address.move_sealed": Column(lambda row: row.move, None),
    "hand_over.address_sealed": Column(lambda hand_over: hand_over.address, ""),
    "draft.answers_sealed": Column(lambda draft: drafting.open_draft(draft), None),
    "ticket.reference_sealed": Column(lambda ticket: ticket.reference, tickets.UNREADABLE),
    "certificate_terms.words_sealed": Column(lambda terms: terms.words, None),
    "certificate_terms.check_key_sealed": Column(lambda terms: terms.check_key, None),
    "certificate.held_sealed": Column(lambda certificate: certificate.held, None),
    "people_import.list_sealed": Column(lambda row: row.opened, None),
    "people_import.unusable_sealed": Column(lambda row: row.unusable, None),
    "people_import.answers_sealed": Column(lambda row: row.answers, ListAnswers()),
    "kind_words.words_sealed": Column(lambda row: row.words, {}),
    "export.purpose_sealed": Column(lambda row: row.purpose, None),
    "export_part.content_sealed": Column(lambda row: row.opened, None),
    "lesson.words_sealed": Column(lambda row: row.words, None),
    "feedback_box.numbers_sealed": Column(lambda row: row.contents, None),
    "feedback_box.words_sealed": Column(lambda row: row.contents, None),
    "announcement.subject_sealed": Column(lambda row: row.subject, None),
    "announcement.words_sealed": Column(lambda row: row.words, None),
    "invitation.terms_sealed": Column(lambda row: row.terms, None),
    "complaint.name_sealed": Column(lambda complaint: complaint.name, None),
    "complaint.email_sealed": Column(lambda complaint: complaint.email, None),
    "complaint.account_sealed": Column(lambda complaint: complaint.account, None),
    "complaint.finding_sealed": Column(lambda complaint: complaint.finding, None),
    "incident.description_sealed": Column(lambda incident: incident.description, None),
    "incident.reason_sealed": Column(lambda incident: incident.reason, None),
    "rights_request.email_sealed": Column(lambda request: request.email, None),
    "rights_request.about_sealed": Column(lambda request: request.about, None),
    "rights_request.note_sealed": Column(lambda request: request.note, None),
    "message.address_sealed": Column(last_email.address_of, None),
}
LAST = "SELECT id FROM message WHERE address_sealed IS NOT NULL ORDER BY id DESC LIMIT 2"


async def a_card_files_and_a_passkey(event: Event, by: Staff) -> None:
    await list_keys.make_card(event, by, MONDAY)
    await an_invitation(event, by, only_for=someone().email, places=1)
    await a_file(event, by)
    await a_passkey_of(by)
    begun = await a_list(event, by)
    rest = sealed_rest(["Row", "Why"], [["3", "There is no name"]], event, begun.public_id)
    await PeopleImport.filter(id=begun.id).update(unusable_sealed=rest)
    await learning.write(event, f"Ask {someone().name} earlier", by, MONDAY)


async def of_each_event(by: Staff) -> None:
    """What is one row of an event."""
    for event in await Event.all():
        await run_tx(kind_words.remember)(event, {"peelers": "police"})
        event.bring = "A lantern"
        await event.save(update_fields=["bring_sealed"])
        await is_given(event, by, await a_phone_at(await a_door(event, "By the certificates")))
        await an_answered_box(event, someone().organisation)


async def two_of_each(world: World) -> dict[str, list[int]]:
    """The ids of two rows of each table, with something in every sealed column."""
    event, lead = world.event, world.staff["lead"]
    await of_each_event(lead)
    await a_programme(event, lead)
    for happened in (HAPPENED, ELSE_HAPPENED):
        asked, _ticket = await with_ticket(someone(), event)
        await tells_everything(asked)
        await asks(asked, someone().email)
        await names(asked, someone().email)
        moved = Move(someone().email, asked.email)
        await run_tx(former_address.keep)(asked, moved, lead.actor, MONDAY)
        await hands_over(asked, someone().email)
        await requested(someone(), event)
        await decided(await an_incident(event, lead, happened=happened), lead)
        await drafting.keep(event, None, "", {"full_name": someone().name}, clock.real())
        wish = Asked(someone().email, Right.CORRECTION, f"{asked.full_name} is not how I write it.")
        wants = await rights_requests.take(event, wish, MONDAY, lead, MONDAY)
        await rights_requests.close(wants, RightsOutcome.DONE, f"Mended for {wish.email}.", 0, lead, MONDAY)
        written = Written(f"About {someone().name}", f"Words on {someone().name}", Audience.GUESTS, "", ())
        await announcing.write(event, written, lead, MONDAY)
        await a_phone(await a_door(event, f"By {someone().organisation}"), f"Of {someone().name}")
        await a_card_files_and_a_passkey(event, lead)
        await run_tx(last_email.put)("erased", wants.id, wish.email, cause="erased", at=MONDAY, event_id=event.id)
        await run_tx(erased.note_tags)(event, people.address_tags(event, asked.email), MONDAY)
        made = await a_complaint(event)
        await complaints.note_outcome(made, Outcome.UPHELD, f"We told {asked.full_name}.", 0, lead, MONDAY)
    tables = {name.partition(".")[0] for name in COLUMNS}
    found = {table: await query(f"SELECT id FROM {table} ORDER BY id DESC LIMIT 2") for table in tables}  # noqa: S608
    newest = await query("SELECT registration_id FROM ticket ORDER BY id DESC LIMIT 2")
    filled = [row["registration_id"] for row in newest]
    links = "SELECT id FROM link_answers WHERE answers_sealed IS NOT NULL ORDER BY id LIMIT 2"
    return {table: [row["id"] for row in rows] for table, rows in found.items()} | {
        "registration": filled,
        "link_answers": [row["id"] for row in await query(links)],
        "message": [row["id"] for row in await query(LAST)],
        "event": [event.id, found["event"][0]["id"]],
        "staff": [world.staff["viewer"].id, lead.id],
    }
