"""What ends the first of two approvals: another answer, address, organisation or decision; and what does not.

Rules: SG-03.
"""

from collections.abc import Awaitable, Callable

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.mail.outbox import Message
from registrations.asking import registering
from registrations.booking import changing, corrected_address, corrected_details, new_address
from registrations.booking.changing import Change
from registrations.deciding import correcting, restoring, vetting
from registrations.deciding.first_approval import FirstApproval
from registrations.deciding.vetting import Decision, Result
from registrations.people.registration import OrganisationKind, Registration, State
from tests.people import Person, confirmed
from tests.professional import told_by
from tests.registrations.booking.addressing import newest
from tests.registrations.deciding.decisions import LATER, anew

CONFIRMED = State.CONFIRMED
Happens = Callable[[Registration, Event, Staff], Awaitable[None]]


async def says(asked: Registration, by: Staff) -> Result:
    return await vetting.decide(await anew(asked), Decision.APPROVE, by, LATER)


async def change_name(asked: Registration, event: Event, by: Staff) -> None:
    await changing.change(await anew(asked), Change.NAME, "Somebody Else", LATER, clock.real())


async def correct_name(asked: Registration, event: Event, by: Staff) -> None:
    await correcting.correct_as_seen(await anew(asked), {"full_name": "Somebody Else"}, by, LATER, what="name")


async def correct_kind(asked: Registration, event: Event, by: Staff) -> None:
    seen = await anew(asked)
    await corrected_details.correct_details(seen, {}, OrganisationKind.HOUSING, None, by, LATER, clock.real())


async def another_address(asked: Registration, event: Event, by: Staff) -> None:
    await corrected_address.correct(await anew(asked), "ada@lanterns.example.org", by, LATER, clock.real())

    await Message.filter(subject_id=asked.id).update(tries=1)
    assert await new_address.confirm(await newest(asked), LATER)


async def another_address_is_stopped(asked: Registration, event: Event, by: Staff) -> None:
    """It had said yes, so that they were to be looked at again."""
    await new_address.ask(await anew(asked), "ada@lanterns.example.org", "", LATER, clock.real())
    assert await new_address.confirm(await newest(asked), LATER)
    assert await new_address.keep(await newest(asked), LATER)


async def another_address_is_stopped_on_the_list(asked: Registration, event: Event, by: Staff) -> None:
    await vetting.put_on_waiting_list(await anew(asked), by, LATER)
    assert await says(asked, (await FirstApproval.get().prefetch_related("given_by")).given_by) is Result.FIRST
    await new_address.ask(await anew(asked), "ada@lanterns.example.org", "", LATER, clock.real())
    assert await new_address.confirm(await newest(asked), LATER)
    await vetting.put_on_waiting_list(await anew(asked), by, LATER)
    assert await new_address.keep(await newest(asked), LATER)


async def decline_and_reconsider(asked: Registration, event: Event, by: Staff) -> None:
    await vetting.not_offer(await anew(asked), by, LATER)
    await vetting.reconsider(await anew(asked), by, LATER)


async def cancel_and_restore(asked: Registration, event: Event, by: Staff) -> None:
    await vetting.cancel(await anew(asked), by, LATER)
    await restoring.restore(await anew(asked), CONFIRMED, by, LATER)


async def put_on_the_list(asked: Registration, event: Event, by: Staff) -> None:
    await vetting.put_on_waiting_list(await anew(asked), by, LATER)


async def ask_again(asked: Registration, event: Event, by: Staff) -> None:
    """Anybody can, with the address, and it changes nothing."""
    stranger = Person("A Stranger", asked.email, "Nobody", "charity", "x")
    await registering.ask(event, told_by(stranger), LATER, clock.real())


@pytest.fixture
async def two(event: Event) -> Event:
    """Two approve there."""
    await Event.filter(id=event.id).update(two_approvals=True)
    return await Event.get(id=event.id)


@pytest.mark.parametrize(
    ("happens", "ends"),
    [
        (change_name, True),
        (correct_name, True),
        (correct_kind, True),
        (another_address, True),
        (another_address_is_stopped, True),
        (another_address_is_stopped_on_the_list, True),
        (decline_and_reconsider, True),
        (cancel_and_restore, True),
        (put_on_the_list, True),
        (ask_again, False),
    ],
)
async def test_what_changes_between_the_two_ends_the_first(
    two: Event, ada: Person, omar: Staff, lena: Staff, happens: Happens, ends: bool
) -> None:
    asked = await confirmed(ada, two)
    await says(asked, omar)
    await happens(asked, two, lena)
    assert await says(asked, lena) is (Result.FIRST if ends else Result.DONE)
