"""What the answers of mail systems mean, with a status or in words alone."""

import pytest

from events.mail import delivery


@pytest.mark.parametrize(
    ("words", "kind", "status"),
    [
        ("550 5.1.1 <guest1@guests.example.org>: no such user", "5", "5.1.1"),
        ("550 5.0.0 5.1.1 no such user", "5", "5.1.1"),
        ("550 <guest1@guests.example.org>: User unknown", "5", "5.1.1"),
        ("550 Invalid Recipient - https://gateway.example.net/550", "5", "5.1.1"),
        ("550 Unrouteable address", "5", "5.1.1"),
        ("552 sorry, that user is over quota", "5", "5.2.2"),
        ("452 Mailbox full", "4", "4.2.2"),
        ("550 This mailbox is disabled", "5", "5.2.1"),
        ("550 Administrative prohibition - envelope blocked", "5", "5.7.1"),
        ("550 Rejected by header based Anti-Spoofing policy", "5", "5.7.1"),
        ("550 No such user, says our policy", "5", "5.7.1"),
        ("550 relay not permitted", "5", "5.7.1"),
        ("554 5.0.0 we do not like it", "5", "5.0.0"),
        ("554 we do not like it", "5", ""),
        ("no user unknown to us", "", ""),
        ("Exim 4.98.1 at 5.10.20.30 says no", "4", ""),
        ("from [5.1.1.9]", "5", ""),
    ],
)
def test_a_status_is_found_or_understood(words: str, kind: str, status: str) -> None:
    assert delivery.status_in(words, kind) == status


TAKE_NONE = ["5.1.1", "5.1.2", "5.1.3", "5.1.10", "5.1.351", "5.2.1", "5.2.2", "5.4.1", "5.4.4", "5.4.310"]
TAKE_SOME = [
    "", "unwritten", "4.1.1", "4.2.2", "4.4.7", "5.0.0", "5.1.0", "5.1.7", "5.1.8", "5.2.121", "5.2.3", "5.3.4",
    "5.4.14", "5.6.7", "5.7.1", "5.7.26",
]  # fmt: skip


def test_only_what_is_said_of_the_address_stops_emails_to_it() -> None:
    """A refusal of one email, or of all of ours, says nothing of the next: it may be our own fault."""
    assert [status for status in TAKE_NONE + TAKE_SOME if delivery.takes_none(status)] == TAKE_NONE
