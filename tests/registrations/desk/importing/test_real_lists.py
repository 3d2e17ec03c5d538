"""Twelve lists as people and their programs make them go through with answers on the pages alone. Rules: DP-16."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.people.registration import Registration, State
from tests.browser import browsing, heading, words
from tests.registrations.desk.importing.list_pages import chosen_on, says_yes, uploads
from tests.registrations.importing.real_lists import REAL_LISTS


@pytest.mark.parametrize("name", REAL_LISTS)
async def test_a_real_list_goes_through_with_answers_on_the_pages_alone(
    database: Database, event: Event, omar: Staff, name: str
) -> None:
    real_list = REAL_LISTS[name]()
    async with browsing(database, omar) as client:
        columns = (await uploads(client, event, real_list.content)).headers["location"]
        chosen = {**chosen_on(await client.get(columns)), **real_list.columns}
        preview = (await client.post(columns, data=chosen)).headers["location"]
        page = await client.get(preview, follow_redirects=True)
        if heading(page) == "Which kind is meant?":
            await client.post(f"{preview}/kinds", data={**chosen_on(page), **real_list.kinds})
            page = await client.get(preview)
        shown = words(page.text)
        assert (heading(page), "3 people would be invited." in shown) == ("Before you import", True)
        assert "cannot be used" not in shown
        for guest in real_list.guests:
            assert {guest[0] in shown, guest[2] in shown, guest[3].capitalize() in shown} == {True}
        await says_yes(client, preview)
    asked = await Registration.all().order_by("id")
    told = [
        (row.person.full_name, row.person.email, row.person.organisation, row.kind, row.person.role) for row in asked
    ]
    assert told == [tuple(guest) for guest in real_list.guests]
    assert {row.state for row in asked} == {State.REQUESTED}, "asked, and not confirmed"
