"""What the lead's word at a door leaves: a PIN that no event has twice, and which lead gave which phone their word."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("registrations", "0003_offline")]

    initial = False

    operations = [
        ops.AddField(
            model_name="DoorPass",
            name="pin_hash",
            field=fields.CharField(null=True, max_length=32),
        ),
        ops.AddField(
            model_name="DoorPass",
            name="word_by",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="DoorPass",
            name="word_until",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(
            "CREATE UNIQUE INDEX one_pin_an_event ON door_pass (event_id, pin_hash)", "DROP INDEX one_pin_an_event"
        ),
    ]
