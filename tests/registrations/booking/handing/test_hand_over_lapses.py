"""The colleague does not answer in time: the guest hears that they keep the place, and the booking page says so.

Rules: SG-07, EM-15.
"""

from datetime import timedelta

import pytest

from events.audit.action import Action
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.tokens import Purpose
from events.mail.outbox import EPOCH, Message
from registrations.booking import own_booking
from registrations.booking.handing import handing_over
from registrations.people.hand_over import LINK_LASTS
from registrations.people.registration import Registration
from registrations.privacy.retention import deleting
from tests.browser import browsing, words
from tests.people import MONDAY, Person, audit_of, queued, someone
from tests.professional import path_to, with_ticket
from tests.registrations.booking.colleagues.naming_them import names
from tests.registrations.booking.handing.handing import anew, asks, newest, told_of

SAID = "We asked a colleague whether they want your place. They did not answer in time, so you keep it."
IN_TIME = MONDAY + LINK_LASTS - timedelta(minutes=1)
TOO_LATE = MONDAY + LINK_LASTS


async def guest_of(event: Event) -> Registration:
    return (await with_ticket(someone(), event))[0]


async def told() -> list[int]:
    return [subject for template, subject in await queued() if template == "not_answered"]


async def test_once_the_time_is_over_the_guest_is_told_once(event: Event) -> None:
    giver = await guest_of(event)
    await asks(giver)
    await deleting.turn(IN_TIME, clock.real())
    assert (await told(), (await newest(giver)).has_lapsed(IN_TIME)) == ([], False)
    for _ in range(2):
        await deleting.turn(TOO_LATE, clock.real())
    hand_over = await newest(giver)
    assert (await told(), hand_over.address, hand_over.lapsed_at) == ([giver.id], "", TOO_LATE)
    assert (await Message.get(template="not_answered")).next_try_at == EPOCH
    assert (Action.HAND_OVER_LAPSED, "system", TOO_LATE) in await audit_of(giver)
    await asks(giver, "another@lanterns.example.org", at=TOO_LATE)
    assert not (await newest(giver)).has_lapsed(TOO_LATE), "a newer one is another"


async def test_by_night_it_waits_for_the_morning(event: Event) -> None:
    evening = MONDAY + timedelta(hours=13)
    await asks(await guest_of(event), at=evening)
    real = clock.real()
    await deleting.turn(evening + LINK_LASTS, real)
    assert (await Message.get(template="not_answered")).next_try_at == real + timedelta(hours=10)


async def test_whoever_answered_is_no_reason_to_write(event: Event, ada: Person, bo: Person) -> None:
    """Nor is a hand-over that was taken back, or ended with the place; nor a colleague who was named."""
    refused, taken, kept, ended, named = [await guest_of(event) for _ in range(5)]
    assert await handing_over.refuse(await asks(refused, "no@x.example.org"), MONDAY)
    assert await handing_over.take_up(await asks(taken, bo.email), told_of(bo), MONDAY)
    await asks(kept, "back@x.example.org")
    assert await handing_over.take_back(await anew(kept), MONDAY)
    await asks(ended, "ended@x.example.org")
    await own_booking.give_up(await anew(ended), MONDAY)
    await names(named)
    silent = await guest_of(event)
    await asks(silent, "silent@x.example.org")
    await deleting.turn(TOO_LATE, clock.real())
    assert await told() == [silent.id]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_booking_page_says_so(database: Database, event: Event) -> None:
    """Also in the minutes before the turn that tells them."""
    giver = await guest_of(event)
    await asks(giver)
    booking = path_to(giver, Purpose.MANAGE)
    async with browsing(database) as client:
        assert SAID not in words((await client.get(booking)).text)
        clock.move_to(TOO_LATE)
        assert SAID in words((await client.get(booking)).text)
        await deleting.turn(TOO_LATE, clock.real())
        shown = words((await client.get(booking)).text)
        assert (SAID in shown, "Hand my place over" in shown) == (True, True)
        await handing_over.ask(await anew(giver), "new@x.example.org", "", TOO_LATE, clock.real())
        assert SAID not in words((await client.get(booking)).text)
