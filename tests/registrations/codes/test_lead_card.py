"""A door lead's card: read as the phone reads it, told apart from a ticket, and opening nothing."""

import hmac
import json
from hashlib import sha256
from typing import Any

import pytest

from registrations.codes import lead_card, sealing, ticket_code
from tests.vectors import make

VECTORS: list[dict[str, Any]] = json.loads((make.FOLDER / "lead_card.json").read_text(encoding="utf-8"))
SECRET, SALT = bytes(range(16)), bytes(range(16, 32))


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["text"][:12] or "nothing")
def test_a_card_is_read_and_gives_its_id_and_proof_or_is_none(case: dict[str, Any]) -> None:
    secret = lead_card.parse(case["text"])
    assert (secret and secret.hex()) == case["secret"]
    if secret is not None:
        derived = lead_card.derive(secret, bytes.fromhex(case["salt"]))
        assert (derived.id.hex(), derived.proof.hex()) == (case["id"], case["proof"])


def test_a_card_is_no_ticket_and_a_ticket_no_card() -> None:
    assert ticket_code.parse(lead_card.encode(SECRET)).secret is None
    assert lead_card.parse(ticket_code.encode(SECRET)) is None
    assert lead_card.parse(lead_card.encode(SECRET)) == SECRET


def test_the_derivation_is_hkdf_as_the_rfc_writes_it_and_another_than_a_tickets() -> None:
    key = hmac.digest(SALT, SECRET, sha256)
    okm = hmac.digest(key, b"muster door lead's card 1\x01", sha256)
    assert lead_card.derive(SECRET, SALT) == (okm[:16], okm[16:])
    assert not set(lead_card.derive(SECRET, SALT)) & set(sealing.derive(SECRET, SALT))
    assert lead_card.derive(SECRET, SALT) != lead_card.derive(SECRET, SECRET)
