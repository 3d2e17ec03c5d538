"""One email a person says in which workshops they are: after a draw, and after each change by anybody. Rules: EV-01."""

import asyncio
from datetime import timedelta

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.mail.outbox import Message
from events.programme import changing
from events.programme.changing import Times
from events.programme.programme import ProgrammeItem, ShownTo, Words
from registrations.booking import new_address, own_booking
from registrations.people.registration import Registration
from registrations.workshops import allocating, joining, workshop_emails
from registrations.workshops.workshop_emails import WORDS, WORKSHOPS, Why
from tests.events.programme.programmes import Filled, a_programme, a_workshop
from tests.mail_reading import folded, text_of, written
from tests.people import MONDAY
from tests.registrations.workshops.guests import a_guest, chooses

MINUTE = timedelta(minutes=1)
ROOM = "Room of safety planning"


async def draw(event: Event, filled: Filled, by: Staff) -> None:
    assert await allocating.allocate(event, filled.slot.id, False, by=by, at=MONDAY, real=clock.real())


async def drawn(event: Event, by: Staff, guests: int, capacity: int = 1) -> tuple[Filled, list[Registration]]:
    """So many guests, who all want the first workshop alone."""
    filled = await a_programme(event, by, capacity=capacity)
    wanting = [await chooses(await a_guest(event), filled.slot, filled.first.id) for _ in range(guests)]
    await draw(event, filled, by)
    return filled, wanting


async def queued() -> list[tuple[int, str]]:
    """Whom emails about workshops go to, and why."""
    return [(row.subject_id, row.cause.split()[0]) for row in await Message.filter(template=WORKSHOPS).order_by("id")]


async def words_to(guest: Registration) -> str:
    """Of the newest email to them; nothing where it is not sent."""
    newest = await Message.filter(template=WORKSHOPS, subject_id=guest.id).order_by("-id").first()
    assert newest is not None
    email = await written(workshop_emails.workshops_email, newest)
    return folded(text_of(email)) if email else ""


async def test_after_a_draw_each_who_chose_is_told_what_they_have(event: Event, omar: Staff) -> None:
    await a_guest(event)  # has chosen nothing, so was in no draw
    _, wanting = await drawn(event, omar, 3)
    assert await queued() == [(guest.id, "drawn") for guest in wanting]
    told = [await words_to(guest) for guest in wanting]
    assert all(WORDS[Why.DRAWN] in words for words in told)
    assert sorted("10:00 to 11:00 Safety planning" in words for words in told) == [False, False, True]
    assert sum(workshop_emails.SOME_LEFT in words for words in told) == 2


async def test_who_has_none_is_told_when_nothing_is_left(event: Event, omar: Staff) -> None:
    filled, wanting = await drawn(event, omar, 2)
    other = await a_guest(event)
    await joining.join(other, filled.slot.id, filled.second.id, MONDAY, clock.real())
    told = [await words_to(guest) for guest in wanting]
    assert sum(workshop_emails.NONE_LEFT in words for words in told) == 1


async def test_draws_and_moves_within_ten_minutes_are_one_email(event: Event, omar: Staff) -> None:
    filled, [guest] = await drawn(event, omar, 1)
    later = await changing.add_slot(event, Times(780, 840), by=omar, at=MONDAY)
    workshop = await a_workshop(event, later, "Evidence", 5, omar)
    await chooses(guest, later, workshop.id)
    assert await allocating.allocate(event, later.id, False, by=omar, at=MONDAY, real=clock.real())
    await joining.move(guest, filled.slot.id, filled.second.id, omar, MONDAY, clock.real())
    assert await queued() == [(guest.id, "drawn,moved")]
    words = await words_to(guest)
    assert "10:00 to 11:00 Working with the police 13:00 to 14:00 Evidence" in words
    assert f"{WORDS[Why.DRAWN]} {WORDS[Why.MOVED]}" in words


async def test_a_change_after_ten_minutes_is_an_email_of_its_own(event: Event, omar: Staff) -> None:
    filled, [guest] = await drawn(event, omar, 1)
    await joining.join(guest, filled.slot.id, filled.second.id, MONDAY, clock.real() + 11 * MINUTE)
    assert await queued() == [(guest.id, "drawn"), (guest.id, "changed")]
    assert "10:00 to 11:00 Working with the police" in await words_to(guest)


