"""A day at three doors from a seed, as in `hostile.door_simulation`: half of the phones run the product's own page.

python -m tests.simulator.day SEED [GUESTS STEPS [postgres]]     a longer one, and where it goes wrong its story

What counts is what people saw and did, in true time: each row that such a phone makes is known from its disk, and each
person who went through from its screen.
"""

import base64
import struct
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from unittest import mock

import httpx2

from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.codes import sealing, ticket_code
from registrations.phones import pairing
from registrations.phones.door import Door, DoorPass, PassRole
from registrations.tickets.ticket import Ticket, code_of
from server import make_app
from tests.browser import BASE
from tests.hostile.door_deeds import Guest, Hours, SimPhone
from tests.hostile.door_simulation import DAY, main

from .chance import drawn_from
from .ledger import PageLedger
from .network import Line
from .page_phone import PagePhone, Steward

Plants = Sequence[tuple[str, str, str]]  # faults in modules: file, what stands there, what to put there
GAPS = [0.3, 1, 2, 5, 12, 40]  # seconds between two acts
PAGE_ACTS = {
    "scan": 60, "stranger": 3, "undo": 8, "offline": 9, "portal": 4, "lossy": 5, "reload": 7, "clock": 4, "pocket": 4,
    "leave": 2, "send_now": 4, "desk": 8, "twice": 4,
}  # fmt: skip
ALL_ACTS = PAGE_ACTS | {"reference": 16}
OF_STEWARD = ("scan", "stranger", "undo", "reference")


