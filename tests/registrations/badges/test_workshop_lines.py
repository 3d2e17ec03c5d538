"""A badge says which workshops its owner takes part in, as far as guests read it, and has changed once they have.

Rules: EV-01, EV-02, EV-05, SG-12.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import query, run_tx
from events.programme import changing
from events.programme.programme import ProgrammeItem, ShownTo, Words
from registrations.badges import on_arrival, one_badge, printing, workshop_lines
from registrations.badges.papers import PaperName
from registrations.badges.printing import Order, Wanted, Which, print_badges
from registrations.booking import own_needs
from registrations.checkin.checkin import settle
from registrations.codes.badge_type import BadgeType
from registrations.codes.room import ComesIn, Room
from registrations.people import companions
from registrations.people.choices import Switch
from registrations.people.registration import Registration
from registrations.phones import rights
from registrations.tickets.ticket import Ticket
from registrations.workshops import joining
from tests.at_the_door import a_phone_at, scan_of
from tests.events.programme.programmes import Filled, a_workshop
from tests.people import MONDAY, THE_DAY, Person, a_door, an_event
from tests.registrations.workshops.guests import a_guest, takes_part

CARD = PaperName.CARD
PLANNING, POLICE = ("10:00", "Safety planning", ""), ("10:00", "Working with the police", "")


@pytest.fixture
async def guest(event: Event, ada: Person) -> Registration:
    return await a_guest(event, ada)


@pytest.fixture
async def filled(guest: Registration, event: Event, omar: Staff) -> Filled:
    """Ada takes part in Safety planning."""
    return await takes_part(guest, event, omar)


async def lines(event: Event) -> dict[str, list[tuple[str, ...]]]:
    """By the name on the badge."""
    found = await printing.guests(await Event.get(id=event.id))
    return {guest.badge.name: [tuple(said) for said in guest.badge.workshops] for guest in found}


async def printed(event: Event, by: Staff, which: Which = Which.ALL) -> None:
    await print_badges(event, Wanted(which, Order.SURNAME), CARD, by, MONDAY)


async def changed(event: Event) -> list[str]:
    return [guest.badge.name for guest in await printing.guests(event) if guest.has_changed]


async def test_each_has_their_own(event: Event, filled: Filled, bo: Person, cleo: Person, omar: Staff) -> None:
    other = await a_guest(event, bo)
    await a_guest(event, cleo)
    await joining.move(other, filled.slot.id, filled.second.id, omar, MONDAY, clock.real())
    assert await lines(event) == {"Ada Ashdown": [PLANNING], "Bo Okafor": [POLICE], "Cleo Nguyễn": []}
    await joining.move(other, filled.slot.id, None, omar, MONDAY, clock.real())
    assert (await lines(event))["Bo Okafor"] == []


async def test_one_badge_says_the_same(event: Event, guest: Registration, filled: Filled, omar: Staff) -> None:
    standing = await one_badge.standing(event, guest)
    again = await one_badge.print_again(event, guest, CARD, omar, MONDAY)
    assert standing.guest
    assert standing.guest.badge.workshops == again.workshops == (PLANNING,)


async def test_on_arrival_it_says_the_same(
    event: Event, guest: Registration, filled: Filled, bo: Person, omar: Staff
) -> None:
    await a_guest(event, bo)
    clock.move_to(THE_DAY)
    await settle(
        [await scan_of(await Ticket.get(registration_id=guest.id))], await a_phone_at(await a_door(event)), clock.now()
    )
    waiting = (await on_arrival.jobs(event)).waiting
    badge = await on_arrival.print_waiting(event, guest.id, CARD, omar, THE_DAY)
    again = await on_arrival.print_again(event, guest.id, 1, CARD, omar, THE_DAY)
    assert [job.badge.workshops for job in waiting] == [badge.workshops] == [again.workshops] == [(PLANNING,)]


@pytest.mark.parametrize("shown_to", ShownTo)
async def test_nothing_while_guests_see_no_programme(
    event: Event, filled: Filled, omar: Staff, shown_to: ShownTo
) -> None:
    await changing.show_to(event, shown_to, by=omar, at=MONDAY)
    assert await lines(event) == {"Ada Ashdown": [] if shown_to is ShownTo.NOBODY else [PLANNING]}


async def test_no_room_before_the_venue_is_released(event: Event, filled: Filled) -> None:
    assert await lines(event) == {"Ada Ashdown": [PLANNING]}
    await Event.filter(id=event.id).update(venue_released_at=MONDAY)
    assert await lines(event) == {"Ada Ashdown": [("10:00", "Safety planning", "Room of safety planning")]}


async def test_by_time_of_all_slots(event: Event, guest: Registration, filled: Filled, omar: Staff) -> None:
    early = await changing.add_slot(event, changing.Times(540, 570), by=omar, at=MONDAY)
    workshop = await a_workshop(event, early, "Early", 0, omar)
    await query(
        "INSERT INTO workshop_place (event_id, registration_id, slot_id, workshop_id, given_by, given_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [event.id, guest.id, early.id, workshop.id, "drawn", MONDAY],
    )
    assert await lines(event) == {"Ada Ashdown": [("09:00", "Early", ""), PLANNING]}


async def test_whoever_comes_along_has_the_workshops_of_their_guest(
    event: Event, guest: Registration, filled: Filled, bo: Person, omar: Staff
) -> None:
    """As a room's door lets them in: their own first."""
    companion = await a_guest(event, bo)
    assert await run_tx(companions.join)(guest.id, companion.id)
    for own, says in ((None, PLANNING), (filled.second.id, POLICE)):
        if own:
            await joining.move(companion, filled.slot.id, own, omar, MONDAY, clock.real())
        assert await lines(event) == {"Ada Ashdown": [PLANNING], "Bo Okafor": [says]}
        seen = await one_badge.standing(event, await Registration.get(id=companion.id))
        assert seen.guest
        assert seen.guest.badge.workshops == (says,)
        ticket = (await Ticket.get(registration_id=companion.id)).id
        room = Room(ComesIn.REGISTERED, filled.slot.id, filled.second.id if own else filled.first.id)
        right = (await rights.rights(room, [ticket]))[ticket]
        assert (right.here, right.due) == (True, room.workshop)


