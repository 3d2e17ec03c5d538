"""A row of an email goes once its cause cannot come again, and no sooner: it is what keeps an email from going twice.

Rules: DP-07.
"""

from datetime import date, datetime, timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import run_tx
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from registrations.privacy.cases import casework, complaints
from registrations.privacy.cases.complaint import Complaint, Outcome
from registrations.privacy.cases.complaint_emails import acknowledgements
from tests.people import MONDAY, THE_DAY, an_event
from tests.registrations.privacy.cases.complaining import a_complaint
from tests.registrations.privacy.retention.going import long_after, went

DAY = timedelta(days=1)
DONE = [MessageState.SENT, MessageState.FAILED, MessageState.DROPPED, MessageState.TELEPHONED]
put = run_tx(outbox.put)


async def an_email(
    event: Event | None, cause: str, state: MessageState = MessageState.SENT, at: datetime = MONDAY
) -> None:
    await put("received", 7, cause=cause, at=at, event_id=event.id if event else None)
    row = await Message.get(cause=cause)
    await Message.filter(id=row.id).update(state=state, done_at=None if state is MessageState.QUEUED else at)


async def causes() -> list[str]:
    return [row.cause for row in await Message.all().order_by("id")]


@pytest.mark.parametrize("state", DONE)
async def test_thirty_days_after_the_event_and_after_it_was_done(event: Event, state: MessageState) -> None:
    await an_email(event, "before", state)
    await an_email(event, "after", state, THE_DAY + 5 * DAY)
    assert await went("emails", long_after(29)) == 0
    assert (await went("emails", long_after(30)), await causes()) == (1, ["after"])
    assert await went("emails", THE_DAY + 35 * DAY - timedelta(minutes=1)) == 0
    assert await went("emails", THE_DAY + 35 * DAY) == 1


async def test_of_no_event_thirty_days_after_it_was_done(event: Event) -> None:
    await an_email(None, "invited")
    await Event.filter(id=event.id).update(day=date(2021, 1, 1))
    assert await went("emails", MONDAY + 30 * DAY - timedelta(minutes=1)) == 0
    assert await went("emails", MONDAY + 30 * DAY) == 1


async def test_what_waits_to_be_sent_stays_however_old_it_is(event: Event) -> None:
    for of, cause in ((event, "asked"), (None, "invited")):
        await an_email(of, cause, MessageState.QUEUED)
    assert (await went("emails", long_after(1000)), len(await causes())) == (0, 2)


async def test_until_then_the_same_cause_sends_nothing_again(event: Event) -> None:
    assert await put("received", 1, cause="asked", at=MONDAY, event_id=event.id)
    await Message.all().update(state=MessageState.SENT, done_at=MONDAY)
    await went("emails", long_after(29))
    assert not await put("received", 1, cause="asked", at=MONDAY, event_id=event.id)
    await went("emails", long_after(30))
    assert await put("received", 1, cause="asked", at=MONDAY, event_id=event.id), "the control: the row was the guard"


async def test_an_event_that_was_put_off_keeps_its_emails_until_after_its_new_day(event: Event) -> None:
    await an_email(event, "asked")
    await Event.filter(id=event.id).update(day=date(2020, 4, 20))
    assert await went("emails", long_after(200)) == 0
    other = await an_event()
    await an_email(other, "elsewhere")
    assert (await went("emails", long_after(200)), await causes()) == (1, ["asked"])


async def test_that_a_complaint_was_acknowledged_is_known_as_long_as_the_complaint(event: Event, omar: Staff) -> None:
    made = await a_complaint(event)
    await Message.filter(template=complaints.RECEIVED).update(state=MessageState.SENT, done_at=MONDAY)
    said = (await acknowledgements([made]))[made.id]
    assert await went("emails", long_after(300)) == 0
    assert (await acknowledgements([made]))[made.id] == said
    await complaints.note_outcome(made, Outcome.UPHELD, "It was so.", 0, omar, MONDAY)
    await casework.close(await Complaint.get(id=made.id), 1, omar, MONDAY)
    assert await went("complaints", MONDAY + 365 * DAY) == 1
    assert await went("emails", MONDAY + 365 * DAY) == 1
