"""Many phones at the same instant: the database says who was first, on both of them."""

from asyncio import gather
from collections import Counter
from datetime import timedelta
from typing import Any

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from registrations.checkin import checkin
from registrations.checkin.conflict import Conflict, ConflictKind
from registrations.checkin.scan import Admission, Scan
from registrations.people.registration import Registration, State
from registrations.phones import pairing
from registrations.phones.door import DoorPass, PassRole
from registrations.phones.scan_answer import Answer
from registrations.tickets import ticketing
from tests.at_the_door import a_phone_at, a_scan, a_ticket, scan_of, undo_of, who_is_in
from tests.people import THE_DAY, Person, a_door, someone

LATER = THE_DAY + timedelta(minutes=12)


async def test_dr04_fifty_phones_with_one_ticket_let_one_person_in(event: Event, ada: Person) -> None:
    door, ticket = await a_door(event), await a_ticket(ada, event)
    phones = [await a_phone_at(door, f"Phone {n}") for n in range(50)]
    scans = [await scan_of(ticket) for _ in phones]
    moments = [LATER + timedelta(seconds=61 * n) for n in range(50)]
    answers = [
        answer
        for [answer] in await gather(
            *(checkin.settle([s], by, at) for s, by, at in zip(scans, phones, moments, strict=True))
        )
    ]
    assert Counter(answer["verdict"] for answer in answers) == {"ok": 1, "already_in": 49}
    winner = next(n for n, answer in enumerate(answers) if answer["verdict"] == "ok")
    losers = {(answer["at"], answer["door"]) for answer in answers if answer["verdict"] == "already_in"}
    assert losers == {(clock.time_words(moments[winner]), "Main door")}
    assert await who_is_in() == [(ticket.id, scans[winner].id)]
    assert await Scan.all().count() == 50


async def test_one_scan_sent_five_times_at_once_is_one_row_and_one_answer(event: Event, ada: Person) -> None:
    device = await a_phone_at(await a_door(event))
    for scan in (await scan_of(await a_ticket(ada, event)), a_scan(b"0123456789abcdef")):
        answers = await gather(*(checkin.settle([scan], device, LATER + timedelta(seconds=n)) for n in range(5)))
        assert [answer == answers[0] for answer in answers] == [True] * 5
        assert await Scan.filter(client_id=scan.id).count() == 1


async def test_a_scan_that_comes_twice_at_once_says_what_its_phone_did_meanwhile(event: Event, ada: Person) -> None:
    """Its first request hung until the network was back, and by then the phone had let them in by its list."""
    door, ticket = await a_door(event), await a_ticket(ada, event)
    sid, other = await a_phone_at(door), await a_phone_at(door, "Main door 2")
    await checkin.settle([await scan_of(ticket)], other, LATER)
    for n in range(5):
        asked = await scan_of(ticket)
        alone = asked._replace(offline=True, shown="ok", age=5.0)
        copies = [[asked], [alone], [asked]]
        answers = await gather(*(checkin.settle(copy, sid, LATER + timedelta(minutes=5)) for copy in copies))
        assert [answer["verdict"] for [answer] in answers] == ["already_in"] * 3
        assert await Scan.filter(door_pass_id=sid.id, passed=True).count() == n + 1
        assert await Conflict.filter(kind=ConflictKind.TWICE).count() == n + 1


async def test_what_another_phone_says_of_a_scan_counts_for_nothing(event: Event, ada: Person) -> None:
    """Whichever of the two says it first has said it."""
    door, ticket = await a_door(event), await a_ticket(ada, event)
    sid, other = await a_phone_at(door), await a_phone_at(door, "Main door 2")
    asked = await scan_of(ticket)
    theirs = asked._replace(offline=True, shown="", tap="no")
    [mine], [refused] = await gather(checkin.settle([asked], sid, LATER), checkin.settle([theirs], other, LATER))
    told = {sid.id: (mine["verdict"], refused["verdict"]), other.id: (refused["verdict"], mine["verdict"])}
    [(id_, first)] = await Scan.all().values_list("client_id", "door_pass_id")
    assert (id_, told[first]) == (asked.id, ("ok" if first == sid.id else "turned_away", "error"))


