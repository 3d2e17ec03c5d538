"""Whoever asks sees one answer; which email goes out depends on what we know of the address.

Rules: GU-21.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, data_keys, keys, limits, source, wording
from events.ground.database import Database, run_tx
from events.ground.limits import Attempt
from events.ground.refusal import Refused, TooMany
from events.mail import delivery
from events.mail.outbox import EPOCH, Message
from registrations.asking import confirming, drafting, registering
from registrations.people.link_answers import LINK_LASTS, LinkAnswers
from registrations.people.registration import Registration, State
from tests.people import MONDAY, Person, audit_of, confirmed, link_of, queued, request_of, requested, someone
from tests.professional import told_by
from tests.registrations.privacy.retention.going import went

LATER = MONDAY + timedelta(minutes=5)


async def at_once() -> list[tuple[str, int]]:
    """Emails that wait for nothing but the mailer."""
    return [
        (message.template, message.subject_id) for message in await Message.filter(next_try_at=EPOCH).order_by("id")
    ]


async def the_request_of(person: Person) -> Registration:
    return await request_of(person.email)


def without_version(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "version"} for row in rows]


async def test_ada_asks_and_is_sent_one_email_to_confirm(event: Event, ada: Person) -> None:
    await registering.ask(event, told_by(ada), MONDAY, MONDAY)
    asked = await the_request_of(ada)
    assert (asked.full_name, asked.organisation, asked.role, asked.kind) == (
        "Ada Ashdown",
        "Wardens of Westmoor",
        "Advocate",
        "charity",
    )
    assert (asked.state, asked.generation, asked.requested_at) == (State.REQUESTED, 0, MONDAY)
    assert await queued() == [("confirm", (await link_of(asked)).id)]
    assert await audit_of(asked) == [(Action.REQUESTED, f"person:{asked.id}", MONDAY)]


async def test_names_are_kept_as_they_were_typed(event: Event) -> None:
    for name in ("Zoë O'Brien-Nguyễn 3rd", "Plato", "N" * 100):
        person = someone()
        await registering.ask(
            event, told_by(Person(name, person.email, "Fenland Æsir", "charity", "Advocate")), MONDAY, MONDAY
        )
        assert (await the_request_of(person)).full_name == name


async def test_each_request_has_a_link_of_its_own_and_the_desk_shows_the_newest_answers(
    event: Event, ada: Person
) -> None:
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
    assert asked.requested_at == LATER
    first, second = await LinkAnswers.filter(registration_id=asked.id).order_by("id")
    assert (first.answers["full_name"], first.asked_at, first.answers["phone"]) == (ada.name, MONDAY, "")
    assert (second.answers["full_name"], second.asked_at, second.answers["phone"]) == (newer.name, LATER, newer.phone)
    assert await queued() == [("confirm", first.id), ("confirm", second.id)]
    assert [action for action, *_ in await audit_of(asked)] == [Action.REQUESTED, Action.ASKED_AGAIN]


async def test_answers_wait_sealed_behind_their_link(event: Event, ada: Person) -> None:
    await registering.ask(event, told_by(ada), MONDAY, MONDAY)
    link = await link_of(await the_request_of(ada))
    assert link.answers["role"] == ada.role
    for answer in (ada.name, ada.organisation, ada.role):
        assert answer.encode() not in bytes(link.answers_sealed or b"")
    data_keys.install(data_keys.DataKeys())
    assert (link.answers, link.has_expired(MONDAY)) == ({}, True)


@pytest.mark.parametrize(
    ("state", "template"),
    [
        (State.CONFIRMED, "received"),
        (State.WAITING, "received"),
        (State.APPROVED, "have_place"),
        (State.OFFERED, "offer"),
        (State.RECHECKING, "received"),
        (State.NOT_OFFERED, "not_offered"),
    ],
)
async def test_who_is_known_gets_the_email_of_their_state_and_nothing_changes(
    event: Event, ada: Person, state: State, template: str
) -> None:
    known = await confirmed(ada, event)
    await Registration.filter(id=known.id).update(state=state)
    before = without_version(await Registration.filter(id=known.id).values())
    stranger = Person("Someone Else", ada.email, "Elsewhere", "police", "Officer")
    await registering.ask(event, told_by(stranger), LATER, LATER)
    assert without_version(await Registration.all().values()) == before
    assert await queued() == [(template, known.id)]
    assert [action for action, *_ in await audit_of(known)] == [Action.ASKED_AGAIN]


@pytest.mark.parametrize("ended", [State.CANCELLED, State.EXPIRED])
async def test_who_has_left_may_ask_anew(event: Event, ada: Person, ended: State) -> None:
    old = await confirmed(ada, event)
    await Registration.filter(id=old.id).update(state=ended)
    await registering.ask(event, told_by(ada), LATER, LATER)
    new = await the_request_of(ada)
    assert new.id != old.id
    assert (new.state, await queued()) == (State.REQUESTED, [("confirm", (await link_of(new)).id)])


@pytest.fixture(params=["together", "each in its own transaction"])
def race(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of one process share a transaction; those of several meet in the database."""
    if request.param != "together":
        monkeypatch.setattr(registering, "_ask_in_batches", run_tx(registering._ask_all))


