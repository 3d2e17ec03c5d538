"""A guest names a colleague, or somebody who comes along to support them: that one alone is asked, and the guest is
never told what came of it.

Rules: DP-16, EV-05, SE-01. The link goes to `asking/colleague_pages.py`.
"""

from datetime import datetime
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.event import Event, event_with
from events.ground import data_keys, limits, tokens, wording
from events.ground.database import query, run_tx, within_tx
from events.ground.refusal import Refused
from events.mail import outbox, quiet_hours
from registrations.asking import held_back
from registrations.asking.registering import EMAILS
from registrations.people import colleague, objection
from registrations.people.colleague import MOST, SEALED_AS
from registrations.people.registration import Registration, State, held_in_order, of_address

from .colleague_emails import COLLEAGUE, COMPANION

NOBODY = 0  # the number of no request
TOO_OFTEN = (
    f"You have named {limits.COLLEAGUES_NAMED.tries} people in the last hour, so nothing was sent. Wait an hour, "
    "then try again."
)
NONE_LEFT = f"You have named {MOST} people, and nobody can name more, so nothing was sent."
COMES_ALONG = "You come along with a guest, so you cannot name anybody. Nothing was sent."
NAME = f"""INSERT INTO colleague
    (registration_id, n, generation, comes_along, says_who, public_id, address_sealed, asked_at)
    SELECT ?, count(*) + 1, ?, ?, ?, ?, ?, ? FROM colleague WHERE registration_id = ? HAVING count(*) < {MOST}
    RETURNING id"""  # noqa: S608  # ours


async def name(
    registration: Registration,
    address: str,
    network: str,
    at: datetime,
    real: datetime,
    *,
    comes_along: bool = False,
    says_who: bool = False,
) -> None:
    """Asks whoever reads this address, in its normal form. By night that waits for the morning. `comes_along`: they
    come with the guest to support them. `says_who`: the email names the guest.

    The same statements whether we know the address or not. Raises Refused for one too many, if the guest has no place
    any more, or another link, and to whoever comes along themselves.
    """
    if not await limits.count(limits.COLLEAGUES_NAMED, str(registration.id), real):
        raise Refused(TOO_OFTEN, 429, limits.COLLEAGUES_NAMED.seconds)
    due = await held_back.due(await event_with(registration.event_id), network, address, at, real)
    by_night = quiet_hours.wait(at)
    asked = Asked(address, comes_along, says_who)
    await _name(registration, asked, at, max(due, real + by_night) if by_night else due)


class Asked(NamedTuple):
    """Who is to be asked, and as what."""

    address: str
    comes_along: bool
    says_who: bool


@run_tx
async def _name(registration: Registration, asked: Asked, at: datetime, due: datetime) -> None:
    address, comes_along, says_who = asked
    event = await event_with(registration.event_id)
    both = await _held(registration, event, address)
    if both.guest is None:
        raise Refused(wording.MOVED_ON)
    if both.guest.comes_with_id:
        raise Refused(COMES_ALONG)
    public_id = tokens.new_public_id()
    sealed = data_keys.seal(event.data_key, SEALED_AS, public_id, address)
    before = {row.address for row in await colleague.named_by(registration)}
    said_no = await objection.is_made(event.id, address)
    asks = not both.is_known and address not in before and not said_no
    kept = sealed if asks else None  # of whom we know, or are asking already, or who said no, nothing is kept here
    values = [registration.id, registration.generation, comes_along, says_who, public_id, kept, at, registration.id]
    made = await query(NAME, values)
    if not made:
        raise Refused(NONE_LEFT)
    known = both.theirs if both.is_known and not said_no else None
    asking = COMPANION if comes_along else COLLEAGUE
    template, subject = (EMAILS[known.state], known.id) if known else (asking, made[0]["id"])
    cause = f"named {made[0]['id']}"
    await outbox.put(template, subject, cause=cause, at=at, event_id=event.id, due=due)
    action = Action.COMPANION_NAMED if comes_along else Action.COLLEAGUE_NAMED
    await audit.record(action, registration, by=None, at=at)


class Both(NamedTuple):
    """The requests of the guest and of whoever has the address, as they stay until the transaction ends."""

    guest: Registration | None  # None without a place, or if their link is an old one
    theirs: Registration | None

    @property
    def is_known(self) -> bool:
        """Whoever has confirmed their address. What nobody has confirmed anybody may have typed."""
        return self.theirs is not None and self.theirs.state in EMAILS and self.theirs.state is not State.REQUESTED


@within_tx
async def _held(registration: Registration, event: Event, address: str) -> Both:
    """In the order of their ids, since two guests can name each other."""
    known = await of_address(event, address)
    rows = await held_in_order([registration.id, known.id if known else NOBODY])
    guest = rows.get(registration.id)
    as_seen = guest is not None and guest.state is State.APPROVED and guest.generation == registration.generation
    return Both(guest if as_seen else None, rows.get(known.id) if known else None)
