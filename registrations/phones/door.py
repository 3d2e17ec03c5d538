"""A place where people are counted, and the phones paired with it."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from events.ground import keys
from events.ground.keyring.made import Left, made
from registrations.codes.verdict import Window

NOT_YET = datetime.fromisoformat("9999-01-01T00:00:00+00:00")  # opens a door whose hours were taken away again
A_TAP = "a tap"  # what the audit log says in place of which lead it was, where no network could tell


class Policy(StrEnum):
    ONCE = "once"
    IN_AND_OUT = "in and out"


class Door(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="doors")
    event_id: int
    name = fields.CharField(max_length=60)
    policy = fields.CharEnumField(Policy, max_length=12, default=Policy.IN_AND_OUT)
    opens_at = fields.DatetimeField(null=True)
    closes_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        app, table = "registrations", "door"


class PassRole(StrEnum):
    STEWARD = "steward"
    DOOR_LEAD = "door_lead"


class Stage(StrEnum):
    """Where a pass is between its code and its end."""

    WAITING = "waiting"  # for its phone
    LAPSED = "lapsed"  # nobody used the code in time
    PAIRED = "paired"
    PAST = "past"
    REVOKED = "revoked"  # or signed out


class DoorPass(Model):
    """A phone at a door. First a pairing code (hashes, ten minutes, once), then the hash of the phone's own token."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="passes", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    door: fields.ForeignKeyRelation[Door] = fields.ForeignKeyField(
        "registrations.Door", related_name="passes", on_delete=OnDelete.RESTRICT
    )
    door_id: int
    name = fields.CharField(max_length=60)
    role = fields.CharEnumField(PassRole, max_length=12, default=PassRole.STEWARD)
    code_hash = fields.CharField(max_length=32, null=True)  # keyed, of the secret in the link; None once it is spent
    typed_hash = fields.CharField(max_length=32, null=True)  # keyed, of the ten characters that do the same
    code_expires_at = fields.DatetimeField()  # the machine's time, as all but made_at
    token_hash = fields.CharField(max_length=64, null=True)
    made_at = fields.DatetimeField()
    paired_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    last_seen_at = fields.DatetimeField(null=True)
    emptied_at = fields.DatetimeField(null=True)  # when it last had nothing left to send
    to_send = fields.IntField(default=0)  # as it last said
    list_version = fields.IntField(default=0)  # this and the next four: as it last said
    list_at = fields.DatetimeField(null=True)  # when it fetched that list
    battery = fields.FloatField(null=True)  # 0 to 1
    clock_off = fields.FloatField(null=True)  # seconds by which its clock is ahead of ours
    page = fields.CharField(max_length=8, db_default="")  # the run of the page that spoke last
    page_before = fields.CharField(max_length=8, db_default="")  # when this one speaks again, two are open
    quarantine_decided = fields.IntField(null=True)  # quarantined scans up to this id are accepted or discarded
    pin_hash = fields.CharField(
        max_length=32, null=True
    )  # a door lead's: keyed, of event and PIN. None once it is spent
    override_by = fields.IntField(null=True)  # the pass of the lead who gave this phone an override last
    override_until = fields.DatetimeField(null=True)  # the machine's time

    MADE = made(
        code_hash=Left("it is good for ten minutes"),
        typed_hash=Left("it is good for ten minutes"),
        pin_hash=Left("only the lead knows the PIN"),
    )

    class Meta:
        app, table = "registrations", "door_pass"

    @property
    def actor(self) -> str:
        return f"pass:{self.id}"

    def stage(self, real: datetime) -> Stage:
        """`real` is the machine's time."""
        if self.revoked_at:
            return Stage.REVOKED
        if self.paired_at is None:
            return Stage.WAITING if self.code_expires_at > real else Stage.LAPSED
        return Stage.PAIRED if self.expires_at > real else Stage.PAST


class Device(NamedTuple):
    """A paired phone: pass, door and event in one row, since a door reads it for every scan."""

    id: int
    name: str
    role: PassRole
    door_id: int
    door_name: str
    event_id: int
    opens_at: datetime | None  # the door's hours, the event's time
    closes_at: datetime | None
    live: bool  # neither revoked nor past its time, and the event goes on
    seconds_left: int  # of the pass
    last_seen_at: datetime | None  # the machine's time
    to_send: int  # as it last said
    longest_age: float  # seconds: no scan that it still holds can be older
    policy: Policy  # of the door
    list_version: int  # of the event's guest list, now
    page: str  # the run of the page that spoke last, and the one before it
    page_before: str
    lead: int | None  # the pass of the lead whose override it has now

    @property
    def actor(self) -> str:
        return f"pass:{self.id}"

    @property
    def leads(self) -> bool:
        """A lead's phone shows more. To decide as a lead takes the PIN, on this phone as on any other."""
        return self.role is PassRole.DOOR_LEAD

    def on_page(self, page: str) -> "Device":
        """The phone for this run of the page: the override belongs to the run that heard the PIN."""
        return self if page in ("", self.page) else self._replace(lead=None)

    @property
    def window(self) -> Window:
        return Window(epoch(self.opens_at), epoch(self.closes_at))


def epoch(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None


def hash_of_pin(event_id: int, pin: str) -> str:
    """A keyed hash: six digits are nothing without our key. No event has a PIN twice, so it says which lead."""
    return hashes_of_pin(event_id, pin)[0]


def hashes_of_pin(event_id: int, pin: str) -> list[str]:
    """The hash under each key of ours, the newest first."""
    return keys.keyed_hashes("lead's PIN", f"{event_id}|{pin}")


def topic(event_id: int) -> str:
    """The topic that an event's board listens to."""
    return f"doors:{event_id}"
