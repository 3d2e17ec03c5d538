"""The desk's page of what cannot be right at a door, scans of revoked phones, and what the board says of phones."""

import re
from datetime import timedelta
from typing import Any

import pytest
from tortoise.exceptions import DoesNotExist

from events.accounts.staff import RoleName, Staff
from events.audit.audit import Action, AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.refusal import Refused
from registrations.checkin import checkin, conflicts, headcount, quarantine, received_scan
from registrations.checkin.conflict import Conflict, ConflictKind, Outcome
from registrations.checkin.scan import Scan, ScanKind, Sent
from registrations.deciding import vetting
from registrations.people.registration import Registration
from registrations.phones import alarm, heartbeat, pairing
from registrations.phones.alarm import Kind
from registrations.phones.door import Door, DoorPass, Phone
from registrations.phones.heartbeat import Report, read_report
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_scan, a_ticket, scan_of, undo_of, who_is_in
from tests.browser import browsing, heading, words
from tests.people import THE_DAY, Person, a_member_of_staff, an_event, someone

LATER = THE_DAY + timedelta(minutes=30)


@pytest.fixture(autouse=True)
def half_past_nine() -> None:
    clock.move_to(LATER)


async def let_in(ticket: Ticket, by: Phone, minutes: int, **more: Any) -> Sent:
    """Alone, so many minutes ago."""
    alone: dict[str, Any] = {"offline": True, "shown": "ok"} | more
    scan = (await scan_of(ticket, age=60.0 * minutes))._replace(**alone)
    await checkin.settle([scan], by, LATER)
    return scan


async def test_omar_sees_loud_ones_first_and_settles_one(
    database: Database, event: Event, door: Door, sid: Phone, ada: Person, bo: Person, omar: Staff
) -> None:
    twice, dead = await a_ticket(ada, event), await a_ticket(bo, event)
    kim = await a_phone_at(door, "Main door 2")
    await vetting.withdraw(await Registration.get(id=dead.registration_id), omar, THE_DAY)
    await let_in(dead, sid, 10)
    await let_in(twice, sid, 20, tap="id_seen", initials="SD")
    await let_in(twice, kim, 5, unsure=30.0)
    async with browsing(database, omar) as desk:
        page = await desk.get(f"/desk/{event.slug}/conflicts")
        assert heading(page) == "Conflicts"
        told = words(page.text)
        assert told.index("the ticket was no longer good: Main door, " + dead.reference) < told.index("Let in twice")
        assert "09:10 Main door 1 (SD), without network, ID seen keeps the admission" in told
        assert "09:25 Main door 2, without network, give or take 30 seconds" in told
        assert "Ada" not in page.text
        conflict = await Conflict.get(ticket_id=twice.id)
        path = f"/desk/{event.slug}/conflicts/{conflict.id}"
        assert (await desk.post(path, data={"outcome": "undone at the door"})).status_code == 422
        await desk.post(path, data={"outcome": "same person twice"})
        assert (await desk.post(path, data={"outcome": "clock"})).status_code == 409
        assert "Same person twice, 09:30." in words((await desk.get(f"/desk/{event.slug}/conflicts")).text)
    conflict = await Conflict.get(id=conflict.id)
    assert (conflict.settled_by, conflict.outcome) == (f"staff:{omar.id}", Outcome.SAME_PERSON)
    [entry] = await AuditEntry.filter(action=Action.CONFLICT_SETTLED)
    assert (entry.subject, entry.details) == (f"conflict:{conflict.id}", {"outcome": "same person twice"})
    assert await conflicts.counted(event.id) == (1, 1)


