"""Links by which people set their own password: an invitation, or a reset. Each works once, and opening it is harmless.

Nobody ever sets another person's password: a lead can only have an email sent. Anybody can ask for one too, in
anybody's name, so that ends no link that is out. `at` is the event's time, for the audit log and for emails; `real` is
the machine's, by which links expire.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from tortoise.expressions import F

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.ground import settings, tokens, wording
from events.ground.database import run_tx
from events.ground.refusal import Refused
from events.ground.tokens import Match, Purpose
from events.mail import outbox

from . import passwords, sign_in, sign_in_tries
from .account_alerts import Alert, alert
from .sign_in_tries import Caller
from .staff import RIGHTS, Role, Session, Staff, account_of

INVITED_FOR = timedelta(hours=72)
RESET_FOR = timedelta(hours=1)
LASTS = {Purpose.STAFF_INVITE: INVITED_FOR, Purpose.STAFF_RESET: RESET_FOR}
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
    disabled.

    The link before the newest works too, until it has had its time at least: `_keep_or_renew` replaces none in the
    first half of it.
    """
    staff = await Staff.get_or_none(public_id=tokens.public_id_of(token) or "", disabled_at__isnull=True)
    if staff is None or staff.link_expires_at is None:
        return None
    ends = {staff.generation: staff.link_expires_at, staff.generation - 1: staff.link_expires_at - LASTS[purpose] / 2}
    mine = [end for number, end in ends.items() if tokens.match(purpose, token, number) is Match.CURRENT]
    return staff if mine and real < mine[0] else None


def time_left(staff: Staff, real: datetime) -> str:
    """For how long the newest link still works, in words, or nothing if it does not."""
    left = staff.link_expires_at - real if staff.link_expires_at else timedelta()
    minutes = -(-left // timedelta(minutes=1))
    hours = -(-minutes // 60)
    number, unit = (minutes, "minute") if minutes <= 60 else (hours, "hour") if hours % 24 else (hours // 24, "day")
    return wording.counted(number, unit, f"{unit}s") if number > 0 else ""


async def invited_by(staff: Staff) -> str:
    """Whoever pressed the button for the newest invitation, as the audit log has it."""
    sent = AuditEntry.filter(subject=staff.actor, action=Action.STAFF_INVITED, actor__startswith="staff:")
    entry = await sent.order_by("-id").first()
    return inviter_words(await Staff.get_or_none(id=int(entry.actor.removeprefix("staff:"))) if entry else None)


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


async def ask(email: str, caller: Caller, at: datetime, real: datetime) -> None:
    """Queues a link if there is an account.

    Without an account, or too often, it runs the same statements for nobody, and takes them back: so it takes as long,
    says as little and leaves nothing.
    """
    staff = await account_of(email, may_sign_in=True)
    with suppress(NobodyAsked):
        await _ask(staff, email, caller, at, real)


class NobodyAsked(Exception):  # no error: it takes back what was done for nobody
    pass


@run_tx
async def _ask(staff: Staff | None, email: str, caller: Caller, at: datetime, real: datetime) -> None:
    has_link = staff is not None and _is_in_first_half(staff, LASTS[_purpose_of(staff)], real)
    within = await sign_in_tries.count_password_email(staff, email, caller, real, has_link=has_link)
    if staff is not None and within:
        await send(staff, by=None, at=at, real=real)
    else:
        await send(Staff(id=NOBODY, joined_at=at), by=None, at=at, real=real)
        raise NobodyAsked


async def send(staff: Staff, *, by: Staff | None, at: datetime, real: datetime) -> None:
    """Emails a link for a new password, or the invitation again to someone who has not joined yet.

    Where a lead sends it, older ones die. `by=None`: somebody asked in the account's name.
    """
    if staff.disabled_at is not None:
        raise Refused("This account is disabled. Enable it first.")
    if staff.joined_at is not None:
        await email_reset(staff, by=by, at=at, real=real)
    else:
        await email_invitation(staff, by=by, at=at, real=real)


@run_tx
async def email_invitation(staff: Staff, *, by: Staff | None, at: datetime, real: datetime) -> None:
    fresh = await _renewed(staff, Purpose.STAFF_INVITE, by, real)
    await outbox.put("staff_invite", fresh.id, cause=f"invite:{fresh.generation}:{tokens.new_public_id()}", at=at)
    await audit.record(Action.STAFF_INVITED, fresh, by=by, at=at)


@run_tx
async def email_reset(staff: Staff, *, by: Staff | None, at: datetime, real: datetime) -> None:
    fresh = await _renewed(staff, Purpose.STAFF_RESET, by, real)
    await outbox.put("staff_reset", fresh.id, cause=f"reset:{fresh.generation}:{tokens.new_public_id()}", at=at)
    await audit.record(Action.PASSWORD_RESET_SENT, fresh, by=by, at=at)


@run_tx
async def for_the_terminal(staff: Staff, at: datetime, real: datetime) -> str:
    """A link to hand over in person, for the day when no email can help."""
    purpose = _purpose_of(staff)
    fresh = await renew(staff, real + LASTS[purpose])
    await audit.record(Action.PASSWORD_RESET_SENT, fresh, by=None, at=at, terminal=True)
    return link_of(fresh, purpose)


async def renew(staff: Staff, expires: datetime) -> Staff:
    """The account with a new link. No older one works any more."""
    await Staff.filter(id=staff.id).update(generation=F("generation") + 2, link_expires_at=expires)
    return await Staff.get(id=staff.id)


def _purpose_of(staff: Staff) -> Purpose:
    return Purpose.STAFF_RESET if staff.joined_at else Purpose.STAFF_INVITE


def _is_in_first_half(staff: Staff, lasts: timedelta, real: datetime) -> bool:
    return staff.link_expires_at is not None and staff.link_expires_at - real > lasts / 2


async def _renewed(staff: Staff, purpose: Purpose, by: Staff | None, real: datetime) -> Staff:
    if by is not None:
        return await renew(staff, real + LASTS[purpose])
    return await _keep_or_renew(staff, LASTS[purpose], real)


async def _keep_or_renew(staff: Staff, lasts: timedelta, real: datetime) -> Staff:
    """The account with a link that works for half of its time at least. One that is in its first half stays the newest;
    one in its second half works on beside the new one."""
    is_kept = _is_in_first_half(staff, lasts, real)
    works_on = staff.link_expires_at is not None and staff.link_expires_at > real
    number = staff.generation + (0 if is_kept else 1 if works_on else 2)
    as_read = Staff.filter(id=staff.id, generation=staff.generation)  # where another request was quicker, it has a link
    await as_read.update(generation=number, link_expires_at=staff.link_expires_at if is_kept else real + lasts)
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
    """Where somebody asked for another link meanwhile, this one works on beside it."""
    works = [staff.generation, staff.generation + 1]
    mine = Staff.filter(id=staff.id, generation__in=works, link_expires_at__not_isnull=True, disabled_at__isnull=True)
    if await mine.update(password_hash=password_hash, generation=F("generation") + 1, link_expires_at=None) != 1:
        raise Refused(LINK_IS_OVER)


async def _changed(staff: Staff, at: datetime) -> None:
    await audit.record(Action.PASSWORD_CHANGED, staff, by=staff, at=at)
    await alert(staff, Alert.PASSWORD_CHANGED, at)
