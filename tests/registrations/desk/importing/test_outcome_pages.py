"""Rows of a list that cannot be used are a file with reasons; people who are known stand beside what the list says.

Rules: DP-16, SE-12, SE-13.
"""

import csv
import io
from dataclasses import replace

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.desk import people_list
from registrations.importing.checking import EMAIL_WRONG, NAME, TWICE
from registrations.importing.people_import import LASTS, PeopleImport
from registrations.people.registration import Registration
from tests.browser import browsing, heading, words
from tests.people import Person, requested, someone
from tests.registrations.desk.importing.list_pages import COLUMNS, csv_of, says_yes, uploads

ODD = (
    b'\n"","nowhere","=HYPERLINK(1)","charity","",""'
    b'\n"Dee","dee@example.org","Org","charity","","12"'
    b'\n"Eve","ada@wardens.example.org","Org","charity","",""'
)


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


async def test_rows_that_cannot_be_used_are_left_out_and_fetched_with_reasons(
    database: Database, event: Event, omar: Staff, lena: Staff, ada: Person
) -> None:
    async with browsing(database, omar) as client, browsing(database, lena) as other:
        columns = (await uploads(client, event, csv_of(ada) + ODD)).headers["location"]
        preview = (await client.post(columns, data=COLUMNS)).headers["location"]
        said = words((await client.get(preview)).text)
        before = await client.get(f"{preview}/unusable")
        await says_yes(client, preview)
        done = await client.get(preview)
        after = await client.get(f"{preview}/unusable")
        foreign = await other.get(f"{preview}/unusable")
        sealed = (await PeopleImport.get()).unusable_sealed
        await PeopleImport.all().update(begun_at=clock.real() - LASTS)
        late = await client.get(f"{preview}/unusable")
    dee = ["Dee", "dee@example.org", "Org", "charity", ""]
    assert "2 people would be invited." in said
    assert "2 rows cannot be used, and 1 only in part There is no name. Row 3 The email address cannot be right" in said
    assert "Used without the telephone number, which cannot be right. Row 4" in said
    assert before.content == after.content
    assert read_csv(after.content) == [
        ["Row", "Why", "Name", "Email", "Organisation", "Kind", "Job title", "Mobile"],
        ["3", f"{NAME}. {EMAIL_WRONG}", "", "nowhere", "'=HYPERLINK(1)", "charity", "", ""],
        ["4", "Used without the telephone number, which cannot be right", *dee, "'12"],
        ["5", TWICE, "Eve", "ada@wardens.example.org", "Org", "charity", "", ""],
    ]
    assert 'filename="rows-not-used.csv"' in after.headers["content-disposition"]
    assert "Download the rows that were not used, with reasons (CSV)" in words(done.text)
    assert (foreign.status_code, late.status_code, b"nowhere" in bytes(sealed or b"nowhere")) == (404, 410, False)
    assert [row.full_name for row in await Registration.all().order_by("id")] == [ada.name, "Dee"]


async def test_the_file_of_rows_that_were_not_used_can_be_mended_and_imported(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    async with browsing(database, omar) as client:
        columns = (await uploads(client, event, csv_of(ada) + ODD)).headers["location"]
        preview = (await client.post(columns, data=COLUMNS)).headers["location"]
        mended = (await client.get(f"{preview}/unusable")).content.replace(b"nowhere", b"f@example.org")
        moved = {name: str(int(column) + 2) for name, column in COLUMNS.items()}
        again = (await uploads(client, event, mended.replace(b'"","f@', b'"Flo","f@'))).headers["location"]
        page = await client.get((await client.post(again, data=moved)).headers["location"])
    assert "Flo f@example.org =HYPERLINK(1) Charity" in words(page.text)


async def test_a_list_of_which_no_row_can_be_used_invites_nobody(database: Database, event: Event, omar: Staff) -> None:
    content = csv_of(replace(someone(), email="nowhere"))
    async with browsing(database, omar) as client:
        columns = (await uploads(client, event, content)).headers["location"]
        preview = (await client.post(columns, data=COLUMNS)).headers["location"]
        said = words((await client.get(preview)).text)
        refused = await client.post(preview, data={"invite": "yes", "columns": (await PeopleImport.get()).mark})
    assert "Nobody on this list can be invited." in said
    assert "Do you want to invite them?" not in said
    assert (refused.status_code, await Registration.all().count()) == (409, 0)


async def test_ten_people_are_shown_as_they_will_stand_and_nobody_who_is_known(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    await requested(ada, event)
    people = [someone() for _ in range(12)]
    async with browsing(database, omar) as client:
        columns = (await uploads(client, event, csv_of(ada, *people))).headers["location"]
        preview = (await client.post(columns, data=COLUMNS)).headers["location"]
        page = (await client.get(preview)).text
    assert "The first 10, as they will stand here" in words(page)
    assert [person.email in page for person in (ada, *people)] == [False, *[True] * 10, False, False]


async def test_people_who_are_known_stand_beside_what_the_list_says_and_it_is_recorded(
    database: Database, event: Event, omar: Staff, lena: Staff, ada: Person, bo: Person, cleo: Person
) -> None:
    known = [await requested(who, event) for who in (ada, bo)]
    listed = replace(ada, name=ada.name.upper(), role="Head of advice", phone="07700 900123")
    async with browsing(database, omar) as client, browsing(database, lena) as other:
        columns = (await uploads(client, event, csv_of(listed, bo, cleo))).headers["location"]
        preview = (await client.post(columns, data=COLUMNS)).headers["location"]
        assert "2 have a request already, of which nothing is changed." in words((await client.get(preview)).text)
        assert await AuditEntry.filter(action=Action.LISTED).count() == 0, "the preview names none of them"
        page = await client.get(f"{preview}/known")
        foreign = await other.get(f"{preview}/known")
    said = words(page.text)
    assert (heading(page), foreign.status_code) == ("People we know already", 404)
    assert f"Role: Head of advice Here: {ada.role} Telephone: 07700 900123 Here: not provided" in said
    assert "Full name:" not in said, "capitals are no difference"
    assert f"{bo.email} Not confirmed yet No difference" in said
    assert cleo.name not in said
    [entry] = await AuditEntry.filter(action=Action.LISTED)
    assert entry.details == {"list": "known people of an imported list", "ids": [row.id for row in known]}


async def test_many_who_are_known_come_in_pages(
    database: Database, event: Event, omar: Staff, ada: Person, bo: Person
) -> None:
    for who in (ada, bo):
        await requested(who, event)
    async with browsing(database, omar) as client:
        columns = (await uploads(client, event, csv_of(ada, *(someone() for _ in range(2)), bo))).headers["location"]
        preview = (await client.post(columns, data=COLUMNS)).headers["location"]
        assert people_list.A_PAGE == 50
        beyond = await client.get(f"{preview}/known?page=9")
        odd = await client.get(f"{preview}/known?page=x")
    assert (beyond.status_code, ada.email in beyond.text) == (200, False)
    assert (odd.status_code, ada.email in odd.text, bo.email in odd.text) == (200, True, True)
