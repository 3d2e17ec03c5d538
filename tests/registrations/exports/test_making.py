"""Files are made beside the pages: once, whoever makes them at the same moment, and also where one who made it was
killed.

Rules: SE-13, SG-13, DP-05.
"""

import asyncio
import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from events.accounts.staff import RoleName, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, tokens
from events.ground.database import Database, query, run_tx
from events.ground.refusal import Refused
from events.mail import outbox
from registrations.booking import own_needs
from registrations.booking.alias import note
from registrations.checkin import checkin
from registrations.exports import email_rows, exporting, files, making, rows
from registrations.exports.export import Export, ExportKind, ExportPart, Format, Stage
from registrations.people import person as people
from registrations.people.choices import Switch
from registrations.people.needs import Adjustment, Diet
from registrations.people.registration import Registration, State
from tests.at_the_door import a_phone_at, a_ticket, scan_of
from tests.people import MONDAY, THE_DAY, Person, a_door, a_member_of_staff, someone
from tests.professional import with_ticket
from tests.registrations.exports.taking import asked_for

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def made(export: Export) -> list[list[str]]:
    """What stands below the titles of this CSV file."""
    assert await making.turn(clock.now(), clock.real()) == 1
    by = await Staff.get(id=export.asked_by_id)
    content = await exporting.fetch(export, by, clock.now(), clock.real())
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[2:]


async def stage(export: Export) -> Stage:
    return await exporting.stage_of(await Export.get(id=export.id), clock.real())


async def test_of_many_who_make_it_at_the_same_moment_one_does(event: Event, omar: Staff, ada: Person) -> None:
    await with_ticket(ada, event)
    export = await asked_for(event, omar)
    assert await stage(export) is Stage.WAITING
    turns = await asyncio.gather(*(making.turn(MONDAY, clock.real()) for _ in range(5)))
    assert (sum(turns), await ExportPart.all().count(), await stage(export)) == (1, 1, Stage.READY)
    assert await AuditEntry.filter(action=Action.EXPORT_MADE).count() == 1