async def test_a_viewer_and_another_events_organiser_settle_nothing(
    database: Database, event: Event, sid: Phone, ada: Person, vic: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await let_in(ticket, sid, 20)
    await let_in(ticket, sid, 5)
    conflict, other = await Conflict.get(), await an_event()
    async with browsing(database, vic) as desk:
        assert (await desk.get(f"/desk/{event.slug}/conflicts")).status_code == 403
        path = f"/desk/{event.slug}/conflicts/{conflict.id}"
        assert (await desk.post(path, data={"outcome": "clock"})).status_code == 403
    with pytest.raises(DoesNotExist):
        await conflicts.settle(other, conflict.id, Outcome.CLOCK, vic, LATER)
    assert (await Conflict.get()).settled_at is None


async def test_another_events_organiser_reaches_no_conflict_and_no_phone_of_this_one_by_its_number(
    database: Database, event: Event, sid: Phone, ada: Person, omar: Staff
) -> None:
    other = await an_event()
    olga = await a_member_of_staff("Olga Organiser", "olga@hosts.example.org", other, RoleName.ORGANISER)
    ticket = await a_ticket(ada, event)
    await let_in(ticket, sid, 20)
    await let_in(ticket, sid, 5)
    conflict, gone = await Conflict.get(), await revoked(sid)
    await let_in(await a_ticket(someone(), event), gone, 5)
    [waits] = await quarantine.waiting(event.id)
    tries = [(f"conflicts/{conflict.id}", {"outcome": "clock"}), (f"phones/{sid.id}/revoke", {}),
             (f"phones/{sid.id}/scans/accept", {"newest": str(waits.newest)}),
             (f"phones/{sid.id}/scans/discard", {"newest": str(waits.newest)})]  # fmt: skip
    for by, slug in ((olga, other.slug), (olga, event.slug), (omar, event.slug)):
        async with browsing(database, by) as desk:
            answers = [(await desk.post(f"/desk/{slug}/{path}", data=data)).status_code for path, data in tries]
        assert answers == ([303, 303, 303, 409] if by is omar else [404] * 4)


async def revoked(phone: Phone) -> Phone:
    await DoorPass.filter(id=phone.id).update(revoked_at=clock.real())
    return await pairing.phone_of(await DoorPass.get(id=phone.id), clock.real())


async def test_dr23_scans_of_a_revoked_phone_count_once_they_are_accepted(
    database: Database, event: Event, sid: Phone, omar: Staff
) -> None:
    gone, tickets = await revoked(sid), [await a_ticket(someone(), event) for _ in range(5)]
    sent = [await let_in(ticket, gone, 20 - n) for n, ticket in enumerate(tickets)]
    await checkin.settle([undo_of(sent[4], age=60.0 * 16 - 30)], gone, LATER)
    assert await who_is_in() == []
    async with browsing(database, omar) as desk:
        page = await desk.get(f"/desk/{event.slug}/conflicts")
        assert "Main door 1 Main door 6, of 5 tickets 09:10 to 09:14 Accept" in words(page.text)
        [newest] = set(re.findall(r'name="newest" value="([0-9]+)"', page.text))
        path = f"/desk/{event.slug}/phones/{sid.id}/scans"
        await desk.post(f"{path}/accept", data={"newest": newest})
        assert (await desk.post(f"{path}/discard", data={"newest": newest})).status_code == 409
        assert "kept apart" not in words((await desk.get(f"/desk/{event.slug}/conflicts")).text)
    assert await who_is_in() == [
        (ticket.id, quarantine.accepted_id(s.id)) for ticket, s in zip(tickets[:4], sent, strict=False)
    ]
    assert await Scan.filter(verdict="device_revoked").count() == 6, "no row has changed"
    counts = await headcount.counts(event.id, LATER, clock.real())
    assert (counts.people, counts.quarantined) == (4, 0)
    [entry] = await AuditEntry.filter(action=Action.SCANS_ACCEPTED)
    assert (entry.actor, entry.details) == (f"staff:{omar.id}", {"scans": 6})


async def test_dr23_an_undo_that_a_revoked_phone_still_held_counts_against_an_entry_from_before(
    event: Event, sid: Phone, omar: Staff
) -> None:
    ticket = await a_ticket(someone(), event)
    entry = await scan_of(ticket, age=60.0)
    await checkin.settle([entry], sid, LATER)
    assert await who_is_in() == [(ticket.id, entry.id)]
    gone = await revoked(sid)
    await checkin.settle([undo_of(entry, age=30.0)], gone, LATER)
    [waits] = await quarantine.waiting(event.id)
    await quarantine.accept(event, sid.id, waits.newest, omar, LATER + timedelta(minutes=5), clock.real())
    assert await who_is_in() == []


async def test_dr23_and_against_one_that_was_accepted_before_it_came(event: Event, sid: Phone, omar: Staff) -> None:
    ticket, gone = await a_ticket(someone(), event), await revoked(sid)
    entry = await let_in(ticket, gone, 2)
    for minutes, late in enumerate([None, undo_of(entry, age=170.0)]):
        at = LATER + timedelta(minutes=minutes)
        if late is not None:
            await checkin.settle([late], gone, at)
        [waits] = await quarantine.waiting(event.id)
        await quarantine.accept(event, sid.id, waits.newest, omar, at, clock.real())
        assert await who_is_in() == ([] if late else [(ticket.id, quarantine.accepted_id(entry.id))])


async def test_dr23_whom_the_steward_of_a_revoked_phone_turned_away_when_our_answer_was_lost_is_not_let_in(
    event: Event, sid: Phone, omar: Staff
) -> None:
    ticket, gone = await a_ticket(someone(), event), await revoked(sid)
    online = await scan_of(ticket)
    await checkin.settle([online], gone, LATER)
    for _ in range(2):
        await checkin.settle([online._replace(offline=True, shown="check_id", tap="no", age=60.0)], gone, LATER)
    assert await Scan.all().count() == 2
    [waits] = await quarantine.waiting(event.id)
    assert await quarantine.accept(event, sid.id, waits.newest, omar, LATER, clock.real()) == 0
    assert await who_is_in() == []


async def test_dr23_it_counts_as_of_when_it_happened_though_the_phone_had_nothing_left_since(
    event: Event, sid: Phone, omar: Staff
) -> None:
    ticket, gone = await a_ticket(someone(), event), await revoked(sid)
    entry = await let_in(ticket, gone, 20)
    await DoorPass.filter(id=sid.id).update(emptied_at=clock.real())
    [waits] = await quarantine.waiting(event.id)
    await quarantine.accept(event, sid.id, waits.newest, omar, LATER, clock.real())
    counted = await Scan.get(client_id=quarantine.accepted_id(entry.id))
    assert (counted.happened_at, counted.held) == (LATER - timedelta(minutes=20), False)


async def test_only_who_may_settle_conflicts_is_led_to_them(
    database: Database, event: Event, sid: Phone, omar: Staff, vic: Staff
) -> None:
    """To a viewer the board says as much, and promises no page that would turn them away."""
    gone = await revoked(sid)
    await let_in(await a_ticket(someone(), event), gone, 2)
    await checkin.settle([a_scan(b"x" * 16)._replace(offline=True, tap="lead")], await a_phone_at(
        await Door.get(id=sid.door_id), "Main door 2"), LATER)  # fmt: skip
    link = f'href="/desk/{event.slug}/conflicts"'
    for staff, links in ((omar, 4), (vic, 0)):  # in the menu and the folded one, at the conflict, at the quarantine
        async with browsing(database, staff) as desk:
            page = await desk.get(f"/desk/{event.slug}/board")
        assert ("1 open conflict" in words(page.text), page.text.count(link)) == (True, links)


async def test_dr23_what_comes_after_a_decision_waits_for_the_next_whatever_the_clock_says(
    event: Event, sid: Phone, omar: Staff
) -> None:
    gone = await revoked(sid)
    for minutes in (0, -5):
        ticket = await a_ticket(someone(), event)
        scan = (await scan_of(ticket, age=60.0))._replace(offline=True, shown="ok")
        await checkin.settle([scan], gone, LATER + timedelta(minutes=minutes))
        [waits] = await quarantine.waiting(event.id)
        assert (waits.scans, waits.tickets) == (1, 1)
        await quarantine.accept(event, sid.id, waits.newest, omar, LATER + timedelta(minutes=1), clock.real())
        assert await quarantine.waiting(event.id) == []
    assert len(await who_is_in()) == 2


async def test_dr23_whom_a_revoked_phone_let_in_without_any_ticket_is_a_loud_conflict_once_accepted(
    event: Event, sid: Phone, omar: Staff
) -> None:
    gone = await revoked(sid)
    stranger = a_scan(b"x" * 16)
    turned_away = a_scan(b"y" * 16)._replace(offline=True, shown="not_on_phone", tap="no")
    await checkin.settle([stranger._replace(offline=True, shown="not_on_phone", tap="lead"), turned_away], gone, LATER)
    [waits] = await quarantine.waiting(event.id)
    await quarantine.accept(event, sid.id, waits.newest, omar, LATER, clock.real())
    assert [(conflict.kind, conflict.first_scan, conflict.loud) for conflict in await Conflict.all()] == [
        (ConflictKind.NO_TICKET, stranger.id, True)
    ]


async def test_dr23_to_take_back_or_to_leave_by_the_leads_override_is_nobody_let_in_without_a_ticket(
    event: Event, sid: Phone, omar: Staff
) -> None:
    ticket = await a_ticket(someone(), event)
    entry = await scan_of(ticket, age=60.0)
    await checkin.settle([entry], sid, LATER)
    gone = await revoked(sid)
    tapped: dict[str, Any] = {"offline": True, "tap": "lead"}
    undo = undo_of(entry, age=30.0)._replace(**tapped, shown="undone", code="wrong_person")
    out = a_scan(b"x" * 16)._replace(**tapped, kind=ScanKind.OUT, shown="not_on_phone")
    await checkin.settle([undo, out], gone, LATER)
    [waits] = await quarantine.waiting(event.id)
    await quarantine.accept(event, sid.id, waits.newest, omar, LATER, clock.real())
    assert (await who_is_in(), await Conflict.all()) == ([], [])


async def test_dr23_an_entry_that_was_accepted_is_not_counted_again_when_the_phone_says_that_it_stood_alone(
    event: Event, sid: Phone, omar: Staff
) -> None:
    scan, gone = await scan_of(await a_ticket(someone(), event), age=60.0), await revoked(sid)
    for again in (scan, scan._replace(offline=True, shown="ok")):
        await checkin.settle([again], gone, LATER)
        [waits] = await quarantine.waiting(event.id)
        await quarantine.accept(event, sid.id, waits.newest, omar, LATER, clock.real())
    assert [admission[1] for admission in await who_is_in()] == [quarantine.accepted_id(scan.id)]
    assert await Conflict.all().count() == 0


@pytest.mark.parametrize("when", ["before", "after"])
async def test_dr23_whom_a_revoked_phone_had_let_in_when_our_no_was_lost_is_kept_apart_too(
    event: Event, sid: Phone, omar: Staff, when: str
) -> None:
    """It was asked online, and answered in vain; then the phone let them in by its list, and hands that over."""
    ticket = await a_ticket(someone(), event)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), omar, THE_DAY)
    asked = await scan_of(ticket)
    gone = await revoked(sid)
    await checkin.settle([asked], sid if when == "before" else gone, LATER)
    alone = asked._replace(age=60.0, offline=True, shown="ok")
    undo = undo_of(asked)
    for _ in range(2):
        await checkin.settle([alone], gone, LATER + timedelta(minutes=1))
    [waits] = await quarantine.waiting(event.id)
    await quarantine.accept(event, sid.id, waits.newest, omar, LATER + timedelta(minutes=2), clock.real())
    let = quarantine.accepted_id(received_scan.passed_anyway_id(asked.id))
    assert await who_is_in() == [(ticket.id, let)]
    assert [(conflict.kind, conflict.first_scan) for conflict in await Conflict.all()] == [
        (ConflictKind.NOT_VALID, let)
    ]
    await checkin.settle([undo._replace(age=150.0)], gone, LATER + timedelta(minutes=3))
    [waits] = await quarantine.waiting(event.id)
    await quarantine.accept(event, sid.id, waits.newest, omar, LATER + timedelta(minutes=4), clock.real())
    assert await who_is_in() == []


