"""An organiser reads one address, and another takes its place before they decide: it is looked at first.

Rules: SG-02, SG-03.
"""

import pytest
from starlette.requests import Request

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.mail.outbox import Message
from registrations.booking import corrected_address, new_address
from registrations.desk import person_pages
from registrations.people.registration import Registration, State
from tests.at_the_desk import ticked
from tests.browser import browsing, words
from tests.people import MONDAY, Person, confirmed
from tests.registrations.booking.addressing import NEW, anew, newest
from tests.registrations.desk.test_changed_meanwhile import shown


async def moves(asked: Registration, by: Staff) -> None:
    await corrected_address.correct(await anew(asked), NEW, by, MONDAY, clock.real())
    await Message.filter(subject_id=asked.id).update(tries=1)
    assert await new_address.confirm(await newest(asked), MONDAY)


async def test_what_the_page_of_a_person_showed_is_what_is_decided(
    database: Database, event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    asked = await confirmed(ada, event)
    here = f"/desk/{event.slug}/people/{asked.id}"
    async with browsing(database, lena) as client:
        stale = shown(await client.get(here)) | {"decision": "approve"}
        await moves(asked, omar)
        refused = await client.post(f"{here}/decide", data=stale)
        assert "This person has changed since you opened the page" in words(refused.text)
        assert (refused.status_code, (await anew(asked)).state) == (409, State.CONFIRMED)
        await client.post(f"{here}/decide", data=shown(await client.get(here)) | {"decision": "approve"})
    assert ((await anew(asked)).state, (await anew(asked)).email) == (State.APPROVED, NEW)


async def test_who_moves_to_another_address_is_looked_at_before_one_press_approves(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff, lena: Staff
) -> None:
    moving, staying = await confirmed(ada, event), await confirmed(bo, event)
    await moves(moving, omar)
    async with browsing(database, lena) as client:
        for asked in (moving, staying):
            pressed = {"person": await ticked(await anew(asked))}
            answer = await client.post(f"/desk/{event.slug}/requests/approve", data=pressed)
            looks = answer.headers["location"].endswith(f"/people/{asked.id}")
            assert looks is (asked is moving)
    assert [(await anew(asked)).state for asked in (moving, staying)] == [State.CONFIRMED, State.APPROVED]


@pytest.mark.parametrize("meanwhile", [True, False])
async def test_what_the_page_looked_at_is_what_is_decided(
    database: Database, event: Event, ada: Person, omar: Staff, lena: Staff, monkeypatch: pytest.MonkeyPatch,
    meanwhile: bool,
) -> None:  # fmt: skip
    """They change between two looks at the row that one press made."""
    asked, as_seen = await confirmed(ada, event), person_pages._as_seen

    async def then_they_move(request: Request, found: Registration) -> Registration:
        if meanwhile:
            await moves(asked, omar)
        return await as_seen(request, found)

    monkeypatch.setattr(person_pages, "_as_seen", then_they_move)
    here = f"/desk/{event.slug}/people/{asked.id}"
    async with browsing(database, lena) as client:
        await client.post(f"{here}/decide", data=shown(await client.get(here)) | {"decision": "approve"})
    assert (await anew(asked)).state is (State.CONFIRMED if meanwhile else State.APPROVED)
