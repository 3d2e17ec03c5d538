"""Invitations: organisers make and end them, and whoever asks for a place looks one up by its code.

`at` is the event's time, `real` the machine's.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from typing import NamedTuple

from events.accounts.staff import Staff
from events.address_signals import PERSONAL_PROVIDERS
from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, release_place, take_place
from events.ground import clock, limits, tokens, wording
from events.ground.database import find_rows, places, query, run_tx, within_tx
from events.ground.limits import Limit, Tried
from events.ground.refusal import Refused, TooMany
from events.known_organisation import whats_wrong_with
from registrations.codes import invitation_code
from registrations.people import invitation as terms_of
from registrations.people.invitation import Invitation, Terms
from registrations.people.registration import Registration

WRONG_CODES = Limit(
    "wrong invitation codes from one network", 30, timedelta(minutes=10), by_network=True, tried=Tried.CODE
)
MOST_PLACES = 1000
ANYBODYS = "Anybody can have an address at {}: enter the whole address of one person"
NOT_BETWEEN = "The last day must be from today to the day of the event"
ONE_ADDRESS = "An invitation for one address is for 1 place"
KEPT_AT_ONCE = "Places are kept for people who have one at once. Choose that too, or keep none"
TOO_FEW = "There are not so many places left to keep"
ENDED_ALREADY = "This invitation has ended already. Nothing was changed."


class NotSoMany(Refused):
    """Fewer places are left than an invitation is to keep."""

    def __init__(self) -> None:
        super().__init__(f"{TOO_FEW}. Nothing was saved.")


class Wanted(NamedTuple):
    partner: str
    only_for: str  # one address, or a domain, as they are compared
    places: int
    last_day: date  # at the venue
    skips_queue: bool
    keeps_places: bool = False  # free until then


def wrong_domain(domain: str) -> str:
    """The sentence for a domain that stands for no one body; '' when it will do."""
    return ANYBODYS.format(domain) if domain in PERSONAL_PROVIDERS else whats_wrong_with(domain)


def wrong_day(event: Event, last_day: date, at: datetime) -> str:
    return "" if clock.local(at).date() <= last_day <= event.day else NOT_BETWEEN


@run_tx
async def make(event: Event, wanted: Wanted, by: Staff, at: datetime) -> Invitation:
    """Raises Refused where it would never work, or not as it says, and after the event. The leads hear of one that
    skips the queue."""
    if event.is_over(at):
        raise Refused(wording.IS_OVER)
    if wrong := wrong_day(event, wanted.last_day, at) or (ONE_ADDRESS if _too_many(wanted) else ""):
        raise Refused(wrong, 422)
    if wanted.keeps_places and not wanted.skips_queue:
        raise Refused(KEPT_AT_ONCE, 422)
    public_id = tokens.new_public_id()
    terms = Terms(invitation_code.new_code(), wanted.partner, wanted.only_for)
    made = await Invitation.create(
        event=event, public_id=public_id, code_tag=terms_of.tag_of(terms.code, event),
        terms_sealed=terms_of.sealed(terms, event, public_id), places=wanted.places,
        until=clock.at_venue(wanted.last_day + timedelta(days=1), 0, 0), skips_queue=wanted.skips_queue,
        kept=wanted.places if wanted.keeps_places else 0,
        made_by=by, made_at=at,
    )  # fmt: skip
    if made.kept and not await take_place(event.id, made.kept):
        raise NotSoMany
    await _note_made(made, by, at)
    return made


def _too_many(wanted: Wanted) -> bool:
    return "@" in wanted.only_for and wanted.places != 1


async def _note_made(made: Invitation, by: Actor, at: datetime) -> None:
    """The email to leads names no partner and no address: those stand on the desk."""
    details = {"places": made.places, "skips_queue": made.skips_queue, "kept": made.kept}
    if not made.skips_queue:
        await audit.record(Action.INVITATION_MADE, made, by=by, at=at, **details)
        return
    new = {"Whoever uses it": f"has a place at once, {made.places} at most", "Last day": made.last_day}
    event_id = made.event_id
    await audit.record_and_alert(
        Action.INVITATION_MADE, made, by=by, at=at, event_id=event_id, old={}, new=new, **details
    )


@run_tx
async def end(invitation: Invitation, by: Actor, at: datetime) -> None:
    """From now on nobody uses it. What it was used for stays as it is. Raises Refused if it has ended."""
    if not await Invitation.filter(id=invitation.id, ended_at=None).update(ended_at=at):
        raise Refused(ENDED_ALREADY)
    await free_kept(invitation.id)
    await audit.record(Action.INVITATION_ENDED, invitation, by=by, at=at)


OVER = "SELECT id FROM invitation WHERE kept > 0 AND until <= ? ORDER BY id"
FREE = """UPDATE invitation SET kept = kept - ? WHERE id = ? AND kept >= ? AND kept > 0 RETURNING event_id"""
HELD = "SELECT kept, places - used AS uses_left FROM invitation WHERE id = ? FOR NO KEY UPDATE"


@within_tx
async def free_kept(invitation_id: int, *, beyond_uses: bool = False) -> None:
    """Frees the places that it keeps, or, `beyond_uses`, those alone for which it has no use left."""
    [row] = await query(HELD, [invitation_id])
    count = max(0, row["kept"] - row["uses_left"]) if beyond_uses else row["kept"]
    if count and (freed := await query(FREE, [count, invitation_id, count])):
        await release_place(freed[0]["event_id"], count)


@within_tx
async def give_kept(invitation_id: int) -> bool:
    """One of the places that it keeps is theirs who use it now, and goes on counting. False where it keeps none."""
    return bool(await query(FREE, [1, invitation_id, 1]))


async def free_over(at: datetime) -> None:
    """Places that are kept for invitations whose last day is over fall free: each by itself, since whoever ends or uses
    one holds it before the event."""
    for row in await query(OVER, [at]):
        await run_tx(free_kept)(row["id"])


WORKING = """SELECT * FROM invitation WHERE event_id = ? AND code_tag = ? AND ended_at IS NULL AND used < places
    AND until > ?"""


async def working(event: Event, code: str, at: datetime) -> Invitation | None:
    """What could be used now, by its code in normal form; whether it is for their address is not looked at."""
    if not event.data_key:
        return None
    return next(iter(await find_rows(Invitation, WORKING, [event.id, terms_of.tag_of(code, event), at])), None)


async def look_up(event: Event, typed: str, network: str, at: datetime, real: datetime) -> str | None:
    """The code in its normal form, or None if it cannot be used: never which of all reasons it is.

    Raises Refused once one network has typed too many that cannot. Those that can are not counted.
    """
    if not await limits.count(WRONG_CODES, network, real):
        raise TooMany
    code = invitation_code.normal_code(typed)
    if code is None or await working(event, code, at) is None:
        return None
    await limits.give_back(WRONG_CODES, network, real)
    return code


async def all_of(event: Event) -> list[Invitation]:
    """The newest first."""
    return await find_rows(Invitation, "SELECT * FROM invitation WHERE event_id = ? ORDER BY id DESC", [event.id])


async def used_by(invitation: Invitation) -> list[Registration]:
    """Who has confirmed an address with it, whatever became of them since, in that order."""
    sql = "SELECT * FROM registration WHERE invitation_id = ? ORDER BY confirmed_at, id"
    return await find_rows(Registration, sql, [invitation.id])


async def partners_of(registrations: Sequence[Registration]) -> dict[int, str]:
    """Whose invitation each of these used, by the request's id; nothing of those who used none."""
    ids = sorted({person.invitation_id for person in registrations if person.invitation_id})
    sql = f"SELECT * FROM invitation WHERE id IN ({places(len(ids))})"  # noqa: S608
    rows = await find_rows(Invitation, sql, ids) if ids else []
    named = {row.id: row.terms.partner if row.terms else "cannot be read" for row in rows}
    return {person.id: named[id_] for person in registrations if (id_ := person.invitation_id) in named}


async def of_person(
    event: Event, is_theirs: Callable[[str, datetime], bool], used: AbstractSet[int | None]
) -> list[Invitation]:
    """Those for one address alone that was theirs when it was made, or when they used it. Each of the event is
    opened."""
    for_one = [(row, terms.only_for) for row in await all_of(event) if (terms := row.terms) and "@" in terms.only_for]
    return [row for row, email in for_one if row.id in used or is_theirs(email, row.made_at)]
