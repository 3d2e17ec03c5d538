"""What still needs an old instance key, in sentences that count and name nobody. It is dropped when there is none."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from events.accounts.password_links import INVITED_FOR
from events.accounts.staff import RecoveryCode, Session, Staff
from events.audit.audit import AuditEntry
from events.audit.forgetting import KEPT_FOR
from events.backup import backup_folder
from events.event import Event
from events.ground import clock
from events.mail.outbox import Message

from . import resealing
from .new_key import InstanceKey

COMES_BACK = timedelta(days=7)  # so long after it was sent a mail system may say that it could not deliver an email


class Old(NamedTuple):
    """A key, and since when all that can be is made with a newer one."""

    fingerprint: str
    since: datetime


Need = Callable[[Old, datetime], Awaitable[list[str]]]  # `real` is the machine's time


async def of_values(old: Old, real: datetime) -> list[str]:
    found = await resealing.to_renew(InstanceKey())
    return _some(found, "value in the database is", "values in the database are", "made with it: run ./run key rotate")


async def of_tickets(old: Old, real: datetime) -> list[str]:
    """Until nobody is named at the event any more: its tickets are shown, and an event can be put off."""
    events = await Event.filter(key_fingerprint=old.fingerprint).exclude(data_key="").count()
    return _some(events, "event has", "events have", "tickets that come from it, until nobody is named there any more")


async def of_staff_links(old: Old, real: datetime) -> list[str]:
    """Not of those that were sent since."""
    lasting = Staff.filter(link_expires_at__gt=real, link_expires_at__lt=old.since + INVITED_FOR)
    return _some(await lasting.count(), "link for a password works", "links for passwords work", "by it")


async def of_recovery_codes(old: Old, real: datetime) -> list[str]:
    codes = RecoveryCode.filter(key_fingerprint=old.fingerprint, used_at=None)
    accounts = set(await codes.values_list("staff_id", flat=True))
    return _some(len(accounts), "account has", "accounts have", "recovery codes of it: their owners make new ones")


async def of_sessions(old: Old, real: datetime) -> list[str]:
    """What pages hold sealed, and an app that is being set up."""
    signed_in = await Session.filter(created_at__lt=old.since, expires_at__gt=real).count()
    return _some(signed_in, "sign-in is", "sign-ins are", "from before: they end by themselves within twelve hours")


async def of_emails(old: Old, real: datetime) -> list[str]:
    sent = await Message.filter(done_at__gt=real - COMES_BACK, done_at__lt=old.since).count()
    return _some(sent, "email of", "emails of", f"the last {COMES_BACK.days} days may come back, marked with it")


async def of_the_audit_log(old: Old, real: datetime) -> list[str]:
    entries = await AuditEntry.filter(at__lt=old.since).count()
    until = clock.day_words(old.since + KEPT_FOR)
    return _some(entries, "entry of the audit log is", "entries of the audit log are", f"proved by it, until {until}")


OWN: list[Need] = [of_values, of_tickets, of_staff_links, of_recovery_codes, of_sessions, of_emails, of_the_audit_log]
OTHERS: list[Need] = []  # of whoever else uses the key; the server's composition names them


def of_backups(folder: Path | None, since: datetime) -> list[str]:
    """Those that were made before, in the folder of the settings. Of copies elsewhere we know nothing."""
    before = [backup for backup in backup_folder.all_in(folder) if backup.taken_at < since] if folder else []
    if not before:
        return []
    until = clock.day_words(before[-1].taken_at + backup_folder.KEPT)
    return _some(len(before), "backup opens", "backups open", f"with it; the last is deleted on {until}")


async def of_key(old: Old, folder: Path | None, real: datetime) -> list[str]:
    needs = [await need(old, real) for need in [*OWN, *OTHERS]]
    return [sentence for sentences in [*needs, of_backups(folder, old.since)] for sentence in sentences]


def _some(number: int, singular: str, plural: str, rest: str) -> list[str]:
    return [f"{number} {singular if number == 1 else plural} {rest}."] if number else []
