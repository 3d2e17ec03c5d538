"""Whoever moved to another address is written to there and proves there that it is them: others may read the old one.

Rules: DP-08.
"""

from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.mail.outbox import Message
from events.web.rendering import when
from registrations.people.registration import Registration
from registrations.privacy.cases import whose
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.cases.complaint_emails import WRITERS as OF_COMPLAINTS
from registrations.privacy.cases.complaints import Written
from registrations.privacy.rights import copies, erasing
from registrations.privacy.rights.rights_emails import WRITERS
from registrations.privacy.rights.rights_request import Right, RightsRequest
from tests.at_the_desk import desk
from tests.browser import browsing, words
from tests.mail_reading import text_of, written
from tests.people import MONDAY, Person
from tests.professional import with_ticket
from tests.registrations.booking.addressing import NEW, moves
from tests.registrations.privacy.cases.complaining import complain
from tests.registrations.privacy.rights.asking import newest
from tests.registrations.privacy.rights.moving import DAY, LATER, MOVED, THEIRS, has_moved, taken


@pytest.fixture
async def moved(event: Event, ada: Person, omar: Staff) -> Registration:
    return await has_moved(event, ada, omar)


async def test_emails_about_it_go_to_the_address_now(
    event: Event, ada: Person, omar: Staff, moved: Registration
) -> None:
    request = await RightsRequest.get()
    acknowledged = await written(WRITERS["rights_received"], await Message.get(template="rights_received"))
    answered = await written(OF_COMPLAINTS["complaint_received"], await Message.get(template="complaint_received"))
    assert [email and email["To"] for email in (acknowledged, answered)] == [NEW, NEW]
    since = await taken(event, omar, ada.email, LATER, THEIRS)
    later = await Message.get(template="rights_received", subject_id=since.id)
    email = await written(WRITERS["rights_received"], later)
    assert (email and email["To"], request.email) == (ada.email, ada.email), "the control"


async def test_a_link_to_a_copy_that_was_sent_to_the_address_before_opens_nothing_after_the_move(
    event: Event, ada: Person, omar: Staff
) -> None:
    asked, _ = await with_ticket(ada, event)
    request = await taken(event, omar, ada.email, MONDAY, kind=Right.ACCESS)
    await copies.send(request, omar, MONDAY)
    token = (await newest(request)).copy_link.rpartition("/")[2]
    assert await copies.behind(token, MOVED) is not None, "the control"
    await moves(asked, omar, MOVED)
    assert await copies.behind(token, LATER) is None
    unsent = await Message.get(template="rights_copy")
    assert await written(WRITERS["rights_copy"], unsent) is None, "a link that would open nothing"
    await copies.send(request, omar, LATER)
    message = await Message.filter(template="rights_copy").order_by("-id").first()
    assert message is not None
    email = await written(WRITERS["rights_copy"], message)
    assert email is not None
    assert email["To"] == NEW
    [link] = [word for word in text_of(email).split() if "/copy/" in word]
    assert await copies.behind(link.rpartition("/")[2], LATER) is not None


async def test_a_copy_that_was_opened_before_the_move_is_not_looked_at_after_it(
    event: Event, ada: Person, omar: Staff
) -> None:
    asked, _ = await with_ticket(ada, event)
    request = await taken(event, omar, ada.email, MONDAY, kind=Right.ACCESS)
    await copies.send(request, omar, MONDAY)
    token = (await newest(request)).copy_link.rpartition("/")[2]
    visit = await copies.open_once(await newest(request), None, MONDAY)
    assert visit is not None
    assert await copies.visited(token, visit, MONDAY) is not None, "the control"
    await moves(asked, omar, MONDAY + timedelta(minutes=1))
    assert await copies.visited(token, visit, MONDAY + timedelta(minutes=2)) is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
async def test_the_desk_says_where_to_write_and_where_they_prove_that_it_is_them(
    database: Database, event: Event, ada: Person, omar: Staff, moved: Registration
) -> None:
    erasure = await taken(event, omar, ada.email, LATER, "Erase me.", Right.ERASURE, came=MONDAY - DAY)
    await RightsRequest.filter(id=erasure.id).update(confirmed_at=None)
    since, complaint = await taken(event, omar, ada.email, LATER, THEIRS), await Complaint.get()
    clock.move_to(LATER)
    async with browsing(database, omar) as client:
        for path in (f"requests/{erasure.id}", f"requests/{erasure.id}/print", f"complaints/{complaint.id}"):
            shown = words((await client.get(desk(event, "data-protection", path))).text)
            assert f"Their address now {NEW} They moved to it since" in shown, path
            assert ("from the address that they have now" in shown) == ("print" not in path)
        erases = words((await client.get(desk(event, "data-protection", f"requests/{erasure.id}/erase"))).text)
        assert f"Email {NEW} Email before {ada.email}" in erases
        control = words((await client.get(desk(event, "data-protection", f"requests/{since.id}"))).text)
        assert ("Their address now" in control, "If they write to you from this address" in control) == (False, True)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
async def test_the_desk_says_what_stays_of_whoever_was_erased_after_they_moved(
    database: Database, event: Event, ada: Person, omar: Staff, moved: Registration
) -> None:
    complaint = await Complaint.get()
    await complain(event, Written("Bo Okafor", "bo@towers.example.org", "Of nobody who moved."))
    other = await Complaint.exclude(id=complaint.id).get()
    pages = [f"complaints/{complaint.id}", f"complaints/{complaint.id}/print", f"complaints/{other.id}"]
    kept = f"that the address was theirs until {when(MOVED)}"
    said = []
    async with browsing(database, omar) as client:
        for _ in range(2):
            read = [words((await client.get(desk(event, "data-protection", page))).text) for page in pages]
            said.append([kept in text for text in read])
            if len(said) == 1:
                erasure = await taken(event, omar, NEW, LATER, "Erase me.", Right.ERASURE)
                await erasing.erase(erasure, omar, LATER, clock.real())
    assert said == [[False] * 3, [True, True, False]]
    assert [await whose.theirs_until(case) for case in (complaint, other)] == [MOVED, None]


async def test_of_whoever_was_not_erased_nothing_stays_beside_a_complaint(event: Event, moved: Registration) -> None:
    complaint = await Complaint.get()
    assert (await whose.reader_of(complaint), await whose.theirs_until(complaint)) == (NEW, None)
