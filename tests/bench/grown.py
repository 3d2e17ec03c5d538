"""An event that has grown: people, tickets, admissions, emails and entries of the audit log, copied in the database."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tortoise.models import Model

from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import is_postgres, query
from events.mail.outbox import Message
from events.web.sealed_query import sealed
from registrations.checkin.scan import Admission, Scan
from registrations.desk.people_list import SEARCH
from registrations.people.person import Person, address_tag, seal
from registrations.people.registration import OrganisationKind, Registration, State
from registrations.phones.door import DoorPass
from registrations.tickets.ticket import Ticket
from tests.at_the_desk import ticked
from tests.people import MONDAY, confirmed, link_of, requested, someone

WITH_CODES = 2_000  # tickets that a phone of the bench can show, where there are many more
COPIES = """WITH RECURSIVE copy(number) AS (
    SELECT CAST(? AS INTEGER) UNION ALL SELECT number + 1 FROM copy WHERE number < ?) """  # PostgreSQL takes ? for text


async def grow(event: Event, people: int, undecided: int) -> dict[str, Any]:
    """From the tickets that the event has to so many: two in three of the new ones are in, each has an email and three
    entries of the audit log. So many more wait for a decision, and as many have not confirmed their address.
    """
    had = await Ticket.filter(event_id=event.id).count()
    if people > had:
        await _copy_people(event, had + 1, people)
    await _copy_what_happened(event, had)
    await Event.filter(id=event.id).update(
        next_n=people + 1,
        capacity=people + undecided,
        allowance=0,
        taken=people,
        list_version=people,
        list_whole_since=1,
    )
    asked = [await confirmed(someone(), event) for _ in range(undecided)]
    silent = [await requested(someone(), event, clock.now()) for _ in range(undecided)]
    links = [urlsplit((await link_of(registration)).link).path.rpartition("/")[2] for registration in silent]
    if is_postgres():
        await query("ANALYZE")  # as it does by itself overnight
    return {
        "undecided": [registration.id for registration in asked],
        "marked": await ticked(*asked),
        "links": links,
        "find": sealed(SEARCH, "99", event.id),
    }


async def _copy_people(event: Event, first: int, last: int) -> None:
    ticket = await Ticket.filter(event_id=event.id).first()
    assert ticket is not None
    people = [_a_guest(event, number) for number in range(first, last + 1)]
    await Registration.bulk_create(people, batch_size=500)
    id_ = f"'{event.id}-' || number"
    owner = f"(SELECT id FROM registration WHERE public_id = {id_})"  # noqa: S608
    numbers = {"n": "number", "list_version": "number", "reference_hash": id_}
    await _copy(Ticket, numbers | {"proof_hash": id_, "registration_id": owner}, ticket.id, first, last)


def _a_guest(event: Event, number: int) -> Registration:
    told = Person(f"Guest {number}", "", f"guest{number}@example.org", "Example", "Advocate")
    public_id = f"{event.id}-{number}"
    return Registration(
        event_id=event.id, kind=OrganisationKind.CHARITY, state=State.APPROVED, requested_at=MONDAY,
        public_id=public_id, address_tag=address_tag(event, told.email), person_sealed=seal(told, event, public_id),
    )  # fmt: skip


async def _copy(model: type[Model], other: Mapping[str, str], of: int, first: int, last: int) -> None:
    """Rows like this one, with these columns otherwise."""
    columns = sorted(set(model._meta.fields_db_projection.values()) - {"id"})
    values = ", ".join(other.get(column, column) for column in columns)
    table = model._meta.db_table
    sql = f"{COPIES} SELECT {values} FROM {table}, copy WHERE id = {of}"  # noqa: S608
    await query(f"INSERT INTO {table} ({', '.join(columns)}) {sql}", [first, last])


async def _copy_what_happened(event: Event, had: int) -> None:
    """To each person and each ticket."""
    phone = await DoorPass.filter(event_id=event.id).first()
    assert phone is not None
    people, tickets = (f"{table} WHERE event_id = {event.id}" for table in ("registration", "ticket"))
    for action in ("asked for a place", "confirmed the address", "approved"):
        await _each(
            AuditEntry, people, at="requested_at", actor=f"'{'staff:1' if action == 'approved' else 'system'}'",
            action=f"'{action}'", event_id="event_id", subject="'registration:' || id", details="'{}'",
            mark=f"'{action[:4]}' || id", written_after="'0'", source="''", vouches="''",
        )  # fmt: skip
    await _each(
        Message, tickets, template="'ticket'", event_id="event_id", subject_id="id", cause="'approved'", tries="1",
        state="CASE WHEN n % 1000 = 0 THEN 'failed' ELSE 'sent' END", queued_at="issued_at", next_try_at="issued_at",
        done_at="issued_at", reply_status="''",
    )  # fmt: skip
    scanned = f"{tickets} AND n > {had} AND n % 3 > 0"
    door, client = str(phone.door_id), "'copy' || id"
    await _each(
        Scan, scanned, client_id=client, door_id=door, door_pass_id=str(phone.id), ticket_id="id", kind="'in'",
        age="0", arrived_at="issued_at", happened_at="issued_at", verdict="'ok'", proof_mark="''", answer="'{}'",
        passed="(1 = 1)",
    )  # fmt: skip
    await _each(Admission, scanned, ticket_id="id", door_id=door, client_id=client, admitted_at="issued_at")


async def _each(model: type[Model], of: str, **columns: str) -> None:
    values = ", ".join(columns.values())
    await query(f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {values} FROM {of}")  # noqa: S608
