"""An incident with personal data: what it was, since when we know, until when it is reported, and who decided what.

Rules: DP-10.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from tortoise import fields
from tortoise.expressions import Q

from events.audit.action import Action
from events.ground.keyring.made import Keyed, Sealed, made
from events.ground.personal import Personal, personal
from events.ground.wording import counted

from .case import KEPT, Acts, Case, said_in

DESCRIPTION, REASON = "incident.description", "incident.reason"  # sealed for
SAME_AS = "incident"  # hashed for
TO_REPORT = timedelta(hours=72)  # from when we became aware (Article 33 UK GDPR)
REMINDED_BEFORE = timedelta(hours=24)
OVER = "The 72 hours are over"


class IncidentKind(StrEnum):
    LOST_PHONE = "a phone was lost or stolen"
    WRONG_PERSON = "something went to the wrong person"
    SEEN = "somebody saw what they should not have seen"
    ACCOUNT = "somebody used another person's account"
    LOST = "information was lost or destroyed"
    CHANGED = "information was changed without permission"
    OUT_OF_REACH = "information could not be reached when it was needed"
    OTHER = "something else"


class ReportDecision(StrEnum):
    REPORT = "report it to the ICO"
    DO_NOT_REPORT = "do not report it to the ICO"


BASIS = "legal obligation (Article 33 of the UK GDPR)"


def as_written(kind: IncidentKind, description: str | None, aware_at: datetime) -> str | None:
    """By which it is known when it is sent twice. None if the description cannot be read."""
    return said_in(kind.value, description, str(aware_at.timestamp()))


class Incident(Case):
    public_id = fields.CharField(max_length=16)  # what its texts are sealed with
    kind = fields.CharEnumField(IncidentKind, description="from the closed list", max_length=60)
    description_sealed = personal(
        fields.BinaryField(), Personal("what happened in an incident, whom it may affect and how, sealed", BASIS, KEPT)
    )
    same_as = fields.CharField(max_length=32)  # keyed hash of kind, description and time: sent twice, it is one
    door_pass_id = fields.IntField(null=True)  # of the phone that was lost: it makes one incident
    aware_at = fields.DatetimeField()
    opened_at = fields.DatetimeField()
    decision = fields.CharEnumField(ReportDecision, description="from the closed list", max_length=40, null=True)
    reason_sealed = personal(
        fields.BinaryField(null=True), Personal("why an incident is reported or not, sealed", BASIS, KEPT)
    )
    decided_by = fields.CharField(max_length=40, default="")  # 'staff:3'
    decided_at = fields.DatetimeField(null=True)
    hosts_told = fields.BooleanField(default=False)  # somebody has said that every host knows

    NAME, ALERT = "incident", "incident_alert"
    ACTS = Acts(
        read=Action.INCIDENT_READ,
        reminded=Action.INCIDENT_REMINDED,
        closed=Action.INCIDENT_CLOSED,
        deleted=Action.INCIDENT_DELETED,
    )
    COMPLETE = Q(decision__not_isnull=True, reason_sealed__not_isnull=True, hosts_told=True)
    NOT_COMPLETE = "An incident is closed with a decision, its reason, and once every host knows of it. Decide first."

    MADE = made(
        description_sealed=Sealed(DESCRIPTION, "{public_id}"),
        reason_sealed=Sealed(REASON, "{public_id}"),
        same_as=Keyed(SAME_AS, lambda incident: as_written(incident.kind, incident.description, incident.aware_at)),
    )

    class Meta:
        app, table = "registrations", "incident"

    @property
    def title(self) -> str:
        return self.kind.value[:1].upper() + self.kind.value[1:]

    @property
    def description(self) -> str | None:
        return self.opened(DESCRIPTION, self.description_sealed, self.public_id)

    @property
    def reason(self) -> str | None:
        return self.opened(REASON, self.reason_sealed, self.public_id) if self.reason_sealed else ""

    @property
    def deadline(self) -> datetime:
        """Hours count, whatever the clocks do in the night between: 72 of them."""
        return self.aware_at + TO_REPORT

    @property
    def decision_words(self) -> str:
        return self.decision.value[:1].upper() + self.decision.value[1:] if self.decision else "None yet"

    @property
    def may_close(self) -> bool:
        return self.decision is not None and self.hosts_told

    def reminders_due(self, at: datetime) -> int:
        """One in the last day of the 72 hours, and one at once when they are over and nobody has decided."""
        return int(at >= self.deadline - REMINDED_BEFORE) + int(self.is_overdue(at))

    def is_overdue(self, at: datetime) -> bool:
        return self.closed_at is None and self.decision is None and at >= self.deadline

    def left(self, at: datetime) -> str:
        """'31 hours 5 minutes left', or that the time is over."""
        hours, minutes = divmod(int((self.deadline - at).total_seconds() // 60), 60)
        return (
            f"{counted(hours, 'hour', 'hours')} {counted(minutes, 'minute', 'minutes')} left"
            if at < self.deadline
            else OVER
        )
