"""*Admit both*: whoever stands beside the person who was scanned is let in by a scan of their own, by a mark that says
who it is to the server alone.

Rules: EV-05.
"""

from asyncio import gather
from dataclasses import dataclass
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.checkin import checkin, quarantine
from registrations.checkin.conflict import Conflict
from registrations.checkin.scan import Scan, Sent, read_sent
from registrations.deciding import coming_along, vetting
from registrations.people.registration import Registration, State
from registrations.phones.door import Device, Door
from registrations.phones.together import mark_of
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, rows_of, scan_id, scan_of, undo_of, who_is_in
from tests.people import THE_DAY, a_room
from tests.registrations.checkin.revoking import accepted, revoked
from tests.registrations.checkin.settling import LATER, says
from tests.registrations.coming import a_guest, anew, comes_along

SOON = THE_DAY + timedelta(seconds=20)


@dataclass
class Pair:
    """A guest and who comes along, each with a ticket."""

    guest: Registration
    companion: Registration
    first: Ticket
    second: Ticket


@pytest.fixture
async def pair(event: Event) -> Pair:
    guest = await a_guest(event)
    companion = await comes_along(guest, State.APPROVED)
    return Pair(guest, companion, await ticket_of(guest), await ticket_of(companion))


async def ticket_of(person: Registration) -> Ticket:
    return await Ticket.get(registration_id=person.id, revoked_at=None)


def beside(scan: Sent, other: Ticket, *, age: float = 0.0, offline: bool = False) -> Sent:
    """Whoever has that ticket stands beside the one who was scanned: the steward has seen both work IDs."""
    shown = "ok" if offline else ""
    mark = mark_of(other.proof_hash)
    return scan._replace(id=scan_id(), mark=mark, beside=scan.id, age=age, offline=offline, shown=shown)


async def test_dr36_admit_both_writes_two_admissions_with_a_pair_of_scans(
    event: Event, sid: Device, pair: Pair
) -> None:
    taken = (await Event.get(id=event.id)).taken
    scan = await scan_of(pair.first)
    answer = await says(scan, sid)
    assert answer["along"] == [mark_of(pair.second.proof_hash)]
    assert pair.companion.full_name not in str(answer)
    both = beside(scan, pair.second, age=20)
    then = await says(both, sid, SOON)
    assert (then["verdict"], then["name"], "along" in then) == ("ok", pair.companion.full_name, False)
    assert await who_is_in() == [(pair.first.id, scan.id), (pair.second.id, both.id)]
    first, second = await Scan.all().order_by("id")
    assert (first.happened_at, first.door_id, first.door_pass_id) == (
        second.happened_at, second.door_id, second.door_pass_id,
    )  # fmt: skip
    assert (second.ticket_id, second.answer) == (pair.second.id, {"beside": scan.id})
    assert (await Event.get(id=event.id)).taken == taken, "the companion takes no place that is counted"


async def test_dr36_sent_again_the_pair_changes_nothing(sid: Device, pair: Pair) -> None:
    scan = await scan_of(pair.first)
    both = beside(scan, pair.second)
    told = await checkin.settle([scan, both], sid, THE_DAY)
    kept = await rows_of("client_id", "verdict", "passed")
    assert await checkin.settle([both, scan, both], sid, SOON) == [told[1], told[0], told[1]]
    assert (await rows_of("client_id", "verdict", "passed"), len(await who_is_in())) == (kept, 2)


async def test_dr36_it_works_from_either_side(sid: Device, pair: Pair) -> None:
    scan = await scan_of(pair.second)
    assert (await says(scan, sid))["along"] == [mark_of(pair.first.proof_hash)]
    assert (await says(beside(scan, pair.first), sid))["name"] == pair.guest.full_name


async def test_dr36_of_a_guest_with_two_companions_all_three_are_let_in_in_one_transaction(
    event: Event, sid: Device, pair: Pair
) -> None:
    third = await ticket_of(await comes_along(pair.guest, State.APPROVED))
    scan = await scan_of(pair.second)
    sent = [scan, beside(scan, pair.first), beside(scan, third)]
    answers = await checkin.settle(sent, sid, THE_DAY)
    assert ([answer["verdict"] for answer in answers], len(answers[0]["along"])) == (["ok"] * 3, 2)
    assert len(await who_is_in()) == 3


