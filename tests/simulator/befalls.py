"""What befalls phones with pages, beside scans: networks, disks, clocks, tabs, pockets, and people who press more."""

from registrations.codes import ticket_code
from registrations.phones import finding, pairing
from registrations.phones.door import Door, DoorPass, PassRole
from tests.hostile.door_deeds import SimPhone
from tests.hostile.door_world import DAY

from .ends import Ends
from .house import IN_THE_HOUSE
from .page_phone import Steward
from .pages import TABS, PagePhone


class Befalls(Ends):
    async def goes_on(self, seconds: float) -> None:
        until = self.now + seconds
        await self.machine.do("run", "", until)
        self.now = max(self.now, until)

    def a_foreign_code(self) -> str:
        return ticket_code.encode(self.rng.randbytes(16))

    def pages(self) -> list[PagePhone]:
        return [phone for phone in self.phones if isinstance(phone, PagePhone)]

    async def page_desk(self, phone: PagePhone, _: Steward) -> None:
        act = self.rng.choice(["withdraw", "rename", "decide", "issue", "revoke"])
        await getattr(self, act)(phone)

    async def page_house(self, phone: PagePhone, _: Steward) -> None:
        """What befalls beside phones, by the mix of those without a page."""
        acts = [name for name in IN_THE_HOUSE for _ in range(self.mix.get(name, 0))]
        await getattr(self, self.rng.choice(acts))(phone) if acts else None

    async def page_card(self, phone: PagePhone, _: Steward) -> None:
        await self.card(phone)

    async def holds_card_up(self, page: str) -> None:
        """The lead's newest card, or one that it has replaced."""
        card = self.rng.choice([self.cards[-1], self.cards[-1], self.cards[0]])
        await self.machine.do("type", page, card.text)
        await self.goes_on(0.5)

    async def page_revoke(self, phone: PagePhone, _: Steward) -> None:
        await self.revoke(phone)

    async def page_revoke_unsent(self, phone: PagePhone, steward: Steward) -> None:
        """Somebody is scanned without a network, and the phone is revoked before it could send that."""
        if await steward.is_at_the_door():
            phone.line.up = False
            await steward.scan()
            await self.revoke(phone)
            phone.line.up = True

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
        self.tell(None, f"{steward.page} is killed")
        await steward.ends()
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
            await steward.ends()
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
        await self.machine.do("setClock", phone.name, phone.clock_off)

    async def page_pocket(self, phone: PagePhone, steward: Steward) -> None:
        """All of them for a while: nobody comes."""
        stands = self.rng.random() < 0.5
        asleep = await self.open_pages()
        for sleeper in asleep:
            await self.machine.do("sleep", sleeper.page, stands)
            sleeper.tab.slept_at = self.now if stands else sleeper.tab.slept_at
        self.tell(None, f"all phones are in pockets, their clocks {'stand' if stands else 'go on'}")
        await self.goes_on(self.rng.choice([60, 400, 1200]))
        for sleeper in asleep:
            await self.machine.do("wake", sleeper.page)
            sleeper.tab.slept_at = self.now if stands else sleeper.tab.slept_at

    async def open_pages(self) -> list[Steward]:
        tabs = [Steward(self, phone, tab) for phone in self.pages() for tab in TABS]
        return [steward for steward in tabs if (await steward.look())["view"]]

    async def whoever_holds(self, phone: PagePhone) -> Steward:
        """Either of two tabs, and the first where there is one."""
        mine = [steward for steward in await self.open_pages() if steward.phone is phone]
        return self.rng.choice(mine) if len(mine) > 1 else Steward(self, phone)

    async def page_full(self, phone: PagePhone, _: Steward) -> None:
        await self.fills(phone, is_full=not phone.is_full)

    async def fills(self, phone: PagePhone, *, is_full: bool) -> None:
        phone.is_full, phone.keeps_nothing = is_full, phone.keeps_nothing or is_full
        self.tell(None, f"the disk of {phone.name} {'is full' if is_full else 'has room'}")
        await self.machine.do("fills", phone.name, is_full)

    async def page_forgets(self, phone: PagePhone, steward: Steward) -> None:
        """Somebody is scanned without a network on a full disk, and the page is killed before it could send that."""
        if await steward.is_at_the_door():
            phone.line.up = False
            await self.fills(phone, is_full=True)
            await steward.scan()
            await steward.ends()
            await self.fills(phone, is_full=False)
            phone.line.up = True

    async def page_disk_emptied(self, phone: PagePhone, steward: Steward) -> None:
        """Somebody is scanned without a network, and the browser empties its disk with the page open, or closed."""
        if not await steward.is_at_the_door():
            return
        phone.line.up = False
        await steward.scan()
        if is_closed := self.rng.random() < 0.5:
            await steward.ends()
        await self.goes_on(5)
        await self.empties(phone)
        await self.goes_on(6)  # by then an open page has met it
        phone.line.up = True
        if is_closed:
            await steward.opens()

    async def empties(self, phone: PagePhone) -> None:
        """By itself after days; or somebody clears its data, and the cookie with it."""
        await self.settle_ends()  # what a page that is closed had left on the disk was no loss then
        rows = (await self.learn(phone))["rows"]
        tabs = [steward.tab for steward in await self.open_pages() if steward.phone is phone]
        self.left_to_the_disk |= {row["id"] for row in rows if not any(self.knows_of(row, tab) for tab in tabs)}
        phone.keeps_nothing = True
        await self.machine.do("empties", phone.name)
        if is_cleared := self.rng.random() < 0.5:
            phone.client.cookies.clear()
        self.tell(None, f"the disk of {phone.name} is emptied{', and its cookies' if is_cleared else ''}")

    async def page_unwritten(self, phone: PagePhone, steward: Steward) -> None:
        """Somebody is scanned without a network in one of two tabs, on a full disk, and the other is heard first."""
        other = Steward(self, phone, TABS[0] if steward.tab.name else TABS[1])
        if await other.is_at_the_door() and await steward.is_at_the_door():
            phone.line.up = False
            await self.fills(phone, is_full=True)
            await steward.scan()
            await self.machine.do("hides", steward.page, True)
            await self.goes_on(self.rng.uniform(10, 40))
            phone.line.up = True
            await self.goes_on(6)
            await self.machine.do("hides", steward.page, False)
            await self.fills(phone, is_full=False)

    async def page_tab(self, phone: PagePhone, _: Steward) -> None:
        """A second tab is opened or closed; or the steward turns to the other, and the one before may be hidden."""
        second = Steward(self, phone, TABS[1])
        if not (await second.look())["view"]:
            self.tell(None, f"{phone.name} has a second tab")
            await self.machine.do("hides", phone.name, self.rng.random() < 0.5)
            await second.is_at_the_door()
        elif self.rng.random() < 0.5:
            await second.ends()
            self.tell(None, f"the second tab of {phone.name} is closed")
            await self.machine.do("hides", phone.name, False)
        else:
            first_is_hidden = self.rng.random() < 0.5
            await self.machine.do("hides", phone.name, first_is_hidden)
            await self.machine.do("hides", second.page, not first_is_hidden)

    async def page_leave(self, phone: PagePhone, steward: Steward) -> None:
        self.tell(None, f"{phone.name} is to be signed out")
        await steward.leaves()

    async def page_send_now(self, phone: PagePhone, steward: Steward) -> None:
        if await steward.is_at_the_door():
            await steward.do("closePanel")
            await steward.do("press", "more")
            await steward.do("press", "send-now")
            await steward.do("closePanel")

    # passes

    async def a_waiting_pass(self, door: Door, name: str) -> tuple[DoorPass, str]:
        closes = next((phone.hours.closes for phone in self.phones if phone.door.id == door.id), self.now)
        ends = self.event.ends_at  # of a door that does not say itself when it closes
        closes = min(closes, (ends - self.at(0)).total_seconds()) if ends else closes
        while_open = self.at(min(self.now, closes - 60))  # the desk could move the close; here the clock of the pass is
        made = await pairing.make_pass(door, name, PassRole.STEWARD, self.omar, while_open, self.at())
        await DoorPass.filter(id=made.door_pass.id).update(expires_at=self.at(9 * DAY))
        self.emptied[made.door_pass.id] = self.now
        self.passes_by_mark[finding.mark_of(made.door_pass.id)] = made.door_pass.id
        return made.door_pass, made.secret

    async def pair_anew(self, phone: SimPhone, steward: Steward | None = None) -> None:
        if not isinstance(phone, PagePhone):
            return await super().pair_anew(phone)
        self.tell(None, f"{phone.name} is paired anew")
        door_pass, secret = await self.a_waiting_pass(phone.door, f"{phone.name} again")
        phone.door_pass, phone.revoked, phone.gone = door_pass, False, False
        for tab in phone.tabs.values():
            tab.override_until = -1.0
        return await (steward or Steward(self, phone)).pairs(secret)
