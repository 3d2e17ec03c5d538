"""Who comes along with a guest has a ticket of their own at the door, and the phone says that they belong together.

Rules: EV-05.
"""

from datetime import timedelta

from events.accounts.staff import Staff
from events.event import Event
from registrations.booking import own_booking
from registrations.checkin.scan import Scan
from registrations.deciding import vetting
from registrations.people.registration import Registration, State
from registrations.phones.door import Device
from registrations.tickets.ticket import Ticket
from tests.at_the_door import scan_of
from tests.people import THE_DAY
from tests.registrations.checkin.settling import says
from tests.registrations.coming import a_guest, anew, comes_along


async def ticket_of(person: Registration) -> Ticket:
    return await Ticket.get(registration_id=person.id, revoked_at=None)


async def test_dr36_each_is_let_in_by_their_own_ticket_and_the_phone_says_that_one_comes_along(
    event: Event, sid: Device
) -> None:
    guest = await a_guest(event)
    companion = await comes_along(guest, State.APPROVED)
    taken = (await Event.get(id=event.id)).taken
    first, second = await scan_of(await ticket_of(guest)), await scan_of(await ticket_of(companion))
    answer = await says(first, sid)
    assert (answer["verdict"], len(answer["along"])) == ("ok", 1)
    assert [companion.full_name in str(answer), "support" in str(answer)] == [False, False]
    assert await says(first, sid) == answer, "sent again it gets the same answer"
    then = await says(second, sid)
    assert (then["verdict"], "along" in then) == ("ok", False), "the guest is in already"
    assert (await Scan.all().count(), (await Event.get(id=event.id)).taken) == (2, taken)


async def test_dr36_a_later_answer_says_no_more_of_it_than_of_their_name(event: Event, sid: Device) -> None:
    guest = await a_guest(event)
    await comes_along(guest, State.APPROVED)
    scan = await scan_of(await ticket_of(guest))
    at_once, later = await says(scan, sid), await says(scan, sid, THE_DAY + timedelta(minutes=2))
    assert [name in answer for answer in (at_once, later) for name in ("along", "name")] == [True, True, False, False]


async def test_dr36_whoever_comes_along_is_scanned_first(event: Event, sid: Device) -> None:
    guest = await a_guest(event)
    companions = [await comes_along(guest, State.APPROVED) for _ in range(2)]
    along = [(await says(await scan_of(await ticket_of(person)), sid))["along"] for person in (companions[0], guest)]
    assert [len(marks) for marks in along] == [2, 1], "the other companion is still outside"


async def test_dr36_one_of_them_withdrawn_stops_only_that_one_and_nothing_is_said_of_it(
    event: Event, sid: Device, omar: Staff
) -> None:
    guest = await a_guest(event)
    companion = await comes_along(guest, State.APPROVED)
    ticket = await ticket_of(companion)
    await vetting.withdraw(await anew(companion), omar, THE_DAY)
    answer, theirs = await says(await scan_of(await ticket_of(guest)), sid), await says(await scan_of(ticket), sid)
    assert (answer["verdict"], "along" in answer) == ("ok", False)
    assert theirs["verdict"] == "ask_lead"


async def test_dr36_whose_guest_gave_the_place_up_is_sent_to_the_lead(event: Event, sid: Device) -> None:
    guest = await a_guest(event)
    ticket = await ticket_of(await comes_along(guest, State.APPROVED))
    assert await own_booking.give_up(await anew(guest), THE_DAY)
    assert (await says(await scan_of(ticket), sid))["verdict"] == "ask_lead"


async def test_somebody_who_comes_alone_is_told_of_nobody(event: Event, sid: Device) -> None:
    """The control."""
    guest = await a_guest(event)
    await comes_along(guest, State.CONFIRMED)
    for person in (guest, await a_guest(event)):
        answer = await says(await scan_of(await ticket_of(person)), sid)
        assert (answer["verdict"], "along" in answer) == ("ok", False)
