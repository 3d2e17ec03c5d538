"""The tables, and what the database promises of them."""

from functools import partial
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from events.migrations._building import Code, foreign_key

from ._promises import PROMISES

compact = partial(dumps, separators=(",", ":"))


class Migration(migrations.Migration):
    initial = True

    dependencies = [("events", "0001_initial")]

    operations = [
        ops.CreateModel(
            name="Door",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key("event", "events.Event", related_name="doors", on_delete=OnDelete.CASCADE),
                ("name", fields.CharField(max_length=60)),
                (
                    "policy",
                    fields.CharEnumField(
                        default="in and out",
                        description="ONCE: once\nIN_AND_OUT: in and out",
                        enum_type=Code,
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
                foreign_key("event", "events.Event", related_name="passes", on_delete=OnDelete.RESTRICT),
                foreign_key("door", "registrations.Door", related_name="passes", on_delete=OnDelete.RESTRICT),
                ("name", fields.CharField(max_length=60)),
                (
                    "role",
                    fields.CharEnumField(
                        default="steward",
                        description="STEWARD: steward\nDOOR_LEAD: door_lead",
                        enum_type=Code,
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
                ("list_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("battery", fields.FloatField(null=True)),
                ("clock_off", fields.FloatField(null=True)),
                ("page", fields.CharField(db_default="", max_length=8)),
                ("page_before", fields.CharField(db_default="", max_length=8)),
                ("quarantine_decided", fields.IntField(null=True)),
                ("pin_hash", fields.CharField(null=True, max_length=32)),
                ("override_by", fields.IntField(null=True)),
                ("override_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
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
                foreign_key("event", "events.Event", related_name="drafts", on_delete=OnDelete.CASCADE),
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
                foreign_key("event", "events.Event", related_name="registrations", on_delete=OnDelete.CASCADE),
                ("public_id", fields.CharField(max_length=16)),
                ("generation", fields.IntField(default=0)),
                ("address_tag", fields.CharField(max_length=64)),
                ("person_sealed", fields.BinaryField(null=True)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="CHARITY: charity\nPOLICE: police\nCOUNCIL: council\nHEALTH: health\nSOCIAL_CARE: social care\nPROBATION: probation or prisons\nJUSTICE: courts or prosecution\nHOUSING: housing\nEDUCATION: school, college or university\nOTHER: something else",
                        enum_type=Code,
                        max_length=40,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        default="requested",
                        description="REQUESTED: requested\nCONFIRMED: confirmed\nAPPROVED: approved\nWAITING: waiting\nOFFERED: offered\nRECHECKING: rechecking\nNOT_OFFERED: not_offered\nCANCELLED: cancelled\nEXPIRED: expired",
                        enum_type=Code,
                        max_length=12,
                    ),
                ),
                ("requested_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("confirmed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "state_before",
                    fields.CharEnumField(
                        null=True,
                        description="REQUESTED: requested\nCONFIRMED: confirmed\nAPPROVED: approved\nWAITING: waiting\nOFFERED: offered\nRECHECKING: rechecking\nNOT_OFFERED: not_offered\nCANCELLED: cancelled\nEXPIRED: expired",
                        enum_type=Code,
                        max_length=12,
                    ),
                ),
                ("withdrawn_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("offer_n", fields.IntField(default=0, db_default=0)),
                ("offered_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("lapsed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("waits_from", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("version", fields.BigIntField(db_default=0)),
                ("undeliverable", fields.CharField(default="", db_default="", max_length=12)),
            ],
            options={"table": "registration", "app": "registrations", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LinkAnswers",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key(
                    "registration", "registrations.Registration", related_name="links", on_delete=OnDelete.CASCADE
                ),
                ("public_id", fields.CharField(max_length=16)),
                ("answers_sealed", fields.BinaryField(null=True)),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("said_no_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("held_for", fields.CharField(null=True, max_length=32)),
            ],
            options={"table": "link_answers", "app": "registrations", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ErasedAddress",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key("event", "events.Event", related_name="erased", on_delete=OnDelete.CASCADE),
                ("tags", fields.TextField(unique=False)),
                ("erased_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "erased_address", "app": "registrations", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Ticket",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key("event", "events.Event", related_name="tickets", on_delete=OnDelete.RESTRICT),
                foreign_key(
                    "registration", "registrations.Registration", related_name="tickets", on_delete=OnDelete.RESTRICT
                ),
                ("n", fields.IntField()),
                ("proof_hash", fields.CharField(max_length=64)),
                ("reference_hash", fields.CharField(max_length=32)),
                ("reference_sealed", fields.BinaryField()),
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
                foreign_key("ticket", "registrations.Ticket", related_name="admissions", on_delete=OnDelete.RESTRICT),
                foreign_key("door", "registrations.Door", related_name="admissions", on_delete=OnDelete.RESTRICT),
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
            name="Conflict",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key("door", "registrations.Door", related_name="conflicts", on_delete=OnDelete.RESTRICT),
                foreign_key(
                    "ticket", "registrations.Ticket", null=True, related_name="conflicts", on_delete=OnDelete.RESTRICT
                ),
                ("kind", fields.CharEnumField(description="what cannot be right", enum_type=Code, max_length=12)),
                ("first_scan", fields.CharField(max_length=32)),
                ("second_scan", fields.CharField(db_default="", max_length=32)),
                ("uncertain", fields.BooleanField(db_default=False)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("settled_by", fields.CharField(db_default="", max_length=40)),
                (
                    "outcome",
                    fields.CharEnumField(null=True, description="from the closed list", enum_type=Code, max_length=24),
                ),
            ],
            options={
                "table": "conflict",
                "app": "registrations",
                "pk_attr": "id",
                "table_description": "The database keeps one for each pair of scans. A row is settled once, and goes with the scans.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Scan",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("client_id", fields.CharField(max_length=32)),
                foreign_key("door", "registrations.Door", related_name="scans", on_delete=OnDelete.RESTRICT),
                foreign_key("door_pass", "registrations.DoorPass", related_name="scans", on_delete=OnDelete.RESTRICT),
                foreign_key(
                    "ticket", "registrations.Ticket", null=True, related_name="scans", on_delete=OnDelete.RESTRICT
                ),
                (
                    "kind",
                    fields.CharEnumField(description="from the closed list", enum_type=Code, max_length=10),
                ),
                ("age", fields.FloatField()),
                ("arrived_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("happened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("verdict", fields.CharField(max_length=20)),
                ("undoes", fields.CharField(null=True, max_length=32)),
                ("proof_mark", fields.CharField(default="", max_length=32)),
                ("length", fields.IntField(null=True)),
                ("answer", fields.JSONField(encoder=compact, decoder=loads)),
                ("offline", fields.BooleanField(db_default=False)),
                ("shown", fields.CharField(db_default="", max_length=20)),
                ("tap", fields.CharField(db_default="", max_length=10)),
                ("initials", fields.CharField(db_default="", max_length=4)),
                ("code", fields.CharField(db_default="", max_length=24)),
                ("unsure", fields.FloatField(db_default=0.0)),
                ("held", fields.BooleanField(db_default=False)),
                ("passed", fields.BooleanField(db_default=False)),
                ("inferred", fields.BooleanField(db_default=False)),
            ],
            options={
                "table": "scan",
                "app": "registrations",
                "pk_attr": "id",
                "table_description": "Insert-only: a trigger says so.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Complaint",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key("event", "events.Event", related_name="complaints", on_delete=OnDelete.RESTRICT),
                ("reference", fields.CharField(max_length=12)),
                ("name_sealed", fields.BinaryField()),
                ("email_sealed", fields.BinaryField()),
                ("account_sealed", fields.BinaryField()),
                ("same_as", fields.CharField(max_length=32)),
                ("received_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("acknowledged_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reminded", fields.IntField(default=0)),
                (
                    "outcome",
                    fields.CharEnumField(null=True, description="from the closed list", enum_type=Code, max_length=40),
                ),
                ("finding_sealed", fields.BinaryField(null=True)),
                ("version", fields.IntField(default=0)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "complaint", "app": "registrations", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Incident",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key("event", "events.Event", related_name="incidents", on_delete=OnDelete.RESTRICT),
                ("public_id", fields.CharField(max_length=16)),
                ("kind", fields.CharEnumField(description="from the closed list", enum_type=Code, max_length=60)),
                ("description_sealed", fields.BinaryField()),
                ("same_as", fields.CharField(max_length=32)),
                ("door_pass_id", fields.IntField(null=True)),
                ("aware_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("reminded", fields.IntField(default=0)),
                (
                    "decision",
                    fields.CharEnumField(null=True, description="from the closed list", enum_type=Code, max_length=40),
                ),
                ("reason_sealed", fields.BinaryField(null=True)),
                ("decided_by", fields.CharField(default="", max_length=40)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("hosts_told", fields.BooleanField(default=False)),
                ("version", fields.IntField(default=0)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "incident", "app": "registrations", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RightsRequest",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key("event", "events.Event", related_name="rights_requests", on_delete=OnDelete.RESTRICT),
                ("reference", fields.CharField(max_length=12)),
                ("kind", fields.CharEnumField(description="from the closed list", enum_type=Code, max_length=12)),
                ("email_sealed", fields.BinaryField(null=True)),
                ("about_sealed", fields.BinaryField(null=True)),
                ("same_as", fields.CharField(max_length=32)),
                ("by_link", fields.BooleanField()),
                ("received_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("reminded", fields.IntField(default=0)),
                (
                    "outcome",
                    fields.CharEnumField(null=True, description="from the closed list", enum_type=Code, max_length=40),
                ),
                ("note_sealed", fields.BinaryField(null=True)),
                ("public_id", fields.CharField(max_length=16)),
                ("generation", fields.IntField(default=0)),
                ("copy_sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("copy_opened_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("visit_hash", fields.CharField(default="", max_length=64)),
                ("version", fields.IntField(default=0)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "rights_request", "app": "registrations", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Attendance",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key("event", "events.Event", related_name="attendance", on_delete=OnDelete.CASCADE),
                ("day", fields.DateField()),
                foreign_key(
                    "door", "registrations.Door", null=True, related_name="attendance", on_delete=OnDelete.CASCADE
                ),
                ("kind", fields.CharField(default="", max_length=40)),
                ("people", fields.IntField()),
            ],
            options={
                "table": "attendance",
                "app": "registrations",
                "pk_attr": "id",
                "table_description": "So many people of one kind came in at one door, or at the event, on a day. Counted once, before scans go.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Deletion",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key("event", "events.Event", null=True, related_name="deletions", on_delete=OnDelete.CASCADE),
                ("kind", fields.CharField(max_length=20)),
                ("number", fields.IntField()),
                ("first_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("last_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "deletion",
                "app": "registrations",
                "pk_attr": "id",
                "table_description": "How many rows of one class went, of one event or of none, and when.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Mailing",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key("event", "events.Event", related_name="mailings", on_delete=OnDelete.RESTRICT),
                ("template", fields.CharField(max_length=40)),
                ("cause", fields.CharField(max_length=60)),
                ("chosen", fields.JSONField(encoder=compact, decoder=loads)),
                ("told_before", fields.JSONField(default=dict, encoder=compact, decoder=loads)),
                ("begun_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("waits_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("filled_to", fields.IntField(default=0)),
                ("is_filled", fields.BooleanField(default=False)),
                ("number", fields.IntField(default=0)),
                ("stopped_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "mailing", "app": "registrations", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="KeyCopy",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key("event", "events.Event", related_name="key_copies", on_delete=OnDelete.CASCADE),
                foreign_key("staff", "events.Staff", related_name="key_copies", on_delete=OnDelete.CASCADE),
                ("day", fields.DateField()),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("reminded", fields.IntField(default=0)),
                (
                    "answer",
                    fields.CharEnumField(null=True, description="from the closed list", enum_type=Code, max_length=40),
                ),
                ("answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "key_copy",
                "app": "registrations",
                "pk_attr": "id",
                "table_description": "Asked of each lead of an event, once for each day of the event after which a key was destroyed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Announcement",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                foreign_key("event", "events.Event", related_name="announcements", on_delete=OnDelete.RESTRICT),
                ("public_id", fields.CharField(max_length=16)),
                ("subject_sealed", fields.BinaryField()),
                ("words_sealed", fields.BinaryField()),
                ("audience", fields.CharEnumField(description="from the closed list", enum_type=Code, max_length=60)),
                ("kind", fields.CharField(default="", max_length=40)),
                ("ids", fields.JSONField(default=list, encoder=compact, decoder=loads)),
                ("version", fields.IntField(default=0)),
                ("changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "announcement", "app": "registrations", "pk_attr": "id"},
            bases=["Model"],
        ),
        *PROMISES,
    ]
