"""A line of a walk-in sheet with an address that is somebody else's, or with none. EV-06, SG-02, SG-06."""

import asyncio

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.mail.bounces.addressees import Undeliverable, reachable
from events.mail.outbox import Message
from registrations.checkin.walking_in.walk_in import Stage, WalkIn
from registrations.paper import walk_in_lines
from registrations.paper.release import Release
from registrations.paper.sheet import Sheet, SheetKind, Tick
from registrations.paper.typing_up import Typed
from registrations.paper.walk_in_lines import BelongsTo, Written
from registrations.people import no_address
from registrations.people.registration import Registration, State
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_ticket
from tests.people import Person, confirmed, requested
from tests.registrations.paper.releases import WREN, used
from tests.registrations.paper.typing import EVENING, HALF_HOUR, Begin, open_conflicts, people_in

TWO = WREN._replace(full_name="Maria Two")


async def enters(sheet: Sheet, by: Staff, written: Written) -> Typed:
    event = await Event.get(id=sheet.event_id)
    return await walk_in_lines.enter(sheet, event, written, HALF_HOUR, by, EVENING, clock.real())


async def release(event: Event, sheet: Sheet, number: str, line: int) -> Release:
    found = await walk_in_lines.find_release(event, sheet, line, number)
    assert isinstance(found, Release)
    return found


@pytest.mark.parametrize("state", [State.REQUESTED, State.CONFIRMED, State.APPROVED, State.NOT_OFFERED])
async def test_an_address_that_we_know_under_another_name_enters_nobody_until_somebody_says_who_it_is(
    event: Event, omar: Staff, sheet: Sheet, numbers: list[str], ada: Person, state: State
) -> None:
    if state is State.APPROVED:
        await a_ticket(ada, event)
    else:
        known = await requested(ada, event) if state is State.REQUESTED else await confirmed(ada, event)
        await Registration.filter(id=known.id).update(state=state)
    known, messages = await Registration.get(), await Message.all().count()
    written = Written(1, TWO._replace(email=ada.email), await release(event, sheet, numbers[0], 1))
    with pytest.raises(BelongsTo) as raised:
        await enters(sheet, omar, written)
    assert (raised.value.registration.id, raised.value.line) == (known.id, None)
    with pytest.raises(BelongsTo):
        await enters(sheet, omar, written._replace(same_as=known.id + 1))
    same = await Registration.get()
    assert (same.state, same.full_name, same.version) == (known.state, ada.name, known.version)
    assert (await WalkIn.all().count(), await Tick.all().count(), await used(event)) == (0, 0, (24, 0))
    assert await Message.all().count() == messages
    assert not (await enters(sheet, omar, written._replace(same_as=known.id))).before
    assert (await people_in(event), await Registration.all().count(), await used(event)) == (1, 1, (24, 1))


async def test_a_name_written_with_other_capitals_and_accents_is_the_same(
    event: Event, omar: Staff, sheet: Sheet
) -> None:
    await enters(sheet, omar, Written(1, WREN._replace(full_name="José One"), None))
    again = await enters(sheet, omar, Written(2, WREN._replace(full_name="JOSE  ONE"), None))
    assert (again.before, again.tick.line) == (True, 1)


@pytest.mark.parametrize("released", [True, False])
async def test_the_second_with_one_mailbox_is_counted_without_an_address(
    event: Event, omar: Staff, sheet: Sheet, numbers: list[str], released: bool
) -> None:
    releases = [await release(event, sheet, numbers[n], n + 1) if released else None for n in (0, 1)]
    await enters(sheet, omar, Written(1, WREN, releases[0]))
    first = await Registration.get()
    second = Written(2, TWO, releases[1])
    with pytest.raises(BelongsTo) as raised:
        await enters(sheet, omar, second)
    assert (raised.value.registration.id, raised.value.line) == (first.id, 1)
    assert not (await enters(sheet, omar, second._replace(other_than=first.id))).before
    assert (await people_in(event), len(await open_conflicts())) == (2, 0 if released else 2)
    row = await Registration.exclude(id=first.id).get()
    assert (row.full_name, no_address.is_made_up(row.email)) == ("Maria Two", True)
    assert (row.undeliverable, row.state) == ("5.1.1", State.APPROVED if released else State.CONFIRMED)
    walk_in = await WalkIn.get(registration_id=row.id)
    assert (walk_in.is_to_be_vetted, walk_in.stage is Stage.APPROVED) == (True, released)
    assert (await Registration.get(id=first.id)).full_name == WREN.full_name


async def test_whoever_mends_the_address_after_that_keeps_their_own(event: Event, omar: Staff, sheet: Sheet) -> None:
    await enters(sheet, omar, Written(1, WREN, None))
    first = await Registration.get()
    mended = TWO._replace(email="maria@weekly.example.org")
    await enters(sheet, omar, Written(2, mended, None, other_than=first.id))
    assert (await Registration.exclude(id=first.id).get()).email == "maria@weekly.example.org"


async def test_several_without_an_address_are_several(event: Event, omar: Staff, sheet: Sheet) -> None:
    for n in (1, 2, 3):
        assert not (await enters(sheet, omar, Written(n, TWO._replace(email=""), None))).before
    assert (await people_in(event), await Registration.all().count(), await Ticket.all().count()) == (3, 3, 3)


async def test_two_who_type_two_people_of_one_mailbox_at_once_lose_neither(
    event: Event, omar: Staff, lena: Staff, begun: Begin, sheet: Sheet
) -> None:
    """On two sheets: neither is there when the other looks first."""
    other = await begun.sheet(kind=SheetKind.WALK_IN)
    both = await asyncio.gather(
        enters(sheet, omar, Written(1, WREN, None)), enters(other, lena, Written(1, TWO, None)), return_exceptions=True
    )
    assert sorted(type(entered).__name__ for entered in both) == ["BelongsTo", "Typed"]
    assert (await people_in(event), await Registration.all().count()) == (1, 1)


async def test_no_email_is_written_to_an_address_that_we_made_up(
    event: Event, omar: Staff, sheet: Sheet, numbers: list[str]
) -> None:
    for n, asked in enumerate((WREN, TWO._replace(email=""))):
        await enters(sheet, omar, Written(n + 1, asked, await release(event, sheet, numbers[n], n + 1)))
    with_one, without = await Registration.all().order_by("id")
    assert reachable(with_one) == WREN.email
    with pytest.raises(Undeliverable):
        reachable(without)
