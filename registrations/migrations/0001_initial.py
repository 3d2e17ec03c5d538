"""The tables, as the models first were."""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from registrations.checkin.scan import ScanKind
from registrations.people.registration import OrganisationKind, State
from registrations.phones.door import PassRole, Policy


class Migration(migrations.Migration):
    initial = True

    dependencies = [("events", "0001_initial")]

    operations = [
        ops.CreateModel(
            name="Door",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "event",
                    fields.ForeignKeyField(
                        "events.Event",
                        source_field="event_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="doors",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("name", fields.CharField(max_length=60)),
                (
                    "policy",
                    fields.CharEnumField(
                        default=Policy.IN_AND_OUT,
                        description="ONCE: once\nIN_AND_OUT: in and out",
                        enum_type=Policy,
                        max_length=12,
                    ),
                ),
                ("opens_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("closes_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "door", "app": "registrations", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DoorPass",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "event",
                    fields.ForeignKeyField(
                        "events.Event",
                        source_field="event_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="passes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "door",
                    fields.ForeignKeyField(
                        "registrations.Door",
                        source_field="door_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="passes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name", fields.CharField(max_length=60)),
                (
                    "role",
                    fields.CharEnumField(
                        default=PassRole.STEWARD,
                        description="STEWARD: steward\nDOOR_LEAD: door_lead\nMARSHAL: marshal",
                        enum_type=PassRole,
                        max_length=12,
                    ),
                ),
                ("code_hash", fields.CharField(null=True, max_length=32)),
                ("typed_hash", fields.CharField(null=True, max_length=32)),
                ("code_expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("token_hash", fields.CharField(null=True, max_length=64)),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("paired_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("last_seen_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("emptied_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("to_send", fields.IntField(default=0)),
                ("list_version", fields.IntField(default=0)),
            ],
            options={
                "table": "door_pass",
                "app": "registrations",
                "pk_attr": "id",
                "table_description": "A phone at a door. First a pairing code (hashes, ten minutes, once), then the hash of the phone's own token.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Draft",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "event",
                    fields.ForeignKeyField(
                        "events.Event",
                        source_field="event_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="drafts",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("cookie_hash", fields.CharField(max_length=64)),
                ("answers_sealed", fields.BinaryField()),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "draft", "app": "registrations", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Registration",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "event",
                    fields.ForeignKeyField(
                        "events.Event",
                        source_field="event_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="registrations",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("public_id", fields.CharField(max_length=16)),
                ("generation", fields.IntField(default=0)),
                ("full_name", fields.CharField(max_length=100)),
                ("badge_name", fields.CharField(default="", max_length=60)),
                ("email", fields.CharField(max_length=254)),
                ("organisation", fields.CharField(max_length=120)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="CHARITY: charity\nPOLICE: police\nCOUNCIL: council\nHEALTH: health\nSOCIAL_CARE: social care\nPROBATION: probation or prisons\nJUSTICE: courts or prosecution\nHOUSING: housing\nEDUCATION: school, college or university\nOTHER: something else",
                        enum_type=OrganisationKind,
                        max_length=40,
                    ),
                ),
                ("role", fields.CharField(max_length=100)),
                ("phone", fields.CharField(default="", max_length=40)),
                (
                    "state",
                    fields.CharEnumField(
                        default=State.REQUESTED,
                        description="REQUESTED: requested\nCONFIRMED: confirmed\nAPPROVED: approved\nWAITING: waiting\nOFFERED: offered\nNOT_OFFERED: not_offered\nCANCELLED: cancelled\nEXPIRED: expired",
                        enum_type=State,
                        max_length=12,
                    ),
                ),
                ("requested_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("confirmed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("search", fields.TextField(default="", unique=False)),
            ],
            options={"table": "registration", "app": "registrations", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Ticket",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "event",
                    fields.ForeignKeyField(
                        "events.Event",
                        source_field="event_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="tickets",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "registration",
                    fields.ForeignKeyField(
                        "registrations.Registration",
                        source_field="registration_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="tickets",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("n", fields.IntField()),
                ("proof_hash", fields.CharField(max_length=64)),
                ("reference", fields.CharField(max_length=7)),
                ("list_version", fields.IntField(default=0)),
                ("issued_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "ticket", "app": "registrations", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Admission",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "ticket",
                    fields.ForeignKeyField(
                        "registrations.Ticket",
                        source_field="ticket_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="admissions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "door",
                    fields.ForeignKeyField(
                        "registrations.Door",
                        source_field="door_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="admissions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("client_id", fields.CharField(max_length=32)),
                ("admitted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("left_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "admission",
                "app": "registrations",
                "pk_attr": "id",
                "table_description": "The scan by which a ticket is in at a door. Only undo removes it. Leaving sets left_at.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Scan",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("client_id", fields.CharField(max_length=32)),
                (
                    "door",
                    fields.ForeignKeyField(
                        "registrations.Door",
                        source_field="door_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="scans",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "door_pass",
                    fields.ForeignKeyField(
                        "registrations.DoorPass",
                        source_field="door_pass_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="scans",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "ticket",
                    fields.ForeignKeyField(
                        "registrations.Ticket",
                        source_field="ticket_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="scans",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="IN: in\nUNDO: undo\nINVALID: invalid", enum_type=ScanKind, max_length=10
                    ),
                ),
                ("age", fields.FloatField()),
                ("arrived_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("happened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("verdict", fields.CharField(max_length=20)),
                ("undoes", fields.CharField(null=True, max_length=32)),
                ("proof_mark", fields.CharField(default="", max_length=32)),
                ("length", fields.IntField(null=True)),
                ("answer", fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
            ],
            options={
                "table": "scan",
                "app": "registrations",
                "pk_attr": "id",
                "table_description": "Insert-only: a trigger says so.",
            },
            bases=["Model"],
        ),
    ]
