"""A whole morning at two doors, from a seed, over HTTP: phones that pair, follow the list, judge alone and catch up.

The phones are simulated and carry the real list; everything else is the product, reached as these reach it.
"""

import random
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from events.accounts.staff import Staff
from events.event import Event, release_place
from events.ground.database import Database
from registrations.codes import sealing
from registrations.people.registration import Registration, State
from registrations.phones import guest_list
from registrations.phones.door import Door, DoorPass
from registrations.tickets.ticket import Ticket, code_of, secret_of
from tests.at_the_door import a_ticket
from tests.browser import browsing, words
from tests.door_phone import HttpPhone, Row, a_paired_phone, proof_text
from tests.people import THE_DAY, Person, a_door
from tests.registrations.phones.list_reading import read_blob

BEGINS = THE_DAY + timedelta(minutes=5)
GUESTS, UNINVITED = 200, 9
CUTS = {"Main door": range(40, 80), "Garden door": range(0)}  # the first time one door is cut off,
ALL_CUT = range(120, 165)  # the second time both are
AT_ONCE = 12  # scans; fewer than a real phone sends, so that there are several batches
LOST_AT = 150  # and meanwhile a phone goes missing


@dataclass
class Guest:
    person: Person
    ticket: Ticket
    proof: str
    sealed: sealing.Derived
    code: str
    entries: set[str] = field(default_factory=set)  # the scans that let them through, whoever let them in


@dataclass
class Carried:
    """What one phone holds."""

    http: HttpPhone
    door: str
    online: bool = True
    lost: bool = False
    queue: list[Row] = field(default_factory=list)
    own: set[str] = field(default_factory=set)
    rows: dict[bytes, bytes] = field(default_factory=dict)
    salt: bytes = b""
    version: int = 0
    right_at: float = 0.0

    def says(self, guest: Guest, now: float) -> tuple[str, str]:
        """The verdict from its list, and the tap of the steward who looks at the work ID."""
        record = sealing.open_row(self.rows[guest.sealed.id], guest.sealed.key, self.salt)
        if guest.proof in self.own or "i" in record:
            return "already_in", ""
        if record["s"] != "ok":
            return record["s"], ""
        return ("ok", "") if now - self.right_at <= guest_list.FRESH else ("check_id", "id_seen")


