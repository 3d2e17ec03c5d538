"""The desk's pages of doors and phones: hours, pairing codes that are shown once, and revoking."""

import re
from datetime import timedelta
from html import unescape

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, wording
from events.ground.database import Database
from registrations.phones import pairing
from registrations.phones.door import Door, DoorPass, PassRole, Policy
from tests.at_the_door import a_phone_at
from tests.browser import browsing, heading, words
from tests.people import THE_DAY, a_door, a_room, audit_of

pytestmark = pytest.mark.usefixtures("the_day")


async def test_omar_makes_a_door_sets_its_hours_and_pairs_a_phone(
    database: Database, event: Event, omar: Staff
) -> None:
    async with browsing(database, omar) as desk:
        page = await desk.get(f"/desk/{event.slug}/doors")
        assert heading(page) == "Doors and phones"
        assert "There is no door yet" in page.text
        made = await desk.post(f"/desk/{event.slug}/doors", data={"door_name": "Main door", "kind": "entrance"})
        assert (made.status_code, made.headers["location"]) == (303, f"/desk/{event.slug}/doors?said=made")
        door = await Door.get()
        hours = {"opens": "8.45", "closes": "17:00"}
        await desk.post(f"/desk/{event.slug}/doors/{door.id}/hours", data=hours)
        assert "Opens 08:45, closes 17:00." in words((await desk.get(f"/desk/{event.slug}/doors")).text)
        phone = {"phone_name": "Main door 1", "role": "steward"}
        code = await desk.post(f"/desk/{event.slug}/doors/{door.id}/phones", data=phone)
        assert heading(code) == "Pair Main door 1 with Main door"
        assert code.headers["cache-control"] == "no-store"
        assert "<svg" in code.text
        [typed] = re.findall(r"[2-9A-HJKMNP-TV-Z]{5}-[2-9A-HJKMNP-TV-Z]{5}", code.text)
        listed = words((await desk.get(f"/desk/{event.slug}/doors")).text)
        assert "Main door 1 Steward Waits for its phone" in listed
        assert typed not in listed
    async with browsing(database) as browser:
        assert (await browser.post("/door/api/pair", json={"code": typed})).status_code == 200


