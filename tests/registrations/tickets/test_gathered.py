"""What is changed of a booking within ten minutes is told in one email, which names all of it."""

import asyncio
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database, run_tx
from events.mail import outbox
from events.mail.outbox import Message
from registrations.booking import booking_emails, changing, new_address, own_booking, own_needs
from registrations.booking.changing import Change
from registrations.booking.handing import handing_over
from registrations.booking.needs_emails import ASKED
from registrations.deciding import vetting
from registrations.people.address_change import AddressChange
from registrations.people.choices import Switch
from registrations.people.needs import Adjustment, Diet
from registrations.people.registration import Registration
from registrations.tickets import gathered
from registrations.tickets.gathered import CHANGED
from registrations.workshops.workshop_emails import WORKSHOPS
from tests.mail_reading import text_of, written
from tests.people import MONDAY, Person
from tests.professional import with_ticket

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def guest(database: Database, event: Event, ada: Person) -> Registration:
    return (await with_ticket(ada, event))[0]


async def now(guest: Registration) -> Registration:
    return await Registration.get(id=guest.id)


async def told() -> list[str]:
    """Of each email the sentence that says what was changed."""
    messages = await Message.filter(template="booking_changed")
    emails = [email for row in messages if (email := await written(booking_emails.changed_email, row))]
    return [line for email in emails for line in text_of(email).splitlines() if "your booking page" in line]


async def test_all_that_is_changed_in_ten_minutes_is_one_email(guest: Registration) -> None:
    real = clock.real()
    await own_needs.switch(guest, [Switch.FIRST_NAME], MONDAY, real)
    await changing.change(await now(guest), Change.ROLE, "Advocate", MONDAY, real + 3 * MINUTE)
    await changing.change(await now(guest), Change.NAME, "Ada A", MONDAY, real + 6 * MINUTE)
    await changing.change(await now(guest), Change.ROLE, "Officer", MONDAY, real + 9 * MINUTE)
    [message] = await Message.filter(template="booking_changed")
    assert message.next_try_at == real + 10 * MINUTE
    said = "Somebody used your booking page to change an answer for the day, the role and the name."
    assert await told() == [said]


async def test_a_first_answer_alarms_nobody(guest: Registration) -> None:
    real = clock.real()
    await own_needs.tell_diet(guest, [Diet.VEGAN], "", MONDAY, real)
    await own_needs.switch(await now(guest), [Switch.FIRST_NAME], MONDAY, real)
    await own_needs.agree_to_photos(await now(guest), MONDAY, real)
    [message] = await Message.filter(template=CHANGED)
    email = await written(booking_emails.changed_email, message)
    assert email is not None
    assert "We have your answers" in text_of(email)
    assert "somebody else" not in text_of(email)


async def test_an_answer_that_takes_the_place_of_another_is_told_of_as_a_change(guest: Registration) -> None:
    real = clock.real()
    await own_needs.tell_diet(guest, [Diet.VEGAN], "", MONDAY, real)
    await own_needs.tell_diet(await now(guest), [], "", MONDAY, real)
    await own_booking.decline_photos(await now(guest), MONDAY, real + 11 * MINUTE)
    await own_needs.agree_to_photos(await now(guest), MONDAY, real + 22 * MINUTE)
    await own_needs.switch(await now(guest), [Switch.NO_PHOTOS], MONDAY, real + 33 * MINUTE)
    emails = await Message.filter(template=CHANGED).order_by("id")
    parts = [",".join(gathered.parts_of(email)) for email in emails]
    assert parts == ["answered,choice", "answered", "choice", "choice"]


async def test_what_is_changed_later_is_told_anew(guest: Registration) -> None:
    real = clock.real()
    await own_needs.switch(guest, [Switch.FIRST_NAME], MONDAY, real)
    await own_needs.switch(await now(guest), [], MONDAY, real + 10 * MINUTE)
    assert await Message.filter(template="booking_changed").count() == 2


async def test_an_email_that_is_being_sent_says_no_more_than_it_did(guest: Registration) -> None:
    real = clock.real()
    await own_needs.switch(guest, [Switch.FIRST_NAME], MONDAY, real - 11 * MINUTE)
    assert len(await outbox.claim(real)) == 1
    await changing.change(await now(guest), Change.ROLE, "Advocate", MONDAY, real)
    assert [message.cause.split()[0] for message in await Message.all().order_by("id")] == ["answered", "role"]


async def test_no_mailer_takes_an_email_while_somebody_adds_to_it(guest: Registration) -> None:
    """It would say what was true before, and nobody would be told of the change."""
    real, added, may_end = clock.real(), asyncio.Event(), asyncio.Event()

    @run_tx
    async def add_again() -> None:
        await gathered.put("booking_changed", guest, "name", MONDAY, real)
        added.set()
        await may_end.wait()

    await run_tx(gathered.put)("booking_changed", guest, "name", MONDAY, real)
    adding = asyncio.ensure_future(add_again())
    await added.wait()
    claiming = asyncio.create_task(outbox.claim(real + 11 * MINUTE))
    await asyncio.sleep(0.1)
    assert not claiming.done() or claiming.result() == []
    may_end.set()
    await adding
    assert len(await claiming or await outbox.claim(real + 11 * MINUTE)) == 1


