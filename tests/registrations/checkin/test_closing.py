"""The door is closed: what phones and their passes become, and what keeps it open (DR-41)."""

from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, wording
from events.ground.database import Database
from events.ground.refusal import Refused
from registrations.checkin import checkin, closing, conflicts, quarantine
from registrations.checkin.closing import Missing, PhoneState
from registrations.checkin.conflict import Conflict, Outcome
from registrations.checkin.scan import Admission, Scan
from registrations.phones import finding, pairing
from registrations.phones.door import Device, Door, DoorPass, PassRole, WrittenOff
from tests.at_the_door import a_phone_at, a_scan, a_ticket, who_is_in
from tests.browser import browsing
from tests.door_phone import FORGET, WRONG_CODE, HttpPhone, a_paired_phone, row_of
from tests.people import THE_DAY, Person, a_door, an_event, someone
from tests.registrations.door.requests import REVOKED

pytestmark = pytest.mark.usefixtures("the_day")
LATER = THE_DAY + timedelta(hours=8)


async def begun(event: Event, by: Staff) -> None:
    await closing.begin(event, by, LATER, clock.real())


async def closed(event: Event, by: Staff) -> bool:
    return await closing.close(event, by, LATER)


async def a_conflict(event: Event, device: Device) -> Conflict:
    """A phone let somebody in by itself, and there is no such ticket."""
    stranger = a_scan(b"0123456789abcdef")._replace(offline=True, tap="lead", code="left_without_scan")
    await checkin.settle([stranger], device, LATER)
    return await Conflict.get(door__event_id=event.id)


async def written_off(device: Device, by: Staff, why: WrittenOff = WrittenOff.LEFT) -> None:
    await pairing.write_off(await DoorPass.get(id=device.id), why, by, LATER, clock.real())


async def acts_on(event: Event) -> list[str]:
    about = [Action.DOOR_CLOSING, Action.DOOR_CLOSED, Action.DOOR_REOPENED]
    entries = await AuditEntry.filter(event_id=event.id, action__in=about).order_by("id")
    return [entry.action.name for entry in entries]


