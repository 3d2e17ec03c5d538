"""A typed reference: who it is, how often it may be wrong, and what is recorded of it."""

from datetime import timedelta
from typing import Any
from unittest.mock import ANY

import pytest

from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, wording
from registrations.checkin import checkin, reference_lookup
from registrations.checkin.scan import read_sent
from registrations.people.registration import Registration, State
from registrations.phones import alarm
from registrations.phones.door import Device, Door, PassRole
from registrations.phones.scan_answer import Answer
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, scan_id, scan_of
from tests.people import THE_DAY, Person, an_event, someone

NOBODY = {"found": None, "sentence": "No ticket has this reference. Check each character, or take them aside."}
WRONG = "222-222"


async def typed(text: str, by: Device, after: int = 0) -> Answer:
    """So many seconds after now, by the machine's clock."""
    return await reference_lookup.look_up(text, by, THE_DAY, START + timedelta(seconds=after))


START = clock.at_venue(THE_DAY.date(), 9, 0)


async def test_a_reference_finds_ada_and_one_tap_lets_her_in(event: Event, sid: Device, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    found = (await typed(f" {ticket.reference.lower().replace('-', ' ')} ", sid))["found"]
    proof = found.pop("proof")
    assert found == {
        "name": "Ada Ashdown", "badge_name": "Ada Ashdown", "organisation": "Wardens of Westmoor", "badge": "Delegate",
        "tray": "A", "photos": False,
    }  # fmt: skip
    [answer] = await checkin.settle([read_sent({"id": scan_id(), "kind": "in", "proof": proof})], sid, THE_DAY)
    assert (answer["verdict"], answer["name"]) == ("ok", "Ada Ashdown")


async def test_of_ada_who_is_in_it_says_since_when_and_by_which_door(
    event: Event, door: Door, sid: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    proof = (await typed(ticket.reference, sid))["found"]["proof"]
    await checkin.settle([read_sent({"id": scan_id(), "kind": "in", "proof": proof})], sid, THE_DAY)
    found = (await typed(ticket.reference, sid))["found"]
    assert found["in_since"] == {"at": clock.time_words(THE_DAY), "door": door.name}
    await checkin.settle([read_sent({"id": scan_id(), "kind": "out", "proof": proof})], sid, THE_DAY)
    assert "in_since" not in (await typed(ticket.reference, sid))["found"]


async def test_no_ticket_no_answer(sid: Device) -> None:
    texts = ["", WRONG, "HK7", "ihk-7qd", "🎟" * 6, "%", "x" * 10_000, "\x00" * 6, "\ud800"]
    assert [await typed(text, sid, 60 * n) for n, text in enumerate(texts)] == [NOBODY] * len(texts)


async def test_another_events_reference_is_no_ticket_here(event: Event, sid: Device) -> None:
    elsewhere = await a_ticket(someone(), await an_event())
    assert await typed(elsewhere.reference, sid) == NOBODY


@pytest.mark.parametrize(
    ("state", "code"),
    [(State.CANCELLED, "cancelled"), (State.WAITING, "waitlisted"), (State.NOT_OFFERED, "not_approved"),
     (State.CONFIRMED, "revoked")],
)  # fmt: skip
async def test_dr05_of_the_others_a_steward_gets_the_reference_and_a_lead_the_reason(
    event: Event, door: Door, sid: Device, ada: Person, state: State, code: str
) -> None:
    ticket = await a_ticket(ada, event)
    await Registration.filter(id=ticket.registration_id).update(state=state)
    await Ticket.filter(id=ticket.id).update(revoked_at=THE_DAY)
    lee = await a_phone_at(door, "Lead", PassRole.DOOR_LEAD)
    assert await typed(ticket.reference, sid) == {"ask_lead": {"reference": ticket.reference}}
    assert await typed(ticket.reference, lee) == {"ask_lead": {"reference": ticket.reference, "code": code}}


async def test_dr29_five_wrong_in_a_minute_slow_the_phone_and_a_right_one_works_later(
    event: Event, door: Door, sid: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    for _ in range(3):
        await typed(ticket.reference, sid)
    assert [await typed(WRONG, sid) for _ in range(5)] == [NOBODY] * 5
    slow = await typed(ticket.reference, sid)
    assert slow["error"] == "slow"
    assert 0 < slow["seconds"] <= 75
    other = await a_phone_at(door, "Main door 2")
    assert (await typed(ticket.reference, other))["found"]["name"] == "Ada Ashdown"
    assert (await typed(ticket.reference, sid, slow["seconds"]))["found"]["name"] == "Ada Ashdown"


async def test_twenty_wrong_in_an_hour_stop_it_for_longer(event: Event, sid: Device) -> None:
    answers = [await typed(WRONG, sid, 120 * n) for n in range(21)]
    assert answers[:20] == [NOBODY] * 20
    assert answers[20]["seconds"] > 600


async def test_dr29_the_board_hears_of_the_sixtieth_wrong_one_in_an_hour(event: Event, door: Door) -> None:
    phones = [await a_phone_at(door, f"Phone {n}") for n in range(12)]
    for device in phones:
        assert await alarm.recent(event.id, THE_DAY - timedelta(hours=1)) == []
        for _ in range(5 if device is not phones[-1] else 4):
            await typed(WRONG, device)
    assert await alarm.recent(event.id, THE_DAY - timedelta(hours=1)) == [], "fifty-nine are people who mistype"
    await typed(WRONG, phones[-1])
    assert await alarm.recent(event.id, THE_DAY - timedelta(hours=1)) == [
        alarm.Alarm(THE_DAY, door.id, alarm.Kind.REFERENCES, phones[-1].actor, id=ANY)
    ]


async def test_each_look_up_is_recorded_and_never_what_was_typed(event: Event, sid: Device, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    await typed(ticket.reference, sid)
    await typed(WRONG, sid)
    entries: list[Any] = await AuditEntry.filter(action="typed a reference").order_by("id").values_list(
        "actor", "event_id", "subject", "details")  # fmt: skip
    assert entries == [
        (f"pass:{sid.id}", event.id, f"ticket:{ticket.id}", {"found": True}),
        (f"pass:{sid.id}", event.id, "", {"found": False}),
    ]


async def test_no_name_is_shown_before_the_day_to_a_phone_paired_early(event: Event, door: Door, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    await Event.filter(id=event.id).update(doors_open_at=THE_DAY)
    sid = await a_phone_at(door)
    early = await reference_lookup.look_up(ticket.reference, sid, THE_DAY - timedelta(hours=3), START)
    assert early == {"found": None, "sentence": "References can be looked up from two hours before the doors open"}
    in_time = await reference_lookup.look_up(ticket.reference, sid, THE_DAY - timedelta(hours=2), START)
    assert in_time["found"]["name"] == ada.name


async def test_a_phone_whose_hours_were_taken_away_learns_no_name_and_lets_nobody_in(
    event: Event, door: Door, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    await Event.filter(id=event.id).update(doors_open_at=None)
    sid = await a_phone_at(door)
    told = await reference_lookup.look_up(ticket.reference, sid, THE_DAY, clock.real())
    assert told == {"found": None, "sentence": wording.LOOK_UP_LATER}
    [answer] = await checkin.settle([await scan_of(ticket)], sid, THE_DAY)
    assert answer["verdict"] == "too_early"
    assert ada.name not in str(answer)
