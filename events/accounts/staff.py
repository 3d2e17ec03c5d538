"""People who run an event: their accounts, sessions and recovery codes, their roles, and what each role may (SE-09)."""

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from tortoise import fields
from tortoise.manager import Manager
from tortoise.models import Model
from tortoise.queryset import QuerySet

from events.event import Event
from events.ground import keys
from events.ground.database import find_row, find_rows, places
from events.ground.keyring.made import Keyed, Left, Sealed, made
from events.ground.personal import Personal, answer, personal

TOTP, HOLDER, TAGGED_AS = "staff.totp", "staff.holder", "staff.email"
ROLES = "roles"  # what their proofs are hashed for
IDLE_FOR = timedelta(minutes=30)


class RoleName(StrEnum):
    """Only roles that a lead can give. One without a row in the table stops the start."""

    LEAD = "lead"
    ORGANISER = "organiser"
    VIEWER = "viewer"
    ACCESS = "access"
    CATERER = "caterer"
    BADGES = "badges"


class May(StrEnum):
    """What the pages do, as far as roles differ in it. Each guard of an event's page names one."""

    LOOK = "look"  # at the desk
    ORGANISE = "organise"  # decide who comes, change the event, run the doors
    ACCESS = "access"  # arrange what guests need so that they can take part
    CATER = "cater"  # see what guests eat
    PRINT = "print"  # lists with names for the doors
    EXPORT = "export"  # take a file away of what the role sees
    BADGES = "badges"  # print the badges of people who come in, and see what stands on them
    LEAD = "lead"  # look after accounts, read the audit log, release the venue


class Detail(StrEnum):
    """What the desk shows to some roles and not to others. The hosts' own contacts are public: anyone sees them."""

    EMAIL = "email"  # of a person
    TELEPHONE = "telephone"  # of a person, and of the lead on the day
    VENUE = "venue"  # while it is held back
    PRESENCE = "presence"  # whether a person has arrived, and what the doors did with their ticket
    ENTRANCE = "entrance"  # that a person arrives by another one: others read that they speak to the lead


class Rights(NamedTuple):
    may: frozenset[May]
    sees: frozenset[Detail]
    words: str  # what it is for, where a role is chosen


def _only(words: str, *may: May) -> Rights:
    return Rights(frozenset(may), frozenset(), f"{words}; nothing else")


def complete(table: Mapping[RoleName, Rights]) -> Mapping[RoleName, Rights]:
    """The table itself. Raises RuntimeError when a role has no row: better no start than a page that fails."""
    if lacking := [name.value for name in RoleName if name not in table]:
        raise RuntimeError(f"events/accounts/staff.py has no row for these roles: {', '.join(lacking)}")
    return table


RIGHTS = complete(
    {
        RoleName.LEAD: Rights(
            frozenset({May.LOOK, May.ORGANISE, May.PRINT, May.EXPORT, May.BADGES, May.LEAD}),
            frozenset({Detail.EMAIL, Detail.TELEPHONE, Detail.VENUE, Detail.PRESENCE, Detail.ENTRANCE}),
            "looks after other people's accounts, and does all else but what guests need",
        ),
        RoleName.ORGANISER: Rights(
            frozenset({May.LOOK, May.ORGANISE, May.PRINT, May.EXPORT, May.BADGES}),
            frozenset({Detail.EMAIL, Detail.TELEPHONE, Detail.VENUE, Detail.PRESENCE}),
            "decides who comes, and runs the doors",
        ),
        RoleName.VIEWER: Rights(
            frozenset({May.LOOK}),
            frozenset(),
            "sees who comes, but no email addresses or telephone numbers, and not who has arrived; changes nothing",
        ),
        RoleName.ACCESS: _only("sees and arranges what guests need so that they can take part", May.ACCESS, May.EXPORT),
        RoleName.CATERER: _only("sees how many guests eat what, and allergies meant for them", May.CATER, May.EXPORT),
        RoleName.BADGES: _only("prints badges of people who come in, and sees what stands on those", May.BADGES),
    }
)


