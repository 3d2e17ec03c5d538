"""Organisers say whose a rights request is that came on the day of a move, and it keeps its days and its reference.

Rules: DP-08.
"""

from datetime import timedelta

import pytest

from events.accounts.staff import Session, Staff
from events.audit.action import Action
from events.event import Event
from events.ground import clock
from events.ground.database import Database, query
from events.ground.refusal import Refused
from registrations.people.registration import Registration
from registrations.privacy.cases import whose
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.rights import copies, erasing, rights_requests
from registrations.privacy.rights.rights_request import Outcome, Right, RightsRequest
from tests.at_the_desk import desk, notice
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, audit_of
from tests.registrations.booking.addressing import NEW, moves
from tests.registrations.privacy.rights.asking import newest
from tests.registrations.privacy.rights.moving import DAY, LATER, MOVED, has_moved, taken

NOON = MONDAY + timedelta(hours=3)
THIRD = "ada@towers.example.org"


@pytest.fixture
async def moved(event: Event, ada: Person, omar: Staff) -> Registration:
    """On Monday at noon."""
    return await has_moved(event, ada, omar)


@pytest.fixture
async def nobodys(event: Event, ada: Person, omar: Staff, moved: Registration) -> RightsRequest:
    """It came on Monday, and was written down the day after."""
    return await taken(event, omar, ada.email, MONDAY + DAY, kind=Right.ACCESS, came=NOON)


@pytest.mark.parametrize("said", [NEW, "the old one"])
async def test_whoever_has_shown_it_has_the_request_with_its_days(
    event: Event, ada: Person, omar: Staff, nobodys: RightsRequest, said: str
) -> None:
    address = said if said == NEW else ada.email
    assert (await whose.reader_of(nobodys), set(await whose.perhaps(nobodys))) == (None, {NEW, ada.email})
    await rights_requests.say_whose(nobodys, address, nobodys.version, omar, MONDAY + 2 * DAY)
    now = await newest(nobodys)
    assert (await whose.reader_of(now), now.is_confirmed, await whose.perhaps(now)) == (address, True, {})
    for name in ("reference", "received_at", "taken_at", "due_at", "kind", "about", "closed_at"):
        assert getattr(now, name) == getattr(nobodys, name), name
    assert (await audit_of(now))[-1] == (Action.RIGHTS_WHOSE, omar.actor, MONDAY + 2 * DAY)
    await copies.send(now, omar, MONDAY + 2 * DAY)


async def test_it_goes_along_when_they_move_once_more(
    event: Event, omar: Staff, moved: Registration, nobodys: RightsRequest
) -> None:
    await rights_requests.say_whose(nobodys, NEW, nobodys.version, omar, LATER)
    await moves(moved, omar, MONDAY + 2 * DAY, THIRD)
    assert await whose.reader_of(await newest(nobodys)) == THIRD


async def test_it_is_said_to_be_of_nobody_who_cannot_have_asked_and_only_once(
    event: Event, bo: Person, omar: Staff, nobodys: RightsRequest
) -> None:
    with pytest.raises(Refused, match="Look at it again"):
        await rights_requests.say_whose(nobodys, bo.email, nobodys.version, omar, LATER)
    with pytest.raises(Refused, match="Someone else has changed this request"):
        await rights_requests.say_whose(nobodys, NEW, nobodys.version + 1, omar, LATER)
    assert await whose.reader_of(await newest(nobodys)) is None
    await rights_requests.say_whose(nobodys, NEW, nobodys.version, omar, LATER)
    again = await newest(nobodys)
    with pytest.raises(Refused, match="Look at it again"):
        await rights_requests.say_whose(again, NEW, again.version, omar, LATER)


async def test_of_one_that_is_known_or_closed_nothing_is_said(
    event: Event, ada: Person, omar: Staff, nobodys: RightsRequest
) -> None:
    known = await taken(event, omar, ada.email, MONDAY + DAY, came=NOON - DAY)
    with pytest.raises(Refused, match="Look at it again"):
        await rights_requests.say_whose(known, NEW, known.version, omar, LATER)
    await rights_requests.close(nobodys, Outcome.NOT_THEM, "Nobody could say.", nobodys.version, omar, LATER)
    closed = await newest(nobodys)
    with pytest.raises(Refused, match="is closed"):
        await rights_requests.say_whose(closed, NEW, closed.version, omar, LATER)


async def test_of_a_row_that_does_not_open_only_who_reads_the_address_now_may_be_named(
    event: Event, ada: Person, omar: Staff, nobodys: RightsRequest
) -> None:
    await query("UPDATE former_address SET move_sealed = ?", [b"\x01damaged"])
    assert set(await whose.perhaps(nobodys)) == {ada.email}


