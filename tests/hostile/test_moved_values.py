"""A sealed value that was moved, swapped, cut or made longer opens nowhere: the log names its row, all others go on.

Of every sealed column that there is. Rules: SE-16.
"""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs
from tortoise import fields
from tortoise.models import Model

from events import event_changes
from events.accounts import recovery, totp
from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock, live
from events.ground.database import Database, query
from events.ground.tokens import Purpose
from events.mail import outbox
from registrations import all_emails
from registrations.asking.draft import Draft
from registrations.checkin import reference_lookup
from registrations.checkin.checkin import settle
from registrations.people.link_answers import LINK_LASTS, LinkAnswers
from registrations.people.registration import Registration, State
from registrations.phones import guest_list
from registrations.phones.door import PassRole
from registrations.privacy import reminders
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.retention import deleting
from registrations.tickets import ticket as tickets
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, scan_of, with_the_override_of
from tests.browser import browsing
from tests.callers import pages_of
from tests.callers_world import World, a_world
from tests.events.mail.mailing import send
from tests.hostile.sealed_rows import COLUMNS, two_of_each
from tests.people import MONDAY, THE_DAY, code_of, requested, someone
from tests.professional import path_to, with_ticket
from tests.smtp_sink import smtp_sink
from tests.tables import models

NOT_SEALED = {"event.salt", "host_logo.picture"}  # bytes that are no secret of anybody


def test_every_sealed_column_is_tried_here() -> None:
    known = {
        f"{model._meta.db_table}.{name}"
        for model in models()
        for name, column in model._meta.fields_map.items()
        if isinstance(column, fields.BinaryField) or name.endswith("_sealed")
    }
    assert known - NOT_SEALED == set(COLUMNS), "add it to COLUMNS, with two rows in `two_of_each`"


