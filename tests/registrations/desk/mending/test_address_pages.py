"""An organiser types another address: the page says what follows, and a stale form saves nothing."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.refusal import Refused
from registrations.booking import changing, corrected_address, new_address
from registrations.booking.changing import Change
from registrations.deciding import several_decisions, vetting
from registrations.deciding.decision import Decision, Result
from registrations.people.registration import Registration, State
from tests.at_the_desk import amber, desk, fields, notice
from tests.browser import browsing, words
from tests.people import MONDAY, Person, confirmed, queued
from tests.professional import put_into
from tests.registrations.booking.addressing import NEW, anew, asks, newest
from tests.registrations.deciding.decisions import LATER

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


@SQLITE
@pytest.mark.parametrize(
    ("state", "says"),
    [
        (State.REQUESTED, "Nobody has confirmed that address, so it may be a stranger's"),
        (State.CONFIRMED, "With its Yes all goes there"),
        (State.WAITING, "With its Yes all goes there"),
        (State.APPROVED, "With its Yes the present ticket stops working, the place is held"),
    ],
)
async def test_the_page_says_what_follows_and_asks_the_new_address(
    database: Database, event: Event, ada: Person, omar: Staff, state: State, says: str
) -> None:
    asked = await put_into(state, ada, event)
    here = desk(event, "people", asked.id)
    async with browsing(database, omar) as client:
        assert f"{here}/address" in (await client.get(here)).text
        page = await client.get(f"{here}/address")
        assert says in words(page.text)
        done = await client.post(f"{here}/address", data=fields(page) | {"email": "Ada@Lanterns.example.org"})
        shown = await client.get(done.headers["location"])
    assert notice(shown) == "We have asked the new address by email. Nothing else goes there before it has said yes."
    waits = f"Another email {NEW} Asked 8 April 2019, 09:00 whether it is theirs, as an organiser typed it."
    assert (waits in words(shown.text)) is (state is not State.REQUESTED)
    emails = ["confirm"] if state is State.REQUESTED else ["new_address", "address_asked"]
    assert [template for template, _ in await queued()] == emails


@SQLITE
@pytest.mark.parametrize("state", [State.OFFERED, State.RECHECKING, State.NOT_OFFERED, State.CANCELLED])
async def test_where_it_cannot_be_corrected_there_is_no_page(
    database: Database, event: Event, ada: Person, omar: Staff, state: State
) -> None:
    asked = await put_into(state, ada, event)
    here = desk(event, "people", asked.id)
    async with browsing(database, omar) as client:
        assert f"{here}/address" not in (await client.get(here)).text
        assert (await client.get(f"{here}/address")).status_code == 404


@SQLITE
async def test_what_the_guest_has_changed_since_is_shown_and_what_was_typed_stays(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    here = desk(event, "people", asked.id, "address")
    async with browsing(database, omar) as client:
        stale = fields(await client.get(here)) | {"email": NEW}
        await changing.change(await Registration.get(id=asked.id), Change.NAME, "Ada Ashdowne", MONDAY, clock.real())
        refused = await client.post(here, data=stale)
        before = await queued()
        again = await client.post(here, data=fields(refused))
    assert (refused.status_code, fields(refused)["email"], again.status_code) == (409, NEW, 303)
    assert "Changed their own booking: name, by The person" in amber(refused)
    assert (before, (await newest(asked)).address) == ([("booking_changed", asked.id)], NEW)


@SQLITE
async def test_an_address_that_has_a_request_is_named(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    asked, theirs = await confirmed(ada, event), await confirmed(bo, event)
    here = desk(event, "people", asked.id, "address")
    async with browsing(database, omar) as client:
        page = fields(await client.get(here))
        told = await client.post(here, data=page | {"email": bo.email})
        same = await client.post(here, data=page | {"email": ada.email})
        wrong = await client.post(here, data=page | {"email": "bo"})
    assert (told.status_code, same.status_code, wrong.status_code) == (409, 422, 422)
    assert amber(told).startswith("There is a request for this address.")
    assert desk(event, "people", theirs.id) in told.text
    assert "This is the address that we have" in same.text
    assert await queued() == []


@pytest.mark.parametrize("state", [State.CONFIRMED, State.WAITING])
async def test_nobody_approves_the_present_address_since_another_organiser_replaced_the_one_that_they_read(
    database: Database, event: Event, ada: Person, omar: Staff, lena: Staff, state: State
) -> None:
    asked = await confirmed(ada, event)
    here = desk(event, "people", asked.id, "address")
    async with browsing(database, lena) as client:
        before = (await client.get(here)).text
        assert await new_address.confirm(await asks(asked), LATER)
        asked = await anew(asked)
        if state is State.WAITING:
            await vetting.put_on_waiting_list(asked, omar, LATER)
        read = await several_decisions.in_order(event, [asked.id])
        with pytest.raises(Refused, match="a change to be decided on first"):
            await corrected_address.correct(await anew(asked), "ada@elsewhere.example.org", lena, LATER, clock.real())
        page = (await client.get(here)).text
    assert [f'action="{here}" novalidate' in text for text in (before, page)] == [True, False]
    assert "Decide on that first" in page
    shown = {person.id: person.marks[0] for person in read}
    results = await several_decisions.decide_shown(read, shown, Decision.APPROVE, omar, LATER, seen=state)
    assert (list(results.values()), (await anew(asked)).email) == ([Result.DONE], NEW)
