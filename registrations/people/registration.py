"""A person's request for a place: its states, and the moves between them that only one caller can make."""

import unicodedata
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from events.event import Event, event_with, events_with
from events.ground import tokens
from events.ground.database import find_row, find_rows, places, query
from events.ground.personal import Personal, emptied, personal
from events.ground.settings import current


class State(StrEnum):
    REQUESTED = "requested"
    CONFIRMED = "confirmed"  # someone acted on the link: that proves an address, not a person
    APPROVED = "approved"
    WAITING = "waiting"
    OFFERED = "offered"
    NOT_OFFERED = "not_offered"  # the outcome only: a reason is never stored
    CANCELLED = "cancelled"
    EXPIRED = "expired"


MOVES: dict[State, set[State]] = {
    State.REQUESTED: {State.CONFIRMED, State.CANCELLED, State.EXPIRED},
    State.CONFIRMED: {State.APPROVED, State.WAITING, State.NOT_OFFERED, State.CANCELLED},
    State.APPROVED: {State.CONFIRMED, State.CANCELLED},  # withdrawn, or new address or organisation: vetted again
    State.WAITING: {State.OFFERED, State.APPROVED, State.NOT_OFFERED, State.CANCELLED},
    State.OFFERED: {State.APPROVED, State.CANCELLED},
    State.NOT_OFFERED: {State.CONFIRMED, State.CANCELLED},  # a mis-click can be mended
    State.CANCELLED: set(),
    State.EXPIRED: set(),
}
HOLDS_A_PLACE = {State.APPROVED, State.OFFERED}
MANAGED = {State.CONFIRMED, State.WAITING, State.APPROVED, State.OFFERED}  # who has a page to manage it with
LIVE = set(State) - {State.CANCELLED, State.EXPIRED}


class OrganisationKind(StrEnum):
    CHARITY = "charity"
    POLICE = "police"
    COUNCIL = "council"
    HEALTH = "health"
    SOCIAL_CARE = "social care"
    PROBATION = "probation or prisons"
    JUSTICE = "courts or prosecution"
    HOUSING = "housing"
    EDUCATION = "school, college or university"
    OTHER = "something else"


BASIS = "public task (council), legitimate interests (charity)"
KEPT = "90 days after the event; 30 where no place was offered; unconfirmed 72 hours"
NAMES = "your name, and a name for your badge if you want another one: to know who asks, and for the door and the badge"
WORK = "your organisation, its kind and your role there: to check that this event is for you"


def _answer(label: str, purpose: str, notice: str, basis: str = BASIS) -> Personal:
    return Personal(purpose, basis, KEPT, label, notice, empty="")


FULL_NAME = _answer("Full name", "to know who comes, and to check the name at the door", NAMES)
BADGE_NAME = _answer("Name for your badge", "what stands on the badge", NAMES)
EMAIL = _answer(
    "Work email address",
    "to confirm the address and send ticket and joining details",
    "your work email address: to see that it is yours, to answer you and to send your ticket",
)
ORGANISATION = _answer("Organisation", "to vet a request; shown at the door", WORK)
ROLE = _answer("Role", "to vet a request", WORK)
PHONE = _answer(
    "Telephone number",
    "only if there is a problem on the day",
    "a telephone number, if you give one: only if there is a problem on the day",
    basis=f"{BASIS}; giving it is optional",
)
SEARCH = Personal("name, address and organisation again, folded, for the desk's search", BASIS, KEPT, empty="")
PUBLIC_ID = Personal(
    "the public half of the person's own links",
    BASIS,
    f"{KEPT}, then a new one that no link has; of an unconfirmed request 30 days, so that its link opens a page that "
    "says what happened",
)


