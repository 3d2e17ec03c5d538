"""An event comes from a file that is read strictly: what was published is there, and nothing that was not."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from events import commands, event_changes, event_file
from events.audit.audit import AuditEntry
from events.event import Event, EventState, take_place
from events.ground import clock
from events.ground.database import Database
from events.ground.refusal import Refused
from events.processor import Processor
from events.product import Product
from server import MODELS, ROOT
from tests.conftest import SETTINGS
from tests.people import MONDAY, audit_of

LAUNCH, REHEARSAL = ROOT / "events" / "launch.toml", ROOT / "events" / "rehearsal.toml"


def changed(tmp_path: Path, file: Path, before: str, after: str) -> Path:
    assert before in file.read_text()
    made = tmp_path / "event.toml"
    made.write_text(file.read_text().replace(before, after))
    return made


async def test_the_launch_is_what_was_published_and_no_more(database: Database) -> None:
    loaded = await event_file.load(LAUNCH, MONDAY, clock.real())
    event = await Event.get(slug="launch")
    assert (loaded.event.id, loaded.is_new) == (event.id, True)
    assert (event.day, event.state, event.rehearsal) == (date(2019, 4, 15), EventState.DRAFT, False)
    assert event.hosts == [{"name": "Safer Places"}, {"name": "Three Rivers District Council"}]
    assert (event.starts_at, event.ends_at, event.doors_open_at, event.venue, event.places) == (None, None, None, "", 0)
    unknown = (event.contact_email, event.contact_phone, event.lead_phone, event.access_facts, event.dpia_reference)
    assert (unknown, event.facts["privacy"]) == (("",) * 5, {})
    assert "not yet in force" in event.facts["law"]
    assert await audit_of(event) == [("loaded the event", "system", MONDAY)]


async def test_the_rehearsal_adds_hours_in_summer_time_and_says_that_it_is_one(database: Database) -> None:
    event = (await event_file.load(REHEARSAL, MONDAY, clock.real())).event
    assert event.starts_at == datetime(2019, 4, 15, 8, 30, tzinfo=UTC)
    assert (event.rehearsal, event.places, event.is_open(MONDAY)) == (True, 130, False)
    assert event.venue.startswith("Rehearsal Hall")
    assert b"Rehearsal Hall" not in (event.venue_sealed or b"")
    assert event.venue_for_guests == ""


async def test_loading_twice_changes_nothing_and_leaves_one_entry(database: Database) -> None:
    await event_file.load(REHEARSAL, MONDAY, clock.real())
    before = await Event.all().values()
    again = await event_file.load(REHEARSAL, MONDAY, clock.real())
    assert (again.is_new, again.changed) == (False, [])
    assert (await Event.all().values(), await AuditEntry.all().count()) == (before, 1)


async def test_a_new_file_changes_what_it_says_and_nothing_else(database: Database, tmp_path: Path) -> None:
    first = (await event_file.load(LAUNCH, MONDAY, clock.real())).event
    await Event.filter(id=first.id).update(capacity=80, state=EventState.OPEN)
    assert await take_place(first.id)
    again = await event_file.load(
        changed(tmp_path, LAUNCH, "Conference for professionals", "Conference"), MONDAY, clock.real()
    )
    event = await Event.get(id=first.id)
    assert again.changed == ["title"]
    assert (event.title, event.capacity, event.taken, event.state, event.salt) == (
        "Conference", 80, 1, EventState.OPEN, first.salt,
    )  # fmt: skip


async def test_what_organisers_entered_stays_where_the_file_does_not_say_it(database: Database, tmp_path: Path) -> None:
    """Loading the published file again erased contacts of the hosts and what the privacy notice says."""
    await event_file.load(REHEARSAL, MONDAY, clock.real())
    before = await Event.get(slug="launch").values("hosts", "facts", "rehearsal")
    again = await event_file.load(LAUNCH, MONDAY, clock.real())
    assert (again.changed, await Event.get(slug="launch").values("hosts", "facts", "rehearsal")) == ([], before)
    other = changed(tmp_path, LAUNCH, 'name = "Safer Places"', 'name = "Safer Places"\nphone = "01632 960 009"')
    await event_file.load(other, MONDAY, clock.real())
    event = await Event.get(slug="launch")
    assert event.hosts[0] == before["hosts"][0] | {"phone": "01632 960 009"}
    assert event.hosts[1] == before["hosts"][1]


KITCHEN = """[[processors]]
service = "catering"
name = "Sampleton Kitchen"
region = "France"

