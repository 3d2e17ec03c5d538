"""DR-33: organisers say at the desk how many people a room and the venue are for, and see how full they are."""

import re
from asyncio import gather
from datetime import timedelta

import pytest

from events.accounts.staff import Session, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, wording
from events.ground.database import Database
from events.programme import changing
from events.programme.changing import Times
from registrations.checkin import checkin
from registrations.checkin.headcount import Occupancy
from registrations.codes.room import ComesIn
from registrations.phones import door_changes, room_changes
from registrations.phones.door import Door, DoorKind
from tests.at_the_desk import desk
from tests.at_the_door import a_phone_at, a_ticket, scan_of
from tests.browser import browsing, words
from tests.events.programme.programmes import a_programme, a_workshop
from tests.people import MONDAY, THE_DAY, a_door, a_room, someone

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def limits() -> list[int]:
    return [door.capacity for door in await Door.all().order_by("id")]


async def test_dr33_an_organiser_says_how_many_a_room_is_for_and_phones_hear_of_it(
    database: Database, event: Event, omar: Staff
) -> None:
    room, other = await a_room(event), await a_room(event, "Workshop B")
    before = (await Event.get(id=event.id)).list_version
    async with browsing(database, omar) as client:
        here = desk(event, "doors", room.id, "room")
        assert "How many people may be in it at once?" in (await client.get(here)).text
        assert (await client.post(here, data={"limit": "30"})).status_code == 303
        listed = words((await client.get(desk(event, "doors"))).text)
        assert ("Workshop A Room, for 30 people." in listed, "Workshop B Room. Opens" in listed) == (True, True)
        assert 'value="30"' in (await client.get(here)).text
    assert await limits() == [30, 0]
    assert (await Event.get(id=event.id)).list_version > before
    assert [(entry.subject, entry.details) for entry in await AuditEntry.filter(action=Action.DOOR_CHANGED)] == [
        (f"door:{room.id}", {"limit": 30})
    ]
    assert other.id != room.id


@SQLITE
@pytest.mark.parametrize("typed", ["", "-1", "thirty", "1000001"])
async def test_dr33_what_is_no_number_of_people_changes_nothing(
    database: Database, event: Event, omar: Staff, typed: str
) -> None:
    room, _ = await a_room(event), await a_door(event)
    async with browsing(database, omar) as client:
        for here in (desk(event, "doors", room.id, "room"), desk(event, "doors", "venue")):
            answer = await client.post(here, data={"limit": typed})
            assert (answer.status_code, "<title>Error: " in answer.text) == (422, True)
    assert await limits() == [0, 0]


async def test_dr33_another_door_of_a_room_counts_with_it_and_has_its_limit(
    database: Database, event: Event, omar: Staff
) -> None:
    room = await a_room(event)
    await room_changes.set_limit(room, 2, omar, THE_DAY)
    await door_changes.set_one_place(room, one_place=True, by=omar, at=THE_DAY)
    async with browsing(database, omar) as client:
        there = desk(event, "doors", room.id, "beside")
        assert (await client.post(there, data={"door_name": ""})).status_code == 422
        assert (await client.post(there, data={"door_name": "Back door of A"})).status_code == 303
        page = words((await client.get(desk(event, "doors", room.id, "room"))).text)
    assert "Workshop A, Back door of A. All doors of a room count together" in page
    back = await Door.all().order_by("-id").first()
    assert back is not None
    assert (back.presence, back.capacity, back.one_place) == (room.id, 2, True)
    await room_changes.set_limit(back, 3, omar, THE_DAY)
    await door_changes.set_one_place(back, one_place=False, by=omar, at=THE_DAY)
    assert [(door.capacity, door.one_place) for door in await Door.all()] == [(3, False)] * 2


async def test_dr33_an_entrance_has_no_page_of_a_room_and_takes_no_limit_of_its_own(
    database: Database, event: Event, omar: Staff
) -> None:
    door = await a_door(event)
    async with browsing(database, omar) as client:
        there = (await client.get(desk(event, "doors", door.id, "room"))).headers["location"]
        assert there == desk(event, "doors", "venue")
        refused = [
            await client.post(desk(event, "doors", door.id, "room"), data={"limit": "3"}),
            await client.post(desk(event, "doors", door.id, "beside"), data={"door_name": "Side door"}),
        ]
    assert [answer.status_code for answer in refused] == [409, 409]
    assert await limits() == [0]


