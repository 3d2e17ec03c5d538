"""A person's request for a place: its states, and the moves between them that only one caller can make."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.accounts.staff import Staff
from events.event import Event, event_with, events_with
from events.ground import keys, tokens, wording
from events.ground.database import among, find_row, find_rows, places, query, within_tx
from events.ground.keeping import Period
from events.ground.keyring.made import Keyed, Sealed, made
from events.ground.personal import Personal, personal
from events.ground.refusal import Refused
from events.ground.settings import current
from registrations.codes.badge_type import BadgeType

from . import choices, needs
from . import person as people
from .choices import Choices
from .invitation import Invitation
from .needs import Needs
from .person import BASIS, COMES_WITH, KEPT, SEALED_AS, TAGGED_AS, UNREADABLE, Person, address_tag, opened, seal_again


class State(StrEnum):
    REQUESTED = "requested"
    CONFIRMED = "confirmed"  # someone acted on the link: that proves an address, not a person
    APPROVED = "approved"
    WAITING = "waiting"
    OFFERED = "offered"
    RECHECKING = "rechecking"  # had a place, changed who they work for: it is held, without a ticket
    NOT_OFFERED = "not_offered"  # the outcome only: a reason is never stored
    CANCELLED = "cancelled"
    EXPIRED = "expired"


MOVES: dict[State, set[State]] = {
    State.REQUESTED: {State.CONFIRMED, State.CANCELLED, State.EXPIRED},
    State.CONFIRMED: {State.APPROVED, State.WAITING, State.NOT_OFFERED, State.CANCELLED},
    State.APPROVED: {State.CONFIRMED, State.RECHECKING, State.CANCELLED},  # withdrawn, or a new organisation
    # back to the queue: with another address they are looked at again
    State.WAITING: {State.OFFERED, State.APPROVED, State.CONFIRMED, State.NOT_OFFERED, State.CANCELLED},
    State.OFFERED: {State.APPROVED, State.WAITING, State.CANCELLED},  # waiting: they did not answer in time
    State.RECHECKING: {State.APPROVED, State.WAITING, State.NOT_OFFERED, State.CANCELLED},
    State.NOT_OFFERED: {State.CONFIRMED, State.CANCELLED},  # a mis-click can be mended
    State.CANCELLED: {State.APPROVED, State.WAITING, State.CONFIRMED},  # restored by an organiser
    State.EXPIRED: set(),
}
TO_DECIDE = {State.CONFIRMED, State.RECHECKING}  # whom organisers have to look at
HOLDS_A_PLACE = {State.APPROVED, State.OFFERED, State.RECHECKING}
KNOWS_OF_A_PLACE = {State.APPROVED, State.RECHECKING}  # of them something is arranged
MANAGED = {State.CONFIRMED, State.WAITING, *HOLDS_A_PLACE}  # who has a page to manage it with
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


RECOGNISED = Period(timedelta(days=30), "after asking")
PERSON_SEALED = Personal("all that the person told us, sealed: the rows above", BASIS, KEPT)
ADDRESS_TAG = Personal("a keyed hash of the address, by which an address has one request at an event", BASIS, KEPT)
NEEDS_SEALED = Personal("what somebody needs for the day, sealed: the rows of `needs`", needs.BASIS, needs.UNTIL)
CHOICES_SEALED = Personal(
    "what somebody chooses for the day, sealed: the rows of `choices`", f"{BASIS}; photographs: consent", choices.UNTIL
)
UNDELIVERABLE = Personal("that their address takes no email, as a status: organisers telephone them", BASIS, KEPT)
PUBLIC_ID = Personal(
    "the public half of the person's own links",
    BASIS,
    f"{KEPT}, then one that no link has; of an unconfirmed request {RECOGNISED}, so that its link opens a page that "
    "says what happened",
)
FOR_THE_DAY: dict[str, None] = {"needs_sealed": None, "choices_sealed": None}  # what nobody needs without a place
# What deletion leaves of all that is personal.
EMPTY: dict[str, str | None] = {
    "person_sealed": None,
    "address_tag": "",
    "undeliverable": "",
    **FOR_THE_DAY,
    "invitation_id": None,
    "comes_with_id": None,
    "badge_type": BadgeType.DELEGATE,
}


class Registration(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="registrations")
    event_id: int
    public_id = personal(fields.CharField(max_length=16), PUBLIC_ID)
    generation = fields.IntField(default=0)  # of its links: a new one kills every older one
    address_tag = personal(fields.CharField(max_length=64), ADDRESS_TAG)
    person_sealed = personal(fields.BinaryField(null=True), PERSON_SEALED)
    kind = fields.CharEnumField(OrganisationKind, max_length=40)
    badge_type = personal(fields.CharEnumField(BadgeType, max_length=10, default=BadgeType.DELEGATE), people.BADGE_TYPE)
    state = fields.CharEnumField(State, max_length=12, default=State.REQUESTED)
    requested_at = fields.DatetimeField()
    confirmed_at = fields.DatetimeField(null=True)  # when an address last said yes to it: this one, or one to move to
    decided_at = fields.DatetimeField(null=True)
    state_before = fields.CharEnumField(State, max_length=12, null=True)  # where an undo leads; or what was given up
    withdrawn_at = fields.DatetimeField(null=True)  # when an approval was last taken back
    offer_n = fields.IntField(default=0, db_default=0)  # how many offers they had: the link of each is of its number
    offered_until = fields.DatetimeField(null=True)  # the last of them
    lapsed_at = fields.DatetimeField(null=True)  # when it ran out, if they have not asked to stay since
    waits_from = fields.DatetimeField(null=True)  # their turn counts from here, not from when they asked for a place
    invitation: fields.ForeignKeyNullableRelation[Invitation] = fields.ForeignKeyField(
        "registrations.Invitation", related_name="registrations", on_delete=OnDelete.SET_NULL, null=True
    )
    invitation_id: int | None  # that they confirmed with, while both are kept
    comes_with_id = personal(fields.IntField(null=True), COMES_WITH)  # a guest; this place is not counted then
    more_asked_at = fields.DatetimeField(null=True)  # when they were last asked for more before a decision
    more_asked_by: fields.ForeignKeyNullableRelation[Staff] = fields.ForeignKeyField(
        "events.Staff", related_name="registrations_asked", on_delete=OnDelete.RESTRICT, null=True
    )
    more_asked_by_id: int | None
    version = fields.BigIntField(db_default=0)  # the database raises it with each change, for `directory`
    undeliverable = personal(fields.CharField(max_length=12, default="", db_default=""), UNDELIVERABLE)
    needs_sealed = personal(fields.BinaryField(null=True), NEEDS_SEALED)
    choices_sealed = personal(fields.BinaryField(null=True), CHOICES_SEALED)

    _opened: tuple[bytes | None, Person] | None = None

    MADE = made(
        address_tag=Keyed(TAGGED_AS, lambda asked: asked.email or None, event="event_id", emptied="undeliverable"),
        person_sealed=Sealed(SEALED_AS, "registration|{event_id}|{public_id}", event="event_id"),
        needs_sealed=Sealed(needs.SEALED_AS, "needs|{event_id}|{public_id}", event="event_id"),
        choices_sealed=Sealed(choices.SEALED_AS, "choices|{event_id}|{public_id}", event="event_id"),
    )

    class Meta:
        app, table = "registrations", "registration"

    async def become(self, state: State, **also: datetime | str | None) -> bool:
        """True for the one caller who made this move; False if it is not allowed or the row had moved on. What was to
        be arranged for somebody goes with a request that is cancelled."""
        if state not in MOVES[self.state]:
            return False
        changes = {"state": state, **(FOR_THE_DAY if state is State.CANCELLED else {}), **also}
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
    def person(self) -> Person:
        """Opened, as `opened` says."""
        if self._opened is None or self._opened[0] != self.person_sealed:
            person = opened(self.person_sealed, self.id, self.event_id, self.public_id)
            self._opened = self.person_sealed, person
        return self._opened[1]

    def sealed(self, person: Person) -> bytes:
        """For this row, in place of what stands there, under its key. Write it only while that still stands, or hold
        the row. Raises Refused if it is damaged."""
        if self.person is UNREADABLE:
            raise Refused(wording.DAMAGED)
        return seal_again(person, self.person_sealed or b"", self.event_id, self.public_id)

    @property
    def needs(self) -> Needs:
        """Opened each time, since hardly any page asks."""
        return needs.opened(self.needs_sealed, self.id, self.event_id, self.public_id)

    @property
    def choices(self) -> Choices:
        return choices.opened(self.choices_sealed, self.id, self.event_id, self.public_id)

    @property
    def full_name(self) -> str:
        return self.person.full_name

    @property
    def badge_name(self) -> str:
        return self.person.badge_name

    @property
    def shown_name(self) -> str:
        return self.person.shown_name

    @property
    def email(self) -> str:
        return self.person.email

    @property
    def organisation(self) -> str:
        return self.person.organisation

    @property
    def role(self) -> str:
        return self.person.role

    @property
    def phone(self) -> str:
        return self.person.phone

    @property
    def marks(self) -> list[str]:
        """Of what an organiser decides on, as a list shows it: the state, the answers, and to whom the links go. Under
        each key of ours, the newest first."""
        decided_on = (self.id, self.state, self.kind, self.generation, self.confirmed_at, self.person)
        return keys.keyed_hashes("request as listed", "|".join(map(str, decided_on)))

    @property
    def is_set_aside(self) -> bool:
        """Whoever reads the address said that they had not asked. Nobody at the desk is shown whose address it is."""
        return self.state is State.REQUESTED and not self.full_name

    def link(self, purpose: tokens.Purpose) -> str:
        """The address of a page of theirs, complete, for an email. That of an offer is the last one's."""
        number = self.offer_n if purpose is tokens.Purpose.OFFER else self.generation
        token = tokens.make(purpose, self.public_id, number)
        return f"{current().base_url}/{purpose.value}/{token}"


