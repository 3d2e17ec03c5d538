"""DR-49: two hundred guests, two doors, the network cut twice, a phone lost; at the end all numbers are one."""

import json
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.audit import audit_seal, audit_verify
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.checkin import headcount
from registrations.checkin.conflict import Conflict, ConflictKind
from registrations.checkin.quarantine import accepted_id
from registrations.checkin.scan import Admission, Scan
from tests.hostile.morning import GUESTS, Carried, Guest, Morning
from tests.people import an_event

SEED = 49


@pytest.fixture
async def event(database: Database) -> Event:
    return await an_event(capacity=300)


def words_of(guest: Guest) -> list[str]:
    """All that no log may hold."""
    person = guest.person
    return [*person.name.split(), person.email, person.organisation, guest.ticket.reference, guest.code, guest.proof]


def found(log: str, guests: list[Guest]) -> set[str]:
    return {word for guest in guests for word in words_of(guest) if word.lower() in log}


async def the_phone_is_found(morning: Morning, lost: Carried) -> None:
    """Until an organiser accepts what it held, nobody is in by it."""
    never_sent = {row["id"] for row in lost.queue} - morning.reached
    only_there = sum(guest.entries <= never_sent for guest in morning.guests)
    assert only_there > 0, "it has to be missed"
    missing = f"Arrived {GUESTS - only_there} of {GUESTS} expected"
    assert missing in await morning.board()
    revoked = await morning.revokes(lost)
    apart = await morning.is_switched_on_by_whoever_found_it(lost)
    assert missing in await morning.board(), "admissions are unchanged until somebody accepts them"
    assert (await headcount.counts(morning.event.id, clock.now(), clock.real())).quarantined == apart
    await morning.accepts_the_scans_of(revoked)


async def closing_report(morning: Morning) -> None:
    counts = await headcount.counts(morning.event.id, clock.now(), clock.real())
    admitted: list[Any] = await Admission.all().values_list("ticket_id", flat=True)
    people = {guest.ticket.id for guest in morning.guests}
    assert (counts.people, len(admitted), counts.expected) == (GUESTS, GUESTS, GUESTS)
    assert set(admitted) == people, "each of those who came, and nobody else"
    assert (sum(door.arrived for door in counts.doors), counts.to_send, counts.quarantined) == (GUESTS, 0, 0)
    assert f"Arrived {GUESTS} of {GUESTS} expected" in await morning.board()


async def test_dr49_people_in_are_admissions_are_expected_and_no_log_names_anybody(
    database: Database,
    event: Event,
    omar: Staff,
    printed: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = Morning(SEED, database, event, omar)
    monkeypatch.setattr(clock, "real", plan.real)
    clock.move_to(None)
    async with plan.opened() as morning:
        everybody = [*morning.guests, *morning.uninvited]
        await morning.goes_by()
        [lost] = [phone for phone in morning.phones if phone.lost]
        held = {row["id"] for row in lost.queue}
        await the_phone_is_found(morning, lost)
        await closing_report(morning)
    kept: set[Any] = set(await Scan.filter(inferred=False).values_list("client_id", flat=True))
    assert kept - {accepted_id(client_id) for client_id in held} == morning.made, (
        "every scan is a row, once, and no other"
    )
    doubles = sum(len(guest.entries) - 1 for guest in morning.guests)
    assert await Conflict.filter(kind=ConflictKind.TWICE).count() == doubles > 0
    await audit_seal.seal_all()
    assert await audit_verify.verify() == []
    entries = json.dumps([list(entry) for entry in await AuditEntry.all().values_list("actor", "subject", "details")])
    log = ("".join(printed.readouterr()) + entries).lower()
    assert found(log, everybody) == set()
    assert log.count("registrations.door.door_pages.scans") > GUESTS, "the day is in the log"
    planted = everybody[17]
    assert found(log + f" {planted.person.name} ".lower(), everybody) == set(planted.person.name.split())
