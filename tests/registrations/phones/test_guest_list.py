"""The guest list on its way to a phone: rows that only a ticket opens, and no change that a phone could miss."""

import struct
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag

from events import event_changes
from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.booking import own_booking
from registrations.checkin import checkin
from registrations.checkin.scan import ScanKind
from registrations.codes import sealing
from registrations.deciding import vetting
from registrations.people.registration import OrganisationKind, Registration, State
from registrations.phones import finding, guest_list
from registrations.phones.door import Device, DoorPass
from registrations.tickets.ticket import Ticket, hash_of_proof, proof_of, secret_of
from tests.at_the_door import a_phone_at, a_ticket, scan_of, undo_of
from tests.people import MONDAY, Person, a_door, a_room, an_event, as_told, confirmed, sealed_columns, someone
from tests.registrations.phones.list_reading import LATER, Blob, of_number, read_blob


async def fetched(device: Device, version: int = 0) -> Blob:
    return read_blob(await guest_list.since(device, version, LATER))


async def test_every_ticket_has_a_row_that_it_opens_and_another_does_not(
    event: Event, sid: Device, ada: Person, omar: Staff
) -> None:
    mine, theirs = await a_ticket(ada, event), await a_ticket(someone(), event)
    theirs_asked = await Registration.get(id=theirs.registration_id)
    await vetting.withdraw(theirs_asked, omar, LATER)
    blob = await fetched(sid)
    now = (await Event.get(id=event.id)).list_version
    assert (blob.base, blob.version, blob.made_at) == (0, now, LATER.timestamp() * 1000)
    assert await of_number(event, mine.n, blob) == {
        "s": "ok", "n": "Ada Ashdown", "o": "Wardens of Westmoor", "t": "Delegate", "y": "A",
    }  # fmt: skip
    assert await of_number(event, theirs.n, blob) == {"s": "revoked"}
    event = await Event.get(id=event.id)
    one, other = (sealing.derive(secret_of(event, n), blob.salt) for n in (mine.n, theirs.n))
    with pytest.raises(InvalidTag):
        sealing.open_row(blob.rows[one.id], other.key, blob.salt)


async def test_numbers_not_given_out_have_rows_too_so_that_the_count_tells_nothing(
    event: Event, sid: Device, ada: Person
) -> None:
    empty = await fetched(sid)
    ticket = await a_ticket(ada, event)
    assert len(empty.rows) == len((await fetched(sid)).rows) == 170
    assert await of_number(event, ticket.n, empty) == {"s": "reserve"}
    assert (await of_number(event, ticket.n, await fetched(sid)) or {})["s"] == "ok"


async def test_a_large_event_has_a_tenth_of_its_places_in_reserve(database: Database) -> None:
    event = await an_event(capacity=900)
    assert len((await fetched(await a_phone_at(await a_door(event)))).rows) == 990


async def test_who_is_in_where_this_phone_is_is_said_and_who_left_is_not(
    event: Event, sid: Device, ada: Person
) -> None:
    workshop = await a_phone_at(await a_room(event, "Workshop A"))
    ticket = await a_ticket(ada, event)
    scan = await scan_of(ticket)
    await checkin.settle([scan], sid, LATER)
    here, there = await of_number(event, 1, await fetched(sid)), await of_number(event, 1, await fetched(workshop))
    assert (here or {})["i"] == [int(LATER.timestamp()), "Main door"]
    assert "i" not in (there or {})
    await checkin.settle([undo_of(scan)], sid, LATER)
    assert "i" not in (await of_number(event, 1, await fetched(sid)) or {})


