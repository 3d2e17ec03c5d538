"""What passes between a simulated phone and the server: scans and answers, late, twice or lost."""

from collections.abc import Sequence
from typing import Any

from registrations.checkin import checkin
from registrations.checkin.scan import read_sent
from registrations.phones import finding, heartbeat, scan_answer
from registrations.phones.heartbeat import Report
from tests.hostile.door_deeds import EXACT, Row, SimPhone, Telling
from tests.hostile.door_world import DoorWorld


class Sending(DoorWorld):
    """The phone's side of it. The server's side are the product's verbs."""

    async def pair_anew(self, phone: SimPhone) -> None:
        """With whatever it has not handed over yet."""
        phone.door_pass = await self.a_pass(phone.door, f"{phone.name} again", self.now)
        phone.revoked = phone.gone = False
        phone.own, phone.last, phone.version = {}, None, 0
        self.tell(None, f"{phone.name} is paired anew, with {len(phone.queue)} to send")

    def a_row(self, kind: str, **more: Any) -> Row:
        return {"id": f"{self.rng.getrandbits(128):032x}", "kind": kind} | more

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
        by = await self.device_of(phone)
        deed = self.deeds[rows[0]["id"]]
        owed = self.truth.owed(deed, self.now) if len(rows) == 1 and not deed.fate and deed.at == self.now else None
        for row in rows:
            self.deeds[row["id"]].heard(self.telling(phone, row))
        made_by = await finding.makers({scan.pass_mark for scan in sent}, by, self.at())
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
