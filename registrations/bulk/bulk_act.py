"""A bulk act: what an organiser does with all people whom a filtered list showed, and what became of each of them.

Whom it is about is fixed when it is made, by rows: whoever comes to the list later is not of it.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.accounts.staff import Staff
from events.event import Event
from events.ground.keeping import Period
from events.ground.personal import Personal, personal
from registrations.codes.badge_type import BadgeType
from registrations.people.person import BASIS
from registrations.people.registration import Registration, State

CLOSED_LIST = "from the closed list"
KEPT = Period(timedelta(days=30), "after the event")
OF_SOMEBODY = Personal(
    "that somebody was among those whom an organiser acted on, and what became of it", BASIS, str(KEPT)
)


class BulkKind(StrEnum):
    APPROVE = "approve"
    OFFER = "offer"
    WAIT = "wait"
    NOT_OFFER = "not_offer"
    REMIND = "remind"
    WRITE = "write"  # an announcement goes to them: that is sent, shown and stopped on its own page
    DELEGATE, SPEAKER, HOST, HELPER = "delegate", "speaker", "host", "helper"  # their badge type from then on


BADGE_TYPES = {BulkKind(badge_type.value): badge_type for badge_type in BadgeType}
NOT_DECIDED = frozenset({BulkKind.REMIND, BulkKind.WRITE, *BADGE_TYPES})
NOT_UNDONE = frozenset({BulkKind.OFFER, BulkKind.WRITE, *BADGE_TYPES})


class Stage(StrEnum):
    DRAFT = "draft"  # shown to the organiser; nothing is done yet
    WORKING = "working"
    STOPPED = "stopped"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class Outcome(StrEnum):
    """What became of one person."""

    DONE = "done"
    FIRST = "first"  # of two approvals
    CONFIRM, OFFER, WORKSHOPS = "confirm", "offer", "workshops"  # reminded of this
    DECIDED = "decided"  # by someone else, or gone, in the meantime
    CHANGED = "changed"  # since the act was made
    FULL = "full"
    SAME = "same"  # badge type as before; or the request had ended
    TAKES_OVER = "takes_over"
    HAS_ONE = "has_one"
    LOOK = "look"  # no decision on many leads them to a place
    NOTHING = "nothing"  # to be reminded of
    REMINDED = "reminded"  # less than a day ago, or once already of this
    NOT_OUT = "not_out"  # the email that they would be reminded of has not gone out, or did not arrive
    NO_EMAIL = "no_email"  # their address takes none
    SAID_NO = "said_no"
    OVER = "over"  # before the reminder would go out
    FAILED = "failed"
    UNDONE = "undone"
    TOO_LATE = "too_late"  # to undo


WAS_DONE = (Outcome.DONE, Outcome.FIRST, Outcome.CONFIRM, Outcome.OFFER, Outcome.WORKSHOPS)


class BulkAct(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="bulk_acts", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    kind = fields.CharEnumField(BulkKind, description=CLOSED_LIST, max_length=12)
    seen = fields.CharEnumField(State, description=CLOSED_LIST, max_length=12, null=True)  # of those to be decided on
    filtered = fields.CharField(max_length=200)  # by what the list was, in words: of closed lists alone
    asked_by: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "events.Staff", related_name="bulk_acts", on_delete=OnDelete.RESTRICT
    )
    asked_by_id: int
    fixed_at = fields.DatetimeField(
        null=True
    )  # when all of its people were noted; the machine's time, like the next two
    leased_until = fields.DatetimeField(null=True)
    emails_at = fields.DatetimeField(null=True)  # all of its emails wait for this moment: until then it can be undone
    tries = fields.IntField(default=0)  # how often somebody began to work on it: only the last one may go on
    total = fields.IntField(default=0)
    done = fields.IntField(default=0)
    asked_at = fields.DatetimeField()  # the event's time, like all that follow
    begun_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    stopped = fields.BooleanField(default=False)  # before everybody's turn came
    undo_at = fields.DatetimeField(null=True)
    undone_by: fields.ForeignKeyNullableRelation[Staff] = fields.ForeignKeyField(
        "events.Staff", related_name="undone_bulk_acts", on_delete=OnDelete.RESTRICT, null=True
    )
    undone_by_id: int | None
    undone_at = fields.DatetimeField(null=True)

    class Meta:
        app, table = "registrations", "bulk_act"

    @property
    def stage(self) -> Stage:
        if self.begun_at is None:
            return Stage.DRAFT
        if self.undo_at is not None:
            return Stage.UNDOING if self.undone_at is None else Stage.UNDONE
        if self.ended_at is None:
            return Stage.WORKING
        return Stage.STOPPED if self.stopped else Stage.DONE

    def undo_until(self, real: datetime) -> datetime | None:
        """Until when it can be undone, by the machine's clock. None where nothing of it can be, or not any more."""
        if self.kind in NOT_UNDONE or self.stage not in (Stage.STOPPED, Stage.DONE):
            return None
        return self.emails_at if self.emails_at and real < self.emails_at else None


class BulkPerson(Model):
    """Somebody of it, in the order in which they are acted on."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="bulk_people", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    bulk: fields.ForeignKeyRelation[BulkAct] = fields.ForeignKeyField(
        "registrations.BulkAct", related_name="people", on_delete=OnDelete.CASCADE
    )
    bulk_id: int
    registration: fields.ForeignKeyRelation[Registration] = fields.ForeignKeyField(
        "registrations.Registration", related_name="bulk_acts", on_delete=OnDelete.CASCADE
    )
    registration_id: int
    version = fields.BigIntField()  # of their request: whoever was changed since is left out of a decision
    outcome = personal(fields.CharField(max_length=12, default=""), OF_SOMEBODY)  # '' until their turn has come

    class Meta:
        app, table = "registrations", "bulk_person"
