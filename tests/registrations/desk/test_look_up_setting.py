"""Organisers let stewards look guests up by name, or door leads alone. Rules: SG-19, SE-09."""

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import Database
from events.mail.outbox import Message
from tests.at_the_desk import desk, fields
from tests.browser import browsing, words

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


@SQLITE
async def test_an_organiser_switches_it_on_with_nothing_chosen_before_and_all_leads_are_told(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    async with browsing(database, omar) as client:
        assert "Look-up by name at the door Door leads only" in words((await client.get(desk(event, "event"))).text)
        for answer, said in (("yes", "Stewards and door leads"), ("no", "Door leads only")):
            page = await client.get(desk(event, "event", "look-up"))
            assert "checked" not in page.text
            unsaid = await client.post(desk(event, "event", "look-up"), data=fields(page))
            assert "Select yes to let stewards look guests up by name" in words(unsaid.text)
            assert unsaid.status_code == 422
            await client.post(desk(event, "event", "look-up"), data=fields(page) | {"stewards_look_up": answer})
            assert (await Event.get(id=event.id)).stewards_look_up is (answer == "yes")
            assert f"Look-up by name at the door {said}" in words((await client.get(desk(event, "event"))).text)
    changed = [entry.details["changed"] for entry in await AuditEntry.filter(action=Action.EVENT_CHANGED)]
    assert changed == [["stewards_look_up"]] * 2
    assert await Message.filter(template="lead_alert").count() == 2
