"""The desk's page of a door lead's card: shown once, to whoever has proved it again."""

import re

import pytest
import zxingcpp
from PIL import Image

from events.accounts.staff import Session, Staff
from events.event import Event
from events.ground import wording
from events.ground.database import Database
from registrations.codes import lead_card
from registrations.phones import lead_cards
from registrations.phones.door import Door, PassRole
from registrations.phones.lead_card import LeadCard
from tests.at_the_door import a_phone_at
from tests.browser import browsing, heading, words

pytestmark = pytest.mark.usefixtures("the_day")
PATH = re.compile(r'<path d="([^"]+)"')


def code_on(html: str) -> str:
    """What a camera reads of the drawing."""
    side = int(re.findall(r'viewBox="0 0 (\d+) ', html)[0])
    picture = Image.new("L", (side * 8, side * 8), 255)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1", PATH.findall(html)[0]):
        box = (int(x) * 8, int(y) * 8, (int(x) + int(length)) * 8, (int(y) + 1) * 8)
        picture.paste(0, box)
    return str(zxingcpp.read_barcodes(picture)[0].text)


async def test_a_card_is_made_with_a_click_shown_once_and_replaced_by_the_next(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    lead = await a_phone_at(door, "Lead phone", PassRole.DOOR_LEAD)
    here = f"/desk/{event.slug}/phones/{lead.id}/card"
    async with browsing(database, omar) as desk:
        assert f'href="{here}"' in (await desk.get(f"/desk/{event.slug}/doors")).text
        asked = await desk.get(here)
        assert (heading(asked), await LeadCard.all().count()) == ("Card of Lead phone", 0)
        assert "It replaces" not in asked.text
        made = await desk.post(here)
        assert (made.status_code, made.headers["cache-control"]) == (200, "no-store")
        secret = lead_card.parse(code_on(made.text))
        assert secret is not None
        card = await LeadCard.get()
        assert card.list_id == lead_card.derive(secret, event.salt).id.hex()
        assert card.proof_hash == lead_cards.hash_of(lead_card.derive(secret, event.salt).proof)
        again = await desk.get(here)
        assert "It replaces the card that this lead has" in words(again.text)
        assert "<path" not in again.text.partition("<main")[2], "it is shown only once"
        await desk.post(here)
    assert await LeadCard.filter(ended_at=None).count() == 1


async def test_the_printed_card_says_nothing_of_the_event(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    lead = await a_phone_at(door, "Lead phone", PassRole.DOOR_LEAD)
    async with browsing(database, omar) as desk:
        made = (await desk.post(f"/desk/{event.slug}/phones/{lead.id}/card")).text
    card = re.findall(r'<article class="lead-card".*?</article>', made, re.S)[0]
    assert "Door lead" in words(card)
    assert [said for said in (event.title, "Main door", "Lead phone", event.day_words) if said in card] == []
    assert event.title in made, "what is looked for is on the page around it"


async def test_whoever_makes_one_proves_it_again_and_a_stewards_phone_has_none(
    database: Database, event: Event, door: Door, omar: Staff, vic: Staff
) -> None:
    lead, sid = await a_phone_at(door, "Lead phone", PassRole.DOOR_LEAD), await a_phone_at(door)
    async with browsing(database, omar) as desk:
        of_sid = f"/desk/{event.slug}/phones/{sid.id}/card"
        told = await desk.get(of_sid)
        assert (wording.NO_CARD in told.text, "Make the card" in told.text) == (True, False)
        assert (await desk.post(of_sid)).status_code == 409
        await Session.all().update(stepped_up_at=None)
        answer = await desk.post(f"/desk/{event.slug}/phones/{lead.id}/card")
        assert answer.headers["location"].startswith("/staff/step-up")
    async with browsing(database, vic) as desk:
        assert (await desk.post(f"/desk/{event.slug}/phones/{lead.id}/card")).status_code == 403
    assert await LeadCard.all().count() == 0
