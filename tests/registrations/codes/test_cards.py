"""Cards of door leads and marshals: read as the phone reads them, told apart from each other and from a ticket."""

import hmac
import json
from hashlib import sha256
from typing import Any

import pytest

from registrations.codes import key_card, lead_card, sealing, ticket_code
from tests.vectors import make

ROOMS = {"lead_card": lead_card, "key_card": key_card}
VECTORS: list[tuple[str, dict[str, Any]]] = [
    (room, case) for room in ROOMS for case in json.loads((make.FOLDER / f"{room}.json").read_text(encoding="utf-8"))
]
SECRET, SALT = bytes(range(16)), bytes(range(16, 32))


@pytest.mark.parametrize(("room", "case"), VECTORS, ids=[f"{room} {case['text'][:12]}" for room, case in VECTORS])
def test_a_card_is_read_and_derived_or_is_none(room: str, case: dict[str, Any]) -> None:
    secret = ROOMS[room].parse(case["text"])
    assert (secret and secret.hex()) == case["secret"]
    if secret is not None:
        derived = ROOMS[room].derive(secret, bytes.fromhex(case["salt"]))._asdict()
        assert {name: value.hex() for name, value in derived.items()} == {name: case[name] for name in derived}


def test_none_of_a_ticket_and_both_cards_is_read_as_another() -> None:
    codes = {"ticket": ticket_code.encode(SECRET)} | {name: room.encode(SECRET) for name, room in ROOMS.items()}
    for name, text in codes.items():
        read = {"ticket": ticket_code.parse(text).secret} | {other: room.parse(text) for other, room in ROOMS.items()}
        assert read == dict.fromkeys(codes) | {name: SECRET}


def test_the_derivations_are_hkdf_as_the_rfc_writes_it_and_others_than_a_tickets() -> None:
    key = hmac.digest(SALT, SECRET, sha256)
    okm = hmac.digest(key, b"muster door lead's card 1\x01", sha256)
    assert lead_card.derive(SECRET, SALT) == (okm[:16], okm[16:])
    first = hmac.digest(key, b"muster marshal's key card 1\x01", sha256)
    okm = first + hmac.digest(key, first + b"muster marshal's key card 1\x02", sha256)
    assert key_card.derive(SECRET, SALT) == (okm[:32], okm[32:48])
    for room in (lead_card, key_card):
        assert not set(room.derive(SECRET, SALT)) & set(sealing.derive(SECRET, SALT))
        assert room.derive(SECRET, SALT) != room.derive(SECRET, SECRET)
