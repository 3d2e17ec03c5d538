"""A place where people are counted, and the phones paired with it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import DESTROYED, SEALED_KEPT, Event
from events.ground import data_keys, tokens
from events.ground.keyring.made import Keyed, Left, Sealed, made
from events.ground.personal import Personal, personal
from events.ground.refusal import Refused
from registrations.codes import arrived
from registrations.codes.room import FOR_EVERYBODY, ComesIn, Entrance, Room
from registrations.codes.verdict import Window
from registrations.people.person import NAMED

NOT_YET = datetime.fromisoformat("9999-01-01T00:00:00+00:00")  # opens a door whose hours were taken away again
A_TAP = "a tap"  # what the audit log says in place of which lead it was, where no network could tell
DOOR, PHONE = "door", "door_pass"  # the tables whose rows have a name
PURPOSES = {DOOR: "door.name", PHONE: "door_pass.name"}
ENTRANCES = arrived.ENTRANCES
WITHOUT_NAME = {DOOR: "Door", PHONE: "Phone"}
OF_A_DOOR = Personal("how a door is called, which may tell where it is: sealed", "public task", SEALED_KEPT)
TAG_OF_A_DOOR = Personal("a keyed hash of a door's name, by which no event has it twice", "public task", SEALED_KEPT)
OF_A_PHONE = Personal("how a phone is called, which may tell who holds it: sealed", "legitimate interests", str(NAMED))
# What a statement reads for `door_in` of a door `d`, and for `phone_in` of a pass `p`.
DOOR_NAME = "d.id AS door_id, d.public_id AS door_public_id, d.name_sealed AS door_sealed"
PHONE_NAME = "p.id AS phone_id, p.public_id AS phone_public_id, p.name_sealed AS phone_sealed"


class Name(NamedTuple):
    """Of one door or phone, sealed for its row. It is opened where somebody reads it, and so not for each scan."""

    table: str
    id: int
    public_id: str
    sealed: bytes | None  # None of a door once the data key is destroyed

    @property
    def opened(self) -> str | None:
        """None if it was damaged, and an error in our log that names the row."""
        if self.sealed is None:
            return None
        return data_keys.opened_in(f"{self.table}:{self.id}", PURPOSES[self.table], self.public_id, self.sealed)

    @property
    def shown(self) -> str:
        """Main door; or Door 3, by which everybody can go on."""
        return self.opened or f"{WITHOUT_NAME[self.table]} {self.id}"

    @property
    def is_damaged(self) -> bool:
        return self.sealed is not None and self.opened is None


def door_in(row: Mapping[str, Any]) -> Name:
    return Name(DOOR, row["door_id"], row["door_public_id"], row["door_sealed"])


def phone_in(row: Mapping[str, Any]) -> Name:
    return Name(PHONE, row["phone_id"], row["phone_public_id"], row["phone_sealed"])


def name_columns(table: str, event: Event, name: str) -> dict[str, Any]:
    """What the row of a new door or phone keeps of its name. Raises Refused once the data key is destroyed."""
    if not event.data_key:
        raise Refused(DESTROYED)
    public_id = tokens.new_public_id()
    columns = {"public_id": public_id, "name_sealed": data_keys.seal(event.data_key, PURPOSES[table], public_id, name)}
    tag = {"name_tag": data_keys.tag(event.data_key, PURPOSES[table], name)} if table == DOOR else {}
    return columns | tag


class Policy(StrEnum):
    ONCE = "once"
    IN_AND_OUT = "in and out"


class DoorKind(StrEnum):
    ENTRANCE = "entrance"
    ROOM = "room"


class Door(Model):
    """A ticket is in once in a presence group, whichever of its doors let it in."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="doors")
    event_id: int
    public_id = fields.CharField(max_length=16)  # what its name is sealed with
    name_sealed = personal(fields.BinaryField(null=True), OF_A_DOOR)
    name_tag = personal(fields.CharField(max_length=64), TAG_OF_A_DOOR)
    policy = fields.CharEnumField(Policy, max_length=12, default=Policy.IN_AND_OUT)
    presence = fields.IntField(db_default=ENTRANCES)  # its presence group: of a room its own number
    one_place = fields.BooleanField(db_default=False)  # of the rooms marked so, a person is in one at a time
    capacity = fields.IntField(db_default=0)  # so many may be in by all doors of its presence group; 0: any number
    needs_entrance = fields.BooleanField(db_default=False)  # who comes into this room has to be counted there
    comes_in = fields.CharField(max_length=12, db_default=ComesIn.EVERYBODY.value)  # one of ComesIn
    for_slot: Any = fields.ForeignKeyField("events.Slot", related_name="doors", on_delete=OnDelete.SET_NULL, null=True)
    for_slot_id: int | None
    for_workshop: Any = fields.ForeignKeyField(
        "events.ProgrammeItem", related_name="doors", on_delete=OnDelete.SET_NULL, null=True
    )
    for_workshop_id: int | None
    opens_at = fields.DatetimeField(null=True)
    closes_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    MADE = made(
        name_sealed=Sealed(PURPOSES[DOOR], "{public_id}", event="event_id"),
        name_tag=Keyed(PURPOSES[DOOR], lambda door: door.named.opened, event="event_id"),
    )

    class Meta:
        app, table = "registrations", DOOR

    @property
    def named(self) -> Name:
        return Name(DOOR, self.id, self.public_id, self.name_sealed)

    @property
    def name(self) -> str:
        return self.named.shown

    @property
    def kind(self) -> DoorKind:
        return DoorKind.ENTRANCE if self.presence == ENTRANCES else DoorKind.ROOM


