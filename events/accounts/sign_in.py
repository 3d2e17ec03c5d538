"""Signing in: a password, then a code; sessions; and proving it again before what matters. For passkeys see there.

`at` is the event's time, for the audit log and for emails. `real` is the machine's, for all that guards the machine.
"""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from tortoise.expressions import Q

from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground.database import find_joined, run_tx
from events.web.forms import normal_email

from . import known_browser, passwords, recovery, sign_in_tries, totp
from .account_alerts import Alert, alert
from .sign_in_tries import Caller, Tries
from .staff import IDLE_FOR, Role, RoleName, Session, Staff, account_of

AT_MOST = timedelta(hours=12)
FOR_THE_CODE = timedelta(minutes=15)  # so long a password alone is worth something
STEP_UP_FOR = timedelta(minutes=10)
TOUCH_EVERY = timedelta(minutes=1)  # so often, and no oftener, a page view is written down as use


SIGNED_IN = {"session": Session, "staff": Staff, "event": Event, "role": Role}
NAMES = ", ".join(f"'{name.value}'" for name in RoleName)  # a name that is no role of ours was not written by us
BY_COOKIE = f"""FROM session JOIN staff ON staff.id = session.staff_id AND staff.disabled_at IS NULL
    LEFT JOIN event ON event.slug = ?
    LEFT JOIN role ON role.staff_id = staff.id AND role.event_id = event.id AND role.name IN ({NAMES})
    WHERE session.token_hash = ?"""


class SignedIn(NamedTuple):
    """A live session, its staff fetched; where an event was named, this, and their role for it if they have one."""

    session: Session
    event: Event | None
    role: Role | None


async def find_signed_in(token: str, slug: str, real: datetime, *, is_use: bool = True) -> SignedIn | None:
    """Who has this cookie. None if the session is idle, over or ended, or the account is disabled."""
    found = await find_joined(SIGNED_IN, BY_COOKIE, [slug, _hash(token)])
    session: Session | None = found.get("session")
    if session is None or not session.is_live(real):
        return None
    session.staff = found["staff"]
    if is_use and real - session.last_used_at >= TOUCH_EVERY:
        await Session.filter(id=session.id).update(last_used_at=real)
        session.last_used_at = real
    return SignedIn(session, found["event"], found["role"])


async def find_session(token: str, real: datetime) -> Session | None:
    """The live session of this cookie, with its staff, on a page of no event."""
    found = await find_signed_in(token, "", real)
    return found.session if found else None


def needs_second_factor(session: Session) -> bool:
    """A password alone opened it: nothing but the pages for a code may be reached."""
    return session.second_factor_at is None


def is_stepped_up(session: Session, real: datetime) -> bool:
    """Whether a password or code was proved in the last ten minutes."""
    return session.stepped_up_at is not None and real - session.stepped_up_at < STEP_UP_FOR


def has_proved_both(session: Session, real: datetime) -> bool:
    """Whether password and code were proved together in the last ten minutes."""
    return session.both_proved_at is not None and real - session.both_proved_at < STEP_UP_FOR


async def sign_in(email: str, password: str, caller: Caller, at: datetime, real: datetime) -> str | None:
    """The token of a session that still needs its code. None, after the same time, for every kind of failure."""
    address = normal_email(email) or ""
    staff = await account_of(address, may_sign_in=True)
    tries = await sign_in_tries.count_password(staff, address, caller, at, real)
    right = await sign_in_tries.check(staff, password, caller, tries, real)
    token = await _opened_by_password(staff, real, caller.browser) if staff is not None and right else None
    if token is None:
        await failed(staff, "password", at)
        return None
    await sign_in_tries.give_back(tries, real)
    return token


@run_tx
async def _opened_by_password(staff: Staff, real: datetime, browser: str) -> str | None:
    """None if the password was replaced or taken away while it was looked at: sessions ended then, and none follows."""
    still = Staff.filter(id=staff.id, password_hash=staff.password_hash, disabled_at__isnull=True)
    if not await still.update(password_hash=staff.password_hash):  # locks the row
        return None
    return await begin_session(staff, real, browser)


