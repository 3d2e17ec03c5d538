"""Organisers change the programme: nothing stands beside anything else but workshops of one slot. Rules: EV-01."""

import asyncio
from collections import Counter

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from events.programme import changing
from events.programme.changing import Times
from events.programme.programme import (
    ProgrammeItem,
    ShownTo,
    Words,
    guests_programme,
    programme_of,
    public_programme,
)
from tests.events.programme.programmes import MORNING, OPENING, a_programme, a_workshop, listed
from tests.people import MONDAY, audit_of

TALK = Words("A talk", "", "", "")


async def test_the_programme_stands_in_the_order_of_its_times(event: Event, omar: Staff) -> None:
    await a_programme(event, omar)
    assert await listed(event) == [
        ("09:30 to 10:00", "Opening"),
        ("10:00 to 11:00", "Workshops"),
        ("11:00 to 12:00", "A story"),
    ]
    [slot] = (await programme_of(event)).slots
    assert [entry.words.title for entry in slot.workshops] == ["Safety planning", "Working with the police"]


@pytest.mark.parametrize(
    ("times", "why"),
    [
        (Times(600, 590), changing.ENDS_FIRST),
        (Times(600, 600), changing.ENDS_FIRST),
        (Times(590, 595), "From 09:30 to 10:00 there is “Opening” already"),
        (Times(500, 1000), "there is “Opening” already"),
        (Times(659, 670), "From 10:00 to 11:00 there is “Workshops” already"),
    ],
)
async def test_nothing_is_added_where_something_stands(event: Event, omar: Staff, times: Times, why: str) -> None:
    filled, before = await a_programme(event, omar), await listed(event)
    filled.story.event = event
    for act in (
        changing.add_session(event, TALK, times, by=omar, at=MONDAY),
        changing.add_slot(event, times, by=omar, at=MONDAY),
        changing.change_session(filled.story, TALK, times, 0, by=omar, at=MONDAY),
    ):
        with pytest.raises(Refused, match=why):
            await act
    assert await listed(event) == before
    await changing.add_session(event, TALK, Times(720, 730), by=omar, at=MONDAY)
    assert len(await listed(event)) == 4, "one that begins when another ends fits"


async def test_a_session_and_a_slot_move_within_their_own_time(event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar)
    filled.opening.event = event
    await changing.change_session(filled.opening, OPENING, Times(575, 600), 0, by=omar, at=MONDAY)
    await changing.change_slot(event, filled.slot.id, Times(605, 655), by=omar, at=MONDAY, real=clock.real())
    assert [hours for hours, _ in await listed(event)] == ["09:35 to 10:00", "10:05 to 10:55", "11:00 to 12:00"]


async def test_two_workshops_of_a_slot_are_in_two_rooms(event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar)
    elsewhere = Words("Another", "", "ROOM OF safety planning", "")
    with pytest.raises(Refused, match="“Safety planning” is in that room"):
        await changing.add_workshop(event, filled.slot.id, elsewhere, 0, by=omar, at=MONDAY)
    filled.second.event = filled.first.event = event
    with pytest.raises(Refused, match="“Safety planning” is in that room"):
        await changing.change_workshop(filled.second, elsewhere, 0, 0, by=omar, at=MONDAY, real=clock.real())
    await changing.change_workshop(filled.first, elsewhere, 0, 0, by=omar, at=MONDAY, real=clock.real())
    assert (await ProgrammeItem.get(id=filled.first.id)).words == elsewhere, "its own room is free for itself"


async def test_two_who_add_a_session_at_the_same_time_and_hour_add_one(event: Event, omar: Staff) -> None:
    acts = [changing.add_session(event, TALK, MORNING, by=omar, at=MONDAY) for _ in range(5)]
    answers = await asyncio.gather(*acts, return_exceptions=True)
    assert Counter(type(answer) for answer in answers) == {ProgrammeItem: 1, Refused: 4}
    assert await listed(event) == [("09:30 to 10:00", "A talk")]


async def test_who_changes_what_has_changed_since_changes_nothing(event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar)
    filled.opening.event = event
    await changing.change_session(filled.opening, TALK, MORNING, 0, by=omar, at=MONDAY)
    with pytest.raises(Refused, match="Someone else has changed"):
        await changing.change_session(filled.opening, OPENING, MORNING, 0, by=omar, at=MONDAY)
    assert (await ProgrammeItem.get(id=filled.opening.id)).words == TALK


async def test_a_slot_goes_once_its_workshops_are_out(event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar)
    with pytest.raises(Refused, match=changing.HAS_WORKSHOPS):
        await changing.take_out_slot(event, filled.slot.id, by=omar, at=MONDAY)
    for workshop in (filled.first, filled.second):
        workshop.event = event
        await changing.take_out(workshop, by=omar, at=MONDAY, real=clock.real())
    with pytest.raises(Refused, match="Someone else has changed"):
        await changing.take_out(filled.second, by=omar, at=MONDAY, real=clock.real())
    await changing.take_out_slot(event, filled.slot.id, by=omar, at=MONDAY)
    assert [name for _, name in await listed(event)] == ["Opening", "A story"]
    with pytest.raises(Refused, match="Someone else has changed"):
        await a_workshop(event, filled.slot, "Too late", 0, omar)


async def test_each_change_is_an_entry_with_who_and_when_and_without_the_words(event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar)
    filled.story.event = event
    before = len(await audit_of(event))
    await changing.take_out(filled.story, by=omar, at=MONDAY, real=clock.real())
    entries = await audit_of(event)
    assert entries[-1] == ("changed the programme", omar.actor, MONDAY)
    assert len(entries) == before + 1


@pytest.mark.parametrize(
    ("shown_to", "seen_by"),
    [(ShownTo.NOBODY, (False, False)), (ShownTo.GUESTS, (True, False)), (ShownTo.EVERYBODY, (True, True))],
)
async def test_it_is_seen_by_whom_organisers_choose(
    event: Event, omar: Staff, shown_to: ShownTo, seen_by: tuple[bool, bool]
) -> None:
    assert await guests_programme(event) is None, "there is none yet"
    await a_programme(event, omar, shown_to)
    assert (await guests_programme(event) is not None, await public_programme(event) is not None) == seen_by