async def test_dr36_who_is_in_already_is_not_admitted_again_and_nobody_is_named(
    sid: Device, kim: Device, pair: Pair
) -> None:
    scan = await scan_of(pair.first)
    await says(scan, sid)
    await says(await scan_of(pair.second), kim)
    both = beside(scan, pair.second)
    answer = await says(both, sid, LATER)
    assert (answer["verdict"], set(answer) - {"at", "door"}) == ("already_in", {"id", "verdict"})
    assert (await says(both, sid, LATER), len(await who_is_in())) == (answer, 2)


async def test_dr36_one_who_was_withdrawn_is_not_admitted_and_a_steward_hears_no_more(
    sid: Device, lee: Device, omar: Staff, pair: Pair
) -> None:
    await vetting.withdraw(await anew(pair.companion), omar, THE_DAY)
    scan = await scan_of(pair.first)
    answer = await says(scan, sid)
    assert (answer["verdict"], "along" in answer) == ("ok", False), "of who is withdrawn the phone hears nothing"
    late, to_lead = beside(scan, pair.second), beside(scan, pair.second)
    assert await says(late, sid) == {"id": late.id, "verdict": "ask_lead"}
    assert await says(to_lead, lee) == {"id": to_lead.id, "verdict": "ask_lead", "code": "revoked"}
    assert [ticket for ticket, _ in await who_is_in()] == [pair.first.id]


async def test_dr36_a_mark_of_nobody_who_comes_with_them_lets_nobody_in(
    event: Event, sid: Device, omar: Staff, pair: Pair
) -> None:
    stranger = await ticket_of(await a_guest(event))
    scan = await scan_of(pair.first)
    assert (await says(beside(scan, stranger), sid))["verdict"] == "unknown"
    await coming_along.unlink(await anew(pair.companion), omar, THE_DAY)
    assert (await says(beside(scan, pair.second), sid))["verdict"] == "unknown", "parted a moment ago"
    assert await who_is_in() == []
    assert (await says(await scan_of(pair.second), sid))["verdict"] == "ok", "their own ticket is good"


async def test_dr36_both_let_in_offline_come_back_as_they_would_have_online(sid: Device, pair: Pair) -> None:
    scan = (await scan_of(pair.first, age=600))._replace(offline=True, shown="ok")
    answers = await checkin.settle([scan, beside(scan, pair.second, age=600, offline=True)], sid, LATER)
    assert [answer["verdict"] for answer in answers] == ["ok", "ok"]
    assert [pair.companion.full_name in str(answer) for answer in answers] == [False, False]
    assert (len(await who_is_in()), await Conflict.all().count()) == (2, 0)


async def test_dr36_who_was_scanned_elsewhere_meanwhile_is_a_conflict(sid: Device, kim: Device, pair: Pair) -> None:
    elsewhere = await scan_of(pair.second)
    await says(elsewhere, kim, THE_DAY)
    scan = (await scan_of(pair.first, age=300))._replace(offline=True, shown="ok")
    sent = [scan, beside(scan, pair.second, age=300, offline=True)]
    answers = await checkin.settle(sent, sid, LATER)
    assert [answer["verdict"] for answer in answers] == ["ok", "already_in"]
    conflict = await Conflict.get()
    assert (conflict.ticket_id, {conflict.first_scan, conflict.second_scan}) == (
        pair.second.id, {elsewhere.id, sent[1].id},
    )  # fmt: skip
    assert len(await who_is_in()) == 2


async def test_dr36_who_was_withdrawn_while_the_phone_had_no_network_is_a_loud_conflict(
    sid: Device, omar: Staff, pair: Pair
) -> None:
    await vetting.withdraw(await anew(pair.companion), omar, THE_DAY)
    scan = (await scan_of(pair.first, age=60))._replace(offline=True, shown="ok")
    answers = await checkin.settle([scan, beside(scan, pair.second, age=60, offline=True)], sid, LATER)
    assert [answer["verdict"] for answer in answers] == ["ok", "ask_lead"]
    assert ((await Conflict.get()).ticket_id, len(await who_is_in())) == (pair.second.id, 2)


