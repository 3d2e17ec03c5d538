"""A room that is for those who take part in its workshop: who comes in, who is sent where, and what a lead may do."""

from typing import Any

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from events.programme import changing
from events.programme.programme import ProgrammeItem, Words
from registrations.checkin import checkin
from registrations.checkin.scan import Admission, Scan
from registrations.codes.room import FOR_EVERYBODY, ComesIn, Room
from registrations.codes.sealing import ROW
from registrations.people.registration import Registration, State
from registrations.phones import finding, guest_list, room_changes
from registrations.phones.door import Device, Door, DoorPass
from registrations.phones.rights import short
from registrations.tickets.ticket import Ticket
from registrations.workshops import allocating, joining
from tests.at_the_door import a_phone_at, scan_of, with_the_override_of
from tests.events.programme.programmes import Filled, a_programme
from tests.people import MONDAY, a_door, a_room, an_event
from tests.registrations.checkin.settling import says
from tests.registrations.coming import comes_along
from tests.registrations.offline import MINUTE, NINE, let_in, said_of
from tests.registrations.phones.list_reading import of_number, read_blob
from tests.registrations.workshops.guests import a_guest, chooses

OTHER_PLACE = "wrong_door"


class Scene:
    """Ada takes part in the first workshop, Bo in the second, and Cleo in none. The room is for the first."""

    def __init__(self, event: Event, filled: Filled, guests: list[Registration], room: Door, by: Staff) -> None:
        self.event, self.filled, self.room, self.by = event, filled, room, by
        self.ada, self.bo, self.cleo = guests

    async def is_for(self, comes_in: ComesIn, *, limit: int = 0, workshop: bool = True) -> Device:
        """A phone at the room's door, for those."""
        of = self.filled.first.id if workshop else None
        await room_changes.set_room(self.room, Room(comes_in, self.filled.slot.id, of), self.by, NINE)
        await room_changes.set_limit(self.room, limit, self.by, NINE)
        known = await DoorPass.filter(door=self.room).first()
        if known:
            return await finding.device_of(known, clock.real())
        return await a_phone_at(self.room, "Room 1")

    async def says(self, guest: Registration, by: Device, **more: Any) -> dict[str, Any]:
        scan = (await scan_of(await ticket_of(guest)))._replace(**more)
        return await says(scan, by, NINE + MINUTE)

    async def verdict(self, guest: Registration, by: Device, **more: Any) -> str:
        return str((await self.says(guest, by, **more))["verdict"])


async def ticket_of(guest: Registration) -> Ticket:
    return await Ticket.get(registration_id=guest.id)


@pytest.fixture
async def scene(event: Event, omar: Staff) -> Scene:
    filled = await a_programme(event, omar)
    guests = [await a_guest(event) for _ in range(3)]
    await chooses(guests[0], filled.slot, filled.first.id)
    await chooses(guests[1], filled.slot, filled.second.id)
    await allocating.allocate(event, filled.slot.id, False, by=omar, at=MONDAY, real=clock.real())
    return Scene(event, filled, guests, await a_room(event), omar)


async def test_dr05_whose_room_it_is_comes_in_and_others_hear_where_they_are_due(scene: Scene) -> None:
    by = await scene.is_for(ComesIn.REGISTERED)
    assert await scene.verdict(scene.ada, by) == "ok"
    answer = await scene.says(scene.bo, by)
    words = scene.filled.second.words
    assert words is not None
    due = ", ".join(text for text in (words.title, words.room) if text)
    assert (answer["verdict"], answer["due"], answer["name"]) == (OTHER_PLACE, due, scene.bo.person.full_name)
    assert (await scene.says(scene.cleo, by))["due"] == ""
    assert await Admission.all().count() == 1
    kept = await Scan.filter(verdict=OTHER_PLACE)
    assert [row.answer for row in kept] == [{}, {}], "where they are due is kept with no scan"


async def test_dr05_a_repeated_scan_hears_where_they_are_due_now_and_a_late_one_nothing_of_it(scene: Scene) -> None:
    by = await scene.is_for(ComesIn.REGISTERED)
    scan = await scan_of(await ticket_of(scene.bo))
    first = await says(scan, by, NINE + MINUTE)
    assert await says(scan, by, NINE + MINUTE) == first
    assert "due" not in await says(scan, by, NINE + 10 * MINUTE)


