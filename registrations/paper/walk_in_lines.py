"""Typing up a sheet of walk-ins: each line is somebody who came without a place, where the door had no network.

Rules: EV-06, SG-02, SG-06. They are in, so nothing keeps them out of the counts: each becomes a request, marked *at the
door* and vetted later like anyone, and a scan with the source *paper*. The number of a release is an organiser's yes,
and gives them a place, also beyond the last one. Without a number that counts, or where one yes is not enough, they
have no place by it, and are a loud conflict.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground import tokens
from events.ground.database import query, run_tx, within_tx
from registrations.asking import made_or_found
from registrations.checkin import reconciling
from registrations.checkin.walking_in import deciding_walk_ins
from registrations.checkin.walking_in.deciding_walk_ins import OnTheirPage
from registrations.checkin.walking_in.starting import Asked, tell
from registrations.checkin.walking_in.walk_in import Stage, WalkIn
from registrations.deciding import vetting
from registrations.deciding.two_approvals import NeedsAnother
from registrations.deciding.vetting import AlreadyDecided
from registrations.people.no_address import NO_SUCH_ADDRESS, made_up
from registrations.people.person import Person, folded
from registrations.people.registration import OrganisationKind, Registration, State, of_address
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket

from . import opening, typing_up
from . import release as releases
from .release import Release
from .sheet import Sheet, Tick
from .typing_up import Block, Found, Typed

MALFORMED = "A release number has eight digits, like 4827 1935. Look at it again, or say that there is none"
UNKNOWN = "No release list has this number. Look at it again, or say that there is none"
ENDED = "The release list with this number has ended. Say that there is no release, and settle the conflict then"
USED = "This number was used already, for line {} of sheet {}. Look at both again, or say that there is none"
USED_BY = """SELECT k.line, s.number FROM paper_tick k JOIN paper_sheet s ON s.id = k.sheet_id
    WHERE k.release_id = ? AND k.undone_at IS NULL"""
# Whoever ends the list waits for us, or we for them.
STILL_COUNTS = """UPDATE paper_sheet SET ended_at = ended_at
    WHERE id = ? AND ended_at IS NULL AND destroyed_at IS NULL RETURNING id"""
TYPED_LINES = "SELECT line FROM paper_tick WHERE sheet_id = ? AND undone_at IS NULL AND line IS NOT NULL"
BEFORE_IT = timedelta(seconds=1)  # so that a ticket which never lived was dead when they came in


class Written(NamedTuple):
    """What stands on a line. The release is None where no number that counts stands there; the address empty where
    they have none of their own."""

    line: int
    asked: Asked
    release: Release | None
    same_as: int = 0  # the request with this address and another name: whoever types says that it is this person
    other_than: int = 0  # or that it is not, so that the address is not theirs


class BelongsTo(Exception):
    """The address is of this request under another name, and nobody has said who it is. Nothing was entered."""

    def __init__(self, registration: Registration, line: int | None) -> None:
        self.registration, self.line = registration, line  # the line of this sheet on which they are, if on any


class UsedMeanwhile(Exception):
    """Somebody typed up another line with this number, or ended its list, in the same moment."""


class _TypedMeanwhile(Exception):
    """And another one this line, or this person: what we wrote is rolled back."""

    def __init__(self, ticket_id: int) -> None:
        self.ticket_id = ticket_id  # that was there before; 0 of none


async def find_release(event: Event, sheet: Sheet, line: int, typed: str) -> Release | str:
    """By its number; or why it does not count."""
    number = releases.normal_number(typed)
    if number is None:
        return MALFORMED
    found = await releases.of_number(event.id, number)
    if found is None:
        return UNKNOWN
    used = await query(USED_BY, [found.id])
    if used and (used[0]["line"], used[0]["number"]) != (line, sheet.number):
        return USED.format(used[0]["line"], used[0]["number"])
    return ENDED if found.sheet.ended_at or found.sheet.destroyed_at else found


async def next_line(sheet: Sheet) -> int:
    """The first that nobody has typed; the last where all are."""
    typed = {row["line"] for row in await query(TYPED_LINES, [sheet.id])}
    return min(set(range(1, sheet.lines + 1)) - typed, default=sheet.lines)


async def enter(
    sheet: Sheet, event: Event, written: Written, block: Block, by: Staff, at: datetime, real: datetime
) -> Typed:
    """Counts the person once, whoever types the same line, and uses the release once. With a place where the release
    gives one. Typed before was also who stands on another line of this sheet. Raises UsedMeanwhile where another line
    has the number by now, or its list has ended, BelongsTo where the address is somebody else's, and Closed."""
    try:
        if written.release:
            try:
                return await _enter(sheet, event, written, block, by, at, real, gives_place=True)
            except (NeedsAnother, OnTheirPage, AlreadyDecided):
                pass  # they are in all the same
        return await _enter(sheet, event, written, block, by, at, real, gives_place=False)
    except _TypedMeanwhile as typed:
        here = Tick.filter(sheet_id=sheet.id, undone_at=None)
        tick = await here.filter(line=written.line).first() or await here.filter(ticket_id=typed.ticket_id).first()
        if tick is None:
            raise UsedMeanwhile from None
        return Typed(tick, True)


