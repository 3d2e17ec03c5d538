"""Ada, who has been through all that can happen to somebody at an event, among two hundred others."""

from datetime import timedelta

from events.accounts import reading
from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import run_tx
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from registrations.asking import confirming, drafting, registering
from registrations.badges import one_badge
from registrations.badges.papers import PaperName
from registrations.booking import new_address, own_booking
from registrations.checkin import checkin
from registrations.checkin.conflict import Conflict, ConflictKind
from registrations.checkin.walking_in.walk_in import Stage
from registrations.deciding import vetting
from registrations.deciding.vetting import Decision
from registrations.people import erased, former_address, objection
from registrations.people.former_address import Move
from registrations.people.link_answers import LinkAnswers
from registrations.people.person import address_tags
from registrations.people.registration import Registration
from registrations.phones.door import Device
from registrations.privacy.cases import complaints
from registrations.privacy.cases.complaint import Complaint, Outcome
from registrations.privacy.rights.rights_request import Right
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_ticket, scan_of, undo_of
from tests.people import MONDAY, THE_DAY, Person, link_of, request_of, requested, someone
from tests.professional import told_by
from tests.registrations.asking.invitations import an_invitation, code_of
from tests.registrations.asking.invitations import asks as asks_for_a_place
from tests.registrations.booking.addressing import asks
from tests.registrations.booking.colleagues.naming_them import names
from tests.registrations.booking.handing.handing import asks as hands_over
from tests.registrations.booking.telling_needs import tells_everything
from tests.registrations.bulk.acts import was_among_many
from tests.registrations.certificates.giving import release, takes
from tests.registrations.checkin.walking_in.made import a_walk_in
from tests.registrations.paper.sheets import was_ticked
from tests.registrations.privacy.cases.complaining import DONE_TO_ADA, complain
from tests.registrations.privacy.rights.asking import a_rights_request, asked_by_link
from tests.registrations.roll_call.ticks import was_called
from tests.registrations.workshops.guests import takes_part

LATER = MONDAY + timedelta(hours=2)
BEFORE = "ada@lighthouse.example.org"  # the address that she had first
NOTED = "Between us: she was rather short with Lena."


async def ada_has_lived(event: Event, ada: Person, omar: Staff, sid: Device) -> Registration:
    """Somebody asked in her name, which was cancelled. She asked and gave up, asked again, was approved, moved to her
    address, was looked at, came in and complained."""
    await vetting.cancel(await requested(ada, event), omar, MONDAY)
    await run_tx(erased.note_tags)(event, address_tags(event, ada.email), MONDAY)  # once before, not noted yet
    await _asks(event, ada)
    earlier = await request_of(ada.email)
    await confirming.confirm(await link_of(earlier), MONDAY)
    await own_booking.give_up(await Registration.get(id=earlier.id), LATER)
    invitation = await an_invitation(event, omar, only_for=ada.email, places=1, partner="Oona Odd, a friend of Lena's")
    await an_invitation(event, omar, partner="Fen Wardens")  # which she did not use
    asked = await asks_for_a_place(ada, event, code_of(invitation))
    await requested_twice(asked, ada)
    await confirming.confirm(await link_with_code(asked), LATER)
    await is_approved_by_one_of_two(asked, omar)
    await vetting.approve(await Registration.get(id=asked.id), omar, LATER)
    await tells_everything(await Registration.get(id=asked.id))
    await run_tx(former_address.keep)(asked, Move(BEFORE, ada.email), omar.actor, MONDAY)
    await new_address.refuse(await asks(asked), LATER)
    await asks(asked, "ada@towers.example.org")
    await run_tx(objection.note)(event.id, ada.email, LATER)
    await names(asked)
    await takes_part(await Registration.get(id=asked.id), event, omar)
    await one_badge.print_again(event, await Registration.get(id=asked.id), PaperName.CARD, omar, LATER)
    await hands_over(asked, "dot@towers.example.org")
    await is_looked_at(asked, event, omar)
    await comes_in(asked, sid)
    await release(event, omar)
    await takes(await Registration.get(id=asked.id), event)
    await was_ticked(await Ticket.get(registration_id=asked.id), event, omar, "e" * 32)
    await was_among_many(asked, event, omar)
    await was_called(await Ticket.get(registration_id=asked.id), sid)
    await uses_her_rights(await Registration.get(id=asked.id), event, ada, omar)
    await drafting.keep(event, None, "", {"full_name": "Eve Else", "email": ada.email}, clock.real())
    await Message.filter(template="confirm").update(state=MessageState.SENT, done_at=LATER)
    return await Registration.get(id=asked.id)


