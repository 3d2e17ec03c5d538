"""A rights request: what somebody asks of us about what we hold of them, when it came, and by when they are answered.

Rules: DP-08.
"""

from calendar import monthrange
from datetime import date, datetime, timedelta
from enum import StrEnum

from tortoise import fields
from tortoise.expressions import Q

from events.audit.action import Action
from events.ground import clock, tokens
from events.ground.keyring.made import Keyed, Sealed, made
from events.ground.personal import Personal, personal
from events.ground.settings import current
from registrations.people.former_address import Came
from registrations.privacy.cases.case import KEPT, WEEK, Acts, Case, said_in

EMAIL, ABOUT, NOTE = (f"rights request.{what}" for what in ("email", "about", "note"))  # sealed for
SAME_AS = "rights request"  # hashed for
FIRST_REMINDER, DAY = timedelta(days=14), timedelta(days=1)
NINE = 9  # o'clock at the venue: reminders are no business of the night


class Right(StrEnum):
    ACCESS = "access"
    CORRECTION = "correction"
    ERASURE = "erasure"

    @property
    def words(self) -> str:
        return WORDS[self]


WORDS = {
    Right.ACCESS: "a copy of what we hold",
    Right.CORRECTION: "a correction",
    Right.ERASURE: "erasure",
}


class Outcome(StrEnum):
    DONE = "done as they asked"
    PARTLY = "done in part"
    REFUSED = "refused"
    NOT_THEM = "we could not tell that it was them"
    WITHDRAWN = "withdrawn by whoever asked"
    ENDED = "ended, since everything was erased"  # never chosen


BASIS = "legal obligation (Articles 12 and 15 to 17 of the UK GDPR)"
GIVEN = "your email address and what you tell us, if you use your rights: to do what you ask and to show that we did"


def _of(purpose: str, notice: str = "") -> Personal:
    return Personal(purpose, BASIS, KEPT, notice=notice)


def last_day(received: date) -> date:
    """The last day to answer: the same day of the next month, or its last day where it has no such day (Article 12).

    Some go on to the next working day: this is the earlier reading.
    """
    year, month = received.year + received.month // 12, received.month % 12 + 1
    return date(year, month, min(received.day, monthrange(year, month)[1]))


class RightsRequest(Case):
    reference = fields.CharField(max_length=12)  # what people quote: R-HK7-4QD; its texts are sealed for it
    kind = fields.CharEnumField(Right, description="from the closed list", max_length=12)
    email_sealed = personal(fields.BinaryField(null=True), _of("whose rights are asked for, sealed", GIVEN))
    about_sealed = personal(fields.BinaryField(null=True), _of("what a rights request is about, sealed", GIVEN))
    same_as = fields.CharField(max_length=32)  # keyed hash of address, kind and text: sent twice, it is one
    by_link = fields.BooleanField()  # whoever asked holds the link that we sent to this address
    confirmed_at = fields.DatetimeField(null=True)  # when organisers noted that whoever reads the address asked
    received_at = fields.DatetimeField()
    taken_at = fields.DatetimeField()  # when it was written down here: later, if only the day is known on which it came
    came_at = fields.DatetimeField(null=True)  # when it came, as organisers said, where of the day alone it is nobody's
    outcome = fields.CharEnumField(Outcome, description="from the closed list", max_length=40, null=True)
    note_sealed = personal(fields.BinaryField(null=True), _of("what came of a rights request, sealed"))

    public_id = personal(fields.CharField(max_length=16), _of("the public half of the link to a copy"))
    generation = fields.IntField(default=0)  # of that link: a new one kills every older one
    copy_sent_at = fields.DatetimeField(null=True)  # when the link was last made
    copy_opened_at = fields.DatetimeField(null=True)  # from then on it is used up
    visit_hash = fields.CharField(max_length=64, default="")  # of the cookie by which the copy is looked at for a while

    NAME, ALERT = "request", "rights_alert"
    ACTS = Acts(
        read=Action.RIGHTS_READ,
        reminded=Action.RIGHTS_REMINDED,
        closed=Action.RIGHTS_CLOSED,
        deleted=Action.RIGHTS_DELETED,
    )
    COMPLETE = Q(outcome__not_isnull=True)
    NOT_COMPLETE = "A request is closed with what became of it. Note that first."

    MADE = made(
        email_sealed=Sealed(EMAIL, "{reference}"),
        about_sealed=Sealed(ABOUT, "{reference}"),
        note_sealed=Sealed(NOTE, "{reference}"),
        same_as=Keyed(SAME_AS, lambda request: said_in(request.email, request.kind.value, request.about)),
    )

    class Meta:
        app, table = "registrations", "rights_request"

    @property
    def email(self) -> str | None:
        """In its normal form. None if it was damaged."""
        return self._text(EMAIL, self.email_sealed)

    @property
    def about(self) -> str | None:
        """In their words, or in those of whoever took it; often nothing. None if it was damaged."""
        return self._text(ABOUT, self.about_sealed)

    @property
    def note(self) -> str | None:
        """What organisers noted when they closed it. None if it was damaged."""
        return self._text(NOTE, self.note_sealed)

    def _text(self, what: str, sealed: bytes | None) -> str | None:
        return self.opened(what, sealed, self.reference) if sealed else ""

    @property
    def came(self) -> Came:
        """At noon of an earlier day means at some time of that day, and before it was written down."""
        if self.came_at is not None:
            return Came(self.came_at, self.came_at)
        if self.received_at == self.taken_at:
            return Came(self.taken_at, self.taken_at)
        day = clock.local(self.received_at).date()
        return Came(clock.at_venue(day, 0, 0), min(clock.at_venue(day + DAY, 0, 0), self.taken_at))

    @property
    def is_confirmed(self) -> bool:
        """Whether it is known to be from whoever reads its address. Who has not asked for a copy is told not to open
        it."""
        return self.by_link or self.confirmed_at is not None or self.copy_opened_at is not None

    @property
    def copy_link(self) -> str:
        """The address of the page behind which the copy is, complete, for an email."""
        return f"{current().base_url}/copy/{tokens.make(tokens.Purpose.COPY, self.public_id, self.generation)}"

    @property
    def title(self) -> str:
        return self.kind.words[:1].upper() + self.kind.words[1:]

    @property
    def may_close(self) -> bool:
        return self.outcome is not None

    @property
    def may_correct(self) -> bool:
        return self.kind is Right.CORRECTION and self.closed_at is None

    @property
    def may_erase(self) -> bool:
        return self.kind is Right.ERASURE and self.closed_at is None and bool(self.email)

    @property
    def due_day(self) -> date:
        return last_day(clock.local(self.received_at).date())

    @property
    def due_at(self) -> datetime:
        """The last minute, at the venue, of the day by which they have to be answered."""
        return clock.at_venue(self.due_day, 23, 59)

    def is_overdue(self, at: datetime) -> bool:
        return self.closed_at is None and clock.local(at).date() > self.due_day

    def reminders_due(self, at: datetime) -> int:
        """After 14 days, a week before the last day, and on it."""
        local = clock.local(at)
        day = local.date() - DAY * (local.hour < NINE)
        first = clock.local(self.received_at).date() + FIRST_REMINDER
        return sum(day >= on for on in (first, self.due_day - WEEK, self.due_day))
