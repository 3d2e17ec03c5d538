"""The desk tells what is deleted and when, what went, and what leads say of copies of the key; it names nobody.

Rules: DP-07.
"""

import re
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import httpx2
import pytest

from events.accounts.staff import RoleName, Staff
from events.audit import audit_seal
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, settings
from events.ground.database import Database
from registrations.checkin.attendance import Attendance
from registrations.checkin.checkin import settle
from registrations.phones.door import Door
from registrations.privacy.retention import deleting
from registrations.privacy.retention.classes import CLASSES
from registrations.privacy.retention.key_copy import Answer, KeyCopy
from registrations.reporting.closing_report import ClosingReport
from tests.at_the_desk import desk, notice
from tests.at_the_door import a_phone_at, a_ticket, scan_of
from tests.browser import browsing, heading, words
from tests.conftest import SETTINGS
from tests.people import THE_DAY, Person, a_door, a_member_of_staff, confirmed, someone

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
NONE = "\N{EN DASH}"
LONG_AFTER = clock.at_venue(date(2019, 7, 14), 9, 0)  # 90 days


def of(event: Event, *parts: str) -> str:
    return desk(event, "data-protection", "deletion", *parts)


def rows_in(page: httpx2.Response) -> dict[str, list[str]]:
    """Cells of the table of classes, by the name of the class."""
    table = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in re.findall(r"<tr>.*?</tr>", table, re.S)]
    return {words(row[0].partition("<span")[0]): [words(cell) for cell in row[1:]] for row in rows}


@pytest.fixture
async def over(event: Event, ada: Person, lena: Staff, omar: Staff) -> Event:
    """Ada came to the event, which is long over; nothing of it is left."""
    phone = await a_phone_at(await a_door(event), "Phone of Sid")
    await settle([await scan_of(await a_ticket(ada, event))], phone, THE_DAY)
    await deleting.turn(LONG_AFTER, clock.real() + timedelta(days=99))
    await audit_seal.seal_all()
    clock.move_to(LONG_AFTER)
    return await Event.get(id=event.id)


