"""A day at three doors from a seed, as in `hostile.door_simulation`: half of the phones run the product's own page.

python -m tests.simulator.day SEED [GUESTS STEPS [postgres]]     a longer one, and where it goes wrong its story

What counts is what people saw and did, in true time: each row that such a phone makes is known from its disk, and each
person who went through from its screen.
"""

import base64
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from unittest import mock

import httpx2

from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.checkin.scan import Scan
from registrations.phones.door import Door, DoorPass
from registrations.tickets.ticket import Ticket, code_of
from server import make_app
from tests.browser import BASE
from tests.hostile.door_deeds import Guest, Hours, SimPhone
from tests.hostile.door_simulation import DAY, main
from tests.registrations.phones.list_reading import read_blob

from .befalls import Befalls
from .chance import drawn_from
from .network import Line
from .page_phone import Steward
from .pages import PagePhone

Plants = Sequence[tuple[str, str, str]]  # faults in modules: file, what stands there, what to put there
GAPS = [0.3, 1, 2, 5, 12, 40]  # seconds between two acts
PAGE_ACTS = {
    "scan": 60, "stranger": 3, "undo": 8, "offline": 9, "portal": 4, "lossy": 5, "reload": 7, "clock": 4, "pocket": 4,
    "leave": 2, "send_now": 4, "desk": 8, "twice": 4,
}  # fmt: skip
ALL_ACTS = PAGE_ACTS | {"reference": 16, "full": 4, "forgets": 2, "tab": 6}
OF_STEWARD = ("scan", "stranger", "undo", "reference")


class PageDay(Befalls):
    def __init__(
        self, database: Database, seed: int, guests: int = 10, steps: int = 60, acts: dict[str, int] = ALL_ACTS,
        *, in_the_house: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(database, seed, guests, steps, in_the_house=in_the_house)
        self.page_mix = {name: usual * self.rng.choice([0, 1, 1, 3]) for name, usual in acts.items()}
        self.page_mix["scan"] = PAGE_ACTS["scan"]
        self.page_mix |= {"house": 16} if in_the_house else {}
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
            await self.settle_ends()
        await self.come_together()
        self.check_walks()
        await self.check_by_oracle()

    # who is there

    async def with_ticket(self, n: int, ticket: Ticket) -> Guest:
        guest = await super().with_ticket(n, ticket)
        self.codes[n] = code_of(await Event.get(id=self.event.id), ticket.n)
        self.references[n] = ticket.reference
        return guest

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

    # what happens

    async def befalls(self, phone: SimPhone, act: str) -> None:
        if not isinstance(phone, PagePhone):
            return await super().befalls(phone, act)
        chosen = self.rng.choices(list(self.page_mix), list(self.page_mix.values()))[0]
        steward = await self.whoever_holds(phone)
        if chosen in OF_STEWARD:
            await getattr(steward, chosen)()
        else:
            await getattr(self, f"page_{chosen}")(phone, steward)
        return None

    async def sync(self, phone: SimPhone) -> None:
        if not isinstance(phone, PagePhone):
            await super().sync(phone)

    # the end of the day

    def may_get_lost(self, phone: SimPhone) -> bool:
        return super().may_get_lost(phone) and not isinstance(phone, PagePhone)

    async def scans_unseen(self, lost: SimPhone | None) -> None:
        """Some pages do so too, and come back when the door is being closed."""
        await super().scans_unseen(lost)
        for phone in self.pages():
            phone.line.up = False
            await Steward(self, phone).scan()

    async def puts_away(self, phone: SimPhone) -> None:
        """A page hears of it, hands over what it has, and erases itself. Where its pass had ended, nobody waits."""
        if not isinstance(phone, PagePhone) or phone.revoked:
            return await super().puts_away(phone)
        phone.line.mend()
        await self.machine.do("tell", phone.name, "online")
        await self.goes_on(40)
        door_pass, stored = await DoorPass.get(id=phone.door_pass.id), await self.learn(phone)
        if door_pass.revoked_at is None or stored["rows"] or stored["list"]:
            seen = [await steward.look() for steward in await self.open_pages() if steward.phone is phone]
            self.fail([f"{phone.name} does not put itself away: {door_pass.revoked_at}, {seen}, {stored['rows']}"])
        for deed in [deed for deed in self.deeds.values() if deed.phone is phone]:
            if not await Scan.filter(client_id=deed.id).exists():
                self.fail([f"{phone.name} has put itself away, and {deed.id[:6]} counts nobody"], deed.guest)
        return None

    async def come_together(self) -> None:
        for phone in self.pages():
            phone.line.mend()
            await self.fills(phone, is_full=False)
        for steward in await self.open_pages():
            await self.machine.do("wake", steward.page)
        await self.pages_hand_over()
        await super().come_together()
        await self.pages_hand_over()
        for steward in await self.open_pages():
            if steward.tab.name or steward.phone.keeps_nothing:
                await steward.ends()
        await self.pages_hand_over()
        await self.settle_ends()
        self.settle_emptied()
        for phone in self.pages():
            self.read_list(phone, (await self.machine.do("stored", phone.name))["list"])

    async def pages_hand_over(self) -> None:
        """Every page is opened, and paired again where it is not, until nothing is left on any phone."""
        for _ in range(6):
            for steward in [Steward(self, phone) for phone in self.pages()] + await self.second_tabs():
                await self.machine.do("hides", steward.page, False)
                await steward.is_at_the_door()
                await self.machine.do("tell", steward.page, "online")
            await self.goes_on(20)
            left = [(await self.learn(phone))["rows"] for phone in self.pages()]
            seen = [await steward.look() for steward in await self.open_pages()]
            at_rest = all(page["view"] == "door" and page["unsent"].startswith("0 to send") for page in seen)
            if not any(left) and at_rest and len(seen) >= len(left):
                return
        self.fail([f"the phones do not come to rest: {seen}, {left}"])

    async def second_tabs(self) -> list[Steward]:
        return [steward for steward in await self.open_pages() if steward.tab.name]

    async def fetch(self, phone: SimPhone) -> None:
        if not isinstance(phone, PagePhone):
            await super().fetch(phone)

    def read_list(self, phone: PagePhone, text: str) -> None:
        known = read_blob(base64.b64decode(text))
        phone.version, phone.rows, phone.salt = known.version, known.rows, known.salt

    def check_walks(self) -> None:
        """Whoever a phone let through is counted, or taken back, or waits for an organiser."""
        for walk in self.walks:
            deed = walk.deed
            is_kept = (
                self.truth.passed(deed)
                or deed.id in self.half_told
                or deed in self.truth.strangers
                or deed.fate in ("apart", "discarded")
            )
            if not is_kept and deed.id not in self.truth.undone:
                self.fail([f"{deed.id[:6]} let somebody through ({walk.sign}), and counts nobody"], deed.guest)


async def simulate(
    database: Database, seed: int, guests: int = 10, steps: int = 60, acts: dict[str, int] = ALL_ACTS,
    *, in_the_house: bool = False,
) -> PageDay:  # fmt: skip
    day = PageDay(database, seed, guests, steps, acts, in_the_house=in_the_house)
    await day.run()
    return day


if __name__ == "__main__":
    main(sys.argv[1:], simulate)
