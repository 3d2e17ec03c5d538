"""Organisers make a file of badges on a page that asks what it needs, once they have proved it again.

Rules: EV-01, EV-02, SE-12.
"""

import io
import re
import zipfile

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import Database
from registrations.badges import badge_pdf
from registrations.badges.badge_print import BadgePrint
from registrations.desk.badges import badge_pages
from registrations.people.registration import Registration, State
from tests import pdf_reading
from tests.at_the_desk import desk
from tests.browser import browsing, heading, words
from tests.people import Person, someone
from tests.professional import put_into, with_ticket
from tests.registrations.workshops.guests import takes_part

ALL = {"which": "all", "order": "surname", "paper": "card-sheet"}


def preset(page: httpx2.Response) -> list[str]:
    """What is chosen on the page, in its order."""
    return re.findall(r'value="([^"]*)" checked', page.text)


@pytest.fixture
async def bo_comes(event: Event, bo: Person) -> Registration:
    return (await with_ticket(bo, event))[0]


async def test_the_page_says_how_many(database: Database, event: Event, bo_comes: Registration, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        shown = await client.get(desk(event, "badges"))
        assert heading(shown) == "Badges"
        assert "1 person has a ticket. 1 of the badges was not printed yet, and 0 have changed since." in words(
            shown.text
        )
        assert preset(shown) == ["all", "surname", "card-sheet", "title", "logos"]
        await client.post(desk(event, "badges"), data=ALL)
        assert "0 of the badges were not printed yet" in words((await client.get(desk(event, "badges"))).text)


async def test_the_page_begins_with_what_was_used_last_and_with_what_is_new(
    database: Database, event: Event, bo_comes: Registration, omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        await client.post(desk(event, "badges"), data=ALL | {"paper": "a6-sheet"})
        await client.post(desk(event, "badges", "people", bo_comes.id), data={"paper": "label-62"})
        one = await client.get(desk(event, "badges", "people", bo_comes.id))
        await client.post(desk(event, "badges"), data=ALL | {"paper": "a6-sheet", "sides": "both", "above": "logos"})
        await with_ticket(someone(), event)
        many = await client.get(desk(event, "badges"))
        arriving = await client.get(desk(event, "badge-desk"))
    assert (preset(one), preset(many)) == (["label-62"], ["new", "surname", "a6-sheet", "both", "logos"])
    assert 'value="label-62" selected' in arriving.text, "the badge desk has the paper of one badge that was used last"


async def test_what_comes_is_a_file_with_the_badges(
    database: Database, event: Event, bo_comes: Registration, omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        made = await client.post(desk(event, "badges"), data=ALL)
    assert (made.status_code, made.headers["content-type"]) == (200, "application/pdf")
    assert made.headers["content-disposition"] == 'attachment; filename="badges.pdf"'
    assert made.headers["cache-control"] == "no-store"
    assert pdf_reading.words(made.content) == "Bo Okafor Westmoor Constabulary Delegate"
    assert pdf_reading.page_sizes(made.content) == [pytest.approx((210, 297), abs=0.05)]


async def test_many_come_in_a_zip(
    database: Database, event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in (badge_pdf, badge_pages):
        monkeypatch.setattr(room, "A_FILE", 2)
    for _ in range(3):
        await with_ticket(someone(), event)
    async with browsing(database, omar) as client:
        made = await client.post(desk(event, "badges"), data=ALL | {"paper": "a6", "sides": "both"})
    assert made.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        pages = [len(pdf_reading.page_sizes(archive.read(name))) for name in archive.namelist()]
    assert pages == [4, 2], "each has its back"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"which": ""}, "Select whose badges"),
        ({"order": ""}, "Select the order"),
        ({"paper": "papyrus"}, "Select the paper"),
        ({"which": "letters"}, "Enter one letter from A to Z"),
        ({"which": "letters", "first": "7", "last": "z"}, "Enter one letter from A to Z"),
        ({"which": "letters", "first": "m", "last": "c"}, "Enter a letter that is not before the first"),
        ({"which": "kind"}, "Select a kind of organisation"),
        ({"which": "changed"}, "There is no such badge to print."),
    ],
)
async def test_what_is_missing_is_said_and_nothing_is_printed(
    database: Database, event: Event, bo_comes: Registration, omar: Staff, changed: dict[str, str], says: str
) -> None:
    async with browsing(database, omar) as client:
        answer = await client.post(desk(event, "badges"), data=ALL | changed)
    assert (answer.status_code, says in words(answer.text)) == (422, True)
    assert await BadgePrint.all().count() == 0


async def test_letters_may_be_capitals(database: Database, event: Event, bo_comes: Registration, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        made = await client.post(desk(event, "badges"), data=ALL | {"which": "letters", "first": "N", "last": "p"})
    assert "Bo Okafor" in pdf_reading.words(made.content)


async def test_one_badge_from_the_page_of_its_person(
    database: Database, event: Event, bo_comes: Registration, omar: Staff
) -> None:
    path = desk(event, "badges", "people", bo_comes.id)
    async with browsing(database, omar) as client:
        assert path in (await client.get(desk(event, "people", bo_comes.id))).text
        before = words((await client.get(path)).text)
        made = await client.post(path, data={"paper": "label-62"})
        after = words((await client.get(path)).text)
    assert ("Printed Not yet" in before, "by Omar Organiser" in after, "Print it again" in after) == (True, True, True)
    assert pdf_reading.page_sizes(made.content) == [pytest.approx((100, 62), abs=0.05)]
    assert await AuditEntry.filter(action=Action.VIEWED, subject=f"registration:{bo_comes.id}").count() == 3


async def test_whoever_has_no_ticket_has_no_badge(database: Database, event: Event, ada: Person, omar: Staff) -> None:
    waits = await put_into(State.WAITING, ada, event)
    path = desk(event, "badges", "people", waits.id)
    async with browsing(database, omar) as client:
        assert path not in (await client.get(desk(event, "people", waits.id))).text
        assert "there is no badge to print" in words((await client.get(path)).text)
        assert (await client.post(path, data={"paper": "card"})).status_code == 409


async def test_the_page_of_one_says_the_workshops_and_its_file_has_them(
    database: Database, event: Event, bo_comes: Registration, omar: Staff
) -> None:
    bo_comes.event = event
    await takes_part(bo_comes, event, omar)
    path = desk(event, f"badges/people/{bo_comes.id}")
    async with browsing(database, omar) as client:
        shown = await client.get(path)
        made = await client.post(path, data={"paper": "label-62"})
    assert "Workshops 10:00 Safety planning Printed Not yet" in words(shown.text)
    assert "10:00 Safety planning" in pdf_reading.words(made.content)
    assert "Room of" not in words(shown.text) + pdf_reading.words(made.content), "the venue is not released"
