"""A filled event for every kind of caller, and something real for the braces of every path."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from events.accounts import accounts, sign_in
from events.accounts.staff import RoleName, Session, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event, sealed
from events.ground import clock, tokens
from events.ground.database import Database
from events.ground.tokens import Purpose
from events.known_organisation import KnownOrganisation, Treatment
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from events.processor import Service
from registrations.asking import drafting
from registrations.asking.register_pages import DRAFT
from registrations.door import shell
from registrations.people.registration import State
from registrations.phones import heartbeat, pairing
from registrations.phones.door import Door, PassRole
from registrations.privacy.rights.copy_pages import VISITING
from registrations.privacy.rights.rights_request import Right
from registrations.telling import announcing
from registrations.telling.announcement import Audience
from registrations.telling.announcing import Written
from registrations.telling.mailing import KINDS, Mailing
from tests.at_the_door import a_phone_at
from tests.events.accounts.offering import of_offers
from tests.events.accounts.passkeys.authenticator import a_passkey_of
from tests.events.content.contents import of_content
from tests.people import MONDAY, a_door, a_member_of_staff, an_event, confirmed, joined, someone
from tests.professional import path_to, put_into, questions_of, with_ticket
from tests.registrations.asking.invitations import an_invitation, code_of
from tests.registrations.booking.addressing import asks
from tests.registrations.booking.colleagues.naming_them import a_guest_names
from tests.registrations.booking.handing.handing import asks as hands_over
from tests.registrations.booking.telling_needs import tells_adjustments
from tests.registrations.bulk.acts import of_bulk_acts
from tests.registrations.checkin.walking_in.made import of_world
from tests.registrations.desk.after.closing import of_after
from tests.registrations.desk.arranging.photographing import a_processor
from tests.registrations.desk.listing.filters import of_filters
from tests.registrations.importing.lists import of_files
from tests.registrations.paper.sheets import of_sheets
from tests.registrations.privacy.cases.complaining import a_complaint
from tests.registrations.privacy.cases.incidents import an_incident
from tests.registrations.privacy.rights.asking import a_copy, a_rights_request, an_open_copy, asked_by_link, token_of
from tests.registrations.workshops.guests import of_workshops

ROLES = [name.value for name in RoleName]
CANARIES = {
    "name of a person": "Canary Quill",
    "email of a person": "canary.quill@aviary.example",
    "telephone of a person": "01632 777001",
    "organisation of a person": "Canary Aviary",
    "role of a person": "Canary keeper",
    "badge name of a person": "Quilly of the Birds",
    "adjustments of a person": "A perch for the canary",
    "diet of a person, in their words": "No millet for the canary",
    "that a person arrives by another entrance": "Arrives by another entrance",
    "that a person has arrived": "In at Main door: COME IN",
    "telephone of the lead on the day": "07700 777002",
    "contacts of the organisers": "canary.desk@hosts.example.org",
    "contacts of the hosts": "canary.host@hosts.example.org",
    "venue while it is held back": "Canary Hall",
    "room of a session": "The Canary Loft",
    "name of a member of staff": "Canary Lead",
    "email of a member of staff": "canary.lead@hosts.example.org",
}


class World(NamedTuple):
    """A filled event, and a member of staff for each role."""

    database: Database
    event: Event
    door: Door
    staff: dict[str, Staff]


Maker = Callable[[World, str, str], Awaitable[dict[str, str]]]


async def a_world(database: Database) -> World:
    event = await an_event()
    event.contact_email, event.lead_phone = CANARIES["contacts of the organisers"], "07700 777002"
    event.hosts[0]["email"] = CANARIES["contacts of the hosts"]
    event.venue_sealed = sealed(event, "venue", f"{CANARIES['venue while it is held back']}, 1 Example Street")
    await event.save()
    names = {"lead": "Canary Lead"} | {role: f"{role.capitalize()} Of Here" for role in ROLES if role != "lead"}
    staff = {
        role: await joined(
            await a_member_of_staff(name, f"{name.lower().replace(' ', '.')}@hosts.example.org", event, RoleName(role))
        )
        for role, name in names.items()
    }
    stranger = await a_member_of_staff("Eve Else", "eve@hosts.example.org", await an_event(), RoleName.LEAD)
    staff |= {"no role": await joined(stranger), "password alone": staff["viewer"]}
    return World(database, event, await a_door(event), staff)


async def filling(world: World, caller: str, path: str) -> dict[str, str]:
    """What stands in the braces of this path: something real, made for this one request."""
    made = next((make for start, make in MAKERS.items() if path.startswith(start)), None)
    common = {"event": world.event.slug, "slug": world.event.slug, "door": str(world.door.id)}
    filled = common | (await made(world, caller, path) if made else {})
    return filled | (await of_workshops(world, path) if "/programme/" in path or "{slot" in path else {})


async def _own_session(world: World, caller: str, path: str) -> dict[str, str]:
    owner = world.staff.get(caller, world.staff["viewer"])
    if "passkeys" in path:
        return {"id": str((await a_passkey_of(owner)).id)}
    await sign_in.begin_full_session(owner, clock.real())
    return {"id": str(max(await Session.all().values_list("id", flat=True)))}


async def _colleague(world: World, caller: str, path: str) -> dict[str, str]:
    staff = await a_member_of_staff((new := someone()).name, new.email, world.event, RoleName.VIEWER)
    return {"id": str(staff.id), "act": "send-link"}


async def _person(world: World, caller: str, path: str) -> dict[str, str]:
    states = {"restore": State.CANCELLED, "alias": State.APPROVED}
    state = states.get(path.rpartition("/")[2], State.CONFIRMED)
    return {"id": str((await put_into(state, someone(), world.event)).id), "act": "cancel"}


async def _guest_with_needs(world: World, caller: str, path: str) -> dict[str, str]:
    guest = await tells_adjustments(await put_into(State.APPROVED, someone(), world.event))
    return {"id": str(guest.id), "need": "hearing-loop", "step": "asked"}


async def _failed_email(world: World, caller: str, path: str) -> dict[str, str]:
    asked = await confirmed(someone(), world.event)
    await outbox.put("confirm", asked.id, cause="in a test", at=MONDAY, event_id=world.event.id)
    await Message.filter(subject_id=asked.id, template="confirm").update(state=MessageState.FAILED, done_at=MONDAY)
    return {"id": str((await Message.get(subject_id=asked.id, template="confirm")).id)}


async def _mailing(world: World, caller: str, path: str) -> dict[str, str]:
    chosen, cause = KINDS["thanks"].recipients.as_json(), tokens.new_public_id()
    mailing = await Mailing.create(
        event=world.event, template="thanks", cause=cause, begun_at=MONDAY, waits_until=MONDAY, chosen=chosen
    )
    return {"id": str(mailing.id), "template": "thanks"}


async def _announcement(world: World, caller: str, path: str) -> dict[str, str]:
    written = Written("A subject", "Words", Audience.GUESTS, "", ())
    return {"id": str((await announcing.write(world.event, written, world.staff["lead"], MONDAY)).id)}


async def _invitation(world: World, caller: str, path: str) -> dict[str, str]:
    made = await an_invitation(world.event, world.staff["lead"])
    return {"id": str(made.id), "code": code_of(made)}


async def _organisation(world: World, caller: str, path: str) -> dict[str, str]:
    domain = f"{tokens.new_public_id()}.example.org"
    known = await KnownOrganisation.create(event=world.event, domain=domain, kind="charity", treatment=Treatment.REVIEW)
    return {"id": str(known.id)}


async def _pass(world: World, caller: str, path: str) -> dict[str, str]:
    at = clock.now(), clock.real()
    made = await pairing.make_pass(world.door, "Main door 2", PassRole.STEWARD, world.staff["lead"], *at)
    return {"id": str(made.door_pass.id)}


async def _complaint(world: World, caller: str, path: str) -> dict[str, str]:
    return {"id": str((await a_complaint(world.event)).id)}


async def _incident(world: World, caller: str, path: str) -> dict[str, str]:
    return {"id": str((await an_incident(world.event, world.staff["lead"])).id)}


async def _rights_request(world: World, caller: str, path: str) -> dict[str, str]:
    """For the pages that correct or erase one of somebody of whom there is something."""
    kind = {"correct": Right.CORRECTION, "erase": Right.ERASURE}.get(path.rpartition("/")[2])
    if kind is None:
        return {"id": str((await a_rights_request(world.event, world.staff["lead"])).id)}
    return {"id": str((await asked_by_link(await confirmed(someone(), world.event), kind, "All of it.")).id)}


async def _copy(world: World, caller: str, path: str) -> dict[str, str]:
    """A link that can be opened; for the pages of a visit one that was, with its cookie."""
    lead = world.staff["lead"]
    if not path.endswith(("/shown", "/file")):
        return {"token": token_of(await a_copy(world.event, lead))}
    request, visit = await an_open_copy(world.event, lead)
    return {"token": token_of(request), VISITING.short_name: visit}


def _of_a_change(purpose: Purpose) -> Maker:
    async def make(world: World, caller: str, path: str) -> dict[str, str]:
        change = await asks((await with_ticket(someone(), world.event))[0])
        return {"token": change.link(purpose).rpartition("/")[2]}

    return make


async def _named_by_a_guest(world: World, caller: str, path: str) -> dict[str, str]:
    named = await a_guest_names(someone(), world.event, someone().email)
    return {"token": named.path.rpartition("/")[2]}


async def _processor(world: World, caller: str, path: str) -> dict[str, str]:
    service = Service.PHOTOGRAPHY if "photographs" in path else Service.CATERING
    return {"id": str((await a_processor(world.event, world.staff["lead"], tokens.new_public_id(), service)).id)}


async def _part(world: World, caller: str, path: str) -> dict[str, str]:
    part = "contacts" if "guarded" in path else "places"
    return {"part": part, "act": "close" if world.event.is_open(clock.now()) else "open"}


async def _alarm(world: World, caller: str, path: str) -> dict[str, str]:
    await heartbeat.call_for_help(await a_phone_at(world.door), clock.now())
    entry = await AuditEntry.filter(action=Action.DOOR_ALERT).order_by("-id").first()
    return {"id": str(entry.id if entry else 1)}


async def _shell(world: World, caller: str, path: str) -> dict[str, str]:
    return {"version": shell.version(), "path": next(iter(shell.files()))}


async def _draft(world: World, caller: str, path: str) -> dict[str, str]:
    typed = {name: value for page in questions_of(someone()).values() for name, value in page.items()}
    return {"step": "name", DRAFT.short_name: await drafting.keep(world.event, None, "", typed, clock.real())}


def _link(purpose: Purpose) -> Maker:
    async def made(world: World, caller: str, path: str) -> dict[str, str]:
        state = State.REQUESTED if purpose is Purpose.CONFIRM else State.APPROVED
        asked = await put_into(state, someone(), world.event)
        return {"token": path_to(asked, purpose).rpartition("/")[2], "what": "name", "need": "diet"}

    return made


async def _hand_over(world: World, caller: str, path: str) -> dict[str, str]:
    hand_over = await hands_over((await with_ticket(someone(), world.event))[0], someone().email)
    return {"token": hand_over.link.rpartition("/")[2]}


def _staff_link(purpose: Purpose) -> Maker:
    async def made(world: World, caller: str, path: str) -> dict[str, str]:
        person, by, real = someone(), world.staff["lead"], clock.real()
        new = await accounts.invite(
            person.email, person.name, "Safer Places", world.event, RoleName.VIEWER, by=by, at=MONDAY, real=real
        )
        await new.refresh_from_db()
        return {"token": tokens.make(purpose, new.public_id, new.generation)}

    return made


MAKERS: dict[str, Maker] = {
    **dict.fromkeys(("/staff/account/offers/", "/desk/{event}/staff/offers/"), of_offers),
    "/staff/account/": _own_session,
    "/staff/join/": _staff_link(Purpose.STAFF_INVITE),
    "/staff/reset/": _staff_link(Purpose.STAFF_RESET),
    "/desk/{event}/staff/{id": _colleague,
    "/desk/{event}/people/{id": _person,
    "/desk/{event}/people/invitations/{id": _invitation,
    "/e/{slug}/invited/": _invitation,
    "/desk/{event}/walk-ins/{id": of_world,
    **dict.fromkeys(("/desk/{event}/access/sheets/", "/desk/{event}/doors/paper/"), of_sheets),
    **dict.fromkeys(("/desk/{event}/badge", "/desk/{event}/access"), _guest_with_needs),
    **dict.fromkeys(("/desk/{event}/exports/", "/desk/{event}/people/import/"), of_files),
    "/desk/{event}/emails/to-many": _mailing,
    "/desk/{event}/emails/announcements/": _announcement,
    "/desk/{event}/emails/{id": _failed_email,
    "/desk/{event}/organisations/{id": _organisation,
    **dict.fromkeys(("/desk/{event}/conflicts/{id", "/desk/{event}/phones/{id"), _pass),
    **dict.fromkeys(("/desk/{event}/people/filters/{id", "/desk/{event}/requests/filters/{id"), of_filters),
    "/desk/{event}/bulk/{id": of_bulk_acts,
    "/desk/{event}/board/alarms/{id": _alarm,
    **dict.fromkeys(("/colour/", "/e/{slug}/logos/", "/desk/{event}/event/logos/"), of_content),
    "/desk/{event}/event/": _part,
    "/desk/{event}/data-protection/complaints/": _complaint,
    "/desk/{event}/data-protection/incidents/": _incident,
    "/desk/{event}/data-protection/requests/": _rights_request,
    **dict.fromkeys(("/desk/{event}/people/photographs/", "/desk/{event}/data-protection/processors/{id"), _processor),
    "/door/s/": _shell,
    "/e/{slug}/ask": _draft,
    "/copy/": _copy,
    **{f"/{to.name.lower()}/": _link(to) for to in (Purpose.CONFIRM, Purpose.TICKET, Purpose.OFFER)},
    **dict.fromkeys(("/manage/{token}/certificate", "/desk/{event}/after/", "/feedback/"), of_after),
    "/manage/": _link(Purpose.MANAGE),
    "/new-address/": _of_a_change(Purpose.NEW_ADDRESS),
    "/keep-address/": _of_a_change(Purpose.KEEP_ADDRESS),
    "/colleague/": _named_by_a_guest,
    "/take-over/": _hand_over,
}
