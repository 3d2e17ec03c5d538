"""What emails say alike is kept while they go out: never old, never another's, and none of it about a person."""

import secrets
from collections.abc import Mapping
from typing import Any

import pytest
from jinja2 import UndefinedError

from events.ground.database import Database
from events.mail import emails, mailer, words
from events.mail.emails import Email, each
from events.mail.outbox import Message
from events.mail.words import Alike, words_beside, words_of
from events.web import placeholders
from tests.events.mail.mailing import queue, send
from tests.events.mail.test_emails import FACTS, HOSTILE, a_row
from tests.mail_reading import read, text_of
from tests.smtp_sink import smtp_sink

OWN = ("name", "reference", "entrance", "ticket_page", "manage", "feedback")
CHANGES = {"changes": [("Time", "10:00 to 16:00", "<09:30>")], "venue_moved": True}
SAID = {"announced": {"subject": "Trains & parking", "paragraphs": ["One <b>train</b>", "", ". dot"]}}
THANKED = {"feedback_until": "Wednesday 15 May 2019", "needs_deleted": "in a week", "deleted": "in three months"}
KINDS = [
    "received", "have_place", "ticket", "waiting", "not_offered", "given_up", "cancelled", "venue_released",
    "week_before", "thursday_before", "day_before", "thanks", "event_changed", "announcement",
]  # fmt: skip
ODD = [*HOSTILE, "Zoë O'Brien-Nguyễn 3rd & <b>Co</b>", "", ".", "x" * 200, "ends in a blank ", "=20", "\r", "a\n\nb\n"]


def both_ways(kind: str, own: Mapping[str, str], **others: Any) -> tuple[words.Words, words.Words]:
    """Rendered in whole, and filled into what is kept."""
    alike = {name: fact for name, fact in FACTS.items() if name not in OWN} | {"has_place": True} | others
    cids = {"code": "code@example.org"} if kind == "ticket" else {}
    return words_of(kind, alike | dict(own), cids), words_beside(kind, Alike(alike), own, cids)


@pytest.mark.parametrize("kind", KINDS)
def test_an_email_that_is_filled_in_has_the_same_bytes_as_one_rendered_in_whole(kind: str) -> None:
    for odd in ODD:
        for has_place in (True, False):
            own = dict.fromkeys(OWN, odd)
            facts = {
                "has_place": has_place,
                "venue": odd,
                "bring": odd,
                "wellbeing": odd,
                "you_can": odd,
                **CHANGES,
                **SAID,
                **THANKED,
            }
            whole, filled = both_ways(kind, own, **facts)
            assert filled == whole, repr(odd)


@pytest.mark.parametrize("missing", ["entrance", "ticket_page"])
def test_what_one_email_leaves_out_another_shows(missing: str) -> None:
    """Each way is a kept one of its own: whether a fact is there decides on words around it."""
    full = {name: f"own {name}" for name in OWN}
    for own in (full, full | {missing: ""}, full):
        whole, filled = both_ways("ticket", own)
        assert filled == whole


def test_each_fact_that_many_are_told_alike_is_new_in_the_next_email() -> None:
    own = dict.fromkeys(OWN, "own")
    seen = [both_ways("ticket", own)[1]]
    for name in FACTS.keys() - {*OWN, "reminder"}:  # a ticket is none
        changed = ["Another line"] if name == "banner" else f"another {name}"
        whole, filled = both_ways("ticket", own, **{name: changed})
        assert filled == whole
        assert filled not in seen, name
        seen.append(filled)


def test_with_and_without_a_picture_are_kept_apart() -> None:
    own, alike = dict.fromkeys(OWN, "own"), Alike({name: FACTS[name] for name in FACTS if name not in OWN})
    with_one, without = (
        words_beside("ticket", alike, own, {"code": "c@x.example"}),
        words_beside("ticket", alike, own, {}),
    )
    assert (b"cid:c@x.example" in with_one.html, b"cid:" in without.html) == (True, False)
    assert b"cid:c@y.example" in words_beside("ticket", alike, own, {"code": "c@y.example"}).html


def test_nothing_that_is_kept_is_about_a_person() -> None:
    own = {name: f"Zebedee {name}" for name in OWN}
    _, filled = both_ways("ticket", own)
    assert b"Zebedee name" in filled.plain
    alike = Alike({name: fact for name, fact in FACTS.items() if name not in OWN} | {"has_place": True})
    hits = words._kept.cache_info().hits
    kept = words._kept("ticket", alike, tuple((name, True) for name in own), (("code", "code@example.org"),))
    assert words._kept.cache_info().hits == hits + 1, "it is what was used"
    assert "Conference for professionals" in f"{kept}"
    assert "Zebedee" not in f"{kept}"


def test_a_subject_names_nothing_that_is_one_persons_own() -> None:
    """It is kept too."""
    alike = {name: fact for name, fact in FACTS.items() if name not in {"day", *OWN}}
    with pytest.raises(UndefinedError):
        words_beside("ticket", Alike(alike), dict.fromkeys(OWN, "own") | {"day": "Monday"}, {})


def test_a_fact_that_is_no_plain_value_is_not_kept() -> None:
    """Two things that look alike need not be."""
    with pytest.raises(TypeError):
        Alike({"event": object()})


async def test_what_is_kept_goes_when_all_emails_are_out(database: Database) -> None:
    kept = list[int]()

    async def email(message: Message) -> Email | None:
        own = {"name": f"Guest {message.subject_id}", "manage": "https://places.example.org/manage/x"}
        alike = Alike({name: fact for name, fact in FACTS.items() if name not in OWN})
        to = f"guest{message.subject_id}@guests.example.org"
        written = emails.write(message, to=to, facts=own, alike=alike)
        kept.append(words._kept.cache_info().currsize)
        return written

    await queue(1, 2, 3)
    async with smtp_sink() as sink:
        await send(sink, {"waiting": each(email)})
        said = [text_of(read(Email("", "", caught.raw))) for caught in sink.caught]
    assert [f"Dear Guest {n}," in text for n, text in enumerate(said, start=1)] == [True] * 3
    assert (min(kept) > 0, words._kept.cache_info().currsize) == (True, 0)
    assert mailer.trouble() == ""


def test_no_placeholder_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "choice", lambda _: "7")
    words.forget()
    email = emails.write(
        a_row("ticket"), to="ada@wardens.example.org", facts=dict.fromkeys(OWN, "own"),
        alike=Alike({name: fact for name, fact in FACTS.items() if name not in OWN}),
    )  # fmt: skip
    assert b"7" * placeholders.DIGITS not in email.raw
    assert "7" * placeholders.DIGITS in placeholders.Placeholders({"name": True}).words["name"], "the control"
    words.forget()