async def test_ten_phones_send_the_same_forty_tickets_in_every_order(event: Event) -> None:
    door = await a_door(event)
    tickets = [await a_ticket(someone(), event) for _ in range(40)]
    phones = [await a_phone_at(door, f"Phone {n}") for n in range(10)]
    queues = [[await scan_of(t) for t in (tickets[n:] + tickets[:n])[:: 1 if n % 2 else -1]] for n in range(0, 40, 4)]
    settled = await gather(*(checkin.settle(queue, by, LATER) for queue, by in zip(queues, phones, strict=True)))
    answers: list[Answer] = [answer for answers in settled for answer in answers]
    assert Counter(answer["verdict"] for answer in answers) == {"ok": 40, "already_in": 360}
    assert await Admission.all().count() == 40


async def test_of_ten_thousand_racing_scans_none_is_lost_or_doubled(event: Event) -> None:
    """Fifty phones, each with the same two hundred tickets in an order of its own, in batches as a phone sends them."""
    await Event.filter(id=event.id).update(capacity=200)
    door = await a_door(event)
    proofs = [(await scan_of(await a_ticket(someone(), event))).proof for _ in range(200)]
    phones = [await a_phone_at(door, f"Phone {n}") for n in range(50)]
    queues = [[a_scan(proof) for proof in proofs[4 * n :] + proofs[: 4 * n]] for n in range(50)]
    settled = await gather(*(
        checkin.settle(queue[at : at + 50], by, LATER)
        for at in range(0, 200, 50) for queue, by in zip(queues, phones, strict=True)
    ))  # fmt: skip
    assert Counter(answer["verdict"] for answers in settled for answer in answers) == {"ok": 200, "already_in": 9_800}
    assert (await Scan.all().count(), await Admission.all().count()) == (10_000, 200)
    sent = {scan.id for queue in queues for scan in queue}
    kept: list[Any] = await Scan.all().values_list("client_id", flat=True)
    assert set(kept) == sent


async def test_a_withdrawal_and_a_scan_at_once_leave_an_entry_only_with_an_ok(event: Event) -> None:
    device = await a_phone_at(await a_door(event))
    for _ in range(10):
        ticket = await a_ticket(someone(), event)
        registration = await Registration.get(id=ticket.registration_id)
        assert await registration.become(State.CONFIRMED)
        [answer], _dead = await gather(
            checkin.settle([await scan_of(ticket)], device, LATER), ticketing.revoke(registration, LATER)
        )
        inside = await Admission.filter(ticket_id=ticket.id).count()
        assert inside == (answer["verdict"] == "ok")


async def test_an_undo_and_a_second_phone_at_once_never_fail(event: Event) -> None:
    door = await a_door(event)
    sid, other = await a_phone_at(door), await a_phone_at(door, "Main door 2")
    for _ in range(10):
        ticket = await a_ticket(someone(), event)
        first, second = await scan_of(ticket), await scan_of(ticket)
        await checkin.settle([first], sid, LATER)
        [undone], [then] = await gather(
            checkin.settle([undo_of(first)], sid, LATER), checkin.settle([second], other, LATER)
        )
        assert undone["verdict"] == "undone"
        assert await Admission.filter(ticket_id=ticket.id).count() == (then["verdict"] == "ok")


async def test_three_unknown_codes_at_once_are_one_alarm(event: Event) -> None:
    door = await a_door(event)
    phones = [await a_phone_at(door, f"Phone {n}") for n in range(8)]
    await gather(*(checkin.settle([a_scan(b"%16d" % n)], by, LATER) for n, by in enumerate(phones)))
    assert await AuditEntry.filter(action=Action.DOOR_ALERT).count() == 1


async def test_one_code_pairs_one_of_twenty_phones(event: Event, omar: Staff) -> None:
    made = await pairing.make_pass(await a_door(event), "Main door 1", PassRole.STEWARD, omar, THE_DAY, clock.real())
    tries = [pairing.pair(code, f"192.0.2.{n}", THE_DAY, clock.real())
             for n, code in enumerate([made.secret, made.typed] * 10)]  # fmt: skip
    answers = await gather(*tries, return_exceptions=True)
    assert Counter(type(answer) for answer in answers) == {pairing.Paired: 1, Refused: 19}
    assert await DoorPass.exclude(token_hash=None).count() == 1
