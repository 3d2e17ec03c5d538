"""All acts of a day at the door in the same moment: nobody waits in a circle, and no limit is passed.

Scans and companions at rooms with a limit, undo, limits that are set, a roll call, paper, aliases, replaced tickets.
"""

from asyncio import gather
from collections.abc import Awaitable
from random import Random
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import run_tx
from events.ground.refusal import Refused
from registrations.booking import alias, own_needs
from registrations.checkin import checkin, closing, quarantine
from registrations.checkin.scan import Admission, ScanKind, Sent
from registrations.deciding import coming_along, vetting
from registrations.paper import walk_in_lines
from registrations.paper.sheet import SheetKind, Tick
from registrations.people.choices import Switch
from registrations.people.registration import Registration, State
from registrations.phones import door_changes, finding, guest_list, room_changes
from registrations.phones.door import Device, Door, DoorPass
from registrations.phones.together import mark_of
from registrations.roll_call import calling, list_keys, rows, ticking
from registrations.roll_call.calling import Pressed
from registrations.roll_call.roll_call import RollKind
from registrations.roll_call.ticking import SentPrint
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, scan_id, scan_of, undo_of
from tests.people import a_door, a_room
from tests.registrations.checkin.revoking import let_in
from tests.registrations.coming import a_guest, anew, comes_along
from tests.registrations.paper.releases import WREN, a_list, enters
from tests.registrations.paper.typing import EVENING, Begin
from tests.registrations.roll_call.marshals import an_id
from tests.registrations.roll_call.ticks import a_marshal, a_tick

LIMIT = 4
AT = EVENING


@run_tx
async def replaced(person: Registration) -> None:
    held = await anew(person)
    if held.state is State.APPROVED and await ticketing.end(held, AT):
        await ticketing.issue(held, AT, held=True)