@pytest.mark.usefixtures("race")
async def test_twenty_at_once_for_one_address_make_one_request(event: Event, ada: Person) -> None:
    await asyncio.gather(*(registering.ask(event, told_by(ada), MONDAY, MONDAY) for _ in range(20)))
    asked = await the_request_of(ada)
    links = await LinkAnswers.filter(registration_id=asked.id).order_by("id")
    assert (await Registration.all().count(), len(links)) == (1, 6), "the sixth has what was asked too often"
    assert sorted(await queued()) == [("confirm", link.id) for link in links]


@pytest.mark.usefixtures("race")
async def test_two_presses_of_the_button_are_one_request_and_one_email(event: Event, ada: Person) -> None:
    answers = told_by(ada)
    token = await drafting.keep(event, None, "", vars(answers), MONDAY)
    opened = [(await drafting.find(event.slug, token, MONDAY))[1] for _ in range(2)]
    await asyncio.gather(*(registering.ask(event, answers, MONDAY, MONDAY, draft=draft) for draft in opened))
    assert await Registration.all().count() == await Message.all().count() == 1
    _, left = await drafting.find(event.slug, token, MONDAY)
    assert left is not None
    assert left.answers == {"sent_to": ada.email, "link": (await link_of(await the_request_of(ada))).public_id}


