"""DR-33: the limit of the venue, over all entrances, which nobody at a door passes."""

from asyncio import gather
from collections import Counter

import pytest

from events.event import Event
from registrations.checkin.scan import Admission
from registrations.codes.verdict import OVERRIDES
from registrations.phones.door import Device, Door
from tests.at_the_door import a_phone_at, scan_of, with_the_override_of
from tests.people import a_door, a_room, an_event
from tests.registrations.checkin.limiting import holds, tickets_for
from tests.registrations.checkin.settling import says
from tests.registrations.offline import MINUTE, NINE, way_out


@pytest.fixture
async def entrances(event: Event) -> list[Device]:
    """Two, and the venue holds two people."""
    doors = [await holds(await a_door(event, name), 2) for name in ("Main door", "Side door")]
    return [await a_phone_at(await Door.get(id=door.id), f"{door.id}") for door in doors]


async def test_dr33_by_all_entrances_together_exactly_as_many_get_in_as_the_venue_holds(
    event: Event, entrances: list[Device]
) -> None:
    foreign = await an_event(slug="another-event")
    elsewhere = await a_phone_at(await holds(await a_door(foreign), 2))
    scans = [await scan_of(ticket) for ticket in await tickets_for(event, 12)]
    others = [await scan_of(ticket) for ticket in await tickets_for(foreign, 1)]
    answers = await gather(
        *(says(scan, entrances[n % 2]) for n, scan in enumerate(scans)), *(says(scan, elsewhere) for scan in others)
    )
    assert Counter(answer["verdict"] for answer in answers) == {"ok": 3, "speak_to_lead": 10}
    assert answers[-1]["verdict"] == "ok", "another event's guests are in another venue"
    assert {answer.get("cause") for answer in answers} == {None, "venue"}


async def test_dr33_nobody_at_the_door_passes_the_limit_of_the_venue_not_the_lead_either(
    event: Event, entrances: list[Device]
) -> None:
    *inside, ticket = await tickets_for(event, 3)
    for guest in inside:
        assert (await says(await scan_of(guest), entrances[0]))["verdict"] == "ok"
    lead = with_the_override_of(entrances[1])
    for code in sorted(OVERRIDES):
        answer = await says((await scan_of(ticket))._replace(code=code), lead, NINE + MINUTE)
        assert (answer["verdict"], answer["cause"]) == ("speak_to_lead", "venue")
    assert await Admission.all().count() == 2
    again = (await scan_of(inside[0]))._replace(code="left_without_scan")
    assert (await says(again, lead, NINE + MINUTE))["verdict"] == "ok", "who is in already takes no second place"
    await says(await way_out(inside[0]), lead, NINE + 2 * MINUTE)
    assert (await says(await scan_of(ticket), lead, NINE + 3 * MINUTE))["verdict"] == "ok"


async def test_dr33_a_full_room_keeps_nobody_out_of_the_venue_nor_a_full_venue_anybody_out_of_a_room(
    event: Event, entrances: list[Device]
) -> None:
    room = await holds(await a_room(event), 2)
    rita = await a_phone_at(await Door.get(id=room.id), "Workshop A 1")
    first, second, third = await tickets_for(event, 3)
    for by in (entrances[0], rita):
        for ticket in (first, second):
            assert (await says(await scan_of(ticket), by))["verdict"] == "ok"
    assert (await says(await scan_of(third), rita))["cause"] == "capacity"
    assert (await says(await scan_of(third), entrances[0]))["cause"] == "venue"