class Registration(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="registrations")
    event_id: int
    public_id = personal(fields.CharField(max_length=16), PUBLIC_ID)
    generation = fields.IntField(default=0)  # of its links: a new one kills every older one
    full_name = personal(fields.CharField(max_length=100), FULL_NAME)
    badge_name = personal(fields.CharField(max_length=60, default=""), BADGE_NAME)
    email = personal(
        fields.CharField(max_length=254), EMAIL
    )  # normalised; the database promises one live request for it
    organisation = personal(fields.CharField(max_length=120), ORGANISATION)
    kind = fields.CharEnumField(OrganisationKind, max_length=40)
    role = personal(fields.CharField(max_length=100), ROLE)  # what they do there
    phone = personal(fields.CharField(max_length=40, default=""), PHONE)  # as typed
    state = fields.CharEnumField(State, max_length=12, default=State.REQUESTED)
    requested_at = fields.DatetimeField()
    confirmed_at = fields.DatetimeField(null=True)
    decided_at = fields.DatetimeField(null=True)
    state_before = fields.CharEnumField(State, max_length=12, null=True)  # where an undo leads; or what was given up
    withdrawn_at = fields.DatetimeField(null=True)  # when an approval was last taken back
    search: str = personal(fields.TextField(default=""), SEARCH)  # what `searched_for` makes: for the desk's search

    class Meta:
        app, table = "registrations", "registration"

    async def become(self, state: State, **also: datetime | str | None) -> bool:
        """True for the one caller who made this move; False if it is not allowed or the row had moved on."""
        if state not in MOVES[self.state]:
            return False
        changes = {"state": state, **also}
        columns = ", ".join(f"{name} = ?" for name in changes)
        sql = f"UPDATE registration SET {columns} WHERE id = ? AND state = ? RETURNING id"  # noqa: S608
        if not await query(sql, [*changes.values(), self.id, self.state]):
            return False
        self.state = state
        return True

    async def step_back(self) -> bool:
        """True for the one caller who takes the last decision back; False if there is none, or the row had moved on."""
        if self.state_before is None:
            return False
        as_seen = Registration.filter(id=self.id, state=self.state, state_before=self.state_before)
        if await as_seen.update(state=self.state_before, state_before=None, decided_at=None) != 1:
            return False
        self.state = self.state_before
        return True

    @property
    def shown_name(self) -> str:
        return self.badge_name or self.full_name

    @property
    def is_set_aside(self) -> bool:
        """Whoever reads the address said that they had not asked. Nobody at the desk is shown whose address it is."""
        return self.state is State.REQUESTED and not self.search

    @property
    def searched_for(self) -> str:
        """The text that the desk searches. Whoever changes one of its columns updates `search` too."""
        return searched_for(self.full_name, self.email, self.organisation)

    def link(self, purpose: tokens.Purpose) -> str:
        """The address of a page of theirs, complete, for an email."""
        token = tokens.make(purpose, self.public_id, self.generation)
        return f"{current().base_url}/{purpose.value}/{token}"


EMPTY = emptied(Registration)  # what deletion puts in the place of all that is personal
WITH_IDS = "SELECT * FROM registration WHERE id IN ({ids})"


async def with_event(where: str, *values: object) -> Registration | None:
    """The request of which this hand-written condition is true, its event fetched."""
    found = await find_row(Registration, where, values)
    if found is not None:
        found.event = await event_with(found.event_id)
    return found


async def with_events(ids: Collection[int]) -> dict[int, Registration]:
    """Of these requests those that there are, by their ids, the event of each fetched."""
    if not ids:
        return {}
    rows = await find_rows(Registration, WITH_IDS.format(ids=places(len(ids))), list(ids))
    events = await events_with({row.event_id for row in rows})
    for row in rows:
        row.event = events[row.event_id]
    return {row.id: row for row in rows}


def searched_for(full_name: str, email: str, organisation: str) -> str:
    return fold(f"{full_name} {email} {organisation}")


def fold(text: str) -> str:
    """What the desk's search compares: no accents, capitals or unseen joiners, single spaces; 600 letters at most."""
    letters = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    plain = "".join(c for c in letters if unicodedata.category(c) != "Cf")
    return " ".join(plain.casefold().split())[:600]
