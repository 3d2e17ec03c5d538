"""Accounts of the people who run an event: how one begins and ends, and its roles. Every act tells the account's owner.

An account belongs to nobody's event: only who leads all events that it works for acts on it. Entries of such acts have
no event, so they stand in the log of each of these.

`at` is the event's time, for the audit log and for emails; `real` is the machine's, for what guards the machine.
"""

from collections.abc import Sequence
from datetime import datetime

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F

from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground import tokens
from events.ground.database import advisory_lock, run_tx
from events.ground.refusal import Refused
from events.mail.bounces import addressees

from . import password_links, sign_in
from .account_alerts import Alert, alert, alert_of_offer, alert_of_role
from .passkeys.passkey import Passkey
from .roles import role_offers
from .roles.role_offers import RoleOffer
from .staff import RIGHTS, Holder, May, RecoveryCode, Role, RoleName, Session, Staff, account_of, sealed_columns

LAST_LEAD = "This is the event's only lead. Make someone else a lead first."
NOT_YOURSELF = "You cannot do this to your own account. Ask another lead."
ELSEWHERE = "This person also works on another event, where you are not a lead. Here you change their role alone."
HAS_ROLE = "This person has a role for this event already. Change it on their own page."
HAS_OFFER = "This person was asked already, and has not answered yet. To ask again, take that offer back under Staff."
IS_DISABLED = "This account is disabled. A lead of the event that it works for can enable it."
NO_OFFER = "This offer does not stand any more."
HAS_ACCOUNT = "There is an account with this address already."
ACCOUNTS_LOCK = 8415_2021  # the number of PostgreSQL's advisory lock
Roles = Sequence[tuple[Event, RoleName]]


class HasAccount(Refused):
    def __init__(self) -> None:
        super().__init__(HAS_ACCOUNT)


async def add(email: str, name: str, host: str, roles: Roles, at: datetime, real: datetime) -> Staff:
    """Makes an account on the command line, the only place where the first one can be made. Sends no email."""
    try:
        return await _new_account(email, name, host, roles, None, at, real)
    except IntegrityError:
        raise HasAccount from None


async def invite(
    email: str, name: str, host: str, event: Event, role: RoleName, *, by: Staff, at: datetime, real: datetime
) -> Staff:
    """Emails a link to somebody without an account. Somebody with one is asked, and has the role once they accept."""
    known = await account_of(email)
    if known is None:
        try:
            return await _invite_new(email, name, host, [(event, role)], by, at, real)
        except (IntegrityError, HasAccount):  # another lead was quicker by a moment
            known = await account_of(email)
    if known is None:  # and it is gone again
        raise HasAccount
    if await Role.exists(staff=known, event=event):
        raise Refused(HAS_ROLE)
    await offer_role(known, event, role, by=by, at=at)
    return known


@run_tx
async def offer_role(staff: Staff, event: Event, name: RoleName, *, by: Staff, at: datetime) -> None:
    """Asks the owner of an account, by email and on their own pages. Refused while they have not answered."""
    _not_oneself(staff, by)
    if staff.disabled_at is not None:
        raise Refused(IS_DISABLED)
    await _hold(event)  # of two leads who ask at once the second finds the first's offer
    if any(offer.event.id == event.id for offer in await role_offers.to_staff(staff, at)):
        raise Refused(HAS_OFFER)
    await audit.record(Action.ROLE_OFFERED, staff, by=by, at=at, event_id=event.id, role=name.value)
    await alert_of_offer(staff, event.id, name, by, at)


@run_tx
async def accept_role(offer: RoleOffer, at: datetime) -> None:
    """The owner says yes, and has the role from the lead who offered it."""
    await _answer(offer, Action.ROLE_ACCEPTED, offer.staff, at)
    await give_role(offer.staff, offer.event, offer.name, by=offer.by, at=at)


