"""What is to do after an event: each item is read from what happened, or else ticked by somebody. Nobody is named."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from events.accounts.staff import names_of
from events.event import Event
from events.ground import clock
from events.ground.database import query
from events.ground.wording import counted
from events.web.rendering import date_words, when
from registrations.certificates import releasing, standing
from registrations.certificates.certificate import terms_of
from registrations.feedback.box import TOGETHER, FeedbackBox, last_day_words
from registrations.people.person import NAMED
from registrations.privacy.cases.casework import OPEN_OF_EVENT
from registrations.privacy.retention import report
from registrations.reporting import learning, making, ticking
from registrations.reporting.closing_tick import ClosingTick, Ticked
from registrations.telling import timed_emails
from registrations.telling.mailing import THANKS

SHEETS = "paper_sheet s WHERE s.event_id = e.id"
NUMBERS = {
    "phones": "door_pass p WHERE p.event_id = e.id AND p.paired_at IS NOT NULL AND p.revoked_at IS NULL",
    "conflicts": "conflict c JOIN door d ON d.id = c.door_id WHERE d.event_id = e.id AND c.settled_at IS NULL",
    "sheets": SHEETS,
    "typed": f"{SHEETS} AND s.finished_at IS NOT NULL",
    "half_typed": f"{SHEETS} AND s.begun_at IS NOT NULL AND s.finished_at IS NULL",
    "there": f"{SHEETS} AND s.destroyed_at IS NULL",
    "access_sheets": f"{SHEETS} AND s.destroyed_at IS NULL AND s.kind = 'access sheet'",
    "files": "export x WHERE x.event_id = e.id AND x.fetched_at IS NOT NULL",
    "waiting": "export x WHERE x.event_id = e.id AND EXISTS (SELECT 1 FROM export_part f WHERE f.export_id = x.id)",
    "badges": "badge_print b WHERE b.event_id = e.id",
    "entries": "admission a JOIN door d ON d.id = a.door_id WHERE d.event_id = e.id",
}  # of what there are how many
COUNTED = ", ".join(f"(SELECT count(*) FROM {rows}) AS {name}" for name, rows in NUMBERS.items())  # noqa: S608  # ours
STANDING = f"SELECT {COUNTED}, {OPEN_OF_EVENT} AS cases FROM event e WHERE e.id = ?"  # noqa: S608


class State(StrEnum):
    DONE = "Done"
    TO_DO = "To do"
    LATER = "Later"


class Item(NamedTuple):
    """`words` says how it stands. `path` is below the event's desk, and leads to where it is done."""

    name: str
    state: State
    words: str
    path: str = ""
    link: str = ""
    ticked: Ticked | None = None  # somebody says whether it is done

    @property
    def is_ticked(self) -> bool:
        return self.ticked is not None and self.state is State.DONE


class Standing(NamedTuple):
    """Counts of what is left of the day."""

    phones: int
    conflicts: int
    sheets: int
    typed: int
    half_typed: int
    there: int
    access_sheets: int
    files: int
    waiting: int
    badges: int
    cases: int
    entries: int


class Said(NamedTuple):
    """Who ticked what and when, in words."""

    ticks: Mapping[Ticked, ClosingTick]
    names: Mapping[str, str]

    def of(self, ticked: Ticked) -> str:
        tick = self.ticks.get(ticked)
        return f"Ticked by {self.names.get(tick.ticked_by, 'somebody')}, {when(tick.ticked_at)}." if tick else ""


async def items(event: Event, at: datetime) -> list[Item]:
    """In the order in which they are best done. Whatever else has a page after the event adds its item here."""
    [row] = await query(STANDING, [event.id])
    there, ticks = Standing(**row), await ticking.ticks(event)
    said = Said(ticks, await names_of(tick.ticked_by for tick in ticks.values()))
    nothing_yet = (
        State.DONE if clock.local(at).date() >= event.day else State.LATER
    )  # what is still to come is not done
    return [
        _door(event, there),
        _conflicts(there, nothing_yet),
        _paper(there, nothing_yet),
        _ticked(said, Ticked.EXPORTS, "Files that were taken away are deleted", _files(there), "exports", "Exports"),
        _ticked(said, Ticked.PRINTED, "Badges that are left over, and other print-outs, are destroyed", _badges(there)),
        _ticked(said, Ticked.COUNTS, "The counts are checked", COUNTS, "board", "Board"),
        _cases(there),
        await _certificates(event, at),
        await _feedback(event, at),
        await _lessons(event),
        await _report(event, at),
        _deletion(event, at),
        await _key_copies(event),
    ]


def _state(*, done: bool) -> State:
    return State.DONE if done else State.TO_DO


def _door(event: Event, there: Standing) -> Item:
    words = "No phone of the event holds a list or scans any more."
    if event.doors_closed_at is None:
        words = f"{counted(there.phones, 'phone has', 'phones have')} not ended." if there.phones else "Not closed yet."
    done = event.doors_closed_at is not None
    return Item("The door is closed", _state(done=done), words, "doors/close", "Close the door")


def _conflicts(there: Standing, nothing_yet: State) -> Item:
    words = f"{counted(there.conflicts, 'conflict is', 'conflicts are')} open." if there.conflicts else "None is open."
    state = State.TO_DO if there.conflicts else nothing_yet
    return Item("Conflicts at the doors are settled", state, words, "conflicts", "Conflicts")


