"""One act at a door, never changed; and the admission, by which the database lets a ticket in only once."""

import base64
import re
from enum import StrEnum
from typing import Any, NamedTuple

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.ground.keyring.made import Left, made
from events.ground.personal import Personal, personal
from registrations.codes.verdict import ADMITS_NOBODY, OVERRIDES, UNDO_CODES
from registrations.people.person import NAMED
from registrations.phones.door import ENTRANCES, Door, DoorPass
from registrations.tickets.ticket import Ticket


class ScanKind(StrEnum):
    IN = "in"
    OUT = "out"
    UNDO = "undo"
    INVALID = "invalid"  # a code that was none of ours: its length is kept, never its text


KINDS = "from the closed list"  # fixed: a column whose words differ is rebuilt on SQLite, without its triggers


INITIALS_OF = Personal(
    "initials of who held the phone, when a scan has to be cleared up",
    "legitimate interests",
    str(NAMED),
)
CAME_IN = Personal(
    "that a ticket works once, how many people are in the building, and whether a guest has arrived",
    "public task (council), legitimate interests (charity)",
    str(NAMED),
    notice="when you came in and through which door: so that a ticket works once, to know how many people are in the "
    "building, and so that the organisers can tell whether you have arrived",
)


class Scan(Model):
    """Insert-only: a trigger says so."""

    id = fields.IntField(primary_key=True)
    client_id = fields.CharField(max_length=32)  # made by the phone before anything was sent
    door: fields.ForeignKeyRelation[Door] = fields.ForeignKeyField(
        "registrations.Door", related_name="scans", on_delete=OnDelete.RESTRICT
    )
    door_id: int
    door_pass: fields.ForeignKeyRelation[DoorPass] = fields.ForeignKeyField(
        "registrations.DoorPass", related_name="scans", on_delete=OnDelete.RESTRICT
    )
    door_pass_id: int
    ticket: fields.ForeignKeyNullableRelation[Ticket] = fields.ForeignKeyField(
        "registrations.Ticket",
        related_name="scans",
        on_delete=OnDelete.RESTRICT,
        null=True,
    )
    ticket_id: int | None
    kind = fields.CharEnumField(ScanKind, description=KINDS, max_length=10)
    age = fields.FloatField()  # seconds, as the phone said
    arrived_at = fields.DatetimeField()
    happened_at = fields.DatetimeField()  # calculated: arrival minus age, held within what is possible
    verdict = fields.CharField(max_length=20)
    undoes = fields.CharField(max_length=32, null=True)  # client id of the scan that this one undoes
    proof_mark = fields.CharField(max_length=32, default="")  # keyed hash of an unknown proof
    length = fields.IntField(null=True)
    answer: Any = fields.JSONField()  # ids and codes by which the same answer is given again; no name
    offline = fields.BooleanField(db_default=False)  # the phone judged it alone
    shown = fields.CharField(max_length=20, db_default="")  # the verdict that the phone showed before it had ours
    tap = fields.CharField(max_length=10, db_default="")  # the tap that let them in: id_seen or lead
    initials = personal(fields.CharField(max_length=4, db_default=""), INITIALS_OF)  # of who held the phone
    code = fields.CharField(max_length=24, db_default="")  # a lead's reason
    unsure = fields.FloatField(db_default=0.0)  # seconds by which happened_at may be off, either way
    held = fields.BooleanField(db_default=False)  # its time was impossible, and was pulled to the nearest possible one
    passed = fields.BooleanField(db_default=False)  # somebody went in, or out, by it
    inferred = fields.BooleanField(db_default=False)  # nobody scanned it: it follows from a later act
    source = fields.CharField(max_length=8, db_default="")  # '': a phone; or PAPER
    decided_by = fields.IntField(null=True)  # the pass of the lead whose card or PIN it was; 0: a card that is none

    MADE = made(proof_mark=Left("a scan is never changed"))

    class Meta:
        app, table = "registrations", "scan"


