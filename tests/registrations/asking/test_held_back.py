"""How often we write because somebody asked: what is too much waits, and organisers are told."""

from datetime import timedelta

import pytest

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import limits
from events.ground.database import run_tx
from events.ground.limits import Attempt
from registrations.asking import held_back
from tests.people import MONDAY

HERE, THERE, ADA = "192.0.2.1", "192.0.2.2", "ada@wardens.example.org"
HOUR = timedelta(hours=1)
held_turn = run_tx(held_back.turn)


async def turns(event: Event, n: int, network: str, email: str = ADA) -> list[int]:
    """Hours to wait, one after the other."""
    return [int((await held_turn(event, network, email, MONDAY, MONDAY)).wait / HOUR) for _ in range(n)]


async def test_a_network_has_five_emails_an_hour_to_a_mailbox_and_then_one_that_waits(event: Event) -> None:
    assert await turns(event, 5, HERE) == [0] * 5
    late = [await held_turn(event, HERE, ADA, MONDAY, MONDAY + timedelta(minutes=n)) for n in range(3)]
    assert ({turn.wait for turn in late}, len({turn.key for turn in late})) == ({HOUR}, 1)
    assert late[0].key
    assert HERE not in late[0].key
    assert await turns(event, 1, HERE, "bo@constabulary.example.org") == [0]


async def test_many_networks_together_make_a_mailbox_wait_hour_by_hour(event: Event) -> None:
    """A full hour weighs on the one after it, so that no sixty minutes bring more."""
    waits = [hours for n in range(8) for hours in await turns(event, 5, f"192.0.2.{n}")]
    assert waits == sorted(waits)
    assert (waits.count(0), max(waits)) == (limits.EMAILS_TO_ONE_MAILBOX.tries, 4)


async def test_beyond_the_cap_of_all_emails_they_wait_and_organisers_are_told_once_an_hour(event: Event) -> None:
    assert await turns(event, 1, HERE) == [0]
    assert await held_back.since(event, MONDAY) is None
    await Attempt.all().update(tries=limits.EMAILS_TO_ALL_WHO_ASK.tries)
    others = [f"{n}@guests.example.org" for n in range(3)]
    waits = [hours for email in others for hours in await turns(event, 1, THERE, email)]
    assert min(waits) > 0
    [entry] = await AuditEntry.filter(action=Action.EMAILS_HELD_BACK)
    assert (entry.event_id, entry.details) == (event.id, {"an_hour": 1000})
    assert await held_back.since(event, MONDAY + HOUR) == MONDAY
    assert await held_back.since(event, MONDAY + held_back.SHOWN_FOR) is None


async def test_a_network_that_asks_for_everybody_holds_up_itself_alone(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "EMAILS_FROM_NETWORK", limits.EMAILS_FROM_NETWORK._replace(tries=3))
    monkeypatch.setattr(limits, "EMAILS_TO_ALL_WHO_ASK", limits.EMAILS_TO_ALL_WHO_ASK._replace(tries=6))
    waits = [hours for n in range(400) for hours in await turns(event, 1, HERE, f"{n}@guests.example.org")]
    assert waits == sorted(waits)
    assert (waits.count(0), waits[-1]) == (3, held_back.AHEAD), "all are kept, and the last while their links live"
    assert await held_back.since(event, MONDAY) is None, "the cap on all was not reached"
    assert [await turns(event, 1, THERE, f"{n}@wardens.example.org") for n in range(3)] == [[0]] * 3
    repeats = [await held_back.may_repeat(HERE, f"{n}@guests.example.org", MONDAY) for n in range(9)]
    assert not any(repeats)
    assert await turns(event, 1, "192.0.2.3") != [0], "the control: six fill the hour"


async def test_what_only_repeats_an_email_is_within_the_same_limits(event: Event) -> None:
    assert [await held_back.may_repeat(HERE, ADA, MONDAY) for _ in range(6)] == [True] * 5 + [False]
    assert await held_back.may_repeat(THERE, ADA, MONDAY)
