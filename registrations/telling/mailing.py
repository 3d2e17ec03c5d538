"""A mailing: one email to many people of an event. The outbox has a message for each; here is why, and for whom."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from events.ground import clock
from registrations.codes.arrived import has_arrived
from registrations.people.registration import State
from registrations.workshops.place import IN_NONE_OF_SLOT, IN_WORKSHOP

NINE, TEN = 9, 10  # o'clock at the venue
MONDAY = 0
When = Callable[[Event], datetime | None]
OF_ACT = "EXISTS (SELECT 1 FROM bulk_person b WHERE b.registration_id = r.id AND b.bulk_id = ?)"
CAME = has_arrived("r.id")


@dataclass(frozen=True)
class Recipients:
    """Whom a mailing is for: as they stand when their message is made, and still when it is sent."""

    states: frozenset[State]
    arrived: bool | None = None  # None: whether they have come or not
    kind: str = ""  # of organisation; '' for all
    ids: tuple[int, ...] = ()  # these requests alone; all where there are none
    workshop: int = 0  # who takes part in it alone; 0 for all
    none_of: int = 0  # who is in no workshop of this slot alone; 0 for all
    act: int = 0  # the people of this bulk act alone, who were fixed on a list; 0 for all

    @property
    def where(self) -> str:
        """As a condition on `registration r`; `values` are its values."""
        parts = [f"r.state IN ({', '.join('?' * len(self.states))})"]
        if self.arrived is not None:
            parts.append(CAME if self.arrived else f"NOT {CAME}")
        if self.kind:
            parts.append("r.kind = ?")
        if self.ids:
            parts.append(f"r.id IN ({', '.join('?' * len(self.ids))})")
        if self.workshop:
            parts.append(IN_WORKSHOP)
        if self.none_of:
            parts.append(IN_NONE_OF_SLOT)
        if self.act:
            parts.append(OF_ACT)
        return " AND ".join(parts)

    @property
    def values(self) -> list[Any]:
        last = [value for value in (self.workshop, self.none_of, self.act) if value]
        return [*sorted(self.states), *([self.kind] if self.kind else []), *self.ids, *last]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"states": sorted(self.states)}

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "Recipients":
        states = frozenset(State(state) for state in kept["states"])
        groups = {name: kept[name] for name in ("workshop", "none_of", "act")}
        return cls(states, kept["arrived"], kept["kind"], tuple(kept["ids"]), **groups)


@dataclass(frozen=True)
class MailingKind:
    """One kind of email to many: what organisers call the reason, who gets it, and, by the clock, when."""

    template: str
    reason: str
    to: frozenset[State]
    when: When | None = None  # None: an act causes it; by the clock it may answer None: not for this event
    lasts: timedelta = timedelta()  # by the clock: so long afterwards it still goes out, if no server ran then
    optional: bool = True  # organisers can switch it off
    arrived: bool = False  # only to those who came

    @property
    def recipients(self) -> Recipients:
        return Recipients(self.to, True if self.arrived else None)


def _days_before(days: int) -> When:
    return lambda event: clock.at_venue(event.day - timedelta(days=days), NINE, 0)


def _thursday_before_a_monday(event: Event) -> datetime | None:
    return clock.at_venue(event.day - timedelta(days=4), NINE, 0) if event.day.weekday() == MONDAY else None


def _day_after(event: Event) -> datetime | None:
    return clock.at_venue(event.day + timedelta(days=1), TEN, 0)


GUESTS = frozenset({State.APPROVED})
ALL_WHO_WAIT = frozenset({State.CONFIRMED, State.WAITING, State.OFFERED, State.RECHECKING})
VENUE_RELEASED = MailingKind("venue_released", "when you release the address", GUESTS, optional=False)
EVENT_CHANGED = MailingKind(
    "event_changed", "when you change day, hours or a released address", GUESTS | ALL_WHO_WAIT, optional=False
)
THANKS = MailingKind("thanks", "the day after", GUESTS, _day_after, timedelta(days=3), arrived=True)
CERTIFICATE = MailingKind("certificate", "when you release the certificates", GUESTS, arrived=True)
BY_THE_CLOCK = (
    MailingKind("week_before", "seven days before", GUESTS, _days_before(7), timedelta(hours=48)),
    MailingKind(
        "thursday_before", "on the Thursday before a Monday", GUESTS, _thursday_before_a_monday, timedelta(hours=24)
    ),
    MailingKind("day_before", "the day before", GUESTS, _days_before(1), timedelta(hours=11)),
    THANKS,
)
ANNOUNCEMENT = MailingKind("announcement", "when you send it", GUESTS | ALL_WHO_WAIT, optional=False)
KINDS = {
    kind.template: kind for kind in (VENUE_RELEASED, EVENT_CHANGED, *BY_THE_CLOCK, CERTIFICATE)
}  # what goes out by itself


class Mailing(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="mailings", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    template = fields.CharField(max_length=40)
    cause = fields.CharField(max_length=60)  # the same cause never begins a second one
    chosen: Any = fields.JSONField()  # its recipients
    told_before: Any = fields.JSONField(default=dict)  # of a change: what guests knew, by its name
    begun_at = fields.DatetimeField()  # the event's time
    waits_until = fields.DatetimeField()  # the machine's: none goes out before
    filled_to = fields.IntField(default=0)  # everybody up to this request has a message
    is_filled = fields.BooleanField(default=False)
    number = fields.IntField(default=0)  # of people who have a message
    stopped_at = fields.DatetimeField(null=True)

    class Meta:
        app, table = "registrations", "mailing"

    @property
    def kind(self) -> MailingKind:
        return KINDS.get(self.template, ANNOUNCEMENT)

    @property
    def recipients(self) -> Recipients:
        return Recipients.of_json(self.chosen)

    @property
    def message_cause(self) -> str:
        return f"mailing {self.id}"
