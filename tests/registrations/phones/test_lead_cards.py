"""Cards of door leads: made once, replaced, gone with their lead's pass, and in each phone's next list."""

from asyncio import gather
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, wording
from events.ground.database import query
from events.ground.refusal import Refused
from registrations.checkin import closing
from registrations.codes import lead_card
from registrations.phones import guest_list, lead_cards, pairing
from registrations.phones.door import Device, Door, DoorPass, PassRole, WrittenOff
from registrations.phones.lead_card import LeadCard
from tests.at_the_door import a_phone_at
from tests.people import THE_DAY, a_door, an_event
from tests.registrations.phones.list_reading import Blob, read_blob

pytestmark = pytest.mark.usefixtures("the_day")
LATER = THE_DAY + timedelta(minutes=12)


async def a_lead(door: Door, name: str = "Lead") -> DoorPass:
    return await DoorPass.get(id=(await a_phone_at(door, name, PassRole.DOOR_LEAD)).id)


async def a_card(lead: DoorPass, by: Staff) -> bytes:
    """Its secret."""
    secret = lead_card.parse(await lead_cards.make(lead, by, LATER, clock.real()))
    assert secret is not None
    return secret


async def list_of(device: Device, version: int = 0) -> Blob:
    return read_blob(await guest_list.since(device, version, LATER))


def known(event: Event, secret: bytes) -> bytes:
    return lead_card.derive(secret, event.salt).id


async def test_a_card_is_in_the_next_list_of_every_phone_and_its_secret_in_no_table(
    event: Event, door: Door, omar: Staff
) -> None:
    sid, lead = await a_phone_at(door), await a_lead(door)
    before = await list_of(sid)
    assert before.cards == []
    secret = await a_card(lead, omar)
    for news in (await list_of(sid), await list_of(sid, before.version)):
        assert (news.cards, news.version > before.version) == ([known(event, secret)], True)
    same = await list_of(sid, news.version)
    assert (same.rows, same.cards) == ({}, [known(event, secret)]), "a list that has not changed names them too"
    kept = str(await query("SELECT * FROM lead_card"))
    assert secret.hex() not in kept
    assert known(event, secret).hex() in kept, "what is searched is there"
    entry = await AuditEntry.get(action=Action.CARD_MADE)
    assert (entry.actor, entry.event_id, entry.details["replaced"]) == (omar.actor, event.id, 0)


async def test_a_new_card_replaces_the_one_before(event: Event, door: Door, omar: Staff) -> None:
    sid, lead, other = await a_phone_at(door), await a_lead(door), await a_lead(door, "Another")
    old, theirs = await a_card(lead, omar), await a_card(other, omar)
    new = await a_card(lead, omar)
    assert set((await list_of(sid)).cards) == {known(event, new), known(event, theirs)}
    assert known(event, old) not in (await list_of(sid)).cards
    assert [card.ended_at for card in await LeadCard.filter(door_pass=lead).order_by("id")] == [LATER, None]


@pytest.mark.parametrize("how", ["revoked", "signed out", "written off", "paired anew"])
async def test_a_card_goes_with_its_leads_pass_from_the_next_list(
    event: Event, door: Door, omar: Staff, how: str
) -> None:
    sid, device = await a_phone_at(door), await a_phone_at(door, "Lead", PassRole.DOOR_LEAD)
    lead = await DoorPass.get(id=device.id)
    await a_card(lead, omar)
    had, real = await list_of(sid), clock.real()
    match how:
        case "revoked":
            await pairing.revoke(lead, omar, LATER, real)
        case "signed out":
            await pairing.sign_out(device, LATER, real)
        case "written off":
            await pairing.write_off(lead, WrittenOff.LEFT, omar, LATER, real)
        case _:
            made = await pairing.make_pass(door, "Next", PassRole.STEWARD, omar, clock.now(), real)
            await pairing.pair(made.secret, "127.0.0.1", LATER, real, instead_of=device)
    news = await list_of(sid, had.version)
    assert (len(had.cards), news.cards, news.version > had.version) == (1, [], True)
    assert (await LeadCard.get()).ended_at == LATER


async def test_only_a_door_lead_whose_pass_has_not_ended_has_a_card(event: Event, door: Door, omar: Staff) -> None:
    steward, gone = await DoorPass.get(id=(await a_phone_at(door)).id), await a_lead(door)
    await pairing.revoke(gone, omar, LATER, clock.real())
    for door_pass in (steward, gone):
        with pytest.raises(Refused, match=wording.NO_CARD):
            await lead_cards.make(door_pass, omar, LATER, clock.real())
    assert await LeadCard.all().count() == 0


async def test_no_list_has_the_card_of_another_event(event: Event, door: Door, omar: Staff) -> None:
    other = await an_event()
    await a_card(await a_lead(await a_door(other)), omar)
    assert (await list_of(await a_phone_at(door))).cards == []


async def test_of_cards_made_at_once_one_counts_and_none_beside_the_end_of_its_pass(
    event: Event, door: Door, omar: Staff, lena: Staff
) -> None:
    lead, other = await a_lead(door), await a_lead(door, "Another")
    await gather(*(lead_cards.make(lead, by, LATER, clock.real()) for by in (omar, lena) * 4))
    assert await LeadCard.filter(door_pass=lead, ended_at=None).count() == 1
    assert await LeadCard.filter(door_pass=lead).count() == 8
    made = await gather(
        *(lead_cards.make(other, omar, LATER, clock.real()) for _ in range(4)),
        pairing.revoke(other, omar, LATER, clock.real()),
        closing.begin(event, omar, LATER, clock.real()),
        return_exceptions=True,
    )
    assert all(result is None or isinstance(result, str | Refused) for result in made)
    assert await LeadCard.filter(door_pass=other, ended_at=None).count() == 0