@run_tx
async def _enter(
    sheet: Sheet, event: Event, written: Written, block: Block, by: Staff, at: datetime, real: datetime,
    *, gives_place: bool,
) -> Typed:  # fmt: skip
    await opening.hold_open(sheet)
    if tick := await Tick.get_or_none(sheet_id=sheet.id, line=written.line, undone_at=None):
        return Typed(tick, True)
    if written.release and not await query(STILL_COUNTS, [written.release.sheet_id]):
        raise UsedMeanwhile
    asked = written.asked
    registration, is_new = await _made_or_found(sheet, event, written, at)
    last, had_a_place = await _last_ticket(registration), registration.state is State.APPROVED
    if last is None or not had_a_place:
        last = await _let_in(registration, last, block, by, at, gives_place=gives_place)
    release_id = written.release.id if written.release else None
    tick = await typing_up.claim(sheet, Found(last.ticket.id, written.line, release_id), by, at)
    if tick is None:
        raise _TypedMeanwhile(0 if last.is_made else last.ticket.id)
    if last.ticket.revoked_at is not None and last.ticket.revoked_at <= block.middle:
        await reconciling.open_walk_in(last.ticket.id, sheet.door_id or 0, tick.client_id, at)
    await typing_up.count(tick, sheet, event, block, at, real)
    stage = Stage.UNRELEASED if last.ticket.revoked_at else Stage.APPROVED
    decided = {"stage": stage, "decided_at": at, "decided_by_id": by.id}
    vetted = {"vetted_at": at, "vetted_by_id": by.id} if had_a_place else {}
    await _mark(registration, sheet, asked, block, is_new=is_new, decided=decided | vetted)
    await audit.record(
        Action.WALK_IN_TYPED, registration, by=by, at=at, event_id=event.id, sheet=sheet.number, line=written.line,
        reason=asked.reason.name.lower(), known=not is_new, released=release_id is not None,
        place=stage is Stage.APPROVED,
    )  # fmt: skip
    tell(event.id)
    return Typed(tick, False)


@within_tx
async def _made_or_found(sheet: Sheet, event: Event, written: Written, at: datetime) -> tuple[Registration, bool]:
    """Their request, and whether it is new. Looked at before and after: it may be made in this moment, and one that
    nobody has confirmed is shown with what was typed last."""
    asked = written.asked
    known = await of_address(event, asked.email) if asked.email else None
    own = asked.email if known is None or known.id != written.other_than else ""
    if known is not None and own:
        await _is_theirs(sheet, known, written)
    person = Person(full_name=asked.full_name, email=own or made_up(), organisation=asked.organisation)
    registration, is_new = await made_or_found.one_live(event, person, OrganisationKind.OTHER, at)
    if not is_new:
        await _is_theirs(sheet, registration, written)
    if not own:
        await Registration.filter(id=registration.id).update(undeliverable=NO_SUCH_ADDRESS)
    return registration, is_new


@within_tx
async def _is_theirs(sheet: Sheet, known: Registration, written: Written) -> None:
    """Raises BelongsTo. A name that is deleted or set aside is compared with nothing."""
    theirs, typed = folded(known.full_name), folded(written.asked.full_name)
    if theirs and theirs != typed and known.id != written.same_as:
        here = Tick.filter(sheet_id=sheet.id, undone_at=None, ticket__registration_id=known.id)
        tick = await here.first()
        raise BelongsTo(known, tick.line if tick else None)


class _Known(NamedTuple):
    ticket: Ticket
    is_made: bool  # in this act


async def _last_ticket(registration: Registration) -> _Known | None:
    """The newest, whether it opens a door or not: by it they may have been counted before."""
    last = await Ticket.filter(registration_id=registration.id).order_by("-id").first()
    return _Known(last, False) if last else None


@within_tx
async def _let_in(
    registration: Registration, last: _Known | None, block: Block, by: Staff, at: datetime, *, gives_place: bool
) -> _Known:
    """A ticket with a place; or their last one, or one that never lived, which only counts them."""
    await deciding_walk_ins.confirm(registration, at)
    if gives_place:
        if await deciding_walk_ins.is_for_their_page(registration):
            raise OnTheirPage
        return _Known(await vetting.approve(registration, by, at, takes_over=0, past_capacity=True), True)
    if last is not None:
        return last
    return _Known(await ticketing.issue_dead(registration, at, block.begins - BEFORE_IT), True)


@within_tx
async def _mark(
    registration: Registration, sheet: Sheet, asked: Asked, block: Block, *, is_new: bool, decided: dict[str, Any]
) -> None:
    """As a walk-in, at the door. One whom a phone had asked for before its network went is that one."""
    if await WalkIn.filter(registration_id=registration.id, stage=Stage.WAITING).update(**decided):
        return
    await WalkIn.create(
        public_id=tokens.new_public_id(), event_id=sheet.event_id, registration_id=registration.id, is_new=is_new,
        door_pass_id=sheet.door_pass_id, reason=asked.reason, asked_at=block.middle, **decided,
    )  # fmt: skip