async def test_dr41_a_phone_sends_what_it_holds_while_the_door_is_closed_and_is_then_done(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    """Its scans count: they came under a live pass. Its last message says that it has erased everything."""
    ticket = await a_ticket(ada, event)
    async with a_paired_phone(database, door, omar) as phone:
        assert "closing" not in (await phone.sends(to_send=1)).json()
        await begun(event, omar)
        told = [await phone.sends(to_send=1), await phone.asks_for_its_pass()]
        assert [told[0].json()["closing"], told[1].json()["pass"]["closing"]] == [True, True]
        assert not await closed(event, omar), "a phone has scans to send"
        assert (await phone.hears(await row_of(ticket, age=60.0)))["verdict"] == "ok"
        assert (await phone.client.post("/door/api/sign-out", json={})).status_code == 204
        [listed] = await closing.phones(event.id, clock.now(), clock.real())
        assert listed.state is PhoneState.ENDED, "nobody has heard yet that it is empty"
        last = await phone.client.post("/door/api/sign-out", json={"wiped": True})
        assert (last.status_code, last.json(), last.headers["clear-site-data"]) == (410, REVOKED, FORGET)
    [listed] = await closing.phones(event.id, clock.now(), clock.real())
    assert (listed.state, listed.is_awaited) == (PhoneState.ERASED, False)
    assert await closed(event, omar)
    assert [ticket_id for ticket_id, _ in await who_is_in()] == [ticket.id]


async def test_dr41_the_door_stays_open_until_a_phone_that_is_never_seen_is_written_off_with_a_reason(
    event: Event, door: Door, omar: Staff
) -> None:
    seen, lost = await a_phone_at(door), await a_phone_at(door, "Main door 2")
    await begun(event, omar)
    await pairing.sign_out(seen, clock.now(), clock.real())
    assert await closing.missing(event.id) == Missing(phones=1, conflicts=0)
    assert not await closed(event, omar)
    assert (await Event.get(id=event.id)).doors_closed_at is None
    await written_off(lost, omar, WrittenOff.BROKEN)
    noted = await DoorPass.get(id=lost.id)
    assert noted.revoked_at is not None
    assert (noted.written_off, noted.written_off_at, noted.written_off_by) == ("broken", LATER, omar.actor)
    entry = await AuditEntry.get(action=Action.PASS_WRITTEN_OFF)
    assert (entry.actor, entry.details["why"], entry.details["unsent"]) == (omar.actor, "broken", 0)
    assert await closed(event, omar)
    now = await Event.get(id=event.id)
    assert (now.doors_closed_at, now.doors_closed_by) == (LATER, omar.actor)
    assert await acts_on(event) == ["DOOR_CLOSING", "DOOR_CLOSED"]


async def test_dr41_a_phone_past_its_time_is_waited_for_too(event: Event, door: Door, omar: Staff) -> None:
    """It may hold scans, and nobody has said what became of it."""
    past = await a_phone_at(door)
    await DoorPass.filter(id=past.id).update(expires_at=clock.real())
    await begun(event, omar)
    assert not await closed(event, omar)
    await written_off(past, omar)
    assert await closed(event, omar)


async def test_dr41_the_door_stays_open_while_a_conflict_is(event: Event, door: Door, omar: Staff) -> None:
    device = await a_phone_at(door)
    conflict = await a_conflict(event, device)
    await begun(event, omar)
    await pairing.sign_out(device, clock.now(), clock.real())
    assert await closing.missing(event.id) == Missing(phones=0, conflicts=1)
    assert not await closed(event, omar)
    await conflicts.settle(event, conflict.id, Outcome.CANNOT_TELL, omar, LATER)
    assert await closed(event, omar)


async def test_a_door_is_not_closed_before_its_phones_were_told(event: Event, omar: Staff) -> None:
    assert not await closed(event, omar)
    await begun(event, omar)
    await begun(event, omar)
    assert [await closed(event, omar), await closed(event, omar)] == [True, True]
    assert await acts_on(event) == ["DOOR_CLOSING", "DOOR_CLOSED"]


async def test_dr41_once_it_is_closed_no_page_of_the_door_knows_the_event(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    """Neither the phone that is done nor a code that nobody used hears anything else than a stranger does."""
    ticket = await a_ticket(ada, event)
    unused = await pairing.make_pass(door, "Main door 2", PassRole.STEWARD, omar, clock.now(), clock.real())
    async with a_paired_phone(database, door, omar) as phone, browsing(database) as other:
        row, stranger = await row_of(ticket), HttpPhone(other)

        async def hears(asking: HttpPhone) -> list[tuple[int, str, str | None]]:
            said = [
                await asking.asks_for_its_pass(), await asking.sends(row), await asking.types(ticket.reference),
                await asking.client.get("/door/api/list?since=0"),
                await asking.client.post("/door/api/help", json={}),
                await asking.client.post("/door/api/override", json={"pin": "123456"}),
                await asking.client.post("/door/api/sign-out", json={}),
            ]  # fmt: skip
            return [(answer.status_code, answer.text, answer.headers.get("muster-pass")) for answer in said]

        known = await hears(stranger)
        assert known[1] == (401, '{"error":"unpaired"}', "none")
        await begun(event, omar)
        assert [status for status, _, _ in await hears(phone)] == [200, 200, 200, 200, 204, 403, 204]
        await phone.client.post("/door/api/sign-out", json={"wiped": True})
        assert (await phone.asks_for_its_pass()).status_code == 410, "while it is being closed the pass is known"
        assert await closed(event, omar)
        assert await hears(phone) == known
        for code in (unused.secret, unused.typed, "22222-22222"):
            refused = await stranger.pairs(code)
            assert (refused.status_code, refused.json()) == (403, WRONG_CODE)
    assert await Scan.all().count() == 1


async def test_dr41_no_code_is_made_while_the_door_is_closed_and_those_that_wait_end(
    event: Event, door: Door, omar: Staff
) -> None:
    made = await pairing.make_pass(door, "Main door 1", PassRole.STEWARD, omar, clock.now(), clock.real())
    await begun(event, omar)
    for _ in ("being closed", "closed"):
        with pytest.raises(Refused, match=wording.DOOR_CLOSED):
            await pairing.make_pass(door, "Main door 2", PassRole.STEWARD, omar, clock.now(), clock.real())
        with pytest.raises(Refused, match="That code does not work"):
            await pairing.pair(made.secret, "127.0.0.1", clock.now(), clock.real())
        assert await closed(event, omar)


async def test_dr41_what_a_written_off_phone_sends_later_is_quarantined_and_the_phone_forgets(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    """An organiser may accept it once the door is closed: it happened, and the door need not be opened for it."""
    ticket = await a_ticket(ada, event)
    async with a_paired_phone(database, door, omar) as phone:
        await begun(event, omar)
        [door_pass] = await DoorPass.all()
        await pairing.write_off(door_pass, WrittenOff.OTHER_HOST, omar, clock.now(), clock.real())
        assert await closed(event, omar)
        asked = await phone.client.get("/door/api/pass", headers={"muster-left": "1"})
        assert (asked.status_code, asked.json()) == (410, REVOKED)
        row = await row_of(ticket, offline=True, shown="ok", age=60.0)
        answer = await phone.sends(row)
        assert (answer.status_code, answer.json()["kept"], answer.headers["clear-site-data"]) == (
            410,
            [row["id"]],
            FORGET,
        )
        assert await Admission.all().count() == 0
        await phone.client.post("/door/api/sign-out", json={"wiped": True})
        assert (await phone.asks_for_its_pass()).json() == {"pass": None}
    [listed] = await closing.phones(event.id, clock.now(), clock.real())
    assert (listed.state, listed.why) == (PhoneState.WRITTEN_OFF, WrittenOff.OTHER_HOST)
    [waits] = await quarantine.waiting(event.id)
    assert await quarantine.accept(event, waits.id, waits.newest, omar, clock.now(), clock.real()) == 1
    assert [ticket_id for ticket_id, _ in await who_is_in()] == [ticket.id]


async def test_a_phone_is_written_off_once_and_none_that_has_ended_by_itself(
    event: Event, door: Door, omar: Staff
) -> None:
    gone, done = await a_phone_at(door), await a_phone_at(door, "Main door 2")
    await written_off(gone, omar)
    await pairing.sign_out(done, clock.now(), clock.real())
    for device in (gone, done):
        with pytest.raises(Refused, match="has ended already"):
            await written_off(device, omar, WrittenOff.LOST)
    assert [door_pass.written_off for door_pass in await DoorPass.all().order_by("id")] == ["left", ""]
    assert await AuditEntry.filter(action=Action.PASS_WRITTEN_OFF).count() == 1


async def test_only_a_phone_whose_pass_has_ended_can_say_that_it_is_empty(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    async with a_paired_phone(database, door, omar) as phone:
        device = await finding.device_of(await DoorPass.get(), clock.real())
        await pairing.note_wiped(device, clock.real())
        assert (await DoorPass.get()).wiped_at is None
        await phone.sends(to_send=4)
        await pairing.revoke(await DoorPass.get(), omar, clock.now(), clock.real())
        await phone.client.post("/door/api/sign-out", json={"wiped": 1})
        assert (await DoorPass.get()).wiped_at is None
        await phone.client.post("/door/api/sign-out", json={"wiped": True})
    told = await DoorPass.get()
    assert (told.wiped_at is not None, told.to_send) == (True, 0)


async def test_the_door_is_opened_again_on_its_day_and_phones_are_paired_anew(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    async with a_paired_phone(database, door, omar) as early:
        await begun(event, omar)
        await early.client.post("/door/api/sign-out", json={})
        await early.client.post("/door/api/sign-out", json={"wiped": True})
        assert await closed(event, omar)
        await closing.reopen(event, omar, clock.now())
        await closing.reopen(event, omar, clock.now())
        assert (await early.asks_for_its_pass()).status_code == 410, "its own pass stays ended"
        async with a_paired_phone(database, door, omar, "Main door 2") as phone:
            sent = await phone.sends(await row_of(ticket))
    assert sent.json()["answers"][0]["verdict"] == "ok"
    assert "closing" not in sent.json()
    now = await Event.get(id=event.id)
    assert (now.doors_closing_at, now.doors_closed_at, now.doors_closed_by) == (None, None, "")
    assert await acts_on(event) == ["DOOR_CLOSING", "DOOR_CLOSED", "DOOR_REOPENED"]


async def test_the_day_after_a_door_can_be_closed_and_not_opened_again(event: Event, door: Door, omar: Staff) -> None:
    clock.move_to(THE_DAY + timedelta(days=1))
    await begun(event, omar)
    assert await closed(event, omar)
    with pytest.raises(Refused, match=r"^The day of the event is over"):
        await closing.reopen(event, omar, clock.now())
    assert (await Event.get(id=event.id)).doors_closed_at is not None


async def test_closing_one_event_leaves_the_doors_of_another_open(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    other = await an_event()
    async with a_paired_phone(database, await a_door(other), omar) as phone:
        await begun(event, omar)
        assert await closed(event, omar)
        heard = await phone.hears(await row_of(await a_ticket(someone(), other)))
    assert heard["verdict"] == "ok"


async def test_how_far_each_phone_is(event: Event, door: Door, omar: Staff) -> None:
    real = clock.real()
    for name, seen, to_send in (("A", 0, 0), ("B", 1, 3), ("C", 50, 2)):
        device = await a_phone_at(door, name)
        last = real - timedelta(minutes=seen)
        await DoorPass.filter(id=device.id).update(last_seen_at=last, to_send=to_send)
    never = await a_phone_at(door, "D")
    await pairing.revoke(await DoorPass.get(id=never.id), omar, clock.now(), real)
    listed = await closing.phones(event.id, THE_DAY, real)
    assert [(phone.name, phone.state.value, phone.to_send) for phone in listed] == [
        ("A", "in contact", 0), ("B", "to send", 3), ("C", "silent", 2), ("D", "ended", 0),
    ]  # fmt: skip
    assert listed[2].seen_at == THE_DAY - timedelta(minutes=50)
