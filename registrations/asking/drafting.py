"""Keeps answers sealed on our side between one question and the next. A cookie finds them again."""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import structlog

from events import page_cache
from events.event import Event
from events.ground import data_keys
from events.ground.batching import read_together
from events.ground.database import among, find_row, find_rows, given, inserted, query
from events.ground.keys import CannotOpen

from .draft import AFTER_ASKING, ANSWERS, IDLE, Draft

log = structlog.get_logger()
SENT_TO, LINK = "sent_to", "link"
COLLEAGUE = "colleague"  # the public half of the link that these answers began behind, if a guest named them
ALONG = "along"  # the address of whoever comes along with a guest, as their link proved it
OF_COOKIES = "SELECT * FROM draft WHERE {wanted}"
BEGUN = {"event_id": "int", "cookie_hash": "text", "answers_sealed": "bytea", "expires_at": "timestamptz"}
BEGIN = "INSERT INTO draft {rows} RETURNING id"
KEEP = "UPDATE draft SET answers_sealed = ?, expires_at = ? WHERE id = ? AND answers_sealed = ? RETURNING id"
MOST_TOGETHER = 50  # drafts that are kept or looked for at the same time, in one statement


class Opened(NamedTuple):
    """A draft and what is in it: answers by the names of their fields. Once asked, only the address we wrote to and
    the public id of the link that we sent; or of the link that they came by."""

    draft: Draft
    answers: dict[str, str]

    @property
    def sent_to(self) -> str:
        return self.answers.get(SENT_TO, "")

    @property
    def email(self) -> str:
        """As far as it was typed: the address that we wrote to, or would."""
        return self.sent_to or self.answers.get("email", "")

    @property
    def kept_at(self) -> datetime:
        return self.draft.expires_at - (AFTER_ASKING if self.sent_to else IDLE)

    @property
    def link(self) -> str:
        return self.answers.get(LINK, "")

    @property
    def colleague(self) -> str:
        return self.answers.get(COLLEAGUE, "")


class Added(NamedTuple):
    """Answers that a draft is given, and until when it lasts then."""

    opened: Opened
    new: Mapping[str, str]
    until: datetime


async def find(slug: str, token: str, real: datetime) -> tuple[Event, Opened | None]:
    """The event of this page, and the draft of this cookie there. Raises DoesNotExist when there is no such event.

    Looking changes nothing. Only the next answer makes the draft last longer.
    """
    event = await page_cache.public_event(slug)
    [draft] = await _find_together([_hash(token)]) if token else [None]
    is_good = draft is not None and draft.event_id == event.id and draft.expires_at > real
    return event, open_draft(draft) if is_good else None


async def _find_all(hashes: Sequence[str]) -> list[Draft | None]:
    wanted, values = among("cookie_hash", "text", hashes)
    drafts = await find_rows(Draft, OF_COOKIES.format(wanted=wanted), values)
    found = {draft.cookie_hash: draft for draft in drafts}
    return [found.get(cookie_hash) for cookie_hash in hashes]


_find_together = read_together(_find_all, MOST_TOGETHER)


def open_draft(draft: Draft | None) -> Opened | None:
    if draft is None:
        return None
    try:
        return Opened(draft, json.loads(data_keys.open_sealed(ANSWERS, draft.cookie_hash, draft.answers_sealed)))
    except CannotOpen:  # for its owner it is as gone as an old one
        log.error("answers under way cannot be opened", row=f"draft:{draft.id}")
        return None


async def keep(event: Event, opened: Opened | None, token: str, new: Mapping[str, str], real: datetime) -> str:
    """Adds these answers, for another 20 idle hours, and returns the cookie's token: a new one for a new draft."""
    if opened is not None:
        await _keep_in_batches([Added(opened, new, real + IDLE)])
        return token
    [token] = await begin_each([Begun(event, new, real)])
    return token


class Begun(NamedTuple):
    """Somebody's first answers, at this event."""

    event: Event
    answers: Mapping[str, str]
    real: datetime


async def begin_each(begun: Sequence[Begun]) -> list[str]:
    """Keeps them, and returns a new cookie's token for each."""
    tokens, rows = [secrets.token_urlsafe(32) for _ in begun], list[tuple[object, ...]]()
    for token, (event, answers, real) in zip(tokens, begun, strict=True):
        sealed = data_keys.seal(event.data_key, ANSWERS, _hash(token), _written(answers))
        rows.append((event.id, _hash(token), sealed, real + IDLE))
    if rows:
        sql, values = inserted(BEGUN, rows)
        await query(BEGIN.format(rows=sql), values)
    return tokens


