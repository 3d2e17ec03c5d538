"""How often we write because somebody asked: what is too much waits, and organisers are told."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import limits, settings, source
from events.ground.database import run_tx
from events.ground.limits import Attempt
from events.ground.refusal import Refused
from events.mail import outbox
from events.mail.outbox import Message
from registrations.asking import held_back
from registrations.asking.held_back import Turn
from tests.conftest import SETTINGS
from tests.people import MONDAY, Person, an_event, requested

HERE, THERE, ADA = "192.0.2.1", "192.0.2.2", "ada@wardens.example.org"
HOUR = timedelta(hours=1)
held_turn = run_tx(held_back.turn)
Asking = Callable[[Event, str, str, datetime, datetime], Awaitable[Turn]]


@pytest.fixture
def forty_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty in the first lane, ten in each behind it."""
    monkeypatch.setattr(held_back, "most_an_hour", lambda _: 40)


async def turns(event: Event, n: int, network: str, email: str = ADA) -> list[int]:
    """Hours to wait, one after the other."""
    return [int((await held_turn(event, network, email, MONDAY, MONDAY)).wait / HOUR) for _ in range(n)]


async def each(event: Event, n: int, network: str, ask: Asking = held_turn) -> list[int]:
    """Hours to wait, each for a mailbox of its own."""
    asked = [await ask(event, network, f"{n}.{network}@guests.example.org", MONDAY, MONDAY) for n in range(n)]
    return [int(turn.wait / HOUR) for turn in asked]


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


@pytest.mark.parametrize(("email", "counts_as"), [("ada+1@wardens.example.org", ADA),
    ("a.da@hosts.example.org", "a.da@hosts.example.org"), ("a.d.a+1.2@gmail.com", "ada@gmail.com"),
    ("ad.a@googlemail.com", "ada@gmail.com"), ("a.da@gmail.com.example", "a.da@gmail.com.example")])  # fmt: skip
def test_what_leads_to_one_mailbox_is_counted_as_one_and_only_gmail_reads_no_dots(email: str, counts_as: str) -> None:
    assert held_back.mailbox(email) == counts_as


@pytest.mark.parametrize(("places", "relay", "most"), [(150, 10_000, 2000), (900, 10_000, 3600), (5000, 10_000, 10_000),
                                                       (150, 300, 300)])  # fmt: skip
def test_the_cap_of_an_event_follows_its_places_and_what_the_relay_takes(places: int, relay: int, most: int) -> None:
    settings.choose(SETTINGS.model_copy(update={"emails_an_hour": relay}))
    assert held_back.most_an_hour(Event(capacity=places)) == most


async def test_beyond_the_cap_of_all_emails_they_wait_and_organisers_are_told_once_an_hour(
    event: Event, forty_an_hour: None
) -> None:
    waits = [hours for n in range(15) for hours in await each(event, 3, f"192.0.2.{n}")]
    assert waits == [0] * 40 + [2] * 5, "whoever asks for little may use every lane"
    [entry] = await AuditEntry.filter(action=Action.EMAILS_HELD_BACK)
    assert (entry.event_id, entry.details) == (event.id, {"an_hour": 40})
    assert (await held_back.held(event, MONDAY + HOUR, MONDAY)).since == MONDAY
    assert (await held_back.held(event, MONDAY + held_back.SHOWN_FOR, MONDAY)).since is None


async def test_four_addresses_and_a_line_of_ipv6_hold_up_nobody_who_asks_for_little(
    event: Event, forty_an_hour: None
) -> None:
    flood = [hours for n in range(4) for hours in await each(event, 60, f"192.0.2.{n}")]
    assert (flood.count(0), max(flood) > 9) == (3 * 4 + 20, True), "three each of the first lane, all of the other two"
    line = [source.network_at(f"2001:db8:0:{n}::1") for n in range(30)]
    assert [hours for network in line for hours in await each(event, 1, network)].count(0) == 4
    assert [hours for n in range(4) for hours in await each(event, 1, f"198.51.100.{n}")] == [0] * 4
    assert await each(event, 1, "198.51.100.9") != [0], "the control: twenty fill the lane"
    assert await each(event, 3, "staff 1") != [0] * 3


async def test_all_events_together_have_what_the_relay_takes(event: Event) -> None:
    other_event = await an_event(slug="another")
    settings.choose(SETTINGS.model_copy(update={"emails_an_hour": 8}))
    assert await each(event, 3, HERE) == [0] * 3
    assert await each(other_event, 3, THERE) == [0] * 3
    assert [await each(of, 1, "192.0.2.3") for of in (event, other_event, event)] == [[0], [0], [2]]


