"""From which version on a list of guests is no longer told by what changed."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("events", "0003_reach")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Event",
            name="list_whole_since",
            field=fields.IntField(db_default=0),
        ),
    ]
