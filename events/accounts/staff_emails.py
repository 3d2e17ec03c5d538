"""The emails to people who run an event: an invitation, a new password, and what happened to their account."""

from typing import Any
from urllib.parse import urlsplit

from events.event import Event
from events.ground import clock
from events.ground.settings import current
from events.ground.tokens import Purpose
from events.mail import emails
from events.mail.bounces.addressees import reachable
from events.mail.emails import Email, Writer
from events.mail.outbox import Message

from . import account_alerts, lead_alerts
from .account_alerts import Alert
from .password_links import invited_by, inviter_words, link_of, role_words, roles_of, time_left
from .roles import role_offers
from .staff import Role, Staff

SOMETHING = "Something was changed in your account."


async def invitation(message: Message) -> Email | None:
    """None if the invitation was accepted, or the account disabled, after it was queued, or its link works no more."""
    staff = await Staff.get_or_none(id=message.subject_id, disabled_at=None, joined_at=None)
    if staff is None or not (lasts := time_left(staff, clock.real())):
        return None
    roles = await roles_of(staff)
    return write_to(
        message,
        staff,
        link=link_of(staff, Purpose.STAFF_INVITE),
        lasts=lasts,
        inviter=emails.harmless(await invited_by(staff)),
        day=roles[0].event.day_words if roles else "",
        roles=[role_words(role) for role in roles],
    )


async def _inviter(number: str) -> str:
    """Who pressed the button. At the terminal nobody did."""
    by = await Staff.get_or_none(id=int(number)) if number.isdecimal() else None
    return emails.harmless(inviter_words(by))


async def new_password(message: Message) -> Email | None:
    """None if the link was used, or the account disabled, after it was queued, or it works no more."""
    staff = await Staff.get_or_none(id=message.subject_id, disabled_at=None)
    if staff is None or not (lasts := time_left(staff, clock.real())):
        return None
    return write_to(message, staff, link=link_of(staff, Purpose.STAFF_RESET), lasts=lasts)


async def staff_alert(message: Message) -> Email | None:
    """Goes to disabled accounts too: it may say that the account was disabled."""
    staff = await Staff.get_or_none(id=message.subject_id)
    if staff is None:
        return None
    when = f"{clock.day_words(message.queued_at)}, {clock.time_words(message.queued_at)}"
    sentence = sentence_of(message.cause)
    facts = {"sentence": sentence, "heading": sentence.partition(".")[0], "when": when}
    days = role_offers.LASTS.days if message.cause.startswith(f"{Alert.ROLE_OFFERED}:") else 0
    return write_to(message, staff, **facts, days=days, given=await _given(message))


async def _given(message: Message) -> list[tuple[str, str]]:
    """Of a role that was given: for which event, which it is now, and by whom. Of one that is offered alike. Nothing of
    other alerts."""
    kind, *more = message.cause.split(":")
    if kind not in {Alert.ROLE_GIVEN, Alert.ROLE_OFFERED} or len(more) < account_alerts.PARTS_OF_ROLE:
        return []
    event = await Event.get_or_none(id=int(more[1]))
    role = await Role.get_or_none(staff_id=message.subject_id, event_id=int(more[1]))
    name = more[3] if kind == Alert.ROLE_OFFERED else role.name.value if role else ""
    named = [("Event", f"{event.title}, {event.day_words}")] if event else []
    by = ("Offered by" if kind == Alert.ROLE_OFFERED else "Given by", await _inviter(more[2]))
    return [*named, *([("Role", name)] if name else []), by]


async def lead_alert(message: Message) -> Email | None:
    """None if its reader no longer has an account or no longer leads the event."""
    staff = await Staff.get_or_none(id=message.subject_id, disabled_at=None)
    facts = await lead_alerts.facts_of(message) if staff else None
    return write_to(message, staff, **facts) if staff and facts else None


async def addressee(message: Message) -> Staff | None:
    """The account of whoever gets this: each email to staff is about theirs."""
    return await Staff.get_or_none(id=message.subject_id)


def sentence_of(cause: str) -> str:
    """What happened. A cause that is not on the list still tells its reader to look: silence would be worse."""
    try:
        return account_alerts.sentence(cause)
    except ValueError:
        return SOMETHING


def write_to(message: Message, staff: Staff, **facts: Any) -> Email:
    """An email to a member of staff, with these facts and those that every such email says."""
    site = urlsplit(current().base_url).hostname
    shared = {
        "name": emails.harmless(staff.full_name),
        "site": site,
        "banner": [f"Accounts at {site}", staff.host],
        "contact": "",
        "contact_phone": "",
    }
    return emails.write(message, to=reachable(staff), name=staff.full_name, facts=shared | facts)


WRITERS: dict[str, Writer] = {
    "staff_invite": invitation,
    "staff_reset": new_password,
    "staff_alert": staff_alert,
    lead_alerts.TEMPLATE: lead_alert,
}
