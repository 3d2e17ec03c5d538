"""Restoring at the desk: asked first, and where no place is left the page offers what is."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.deciding import vetting
from registrations.people.registration import State
from tests.at_the_desk import desk, notice, state_of
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, requested, someone
from tests.registrations.deciding.decisions import approved

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


@SQLITE
async def test_a_cancelled_request_is_restored_where_the_organiser_says(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await approved(ada, event, omar)
    here = desk(event, "people", asked.id)
    async with browsing(database, omar) as client:
        assert (await client.get(f"{here}/restore")).status_code == 404, "it has a place"
        await vetting.cancel(asked, omar, MONDAY)
        assert f"{here}/restore" in (await client.get(here)).text
        page = await client.get(f"{here}/restore")
        assert heading(page) == "Restore the request of Ada Ashdown?"
        assert "checked" not in page.text
        nothing = await client.post(f"{here}/restore", data={})
        assert (nothing.status_code, "Select where they go" in nothing.text) == (422, True)
        assert await state_of(asked) is State.CANCELLED
        done = await client.post(f"{here}/restore", data={"to": "approved"})
        assert notice(await client.get(done.headers["location"])) == "The request is restored."
    assert await state_of(asked) is State.APPROVED


@SQLITE
async def test_where_no_place_is_left_the_waiting_list_is_offered(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await approved(ada, event, omar)
    await vetting.cancel(asked, omar, MONDAY)
    here = desk(event, "people", asked.id, "restore")
    async with browsing(database, omar) as client:
        open_page = await client.get(here)
        await Event.filter(id=event.id).update(capacity=0)
        late = await client.post(here, data={"to": "approved"})
        assert (late.status_code, "There is no place left, so nothing was restored." in words(late.text)) == (409, True)
        for page, offers_a_place in ((open_page, True), (late, False), (await client.get(here), False)):
            assert ('value="approved"' in page.text, 'value="waiting"' in page.text) == (offers_a_place, True)
        await client.post(here, data={"to": "waiting"})
    assert await state_of(asked) is State.WAITING


@SQLITE
async def test_what_nobody_confirmed_cannot_be_restored(database: Database, event: Event, omar: Staff) -> None:
    asked = await requested(someone(), event)
    await vetting.cancel(asked, omar, MONDAY)
    async with browsing(database, omar) as client:
        assert "restore" not in (await client.get(desk(event, "people", asked.id))).text
        assert (await client.get(desk(event, "people", asked.id, "restore"))).status_code == 404
