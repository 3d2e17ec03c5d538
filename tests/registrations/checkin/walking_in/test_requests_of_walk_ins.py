"""A walk-in whose address has a request already: nothing of it ends or moves but what its own page shows.

Rules: SG-02, SG-03, SG-07, SE-03.
"""

from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.mail.outbox import Message
from registrations.asking import confirming, registering
from registrations.checkin import closing
from registrations.checkin.walking_in import deciding_walk_ins
from registrations.checkin.walking_in.walk_in import WalkIn
from registrations.deciding import vetting
from registrations.deciding.first_approval import FirstApproval
from registrations.deciding.vetting import Decision, Result
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import OrganisationKind, Registration, State
from registrations.phones.door import Device
from registrations.tickets.ticket import Ticket
from tests.people import THE_DAY, Person
from tests.professional import told_by
from tests.registrations.booking.addressing import waits as waits_for_another_address
from tests.registrations.booking.handing.handing import live_tickets, taken_up
from tests.registrations.checkin.walking_in.test_walk_ins import WREN, approve, lee, newest, on_phone, start

__all__ = ["lee"]
pytestmark = pytest.mark.usefixtures("the_day")


async def test_nobody_takes_over_a_guests_place_by_a_walk_in(
    event: Event, lee: Device, omar: Staff, ada: Person
) -> None:
    """The page of a walk-in does not say whose place it is; that of the person does."""
    giver, receiver = await taken_up(ada, event)
    await start(lee, WREN._replace(email=receiver.email))
    with pytest.raises(deciding_walk_ins.OnTheirPage):
        await approve(omar)
    assert await live_tickets(giver, receiver) == [1, 0]
    assert await vetting.decide(receiver, Decision.APPROVE, omar, THE_DAY) is Result.DONE
    assert await live_tickets(giver, receiver) == [0, 1]
    assert await approve(omar) is Result.DONE
    assert [shown["stage"] for shown in await on_phone(lee)] == ["approved"]


@pytest.mark.parametrize("two", [False, True])
async def test_a_walk_in_sends_no_ticket_to_another_address(
    event: Event, lee: Device, omar: Staff, ada: Person, *, two: bool
) -> None:
    """Whoever has a guest's link may have named it: the page of the person shows it beside the one at the door."""
    waits = (await waits_for_another_address(ada, event)).registration
    await Event.filter(id=event.id).update(two_approvals=two)
    await start(lee, WREN._replace(email=ada.email))
    with pytest.raises(deciding_walk_ins.OnTheirPage):
        await approve(omar)
    row = await Registration.get(id=waits.id)
    assert (row.state, row.email, await Ticket.filter(revoked_at=None).count()) == (State.RECHECKING, ada.email, 0)
    assert await deciding_walk_ins.decline(await newest(), omar, THE_DAY)


@pytest.mark.parametrize("asked_too", [False, True])
async def test_a_first_approval_that_is_declined_leaves_nothing_that_nobody_asked_for(
    event: Event, lee: Device, omar: Staff, lena: Staff, *, asked_too: bool
) -> None:
    """It had confirmed the address on the organiser's word. No email goes there but to whoever asked themselves."""
    await Event.filter(id=event.id).update(two_approvals=True)
    await start(lee)
    if asked_too:
        wren = Person(WREN.full_name, WREN.email, WREN.organisation, OrganisationKind.OTHER.value, "Reporter")
        await registering.ask(event, told_by(wren), THE_DAY, clock.real())
    assert await approve(omar) is Result.FIRST
    assert await deciding_walk_ins.decline(await newest(), lena, THE_DAY)
    row = await Registration.get(id=(await newest()).registration_id)
    kept = (State.REQUESTED, WREN.email) if asked_too else (State.CANCELLED, "")
    assert (row.state, row.email, row.address_tag == "") == (*kept, not asked_too)
    assert (row.confirmed_at, await FirstApproval.filter(ended_at=None).count()) == (None, 0)
    assert await Message.filter(template="cancelled").count() == 0


@pytest.mark.parametrize("asked_first", [False, True])
async def test_declined_after_a_first_approval_what_they_asked_by_the_form_waits_for_their_yes_as_before(
    event: Event, lee: Device, omar: Staff, lena: Staff, *, asked_first: bool
) -> None:
    """They need not ask again: the link in their email still confirms their own answers."""
    await Event.filter(id=event.id).update(two_approvals=True)
    wren = Person(WREN.full_name, WREN.email, "Her own answer", OrganisationKind.OTHER.value, "Reporter")
    for asks in (False, True) if not asked_first else (True, False):
        await (registering.ask(event, told_by(wren), THE_DAY, clock.real()) if asks else start(lee))
    assert await approve(omar) is Result.FIRST
    assert await deciding_walk_ins.decline(await newest(), lena, THE_DAY)
    row, link = await Registration.get(), await LinkAnswers.get().select_related("registration")
    assert (row.state, row.confirmed_at, link.answers_sealed is None) == (State.REQUESTED, None, False)
    await confirming.confirm(link, THE_DAY)
    row = await Registration.get()
    assert (row.state, row.organisation) == (State.CONFIRMED, "Her own answer")


async def test_let_in_by_two_their_link_confirms_nothing_any_more(
    event: Event, lee: Device, omar: Staff, lena: Staff
) -> None:
    await Event.filter(id=event.id).update(two_approvals=True)
    wren = Person(WREN.full_name, WREN.email, "Her own answer", OrganisationKind.OTHER.value, "Reporter")
    await registering.ask(event, told_by(wren), THE_DAY, clock.real())
    await start(lee)
    assert (await approve(omar), await approve(lena)) == (Result.FIRST, Result.DONE)
    assert [link.answers_sealed for link in await LinkAnswers.all()] == [None]


async def test_a_request_that_its_address_confirmed_outlives_a_declined_walk_in(
    event: Event, lee: Device, omar: Staff, lena: Staff
) -> None:
    """Also where somebody had approved it first."""
    await Event.filter(id=event.id).update(two_approvals=True)
    await start(lee)
    row = (await newest()).registration
    assert await row.become(State.CONFIRMED, confirmed_at=THE_DAY - timedelta(minutes=1))
    assert await approve(omar) is Result.FIRST
    assert await deciding_walk_ins.decline(await newest(), lena, THE_DAY)
    kept = await Registration.get(id=row.id)
    assert (kept.state, kept.email, await FirstApproval.filter(ended_at=None).count()) == (
        State.CONFIRMED, WREN.email, 1,
    )  # fmt: skip


async def test_a_lead_waits_for_nobody_whose_request_has_ended(event: Event, lee: Device, omar: Staff) -> None:
    """The desk says that the lead can ask again: so does the phone."""
    await start(lee)
    assert [shown["stage"] for shown in await on_phone(lee)] == ["waiting"]
    await vetting.cancel((await newest()).registration, omar, THE_DAY)
    assert [shown["stage"] for shown in await on_phone(lee)] == ["declined"]
    await start(lee)
    assert [shown["stage"] for shown in await on_phone(lee)] == ["waiting", "declined"]


async def test_nobody_is_asked_for_while_the_door_is_being_closed(event: Event, lee: Device, omar: Staff) -> None:
    """The lead's phone hands over what it holds and erases itself: it would never show the reference."""
    assert "error" not in await start(lee)
    await closing.begin(event, omar, THE_DAY, clock.real())
    assert (await start(lee, WREN._replace(email="late@weekly.example.org")))["error"] == "closed"
    assert await WalkIn.all().count() == 1
    await closing.reopen(event, omar, THE_DAY)
    assert "error" not in await start(lee, WREN._replace(email="late@weekly.example.org"))
