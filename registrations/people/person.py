"""Whoever asks for a place: what they told us, as one value that is kept sealed under the event's data key."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import structlog
from pydantic_core import from_json

from events.event import Event
from events.ground import data_keys
from events.ground.keeping import Period
from events.ground.keys import CannotOpen
from events.ground.personal import Personal, answer

log = structlog.get_logger()
SEALED_AS, TAGGED_AS = "person", "address"
BASIS = "public task (council), legitimate interests (charity)"
UNCONFIRMED = Period(timedelta(hours=72), "after asking, where nobody confirmed it")  # DP-07: here, and in the next two
NOT_OFFERED = Period(timedelta(days=30), "after the event, where no place was offered")
NAMED = Period(timedelta(days=90), "after the event")
KEPT = f"{NAMED}; {NOT_OFFERED}; {UNCONFIRMED}"
COMES_WITH = Personal(
    "the guest whom somebody comes along with, by the number of that request: such a place is not counted; never why",
    BASIS,
    f"until that guest's place ends or an organiser parts them, at the latest {NAMED}",
    notice="with whom you come along, if you come to support another guest; never why",
)
BADGE_TYPE = Personal(
    "whether they come as delegate, speaker, host or helper, as organisers set it: it stands on the badge, and a door"
    " shows it",
    BASIS,
    KEPT,
    notice="whether you come as delegate, speaker, host or helper: for your badge and the door",
)
NAMES = "your name, and a name for your badge if you want another one: to know who asks, and for the door and the badge"
WORK = "your organisation, its kind and your role there: to check that this event is for you"


def _kept(label: str, purpose: str, notice: str, basis: str = BASIS) -> Personal:
    return Personal(purpose, basis, KEPT, label, notice)


@dataclass(frozen=True, slots=True)
class Person:
    """The address in its normal form, the telephone number as typed. All of it is empty once it is deleted."""

    full_name: str = answer(_kept("Full name", "to know who comes, and to check the name at the door", NAMES))
    badge_name: str = answer(_kept("Name for your badge", "what stands on the badge", NAMES))
    email: str = answer(
        _kept(
            "Work email address",
            "to confirm the address and send ticket and joining details",
            "your work email address: to see that it is yours, to answer you and to send your ticket",
        )
    )
    organisation: str = answer(_kept("Organisation", "to vet a request; shown at the door", WORK))
    role: str = answer(_kept("Role", "to vet a request", WORK))  # what they do there
    phone: str = answer(
        _kept(
            "Telephone number",
            "only if there is a problem on the day",
            "a telephone number, if you give one: only if there is a problem on the day",
            basis=f"{BASIS}; giving it is optional",
        )
    )

    @property
    def shown_name(self) -> str:
        return self.badge_name or self.full_name


NOBODY = Person()
UNREADABLE = Person(full_name="Name cannot be read")  # stands for a row that was damaged: all others go on without it
COLUMNS = (  # what a join reads for `of_row`, here and in `choices`, and the badge type
    "r.id AS registration_id, r.event_id AS person_of, r.public_id, r.person_sealed, r.choices_sealed, r.badge_type"
)

NO_ACCENTS = {"đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "œ": "oe", "æ": "ae", "þ": "th"}  # noqa: RUF001
APOSTROPHES, HYPHENS = "'’‘ʼʻ`´.", "-‐‑‒–"  # noqa: RUF001  # as people type them
AS_FOLDED = str.maketrans(NO_ACCENTS | dict.fromkeys(APOSTROPHES, "") | dict.fromkeys(HYPHENS, " "))

IS_DELETED = "OLD.person_sealed IS NOT NULL AND NEW.person_sealed IS NULL"  # for a trigger, of a change of the row


def seal(person: Person, event: Event, public_id: str) -> bytes:
    """For the row of the event that has this public id: in another one it does not open."""
    return data_keys.seal(event.data_key, SEALED_AS, _row(event.id, public_id), _written(person))


def seal_again(person: Person, sealed: bytes, event_id: int, public_id: str) -> bytes:
    """In place of what was sealed for this row before, under the same key."""
    return data_keys.seal_as(sealed, SEALED_AS, _row(event_id, public_id), _written(person))


def opened(sealed: bytes | None, registration_id: int, event_id: int, public_id: str) -> Person:
    """Nobody once it is deleted; UNREADABLE, and an error in our log that names the row, if it does not open."""
    if not sealed:
        return NOBODY
    try:
        text = data_keys.open_padded(SEALED_AS, _row(event_id, public_id), bytes(sealed))
    except CannotOpen:
        log.error("a person cannot be opened", row=f"registration:{registration_id}")
        return UNREADABLE
    return Person(**from_json(text))


def of_many(event_id: int, rows: Iterable[tuple[int, str, bytes | None]]) -> Iterator[Mapping[str, str]]:
    """Of rows of one event, by id, public id and what is sealed: what each says, without what is empty. In a quarter of
    the time of `opened`."""
    open_one = data_keys.opener(SEALED_AS)
    for registration_id, public_id, sealed in rows:
        try:
            yield from_json(open_one(_row(event_id, public_id), sealed)) if sealed else {}
        except CannotOpen:
            log.error("a person cannot be opened", row=f"registration:{registration_id}")
            yield {"full_name": UNREADABLE.full_name}


def of_row(row: Mapping[str, Any]) -> Person:
    """Of a row that holds COLUMNS."""
    return opened(row["person_sealed"], row["registration_id"], row["person_of"], row["public_id"])


def address_tag(event: Event, email: str) -> str:
    """By which the database knows an address again at this event; the address in its normal form."""
    return data_keys.tag(event.data_key, TAGGED_AS, email)


def address_tags(event: Event, email: str) -> list[str]:
    """All by which an address may be known at this event: a tag under each of its keys. None once they are gone."""
    return data_keys.tags(event.data_key, TAGGED_AS, email) if event.data_key else []


def fold(text: str) -> str:
    """What the desk's search compares; 600 letters at most."""
    return folded(text)[:600]


def folded(text: str) -> str:
    """However it is typed, at the desk or at a door: no accents, capitals, apostrophes, full stops or unseen joiners,
    a space for each hyphen, single spaces."""
    if not text.isascii():
        letters = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        text = "".join(c for c in letters if unicodedata.category(c) != "Cf")
    return " ".join(text.casefold().translate(AS_FOLDED).split())


def dialled(phone: str) -> int:
    """Equal for a telephone number however it is typed; 0 where there is none."""
    digits = digits_of(phone)[:17] if phone else ""
    return int(f"1{digits}") if digits else 0


def digits_of(phone: str) -> str:
    """As they are dialled in the United Kingdom, from abroad without the zeros before the country."""
    typed = "".join(sign for sign in phone.replace("(0)", "") if sign.isdecimal() or sign == "+")
    return re.sub(r"^(\+|00)(44)?", lambda abroad: "0" if abroad[2] else "", typed).replace("+", "")


def _row(event_id: int, public_id: str) -> str:
    return f"registration|{event_id}|{public_id}"


def _written(person: Person) -> str:
    said = {name: text for name, text in asdict(person).items() if text}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
