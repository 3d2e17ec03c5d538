"""The first of two approvals: who gave it, when, of which answers; and who gave the second."""

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.accounts.staff import Staff
from registrations.people.registration import Registration


class FirstApproval(Model):
    id = fields.IntField(primary_key=True)
    registration: fields.ForeignKeyRelation[Registration] = fields.ForeignKeyField(
        "registrations.Registration", related_name="first_approvals"
    )
    registration_id: int
    given_by: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "events.Staff", related_name="first_approvals", on_delete=OnDelete.RESTRICT
    )
    given_by_id: int
    given_at = fields.DatetimeField()
    seen = fields.CharField(max_length=64)  # a hash of what was sealed then: with anything else it counts no more
    seconded_by: fields.ForeignKeyNullableRelation[Staff] = fields.ForeignKeyField(
        "events.Staff", related_name="second_approvals", on_delete=OnDelete.RESTRICT, null=True
    )
    seconded_by_id: int | None
    ended_at = fields.DatetimeField(null=True)  # seconded, taken back, or overtaken by a change or another decision

    class Meta:
        app, table = "registrations", "first_approval"
