"""Each lead is asked about their copies of a destroyed data key, and reminded every week until they have answered.

Rules: DP-07, EM-16.
"""

import asyncio
from datetime import date, datetime, timedelta
from email.message import EmailMessage

import pytest

from events.accounts.staff import Role, RoleName, Staff
from events.audit.action import Action
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from events.mail.outbox import Message, MessageState
from registrations.people.registration import Registration
from registrations.privacy import reminders
from registrations.privacy.retention import deleting, key_copies
from registrations.privacy.retention.key_copies import ALERT, answer
from registrations.privacy.retention.key_copy import Answer, KeyCopy
from registrations.privacy.retention.key_copy_emails import HEADINGS, WRITERS
from tests.mail_reading import assert_it_reads_well, folded, text_of, written
from tests.people import Person, a_member_of_staff, an_event, audit_of, confirmed, queued
from tests.registrations.privacy.retention.going import went

DAY = timedelta(days=1)


def on(days: int, hour: int = 0) -> datetime:
    """So many days after the key was destroyed, 90 days after the event."""
    return clock.at_venue(date(2019, 7, 14) + days * DAY, hour, 0)


async def asked() -> list[int]:
    """Who is written to, by emails that wait."""
    return [to for template, to in await queued() if template == ALERT]


async def sent() -> None:
    await Message.all().update(state=MessageState.SENT, done_at=on(0))


@pytest.fixture
async def destroyed(event: Event, lena: Staff, marcus: Staff, omar: Staff) -> Event:
    """The event's key is, and the leads of both hosts are asked; Omar, who organises, is not."""
    assert (await went("data_key", on(-1)), await asked()) == (0, []), "the control: a day before"
    await deleting.turn(on(0), clock.real())
    return await Event.get(id=event.id)


async def test_each_lead_of_each_host_is_written_to_when_the_key_is_destroyed(
    destroyed: Event, lena: Staff, marcus: Staff
) -> None:
    assert (destroyed.data_key, await asked()) == ("", [lena.id, marcus.id])
    await deleting.turn(on(0) + timedelta(minutes=5), clock.real())
    await reminders.turn(on(0, 9))
    assert await asked() == [lena.id, marcus.id], "once"


