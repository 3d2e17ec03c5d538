"""What organisers do beside simulated doors: walk-ins, badges, and who comes along with whom."""

import asyncio
from dataclasses import dataclass
from typing import Any

from events.event import Event
from events.ground.refusal import Refused
from registrations.badges import on_arrival
from registrations.badges.papers import PaperName
from registrations.checkin.reference_lookup import EARLIEST
from registrations.checkin.walking_in import deciding_walk_ins, starting
from registrations.checkin.walking_in.starting import Asked
from registrations.checkin.walking_in.walk_in import Reason, Stage, WalkIn
from registrations.deciding import coming_along
from registrations.deciding.vetting import Result
from registrations.people.registration import Registration
from registrations.phones import finding
from registrations.phones.door import ENTRANCES, DoorPass
from registrations.tickets.ticket import Ticket
from tests.hostile.door_deeds import Deed, Guest, SimPhone

from .by_card import ByCard


@dataclass
class AtTheDoor:
    """Somebody on no list, as the lead asked for them."""

    public_id: str
    email: str
    guest: Guest | None = None  # who has a ticket already, or has one since
    was_known: bool = False
    stage: Stage = Stage.WAITING
    vetted: bool = False


class Desks(ByCard):
    def __init__(self, seed: int, guests: int, steps: int) -> None:
        super().__init__(seed, guests, steps)
        self.at_the_door: list[AtTheDoor] = []
        self.prints: dict[int, int] = {}  # by guest
        self.comes_with: dict[int, int] = {}  # companion -> guest
        self.ended_along: set[int] = set()  # of those who came along with somebody

    def living(self) -> list[Guest]:
        return [guest for guest in self.guests if guest.dead_at is None]

    def taken(self) -> int:
        """Places: a companion has none."""
        return sum(guest.n not in self.comes_with for guest in self.living())

    # walk-ins

    async def walk_in(self, _: SimPhone) -> None:
        """Of somebody new; now and then of somebody who waits already, or who has a place."""
        chosen = self.rng.choice(["new", "new", "again", "guest"])
        waiting = [asked for asked in self.at_the_door if asked.stage is Stage.WAITING]
        name, guest = f"Walter Walkin {len(self.at_the_door)}", None
        email = f"walter{len(self.at_the_door)}.{self.seed}@walkins.example.org"
        if chosen == "again" and waiting:
            email = self.rng.choice(waiting).email
        elif chosen == "guest" and self.living():
            guest = self.rng.choice(self.living())
            email = (await Registration.get(id=guest.registration_id)).email
        lead = await finding.device_of(await DoorPass.get(id=self.lead_pass), self.at())
        asked = Asked(name, "Example Charity", email, self.rng.choice(list(Reason)))
        answer = await starting.start(asked, lead._replace(lead=lead.id), self.at(), self.at())
        if "walk_in" not in answer:
            is_early = lead.opens_at is not None and self.at() < lead.opens_at - EARLIEST
            if answer["error"] != ("closed" if is_early else "slow"):
                self.fail([f"a walk-in was answered {answer}"])
            return
        known = next((other for other in waiting if other.email == email), None)
        if known is not None and known.public_id != answer["walk_in"]:
            self.fail(["one person waits twice"])
        if known is None:
            self.at_the_door.append(AtTheDoor(answer["walk_in"], email, guest, guest is not None))
        self.tell(guest, f"the lead asks for {email}")

    async def organiser(self, _: SimPhone) -> None:
        """Decides on one of them; the first of two at once."""
        waiting = [asked for asked in self.at_the_door if asked.stage is Stage.WAITING]
        if not waiting:
            return
        asked = self.rng.choice(waiting)
        row = await WalkIn.get(public_id=asked.public_id).select_related("registration")
        is_withdrawn = asked.guest is not None and asked.guest.dead_at is not None  # and would have a second ticket
        if self.rng.random() < 0.3 or is_withdrawn:
            if not await deciding_walk_ins.decline(row, self.omar, self.at()):
                self.fail([f"{asked.email} could not be declined"])
            asked.stage = Stage.DECLINED
            return
        is_full = asked.guest is None and self.taken() >= self.event.capacity
        mark = row.registration.marks[0]
        both = [deciding_walk_ins.approve(row, mark, self.omar, self.at()) for _ in range(self.rng.choice([1, 2]))]
        results = [result if isinstance(result, Result) else Result.DECIDED
                   for result in await asyncio.gather(*both, return_exceptions=True)]  # fmt: skip
        owed = Result.FULL if is_full else Result.DONE
        if results.count(owed) != (1 if owed is Result.DONE else len(results)):
            self.fail([f"{asked.email} was answered {results}, and owed {owed}"])
        if owed is Result.DONE:
            await self.is_let_in(asked, row.registration_id)

    async def is_let_in(self, asked: AtTheDoor, registration_id: int) -> None:
        asked.stage, asked.vetted = Stage.APPROVED, asked.was_known
        if asked.guest is None:
            ticket = await Ticket.get(registration_id=registration_id, revoked_at=None)
            asked.guest = await self.with_ticket(len(self.guests) + 1, ticket)
            self.guests.append(asked.guest)
        self.tell(asked.guest, f"{asked.email} is let in")

    async def vets(self, _: SimPhone) -> None:
        let_in = [asked for asked in self.at_the_door if asked.stage is Stage.APPROVED]
        if let_in:
            asked = self.rng.choice(let_in)
            row = await WalkIn.get(public_id=asked.public_id)
            if await deciding_walk_ins.mark_vetted(row, self.omar, self.at()) is asked.vetted:
                self.fail([f"{asked.email} was vetted, and was {asked.vetted} before"])
            asked.vetted = True

    async def check_walk_ins(self) -> None:
        owed = {asked.guest.registration_id for asked in self.at_the_door
                if asked.guest and asked.stage is Stage.APPROVED and not asked.vetted}  # fmt: skip
        if (left := await deciding_walk_ins.not_vetted(self.event.id)) != owed:
            self.fail([f"to be vetted are {left}, and in truth {owed}"])
        lead = await finding.device_of(await DoorPass.get(id=self.lead_pass), self.at())
        shown = await starting.of_phone(lead, self.at())
        for asked, told in zip(self.at_the_door[::-1], shown, strict=False):
            await self.check_shown(asked, told)

    async def check_shown(self, asked: AtTheDoor, told: dict[str, object]) -> None:
        """On the lead's phone, which types the reference where somebody was let in."""
        guest = asked.guest
        if guest is None or guest.dead_at is not None:
            is_right = "reference" not in told and told["stage"] != Stage.APPROVED
        else:
            ticket = await Ticket.get(id=guest.ticket_id)
            reference = ticket.reference if asked.stage is Stage.APPROVED else None
            is_right = told.get("reference") == reference and told["stage"] == asked.stage
        if not is_right:
            self.fail([f"the lead hears of {asked.email}: {told}, and in truth {asked}"], guest)

    # badges

    async def badge(self, _: SimPhone) -> None:
        """Two desks press for the same guest at once: one badge comes out."""
        event = await Event.get(id=self.event.id)
        jobs = await on_arrival.jobs(event)
        self.check_waiting(jobs)
        if not jobs.waiting:
            return
        job = self.rng.choice(jobs.waiting)
        desks = range(self.rng.choice([1, 2]))
        pressed = (on_arrival.print_waiting(event, job.id, PaperName.CARD, self.omar, self.at()) for _ in desks)
        made = await asyncio.gather(*pressed, return_exceptions=True)
        if sum(not isinstance(badge, Refused) for badge in made) != 1:
            self.fail([f"two desks printed {made}"])
        guest = self.of_registration(job.id)
        self.prints[guest.n] = self.prints.get(guest.n, 0) + 1
        self.tell(guest, "has a badge")

    def of_registration(self, registration_id: int) -> Guest:
        return next(guest for guest in self.guests[::-1] if guest.registration_id == registration_id)

    def check_waiting(self, jobs: on_arrival.Jobs) -> None:
        """Whoever is in, has a ticket and no badge; of whom the truth is in doubt, either."""
        waiting = {self.of_registration(job.id).n for job in jobs.waiting}
        for guest in self.guests if not jobs.more else []:
            key = (guest.n, ENTRANCES)
            if not self.truth.certain(key) or not self.order_is_sure(key):
                continue
            waits = self.truth.is_in(key, self.now) and guest.dead_at is None and guest.n not in self.prints
            if (guest.n in waiting) is not waits:
                self.fail([f"the badge desk says that they wait: {guest.n in waiting}, and in truth {waits}"], guest)

    def order_is_sure(self, key: tuple[int, int]) -> bool:
        passings = [passing for passing in self.truth.of(key) if not passing.made_up]
        exits = [passing for passing in passings if passing.out]
        return not any(entry.may_be_kept_with(leaving) for entry in passings for leaving in exits if not entry.out)

    # who comes along

    async def along(self, _: SimPhone) -> None:
        if len(self.guests) < 2:
            return
        guest, companion = self.rng.sample(self.guests, 2)
        may = (
            guest.dead_at is None and companion.n not in self.ended_along
            and guest.n not in self.comes_with and companion.n not in {*self.comes_with, *self.comes_with.values()}
            and sum(other == guest.n for other in self.comes_with.values()) < 2
        )  # fmt: skip
        rows = [await Registration.get(id=person.registration_id) for person in (companion, guest)]
        try:
            await coming_along.link(rows[0], rows[1], self.omar, self.at())
        except Refused:
            if may:
                raise
            return
        if not may:
            states = [row.state.value for row in rows]
            self.fail([f"comes along with guest {guest.n}, which may not be: {states}"], companion)
        self.comes_with[companion.n] = guest.n
        self.tell(companion, f"comes along with guest {guest.n}")
        self.tell(guest, f"has guest {companion.n} along")

    async def withdraw(self, phone: SimPhone) -> None:
        """With a guest's place goes that of whoever comes along, and not the other way round."""
        await super().withdraw(phone)
        dead = {guest.n for guest in self.guests if guest.dead_at is not None}
        for guest in self.guests:
            if self.comes_with.get(guest.n) in dead:
                del self.comes_with[guest.n]
                self.ended_along.add(guest.n)
                guest.dead_at = guest.dead_at or self.now
                self.tell(guest, "their guest's approval is withdrawn, and theirs goes with it")

    def waited_for(self, deed: Deed) -> int | None:
        """How many who come with them have not come in there; None where that is in doubt."""
        if deed.guest is None:
            return None
        them = self.comes_with.get(deed.guest.n, deed.guest.n)
        theirs = {them} | {companion for companion, other in self.comes_with.items() if other == them}
        theirs &= {guest.n for guest in self.living()} - {deed.guest.n}
        keys = [(guest, deed.key[1]) for guest in sorted(theirs)]
        if not all(self.truth.certain(key) for key in keys):
            return None
        inside = {key[0] for key in keys if any(not passing.out for passing in self.truth.of(key))}
        return len(theirs - inside)

    def check_along(self, deed: Deed, owed: int | None, answer: dict[str, Any]) -> None:
        heard = len(answer.get("along", ()))
        if owed is not None and answer.get("verdict") == "ok" and heard != owed:
            self.fail([f"{deed.id[:6]} heard of {heard} who come with them, owed {owed}"], deed.guest)
