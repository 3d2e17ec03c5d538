"""What the waiting list should do, written a second time with plain lists, and a run that compares the two.

python -m pytest tests/registrations/deciding/test_waiting_list_runs.py     some runs of 200 people for 50 places
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.known_organisation import KnownOrganisation, Treatment
from events.mail.outbox import Message
from registrations.booking import own_booking
from registrations.deciding import offers, several_decisions, vetting, waiting_list
from registrations.deciding.vetting import Decision
from registrations.people.registration import HOLDS_A_PLACE, Registration, State
from tests.people import MONDAY, Person, an_event
from tests.registrations.deciding.decisions import anew
from tests.registrations.deciding.waiting import waiting

CAP = 3
BIG = ("big.example", "large.example")  # verified organisations
BEGINS = clock.at_venue(MONDAY.date() - timedelta(days=14), 9, 0)
WAITING, OFFERED, APPROVED, CANCELLED = State.WAITING, State.OFFERED, State.APPROVED, State.CANCELLED


@dataclass
class Somebody:
    """As the model knows them."""

    id: int
    domain: str
    turn: datetime
    state: State = WAITING
    until: datetime = BEGINS
    has_lapsed: bool = False
    offers: int = 0
    answers: int = 0  # and other ends of an offer


@dataclass
class Run:
    event: Event
    omar: Staff
    chance: random.Random
    people: list[Somebody]
    places: int
    at: datetime = BEGINS
    offered: list[int] = field(default_factory=list)  # by the list itself, in order

    @property
    def held(self) -> int:
        return sum(person.state in HOLDS_A_PLACE for person in self.people)

    def some(self, *states: State) -> Somebody | None:
        found = [person for person in self.people if person.state in states]
        return self.chance.choice(found) if found else None

    def upcoming(self) -> Somebody | None:
        """Whom a place should be offered now."""
        held = Counter(person.domain for person in self.people if person.state in HOLDS_A_PLACE)
        line = [person for person in self.people if person.state is WAITING and not person.has_lapsed]
        may = [person for person in line if person.domain not in BIG or held[person.domain] < CAP]
        return min(may, key=lambda person: (person.turn, person.id), default=None)

    def offer(self, person: Somebody) -> None:
        person.state, person.has_lapsed, person.offers = OFFERED, False, person.offers + 1
        person.until = offers.ends(self.event, self.at) or self.at

    def end(self, person: Somebody, state: State) -> None:
        person.answers += person.state is OFFERED
        person.state = state


async def begin(omar: Staff, seed: int, number: int, places: int) -> Run:
    event, chance = await an_event(capacity=places), random.Random(seed)  # noqa: S311
    for domain in BIG:
        await KnownOrganisation.create(event=event, domain=domain, kind="charity", treatment=Treatment.PARTNER)
    await Event.filter(id=event.id).update(domain_cap=CAP, day=MONDAY.date() + timedelta(days=30), starts_at=None)
    domains = chance.choices([*BIG, "other.example"], [2, 1, 5], k=number)
    told = [Person(f"Guest {n}", f"g{n}@{domain}", "Body", "charity", "Officer") for n, domain in enumerate(domains)]
    rows = await waiting(event, omar, number, *told)
    await Registration.filter(event_id=event.id).update(decided_at=BEGINS - timedelta(days=1))
    people = [Somebody(row.id, domain, row.requested_at) for row, domain in zip(rows, domains, strict=True)]
    return Run(await Event.get(id=event.id), omar, chance, people, places)


async def turn(run: Run) -> None:
    """Two servers take their turn at once; the model says what must have come of it."""
    for person in run.people:
        if person.state is OFFERED and person.until <= run.at:
            run.end(person, WAITING)
            person.has_lapsed = True
    while run.held < run.places and (upcoming := run.upcoming()) and offers.ends(run.event, run.at):
        run.offer(upcoming)
        run.offered.append(upcoming.id)
    await asyncio.gather(*(waiting_list.move(run.event.id, run.at) for _ in range(2)))


async def answers(run: Run, person: Somebody, yes: bool) -> None:
    in_time = person.until > run.at
    verb = offers.take if yes else offers.decline
    assert await verb(await anew_of(person), run.at) is in_time
    if in_time:
        run.end(person, APPROVED if yes else CANCELLED)


async def gives_up(run: Run) -> None:
    if person := run.some(run.chance.choice([APPROVED, APPROVED, OFFERED, WAITING])):
        assert await own_booking.give_up(await anew_of(person), run.at)
        run.end(person, CANCELLED)


async def takes(run: Run) -> None:
    if person := run.some(OFFERED):
        await answers(run, person, yes=True)


async def declines(run: Run) -> None:
    if person := run.some(OFFERED):
        await answers(run, person, yes=False)


async def stays(run: Run) -> None:
    lapsed = [person for person in run.people if person.state is WAITING and person.has_lapsed]
    if lapsed:
        person = run.chance.choice(lapsed)
        assert await offers.stay(await anew_of(person), run.at)
        person.has_lapsed, person.turn = False, run.at


async def time_passes(run: Run) -> None:
    run.at += timedelta(hours=run.chance.choice([1, 3, 9, 30]))


async def is_decided(run: Run) -> None:
    """Organisers approve several from the list, or offer places out of turn, in order, as far as the places go."""
    decision = run.chance.choice([Decision.APPROVE, Decision.OFFER])
    if decision is Decision.OFFER and offers.ends(run.event, run.at) is None:
        return
    waiting_now = [person for person in run.people if person.state is WAITING]
    some = run.chance.sample(waiting_now, min(3, len(waiting_now)))
    listed = await several_decisions.in_order(run.event, [person.id for person in some])
    await several_decisions.decide_people(listed, decision, run.omar, run.at, seen=WAITING)
    for person in sorted(some, key=lambda person: (person.turn, person.id)):
        if run.held < run.places:
            run.offer(person) if decision is Decision.OFFER else run.end(person, APPROVED)


async def is_approved_meanwhile(run: Run) -> None:
    if person := run.some(OFFERED):
        await vetting.approve(await anew_of(person), run.omar, run.at)
        run.end(person, APPROVED)


async def more_places(run: Run) -> None:
    run.places += 1
    await Event.filter(id=run.event.id).update(capacity=run.places)


Act = Callable[[Run], Awaitable[None]]
ACTS: dict[Act, int] = {
    gives_up: 6, takes: 8, declines: 5, stays: 9, time_passes: 6, is_decided: 2, is_approved_meanwhile: 1,
    more_places: 1,
}  # fmt: skip


async def go_on(run: Run, steps: int) -> None:
    """So many acts, with a turn after each that the model foretells."""
    for n in range(steps):
        for act in run.chance.choices([*ACTS], [*ACTS.values()], k=run.chance.randint(1, 3)):
            await act(run)
        await turn(run)
        await agrees(run, n)


async def agrees(run: Run, n: int) -> None:
    rows = {row.id: row for row in await Registration.filter(event_id=run.event.id)}
    differ = [
        (person.id, person.state, rows[person.id].state)
        for person in run.people
        if rows[person.id].state is not person.state
    ]
    assert differ == [], f"after {n} turns"
    assert (await Event.get(id=run.event.id)).taken == run.held <= run.places


async def ends_well(run: Run) -> None:
    """Places went out in order, and every offer was answered once: by its person, an organiser, or time."""
    entries = await AuditEntry.filter(action=Action.OFFERED, actor="system").order_by("id")
    assert [int(entry.subject.partition(":")[2]) for entry in entries] == run.offered
    assert len(run.offered) > 10, "else nothing was tried"
    for person in run.people:
        assert person.offers == person.answers + (person.state is OFFERED)
    assert await Message.filter(template="offer").count() == sum(person.offers for person in run.people)
    assert await Message.filter(template="ticket").count() == sum(
        1 for entry in await AuditEntry.filter(action__in=[Action.OFFER_TAKEN, Action.APPROVED])
    )


async def anew_of(person: Somebody) -> Registration:
    return await anew(Registration(id=person.id))
