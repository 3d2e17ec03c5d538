"""What follows from what came back, on both databases: the message is marked, the address noted, nobody cancelled.

Rules: EM-12.
"""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, keys
from events.ground.database import Database, query
from events.mail import delivery, outbox
from events.mail.bounces import addressees, return_path, returned
from events.mail.bounces.returned import Outcome
from events.mail.outbox import Message, MessageState
from registrations.all_emails import writers
from registrations.deciding import vetting
from registrations.people.registration import Registration, State
from registrations.tickets.ticket import Ticket
from tests.conftest import SETTINGS
from tests.events.mail.bounces.returning import sample
from tests.events.mail.mailing import send
from tests.people import MONDAY, Person, confirmed
from tests.smtp_sink import smtp_sink


@pytest.fixture
async def sent(event: Event, ada: Person, omar: Staff) -> Message:
    """Ada's ticket, which the relay has taken."""
    await vetting.approve(await confirmed(ada, event), omar, MONDAY)
    async with smtp_sink() as sink:
        await send(sink, writers())
        assert sink.recipients == [ada.email]
    return await Message.get()


async def take(raw: bytes, recipient: str = "") -> Outcome:
    return await returned.take(raw, recipient, MONDAY, clock.real())


async def state_of(message: Message) -> tuple[str, str]:
    row = await Message.get(id=message.id)
    return row.state.value, row.reply_status


async def recorded(*actions: Action) -> list[tuple[str, str, str, Any]]:
    entries = await AuditEntry.filter(action__in=actions).order_by("id")
    return [(entry.actor, entry.action.value, entry.subject, entry.details) for entry in entries]


@pytest.mark.parametrize(
    ("name", "status", "words", "noted"),
    [
        ("postfix_unknown", "5.1.1", "The address does not exist", True),
        ("exchange_full", "5.2.2", "Their mailbox accepts no more email", True),
        ("postfix_dmarc", "5.7.1", "Their mail system refused our email", False),
    ],
)
async def test_a_failure_marks_the_email_and_cancels_nobody(
    sent: Message, name: str, status: str, words: str, noted: bool
) -> None:
    assert await take(sample(name, sent.id)) is Outcome.FAILED
    assert await state_of(sent) == ("failed", status)
    assert delivery.in_words(await Message.get()) == f"{words}. Telephone this person"
    person = await Registration.get()
    assert (person.state, person.undeliverable) == (State.APPROVED, status if noted else "")
    assert await Ticket.filter(revoked_at=None).count() == 1
    [returned_entry, *stopped] = await recorded(Action.EMAIL_RETURNED, Action.ADDRESS_STOPPED)
    assert returned_entry == (
        "system", Action.EMAIL_RETURNED.value, f"message:{sent.id}", {"template": "ticket", "status": status},
    )  # fmt: skip
    assert [entry[2] for entry in stopped] == ([f"registration:{person.id}"] if noted else [])


async def test_a_delay_is_shown_and_a_failure_may_follow(sent: Message) -> None:
    outcomes = [await take(sample("postfix_delayed", sent.id)) for _ in range(2)]
    assert outcomes == [Outcome.DELAYED, Outcome.NOTHING]
    assert await state_of(sent) == ("sent", "4.4.1")
    assert len(await recorded(Action.EMAIL_DELAYED)) == 1
    assert await take(sample("postfix_expired", sent.id)) is Outcome.FAILED
    assert await take(sample("postfix_delayed", sent.id)) is Outcome.NOTHING, "it was late itself"
    assert await state_of(sent) == ("failed", "4.4.1")


async def test_what_is_no_report_changes_nothing(sent: Message) -> None:
    """Which shapes are none: test_report.py."""
    assert await take(sample("not_vacation_gmail", sent.id)) is Outcome.NOTHING
    assert (await state_of(sent), (await Registration.get()).undeliverable) == (("sent", ""), "")


async def test_what_is_forged_changes_nothing_and_is_counted(sent: Message) -> None:
    right = return_path.mark(sent.id)
    wrong = [
        "bounces@example.org",  # no mark
        f"bounces+{right[:-1]}{'a' if right[-1] != 'a' else 'b'}@example.org",  # of another number
        f"bounces+{'a' if right[0] != 'a' else 'b'}{right[1:]}@example.org",  # a wrong MAC
        f"bounces+{return_path.mark(sent.id + 1)}@example.org",  # right, of a message that there is not
        f"bounces+{right[:16]}{return_path.mark(sent.id + 1)[16:]}@example.org",
    ]
    before = await query("SELECT * FROM message")
    for address in wrong:
        assert await take(sample("postfix_unknown", to=address)) is Outcome.FOREIGN, address
    assert await query("SELECT * FROM message") == before
    assert await returned.foreign_today(clock.real()) == len(wrong)
    assert (await Registration.get()).undeliverable == ""
    assert await take(sample("postfix_unknown", sent.id)) is Outcome.FAILED, "the right one is taken"
    assert await returned.foreign_today(clock.real()) == len(wrong)