async def test_of_several_at_once_none_is_lost(guest: Registration) -> None:
    real = clock.real()
    await asyncio.gather(
        own_needs.switch(guest, [Switch.NO_LISTS], MONDAY, real),
        own_needs.agree_to_photos(guest, MONDAY, real),
        own_needs.tell_diet(guest, [Diet.VEGAN], "", MONDAY, real),
    )
    assert await Message.filter(template="booking_changed").count() == 1


async def test_telling_the_same_once_more_sends_nothing(guest: Registration) -> None:
    real = clock.real()
    for _ in range(2):
        await own_needs.tell_adjustments(await now(guest), [Adjustment.BSL], "", MONDAY, real)
        real += 11 * MINUTE
    assert await Message.filter(template="needs_asked").count() == 1


async def test_all_that_can_be_changed_is_in_one_email(guest: Registration) -> None:
    """Its cause has room for every part: PostgreSQL refuses a longer one."""
    real = clock.real()
    for part in booking_emails.KINDS:
        await run_tx(gathered.put)("booking_changed", guest, part, MONDAY, real)
    [message] = await Message.filter(template="booking_changed")
    assert gathered.parts_of(message) == [*booking_emails.KINDS]


async def dues(real: datetime) -> list[bool]:
    """Of each email that tells of changes whether it goes out at once."""
    return [row.next_try_at <= real for row in await Message.filter(template="booking_changed").order_by("id")]


async def test_before_a_booking_may_go_elsewhere_its_address_is_told_at_once(guest: Registration) -> None:
    """Or whoever got hold of a link would change a name, have the booking written to their own address, and be told of
    it themselves."""
    real = clock.real()
    await changing.change(await now(guest), Change.NAME, "Eve", MONDAY, real)
    assert await dues(real) == [False], "the control"
    await new_address.ask(await now(guest), "eve@elsewhere.example.org", "", MONDAY, real)
    assert await dues(real) == [True]
    await changing.change(await now(guest), Change.ROLE, "Officer", MONDAY, real)
    assert await dues(real) == [True, True], "nor does any wait while that is asked"


async def test_before_a_place_may_go_to_a_colleague_its_guest_is_told_at_once(guest: Registration) -> None:
    real = clock.real()
    await changing.change(await now(guest), Change.NAME, "Eve", MONDAY, real)
    await handing_over.ask(await now(guest), "eve@elsewhere.example.org", "", MONDAY, real)
    await changing.change(await now(guest), Change.ROLE, "Officer", MONDAY, real)
    assert await dues(real) == [True, True]


async def test_what_a_guest_changes_by_night_waits_for_no_morning(guest: Registration) -> None:
    """A draw by night waits until eight, and whatever a guest does meanwhile is said in that email, but not then."""
    real, late = clock.real(), clock.at_venue(MONDAY.date(), 23, 0)
    for by_organisers in (guest.id, guest.id + 1):
        await run_tx(gathered.put_for_all)("workshops", guest.event_id, [by_organisers], "drawn", late, real)
    await run_tx(gathered.put)("workshops", guest, "changed", late, real + MINUTE)
    await run_tx(gathered.put_for_all)("workshops", guest.event_id, [guest.id], "moved", late, real + 2 * MINUTE)
    mine, other = await Message.filter(template="workshops").order_by("subject_id")
    assert (gathered.parts_of(mine), mine.next_try_at) == (["drawn", "changed", "moved"], real + 11 * MINUTE)
    assert other.next_try_at == real + timedelta(hours=9), "the control"


async def test_what_waits_for_the_morning_is_told_before_a_booking_may_go(guest: Registration) -> None:
    real, late = clock.real(), clock.at_venue(MONDAY.date(), 23, 0)
    await new_address.ask(await now(guest), "eve@elsewhere.example.org", "", MONDAY, real)
    await run_tx(gathered.put_for_all)("workshops", guest.event_id, [guest.id], "changed", late, real)
    assert (await Message.get(template="workshops")).next_try_at > real, "the control"
    await run_tx(gathered.put)("workshops", guest, "changed", late, real)
    assert (await Message.get(template="workshops")).next_try_at <= real


async def test_what_waits_as_the_booking_goes_to_another_address_goes_to_nobody(
    guest: Registration, omar: Staff
) -> None:
    real = clock.real()
    await own_needs.switch(guest, [Switch.FIRST_NAME], MONDAY, real)
    await new_address.ask(await now(guest), "eve@elsewhere.example.org", "", MONDAY, real)
    change = await AddressChange.get().select_related("registration")
    assert await new_address.confirm(change, MONDAY)
    await run_tx(gathered.put_for_all)("workshops", guest.event_id, [guest.id], "moved", MONDAY, real)
    assert await states("booking_changed", "workshops") == {"queued"}, "the control"
    await vetting.approve(await now(guest), omar, MONDAY)
    assert await states("booking_changed", "workshops") == {"dropped"}
    assert await states("ticket") >= {"queued"}


async def states(*templates: str) -> set[str]:
    return {row.state.value for row in await Message.filter(template__in=templates)}


def test_each_email_that_is_gathered_is_sent_first() -> None:
    """As the source has them: whatever `gathered.put` and its like are called with."""
    calls = [
        re.findall(r"gathered\.put(?:_for_all)?\((\w+)", path.read_text(encoding="utf-8"))
        for path in Path("registrations").rglob("*.py")
    ]
    assert {name for names in calls for name in names} == {"CHANGED", "ASKED", "WORKSHOPS"}
    assert {CHANGED, ASKED, WORKSHOPS} == gathered.SENT_FIRST