def _paper(there: Standing, nothing_yet: State) -> Item:
    name, destroyed = "Lists on paper are typed up and destroyed", there.sheets - there.there
    if not there.sheets:
        return Item(name, nothing_yet, "None was printed.", "doors/paper", "Lists with names")
    words = f"{there.sheets} printed, {there.typed} typed up, {destroyed} destroyed."
    if there.half_typed:
        words += f" {counted(there.half_typed, 'sheet', 'sheets')} to finish typing up."
    if there.access_sheets:
        words += f" The access lead notes {counted(there.access_sheets, 'access sheet', 'access sheets')} as destroyed."
    done = not there.there and not there.half_typed
    return Item(name, _state(done=done), words, "doors/paper", "Lists with names")


def _ticked(said: Said, ticked: Ticked, name: str, words: str, path: str = "", link: str = "") -> Item:
    done = ticked in said.ticks
    return Item(name, _state(done=done), f"{words} {said.of(ticked)}".strip(), path, link, ticked)


def _files(there: Standing) -> str:
    words = f"{counted(there.files, 'file was', 'files were')} fetched: ask whoever did." if there.files else ""
    if there.waiting:
        words += f" {counted(there.waiting, 'file', 'files')} still to be fetched: gone within the hour."
    return words.strip() or "No file was fetched here. Look for lists that came by another way."


def _badges(there: Standing) -> str:
    words = f"{counted(there.badges, 'badge was', 'badges were')} printed. " if there.badges else ""
    return words + "Collect what is left at the doors and the badge desk, and shred it."


COUNTS = "Compare how many came with what door leads say. Afterwards the report is made, and stays as it is."


def _cases(there: Standing) -> Item:
    words = f"{there.cases} open." if there.cases else "None is open."
    name = "Complaints, rights requests and incidents are closed"
    return Item(name, _state(done=not there.cases), words, "data-protection", "Data protection")


async def _certificates(event: Event, at: datetime) -> Item:
    name, page = "Certificates of attendance are released", ("after/certificates", "Certificates")
    terms = await terms_of(event.id)
    if terms and terms.released_at:
        counts = await standing.counted(event)
        return Item(name, State.DONE, f"{counted(counts.issued, 'guest has', 'guests have')} one.", *page)
    ready = not releasing.why_not(event, terms, at)
    later = "Once the door is closed and what counts has ended, or the day is over."
    words = "Guests who came have theirs once you say so." if ready else later
    return Item(name, State.TO_DO if ready else State.LATER, words, *page)


async def _feedback(event: Event, at: datetime) -> Item:
    """Nobody has to do anything for it, but for looking."""
    name, page = "Guests are asked how it was", ("after/feedback", "Feedback")
    if await FeedbackBox.filter(event_id=event.id).exists():
        return Item(name, State.DONE, f"They can answer until {last_day_words(event)}.", *page)
    if THANKS.template in event.emails_off:
        return Item(name, State.TO_DO, "The email that thanks them is switched off.", "emails", "Emails")
    sends = timed_emails.time_of(THANKS, event)
    if sends and at < sends + THANKS.lasts:
        return Item(name, State.LATER, f"By the email that thanks them: {when(sends)}.", *page)
    return Item(name, State.DONE, f"Nobody was asked: fewer than {TOGETHER} came, or nobody was thanked.", *page)


async def _lessons(event: Event) -> Item:
    notes = len(await learning.lessons(event))
    words = f"{counted(notes, 'note', 'notes')}." if notes else "Nobody has written anything yet."
    return Item("What to do better next time is noted", _state(done=bool(notes)), words, "after/lessons", "Notes")


async def _report(event: Event, at: datetime) -> Item:
    name, made = "The report for the hosts is made", await making.of(event)
    if made is not None:
        return Item(name, State.DONE, f"Made {when(made.made_at)}.", "after/report", "Report")
    ready = not making.why_not(event, at)
    words = "It counts by kind and area, without names." if ready else "Once the day is over and the door is closed."
    return Item(name, State.TO_DO if ready else State.LATER, words, "after/report", "Report")


def _deletion(event: Event, at: datetime) -> Item:
    done = event.is_over(at)
    words = f"It runs by itself: names are deleted on {date_words(event.day + NAMED.time)}."
    name = "Deletion has started to run"
    return Item(name, State.DONE if done else State.LATER, words, "after/deletion", "Deletion calendar")


async def _key_copies(event: Event) -> Item:
    """Due once the key is destroyed on the server, which keeps a rehearsal's."""
    name, path = "Copies of the data key are destroyed", "data-protection/deletion#copies"
    if await report.destroyed_at(event) is None:
        words = f"Leads are asked once the last name is deleted, after {date_words(event.day + NAMED.time)}."
        return Item(name, State.LATER, words if not event.rehearsal else "A rehearsal keeps its key.")
    answers = [copy.answer for said in await report.what_leads_said(event) for copy in said.answers]
    open_ = sum(answer is None for answer in answers)
    words = f"{counted(open_, 'lead has', 'leads have')} not answered." if open_ else "All leads have answered."
    return Item(name, _state(done=not open_), words, path, "What leads said")
