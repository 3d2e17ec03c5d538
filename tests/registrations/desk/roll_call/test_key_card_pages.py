"""The marshals' key card at the desk: shown once, replaced, ended, and only by whoever has proved it again."""

from asyncio import gather

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database, query
from registrations.codes import key_card
from registrations.roll_call import list_keys
from registrations.roll_call.list_key import ListKey
from tests.browser import browsing, heading, words
from tests.registrations.desk.cards.test_card_pages import code_on

pytestmark = pytest.mark.usefixtures("the_day")


async def test_a_card_is_shown_once_replaced_by_the_next_and_ended(
    database: Database, event: Event, omar: Staff
) -> None:
    here = f"/desk/{event.slug}/roll-call"
    async with browsing(database, omar) as desk:
        assert "There is no card." in words((await desk.get(here)).text)
        assert "key card" in heading(await desk.get(f"{here}/card"))
        assert await ListKey.all().count() == 0, "to ask makes none"
        made = await desk.post(f"{here}/card")
        assert (made.status_code, made.headers["cache-control"]) == (200, "no-store")
        secret = key_card.parse(code_on(made.text))
        assert secret is not None
        derived = key_card.derive(secret, event.salt)
        card = await ListKey.get()
        assert (card.key_id, card.opened) == (derived.id.hex(), derived.key)
        kept = str(await query("SELECT * FROM roll_key"))
        assert [text for text in (secret.hex(), derived.key.hex(), made.text) if text in kept] == []
        assert derived.id.hex() in kept, "what is searched is there"
        assert "Key card 1</p>" in made.text
        assert "A new card replaces card 1 , which" in words((await desk.get(f"{here}/card")).text)
        assert code_on((await desk.post(f"{here}/card")).text) != code_on(made.text)
        ended = await desk.post(f"{here}/card/end")
        page = words((await desk.get(ended.headers["location"])).text)
        assert ("The key card opens nothing any more" in page, "There is no card." in page) == (True, True)
        assert "no key card that counts" in (await desk.post(f"{here}/card/end")).text
    acts = [entry.action for entry in await AuditEntry.filter(event_id=event.id).order_by("id")]
    assert acts[-3:] == [Action.KEY_CARD_MADE, Action.KEY_CARD_MADE, Action.KEY_CARD_ENDED]


async def test_whoever_makes_a_card_at_the_same_moment_is_shown_the_number_of_their_own(
    database: Database, event: Event, omar: Staff
) -> None:
    """The first is 1, although a key was drawn for a phone before."""
    await list_keys.made_if_need_be(event.id, omar, clock.now())
    async with browsing(database, omar) as desk:
        pages = await gather(*(desk.post(f"/desk/{event.slug}/roll-call/card") for _ in range(4)))
    cards = await ListKey.filter(of_card=True).order_by("id")
    number_of = {card.key_id: n for n, card in enumerate(cards, 1)}
    shown = {key_card.derive(key_card.parse(code_on(page.text)) or b"", event.salt).id.hex(): page for page in pages}
    assert [f"Key card {number_of[id_]}</p>" in page.text for id_, page in shown.items()] == [True] * 4