async def test_before_places_are_given_out_nobody_is_let_in_and_a_room_for_everybody_lets_in_all(
    event: Event, omar: Staff
) -> None:
    filled, guest, room = await a_programme(event, omar), await a_guest(event), await a_room(event)
    await chooses(guest, filled.slot, filled.first.id)
    scene = Scene(event, filled, [guest] * 3, room, omar)
    assert await scene.verdict(guest, await scene.is_for(ComesIn.REGISTERED)) == OTHER_PLACE
    await room_changes.set_room(room, FOR_EVERYBODY, omar, NINE)
    [by] = [await finding.device_of(known, clock.real()) for known in await DoorPass.all()]
    assert await scene.verdict(guest, by) == "ok"


async def test_a_room_for_any_workshop_of_a_slot_lets_in_whoever_takes_part_in_one(scene: Scene) -> None:
    by = await scene.is_for(ComesIn.REGISTERED, workshop=False)
    assert [await scene.verdict(guest, by) for guest in (scene.ada, scene.bo, scene.cleo)] == ["ok", "ok", OTHER_PLACE]


async def test_ev05_whoever_comes_along_comes_in_with_their_guest(scene: Scene) -> None:
    by = await scene.is_for(ComesIn.REGISTERED)
    companions = [await comes_along(guest, State.APPROVED) for guest in (scene.ada, scene.bo)]
    assert [await scene.verdict(companion, by) for companion in companions] == ["ok", OTHER_PLACE]


async def test_who_may_still_join_comes_in_where_a_place_is_left_that_is_kept_for_nobody(scene: Scene) -> None:
    by = await scene.is_for(ComesIn.JOINING, limit=1)
    joins = await scene.says(scene.cleo, by)
    assert (joins["verdict"], joins["cause"]) == ("speak_to_lead", "kept"), "the place is Ada's"
    assert await scene.verdict(scene.bo, by) == OTHER_PLACE, "who is due elsewhere does not join"
    by = await scene.is_for(ComesIn.JOINING, limit=2)
    assert await scene.verdict(scene.cleo, by) == "ok"
    assert await scene.verdict(scene.ada, by) == "ok"
    late = await scene.says(await a_guest(scene.event), by)
    assert (late["verdict"], late["cause"]) == ("speak_to_lead", "capacity"), "now it is full"


async def test_dr05_a_ticket_that_is_no_good_comes_before_another_room_and_another_room_before_the_hours(
    scene: Scene,
) -> None:
    by = (await scene.is_for(ComesIn.REGISTERED))._replace(closes_at=NINE)
    assert await scene.verdict(scene.ada, by) == "too_late"
    assert await scene.verdict(scene.bo, by) == OTHER_PLACE
    await Registration.filter(id=scene.bo.id).update(state=State.CANCELLED)
    assert await scene.verdict(scene.bo, by) == "ask_lead"


@pytest.mark.parametrize("code", ["changed_workshop", "belongs_here"])
async def test_a_lead_lets_somebody_in_where_a_place_is_left_and_a_steward_does_not(scene: Scene, code: str) -> None:
    by = await scene.is_for(ComesIn.REGISTERED, limit=1)
    lead = with_the_override_of(by)
    assert await scene.verdict(scene.bo, by, code=code) == OTHER_PLACE
    assert await scene.verdict(scene.bo, lead, code=code) == "speak_to_lead", "the one place is kept for Ada"
    assert await scene.verdict(scene.bo, lead, code="has_room") == "ok"
    by = await scene.is_for(ComesIn.REGISTERED, limit=3)
    assert await scene.verdict(scene.cleo, with_the_override_of(by), code=code) == "ok"


async def test_whom_a_phone_alone_let_in_stands_without_a_conflict(scene: Scene) -> None:
    by = await scene.is_for(ComesIn.REGISTERED, limit=1)
    scan = await let_in(await ticket_of(scene.bo), sent=NINE + 20 * MINUTE, at=NINE)
    assert await said_of(scan, by, NINE + 20 * MINUTE) == {"verdict": "ok"}
    assert await Admission.all().count() == 1


# What phones hold


async def rows_at(by: Device, scene: Scene, *guests: Registration) -> list[dict[str, Any]]:
    blob = read_blob(await guest_list.since(by, 0, NINE + MINUTE))
    assert {len(row) for row in blob.rows.values()} == {ROW}
    tickets = [await ticket_of(guest) for guest in guests]
    found = [await of_number(scene.event, ticket.n, blob) for ticket in tickets]
    return [{key: row[key] for key in ("s", "w", "j") if key in row} for row in found if row]