async def test_dr23_what_is_discarded_lets_nobody_in_and_what_comes_later_is_asked_anew(
    event: Event, sid: Phone, omar: Staff
) -> None:
    gone = await revoked(sid)
    await let_in(await a_ticket(someone(), event), gone, 20)
    [first] = await quarantine.waiting(event.id)
    late = (await scan_of(await a_ticket(someone(), event), age=60.0))._replace(offline=True, shown="ok")
    await checkin.settle([late], gone, LATER + timedelta(minutes=1))
    with pytest.raises(Refused):
        await quarantine.discard(event, sid.id, first.newest, omar, LATER)
    [both] = await quarantine.waiting(event.id)
    assert both.scans == 2
    await quarantine.discard(event, sid.id, both.newest, omar, LATER)
    assert await quarantine.waiting(event.id) == []
    later = (await scan_of(await a_ticket(someone(), event), age=60.0))._replace(offline=True, shown="ok")
    await checkin.settle([later], gone, LATER + timedelta(minutes=2))
    assert [phone.scans for phone in await quarantine.waiting(event.id)] == [1]
    assert await who_is_in() == []


async def spoke(phone: Phone, page: str) -> None:
    now = await pairing.phone_of(await DoorPass.get(id=phone.id), clock.real())
    await heartbeat.note(now, Report(page=page), LATER, clock.real())


