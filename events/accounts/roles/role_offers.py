"""Offers of a role to somebody who has an account already: nothing comes of one before its owner accepts it.

An offer stands in the audit log alone, as the newest of these entries about this person and event. Whoever has only the
database can write none.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from tortoise.queryset import QuerySet

from events.accounts.password_links import inviter_words, role_words
from events.accounts.staff import Role, RoleName, Staff
from events.audit import audit_seal
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event

LASTS = timedelta(days=14)
ANSWERS = (Action.ROLE_ACCEPTED, Action.ROLE_DECLINED, Action.ROLE_OFFER_TAKEN_BACK)
STEPS = (Action.ROLE_OFFERED, *ANSWERS, Action.ROLE_GIVEN, Action.ROLE_TAKEN)  # each but the first ends an offer


class RoleOffer(NamedTuple):
    id: int  # of its entry
    staff: Staff  # to whom
    event: Event
    name: RoleName
    by: Staff  # a lead of the event, still
    at: datetime

    @property
    def words(self) -> str:
        return role_words(Role(staff=self.staff, event=self.event, name=self.name))

    @property
    def by_words(self) -> str:
        return inviter_words(self.by)


async def to_staff(staff: Staff, at: datetime) -> list[RoleOffer]:
    """Those that this person can answer, the oldest first."""
    return await _standing(AuditEntry.filter(subject=staff.actor), at)


async def for_event(event: Event, at: datetime) -> list[RoleOffer]:
    return await _standing(AuditEntry.filter(event_id=event.id), at)


async def _standing(entries: QuerySet[AuditEntry], at: datetime) -> list[RoleOffer]:
    recent = await entries.filter(action__in=STEPS, at__gt=at - LASTS).order_by("id")
    newest = {(entry.subject, entry.event_id): entry for entry in recent}.values()
    offers = [await _offer_of(entry) for entry in newest if entry.action is Action.ROLE_OFFERED]
    return sorted([offer for offer in offers if offer is not None], key=lambda offer: offer.id)


async def _offer_of(entry: AuditEntry) -> RoleOffer | None:
    """None if Muster did not write it, an account is disabled, its lead leads the event no more, or there is a role by
    now."""
    staff, by = [await Staff.get_or_none(id=int(actor.partition(":")[2])) for actor in (entry.subject, entry.actor)]
    event = await Event.get_or_none(id=entry.event_id)
    if staff is None or by is None or event is None or not audit_seal.is_ours(entry):
        return None
    if by.disabled_at is not None or staff.disabled_at is not None:
        return None
    lead = await Role.get_or_none(staff=by, event=event, name=RoleName.LEAD)
    if lead is None or not lead.is_ours or await Role.exists(staff=staff, event=event):
        return None
    return RoleOffer(entry.id, staff, event, RoleName(entry.details["role"]), by, entry.at)