@run_tx
async def decline_role(offer: RoleOffer, at: datetime) -> None:
    await _answer(offer, Action.ROLE_DECLINED, offer.staff, at)


@run_tx
async def take_offer_back(offer: RoleOffer, by: Staff, at: datetime) -> None:
    await _answer(offer, Action.ROLE_OFFER_TAKEN_BACK, by, at)


async def _answer(offer: RoleOffer, action: Action, by: Staff, at: datetime) -> None:
    """Ends the offer. Refused where somebody else was quicker."""
    await _hold(offer.event)
    if offer.id not in {standing.id for standing in await role_offers.to_staff(offer.staff, at)}:
        raise Refused(NO_OFFER)
    await audit.record(action, offer.staff, by=by, at=at, event_id=offer.event.id, role=offer.name.value)


@run_tx
async def give_role(staff: Staff, event: Event, name: RoleName, *, by: Staff | None, at: datetime) -> None:
    """Gives the role, or replaces the one that the account has. The event always keeps a lead."""
    _not_oneself(staff, by)
    await _hold(event)
    before, was = await Role.get_or_none(staff=staff, event=event), None
    if before is None:
        await Role.create(staff=staff, event=event, name=name)
    else:
        was, before.name = before.name, name
        await before.save(update_fields=["name", "proof"])
        await _keep_a_lead(event)
    await _role_given(staff, event, was, name, by, at)
    await alert_of_role(staff, event.id, by, at)


async def _role_given(
    staff: Staff, event: Event, before: RoleName | None, name: RoleName, by: Staff | None, at: datetime
) -> None:
    """All other leads get an email about every new role but that of somebody who only looks."""
    if RIGHTS[name].may == {May.LOOK}:
        await audit.record(Action.ROLE_GIVEN, staff, by=by, at=at, event_id=event.id, role=name.value)
        return
    whose = f"Role of {staff.full_name}"
    old, new = {whose: before.value if before else ""}, {whose: name.value}
    await audit.record_and_alert(
        Action.ROLE_GIVEN, staff, by=by, at=at, event_id=event.id, old=old, new=new, role=name.value
    )


@run_tx
async def take_role(staff: Staff, event: Event, *, by: Staff | None, at: datetime) -> None:
    """The account stays, but opens nothing of this event any more. The event always keeps a lead."""
    _not_oneself(staff, by)
    await _hold(event)
    if await Role.filter(staff=staff, event=event).delete() != 1:
        raise Refused("This person has no role for this event any more.")
    await _keep_a_lead(event)
    await audit.record(Action.ROLE_TAKEN, staff, by=by, at=at, event_id=event.id)
    await alert(staff, Alert.ROLE_TAKEN, at)


@run_tx
async def disable(staff: Staff, *, by: Staff | None, at: datetime) -> None:
    """Ends all sessions at once. No link and no password works until the account is enabled again."""
    await _may_manage(staff, by)
    events = await Event.filter(roles__staff_id=staff.id).order_by("id")
    for event in events:
        await _hold(event)
    if await Staff.filter(id=staff.id, disabled_at__isnull=True).update(disabled_at=at) != 1:
        raise Refused("This account is disabled already.")
    for event in events:
        await _keep_a_lead(event)
    await Session.filter(staff=staff).delete()
    await audit.record(Action.STAFF_DISABLED, staff, by=by, at=at)
    await alert(staff, Alert.DISABLED, at)


@run_tx
async def enable(staff: Staff, *, by: Staff | None, at: datetime) -> None:
    """Links from before stay dead."""
    await _may_manage(staff, by)
    disabled = Staff.filter(id=staff.id, disabled_at__isnull=False)
    if await disabled.update(disabled_at=None, generation=F("generation") + 1, link_expires_at=None) != 1:
        raise Refused("This account is enabled already.")
    await audit.record(Action.STAFF_ENABLED, staff, by=by, at=at)
    await alert(staff, Alert.ENABLED, at)


