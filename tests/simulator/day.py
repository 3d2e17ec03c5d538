"""A day at three doors from a seed, as in `hostile.door_simulation`: half of the phones run the product's own page.

python -m tests.simulator.day SEED [GUESTS STEPS [postgres]]     a longer one, and where it goes wrong its story

What counts is what people saw and did, in true time: each row that such a phone makes is known from its disk, and each
person who went through from its screen.
"""

import base64
import json
import struct
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any
from unittest import mock

import httpx2

from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.checkin import lead_override
from registrations.codes import sealing, ticket_code
from registrations.phones import pairing, scan_answer
from registrations.phones.door import Door, DoorPass, PassRole
from registrations.tickets.ticket import Ticket, code_of
from server import make_app
from tests.browser import BASE
from tests.hostile.door_simulation import DAY, Simulation, main
from tests.hostile.door_truth import Deed, Guest, Hours, Row, SimPhone, Telling

from .machine import Machine, Told
from .network import Line
from .page_phone import PagePhone, Steward, Walk

Plants = Sequence[tuple[str, str, str]]
LONGEST_TRIP = 4.1  # seconds, there
GAPS = [0.3, 1, 2, 5, 12, 40]  # seconds between two acts
PAGE_ACTS = {
    "scan": 60, "stranger": 3, "undo": 8, "offline": 9, "portal": 4, "lossy": 5, "reload": 7, "clock": 4, "pocket": 4,
    "leave": 2, "send_now": 4,
}  # fmt: skip


