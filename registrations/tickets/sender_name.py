"""The name of the guest in an email to somebody whom they name: only as an organiser approved it. Anybody may type any
words as their name, and we send none of those to others unread. Rules: DP-16.
"""

from events.audit.action import Action
from events.audit.audit import AuditEntry, about
from events.ground.database import find_rows, places
from events.mail import emails
from registrations.people.registration import KNOWS_OF_A_PLACE, Registration

DECIDED = {Action.APPROVED, Action.PUT_ON_WAITING_LIST, Action.OFFERED}
CHANGED = {Action.CHANGED_BOOKING, Action.CORRECTED}
ACTS = "SELECT * FROM audit_entry WHERE subject = ? AND action IN ({actions}) ORDER BY id DESC"


async def approved_name(registration: Registration) -> str:
    """The full name, harmless in an email, if an organiser wrote it, or decided on the request since its guest changed
    it last. Empty otherwise: an invitation approves people unread."""
    if registration.state not in KNOWS_OF_A_PLACE:
        return ""
    actions = sorted(DECIDED | CHANGED)
    acts = await find_rows(AuditEntry, ACTS.format(actions=places(len(actions))), [about(registration), *actions])
    newest = next((act for act in acts if _bears_on_the_name(act)), None)
    is_read = newest is not None and newest.actor.startswith("staff:")
    return emails.harmless(registration.full_name) if is_read else ""


def _bears_on_the_name(act: AuditEntry) -> bool:
    """A change says what it was of in words, or by fields. Who was approved unread is as if nobody had decided."""
    if act.action in CHANGED:
        return "name" in str(act.details.get("what", "")).split(", ") or "full_name" in act.details.get("fields", ())
    return act.actor.startswith("staff:")
