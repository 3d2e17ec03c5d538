"""Doors and phones have names that stand sealed: read where somebody reads them, and never for a scan.

Rules: SE-16.
"""

import pytest
from structlog.testing import capture_logs

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock, data_keys
from events.ground.database import Database, query
from registrations.checkin import headcount
from registrations.checkin.checkin import settle
from registrations.phones import finding, guest_list
from registrations.phones.door import PURPOSES, Device, Door, DoorPass
from tests.at_the_desk import desk
from tests.at_the_door import a_phone_at, a_ticket, scan_of
from tests.browser import browsing, words
from tests.people import THE_DAY, Person, a_door
from tests.registrations.phones.list_reading import of_number, read_blob


@pytest.fixture
async def door(event: Event) -> Door:
    return await a_door(event, "Vestry")


@pytest.fixture
async def sid(door: Door) -> Device:
    return await a_phone_at(door, "Sid's phone")


async def damage(table: str, id_: int) -> None:
    await query(f"UPDATE {table} SET name_sealed = ? WHERE id = ?", [b"damaged", id_])  # noqa: S608


async def again(device: Device) -> Device:
    return await finding.device_of(await DoorPass.get(id=device.id), clock.real())


async def test_a_scan_opens_no_name(
    event: Event, sid: Device, ada: Person, bo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, real = list[str](), data_keys.opened_in

    def opening(named: str, purpose: str, row: str, sealed: bytes) -> str | None:
        opened.append(purpose)
        return real(named, purpose, row, sealed)

    monkeypatch.setattr(data_keys, "opened_in", opening)
    tickets = [await a_ticket(person, event) for person in (ada, bo)]
    phone = await again(sid)
    answers = await settle([await scan_of(ticket) for ticket in tickets], phone, THE_DAY)
    assert [answer["verdict"] for answer in answers] == ["ok", "ok"]
    assert set(opened) & set(PURPOSES.values()) == set()
    [shown] = await settle([await scan_of(tickets[0])], phone, THE_DAY)
    assert (shown["door"], opened) == ("Vestry", ["door.name"]), "the control: whoever is in already hears where"


async def test_a_door_and_a_phone_whose_names_are_damaged_work_by_their_numbers(
    database: Database, event: Event, door: Door, sid: Device, omar: Staff, ada: Person
) -> None:
    await a_phone_at(await a_door(event, "Cloister"), "Phone of Sue")
    await damage("door", door.id)
    await damage("door_pass", sid.id)
    ticket, phone = await a_ticket(ada, event), await again(sid)
    with capture_logs() as logged:
        assert (phone.name, phone.door_name) == (f"Phone {sid.id}", f"Door {door.id}")
    assert [line["row"] for line in logged] == [f"door_pass:{sid.id}", f"door:{door.id}"]
    [first] = await settle([await scan_of(ticket)], phone, THE_DAY)
    [second] = await settle([await scan_of(ticket)], phone, THE_DAY)
    assert (first["verdict"], second["verdict"], second["door"]) == ("ok", "already_in", f"Door {door.id}")
    row = await of_number(event, ticket.n, read_blob(await guest_list.since(phone, 0, THE_DAY)))
    assert row is not None
    assert row["i"][1] == f"Door {door.id}"
    counts = await headcount.counts(event.id, THE_DAY, clock.real())
    assert [counted.name for counted in counts.doors] == [f"Door {door.id}", "Cloister"]
    async with browsing(database, omar) as client:
        said = words((await client.get(desk(event, "doors"))).text)
    assert f"The name of this door cannot be read: its row, door:{door.id}, is damaged" in said
    assert f"Phone {sid.id} Steward. Its name cannot be read: its row, door_pass:{sid.id}, is damaged" in said
    assert (said.count("is damaged"), "Phone of Sue" in said) == (2, True), "the other's is read"


async def test_names_of_an_event_are_opened_by_its_own_rows_alone(event: Event, door: Door, sid: Device) -> None:
    """Whoever may write to the database, without a key, gives no door the name of another."""
    other = await a_door(event, "Cloister")
    [row] = await query("SELECT name_sealed FROM door WHERE id = ?", [door.id])
    await query("UPDATE door SET name_sealed = ? WHERE id = ?", [row["name_sealed"], other.id])
    assert [(await Door.get(id=id_)).name for id_ in (door.id, other.id)] == ["Vestry", f"Door {other.id}"]
