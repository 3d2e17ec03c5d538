"""A line of a walk-in sheet whose address is somebody else's, at the desk. Rules: EV-06, SG-02, SG-06."""

import re

import pytest

from events.accounts.staff import Staff
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import Database
from registrations.checkin.scan import Admission
from registrations.paper.sheet import Sheet, Tick
from registrations.people.registration import Registration
from tests.at_the_desk import desk
from tests.browser import browsing, words
from tests.people import Person, confirmed
from tests.registrations.desk.paper.walk_in_lines import WREN, followed, path, typed

pytestmark = pytest.mark.usefixtures("in_the_evening")


async def test_whose_the_address_is_is_asked_and_what_was_typed_stays(
    database: Database, event: Event, omar: Staff, begun: Sheet, numbers: list[str], ada: Person
) -> None:
    here, known = path(event, begun.number, "walk-ins"), await confirmed(ada, event)
    async with browsing(database, omar) as client:
        asked = await client.post(here, data=typed(numbers, email=ada.email))
        says = words(asked.text)
        assert asked.status_code == 409
        assert "This address belongs to Ada Ashdown; you typed Wren Walker. Nobody was entered" in says
        for kept in (WREN["full_name"], WREN["organisation"], ada.email, numbers[0]):
            assert f'value="{kept}"' in asked.text
        assert not re.search(r'name="whose"[^>]*checked', asked.text), "nothing is chosen"
        assert (await Registration.get()).full_name == ada.name
        assert await Tick.all().count() == 0
        looked = await AuditEntry.filter(action__startswith="looked").count()
        mended = await client.post(
            here, data=typed(numbers, whose="same-" + str(known.id), email="wr@weekly.example.org")
        )
        assert "Wren Walker: came in." in await followed(client, mended)
        same = await client.post(here, data=typed(numbers, 1, whose=f"same-{known.id}", email=ada.email))
        assert "Ada Ashdown: came in." in await followed(client, same)
    assert looked == 1, "whose address it is was read, and that is recorded"


async def test_the_second_of_one_mailbox_is_entered_without_an_address_and_that_is_loud(
    database: Database, event: Event, omar: Staff, begun: Sheet, numbers: list[str]
) -> None:
    here, maria = path(event, begun.number, "walk-ins"), {"full_name": "Maria Two"}
    async with browsing(database, omar) as client:
        await client.post(here, data=typed(numbers))
        asked = await client.post(here, data=typed(numbers, 1, **maria))
        says = words(asked.text)
        assert asked.status_code == 409
        assert "This address is Wren Walker&#39;s, on line 1. Maria Two is not counted yet" in asked.text
        assert "Maria Two: somebody else, with no address of their own" in says
        assert await Admission.all().count() == 1
        other = re.search(r"other-\d+", asked.text)
        assert other
        said = await followed(client, await client.post(here, data=typed(numbers, 1, whose=other[0], **maria)))
        assert "Maria Two: came in. Nothing can be emailed to them:" in said
        assert await Admission.all().count() == 2
        none = await client.post(here, data=typed(numbers, 2, full_name="Third", email="", no_email="yes"))
        assert "Third: came in. Nothing can be emailed to them:" in await followed(client, none)
        listed = await client.get(desk(event, "walk-ins"))
        assert words(listed.text).count("No email reaches them: telephone") == 2
        one = re.search(rf"{desk(event, 'walk-ins')}/\d+", listed.text)
        assert one
        assert "None of their own, so nothing can be emailed to them." in words((await client.get(one[0])).text)


async def test_a_line_that_is_somebody_elses_already_loses_nobody(
    database: Database, event: Event, omar: Staff, begun: Sheet, numbers: list[str]
) -> None:
    here = path(event, begun.number, "walk-ins")
    async with browsing(database, omar) as client:
        await client.post(here, data=typed(numbers))
        again = await client.post(here, data=typed(numbers, full_name="Maria Two", email="maria@x.org"))
        assert again.status_code == 409
        assert "Line 1 was typed already, for Wren Walker. Maria Two is not counted yet" in words(again.text)
        assert 'value="maria@x.org"' in again.text
        same = await client.post(here, data=typed(numbers))
        assert "typed already" in await followed(client, same), "by the same person: no fault"
    assert await Tick.all().count() == 1
