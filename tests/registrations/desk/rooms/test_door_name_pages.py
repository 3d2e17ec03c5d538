"""Omar gives a door another name, and removes one that nobody used. What is taken is said where it was typed."""

from asyncio import gather

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, wording
from events.ground.database import Database
from events.ground.refusal import Refused
from registrations.checkin.attendance import Attendance
from registrations.codes.room import ComesIn, Room
from registrations.phones import door_changes, pairing, room_changes
from registrations.phones.door import Door, DoorKind, DoorPass, PassRole
from tests.at_the_desk import desk
from tests.at_the_door import a_phone_at
from tests.browser import browsing, words
from tests.events.programme.programmes import a_programme
from tests.people import THE_DAY, a_door, a_room

pytestmark = pytest.mark.usefixtures("the_day")


async def test_a_door_is_renamed_and_keeps_its_phones(database: Database, event: Event, omar: Staff) -> None:
    door = await a_door(event)
    await a_phone_at(door)
    here = desk(event, "doors", door.id, "name")
    async with browsing(database, omar) as client:
        assert f'href="{here}"' in (await client.get(desk(event, "doors", door.id))).text
        assert 'value="Main door"' in (await client.get(here)).text
        done = await client.post(here, data={"door_name": "North door"})
        listed = words((await client.get(done.headers["location"])).text)
    assert "Saved." in listed
    assert "North door Entrance" in listed
    assert "Main door 1 Steward Paired" in listed
    assert [entry.details for entry in await AuditEntry.filter(action=Action.DOOR_CHANGED)] == [{"renamed": True}]


async def test_a_door_without_a_name_keeps_the_one_it_has(database: Database, event: Event, omar: Staff) -> None:
    door = await a_door(event)
    async with browsing(database, omar) as client:
        pages = [
            await client.post(desk(event, "doors", door.id, "name"), data={"door_name": name}) for name in ("", " ")
        ]
    assert [(page.status_code, "Enter a name for the door" in words(page.text)) for page in pages] == [(422, True)] * 2
    assert (await Door.get(id=door.id)).name == "Main door"
    assert not await AuditEntry.filter(action=Action.DOOR_CHANGED).exists()


async def test_a_name_that_another_door_has_is_said_at_its_field_and_nothing_typed_is_lost(
    database: Database, event: Event, omar: Staff
) -> None:
    door, other = await a_door(event), await a_door(event, "North door")
    async with browsing(database, omar) as client:
        made = await client.post(desk(event, "doors"), data={"door_name": "Main door", "kind": "room"})
        capitals = await client.post(desk(event, "doors"), data={"door_name": "MAIN DOOR", "kind": "entrance"})
        assert (capitals.status_code, 'value="MAIN DOOR"' in capitals.text) == (409, True)
        named = await client.post(desk(event, "doors", other.id, "name"), data={"door_name": "Main door"})
        room = await a_room(event)
        beside = await client.post(desk(event, "doors", room.id, "beside"), data={"door_name": "Main door"})
        for page in (made, named, beside):
            assert page.status_code in (409, 422)
            assert (words(page.text).count(wording.DOOR_NAME_TAKEN), 'value="Main door"' in page.text) == (2, True)
        assert 'value="room" checked' in made.text
        await client.post(desk(event, "doors", other.id, "name"), data={"door_name": "NORTH door"})
    assert [(await Door.get(id=row.id)).name for row in (door, other)] == ["Main door", "NORTH door"]


async def test_a_code_for_a_phone_says_whose_name_it_has_too(database: Database, event: Event, omar: Staff) -> None:
    door, said = await a_door(event), "Another phone is called Main door 1 too"
    first = await a_phone_at(door)
    assert first.name == "Main door 1"
    pages = []
    async with browsing(database, omar) as client:
        for name in ("MAIN DOOR 1", "Main door 2"):
            made = await client.post(
                desk(event, "doors", door.id, "phones"), data={"phone_name": name, "role": "steward"}
            )
            pages.append(words(made.text))
        await pairing.revoke(await DoorPass.get(id=first.id), omar, THE_DAY, clock.real())
        again = await client.post(
            desk(event, "doors", door.id, "phones"), data={"phone_name": first.name, "role": "steward"}
        )
    assert [said in page for page in pages] == [True, False]
    assert "paired with Main door. If this one takes its place" in pages[0]
    assert [f"called {name} too" in words(again.text) for name in ("Main door 1", "MAIN DOOR 1")] == [False, True]


