"""People who run an event: their accounts, roles for one event each, sessions and recovery codes."""

from datetime import datetime, timedelta
from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from events.event import Event
from events.ground import keys
from events.ground.personal import Personal, personal

TOTP = "staff.totp"
IDLE_FOR = timedelta(minutes=30)


class RoleName(StrEnum):
    """Each may do what the ones after it may."""

    LEAD = "lead"
    ORGANISER = "organiser"
    VIEWER = "viewer"


RANK = {RoleName.VIEWER: 1, RoleName.ORGANISER: 2, RoleName.LEAD: 3}


def _account(purpose: str) -> Personal:
    return Personal(purpose, "legitimate interests", "as long as the account")


BROWSER = Personal("so that people recognise their own sessions", "legitimate interests", "12 hours")


class Staff(Model):
    id = fields.IntField(primary_key=True)
    public_id = personal(fields.CharField(max_length=16), _account("the public half of invitation and password links"))
    generation = fields.IntField(default=0)  # of invite and password links: each new one kills the last
    email = personal(fields.CharField(max_length=254), _account("an organiser's account"))  # normalised
    full_name = personal(fields.CharField(max_length=100), _account("an organiser's account"))
    host = personal(fields.CharField(max_length=100), _account("which host an organiser is of"))
    password_hash = personal(fields.CharField(max_length=200, default=""), _account("signing in"))  # or ''
    totp_sealed = personal(fields.BinaryField(null=True), _account("signing in"))
    totp_set_at = fields.DatetimeField(null=True)  # codes are asked for only once they have been proved
    last_step = fields.BigIntField(default=0)  # of the last code that was accepted: none works twice
    link_expires_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    disabled_at = fields.DatetimeField(null=True)

    class Meta:
        app, table = "events", "staff"

    @property
    def actor(self) -> str:
        return f"staff:{self.id}"

    @property
    def totp_secret(self) -> str:
        return keys.open_sealed(TOTP, self.totp_sealed) if self.totp_sealed else ""


class Role(Model):
    id = fields.IntField(primary_key=True)
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField("events.Staff", related_name="roles")
    staff_id: int
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="roles")
    event_id: int
    name = fields.CharEnumField(RoleName, max_length=20)

    class Meta:
        app, table = "events", "role"

    def covers(self, needed: RoleName) -> bool:
        return RANK[self.name] >= RANK[needed]


class Session(Model):
    """A signed-in browser. The cookie is a random token, here stands its SHA-256. All times are the machine's."""

    id = fields.IntField(primary_key=True)
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField("events.Staff", related_name="sessions")
    staff_id: int
    token_hash = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()
    last_used_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()  # absolute: 12 hours after sign-in
    second_factor_at = fields.DatetimeField(null=True)  # None: a password alone, which opens only the code page
    stepped_up_at = fields.DatetimeField(null=True)
    browser = personal(fields.CharField(max_length=80, default=""), BROWSER)  # like Chrome on Android

    class Meta:
        app, table = "events", "session"

    @property
    def over_at(self) -> datetime:
        """When it ends, if nothing is done before."""
        return min(self.expires_at, self.last_used_at + IDLE_FOR)

    def is_live(self, real: datetime) -> bool:
        return real < self.over_at


class RecoveryCode(Model):
    id = fields.IntField(primary_key=True)
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField("events.Staff", related_name="recovery_codes")
    staff_id: int
    code_hash = fields.CharField(max_length=32)  # keyed hash
    used_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        app, table = "events", "recovery_code"