[facts]"""


async def test_of_the_launch_nobody_knows_who_hosts_it_or_sends_its_emails(database: Database) -> None:
    event = (await event_file.load(LAUNCH, MONDAY, clock.real())).event
    assert await Processor.all().count() == 0
    lacks = [lack for lack in await event_changes.missing(event) if "Processor register" in lack]
    assert lacks == [
        "Processor register: who runs the server (hosting)",
        "Processor register: who sends our emails (email relay)",
    ]


async def test_processors_come_with_the_file_and_stay_where_it_does_not_say_them(
    database: Database, tmp_path: Path
) -> None:
    event = (await event_file.load(REHEARSAL, MONDAY, clock.real())).event
    assert await event_changes.missing(event) == []
    before = {row["name"]: row for row in await Processor.all().order_by("id").values()}
    assert list(before) == [
        "Sample Hosting Limited", "Sample Relay Limited", "The venue", "Sampleton Kitchen", "Sampleton Pictures",
    ]  # fmt: skip
    assert (await event_file.load(LAUNCH, MONDAY, clock.real())).changed == []
    loaded = await event_file.load(changed(tmp_path, LAUNCH, "[facts]", KITCHEN), MONDAY, clock.real())
    after = {row["name"]: row for row in await Processor.all().order_by("id").values()}
    assert loaded.changed == ["processors"]
    assert after == before | {"Sampleton Kitchen": before["Sampleton Kitchen"] | {"region": "France", "version": 1}}
    again = await event_file.load(changed(tmp_path, LAUNCH, "[facts]", KITCHEN), MONDAY, clock.real())
    assert (again.changed, await AuditEntry.all().count()) == ([], 2)


async def test_what_the_file_does_not_know_of_a_processor_is_missing(database: Database, tmp_path: Path) -> None:
    event = (await event_file.load(changed(tmp_path, LAUNCH, "[facts]", KITCHEN), MONDAY, clock.real())).event
    lacks = [lack for lack in await event_changes.missing(event) if "Sampleton" in lack]
    assert lacks == [
        "Processor register: Sampleton Kitchen: what it does",
        "Processor register: Sampleton Kitchen: what personal data it receives",
        "Processor register: Sampleton Kitchen: until when it keeps the data",
        "Processor register: Sampleton Kitchen: the reference of the contract",
    ]


async def test_a_host_that_the_file_does_not_name_is_no_host_any_more(database: Database, tmp_path: Path) -> None:
    await event_file.load(REHEARSAL, MONDAY, clock.real())
    alone = changed(tmp_path, LAUNCH, '[[hosts]]\nname = "Three Rivers District Council"\n', "")
    await event_file.load(alone, MONDAY, clock.real())
    assert [host["name"] for host in (await Event.get(slug="launch")).hosts] == ["Safer Places"]


async def test_another_venue_is_held_back_until_it_is_released_anew(database: Database, tmp_path: Path) -> None:
    first = (await event_file.load(REHEARSAL, MONDAY, clock.real())).event
    await Event.filter(id=first.id).update(venue_released_at=MONDAY)
    await event_file.load(changed(tmp_path, REHEARSAL, "Rehearsal Hall", "Other Hall"), MONDAY, clock.real())
    event = await Event.get(id=first.id)
    assert (event.venue.split(",")[0], event.venue_for_guests) == ("Other Hall", "")
    entries = str([entry.details for entry in await AuditEntry.all()])
    assert ("venue" in entries, "Hall" in entries) == (True, False)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('title = "Conference for professionals"', "", "title is missing"),
        ("day = 2019-04-15", 'day = "Monday"', "day has to be a date"),
        ("day = 2019-04-15", "day = 2019-04-15T09:30:00", "day has to be a date"),
        ("day = 2019-04-15", "day = 2019-04-15\ncapacity = true", "capacity has to be a whole number"),
        ("day = 2019-04-15", "day = 2019-04-15\ncapacity = -1", "capacity has to be a whole number"),
        ("day = 2019-04-15", "day = 2019-04-15\ncapicity = 1", "means nothing here: capicity"),
        ("day = 2019-04-15", 'day = 2019-04-15\ncontact_email = "nobody"', "contact_email is no email address"),
        ('slug = "launch"', 'slug = "../x"', "slug has to be small letters"),
        ('slug = "launch"', f'slug = "{"a" * 61}"', "slug has to be 60 characters or fewer"),
        ('title = "Conference', f'title = "{"A" * 200}', "title has to be 200 characters or fewer"),
        ("day = 2019", f'contact_phone = "{"0" * 41}"\nday = 2019', "contact_phone has to be 40 characters or fewer"),
        ("day = 2019", f'dpia_reference = "{"D" * 101}"\nday = 2019', "dpia_reference has to be 100 characters"),
        ('name = "Safer Places"', 'nome = "Safer Places"', "needs a name"),
        ('name = "Safer Places"', 'name = "Safer Places"\nfax = "1"', "means nothing here: fax"),
        ("[facts]", "[hours]\nstarts = 09:30:00\nends = 09:00:00\n[facts]", "in the wrong order"),
        ("[facts]", "[facts]\nquote = 'x'", "means nothing here: quote"),
        ("[facts]", "[facts", "is not TOML"),
        ("[facts]", "[processors]\nname = 'x'\n[facts]", "processors has to be a list of tables"),
        ("[facts]", "[[processors]]\nname = 'x'\n[facts]", "needs a service: hosting, email, venue"),
        ("[facts]", KITCHEN.replace("catering", "cooking"), "needs a service: hosting, email, venue"),
        ("[facts]", KITCHEN.replace("Sampleton Kitchen", " "), "needs a name, except a venue"),
        ("[facts]", KITCHEN.replace("catering", "venue"), "service venue has a word that means nothing here: name"),
        ("[facts]", KITCHEN.replace("region", "smtp_host"), "catering has a word that means nothing here: smtp_host"),
        ("[facts]", KITCHEN.replace('"France"', "7"), "region has to be text in quotes"),
        ("[facts]", KITCHEN.replace("France", "F" * 101), "region has to be 100 characters or fewer"),
    ],
)
async def test_a_slip_is_named_and_nothing_is_loaded(
    database: Database, tmp_path: Path, before: str, after: str, says: str
) -> None:
    with pytest.raises(Refused, match=says):
        await event_file.load(changed(tmp_path, LAUNCH, before, after), MONDAY, clock.real())
    assert await Event.all().count() == 0


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        ("doors_open = 10:00:00", "doors_open 10:00, starts 09:30, ends 16:00"),
        ("ends = 09:15:00", "doors_open 09:00, starts 09:30, ends 09:15"),
        ("starts = 16:30:00", "doors_open 09:00, starts 16:30, ends 16:00"),
    ],
)
async def test_hours_have_to_fit_those_that_stay(database: Database, tmp_path: Path, hours: str, says: str) -> None:
    await event_file.load(REHEARSAL, MONDAY, clock.real())
    before = await Event.all().values()
    for day in ("2019-04-15", "2019-11-18"):
        part = changed(tmp_path, LAUNCH, "[facts]", f"[hours]\n{hours}\n[facts]")
        file = changed(tmp_path, part, "day = 2019-04-15", f"day = {day}")
        with pytest.raises(Refused, match=f"in the wrong order: {says}. What the file does not say of them stays"):
            await event_file.load(file, MONDAY, clock.real())
    assert (await Event.all().values(), await AuditEntry.all().count()) == (before, 1)


async def test_part_of_the_hours_is_loaded_where_it_fits(database: Database, tmp_path: Path) -> None:
    await event_file.load(REHEARSAL, MONDAY, clock.real())
    part = changed(tmp_path, LAUNCH, "[facts]", "[hours]\nends = 15:00:00\n[facts]")
    assert (await event_file.load(part, MONDAY, clock.real())).changed == ["ends_at"]
    assert (await Event.get(slug="launch")).hours_words == "09:30 to 15:00"


async def test_a_file_that_is_not_there_is_named(database: Database, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"There is no file none\.toml"):
        await event_file.load(tmp_path / "none.toml", MONDAY, clock.real())


def test_the_command_says_what_it_did(tmp_path: Path, sqlite_template: Path) -> None:
    product = Product(Database(f"sqlite://{shutil.copy(sqlite_template, tmp_path / 'muster.db')}", MODELS))
    said = [
        CliRunner().invoke(commands.event_group, ["load", str(file)], obj=product).output
        for file in (LAUNCH, LAUNCH, changed(tmp_path, LAUNCH, "Conference for", "Meeting of"), tmp_path / "none.toml")
    ]
    file = SETTINGS.data_keys / "launch.key"
    assert said == [
        f"launch: made.\n{commands.KEEP_DATA_KEY.format(file=file)}\n",
        "launch: nothing to change.\n",
        "launch: changed: title.\n",
        "Error: There is no file none.toml that can be read.\n",
    ]
    assert file.is_file()


async def test_another_day_makes_a_later_calendar_file_and_the_same_file_none(
    database: Database, tmp_path: Path
) -> None:
    first = (await event_file.load(REHEARSAL, MONDAY, clock.real())).event.calendar_version
    again = (await event_file.load(REHEARSAL, MONDAY, clock.real())).event.calendar_version
    put_off = changed(tmp_path, REHEARSAL, "day = 2019-04-15", "day = 2019-04-16")
    later = await event_file.load(put_off, MONDAY, clock.real())
    assert [again, (await Event.get(id=later.event.id)).calendar_version] == [first, first + 1]
