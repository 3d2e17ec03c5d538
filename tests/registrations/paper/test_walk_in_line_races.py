"""Walk-ins on paper in whatever order and by however many they are typed up, beside phones: EV-06."""

import asyncio
from collections import Counter

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import query
from registrations.checkin import checkin
from registrations.checkin.scan import Scan
from registrations.checkin.walking_in.walk_in import Stage, WalkIn
from registrations.paper import printing, walk_in_lines
from registrations.paper.release import Release
from registrations.paper.sheet import Sheet, SheetKind, Tick
from registrations.paper.typing_up import Typed
from registrations.paper.walk_in_lines import UsedMeanwhile, Written
from registrations.people.registration import Registration
from registrations.phones.door import Device
from tests.at_the_door import a_ticket, scan_of
from tests.people import Person, requested
from tests.registrations.checkin.walking_in.made import a_walk_in
from tests.registrations.paper.releases import WREN, enters, used
from tests.registrations.paper.typing import EVENING, HALF_HOUR, IN_IT, open_conflicts, people_in


async def test_two_who_type_the_same_line_count_it_once(
    event: Event, omar: Staff, lena: Staff, sheet: Sheet, numbers: list[str]
) -> None:
    """DR-40. One of them reads the address otherwise: the line is one person's all the same."""
    other = WREN._replace(email="wrem@weekly.example.org")
    both = await asyncio.gather(*(
        enters(sheet, by, numbers[0], asked=asked) for by, asked in ((omar, WREN), (lena, other)) * 4
    ))  # fmt: skip
    assert Counter(entered.before for entered in both) == {False: 1, True: 7}
    assert len({entered.tick.id for entered in both}) == 1
    assert (await Tick.all().count(), await Scan.all().count(), await people_in(event)) == (1, 1, 1)
    assert await WalkIn.all().count() == await Registration.all().count() == 1, "nothing is left of the other"
    assert (await Event.get(id=event.id)).taken == 1


async def test_a_number_on_two_lines_at_the_same_moment_lets_one_in(
    event: Event, omar: Staff, lena: Staff, sheet: Sheet, numbers: list[str]
) -> None:
    asked = [WREN._replace(email=f"w{n}@weekly.example.org") for n in range(6)]
    both = await asyncio.gather(
        *(enters(sheet, by, numbers[0], n + 1, asked[n]) for n, by in enumerate((omar, lena) * 3)),
        return_exceptions=True,
    )
    assert sum(isinstance(entered, Typed) for entered in both) == 1, both
    refused = [entered for entered in both if not isinstance(entered, Typed)]
    assert all(isinstance(error, UsedMeanwhile | AssertionError) for error in refused), refused
    assert (await used(event), await people_in(event)) == ((24, 1), 1)
    assert (await Registration.all().count(), (await Event.get(id=event.id)).taken) == (1, 1)


async def test_without_the_index_a_number_lets_two_in(
    event: Event, omar: Staff, sheet: Sheet, numbers: list[str]
) -> None:
    """The control: the page's look alone would not keep them apart."""
    await query("DROP INDEX one_tick_a_release")
    release = await walk_in_lines.find_release(event, sheet, 1, numbers[0])
    assert isinstance(release, Release)
    for n in (1, 2):
        written = Written(n, WREN._replace(email=f"w{n}@weekly.example.org"), release)
        await walk_in_lines.enter(sheet, event, written, HALF_HOUR, omar, EVENING, clock.real())
    assert await used(event) != (24, 1)
    assert await people_in(event) == 2


async def test_a_number_gives_no_place_once_its_list_has_ended(
    event: Event, omar: Staff, lena: Staff, sheet: Sheet, numbers: list[str]
) -> None:
    """Between the page's look and its act; and where both are done at once, one of them is first."""
    found = [await walk_in_lines.find_release(event, sheet, n, numbers[n]) for n in (1, 2)]
    one, two = [Written(n, WREN._replace(email=f"w{n}@x.org"), release) for n, release in enumerate(found, 1)
                if isinstance(release, Release)]  # fmt: skip
    release_list = await Sheet.get(kind=SheetKind.RELEASE)
    typed, _ = await asyncio.gather(
        walk_in_lines.enter(sheet, event, one, HALF_HOUR, omar, EVENING, clock.real()),
        printing.end_releases(release_list, lena, EVENING),
        return_exceptions=True,
    )
    assert (await Event.get(id=event.id)).taken == await people_in(event) == isinstance(typed, Typed)
    with pytest.raises(UsedMeanwhile):
        await walk_in_lines.enter(sheet, event, two, HALF_HOUR, omar, EVENING, clock.real())
    assert (await Event.get(id=event.id)).taken == isinstance(typed, Typed)


async def test_the_same_person_on_two_lines_is_counted_once(
    event: Event, omar: Staff, sheet: Sheet, numbers: list[str]
) -> None:
    first = await enters(sheet, omar, numbers[0])
    again = await enters(sheet, omar, numbers[1], 2)
    assert (again.before, again.tick.id) == (True, first.tick.id)
    assert (await used(event), await people_in(event)) == ((24, 1), 1)


async def test_a_phone_that_scanned_them_too_agrees_within_the_block(
    event: Event, omar: Staff, sheet: Sheet, numbers: list[str], sid: Device, ada: Person
) -> None:
    await checkin.settle([await scan_of(await a_ticket(ada, event))], sid, IN_IT)
    await enters(sheet, omar, numbers[0], asked=WREN._replace(email=ada.email))
    assert (await open_conflicts(), await people_in(event)) == ([], 1)


async def test_one_whom_a_phone_had_asked_for_before_its_network_went_is_that_walk_in(
    event: Event, omar: Staff, sheet: Sheet, numbers: list[str], sid: Device, ada: Person
) -> None:
    waiting = await a_walk_in(await requested(ada, event), sid)
    await enters(sheet, omar, numbers[0], asked=WREN._replace(email=ada.email))
    assert ((await WalkIn.get()).id, (await WalkIn.get()).stage) == (waiting.id, Stage.APPROVED)
