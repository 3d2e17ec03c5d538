"""Email under attack: the process killed at any moment, a relay out of its mind, names made to break a header."""

import asyncio
import os
import random
import signal
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.settings import Settings
from events.mail import mailer, outbox
from events.mail.outbox import Message, MessageState
from registrations.people.person import Person
from registrations.people.registration import OrganisationKind, Registration, State
from registrations.tickets.request_emails import WRITERS
from tests.conftest import SETTINGS
from tests.forked import FORKS
from tests.hostile.mailing import mails
from tests.mail_reading import assert_it_reads_well
from tests.people import MONDAY, an_event, sealed_columns
from tests.smtp_sink import DROP, HANG, UNSAID, Sink, smtp_sink

MOODS = {
    "EHLO": ["421 4.3.2 busy", DROP],
    "MAIL": ["421 4.3.2 busy", "450 4.7.0 slow down", DROP],
    "RCPT": ["450 4.2.0 greylisted", "421 4.4.2 busy", DROP],
    "DATA": ["451 4.3.0 later", "421 4.3.2 busy", DROP, UNSAID],
}


def relay(sink: Sink) -> Settings:
    return SETTINGS.model_copy(update={"smtp_port": sink.port})


async def many_wait(names: list[str], event: Event) -> None:
    """An email is queued to each of them."""
    people = [
        Registration(
            event=event, kind=OrganisationKind.CHARITY, requested_at=MONDAY, state=State.WAITING,
            **sealed_columns(event, Person(name, "", f"guest{number}@guests.example.org", "Org", "Advocate")),
        )
        for number, name in enumerate(names)
    ]  # fmt: skip
    await Registration.bulk_create(people)
    numbers = [row.id for row in await Registration.all().order_by("id")]
    await Message.bulk_create(
        [
            Message(
                template="waiting",
                subject_id=n,
                cause="x",
                queued_at=MONDAY,
                next_try_at=outbox.EPOCH,
                event_id=event.id,
            )
            for n in numbers
        ]
    )


async def later(hours: float) -> None:
    """Leases have run out and waits are over, as if so much time had passed."""
    ago = clock.real() - timedelta(hours=hours)
    await Message.filter(lease_until__not_isnull=True).update(lease_until=ago)
    await Message.filter(next_try_at__gt=ago).update(next_try_at=ago)


def start(url: str, sink: Sink) -> Any:
    child = FORKS.Process(target=mails, args=(url, relay(sink), MONDAY))
    child.start()
    return child


async def end(child: Any) -> None:
    os.kill(child.pid, signal.SIGKILL)
    await asyncio.to_thread(child.join)


async def test_what_a_killed_process_had_claimed_goes_out_as_soon_as_another_starts(database: Database) -> None:
    await many_wait([f"Guest {number}" for number in range(30)], await an_event())
    async with smtp_sink() as sink, asyncio.timeout(40):
        sink.says("DATA", "250 OK")
        sink.always_says("DATA", HANG)
        first = start(database.url, sink)
        await sink.until(1)
        await end(first)
        sink.is_well_again()
        assert await Message.filter(lease_until__not_isnull=True).count() >= 10, "it had claimed some"
        second = start(database.url, sink)
        while len({caught.message_id for caught in sink.caught}) < 30:  # one of each connection may come twice
            await sink.until(len(sink.caught) + 1)
        await end(second)
    assert len(sink.caught) <= 30 + mailer.SIDE_BY_SIDE


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_process_that_starts_takes_nothing_from_one_that_lives(database: Database) -> None:
    claimed = mailer.A_BATCH * mailer.SIDE_BY_SIDE
    everybody = claimed + 20
    await many_wait([f"Guest {number}" for number in range(everybody)], await an_event())
    async with smtp_sink() as sink, asyncio.timeout(55):
        sink.always_says("DATA", HANG)
        first = start(database.url, sink)
        await leased(at_least=claimed)
        await sink.answered("DATA", mailer.SIDE_BY_SIDE)
        sink.is_well_again()
        second = start(database.url, sink)
        await sink.until(20)
        left = [f"guest{number}@guests.example.org" for number in range(claimed, everybody)]
        assert sorted(sink.recipients) == left, "who takes another's takes the oldest first"
        assert await leased() >= claimed
        await end(first)
        await end(second)
        third = start(database.url, sink)
        await sink.until(everybody)
        await end(third)
    assert len({caught.message_id for caught in sink.caught}) == everybody


