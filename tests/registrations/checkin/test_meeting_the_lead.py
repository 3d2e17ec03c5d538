"""Whoever arrives by another entrance is for the lead: a steward hears neither who it is nor why.

Rules: SG-12.
"""

from typing import Any

import pytest

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from registrations.booking import own_needs
from registrations.checkin import reference_lookup
from registrations.checkin.conflict import Conflict
from registrations.checkin.looking_up import name_lookup
from registrations.checkin.looking_up.name_lookup import Typed
from registrations.checkin.scan import LEAD, Scan, Sent
from registrations.people.choices import Switch
from registrations.people.registration import Registration, State
from registrations.phones import guest_list
from registrations.phones.door import Device
from registrations.tickets.ticket import Ticket
from tests.at_the_door import scan_id, scan_of, who_is_in
from tests.people import MONDAY, THE_DAY, Person
from tests.professional import with_ticket
from tests.registrations.checkin.settling import LATER, says
from tests.registrations.coming import a_guest, comes_along
from tests.registrations.phones.list_reading import of_number, read_blob

ADA = Person("Ada Ashdown", "ada@guests.example.org", "Lantern Advocacy", "charity", "Advocate", badge_name="Sparrow")


@pytest.fixture
async def ada(event: Event) -> Registration:
    """She has a place, and arrives by another entrance."""
    clock.move_to(THE_DAY)
    registration = (await with_ticket(ADA, event))[0]
    await own_needs.switch(registration, [Switch.OTHER_ENTRANCE], MONDAY, clock.real())
    return await Registration.get(id=registration.id)


@pytest.fixture
async def ticket(ada: Registration) -> Ticket:
    return await Ticket.get(registration_id=ada.id)


def decided(scan: Sent, code: str, **more: Any) -> Sent:
    """By the lead, of whom that scan has shown."""
    return scan._replace(id=scan_id(), code=code, tap=LEAD, **more)


async def test_dr35_a_steward_is_told_to_ask_the_lead_as_of_anybody_else_who_may_not_come_in(
    event: Event, sid: Device, ticket: Ticket
) -> None:
    answer = await says(await scan_of(ticket), sid)
    assert answer == {"id": answer["id"], "verdict": "ask_lead", "reference": ticket.reference}
    withdrawn = (await with_ticket(Person("Bo Blue", "bo@guests.example.org", "House", "charity", "Advocate"), event))[
        0
    ]
    await Registration.filter(id=withdrawn.id).update(state=State.CANCELLED)
    other = await says(await scan_of(await Ticket.get(registration_id=withdrawn.id)), sid)
    assert other.keys() == answer.keys(), "the same screen as of somebody who gave the place up"
    assert await who_is_in() == []


async def test_dr35_the_lead_is_told_who_it_is_by_the_name_on_the_badge(lee: Device, ticket: Ticket) -> None:
    answer = await says(await scan_of(ticket), lee)
    assert answer == {
        "id": answer["id"], "verdict": "lead_meets", "name": "Sparrow", "organisation": "Lantern Advocacy",
    }  # fmt: skip


async def test_dr35_the_lead_admits_them_and_it_is_recorded(lee: Device, sid: Device, ticket: Ticket) -> None:
    answer = await says(decided(await scan_of(ticket), "met"), lee)
    assert (answer["verdict"], answer["name"], "Ashdown" in str(answer)) == ("ok", "Sparrow", False)
    [(admitted, _)] = await who_is_in()
    entry = await AuditEntry.get(action=Action.LEAD_DECIDED)
    assert (admitted, entry.details["code"]) == (ticket.id, "met")
    again = await says(await scan_of(ticket), sid, LATER)
    assert (again["verdict"], "name" in again) == ("already_in", False)
    to_lead = await says(await scan_of(ticket), lee, LATER)
    assert (to_lead["verdict"], to_lead["name"]) == ("already_in", "Sparrow")


