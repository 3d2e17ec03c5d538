"""The marshals' key card: read as the phone reads it, told apart from a ticket and from a lead's card."""

import hmac
import json
from hashlib import sha256
from typing import Any

import pytest

from registrations.codes import key_card, lead_card, sealing, ticket_code
from tests.vectors import make

VECTORS: list[dict[str, Any]] = json.loads((make.FOLDER / "key_card.json").read_text(encoding="utf-8"))
SECRET, SALT = bytes(range(16)), bytes(range(16, 32))


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["text"][:12] or "nothing")
def test_a_card_is_read_and_gives_its_key_and_id_or_is_none(case: dict[str, Any]) -> None:
    secret = key_card.parse(case["text"])
    assert (secret and secret.hex()) == case["secret"]
    if secret is not None:
        derived = key_card.derive(secret, bytes.fromhex(case["salt"]))
        assert (derived.id.hex(), derived.key.hex()) == (case["id"], case["key"])


def test_a_key_card_is_no_ticket_and_no_leads_card_nor_the_other_way_round() -> None:
    text = key_card.encode(SECRET)
    assert (ticket_code.parse(text).secret, lead_card.parse(text), key_card.parse(text)) == (None, None, SECRET)
    assert key_card.parse(ticket_code.encode(SECRET)) is key_card.parse(lead_card.encode(SECRET)) is None


def test_the_derivation_is_hkdf_as_the_rfc_writes_it_and_another_than_a_tickets() -> None:
    key = hmac.digest(SALT, SECRET, sha256)
    first = hmac.digest(key, b"muster marshal's key card 1\x01", sha256)
    okm = first + hmac.digest(key, first + b"muster marshal's key card 1\x02", sha256)
    assert key_card.derive(SECRET, SALT) == (okm[:32], okm[32:48])
    assert not set(key_card.derive(SECRET, SALT)) & set(sealing.derive(SECRET, SALT))
    assert key_card.derive(SECRET, SALT) != key_card.derive(SECRET, SECRET)
