"""A file is asked for with both factors proved anew, says who took it and what for, and is fetched once.

Rules: SE-13, SE-12, SE-20, SG-13.
"""

import asyncio
import csv
import io
from datetime import timedelta

import httpx2
import pytest

from events.accounts.staff import Role, RoleName, Session, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database, query
from events.mail.outbox import Message
from registrations.exports.export import Export, ExportKind, ExportPart
from tests.at_the_desk import desk
from tests.browser import browsing, heading, words
from tests.people import Person, a_member_of_staff, confirmed, requested
from tests.professional import with_ticket

EVIL = Person('=HYPERLINK("http://x")', "evil@guests.example.org", "+cmd|' /C calc'!A0", "charity", "@SUM(1+1)", "", "")
ASKED = {"columns": ["name", "phone"], "purpose": "Telephone whoever is late", "format": "csv"}


async def proves(staff: Staff, proved: bool = True) -> None:
    await Session.filter(staff_id=staff.id).update(both_proved_at=clock.real() if proved else None)


async def asks(client: httpx2.AsyncClient, event: Event, kind: str = "contacts", **other: object) -> str:
    """Asks for a file, and returns its page."""
    answer = await client.post(desk(event, "exports", "make", kind), data=ASKED | other)
    assert answer.status_code == 303, words(answer.text)
    return str(answer.headers["location"])