class Morning:
    """`seconds` is the only clock there is: the machine's and the event's are both read from it."""

    def __init__(self, seed: int, database: Database, event: Event, omar: Staff) -> None:
        self.database, self.event, self.omar = database, event, omar
        self.rng = random.Random(seed)  # noqa: S311
        self.seconds = 0.0
        self.made: set[str] = set()  # every scan that a phone ever made,
        self.reached: set[str] = set()  # and those that the server had, whatever the phone heard of it

    def real(self) -> datetime:
        return BEGINS + timedelta(seconds=self.seconds)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Morning"]:
        """Guests have their tickets, and two phones stand at each of the doors."""
        self.guests = [await self.a_guest(n) for n in range(GUESTS)]
        self.uninvited = [await self.a_guest(GUESTS + n, dead=True) for n in range(UNINVITED)]
        async with AsyncExitStack() as stack:
            self.phones: list[Carried] = []
            for name in CUTS:
                door = await a_door(self.event, name)
                self.phones += [await stack.enter_async_context(self.a_phone(door, n)) for n in (1, 2)]
            yield self

    async def a_guest(self, n: int, *, dead: bool = False) -> Guest:
        person = Person(
            f"Wilhelmina{n:03d} Finchworthy{n:03d}", f"w{n:03d}@canary{n:03d}.example.org", f"House{n:03d} of Canaries",
            "charity", "Advocate",
        )  # fmt: skip
        ticket = await a_ticket(person, self.event)
        if dead:
            gone = self.rng.choice([State.CANCELLED, State.WAITING, State.NOT_OFFERED])
            await Registration.filter(id=ticket.registration_id).update(state=gone)
            await Ticket.filter(id=ticket.id).update(revoked_at=THE_DAY)
            await release_place(self.event.id)
        event = await Event.get(id=self.event.id)
        derived = sealing.derive(secret_of(event, ticket.n), event.salt)
        return Guest(person, ticket, await proof_text(ticket), derived, code_of(event, ticket.n))

    @asynccontextmanager
    async def a_phone(self, door: Door, n: int) -> AsyncIterator[Carried]:
        async with a_paired_phone(self.database, door, self.omar, f"{door.name} {n}") as http:
            phone = Carried(http, door.name)
            await self.follow(phone)
            yield phone

    # the morning

    async def goes_by(self) -> None:
        for n in self.rng.sample(range(GUESTS), GUESTS):
            arrived = self.arrived = getattr(self, "arrived", -1) + 1
            for phone in self.phones:
                await self.network(phone, cut=arrived in ALL_CUT or arrived in CUTS[phone.door])
            await self.comes(self.guests[n], self.at_the_door_of(n))
            await self.something_else(n, arrived)
            if arrived == LOST_AT:
                max(
                    (phone for phone in self.phones if phone.door == "Garden door"), key=lambda phone: len(phone.queue)
                ).lost = True
        for phone in self.phones:
            await self.network(phone, cut=False)
            await self.catches_up(phone)

    def at_the_door_of(self, n: int) -> Carried:
        door = list(CUTS)[n % len(CUTS)]
        return self.rng.choice([phone for phone in self.phones if phone.door == door and not phone.lost])

    async def something_else(self, n: int, arrived: int) -> None:
        """A ticket held up again, one that is no good, a code that is none, and the beat of every phone."""
        self.seconds += self.rng.uniform(6, 14)
        if self.rng.random() < 0.15:
            await self.comes(self.guests[n], self.at_the_door_of(n))
        if arrived % 20 == 7 and self.uninvited:
            await self.comes(self.uninvited.pop(), self.rng.choice([phone for phone in self.phones if not phone.lost]))
        if arrived % 50 == 9:
            phone = self.at_the_door_of(n)
            await self.sends(phone, self.kept(phone, {"kind": "invalid", "length": 20, "shown": "invalid"}))
        if arrived % 5 == 0:
            for phone in self.phones:
                await self.catches_up(phone)

    async def network(self, phone: Carried, *, cut: bool) -> None:
        was, phone.online = phone.online, not cut and not phone.lost
        if phone.online and not was:
            await self.catches_up(phone)

    def kept(self, phone: Carried, row: Row) -> Row:
        """Stored before anything is shown or sent."""
        row |= {"id": f"{self.rng.getrandbits(128):032x}", "_at": self.seconds}
        phone.queue.append(row)
        self.made.add(row["id"])
        return row

    async def comes(self, guest: Guest, phone: Carried) -> None:
        row = self.kept(phone, {"kind": "in", "proof": guest.proof})
        if phone.online:
            heard = await self.sends(phone, row, lost=self.rng.random() < 0.1)
            if row["id"] in heard:
                self.through(phone, guest, row, heard[row["id"]]["verdict"] == "ok")
                return
        shown, tap = phone.says(guest, self.seconds)
        row |= {"offline": True, "shown": shown, "tap": tap}
        self.through(phone, guest, row, shown == "ok" or tap != "")

    def through(self, phone: Carried, guest: Guest, row: Row, let_in: bool) -> None:
        if let_in:
            guest.entries.add(row["id"])
            phone.own.add(guest.proof)

    # between phone and server

    async def sends(self, phone: Carried, *rows: Row, lost: bool = False) -> dict[str, Any]:
        """The answers by their ids; none where the network is cut, or the answer got lost on its way."""
        if not phone.online:
            return {}
        told = [{name: value for name, value in row.items() if name != "_at"} | {"age": self.seconds - row["_at"]}
                for row in rows]  # fmt: skip
        left = len(phone.queue) - len(rows)
        said = await phone.http.sends(*told, to_send=left, list_version=phone.version)
        self.reached |= {row["id"] for row in rows}
        if said.status_code == 410 or lost:
            return {}
        body = said.json()
        heard = {answer["id"]: answer for answer in body["answers"]}
        phone.queue = [row for row in phone.queue if row["id"] not in heard]
        phone.right_at = self.seconds
        if body["version"] != phone.version:
            await self.follow(phone)
        return heard

    async def follow(self, phone: Carried) -> None:
        answer = await phone.http.client.get(f"/door/api/list?since={phone.version}")
        news = read_blob(answer.content)
        phone.rows = (phone.rows if news.base else {}) | news.rows
        phone.version, phone.salt, phone.right_at = news.version, news.salt, self.seconds

    async def catches_up(self, phone: Carried) -> None:
        """Oldest first, some at a time, each with its id; whatever was not answered is sent again."""
        while phone.queue and phone.online:
            self.seconds += 1
            await self.sends(phone, *phone.queue[:AT_ONCE], lost=self.rng.random() < 0.3)
        await self.sends(phone)

    async def is_switched_on_by_whoever_found_it(self, phone: Carried) -> int:
        """Its scans are handed over, and all it hears is that it is over: 410."""
        sent = phone.queue
        phone.lost, phone.online = False, True
        assert await self.sends(phone, *sent) == {}
        assert (await phone.http.asks_for_its_pass()).status_code == 410
        return len(sent)

    # the desk

    async def revokes(self, phone: Carried) -> DoorPass:
        """In a tap, on the page of the doors."""
        passes = await DoorPass.filter(event=self.event).order_by("last_seen_at").prefetch_related("door")
        silent = next(door_pass for door_pass in passes if door_pass.door.name == phone.door)
        async with browsing(self.database, self.omar) as desk:
            await desk.post(f"/desk/{self.event.slug}/phones/{silent.id}/revoke")
        return silent

    async def accepts_the_scans_of(self, door_pass: DoorPass) -> None:
        async with browsing(self.database, self.omar) as desk:
            page = (await desk.get(f"/desk/{self.event.slug}/conflicts")).text
            [newest] = set(re.findall(r'name="newest" value="([0-9]+)"', page))
            path = f"/desk/{self.event.slug}/phones/{door_pass.id}/scans/accept"
            assert (await desk.post(path, data={"newest": newest})).status_code == 303

    async def board(self) -> str:
        async with browsing(self.database, self.omar) as desk:
            return words((await desk.get(f"/desk/{self.event.slug}/board")).text)
