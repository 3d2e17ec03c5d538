"""What a ticket's secret becomes: an id, a proof and a key, and the row of the guest list sealed under that key.

Twin: scanner/sealing.mjs, which opens what is sealed here. Change tests/vectors/make.py first, then both.
"""

import json
import os
import struct
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ROW = 176  # id 16, version 4, nonce 12, sealed block 128, tag 16
BLOCK = 128
LONGEST = BLOCK - 1  # one byte marks where the text ends
STAYS, LEAST_DOOR = ("i", "l"), 9  # fields with the name of a door; letters of it that stay while others can be cut

Record = Mapping[str, Any]
COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Derived(NamedTuple):
    """The id finds a row and says nothing; the proof travels in place of the code; the key opens the row."""

    id: bytes
    proof: bytes
    key: bytes


def derive(secret: bytes, salt: bytes) -> Derived:
    """The salt is the event's, so another event's ticket is as unknown here as an invented one."""
    okm = HKDF(SHA256(), 64, salt, b"muster door guest list 1").derive(secret)
    return Derived(okm[:16], okm[16:32], okm[32:])


def seal(secret: bytes, salt: bytes, version: int, record: Record, nonce: bytes | None = None) -> bytes:
    """Seals one row, always of ROW bytes. Only the vectors hand in a nonce: two rows must never share one."""
    derived = derive(secret, salt)
    head = derived.id + struct.pack(">I", version)
    nonce = nonce or os.urandom(12)
    return head + nonce + AESGCM(derived.key).encrypt(nonce, pad(_fitted(record)), salt + head)


def open_row(row: bytes, key: bytes, salt: bytes) -> dict[str, Any]:
    """Raises InvalidTag if the row is another ticket's or another event's, or was changed by one bit."""
    head, nonce, sealed = row[:20], row[20:32], row[32:]
    padded = AESGCM(key).decrypt(nonce, sealed, salt + head)
    record: dict[str, Any] = json.loads(padded[: padded.rindex(0x80)])
    return record


def pad(raw: bytes) -> bytes:
    """0x80, then zeros (ISO 7816-4), so that a row's length says nothing of its state or name."""
    if len(raw) > LONGEST:
        raise ValueError("a row's text is too long: fit the record first")
    return raw + b"\x80" + bytes(LONGEST - len(raw))


def fit(record: Record) -> Record:
    """The record itself, or one cut short: first the organisation, then the longer of name and badge name, so that a
    person with a long badge name is still known by the name that is compared with the work ID; then where they are due.
    Of who was here, and comes with others or is due elsewhere, the name of the door and where that is are cut before
    their own. A row never grows."""
    fitted = dict(record)
    longer = sorted(("b", "n"), key=lambda field: -len(str(record.get(field, ""))))
    was_here = not record.keys().isdisjoint(STAYS) and ("c" in record or "w" in record)
    if was_here:
        _cut_fields(fitted, ("o", *STAYS, "w"), LEAST_DOOR)
    _cut_fields(fitted, ("o", *longer, "w", *STAYS))
    return fitted


def _fitted(record: Record) -> bytes:
    """The text of `fit`. Nearly every record fits as it is, and is made into text once."""
    text = _text(record)
    return text if len(text) <= LONGEST else _text(fit(record))


def _cut_fields(record: dict[str, Any], fields: Iterable[str], least_door: int = 1) -> None:
    for field in fields:
        if field in record and len(_text(record)) > LONGEST:
            record[field] = _with_door_cut(record, field, least_door) if field in STAYS else _cut(record, field)


def _cut(record: dict[str, Any], field: str) -> str:
    """As many whole characters of the field as leave room for the rest, and an ellipsis."""
    full = str(record[field])
    for length in range(len(full) - 1, 0, -1):
        shorter = full[:length].rstrip() + "…"
        if len(_text({**record, field: shorter})) <= LONGEST:
            return shorter
    return "…"


def _with_door_cut(record: dict[str, Any], field: str, least: int) -> list[Any]:
    """Since when they are in, or were, by a door whose name is cut as far as needs be, and not below `least`."""
    stay: list[Any] = record[field]
    came, door, *left = stay
    for length in range(len(door) - 1, least - 1, -1):
        stay = [came, door[:length].rstrip() + "…", *left]
        if len(_text({**record, field: stay})) <= LONGEST:
            break
    return stay


def _text(record: Record) -> bytes:
    return COMPACT.encode(record).encode()