@run_tx
async def take_codes_away(staff: Staff, *, by: Staff | None, at: datetime, real: datetime) -> None:
    """For someone whose telephone and recovery codes are lost. Passkeys and the password go too: who had only those
    gets nothing.

    A link for a new password comes first, to the account's own mailbox; `by=None`, the terminal prints one itself.
    """
    if by is not None:
        await _may_manage(staff, by)
    await Staff.filter(id=staff.id).update(totp_sealed=None, totp_set_at=None, password_hash="")
    await RecoveryCode.filter(staff=staff).delete()
    await Session.filter(staff=staff).delete()
    await Passkey.filter(staff=staff).delete()  # after the sessions: one that is just being added waits for its own
    await audit.record(Action.TOTP_CHANGED, staff, by=by, at=at, taken_away=True)
    if by is not None and staff.joined_at is not None:
        await password_links.email_reset(staff, by=by, at=at, real=real)
    await alert(staff, Alert.CODES_TAKEN_AWAY, at)


@run_tx
async def send_link(staff: Staff, *, by: Staff, at: datetime, real: datetime) -> None:
    """Emails a link for a new password, or the invitation again."""
    await _may_manage(staff, by)
    await password_links.send(staff, by=by, at=at, real=real)


@run_tx
async def end_sessions(staff: Staff, *, by: Staff, at: datetime) -> None:
    """Signs them out of all their browsers."""
    await _may_manage(staff, by)
    await sign_in.end_sessions(staff, by, at)


@run_tx
async def let_emails_through(staff: Staff, *, by: Staff, at: datetime) -> None:
    """Emails go to their address again."""
    await _may_manage(staff, by)
    await addressees.allow(staff, by, at, None)


async def may_manage(staff: Staff, by: Staff) -> bool:
    """Whether `by` leads every event that this person works on, and is somebody else."""
    theirs = set(await Role.filter(staff=staff).values_list("event_id", flat=True))
    led = set(await Role.filter(staff=by, name=RoleName.LEAD).values_list("event_id", flat=True))
    return staff.id != by.id and theirs <= led


async def _may_manage(staff: Staff, by: Staff | None) -> None:
    _not_oneself(staff, by)
    if by is not None and not await may_manage(staff, by):
        raise Refused(ELSEWHERE)


def _not_oneself(staff: Staff, by: Staff | None) -> None:
    if by is not None and by.id == staff.id:
        raise Refused(NOT_YOURSELF)


async def _hold(event: Event) -> None:
    """Locks the event's row until the end: if two leads take each other's role away, one is refused."""
    await Event.filter(id=event.id).update(next_n=F("next_n"))


async def _keep_a_lead(event: Event) -> None:
    if not await Role.exists(event=event, name=RoleName.LEAD, staff__disabled_at__isnull=True):
        raise Refused(LAST_LEAD)


@run_tx
async def _invite_new(email: str, name: str, host: str, roles: Roles, by: Staff, at: datetime, real: datetime) -> Staff:
    staff = await _new_account(email, name, host, roles, by, at, real)
    await password_links.email_invitation(staff, by=by, at=at, real=real)
    return staff


@run_tx
async def _new_account(
    email: str, name: str, host: str, roles: Roles, by: Staff | None, at: datetime, real: datetime
) -> Staff:
    """One after the other, as two who make the same with different keys would not meet in the index."""
    await advisory_lock(ACCOUNTS_LOCK)
    if await account_of(email) is not None:
        raise HasAccount
    staff = await Staff.create(
        **sealed_columns(tokens.new_public_id(), Holder(email, name, host)),
        created_at=at,
        link_expires_at=real + password_links.INVITED_FOR,
    )
    await audit.record(Action.STAFF_ADDED, staff, by=by, at=at)
    for event, role in roles:
        await Role.create(staff=staff, event=event, name=role)
        await _role_given(staff, event, None, role, by, at)
    return staff
