"""A conference: its hosts, times, places and venue, and the one counter that gives out its places."""

import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from tortoise import fields
from tortoise.exceptions import DoesNotExist
from tortoise.expressions import F
from tortoise.models import Model

from events.audit.audit import Actor
from events.ground.database import after_commit, find_row, find_rows, places, query
from events.ground.keyring.made import Sealed, made
from events.ground.keyring.sealed_text import DESTROYED as DESTROYED
from events.ground.keyring.sealed_text import SealedText
from events.ground.keyring.sealed_text import sealed as sealed
from events.ground.personal import Personal, personal

from .ground import clock, data_keys, keys, live
from .web.colour import Accent, accent

SEALED = ("venue", "lead_phone", "bring", "wellbeing")  # in columns of their own, sealed under the event's data key
PUBLIC = "public"  # what is published when something that everybody may see of an event has changed
FIRST_VERSION, LONGEST_STEP = 500_000_000, 16  # of guest lists: where they begin, at most, and by how much they grow
SALT_BYTES, DAYS_BEFORE = 16, 3  # the latter: when the hosts are reminded of the venue's release


class Moved(NamedTuple):
    """An event ends at another time, and perhaps on another day: by so many, which all its hours move with."""

    event_id: int
    days: int
    by: Actor | None
    at: datetime
    real: datetime


FOLLOWERS: list[Callable[[Moved], Awaitable[None]]] = []  # each hears of it in the act's transaction
Heard = Callable[["Event", "Event", datetime, datetime], Awaitable[None]]
NEWS: list[Heard] = []  # hears of each change in the act's transaction: before, after, the event's time, the machine's


