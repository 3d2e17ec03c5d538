"""How often somebody may try to sign in: counted where a try comes from, so that nobody can shut another person out.

`at` is the event's time, `real` the machine's.
"""

import asyncio
from datetime import datetime, timedelta
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.ground import limits
from events.ground.database import run_tx
from events.ground.limits import Limit
from events.ground.refusal import Refused

from . import known_browser, passwords
from .account_alerts import Alert, alert
from .staff import Session, Staff

SLOWED = 3.0  # seconds that a try waits, once an account has been tried too often from everywhere
SLOWED_ENTRIES = Limit("entries of sign-ins that were slowed", 1, timedelta(minutes=15), by_network=True)
CODES = Limit("codes of one account", 8, timedelta(minutes=15))
Tries = list[tuple[Limit, str]]
TOO_OFTEN = "You have tried too often. Wait 15 minutes, then try again."


class Caller(NamedTuple):
    """Where a try comes from. Tries are counted by what is known of it, so that nobody can shut another person out."""

    network: str
    browser: str = ""  # in words, for "your sessions": Firefox on Windows
    known: str = ""  # what the browser has kept of an earlier sign-in, see known_browser


async def count_password(staff: Staff | None, address: str, caller: Caller, at: datetime, real: datetime) -> Tries:
    """What a right password gives back. Refused where there were too many; slowed where there were many."""
    tries = _tries(staff, address, caller)
    if not await _within(tries, real):
        await _note_slowed(staff, caller, at, real)
        raise Refused(TOO_OFTEN, 429, limits.SIGN_INS.seconds)
    return tries + await _slowed(staff, address, caller, at, real)


def _tries(staff: Staff | None, address: str, caller: Caller) -> Tries:
    """By network, then by network and account: strangers elsewhere shut nobody out. A browser that signed in before
    counts its own tries, so that those beside it cannot either."""
    if staff is not None and known_browser.knows(staff, caller.known):
        return [(limits.SIGN_INS, known_browser.counted_as(caller.known))]
    return [(limits.SIGN_INS_FROM_NETWORK, caller.network), (limits.SIGN_INS, f"{caller.network}|{address}")]


async def _slowed(staff: Staff | None, address: str, caller: Caller, at: datetime, real: datetime) -> Tries:
    """Once an account has been tried too often from everywhere, each try from a strange browser waits, and goes on."""
    if staff is not None and known_browser.knows(staff, caller.known):
        return []
    overall = [(limits.SIGN_INS_OF_ACCOUNT, address)]
    if await _within(overall, real):
        return overall
    await _note_slowed(staff, caller, at, real)
    await asyncio.sleep(SLOWED)
    return []


@run_tx
async def _note_slowed(staff: Staff | None, caller: Caller, at: datetime, real: datetime) -> None:
    """Once in a quarter of an hour for an account and network: an entry for each try would be theirs to fill."""
    if await limits.count(SLOWED_ENTRIES, f"{caller.network}|{staff.id if staff else 0}", real):
        await audit.record(Action.SIGN_IN_SLOWED, staff, by=None, at=at)


async def check(staff: Staff | None, password: str, caller: Caller, tries: Tries, real: datetime) -> bool:
    """Whether the password is right. A browser that signed in before goes first. Where too many wait, it was no try."""
    is_stranger = staff is None or not known_browser.knows(staff, caller.known)
    try:
        return await passwords.right(staff.password_hash if staff else "", password, is_stranger=is_stranger)
    except Refused:
        await give_back(tries, real)
        raise


async def count_password_email(
    staff: Staff | None, address: str, caller: Caller, real: datetime, *, has_link: bool
) -> bool:
    """Whether one more may go out. Strangers elsewhere use up none of the owner's own: a browser that signed in before
    has its own, and each network too; and where `has_link` is false, they have no link that was sent a moment ago."""
    if staff is not None and known_browser.knows(staff, caller.known):
        return await limits.count(limits.RESET_EMAILS, known_browser.counted_as(caller.known), real)
    if not await limits.count(limits.RESET_EMAILS, f"{caller.network}|{address}", real):
        return False
    return await limits.count(limits.RESET_EMAILS_OF_ACCOUNT, address, real) or not has_link


async def count_code(staff: Staff, caller: Caller, at: datetime, real: datetime) -> Tries:
    browser = known_browser.counted_as(caller.known) if known_browser.knows(staff, caller.known) else ""
    tries = [(CODES, f"{staff.id}|{browser}")]
    if not await _within(tries, real):
        await alert(staff, Alert.CODES_FAILING, at, once_an_hour=True)
        raise Refused(TOO_OFTEN, 429, CODES.seconds)
    return tries


async def count_step_up(session: Session, real: datetime) -> None:
    if not await limits.count(limits.STEP_UPS, str(session.id), real):
        raise Refused(TOO_OFTEN, 429, limits.STEP_UPS.seconds)


async def _within(tries: Tries, real: datetime) -> bool:
    """Counts them: looking first would let a crowd in. Behind a limit that is used up it counts nothing, or one network
    could leave a row for each address that it invents."""
    for limit, subject in tries:
        if not await limits.count(limit, subject, real):
            return False
    return True


async def give_back(tries: Tries, real: datetime) -> None:
    """Only wrong tries count."""
    for limit, subject in tries:
        await limits.give_back(limit, subject, real)