async def begin_session(staff: Staff, real: datetime, browser: str = "") -> str:
    """The token of a session that a password has opened: it needs its code within a quarter of an hour."""
    return await _begin(staff, real, browser, ends=real + FOR_THE_CODE)


async def begin_full_session(staff: Staff, real: datetime, browser: str = "") -> str:
    """A token with the second factor and the step-up done, for as long as it lasts. Only for a rehearsal and tests.

    People in a rehearsal have no password to prove it again with.
    """
    ends = real + AT_MOST
    proved = ends - STEP_UP_FOR
    return await _begin(
        staff, real, browser, ends=ends, second_factor_at=real, stepped_up_at=proved, both_proved_at=proved
    )


async def second_factor(session: Session, code: str, caller: Caller, at: datetime, real: datetime) -> str | None:
    """The new token of a session that is now whole, for the one caller who brings this code; None for a wrong one."""
    tries = await sign_in_tries.count_code(session.staff, caller, at, real)
    return await _by_code(session, code, tries, caller, at, real)


@run_tx
async def _by_code(
    session: Session, code: str, tries: Tries, caller: Caller, at: datetime, real: datetime
) -> str | None:
    if not await totp.accept(session.staff, code, real):
        await failed(session.staff, "code", at)
        return None
    await sign_in_tries.give_back(tries, real)
    return await made_whole(session, caller, at, real)


async def recover(session: Session, code: str, caller: Caller, at: datetime, real: datetime) -> str | None:
    """As `second_factor`, with one of the ten codes kept for the day the telephone is lost."""
    tries = await sign_in_tries.count_code(session.staff, caller, at, real)
    return await _by_recovery_code(session, await recovery.hash_of(session.staff, code), tries, caller, at, real)


@run_tx
async def _by_recovery_code(
    session: Session, hashed: str, tries: Tries, caller: Caller, at: datetime, real: datetime
) -> str | None:
    if not await recovery.use(session.staff, hashed, at, real):
        await failed(session.staff, "recovery code", at)
        return None
    await sign_in_tries.give_back(tries, real)
    return await made_whole(session, caller, at, real)


@run_tx
async def failed(staff: Staff | None, factor: str, at: datetime) -> None:
    await audit.record(Action.SIGN_IN_FAILED, staff, by=None, at=at, factor=factor)


@run_tx
async def set_up_codes(session: Session, code: str, caller: Caller, at: datetime, real: datetime) -> str | None:
    """Takes the offered secret once its first code is right: from then on the session is whole. None if wrong.

    A password alone never replaces an app that has been proved.
    """
    if needs_second_factor(session) and session.staff.totp_set_at is not None:
        return None
    if not await totp.adopt(session, code, real):
        return None
    await audit.record(Action.TOTP_CHANGED, session.staff, by=session.staff, at=at)
    await alert(session.staff, Alert.READY if session.staff.never_had_app else Alert.CODES_SET_UP, at)
    return await made_whole(session, caller, at, real)


async def step_up(session: Session, at: datetime, real: datetime, *, password: str = "", code: str = "") -> str | None:
    """The session's new token, for a password, a code, or both; None when what was given is wrong.

    A code is looked at only behind a right password, where both are given: it is good once.
    """
    await sign_in_tries.count_step_up(session, real)
    right = bool(password or code)
    right = right and (not password or await passwords.right(session.staff.password_hash, password))
    return await _step_up(session, code, at, real, right=right, both=bool(password and code))


async def knows_password(session: Session, password: str, at: datetime, real: datetime) -> bool:
    """Checks the current password before it is changed, with as few tries as a step-up has; a wrong one is recorded."""
    await sign_in_tries.count_step_up(session, real)
    if await passwords.right(session.staff.password_hash, password):
        return True
    await not_proved(session, at)
    return False


