"""Whoever asks sees one answer; which mail goes out depends on what we know of the address.

Rules: GU-21.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from events.audit.audit import Action, AuditEntry
from events.event import Event
from events.ground import clock, limits, wording
from events.ground.database import Database
from events.ground.limits import Attempt
from events.ground.refusal import Refused
from events.mail.outbox import Message
from registrations.asking import drafting, registering
from registrations.people.registration import Registration, State
from registrations.privacy import retention
from tests.people import MONDAY, Person, audit_of, confirmed, queued, requested, someone
from tests.professional import told_by

LATER = MONDAY + timedelta(minutes=5)


async def the_request_of(person: Person) -> Registration:
    return await Registration.get(email=person.email, state__not_in=[State.CANCELLED, State.EXPIRED])


async def test_ada_asks_and_is_sent_one_mail_to_confirm(event: Event, ada: Person) -> None:
    await registering.ask(event, told_by(ada), MONDAY, MONDAY)
    asked = await the_request_of(ada)
    assert (asked.full_name, asked.organisation, asked.role, asked.kind) == (
        "Ada Ashdown",
        "Wardens of Westmoor",
        "Advocate",
        "charity",
    )
    assert (asked.state, asked.generation, asked.requested_at) == (State.REQUESTED, 0, MONDAY)
    assert asked.search == asked.searched_for
    assert await queued() == [("confirm", asked.id)]
    assert await audit_of(asked) == [(Action.REQUESTED, f"person:{asked.id}", MONDAY)]


async def test_names_are_kept_as_they_were_typed(event: Event) -> None:
    for name in ("Zoë O'Brien-Nguyễn 3rd", "Plato", "N" * 100):
        person = someone()
        await registering.ask(
            event, told_by(Person(name, person.email, "Fenland Æsir", "charity", "Advocate")), MONDAY, MONDAY
        )
        assert (await the_request_of(person)).full_name == name


async def test_the_newest_answers_win_until_the_address_is_confirmed(event: Event, ada: Person) -> None:
    await registering.ask(event, told_by(ada), MONDAY, MONDAY)
    newer = Person("Ada A. Ashdown", ada.email, "Wardens of Eastmoor", "police", "Manager", "Ada", "01632 960001")
    await registering.ask(event, told_by(newer), LATER, LATER)
    asked = await the_request_of(ada)
    assert (asked.full_name, asked.organisation, asked.kind, asked.role, asked.badge_name, asked.phone) == (
        "Ada A. Ashdown",
        "Wardens of Eastmoor",
        "police",
        "Manager",
        "Ada",
        "01632 960001",
    )
    assert (asked.generation, asked.requested_at, asked.search) == (1, LATER, asked.searched_for)
    assert await queued() == [("confirm", asked.id)] * 2
    assert [action for action, *_ in await audit_of(asked)] == [Action.REQUESTED, Action.ASKED_AGAIN]


@pytest.mark.parametrize(
    ("state", "letter"),
    [
        (State.CONFIRMED, "received"),
        (State.WAITING, "received"),
        (State.APPROVED, "have_place"),
        (State.OFFERED, "have_place"),
        (State.NOT_OFFERED, "not_offered"),
    ],
)
async def test_who_is_known_gets_the_mail_of_their_state_and_nothing_changes(
    event: Event, ada: Person, state: State, letter: str
) -> None:
    known = await confirmed(ada, event)
    await Registration.filter(id=known.id).update(state=state)
    before = await Registration.filter(id=known.id).values()
    stranger = Person("Someone Else", ada.email, "Elsewhere", "police", "Officer")
    await registering.ask(event, told_by(stranger), LATER, LATER)
    assert await Registration.all().values() == before
    assert await queued() == [(letter, known.id)]
    assert [action for action, *_ in await audit_of(known)] == [Action.ASKED_AGAIN]


@pytest.mark.parametrize("ended", [State.CANCELLED, State.EXPIRED])
async def test_who_has_left_may_ask_anew(event: Event, ada: Person, ended: State) -> None:
    old = await confirmed(ada, event)
    await Registration.filter(id=old.id).update(state=ended)
    await registering.ask(event, told_by(ada), LATER, LATER)
    new = await the_request_of(ada)
    assert new.id != old.id
    assert (new.state, await queued()) == (State.REQUESTED, [("confirm", new.id)])


async def test_twenty_at_once_for_one_address_make_one_request(event: Event, ada: Person) -> None:
    await asyncio.gather(*(registering.ask(event, told_by(ada), MONDAY, MONDAY) for _ in range(20)))
    asked = await the_request_of(ada)
    assert await Registration.all().count() == 1
    assert (asked.generation, await queued()) == (4, [("confirm", asked.id)] * 5)


async def test_two_presses_of_the_button_are_one_request_and_one_mail(event: Event, ada: Person) -> None:
    answers = told_by(ada)
    token = await drafting.keep(event, None, "", vars(answers), MONDAY)
    opened = [await drafting.find(event, token, MONDAY) for _ in range(2)]
    await asyncio.gather(*(registering.ask(event, answers, MONDAY, MONDAY, draft=one) for one in opened))
    assert await Registration.all().count() == await Message.all().count() == 1
    left = await drafting.find(event, token, MONDAY)
    assert left is not None
    assert left.answers == {"sent_to": ada.email}


async def test_the_same_mailbox_under_other_tags_is_counted_as_one(event: Event, ada: Person) -> None:
    for n in range(8):
        tagged = replace(ada, email=f"ada+{n}@wardens.example.org")
        await registering.ask(event, told_by(tagged), MONDAY, clock.real())
    assert len(await queued()) == 5
    await registering.ask(event, told_by(replace(ada, email="ada.b@wardens.example.org")), MONDAY, clock.real())
    assert len(await queued()) == 6


async def test_the_sixth_mail_in_an_hour_is_dropped_with_all_it_says(event: Event, ada: Person) -> None:
    for n in range(7):
        answers = told_by(Person(f"Ada {n}", ada.email, ada.organisation, ada.kind, ada.role))
        await registering.ask(event, answers, MONDAY, MONDAY)
    asked = await the_request_of(ada)
    assert (asked.full_name, asked.generation, await queued()) == ("Ada 4", 4, [("confirm", asked.id)] * 5)
    two_hours_on = MONDAY + timedelta(hours=2)
    await registering.ask(event, told_by(ada), two_hours_on, two_hours_on)
    assert len(await queued()) == 6


async def test_a_whole_force_may_ask_from_one_network_but_not_a_flood(database: Database) -> None:
    await registering.slow_down("192.0.2.1", MONDAY)
    await Attempt.all().update(tries=limits.ASKS_FROM_NETWORK.tries - 1)
    await registering.slow_down("192.0.2.1", MONDAY)
    with pytest.raises(Refused, match=wording.TOO_MANY_REQUESTS):
        await registering.slow_down("192.0.2.1", MONDAY)
    await registering.slow_down("192.0.2.2", MONDAY)


async def test_what_counts_against_a_network_is_kept_with_the_request_or_not_at_all(event: Event, ada: Person) -> None:
    """One commit for both: the database writes to the disk once before the answer, not twice."""
    everybody, network = limits.ASKS_FROM_NETWORK.tries, "192.0.2.1"
    with pytest.raises(ValueError, match="no kind of ours"):
        await registering.ask(event, replace(told_by(ada), kind="no kind of ours"), MONDAY, MONDAY, network=network)
    assert await limits.left(limits.ASKS_FROM_NETWORK, network, MONDAY) == everybody
    await registering.ask(event, told_by(ada), MONDAY, MONDAY, network=network)
    assert await limits.left(limits.ASKS_FROM_NETWORK, network, MONDAY) == everybody - 1


async def test_a_network_that_floods_us_is_refused_before_anything_is_written(event: Event, ada: Person) -> None:
    await registering.slow_down("192.0.2.1", MONDAY)
    await Attempt.all().update(tries=limits.ASKS_FROM_NETWORK.tries)
    with pytest.raises(Refused, match=wording.TOO_MANY_REQUESTS):
        await registering.ask(event, told_by(ada), MONDAY, MONDAY, network="192.0.2.1")
    assert (await Registration.all().count(), await queued(), await Attempt.all().count()) == (0, [], 1)
    await registering.ask(event, told_by(ada), MONDAY, MONDAY, network="192.0.2.2")
    assert (await Registration.all().count(), len(await queued())) == (1, 1)


async def test_sending_again_makes_the_older_link_an_old_one(event: Event, ada: Person) -> None:
    asked = await requested(ada, event)
    await registering.send_again(asked, LATER, LATER)
    await registering.send_again(asked, LATER, LATER)  # a double click
    assert (await the_request_of(ada)).generation == 1
    assert await queued() == [("confirm", asked.id)]
    assert [action for action, *_ in await audit_of(asked)] == [Action.ASKED_AGAIN]


async def test_a_link_that_is_sent_again_lasts_three_days_from_then(event: Event, ada: Person) -> None:
    """The letter says so; the time of the first mail ran on, and the request was gone before the new link was."""
    await requested(ada, event)
    again = MONDAY + registering.LINK_LASTS - timedelta(hours=1)
    await registering.send_again_to(event, ada.email, again, again)
    assert await retention.expire_due(MONDAY + registering.LINK_LASTS) == 0
    asked = await the_request_of(ada)
    assert asked.requested_at == again
    await registering.confirm(asked, again + registering.LINK_LASTS - timedelta(minutes=1))
    assert (await the_request_of(ada)).state is State.CONFIRMED


async def test_sending_again_to_an_address_we_do_not_know_sends_nothing(event: Event, ada: Person) -> None:
    await registering.send_again_to(event, ada.email, LATER, LATER)
    assert await queued() == []
    asked = await confirmed(ada, event)
    await registering.send_again_to(event, ada.email, LATER, LATER)
    assert await queued() == [("received", asked.id)]


async def test_yes_confirms_once(event: Event, ada: Person) -> None:
    asked = await requested(ada, event)
    both = [await Registration.get(id=asked.id) for _ in range(2)]
    await asyncio.gather(*(registering.confirm(one, LATER) for one in both))
    asked = await the_request_of(ada)
    assert (asked.state, asked.confirmed_at) == (State.CONFIRMED, LATER)
    assert await audit_of(asked) == [(Action.CONFIRMED, f"person:{asked.id}", LATER)]


async def test_yes_after_three_days_changes_nothing(event: Event, ada: Person) -> None:
    asked = await requested(ada, event)
    await registering.confirm(asked, MONDAY + registering.LINK_LASTS)
    assert (await the_request_of(ada)).state is State.REQUESTED


async def test_no_deletes_the_request_and_organisers_can_read_that_somebody_else_asked(
    event: Event, ada: Person
) -> None:
    asked = await requested(ada, event)
    await registering.say_no(asked, LATER)
    assert await Registration.all().count() == 0
    entry = await AuditEntry.get(action=Action.NOT_ASKED)
    assert (entry.subject, entry.event_id, entry.details) == (f"registration:{asked.id}", event.id, {})


async def test_no_comes_too_late_once_the_address_is_confirmed(event: Event, ada: Person) -> None:
    asked = await confirmed(ada, event)
    await registering.say_no(asked, LATER)
    assert (await the_request_of(ada)).state is State.CONFIRMED
    assert await audit_of(asked) == []