def _account(purpose: str) -> Personal:
    return Personal(purpose, "legitimate interests", "as long as the account")


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose account it is; the address in its normal form."""

    email: str = answer(_account("an organiser's account"))
    full_name: str = answer(_account("an organiser's account"))
    host: str = answer(_account("which host an organiser is of"))


UNREADABLE = Holder(full_name="Name cannot be read")  # of a row that was damaged


def sealed_columns(public_id: str, holder: Holder) -> dict[str, Any]:
    """What the row with this public id keeps of its holder."""
    text = json.dumps(asdict(holder), ensure_ascii=False)
    return {
        "public_id": public_id,
        "email_tag": keys.keyed_hash(TAGGED_AS, holder.email),
        "holder_sealed": keys.seal(HOLDER, text, public_id),
    }


def opened(sealed: bytes, staff_id: int, public_id: str) -> Holder:
    text = keys.opened_in(f"staff:{staff_id}", HOLDER, sealed, public_id)
    return UNREADABLE if text is None else Holder(**json.loads(text))


BROWSER = Personal("so that people and leads see where an account is signed in", "legitimate interests", "12 hours")


class Staff(Model):
    id = fields.IntField(primary_key=True)
    public_id = personal(fields.CharField(max_length=16), _account("the public half of invitation and password links"))
    generation = fields.IntField(default=0)  # of invite and password links; see `password_links.found`
    email_tag = personal(fields.CharField(max_length=32), _account("that an address has one account: a keyed hash"))
    holder_sealed = personal(fields.BinaryField(), _account("whose account it is, sealed: the rows of `holder`"))
    password_hash = personal(fields.CharField(max_length=200, default=""), _account("signing in"))  # or ''
    joined_at = fields.DatetimeField(null=True)  # when the invitation was accepted
    totp_sealed = personal(fields.BinaryField(null=True), _account("signing in"))
    totp_set_at = fields.DatetimeField(null=True)  # codes are asked for only once they have been proved
    last_step = fields.BigIntField(default=0)  # of the last code that was accepted: none works twice
    link_expires_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    disabled_at = fields.DatetimeField(null=True)
    undeliverable = personal(
        fields.CharField(max_length=12, default=""),
        _account("that the address takes no email, as a status: then none is sent there"),
    )

    _opened: tuple[bytes, Holder] | None = None

    MADE = made(
        email_tag=Keyed(TAGGED_AS, lambda staff: staff.email or None, emptied="undeliverable"),
        holder_sealed=Sealed(HOLDER, "{public_id}"),
        totp_sealed=Sealed(TOTP, "{public_id}"),
    )

    class Meta:
        app, table = "events", "staff"

    @property
    def holder(self) -> Holder:
        """Opened. Without a name, and not written to, if the row was damaged or its key is gone."""
        if self._opened is None or self._opened[0] != self.holder_sealed:
            self._opened = self.holder_sealed, opened(self.holder_sealed, self.id, self.public_id)
        return self._opened[1]

    @property
    def email(self) -> str:
        return self.holder.email

    @property
    def full_name(self) -> str:
        return self.holder.full_name

    @property
    def host(self) -> str:
        return self.holder.host

    @property
    def actor(self) -> str:
        return f"staff:{self.id}"

    @property
    def never_had_app(self) -> bool:
        """They are joining: no code was ever accepted."""
        return self.totp_set_at is None and self.last_step == 0

    @property
    def totp_secret(self) -> str:
        """Nothing if it cannot be opened: then no code is right, and the recovery codes still are."""
        if not self.totp_sealed:
            return ""
        return keys.opened_in(self.actor, TOTP, self.totp_sealed, self.public_id) or ""


async def account_of(email: str, *, may_sign_in: bool = False) -> Staff | None:
    """The account with this address, in its normal form; on demand only if it is not disabled."""
    tags = keys.keyed_hashes(TAGGED_AS, email)
    also = " AND disabled_at IS NULL" if may_sign_in else ""
    return await find_row(Staff, f"email_tag IN ({places(len(tags))}){also}", tags)


BY_IDS = "SELECT * FROM staff WHERE id IN ({ids})"


async def names_of(actors: Iterable[str]) -> dict[str, str]:
    """The names of those actors who are staff, by actor: 'staff:3' is Lena Lead."""
    ids = sorted({int(actor.removeprefix("staff:")) for actor in actors if actor.startswith("staff:")})
    found = await find_rows(Staff, BY_IDS.format(ids=places(len(ids))), ids) if ids else []
    return {member.actor: member.full_name for member in found}


class KnownRoles(Manager):
    """Leaves out rows with a name that is no role of ours: Muster did not write them, so they open nothing."""

    def get_queryset(self) -> QuerySet["Role"]:
        return super().get_queryset().filter(name__in=[name.value for name in RoleName])


class Role(Model):
    id = fields.IntField(primary_key=True)
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField("events.Staff", related_name="roles")
    staff_id: int
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="roles")
    event_id: int
    name = fields.CharEnumField(RoleName, max_length=20)
    proof = fields.CharField(max_length=32)  # a keyed hash of the three

    MADE = made(proof=Keyed(ROLES, lambda role: role.proof_text))

    class Meta:
        app, table, manager = "events", "role", KnownRoles()

    async def save(self, *args: Any, **kwargs: Any) -> None:
        """Proves the row with the key. A role written into the database without the key is given to nobody (see
        `is_ours`)."""
        self.proof = keys.keyed_hashes(ROLES, self.proof_text)[0]
        await super().save(*args, **kwargs)

    @property
    def proof_text(self) -> str:
        return f"{self.staff_id}|{self.event_id}|{self.name}"

    @property
    def is_ours(self) -> bool:
        """Whether Muster gave this role to this person for this event. A row that it once gave can be put back."""
        return any(hmac.compare_digest(self.proof, known) for known in keys.keyed_hashes(ROLES, self.proof_text))

    def may(self, what: May) -> bool:
        return what in RIGHTS[self.name].may

    def sees(self, detail: Detail) -> bool:
        return detail in RIGHTS[self.name].sees


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
    both_proved_at = fields.DatetimeField(null=True)  # password and code, for the gravest acts
    browser = personal(fields.CharField(max_length=80, default=""), BROWSER)  # like Chrome on Android

    class Meta:
        app, table = "events", "session"

    @property
    def over_at(self) -> datetime:
        """When the session ends, if nothing is done before."""
        return min(self.expires_at, self.last_used_at + IDLE_FOR)

    def is_live(self, real: datetime) -> bool:
        return real < self.over_at


class RecoveryCode(Model):
    id = fields.IntField(primary_key=True)
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField("events.Staff", related_name="recovery_codes")
    staff_id: int
    code_hash = fields.CharField(max_length=96)  # salt of the ten, and a slow keyed hash
    key_fingerprint = fields.CharField(max_length=16)  # of the instance key that it is hashed with
    used_at: datetime | None = fields.DatetimeField(null=True)

    MADE = made(code_hash=Left("only their owner knows the codes"))

    class Meta:
        app, table = "events", "recovery_code"
