"""Whoever can have a certificate gets one email of it after the release, and nobody else does.

Rules: EM-15, EV-09.
"""

import asyncio
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from registrations.certificates import ending, issuing, releasing, writing
from registrations.checkin import checkin
from registrations.people.registration import Registration
from registrations.phones.door import Device
from registrations.telling import certificate_news, timed_emails
from registrations.tickets.ticket import Ticket
from tests.at_the_door import scan_of
from tests.mail_reading import html_of, links_of
from tests.people import someone
from tests.professional import with_ticket
from tests.registrations.certificates.giving import HOURS, NEXT_DAY, WORDS, comes, o_clock, release, takes
from tests.registrations.telling.telling import email_to
from tests.registrations.telling.test_late_thanks import come_to_be_known

LATER = NEXT_DAY + timedelta(hours=10)


async def queued() -> list[int]:
    """The requests that an email of it was queued for, in that order."""
    return [message.subject_id for message in await Message.filter(template="certificate").order_by("id")]


async def is_told(person: Registration) -> bool:
    return person.id in await queued() and await email_to(person, "certificate") is not None


async def test_each_who_can_have_one_is_emailed_once_and_led_to_it(event: Event, sid: Device, omar: Staff) -> None:
    people = [await comes(event, sid) for _ in range(3)]
    absent = (await with_ticket(someone(), event))[0]
    too_late = await comes(event, sid, at=o_clock(17))
    await release(event, omar)
    for _ in range(3):
        await timed_emails.turn(LATER, clock.real())
    assert sorted(await queued()) == sorted(person.id for person in [*people, too_late])
    assert [await is_told(person) for person in [*people, absent, too_late]] == [True, True, True, False, False]
    email = await email_to(people[0], "certificate")
    assert email is not None
    [(link, _)] = links_of(html_of(email))
    assert "/manage/" in link
    assert link.endswith("/certificate")


async def test_nobody_is_emailed_whose_own_has_ended_or_who_has_taken_it(
    event: Event, sid: Device, omar: Staff
) -> None:
    ended, took, other = [await comes(event, sid) for _ in range(3)]
    await release(event, omar)
    await ending.end(ended, event, omar, NEXT_DAY)
    await takes(took, event)
    assert [await is_told(person) for person in (ended, took, other)] == [False, False, True]


async def test_a_guest_is_emailed_while_their_own_is_still_being_made(event: Event, sid: Device, omar: Staff) -> None:
    person, too_late = await comes(event, sid), await comes(event, sid, at=o_clock(17))
    await writing.write(event, WORDS, HOURS, 0, omar, NEXT_DAY)
    await releasing.release(event, 1, omar, NEXT_DAY, clock.real())
    assert [await is_told(guest) for guest in (person, too_late)] == [True, False]


async def test_they_wait_ten_minutes_and_none_goes_out_of_a_release_that_is_taken_back(
    event: Event, sid: Device, omar: Staff
) -> None:
    person = await comes(event, sid)
    before = clock.real()
    await release(event, omar, LATER)
    [first] = await Message.filter(template="certificate")
    assert first.next_try_at >= before + certificate_news.WAIT
    await releasing.take_back(event, omar, LATER)
    assert not await is_told(person)
    await releasing.release(event, 1, omar, LATER + timedelta(minutes=1), clock.real())
    assert await queued() == [person.id, person.id], "the first is dropped when its turn comes"
    assert await is_told(person)


async def test_who_is_typed_up_later_is_emailed_then_once_whichever_server_looks(
    event: Event, sid: Device, omar: Staff
) -> None:
    await comes(event, sid)
    await release(event, omar)
    await timed_emails.turn(NEXT_DAY, clock.real())
    late = await come_to_be_known(event, 2, LATER)
    clock.move_to(LATER)
    await asyncio.gather(*(certificate_news.turn(LATER, clock.real()) for _ in range(4)))
    await issuing.turn(LATER)
    assert (await queued())[1:] == late


@pytest.mark.parametrize("when", ["before", "after"])
async def test_none_goes_out_once_it_is_switched_off(event: Event, sid: Device, omar: Staff, when: str) -> None:
    person = await comes(event, sid)
    if when == "after":
        await release(event, omar)
        assert await is_told(person), "the control"
    await Event.filter(id=event.id).update(emails_off=["certificate"])
    if when == "before":
        await release(await Event.get(id=event.id), omar)
    await come_to_be_known(event, 1, LATER)
    await certificate_news.turn(LATER, clock.real())
    assert len(await queued()) == (when == "after")
    assert not await is_told(person)


@pytest.mark.parametrize("how", ["typed up", "other hours"])
async def test_who_had_come_to_none_of_it_is_emailed_once_it_is_known_that_they_did(
    event: Event, sid: Device, omar: Staff, how: str
) -> None:
    """Their email was dropped when its turn came: the door knew of them only when the programme was over."""
    person, other = await comes(event, sid, at=o_clock(17)), await comes(event, sid, at=o_clock(17))
    ended = await comes(event, sid)
    await release(event, omar)
    await ending.end(ended, event, omar, NEXT_DAY)
    clock.move_to(LATER)
    messages = {message.subject_id: message for message in await Message.filter(template="certificate")}
    for message in messages.values():
        assert await email_to(await Registration.get(id=message.subject_id), "certificate") is None
        await outbox.done(message, MessageState.DROPPED, LATER)
    await certificate_news.turn(LATER, clock.real())
    assert await waiting() == [], "the control: nothing is known anew"
    if how == "typed up":
        ticket = await Ticket.get(registration_id=person.id)
        held = (await scan_of(ticket, age=(LATER - o_clock(10)).total_seconds()))._replace(offline=True, shown="ok")
        await checkin.settle([held], sid._replace(live=True, longest_age=1e9, at_desk=True), LATER)
    else:
        await writing.write(event, WORDS, HOURS._replace(ends=18 * 60), 1, omar, LATER)
    for _ in range(2):
        await certificate_news.turn(LATER, clock.real())
    assert await waiting() == [person.id, *([] if how == "typed up" else [other.id])]
    assert await is_told(person)


async def waiting() -> list[int]:
    rows = await Message.filter(template="certificate", state=MessageState.QUEUED).order_by("id")
    return [message.subject_id for message in rows]
