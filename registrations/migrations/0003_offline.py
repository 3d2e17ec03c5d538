"""What the door without a network keeps: more of each scan and phone, conflicts, and how old a list is."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from registrations.checkin.conflict import ConflictKind, Outcome

INDEXES = (
    ("UNIQUE INDEX", "one_conflict_a_pair", "conflict (first_scan, second_scan)"),
    ("INDEX", "conflict_second", "conflict (second_scan)"),
    ("INDEX", "conflict_open", "conflict (door_id) WHERE settled_at IS NULL"),
    ("INDEX", "ticket_list", "ticket (event_id, list_version)"),
)


class Migration(migrations.Migration):
    dependencies = [("events", "0002_promises"), ("registrations", "0002_promises")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Conflict",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "door",
                    fields.ForeignKeyField(
                        "registrations.Door",
                        source_field="door_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="conflicts",
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
                        related_name="conflicts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(description="what cannot be right", enum_type=ConflictKind, max_length=12),
                ),
                ("first_scan", fields.CharField(max_length=32)),
                ("second_scan", fields.CharField(db_default="", max_length=32)),
                ("uncertain", fields.BooleanField(db_default=False)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("settled_by", fields.CharField(db_default="", max_length=40)),
                (
                    "outcome",
                    fields.CharEnumField(
                        null=True, description="from the closed list", enum_type=Outcome, max_length=24
                    ),
                ),
            ],
            options={
                "table": "conflict",
                "app": "registrations",
                "pk_attr": "id",
                "table_description": "The database keeps one for each pair of scans. Rows are never deleted, and settled once.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="DoorPass",
            name="apart_newest",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="DoorPass",
            name="battery",
            field=fields.FloatField(null=True),
        ),
        ops.AddField(
            model_name="DoorPass",
            name="clock_off",
            field=fields.FloatField(null=True),
        ),
        ops.AddField(
            model_name="DoorPass",
            name="list_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="DoorPass",
            name="page",
            field=fields.CharField(db_default="", max_length=8),
        ),
        ops.AddField(
            model_name="DoorPass",
            name="page_before",
            field=fields.CharField(db_default="", max_length=8),
        ),
        ops.AddField(
            model_name="Scan",
            name="code",
            field=fields.CharField(db_default="", max_length=24),
        ),
        ops.AddField(
            model_name="Scan",
            name="held",
            field=fields.BooleanField(db_default=False),
        ),
        ops.AddField(
            model_name="Scan",
            name="holder",
            field=fields.CharField(db_default="", max_length=4),
        ),
        ops.AddField(
            model_name="Scan",
            name="inferred",
            field=fields.BooleanField(db_default=False),
        ),
        ops.AddField(
            model_name="Scan",
            name="offline",
            field=fields.BooleanField(db_default=False),
        ),
        ops.AddField(
            model_name="Scan",
            name="passed",
            field=fields.BooleanField(db_default=False),
        ),
        ops.AddField(
            model_name="Scan",
            name="shown",
            field=fields.CharField(db_default="", max_length=20),
        ),
        ops.AddField(
            model_name="Scan",
            name="unsure",
            field=fields.FloatField(db_default=0.0),
        ),
        ops.AddField(
            model_name="Scan",
            name="word",
            field=fields.CharField(db_default="", max_length=10),
        ),
        *(ops.RunSQL(f"CREATE {what} {name} ON {on}", f"DROP INDEX {name}") for what, name, on in INDEXES),
    ]
