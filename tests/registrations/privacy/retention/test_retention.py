"""What nobody confirmed is gone by itself after three days, every name 90 days after the event; so are drafts."""

import asyncio
from datetime import date, timedelta

import pytest

from events.accounts import sign_in
from events.accounts.staff import Session, Staff
from events.address_signals import SignalKind
from events.audit.action import Action
from events.event import Event, EventState
from events.ground import clock, limits, wording
from events.ground.database import Database
from events.ground.limits import Attempt
from events.ground.refusal import Refused
from registrations.asking import confirming, drafting
from registrations.asking.draft import IDLE, Draft
from registrations.checkin.checkin import settle
from registrations.checkin.scan import Scan
from registrations.deciding import vetting
from registrations.deciding.similar_requests import signals
from registrations.people.link_answers import LINK_LASTS
from registrations.people.registration import RECOGNISED, Registration, State
from registrations.privacy.retention import deleting, past_events
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, scan_of
from tests.people import (
    MONDAY,
    THE_DAY,
    Person,
    a_door,
    a_phone,
    audit_of,
    confirmed,
    link_of,
    requested,
    someone,
    tell_anew,
)
from tests.professional import with_ticket
from tests.registrations.booking.telling_needs import tells_everything
from tests.registrations.privacy.retention.going import long_after, went
from tests.waiting import WITHIN

THREE_DAYS_ON = MONDAY + LINK_LASTS
PERSONAL = ("full_name", "badge_name", "email", "organisation", "role", "phone", "person_sealed", "address_tag")


GONE = [*[""] * 6, None, ""]


def personal_of(registration: Registration) -> list[str]:
    return [getattr(registration, name) for name in PERSONAL]


async def with_every_answer(asked: Registration) -> Registration:
    """What is optional is given too, so that its going can be seen."""
    await tell_anew(asked, badge_name="Ada A", phone="07700 900123")
    asked = await Registration.get(id=asked.id)
    assert [name for name in PERSONAL if not getattr(asked, name)] == [], "the control: all of it is there before"
    return asked


async def test_an_unconfirmed_request_loses_all_that_is_personal(event: Event, ada: Person) -> None:
    asked = await with_every_answer(await requested(ada, event))
    assert await went("unconfirmed", THREE_DAYS_ON - timedelta(minutes=1)) == 0
    assert await went("unconfirmed", THREE_DAYS_ON) == 1
    row = await Registration.get(id=asked.id)
    assert (personal_of(row), row.state, row.kind) == (GONE, State.EXPIRED, "charity")
    assert await audit_of(asked) == [(Action.EXPIRED, "system", THREE_DAYS_ON)]


async def with_an_answer_of_no(asked: Registration) -> Registration:
    await confirming.say_no(await link_of(asked), MONDAY)
    return await Registration.get(id=asked.id)


async def what_is_left(asked: Registration) -> tuple[list[str], bytes | None]:
    return personal_of(await Registration.get(id=asked.id)), (await link_of(asked)).answers_sealed


@pytest.mark.parametrize("said_no", [False, True])
async def test_nothing_personal_is_left_of_a_request_that_is_cancelled_unconfirmed(
    event: Event, ada: Person, omar: Staff, said_no: bool
) -> None:
    asked = await with_every_answer(await requested(ada, event))
    asked = await with_an_answer_of_no(asked) if said_no else asked
    await vetting.cancel(asked, omar, MONDAY)
    assert await what_is_left(asked) == (GONE, None)
    assert (await Registration.get(id=asked.id)).state is State.CANCELLED
    assert await went("empty_requests", MONDAY + RECOGNISED.time - timedelta(minutes=1)) == 0
    assert await Registration.all().count() == 1
    await went("empty_requests", MONDAY + RECOGNISED.time)
    assert await Registration.all().count() == 0, "like the empty row of one that expired"


@pytest.mark.parametrize("said_no", [False, True])
async def test_a_cancelled_request_that_still_names_somebody_expires_unless_it_was_confirmed(
    event: Event, ada: Person, bo: Person, said_no: bool
) -> None:
    """Older versions of Muster left it as it was, and so may a copy of the database."""
    asked, known = await requested(ada, event), await confirmed(bo, event)
    asked = await with_an_answer_of_no(asked) if said_no else asked
    await Registration.all().update(state=State.CANCELLED)
    assert [await went("unconfirmed", THREE_DAYS_ON) for _ in range(2)] == [1, 0]
    assert await what_is_left(asked) == (GONE, None)
    assert (await Registration.get(id=known.id)).email == bo.email