# Conditions on a scan `s`: somebody went in or out by it; and nobody took that back.
WENT_THROUGH = "(s.passed OR s.verdict = 'ok') AND s.kind IN ('in', 'out')"
STILL_STANDS = "NOT EXISTS (SELECT 1 FROM scan u WHERE u.undoes = s.client_id AND u.verdict = 'undone')"


class Admission(Model):
    """The scan by which a ticket is in, at an entrance or in a room. Only undo removes it. Leaving sets left_at."""

    id = fields.IntField(primary_key=True)
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "registrations.Ticket", related_name="admissions", on_delete=OnDelete.RESTRICT
    )
    ticket_id: int
    door: fields.ForeignKeyRelation[Door] = fields.ForeignKeyField(
        "registrations.Door", related_name="admissions", on_delete=OnDelete.RESTRICT
    )
    door_id: int  # where that scan was made
    presence = fields.IntField(db_default=ENTRANCES)  # the presence group of this door: the ticket is in there once
    client_id = fields.CharField(max_length=32)  # of the scan, whose row follows once its verdict is known
    admitted_at = personal(fields.DatetimeField(), CAME_IN)
    left_at = fields.DatetimeField(null=True)

    class Meta:
        app, table = "registrations", "admission"


def was_seen(code: str, *, inferred: bool, offline: bool) -> bool:
    """Whether somebody was at the door by this scan. An exit that follows from an entry into another room has neither
    a code nor a phone that was alone, and says no more than that entry."""
    return not inferred or code != "" or offline


CLIENT_ID = re.compile(r"[0-9a-f]{32}")
SHORT_CODE = re.compile(r"[a-z_]{1,20}")
INITIALS = re.compile(r"[^\W\d_]{1,4}")
MARK = re.compile(r"[0-9]{1,9}\.[0-9a-f]{32}")
BESIDE = re.compile(r"[A-Za-z0-9_-]{6}")
LONGEST_AGE = 7 * 24 * 3600.0  # seconds; what is more is a fault of the phone
LONGEST_LENGTH = 1_000_000
NOT_LET_IN = "no"  # the tap that kept somebody where they were
CAME_IN_ELSEWHERE = "came_in_elsewhere"  # the answer to the question of that name
PAPER = "paper"  # the source of what was ticked on a sheet, and typed up afterwards
LEAD = "lead"  # the tap that stands for the lead's override where there is no network
LEADS_CODES = OVERRIDES | UNDO_CODES | ADMITS_NOBODY
BOTH = "both"  # the tap, or the code, by which somebody is counted at the entrance as well as in the room
WITH_ROOM = "with_room"  # the code of an entry at the entrance that follows from one into a room. No phone sends it
LET_IN_BY = frozenset({"id_seen", LEAD, BOTH})
CODES = LEADS_CODES | {CAME_IN_ELSEWHERE, BOTH}
NO_CARD = b"?"  # what is no proof of a card


class Sent(NamedTuple):
    """One scan as a phone sent it, each value limited to what is possible. If it has a `fault`, only its id counts."""

    id: str
    kind: ScanKind
    proof: bytes = b""
    age: float = 0.0  # seconds
    undoes: str | None = None
    length: int | None = None
    fault: str = ""  # the field that we cannot read
    offline: bool = False  # judged by the phone alone
    shown: str = ""  # what it said then
    tap: str = ""  # the tap by which they were let in
    initials: str = ""
    unsure: float = 0.0  # seconds by which the age may be off
    code: str = ""
    held: bool = False  # the age that was told cannot be
    pass_mark: str = ""  # the mark of the pass that it was made under
    source: str = ""  # PAPER if no phone made it
    card: bytes = b""  # the proof of the lead's card that was held to the camera, offline
    decided_by: int | None = None  # whose card it was, where that was looked up before
    mark: str = ""  # of whoever stands beside the person whose proof it has: no ticket of theirs was shown
    beside: str = ""  # the id of that person's scan

    @property
    def entered(self) -> bool:
        """They are past the door already, whatever we answer. An undo is no passage."""
        says = {ScanKind.IN: "ok", ScanKind.OUT: "out"}.get(self.kind)
        let_in = self.shown == says or self.tap in LET_IN_BY or self.source == PAPER
        return says is not None and self.offline and let_in and not self.lets_nobody_in

    @property
    def by_card(self) -> bool:
        """A lead decided offline, with a card."""
        return self.offline and self.tap == LEAD and (self.card != b"" or self.decided_by is not None)

    @property
    def turned_away(self) -> bool:
        """They are not past the door: the phone asked its steward, who said no."""
        return self.offline and self.tap == NOT_LET_IN

    @property
    def lets_nobody_in(self) -> bool:
        """Their steward said no, or the lead: they do not come in, or are in already."""
        return self.turned_away or self.code in ADMITS_NOBODY