async def test_revoking_asks_first_and_says_what_is_still_to_send(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    phone = await a_phone_at(door)
    await DoorPass.filter(id=phone.id).update(to_send=3)
    here = f"/desk/{event.slug}/phones/{phone.id}/revoke"
    async with browsing(database, omar) as desk:
        listed = (await desk.get(f"/desk/{event.slug}/doors")).text
        assert "Main door 1 Steward Paired" in words(listed)
        assert f'<form method="post" action="{here}"' not in listed
        asked = await desk.get(here)
        assert heading(asked) == "Revoke Main door 1?"
        assert "it has 3 scans to send" in words(asked.text)
        assert (await DoorPass.get(id=phone.id)).revoked_at is None
        done = await desk.post(here)
        page = (await desk.get(done.headers["location"])).text
    assert "Main door 1 is revoked." in words(page)
    assert "Main door 1 Steward Revoked" in words(page)
    assert "/revoke" not in page
    assert (await DoorPass.get(id=phone.id)).revoked_at is not None


async def test_a_phone_that_signed_itself_out_is_told_apart_from_a_revoked_one(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    lost, returned = await a_phone_at(door), await a_phone_at(door)
    await pairing.revoke(await DoorPass.get(id=lost.id), omar, clock.now(), clock.real())
    await pairing.sign_out(returned, clock.now(), clock.real())
    async with browsing(database, omar) as desk:
        listed = words((await desk.get(f"/desk/{event.slug}/doors")).text)
    assert re.findall(r"Steward (Revoked|Signed out|Paired)", listed) == ["Revoked", "Signed out"]


OF_A_DOOR = ("Name of the phone", "Who holds it?", "Opens (optional)", "Closes (optional)")
LABELS = {"doors": ("Name of the door",), "doors/{door}/phones": OF_A_DOOR, "doors/{door}/hours": OF_A_DOOR,
          "doors/{door}/kind": ("What is it?",),
    "doors/{door}/one-place": OF_A_DOOR}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "data", "sentence"),
    [
        ("doors", {"door_name": " ", "kind": "room"}, "Enter a name for the door"),
        ("doors", {"door_name": "x" * 61, "kind": "room"}, "Name of the door must be 60 characters or fewer"),
        ("doors", {"door_name": "Hall"}, "Select if the door is an entrance or a room"),
        ("doors", {"door_name": "Hall", "kind": "window"}, "Select if the door is an entrance or a room"),
        ("doors/{door}/one-place", {"one_place": "perhaps"}, "Select if people can be in two rooms at the same time"),
        ("doors/{door}/kind", {}, "Select if the door is an entrance or a room"),
        ("doors/{door}/phones", {"phone_name": "", "role": "steward"}, "Enter a name for the phone"),
        ("doors/{door}/phones", {"phone_name": "A"}, "Select who holds the phone"),
        ("doors/{door}/phones", {"phone_name": "A", "role": "juggler"}, "Select who holds the phone"),
        ("doors/{door}/hours", {"opens": "nine"}, "Opens must be a time like 09:30"),
        ("doors/{door}/hours", {"closes": "25:00"}, "Closes must be a time like 09:30"),
        ("doors/{door}/hours", {"opens": "10:00", "closes": "09:59"}, "Closes must be later than opens"),
    ],
)
async def test_bad_input_keeps_what_was_typed_and_changes_nothing(
    database: Database, event: Event, door: Door, omar: Staff, path: str, data: dict[str, str], sentence: str
) -> None:
    before = [await Door.all().values(), await DoorPass.all().count(), await AuditEntry.all().count()]
    async with browsing(database, omar) as desk:
        answer = await desk.post(f"/desk/{event.slug}/{path.format(door=door.id)}", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "<title>Error: " in answer.text
    assert all(label in answer.text for label in LABELS[path])
    assert all(
        f'value="{value}"' in answer.text
        for value in data.values()
        if value.strip() and value not in ("juggler", "window", "perhaps")
    )
    assert [await Door.all().values(), await DoorPass.all().count(), await AuditEntry.all().count()] == before


async def test_the_desk_says_what_a_door_is_and_changes_it_until_a_code_for_a_phone_is_made(
    database: Database, event: Event, omar: Staff
) -> None:
    async with browsing(database, omar) as desk:
        hall = {"door_name": "Hall", "kind": "room"}
        refused = await desk.post(f"/desk/{event.slug}/doors", data=hall)
        assert (refused.status_code, wording.NO_ENTRANCE_YET in words(refused.text)) == (409, True)
        await a_door(event)
        await desk.post(f"/desk/{event.slug}/doors", data=hall)
        door = await Door.get(presence__gt=0)
        here = f"/desk/{event.slug}/doors/{door.id}"
        listed = words((await desk.get(f"/desk/{event.slug}/doors")).text)
        assert "Hall Room. Opens" in listed
        assert (await desk.post(f"{here}/kind", data={"kind": "entrance"})).status_code == 303
        assert [(what, who) for what, who, _ in await audit_of(door)] == [
            (Action.DOOR_MADE, omar.actor), (Action.DOOR_CHANGED, omar.actor),
        ]  # fmt: skip
        listed = words((await desk.get(f"/desk/{event.slug}/doors")).text)
        assert "Hall Entrance. Opens" in listed
        assert "Save what it is" in (await desk.get(here)).text
        await desk.post(f"{here}/phones", data={"phone_name": "Hall 1", "role": "steward"})
        assert "Save what it is" not in (page := (await desk.get(here)).text)
        assert "An entrance. It stays one: a code for a phone was made for it, which can still be used." in words(page)
        refused = await desk.post(f"{here}/kind", data={"kind": "room"})
        assert (refused.status_code, wording.DOOR_KIND_STAYS in words(refused.text)) == (409, True)
        assert (await Door.get(id=door.id)).presence == 0


async def test_dr34_rooms_are_marked_as_one_at_a_time_and_an_entrance_is_not(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    room = await a_room(event)
    async with browsing(database, omar) as desk:
        page = await desk.get(f"/desk/{event.slug}/doors/{room.id}")
        assert "Can people be in this room and in another one at the same time?" in page.text
        await desk.post(f"/desk/{event.slug}/doors/{room.id}/one-place", data={"one_place": "yes"})
        assert "Workshop A Room, one at a time." in words((await desk.get(f"/desk/{event.slug}/doors")).text)
        assert "at the same time?" not in (await desk.get(f"/desk/{event.slug}/doors/{door.id}")).text
        refused = await desk.post(f"/desk/{event.slug}/doors/{door.id}/one-place", data={"one_place": "yes"})
        assert (refused.status_code, wording.ONLY_ROOMS in words(refused.text)) == (409, True)
        assert [found.one_place for found in await Door.all().order_by("id")] == [False, True]
        await desk.post(f"/desk/{event.slug}/doors/{room.id}/one-place", data={"one_place": "no"})
    assert (await Door.get(id=room.id)).one_place is False


async def test_a_door_of_the_same_name_is_refused(database: Database, event: Event, door: Door, omar: Staff) -> None:
    async with browsing(database, omar) as desk:
        answer = await desk.post(f"/desk/{event.slug}/doors", data={"door_name": "Main door", "kind": "entrance"})
    assert answer.status_code == 409
    assert "There is a door of this name already" in answer.text


async def test_a_pairing_code_is_for_stewards_and_leads_of_the_door(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    made = await pairing.make_pass(door, "Lead", PassRole.DOOR_LEAD, omar, clock.now(), clock.real())
    async with browsing(database) as browser:
        told = (await browser.post("/door/api/pair", json={"code": made.secret})).json()
    assert told["pass"]["role"] == "door_lead"


async def test_omar_says_whether_people_who_left_may_come_in_again(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    path = f"/desk/{event.slug}/doors/{door.id}/policy"
    async with browsing(database, omar) as desk:
        refused = await desk.post(path, data={})
        assert refused.status_code == 422
        assert "Select if people may come in again" in words(refused.text)
        assert (await desk.post(path, data={"policy": "once"})).status_code == 303
    assert (await Door.get(id=door.id)).policy is Policy.ONCE
    [entry] = await AuditEntry.filter(action=Action.DOOR_CHANGED)
    assert entry.details == {"policy": "once"}


async def test_without_hours_the_door_says_what_to_do_in_place_of_pairing(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    here = f"/desk/{event.slug}/doors/{door.id}"
    async with browsing(database, omar) as desk:
        assert "Name of the phone" in (await desk.get(here)).text
        await Event.filter(id=event.id).update(doors_open_at=None)
        page = await desk.get(here)
        assert "Name of the phone" not in page.text
        assert f"{wording.NO_HOURS} Set the event" in words(page.text)
        made = await desk.post(f"{here}/phones", data={"phone_name": "Main door 1", "role": "steward"})
        assert (made.status_code, wording.NO_HOURS in unescape(made.text)) == (409, True)
        await desk.post(f"{here}/hours", data={"opens": "08:45", "closes": ""})
        assert "Name of the phone" in (await desk.get(here)).text
    assert await DoorPass.all().count() == 0


async def test_once_no_phone_can_be_paired_the_door_says_why_in_place_of_pairing(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    here = f"/desk/{event.slug}/doors/{door.id}"
    closed = clock.at_venue(event.day, 23, 59), f"{wording.DOORS_OVER} Set the event"
    over = THE_DAY + timedelta(days=1), pairing.EVENT_OVER
    async with browsing(database, omar) as desk:
        for moment, why in (closed, over):
            clock.move_to(moment)
            page = (await desk.get(here)).text
            made = await desk.post(f"{here}/phones", data={"phone_name": "Main door 1", "role": "steward"})
            assert (why in words(page), "Name of the phone" in page, made.status_code) == (True, False, 409)
    assert await DoorPass.all().count() == 0
