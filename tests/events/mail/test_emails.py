"""An email: its headers, its parts, and that nobody's name can become a header, a recipient or a link.

Rules: SE-14, EM-09.
"""

import re
from email.message import EmailMessage
from typing import Any

import pytest
from jinja2 import UndefinedError

from events.ground import settings, wording
from events.mail import emails
from events.mail.emails import Email
from events.mail.outbox import Message
from tests.conftest import SETTINGS
from tests.mail_reading import folded, html_of, parts_of, read, text_of
from tests.people import MONDAY

FACTS = {
    "name": "Ada Ashdown",
    "title": "Conference for professionals",
    "day": "Monday 15 April 2019",
    "banner": ["Conference for professionals", "Monday 15 April 2019", "Hosted by Safer Places"],
    "contact": "organisers@example.org, 01632 960003",
    "contact_phone": "01632 960003",
    "manage": "https://places.example.org/manage/x",
    "ticket_page": "https://places.example.org/ticket/x",
    "reminder": "",
    "reference": "HK7-4QD",
    "hours": "09:30 to 16:00",
    "doors_open": "09:00",
    "venue": "",
    "bring": "",
    "wellbeing": "",
    "feedback": "https://places.example.org/feedback/x",
    "you_can": "Until Friday 12 April 2019 you can",
    "entrance": "",
    "workshops": [("09:30 to 10:30", "Safety plans")],
}
HOSTILE = [
    "Ada\r\nBcc: eve@evil.example",
    "Ada\nSubject: You have won",
    "Ada\r\n\r\n<h1>Pay here</h1>",
    "Ada\x00\x0b\x0c\x1c\x85\u2028\u2029Ashdown",
    "\u202eadA\u2066\u200b",
    "=?utf-8?q?Ada=0D=0ABcc:_eve=40evil.example?=",
    "--=_alternative--\r\nContent-Type: text/html",
    "{{ 7 * 7 }} {% raw %}",
]


def a_row(template: str = "waiting", number: int = 7) -> Message:
    return Message(id=number, template=template, subject_id=3, cause="approved", queued_at=MONDAY)


def written(
    template: str = "waiting", to: str = "ada@wardens.example.org", number: int = 7, **facts: Any
) -> EmailMessage:
    return read(as_sent(template, to, number, **facts))


def as_sent(template: str = "waiting", to: str = "ada@wardens.example.org", number: int = 7, **facts: Any) -> Email:
    images = {"code": b"\x89PNG not really"} if template == "ticket" else None
    return emails.write(a_row(template, number), to=to, facts=FACTS | facts, images=images)


def headers(email: EmailMessage) -> dict[str, str]:
    return {name: str(value) for name, value in email.items()}


def test_the_headers_of_an_email() -> None:
    found = headers(written())
    message_id = found.pop("Message-ID")
    assert found == {
        "From": "Conference places <events@example.org>",
        "To": "ada@wardens.example.org",
        "Reply-To": "organisers@example.org",
        "Subject": "Your request for Monday 15 April 2019",
        "Date": "Mon, 08 Apr 2019 09:00:00 +0100",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/alternative; boundary="=_alternative"',
    }
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.org>", message_id)


def test_a_repeat_is_the_same_bytes_and_another_row_has_another_message_id() -> None:
    assert as_sent("ticket") == as_sent("ticket")
    assert written()["Message-ID"] != written(number=8)["Message-ID"]


def test_the_parts_with_and_without_a_picture() -> None:
    plain, with_picture = written(), written("ticket")
    assert parts_of(plain) == ["multipart/alternative", "text/plain", "text/html"]
    assert parts_of(with_picture) == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
    ]  # fmt: skip
    picture = list(with_picture.walk())[-1]
    assert (picture["Content-ID"], picture.get_content_disposition(), picture.get_filename()) == (
        "<code@example.org>", "inline", "code.png",
    )  # fmt: skip
    assert f'src="cid:{picture["Content-ID"][1:-1]}"' in html_of(with_picture)


def test_answers_go_to_the_sender_where_no_other_address_is_set() -> None:
    settings.choose(SETTINGS.model_copy(update={"reply_to": ""}))
    assert written()["Reply-To"] == "Conference places <events@example.org>"


def test_html_is_escaped_and_text_is_not() -> None:
    email = written(name="Zoë O'Brien-Nguyễn 3rd & <b>Co</b>")
    assert "Dear Zoë O'Brien-Nguyễn 3rd & <b>Co</b>," in text_of(email)
    assert "Dear Zoë O&#39;Brien-Nguyễn 3rd &amp; &lt;b&gt;Co&lt;/b&gt;," in html_of(email)