async def test_an_erasure_that_was_nobodys_is_done_once_it_is_said(
    event: Event, ada: Person, omar: Staff, moved: Registration
) -> None:
    asked = await taken(event, omar, ada.email, MONDAY + DAY, "Erase me.", Right.ERASURE, came=NOON)
    with pytest.raises(Refused, match="Nobody can say whose this request is, so nothing was erased"):
        await erasing.erase(asked, omar, LATER, clock.real())
    await rights_requests.say_whose(asked, NEW, asked.version, omar, LATER)
    await erasing.erase(await newest(asked), omar, MONDAY + 2 * DAY, clock.real())
    assert (await Registration.get(id=moved.id)).email == ""
    assert MOVED == NOON, "it came on the day of the move"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
async def test_omar_says_it_at_the_desk_once_he_has_proved_himself(
    database: Database, event: Event, ada: Person, omar: Staff, nobodys: RightsRequest
) -> None:
    here = desk(event, "data-protection", "requests", nobodys.id)
    async with browsing(database, omar) as client:
        assert f'href="{here}/whose"' in (await client.get(here)).text
        page = await client.get(f"{here}/whose")
        assert (heading(page), "checked" in page.text) == ("Whose request is it?", False)
        assert [address for address in (NEW, ada.email) if f'value="{address}"' not in page.text] == []
        seen = {"seen": str(nobodys.version)}
        missing = await client.post(f"{here}/whose", data=seen)
        assert (missing.status_code, "Select the address from which they wrote" in missing.text) == (422, True)
        await Session.all().update(stepped_up_at=None)
        led = await client.post(f"{here}/whose", data=seen | {"reader": NEW})
        assert led.headers["location"].startswith("/staff/step-up")
        assert await whose.reader_of(await newest(nobodys)) is None
    async with browsing(database, omar) as client:
        done = await client.post(f"{here}/whose", data=seen | {"reader": NEW})
        page = await client.get(done.headers["location"])
        assert (notice(page), f'href="{here}/whose"' in page.text) == ("Noted whose it is.", False)
        assert f"Their address now {NEW}" in words(page.text)
        assert "There is nothing to say here" in (await client.get(f"{here}/whose")).text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
@pytest.mark.parametrize("damaged", ["the request", "the address before"])
async def test_of_one_that_is_damaged_the_page_says_what_to_do_and_that_works(
    database: Database, event: Event, ada: Person, omar: Staff, moved: Registration, damaged: str
) -> None:
    request = await taken(event, omar, ada.email, MOVED - timedelta(hours=1))
    here, new = (desk(event, "data-protection", "requests", part) for part in (request.id, "new"))
    clock.move_to(MONDAY + DAY)
    async with browsing(database, omar) as client:
        before = words((await client.get(here)).text)
        if damaged == "the request":
            await RightsRequest.filter(id=request.id).update(email_sealed=b"\x01damaged")
        else:
            await query("UPDATE former_address SET move_sealed = ?", [b"\x01damaged"])
        assert await whose.perhaps(await newest(request)) == {}
        page = await client.get(here)
        typed = {
            "kind": request.kind.value, "email": NEW, "about": "As before", "received_day": "2019-04-08",
        }  # fmt: skip
        anew = await client.post(new, data=typed)
        closed = await client.post(
            f"{here}/close", data={"outcome": "we could not tell that it was them", "note": "Anew"}
        )
        after = words((await client.get(here)).text)
    said, why = words(page.text), "Its address" if damaged == "the request" else "An address that somebody had before"
    assert f"{why} cannot be read, since our database is damaged. So nothing can be sent" in said
    assert (f'href="{new}"' in page.text, "from your own mailbox" in said, "from your own mailbox" in before) == (
        True,
        False,
        True,
    )
    assert "the day on which this one came, Monday 8 April 2019" in said
    assert ("cannot be read, since" in before, "cannot be read, since" in after) == (False, False), "the control"
    made = await RightsRequest.all().order_by("-id").first()
    assert made is not None
    assert (anew.status_code, closed.status_code, await whose.reader_of(made)) == (303, 303, NEW)
    assert made.due_at == request.due_at


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
async def test_the_page_of_a_complaint_that_is_damaged_says_what_to_do(
    database: Database, event: Event, ada: Person, omar: Staff, moved: Registration
) -> None:
    complaint = await Complaint.get()
    here = desk(event, "data-protection", "complaints", complaint.id)
    async with browsing(database, omar) as client:
        before = words((await client.get(here)).text)
        await query("UPDATE former_address SET move_sealed = ?", [b"\x01damaged"])
        page = await client.get(here)
    said = words(page.text)
    assert "An address that somebody had before cannot be read, since our database is damaged. So you cannot" in said
    assert (f'href="/e/{event.slug}/complaint"' in page.text, "Nobody can tell whose it is" in before) == (True, False)
