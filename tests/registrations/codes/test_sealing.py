"""Sealed rows: opened by their ticket and by nothing else, and all of one length."""

import hmac
import json
from hashlib import sha256
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from registrations.codes.sealing import LONGEST, ROW, Derived, derive, fit, open_row, pad, seal
from tests.vectors import make

SECRET, SALT = bytes(range(16)), bytes(range(16, 32))
VECTORS: list[dict[str, Any]] = json.loads((make.FOLDER / "sealing.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["id"][:8])
def test_a_secret_gives_its_id_proof_and_key_and_opens_its_row(case: dict[str, Any]) -> None:
    derived = derive(bytes.fromhex(case["secret"]), bytes.fromhex(case["salt"]))
    row = bytes.fromhex(case["row"])
    assert derived == Derived(*(bytes.fromhex(case[part]) for part in ("id", "proof", "key")))
    assert (row[:16], len(row)) == (derived.id, ROW)
    assert open_row(row, derived.key, bytes.fromhex(case["salt"])) == case["record"]


def test_the_derivation_is_hkdf_as_the_rfc_writes_it() -> None:
    key = hmac.digest(SALT, SECRET, sha256)
    first = hmac.digest(key, b"muster door guest list 1\x01", sha256)
    second = hmac.digest(key, first + b"muster door guest list 1\x02", sha256)
    assert derive(SECRET, SALT) == Derived(first[:16], first[16:], second)


@pytest.mark.parametrize("at", [0, 17, 19, 21, 40, 175])
def test_a_row_changed_by_one_bit_does_not_open(at: int) -> None:
    row = bytearray(seal(SECRET, SALT, 7, {"s": "ok", "n": "Ada Example"}))
    row[at] ^= 1
    with pytest.raises(InvalidTag):
        open_row(bytes(row), derive(SECRET, SALT).key, SALT)


def test_a_row_opens_under_no_other_salt() -> None:
    row = seal(SECRET, SALT, 7, {"s": "ok"})
    with pytest.raises(InvalidTag):
        open_row(row, derive(SECRET, SALT).key, bytes(16))


def test_the_same_record_sealed_twice_does_not_look_the_same() -> None:
    record = {"s": "ok", "n": "Ada Example"}
    assert seal(SECRET, SALT, 7, record)[20:] != seal(SECRET, SALT, 7, record)[20:]


@pytest.mark.parametrize(
    ("record", "fitted"),
    [
        ({"s": "ok", "n": "Ada Example", "o": "Example Trust"}, {"s": "ok", "n": "Ada Example", "o": "Example Trust"}),
        ({"s": "ok", "n": "Ada", "o": "O" * 200}, {"s": "ok", "n": "Ada", "o": "O" * 97 + "…"}),
        ({"s": "ok", "n": "N" * 200, "o": "Example"}, {"s": "ok", "n": "N" * 97 + "…", "o": "…"}),
        (
            {"s": "ok", "n": "Alexandra Featherstonehaugh", "o": "Example", "t": "Delegate", "b": "B" * 60},
            {"s": "ok", "n": "Alexandra Featherstonehaugh", "o": "…", "t": "Delegate", "b": "B" * 48 + "…"},
        ),
        ({"s": "ok", "n": "例" * 60, "b": "Example"}, {"s": "ok", "n": "例" * 31 + "…", "b": "Example"}),
        ({"s": "ok", "n": "例" * 60}, {"s": "ok", "n": "例" * 35 + "…"}),
    ],
)
def test_what_is_too_long_is_shortened_the_organisation_first(record: dict[str, str], fitted: dict[str, str]) -> None:
    assert fit(record) == fitted
    assert len(seal(SECRET, SALT, 1, record)) == ROW


def test_padding_hides_the_length_and_refuses_to_grow() -> None:
    assert (pad(b"a"), pad(b"a" * LONGEST)) == (b"a\x80" + bytes(126), b"a" * LONGEST + b"\x80")
    with pytest.raises(ValueError, match="too long"):
        pad(bytes(LONGEST + 1))
