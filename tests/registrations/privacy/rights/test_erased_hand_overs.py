"""Whoever is erased hands no place over and takes none over; the other side keeps what is theirs, and is told.

Rules: DP-08, SG-07.
"""

import asyncio
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from registrations.booking.handing import handing_over
from registrations.deciding import vetting
from registrations.deciding.vetting import Decision, Result
from registrations.people.hand_over import HandOver
from registrations.people.registration import State
from registrations.privacy.retention import deleting
from registrations.privacy.retention.classes import BY_CODE
from registrations.privacy.rights import erasing
from registrations.privacy.rights.gathering import gather
from registrations.privacy.rights.rights_request import Right
from tests.people import MONDAY, Person, queued, someone
from tests.professional import with_ticket
from tests.registrations.booking.handing.handing import CY, anew, asks, live_tickets, newest, taken, taken_up, told_of
from tests.registrations.privacy.rights.asking import a_rights_request

LATER = MONDAY + timedelta(hours=1)


async def erase(email: str, event: Event, omar: Staff) -> None:
    await erasing.erase(await a_rights_request(event, omar, Right.ERASURE, email), omar, LATER, clock.real())


async def said_of(event: Event, email: str) -> list[str]:
    """What a copy for this address says of hand-overs: what each line is about."""
    copy = await gather(await Event.get(id=event.id), email, LATER)
    [section] = [section for section in copy.sections if section.table == "hand_over"]
    return [what for row in section.rows for what in row]


async def test_an_erased_guest_leaves_the_colleagues_request_and_a_free_place(
    event: Event, ada: Person, omar: Staff
) -> None:
    giver, receiver = await taken_up(ada, event)
    await erase(ada.email, event, omar)
    assert ("not_handed_over", receiver.id) in await queued()
    assert (await HandOver.all().count(), await taken(event), await live_tickets(giver)) == (0, 0, [0])
    assert await vetting.decide(await anew(receiver), Decision.APPROVE, omar, LATER) is Result.DONE
    assert (await taken(event), await live_tickets(receiver)) == (1, [1])


async def test_an_erased_colleague_leaves_the_guest_with_the_place(event: Event, ada: Person, omar: Staff) -> None:
    giver, receiver = await taken_up(ada, event)
    await erase(CY.email, event, omar)
    assert ("place_kept", giver.id) in await queued()
    assert ((await anew(giver)).state, await live_tickets(giver, receiver)) == (State.APPROVED, [1, 0])
    assert (await newest(giver)).receiver_id is None


async def test_a_colleague_who_has_not_answered_is_erased_too_and_no_other(
    event: Event, ada: Person, omar: Staff
) -> None:
    (giver, _), (other, _) = await with_ticket(ada, event), await with_ticket(someone(), event)
    hand_over = await asks(giver)
    await asks(other, "di@x.example.org")
    assert await said_of(event, CY.email) == ["Asked whether you take over a place"]
    await erase(CY.email, event, omar)
    assert ((await newest(giver)).address, (await newest(other)).address) == ("", "di@x.example.org")
    assert not await handing_over.take_up(hand_over, told_of(CY), LATER)
    assert await said_of(event, CY.email) == []


async def test_a_copy_tells_each_of_their_own_side_and_nothing_of_the_other(event: Event, ada: Person) -> None:
    await taken_up(ada, event)
    assert await said_of(event, ada.email) == ["Asked a colleague to take over your place"]
    assert await said_of(event, CY.email) == ["The place that you want to take over was offered to you"]
    said = {email: str((await gather(event, email, LATER)).as_json()) for email in (ada.email, CY.email)}
    assert (CY.email in said[ada.email], CY.name in said[ada.email]) == (False, False)
    assert (ada.email in said[CY.email], ada.name in said[CY.email]) == (False, False)


async def test_an_address_that_was_not_answered_goes_after_three_days_and_one_that_was_stays(
    event: Event, ada: Person
) -> None:
    (giver, _), (other, receiver) = await with_ticket(someone(), event), await taken_up(ada, event)
    await asks(giver, "di@x.example.org")
    over = MONDAY + timedelta(hours=72)
    await deleting.delete(BY_CODE["hand_overs"], over - timedelta(seconds=1), clock.real())
    assert (await newest(giver)).address == "di@x.example.org"
    await deleting.delete(BY_CODE["hand_overs"], over, clock.real())
    assert ((await newest(giver)).address, (await newest(other)).receiver_id) == ("", receiver.id)


@pytest.mark.parametrize("whose", ["the guest's", "the colleague's"])
async def test_an_erasure_and_an_approval_at_once_leave_one_ticket_or_none(
    event: Event, omar: Staff, whose: str
) -> None:
    for _ in range(3):
        guest, colleague = someone(), someone()
        giver, receiver = await taken_up(guest, event, colleague)
        email = guest.email if whose == "the guest's" else colleague.email
        answers = await asyncio.gather(
            vetting.decide(receiver, Decision.APPROVE, omar, LATER), erase(email, event, omar), return_exceptions=True
        )
        assert [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, Refused)] == []
        now = [await anew(giver), await anew(receiver)]
        assert await live_tickets(*now) == [int(person.state is State.APPROVED) for person in now]
        assert sum(person.state is State.APPROVED for person in now) <= 1
    assert await HandOver.exclude(receiver_id=None).count() == 0