async def is_approved_by_one_of_two(asked: Registration, by: Staff) -> None:
    """While two have to approve, which is then switched off."""
    await Event.filter(id=asked.event_id).update(two_approvals=True)
    await vetting.decide(await Registration.get(id=asked.id), Decision.APPROVE, by, LATER)
    await Event.filter(id=asked.event_id).update(two_approvals=False)


async def link_with_code(asked: Registration) -> LinkAnswers:
    links = LinkAnswers.filter(registration_id=asked.id).order_by("id").select_related("registration")
    return next(link for link in await links if link.invitation)


async def _asks(event: Event, person: Person) -> None:
    await registering.ask(event, told_by(person), MONDAY, clock.real())


async def requested_twice(asked: Registration, ada: Person) -> None:
    event = await Event.get(id=asked.event_id)
    await registering.ask(event, told_by(ada), LATER, clock.real())


async def is_looked_at(asked: Registration, event: Event, by: Staff) -> None:
    await reading.looked_at(asked, event, by=by, at=LATER, real=clock.real())
    for minutes in (0, 5):
        shown = [asked.id, asked.id + 1000]
        await reading.listed(event, "people", shown, by=by, at=LATER + timedelta(minutes=minutes), real=clock.real())


async def comes_in(asked: Registration, sid: Device) -> None:
    await a_walk_in(asked, sid, Stage.APPROVED)
    ticket = await asked.tickets.all().first()  # type: ignore[attr-defined]
    scans = [(await scan_of(ticket))._replace(code="met") for _ in range(2)]  # she arrives by another entrance
    sid = sid._replace(lead=sid.id)
    await checkin.settle([scans[0], undo_of(scans[0])], sid, THE_DAY)
    await checkin.settle([scans[1]], sid, THE_DAY + timedelta(minutes=2))
    pair = sorted(scan.id for scan in scans)
    await Conflict.create(
        door_id=sid.door_id, ticket=ticket, kind=ConflictKind.TWICE, first_scan=pair[0], second_scan=pair[1],
        opened_at=THE_DAY,
    )  # fmt: skip


async def uses_her_rights(asked: Registration, event: Event, ada: Person, omar: Staff) -> None:
    await complain(event, complaints.Written(ada.name, ada.email, DONE_TO_ADA))
    complaint = await Complaint.all().order_by("-id").first() or await Complaint.get()
    await complaints.confirm(complaint, omar, LATER)
    await complaints.note_outcome(complaint, Outcome.UPHELD, NOTED, 0, omar, LATER)
    await asked_by_link(asked, Right.ACCESS)


async def two_hundred_others(event: Event, omar: Staff, sid: Device) -> list[Person]:
    """With tickets; some of them came in, complained, wait, and use their rights."""
    await Event.filter(id=event.id).update(capacity=500)
    people = [someone() for _ in range(200)]
    for number, person in enumerate(people):
        if number % 4:
            await a_ticket(person, event)
        else:
            await requested(person, event)
    for person in people[1:20:4]:
        [ticket] = await (await request_of(person.email)).tickets.all()  # type: ignore[attr-defined]
        await checkin.settle([await scan_of(ticket)], sid, THE_DAY)
        await outbox.put("ticket", ticket.id, cause="approved", at=MONDAY, event_id=event.id)
        await complain(event, complaints.Written(person.name, person.email, DONE_TO_ADA), network=person.email)
        await a_rights_request(event, omar, email=person.email)
        await drafting.keep(event, None, "", {"email": person.email}, clock.real())
    return people