async def test_whoever_comes_along_with_nobody_has_none_of_another(event: Event, filled: Filled, bo: Person) -> None:
    """A positive control of the one above, and of 0 as a number of nobody."""
    await a_guest(event, bo)
    assert await lines(event) == {"Ada Ashdown": [PLANNING], "Bo Okafor": []}


async def test_first_name_and_no_organisation_hold_beside_it(event: Event, guest: Registration, filled: Filled) -> None:
    await own_needs.switch(guest, [Switch.FIRST_NAME, Switch.NO_ORGANISATION], MONDAY, clock.real())
    [found] = await printing.guests(event)
    assert found.badge.texts == ["Ada", "", BadgeType.DELEGATE.words, "", *PLANNING]


async def test_a_swap_marks_the_badge_as_changed_and_no_other(
    event: Event, guest: Registration, filled: Filled, bo: Person, omar: Staff
) -> None:
    await a_guest(event, bo)
    await printed(event, omar)
    assert await changed(event) == []
    await joining.join(guest, filled.slot.id, filled.second.id, MONDAY, clock.real())
    assert await changed(event) == ["Ada Ashdown"]
    assert (await lines(event))["Ada Ashdown"] == [POLICE]
    await printed(event, omar, Which.CHANGED)
    assert await changed(event) == []
    await joining.move(guest, filled.slot.id, None, omar, MONDAY, clock.real())
    assert await changed(event) == ["Ada Ashdown"]


async def test_a_swap_of_whom_they_come_with_marks_theirs_too(
    event: Event, guest: Registration, filled: Filled, bo: Person, omar: Staff
) -> None:
    assert await run_tx(companions.join)(guest.id, (await a_guest(event, bo)).id)
    await printed(event, omar)
    await joining.join(guest, filled.slot.id, filled.second.id, MONDAY, clock.real())
    assert await changed(event) == ["Ada Ashdown", "Bo Okafor"]


async def test_a_programme_marks_nobody_who_takes_part_in_no_workshop(event: Event, omar: Staff) -> None:
    """Nor does one that guests see marks those who have chosen nothing yet."""
    await a_guest(event)
    await printed(event, omar)
    other = await a_guest(event)
    await takes_part(other, event, omar)
    await Event.filter(id=event.id).update(venue_released_at=MONDAY)
    assert await changed(await Event.get(id=event.id)) == []
    assert [len(said) for said in (await lines(event)).values()] == [0, 1]


async def test_what_cannot_be_read_stands_on_no_badge(
    event: Event, guest: Registration, filled: Filled, bo: Person, omar: Staff
) -> None:
    """Nor, in its place, where their guest is due."""
    companion = await a_guest(event, bo)
    assert await run_tx(companions.join)(guest.id, companion.id)
    await joining.move(companion, filled.slot.id, filled.second.id, omar, MONDAY, clock.real())
    await query("UPDATE programme_item SET words_sealed = ? WHERE id = ?", [b"\x01" + bytes(60), filled.second.id])
    assert await lines(event) == {"Ada Ashdown": [PLANNING], "Bo Okafor": []}


async def test_what_no_font_has_is_counted(event: Event, guest: Registration, omar: Staff) -> None:
    filled = await takes_part(guest, event, omar)
    assert (await printing.counted(event)).gaps == 0
    item = await ProgrammeItem.get(id=filled.first.id).prefetch_related("event")
    await changing.change_workshop(item, Words("王小明"), 2, item.version, by=omar, at=MONDAY, real=clock.real())
    assert (await printing.counted(event)).gaps == 1


async def test_places_of_all_are_read_at_once(
    event: Event, filled: Filled, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of however many, and nothing of an event without workshops. Those of a part begin where the last one ended."""
    await ProgrammeItem.filter(id=filled.second.id).update(capacity=0)
    for _ in range(4):
        await joining.move(await a_guest(event), filled.slot.id, filled.second.id, omar, MONDAY, clock.real())
    assert await questions(event, monkeypatch) == 1
    without = await an_event()
    await a_guest(without)
    assert await questions(without, monkeypatch) == 0
    monkeypatch.setattr(workshop_lines, "A_PART", 2)
    assert await questions(event, monkeypatch) == 3
    assert sorted(len(said) for said in (await lines(event)).values()) == [1] * 5


async def questions(event: Event, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often workshop places are asked for while all badges are read."""
    asked = list[str]()
    ask = query

    async def counted(sql: str, values: Sequence[Any]) -> Any:
        asked.append(sql)
        return await ask(sql, values)

    with monkeypatch.context() as patch:
        patch.setattr(workshop_lines, "query", counted)
        await printing.guests(event)
    return len(asked)
