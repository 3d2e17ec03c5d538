"""What a lead decided offline with a card: whose it was, and what becomes of a card that is none."""

from datetime import timedelta
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from registrations.checkin import checkin, quarantine
from registrations.checkin.conflict import Conflict, ConflictKind
from registrations.checkin.scan import Scan, Sent, read_sent
from registrations.codes import lead_card
from registrations.phones import lead_cards, pairing
from registrations.phones.door import A_TAP, Device, Door, DoorPass, PassRole
from tests.at_the_door import a_phone_at, a_ticket, scan_of, who_is_in, with_the_override_of
from tests.door_phone import row_of
from tests.people import THE_DAY, Person, a_door, an_event, someone
from tests.registrations.checkin.revoking import revoked

pytestmark = pytest.mark.usefixtures("the_day")
MADE, LATER = THE_DAY + timedelta(minutes=30), THE_DAY + timedelta(minutes=70)


@pytest.fixture
async def lead(door: Door) -> DoorPass:
    return await DoorPass.get(id=(await a_phone_at(door, "Lead", PassRole.DOOR_LEAD)).id)


async def a_card(lead: DoorPass, by: Staff) -> bytes:
    """The proof that a phone sends in its place."""
    secret = lead_card.parse(await lead_cards.make(lead, by, MADE, clock.real()))
    assert secret is not None
    return lead_card.derive(secret, (await Event.get(id=lead.event_id)).salt).proof


async def by_card(event: Event, card: bytes, minutes: int, **more: Any) -> Sent:
    """A lead let somebody in, so many minutes ago, on a list that was too old."""
    alone: dict[str, Any] = {"offline": True, "shown": "old_list", "tap": "lead", "card": card} | more
    return (await scan_of(await a_ticket(someone(), event), age=60.0 * minutes))._replace(**alone)


async def kinds() -> list[ConflictKind]:
    return [conflict.kind for conflict in await Conflict.all().order_by("id")]


async def test_the_row_says_whose_card_it_was_and_nothing_is_in_doubt(
    event: Event, door: Door, omar: Staff, lead: DoorPass
) -> None:
    sid, card = await a_phone_at(door), await a_card(lead, omar)
    [answer] = await checkin.settle([await by_card(event, card, 10)], sid, LATER)
    row = await Scan.get()
    assert (answer["verdict"], row.decided_by, row.passed) == ("ok", lead.id, True)
    assert await kinds() == []


async def test_a_reason_by_card_is_recorded_as_that_leads(
    event: Event, door: Door, omar: Staff, lead: DoorPass, ada: Person
) -> None:
    sid, card, ticket = await a_phone_at(door), await a_card(lead, omar), await a_ticket(ada, event)
    await checkin.settle([await scan_of(ticket)], sid, MADE + timedelta(minutes=5))
    again: dict[str, Any] = {"offline": True, "shown": "ok", "tap": "lead", "code": "left_without_scan"}
    for shown, minutes in ((card, 20), (b"", 10)):
        scan = (await scan_of(ticket, age=60.0 * minutes))._replace(**again, card=shown)
        await checkin.settle([scan], sid, LATER)
    told = [entry.details["lead"] for entry in await AuditEntry.filter(action=Action.LEAD_DECIDED).order_by("id")]
    assert told == [lead.id, A_TAP]
    assert [row.decided_by for row in await Scan.all().order_by("id")] == [None, lead.id, None]


@pytest.mark.parametrize("wrong", ["never made", "of another event", "too early", "revoked before", "no proof"])
async def test_a_card_that_cannot_be_verified_is_a_loud_conflict_and_whoever_is_in_stays_in(
    event: Event, door: Door, omar: Staff, lead: DoorPass, wrong: str
) -> None:
    sid, card, minutes = await a_phone_at(door), await a_card(lead, omar), 10
    match wrong:
        case "never made":
            card = b"0123456789abcdef"
        case "of another event":
            other = await a_door(await an_event())
            there = await DoorPass.get(id=(await a_phone_at(other, "There", PassRole.DOOR_LEAD)).id)
            card = await a_card(there, omar)
        case "too early":
            minutes = 50
        case "revoked before":
            await pairing.revoke(lead, omar, LATER - timedelta(minutes=20), clock.real())
        case _:
            card = read_sent({"id": "a" * 32, "kind": "in", "proof": "A" * 22, "card": "photographed"}).card
    scan = await by_card(event, card, minutes)
    await checkin.settle([scan], sid, LATER)
    assert await kinds() == [ConflictKind.CARD]
    assert (await Conflict.get()).loud
    row = await Scan.get()
    assert (row.decided_by, row.passed) == (0, True)
    assert [scan_id for _, scan_id in await who_is_in()] == [scan.id]
    await checkin.settle([scan], sid, LATER)
    assert await kinds() == [ConflictKind.CARD], "sent again it is the same one"


