"""Links by which people set their own password: an invitation, or a reset. Each works once, and opening it is harmless.

Nobody ever sets another person's password: a lead can only have an email sent. `at` is the event's time, for the audit
log and for emails; `real` is the machine's, by which links expire.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from tortoise.expressions import F

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.ground import limits, settings, tokens
from events.ground.database import run_tx
from events.ground.refusal import Refused
from events.ground.tokens import Match, Purpose
from events.mail import outbox

from . import passwords, sign_in
from .account_alerts import Alert, alert
from .staff import RIGHTS, Role, Session, Staff, account_of

INVITED_FOR = timedelta(hours=72)
RESET_FOR = timedelta(hours=1)
PAGES = {Purpose.STAFF_INVITE: "join", Purpose.STAFF_RESET: "reset"}
NOBODY = 0  # the id of no account
AN_ORGANISER = "An organiser"  # at the terminal nobody pressed a button
LINK_IS_OVER = "This link does not work any more. Ask for a new one."
PASSWORD_IS_ANOTHER = "Your password was changed or taken away meanwhile. Sign in again."  # noqa: S105


def link_of(staff: Staff, purpose: Purpose) -> str:
    """The whole address of the link that works now, for an email or the terminal."""
    token = tokens.make(purpose, staff.public_id, staff.generation)
    return f"{settings.current().base_url}/staff/{PAGES[purpose]}/{token}"


async def found(purpose: Purpose, token: str, real: datetime) -> Staff | None:
    """The account whose working link this is. None if the link is unknown, old, used or expired, or the account
    disabled."""
    staff = await Staff.get_or_none(public_id=tokens.public_id_of(token) or "", disabled_at__isnull=True)
    if staff is None or tokens.match(purpose, token, staff.generation) is not Match.CURRENT:
        return None
    return staff if staff.link_expires_at is not None and real < staff.link_expires_at else None


async def invited_by(staff: Staff) -> str:
    """Whoever sent the newest invitation, as the audit log has it."""
    sent = AuditEntry.filter(subject=staff.actor, action=Action.STAFF_INVITED).order_by("-id")
    entry = await sent.first()
    number = entry.actor.removeprefix("staff:") if entry else ""
    return inviter_words(await Staff.get_or_none(id=int(number)) if number.isdecimal() else None)


def inviter_words(by: Staff | None) -> str:
    """With their host, since whoever is invited may not know them by name."""
    return f"{by.full_name} of {by.host}" if by else AN_ORGANISER


async def roles_of(staff: Staff) -> list[Role]:
    """With their events, the oldest first."""
    return await Role.filter(staff=staff).select_related("event").order_by("id")


def role_words(role: Role) -> str:
    return f"{role.event.title}, {role.event.day_words}: {role.name.value} ({RIGHTS[role.name].words})"


async def accept_invitation(staff: Staff, password: str, browser: str, at: datetime, real: datetime) -> str:
    """Spends the link and sets the password. Returns the token of a session that still has to set up codes."""
    return await _accept(staff, await passwords.hashed(password), browser, at, real)


async def reset(staff: Staff, password: str, browser: str, at: datetime, real: datetime) -> str:
    """Spends the link, sets the password and signs out everywhere. Returns the token of a session that still needs
    its code."""
    return await _reset(staff, await passwords.hashed(password), browser, at, real)


async def change(session: Session, password: str, at: datetime) -> None:
    """Sets a new password from inside the account, and signs out every other browser. Refused where the old one has
    been replaced or taken away since the session was read."""
    await _change(session, await passwords.hashed(password), at)


async def ask(email: str, at: datetime, real: datetime) -> None:
    """Queues a link if there is an account, three in an hour at most.

    Without an account, or beyond the three, it runs the same statements for nobody, and takes them back: so it takes as
    long, says as little and leaves nothing.
    """
    staff = await account_of(email, may_sign_in=True)
    with suppress(NobodyAsked):
        await _ask(staff, email, at, real)


class NobodyAsked(Exception):  # no error: it takes back what was done for nobody
    pass


@run_tx
async def _ask(staff: Staff | None, email: str, at: datetime, real: datetime) -> None:
    within = await limits.count(limits.RESET_EMAILS, email, real)
    if staff is not None and within:
        await send(staff, by=None, at=at, real=real)
    else:
        await send(Staff(id=NOBODY, joined_at=at), by=None, at=at, real=real)
        raise NobodyAsked


async def send(staff: Staff, *, by: Staff | None, at: datetime, real: datetime) -> None:
    """Emails a link for a new password, or the invitation again to someone who has not joined yet. Older ones die."""
    if staff.disabled_at is not None:
        raise Refused("This account is disabled. Enable it first.")
    if staff.joined_at is not None:
        await email_reset(staff, by=by, at=at, real=real)
    else:
        await email_invitation(staff, by=by, at=at, real=real)


@run_tx
async def email_invitation(staff: Staff, *, by: Staff | None, at: datetime, real: datetime) -> None:
    fresh = await renew(staff, real + INVITED_FOR)
    await outbox.put("staff_invite", fresh.id, cause=f"invite:{fresh.generation}:{by.id if by else 0}", at=at)
    await audit.record(Action.STAFF_INVITED, fresh, by=by, at=at)


@run_tx
async def email_reset(staff: Staff, *, by: Staff | None, at: datetime, real: datetime) -> None:
    fresh = await renew(staff, real + RESET_FOR)
    await outbox.put("staff_reset", fresh.id, cause=f"reset:{fresh.generation}", at=at)
    await audit.record(Action.PASSWORD_RESET_SENT, fresh, by=by, at=at)


@run_tx
async def for_the_terminal(staff: Staff, at: datetime, real: datetime) -> str:
    """A link to hand over in person, for the day when no email can help."""
    purpose, lasts = (Purpose.STAFF_RESET, RESET_FOR) if staff.joined_at else (Purpose.STAFF_INVITE, INVITED_FOR)
    fresh = await renew(staff, real + lasts)
    await audit.record(Action.PASSWORD_RESET_SENT, fresh, by=None, at=at, terminal=True)
    return link_of(fresh, purpose)


async def renew(staff: Staff, expires: datetime) -> Staff:
    """The account with a new generation of links."""
    await Staff.filter(id=staff.id).update(generation=F("generation") + 1, link_expires_at=expires)
    return await Staff.get_or_none(id=staff.id) or staff


@run_tx
async def _accept(staff: Staff, password_hash: str, browser: str, at: datetime, real: datetime) -> str:
    await _spend(staff, password_hash)
    await Staff.filter(id=staff.id).update(joined_at=at)
    await audit.record(Action.STAFF_JOINED, staff, by=staff, at=at)
    return await sign_in.begin_session(staff, real, browser)


@run_tx
async def _reset(staff: Staff, password_hash: str, browser: str, at: datetime, real: datetime) -> str:
    await _spend(staff, password_hash)
    await _changed(staff, at)
    await sign_in.end_sessions(staff, staff, at)
    return await sign_in.begin_session(staff, real, browser)


@run_tx
async def _change(session: Session, password_hash: str, at: datetime) -> None:
    mine = Staff.filter(id=session.staff_id, password_hash=session.staff.password_hash, disabled_at__isnull=True)
    if not await mine.update(password_hash=password_hash):
        raise Refused(PASSWORD_IS_ANOTHER)
    await _changed(session.staff, at)
    await sign_in.end_sessions(session.staff, session.staff, at, but=session)


async def _spend(staff: Staff, password_hash: str) -> None:
    mine = Staff.filter(id=staff.id, generation=staff.generation, disabled_at__isnull=True)
    if await mine.update(password_hash=password_hash, generation=F("generation") + 1, link_expires_at=None) != 1:
        raise Refused(LINK_IS_OVER)


async def _changed(staff: Staff, at: datetime) -> None:
    await audit.record(Action.PASSWORD_CHANGED, staff, by=staff, at=at)
    await alert(staff, Alert.PASSWORD_CHANGED, at)
