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
from events.event import Event
from events.ground import clock, limits, tokens, wording
from events.ground.database import find_rows, places, run_tx
from events.ground.limits import Limit
from events.ground.refusal import Refused, TooMany
from events.known_organisation import whats_wrong_with
from registrations.codes import invitation_code
from registrations.people import invitation as terms_of
from registrations.people.invitation import Invitation, Terms
from registrations.people.registration import Registration

WRONG_CODES = Limit("wrong invitation codes from one network", 30, timedelta(minutes=10), by_network=True)
MOST_PLACES = 1000
ANYBODYS = "Anybody can have an address at {}: enter the whole address of one person"
NOT_BETWEEN = "The last day must be from today to the day of the event"
ONE_ADDRESS = "An invitation for one address is for 1 place"
ENDED_ALREADY = "This invitation has ended already. Nothing was changed."


class Wanted(NamedTuple):
    partner: str
    only_for: str  # one address, or a domain, as they are compared
    places: int
    last_day: date  # at the venue
    skips_queue: bool


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
    public_id = tokens.new_public_id()
    terms = Terms(invitation_code.new_code(), wanted.partner, wanted.only_for)
    made = await Invitation.create(
        event=event, public_id=public_id, code_tag=terms_of.tag_of(terms.code, event),
        terms_sealed=terms_of.sealed(terms, event, public_id), places=wanted.places,
        until=clock.at_venue(wanted.last_day + timedelta(days=1), 0, 0), skips_queue=wanted.skips_queue,
        made_by=by, made_at=at,
    )  # fmt: skip
    await _note_made(made, by, at)
    return made


def _too_many(wanted: Wanted) -> bool:
    return "@" in wanted.only_for and wanted.places != 1


async def _note_made(made: Invitation, by: Actor, at: datetime) -> None:
    """The email to leads names no partner and no address: those stand on the desk."""
    details = {"places": made.places, "skips_queue": made.skips_queue}
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
    await audit.record(Action.INVITATION_ENDED, invitation, by=by, at=at)


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