async def test_a_card_counts_for_what_it_decided_before_its_lead_was_revoked_or_it_was_replaced(
    event: Event, door: Door, omar: Staff, lead: DoorPass
) -> None:
    """The phone had no network until then."""
    sid, old = await a_phone_at(door), await a_card(lead, omar)
    secret = lead_card.parse(await lead_cards.make(lead, omar, LATER - timedelta(minutes=20), clock.real()))
    assert secret is not None
    new = lead_card.derive(secret, event.salt).proof
    await pairing.revoke(lead, omar, LATER - timedelta(minutes=5), clock.real())
    for card, minutes in ((old, 30), (new, 10)):
        await checkin.settle([await by_card(event, card, minutes)], sid, LATER)
    assert [row.decided_by for row in await Scan.all()] == [lead.id, lead.id]
    assert await kinds() == []
    await checkin.settle([await by_card(event, old, 10)], sid, LATER)
    assert await kinds() == [ConflictKind.CARD]


async def test_a_scan_whose_time_is_unsure_is_given_the_benefit_of_it(
    event: Event, door: Door, omar: Staff, lead: DoorPass
) -> None:
    sid, card = await a_phone_at(door), await a_card(lead, omar)
    await checkin.settle([await by_card(event, card, 42, unsure=180.0)], sid, LATER)
    assert await kinds() == []
    await checkin.settle([await by_card(event, card, 42, unsure=1.0)], sid, LATER)
    assert await kinds() == [ConflictKind.CARD]


async def test_a_card_online_or_without_a_leads_tap_counts_for_nothing(
    event: Event, door: Door, omar: Staff, lead: DoorPass
) -> None:
    """Online the PIN is asked for; and a card alone lets nobody in."""
    sid, card = await a_phone_at(door), await a_card(lead, omar)
    online = await by_card(event, card, 0, offline=False, code="early")
    untapped = await by_card(event, b"0123456789abcdef", 1, tap="id_seen")
    await checkin.settle([online, untapped], sid, LATER)
    assert {row.decided_by for row in await Scan.all()} == {None}
    assert await kinds() == []
    assert await AuditEntry.filter(action=Action.REASON_REFUSED).count() == 1


async def test_the_row_of_a_pin_says_which_lead_typed_it(
    event: Event, door: Door, omar: Staff, lead: DoorPass, ada: Person
) -> None:
    sid, ticket = await a_phone_at(door), await a_ticket(ada, event)
    device: Device = with_the_override_of(sid._replace(id=lead.id), sid)
    await checkin.settle([await scan_of(ticket)], device, MADE)
    await checkin.settle([(await scan_of(ticket))._replace(code="code_shared", tap="lead")], device, LATER)
    assert [row.decided_by for row in await Scan.all().order_by("id")] == [None, lead.id]


@pytest.mark.parametrize("good", [True, False])
async def test_a_quarantined_scan_keeps_whose_card_it_was(
    event: Event, door: Door, omar: Staff, lead: DoorPass, good: bool
) -> None:
    """It is looked up when it comes: later the card may be gone."""
    gone, card = await revoked(await a_phone_at(door)), await a_card(lead, omar)
    await checkin.settle([await by_card(event, card if good else b"0123456789abcdef", 10)], gone, LATER)
    assert await kinds() == []
    [waits] = await quarantine.waiting(event.id)
    await quarantine.accept(event, waits.id, waits.newest, omar, LATER, clock.real())
    assert [row.decided_by for row in await Scan.all()] == [lead.id if good else 0] * 2
    assert await kinds() == ([] if good else [ConflictKind.CARD])


async def test_what_a_phone_sends_of_a_card_is_read_or_is_none(event: Event, ada: Person) -> None:
    row = await row_of(await a_ticket(ada, event))
    proof = "AAECAwQFBgcICQoLDA0ODw"
    read = [read_sent(row | card).card for card in ({}, {"card": ""}, {"card": proof}, {"card": 7}, {"card": "x"})]
    assert read == [b"", b"", bytes(range(16)), b"?", b"?"]