async def test_who_said_no_expires_too(event: Event, ada: Person) -> None:
    """A name that is empty says nothing of what else is there."""
    asked = await with_an_answer_of_no(await requested(ada, event))
    assert (asked.full_name, asked.email) == ("", ada.email), "the control"
    assert [await went("unconfirmed", THREE_DAYS_ON) for _ in range(2)] == [1, 0]
    left = await Registration.get(id=asked.id)
    assert (left.email, left.address_tag) == ("", "")


async def test_whoever_confirmed_or_asked_again_in_time_is_kept(event: Event, ada: Person, bo: Person) -> None:
    await confirmed(ada, event)
    await requested(bo, event, THREE_DAYS_ON - timedelta(hours=1))
    before = await Registration.all().order_by("id").values()
    assert await went("unconfirmed", THREE_DAYS_ON) == 0
    assert await Registration.all().order_by("id").values() == before


async def test_many_are_expired_turn_by_turn_and_each_once(event: Event) -> None:
    for _ in range(5):
        await requested(someone(), event)
    answers = await asyncio.gather(*(went("unconfirmed", THREE_DAYS_ON) for _ in range(3)))
    assert sum(answers) == await Registration.filter(state=State.EXPIRED).count() == 5


async def test_a_turn_forgets_drafts_and_tries_whose_time_is_up(database: Database, event: Event) -> None:
    real = clock.real()
    await drafting.keep(event, None, "", {"full_name": "Ada"}, real - IDLE)
    kept = await drafting.keep(event, None, "", {"full_name": "Bo"}, real)
    await limits.count(limits.CONFIRM_EMAILS, "ada@wardens.example.org", real - timedelta(days=1))
    await deleting.turn(MONDAY, real)
    assert (await Draft.all().count(), await Attempt.all().count()) == (1, 0)
    assert (await drafting.find(event.slug, kept, real))[1] is not None


async def test_ninety_days_after_the_event_nobody_is_named_and_the_counts_stand(
    event: Event, ada: Person, bo: Person, cleo: Person, omar: Staff
) -> None:
    approved, withdrawn, cancelled = [
        await with_every_answer(await confirmed(person, event)) for person in (ada, bo, cleo)
    ]
    ticket = await vetting.approve(approved, omar, MONDAY)
    for registration in (withdrawn, cancelled):  # they had a place, and lost it
        await vetting.approve(registration, omar, MONDAY)
        await vetting.cancel(await Registration.get(id=registration.id), omar, MONDAY)
    link = (await Registration.get(id=approved.id)).public_id
    assert await went("names", long_after(89)) == 0
    assert [await went("names", long_after(90)) for _ in range(2)] == [3, 0]
    rows = await Registration.all().order_by("id")
    assert [(row.state, row.kind) for row in rows] == [
        (State.APPROVED, "charity"), (State.CANCELLED, "police"), (State.CANCELLED, "council"),
    ]  # fmt: skip
    assert [personal_of(row) for row in rows] == [[*GONE[:-1], f"deleted {row.id}"] for row in rows]
    assert (rows[0].public_id == link, await Ticket.filter(id=ticket.id).exists()) == (False, True)
    assert (Action.FORGOTTEN, "system", long_after(90)) in await audit_of(approved)
    assert [signal.kind for signal in (await signals(event.id, rows))[approved.id]] == [SignalKind.OTHER]


async def test_whoever_was_never_offered_a_place_is_forgotten_after_thirty_days(
    event: Event, ada: Person, bo: Person, cleo: Person, omar: Staff
) -> None:
    """Declined, waiting, undecided, cancelled before any decision. Whoever has or had a ticket, or an offer, is not."""
    declined, waiting = await confirmed(ada, event), await confirmed(bo, event)
    await vetting.not_offer(declined, omar, MONDAY)
    await vetting.put_on_waiting_list(waiting, omar, MONDAY)
    await confirmed(cleo, event)
    for state in (State.CANCELLED, State.OFFERED, State.RECHECKING):
        await Registration.filter(id=(await confirmed(someone(), event)).id).update(state=state)
    await vetting.approve(await confirmed(someone(), event), omar, MONDAY)
    assert await went("not_offered", long_after(29)) == 0
    await deleting.turn(long_after(30), clock.real())
    named = [row.state for row in await Registration.exclude(person_sealed=None).order_by("id")]
    assert named == [State.OFFERED, State.RECHECKING, State.APPROVED]
    assert await Registration.filter(person_sealed=None).count() == 4


