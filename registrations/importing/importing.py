"""A list is kept for an hour, looked at, and imported: everybody on it who can be asked and has no request is asked.
Rows that cannot be used are kept with why, for the rest of the hour.

Nobody gets a place by being on a list: each waits behind a link of their own, for their own Yes, and then for a
decision like everybody. What decides whether somebody is known is their address, so the same list twice asks nobody
twice who can still answer; and whoever said no, gave up their place or had their data erased is left out.
Rules: DP-16, SE-12. `at` is the event's time, `real` the machine's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from events.accounts import reading
from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Deed
from events.event import Event, EventState
from events.ground import live, source, tokens, wording
from events.ground.database import after_commit, places, query, run_tx, within_tx
from events.ground.refusal import Refused
from events.mail import outbox, quiet_hours
from events.mail.outbox import EPOCH, Queued
from registrations.asking import held_back
from registrations.asking.by_telephone import NOT_YET
from registrations.asking.made_or_found import Answers, Told, put_each

from . import kind_words, previewing
from .files import Table
from .people_import import LASTS, PeopleImport, sealed, sealed_answers, sealed_rest
from .previewing import OVER

PART = 100  # people in one transaction
CHANGED = "The columns or answers were changed in another window since. Look at what would happen now, and choose again"
NOBODY = "No row of this list can be used, so nobody was invited. Look at what is wrong."
IN_WORDS = "{:,} people. Asked by email: {:,}. Had a request already: {:,}. Left out: {:,}"  # for the leads
FROM_LIST = """UPDATE link_answers SET taken_by_id = ?, taken_at = ?, from_list = ?, asked_at = ? WHERE id IN ({ids})
    RETURNING id"""
TAKE = """UPDATE people_import SET taken = ?
    WHERE id = ? AND taken = ? AND done_at IS NULL AND list_sealed IS NOT NULL AND begun_at > ? RETURNING id"""
COUNT = """UPDATE people_import SET invited = invited + ?, known = known + ?, left_out = left_out + ?
    WHERE id = ? RETURNING id"""
DONE = """UPDATE people_import SET done_at = ?, list_sealed = NULL, answers_sealed = NULL, chosen = ?,
    unusable_sealed = ? WHERE id = ? RETURNING id"""


class ColumnsChanged(Refused):
    def __init__(self) -> None:
        super().__init__(CHANGED)


class Part(NamedTuple):
    """Of the people of a list, those who are asked in one transaction."""

    people: Sequence[Answers]
    before: int  # as many come before them
    unusable: bytes | None  # of the last: the rows that cannot be used, sealed
    is_last: bool

    @property
    def after(self) -> int:
        return self.before + len(self.people)


def why_closed(event: Event, at: datetime) -> str:
    """Why no list can be imported, before registration was first opened and after the event; else nothing."""
    if event.is_over(at):
        return wording.IS_OVER
    return NOT_YET if event.state is EventState.DRAFT else ""


def refuse_outside(event: Event, at: datetime) -> None:
    """Raises Refused where `why_closed` says so."""
    if why := why_closed(event, at):
        raise Refused(why)


@run_tx
async def begin(event: Event, table: Table, by: Staff, at: datetime, real: datetime) -> PeopleImport:
    """Keeps the list, sealed."""
    refuse_outside(event, at)
    public_id = tokens.new_public_id()
    begun = await PeopleImport.create(
        event_id=event.id,
        public_id=public_id,
        list_sealed=sealed(table.headings, table.rows, event, public_id),
        first_row=table.first_row,
        begun_by=by,
        begun_at=real,
    )
    await audit.record(Action.LIST_UPLOADED, begun, by=by, at=at, rows=len(table.rows))
    return begun


@run_tx
async def choose(event: Event, begun: PeopleImport, chosen: Mapping[str, int | str], organisation: str = "") -> None:
    """Which column says what, and for everybody whose row has none `of_all`, the kind of organisation, and the
    organisation."""
    answers = replace(begun.answers, organisation=organisation)
    await _change(begun, chosen=dict(chosen), answers_sealed=sealed_answers(answers, event, begun.public_id))


@run_tx
async def say_kinds(event: Event, begun: PeopleImport, said: Mapping[str, str], lasting: Collection[str]) -> None:
    """Which of our kinds each word for one means, by the word as it is folded: for this list, and of those that are
    `lasting` for the next at this event."""
    await kind_words.remember(event, {word: kind for word, kind in said.items() if word in lasting})
    answers = replace(begun.answers, kinds=dict(said))
    await _change(begun, answers_sealed=sealed_answers(answers, event, begun.public_id))


@within_tx
async def _change(begun: PeopleImport, **columns: Any) -> None:
    """Raises Refused once part of it is imported."""
    if not await PeopleImport.filter(id=begun.id, done_at=None, taken=0).update(**columns):
        raise Refused(OVER, 410)


async def take(event: Event, begun: PeopleImport, by: Staff, at: datetime, real: datetime) -> PeopleImport:
    """Asks everybody on it who can be asked and is not known; the list goes with the last, but for rows that cannot be
    used.

    In parts, so that nobody else waits for all of them: whoever is stopped half-way goes on by the next press, and
    nobody is asked twice. Raises Refused where no row can be used, or the hour is over; and ColumnsChanged where other
    columns or answers are chosen by now than in `begun`, which was shown.
    """
    refuse_outside(event, at)
    seen, begun = begun, await PeopleImport.get(id=begun.id)
    if begun.done_at is not None:
        return begun
    if begun.mark != seen.mark:
        raise ColumnsChanged
    headings, rows = previewing.opened(begun, real)
    found = previewing.checked(begun, rows)
    if not found.people:
        raise Refused(NOBODY)
    rest = previewing.unusable_of(begun, headings, rows, found)
    kept = sealed_rest(*rest, event, begun.public_id) if rest[1] else None
    there: int | None = begun.taken
    while there is not None:
        people, ends = found.people[there : there + PART], there + PART >= len(found.people)
        there = await _take_part(event, begun, Part(people, there, kept, ends), by, at, real)
    return await PeopleImport.get(id=begun.id)


@run_tx
async def _take_part(
    event: Event, begun: PeopleImport, part: Part, by: Staff, at: datetime, real: datetime
) -> int | None:
    """How many of the list are dealt with then, whoever did so; None once all are.

    Nobody else makes a request meanwhile, so that of two who import the same list one finds everybody known. By night
    the emails wait for the morning, and so do their links.
    """
    await held_back.take_turn()
    if not await query(TAKE, [part.after, begun.id, part.before, real - LASTS]):
        return await _there_now(begun.id)
    if (await PeopleImport.get(id=begun.id)).mark != begun.mark:  # from here on they are held
        raise ColumnsChanged
    new, known, left_out = await previewing.sort(event, part.people)
    if new:
        await _ask(event, begun, new, by, at, real)
    await query(COUNT, [len(new), len(known), left_out, begun.id])
    after_commit(live.publish, f"event:{event.id}")
    if not part.is_last:
        return part.after
    await _end(begun.id, part.unusable, by, at, real)
    return None


async def _there_now(import_id: int) -> int | None:
    now = await PeopleImport.get(id=import_id)
    if now.done_at is None and now.list_sealed is None:
        raise Refused(OVER, 410)
    return None if now.done_at else now.taken


@within_tx
async def _end(import_id: int, unusable: bytes | None, by: Staff, at: datetime, real: datetime) -> None:
    """Leads hear of one with more people than anybody opens in an hour, as of a file that somebody takes away."""
    await query(DONE, [real, "{}", unusable, import_id])
    done = await PeopleImport.get(id=import_id)
    counts = {"invited": done.invited, "known": done.known, "left_out": done.left_out}
    if (total := sum(counts.values())) <= reading.PEOPLE.tries:
        await audit.record(Action.LIST_IMPORTED, done, by=by, at=at, **counts)
        return
    new = {"The list": IN_WORDS.format(total, *counts.values())}
    of = done.event_id
    await audit.record_and_alert(Action.LIST_IMPORTED, done, by=by, at=at, event_id=of, old={}, new=new, **counts)


@within_tx
async def _ask(
    held: Event, begun: PeopleImport, people: Sequence[Answers], by: Staff, at: datetime, real: datetime
) -> None:
    """Their requests, each behind a link, and the email that asks."""
    made = await put_each([Told(held, answers, tokens.new_public_id(), at) for answers in people])
    links = [found.subject_id for found in made]
    wait = quiet_hours.wait(at)
    await query(FROM_LIST.format(ids=places(len(links))), [by.id, at, True, at + wait, *links])
    due, cause = real + wait if wait else EPOCH, f"list {begun.id}"
    await outbox.put_each([Queued("confirm", link, cause, held.id, at, due, bulk=True) for link in links])
    here = source.hashed()
    await audit.record_each(
        [Deed(Action.TAKEN_FROM_LIST, found.registration, {}, by, at, held.id, here) for found in made]
    )