async def test_what_cannot_be_understood_is_counted_and_changes_nothing(sent: Message) -> None:
    assert await take(sample("unknown_words_of_a_mail_system", sent.id)) is Outcome.UNKNOWN
    assert await returned.unknown_today(clock.real()) == 1
    assert await state_of(sent) == ("sent", "")


async def test_whom_the_server_says_it_was_sent_to_counts_before_the_header(sent: Message) -> None:
    raw = sample("postfix_unknown", to="somebody@example.org")
    assert await take(raw) is Outcome.FOREIGN
    assert await take(raw, f"bounces+{return_path.mark(sent.id)}@example.org".upper()) is Outcome.FAILED


async def test_it_may_come_back_before_we_have_marked_it_as_sent(event: Event, ada: Person, omar: Staff) -> None:
    await vetting.approve(await confirmed(ada, event), omar, MONDAY)
    waiting = await Message.get()
    assert await take(sample("postfix_unknown", waiting.id)) is Outcome.NOTHING, "nobody has sent it yet"
    [claimed] = await outbox.claim(clock.real())
    assert await take(sample("postfix_unknown", claimed.id)) is Outcome.FAILED
    await outbox.mark_sent(claimed, MONDAY)
    assert await state_of(claimed) == ("failed", "5.1.1")


async def test_the_same_report_many_times_at_once_is_one(sent: Message) -> None:
    raw = sample("exchange_unknown", sent.id)
    outcomes = await asyncio.gather(*(take(raw) for _ in range(10)))
    assert sorted(outcomes) == sorted([Outcome.FAILED] + [Outcome.NOTHING] * 9)
    assert len(await recorded(Action.EMAIL_RETURNED)) == len(await recorded(Action.ADDRESS_STOPPED)) == 1


async def test_a_report_of_an_earlier_try_does_not_end_a_new_one(sent: Message, omar: Staff) -> None:
    raw = sample("postfix_unknown", sent.id)
    assert await take(raw) is Outcome.FAILED
    assert await outbox.retry(await Message.get(), omar, MONDAY)
    assert await take(raw) is Outcome.NOTHING
    assert (await state_of(sent))[0] == "queued"


async def test_a_report_that_comes_again_stops_no_address_that_was_let_go(
    sent: Message, event: Event, omar: Staff
) -> None:
    raw = sample("postfix_unknown", sent.id)
    assert await take(raw) is Outcome.FAILED
    assert await addressees.allow(await Registration.get(), omar, MONDAY, event.id)
    assert await take(raw) is Outcome.NOTHING
    assert (await Registration.get()).undeliverable == ""


@pytest.mark.parametrize("state", [MessageState.TELEPHONED, MessageState.FAILED])
async def test_what_is_dealt_with_stays_so(sent: Message, state: MessageState) -> None:
    await Message.all().update(state=state, reply_status="5.7.1")
    assert await take(sample("postfix_unknown", sent.id)) is Outcome.NOTHING
    assert await state_of(sent) == (state.value, "5.7.1")


async def test_what_was_dropped_on_its_way_stays_so_and_its_address_is_noted(sent: Message) -> None:
    await Message.all().update(state=MessageState.DROPPED)
    assert await take(sample("postfix_unknown", sent.id)) is Outcome.NOTHING
    assert (await state_of(sent))[0] == "dropped"
    assert (await Registration.get()).undeliverable == "5.1.1"


async def test_a_report_under_an_older_key_is_still_ours(sent: Message) -> None:
    raw = sample("postfix_unknown", sent.id)
    keys.install(keys.Keyring([keys.new_key(), SETTINGS.key.get_secret_value()]))
    assert await take(raw) is Outcome.FAILED


async def test_nothing_of_what_came_back_is_kept_or_logged(
    database: Database, sent: Message, printed: pytest.CaptureFixture[str]
) -> None:
    """But its status and time. The same search finds what it looks for in the sample itself."""
    raw = sample("qmail_words_only", sent.id)
    wanted = ["ada@wardens", "mailbox here", "mail.example.net", return_path.mark(sent.id)]
    assert all(words in raw.decode() for words in wanted)
    with capture_logs() as logged:
        assert await take(raw) is Outcome.FAILED
        await take(raw.replace(return_path.mark(sent.id).encode(), b"a" * 24))
    rows: list[Any] = [await query(f"SELECT * FROM {table}") for table in ("message", "audit_entry", "attempt")]  # noqa: S608
    kept = f"{rows} {logged} {printed.readouterr()}"
    assert [words for words in wanted if words in kept] == []
    assert "5.1.1" in kept
