"""The reference opens the door to whoever says it: a thief of the database finds it in no column, and cannot try it."""

import hashlib
from typing import Any

from events.event import Event
from events.ground import keys
from events.ground.database import query
from registrations.checkin import reference_lookup
from registrations.phones.door import Device
from registrations.tickets import ticket as tickets
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_ticket
from tests.conftest import SETTINGS
from tests.people import MONDAY, THE_DAY, Person, an_event
from tests.registrations.tickets.approving import before_ticket
from tests.tables import models


async def dump() -> dict[str, list[Any]]:
    """Every value of every column, by table and column."""
    found: dict[str, list[Any]] = {}
    for table in {model._meta.db_table for model in models()}:
        for row in await query(f"SELECT * FROM {table}"):  # noqa: S608
            for column, value in row.items():
                found.setdefault(f"{table}.{column}", []).append(value)
    return found


def in_clear(found: dict[str, list[Any]], reference: str) -> set[str]:
    """Columns that hold the six characters, with the dash or without, as text or as bytes or as their hex digits."""
    said = [reference.upper().encode(), reference.upper().replace("-", "").encode()]
    spellings = [*said, *(spelling.hex().upper().encode() for spelling in said)]

    def holds(value: Any) -> bool:
        raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
        return any(spelling in raw.upper() for spelling in spellings)

    return {column for column, values in found.items() if any(map(holds, values))}


async def test_no_column_holds_a_reference_and_the_key_opens_it(event: Event, sid: Device, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    reference = ticket.reference
    await reference_lookup.look_up(reference, sid, THE_DAY, THE_DAY)
    found = await dump()
    assert in_clear(found, event.contact_email) == {"event.contact_email"}, "the search finds what stands in clear"
    assert in_clear(found, reference) == set()
    [sealed] = found["ticket.reference_sealed"]
    assert keys.open_sealed(tickets.REFERENCE, bytes(sealed), tickets.reference_row(event.id, ticket.n)) == reference, (
        "the control: it is there"
    )


async def test_without_the_key_nobody_can_try_references_against_their_hashes(event: Event, ada: Person) -> None:
    """29 bits are tried in a second against any hash that needs no key."""
    ticket = await a_ticket(ada, event)
    reference, letters = ticket.reference, ticket.reference.replace("-", "")
    said = [f"{event.id}|{reference}", reference, f"{event.id}|{letters}", letters]
    known = {hashlib.new(how, text.encode()).hexdigest()[:32] for how in ("sha256", "sha1", "md5") for text in said}
    assert ticket.reference_hash not in known
    assert ticket.reference_hash not in keys.keyed_hashes("limits", said[0])
    assert ticket.reference_hash in {keyed for text in said for keyed in keys.keyed_hashes(tickets.REFERENCE, text)}, (
        "the control: with the key one of these is the text"
    )


async def test_the_same_reference_at_two_events_shows_nobody_that_it_is_the_same(event: Event, ada: Person) -> None:
    other = await an_event()
    one = await ticketing.issue(await before_ticket(ada, event), MONDAY, draw=lambda: "HK7-4QD")
    two = await ticketing.issue(await before_ticket(ada, other), MONDAY, draw=lambda: "HK7-4QD")
    assert one.reference == two.reference == "HK7-4QD"
    assert one.reference_hash != two.reference_hash


async def test_after_a_new_key_it_is_still_found_shown_and_the_only_one(
    event: Event, sid: Device, ada: Person, bo: Person
) -> None:
    ticket = await ticketing.issue(await before_ticket(ada, event), MONDAY, draw=lambda: "HK7-4QD")
    keys.install(keys.Keyring([keys.new_key(), SETTINGS.key.get_secret_value()]))
    drawn = iter(["HK7-4QD", "MNP-234"])
    second = await ticketing.issue(await before_ticket(bo, event), MONDAY, draw=lambda: next(drawn))
    assert second.reference == "MNP-234"
    assert (await Ticket.get(id=ticket.id)).reference == "HK7-4QD"
    found = (await reference_lookup.look_up("hk7 4qd", sid, THE_DAY, THE_DAY))["found"]
    assert found["name"] == ada.name