async def test_who_stays_where_they_are_is_told_nothing(event: Event, omar: Staff) -> None:
    filled, [guest] = await drawn(event, omar, 1)
    await Message.all().delete()
    await joining.join(guest, filled.slot.id, filled.first.id, MONDAY, clock.real())
    await joining.move(await a_guest(event), filled.slot.id, None, omar, MONDAY, clock.real())
    assert await queued() == []
    await joining.move(guest, filled.slot.id, None, omar, MONDAY, clock.real())
    assert await queued() == [(guest.id, "moved")], "the control"


async def test_a_workshop_that_is_taken_out_is_told_to_who_was_in_it_alone(event: Event, omar: Staff) -> None:
    filled, [guest] = await drawn(event, omar, 1)
    other = await a_guest(event)
    await joining.join(other, filled.slot.id, filled.second.id, MONDAY, clock.real())
    await Message.all().delete()
    filled.first.event = event
    await changing.take_out(filled.first, by=omar, at=MONDAY, real=clock.real())
    assert await queued() == [(guest.id, "cancelled")]
    words = await words_to(guest)
    assert WORDS[Why.CANCELLED] in words
    assert workshop_emails.NONE_LEFT in words
    assert "Safety planning" not in words


async def test_before_the_draw_a_workshop_that_goes_is_told_to_who_has_chosen_it(event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar)
    first = await chooses(await a_guest(event), filled.slot, filled.first.id)
    second = await chooses(await a_guest(event), filled.slot, filled.second.id, filled.first.id)
    await chooses(await a_guest(event), filled.slot, filled.second.id)
    filled.first.event = event
    await changing.take_out(filled.first, by=omar, at=MONDAY, real=clock.real())
    assert await queued() == [(first.id, "cancelled"), (second.id, "cancelled")]
    assert workshop_emails.TO_CHOOSE in await words_to(first)
    assert "Not given out yet. First choice: Working with the police. Second choice: none" in await words_to(second)


async def test_a_room_stands_in_it_once_the_venue_is_released(event: Event, omar: Staff) -> None:
    _, [guest] = await drawn(event, omar, 1)
    assert ROOM not in await words_to(guest)
    await Event.filter(id=event.id).update(venue_released_at=MONDAY)
    assert f"Safety planning Room: {ROOM}" in await words_to(guest)
    await Registration.filter(id=guest.id).update(state="rechecking")
    words = await words_to(guest)
    assert ("Safety planning" in words, ROOM in words) == (True, False), "whoever is looked at again reads no room"


async def test_nothing_goes_to_who_gave_up_or_while_guests_see_no_programme(event: Event, omar: Staff) -> None:
    _, [guest] = await drawn(event, omar, 1)
    await changing.show_to(event, ShownTo.NOBODY, by=omar, at=MONDAY)
    assert await words_to(guest) == ""
    await changing.show_to(event, ShownTo.GUESTS, by=omar, at=MONDAY)
    assert await words_to(guest) != "", "the control"
    await own_booking.give_up(await Registration.get(id=guest.id), MONDAY)
    assert await words_to(guest) == ""


async def test_by_night_a_draw_waits_for_the_morning(event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar)
    await chooses(await a_guest(event), filled.slot, filled.first.id)
    real, night = clock.real(), clock.at_venue(MONDAY.date(), 23, 0)
    assert await allocating.allocate(event, filled.slot.id, False, by=omar, at=night, real=real)
    assert (await Message.get(template=WORKSHOPS)).next_try_at == real + timedelta(hours=9)


async def test_before_a_booking_may_go_elsewhere_a_change_is_told_at_once(event: Event, omar: Staff) -> None:
    filled, [guest] = await drawn(event, omar, 1)
    await Message.all().delete()
    real = clock.real()
    await joining.join(guest, filled.slot.id, filled.second.id, MONDAY, real)
    assert (await Message.get(template=WORKSHOPS)).next_try_at > real, "the control"
    await new_address.ask(await Registration.get(id=guest.id), "eve@elsewhere.example.org", "", MONDAY, real)
    assert (await Message.get(template=WORKSHOPS)).next_try_at <= real


