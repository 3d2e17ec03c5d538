"""A line of a walk-in sheet is taken back: what it gave ends, and what anybody has done since stays. EV-06, SG-02."""

import asyncio
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from registrations.checkin.scan import Admission
from registrations.checkin.walking_in import deciding_walk_ins
from registrations.checkin.walking_in.walk_in import Stage, WalkIn
from registrations.deciding import offers, two_approvals, vetting
from registrations.paper import taking_lines_back
from registrations.paper.sheet import Sheet
from registrations.paper.taking_lines_back import After
from registrations.paper.typing_up import Typed
from registrations.people.registration import Registration, State
from registrations.phones.door import Device
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_ticket
from tests.people import MONDAY, Person, confirmed, requested
from tests.registrations.checkin.walking_in.made import a_walk_in
from tests.registrations.paper.releases import WREN, enters, used
from tests.registrations.paper.typing import EVENING, open_conflicts, people_in

LATER = EVENING + timedelta(minutes=5)


async def takes_back(sheet: Sheet, entered: Typed, by: Staff) -> After:
    return await taking_lines_back.take_back(sheet, entered.tick.id, by, LATER, clock.real())


async def is_told() -> None:
    """The email with the ticket has gone out."""
    for message in await outbox.claim(clock.real()):
        await outbox.done(message, MessageState.SENT, EVENING)


async def waiting_emails() -> list[str]:
    return [message.template for message in await Message.filter(state=MessageState.QUEUED).order_by("id")]


async def in_state(ada: Person, event: Event, omar: Staff, state: State) -> Registration:
    """As organisers brought her there, weeks before."""
    asked = await confirmed(ada, event)
    if state is State.CONFIRMED:
        await vetting.approve(asked, omar, MONDAY)
        await vetting.withdraw(asked, omar, MONDAY)
    elif state in (State.WAITING, State.OFFERED):
        await vetting.put_on_waiting_list(asked, omar, MONDAY)
    if state is State.OFFERED:
        await offers.offer(asked, omar, MONDAY)
    await Message.all().delete()
    return await Registration.get(id=asked.id)


@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize("state", [State.CONFIRMED, State.WAITING, State.OFFERED])
async def test_a_mistyped_address_gives_nobody_a_place_once_its_line_is_taken_back(
    event: Event, omar: Staff, sheet: Sheet, numbers: list[str], ada: Person, state: State, told: bool
) -> None:
    before = await in_state(ada, event, omar, state)
    places = (await Event.get(id=event.id)).taken
    entered = await enters(sheet, omar, numbers[0], asked=WREN._replace(email=ada.email))
    assert (await Ticket.filter(revoked_at=None).count(), (await WalkIn.get()).stage) == (1, Stage.APPROVED)
    if told:
        await is_told()
    assert await takes_back(sheet, entered, omar) is After.ENDED
    row = await Registration.get(id=before.id)
    assert (row.state, row.full_name, row.confirmed_at) == (state, ada.name, before.confirmed_at)
    assert (await Ticket.filter(revoked_at=None).count(), (await Event.get(id=event.id)).taken) == (0, places)
    again = {State.OFFERED: "offer"}.get(state, "cancelled")
    assert await waiting_emails() == ([again] if told else [])
    assert (row.generation > before.generation) is told, "links in an email that went out are old"
    assert ((await WalkIn.get()).stage, await used(event), await people_in(event)) == (Stage.TAKEN_BACK, (24, 0), 0)
    entry = await AuditEntry.get(action=Action.LINE_ENDED)
    assert entry.details == {"sheet": sheet.number, "told": told}
    right = await enters(sheet, omar, numbers[0], asked=WREN)
    assert (right.before, await Ticket.filter(revoked_at=None).count()) == (False, 1), "one number, one place"
    assert (await Event.get(id=event.id)).taken == places + 1


@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize("is_known", [False, True])
async def test_a_request_that_this_line_alone_confirmed_ends(
    event: Event, omar: Staff, sheet: Sheet, numbers: list[str], ada: Person, is_known: bool, told: bool
) -> None:
    if is_known:
        await requested(ada, event)
        await Message.all().delete()
    entered = await enters(sheet, omar, numbers[0], asked=WREN._replace(email=ada.email))
    if told:
        await is_told()
    await takes_back(sheet, entered, omar)
    assert (await people_in(event), await open_conflicts(), await Admission.all().count()) == (0, [], 0)
    row = await Registration.get()
    assert (row.state, (await Event.get(id=event.id)).taken) == (State.CANCELLED, 0)
    assert (row.person_sealed is None) is not told, "of whom nobody has told anything nothing is kept"
    assert await waiting_emails() == (["cancelled"] if told else [])
    assert await Ticket.filter(revoked_at=None).count() == 0
    assert ((await WalkIn.get()).stage, await used(event)) == (Stage.TAKEN_BACK, (24, 0))
    with pytest.raises(Refused):
        await takes_back(sheet, entered, omar)
    again = await enters(sheet, omar, numbers[0], asked=WREN._replace(email=ada.email))
    assert (again.before, await people_in(event), await used(event)) == (False, 1, (24, 1))