@pytest.mark.parametrize("how", ["withdrawn", "onto the waiting list"])
async def test_what_was_for_the_day_goes_an_hour_after_the_place_however_it_ended(
    event: Event, ada: Person, bo: Person, omar: Staff, how: str
) -> None:
    """Undone within the hour it is all there. Of whoever has a place it stays."""
    guests = [await tells_everything((await with_ticket(person, event))[0]) for person in (ada, bo)]
    if how == "withdrawn":
        await vetting.withdraw(guests[0], omar, MONDAY)
    else:
        await Registration.filter(id=guests[0].id).update(state=State.RECHECKING)
        await vetting.put_on_waiting_list(await Registration.get(id=guests[0].id), omar, MONDAY)
    assert await went("for_the_day", MONDAY + timedelta(minutes=59)) == 0
    assert await went("for_the_day", MONDAY + timedelta(hours=1)) == 1
    left = [(bool(row.needs_sealed), bool(row.choices_sealed)) for row in await Registration.all().order_by("id")]
    assert left == [(False, False), (True, True)]


async def test_a_turn_does_each_of_its_parts(event: Event, ada: Person, lena: Staff) -> None:
    """Each is looked at alone elsewhere; here, that the turn forgets none of them."""
    phone = await a_phone_at(await a_door(event))
    await settle([(await scan_of(await a_ticket(ada, event)))._replace(initials="SD")], phone, THE_DAY)
    await sign_in.begin_full_session(lena, clock.real() - timedelta(days=2))
    assert (await Scan.exclude(initials="").count(), await Session.all().count()) == (1, 1), "the control"
    await deleting.turn(long_after(90), clock.real() + timedelta(days=1))
    assert (await Scan.exclude(initials="").count(), await Session.all().count()) == (0, 0)
    assert (await Event.get(id=event.id)).state is EventState.OVER
    assert await Registration.exclude(person_sealed=None).count() == 0


async def test_a_page_that_was_open_brings_no_name_back(event: Event, ada: Person, omar: Staff) -> None:
    seen = await confirmed(ada, event)
    await went("not_offered", long_after(90))
    with pytest.raises(Refused, match=wording.ALREADY_DECIDED):
        await vetting.correct(seen, {"full_name": "Ada Ash", "badge_name": ""}, omar, long_after(90))


THE_DAY_AFTER = clock.at_venue(date(2019, 4, 16), 0, 0)


async def test_an_event_is_over_once_its_day_has_passed_and_it_is_noted_once(event: Event) -> None:
    assert await past_events.end_past(THE_DAY_AFTER - timedelta(minutes=1), clock.real()) == 0
    both = await asyncio.gather(*(past_events.end_past(THE_DAY_AFTER, clock.real()) for _ in range(3)))
    assert (sum(both), (await Event.get(id=event.id)).state) == (1, EventState.OVER)
    assert await audit_of(event) == [(Action.EVENT_OVER, "system", THE_DAY_AFTER)]


async def test_an_event_is_not_over_while_its_phones_may_send_scans(event: Event) -> None:
    """A phone of an event that is over is told to empty itself."""
    phone = await a_phone(await a_door(event))
    await deleting.turn(THE_DAY_AFTER, clock.real())
    assert (await Event.get(id=event.id)).state is EventState.OPEN
    await deleting.turn(THE_DAY_AFTER, phone.expires_at)
    assert (await Event.get(id=event.id)).state is EventState.OVER


async def test_a_rehearsals_clock_may_go_back_to_the_morning(event: Event) -> None:
    await Event.filter(id=event.id).update(rehearsal=True)
    await deleting.turn(THE_DAY_AFTER, clock.real())
    assert (await Event.get(id=event.id)).is_open(MONDAY)


async def test_the_turns_end_at_once_when_the_server_stops(database: Database) -> None:
    stop = asyncio.Event()
    turns = asyncio.create_task(deleting.run(stop))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(turns, WITHIN)