@run_tx
async def not_proved(session: Session, at: datetime) -> None:
    await audit.record(Action.STEP_UP_FAILED, session.staff, by=session.staff, at=at)


async def signed_in_now(ids: Collection[int], real: datetime) -> set[int]:
    """Which of these have a live session, opened with both factors."""
    sessions = await Session.filter(staff_id__in=list(ids), second_factor_at__isnull=False)
    return {session.staff_id for session in sessions if session.is_live(real)}


@run_tx
async def sign_out(session: Session, at: datetime) -> None:
    await Session.filter(id=session.id).delete()
    await audit.record(Action.SIGNED_OUT, session.staff, by=session.staff, at=at)


async def sessions_of(staff: Staff, real: datetime) -> list[Session]:
    """Where this person is signed in, the most recently used first."""
    rows = await Session.filter(staff=staff, second_factor_at__isnull=False).order_by("-last_used_at")
    return [row for row in rows if row.is_live(real)]


@run_tx
async def end_sessions(staff: Staff, by: Staff | None, at: datetime, *, but: Session | None = None) -> int:
    """Signs this person out everywhere, or everywhere but here. Returns the number of browsers."""
    ended = await Session.filter(staff=staff).exclude(id=but.id if but else 0).delete()
    await audit.record(Action.SESSIONS_ENDED, staff, by=by, at=at, count=ended)
    if by is None or by.id != staff.id:
        await alert(staff, Alert.SESSIONS_ENDED, at)
    return ended


async def forget(real: datetime) -> int:
    """Deletes the rows of sessions that are over."""
    return await Session.filter(Q(last_used_at__lte=real - IDLE_FOR) | Q(expires_at__lte=real)).delete()


async def _begin(
    staff: Staff,
    real: datetime,
    browser: str,
    *,
    ends: datetime,
    second_factor_at: datetime | None = None,
    stepped_up_at: datetime | None = None,
    both_proved_at: datetime | None = None,
) -> str:
    token = secrets.token_urlsafe(32)
    await Session.create(
        staff=staff,
        token_hash=_hash(token),
        created_at=real,
        last_used_at=real,
        expires_at=ends,
        second_factor_at=second_factor_at,
        stepped_up_at=stepped_up_at,
        both_proved_at=both_proved_at,
        browser=browser,
    )
    return token


@run_tx
async def made_whole(session: Session, caller: Caller, at: datetime, real: datetime) -> str | None:
    ends = session.created_at + AT_MOST
    proved = {"second_factor_at": real, "stepped_up_at": real, "both_proved_at": real}
    token = await renew(session, **proved, last_used_at=real, expires_at=ends)
    if token is not None and session.second_factor_at is None:
        await audit.record(Action.SIGNED_IN, session.staff, by=session.staff, at=at)
        if not session.staff.never_had_app and not known_browser.knows(session.staff, caller.known):
            await alert(session.staff, Alert.NEW_BROWSER, at)
    return token


@run_tx
async def _step_up(session: Session, code: str, at: datetime, real: datetime, *, right: bool, both: bool) -> str | None:
    if not right or (code and not await totp.accept(session.staff, code, real)):
        await not_proved(session, at)
        return None
    return await proved_again(session, at, real, both=both)


@run_tx
async def proved_again(session: Session, at: datetime, real: datetime, *, both: bool) -> str | None:
    """The session's new token, once password, second factor or both were looked at and right."""
    await audit.record(Action.STEPPED_UP, session.staff, by=session.staff, at=at, both=both)
    proved = {"stepped_up_at": real} | ({"both_proved_at": real} if both else {})
    return await renew(session, **proved, last_used_at=real)


async def renew(session: Session, **changed: datetime) -> str | None:
    """Gives the session a new token. The old cookie opens nothing any more. None if another request was quicker."""
    token = secrets.token_urlsafe(32)
    mine = Session.filter(id=session.id, token_hash=session.token_hash)
    return token if await mine.update(token_hash=_hash(token), **changed) == 1 else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
