"""Blind tokens: each lets one answer in, and nothing says whose it is.

Those of an event are made together, for all who are asked: of each, a keyed hash is kept, in the order of the hashes.
Where somebody is asked later, all that are left are put anew, so that neither order nor transaction tells who that is.
A second table says until an email is out which link it has. That row goes as soon as the email does. Then nobody can
tell whose hash is whose: a link is a random number under a MAC, and comes from nothing that is kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from events.ground import keys, tokens
from events.ground.database import inserted, query, within_tx
from events.ground.keyring.made import Left, made
from events.ground.personal import Personal, personal
from events.ground.settings import current
from events.ground.tokens import Match, Purpose

from .box import BASIS

T = TypeVar("T")
SPENT_AS = "feedback token"
KEPT_UNTIL = "the email is out, or cannot be sent"
WHOSE = Personal("which link the email to somebody has that asks for feedback", BASIS, KEPT_UNTIL)
TOKENS = {"event_id": "int", "token_hash": "text"}
LINKS = {"event_id": "int", "registration_id": "int", "public_id": "text"}
GOOD, NOBODYS = 1, 0  # generations of links: an example has one that opens nothing
AT_ONCE = 500  # rows of one statement


class FeedbackToken(Model):
    """Deleted by the answer that it lets in. Its number says the place of its hash among those of the event."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="feedback_tokens", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    token_hash = fields.CharField(max_length=32)

    MADE = made(token_hash=Left("nothing says the link any more: it works for 30 days, as long as the key is there"))

    class Meta:
        app, table = "registrations", "feedback_token"


class FeedbackLink(Model):
    """Of an email that waits to be sent."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="feedback_links", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    registration_id = fields.IntField()  # no foreign key: nothing that is done to the request finds it
    public_id = personal(fields.CharField(max_length=16), WHOSE)

    class Meta:
        app, table = "registrations", "feedback_link"


@within_tx
async def make(event: Event, registration_ids: Iterable[int]) -> None:
    """One for each of these, in one transaction with all that the event has: a token that is made alone would be
    somebody's."""
    links = [(event.id, id_, tokens.new_public_id()) for id_ in sorted(registration_ids)]
    left = await query("DELETE FROM feedback_token WHERE event_id = ? RETURNING token_hash", [event.id])
    hashes = sorted([*(row["token_hash"] for row in left), *(hash_of(public_id, event) for *_, public_id in links)])
    for some in _parts(hashes):
        rows, values = inserted(TOKENS, [(event.id, token_hash) for token_hash in some])
        await query(f"INSERT INTO feedback_token {rows} RETURNING id", values)
    for few in _parts(links):
        rows, values = inserted(LINKS, few)
        await query(f"INSERT INTO feedback_link {rows} RETURNING id", values)


def _parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    return (rows[first : first + AT_ONCE] for first in range(0, len(rows), AT_ONCE))


def hash_of(public_id: str, event: Event) -> str:
    """Under the key that the event is bound to, as its tickets are."""
    return keys.keyed_hash(SPENT_AS, public_id, event.key_fingerprint)


def hashes_of(public_id: str) -> list[str]:
    """Under each key of ours: whose event a link is of is not known before its token is found."""
    return keys.keyed_hashes(SPENT_AS, public_id)


def public_id_in(token: str) -> str | None:
    """Of a link that we made. None for any other, without asking the database."""
    is_ours = tokens.match(Purpose.FEEDBACK, token, GOOD) is Match.CURRENT
    return tokens.public_id_of(token) if is_ours else None


def address_of(public_id: str, generation: int = GOOD) -> str:
    """Of the page, complete, for an email."""
    return f"{current().base_url}/{Purpose.FEEDBACK.value}/{tokens.make(Purpose.FEEDBACK, public_id, generation)}"


def address_of_none() -> str:
    """For an example of the email: it opens nothing."""
    return address_of(tokens.new_public_id(), NOBODYS)


async def link_to(registration_id: int) -> str:
    """The address for the email to this guest, as long as that waits to be sent; else nothing."""
    found = await FeedbackLink.get_or_none(registration_id=registration_id)
    return address_of(found.public_id) if found else ""