OF_ADDRESSES = "SELECT * FROM registration WHERE {events} AND {tags} AND state NOT IN ('cancelled', 'expired')"
WITH_IDS = "SELECT * FROM registration WHERE id IN ({ids})"


async def of_address(event: Event, email: str) -> Registration | None:
    """The live request of this address, in its normal form."""
    [found] = await of_addresses([(event, email)])
    return found


async def of_addresses(wanted: Sequence[tuple[Event, str]]) -> list[Registration | None]:
    """The same of several, in one statement."""
    tagged = [(event.id, address_tag(event, email) if event.data_key else "") for event, email in wanted]
    events, tags = {event_id for event_id, _ in tagged}, [tag for _, tag in tagged]
    (at_events, first), (tagged_so, rest) = among("event_id", "int", events), among("address_tag", "text", tags)
    sql = OF_ADDRESSES.format(events=at_events, tags=tagged_so)
    rows = await find_rows(Registration, sql, [*first, *rest]) if tags else []
    live = {(row.event_id, row.address_tag): row for row in rows}
    return [live.get(own) for own in tagged]


HOLD_AS_READ = "UPDATE registration SET state = state WHERE id = ? AND version = ? RETURNING id"


@within_tx
async def held_as_read(seen: Registration) -> bool:
    """Holds the row until the transaction ends. False if anything of it was changed since: each change gives it another
    version."""
    return bool(await query(HOLD_AS_READ, [seen.id, seen.version]))


async def held_in_order(ids: Collection[int]) -> dict[int, Registration]:
    """These requests as they stay until the transaction ends, by their ids: held in the order of these, as decisions on
    many hold them. So two who hold some of the same never wait for each other."""
    with_ids = WITH_IDS.format(ids=places(len(ids)) or "NULL")
    rows = await find_rows(Registration, f"{with_ids} ORDER BY id FOR NO KEY UPDATE", list(ids))
    return {row.id: row for row in rows}


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
