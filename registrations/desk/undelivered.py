"""Emails that did not arrive, and whom an organiser has to telephone about them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.ground import live, wording
from events.ground.database import after_commit, find_rows, moment, places, query, run_tx
from events.mail import delivery, mailer
from events.mail.bounces import addressees
from events.mail.outbox import EPOCH, Message, MessageState
from registrations.people.registration import WITH_IDS, Registration
from registrations.tickets.request_emails import TEMPLATES, requests_of

AT_MOST = 200
OURS = "SELECT {what} FROM message WHERE event_id = ? AND template IN ({templates}) AND state = "
FAILED = f"{OURS} 'failed' ORDER BY done_at DESC, id DESC LIMIT ?"
QUEUED = f"{OURS} 'queued'"
TRIED = f"{QUEUED} AND next_try_at > ? AND tries > 0 ORDER BY id LIMIT ?"
WHEN = """count(*) AS number, count(CASE WHEN next_try_at > ? AND tries > 0 THEN 1 END) AS tried,
    count(CASE WHEN next_try_at <= ? AND NOT (next_try_at > ? AND tries > 0) THEN 1 END) AS due"""  # as in TRIED
NOT_ASKED = "SELECT at FROM audit_entry WHERE event_id = ? AND action = ? ORDER BY id DESC LIMIT ?"
DELAYED = """SELECT * FROM message
    WHERE reply_status <> '' AND done_at > ? AND event_id + 0 = ? AND state || '' = 'sent' AND template || '' IN
    ({templates}) ORDER BY done_at DESC LIMIT ?"""  # so written, SQLite looks where there are few
TRIED_FOR = timedelta(days=5)  # by other mail systems, at most: then one says that it failed, or it has arrived
LATER = "later: by day, or once a decision can no longer be undone"
A_PAGE = 50  # people to telephone: as they are dealt with, others take their places


class Trouble(NamedTuple):
    """`person` is the one who should have got it; None if the request is gone."""

    message: Message
    person: Registration | None

    @property
    def reason(self) -> str:
        return delivery.reason(self.message)


class Waiting(NamedTuple):
    """Emails that are still to go out, and those that are out and late."""

    number: int
    oldest: datetime | None
    delayed: list[Trouble]  # tried at least once
    on_their_way: list[Trouble]  # we heard that a mail system further on is trying

    def without(self, templates: Collection[str]) -> "Waiting":
        lists = (_others(troubles, templates) for troubles in (self.delayed, self.on_their_way))
        return Waiting(self.number, self.oldest, *lists)


class Failed(NamedTuple):
    """Failed emails, each with a person to telephone."""

    shown: list[Trouble]
    more: bool  # than are shown

    def without(self, templates: Collection[str]) -> "Failed":
        return Failed(_others(self.shown, templates), self.more)


def _others(troubles: Sequence[Trouble], templates: Collection[str]) -> list[Trouble]:
    return [trouble for trouble in troubles if trouble.message.template not in templates]


async def failed(event_id: int) -> Failed:
    """Failed emails, newest first."""
    messages = await _messages(FAILED, event_id, A_PAGE + 1)
    return Failed(await _with_people(messages[:A_PAGE]), len(messages) > A_PAGE)


async def waiting(event_id: int, at: datetime) -> Waiting:
    [queued] = await query(*_of_ours(QUEUED, "count(*) AS number, min(queued_at) AS oldest", event_id))
    delayed = await _messages(TRIED, event_id, EPOCH, AT_MOST)
    out = [at - TRIED_FOR, event_id, *sorted(TEMPLATES), AT_MOST]
    late = await _with_people(await find_rows(Message, DELAYED.format(templates=places(len(TEMPLATES))), out))
    return Waiting(queued["number"], moment(queued["oldest"]), await _with_people(delayed), late)


async def why_they_wait(event_id: int, held_back: int, real: datetime) -> str:
    """Why emails of this event have not gone out yet, in one line; nothing if none waits. `held_back`: as many of them
    are, as `held_back.held` counts. `real`: the machine's time."""
    templates = sorted(TEMPLATES)
    sql = QUEUED.format(what=WHEN, templates=places(len(templates)))
    [found] = await query(sql, [EPOCH, real, EPOCH, event_id, *templates])
    if found["number"] and mailer.trouble():
        return "They wait until our email server takes emails again."
    later = found["number"] - found["due"] - found["tried"] - held_back
    numbers = {
        ("goes out now", "go out now, one after the other"): found["due"],
        ("waits for its turn, since many asked at once", "wait for their turn, since many asked at once"): held_back,
        ("did not get through and is tried again", "did not get through and are tried again"): found["tried"],
        (f"goes out {LATER}", f"go out {LATER}"): later,
    }
    reasons = [wording.counted(number, *words) for words, number in numbers.items() if number > 0]
    return f"{'; '.join(reasons)}." if reasons else ""


async def not_asked(event_id: int) -> list[datetime]:
    """People who said that they had not asked, newest first: somebody else used their address."""
    entries = await query(NOT_ASKED, [event_id, Action.NOT_ASKED, AT_MOST])
    return [at for entry in entries if (at := moment(entry["at"]))]


@run_tx
async def was_telephoned(message: Message, by: Actor, at: datetime) -> bool:
    """Takes a failed email off the list, since somebody has telephoned. False if it is not on the list any more."""
    if not await Message.filter(id=message.id, state=MessageState.FAILED).update(state=MessageState.TELEPHONED):
        return False
    await audit.record(Action.EMAIL_TELEPHONED, message, by=by, at=at, template=message.template)
    after_commit(live.publish, f"event:{message.event_id}")
    return True


async def let_through(person: Registration, by: Actor, at: datetime) -> None:
    """Lets emails go to this person's address again."""
    await addressees.allow(person, by, at, person.event_id)


async def _messages(sql: str, event_id: int, *values: object) -> list[Message]:
    return await find_rows(Message, *_of_ours(sql, "*", event_id, *values))


def _of_ours(sql: str, what: str, event_id: int, *values: object) -> tuple[str, list[object]]:
    """The statement about emails to people who ask for a place, and its values."""
    templates = sorted(TEMPLATES)
    return sql.format(what=what, templates=places(len(templates))), [event_id, *templates, *values]


async def _with_people(messages: Sequence[Message]) -> list[Trouble]:
    owners = await requests_of(messages) if messages else {}
    ids = list(set(owners.values()))
    rows = await find_rows(Registration, WITH_IDS.format(ids=places(len(ids))), ids) if ids else []
    people = {person.id: person for person in rows}
    return [Trouble(message, people.get(owners.get(message.id, 0))) for message in messages]