async def test_dr33_the_limit_of_the_venue_takes_proof_holds_at_all_entrances_and_is_on_record(
    database: Database, event: Event, omar: Staff
) -> None:
    here = desk(event, "doors", "venue")
    async with browsing(database, omar) as client:
        assert wording.NO_ENTRANCE_YET in (await client.get(here)).text
        await a_door(event), await a_door(event, "Side door"), await a_room(event)
        await Session.filter(staff=omar).update(stepped_up_at=clock.real() - timedelta(hours=3))
        assert (await client.post(here, data={"limit": "180"})).headers["location"].startswith("/staff/step-up")
        assert await limits() == [0, 0, 0]
        await Session.filter(staff=omar).update(stepped_up_at=clock.real())
        assert (await client.post(here, data={"limit": "180"})).status_code == 303
        assert (await client.post(here, data={"limit": "200"})).status_code == 303
        said = words((await client.get(desk(event, "doors"))).text)
        assert "200. At that number no door lets anybody else in" in said
    assert await limits() == [200, 200, 0]
    kept = await AuditEntry.filter(action=Action.VENUE_LIMITED).order_by("id")
    assert [(entry.actor, entry.details) for entry in kept] == [
        (omar.actor, {"was": 0, "limit": 180}), (omar.actor, {"was": 180, "limit": 200})]  # fmt: skip


async def test_dr33_an_entrance_that_is_made_or_becomes_one_has_the_limit_of_the_venue(
    event: Event, omar: Staff
) -> None:
    await a_door(event)
    room = await a_room(event)
    await room_changes.set_limit(room, 5, omar, THE_DAY)
    await room_changes.set_venue_limit(event, 180, omar, THE_DAY)
    made = gather(*(door_changes.make_door(event, f"Door {n}", omar, THE_DAY) for n in range(3)),
                  room_changes.set_venue_limit(event, 90, omar, THE_DAY))  # fmt: skip
    await made
    await door_changes.set_kind(room, DoorKind.ENTRANCE, omar, THE_DAY, clock.real())
    assert await limits() == [90] * 5
    await door_changes.set_kind(room, DoorKind.ROOM, omar, THE_DAY, clock.real())
    assert (await Door.get(id=room.id)).capacity == 0


async def test_dr33_what_is_said_of_an_entrance_that_became_a_room_meanwhile_is_said_of_that_room_alone(
    event: Event, omar: Staff
) -> None:
    entrance, door = await a_door(event), await a_door(event, "Side door")
    as_it_was = await Door.get(id=door.id)
    await door_changes.set_kind(door, DoorKind.ROOM, omar, THE_DAY, clock.real())
    await room_changes.set_limit(as_it_was, 5, omar, THE_DAY)
    await door_changes.set_one_place(as_it_was, one_place=True, by=omar, at=THE_DAY)
    said = [(door.id, door.capacity, door.one_place) for door in await Door.all().order_by("id")]
    assert said == [(entrance.id, 0, False), (door.id, 5, True)]


async def test_dr33_the_board_says_how_full_each_room_and_the_venue_are(
    database: Database, event: Event, omar: Staff
) -> None:
    door, room = await a_door(event), await a_room(event)
    await room_changes.set_limit(room, 10, omar, THE_DAY)
    tickets = [await a_ticket(someone(), event) for _ in range(10)]
    at_door, in_room = await a_phone_at(door), await a_phone_at(await Door.get(id=room.id), "Room")
    seen = []
    async with browsing(database, omar) as client:
        for tenth, ticket in enumerate(tickets):
            for by in (at_door, in_room):
                await checkin.settle([await scan_of(ticket)], by, THE_DAY)
            if tenth in (7, 8, 9):
                seen.append(words((await client.get(desk(event, "board"))).text))
        await room_changes.set_limit(room, 8, omar, THE_DAY)
        await room_changes.set_venue_limit(event, 100, omar, THE_DAY)
        seen.append(words((await client.get(desk(event, "board"))).text))
    said = ["Workshop A 8 of 10", "Workshop A 9 of 10, 1 left", "Workshop A 10 of 10, full",
            "The venue 10 of 100 Workshop A 10 of 8, full, 2 too many"]  # fmt: skip
    assert [text in page for text, page in zip(said, seen, strict=True)] == [True] * 4
    assert "Workshop A 8 of 10," not in seen[0]


