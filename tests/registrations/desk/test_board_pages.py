"""The desk's pages of the door: doors, phones, the code that is shown once, and the board."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import pytest

from events.accounts.staff import IDLE_FOR, Role, Session, Staff
from events.audit.audit import Action, AuditEntry
from events.event import Event
from events.ground import clock, live, wording
from events.ground.database import Database
from registrations.checkin import checkin
from registrations.desk import board_pages, desk_pages
from registrations.desk.live_part import Watcher, changes
from registrations.phones import alarm, heartbeat, pairing
from registrations.phones.door import Door, DoorPass, PassRole, Policy
from tests.at_the_door import a_phone_at, a_scan, a_ticket, scan_of
from tests.browser import browsing, heading, words
from tests.people import THE_DAY, Person, a_door, an_event

pytestmark = pytest.mark.usefixtures("the_day")


async def test_omar_makes_a_door_sets_its_hours_and_pairs_a_phone(
    database: Database, event: Event, omar: Staff
) -> None:
    async with browsing(database, omar) as desk:
        page = await desk.get(f"/desk/{event.slug}/doors")
        assert heading(page) == "Doors and phones"
        assert "There is no door yet" in page.text
        made = await desk.post(f"/desk/{event.slug}/doors", data={"door_name": "Main door"})
        assert (made.status_code, made.headers["location"]) == (303, f"/desk/{event.slug}/doors")
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
LABELS = {"doors": ("Name of the door",), "doors/{door}/phones": OF_A_DOOR, "doors/{door}/hours": OF_A_DOOR}


@pytest.mark.parametrize(
    ("path", "data", "sentence"),
    [
        ("doors", {"door_name": " "}, "Enter a name for the door"),
        ("doors", {"door_name": "x" * 61}, "Name of the door must be 60 characters or fewer"),
        ("doors/{door}/phones", {"phone_name": "", "role": "steward"}, "Enter a name for the phone"),
        ("doors/{door}/phones", {"phone_name": "A"}, "Select who holds the phone"),
        ("doors/{door}/phones", {"phone_name": "A", "role": "marshal"}, "Select who holds the phone"),
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
    assert all(f'value="{value}"' in answer.text for value in data.values() if value.strip() and value != "marshal")
    assert [await Door.all().values(), await DoorPass.all().count(), await AuditEntry.all().count()] == before


async def test_a_door_of_the_same_name_is_refused(database: Database, event: Event, door: Door, omar: Staff) -> None:
    async with browsing(database, omar) as desk:
        answer = await desk.post(f"/desk/{event.slug}/doors", data={"door_name": "Main door"})
    assert answer.status_code == 409
    assert "There is a door of this name already" in answer.text


async def test_doors_and_phones_of_another_event_are_not_there(database: Database, event: Event, omar: Staff) -> None:
    foreign = await a_door(await an_event())
    phone = await a_phone_at(foreign)
    data = {"phone_name": "A", "role": "steward", "opens": "", "closes": ""}
    async with browsing(database, omar) as desk:
        assert (await desk.get(f"/desk/{event.slug}/doors/{foreign.id}")).status_code == 404
        for path in (f"doors/{foreign.id}/phones", f"doors/{foreign.id}/hours", f"phones/{phone.id}/revoke"):
            assert (await desk.post(f"/desk/{event.slug}/{path}", data=data)).status_code == 404, path
    assert (await DoorPass.get(id=phone.id)).revoked_at is None


async def test_a_viewer_sees_the_board_and_no_codes(database: Database, event: Event, door: Door, vic: Staff) -> None:
    phone = await a_phone_at(door)
    async with browsing(database, vic) as desk:
        assert (await desk.get(f"/desk/{event.slug}/board")).status_code == 200
        refused = [await desk.get(f"/desk/{event.slug}/doors"), await desk.get(f"/desk/{event.slug}/doors/{door.id}"),
                   await desk.post(f"/desk/{event.slug}/doors/{door.id}/phones"),
                   await desk.post(f"/desk/{event.slug}/phones/{phone.id}/revoke")]  # fmt: skip
    assert [answer.status_code for answer in refused] == [403] * 4


async def test_the_board_shows_numbers_and_alarms_and_nobodys_name(
    database: Database, event: Event, door: Door, vic: Staff, ada: Person
) -> None:
    sid = await a_phone_at(door)
    await checkin.settle([await scan_of(await a_ticket(ada, event))], sid, clock.now())
    await checkin.settle([a_scan(b"%16d" % n) for n in range(3)], sid, THE_DAY + timedelta(minutes=2))
    async with browsing(database, vic) as desk:
        page = await desk.get(f"/desk/{event.slug}/board")
    said = words(page.text)
    assert heading(page) == "Board"
    assert "People in 1 of 1 expected" in said
    assert "Main door 1 1 0 of 1 0" in said
    assert "09:02 Main door : three codes or more in ten minutes were no tickets of this event" in said
    assert "Ashdown" not in page.text
    assert "As at 09:0" in said


async def signed_in(staff: Staff) -> tuple[int, Role]:
    session = await Session.filter(staff=staff).order_by("-id").first()
    assert session is not None
    return session.id, await Role.get(staff=staff)


def watching(event: Event, session_id: int, role: Role) -> AsyncIterator[str]:
    return changes(board_pages.part(event, role), Watcher(session_id, role.id))


async def test_the_stream_tells_each_change_and_ends_when_the_watcher_signs_out(
    database: Database, event: Event, door: Door, vic: Staff, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_pages, "AT_MOST_EVERY", 0.01)
    sid = await a_phone_at(door)
    async with browsing(database, vic):
        stream = watching(event, *await signed_in(vic))
        assert await anext(stream) == "retry: 3000\n\n"

        async def people() -> str:
            sent = await asyncio.wait_for(anext(stream), 5)
            html = json.loads(sent.removeprefix("data: "))["html"]
            [shown] = re.findall(r"<dt>People in</dt><dd>(\d+)", html)
            return str(shown)

        assert await people() == "0"
        waiting = asyncio.create_task(people())
        await asyncio.sleep(0.05)
        await checkin.settle([await scan_of(await a_ticket(ada, event))], sid, clock.now())
        assert await waiting == "1"
        await Session.filter(staff=vic).delete()
        live.publish(f"doors:{event.id}")
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(stream), 5)


async def test_the_stream_ends_with_the_role(database: Database, event: Event, vic: Staff) -> None:
    async with browsing(database, vic):
        stream = watching(event, *await signed_in(vic))
        await Role.filter(staff=vic).delete()
        assert [line async for line in stream] == ["retry: 3000\n\n"]


async def test_the_stream_ends_when_the_session_has_idled_out_and_keeps_nobody_signed_in(
    database: Database, event: Event, vic: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_pages, "AT_MOST_EVERY", 0.0)
    monkeypatch.setattr(board_pages, "AT_LEAST_EVERY", 0.0)
    real = clock.real()
    async with browsing(database, vic) as desk:
        session_id, role = await signed_in(vic)
        used = real - timedelta(minutes=20)
        await Session.filter(id=session_id).update(last_used_at=used)
        stream = watching(event, session_id, role)
        told = [await anext(stream) for _ in range(3)]
        live.hub().close()
        for path in ("board/live", "live"):
            assert (await desk.get(f"/desk/{event.slug}/{path}")).status_code == 200
        assert (told[0], (await Session.get(id=session_id)).last_used_at) == ("retry: 3000\n\n", used)
        live.start_anew()
        await Session.filter(id=session_id).update(last_used_at=real - IDLE_FOR)
        assert [line async for line in watching(event, session_id, role)] == ["retry: 3000\n\n"]
        assert [line async for line in changes(desk_pages.part(event), Watcher(session_id, role.id))] == [
            "retry: 3000\n\n"
        ]
        away = await desk.get(f"/desk/{event.slug}/board/live")
    assert (away.status_code, away.headers["location"].partition("?")[0]) == (303, "/staff/sign-in")


async def test_the_stream_ends_with_the_process(database: Database, event: Event, vic: Staff) -> None:
    async with browsing(database, vic):
        live.hub().close()
        stream = watching(event, *await signed_in(vic))
        assert [line async for line in stream] == ["retry: 3000\n\n"]


async def test_a_pairing_code_is_for_stewards_and_leads_of_the_door(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    made = await pairing.make_pass(door, "Lead", PassRole.DOOR_LEAD, omar, clock.now(), clock.real())
    async with browsing(database) as browser:
        told = (await browser.post("/door/api/pair", json={"code": made.secret})).json()
    assert told["pass"]["role"] == "door_lead"


async def test_dr46_a_board_whose_stream_broke_says_as_at_and_asks_for_exact_counts(
    event: Event, door: Door, ada: Person, vic: Staff
) -> None:
    """Whoever comes back is sent all numbers at once, whatever happened meanwhile."""
    ticket, phone = await a_ticket(ada, event), await a_phone_at(door)
    await checkin.settle([await scan_of(ticket)], phone, THE_DAY)
    numbers = await board_pages.numbers(event, await Role.get(staff=vic))
    assert (numbers["counts"].people, numbers["as_at"][:3]) == (1, "09:")


async def test_dr47_three_unknown_codes_in_ten_minutes_are_loud_and_show_no_code(
    database: Database, event: Event, door: Door, vic: Staff
) -> None:
    phone = await a_phone_at(door)
    codes = [a_scan(b"unknown code %3d" % n) for n in range(3)]
    await checkin.settle(codes, phone, THE_DAY)
    async with browsing(database, vic) as desk:
        told = (await desk.get(f"/desk/{event.slug}/board")).text
    assert "09:00 Main door : three codes or more in ten minutes were no tickets of this event." in words(told)
    assert "unknown code" not in told


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


@pytest.mark.parametrize(
    ("next_n", "says"), [(90, ""), (91, "will know 10 more new tickets"), (101, "will know 0 more")]
)
async def test_the_board_says_when_phones_run_out_of_rows_for_new_tickets(
    database: Database, event: Event, omar: Staff, next_n: int, says: str
) -> None:
    """Fifty places and fifty rows beyond them: at a fifth of these there is time to make more."""
    await Event.filter(id=event.id).update(capacity=50, allowance=0, next_n=next_n)
    async with browsing(database, omar) as desk:
        text = words((await desk.get(f"/desk/{event.slug}/board")).text)
    assert ("Phones without network" in text, says in text) == (bool(says), True)


async def test_an_alarm_is_acknowledged_once_and_the_board_says_by_whom(
    database: Database, event: Event, door: Door, omar: Staff, lena: Staff, vic: Staff
) -> None:
    sid = await a_phone_at(door)
    await heartbeat.call_for_help(sid, THE_DAY)
    alert = await AuditEntry.get(action=Action.DOOR_ALERT)
    here = f"/desk/{event.slug}/board"
    async with browsing(database, vic) as watcher:
        assert "Acknowledge" not in (await watcher.get(here)).text
        assert (await watcher.post(f"{here}/alarms/{alert.id}")).status_code == 403
    async with browsing(database, omar) as desk:
        assert "Acknowledge the alarm of 09:00 at Main door" in words((await desk.get(here)).text)
        assert (await desk.post(f"{here}/alarms/{alert.id}")).headers["location"] == here
        page = words((await desk.get(here)).text)
    assert "Alarms of the last hour" not in page
    assert "a steward asks for help. Go there, or call the door. Acknowledged by Omar Organiser." in page
    assert not await alarm.acknowledge(event.id, alert.id, lena, THE_DAY)
    entries = await AuditEntry.filter(action=Action.ALERT_SEEN)
    assert [(entry.actor, entry.event_id, entry.details) for entry in entries] == [
        (omar.actor, event.id, {"alert": alert.id})
    ]


async def test_an_alarm_of_another_event_is_not_acknowledged(event: Event, omar: Staff) -> None:
    elsewhere = await a_phone_at(await a_door(await an_event()))
    await heartbeat.call_for_help(elsewhere, THE_DAY)
    alert = await AuditEntry.get(action=Action.DOOR_ALERT)
    assert not await alarm.acknowledge(event.id, alert.id, omar, THE_DAY)
    assert await alarm.acknowledge(elsewhere.event_id, alert.id, omar, THE_DAY)


async def test_two_who_acknowledge_at_once_leave_one_entry(event: Event, door: Door, omar: Staff, lena: Staff) -> None:
    await heartbeat.call_for_help(await a_phone_at(door), THE_DAY)
    alert = await AuditEntry.get(action=Action.DOOR_ALERT)
    answers = await asyncio.gather(*(alarm.acknowledge(event.id, alert.id, by, THE_DAY) for by in (omar, lena) * 4))
    assert sorted(answers) == [False] * 7 + [True]
    assert await AuditEntry.filter(action=Action.ALERT_SEEN).count() == 1


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
