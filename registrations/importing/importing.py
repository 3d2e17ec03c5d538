"""A list is kept for an hour, looked at, and imported: everybody on it who has no request is asked, or nobody where
anything is wrong with it.

Nobody gets a place by being on a list: each waits behind a link of their own, for their own Yes, and then for a
decision like everybody. What decides whether somebody is known is their address, so the same list twice asks nobody
twice who can still answer; and whoever said no, gave up their place or had their data erased is left out.
Rules: DP-16, SE-12. `at` is the event's time, `real` the machine's.
"""

from collections.abc import Mapping, Sequence
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
from registrations.people.registration import of_addresses

from . import kind_words, kinds, unwilling
from .checking import Checked, check
from .columns import BY_CODE
from .files import Table
from .kinds import Word
from .people_import import LASTS, Opened, PeopleImport, Rows, sealed, sealed_answers

BATCH = 400  # people whom one statement looks for
PART = 100  # people in one transaction
OVER = "This list is not here any more: it is kept for an hour. Upload the file again."
CHANGED = "The columns or answers were changed in another window since. Look at what would happen now, and choose again"
FAULTY = "There are faults in this list, so nobody was invited. Look at them again."
IN_WORDS = "{:,} people. Asked by email: {:,}. Had a request already: {:,}. Left out: {:,}"  # for the leads
FROM_LIST = """UPDATE link_answers SET taken_by_id = ?, taken_at = ?, from_list = ?, asked_at = ? WHERE id IN ({ids})
    RETURNING id"""
TAKE = """UPDATE people_import SET taken = ?
    WHERE id = ? AND taken = ? AND done_at IS NULL AND list_sealed IS NOT NULL AND begun_at > ? RETURNING id"""
COUNT = """UPDATE people_import SET invited = invited + ?, known = known + ?, left_out = left_out + ?
    WHERE id = ? RETURNING id"""
DONE = """UPDATE people_import SET done_at = ?, list_sealed = NULL, answers_sealed = NULL, chosen = ?
    WHERE id = ? RETURNING id"""


class ColumnsChanged(Refused):
    def __init__(self) -> None:
        super().__init__(CHANGED)


class Sorted(NamedTuple):
    """The people of a list, as they are known here."""

    new: list[Answers]
    known: int  # they have a request, of which nothing is changed
    left_out: int  # they said no, gave up their place or had their data erased


class Part(NamedTuple):
    """Of the people of a list, those who are asked in one transaction."""

    people: Sequence[Answers]
    before: int  # as many come before them
    is_last: bool

    @property
    def after(self) -> int:
        return self.before + len(self.people)


class Preview(NamedTuple):
    """What would become of a list now."""

    checked: Checked
    headings: list[str]
    sorted: Sorted


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
async def say_kinds(event: Event, begun: PeopleImport, said: Mapping[str, str]) -> None:
    """Which of our kinds each word for one means, by the word as it is folded: for this list, and remembered for the
    next at this event."""
    await kind_words.remember(event, {word: kind for word, kind in said.items() if word})
    answers = replace(begun.answers, kinds=dict(said))
    await _change(begun, answers_sealed=sealed_answers(answers, event, begun.public_id))


@within_tx
async def _change(begun: PeopleImport, **columns: Any) -> None:
    """Raises Refused once part of it is imported."""
    if not await PeopleImport.filter(id=begun.id, done_at=None, taken=0).update(**columns):
        raise Refused(OVER, 410)


def opened(begun: PeopleImport, real: datetime) -> Opened:
    """Raises Refused once its hour is over."""
    there = begun.opened if real - begun.begun_at < LASTS else None
    if there is None:
        raise Refused(OVER, 410)
    return there


def _checked(begun: PeopleImport, rows: Rows) -> Checked:
    columns = {code: int(column) for code, column in begun.chosen.items() if code in BY_CODE}
    return check(rows, begun.first_row, columns, begun.kind_of_all, begun.answers)


def unknown_kinds(begun: PeopleImport, rows: Rows) -> list[Word]:
    """Words of the chosen column that are none of our kinds."""
    return kinds.unknown(rows, begun.chosen.get("kind"), begun.kind_of_all)


async def preview(event: Event, begun: PeopleImport, real: datetime) -> Preview:
    """Raises Refused once its hour is over."""
    headings, rows = opened(begun, real)
    found = _checked(begun, rows)
    return Preview(found, headings, await _sorted(event, found.people))


async def _sorted(event: Event, people: Sequence[Answers]) -> Sorted:
    new, known = list[Answers](), 0
    for first in range(0, len(people), BATCH):
        some = people[first : first + BATCH]
        requests = await of_addresses([(event, answers.email) for answers in some])
        without = [answers for answers, request in zip(some, requests, strict=True) if request is None]
        unwilling_ones = await unwilling.of(event, [answers.email for answers in without])
        new += [answers for answers in without if answers.email not in unwilling_ones]
        known += len(some) - len(without)
    return Sorted(new, known, len(people) - len(new) - known)


async def take(event: Event, begun: PeopleImport, by: Staff, at: datetime, real: datetime) -> PeopleImport:
    """Asks everybody on it who is not known, if nothing is wrong with any of them; the list goes with the last.

    In parts, so that nobody else waits for all of them: whoever is stopped half-way goes on by the next press, and
    nobody is asked twice. Raises Refused where there is a fault, or the hour is over; and ColumnsChanged where other
    columns are chosen by now than in `begun`, which was shown.
    """
    refuse_outside(event, at)
    seen, begun = begun, await PeopleImport.get(id=begun.id)
    if begun.done_at is not None:
        return begun
    if begun.mark != seen.mark:
        raise ColumnsChanged
    _, rows = opened(begun, real)
    found = _checked(begun, rows)
    if found.faults:
        raise Refused(FAULTY)
    there: int | None = begun.taken
    while there is not None:
        people, ends = found.people[there : there + PART], there + PART >= len(found.people)
        there = await _take_part(event, begun, Part(people, there, ends), by, at, real)
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
    new, known, left_out = await _sorted(event, part.people)
    if new:
        await _ask(event, begun, new, by, at, real)
    await query(COUNT, [len(new), known, left_out, begun.id])
    after_commit(live.publish, f"event:{event.id}")
    if not part.is_last:
        return part.after
    await _end(begun.id, by, at, real)
    return None


async def _there_now(import_id: int) -> int | None:
    now = await PeopleImport.get(id=import_id)
    if now.done_at is None and now.list_sealed is None:
        raise Refused(OVER, 410)
    return None if now.done_at else now.taken


@within_tx
async def _end(import_id: int, by: Staff, at: datetime, real: datetime) -> None:
    """Leads hear of one with more people than anybody opens in an hour, as of a file that somebody takes away."""
    await query(DONE, [real, "{}", import_id])
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
