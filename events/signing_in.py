"""Signing in: sessions, their two factors, and proving it again before what matters. All times are the machine's."""

import hashlib
import secrets
from datetime import datetime, timedelta

from .staff import Session, Staff

IDLE_FOR = timedelta(minutes=30)
AT_MOST = timedelta(hours=12)
STEP_UP_FOR = timedelta(minutes=10)
TOUCH_EVERY = timedelta(minutes=1)  # so often, and no oftener, a page view is written down as use


async def find_session(token: str, at: datetime) -> Session | None:
    """The live session of this cookie, its staff fetched. None when idle, over, ended, or its account is disabled."""
    session = await Session.get_or_none(token_hash=_hash(token)).prefetch_related("staff")
    if session is None or session.staff.disabled_at is not None:
        return None
    if at >= session.expires_at or at - session.last_used_at >= IDLE_FOR:
        return None
    if at - session.last_used_at >= TOUCH_EVERY:
        await Session.filter(id=session.id).update(last_used_at=at)
        session.last_used_at = at
    return session


def needs_second_factor(session: Session) -> bool:
    """A password alone opened it: nothing but the pages for a code may be reached."""
    return session.second_factor_at is None


def is_stepped_up(session: Session, at: datetime) -> bool:
    """Whether a password or code was proved in the last ten minutes."""
    return session.stepped_up_at is not None and at - session.stepped_up_at < STEP_UP_FOR


async def begin_full_session(staff: Staff, at: datetime, browser: str = "") -> str:
    """A token with second factor and step-up done, for a rehearsal and tests only."""
    return await _begin(staff.id, at, browser, second_factor_at=at)


async def _begin(staff_id: int, at: datetime, browser: str, second_factor_at: datetime | None) -> str:
    token = secrets.token_urlsafe(32)
    await Session.create(
        staff_id=staff_id,
        token_hash=_hash(token),
        created_at=at,
        last_used_at=at,
        expires_at=at + AT_MOST,
        second_factor_at=second_factor_at,
        stepped_up_at=second_factor_at,
        browser=browser,
    )
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
