"""The return path of an email says which one it was, to us alone, and whose it was to nobody."""

import base64
import re
from itertools import pairwise

import pytest
from pydantic import ValidationError

from events.ground import keys, settings
from events.ground.database import Database
from events.ground.settings import Settings
from events.mail.bounces import return_path
from tests.conftest import SETTINGS
from tests.events.mail.mailing import as_if_hours_had_passed, queue, send
from tests.smtp_sink import smtp_sink

OURS = SETTINGS.model_copy(update={"bounces": "bounces@example.org"})


def test_a_mark_leads_to_its_message_whatever_a_mail_system_made_of_its_case() -> None:
    for number in (1, 2, 7_000, 2**31 - 1):
        mark = return_path.mark(number)
        assert re.fullmatch(r"[a-z2-7]{24}", mark)
        assert [return_path.message_of(mark), return_path.message_of(mark.upper())] == [number, number]


def test_what_we_did_not_make_leads_nowhere() -> None:
    """Not a letter can be changed, and the number behind a MAC cannot be another's."""
    mine, other = return_path.mark(7), return_path.mark(8)
    changed = [mine[:n] + ("a" if mine[n] != "a" else "b") + mine[n + 1 :] for n in range(24)]
    for forged in [*changed, mine[:16] + other[16:], other[:16] + mine[16:], "a" * 24]:
        assert return_path.message_of(forged) is None, forged


def test_marks_tell_no_count_and_nothing_of_each_other() -> None:
    marks = [return_path.mark(number) for number in range(1, 200)]
    assert len({mark[:3] for mark in marks}) > 150
    assert len({mark[-6:] for mark in marks}) == len(marks), "the number is masked"
    ends = [base64.b32decode(mark.upper())[-1] for mark in marks]
    apart = {(before ^ after) for before, after in pairwise(ends)}
    assert len(apart) > 60, "each with a mask of its own: with one for all, one after the other would show"


def test_a_mark_outlives_a_new_key_and_not_the_end_of_its_own() -> None:
    old = SETTINGS.key.get_secret_value()
    before, new = return_path.mark(7), keys.new_key()
    keys.install(keys.Keyring([new, old]))
    assert return_path.mark(7) != before
    assert [return_path.message_of(before), return_path.message_of(return_path.mark(7))] == [7, 7]
    keys.install(keys.Keyring([new]))
    assert return_path.message_of(before) is None


def test_the_first_mark_of_ours_in_a_text_counts() -> None:
    text = f"To: <bounces+{'a' * 24}@example.org>\nDelivered-To: <x+{return_path.mark(7)}@elsewhere.example>"
    assert return_path.message_in(text) == 7
    assert return_path.message_in("To: bounces@example.org") is None


def test_without_a_mailbox_for_them_emails_come_back_to_the_sender() -> None:
    assert return_path.envelope_sender(7) == "events@example.org"


async def test_each_email_goes_out_under_a_return_path_of_its_own(database: Database) -> None:
    """As the relay hears it: no address, and the same again when the relay puts one off, as greylisting needs."""
    settings.choose(OURS)
    await queue(1, 2, 3)
    async with smtp_sink() as sink:
        sink.says("RCPT", "451 4.7.1 greylisted")
        await send(sink)
        await as_if_hours_had_passed(1)
        await send(sink)
        put_off, *others = sink.senders
        assert [sink.senders.count(sender) for sender in sink.senders] == [2, 1, 1, 2]
        assert put_off == others[-1]
        for sender in sink.senders:
            assert re.fullmatch(r"bounces\+[a-z2-7]{24}@example\.org", sender)
        found = {caught.recipients[0]: return_path.message_in(caught.sender) for caught in sink.caught}
        assert found == {f"guest{number}@guests.example.org": number for number in (1, 2, 3)}
        assert {str(caught.email["From"]) for caught in sink.caught} == {"Conference places <events@example.org>"}
        assert not any(b"bounces" in caught.raw for caught in sink.caught), "people never see it"


@pytest.mark.parametrize(
    "wrong", ["bounces", "Bounces <bounces@example.org>", "b@example", "b c@example.org", "x" * 40 + "@example.org"]
)
def test_a_mailbox_that_takes_no_mark_is_refused(wrong: str) -> None:
    """A local part has 64 characters at most (RFC 5321)."""
    with pytest.raises(ValidationError, match="without a name"):
        Settings(bounces=wrong)


def test_the_longest_mailbox_still_makes_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_BOUNCES", "x" * 39 + "@example.org")
    settings.choose(None)
    settings._from_environment.cache_clear()
    assert len(return_path.envelope_sender(7).partition("@")[0]) == 64
    settings._from_environment.cache_clear()
