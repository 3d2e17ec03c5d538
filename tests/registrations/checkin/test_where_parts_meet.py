"""Where rooms, companions, whom the lead meets and tickets that were replaced meet at one door."""

from datetime import timedelta
from typing import Any

import pytest

from events.event import Event
from events.ground import clock
from events.ground.database import run_tx
from registrations.booking import own_needs
from registrations.checkin import checkin
from registrations.checkin.scan import LEAD, Admission
from registrations.codes.room import ComesIn
from registrations.people.choices import Switch
from registrations.people.registration import Registration, State
from registrations.phones import guest_list
from registrations.phones.door import Device, Door
from registrations.phones.inside import places_of
from registrations.phones.together import mark_of
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, scan_id, scan_of, undo_of, who_is_in, with_the_override_of
from tests.people import MONDAY, THE_DAY, Person, a_door, someone
from tests.professional import with_ticket
from tests.registrations.checkin.limiting import holds, tickets_for
from tests.registrations.checkin.settling import LATER, says
from tests.registrations.checkin.test_whose_room import Scene, scene, ticket_of
from tests.registrations.coming import a_guest, comes_along
from tests.registrations.offline import MINUTE, NINE, way_out
from tests.registrations.phones.list_reading import of_number, read_blob

__all__ = ["scene"]


@pytest.mark.parametrize("code", ["other_entrance", "refused"])
@pytest.mark.parametrize("offline", [False, True])
async def test_dr35_nobody_comes_in_by_a_leads_no_also_if_the_lead_meets_them_no_longer(
    event: Event, lee: Device, code: str, offline: bool
) -> None:
    """They took back by their own page that they arrive by another entrance, while the lead decided."""
    clock.move_to(THE_DAY)
    registration = (await with_ticket(someone(), event))[0]
    scan = await scan_of(await ticket_of(registration))
    said: dict[str, Any] = {"offline": True, "shown": "turned_away", "age": 60.0} if offline else {}
    answer = await says(scan._replace(code=code, tap=LEAD, **said), lee, LATER)
    assert (answer["verdict"], await who_is_in()) == ("turned_away", [])


async def test_dr35_a_phone_without_a_network_lets_nobody_in_beside_somebody_whom_the_lead_meets(
    event: Event, sid: Device
) -> None:
    clock.move_to(THE_DAY)
    guest = await a_guest(event)
    first, second = [await comes_along(guest, State.APPROVED) for _ in range(2)]
    await own_needs.switch(first, [Switch.OTHER_ENTRANCE], MONDAY, clock.real())
    other = await ticket_of(second)
    record = await of_number(event, (await ticket_of(guest)).n, read_blob(await guest_list.since(sid, 0, LATER)))
    assert record is not None
    assert record["c"] == mark_of(other.proof_hash), "of the other one alone"


async def replaced(ticket: Ticket) -> Ticket:
    """By another ticket of the same person."""
    person = await Registration.get(id=ticket.registration_id)
    await run_tx(ticketing.end)(person, NINE)
    return await ticketing.issue(person, NINE, held=True)


async def test_dr33_a_limit_is_of_people_and_a_person_with_a_newer_ticket_is_one(event: Event, door: Door) -> None:
    sid = await a_phone_at(await holds(door, 2))
    sid = sid._replace(limit=2)
    first, second = await tickets_for(event, 2)
    assert (await says(await scan_of(first), sid, NINE))["verdict"] == "ok"
    newer = await replaced(first)
    assert (await says(await scan_of(newer), sid, NINE + MINUTE))["verdict"] == "ok"
    assert (await places_of(sid)).inside == 1
    assert (await says(await scan_of(second), sid, NINE + MINUTE))["verdict"] == "ok"


async def test_dr33_a_person_inside_needs_no_second_place_for_a_newer_ticket(event: Event, door: Door) -> None:
    sid = await a_phone_at(await holds(door, 1))
    [first] = await tickets_for(event, 1)
    assert (await says(await scan_of(first), sid, NINE))["verdict"] == "ok"
    assert (await says(await scan_of(await replaced(first)), sid, NINE + MINUTE))["verdict"] == "ok"


