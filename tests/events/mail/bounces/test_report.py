"""What came back is read as it was meant: in the shapes of many mail systems, cut short, and made to hurt.

Rules: EM-12.
"""

import logging
import time
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.mail.bounces import report
from events.mail.bounces.report import NOTHING, UNKNOWN, Kind, Report
from tests.events.mail.bounces.returning import NAMES, sample

F, D = Kind.FAILED, Kind.DELAYED
MEANT = {
    "encoded_report": Report(F, "5.1.10"),
    "exchange_delayed": Report(D, "4.4.7"),
    "exchange_expired": Report(F, "4.4.7"),
    "exchange_full": Report(F, "5.2.2"),
    "exchange_of_another_server": Report(F, "5.1.351"),
    "exchange_refused": Report(F, "5.7.133"),
    "exchange_unknown": Report(F, "5.1.10"),
    "exim_words_only": Report(F, "5.1.1"),
    "filter_service_odd_order": Report(F, "5.1.1"),
    "gmail_delayed": Report(D, "4.4.1"),
    "gmail_full": Report(F, "5.2.2"),
    "gmail_unknown": Report(F, "5.1.1"),
    "gmail_without_status": Report(F, "5.1.1"),
    "nhsmail_unknown": Report(F, "5.1.1"),
    "old_exchange_words_only": Report(F, "5.1.1"),
    "opensmtpd_error": Report(F, "5.1.1"),
    "postfix_3_10_delayed": Report(D, "4.7.1"),
    "postfix_3_10_unknown": Report(F, "5.1.1"),
    "postfix_delayed": Report(D, "4.4.1"),
    "postfix_delivered": NOTHING,
    "postfix_dmarc": Report(F, "5.7.1"),
    "postfix_expired": Report(F, "4.4.1"),
    "postfix_full": Report(F, "5.2.2"),
    "postfix_gateway_policy": Report(F, "5.7.1"),
    "postfix_gateway_without_status": Report(F, "5.1.1"),
    "postfix_m365_no_such_recipient": Report(F, "5.4.1"),
    "postfix_no_domain": Report(F, "5.4.4"),
    "postfix_unknown": Report(F, "5.1.1"),
    "qmail_words_only": Report(F, "5.1.1"),
    "unknown_words_of_a_mail_system": UNKNOWN,
}


