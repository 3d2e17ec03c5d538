"""The tables, and what the database promises of them."""

from functools import partial
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from ._building import Code, foreign_key
from ._promises import PROMISES

compact = partial(dumps, separators=(",", ":"))


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Attempt",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("subject", fields.CharField(max_length=32)),
                ("slot", fields.BigIntField()),
                ("tries", fields.IntField(default=0)),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "attempt",
                "app": "events",
                "pk_attr": "id",
                "table_description": "Tries of one subject in one slot. The subject is a keyed hash. `forget` deletes the rows.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("actor", fields.CharField(max_length=40)),
                ("action", fields.CharEnumField(description="from the closed list", enum_type=Code, max_length=60)),
                ("event_id", fields.IntField(null=True)),
                ("subject", fields.CharField(max_length=60)),
                ("details", fields.JSONField(default=dict, encoder=compact, decoder=loads)),
                ("mark", fields.CharField(max_length=40)),
                ("written_after", fields.CharField(max_length=40)),
                ("source", fields.CharField(default="", max_length=32)),
                ("vouches", fields.CharField(default="", max_length=440)),
            ],
            options={
                "table": "audit_entry",
                "app": "events",
                "pk_attr": "id",
                "table_description": "One act. Insert-only: a trigger says so. Details hold ids, counts and codes, never a name, address or token.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AuditBoundary",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("sequence", fields.IntField()),
                ("mac", fields.CharField(max_length=64)),
                ("entry_id", fields.IntField()),
                ("proof", fields.CharField(max_length=64)),
            ],
            options={
                "table": "audit_boundary",
                "app": "events",
                "pk_attr": "id",
                "table_description": "The last seal whose time was over, in one row: all up to it was deleted. Nobody without the key can make one.",
            },
            bases=["Model"],
        ),
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
                "table_description": "The newest seal as we noted it, in one row. Without the key it can be removed or put back, never moved.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AuditSeal",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("sequence", fields.IntField()),
                ("entry_id", fields.IntField()),
                ("mac", fields.CharField(max_length=64)),
            ],
            options={
                "table": "audit_seal",
                "app": "events",
                "pk_attr": "id",
                "table_description": "One link of the chain: a MAC over the entry and the seal before it. Insert-only.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Event",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("slug", fields.CharField(max_length=60)),
                ("title", fields.CharField(max_length=200)),
                ("hosts", fields.JSONField(encoder=compact, decoder=loads)),
                ("facts", fields.JSONField(default=dict, encoder=compact, decoder=loads)),
                ("day", fields.DateField()),
                ("starts_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("doors_open_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("capacity", fields.IntField(default=0)),
                ("allowance", fields.IntField(default=0)),
                ("automatic_offers", fields.BooleanField(default=True)),
                ("domain_cap", fields.IntField(default=0)),
                ("taken", fields.IntField(default=0)),
                ("next_n", fields.IntField(default=1)),
                ("list_version", fields.IntField(default=0)),
                ("list_whole_since", fields.IntField(db_default=0)),
                ("salt", fields.BinaryField()),
                ("key_fingerprint", fields.CharField(max_length=16)),
                ("data_key", fields.CharField(default="", max_length=16)),
                ("people_version", fields.BigIntField(db_default=0)),
                ("venue_sealed", fields.BinaryField(null=True)),
                ("access_facts", fields.TextField(default="", unique=False)),
                ("venue_released_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("dpia_reference", fields.CharField(default="", max_length=100)),
                ("contact_email", fields.CharField(default="", max_length=254)),
                ("contact_phone", fields.CharField(default="", max_length=40)),
                ("lead_phone_sealed", fields.BinaryField(null=True)),
                ("bring", fields.TextField(default="", unique=False)),
                ("changes_until", fields.IntField(null=True)),
                ("emails_off", fields.JSONField(default=list, encoder=compact, decoder=loads)),
                (
                    "state",
                    fields.CharEnumField(
                        default="draft",
                        description="DRAFT: draft\nOPEN: open\nCLOSED: closed\nOVER: over",
                        enum_type=Code,
                        max_length=10,
                    ),
                ),
                ("rehearsal", fields.BooleanField(default=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "event", "app": "events", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="KnownOrganisation",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key("event", "events.Event", on_delete=OnDelete.CASCADE),
                ("domain", fields.CharField(max_length=253)),
                ("suffix", fields.BooleanField(default=False)),
                ("kind", fields.CharField(max_length=40)),
                (
                    "treatment",
                    fields.CharEnumField(
                        description="PARTNER: partner\nREVIEW: review\nPUBLIC_SECTOR: public-sector",
                        enum_type=Code,
                        max_length=20,
                    ),
                ),
            ],
            options={"table": "known_organisation", "app": "events", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Processor",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key("event", "events.Event", on_delete=OnDelete.CASCADE),
                ("service", fields.CharEnumField(description="from the closed list", enum_type=Code, max_length=12)),
                ("name", fields.CharField(max_length=100)),
                ("does", fields.CharField(default="", max_length=300)),
                ("receives", fields.CharField(default="", max_length=300)),
                ("region", fields.CharField(default="", max_length=100)),
                ("kept", fields.CharField(default="", max_length=300)),
                ("contract", fields.CharField(default="", max_length=100)),
                ("smtp_host", fields.CharField(default="", max_length=253)),
                ("log_kept", fields.CharField(default="", max_length=300)),
                ("version", fields.IntField(default=0)),
            ],
            options={"table": "processor", "app": "events", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="KeyUse",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("event_id", fields.IntField()),
                ("fingerprint", fields.CharField(max_length=16)),
                ("began_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("done_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("proof", fields.CharField(max_length=32)),
            ],
            options={
                "table": "key_use",
                "app": "events",
                "pk_attr": "id",
                "table_description": "Of one key, named by its fingerprint. Proved with the key: a false row would have one dropped that is needed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Message",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("template", fields.CharField(max_length=40)),
                ("event_id", fields.IntField(null=True)),
                ("subject_id", fields.IntField()),
                ("cause", fields.CharField(max_length=60)),
                (
                    "state",
                    fields.CharEnumField(
                        default="queued",
                        description="QUEUED: queued\nSENT: sent\nFAILED: failed\nDROPPED: dropped\nTELEPHONED: telephoned",
                        enum_type=Code,
                        max_length=10,
                    ),
                ),
                ("tries", fields.IntField(default=0)),
                ("queued_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("lease_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("leased_by", fields.IntField(null=True)),
                ("next_try_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("put_off_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("first_try_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("done_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reply_code", fields.IntField(null=True)),
                ("reply_status", fields.CharField(default="", max_length=12)),
                ("address_sealed", fields.BinaryField(null=True)),
            ],
            options={
                "table": "message",
                "app": "events",
                "pk_attr": "id",
                "table_description": "An email to be written when it is sent: which template, about what, and why. It holds no text.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Staff",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("public_id", fields.CharField(max_length=16)),
                ("generation", fields.IntField(default=0)),
                ("email_tag", fields.CharField(max_length=32)),
                ("holder_sealed", fields.BinaryField()),
                ("password_hash", fields.CharField(default="", max_length=200)),
                ("joined_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("totp_sealed", fields.BinaryField(null=True)),
                ("totp_set_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("last_step", fields.BigIntField(default=0)),
                ("link_expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("disabled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("undeliverable", fields.CharField(default="", max_length=12)),
            ],
            options={"table": "staff", "app": "events", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key("staff", "events.Staff", related_name="recovery_codes", on_delete=OnDelete.CASCADE),
                ("code_hash", fields.CharField(max_length=96)),
                ("key_fingerprint", fields.CharField(max_length=16)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "recovery_code", "app": "events", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Role",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key("staff", "events.Staff", related_name="roles", on_delete=OnDelete.CASCADE),
                foreign_key("event", "events.Event", related_name="roles", on_delete=OnDelete.CASCADE),
                (
                    "name",
                    fields.CharEnumField(
                        description="LEAD: lead\nORGANISER: organiser\nVIEWER: viewer", enum_type=Code, max_length=20
                    ),
                ),
                ("proof", fields.CharField(max_length=32)),
            ],
            options={"table": "role", "app": "events", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Session",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key("staff", "events.Staff", related_name="sessions", on_delete=OnDelete.CASCADE),
                ("token_hash", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("last_used_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("second_factor_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("stepped_up_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("both_proved_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("browser", fields.CharField(default="", max_length=80)),
            ],
            options={
                "table": "session",
                "app": "events",
                "pk_attr": "id",
                "table_description": "A signed-in browser. The cookie is a random token, here stands its SHA-256. All times are the machine's.",
            },
            bases=["Model"],
        ),
        *PROMISES,
    ]