async def test_nobody_is_asked_while_something_is_still_named(
    event: Event, lena: Staff, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await confirmed(ada, event)
    assert (await went("data_key", on(0)), await asked()) == (0, [])
    await Registration.all().update(person_sealed=None)
    assert (await went("data_key", on(0)), await asked()) == (1, [lena.id]), "the control"


async def test_who_has_not_answered_is_reminded_each_week_at_nine(destroyed: Event, lena: Staff, marcus: Staff) -> None:
    await sent()
    found = {}
    for days, hour in ((6, 23), (7, 8), (7, 9), (8, 9), (13, 23), (14, 9)):
        await reminders.turn(on(days, hour))
        found[days, hour] = await asked()
        await sent()
        if (days, hour) == (7, 9):
            await answer(destroyed, Answer.DESTROYED, lena, on(7, 10))
    both = [lena.id, marcus.id]
    assert found == {(6, 23): [], (7, 8): [], (7, 9): both, (8, 9): [], (13, 23): [], (14, 9): [marcus.id]}
    copy = await KeyCopy.get(staff_id=marcus.id)
    assert [action for action, _, _ in await audit_of(copy)] == [Action.KEY_COPIES_REMINDED] * 2


async def test_of_reminders_that_a_server_missed_the_newest_comes_and_of_several_servers_one_sends_it(
    destroyed: Event, lena: Staff
) -> None:
    await Role.filter(name=RoleName.LEAD).exclude(staff_id=lena.id).delete()
    await sent()
    await asyncio.gather(*(reminders.turn(on(30, 9)) for _ in range(3)))
    assert (await asked(), (await KeyCopy.get(staff_id=lena.id)).reminded) == ([lena.id], 4)


async def test_who_leads_no_more_is_left_alone_and_who_leads_now_is_asked(
    destroyed: Event, lena: Staff, marcus: Staff
) -> None:
    await sent()
    await Role.filter(staff_id=marcus.id).delete()
    new = await a_member_of_staff("Nora Lead", "nora@hosts.example.org", destroyed, RoleName.LEAD)
    await reminders.turn(on(10, 9))
    assert sorted(await asked()) == [lena.id, new.id]
    assert sorted(await KeyCopy.all().values_list("staff_id", "reminded")) == [
        (lena.id, 1), (marcus.id, 0), (new.id, 0),
    ]  # fmt: skip


async def test_an_answer_is_an_entry_and_may_be_given_anew(destroyed: Event, lena: Staff) -> None:
    await answer(destroyed, Answer.NEVER_HAD_ONE, lena, on(1))
    await answer(destroyed, Answer.DESTROYED, lena, on(2))
    copy = await KeyCopy.get(staff_id=lena.id)
    assert (copy.answer, copy.answered_at) == (Answer.DESTROYED, on(2))
    assert await audit_of(copy) == [(Action.KEY_COPIES_ANSWERED, lena.actor, on(day)) for day in (1, 2)]


async def test_a_lead_may_answer_before_they_were_asked(destroyed: Event) -> None:
    new = await a_member_of_staff("Nora Lead", "nora@hosts.example.org", destroyed, RoleName.LEAD)
    await answer(destroyed, Answer.NEVER_HAD_ONE, new, on(1))
    await sent()
    await reminders.turn(on(10, 9))
    assert new.id not in await asked()


async def test_there_is_nothing_to_say_while_the_key_is_there(event: Event, lena: Staff) -> None:
    with pytest.raises(Refused, match="not destroyed yet"):
        await answer(event, Answer.DESTROYED, lena, on(-1))
    await reminders.turn(on(-1, 9))
    assert (await asked(), await KeyCopy.all().count()) == ([], 0)


async def test_an_event_that_never_had_a_key_and_one_that_is_put_off_ask_nobody(destroyed: Event, lena: Staff) -> None:
    await sent()
    await Event.filter(id=(await an_event()).id).update(data_key="")
    await Event.filter(id=destroyed.id).update(data_key="1" * 16, day=date(2020, 4, 20))
    assert (await key_copies.remind(on(30, 9)), await asked()) == (0, [])
    await deleting.turn(on(400), clock.real())
    assert lena.id in await asked(), "and once more when the new one is destroyed"


async def the_email(staff: Staff) -> EmailMessage:
    [message] = await Message.filter(template=ALERT, subject_id=staff.id, state=MessageState.QUEUED)
    email = await written(WRITERS[ALERT], message)
    assert email is not None
    return email


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_email_says_what_is_destroyed_and_what_to_do(destroyed: Event, lena: Staff) -> None:
    email = await the_email(lena)
    assert_it_reads_well(email)
    said = folded(text_of(email))
    assert email["Subject"] == HEADINGS[0]
    assert "You are a lead of the event on Monday 15 April 2019. We have deleted the names of its guests" in said
    assert f"The file is called {destroyed.slug}.key" in said
    assert 'Open Data protection, then "What is deleted, and when"' in said
    assert "We have already told you" not in said


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_reminder_says_that_it_is_one_and_is_not_sent_to_who_answers_meanwhile(
    destroyed: Event, lena: Staff
) -> None:
    await sent()
    await reminders.turn(on(7, 9))
    email = await the_email(lena)
    assert_it_reads_well(email)
    assert (email["Subject"], "We have already told you that" in text_of(email)) == (HEADINGS[1], True)
    [message] = await Message.filter(template=ALERT, subject_id=lena.id, state=MessageState.QUEUED)
    await answer(destroyed, Answer.DESTROYED, lena, on(8))
    assert await written(WRITERS[ALERT], message) is None
    await KeyCopy.all().update(answer=None)
    assert await written(WRITERS[ALERT], message) is not None, "the control"
    await Event.filter(id=destroyed.id).update(data_key="1" * 16)
    assert await written(WRITERS[ALERT], message) is None, "its new key is not to be destroyed"
    await Event.filter(id=destroyed.id).update(data_key="")
    await Role.filter(staff_id=lena.id).delete()
    assert await written(WRITERS[ALERT], message) is None
