"""Whoever steals the database with all its keys, and knows in which order guests came, were asked and answered, links
no answer and no token to anybody: not by rows, numbers, order or transactions.

Each guess is scored beside the truth. The same thief links everybody where answers or tokens are kept as they come.
Rules: EV-10.
"""

import random
from collections.abc import Sequence

import pytest

from events.event import Event
from events.ground import clock
from events.ground.database import Database, forget_traces, is_postgres, query
from events.mail import outbox
from events.mail.outbox import Message
from registrations.feedback import answering, box, token
from registrations.feedback.box import Answer
from registrations.feedback.token import FeedbackLink, hashes_of
from registrations.people.registration import Registration
from registrations.telling import timed_emails
from tests.hostile.test_deleted_data import on_disk
from tests.registrations.feedback.guests import NEXT_DAY, asked, contents, many_asked

GUESTS = 40
BY_CHANCE = 10  # so many right guesses of 40 happen by chance once in ten million times: one is to be expected


def hits(found: Sequence[str], truth: dict[str, int], known: Sequence[int]) -> int:
    """How many a thief guesses right who takes what was found, in its order, for people in the order that is known;
    or in the same order backwards."""
    ways = (known, known[::-1])
    return max(sum(truth[what] == person for what, person in zip(found, way, strict=True)) for way in ways)


async def people() -> list[int]:
    """In the order in which they asked for a place, were given it and came."""
    return [row.id for row in await Registration.all().order_by("id")]


async def best_guess_of_words(event: Event) -> int:
    """Each answers with words that only they write, one after the other, while the thief watches who does."""
    draw = random.Random(15)  # noqa: S311  # of a test
    links = await many_asked(event, GUESTS)
    came = await people()
    link_of = dict(zip(came, links, strict=True))
    answered = draw.sample(came, GUESTS)
    truth = {f"{draw.getrandbits(64):016x}": person for person in answered}
    for text, person in truth.items():
        said = Answer({"before": 1 + draw.randrange(5)}, {"differently": text}, "police")
        assert await answering.take(link_of[person], said, NEXT_DAY)
    parts = (await contents(event)).parts.values()
    found = [text for part in parts for text in part.texts.get("differently", [])]
    assert sorted(found) == sorted(truth)
    return max(hits(found, truth, came), hits(found, truth, answered))


async def test_no_words_are_linked_to_whoever_wrote_them(event: Event) -> None:
    assert await best_guess_of_words(event) <= BY_CHANCE


async def test_the_thief_links_all_words_where_they_are_kept_as_they_come(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(box, "sorted", lambda texts, key=None: list(texts), raising=False)
    monkeypatch.setattr(box, "TOGETHER", GUESTS)
    assert await best_guess_of_words(event) == GUESTS


async def best_guess_of_tokens(event: Event) -> int:
    links = await many_asked(event, GUESTS)
    truth = {hashes_of(link)[0]: person for link, person in zip(links, await people(), strict=True)}
    found = [row["token_hash"] for row in await query("SELECT token_hash FROM feedback_token ORDER BY id")]
    as_stored = [row["token_hash"] for row in await query("SELECT token_hash FROM feedback_token")]
    assert sorted(found) == sorted(truth)
    came = await people()
    return max(hits(order, truth, came) for order in (found, as_stored))


async def test_no_token_is_linked_to_whoever_was_sent_its_link(event: Event) -> None:
    assert await best_guess_of_tokens(event) <= BY_CHANCE
    if is_postgres():  # of which transaction a row is
        assert len(await query("SELECT DISTINCT xmin::text FROM feedback_token")) == 1


async def test_the_thief_links_all_tokens_where_they_are_kept_as_they_are_made(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(token, "sorted", list, raising=False)
    assert await best_guess_of_tokens(event) == GUESTS


async def test_no_token_comes_from_what_is_kept_of_a_person(event: Event) -> None:
    """Whoever has the keys makes the hash of each id that there is: only that of the link itself is one of a token."""
    links = await asked(event, 5)
    kept = {row.public_id for row in await Registration.all()} | {str(row.id) for row in await Registration.all()}
    tokens = {row["token_hash"] for row in await query("SELECT token_hash FROM feedback_token")}
    assert {hash_ for public_id in kept for hash_ in hashes_of(public_id)} & tokens == set()
    assert {hashes_of(link)[0] for link in links} == tokens, "the control"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_once_the_emails_are_out_their_links_are_nowhere_on_the_disk(database: Database, event: Event) -> None:
    links = [link.encode() for link in await asked(event, 6)]
    assert sum(on_disk(database, links).values()) >= 6, "the search finds them while they are there"
    for message in await Message.filter(template="thanks"):
        await outbox.mark_sent(message, NEXT_DAY)
    await timed_emails.turn(NEXT_DAY, clock.real())
    assert await forget_traces()
    assert (await FeedbackLink.all().count(), on_disk(database, links)) == (0, {})
