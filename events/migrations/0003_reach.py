"""How far the record is sealed, noted under the key; and in each entry the head that stood when it was written."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("events", "0002_promises")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AuditReach",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("sequence", fields.IntField()),
                ("mac", fields.CharField(max_length=64)),
                ("proof", fields.CharField(max_length=64)),
            ],
            options={
                "table": "audit_reach",
                "app": "events",
                "pk_attr": "id",
                "table_description": "The newest seal as we noted it, in one row. "
                "Without the key it can be removed or put back, never moved.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="AuditEntry",
            name="written_after",
            field=fields.CharField(db_default="", max_length=40),
        ),
    ]