@pytest.mark.parametrize("code", ["other_entrance", "refused"])
async def test_dr35_the_lead_sends_them_on_or_refuses_and_it_is_recorded(
    lee: Device, ticket: Ticket, code: str
) -> None:
    assert (await says(decided(await scan_of(ticket), code), lee))["verdict"] == "turned_away"
    offline = decided(await scan_of(ticket), code, offline=True, shown="turned_away", age=60.0)
    assert (await says(offline, lee, LATER))["verdict"] == "turned_away"
    assert await who_is_in() == []
    assert [entry.details["code"] for entry in await AuditEntry.filter(action=Action.LEAD_DECIDED)] == [code, code]
    assert [scan.code for scan in await Scan.all().order_by("id")] == [code, code]


async def test_dr35_a_steward_cannot_decide_it(sid: Device, ticket: Ticket) -> None:
    for code in ("met", "other_entrance", "refused"):
        assert (await says(decided(await scan_of(ticket), code), sid))["verdict"] == "ask_lead"
    assert await who_is_in() == []
    assert await AuditEntry.filter(action=Action.REASON_REFUSED).count() == 3


async def test_dr35_whoever_was_let_in_without_a_network_stays_in_and_is_no_conflict(
    lee: Device, sid: Device, ticket: Ticket, ada: Registration
) -> None:
    """By the lead; or by a phone whose list was older than the choice."""
    met = decided(await scan_of(ticket), "met", offline=True, shown="ok", age=60.0)
    assert (await says(met, lee, LATER))["verdict"] == "ok"
    assert (len(await who_is_in()), await Conflict.all().count()) == (1, 0)


async def test_dr35_neither_reference_nor_name_shows_a_steward_who_it_is(
    event: Event, sid: Device, lee: Device, ticket: Ticket
) -> None:
    found = await reference_lookup.look_up(ticket.reference, sid, THE_DAY, clock.real())
    assert found == {"ask_lead": {"reference": ticket.reference}}
    to_lead = await reference_lookup.look_up(ticket.reference, lee, THE_DAY, clock.real())
    assert (to_lead["found"]["name"], "Ashdown" in str(to_lead)) == ("Sparrow", False)
    await Event.filter(id=event.id).update(stewards_look_up=True)
    rows = [await name_lookup.look_up(Typed("ashdown", "a", ""), by, THE_DAY, clock.real()) for by in (sid, lee)]
    assert [[row["name"] for row in answer["rows"]] for answer in rows] == [[], ["Sparrow"]]


async def test_dr35_the_sealed_row_has_no_name_but_that_on_the_badge(event: Event, sid: Device, ticket: Ticket) -> None:
    record = await of_number(event, ticket.n, read_blob(await guest_list.since(sid, 0, LATER)))
    assert record == {"s": "ok", "m": 1, "n": "Sparrow", "o": "Lantern Advocacy", "t": "Delegate"}


async def test_dr35_admit_both_lets_nobody_in_whom_the_lead_meets(event: Event, sid: Device) -> None:
    guest = await a_guest(event)
    companion = await comes_along(guest, State.APPROVED)
    await own_needs.switch(companion, [Switch.OTHER_ENTRANCE], MONDAY, clock.real())
    scan = await scan_of(await Ticket.get(registration_id=guest.id))
    [mark] = (await says(scan, sid))["along"]
    both = scan._replace(id=scan_id(), mark=mark, beside=scan.id)
    assert await says(both, sid) == {"id": both.id, "verdict": "ask_lead"}
    assert len(await who_is_in()) == 1


async def test_dr35_who_has_chosen_nothing_comes_in_as_ever(event: Event, sid: Device) -> None:
    """The control."""
    registration = (await with_ticket(ADA, event))[0]
    await own_needs.switch(registration, [Switch.NO_LISTS], MONDAY, clock.real())
    answer = await says(await scan_of(await Ticket.get(registration_id=registration.id)), sid)
    assert (answer["verdict"], answer["name"]) == ("ok", "Ada Ashdown")
