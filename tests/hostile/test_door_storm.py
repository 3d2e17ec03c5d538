"""All acts of a day at the door in the same moment: nobody waits in a circle, and no limit is passed.

Scans and companions at rooms with a limit, undo, limits that are set, a roll call, paper, aliases, replaced tickets.
"""

from asyncio import gather
from collections.abc import Awaitable
from random import Random
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.audit.audit import Actor
from events.event import Event
from events.ground import clock
from events.ground.database import run_tx
from events.ground.refusal import Refused
from registrations.booking import alias, own_needs
from registrations.checkin import checkin, closing, quarantine
from registrations.checkin.scan import Admission, ScanKind, Sent
from registrations.deciding import coming_along, vetting
from registrations.paper import taking_lines_back
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


class Storm:
    """Sixteen people in pairs, six phones at doors, two marshals, a sheet of walk-ins, and a phone that was revoked."""

    def __init__(self, event: Event, by: Staff, other: Staff, seed: int) -> None:
        self.event, self.by, self.other = event, by, other
        self.dice = Random(seed)  # noqa: S311
        self.done: list[Sent] = []
        self.failed: list[str] = []

    async def begin(self) -> None:
        event, by = self.event, self.by
        self.phones = await a_house(event)
        self.guests = [await a_guest(event) for _ in range(8)]
        self.companions = [await comes_along(guest, State.APPROVED) for guest in self.guests]
        self.people = [*self.guests, *self.companions]
        self.tickets = {person.id: await Ticket.get(registration_id=person.id) for person in self.people}
        door = await Door.get(id=self.phones[0].door_id)
        self.numbers = await a_list(event, by)
        self.sheet = await Begin(event, door, by).sheet(ticks=9, kind=SheetKind.WALK_IN)
        self.marshals = [await a_marshal(door, f"Marshal {n}") for n in range(2)]
        self.roll_call = await calling.start(event, Pressed(an_id(), RollKind.DRILL, AT), self.marshals[0], AT)
        gone = await a_phone_at(door, "Gone")
        for person in self.people[:5]:
            await let_in(self.tickets[person.id], gone._replace(live=False), 20)

    async def settles(self, sent: list[Sent], by: Device) -> None:
        self.done += sent
        await checkin.settle(sent, by, AT)

    async def scans(self, person: Registration, by: Device) -> None:
        await self.settles([await scan_of(self.tickets[person.id])], by)

    async def both(self, n: int, by: Device) -> None:
        scan, other = await scan_of(self.tickets[self.guests[n].id]), self.tickets[self.companions[n].id]
        theirs = scan._replace(id=scan_id(), mark=mark_of(other.proof_hash), beside=scan.id)
        await self.settles([scan, theirs], by)

    async def alone(self, by: Device) -> None:
        some = [self.tickets[person.id] for person in self.dice.sample(self.people, 6)]
        queue = [(await scan_of(ticket, age=100.0 - k))._replace(offline=True, shown="ok")
                 for k, ticket in enumerate(some)]  # fmt: skip
        await self.settles([*queue, (await scan_of(some[0]))._replace(kind=ScanKind.OUT)], by)

    async def accepts(self) -> None:
        for waits in await quarantine.waiting(self.event.id):
            await quarantine.accept(self.event, waits.id, waits.newest, self.by, AT, clock.real())

    async def line(self, n: int, by: Staff) -> None:
        found = await enters(self.sheet, by, self.numbers[n], n + 1, WREN._replace(email=f"w{n}@weekly.example.org"))
        if n % 2:
            await taking_lines_back.take_back(self.sheet, found.tick.id, by, AT, clock.real())

    async def ticks(self, by: Device) -> None:
        event = await Event.get(id=self.event.id)
        some = [self.tickets[person.id].n for person in self.dice.sample(self.people, 9)]
        ticked = [a_tick(rows.row_of(event, n)) for n in some]
        await ticking.take(self.roll_call, ticked, [SentPrint(an_id(), 0.0)], by, AT)

    async def parts(self, n: int) -> None:
        await coming_along.unlink(await anew(self.companions[n]), self.by, AT)
        await coming_along.link(await anew(self.companions[n]), await anew(self.guests[n]), self.by, AT)

    def at_doors(self) -> list[Awaitable[Any]]:
        pick, phones = self.dice.choice, self.phones
        undone = self.dice.sample(self.done, min(6, len(self.done)))
        return [
            *(self.scans(person, pick(phones)) for person in self.people),
            *(self.both(n, pick(phones)) for n in range(8)),
            *(self.alone(device) for device in phones),
            *(checkin.settle([undo_of(scan)], pick(phones), AT) for scan in undone),
            *(guest_list.since(device, 0, AT) for device in phones[::2]),
        ]

    async def at_the_desk(self, turn: int) -> list[Awaitable[Any]]:
        event, by, other = self.event, self.by, self.other
        room, entrance = [await Door.get(id=self.phones[n].door_id) for n in (2, 0)]
        closes = clock.at_venue(AT.date(), 22, turn)
        return [
            room_changes.set_limit(room, LIMIT, by, AT), room_changes.set_venue_limit(event, 2 * LIMIT, other, AT),
            door_changes.set_one_place(room, one_place=True, by=by, at=AT),
            door_changes.change_door(entrance, None, closes, by, AT, clock.real()),
            *(self.line(4 * turn + n, who) for n in range(4) for who in (by, other)),
            alias.note(await anew(self.guests[0]), False, by, AT), self.parts(1), self.parts(2), self.accepts(),
            own_needs.switch(await anew(self.guests[3]), [Switch.OTHER_ENTRANCE], AT, clock.real()),
            replaced(self.guests[4]), replaced(self.companions[4]),
            vetting.withdraw(await anew(self.guests[5 + turn]), by, AT),
            closing.begin(event, by, AT, clock.real()), closing.reopen(event, other, AT),
        ]  # fmt: skip

    def of_marshals(self) -> list[Awaitable[Any]]:
        starters: list[Actor] = [*self.marshals, self.by]
        starts = [(Pressed(an_id(), kind, AT), by) for kind in RollKind for by in starters]
        return [
            *(calling.start(self.event, pressed, by, AT) for pressed, by in starts),
            *(self.ticks(by) for by in self.marshals * 2), list_keys.make_card(self.event, self.by, AT),
        ]  # fmt: skip

    async def watched(self, act: Awaitable[Any]) -> None:
        try:
            await act
        except (Refused, AssertionError):  # AssertionError: its number was used a moment ago
            pass
        except Exception as error:  # a deadlock, of either database's own kind
            self.failed.append(repr(error))

    async def rages(self, turn: int) -> None:
        phones = await DoorPass.filter(id__in=[device.id for device in self.phones]).order_by("id")
        self.phones = [await finding.device_of(phone, clock.real()) for phone in phones]
        acts = [*self.at_doors(), *await self.at_the_desk(turn), *self.of_marshals()]
        self.dice.shuffle(acts)
        await gather(*(self.watched(act) for act in acts))


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_everything_at_once_and_nobody_waits_in_a_circle(
    event: Event, omar: Staff, lena: Staff, seed: int
) -> None:
    clock.move_to(AT)
    storm = Storm(event, omar, lena, seed)
    await storm.begin()
    for turn in range(3):
        await storm.rages(turn)
    assert storm.failed == []
    assert await Tick.all().count() >= 6
    assert await Admission.all().count() > 0