KEPT = {"of": "int", "was": "bytea", "now": "bytea", "until": "timestamptz"}
KEEP_EACH = """{given} UPDATE draft SET answers_sealed = given.now, expires_at = given.until FROM given
    WHERE draft.id = given.of AND draft.answers_sealed = given.was RETURNING id"""


async def _keep_all(added: Sequence[Added]) -> list[None]:
    """In one statement. What somebody else has changed meanwhile is read again; a draft that is gone stays gone."""
    left = list(added)
    while left:
        first = {answers.opened.draft.id: answers for answers in reversed(left)}
        kept = await _replaced([(answers.opened, _with_new(answers), answers.until) for answers in first.values()])
        done = [answers for id_, answers in first.items() if id_ in kept]
        left = [answers for answers in left if not any(answers is other for other in done)]
        left = [answers._replace(opened=stands) for answers in left if (stands := await _as_it_stands(answers.opened))]
    return [None for _ in added]


def _with_new(added: Added) -> bytes:
    draft, before = added.opened.draft, {} if added.opened.sent_to else added.opened.answers
    return data_keys.seal_as(draft.answers_sealed, ANSWERS, draft.cookie_hash, _written(before | dict(added.new)))


async def _as_it_stands(opened: Opened) -> Opened | None:
    return open_draft(await find_row(Draft, "id = ?", [opened.draft.id]))


async def _replaced(drafts: Sequence[tuple[Opened, bytes, datetime]]) -> set[int]:
    """The ids of those that still stood as they were read, and have these answers and this end now."""
    rows = [(opened.draft.id, opened.draft.answers_sealed, now, until) for opened, now, until in drafts]
    sql, values = given(KEPT, sorted(rows, key=lambda row: row[0]))
    return {row["id"] for row in await query(KEEP_EACH.format(given=sql), values)} if rows else set()


_keep_in_batches = read_together(_keep_all, MOST_TOGETHER)


async def spend(opened: Opened, link: str, real: datetime, *, keeps_colleague: bool = False) -> bool:
    """Empties the draft but for address and link, which the page after asking shows. True for one caller, however
    often pressed. One that says the same, sealed anew meanwhile, is read again."""
    stays = {COLLEAGUE: opened.colleague} if keeps_colleague else {}
    draft, remains = opened.draft, _remains(opened, link, **stays)
    if await query(KEEP, [remains, real + AFTER_ASKING, draft.id, draft.answers_sealed]):
        return True
    stands = await _as_it_stands(opened)
    if stands is None or stands.answers != opened.answers:
        return False
    return await spend(stands, link, real, keeps_colleague=keeps_colleague)


class Spending(NamedTuple):
    """A draft that is to be spent on the request whose link has this public id; the moment is the machine's."""

    opened: Opened
    link: str
    real: datetime


async def spend_each(spending: Sequence[Spending]) -> list[bool]:
    """As `spend`, for each of these in one statement. Who presses twice at once has one of theirs spent."""
    first = {wanted.opened.draft.id: n for n, wanted in reversed(list(enumerate(spending)))}
    emptied = [
        (opened, _remains(opened, link), real + AFTER_ASKING)
        for opened, link, real in (spending[n] for n in first.values())
    ]
    spent = {first[id_] for id_ in await _replaced(emptied)}
    return [n in spent or await spend(*wanted) for n, wanted in enumerate(spending)]


def _remains(opened: Opened, link: str, **stays: str) -> bytes:
    """Address and link, sealed in place of the answers."""
    left = _written({SENT_TO: opened.answers["email"], LINK: link} | stays)
    return data_keys.seal_as(opened.draft.answers_sealed, ANSWERS, opened.draft.cookie_hash, left)


async def of_address(event: Event, is_theirs: Callable[[str, datetime], bool]) -> list[Draft]:
    """The drafts in which an address was typed that was somebody's then, by whomever. Each of the event is opened.

    The moment is the machine's, at which the draft was kept last.
    """
    found = [open_draft(draft) for draft in await Draft.filter(event_id=event.id).order_by("id")]
    return [opened.draft for opened in found if opened and opened.email and is_theirs(opened.email, opened.kept_at)]


async def forget(token: str) -> None:
    await Draft.filter(cookie_hash=_hash(token)).delete()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _written(answers: Mapping[str, str]) -> str:
    return json.dumps(dict(answers), ensure_ascii=False)