class PageDay(Simulation):
    def __init__(self, database: Database, seed: int, guests: int = 10, steps: int = 60) -> None:
        super().__init__(seed, guests, steps)
        self.database = database
        self.page_mix = {name: usual * self.rng.choice([0, 1, 1, 3]) for name, usual in PAGE_ACTS.items()}
        self.page_mix["scan"] = PAGE_ACTS["scan"]
        self.machine = Machine(self.answers)
        self.walks: list[Walk] = []
        self.codes: dict[int, str] = {}
        self.plants: Plants = ()

    @property
    def span(self) -> float:
        return self.steps * 30.0

    async def run(self) -> None:
        clock.move_to(None)
        async with AsyncExitStack() as self.stack:
            self.stack.enter_context(mock.patch.object(clock, "real", self.at))
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
        return guest

    def a_foreign_code(self) -> str:
        return ticket_code.encode(self.rng.randbytes(16))

    async def a_phone(self, door: Door, hours: Hours, name: str) -> SimPhone:
        if not name.endswith("B"):
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
        made = await pairing.make_pass(door, name, PassRole.STEWARD, self.omar, self.at(), self.at())
        await DoorPass.filter(id=made.door_pass.id).update(expires_at=self.at(9 * DAY))
        self.emptied[made.door_pass.id] = self.now
        return made.door_pass, made.secret

    def phone_named(self, name: str) -> PagePhone:
        return next(one for one in self.phones if isinstance(one, PagePhone) and one.name == name)

    def pages(self) -> list[PagePhone]:
        return [one for one in self.phones if isinstance(one, PagePhone)]

    # what happens

    async def befalls(self, phone: SimPhone, act: str) -> None:
        if not isinstance(phone, PagePhone):
            return await super().befalls(phone, act)
        chosen = self.rng.choices([*self.page_mix, "desk"], [*self.page_mix.values(), 8])[0]
        steward = Steward(self, phone)
        if chosen == "desk":
            await self.at_the_desk(phone)
        elif chosen in ("scan", "stranger", "undo"):
            await getattr(steward, chosen)()
        else:
            await getattr(self, f"page_{chosen}")(phone, steward)
        return None

    async def at_the_desk(self, phone: PagePhone) -> None:
        act = self.rng.choice(["withdraw", "rename", "decide", "issue", "revoke"])
        await getattr(self, act)(phone)

    async def page_offline(self, phone: PagePhone, _: Steward) -> None:
        phone.line.up = not phone.line.up
        self.tell(None, f"{phone.name} is {'back' if phone.line.up else 'cut off'}")
        if phone.line.up and self.rng.random() < 0.5:
            await self.machine.do("tell", phone.name, "online")

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
        phone.clock_off += self.rng.choice([-DAY, DAY, 300, -300, 3600])
        phone.clock_set_at = self.now
        self.tell(None, f"the clock of {phone.name} is set to {phone.clock_off:+.0f} s")
        await self.machine.do("set clock", phone.name, phone.clock_off)

    async def page_pocket(self, phone: PagePhone, steward: Steward) -> None:
        """All of them for a while: nobody comes."""
        stands = self.rng.random() < 0.5
        asleep = [one for one in self.pages() if (await Steward(self, one).look())["view"]]
        for one in asleep:
            await self.machine.do("sleep", one.name, stands)
            one.slept_at = self.now if stands else one.slept_at
        self.tell(None, f"all phones are in pockets, their clocks {'stand' if stands else 'go on'}")
        await self.goes_on(self.rng.choice([60, 400, 1200]))
        for one in asleep:
            await self.machine.do("wake", one.name)
            one.slept_at = self.now if stands else one.slept_at

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
        phone.door_pass, phone.revoked, phone.gone, phone.word_until = door_pass, False, False, -1.0
        return await Steward(self, phone).pairs(secret)

    async def sync(self, phone: SimPhone) -> None:
        if not isinstance(phone, PagePhone):
            await super().sync(phone)

    # what is known of the rows of a page

    async def learn(self, phone: PagePhone) -> None:
        stored = await self.machine.do("stored", phone.name)
        for row in stored["rows"]:
            if row["id"] not in self.deeds and row["kind"] != "invalid":
                deed = Deed(row, phone, self.guest_of(row), self.now, phone.door_pass.id)
                self.deeds[row["id"]] = deed
                self.tell(deed.guest, f"{phone.name}: {row['kind']} {row['id'][:6]} {row['code']} is stored")

    def guest_of(self, row: Row) -> Guest | None:
        return next((guest for guest in self.guests if guest.proof == row["proof"]), None)

    # the line and the server

    async def answers(self, told: Told) -> Told:
        self.now = max(self.now, told.get("now", 0.0))
        if "trouble" in told:
            self.fail([told["trouble"]])
        if "gone" in told:
            self.tell(None, f"the page of {told['gone']['phone']} goes to {told['gone']['to']}")
            return {}
        if "forgot" in told:
            self.phone_named(told["forgot"]).client.cookies.clear()
            return {}
        if leaving := told.get("leaves"):
            return self.phone_named(leaving["phone"]).line.leaves(leaving["path"])
        asked = told["reaches"]
        return await self.serve(self.phone_named(asked["phone"]), asked)

    async def serve(self, phone: PagePhone, asked: Told) -> Told:
        path, body = asked["path"], json.loads(asked.get("body") or "{}")
        is_scans = path.startswith("/door/api/scans")
        owed = self.takes(phone, body) if is_scans else None
        content = (asked.get("body") or "").encode()
        answer = await phone.client.request(asked["method"], path, content=content, headers=asked["headers"])
        if answer.status_code >= 500:
            self.fail([f"{path} was answered {answer.status_code}"])
        if is_scans:
            self.has_answered(phone, body, answer, owed)
        elif path.startswith("/door/api/word"):
            self.has_looked_at_the_pin(phone, body["pin"], answer)
        text, forgets = base64.b64encode(answer.content).decode(), "clear-site-data" in answer.headers
        return {"status": answer.status_code, "text": text, "forgets": forgets} | phone.line.comes_back()

    def has_looked_at_the_pin(self, phone: PagePhone, pin: str, answer: httpx2.Response) -> None:
        if answer.status_code == 410:
            return
        if (answer.status_code == 200) is not (pin == self.pin_of_lead):
            self.fail([f"{phone.name}: a PIN that is {pin == self.pin_of_lead} was answered {answer.text}"])
        if answer.status_code == 200:
            phone.word_until = self.now + lead_override.LASTS.total_seconds()

    def takes(self, phone: PagePhone, body: Row) -> tuple[Deed, str] | None:
        """The server is about to read these scans; what the first one is owed where it is just being made."""
        for sent in body["scans"]:
            if deed := self.deeds.get(sent["id"]):
                deed.row.update(sent)
        fresh = [self.deeds[sent["id"]] for sent in body["scans"][-1:] if sent["id"] in self.deeds]
        fresh = [deed for deed in fresh if not deed.fate and len(body["scans"]) == 1 and self.now - deed.at < 2]
        owed = self.truth.owed(fresh[0], self.now) if fresh else None
        for sent in body["scans"]:
            if deed := self.deeds.get(sent["id"]):
                deed.heard(self.telling_of(phone, deed, sent))
        return (fresh[0], owed) if owed else None

    def telling_of(self, phone: PagePhone, deed: Deed, sent: Row) -> Telling:
        true_age = self.now - deed.at
        off = abs(sent["age"] - true_age)
        sure = off <= sent["unsure"] + LONGEST_TRIP
        excused = max(phone.clock_set_at, phone.slept_at) >= deed.at
        if not sure and not excused:
            self.fail(
                [f"{deed.id[:6]} is {true_age:.0f} s old, and said to be {sent['age']:.0f} ± {sent['unsure']:.0f}"]
            )
        return Telling(self.now, sure, self.emptied[deed.under], sent["unsure"] + off)

    def has_answered(self, phone: PagePhone, body: Row, answer: httpx2.Response, owed: tuple[Deed, str] | None) -> None:
        told = answer.json()
        if answer.status_code == 200:
            self.emptied[phone.door_pass.id] = self.emptied[phone.door_pass.id] if body["to_send"] else self.now
        elif answer.status_code == 410:
            phone.gone = True
        elif answer.status_code == 401:
            return
        revoked = [{"id": one, "verdict": "device_revoked"} for one in told.get("kept", [])]
        said = {one["id"]: one for one in [*told.get("answers", []), *revoked]}
        if owed and said.get(owed[0].id, {}).get("verdict") != owed[1]:
            self.fail([f"{owed[0].id[:6]} at {phone.name} was owed {owed[1]}, and answered {said}"], owed[0].guest)
        for deed in sorted((self.deeds[one] for one in said if one in self.deeds), key=lambda deed: deed.at):
            self.is_said(phone, deed, scan_answer.nameless(said[deed.id]))

    def is_said(self, phone: PagePhone, deed: Deed, said: dict[str, Any]) -> None:
        if deed.answer is not None and said["verdict"] != "device_revoked" and deed.answer != said:
            self.fail([f"scan {deed.id[:6]} was answered {deed.answer}, then {said}"], deed.guest)
        deed.answer = deed.answer or said
        self.truth.hears(deed)
        self.tell(deed.guest, f"the server says of {deed.id[:6]}: {said['verdict']}")

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


async def simulate(database: Database, seed: int, guests: int = 10, steps: int = 60, plants: Plants = ()) -> PageDay:
    """`plants`: faults in the text of the phone's modules, each as (file, what stands there, what to put there)."""
    day = PageDay(database, seed, guests, steps)
    day.plants = plants
    await day.run()
    return day


if __name__ == "__main__":
    main(sys.argv[1:], simulate)
