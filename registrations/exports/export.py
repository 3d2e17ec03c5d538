"""An export: a file that somebody took away, what for, and until when it may be kept. The file itself is kept sealed,
in parts, until it is fetched or an hour has passed.

Rules: SE-13, SG-13.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.accounts.staff import Staff
from events.event import Event
from events.ground import data_keys
from events.ground.keeping import Period
from events.ground.keyring.made import Sealed, made
from events.ground.personal import Personal, personal
from events.web.rendering import date_words
from registrations.people.person import BASIS, NAMED

FILE_LASTS = timedelta(hours=1)  # of the machine's clock, after it was made
FILE = Period(FILE_LASTS, "after the file was made, or at once when it is fetched")
PURPOSE_SEALED_AS, FILE_SEALED_AS = "export purpose", "export file"
KINDS = "from the closed list"
PURPOSE = Personal("what somebody took a file away for, in their words, sealed", "legitimate interests", str(NAMED))
CONTENT = Personal("a file that somebody has asked for, sealed, until they fetch it", BASIS, str(FILE))


class ExportKind(StrEnum):
    PEOPLE = "people"
    ATTENDANCE = "attendance"
    CONTACTS = "contacts"
    BADGES = "badges"
    ACCESS = "access"
    CATERING = "catering"
    EMAILS = "emails"


class Format(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


class Stage(StrEnum):
    WAITING = "waiting"  # or being made
    READY = "ready"
    FETCHED = "fetched"
    DELETED = "deleted"  # before anybody fetched it, since data were that may stand in it
    OVER = "over"  # its hour has passed
    FAILED = "failed"


class Export(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="exports", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    public_id = fields.CharField(max_length=16)  # of its page; what is sealed is bound to it
    kind = fields.CharEnumField(ExportKind, description=KINDS, max_length=12)
    format = fields.CharEnumField(Format, description=KINDS, max_length=4)
    columns: Any = fields.JSONField(default=list)  # codes, in order
    people: Any = fields.JSONField(default=list)  # ids of a people list, in its order, until the file is made
    filtered = fields.CharField(max_length=200, default="")  # by what, in words; nothing that was searched for
    purpose_sealed = personal(fields.BinaryField(), PURPOSE)
    asked_by: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "events.Staff", related_name="exports", on_delete=OnDelete.RESTRICT
    )
    asked_by_id: int
    asked_at = fields.DatetimeField()  # the event's time, like the next
    destroy_by = fields.DateField()
    leased_until = fields.DatetimeField(null=True)  # whoever makes it; the machine's time, like all that follow
    tries = fields.IntField(default=0)
    done = fields.IntField(default=0)  # people read so far
    total = fields.IntField(default=0)
    rows = fields.IntField(default=0)  # in the file
    made_at = fields.DatetimeField(null=True)
    failed_at = fields.DatetimeField(null=True)
    fetched_at = fields.DatetimeField(null=True)

    MADE = made(purpose_sealed=Sealed(PURPOSE_SEALED_AS, "{public_id}", event="event_id"))

    class Meta:
        app, table = "registrations", "export"

    @property
    def purpose(self) -> str | None:
        """None if it was damaged, and an error in our log that names the row."""
        return data_keys.opened_in(f"export:{self.id}", PURPOSE_SEALED_AS, self.public_id, bytes(self.purpose_sealed))

    @property
    def file_name(self) -> str:
        """It names neither event nor anybody."""
        return f"{self.kind.value}-{self.id}.{self.format.value}"

    @property
    def ends_at(self) -> datetime | None:
        """Until when the file can be fetched."""
        return self.made_at + FILE_LASTS if self.made_at else None

    @property
    def destroy_words(self) -> str:
        """22 April 2019."""
        return date_words(self.destroy_by)

    def stage(self, real: datetime) -> Stage:
        if self.fetched_at is not None:
            return Stage.FETCHED
        if self.failed_at is not None:
            return Stage.FAILED
        if self.ends_at is None:
            return Stage.WAITING
        return Stage.READY if real < self.ends_at else Stage.OVER


class ExportPart(Model):
    """A piece of the file, in base64, as sealed values are texts."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="export_parts", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    export: fields.ForeignKeyRelation[Export] = fields.ForeignKeyField(
        "registrations.Export", related_name="parts", on_delete=OnDelete.CASCADE
    )
    export_id: int
    n = fields.IntField()
    made_at = fields.DatetimeField()  # the machine's time
    content_sealed = personal(fields.BinaryField(), CONTENT)

    MADE = made(content_sealed=Sealed(FILE_SEALED_AS, "{export_id}|{n}", event="event_id"))

    class Meta:
        app, table = "registrations", "export_part"

    @property
    def opened(self) -> str | None:
        """Its piece of the file. None if it was damaged, and an error in our log that names the row."""
        row, sealed = f"{self.export_id}|{self.n}", bytes(self.content_sealed)
        return data_keys.opened_in(f"export_part:{self.id}", FILE_SEALED_AS, row, sealed)


def sealed_purpose(purpose: str, event: Event, public_id: str) -> bytes:
    """For the row with this public id: in another one it does not open."""
    return data_keys.seal(event.data_key, PURPOSE_SEALED_AS, public_id, purpose)


def destroy_by(event: Event, after: timedelta, at: date) -> date:
    """So long after the event, or after today where it is over."""
    return max(event.day, at) + after