def damages(mine: bytes, others: bytes, beside: list[bytes]) -> Iterator[tuple[str, bytes]]:
    """What somebody who can write to the database, without a key, may put in its place."""
    yield "moved here from another row", others
    for value in beside:
        yield "moved here from another column of this row", value
    for left in (1, 5, 16, 17, len(mine) // 2, len(mine) - 16, len(mine) - 1):
        yield f"cut to {left} bytes", mine[:left]
    for more in (b"\0", b" ", mine[-16:], mine):
        yield f"{len(more)} bytes longer", mine + more
    yield "longer at its front", mine[:1] + mine
    for at in (0, 1, 5, 17, len(mine) // 2, len(mine) - 1):
        yield f"a bit of byte {at} changed", mine[:at] + bytes([mine[at] ^ 1]) + mine[at + 1 :]
    yield "the end of another row's", mine[: len(mine) // 2] + others[len(mine) // 2 :]
    yield "nothing but noise", secrets.token_bytes(len(mine))


@pytest.fixture
async def world(database: Database) -> World:
    return await a_world(database)


@pytest.fixture
async def pairs(world: World) -> dict[str, list[int]]:
    return await two_of_each(world)


async def bytes_in(table: str, column: str, id_: int) -> bytes:
    [row] = await query(f"SELECT {column} AS value FROM {table} WHERE id = ?", [id_])  # noqa: S608
    return bytes(row["value"])


async def put(table: str, column: str, id_: int, value: bytes) -> None:
    await query(f"UPDATE {table} SET {column} = ? WHERE id = ?", [value, id_])  # noqa: S608


def model_of(table: str) -> type[Model]:
    return next(model for model in models() if model._meta.db_table == table)


async def said_of(name: str, ids: list[int]) -> tuple[list[object], list[str]]:
    """What these rows say now, and the rows that the log names meanwhile."""
    table = name.partition(".")[0]
    rows = [await model_of(table).get(id=id_) for id_ in ids]
    with capture_logs() as logged:
        said = [COLUMNS[name].says(row) for row in rows]
    return said, [line["row"] for line in logged if line["log_level"] == "error"]


async def test_what_was_damaged_opens_nowhere_and_the_log_names_its_row(
    world: World, pairs: dict[str, list[int]]
) -> None:
    """One column after the other, each put back as it was: the control of the next one would miss what is not."""
    wrong = {name: await opened_all_the_same(name, *pairs[name.partition(".")[0]]) for name in COLUMNS}
    assert len(wrong) > 20, "columns were damaged"
    assert {name: how for name, how in wrong.items() if how} == {}


async def opened_all_the_same(name: str, mine: int, other: int) -> dict[str, object]:
    """What is said of two rows where it should be told that one of them cannot be read, by how it was damaged."""
    table, _, column = name.partition(".")
    values = [await bytes_in(table, column, id_) for id_ in (mine, other)]
    here = {known.partition(".")[2] for known in COLUMNS if known.startswith(f"{table}.")} - {column}
    beside = [await bytes_in(table, name_here, mine) for name_here in here]
    before, logged = await said_of(name, [mine, other])
    instead = COLUMNS[name].instead
    assert (instead in before, logged) == (False, []), f"the control, of {name}"
    wrong: dict[str, object] = {}
    for how, value in damages(values[0], values[1], beside):
        await put(table, column, mine, value)
        if (found := await said_of(name, [mine, other])) != ([instead, before[1]], [f"{table}:{mine}"]):
            wrong[how] = found
    await put(table, column, mine, values[1])
    await put(table, column, other, values[0])
    swapped = await said_of(name, [mine, other])
    if swapped != ([instead] * 2, [f"{table}:{mine}", f"{table}:{other}"]):
        wrong["both swapped"] = swapped
    await put(table, column, mine, values[0])
    await put(table, column, other, values[1])
    return wrong


@pytest.fixture
async def damaged(pairs: dict[str, list[int]]) -> dict[str, list[int]]:
    """In the first of each two rows, every sealed column holds what the second one had."""
    for name in COLUMNS:
        table, _, column = name.partition(".")
        await put(table, column, pairs[table][0], await bytes_in(table, column, pairs[table][1]))
    return pairs


async def test_each_page_of_the_desk_opens_and_shows_the_others(world: World, damaged: dict[str, list[int]]) -> None:
    await Event.filter(id=world.event.id).update(venue_released_at=MONDAY)
    others = {await said(table, damaged[table][1]) for table in READ_AT_THE_DESK}
    live.hub().close()  # streams end after their first line
    ids = sorted({str(id_) for table in damaged.values() for id_ in table})
    read = await pages_of(world, "lead", ids)
    assert {text for text in others if text not in read} == set()
    told = (
        "Name cannot be read",
        "Cannot be read. Enter it again",
        "cannot be read, enter it again",
        "It cannot be",
        "The name of this door cannot be read",
        "Its name cannot be read",
    )
    assert [text for text in told if text not in read] == []


READ_AT_THE_DESK = {
    "staff": "full_name", "registration": "full_name", "link_answers": "full_name", "ticket": "reference",
    "complaint": "account", "incident": "reason", "rights_request": "about", "door": "name", "door_pass": "name",
}  # fmt: skip


async def said(table: str, id_: int) -> str:
    row: Any = await model_of(table).get(id=id_)
    if table == "link_answers":
        row = await Registration.get(id=row.registration_id)
    return str(getattr(row, READ_AT_THE_DESK[table]))


async def test_each_phone_lets_everybody_in_and_finds_the_others(world: World, damaged: dict[str, list[int]]) -> None:
    lee = with_the_override_of(await a_phone_at(world.door, role=PassRole.DOOR_LEAD))  # they choose another entrance
    both = [await Ticket.get(id=id_).select_related("registration") for id_ in damaged["ticket"]]
    answers = await settle([(await scan_of(ticket))._replace(code="met") for ticket in both], lee, THE_DAY)
    assert {answer["verdict"] for answer in answers} == {"ok"}
    found = await reference_lookup.look_up(both[1].reference, lee, THE_DAY, clock.real())
    guest = both[1].registration
    assert found["found"]["name"] == guest.choices.badge_name(guest.person)
    await Ticket.all().update(revoked_at=MONDAY)
    turned_away = await settle([await scan_of(ticket) for ticket in both], lee, THE_DAY)
    assert [answer["reference"] for answer in turned_away] == [tickets.UNREADABLE, both[1].reference]
    assert len(await guest_list.since(lee, 0, THE_DAY)) > 44


async def test_the_mailer_sends_to_the_others(world: World, damaged: dict[str, list[int]]) -> None:
    """Not what cannot be read, and to nobody whose address cannot."""
    _, nameless = await with_ticket(someone(), world.event)
    await put("ticket", "reference_sealed", nameless.id, b"damaged")
    [link] = await LinkAnswers.filter(id=damaged["link_answers"][1]).select_related("registration")
    ticket = await Ticket.get(id=damaged["ticket"][1]).select_related("registration")
    complaint, lead = await Complaint.get(id=damaged["complaint"][1]), world.staff["lead"]
    for template, ids in {"ticket": [*damaged["ticket"], nameless.id], "confirm": damaged["link_answers"]}.items():
        for id_ in ids:
            await outbox.put(template, id_, cause="in a test", at=MONDAY, event_id=world.event.id)
    async with smtp_sink() as sink:
        await send(sink, all_emails.writers())
    reached = {email.recipients[0] for email in sink.caught}
    assert {link.registration.email, ticket.registration.email, complaint.email, lead.email} <= reached
    assert tickets.UNREADABLE not in "".join(str(email.email) for email in sink.caught)


async def test_each_turn_does_its_work_for_the_others(world: World, damaged: dict[str, list[int]]) -> None:
    """A row that cannot be shown anew once stopped the deletion of all that was due, at every turn."""
    asked_again = await Registration.filter(state=State.REQUESTED).order_by("id").first()
    assert asked_again is not None
    await put("registration", "person_sealed", asked_again.id, b"damaged")
    await Registration.filter(id=asked_again.id).update(requested_at=MONDAY + LINK_LASTS)  # by another link
    await reminders.turn(MONDAY + timedelta(days=30))
    later = clock.real() + timedelta(days=1)
    await deleting.turn(MONDAY + LINK_LASTS, later)
    assert await LinkAnswers.filter(registration_id=asked_again.id).values_list("answers_sealed", flat=True) == [None]
    assert await bytes_in("registration", "person_sealed", asked_again.id) == b"damaged", "nothing was written over it"
    assert await Draft.all().count() == 0
    await deleting.turn(THE_DAY + timedelta(days=90), later)
    assert await Registration.filter(person_sealed__isnull=False).count() == 0
    assert (await Event.get(id=world.event.id)).data_key == ""


async def test_what_is_sealed_of_the_event_can_be_entered_again(world: World, damaged: dict[str, list[int]]) -> None:
    event = await Event.get(id=world.event.id)
    anew = {"venue": "Hall 9, 2 Example Street", "lead_phone": "07700 900 123", "bring": "A lantern"}
    how: dict[str, Any] = {"by": world.staff["lead"], "at": MONDAY, "real": clock.real()}
    assert await event_changes.change(event, anew, **how) == ["bring", "lead_phone", "venue"]
    event = await Event.get(id=world.event.id)
    assert {name: getattr(event, name) for name in anew} == anew


async def test_no_is_taken_although_the_row_cannot_be_shown_anew(world: World) -> None:
    asked = await requested(someone(), world.event)
    await put("registration", "person_sealed", asked.id, b"damaged")
    async with browsing(world.database) as client:
        answer = await client.post(path_to(asked, Purpose.CONFIRM), data={"asked": "no"})
    assert answer.status_code == 303
    assert await LinkAnswers.filter(registration_id=asked.id, said_no_at__isnull=False).count() == 1


async def test_without_their_app_secret_no_code_is_right_and_a_recovery_code_is(
    world: World, damaged: dict[str, list[int]]
) -> None:
    viewer, lead = [await Staff.get(id=id_) for id_ in damaged["staff"]]
    real = clock.real()
    code = code_of(lead, real)
    assert not await totp.accept(viewer, code, real), "of the row whose secret was moved here"
    assert await totp.accept(lead, code, real), "the control"
    [recovery_code, *_] = await recovery.make(viewer, MONDAY)
    assert await recovery.use(viewer, await recovery.hash_of(viewer, recovery_code), MONDAY, real)