async def test_who_joins_in_the_same_moment_as_whom_the_room_is_for_gets_the_free_place(scene: Scene) -> None:
    by = await scene.is_for(ComesIn.JOINING, limit=2)
    scans = [await scan_of(await ticket_of(guest)) for guest in (scene.ada, scene.cleo)]
    answers = await checkin.settle(scans, by, NINE + MINUTE)
    assert [answer["verdict"] for answer in answers] == ["ok", "ok"]


async def test_dr33_a_late_override_of_who_has_left_since_leaves_them_outside(event: Event, door: Door) -> None:
    """The lead admitted her again at 09:05 on a phone whose request took ten minutes. She left at 09:10."""
    sid = await a_phone_at(await holds(door, 5))
    [ticket] = await tickets_for(event, 1)
    await says(await scan_of(ticket), sid, NINE)
    await says(await way_out(ticket), sid, NINE + 10 * MINUTE)
    late = (await scan_of(ticket, age=600))._replace(code="left_without_scan", tap=LEAD)
    await says(late, with_the_override_of(sid), NINE + 15 * MINUTE)
    assert (await Admission.get(ticket_id=ticket.id)).left_at == NINE + 10 * MINUTE
    assert (await places_of(sid)).inside == 0


async def test_of_who_stands_beside_somebody_it_is_not_said_where_they_are_due(scene: Scene) -> None:
    by = await scene.is_for(ComesIn.REGISTERED)
    companion = await comes_along(scene.bo, State.APPROVED)
    scan = await scan_of(await ticket_of(companion))
    theirs = await ticket_of(scene.bo)
    both = scan._replace(id=scan_id(), mark=mark_of(theirs.proof_hash), beside=scan.id)
    answer = await says(both, by, NINE + MINUTE)
    assert answer == {"id": both.id, "verdict": "wrong_door"}


async def test_dr36_who_was_let_in_against_a_late_answer_is_undone_as_a_pair_with_who_stands_beside(
    event: Event, sid: Device
) -> None:
    guest = await a_guest(event)
    companion = await comes_along(guest, State.APPROVED)
    closed = sid._replace(closes_at=NINE)
    scan = await scan_of(await ticket_of(guest))
    assert (await says(scan, closed, NINE))["verdict"] == "too_late"
    entered = scan._replace(offline=True, shown="ok", age=20.0)
    both = scan._replace(
        id=scan_id(),
        mark=mark_of((await ticket_of(companion)).proof_hash),
        beside=scan.id,
        offline=True,
        shown="ok",
        age=20.0,
    )
    at = NINE + timedelta(seconds=20)
    await checkin.settle([entered, both], sid, at)
    assert len(await who_is_in()) == 2
    undone = await checkin.settle([undo_of(scan), undo_of(both)], sid, at + timedelta(seconds=5))
    assert [answer["verdict"] for answer in undone] == ["undone", "undone"]


@pytest.mark.parametrize(
    "name", ["Workshop A, back door on the left", 'The "old" "main" "door" (left)', "Główne wejście, lewa"]
)
async def test_a_row_never_grows_whoever_comes_with_them_and_wherever_they_were(event: Event, name: str) -> None:
    """With two companions outside she came in, and left again: one row that is too long keeps the list from all."""
    clock.move_to(THE_DAY)
    person = Person(
        "Maximiliane Oberndorfer-Schmidt", "max@guests.example.org", "Example Advocacy Trust", "charity", "Advocate",
        badge_name="Max",
    )  # fmt: skip
    guest = (await with_ticket(person, event))[0]
    for _ in range(2):
        await comes_along(guest, State.APPROVED)
    by = await a_phone_at(await a_door(event, name))
    ticket = await ticket_of(guest)
    await says(await scan_of(ticket), by, NINE)
    record = await of_number(event, ticket.n, read_blob(await guest_list.since(by, 0, NINE)))
    assert record is not None
    assert ("i" in record, len(record["c"])) == (True, 12)
    await says(await way_out(ticket), by, NINE + MINUTE)
    record = await of_number(event, ticket.n, read_blob(await guest_list.since(by, 0, LATER)))
    assert record is not None
    assert ("l" in record, len(record["c"]), record["n"][:5]) == (True, 12, "Maxim")