def read_sent(posted: object) -> Sent:
    """Never raises, whatever was posted. Without a readable id no row can be kept."""
    if not isinstance(posted, dict) or not _is_id(posted.get("id")):
        named = posted.get("id") if isinstance(posted, dict) else None
        return Sent(named[:64] if isinstance(named, str) else "", ScanKind.INVALID, fault="id")
    made = _made(posted)
    match posted.get("kind"):
        case ScanKind.IN | ScanKind.OUT as kind:
            proof = _proof(posted.get("proof"))
            return made._replace(kind=ScanKind(kind), proof=proof) if proof else made._replace(fault="proof")
        case ScanKind.UNDO:
            undoes = posted.get("undoes")
            return made._replace(kind=ScanKind.UNDO, undoes=undoes) if _is_id(undoes) else made._replace(fault="undoes")
        case ScanKind.INVALID:
            return made._replace(length=_length(posted.get("length")))
    return made._replace(fault="kind")


def _made(posted: dict[str, Any]) -> Sent:
    age: Any = posted.get("age")
    code, mark = _short_code(posted.get("code")), posted.get("pass_mark")
    return Sent(
        posted["id"],
        ScanKind.INVALID,
        age=_seconds(age),
        held=not _is_number(age) or age < 0,
        offline=posted.get("offline") is True,
        shown=_short_code(posted.get("shown")),
        tap=_short_code(posted.get("tap"))[:10],
        code=code if code in CODES else "",
        initials=read_initials(posted.get("initials")),
        unsure=_seconds(posted.get("unsure")),
        pass_mark=mark if isinstance(mark, str) and MARK.fullmatch(mark) else "",
        **_beside(posted),
        card=NO_CARD if (card := posted.get("card", "")) and not _proof(card) else _proof(card) or b"",
    )


def _beside(posted: dict[str, Any]) -> dict[str, Any]:
    """Both, or neither."""
    mark, beside = posted.get("mark"), posted.get("beside")
    good = isinstance(mark, str) and BESIDE.fullmatch(mark) is not None and _is_id(beside)
    return {"mark": mark, "beside": beside} if good and posted.get("kind") == ScanKind.IN else {}


def read_initials(value: object) -> str:
    """Of who holds the phone, in capitals; '' for anything else."""
    return _capitals(value) if isinstance(value, str) and INITIALS.fullmatch(value) else ""


def _capitals(letters: str) -> str:
    """As many letters as were typed: one whose capital takes two, like ß, stays as it is."""
    return "".join(letter.upper() if len(letter.upper()) == 1 else letter for letter in letters)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and CLIENT_ID.fullmatch(value) is not None


def _short_code(value: object) -> str:
    return value if isinstance(value, str) and SHORT_CODE.fullmatch(value) else ""


def _proof(value: object) -> bytes | None:
    """Base64url of 16 bytes, with or without the padding."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_-]{22}(==)?", value):
        return None
    return base64.urlsafe_b64decode(value[:22] + "==")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value  # NaN alone is not itself


def _seconds(value: Any) -> float:
    return float(min(value, LONGEST_AGE)) if _is_number(value) and value > 0 else 0.0


def _length(value: object) -> int | None:
    return max(0, min(value, LONGEST_LENGTH)) if isinstance(value, int) and not isinstance(value, bool) else None
