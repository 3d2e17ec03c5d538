"""Before a decision an organiser asks for more: a work address, or a manager's contact. No reason is written anywhere.

Rules: SG-03, SG-04. They enter a work address on the page of their request, or it is typed for them as a corrected one
(`booking/corrected_address.py`). A manager's contact comes as a reply or by telephone, and is kept nowhere here.
"""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.event import event_with
from events.ground import live, wording
from events.ground.database import after_commit, find_rows, query, run_tx
from events.ground.refusal import Refused
from events.ground.tokens import Purpose
from events.mail import outbox
from events.mail.emails import Writer
from events.mail.outbox import EPOCH
from registrations.people.registration import TO_DECIDE, Registration, State
from registrations.tickets import request_emails
from registrations.tickets.request_emails import request_email

from .decision import AlreadyDecided

AGAIN_AFTER = timedelta(days=1)
JUST_ASKED = "This person was asked for more less than a day ago, so nothing was sent. Telephone them."
NO_ADDRESS_NOW = (
    "While a change of theirs is decided on no other address can be entered, neither by them nor here, so nothing was "
    "sent. Ask for the contact of a manager, telephone them, or decide first."
)
MARK = """UPDATE registration SET more_asked_at = ?, more_asked_by_id = ?
    WHERE id = ? AND state = ? AND (more_asked_at IS NULL OR more_asked_at <= ?) RETURNING id"""
STILL = "SELECT * FROM registration WHERE id = ? AND state = ?"

NEWEST = """SELECT template FROM message m WHERE subject_id = ? AND template IN (?, ?) AND NOT EXISTS (
    SELECT 1 FROM ticket t WHERE t.registration_id = m.subject_id AND t.issued_at >= m.queued_at)
    ORDER BY m.id DESC LIMIT 1"""


class More(StrEnum):
    ADDRESS = "a work address"
    MANAGER = "a manager's contact"

    @property
    def template(self) -> str:
        return TEMPLATES[self]


TEMPLATES = {More.ADDRESS: "more_address", More.MANAGER: "more_manager"}
# A second look ends before another address is asked for: the page of whoever is looked at again takes none.
TO_BE_ASKED = {More.ADDRESS: TO_DECIDE - {State.RECHECKING}, More.MANAGER: TO_DECIDE}
WRITERS: dict[str, Writer] = {more.template: request_email(TO_BE_ASKED[more], manage=Purpose.MANAGE) for more in More}
request_emails.TEMPLATES |= set(WRITERS)


@run_tx
async def ask(registration: Registration, more: More, by: Staff, at: datetime, due: datetime = EPOCH) -> None:
    """Marks the request, which stays to be decided, and queues the email. Raises Refused if they were asked less than a
    day ago, whoever asked, the request has moved on, or their page takes no other address now.

    `due` is the machine's time before which the email is not sent.
    """
    if (await event_with(registration.event_id)).is_over(at):
        raise Refused(wording.IS_OVER)
    if registration.state not in TO_DECIDE:
        raise AlreadyDecided
    if registration.state not in TO_BE_ASKED[more]:
        raise Refused(NO_ADDRESS_NOW)
    if not await query(MARK, [at, by.id, registration.id, registration.state, at - AGAIN_AFTER]):
        still = await find_rows(Registration, STILL, [registration.id, registration.state])
        raise Refused(JUST_ASKED) if still else AlreadyDecided
    cause = f"{more.template} {secrets.token_hex(8)}"
    await outbox.put(more.template, registration.id, cause=cause, at=at, event_id=registration.event_id, due=due)
    await audit.record(Action.MORE_ASKED, registration, by=by, at=at, what=more.value)
    after_commit(live.publish, f"event:{registration.event_id}")


async def asked_for(registration: Registration) -> More | None:
    """What their own page reminds them of. None once they had a place since, or have confirmed another address.

    It does not tell who waits from who is undecided, and what they answered by email or telephone is not known.
    """
    asked_at, confirmed_at = registration.more_asked_at, registration.confirmed_at
    if asked_at is None or (confirmed_at and confirmed_at > asked_at):
        return None
    rows = await query(NEWEST, [registration.id, *WRITERS])
    more = {more.template: more for more in More}[rows[0]["template"]] if rows else None
    return more if more and registration.state in TO_BE_ASKED[more] | {State.WAITING} else None
