"""A complaint about data protection: when it came, by when whoever made it hears from us, and what came of it."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from tortoise import fields
from tortoise.expressions import Q

from events.audit.action import Action
from events.ground import clock
from events.ground.keyring.made import Keyed, Sealed, made
from events.ground.personal import Personal, personal
from registrations.people.former_address import Came

from .case import KEPT, Acts, Case, said_in

NAME, EMAIL, ACCOUNT, FINDING = (f"complaint.{what}" for what in ("name", "email", "account", "finding"))  # sealed for
SAME_AS = "complaint"  # hashed for
REMINDED_AFTER = (14, 22, 29)  # days from receipt; the last is the last day (DP-09)
NINE = 9  # o'clock at the venue: reminders are no business of the night


class Outcome(StrEnum):
    UPHELD = "upheld"
    PARTLY_UPHELD = "partly upheld"
    NOT_UPHELD = "not upheld"
    NOT_OURS = "not about data protection"
    WITHDRAWN = "withdrawn by whoever made it"


BASIS = "legal obligation (section 164A of the Data Protection Act 2018)"
GIVEN = "your name, your email address and what you tell us, if you complain: to look into it and to answer you"


def _of(purpose: str, notice: str = GIVEN) -> Personal:
    return Personal(purpose, BASIS, KEPT, notice=notice)


def last_day(received: date) -> date:
    """The last day to acknowledge a complaint: 30 days, of which the day of receipt is the first (s.164A DPA 2018).

    Others count from the day after, and to the next working day: this is the earlier reading (DP-09).
    """
    return received + timedelta(days=29)


class Complaint(Case):
    reference = fields.CharField(max_length=12)  # what people quote: C-HK7-4QD; its texts are sealed for it
    name_sealed = personal(fields.BinaryField(), _of("who complains about data protection, sealed"))
    email_sealed = personal(fields.BinaryField(), _of("to acknowledge and to answer a complaint, sealed"))
    account_sealed = personal(fields.BinaryField(), _of("what a complaint is about, sealed"))
    same_as = fields.CharField(max_length=32)  # keyed hash of the three: sent twice, it is one
    received_at = fields.DatetimeField()
    acknowledged_at = fields.DatetimeField(null=True)  # by a person, where our email did not get there
    confirmed_at = fields.DatetimeField(null=True)  # when organisers noted that whoever reads the address sent it
    outcome = fields.CharEnumField(Outcome, description="from the closed list", max_length=40, null=True)
    finding_sealed = personal(fields.BinaryField(null=True), _of("what came of a complaint, sealed", notice=""))

    MADE = made(  # before NAME becomes another in this class
        name_sealed=Sealed(NAME, "{reference}"),
        email_sealed=Sealed(EMAIL, "{reference}"),
        account_sealed=Sealed(ACCOUNT, "{reference}"),
        finding_sealed=Sealed(FINDING, "{reference}"),
        same_as=Keyed(SAME_AS, lambda complaint: said_in(complaint.name, complaint.email, complaint.account)),
    )

    NAME, ALERT, DIGEST = "complaint", "complaint_alert", "complaint_digest"
    ACTS = Acts(
        read=Action.COMPLAINT_READ,
        reminded=Action.COMPLAINT_REMINDED,
        closed=Action.COMPLAINT_CLOSED,
        deleted=Action.COMPLAINT_DELETED,
    )
    COMPLETE = Q(outcome__not_isnull=True)
    NOT_COMPLETE = "A complaint is closed with its outcome. Note the outcome first."

    class Meta:
        app, table = "registrations", "complaint"

    @property
    def name(self) -> str | None:
        return self.opened(NAME, self.name_sealed, self.reference)

    @property
    def email(self) -> str | None:
        return self.opened(EMAIL, self.email_sealed, self.reference)

    @property
    def account(self) -> str | None:
        """What happened, as they wrote it."""
        return self.opened(ACCOUNT, self.account_sealed, self.reference)

    @property
    def finding(self) -> str | None:
        return self.opened(FINDING, self.finding_sealed, self.reference) if self.finding_sealed else ""

    @property
    def came(self) -> Came:
        return Came(self.received_at, self.received_at)

    @property
    def is_confirmed(self) -> bool:
        """Whether it is known to be from whoever reads its address: anybody may type one."""
        return self.confirmed_at is not None

    @property
    def due_at(self) -> datetime:
        """The last minute, at the venue, of the day by which they were told that they hear from us."""
        return clock.at_venue(last_day(clock.local(self.received_at).date()), 23, 59)

    @property
    def may_close(self) -> bool:
        return self.outcome is not None

    def is_overdue(self, at: datetime) -> bool:
        return self.closed_at is None and clock.local(at).date() > clock.local(self.due_at).date()

    def reminders_due(self, at: datetime) -> int:
        """Those of REMINDED_AFTER."""
        local = clock.local(at)
        days = (local.date() - clock.local(self.received_at).date()).days - (local.hour < NINE)
        return sum(days >= after for after in REMINDED_AFTER)