class EventState(StrEnum):
    """What organisers have decided, and at last that it is over. Full is no state: it is read from the places."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    OVER = "over"  # the day has passed, and no phone has scans to send any more


KEPT = "as long as the event"
SEALED_KEPT = "90 days after the event, then gone with the key that opens people's names"
HOSTS = Personal("the hosts' public contact points", "public task", KEPT)
CONTACT = Personal("where people turn to", "public task", KEPT)
LEAD_PHONE = Personal("whom door staff telephone", "legitimate interests", SEALED_KEPT)
WELLBEING = Personal("who is there to talk to, and where it is quiet", "legitimate interests", SEALED_KEPT)
VENUE_SEALED = Personal("not of a person, but what the guests' safety hangs on: sealed", "public task", SEALED_KEPT)
BRING = Personal("what guests bring, whose words may name somebody or tell where it is", "public task", SEALED_KEPT)


class Event(Model):
    id = fields.IntField(primary_key=True)
    slug = fields.CharField(max_length=60)
    title = fields.CharField(max_length=200)
    hosts: Any = personal(fields.JSONField(), HOSTS)  # [{"name", "email", "phone"}], in the order they are named
    facts: Any = fields.JSONField(default=dict)  # what the public page says beside: launched, provider, funder ...
    public_text = fields.TextField(default="")  # of the public page, in the Markdown of `content/markdown.py`
    colour = fields.CharField(max_length=7, default="")  # of public pages and tickets, like #0b7a75; or the usual one
    day = fields.DateField()
    starts_at = fields.DatetimeField(null=True)
    ends_at = fields.DatetimeField(null=True)
    doors_open_at = fields.DatetimeField(null=True)
    doors_closing_at = fields.DatetimeField(null=True)  # from then on phones hand over what they hold, and are done
    doors_closed_at = fields.DatetimeField(null=True)  # no phone is live any more, and nothing is open at a door
    doors_closed_by = fields.CharField(max_length=40, db_default="")  # 'staff:3'
    capacity = fields.IntField(default=0)
    allowance = fields.IntField(default=0)  # places given out above capacity, since some do not come
    automatic_offers = fields.BooleanField(default=True)  # of free places, to the waiting list
    by_invitation = fields.BooleanField(default=False)  # only who has an invitation, or was named by a guest, can ask
    domain_cap = fields.IntField(default=0)  # so many of one verified domain are offered places; 0: any number
    two_approvals = fields.BooleanField(default=False)  # by two organisers, of whoever is of no checked organisation
    stewards_look_up = fields.BooleanField(default=False)  # guests by their name, at a door; door leads always may
    taken = fields.IntField(default=0)  # the places that are counted; moves only by take_place and release_place
    next_n = fields.IntField(default=1)  # the number that the next ticket takes
    list_version = fields.IntField(default=0)
    list_whole_since = fields.IntField(db_default=0)  # phones with an older list are sent a whole one
    calendar_version = fields.IntField(default=0, db_default=0)  # raised with each change of what a calendar file says
    salt = fields.BinaryField()
    key_fingerprint = fields.CharField(max_length=16)  # of the instance key that its tickets come from
    data_key = fields.CharField(max_length=16, default="")  # fingerprint of the key that seals its people; or destroyed
    people_version = fields.BigIntField(db_default=0)  # SQLite counts the changes of its people here, by a trigger
    venue_sealed = personal(fields.BinaryField(null=True), VENUE_SEALED)
    access_facts = fields.TextField(default="")  # of the building, never its address
    venue_released_at = fields.DatetimeField(null=True)
    dpia_reference = fields.CharField(max_length=100, default="")
    contact_email = personal(fields.CharField(max_length=254, default=""), CONTACT)
    contact_phone = personal(fields.CharField(max_length=40, default=""), CONTACT)
    lead_phone_sealed = personal(fields.BinaryField(null=True), LEAD_PHONE)  # for door phones only
    bring_sealed = personal(fields.BinaryField(null=True), BRING)  # on the ticket, and in emails to guests
    wellbeing_sealed = personal(fields.BinaryField(null=True), WELLBEING)  # for guests: quiet room, whom to talk to
    changes_until = fields.IntField(null=True)  # days before the event, until which people change their booking
    emails_off: Any = fields.JSONField(default=list)  # templates of emails by the clock that organisers switched off
    state = fields.CharEnumField(EventState, max_length=10, default=EventState.DRAFT)
    rehearsal = fields.BooleanField(default=False)  # some facts are made up, and are marked wherever shown
    created_at = fields.DatetimeField()

    venue, lead_phone, bring, wellbeing = (SealedText(what) for what in SEALED)
    MADE = made(**{f"{what}_sealed": Sealed(f"event.{what}", "{slug}", event="id") for what in SEALED})

    class Meta:
        app, table = "events", "event"

    @property
    def venue_for_guests(self) -> str:
        """The venue once it is released, else nothing. For approved people only."""
        return self.venue if self.venue_released_at else ""

    def waits_for_release(self, at: datetime) -> bool:
        """The day is close, and guests do not know the venue yet. They do once doors are open."""
        if self.venue_released_at or any(begins and begins <= at for begins in (self.doors_open_at, self.starts_at)):
            return False
        return 0 <= (self.day - clock.local(at).date()).days <= DAYS_BEFORE

    @property
    def places(self) -> int:
        return self.capacity + self.allowance

    @property
    def places_left(self) -> int:
        return max(0, self.places - self.taken)

    @property
    def is_full(self) -> bool:
        return self.taken >= self.places

    @property
    def day_words(self) -> str:
        """Monday 15 April 2019."""
        return f"{self.day:%A} {self.day.day} {self.day:%B %Y}"

    @property
    def hours_words(self) -> str:
        """09:30 to 16:00, or nothing until the hours are known."""
        if not self.starts_at:
            return ""
        until = f" to {clock.time_words(self.ends_at)}" if self.ends_at else ""
        return clock.time_words(self.starts_at) + until

    @property
    def host_names(self) -> str:
        return " and ".join(host["name"] for host in self.hosts)

    @property
    def ticket_key(self) -> bytes:
        return keys.ring().sub_key("tickets", self.key_fingerprint)

    @property
    def accent(self) -> Accent | None:
        """Its colour, on public pages; None for the usual one."""
        return accent(self.colour) if self.colour else None

    def is_open(self, at: datetime) -> bool:
        """A place can be asked for now: by anybody, unless it is by invitation. A full event is open: it has a waiting
        list."""
        return self.state is EventState.OPEN and not self.is_over(at)

    def is_over(self, at: datetime) -> bool:
        """The day has passed at the venue, even if no turn has noted it yet. Moving the day forward undoes it."""
        return clock.local(at).date() > self.day


def new_event(slug: str, title: str, day: date, at: datetime) -> Event:
    """Not saved yet; with a salt of its own, bound to the newest instance key, and with a data key made if need be."""
    newest, version = keys.ring().fingerprints[0], 1 + secrets.randbelow(FIRST_VERSION)
    return Event(
        slug=slug, title=title, day=day, salt=secrets.token_bytes(SALT_BYTES), key_fingerprint=newest,
        data_key=data_keys.kept().make(slug), hosts=[], created_at=at, list_version=version, list_whole_since=version,
    )  # fmt: skip


def in_columns(event: Event, changed: Mapping[str, Any]) -> dict[str, Any]:
    """What is changed, as the row of this event keeps it. Another place is not released yet."""
    columns = {name: value for name, value in changed.items() if name not in SEALED}
    columns |= {f"{name}_sealed": sealed(event, name, changed[name]) for name in SEALED if name in changed}
    return columns | ({"venue_released_at": None} if "venue" in changed else {})


async def event_of(slug: str) -> Event:
    """Raises DoesNotExist, of which the server makes a 404."""
    event = await find_row(Event, "slug = ?", [slug])
    if event is None:
        raise DoesNotExist(Event)
    return event


async def public_event_of(slug: str) -> Event:
    """The same for pages that anybody opens. A draft beside another event is not found: nobody is to learn what is
    planned. The only event there is has its page from the start, which says that registration has not opened."""
    event = await event_of(slug)
    if event.state is EventState.DRAFT and await Event.exclude(id=event.id).exists():
        raise DoesNotExist(Event)
    return event


async def event_with(id_: int) -> Event:
    """Raises DoesNotExist."""
    event = await find_row(Event, "id = ?", [id_])
    if event is None:
        raise DoesNotExist(Event)
    return event


async def held_event(id_: int) -> Event:
    """The row as it stands, which stays ours until the transaction ends. Lock tickets before."""
    [event] = await find_rows(Event, "SELECT * FROM event WHERE id = ? FOR NO KEY UPDATE", [id_])
    return event


async def events_with(ids: Collection[int]) -> dict[int, Event]:
    """Those that there are, by their ids."""
    sql = f"SELECT * FROM event WHERE id IN ({places(len(ids))})"  # noqa: S608  # ours
    rows = await find_rows(Event, sql, list(ids)) if ids else []
    return {row.id: row for row in rows}


async def take_place(event_id: int, count: int = 1) -> bool:
    """Takes one place, or so many or none; False when there are not enough. Two callers never get the last one."""
    free = Event.filter(id=event_id, taken__lte=F("capacity") + (F("allowance") - count))
    if not await free.update(taken=F("taken") + count):
        return False
    after_commit(live.publish, PUBLIC)  # it may be full now
    return True


async def release_place(event_id: int, count: int = 1) -> None:
    """So many places, if they are taken."""
    await Event.filter(id=event_id, taken__gte=count).update(taken=F("taken") - count)
    after_commit(live.publish, PUBLIC)


TAKE = """UPDATE event SET taken = taken + ?, next_n = next_n + ?, list_version = list_version + ?
    WHERE id = ? AND (? = 0 OR taken + ? <= capacity + allowance) RETURNING *"""


async def take_places_with_numbers(
    event_id: int, count: int = 1, held: int = 0, *, past_capacity: bool = False
) -> Event | None:
    """So many places or none, with the numbers before `next_n` and a new version of the list; the event as it is then.
    `held`: how many of these are held for them already. `past_capacity`: also where none is left.

    The row stays ours until the transaction ends, so numbers and versions commit in their order. Lock tickets before.
    """
    new = count - held
    asked = 0 if past_capacity else new
    taken = await find_rows(Event, TAKE, [new, count, list_step(), event_id, asked, asked])
    if taken:
        after_commit(live.publish, PUBLIC)
    return taken[0] if taken else None


NEXT_VERSION = """UPDATE event SET list_version = list_version + ? WHERE id = ?
    RETURNING list_version, doors_closed_at"""


async def next_list_version(event_id: int) -> int:
    """Call it last in a transaction, so that versions commit in their order. Lock tickets before, never after.

    Each step is random: phones see versions, and must not learn a number of tickets from them.
    """
    [row] = await query(NEXT_VERSION, [list_step(), event_id])
    return int(row["list_version"])


def list_step() -> int:
    return 1 + secrets.randbelow(LONGEST_STEP)


async def tell_followers(moved: Moved) -> None:
    """Call it once the new end is written."""
    for follow in FOLLOWERS:
        await follow(moved)


async def tell_news(before: Event, after: Event, at: datetime, real: datetime) -> None:
    """Call it once the change is written."""
    for hear in NEWS:
        await hear(before, after, at, real)


async def send_whole_lists(event_id: int) -> None:
    """Makes phones fetch the whole list: its rows have changed in a way that no change of a ticket tells."""
    version = await next_list_version(event_id)
    await Event.filter(id=event_id).update(list_whole_since=version)