async def test_dr36_either_is_undone_and_the_other_stays(sid: Device, pair: Pair) -> None:
    scan = await scan_of(pair.first)
    both = beside(scan, pair.second, age=20)
    await says(scan, sid)
    await says(both, sid, SOON)
    assert (await says(undo_of(scan), sid, SOON))["verdict"] == "undone"
    assert await who_is_in() == [(pair.second.id, both.id)]
    assert (await says(undo_of(both), sid, SOON))["verdict"] == "undone"
    assert await who_is_in() == []


async def test_dr36_an_older_entry_of_the_phone_is_still_the_leads_to_undo(
    event: Event, sid: Device, pair: Pair
) -> None:
    """The control of the one above."""
    before = await scan_of(await ticket_of(await a_guest(event)))
    scan = await scan_of(pair.first)
    await says(before, sid)
    await says(scan, sid, SOON)
    await says(beside(scan, pair.second), sid, SOON)
    assert (await says(undo_of(before), sid, SOON))["verdict"] == "undo_needs_lead"


async def test_dr36_scans_of_a_revoked_phone_wait_and_let_both_in_once_accepted(
    event: Event, sid: Device, omar: Staff, pair: Pair
) -> None:
    ended = await revoked(sid)
    scan = (await scan_of(pair.first))._replace(offline=True, shown="ok")
    sent = [scan, beside(scan, pair.second, offline=True)]
    assert {answer["verdict"] for answer in await checkin.settle(sent, ended, THE_DAY)} == {"device_revoked"}
    assert await who_is_in() == []
    [waiting] = await quarantine.waiting(event.id)
    assert waiting.tickets == 2
    assert await accepted(event, omar) == 2
    assert {ticket for ticket, _ in await who_is_in()} == {pair.first.id, pair.second.id}


async def test_dr36_in_a_room_each_of_the_two_is_let_in_too(room: Device, sid: Device, pair: Pair) -> None:
    scan = await scan_of(pair.first)
    await checkin.settle([scan, beside(scan, pair.second)], sid, THE_DAY)
    again = await scan_of(pair.first)
    assert (await says(again, room, LATER))["along"] == [mark_of(pair.second.proof_hash)]
    assert (await says(beside(again, pair.second), room, LATER))["verdict"] == "ok"
    assert (await says(await scan_of(pair.first), sid, LATER)).get("along") is None, "at the entrance both are in"


@pytest.fixture
async def room(event: Event) -> Device:
    return await a_phone_at(await a_room(event), "Workshop A 1")


async def test_dr36_three_doors_at_once_let_each_in_once(
    database: Database, door: Door, pair: Pair, sid: Device, kim: Device, lee: Device
) -> None:
    """Both are scanned by themselves, while *Admit both* is pressed at a third door, for either of them."""
    scans = [await scan_of(pair.first), await scan_of(pair.second)]
    first, second = await scan_of(pair.first), await scan_of(pair.second)
    pressed = [first, beside(first, pair.second)], [second, beside(second, pair.first)]
    settled = await gather(
        checkin.settle([scans[0]], sid, THE_DAY), checkin.settle([scans[1]], kim, THE_DAY),
        *(checkin.settle(both, lee, THE_DAY) for both in pressed),
    )  # fmt: skip
    verdicts = sorted(answer["verdict"] for answers in settled for answer in answers)
    assert verdicts == ["already_in"] * 4 + ["ok"] * 2
    assert {ticket for ticket, _ in await who_is_in()} == {pair.first.id, pair.second.id}
    assert await Conflict.all().count() == 0


def test_dr36_a_mark_without_its_scan_counts_for_nothing() -> None:
    sent = {"id": "a" * 32, "kind": "in", "proof": "A" * 22, "mark": "abc-_1", "beside": "b" * 32}
    assert (read_sent(sent).mark, read_sent(sent).beside) == ("abc-_1", "b" * 32)
    for broken in ({"mark": "abc"}, {"beside": "b"}, {"mark": 7}, {"beside": None}, {"kind": "out"}):
        assert (read_sent(sent | broken).mark, read_sent(sent | broken).beside) == ("", "")