async def test_of_those_who_share_a_transaction_each_is_refused_fails_or_is_kept_alone(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ASKS_FROM_NETWORK", limits.ASKS_FROM_NETWORK._replace(tries=1))
    people = [someone() for _ in range(5)]
    wrong = replace(told_by(people[2]), kind="none of ours")
    asked = [told_by(person) for person in people[:2]] + [wrong] + [told_by(person) for person in people[3:]]
    networks = ["192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]

    async def ask(n: int) -> timedelta:
        source.note(networks[n])
        return await registering.ask(event, asked[n], MONDAY, MONDAY, network=networks[n])

    ends = await asyncio.gather(*(ask(n) for n in range(5)), return_exceptions=True)
    assert [type(end) for end in ends] == [timedelta, TooMany, ValueError, timedelta, timedelta]
    kept = [people[n] for n in (0, 3, 4)]
    assert sorted(request.email for request in await Registration.all()) == sorted(person.email for person in kept)
    assert await Message.all().count() == 3
    sources = [entry.source for entry in await AuditEntry.filter(action=Action.REQUESTED)]
    assert sorted(sources) == sorted(keys.keyed_hash(source.PURPOSE, networks[n]) for n in (0, 3, 4))


async def test_the_same_mailbox_under_other_tags_is_counted_as_one(event: Event, ada: Person) -> None:
    for n in range(8):
        tagged = replace(ada, email=f"ada+{n}@wardens.example.org")
        await registering.ask(event, told_by(tagged), MONDAY, clock.real())
    assert len(await at_once()) == 5
    await registering.ask(event, told_by(replace(ada, email="ada.b@wardens.example.org")), MONDAY, clock.real())
    assert len(await at_once()) == 6


async def test_what_is_asked_too_often_is_kept_and_its_email_waits(event: Event, ada: Person) -> None:
    """Five an hour at once; beyond them one email that has the newest answers."""
    for n in range(8):
        answers = told_by(Person(f"Ada {n}", ada.email, ada.organisation, ada.kind, ada.role))
        await registering.ask(event, answers, MONDAY, MONDAY)
    links = await LinkAnswers.all().order_by("id")
    assert [link.answers["full_name"] for link in links] == [f"Ada {n}" for n in (0, 1, 2, 3, 4, 7)]
    waiting = await Message.get(subject_id=links[-1].id)
    assert (len(await at_once()), waiting.next_try_at - MONDAY) == (5, timedelta(hours=1))
    assert delivery.in_words(waiting) == "Waiting to be sent"


async def test_a_stranger_who_asks_all_the_time_holds_up_nobody_else(event: Event, ada: Person) -> None:
    stranger = replace(ada, name="Mallory", phone="01632 960999")
    for _ in range(10):
        await registering.ask(event, told_by(stranger), MONDAY, MONDAY, network="192.0.2.66")
    await registering.ask(event, told_by(ada), LATER, LATER, network="192.0.2.1")
    link = await link_of(await the_request_of(ada))
    assert link.answers["full_name"] == ada.name
    assert ("confirm", link.id) in await at_once()


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


async def test_a_network_that_floods_us_has_nothing_written_of_what_it_asks(event: Event, ada: Person) -> None:
    await registering.slow_down("192.0.2.1", MONDAY)
    await Attempt.all().update(tries=limits.ASKS_FROM_NETWORK.tries)
    with pytest.raises(Refused, match=wording.TOO_MANY_REQUESTS):
        await registering.ask(event, told_by(ada), MONDAY, MONDAY, network="192.0.2.1")
    assert (await Registration.all().count(), await queued()) == (0, [])
    assert await Attempt.all().count() == 2, "of the network, and of all that is turned away"
    await registering.ask(event, told_by(ada), MONDAY, MONDAY, network="192.0.2.2")
    assert (await Registration.all().count(), len(await queued())) == (1, 1)


async def test_sending_again_sends_the_same_link_once_a_minute(event: Event, ada: Person) -> None:
    asked = await requested(ada, event)
    link = await link_of(asked)
    await registering.send_again(link, "", LATER, LATER)
    await registering.send_again(link, "", LATER, LATER)  # a double click
    assert (await queued(), await LinkAnswers.all().count()) == ([("confirm", link.id)], 1)
    assert [action for action, *_ in await audit_of(asked)] == [Action.ASKED_AGAIN]


async def test_who_has_the_email_sent_again_gets_the_link_of_what_they_asked(event: Event, ada: Person) -> None:
    await registering.ask(event, told_by(ada), MONDAY, MONDAY)
    mine = await link_of(await the_request_of(ada))
    await registering.ask(event, told_by(replace(ada, name="Mallory")), LATER, LATER)
    await registering.send_again_to(event, ada.email, mine.public_id, "", LATER, LATER)
    assert (await queued())[-1] == ("confirm", mine.id)


async def test_a_link_that_is_sent_again_lasts_three_days_from_then(event: Event, ada: Person) -> None:
    """The email says so; the time of the first email ran on, and the request was gone before the new link was."""
    link = await link_of(await requested(ada, event))
    again = MONDAY + LINK_LASTS - timedelta(hours=1)
    await registering.send_again_to(event, ada.email, link.public_id, "", again, again)
    assert await went("unconfirmed", MONDAY + LINK_LASTS) == 0
    asked = await the_request_of(ada)
    assert asked.requested_at == again
    await confirming.confirm(await link_of(asked), again + LINK_LASTS - timedelta(minutes=1))
    assert (await the_request_of(ada)).state is State.CONFIRMED


async def test_sending_again_to_an_address_we_do_not_know_sends_nothing(event: Event, ada: Person) -> None:
    await registering.send_again_to(event, ada.email, "", "", LATER, LATER)
    assert await queued() == []
    asked = await confirmed(ada, event)
    await registering.send_again_to(event, ada.email, "", "", LATER, LATER)
    assert await queued() == [("received", asked.id)]


async def test_of_emails_that_only_repeat_one_goes_out_an_hour_later_for_all_after_the_fifth(
    event: Event, ada: Person
) -> None:
    asked = await confirmed(ada, event)
    for minute in range(8):
        at = MONDAY + timedelta(minutes=minute)
        assert await registering.send_again_to(event, ada.email, "", "", at, at) == timedelta()
    assert await queued() == [("received", asked.id)] * 6
    assert len(await at_once()) == 5