@pytest.mark.parametrize("is_known", [False, True])
async def test_without_a_release_it_leaves_nothing_either(
    event: Event, omar: Staff, sheet: Sheet, ada: Person, is_known: bool
) -> None:
    if is_known:
        await requested(ada, event)
    entered = await enters(sheet, omar, asked=WREN._replace(email=ada.email))
    assert (await Registration.get()).state is State.CONFIRMED
    await takes_back(sheet, entered, omar)
    row = await Registration.get()
    assert (row.state, row.person_sealed, await open_conflicts()) == (State.CANCELLED, None, [])


async def test_without_a_release_a_request_that_was_there_before_stays(
    event: Event, omar: Staff, sheet: Sheet, ada: Person
) -> None:
    known = await confirmed(ada, event)
    entered = await enters(sheet, omar, asked=WREN._replace(email=ada.email))
    assert await takes_back(sheet, entered, omar) is After.ENDED
    row = await Registration.get(id=known.id)
    assert (row.state, row.full_name, await people_in(event)) == (State.CONFIRMED, ada.name, 0)


async def test_somebody_with_a_place_keeps_it(
    event: Event, omar: Staff, sheet: Sheet, numbers: list[str], ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    entered = await enters(sheet, omar, numbers[0], asked=WREN._replace(email=ada.email))
    assert await takes_back(sheet, entered, omar) is After.HAD_A_PLACE
    assert (await Registration.get()).state is State.APPROVED
    assert (await Ticket.get(revoked_at=None)).id == ticket.id


async def test_one_whom_a_phone_had_asked_for_waits_again(
    event: Event, omar: Staff, sheet: Sheet, numbers: list[str], sid: Device, ada: Person
) -> None:
    waiting = await a_walk_in(await requested(ada, event), sid)
    entered = await enters(sheet, omar, numbers[0], asked=WREN._replace(email=ada.email))
    await takes_back(sheet, entered, omar)
    again, row = await WalkIn.get(), await Registration.get()
    assert (again.id, again.stage, again.decided_at, again.decided_by_id) == (waiting.id, Stage.WAITING, None, None)
    assert (row.state, row.email) == (State.REQUESTED, ada.email)
    assert await deciding_walk_ins.approve(
        await WalkIn.get().select_related("registration"), row.marks[0], omar, LATER
    ) is vetting.Result.DONE  # fmt: skip


@pytest.mark.parametrize("act", ["vetted", "approved anew", "withdrawn"])
async def test_what_was_decided_since_is_left_and_said(
    event: Event, omar: Staff, lena: Staff, sheet: Sheet, numbers: list[str], ada: Person, act: str
) -> None:
    await confirmed(ada, event)
    entered = await enters(sheet, omar, numbers[0], asked=WREN._replace(email=ada.email))
    since = EVENING + timedelta(minutes=1)
    if act == "vetted":
        assert await deciding_walk_ins.mark_vetted(await WalkIn.get(), lena, since)
    else:
        await vetting.withdraw(await Registration.get(), lena, since)
    if act == "approved anew":
        await vetting.approve(await Registration.get(), lena, since)
    before = await Registration.get()
    assert await takes_back(sheet, entered, omar) is After.DECIDED
    row, live = await Registration.get(), await Ticket.filter(revoked_at=None).count()
    assert (row.state, row.decided_at, row.withdrawn_at) == (before.state, before.decided_at, before.withdrawn_at)
    assert (live, (await Event.get(id=event.id)).taken) == ((0, 0) if act == "withdrawn" else (1, 1))
    assert (await people_in(event), (await WalkIn.get()).stage) == (0, Stage.TAKEN_BACK)


async def test_a_first_approval_that_somebody_gave_since_stands(
    event: Event, omar: Staff, lena: Staff, sheet: Sheet
) -> None:
    await Event.filter(id=event.id).update(two_approvals=True)
    entered = await enters(sheet, omar)
    assert await two_approvals.give_first(await Registration.get(), lena, EVENING + timedelta(minutes=1))
    assert await takes_back(sheet, entered, omar) is After.DECIDED
    assert (await Registration.get()).state is State.CONFIRMED


async def test_whoever_is_first_wins_and_places_and_tickets_agree(
    event: Event, omar: Staff, lena: Staff, sheet: Sheet, numbers: list[str], ada: Person
) -> None:
    """Several take back the line, one vets them, one withdraws the approval, all at the same moment."""
    await confirmed(ada, event)
    entered = await enters(sheet, omar, numbers[0], asked=WREN._replace(email=ada.email))
    row, walk_in = await Registration.get(), await WalkIn.get()
    done = await asyncio.gather(
        *(takes_back(sheet, entered, by) for by in (omar, lena, omar)),
        deciding_walk_ins.mark_vetted(walk_in, lena, LATER + timedelta(seconds=1)),
        vetting.withdraw(row, lena, LATER),
        return_exceptions=True,
    )
    assert sum(isinstance(after, After) for after in done[:3]) == 1, done
    assert all(isinstance(error, Refused) for error in done if isinstance(error, Exception)), done
    now, live = await Registration.get(), await Ticket.filter(revoked_at=None).count()
    assert (await Event.get(id=event.id)).taken == live == (now.state is State.APPROVED)
    assert ((await WalkIn.get()).stage, await people_in(event), await used(event)) == (Stage.TAKEN_BACK, 0, (24, 0))