def test_an_email_with_a_hole_in_it_is_not_written() -> None:
    facts = {name: value for name, value in FACTS.items() if name != "manage"}
    with pytest.raises(UndefinedError):
        emails.write(a_row(), to="ada@wardens.example.org", facts=facts)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_fact_becomes_a_header_or_a_part(hostile: str) -> None:
    """Every fact is hostile here, even those that only organisers can set."""
    facts = dict.fromkeys(FACTS, hostile) | {"banner": [hostile], "workshops": [(hostile, hostile)]}
    for template in ("waiting", "ticket"):
        email = read(emails.write(a_row(template), to="ada@wardens.example.org", name=hostile, facts=facts))
        assert list(headers(email)) == list(headers(written(template)))
        assert parts_of(email) == ["multipart/alternative", "text/plain", "text/html"]
        assert [address.addr_spec for address in email["To"].addresses] == ["ada@wardens.example.org"]
        assert [part.defects for part in email.walk() if part.defects] == []
        assert html_of(email).count("<h1") == 1


def test_a_subject_shows_what_was_typed_and_never_what_email_programs_would_decode() -> None:
    typed = "=?utf-8?q?Ada=0D=0ABcc:_eve=40evil.example?="
    assert written(day=typed)["Subject"] == f"Your request for {typed.replace('=?', '= ?')}"


@pytest.mark.parametrize(
    "to",
    [
        "", "@", "ada", "ada@", "@example.org", "a b@x.example.org", '"a, b"@x.example.org', "a@x..example.org",
        "a@x.example.org, b@y.example.org", "a@x.example.org;b@y.example.org", "friends: a@x.example.org;",
        "a@x.example.org\r\nBcc: b@y.example.org", "a@x.example.org\nb@y.example.org", "Ada <a@x.example.org>",
        "<a@x.example.org> b@y.example.org", "zoë@x.example.org", "x" * 250 + "@example.org",
        "=?utf-8?q?a=0d=0abcc=3aeve=40evil.example?=@x.example.org", "=?utf-8?q?=0d=0abcc?=.a@x.example.org",
    ],
)  # fmt: skip
def test_what_is_not_one_address_gets_no_email(to: str) -> None:
    with pytest.raises(emails.NotAnAddress) as refused:
        written(to=to)
    assert to == "" or to not in str(refused.value)


def test_no_telephone_number_breaks_on_a_narrow_phone() -> None:
    """In the HTML; in the text it stands as people copy it."""
    email = written()
    numbers = [service.number for service in wording.SUPPORT] + [str(FACTS["contact_phone"])]
    assert [number for number in numbers if number.replace(" ", "\u00a0") not in html_of(email)] == []
    assert [number for number in numbers if " " in number and number in html_of(email)] == []
    assert [number for number in numbers if number not in text_of(email)] == []


@pytest.mark.parametrize("name", ["Ada Ashdown", "Zoë O'Brien-Nguyễn 3rd", 'Ada "The, Advocate"'])
def test_whoever_is_known_by_a_name_is_addressed_by_it(name: str) -> None:
    email = read(emails.write(a_row(), to="ada@wardens.example.org", name=name, facts=FACTS))
    (to,) = email["To"].addresses
    assert (to.display_name, to.addr_spec) == (name, "ada@wardens.example.org")


@pytest.mark.parametrize(
    "to",
    ["o'brien+events@x.example.org", "a" * 64 + "@" + ("d" * 60 + ".") * 2 + "d" * 55 + ".example.org"],
    ids=["signs", "254 characters"],
)
def test_an_odd_address_arrives_as_it_is(to: str) -> None:
    email = written(to=to)
    assert [address.addr_spec for address in email["To"].addresses] == [to]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Zoë O'Brien-Nguyễn 3rd", "Zoë O'Brien-Nguyễn 3rd"),
        ("J.R. Hartley", "J.R. Hartley"),
        ("Prince", "Prince"),
        ("Ada\r\nAshdown", "Ada Ashdown"),
        ("Ada https://evil.example/win", "Ada https:// evil. example/win"),
        ("Ada www.evil.example", "Ada www. evil. example"),
        ("Ada t.co/win", "Ada t. co/win"),
        ("eve@evil.example", "eve@ evil. example"),
    ],
)
def test_a_name_carries_no_link_to_a_stranger(typed: str, said: str) -> None:
    assert emails.harmless(typed) == said


def test_lines_are_short_and_plain_ascii_on_the_wire() -> None:
    """Long lines are what relays wrap, and 8-bit ones what they convert: either would change an email."""
    raw = as_sent("ticket", name="Zoë " + "ễ" * 96).raw
    assert max(map(len, raw.split(b"\r\n"))) < 100
    assert raw.isascii()
    assert "Dear Zoë " + "ễ" * 96 + "," in folded(text_of(written(name="Zoë " + "ễ" * 96)))
