"""Cases that a rule in Python and its twin on the phone must both pass; `python -m tests.vectors.make` writes them."""

import json
from hashlib import sha256
from pathlib import Path

from registrations.codes import key_card, lead_card, sealing, ticket_code
from registrations.phones import together
from tests.vectors.verdict_cases import Case, repeats, rules, verdicts

FOLDER = Path(__file__).parent


def ticket_codes() -> list[Case]:
    """Codes that are read, each as printed and as a wedge may type it; then what is not ours or was misread."""
    first = ticket_code.encode(secret_of(0))
    good = [{"text": ticket_code.encode(secret_of(n)), "secret": secret_of(n).hex(), "why": ""} for n in range(20)]
    edges = [bytes(16), b"\xff" * 16]
    good += [{"text": ticket_code.encode(secret), "secret": secret.hex(), "why": ""} for secret in edges]
    good += [{"text": text, "secret": secret_of(0).hex(), "why": ""} for text in (first.lower(), f" {first}\r\n")]
    misread = [*_slips(first), *_swaps(first), "M1" + "0" * 25 + "1Y"]
    return [*good, *({"text": text, "secret": None, "why": "misread"} for text in misread), *_foreign(first)]


def _slips(code: str) -> list[str]:
    """The code with one character wrong, at every place behind the prefix."""
    after = dict(zip(ticket_code.ALPHABET, ticket_code.ALPHABET[1:] + "0", strict=True))
    return [code[:at] + after[code[at]] + code[at + 1 :] for at in range(2, 29)]


def _swaps(code: str) -> list[str]:
    pairs = [at for at in range(2, 27) if code[at] != code[at + 1]]
    return [code[:at] + code[at + 1] + code[at] + code[at + 2 :] for at in pairs]


def _foreign(code: str) -> list[Case]:
    texts = [
        "",
        "M1",
        code[:-1],
        code + "0",
        "M2" + code[2:],
        code[:5] + "U" + code[6:],
        code[:5] + "-" + code[5:],
        code[:5] + "\uff21" + code[6:],  # a wide A
        code[:5] + "\u017f" + code[6:],  # a long s, which some engines take for S
        "https://example.org/" + code,
        "\U0001f39f",
        "1" * 4096,
        "\u00a0" + code,
    ]
    return [{"text": text, "secret": None, "why": "not_ours"} for text in texts]


def references() -> list[Case]:
    """What people type, the reference it means if any, and the letter that no reference contains."""
    rows = [
        ("HK7-4QD", "HK7-4QD", ""),
        ("hk7 4qd", "HK7-4QD", ""),
        (" h k 7 4 - q d \n", "HK7-4QD", ""),
        ("HK74QD", "HK7-4QD", ""),
        ("HK7-4Q", None, ""),
        ("HK7-4QDD", None, ""),
        ("", None, ""),
        ("HK7-4QO", None, "O"),
        ("hk7-4ql", None, "L"),
        ("H0I-4QD", None, "0"),
        ("HK7_4QD", None, "_"),
        ("HK7-4Q\u00e9", None, "\u00e9"),
        ("HK7-4Q\u00df", None, "\u00df"),
        ("HK7-4Q\U0001f39f", None, "\U0001f39f"),
    ]
    return [{"typed": typed, "reference": reference, "never_used": never} for typed, reference, never in rows]


RECORDS: tuple[Case, ...] = (
    {"s": "ok", "n": "Ada Example", "o": "Example Advocacy", "b": "Delegate"},
    {"s": "in", "n": "Zoë Nguyễn", "o": "Łódź Example Trust", "b": "Speaker", "t": "09:12", "d": "Main door"},
    {"s": "gone"},
    {"s": "reserve"},
    {"s": "ok", "n": "Bartholomew Featherstonehaugh-Example the Younger of Exampleton", "o": "X" * 80, "b": "Delegate"},
    {"s": "ok", "n": "例" * 60, "o": "団体" * 30, "b": "Delegate"},
    {"s": "ok", "n": 'O"Brien\\', "o": "\U0001f39f" * 40, "b": "Delegate"},
)


