"""A place where people are counted, and the phones paired with it."""

from enum import StrEnum

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event


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
    MARSHAL = "marshal"


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
    list_version = fields.IntField(default=0)

    class Meta:
        app, table = "registrations", "door_pass"

    @property
    def actor(self) -> str:
        return f"pass:{self.id}"
