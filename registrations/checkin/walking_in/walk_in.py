"""A walk-in: at which phone, or that at the desk, somebody was asked for, why, and what organisers decided. Who it is
stands in the request.

Rules: SG-06.
"""

from collections.abc import Mapping
from enum import StrEnum

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.accounts.staff import Staff
from events.event import Event
from registrations.people.registration import Registration
from registrations.phones.door import DoorPass


class Reason(StrEnum):
    REPLACING = "replaces a colleague"
    LATE = "invited late"
    LOST = "lost the confirmation"
    PRESS = "press"
    OTHER_HOST = "another host's guest"


REASONS: Mapping[str, Reason] = {reason.name.lower(): reason for reason in Reason}  # as forms and phones send them


class Stage(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    UNRELEASED = "unreleased"  # on paper, without an organiser's yes that counts: they are in, and have no place by it
    DECLINED = "declined"
    TAKEN_BACK = "taken back"  # typed up of a sheet by mistake


LET_IN = (Stage.APPROVED, Stage.UNRELEASED)
NOT_IN = (Stage.DECLINED, Stage.TAKEN_BACK)


class WalkIn(Model):
    id = fields.IntField(primary_key=True)
    public_id = fields.CharField(max_length=16)  # by which its phone knows it
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="walk_ins")
    event_id: int
    registration: fields.ForeignKeyRelation[Registration] = fields.ForeignKeyField(
        "registrations.Registration", related_name="walk_ins"
    )
    registration_id: int
    is_new = fields.BooleanField()  # the address had no request before
    door_pass: fields.ForeignKeyNullableRelation[DoorPass] = fields.ForeignKeyField(
        "registrations.DoorPass", related_name="walk_ins", on_delete=OnDelete.RESTRICT, null=True
    )  # none of those whom an organiser has entered at the desk
    door_pass_id: int | None
    reason = fields.CharEnumField(Reason, max_length=24)
    stage = fields.CharEnumField(Stage, max_length=10, default=Stage.WAITING)
    asked_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    decided_by: fields.ForeignKeyNullableRelation[Staff] = fields.ForeignKeyField(
        "events.Staff", related_name="walk_ins_decided", on_delete=OnDelete.RESTRICT, null=True
    )
    decided_by_id: int | None
    vetted_at = fields.DatetimeField(null=True)  # once let in: when an organiser looked at them as at anybody else
    vetted_by: fields.ForeignKeyNullableRelation[Staff] = fields.ForeignKeyField(
        "events.Staff", related_name="walk_ins_vetted", on_delete=OnDelete.RESTRICT, null=True
    )
    vetted_by_id: int | None

    class Meta:
        app, table = "registrations", "walk_in"

    @property
    def is_to_be_vetted(self) -> bool:
        return self.stage in LET_IN and self.vetted_at is None