async def test_a_room_for_fewer_than_its_workshop_has_places_says_so(
    database: Database, event: Event, omar: Staff
) -> None:
    await a_door(event)
    room, workshop = await a_room(event), (await a_programme(event, omar, capacity=24)).first
    await room_changes.set_room(room, Room(ComesIn.REGISTERED, workshop.slot_id, workshop.id), omar, THE_DAY)
    shown = []
    async with browsing(database, omar) as client:
        for limit in ("2", "24", "0"):
            done = await client.post(desk(event, "doors", room.id, "room"), data={"limit": limit})
            shown.append(
                "This room is for 2, and Safety planning has 24 places."
                in words((await client.get(done.headers["location"])).text)
            )
    assert shown == [True, False, False]


async def test_a_door_that_nobody_used_is_removed_with_codes_that_lapsed(
    database: Database, event: Event, omar: Staff
) -> None:
    await a_door(event)
    spare = await a_door(event, "Spare")
    made = await pairing.make_pass(spare, "Spare 1", PassRole.STEWARD, omar, THE_DAY, clock.real())
    await DoorPass.filter(id=made.door_pass.id).update(code_expires_at=clock.real())
    async with browsing(database, omar) as client:
        done = await client.post(desk(event, "doors", spare.id, "remove"))
        listed = words((await client.get(done.headers["location"])).text)
    assert ("The door is removed." in listed, "Spare" in listed) == (True, False)
    assert await AuditEntry.filter(action=Action.DOOR_REMOVED, subject=f"door:{spare.id}").count() == 1


async def test_a_door_that_was_used_stays_and_so_does_the_last_entrance_of_rooms(event: Event, omar: Staff) -> None:
    door, room = await a_door(event), await a_room(event)
    with pytest.raises(Refused, match="Remove the rooms first"):
        await door_changes.remove(door, omar, THE_DAY, clock.real())
    await a_phone_at(room)
    with pytest.raises(Refused, match="cannot be removed"):
        await door_changes.remove(room, omar, THE_DAY, clock.real())
    assert await Door.all().count() == 2


async def test_a_door_stays_while_its_numbers_do_though_its_scans_are_deleted(event: Event, omar: Staff) -> None:
    await a_door(event)
    side = await a_door(event, "Side door")
    await Attendance.create(event=event, day=event.day, door=side, people=120)
    with pytest.raises(Refused, match="cannot be removed"):
        await door_changes.remove(side, omar, THE_DAY, clock.real())
    assert await Attendance.filter(door_id=side.id).count() == 1


async def test_what_is_done_with_a_door_that_has_just_been_removed_is_refused(event: Event, omar: Staff) -> None:
    await a_door(event)
    spare, room = await a_door(event, "Spare"), await a_room(event)
    for door in (spare, room):
        await door_changes.remove(await Door.get(id=door.id), omar, THE_DAY, clock.real())
    acts = [
        lambda: pairing.make_pass(spare, "Spare 1", PassRole.STEWARD, omar, THE_DAY, clock.real()),
        lambda: door_changes.rename(spare, "North door", omar, THE_DAY),
        lambda: door_changes.make_door(event, "Beside", omar, THE_DAY, kind=DoorKind.ROOM, beside=room),
    ]
    for act in acts:
        with pytest.raises(Refused, match="has been removed"):
            await act()  # type: ignore[no-untyped-call]
    assert await AuditEntry.filter(action=Action.DOOR_CHANGED).count() == 0


async def test_of_a_code_and_a_removal_at_once_one_is_refused(database: Database, event: Event, omar: Staff) -> None:
    await a_door(event)
    for n in range(4):
        spare = await a_door(event, f"Spare {n}")
        here, phone = desk(event, "doors", spare.id), {"phone_name": "Spare 1", "role": "steward"}
        async with browsing(database, omar) as client:
            await client.get(here)
            both = await gather(client.post(f"{here}/remove"), client.post(f"{here}/phones", data=phone))
        assert sorted(answer.status_code for answer in both) in ([200, 409], [303, 404], [303, 409])