async def test_of_several_changes_at_once_none_is_told_twice(event: Event, omar: Staff) -> None:
    filled, [guest] = await drawn(event, omar, 1)
    await Message.all().delete()
    both = [filled.second.id, filled.first.id, None]
    moves = [joining.move(guest, filled.slot.id, workshop, omar, MONDAY, clock.real()) for workshop in both]
    await asyncio.gather(*moves)
    assert await queued() == [(guest.id, "moved")]


async def alters(event: Event, filled: Filled, by: Staff, words: Words) -> None:
    item = await ProgrammeItem.get(id=filled.first.id)
    item.event = event
    await changing.change_workshop(item, words, 5, item.version, by=by, at=MONDAY, real=clock.real())


async def test_another_title_room_or_time_is_told_to_who_is_in_it_alone(event: Event, omar: Staff) -> None:
    filled, [guest] = await drawn(event, omar, 1)
    other, companion = await a_guest(event), await a_guest(event)
    await joining.join(other, filled.slot.id, filled.second.id, MONDAY, clock.real())
    await Registration.filter(id=companion.id).update(comes_with_id=guest.id)
    stands, both = {"title": "Safety planning", "room": ROOM}, [(guest.id, "altered"), (companion.id, "altered")]
    for words, told in (
        (Words(**stands, text="Another text"), []),
        (Words(**stands | {"room": "Another"}), []),  # which nobody reads yet
        (Words(**stands | {"title": "Plans"}), both),
    ):
        await Message.all().delete()
        await alters(event, filled, omar, words)
        assert await queued() == told, words
    assert "10:00 to 11:00 Plans" in await words_to(companion)
    await Event.filter(id=event.id).update(venue_released_at=MONDAY)
    event = await Event.get(id=event.id)
    await Message.all().delete()
    await alters(event, filled, omar, Words("Plans", room="A third"))
    assert await queued() == both
    stands_now = "This is how things stand now: 10:00 to 11:00 Plans Room: A third"
    assert f"{WORDS[Why.ALTERED]} {stands_now}" in await words_to(guest)
    await Message.all().delete()
    for minutes in (605, 605):
        await changing.change_slot(event, filled.slot.id, Times(minutes, 655), by=omar, at=MONDAY, real=clock.real())
    assert await queued() == [*both[:1], (other.id, "altered"), *both[1:]]


async def test_after_a_draw_companions_hear_where_they_are(event: Event, omar: Staff) -> None:
    """Once: also where they were in the draw themselves."""
    filled = await a_programme(event, omar, capacity=5)
    guest = await chooses(await a_guest(event), filled.slot, filled.first.id)
    along, chose_too = await a_guest(event), await chooses(await a_guest(event), filled.slot, filled.second.id)
    await Registration.filter(id__in=[along.id, chose_too.id]).update(comes_with_id=guest.id)
    await draw(event, filled, omar)
    assert await queued() == [(guest.id, "drawn"), (chose_too.id, "drawn"), (along.id, "drawn-along")]
    assert f"{WORDS[Why.DRAWN_ALONG]} This is how things stand now: 10:00 to 11:00 Safety" in await words_to(along)


async def test_companions_hear_of_a_change_that_moves_them(event: Event, omar: Staff) -> None:
    filled, [guest] = await drawn(event, omar, 1)
    await ProgrammeItem.filter(id=filled.second.id).update(capacity=5)
    along, elsewhere = await a_guest(event), await a_guest(event)
    await Registration.filter(id__in=[along.id, elsewhere.id]).update(comes_with_id=guest.id)
    await joining.join(elsewhere, filled.slot.id, filled.second.id, MONDAY, clock.real())
    await Message.all().delete()
    await joining.join(guest, filled.slot.id, filled.second.id, MONDAY, clock.real())
    assert await queued() == [(guest.id, "changed"), (along.id, "along")]
    assert f"{WORDS[Why.ALONG]} This is how things stand now: 10:00 to 11:00 Working with" in await words_to(along)
    await Message.all().delete()
    await joining.move(guest, filled.slot.id, None, omar, MONDAY, clock.real())
    assert await queued() == [(guest.id, "moved"), (along.id, "along")]
    assert workshop_emails.SOME_LEFT in await words_to(along)