@pytest.mark.parametrize("ended", [b"\n", b"\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("name", NAMES)
def test_each_shape_is_read_as_it_was_meant(name: str, ended: bytes) -> None:
    meant = NOTHING if name.startswith("not_") else MEANT[name]
    assert report.read(sample(name).replace(b"\n", ended)) == meant


def test_the_email_that_is_sent_back_may_be_huge_or_cut_off() -> None:
    """The report stands before it."""
    raw = sample("postfix_unknown")
    assert report.read(raw + b"x" * 10_000_000) == Report(F, "5.1.1")
    head = raw[: raw.index(b"Content-Description: Undelivered Message")]
    assert report.read(head) == Report(F, "5.1.1")


def test_of_several_recipients_a_failure_counts_most() -> None:
    raw = sample("postfix_delayed")
    failed = b"Final-Recipient: rfc822; ada@wardens.example.org\nAction: failed\nStatus: 5.1.1\n\n"
    assert report.read(raw.replace(b"Final-Recipient", failed + b"Final-Recipient", 1)) == Report(F, "5.1.1")


def test_of_several_recipients_none_is_taken_for_another() -> None:
    """Each has a block of its own, however its lines end."""
    fields = (b"Action: failed\nStatus: 5.1.1", b"Action: delivered\nStatus: 2.0.0")
    raw = REPORT + STATUS + b"".join(b"\nFinal-Recipient: rfc822; ada@x.example\n%b\n" % said for said in fields)
    assert report.read(raw) == report.read(raw.replace(b"\n", b"\r\n")) == Report(F, "5.1.1")


def test_an_action_that_nobody_knows_says_nothing() -> None:
    """Without one at all the status says it."""
    raw = sample("postfix_unknown")
    assert report.read(raw.replace(b"Action: failed", b"Action: pondered")) == NOTHING
    assert report.read(raw.replace(b"Action: failed\n", b"")) == Report(F, "5.1.1")


def test_a_report_of_another_kind_is_none_of_ours_whatever_its_words_are() -> None:
    """The same words of a mail system, which is no report, say that it failed."""
    raw = sample("qmail_words_only")
    kind = b"Content-Type: multipart/report; report-type=feedback-report; boundary=b\n"
    head, text = raw.split(b"\n\n", maxsplit=1)
    plain = b"\n".join(line for line in head.split(b"\n") if not line.lower().startswith(b"content-"))
    assert report.read(plain + b"\n\n" + text) == Report(F, "5.1.1")
    assert report.read(plain + b"\n" + kind + b"\n--b\n\n" + text + b"\n--b--\n") == NOTHING


def test_only_its_beginning_is_looked_at() -> None:
    failed = STATUS + b"\nAction: failed\nStatus: 5.1.1\n"
    other = b"--b\nContent-Type: text/plain\n\n%b\n"
    assert report.read(REPORT + other % b"" + failed) == Report(F, "5.1.1")
    assert report.read(REPORT + other % (b"x" * report.MOST) + failed) == NOTHING
    assert report.read(REPORT + (other % b"") * report.MOST_PARTS + failed) == NOTHING


def test_those_who_know_odd_systems_log_nothing_of_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", "flufl.bounce"):
        assert report.read(sample("qmail_words_only")) == Report(F, "5.1.1")
        assert caplog.records == []
        logging.getLogger("flufl.bounce").disabled = False
        try:
            report.read(sample("qmail_words_only"))
        finally:
            logging.getLogger("flufl.bounce").disabled = True
        assert caplog.records


def nested(depth: int) -> bytes:
    head = b"From: mailer-daemon@x.example\n"
    for n in range(depth):
        head += b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n)
    return head + b"Content-Type: text/plain\n\nno\n"


def nested_messages(depth: int) -> bytes:
    return b"From: mailer-daemon@x.example\n" + b"Content-Type: message/rfc822\n\n" * depth + b"no\n"


REPORT = b"From: mailer-daemon@x.example\nContent-Type: multipart/report; boundary=b\n\n"
STATUS = b"--b\nContent-Type: message/delivery-status\n"
HOSTILE = {
    "nothing": b"",
    "zeros": bytes(300_000),
    "no line ends": b"a" * 300_000,
    "only line ends": b"\n" * 300_000,
    "a deep nest": nested(5_000),
    "a nest of emails": nested_messages(5_000),
    "many parts": REPORT + b"--b\nContent-Type: text/plain\n\nx\n" * 8_000,
    "many recipients": REPORT + STATUS + b"\nAction: delivered\n" * 14_000,
    "many fields": REPORT + STATUS + b"\n" + b"Status: \n" * 28_000,
    "a long field": REPORT + STATUS + b"\nAction: failed\nDiagnostic-Code: " + b"5.1." * 60_000,
    "folded for ever": REPORT + STATUS + b"\nAction: failed\nDiagnostic-Code: x" + b"\n x" * 80_000,
    "no such encoding": REPORT + STATUS + b"Content-Transfer-Encoding: base64\n\n%%%%\n",
    "no such charset": b"From: mailer-daemon@x.example\nContent-Type: text/plain; charset=no-such\n\n\xff\xfe\n",
    "brackets": b"From: " + b"(" * 100_000 + b"\nContent-Type: " + b"(" * 100_000 + b"\n\n",
    "parameters": b"From: postmaster@x.example\nContent-Type: multipart/report; " + b'a="";' * 40_000 + b"\n\n",
    "continued parameters": b"Content-Type: multipart/report; "
    + b"".join(b"a*%d=x;" % n for n in range(20_000))
    + b"\n\n",
    "words of odd systems": b"From: postmaster@x.example\nSubject: failure\n\n"
    + b"the following addresses had\nUnable to deliver message to\nYour message\n" * 40
    + (b"a" * 5_000 + b"\n" + b"a@" * 3_000 + b"\n") * 20,
    "a boundary of nothing": b'From: postmaster@x.example\nContent-Type: multipart/report; boundary=""\n\n--\n--\n'
    * 1_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_made_to_hurt_is_read_in_no_time_and_says_nothing(name: str) -> None:
    began = time.process_time()
    found = report.read(HOSTILE[name])
    took = time.process_time() - began
    assert found.kind in {Kind.NOTHING, Kind.UNKNOWN} or name in {"a long field", "folded for ever"}
    assert took < 2, f"{took:.1f} seconds"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2_000), st.sampled_from(NAMES), st.integers(0, 4_000), st.integers(0, 400))
def test_nothing_makes_it_raise(noise: bytes, name: str, place: int, cut: int) -> None:
    raw = (sample(name)[:place] + noise + sample(name)[place + cut :]).replace(b"\x00", b"")
    assert isinstance(report.read(raw), Report)
    assert len(report.read(raw).status) <= 12


def test_a_status_is_no_longer_than_its_column() -> None:
    raw = sample("postfix_unknown").replace(b"Status: 5.1.1", b"Status: 5.1.99999999999")
    assert len(report.read(raw).status) <= 12


def test_an_email_of_ours_that_comes_back_as_it_was_is_no_report() -> None:
    """Somebody entered the mailbox of bounces as an address."""
    email = EmailMessage()
    email["From"], email["To"], email["Subject"] = "events@example.org", "bounces@example.org", "Your request"
    email["Auto-Submitted"] = "auto-generated"
    email.set_content("Did you ask for a place?")
    assert report.read(email.as_bytes()) == NOTHING