async def test_before_it_says_how_many_there_are_and_when_the_next_go(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    await a_ticket(ada, event)
    await confirmed(bo, event)
    async with browsing(database, omar) as client:
        overview = await client.get(desk(event, "data-protection"))
        assert f'href="{of(event)}"' in overview.text
        page = await client.get(of(event))
    assert heading(page) == "What is deleted, and when"
    found = rows_in(page)
    assert set(found) == {kept.name for kept in CLASSES} | {"Backups"}
    assert found["People who have or had a place"] == ["90 days after the event", "1", "14 July 2019", NONE]
    assert found["People who were not offered a place"][1:] == ["1", "15 May 2019", NONE]
    assert found["Tickets"][1:] == ["1", "14 July 2019", NONE]
    assert found["Scans"][1:] == ["0", NONE, NONE]
    assert found["Sessions of staff"][1:] == ["1 of all events", "8 April 2019", NONE]
    assert "Each lead then gets an email about copies of the key" in words(page.text)
    assert '<form method="post" action="' + of(event, "copies") not in page.text


async def test_what_is_late_says_so(database: Database, event: Event, ada: Person, omar: Staff) -> None:
    await a_ticket(ada, event)
    for day, said in ((0, False), (1, True)):
        clock.move_to(LONG_AFTER + timedelta(days=day))
        async with browsing(database, omar) as client:
            assert ("Overdue" in rows_in(await client.get(of(event)))["Tickets"][2]) == said


async def test_afterwards_the_report_has_numbers_days_the_head_and_nobodys_name(
    database: Database, over: Event, ada: Person, lena: Staff, omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        page, sheet = [await client.get(path) for path in (of(over), of(over, "print"))]
    assert rows_in(page)["Phones at doors"] == ["90 days after the event", "0", NONE, "1 last on 14 July 2019"]
    assert rows_in(sheet)["Phones at doors"] == ["90 days after the event", "1", "14 July 2019", "14 July 2019", "0"]
    said = words(sheet.text)
    head, door = await audit_seal.head(), await Door.get(event_id=over.id)
    for told in (str(head), "Destroyed on the server on 14 July 2019", "Charity not shown", f"Door {door.id} not shown",
                 "Safer Places no answer yet , asked 14 July 2019, 09:00"):  # fmt: skip
        assert told in said, told
    assert "Three Rivers District Council nobody of this host leads the event here: ask them yourself" in said
    main = unescape(sheet.text.partition("<article")[2].partition("</article>")[0])
    assert [
        name
        for name in (ada.name, ada.email, lena.full_name, omar.full_name, "Phone of Sid", "Main door")
        if name in main
    ] == []
    assert "<form" not in main


async def test_numbers_of_five_or_more_are_told_and_no_other_than_in_the_closing_report(
    database: Database, over: Event, omar: Staff
) -> None:
    await Attendance.filter(kind="charity").update(people=12)
    await Attendance.filter(kind="").update(people=18)
    for kind in ("police", "health"):
        await Attendance.create(event=over, day=over.day, kind=kind, people=3)
    made = await ClosingReport.get()
    made.figures["people"]["came"], made.figures["kinds"] = 18, [["charity", 20, None], ["police", 5, None]]
    await made.save()
    async with browsing(database, omar) as client:
        beside = words((await client.get(of(over, "print"))).text)
        await ClosingReport.all().delete()
        said = words((await client.get(of(over, "print"))).text)
    assert "18 people came in." in beside
    assert "Charity not shown" in beside
    assert "18 people came in." in said
    assert "Charity 12" in said
    assert "Police not shown" in said


async def test_no_class_of_people_tells_beside_the_closing_report_how_many_came(
    database: Database, event: Event, omar: Staff
) -> None:
    """Of twelve with a place two did not come: the report hides both numbers, and so does all else that stays."""
    phone = await a_phone_at(await a_door(event), "Phone of Sid")
    tickets = [await a_ticket(someone(), event) for _ in range(12)]
    await settle([await scan_of(ticket) for ticket in tickets[:10]], phone, THE_DAY)
    people = ("Who came in", "Scans", "Tickets", "People who have or had a place")
    async with browsing(database, omar) as client:
        page, sheet = [await client.get(path) for path in (of(event), of(event, "print"))]
        assert [rows_in(page)[what][1] for what in people] == ["10", "10", "12", "12"], "organisers see who is there"
        assert [rows_in(sheet)[what][4].partition(";")[0] for what in people] == ["not shown"] * 4
        assert rows_in(sheet)["Phones at doors"][4].startswith("1;")
    await deleting.turn(LONG_AFTER, clock.real() + timedelta(days=99))
    assert (await ClosingReport.get()).figures["people"]["came"] is None
    clock.move_to(LONG_AFTER)
    async with browsing(database, omar) as client:
        page, sheet, calendar = [
            await client.get(path) for path in (of(event), of(event, "print"), desk(event, "after", "deletion"))
        ]
    assert {rows_in(page)[what][3].partition(" last")[0] for what in people} == {"not shown"}
    assert {(rows_in(sheet)[what][1], rows_in(sheet)[what][4]) for what in people} == {("not shown", "0")}
    assert [what for what in people if f"{what} not shown 14 July 2019" not in words(calendar.text)] == []


async def test_a_lead_answers_and_the_answer_is_shown_and_recorded(
    database: Database, over: Event, lena: Staff, omar: Staff
) -> None:
    async with browsing(database, lena) as client:
        assert "Say what became of your copies of it" in (await client.get(desk(over, "data-protection"))).text
        empty = await client.post(of(over, "copies"))
        assert (empty.status_code, "Select what became of your copies" in empty.text) == (422, True)
        assert "<title>Error: " in empty.text
        saved = await client.post(of(over, "copies"), data={"answer": "their copies are destroyed"})
        page = await client.get(saved.headers["location"])
        assert "Say what became of your copies" not in (await client.get(desk(over, "data-protection"))).text
    assert notice(page) == "Your answer is noted."
    assert "Safer Places their copies are destroyed, said 14 July 2019" in words(page.text)
    copy = await KeyCopy.get(staff_id=lena.id)
    assert copy.answer is Answer.DESTROYED
    [entry] = await AuditEntry.filter(action=Action.KEY_COPIES_ANSWERED)
    assert (entry.actor, entry.event_id, entry.details) == (
        lena.actor,
        over.id,
        {"answer": "their copies are destroyed"},
    )
    async with browsing(database, omar) as client:
        assert "Save my answer" not in (await client.get(of(over))).text, "who organises has no copy to destroy"
        assert "Say what became" not in (await client.get(desk(over, "data-protection"))).text


async def test_leads_of_one_host_are_told_apart_by_numbers(
    database: Database, event: Event, lena: Staff, omar: Staff
) -> None:
    await a_member_of_staff("Nora Lead", "nora@hosts.example.org", event, RoleName.LEAD)
    await deleting.turn(LONG_AFTER, clock.real())
    async with browsing(database, omar) as client:
        said = words((await client.get(of(event, "print"))).text)
    assert "Lead 1: no answer yet" in said
    assert "Lead 2: no answer yet" in said
    assert "Nora" not in said


async def test_backups_are_counted_with_the_day_on_which_the_oldest_goes(
    database: Database, event: Event, omar: Staff, tmp_path: Path
) -> None:
    (tmp_path / "muster-20190401T031500Z.age").touch()
    (tmp_path / "muster-20190402T031500Z.age").touch()
    settings.choose(SETTINGS.model_copy(update={"backup_folder": tmp_path}))
    clock.move_to(None)
    async with browsing(database, omar) as client:
        assert rows_in(await client.get(of(event)))["Backups"][1:3] == ["2 of all events", "1 May 2019"]
