"""The thief's search finds what is there, in whatever spelling and wherever it begins, and nothing else."""

import base64
import html
import json
import quopri
import secrets
from collections.abc import Callable
from email.message import EmailMessage
from urllib.parse import quote, quote_plus

import pytest

from registrations.people.person import fold
from tests.hostile.searching import PIECE, Search

TEXTS = {"Zoë Ünal-O'Brien", "Nguyễn Thị Hà", "zoe.unal7@beechtree.example.net", "07700 900 871", "Harbour House Trust"}
SECRETS = {secrets.token_bytes(16), secrets.token_bytes(20)}
SPELLINGS: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "in capitals": lambda text: text.upper().encode(),
    "in small letters": lambda text: text.lower().encode(),
    "case-folded": lambda text: text.casefold().encode(),
    "without accents": lambda text: fold(text).encode(),
    "in UTF-16, low byte first": lambda text: text.encode("utf-16-le"),
    "in UTF-16, high byte first": lambda text: text.encode("utf-16-be"),
    "in hex": lambda text: text.encode().hex().encode(),
    "in hex of capitals": lambda text: text.encode().hex().upper().encode(),
    "in base64": lambda text: base64.b64encode(text.encode()),
    "in base64 from the second byte": lambda text: base64.b64encode(b"x" + text.encode() + b"y"),
    "in base64 from the third byte": lambda text: base64.b64encode(b"xx" + text.encode() + b"yz"),
    "in base64 of addresses": lambda text: base64.urlsafe_b64encode(b"x" + text.encode()),
    "percent-encoded": lambda text: quote(text).encode(),
    "in a query": lambda text: quote_plus(text).encode(),
    "quoted-printable": lambda text: quopri.encodestring(text.encode()),
    "in a header": lambda text: quopri.encodestring(text.encode(), header=True),
    "in JSON": lambda text: json.dumps([text]).encode(),
    "in HTML": lambda text: html.escape(text).encode(),
    "without spaces": lambda text: text.replace(" ", "").encode(),
    "in a file's name": lambda text: text.replace(" ", "-").lower().encode(),
}


@pytest.fixture(scope="module")
def search() -> Search:
    return Search(TEXTS, SECRETS)


@pytest.mark.parametrize("how", SPELLINGS)
def test_a_text_is_found_however_it_is_written(search: Search, how: str) -> None:
    noise = secrets.token_bytes(100)
    written = {text: SPELLINGS[how](text) for text in sorted(TEXTS)}
    missed = [text for text, raw in written.items() if raw and text not in search.found(noise + raw + noise)]
    assert missed == []


@pytest.mark.parametrize("how", ["bytes", "hex", "base64"])
def test_secret_bytes_are_found(search: Search, how: str) -> None:
    for secret in SECRETS:
        written = {"bytes": secret, "hex": secret.hex().upper().encode(), "base64": base64.b64encode(b"x" + secret)}
        assert search.found(b"before" + written[how] + b"after") == {secret.hex()}


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64"])
def test_a_text_is_found_where_an_email_breaks_its_lines(search: Search, encoding: str) -> None:
    for offset in range(76):
        email = EmailMessage()
        email.set_content("x" * offset + "07700 900 871\n", cte=encoding)
        assert search.found(email.as_bytes(), wrapped=True) == {"07700 900 871"}, offset


def test_a_text_is_found_wherever_it_begins(search: Search) -> None:
    text = b"Harbour House Trust"
    for place in (0, 1, PIECE - len(text), *range(PIECE - 8, PIECE + 2), 2 * PIECE - 3):
        raw = bytes(place) + text + bytes(30)
        assert search.found(raw) == {text.decode()}, place


def test_a_long_text_is_found_where_it_was_cut(search: Search) -> None:
    assert search.found(b"zoe.unal7@beechtree.example") == {"zoe.unal7@beechtree.example.net"}


def test_nothing_is_found_where_nothing_is(search: Search) -> None:
    assert search.found(secrets.token_bytes(3 * PIECE)) == set()
    assert search.found(b"") == search.found(b"short") == set()
    assert search.found(b"harbour house trusk, zoe.unal8@beechtree.example.net, 07700 900 872") == set()