async def test_dr24_one_pass_in_two_browsers_is_a_notice_and_a_page_loaded_anew_is_none(
    event: Event, sid: Phone
) -> None:
    for page in ("aaaaaaaa", "aaaaaaaa", "bbbbbbbb", "bbbbbbbb", "cccccccc"):
        await spoke(sid, page)
    assert await alarm.recent(event.id, THE_DAY) == []
    for page in ("bbbbbbbb", "cccccccc", "bbbbbbbb"):
        await spoke(sid, page)
    calls = [(call.kind, call.door_id) for call in await alarm.recent(event.id, THE_DAY)]
    assert calls == [(Kind.TWO_PAGES, sid.door_id)]


async def test_a_call_for_help_tells_the_board_door_and_time_and_nothing_else(
    database: Database, event: Event, sid: Phone, vic: Staff
) -> None:
    await heartbeat.call_for_help(sid, LATER)
    await heartbeat.call_for_help(sid, LATER + timedelta(seconds=30))
    await heartbeat.call_for_help(sid, LATER + timedelta(minutes=2))
    entry, again = await AuditEntry.filter(action=Action.DOOR_ALERT).order_by("id")
    assert again.at == LATER + timedelta(minutes=2)
    assert (entry.actor, entry.subject, entry.details) == (f"pass:{sid.id}", "", {"door": sid.door_id, "kind": "help"})
    async with browsing(database, vic) as desk:
        assert "09:30 Main door : a steward asks for help." in words((await desk.get(f"/desk/{event.slug}/board")).text)