async def test_where_one_who_made_it_was_killed_another_goes_on_once_its_lease_is_over(
    event: Event, omar: Staff, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await with_ticket(ada, event)
    export, real = await asked_for(event, omar), clock.real()

    async def dies(*_: object) -> Sequence[rows.Line]:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(rows, "of_event", dies)
        with pytest.raises(asyncio.CancelledError):
            await making.turn(MONDAY, real)
    assert await making.turn(MONDAY, real + making.LEASE - timedelta(seconds=1)) == 0
    assert await stage(export) is Stage.WAITING
    assert await making.turn(MONDAY, real + making.LEASE + timedelta(seconds=1)) == 1
    assert (await Export.get(id=export.id)).tries == 2


async def test_one_that_fails_three_times_is_given_up_and_said_to_have_failed(
    event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = await asked_for(event, omar)

    def fails(*_: object) -> bytes:
        raise ValueError

    with monkeypatch.context() as patched:
        patched.setattr(files, "made", fails)
        for n in range(4):
            assert await stage(export) is Stage.WAITING
            assert await making.turn(MONDAY, clock.real() + n * timedelta(minutes=1)) == 0
    assert (await stage(export), await ExportPart.all().count()) == (Stage.FAILED, 0)
    assert await AuditEntry.filter(action=Action.EXPORT_FAILED).count() == 1
    other = await asked_for(event, omar)
    assert (await making.turn(MONDAY, clock.real()), await stage(other)) == (1, Stage.READY), "the control"


async def test_what_is_deleted_while_it_is_made_is_not_in_it(
    event: Event, omar: Staff, ada: Person, bo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest, _ = await with_ticket(ada, event)
    await with_ticket(bo, event)
    export = await asked_for(event, omar, ExportKind.CONTACTS, "name")
    read = rows.of_event
    gone = list[int]()

    async def then_deleted(*args: object) -> list[rows.Line]:
        lines = await read(*args)  # type: ignore[arg-type]
        if not gone:
            gone.append(guest.id)
            await query("UPDATE registration SET person_sealed = NULL WHERE id = ? RETURNING id", [guest.id])
        return lines

    monkeypatch.setattr(rows, "of_event", then_deleted)
    assert await made(export) == [[bo.name]]
    assert (await Export.get(id=export.id)).tries == 2


async def test_how_far_it_is_is_said_while_it_is_made(
    event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "BATCH", 1)
    for _ in range(3):
        await with_ticket(someone(), event)
    export = await asked_for(event, omar, ExportKind.CONTACTS, "name")
    seen, run = list[tuple[int, int]](), query

    async def notes(sql: str, values: list[object]) -> object:
        found = await run(sql, values)
        if sql is making.GOES_ON:
            now = await Export.get(id=export.id)
            seen.append((now.done, now.total))
        return found

    monkeypatch.setattr(making, "query", notes)
    assert len(await made(export)) == 3
    assert seen == [(1, 3), (2, 3), (3, 3)]


async def test_a_file_that_nobody_fetches_goes_after_an_hour(event: Event, omar: Staff, ada: Person) -> None:
    await with_ticket(ada, event)
    export, real = await asked_for(event, omar), clock.real()
    await making.turn(MONDAY, real)
    await making.turn(MONDAY, real + timedelta(minutes=59))
    assert await ExportPart.all().count() == 1
    await making.turn(MONDAY, real + timedelta(minutes=60))
    assert await ExportPart.all().count() == 0
    assert (await Export.get(id=export.id)).stage(real + timedelta(minutes=60)) is Stage.OVER


async def test_attendance_says_who_came_and_who_left(event: Event, omar: Staff, ada: Person, bo: Person) -> None:
    clock.move_to(THE_DAY)
    ticket = await a_ticket(ada, event)
    await a_ticket(bo, event)

    phone = await a_phone_at(await a_door(event))
    await checkin.settle([await scan_of(ticket)], phone, THE_DAY + timedelta(minutes=12))
    export = await asked_for(event, omar, ExportKind.ATTENDANCE, "name", "came", "came_in", "left")
    assert await made(export) == [[ada.name, "Yes", "2019-04-15 09:12", ""], [bo.name, "No", "", ""]]


async def test_whoever_is_known_by_an_alias_stands_there_by_that_name_alone(
    event: Event, omar: Staff, ada: Person
) -> None:
    guest, _ = await with_ticket(replace(ada, name="Legal Name", badge_name="Robin", phone="07700 900123"), event)
    await note(guest, True, omar, MONDAY)
    columns = ("name", "email", "phone", "organisation", "role")
    assert await made(await asked_for(event, omar, ExportKind.CONTACTS, *columns)) == [["Robin", *["Ask the lead"] * 4]]
    assert await made(await asked_for(event, omar, ExportKind.ATTENDANCE, "name", "role")) == [
        ["Robin", "Ask the lead"]
    ]
    [[name, *_]] = await made(await asked_for(event, omar, ExportKind.BADGES, "badge_name"))
    assert name == "Robin"


async def test_an_access_file_has_a_line_for_each_need_and_a_catering_file_counts(
    event: Event, ada: Person, bo: Person
) -> None:
    ann = await a_member_of_staff("Ann Access", "ann@hosts.example.org", event, RoleName.ACCESS)
    cat = await a_member_of_staff("Cat Caterer", "cat@hosts.example.org", event, RoleName.CATERER)
    guest, _ = await with_ticket(ada, event)
    other, _ = await with_ticket(bo, event)
    await own_needs.tell_adjustments(guest, [Adjustment.BSL, Adjustment.PARKING], "By bus", MONDAY, clock.real(), None)
    await own_needs.tell_diet(guest, [Diet.VEGAN], "", MONDAY, clock.real())
    await own_needs.tell_diet(other, [Diet.ALLERGY], "Nuts", MONDAY, clock.real())
    needs = await asked_for(event, ann, ExportKind.ACCESS, "name", "need", "step")
    assert await made(needs) == [
        [ada.name, "An accessible parking space", "Asked for"],
        [ada.name, "A British Sign Language interpreter", "Asked for"],
    ]
    counted = await made(await asked_for(event, cat, ExportKind.CATERING, "diet", "guests"))
    assert [line for line in counted if line[1] != "0"] == [["Vegan", "1"], ["Food allergy", "1"]]
    assert len(counted) == len(Diet)
    named = await made(await asked_for(event, cat, ExportKind.CATERING, "diet", "guests", "name", "words"))
    assert named[len(Diet) :] == [["Food allergy", "", bo.name, "Nuts"]]
    await Registration.filter(id=other.id).update(state=State.RECHECKING)
    without = await made(await asked_for(event, cat, ExportKind.CATERING, "diet", "guests"))
    assert [line for line in without if line[1] != "0"] == [["Vegan", "1"]], "as the caterer's page counts"


async def test_a_catering_file_names_guests_as_on_their_badge(event: Event, ada: Person, bo: Person) -> None:
    (guest, _), (other, _) = await with_ticket(ada, event), await with_ticket(bo, event)
    cat = await a_member_of_staff("Cat Caterer", "cat@hosts.example.org", event, RoleName.CATERER)
    await own_needs.tell_diet(guest, [Diet.ALLERGY], "Nuts", MONDAY, clock.real())
    await own_needs.tell_diet(other, [Diet.ALLERGY], "Eggs", MONDAY, clock.real())
    await own_needs.switch(guest, [Switch.FIRST_NAME], MONDAY, clock.real())
    named = await made(await asked_for(event, cat, ExportKind.CATERING, "name", "words"))
    assert [line for line in named if line[0]] == [["Ada", "Nuts"], [bo.name, "Eggs"]]


async def test_a_file_about_needs_goes_when_any_of_them_change(event: Event, ada: Person) -> None:
    ann = await a_member_of_staff("Ann Access", "ann@hosts.example.org", event, RoleName.ACCESS)
    guest, _ = await with_ticket(ada, event)
    await own_needs.tell_adjustments(guest, [Adjustment.BSL], "", MONDAY, clock.real(), None)
    export = await asked_for(event, ann, ExportKind.ACCESS)
    await making.turn(MONDAY, clock.real())
    assert await stage(export) is Stage.READY
    await own_needs.tell_adjustments(guest, [], "", MONDAY, clock.real(), None)
    assert await stage(export) is Stage.DELETED


async def test_an_emails_file_says_what_became_of_each(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    _, ticket = await with_ticket(ada, event)
    await run_tx(outbox.put)("ticket", ticket.id, cause="in a test", at=MONDAY, event_id=event.id)
    assert await email_rows.total(event) > 0
    lines = await made(await asked_for(event, omar, ExportKind.EMAILS, "name", "email", "which", "state"))
    assert {tuple(line[:2]) for line in lines} == {(ada.name, ada.email)}
    assert "Ticket" in {line[2] for line in lines}


@SQLITE
async def test_for_more_lines_than_a_file_has_room_for_nothing_is_made(
    database: Database, event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def of_all(*_: object) -> int:
        return 200_001

    monkeypatch.setattr(rows, "total", of_all)
    with pytest.raises(Refused, match=r"A file has room for 200,000 lines, and this one would have more\."):
        await asked_for(event, omar)
    assert await Export.all().count() == 0


@SQLITE
async def test_five_thousand_people_are_a_file_of_five_thousand_lines(
    database: Database, event: Event, omar: Staff
) -> None:

    made_up = []
    for n in range(5000):
        public_id, who = tokens.new_public_id(), people.Person(full_name=f"Guest {n}", email=f"g{n}@example.org")
        made_up.append(
            Registration(
                event=event, public_id=public_id, address_tag=f"{n:064}", kind="charity", state=State.APPROVED,
                person_sealed=people.seal(who, event, public_id), requested_at=MONDAY,
            )
        )  # fmt: skip
    await Registration.bulk_create(made_up, batch_size=500)
    export = await asked_for(event, omar, ExportKind.CONTACTS, "name", "email", file=Format.XLSX)
    assert (export.total, export.total > making.RIGHT_AWAY) == (5000, True)
    await making.make_right_away(export, MONDAY, clock.real())
    assert await stage(export) is Stage.WAITING, "nobody waits for so many in a page"
    assert await making.turn(MONDAY, clock.real()) == 1
    done = await Export.get(id=export.id)
    assert (done.rows, done.done) == (5000, 5000)