@pytest.mark.parametrize(
    ("inside", "limit", "says"),
    [(0, 10, ""), (8, 10, ""), (9, 10, "1 left"), (27, 30, "3 left"), (26, 30, ""), (30, 30, "full"), (1, 1, "full"),
     (0, 1, ""), (33, 30, "full, 3 too many")],
)  # fmt: skip
def test_dr33_from_nine_in_ten_on_it_is_said_how_many_are_left(inside: int, limit: int, says: str) -> None:
    assert Occupancy("Workshop A", inside, limit).says == says


@SQLITE
async def test_an_organiser_says_whose_room_it_is(database: Database, event: Event, omar: Staff) -> None:
    room = await a_room(event)
    here, who = desk(event, "doors", room.id, "room"), desk(event, "doors", room.id, "who")
    async with browsing(database, omar) as client:
        assert "Everybody with a ticket. Once the programme has workshops" in words((await client.get(here)).text)
        filled = await a_programme(event, omar)
        of = f"{filled.slot.id}-{filled.first.id}"
        page = words((await client.get(here)).text)
        assert ("Safety planning" in page, page.count("any workshop")) == (True, 1)
        alone = await changing.add_slot(event, Times(720, 780), by=omar, at=MONDAY)
        await a_workshop(event, alone, "Recovery", 10, omar)
        page = words((await client.get(here)).text)
        assert ("Recovery" in page, page.count("any workshop")) == (True, 1), "of one there is no any"
        for wrong in (
            {},
            {"programme": of},
            {"programme": "9-9", "joining": "no"},
            {"programme": of, "joining": "perhaps"},
        ):
            refused = await client.post(who, data=wrong)
            assert (refused.status_code, "<title>Error: " in refused.text) == (422, True)
        assert (await Door.get()).comes_in == ComesIn.EVERYBODY
        for joining, comes_in in (("no", ComesIn.REGISTERED), ("yes", ComesIn.JOINING)):
            assert (await client.post(who, data={"programme": of, "joining": joining})).status_code == 303
            door = await Door.get()
            assert (door.comes_in, door.for_slot_id, door.for_workshop_id) == (
                comes_in,
                filled.slot.id,
                filled.first.id,
            )
        chosen = re.findall(
            r'name="(?:programme|joining)" type="radio" value="([^"]+)" checked', (await client.get(here)).text
        )
        assert chosen == [of, "yes"]
        await client.post(who, data={"programme": "-", "joining": "no"})
    door = await Door.get()
    assert (door.comes_in, door.for_slot_id, door.for_workshop_id) == (ComesIn.EVERYBODY, None, None)


async def test_an_organiser_says_that_whoever_enters_a_room_has_to_be_counted_at_the_entrance(
    database: Database, event: Event, omar: Staff
) -> None:
    room = await a_room(event)
    here, counted = desk(event, "doors", room.id, "room"), desk(event, "doors", room.id, "counted")
    async with browsing(database, omar) as client:
        assert re.findall(r'name="needed" type="radio" value="([^"]+)" checked', (await client.get(here)).text) == [
            "no"
        ]
        without = await client.post(counted, data={"needed": "yes"})
        assert (without.status_code, wording.NO_ENTRANCE_YET in words(without.text)) == (409, True)
        entrance = await a_door(event)
        before = (await Event.get(id=event.id)).list_whole_since
        for wrong in ({}, {"needed": "perhaps"}):
            refused = await client.post(counted, data=wrong)
            assert (refused.status_code, "<title>Error: " in refused.text) == (422, True)
        assert [door.needs_entrance for door in await Door.all()] == [False, False]
        assert (await client.post(counted, data={"needed": "yes"})).status_code == 303
        assert (
            await client.post(desk(event, "doors", entrance.id, "counted"), data={"needed": "yes"})
        ).status_code == 409
        page = (await client.get(here)).text
        assert re.findall(r'name="needed" type="radio" value="([^"]+)" checked', page) == ["yes"]
        assert (await Event.get(id=event.id)).list_whole_since > before, "phones get a list that says so"
        await client.post(counted, data={"needed": "no"})
    assert [door.needs_entrance for door in await Door.all()] == [False, False]
    kept = await AuditEntry.filter(action=Action.DOOR_CHANGED).order_by("id")
    assert [(entry.actor, entry.subject, entry.details) for entry in kept] == [
        (omar.actor, f"door:{room.id}", {"needs_entrance": needs}) for needs in (True, False)
    ]