async def test_a_call_for_help_can_be_taken_back_and_the_next_one_is_not_taken_for_a_repetition(
    database: Database, event: Event, sid: Phone, vic: Staff
) -> None:
    seconds = [LATER + timedelta(seconds=after) for after in range(5)]
    await heartbeat.call_for_help(sid, seconds[0])
    for moment in seconds[1:3]:
        await heartbeat.call_for_help(sid, moment, taken_back=True)
    for moment in seconds[3:]:
        await heartbeat.call_for_help(sid, moment)
    kinds = [(call.kind, call.at) for call in await alarm.recent(event.id, THE_DAY)]
    assert kinds == [(Kind.HELP, seconds[3]), (Kind.HELP_TAKEN_BACK, seconds[1]), (Kind.HELP, seconds[0])]
    async with browsing(database, vic) as desk:
        text = words((await desk.get(f"/desk/{event.slug}/board")).text)
    assert "09:30 Main door : the call for help was taken back, as pressed by mistake." in text


async def test_a_call_for_help_from_a_phone_without_network_says_how_old_it_is(
    database: Database, event: Event, sid: Phone, vic: Staff
) -> None:
    await heartbeat.call_for_help(sid, LATER, 59.0)
    await heartbeat.call_for_help(sid, LATER + timedelta(minutes=2), 8 * 60.0)
    async with browsing(database, vic) as desk:
        text = words((await desk.get(f"/desk/{event.slug}/board")).text)
    assert "09:32 Main door : a steward asks for help. Go there, or call the door. The call is 8 min old" in text
    assert text.count("min old: that phone had no network") == 1


@pytest.mark.parametrize(
    ("told", "age"),
    [({}, 0), ({"age": 12.5}, 12.5), ({"age": -3}, 0), ({"age": "x"}, 0), ({"age": 1e99}, heartbeat.LONGEST)],
)
def test_any_age_of_a_call_is_read_as_one_that_can_be(told: dict[str, Any], age: float) -> None:
    assert heartbeat.read_age(told) == age


async def test_the_board_says_how_each_phone_is_and_that_there_are_conflicts(
    database: Database, event: Event, sid: Phone, ada: Person, vic: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    for minutes in (20, 5):
        await let_in(ticket, sid, minutes)
    body = {"to_send": 7, "list_version": 1, "list_age": 420, "battery": 0.18, "clock_off": 250.0, "page": "abcdef01"}
    await heartbeat.note(await pairing.phone_of(await DoorPass.get(id=sid.id), clock.real()), read_report(body), LATER,
                       clock.real())  # fmt: skip
    async with browsing(database, vic) as desk:
        told = words((await desk.get(f"/desk/{event.slug}/board")).text)
    assert "1 open conflict" in told
    assert "Main door 1 Main door 0 s ago 7 7 min old, there is a newer one 18 % 4 min fast" in told


@pytest.mark.parametrize(
    "body",
    [{}, {"to_send": "7", "list_version": None, "list_age": "x", "battery": [], "clock_off": {}, "page": 7},
     {"to_send": True, "list_age": float("nan"), "battery": False, "page": "ABCDEF01"}],
)  # fmt: skip
def test_what_a_phone_says_of_itself_is_read_without_a_failure(body: dict[str, Any]) -> None:
    assert read_report(body) == Report()


def test_and_is_held_to_what_is_possible() -> None:
    body = {"to_send": -4, "list_version": 10**30, "list_age": -5, "battery": 7, "clock_off": float("-inf")}
    assert read_report(body) == Report(0, 2**31 - 1, 0.0, 1.0, -366 * 24 * 3600.0)
