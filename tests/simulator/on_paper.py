"""Sheets of paper at simulated doors: people are ticked there, and somebody types it up later, now and then twice."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from events.event import Event
from events.ground.refusal import Refused
from registrations.checkin.conflict import Conflict, ConflictKind
from registrations.checkin.scan import PAPER
from registrations.paper import printing, typing_up
from registrations.paper.sheet import Sheet, SheetKind, Tick
from registrations.phones.door import DoorPass
from registrations.tickets.ticket import Ticket, code_of
from tests.hostile.door_deeds import Deed, Guest, SimPhone, Telling
from tests.hostile.door_simulation import Simulation

AROUND = [20, 240, 900]  # seconds before a tick and after it, of which its block may be
JUST_NOW = 30.0  # seconds: whoever was scanned then is ticked, too


@dataclass
class Paper:
    """A sheet at one door."""

    sheet: Sheet
    phone: SimPhone  # as which it counts: nobody scans with it
    ticked: list[tuple[Guest, float]] = field(default_factory=list)  # and not typed up yet
    typed: dict[int, tuple[int, Deed]] = field(default_factory=dict)  # by guest: the tick, and what it made
    taken_back: int = 0


class OnPaper(Simulation):
    def __init__(self, seed: int, guests: int, steps: int) -> None:
        super().__init__(seed, guests, steps)
        self.papers: dict[int, Paper] = {}  # by door

    # at the door

    async def paper(self, phone: SimPhone) -> None:
        """Somebody is ticked: who comes in by it alone, or who was scanned a moment ago."""
        paper = await self.paper_at(phone)
        lately = [deed for deed in self.deeds.values() if self.now - deed.at < JUST_NOW]
        scanned = [deed.guest for deed in lately if deed.phone.door == phone.door and self.truth.passed(deed)]
        guest = self.rng.choice(scanned) if scanned and self.rng.random() < 0.5 else self.rng.choice(self.guests)
        if guest and guest.n not in {*paper.typed, *(ticked.n for ticked, _ in paper.ticked)}:
            paper.ticked.append((guest, self.now))
            self.tell(guest, f"is ticked on the paper at {phone.door.name}")

    async def paper_at(self, phone: SimPhone) -> Paper:
        if phone.door.id not in self.papers:
            made = await printing.make(self.event, SheetKind.DOOR_LIST, self.omar, self.at(), self.at())
            name = f"paper at {phone.door.name}"
            self.papers[phone.door.id] = Paper(made.sheet, SimPhone(name, DoorPass(), phone.door, phone.hours))
        return self.papers[phone.door.id]

    # at the desk

    async def types_up(self, phone: SimPhone) -> None:
        paper = self.papers.get(phone.door.id)
        if paper and paper.ticked and (paper.sheet.begun_at or await self.begins(paper)):
            ticked, paper.ticked = paper.ticked, []
            for guest, at in ticked:
                await self.types(paper, guest, at)
            if self.rng.random() < 0.3:
                await self.takes_back(paper)

    async def begins(self, paper: Paper) -> bool:
        """Nobody can have come in by a door that has not opened."""
        is_open, ticks = self.now > paper.phone.hours.opens, len(paper.ticked)
        try:
            await typing_up.begin(paper.sheet, paper.phone.door, ticks, self.omar, self.at(), self.at())
        except Refused:
            if is_open:
                raise
            return False
        if not is_open:
            self.fail([f"a sheet of {paper.phone.door.name} is typed up before it opens"])
        paper.sheet = await Sheet.get(id=paper.sheet.id)
        paper.phone.door_pass = await DoorPass.get(id=paper.sheet.door_pass_id)
        return True

    async def types(self, paper: Paper, guest: Guest, at: float) -> None:
        """In a block around the moment; by the line, the reference or the code; and by two people at once, who count
        one."""
        event, begins = await Event.get(id=self.event.id), max(at - self.rng.choice(AROUND), -300.0)
        ends = min(at + self.rng.choice(AROUND), self.now)
        block = typing_up.Block(self.at(begins), self.at(ends))
        found = await typing_up.find(paper.sheet, event, await self.what_is_typed(paper.sheet, event, guest))
        if isinstance(found, str) or found.ticket_id != guest.ticket_id:
            self.fail([f"what was typed of them finds {found}"], guest)
            return
        hands = range(self.rng.choice([1, 1, 2]))
        tick = typing_up.tick
        typed = await asyncio.gather(
            *(tick(paper.sheet, event, found, block, self.omar, self.at(), self.at()) for _ in hands)
        )
        if sum(not line.before for line in typed) != 1 or len({line.tick.id for line in typed}) != 1:
            self.fail([f"typed {len(typed)} times, it counts as {typed}"], guest)
        self.remember_typed(paper, guest, typed[0].tick, (begins + ends) / 2, (ends - begins) / 2)

    async def what_is_typed(self, sheet: Sheet, event: Event, guest: Guest) -> str:
        ticket = await Ticket.get(id=guest.ticket_id)
        words = [ticket.reference, code_of(event, ticket.n)]
        if guest.ticket_id in sheet.tickets:
            words.append(str(sheet.tickets.index(guest.ticket_id) + 1))
        return self.rng.choice(words)

    def remember_typed(self, paper: Paper, guest: Guest, tick: Tick, middle: float, half: float) -> None:
        row = {"id": tick.client_id, "kind": "in", "source": PAPER, "offline": True, "shown": "ok"}
        deed = Deed(row, paper.phone, guest, middle, paper.phone.door_pass.id)
        deed.heard(Telling(self.now, True, middle, half))
        self.deeds[deed.id], paper.typed[guest.n] = deed, (tick.id, deed)
        self.truth.hears(deed)
        self.tell(
            guest, f"{paper.phone.name} is typed up: {deed.id[:6]}, {half:.0f} s around {self.at(middle):%H:%M:%S}"
        )

    async def takes_back(self, paper: Paper) -> None:
        """A line that was typed wrongly. A phone may have undone it before."""
        if not paper.typed:
            return
        tick_id, deed = paper.typed.pop(self.rng.choice(list(paper.typed)))
        was_undone = deed.id in self.truth.undone
        self.tell(deed.guest, f"{deed.id[:6]} is taken back on {paper.phone.name}")
        try:
            await typing_up.take_back(paper.sheet, tick_id, self.omar, self.at(), self.at())
        except Refused:
            if not was_undone:
                raise
            paper.typed[deed.guest.n if deed.guest else 0] = (tick_id, deed)
            return
        if was_undone:
            self.fail([f"{deed.id[:6]} is taken back a second time"], deed.guest)
        self.truth.undone.add(deed.id)
        paper.taken_back += 1

    def check_papers(self, still_open: Sequence[Conflict]) -> None:
        """Who was ticked and scanned is one person, where the block and the scan do not contradict each other."""
        twice = {name for conflict in still_open if conflict.kind is ConflictKind.TWICE
                 for name in (conflict.first_scan, conflict.second_scan)}  # fmt: skip
        for paper in self.papers.values():
            for _, deed in paper.typed.values():
                passings = self.truth.passings[deed.key]
                is_known = self.truth.certain(deed.key) and deed not in [
                    passing.deed for passing in self.truth.scanned(deed.key)
                ]
                if is_known and deed.id not in self.truth.undone and deed.id in twice and len(passings) > 1:
                    self.fail([f"{deed.id[:6]} is an entry that was scanned, and a conflict is open"], deed.guest)
