"""The steward who holds a phone with the product's page on it: scans, reads the sign, lets in, presses."""

from typing import TYPE_CHECKING, Any

from registrations.codes.ticket_code import REFERENCE_ALPHABET
from tests.hostile.door_deeds import Deed, Guest

from .pages import LET_IN, TABS, Ended, PagePhone, Walk

if TYPE_CHECKING:
    from .befalls import Befalls

LOOKS = 0.4  # seconds between two looks at the screen
PATIENCE = 8  # looks


class Steward:
    """Does what one may do with the page, and never more than its buttons allow."""

    def __init__(self, day: "Befalls", phone: PagePhone, tab: str = "") -> None:
        self.day, self.phone, self.rng = day, phone, day.rng
        self.tab, self.page = phone.tabs[tab], phone.name + tab

    async def do(self, to: str, *given: Any) -> Any:
        done = await self.day.machine.do(to, self.page, *given)
        await self.day.learn(self.phone)
        return done

    async def look(self) -> dict[str, Any]:
        seen: dict[str, Any] = await self.day.machine.do("look", self.page)
        return seen

    async def waits(self, seconds: float) -> None:
        await self.day.goes_on(seconds)

    async def is_at_the_door(self) -> bool:
        """Whatever the page shows, they come to the scanning view where they can."""
        for _ in range(4):
            seen = await self.look()
            if seen["view"] == "door":
                return True
            await self._comes_nearer(seen)
        return False

    async def _comes_nearer(self, seen: dict[str, Any]) -> None:
        if seen["view"] == "":
            await self.opens()
        elif seen["view"] == "pairing":
            await self._pairs_again()
        elif seen["view"] == "start":
            await self.begins(seen)
        else:
            if seen["view"] == "waiting" and seen["canAskAgain"]:
                await self.do("press", "ask-again")
            await self.waits(4)

    async def begins(self, seen: dict[str, Any]) -> None:
        await self.do("fill", "first-initials", "AB")
        on_disk = {row["id"] for row in (await self.day.learn(self.phone))["rows"]}
        await self.do("press", "begin-online" if seen["onlineOnly"] else "begin")
        await self.waits(0.5)
        if (await self.look())["view"] == "door":
            self.tab.read = on_disk

    async def _pairs_again(self) -> None:
        """Where the other tab has done so meanwhile, this one only needs to be loaded anew."""
        others = [Steward(self.day, self.phone, tab) for tab in TABS if tab != self.tab.name]
        if any([(await other.look())["view"] in ("start", "door") for other in others]):
            await self.opens()
        else:
            await self.day.pair_anew(self.phone, self)

    async def opens(self, secret: str = "") -> None:
        await self.ends()
        self.phone.run += 1
        self.tab.run, self.tab.override_until, self.tab.read = self.phone.run, -1.0, set()
        await self.do("open", f"#{secret}" if secret else "")
        await self.waits(1.5 if self.phone.line.up else 3.5)

    async def ends(self) -> None:
        """The page is killed, or loaded anew."""
        seen = await self.look()
        await self.do("kill")
        if seen["view"]:
            self.day.ended.append(Ended(self.phone, self.tab.run, seen, read=self.tab.read))

    async def pairs(self, secret: str) -> None:
        self.phone.line.mend()
        await self.opens(secret)
        await self.do("submit", "pairing-form")
        await self.waits(3)

    # guests

    async def scan(self) -> None:
        guest = self.day.who_comes(self.phone)
        if await self.is_at_the_door():
            is_in = any(walk.deed.guest is guest for walk in self.day.walks[-60:])
            await self.turns("Out" if is_in and self.rng.random() < 0.4 else "In")
            await self.shows(self.day.codes[guest.n], guest)

    async def stranger(self) -> None:
        if await self.is_at_the_door():
            await self.shows(self.day.a_foreign_code(), None)

    async def turns(self, way: str) -> None:
        if (await self.look())["way"] != way:
            await self.do("press", "more")
            await self.do("press", "turn")

    async def shows(self, code: str, guest: Guest | None) -> None:
        await self.clears()
        before, drawn = set(self.day.deeds), (await self.look()).get("drawn", 0)
        await self.do("type", code)
        new = [deed for id_, deed in self.day.deeds.items() if id_ not in before and deed.phone is self.phone]
        is_read = (await self.look()).get("drawn", 0) > drawn  # or else the code was not taken: it was seen just now
        if new or (is_read and guest is not None):
            await self.decides(new[-1] if new else None, guest)

    async def clears(self) -> None:
        """What still stands on the screen of the guest before."""
        for _ in range(3):
            seen = await self.look()
            await self.do("closePanel")
            if seen["changed"]:
                await self.do("press", "seen")
            elif seen["taps"]:
                await self.do("choose", "")
            elif seen["canNext"]:
                await self.do("press", "next")
            elif seen["sign"]:
                await self.waits(1)
            else:
                return

    async def decides(self, deed: Deed | None, guest: Guest | None) -> None:
        seen = await self.final()
        if not seen["view"]:  # it has left the page meanwhile
            return
        deed = deed or self.again(guest)
        self.day.tell(guest, f"{self.page} shows {seen['sign']} {'(changed)' if seen['changed'] else ''}")
        if deed is None or seen["changed"]:
            return
        self.day.check_sign(self.phone, self.tab, seen["sign"], guest)
        if seen["taps"]:
            await self.taps(deed, seen)
        elif seen["sign"] in LET_IN:
            self.walks(deed, seen["sign"])
        elif seen["canLead"] and self.rng.random() < 0.4:
            await self.asks_the_lead(deed.guest)

    def again(self, guest: Guest | None) -> Deed | None:
        """The scan that was tried again: it is the same one."""
        mine = [deed for deed in self.day.deeds.values() if deed.phone is self.phone and deed.guest is guest]
        return mine[-1] if mine and mine[-1].row["kind"] != "undo" else None

    async def final(self) -> dict[str, Any]:
        for _ in range(PATIENCE):
            seen = await self.look()
            if seen["view"] != "door" or seen["isFinal"]:
                break
            await self.waits(LOOKS)
        return seen

    def walks(self, deed: Deed, sign: str) -> None:
        self.day.walks.append(Walk(deed, sign, self.day.now))
        self.day.tell(deed.guest, f"{self.phone.name}: they walk, by {deed.id[:6]}")

    async def taps(self, deed: Deed, seen: dict[str, Any]) -> None:
        if self.day.cards and seen["sign"] == "ASK THE LEAD" and self.rng.random() < 0.6:
            await self.day.holds_card_up(self.page)
            rows = (await self.day.learn(self.phone))["rows"]
            if any(row["id"] == deed.id and row.get("tap") == "lead" for row in rows):
                return self.walks(deed, "lead")
            if not (seen := await self.look())["taps"]:
                return None
        choice = self.rng.choice([seen["taps"][0], seen["taps"][0], ""])
        before = set(self.day.deeds)
        await self.do("choose", choice)
        new = [deed for id_, deed in self.day.deeds.items() if id_ not in before and deed.phone is self.phone]
        if choice == "came_in_elsewhere":
            if new:
                await self.decides(new[-1], deed.guest)
        elif choice:
            self.walks(deed, choice)
        return None

    # references

    async def reference(self) -> None:
        """Typed as it is read out, now and then wrongly; whoever is found is let in by one more tap."""
        guest = self.day.who_comes(self.phone)
        if not await self.is_at_the_door():
            return
        await self.clears()
        await self.do("press", "type-reference")
        is_right = self.rng.random() < 0.7
        await self.do("fill", "reference-code", self.day.references[guest.n] if is_right else self.a_wrong_reference())
        await self.do("submit", "reference")
        if await self.hears_of_the_reference() == "found":
            await self.lets_in_who_was_found(guest)
        elif (await self.look())["canUnlock"]:
            await self.do("press", "unlock")
            await self.types_the_pin()
        await self.do("closePanel")

    def a_wrong_reference(self) -> str:
        wrong = "".join(self.rng.choices(REFERENCE_ALPHABET, k=6))
        return self.rng.choice([wrong, wrong, f"{wrong[:3]}-{wrong[3:]}", f"0{wrong[1:]}", wrong[:5]])

    async def hears_of_the_reference(self) -> str:
        for _ in range(PATIENCE):
            seen = await self.look()
            if seen["panel"] != "reference" or "Looking" not in seen["referenceSays"]:
                break
            await self.waits(LOOKS)
        return str(seen["panel"])

    async def lets_in_who_was_found(self, guest: Guest) -> None:
        if self.rng.random() < 0.1:
            return
        before = set(self.day.deeds)
        await self.do("press", "let-in")
        new = [deed for id_, deed in self.day.deeds.items() if id_ not in before and deed.phone is self.phone]
        if new and new[-1].guest is not guest:
            self.day.fail([f"{self.phone.name} lets in somebody else by {self.day.references[guest.n]}"], guest)
        await self.decides(new[-1] if new else None, guest)

    # the lead

    async def asks_the_lead(self, guest: Guest | None, button: str = "lead-decides") -> None:
        await self.do("press", button)
        seen = await self.look()
        if seen["panel"] == "lead":
            await self.types_the_pin()
            seen = await self.look()
        if seen["panel"] == "card":
            await self.day.holds_card_up(self.page)
            seen = await self.look()
        if seen["panel"] != "deciding" or not seen["reasons"]:
            await self.do("closePanel")
            return
        await self.waits(0.5)  # the page takes no reason sooner: it may be the second half of a double tap
        before = set(self.day.deeds)
        await self.do("reason", self.rng.choice(seen["reasons"]))
        new = [deed for id_, deed in self.day.deeds.items() if id_ not in before and deed.phone is self.phone]
        if new:
            await self.decides(new[-1], guest)

    async def types_the_pin(self) -> None:
        right = self.rng.random() < 0.8 or self.phone.wrong_pins >= 3
        self.phone.wrong_pins = 0 if right else self.phone.wrong_pins + 1
        pin = self.day.pin_of_lead
        await self.do("fill", "lead-pin", pin if right else f"{(int(pin) + 1) % 10**6:06}")
        await self.do("submit", "lead")
        for _ in range(6):
            await self.waits(0.3)
            seen = await self.look()
            if seen["panel"] != "lead" or "Checking" not in seen["says"]:
                return

    # taking back, and the end

    async def undo(self) -> None:
        if not await self.is_at_the_door():
            return
        await self.clears()
        if not (await self.look())["canUndo"]:
            return
        await self.do("press", "undo")
        if (await self.look())["panel"] == "undoing":
            await self.do("press", "undo-it")
            await self.final()
        else:
            await self.types_and_gives_a_reason()

    async def types_and_gives_a_reason(self) -> None:
        if (await self.look())["panel"] == "lead":
            await self.types_the_pin()
        seen = await self.look()
        if seen["panel"] == "deciding" and seen["reasons"]:
            await self.waits(0.5)
            await self.do("reason", self.rng.choice(seen["reasons"]))
            await self.final()
        await self.do("closePanel")

    async def leaves(self) -> None:
        """Signs the phone out: a lead does it where some scans are unsent."""
        if not await self.is_at_the_door():
            return
        await self.clears()
        await self.do("press", "more")
        await self.do("press", "to-device")
        await self.do("press", "sign-out")
        if (await self.look())["panel"] == "signing-out":
            await self.do("press", "sign-out-now")
        elif (await self.look())["canLeave"]:
            await self.do("press", "leave")
            await self.types_and_gives_a_reason()
        await self.waits(1)