async def test_a_network_that_asks_for_everybody_holds_up_itself_alone_and_is_turned_away_after_two_days(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "EMAILS_FROM_NETWORK", limits.EMAILS_FROM_NETWORK._replace(tries=3))
    waits = await each(event, 3 * held_back.AHEAD // 2, HERE)
    assert waits == sorted(waits)
    assert (waits.count(0), waits[-1]) == (3, held_back.AHEAD - 2), "all go out while their links live"
    for ask in (held_turn, held_back.repeat):
        with pytest.raises(Refused) as refused:
            await each(event, 1, HERE, ask)
        assert (refused.value.status, refused.value.retry_after) == (429, 3600)
    assert (await held_back.held(event, MONDAY, MONDAY)).since is None, "the cap on all was not reached"
    assert await each(event, 3, THERE) == [0] * 3


async def test_once_all_lanes_of_two_days_are_full_whoever_asks_is_turned_away_but_for_organisers(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_back, "most_an_hour", lambda _: 4)
    monkeypatch.setattr(held_back, "AHEAD", 3)
    for n in range(8):
        await each(event, 1, f"203.0.113.{n}")
    for ask in (held_turn, held_back.repeat):
        with pytest.raises(Refused) as refused:
            await each(event, 1, THERE, ask)
        assert (refused.value.status, refused.value.retry_after) == (503, 3600)
    rows = await Attempt.all().count()
    assert await each(event, 1, "staff 1") == [3]
    assert await Attempt.all().count() == rows + 3, "its own alone, and none of a lane"


async def test_what_only_repeats_an_email_is_within_the_same_limits_and_too_often_waits_an_hour(event: Event) -> None:
    async def repeats(network: str, n: int) -> list[int]:
        return [int((await held_back.repeat(event, network, ADA, MONDAY, MONDAY)).wait / HOUR) for _ in range(n)]

    assert await repeats(HERE, 7) == [0] * 5 + [1] * 2
    assert await repeats(THERE, 6) == [0] * 5 + [1]
    assert [await repeats(f"192.0.2.{n}", 3) for n in (3, 4)] == [[0] * 3, [0, 0, 1]]
    assert await turns(event, 1, "192.0.2.9") == [2], "they have kept nobody's first email from the hours to come"


@pytest.mark.parametrize("ask", [held_turn, held_back.repeat])
@pytest.mark.parametrize("flood", [0, 60])
async def test_what_a_page_says_of_the_wait_tells_nothing_of_the_mailbox(
    event: Event, forty_an_hour: None, flood: int, ask: Asking
) -> None:
    """In a flood and in none: others have used up this mailbox, or another one."""
    late = []
    for used_up in (ADA, "bo@wardens.example.org"):
        await Attempt.all().delete()
        for network in range(4):
            await turns(event, 5, f"203.0.113.{network}", used_up)
        await each(event, flood, HERE)
        late.append([(await ask(event, HERE, ADA, MONDAY, MONDAY)).late for _ in range(3)])
    assert late[0] == late[1]
    assert any(late[0]) == bool(flood), "the control"


async def test_the_desk_hears_how_many_emails_wait_and_until_when(event: Event) -> None:
    nothing = await held_back.held(event, MONDAY, MONDAY)
    assert nothing == (None, 0, None)
    for n, cause in enumerate(("asked 1", "lost late 8", "by telephone 3", "remind 4", "asked 5")):
        due = MONDAY + n * HOUR
        await Message.create(template="confirm", subject_id=n, event_id=event.id, cause=cause, queued_at=MONDAY,
                             next_try_at=due)  # fmt: skip
    held = await held_back.held(event, MONDAY + 9 * HOUR, MONDAY)
    assert held == (None, 3, MONDAY + 13 * HOUR), "in the event's time, which a rehearsal moves"


async def test_nor_does_what_a_network_is_told_next_tell_of_a_mailbox(event: Event) -> None:
    """Somebody uses a mailbox up but for one email, and their own network but for two: if a request has taken the last,
    what comes after must be as late all the same."""
    late = []
    for asked in (False, True):
        await Attempt.all().delete()
        for network, times in (("203.0.113.1", 5), ("203.0.113.2", 5), ("203.0.113.3", 4 + asked)):
            await turns(event, times, network)
        share = limits.EMAILS_FROM_NETWORK
        tries = await each(event, share.tries - 1, HERE, held_back.repeat)
        probe = await held_back.repeat(event, HERE, ADA, MONDAY, MONDAY)
        after = await held_back.repeat(event, HERE, "last@guests.example.org", MONDAY, MONDAY)
        late.append((set(tries), probe.late, bool(probe.counted), after.late))
    assert late[0] == late[1]
    assert late[0][3] > timedelta(), "the control: its share is used up"


async def test_emails_that_a_relay_puts_off_or_that_wait_for_the_morning_are_not_said_to_wait_for_their_turn(
    event: Event, ada: Person
) -> None:
    await requested(ada, event)
    await Message.all().update(tries=3, next_try_at=MONDAY + 2 * HOUR)
    await outbox.put("hand_over", 1, cause="asked 7", at=MONDAY, event_id=event.id, due=MONDAY + 8 * HOUR)
    assert (await held_back.held(event, MONDAY, MONDAY)).emails == 0
    await outbox.put("confirm", 9, cause="asked x", at=MONDAY, event_id=event.id, due=MONDAY + HOUR)
    assert (await held_back.held(event, MONDAY, MONDAY)).emails == 1, "the control"


async def test_whatever_the_relay_takes_each_lane_has_an_email_an_hour(event: Event) -> None:
    settings.choose(SETTINGS.model_copy(update={"emails_an_hour": 1}))
    assert await turns(event, 1, HERE) == [0]