def table(answer: httpx2.Response) -> list[list[str]]:
    assert answer.content.startswith("\ufeff".encode()), "or Excel takes it for another encoding"
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_both_factors_are_proved_anew_before_a_file_is_asked_for_and_before_it_is_fetched(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    await with_ticket(ada, event)
    path = desk(event, "exports", "make", "contacts")
    async with browsing(database, omar) as client:
        await proves(omar, False)
        await Session.all().update(stepped_up_at=clock.real())
        assert heading(await client.get(desk(event, "exports"))) == "Exports"
        for answer in (await client.get(path), await client.post(path, data=ASKED)):
            assert answer.headers["location"].startswith("/staff/step-up?both")
        assert await Export.all().count() == 0
        await proves(omar)
        file = await asks(client, event)
        await proves(omar, False)
        assert (await client.post(file)).headers["location"].startswith("/staff/step-up?both")
        await proves(omar)
        fetched = await client.post(file)
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert fetched.headers["content-disposition"] == f'attachment; filename="contacts-{(await Export.get()).id}.csv"'
    assert "no-store" in fetched.headers["cache-control"]


async def test_the_first_row_says_who_took_it_when_what_for_and_until_when_it_may_be_kept(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    await with_ticket(ada, event)
    async with browsing(database, omar) as client:
        await proves(omar)
        found = table(await client.post(await asks(client, event)))
    entry = await AuditEntry.get(action=Action.EXPORTED)
    assert found == [
        [
            f"Contacts of {event.title}. Taken by Omar Organiser, 8 April 2019, 09:00 BST, for: Telephone whoever is"
            f" late. Destroy by 22 April 2019. Audit log: entry {entry.id}, head {entry.written_after}."
        ],
        ["Name", "Telephone"],
        [ada.name, f"'{ada.phone}" if ada.phone else ""],
    ]


async def test_the_audit_log_says_what_was_taken_and_never_who_stands_in_it(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    await with_ticket(ada, event)
    async with browsing(database, omar) as client:
        await proves(omar)
        await client.post(await asks(client, event))
    actions = [Action.EXPORTED, Action.EXPORT_MADE, Action.EXPORT_FETCHED]
    entries = await AuditEntry.filter(action__in=actions).order_by("id")
    export = await Export.get()
    assert [(e.action, e.actor, e.subject) for e in entries] == [
        (action, omar.actor, f"export:{export.id}") for action in actions
    ]
    asked = {"kind": "contacts", "format": "csv", "columns": ["name", "phone"]}
    assert entries[0].details == asked | {"number": 1, "pages": 1}
    assert {"rows", "bytes", "sha256"} == set(entries[1].details)
    assert entries[2].details == {"kind": "contacts", "rows": 1}
    for entry in entries:
        assert "Telephone" not in str(entry.details)
        assert ada.name not in str(entry.details)
    assert (await Export.get()).purpose == "Telephone whoever is late"
    assert b"Telephone" not in bytes((await Export.get()).purpose_sealed)


async def test_a_file_is_fetched_once_however_many_press_at_the_same_moment(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    await with_ticket(ada, event)
    async with browsing(database, omar) as client:
        await proves(omar)
        file = await asks(client, event)
        assert await ExportPart.all().count() == 1
        answers = await asyncio.gather(*(client.post(file) for _ in range(5)))
        page = words((await client.get(file)).text)
    late = [words(answer.text) for answer in answers if answer.status_code == 409]
    assert [text for text in late if "Destroy every copy by 22 April 2019" not in text] == [], "the page of the file"
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    assert await ExportPart.all().count() == 0
    assert "The file was fetched, and is not here any more." in page
    assert await AuditEntry.filter(action=Action.EXPORT_FETCHED).count() == 1
    assert await Message.all().count() == 0, "no file goes by email"


async def test_its_link_opens_nothing_for_anybody_else_nor_after_an_hour(
    database: Database, event: Event, omar: Staff, lena: Staff, ada: Person
) -> None:
    await with_ticket(ada, event)
    async with browsing(database, omar) as client, browsing(database, lena) as other:
        for staff in (omar, lena):
            await proves(staff)
        file = await asks(client, event)
        assert [(await other.get(file)).status_code, (await other.post(file)).status_code] == [404, 404]
        assert "Omar Organiser" in words((await other.get(desk(event, "exports"))).text)
        await Export.all().update(made_at=clock.real() - timedelta(minutes=59))
        assert "The file is ready: 1 line." in words((await client.get(file)).text)
        await Export.all().update(made_at=clock.real() - timedelta(minutes=60))
        assert "nobody fetched it while it was there" in words((await client.get(file)).text)
        refused = await client.post(file)
    assert (refused.status_code, await Export.filter(fetched_at=None).count()) == (409, 1)


async def test_the_file_is_sealed_while_it_waits(database: Database, event: Event, omar: Staff, ada: Person) -> None:
    await with_ticket(ada, event)
    async with browsing(database, omar) as client:
        await proves(omar)
        await asks(client, event)
    part = await ExportPart.get()
    assert len(part.content_sealed) > 256
    assert ada.name.encode() not in bytes(part.content_sealed)


async def test_a_file_that_waits_goes_with_what_somebody_in_it_told_us(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    guest, _ = await with_ticket(ada, event)
    async with browsing(database, omar) as client:
        await proves(omar)
        file = await asks(client, event)
        await query("UPDATE registration SET kind = kind WHERE id = ? RETURNING id", [guest.id])
        assert await ExportPart.all().count() == 1
        await query("UPDATE registration SET person_sealed = NULL WHERE id = ? RETURNING id", [guest.id])
        assert await ExportPart.all().count() == 0
        assert "data of somebody who may stand in it were deleted" in words((await client.get(file)).text)
        assert "Deleted, with data that may stand in it" in words((await client.get(desk(event, "exports"))).text)
        assert (await client.post(file)).status_code == 409


async def test_the_smallest_set_of_columns_is_ticked_and_nothing_else_is_chosen(
    database: Database, event: Event, omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        await proves(omar)
        page = await client.get(desk(event, "exports", "make", "contacts"))
        empty = await client.post(desk(event, "exports", "make", "contacts"), data={})
        strange = await client.post(
            desk(event, "exports", "make", "contacts"), data=ASKED | {"columns": ["need", "name"], "format": "exe"}
        )
    assert page.text.count(" checked") == 3
    for code in ("name", "email", "state"):
        assert f'value="{code}" checked' in page.text
    said = words(empty.text)
    assert (empty.status_code, strange.status_code, await Export.all().count()) == (422, 422, 0)
    assert "Select at least one column" in said
    assert "Enter what the file is for" in said
    assert "Select the kind of file" in said


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        (RoleName.LEAD, ["people", "attendance", "contacts", "badges", "emails"]),
        (RoleName.ORGANISER, ["people", "attendance", "contacts", "badges", "emails"]),
        (RoleName.ACCESS, ["access"]),
        (RoleName.CATERER, ["catering"]),
        (RoleName.VIEWER, None),
        (RoleName.BADGES, None),
    ],
)
async def test_each_role_takes_files_of_what_it_sees_and_no_other(
    database: Database, event: Event, role: RoleName, kinds: list[str] | None
) -> None:
    staff = await a_member_of_staff("Rae Role", "rae@hosts.example.org", event, role)
    async with browsing(database, staff) as client:
        await proves(staff)
        page = await client.get(desk(event, "exports"))
        may = {kind: (await client.get(desk(event, "exports", "make", kind))).status_code for kind in ExportKind}
    if kinds is None:
        assert (page.status_code, set(may.values())) == (403, {403})
    else:
        assert may == {kind: 200 if kind in kinds else 404 for kind in ExportKind}
        assert [kind for kind in ExportKind if f"/exports/make/{kind.value}" in page.text] == kinds


async def test_who_loses_the_role_fetches_nothing_any_more(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    await with_ticket(ada, event)
    async with browsing(database, omar) as client:
        await proves(omar)
        file = await asks(client, event)
        held = await Role.get(staff_id=omar.id)
        held.name = RoleName.CATERER
        await held.save()
        assert (await client.post(file)).status_code == 404
    assert await ExportPart.all().count() == 1


async def test_leads_hear_of_a_file_that_is_taken_at_night(
    database: Database, event: Event, omar: Staff, lena: Staff, ada: Person
) -> None:
    await with_ticket(ada, event)
    async with browsing(database, omar) as client:
        await proves(omar)
        await asks(client, event)
        assert await AuditEntry.filter(action=Action.READ_ODDLY).count() == 0
        clock.move_to(clock.now() + timedelta(hours=14))
        await asks(client, event)
    assert await AuditEntry.filter(action=Action.READ_ODDLY).count() == 1


async def test_who_has_not_confirmed_and_who_was_declined_stand_in_no_file(
    database: Database, event: Event, omar: Staff, ada: Person, bo: Person, cleo: Person
) -> None:
    await with_ticket(ada, event)
    await requested(bo, event)
    declined = await confirmed(cleo, event)
    await query("UPDATE registration SET state = 'not_offered' WHERE id = ? RETURNING id", [declined.id])
    async with browsing(database, omar) as client:
        await proves(omar)
        found = table(await client.post(await asks(client, event, columns=["name", "state"])))
    assert found[2:] == [[ada.name, "Approved"]]


async def test_names_that_are_formulas_stay_text(database: Database, event: Event, omar: Staff) -> None:
    await with_ticket(EVIL, event)
    async with browsing(database, omar) as client:
        await proves(omar)
        all_of_it = ["name", "email", "organisation", "role"]
        found = table(await client.post(await asks(client, event, columns=all_of_it)))
    assert found[2] == [f"'{EVIL.name}", EVIL.email, f"'{EVIL.organisation}", f"'{EVIL.role}"]
