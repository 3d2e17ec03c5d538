"""What a simulated day at the doors starts from: an event, its guests, doors, phones and a lead, and its true time."""

import base64
import random
import secrets
from datetime import datetime, timedelta

from events.accounts.staff import RoleName, Staff
from events.event import Event
from registrations.codes import sealing
from registrations.phones import door_changes, finding, guest_list, pairing
from registrations.phones.door import A_TAP, Device, Door, DoorKind, DoorPass, PassRole, Policy
from registrations.tickets.ticket import Ticket, secret_of
from tests.at_the_door import a_ticket
from tests.hostile.door_deeds import Deed, Guest, Hours, SimPhone
from tests.hostile.door_oracle import WentWrong
from tests.hostile.door_truth import Truth
from tests.people import THE_DAY, a_door, a_member_of_staff, a_phone, a_room, an_event, someone
from tests.registrations.phones.list_reading import read_blob

BEGINS = THE_DAY + timedelta(minutes=5)
DAY = 86_400.0
HOURS = 5  # at most, however many steps
LATE_TICKETS = 4
MIX = {  # how often each comes in a day of middling faults; a seed has none of some, and much of others
    "crash": 6, "part": 8, "undo": 6, "withdraw": 2, "rename": 2, "at_once": 4, "revoke": 2, "decide": 2, "pin": 5,
    "issue": 2, "lead_undo": 3, "stranger": 4,
}  # fmt: skip


class DoorWorld:
    """What `door_sending` and `door_simulation` act on."""

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
        self.rooms = ({2, 3}, {3}, {2}, set[int]())[seed % 4]  # of the three doors; the others are entrances
        self.one_place = False  # a person is in one of these rooms at a time

    def at(self, seconds: float | None = None) -> datetime:
        return BEGINS + timedelta(seconds=self.now if seconds is None else seconds)

    def tell(self, guest: Guest | None, words: str) -> None:
        self.story.append((self.now, guest.n if guest else 0, words))

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
        doors = [await self.the_door(n, open_from) for n, open_from in enumerate(self.rng.sample(hours, 3))]
        for door, open_from in doors:  # once all have their hours, since the ends of passes follow those
            n = door.name.removeprefix("Door ")
            self.phones += [await self.a_phone(door, open_from, f"phone {n}{letter}") for letter in self.letters]
        made = await pairing.make_pass(door, "lead", PassRole.DOOR_LEAD, self.omar, self.at(-7200), self.at(-7200))
        self.pin_of_lead, self.lead_pass = made.pin, made.door_pass.id
        await DoorPass.filter(id=made.door_pass.id).update(paired_at=self.at(-3600), expires_at=self.at(9 * DAY))

    async def the_door(self, n: int, open_from: Hours) -> tuple[Door, Hours]:
        door = await (a_room if n + 1 in self.rooms else a_door)(self.event, f"Door {n + 1}")
        opens = self.at(open_from.opens) if open_from.opens else None
        closes = self.at(open_from.closes) if open_from.closes < float("inf") else None
        if self.one_place and door.kind is DoorKind.ROOM:
            await door_changes.set_one_place(door, one_place=True, by=self.omar, at=self.at())
        await door_changes.change_door(door, opens, closes, self.omar, self.at(), self.at())
        if n == 2:
            await door_changes.set_policy(door, Policy.ONCE, self.omar, self.at())
        return await Door.get(id=door.id), open_from

    async def a_guest(self, n: int) -> Guest:
        return await self.with_ticket(n, await a_ticket(someone(), self.event))

    async def with_ticket(self, n: int, ticket: Ticket) -> Guest:
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

    async def device_of(self, phone: SimPhone) -> Device:
        return await finding.device_of(phone.door_pass, self.at())

    async def fetch(self, phone: SimPhone) -> None:
        news = read_blob(await guest_list.since(await self.device_of(phone), phone.version, self.at()))
        if news.base and news.base != phone.version:
            self.fail([f"{phone.name} has list {phone.version} and was sent news of {news.base}"])
        phone.rows = (phone.rows if news.base else {}) | news.rows
        phone.salt, phone.version, phone.list_at = news.salt, news.version, self.now

    def decided_alone(self, _: Deed) -> set[int | str]:
        """Whose word the record gives for what a phone took for a lead's without a network."""
        return {A_TAP}

    def fail(self, problems: list[str], guest: Guest | None = None) -> None:
        """As a story that a person can follow: this guest, and what befell the phones."""
        lines = [f"{self.at(when):%H:%M:%S} {words}" for when, n, words in self.story
                 if guest is None or n in (0, guest.n)]  # fmt: skip
        who = f"guest {guest.n}" if guest else "all"
        raise WentWrong("\n".join([f"seed {self.seed}: {'; '.join(problems)}", f"The story of {who}:", *lines[-60:]]))
