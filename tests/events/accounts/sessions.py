"""Sessions in the rooms below the pages: halfway, and whole."""

from datetime import UTC, datetime, timedelta

from events.accounts import sign_in
from events.accounts.sign_in_tries import Caller
from events.accounts.staff import Session, Staff
from events.mail.outbox import Message
from tests.people import MONDAY, PASSWORD, code_of

NOW = datetime(2030, 1, 7, 9, 0, tzinfo=UTC)  # the machine's time; the event's is MONDAY
OFFICE, ELSEWHERE = Caller("192.0.2.1", "Firefox on Windows"), Caller("198.51.100.7", "curl")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


async def halfway(staff: Staff, caller: Caller = OFFICE, real: datetime = NOW) -> Session:
    """The right password, and no code yet."""
    token = await sign_in.sign_in(staff.email, PASSWORD, caller, MONDAY, real)
    assert token is not None
    return await session_of(token, real)


async def session_of(token: str | None, real: datetime) -> Session:
    session = await sign_in.find_session(token or "", real)
    assert session is not None
    return session


async def signed_in(staff: Staff, caller: Caller = OFFICE, real: datetime = NOW) -> str:
    """With both factors; the cookie's token."""
    token = await sign_in.second_factor(await halfway(staff, caller, real), code_of(staff, real), caller, MONDAY, real)
    assert token is not None
    return token


async def alerts_of(staff: Staff) -> list[str]:
    """What emails about their account wait for this person, oldest first."""
    waiting = await Message.filter(template="staff_alert", subject_id=staff.id).order_by("id")
    return [message.cause.partition(":")[0] for message in waiting]