class PageDay(PageLedger):
    def __init__(
        self, database: Database, seed: int, guests: int = 10, steps: int = 60, acts: dict[str, int] = ALL_ACTS
    ) -> None:
        super().__init__(database, seed, guests, steps)
        self.page_mix = {name: usual * self.rng.choice([0, 1, 1, 3]) for name, usual in acts.items()}
        self.page_mix["scan"] = PAGE_ACTS["scan"]
        self.codes: dict[int, str] = {}
        self.plants: Plants = ()
        self.of_python = "A"  # the last letters of the phones that are written in Python

    @property
    def span(self) -> float:
        return self.steps * 30.0

    async def run(self) -> None:
        clock.move_to(None)
        async with AsyncExitStack() as self.stack:
            self.stack.enter_context(mock.patch.object(clock, "real", self.at))
            self.stack.enter_context(drawn_from(self.seed))
            await self.machine.start()
            self.stack.push_async_callback(self.machine.stop)
            for planted in self.plants:
                await self.machine.do("plant", "", *planted)
            await self.the_day()

    async def the_day(self) -> None:
        await self.prepare()
        for _ in range(self.steps):
            await self.goes_on(self.rng.choice(GAPS))
            await self.step()
        await self.come_together()
        self.check_walks()
        await self.check_by_oracle()

    async def goes_on(self, seconds: float) -> None:
        until = self.now + seconds
        await self.machine.do("run", "", until)
        self.now = max(self.now, until)

    # who is there

    async def a_guest(self, n: int) -> Guest:
        guest = await super().a_guest(n)
        ticket = await Ticket.get(id=guest.ticket_id)
        self.codes[n] = code_of(await Event.get(id=self.event.id), ticket.n)
        self.references[n] = ticket.reference
        return guest

    def a_foreign_code(self) -> str:
        return ticket_code.encode(self.rng.randbytes(16))

    async def a_phone(self, door: Door, hours: Hours, name: str) -> SimPhone:
        if name[-1] in self.of_python:
            return await super().a_phone(door, hours, name)
        transport = httpx2.ASGITransport(make_app(self.database), raise_app_exceptions=False)
        client = httpx2.AsyncClient(transport=transport, base_url=BASE, headers={"sec-fetch-site": "same-origin"})
        await self.stack.enter_async_context(client)
        door_pass, secret = await self.a_waiting_pass(door, name)
        phone = PagePhone(name, door_pass, door, hours, line=Line(self.rng), client=client)
        phone.clock_off = self.rng.choice([0, 7 * 60, -DAY, DAY, 3600])
        about = {"begins": self.at(0).timestamp() * 1000, "seed": self.rng.getrandbits(31), "clockOff": phone.clock_off}
        await self.machine.do("make", name, about)
        self.phones.append(phone)  # so that its questions are known; whoever asked for it adds it again
        await Steward(self, phone).pairs(secret)
        self.phones.remove(phone)
        return phone

    async def a_waiting_pass(self, door: Door, name: str) -> tuple[DoorPass, str]:
        closes = next((phone.hours.closes for phone in self.phones if phone.door.id == door.id), self.now)
        while_open = self.at(min(self.now, closes - 60))  # the desk could move the close; here the clock of the pass is
        made = await pairing.make_pass(door, name, PassRole.STEWARD, self.omar, while_open, self.at())
        await DoorPass.filter(id=made.door_pass.id).update(expires_at=self.at(9 * DAY))
        self.emptied[made.door_pass.id] = self.now
        return made.door_pass, made.secret

    def pages(self) -> list[PagePhone]:
        return [phone for phone in self.phones if isinstance(phone, PagePhone)]

    # what happens

    async def befalls(self, phone: SimPhone, act: str) -> None:
        if not isinstance(phone, PagePhone):
            return await super().befalls(phone, act)
        chosen = self.rng.choices(list(self.page_mix), list(self.page_mix.values()))[0]
        steward = Steward(self, phone)
        if chosen in OF_STEWARD:
            await getattr(steward, chosen)()
        else:
            await getattr(self, f"page_{chosen}")(phone, steward)
        return None

    async def page_desk(self, phone: PagePhone, _: Steward) -> None:
        act = self.rng.choice(["withdraw", "rename", "decide", "issue", "revoke"])
        await getattr(self, act)(phone)

    async def page_revoke(self, phone: PagePhone, _: Steward) -> None:
        await self.revoke(phone)

    async def page_offline(self, phone: PagePhone, _: Steward) -> None:
        phone.line.up = not phone.line.up
        self.tell(None, f"{phone.name} is {'back' if phone.line.up else 'cut off'}")
        if phone.line.up and self.rng.random() < 0.5:
            await self.machine.do("tell", phone.name, "online")

    async def page_twice(self, phone: PagePhone, steward: Steward) -> None:
        """One ticket at both phones of the door, before the second one's list can say so, over a line that is slow."""
        others = [other for other in self.phones if other.door == phone.door and not isinstance(other, PagePhone)]
        if others and await steward.is_at_the_door():
            guest, phone.line.slow = self.rng.choice(self.guests), 1.0
            await steward.turns("In")
            await self.show(others[0], self.a_row("in", proof=guest.proof), guest)
            await steward.shows(self.codes[guest.n], guest)
            phone.line.slow = 0.0

    async def page_portal(self, phone: PagePhone, _: Steward) -> None:
        phone.line.portal = not phone.line.portal
        self.tell(None, f"{phone.name} is {'behind a portal' if phone.line.portal else 'past the portal'}")

    async def page_lossy(self, phone: PagePhone, _: Steward) -> None:
        phone.line.loses, phone.line.slow = self.rng.choice([0, 0.3, 0.7]), self.rng.choice([0, 0.3])
        self.tell(None, f"{phone.name} loses {phone.line.loses}, is slow {phone.line.slow}")

    async def page_reload(self, phone: PagePhone, steward: Steward) -> None:
        self.tell(None, f"{phone.name} is killed")
        await self.machine.do("kill", phone.name)
        if self.rng.random() < 0.5:
            await self.page_clock(phone, steward)
        await self.goes_on(self.rng.choice([0, 3, 60]))
        await steward.opens()

    async def page_clock(self, phone: PagePhone, _: Steward) -> None:
        await self.sets_clock(phone, self.rng.choice([-DAY, DAY, 300, -300, 3600]))

    async def page_set_back(self, phone: PagePhone, steward: Steward) -> None:
        """While its page was closed, without a network, for longer than its list is fresh."""
        if await steward.is_at_the_door():
            phone.line.up = False
            await self.machine.do("kill", phone.name)
            await self.goes_on(400)
            await self.sets_clock(phone, -DAY)
            await steward.scan()

    async def page_crosses(self, phone: PagePhone, steward: Steward) -> None:
        """Somebody is scanned while its word that nothing is left is on its way, and the scan comes later."""
        if await steward.is_at_the_door():
            phone.line.mend()
            phone.line.slow = 1.0
            await self.goes_on(self.rng.uniform(2, 5))
            phone.line.slow, phone.line.up = 0.0, False
            await steward.scan()
            await self.goes_on(3)
            phone.line.up = True
            await self.machine.do("tell", phone.name, "online")

    async def sets_clock(self, phone: PagePhone, by: float) -> None:
        phone.clock_off += by
        phone.clock_set_at = self.now
        if by == -300:
            phone.set_back_at = self.now  # too little to be seen by a page that was closed meanwhile
        self.tell(None, f"the clock of {phone.name} is set to {phone.clock_off:+.0f} s")
        await self.machine.do("set clock", phone.name, phone.clock_off)

    async def page_pocket(self, phone: PagePhone, steward: Steward) -> None:
        """All of them for a while: nobody comes."""
        stands = self.rng.random() < 0.5
        asleep = [phone for phone in self.pages() if (await Steward(self, phone).look())["view"]]
        for sleeper in asleep:
            await self.machine.do("sleep", sleeper.name, stands)
            sleeper.slept_at = self.now if stands else sleeper.slept_at
        self.tell(None, f"all phones are in pockets, their clocks {'stand' if stands else 'go on'}")
        await self.goes_on(self.rng.choice([60, 400, 1200]))
        for sleeper in asleep:
            await self.machine.do("wake", sleeper.name)
            sleeper.slept_at = self.now if stands else sleeper.slept_at

    async def page_leave(self, phone: PagePhone, steward: Steward) -> None:
        self.tell(None, f"{phone.name} is to be signed out")
        await steward.leaves()

    async def page_send_now(self, phone: PagePhone, steward: Steward) -> None:
        if await steward.is_at_the_door():
            await steward.do("closePanel")
            await steward.do("press", "more")
            await steward.do("press", "send-now")
            await steward.do("closePanel")

    async def pair_anew(self, phone: SimPhone) -> None:
        if not isinstance(phone, PagePhone):
            return await super().pair_anew(phone)
        self.tell(None, f"{phone.name} is paired anew")
        door_pass, secret = await self.a_waiting_pass(phone.door, f"{phone.name} again")
        phone.door_pass, phone.revoked, phone.gone, phone.override_until = door_pass, False, False, -1.0
        return await Steward(self, phone).pairs(secret)

    async def sync(self, phone: SimPhone) -> None:
        if not isinstance(phone, PagePhone):
            await super().sync(phone)

    # the end of the day

    async def come_together(self) -> None:
        for phone in self.pages():
            phone.line.mend()
            await self.machine.do("wake", phone.name)
        await self.pages_hand_over()
        await super().come_together()
        await self.pages_hand_over()
        for phone in self.pages():
            self.read_list(phone, (await self.machine.do("stored", phone.name))["list"])

    async def pages_hand_over(self) -> None:
        """Every page is opened, and paired again where it is not, until nothing is left on any phone."""
        for _ in range(6):
            for phone in self.pages():
                await Steward(self, phone).is_at_the_door()
                await self.machine.do("tell", phone.name, "online")
            await self.goes_on(20)
            left = [(await self.machine.do("stored", phone.name))["rows"] for phone in self.pages()]
            seen = [(await Steward(self, phone).look())["view"] for phone in self.pages()]
            if not any(left) and set(seen) == {"door"}:
                return
        self.fail([f"the phones do not come to rest: {seen}, {left}"])

    async def fetch(self, phone: SimPhone) -> None:
        if not isinstance(phone, PagePhone):
            await super().fetch(phone)

    def read_list(self, phone: PagePhone, text: str) -> None:
        blob = base64.b64decode(text)
        _, _, phone.version, _, _, _ = struct.unpack(">4sIIdII", blob[:28])
        rows = [blob[at : at + sealing.ROW] for at in range(44, len(blob), sealing.ROW)]
        phone.rows, phone.salt = {row[:16]: row for row in rows}, blob[28:44]

    def check_walks(self) -> None:
        """Whoever a phone let through is counted, or taken back, or waits for an organiser."""
        for walk in self.walks:
            deed = walk.deed
            is_kept = self.truth.passed(deed) or deed in self.truth.strangers or deed.fate in ("apart", "discarded")
            if not is_kept and deed.id not in self.truth.undone:
                self.fail([f"{deed.id[:6]} let somebody through ({walk.sign}), and counts nobody"], deed.guest)


async def simulate(
    database: Database, seed: int, guests: int = 10, steps: int = 60, acts: dict[str, int] = ALL_ACTS
) -> PageDay:
    day = PageDay(database, seed, guests, steps, acts)
    await day.run()
    return day


if __name__ == "__main__":
    main(sys.argv[1:], simulate)