def sealed_rows() -> list[Case]:
    return [_sealed(n, RECORDS[n % len(RECORDS)]) for n in range(20)]


def _sealed(n: int, record: Case) -> Case:
    secret, salt, nonce = secret_of(n), _bytes("salt", 0), _bytes("nonce", n)[:12]
    derived = sealing.derive(secret, salt)
    return {
        "secret": secret.hex(),
        "salt": salt.hex(),
        "id": derived.id.hex(),
        "proof": derived.proof.hex(),
        "key": derived.key.hex(),
        "row": sealing.seal(secret, salt, n + 1, record, nonce).hex(),
        "record": sealing.fit(record),
    }


def lead_cards() -> list[Case]:
    """Cards that are read, each with what is derived from it; then what is none, or was misread."""
    good = [_card(lead_card.encode(secret_of(n)), secret_of(n)) for n in range(8)]
    first = lead_card.encode(secret_of(0))
    good += [_card(text, secret_of(0)) for text in (first.lower(), f" {first}\r\n")]
    none = [ticket_code.encode(secret_of(0)), *_slips(first)[:4], first[:-1], first + "0", "", "M2", " M 2" + first[2:]]
    return [*good, *({"text": text, "secret": None} for text in none)]


def _card(text: str, secret: bytes) -> Case:
    salt = _bytes("salt", 0)
    derived = lead_card.derive(secret, salt)
    return {
        "text": text,
        "secret": secret.hex(),
        "salt": salt.hex(),
        "id": derived.id.hex(),
        "proof": derived.proof.hex(),
    }


def key_cards() -> list[Case]:
    """Marshals' cards that are read, each with what is derived from it; then what is none, or was misread."""
    good = [_key_card(key_card.encode(secret_of(n)), secret_of(n)) for n in range(8)]
    first = key_card.encode(secret_of(0))
    good += [_key_card(text, secret_of(0)) for text in (first.lower(), f" {first}\r\n")]
    others = [ticket_code.encode(secret_of(0)), lead_card.encode(secret_of(0))]
    none = [*others, *_slips(first)[:4], first[:-1], first + "0", "", "M3", " M 3" + first[2:]]
    nothing = dict.fromkeys(("secret", "salt", "id", "key"))
    return [*good, *({"text": text} | nothing for text in none)]


def _key_card(text: str, secret: bytes) -> Case:
    salt = _bytes("salt", 0)
    derived = key_card.derive(secret, salt)
    return {
        "text": text,
        "secret": secret.hex(),
        "salt": salt.hex(),
        "id": derived.id.hex(),
        "key": derived.key.hex(),
    }


def marks() -> list[Case]:
    """Of whoever comes with somebody: what stands for them in the other one's row, made from the proof of their own."""
    proofs = [sealing.derive(secret_of(n), _bytes("salt", 0)).proof for n in range(8)]
    return [{"proof": proof.hex(), "mark": together.mark_of(sha256(proof).hexdigest())} for proof in proofs]


def secret_of(n: int) -> bytes:
    return _bytes("secret", n)


def _bytes(what: str, n: int) -> bytes:
    return sha256(f"{what} {n}".encode()).digest()[:16]


VECTORS = {
    "verdicts.json": rules,
    "verdict.json": verdicts,
    "repeat.json": repeats,
    "ticket_code.json": ticket_codes,
    "reference.json": references,
    "sealing.json": sealed_rows,
    "lead_card.json": lead_cards,
    "key_card.json": key_cards,
    "together.json": marks,
}


def written(name: str) -> str:
    """One case a line, so that a change reads as a change in review."""
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in VECTORS[name]())
    return f"[\n{lines}\n]\n"


if __name__ == "__main__":
    for name in VECTORS:
        (FOLDER / name).write_text(written(name), encoding="utf-8")