async def a_house(event: Event) -> list[Device]:
    """Two entrances, and two rooms with two doors each, of one place at a time; each with a limit."""
    doors = [await a_door(event, "Main door"), await a_door(event, "Side door")]
    for name in ("Room A", "Room B"):
        room = await a_room(event, name)
        back = await a_door(event, f"{name}, back")
        await Door.filter(id=back.id).update(presence=room.id)
        doors += [room, back]
    await Door.filter(presence=0).update(capacity=2 * LIMIT)
    await Door.filter(presence__gt=0).update(capacity=LIMIT, one_place=True)
    return [await a_phone_at(await Door.get(id=door.id), f"Phone {n}") for n, door in enumerate(doors)]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_everything_at_once_and_nobody_waits_in_a_circle(
    event: Event, omar: Staff, lena: Staff, seed: int
) -> None:
    clock.move_to(AT)
    dice = Random(seed)  # noqa: S311
    phones = await a_house(event)
    guests = [await a_guest(event) for _ in range(8)]
    companions = [await comes_along(guest, State.APPROVED) for guest in guests]
    people = [*guests, *companions]
    tickets = {person.id: await Ticket.get(registration_id=person.id) for person in people}
    numbers, sheet = await a_list(event, omar), await Begin(event, await Door.get(id=phones[0].door_id), omar).sheet(
        ticks=9, kind=SheetKind.WALK_IN
    )  # fmt: skip
    marshals = [await a_marshal(await Door.get(id=phones[0].door_id), f"Marshal {n}") for n in range(2)]
    roll_call = await calling.start(event, Pressed(an_id(), RollKind.DRILL, AT), marshals[0], AT)
    row_of = {ticket.id: rows.row_of(await Event.get(id=event.id), ticket.n) for ticket in tickets.values()}
    gone = await a_phone_at(await Door.get(id=phones[1].door_id), "Gone")
    for person in people[:5]:
        await let_in(tickets[person.id], gone._replace(live=False), 20)
    done: list[Sent] = []
    failed: list[BaseException] = []

    async def settles(sent: list[Sent], by: Device) -> None:
        done.extend(sent)
        await checkin.settle(sent, by, AT)

    async def scans(person: Registration, by: Device) -> None:
        scan = await scan_of(tickets[person.id])
        await settles([scan], by)

    async def both(n: int, by: Device) -> None:
        scan = await scan_of(tickets[guests[n].id])
        theirs = scan._replace(id=scan_id(), mark=mark_of(tickets[companions[n].id].proof_hash), beside=scan.id)
        await settles([scan, theirs], by)

    async def alone(by: Device) -> None:
        some = dice.sample(people, 6)
        queue = [(await scan_of(tickets[person.id], age=100.0 - k))._replace(offline=True, shown="ok")
                 for k, person in enumerate(some)]  # fmt: skip
        queue.append((await scan_of(tickets[some[0].id]))._replace(kind=ScanKind.OUT))
        await settles(queue, by)

    async def accepts() -> None:
        for waits in await quarantine.waiting(event.id):
            await quarantine.accept(event, waits.id, waits.newest, omar, AT, clock.real())

    async def lines(n: int, by: Staff) -> None:
        found = await enters(sheet, by, numbers[n], n + 1, WREN._replace(email=f"w{n}@weekly.example.org"))
        if n % 2:
            await walk_in_lines.take_back(sheet, found.tick.id, by, AT, clock.real())

    async def lists(by: Device) -> None:
        await guest_list.since(by, 0, AT)

    async def fresh(device: Device) -> Device:
        return await finding.device_of(await DoorPass.get(id=device.id), clock.real())

    async def ticks(by: Device) -> None:
        some = [a_tick(row_of[tickets[person.id].id]) for person in dice.sample(people, 9)]
        await ticking.take(roll_call, some, [SentPrint(an_id(), 0.0)], by, AT)

    async def parts(n: int) -> None:
        await coming_along.unlink(await anew(companions[n]), omar, AT)
        await coming_along.link(await anew(companions[n]), await anew(guests[n]), omar, AT)

    async def watched(act: Awaitable[Any]) -> None:
        try:
            await act
        except (Refused, AssertionError):
            pass
        except Exception as error:
            failed.append(error)

    for turn in range(3):
        phones = [await fresh(device) for device in phones]
        acts: list[Awaitable[Any]] = [scans(person, dice.choice(phones)) for person in people]
        acts += [both(n, dice.choice(phones)) for n in range(8)]
        acts += [alone(device) for device in phones]
        acts += [
            checkin.settle([undo_of(scan)], dice.choice(phones), AT) for scan in dice.sample(done, min(6, len(done)))
        ]
        acts += [lists(device) for device in phones[::2]]
        room, entrance = await Door.get(id=phones[2].door_id), await Door.get(id=phones[0].door_id)
        acts += [
            room_changes.set_limit(room, LIMIT, omar, AT),
            room_changes.set_venue_limit(event, 2 * LIMIT, lena, AT),
        ]
        acts += [door_changes.set_one_place(room, one_place=True, by=omar, at=AT)]
        acts += [door_changes.change_door(entrance, None, clock.at_venue(AT.date(), 22, turn), omar, AT, clock.real())]
        acts += [calling.start(event, Pressed(an_id(), kind, AT), by, AT)
                 for kind in RollKind for by in (*marshals, omar)]  # fmt: skip
        acts += [ticks(by) for by in marshals * 2] + [list_keys.make_card(event, omar, AT)]
        acts += [lines(4 * turn + n, by) for n in range(4) for by in (omar, lena)]
        acts += [alias.note(await anew(guests[0]), False, omar, AT), parts(1), parts(2), accepts()]
        acts += [own_needs.switch(await anew(guests[3]), [Switch.OTHER_ENTRANCE], AT, clock.real())]
        acts += [replaced(guests[4]), replaced(companions[4]), vetting.withdraw(await anew(guests[5 + turn]), omar, AT)]
        acts += [closing.begin(event, omar, AT, clock.real()), closing.reopen(event, lena, AT)]
        dice.shuffle(acts)
        await gather(*(watched(act) for act in acts))
    assert [repr(error) for error in failed] == []
    assert await Tick.all().count() >= 6
    assert await Admission.all().count() > 0
