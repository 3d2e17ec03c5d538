"""Two have to approve and fewer than two can: pages say so before and while it lasts, with what to do.

Rules: SG-03.
"""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.deciding import approvers
from tests.at_the_desk import desk, fields
from tests.browser import browsing, words
from tests.people import MONDAY, Person, confirmed, joined

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
WARNING = "Nobody whose organisation is not checked can get a place now."
BEFORE = "Fewer than two organisers can approve now."


@pytest.fixture
async def pages(event: Event, ada: Person) -> list[str]:
    """Where it matters, for as long as it lasts."""
    asked = await confirmed(ada, event)
    return [desk(event, *parts) for parts in (("requests",), ("waiting",), ("event",), ("people", asked.id))]


@SQLITE
async def test_the_form_warns_before_it_is_switched_on_and_pages_do_while_it_lasts(
    database: Database, event: Event, pages: list[str], omar: Staff, lena: Staff
) -> None:
    await joined(lena)
    here = desk(event, "event", "approvals")
    async with browsing(database, lena) as client:
        before = await client.get(here)
        assert (BEFORE in words(before.text), WARNING in words(before.text)) == (True, False)
        assert f'href="/desk/{event.slug}/staff/invite"' in before.text
        assert [WARNING in words((await client.get(page)).text) for page in pages] == [False] * 4
        await client.post(here, data=fields(before) | {"two_approvals": "yes"})
        shown = [await client.get(page) for page in [*pages, here]]
        assert [WARNING in words(page.text) for page in shown] == [True] * 5
        assert all(f'href="/desk/{event.slug}/staff/invite"' in page.text for page in shown)
        await joined(omar)
        assert [WARNING in words((await client.get(page)).text) for page in [*pages, here]] == [False] * 5
        assert BEFORE not in words((await client.get(here)).text)


@SQLITE
async def test_whoever_does_not_lead_is_told_to_ask_a_lead(
    database: Database, event: Event, pages: list[str], omar: Staff
) -> None:
    await joined(omar)
    await Event.filter(id=event.id).update(two_approvals=True)
    async with browsing(database, omar) as client:
        for page in pages:
            shown = await client.get(page)
            assert "Ask a lead to invite a second organiser" in words(shown.text)
            assert "staff/invite" not in shown.text


async def test_who_can_approve(event: Event, omar: Staff, lena: Staff, vic: Staff) -> None:
    """Not a viewer, nobody who was only invited, and no account that is disabled."""
    assert await approvers.number(event) == 0
    for staff in (omar, lena, vic):
        await joined(staff)
    assert await approvers.number(event) == 2
    await Staff.filter(id=omar.id).update(disabled_at=MONDAY)
    assert await approvers.number(event) == 1
    await Event.filter(id=event.id).update(two_approvals=True)
    assert await approvers.too_few(await Event.get(id=event.id))
    await Staff.filter(id=omar.id).update(disabled_at=None)
    assert not await approvers.too_few(await Event.get(id=event.id))