async def test_dr32_who_left_is_said_too_since_a_door_that_lets_in_once_goes_by_it(
    event: Event, sid: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    entry = await scan_of(ticket)
    await checkin.settle([entry], sid, LATER)
    left = (await scan_of(ticket))._replace(kind=ScanKind.OUT)
    await checkin.settle([left], sid, LATER + timedelta(minutes=5))
    record = await of_number(event, 1, await fetched(sid)) or {}
    came, went = int(LATER.timestamp()), int(LATER.timestamp()) + 300
    assert {key: record.get(key) for key in "il"} == {"i": None, "l": [came, "Main door", went]}
    await checkin.settle([await scan_of(ticket)], sid, LATER + timedelta(minutes=9))
    record = await of_number(event, 1, await fetched(sid)) or {}
    assert {key: record.get(key) for key in "il"} == {"i": [came, "Main door"], "l": None}


async def test_no_name_makes_a_row_longer(event: Event, database: Database) -> None:
    long = Person("Ngu" + "ễ" * 97, "long@guests.example.org", "Ủ" * 120, "charity", "Advocate", badge_name="界" * 60)
    ticket = await a_ticket(long, event)
    device = await a_phone_at(await a_door(event, "門" * 60))
    await checkin.settle([await scan_of(ticket)], device, LATER)
    record = await of_number(event, ticket.n, await fetched(device)) or {}
    assert record["s"] == "ok"
    assert record["n"].endswith("…")
    assert record["i"][1] == "門" * 8


async def test_a_delta_brings_what_changed_among_rows_that_did_not(
    event: Event, sid: Device, ada: Person, omar: Staff
) -> None:
    tickets = [await a_ticket(someone(), event) for _ in range(40)]
    had = await fetched(sid)
    await vetting.withdraw(await Registration.get(id=tickets[7].registration_id), omar, LATER)
    delta = await fetched(sid, had.version)
    assert (delta.base, delta.version > had.version, len(delta.rows)) == (had.version, True, 11)
    assert await of_number(event, tickets[7].n, delta) == {"s": "revoked"}
    versions = {struct.unpack(">I", row[16:20])[0] for row in delta.rows.values()}
    assert versions == {delta.version}, "no row says whether it is one that changed"
    assert len((await fetched(sid, delta.version)).rows) == 0


@pytest.mark.parametrize("version", [-1, 0, 99, 2**31])
async def test_a_version_that_never_was_gets_the_whole_list(
    event: Event, sid: Device, ada: Person, version: int
) -> None:
    await a_ticket(ada, event)
    blob = await fetched(sid, version)
    assert (blob.base, len(blob.rows)) == (0, 170)


async def test_versions_tell_no_number_of_tickets(database: Database, ada: Person) -> None:
    """They begin anywhere and grow by what is drawn, so that two events with as many tickets say nothing alike."""
    versions = []
    for event in [await an_event() for _ in range(4)]:
        first = event.list_version
        for _ in range(10):
            await a_ticket(someone(), event)
        versions.append((first, (await Event.get(id=event.id)).list_version - first))
    assert len({first for first, _ in versions}) == 4
    assert len({grown for _, grown in versions}) > 1
    assert min(grown for _, grown in versions) > 10


async def test_more_places_mean_a_whole_list_with_more_rows(
    event: Event, sid: Device, ada: Person, omar: Staff
) -> None:
    await a_ticket(ada, event)
    had = await fetched(sid)
    await event_changes.change(await Event.get(id=event.id), {"capacity": 150}, by=omar, at=LATER, real=clock.real())
    blob = await fetched(sid, had.version)
    assert (blob.base, len(blob.rows)) == (0, 200)
    assert (await fetched(sid, blob.version)).base == blob.version


async def test_no_change_of_a_name_a_standing_or_an_admission_is_skipped(
    event: Event, sid: Device, ada: Person, bo: Person, omar: Staff
) -> None:
    """Each act in turn, as a phone that fetches after each of them sees it."""
    asked = await confirmed(ada, event)
    ticket = await vetting.approve(asked, omar, MONDAY)
    scan, seen = await scan_of(ticket), []
    mirror = dict((had := await fetched(sid)).rows)

    async def look() -> None:
        nonlocal had
        delta = await fetched(sid, had.version)
        assert delta.base == had.version
        assert delta.version > had.version
        mirror.update(delta.rows)
        had = delta
        record = await of_number(event, ticket.n, delta._replace(rows=mirror)) or {}
        seen.append((record["s"], record.get("n"), "i" in record))

    await vetting.correct(asked, {"full_name": "Ada Ashdown-Okafor", "badge_name": "Ada"}, omar, MONDAY)
    await look()
    await checkin.settle([scan], sid, LATER)
    await look()
    await checkin.settle([undo_of(scan)], sid, LATER)
    await look()
    await vetting.withdraw(asked, omar, LATER)
    await look()
    for act in (vetting.not_offer, vetting.reconsider, vetting.put_on_waiting_list):
        await act(await Registration.get(id=asked.id), omar, LATER)
        await look()
    await vetting.approve(await Registration.get(id=asked.id), omar, LATER)
    await look()
    assert await own_booking.give_up(await Registration.get(id=asked.id), LATER)
    await look()
    assert seen == [
        ("ok", "Ada Ashdown-Okafor", False), ("ok", "Ada Ashdown-Okafor", True), ("ok", "Ada Ashdown-Okafor", False),
        ("revoked", None, False), ("not_approved", None, False), ("revoked", None, False), ("waitlisted", None, False),
        ("revoked", None, False), ("cancelled", None, False),
    ]  # fmt: skip


async def test_the_list_of_two_hundred_is_under_sixty_kilobytes(database: Database) -> None:
    event = await an_event(capacity=200)
    await many_tickets(event, 200)
    blob = await guest_list.since(await a_phone_at(await a_door(event)), 0, LATER)
    assert len(blob) == 56 + 250 * sealing.ROW < 60_000


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # this process seals them, whichever keeps them
async def test_twenty_thousand_tickets_are_sealed_in_two_seconds_and_three_and_a_half_megabytes(
    database: Database,
) -> None:
    event = await an_event(capacity=20_000)
    await many_tickets(event, 20_000)
    device = await a_phone_at(await a_door(event))
    began = time.process_time()
    blob = await guest_list.since(device, 0, LATER)
    seconds = time.process_time() - began
    assert len(blob) == 56 + 20_400 * sealing.ROW
    assert len(blob) < 3_600_000
    assert seconds < 2
    began = time.process_time()
    await Ticket.filter(event_id=event.id, n__lt=21).update(list_version=20_001)
    await Event.filter(id=event.id).update(list_version=20_001)
    delta = await guest_list.since(
        await finding.device_of(await DoorPass.get(id=device.id), clock.real()), 20_000, LATER
    )
    assert len(delta) == 56 + 22 * sealing.ROW < 4_000
    assert time.process_time() - began < 0.2


async def many_tickets(event: Event, count: int) -> None:
    people = [
        Registration(
            event_id=event.id, kind=OrganisationKind.CHARITY, state=State.APPROVED, requested_at=MONDAY,
            **sealed_columns(event, replace(as_told(someone()), organisation=f"Organisation of guest {n}")),
        )
        for n in range(1, count + 1)
    ]  # fmt: skip
    await Registration.bulk_create(people, batch_size=500)
    ids = await Registration.filter(event_id=event.id).order_by("id").values_list("id", flat=True)
    tickets = [
        Ticket(
            event_id=event.id, registration_id=person, n=n, proof_hash=hash_of_proof(proof_of(event, n)),
            reference_hash=str(n), reference_sealed=b"", list_version=n, issued_at=MONDAY,
        )
        for n, person in enumerate(ids, start=1)
    ]  # fmt: skip
    await Ticket.bulk_create(tickets, batch_size=500)
    await Event.filter(id=event.id).update(next_n=count + 1, list_version=count, list_whole_since=1)