async def leased(at_least: int = 0) -> int:
    """How many messages are in some process's hands, once there are so many."""
    while True:
        number = await Message.filter(lease_until__not_isnull=True, leased_by__not_isnull=True).count()
        if number >= at_least:
            return number
        await asyncio.sleep(0.02)


async def run_a_while(url: str, sink: Sink, emails: int) -> None:
    """Starts a mailer and kills it a moment after so many emails have come."""
    child = start(url, sink)
    await sink.until(min(500, len(sink.caught) + emails))
    await asyncio.sleep(random.uniform(0, 0.01))  # noqa: S311
    await end(child)


async def test_twenty_kills_lose_no_email_and_repeat_one_a_connection_at_most(database: Database) -> None:
    await many_wait([f"Guest {number}" for number in range(500)], await an_event())
    async with smtp_sink() as sink, asyncio.timeout(50):
        for _ in range(20):
            await run_a_while(database.url, sink, emails=random.randint(1, 40))  # noqa: S311
            await later(hours=1)
        await mailer.send_due(WRITERS, relay(sink))
        came = Counter(email.message_id for email in sink.caught)
        repeats = {email.raw for email in sink.caught if came[email.message_id] > 1}
    assert len(came) == 500
    assert sum(came.values()) - 500 <= 20 * mailer.SIDE_BY_SIDE
    assert len(repeats) == sum(times > 1 for times in came.values()), "a repeat is the same bytes"
    assert await Message.filter(state=MessageState.SENT).count() == 500
    assert await AuditEntry.filter(action=Action.EMAIL_SENT).count() == 500


@pytest.mark.parametrize("seed", range(3))
async def test_a_relay_out_of_its_mind_loses_no_email(seed: int, event: Event) -> None:
    """Only where it took an email and hung up before saying so does that email come twice."""
    chance = random.Random(seed)  # noqa: S311
    await many_wait([f"Guest {number}" for number in range(30)], event)
    async with smtp_sink() as sink:
        said = {step: [chance.choice([*moods, *["250 OK"] * 4]) for _ in range(40)] for step, moods in MOODS.items()}
        for step, answers in said.items():
            sink.says(step, *answers)
        while await Message.filter(state=MessageState.QUEUED).exists():
            await mailer.send_due(WRITERS, relay(sink))
            await later(hours=1)
        came = Counter(sink.recipients)
    assert sorted(came) == sorted(f"guest{number}@guests.example.org" for number in range(30))
    assert sum(came.values()) - 30 <= said["DATA"].count(UNSAID)
    assert await Message.filter(state=MessageState.SENT).count() == 30
    assert mailer.trouble() == ""


async def test_hostile_names_arrive_as_words_in_one_email_to_one_person(event: Event) -> None:
    names = [
        "Eve\r\nBcc: all@evil.example", "Eve\n\nhttps://evil.example/pay", "Eve\r\n.\r\nMAIL FROM:<eve@evil.example>",
        "<script>alert(1)</script>", '"><img src="https://evil.example/pixel">', "{{ event.venue }}", "\u202eelpoep",
        "=?utf-8?q?=0D=0ABcc:_x=40evil.example?=", "--=_alternative", ".", "..", "%s%n", "Ẹ" * 100,
    ]  # fmt: skip
    await many_wait(names, event)
    async with smtp_sink() as sink:
        await mailer.send_due(WRITERS, relay(sink))
        assert [email.recipients for email in sink.caught] == [
            (f"guest{n}@guests.example.org",) for n in range(len(names))
        ]
        for caught in sink.caught:
            assert_it_reads_well(caught.email)
            assert [part.get_content_type() for part in caught.email.walk()] == [
                "multipart/alternative", "text/plain", "text/html",
            ]  # fmt: skip