async def test_dr48_the_list_of_a_room_says_whose_it_is_and_no_other_list_does(scene: Scene) -> None:
    guests = (scene.ada, scene.bo, scene.cleo)
    words = scene.filled.second.words
    assert words is not None
    due = ", ".join(text for text in (words.title, words.room) if text)
    by = await scene.is_for(ComesIn.REGISTERED)
    assert await rows_at(by, scene, *guests) == [{"s": "ok"}, {"s": "ok", "w": short(due)}, {"s": "ok", "w": ""}]
    by = await scene.is_for(ComesIn.JOINING, limit=3)
    assert await rows_at(by, scene, *guests) == [{"s": "ok"}, {"s": "ok", "w": short(due)}, {"s": "ok", "j": 1}]
    assert read_blob(await guest_list.since(by, 0, NINE)).places == (0, 3, 1)
    sid = await a_phone_at(await a_door(scene.event))
    assert await rows_at(sid, scene, *guests) == [{"s": "ok"}] * 3


async def test_dr48_who_changes_workshops_is_on_the_next_list_and_in_the_news(scene: Scene) -> None:
    by = await scene.is_for(ComesIn.REGISTERED)
    had = read_blob(await guest_list.since(by, 0, NINE))
    await joining.move(scene.bo, scene.filled.slot.id, scene.filled.first.id, scene.by, NINE, clock.real())
    news = read_blob(await guest_list.since(by, had.version, NINE))
    assert news.base == had.version
    row = await of_number(scene.event, (await ticket_of(scene.bo)).n, news)
    assert row is not None
    assert "w" not in row
    assert await scene.verdict(scene.bo, by) == "ok"


async def test_dr48_a_workshop_that_is_called_otherwise_is_so_on_the_next_list(scene: Scene) -> None:
    by = await scene.is_for(ComesIn.REGISTERED)
    had = read_blob(await guest_list.since(by, 0, NINE))
    item = await ProgrammeItem.get(id=scene.filled.second.id).select_related("event")
    words = Words("Police work", "", "Room 2", "")
    await changing.change_workshop(item, words, 2, item.version, by=scene.by, at=NINE, real=clock.real())
    assert read_blob(await guest_list.since(by, had.version, NINE)).base == 0, "a whole one"
    assert await rows_at(by, scene, scene.bo) == [{"s": "ok", "w": "Police work, Room 2"}]


async def test_a_room_is_for_what_is_in_the_events_own_programme_and_an_entrance_for_nothing(scene: Scene) -> None:
    foreign = await an_event(slug="another-event")
    theirs = await a_programme(foreign, scene.by)
    entrance = await a_door(scene.event)
    for door, slot, workshop in (
        (scene.room, theirs.slot.id, theirs.first.id),
        (scene.room, scene.filled.slot.id, theirs.first.id),
        (entrance, scene.filled.slot.id, scene.filled.first.id),
    ):
        with pytest.raises(Refused):
            await room_changes.set_room(door, Room(ComesIn.REGISTERED, slot, workshop), scene.by, NINE)
    assert [door.comes_in for door in await Door.all()] == [ComesIn.EVERYBODY] * 2


async def test_a_room_whose_slot_is_taken_out_is_for_everybody_again(scene: Scene) -> None:
    await scene.is_for(ComesIn.REGISTERED)
    first, second = [
        await ProgrammeItem.get(id=workshop.id).select_related("event")
        for workshop in (scene.filled.first, scene.filled.second)
    ]
    await changing.take_out(second, by=scene.by, at=NINE, real=clock.real())
    with pytest.raises(Refused, match="whom that room is for"):  # nobody who is not meant may come in unnoticed
        await changing.take_out(first, by=scene.by, at=NINE, real=clock.real())
    any_of_them = Room(ComesIn.REGISTERED, scene.filled.slot.id)
    await room_changes.set_room(scene.room, any_of_them, scene.by, NINE)
    await changing.take_out(first, by=scene.by, at=NINE, real=clock.real())
    await changing.take_out_slot(scene.event, scene.filled.slot.id, by=scene.by, at=NINE)
    [by] = [await finding.device_of(known, clock.real()) for known in await DoorPass.all()]
    scans = [await scan_of(await ticket_of(guest)) for guest in (scene.ada, scene.bo)]
    assert [answer["verdict"] for answer in await checkin.settle(scans, by, NINE)] == ["ok", "ok"]
