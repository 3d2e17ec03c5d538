"""The answers behind one link of an email that asks "did you ask for this place?": sealed, and confirmed by it alone.

Anybody who knows an address can ask in its name. Their answers stay behind the link of their own request, and the
reader of the address sees them before saying yes. Later requests do not change them.
"""

import json
from collections.abc import Mapping
from datetime import datetime

import structlog
from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock, data_keys, tokens
from events.ground.database import query, within_tx
from events.ground.keeping import Period
from events.ground.keyring.made import Left, Sealed, made
from events.ground.keys import CannotOpen
from events.ground.personal import Personal, declared_in, personal
from events.ground.settings import current

from .person import BASIS, UNCONFIRMED, Person
from .registration import Registration, State

log = structlog.get_logger()
UNREAD = Period(UNCONFIRMED.time, "after its link was sent, or once one is confirmed or cancelled")
LINK_LASTS = UNREAD.time  # DP-07: what nobody confirmed is gone by then
SEALED_AS = "answers of a link"
ANSWERED = [name for name in declared_in(Person) if name != "email"]
DETAILS = (*ANSWERED, "kind")  # the address is the row's own
INVITATION = "invitation"  # the code that was entered, if one was
ANSWERS = Personal(
    "what was answered behind one link, sealed, until somebody who reads the address says yes to it",
    BASIS,
    str(UNREAD),
)
PUBLIC_ID = Personal(
    "the public half of a link that asks whether they asked",
    BASIS,
    "as `registration.public_id`, and then gone with its row",
)


EVENT_OF_LINK = "(SELECT r.event_id FROM registration r WHERE r.id = link_answers.registration_id)"


END_ALL = """UPDATE link_answers SET answers_sealed = NULL, moved_at = ?
    WHERE registration_id = ? AND moved_at IS NULL RETURNING id"""


class LinkAnswers(Model):
    id = fields.IntField(primary_key=True)
    registration: fields.ForeignKeyRelation[Registration] = fields.ForeignKeyField(
        "registrations.Registration", related_name="links"
    )
    registration_id: int
    public_id = personal(fields.CharField(max_length=16), PUBLIC_ID)  # of the link
    answers_sealed = personal(fields.BinaryField(null=True), ANSWERS)  # None once one is confirmed, or this expired
    asked_at = fields.DatetimeField()  # the link lasts from then on
    said_no_at = fields.DatetimeField(null=True)  # set aside; a later yes takes it back
    moved_at = fields.DatetimeField(null=True)  # their request has another address since: this one is told no more
    held_for = fields.CharField(max_length=32, null=True)  # keyed hash of network and hour, where its email has to wait
    taken_by: fields.ForeignKeyNullableRelation[Staff] = fields.ForeignKeyField(
        "events.Staff", related_name="links_taken", on_delete=OnDelete.RESTRICT, null=True
    )
    taken_by_id: int | None  # the organiser who typed them for somebody who telephoned
    taken_at = fields.DatetimeField(null=True)  # and when; their link may have been sent again since
    from_list = fields.BooleanField(default=False, db_default=False)  # nobody telephoned: they stood on a list

    MADE = made(
        answers_sealed=Sealed(SEALED_AS, "{public_id}", event=EVENT_OF_LINK),
        held_for=Left("it is of one hour"),
    )

    class Meta:
        app, table = "registrations", "link_answers"

    @property
    def answers(self) -> dict[str, str]:
        """The answers by the names of DETAILS. Empty once they are gone, or do not open."""
        return {name: text for name, text in self._said().items() if name != INVITATION}

    @property
    def invitation(self) -> str:
        """The code that was entered with them, in normal form; '' without one."""
        return self._said().get(INVITATION, "")

    def _said(self) -> dict[str, str]:
        if self.answers_sealed is None:
            return {}
        try:
            opened = data_keys.open_sealed(SEALED_AS, self.public_id, self.answers_sealed)
        except CannotOpen:
            log.error("answers behind a link cannot be opened", row=f"link_answers:{self.id}")
            return {}
        return dict(json.loads(opened))

    @property
    def taken_words(self) -> str:
        """When an organiser took them by telephone: 09:00 on Monday 8 April 2019. Nothing if they were typed here."""
        return f"{clock.time_words(self.taken_at)} on {clock.day_words(self.taken_at)}" if self.taken_at else ""

    @property
    def link(self) -> str:
        """The address of its page, complete, for an email."""
        return f"{current().base_url}/confirm/{tokens.make(tokens.Purpose.CONFIRM, self.public_id, 0)}"

    def has_expired(self, at: datetime) -> bool:
        """Whether nobody confirmed in time, or it went to an address that they do not have any more. The registration
        has to be loaded."""
        if self.moved_at is not None:
            return True
        state = self.registration.state
        over = at - self.asked_at >= LINK_LASTS or not self.answers
        return state is State.EXPIRED or (state is State.REQUESTED and over)


@within_tx
async def end_all(registration: Registration, at: datetime) -> None:
    """Whoever reads the address that it had until now learns nothing more of the request."""
    await query(END_ALL, [at, registration.id])


def sealed(answers: Mapping[str, str], event: Event, link: str) -> bytes:
    """For the row of the link with this public id."""
    said = {name: answers[name] for name in DETAILS}
    said |= {INVITATION: code} if (code := answers.get(INVITATION)) else {}
    return data_keys.seal(event.data_key, SEALED_AS, link, json.dumps(said, ensure_ascii=False))