class PassRole(StrEnum):
    STEWARD = "steward"
    DOOR_LEAD = "door_lead"
    MARSHAL = "marshal"  # scans nothing: ticks who is safe, from a sealed list of people inside
    PAPER = "paper"  # no phone: what was ticked on a sheet of paper is typed up under it


class Stage(StrEnum):
    """Where a pass is between its code and its end."""

    WAITING = "waiting"  # for its phone
    LAPSED = "lapsed"  # nobody used the code in time
    PAIRED = "paired"
    PAST = "past"
    REVOKED = "revoked"  # or signed out


class WrittenOff(StrEnum):
    """Why nobody waits for a phone any more when the door is closed."""

    LOST = "lost"  # or stolen: an incident too
    BROKEN = "broken"
    LEFT = "left"  # the building, with whoever has it
    OTHER_HOST = "other host"  # has it


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
    public_id = fields.CharField(max_length=16)  # what its name is sealed with
    name_sealed = personal(fields.BinaryField(), OF_A_PHONE)
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
    wiped_at = fields.DatetimeField(null=True)  # when it said, after its end, that it has erased everything
    written_off = fields.CharField(max_length=12, db_default="")  # why nobody waits for it: one of WrittenOff
    written_off_at = fields.DatetimeField(null=True)  # the event's time
    written_off_by = fields.CharField(max_length=40, db_default="")  # 'staff:3'

    MADE = made(
        name_sealed=Sealed(PURPOSES[PHONE], "{public_id}", event="event_id"),
        code_hash=Left("it is good for ten minutes"),
        typed_hash=Left("it is good for ten minutes"),
        pin_hash=Left("only the lead knows the PIN"),
    )

    class Meta:
        app, table = "registrations", PHONE

    @property
    def named(self) -> Name:
        return Name(PHONE, self.id, self.public_id, self.name_sealed)

    @property
    def name(self) -> str:
        return self.named.shown

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
    named: Name
    role: PassRole
    door_id: int
    door_named: Name
    presence: int  # the presence group of the door
    one_place: bool  # whoever comes in there has left the other rooms marked so
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
    is_closing: bool = False  # the event's door is being closed: it hands over what it holds, and is done
    is_done: bool = False  # the door is closed, and this phone has said that it is empty
    at_desk: bool = False  # an organiser accepts its scans, which they may once the door is closed, too
    limit: int = 0  # so many may be in the room, or at an entrance in the venue; 0: any number
    room: Room = FOR_EVERYBODY  # who comes in by right
    roll_call: tuple[str, datetime] | None = None  # the kind and beginning of one that nobody has ended
    entrance: Entrance | None = None  # where whoever comes into the room is counted too; None of an entrance

    @property
    def name(self) -> str:
        return self.named.shown

    @property
    def door_name(self) -> str:
        return self.door_named.shown

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


def topic(event_id: int) -> str:
    """The topic that an event's board listens to."""
    return f"doors:{event_id}"
