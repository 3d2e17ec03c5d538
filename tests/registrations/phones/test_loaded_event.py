"""What doors and phones learn of a file that changes the event: another day, and more places."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from events import event_file
from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from registrations.phones import door_changes, guest_list, pairing
from registrations.phones.door import Device, Door, DoorPass, PassRole
from server import ROOT
from tests.at_the_door import a_ticket
from tests.people import MONDAY, a_door, audit_of, someone
from tests.registrations.phones.list_reading import LATER, read_blob

LAUNCH, REHEARSAL = ROOT / "events" / "launch.toml", ROOT / "events" / "rehearsal.toml"
WINTER = date(2019, 11, 18)  # another offset from UTC than in April


def moved(tmp_path: Path, file: Path, event: Event, day: date) -> Path:
    made = tmp_path / "event.toml"
    said = file.read_text().replace('slug = "launch"', f'slug = "{event.slug}"')
    made.write_text(said.replace("day = 2019-04-15", f"day = {day}"))
    return made


def hours(event: Event) -> list[datetime | None]:
    return [event.doors_open_at, event.starts_at, event.ends_at]


@pytest.fixture
async def workshop(event: Event, omar: Staff) -> Door:
    """It has hours of its own."""
    door = await a_door(event, "Workshop")
    opens, closes = (clock.at_venue(event.day, hour, 0) for hour in (11, 13))
    await door_changes.change_door(door, opens, closes, omar, MONDAY, clock.real())
    return door


async def test_hours_that_the_file_does_not_say_move_by_the_venues_clock(event: Event, tmp_path: Path) -> None:
    loaded = await event_file.load(moved(tmp_path, LAUNCH, event, WINTER), MONDAY, clock.real())
    assert {"day", "doors_open_at", "ends_at", "starts_at"} <= set(loaded.changed)
    assert hours(await Event.get(id=event.id)) == [
        datetime(2019, 11, 18, 9, 0, tzinfo=UTC),
        datetime(2019, 11, 18, 9, 30, tzinfo=UTC),
        datetime(2019, 11, 18, 16, 0, tzinfo=UTC),
    ]


async def test_hours_that_the_file_says_are_those_of_the_file(event: Event, tmp_path: Path) -> None:
    file = moved(tmp_path, LAUNCH, event, WINTER)
    file.write_text(file.read_text() + "[hours]\nstarts = 10:30:00\n")
    loaded = (await event_file.load(file, MONDAY, clock.real())).event
    assert [clock.local(moment).time() for moment in hours(loaded) if moment] == [time(9), time(10, 30), time(16)]
    assert {clock.local(moment).date() for moment in hours(loaded) if moment} == {WINTER}


async def test_hours_that_nobody_has_entered_stay_open(event: Event, tmp_path: Path) -> None:
    await Event.filter(id=event.id).update(doors_open_at=None, ends_at=None)
    loaded = (await event_file.load(moved(tmp_path, LAUNCH, event, WINTER), MONDAY, clock.real())).event
    assert hours(loaded) == [None, datetime(2019, 11, 18, 9, 30, tzinfo=UTC), None]


async def test_a_doors_own_hours_move_too_and_phones_can_be_paired(
    event: Event, workshop: Door, lena: Staff, tmp_path: Path
) -> None:
    plain = await a_door(event)
    await event_file.load(moved(tmp_path, LAUNCH, event, WINTER), MONDAY, clock.real())
    door = await Door.get(id=workshop.id).select_related("event")
    assert [door.opens_at, door.closes_at] == [datetime(2019, 11, 18, hour, tzinfo=UTC) for hour in (11, 13)]
    assert (await audit_of(door))[-1] == ("changed a door", "system", MONDAY)
    assert await Door.get(id=plain.id).values_list("opens_at", "closes_at") == (None, None)
    day_before = clock.at_venue(WINTER - timedelta(days=1), 12, 0)
    for found in (door, await Door.get(id=plain.id).select_related("event")):
        made = await pairing.make_pass(found, "One", PassRole.STEWARD, lena, day_before, clock.real())
        assert made.door_pass.door_id == found.id


async def test_passes_go_to_the_new_day_with_the_hours_of_their_door(
    event: Event, workshop: Door, lena: Staff, tmp_path: Path
) -> None:
    doors = [workshop.id, (await a_door(event)).id]

    async def closes() -> list[datetime]:
        found = await Door.filter(id__in=doors).select_related("event").order_by("id")
        return [pairing._planned_close(door.event, door) for door in found]

    async def ends() -> list[datetime]:
        return [made.expires_at for made in await DoorPass.filter(door_id__in=doors).order_by("door_id")]

    real = clock.real()
    for door in await Door.filter(id__in=doors).select_related("event"):
        await pairing.make_pass(door, "One", PassRole.STEWARD, lena, MONDAY, real)
    planned, ended = await closes(), await ends()
    await event_file.load(moved(tmp_path, LAUNCH, event, WINTER), MONDAY, real)
    by = [after - before for after, before in zip(await closes(), planned, strict=True)]
    assert [after - before for after, before in zip(await ends(), ended, strict=True)] == by
    assert min(by) > timedelta(days=200)


async def test_loading_the_same_day_again_moves_no_door(event: Event, workshop: Door, tmp_path: Path) -> None:
    before = await Door.all().values()
    await event_file.load(moved(tmp_path, REHEARSAL, event, event.day), MONDAY, clock.real())
    assert await Door.all().values() == before


async def test_more_places_in_the_file_mean_a_whole_list_with_more_rows(
    event: Event, sid: Device, tmp_path: Path
) -> None:
    await a_ticket(someone(), event)
    had = read_blob(await guest_list.since(sid, 0, LATER))
    file = moved(tmp_path, LAUNCH, event, event.day)
    file.write_text(f"capacity = 150\n{file.read_text()}")
    await event_file.load(file, MONDAY, clock.real())
    whole = read_blob(await guest_list.since(sid, had.version, LATER))
    assert (len(had.rows), whole.base, len(whole.rows)) == (170, 0, 200)
