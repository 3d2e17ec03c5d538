"""Forms take people's answers as they are, say in plain words what is missing, and compare addresses in one form.

Rules: GU-06.
"""

import io
import re
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from starlette.datastructures import FormData, UploadFile

from events.web import forms
from events.web.forms import (
    Choice,
    Form,
    FullName,
    Phone,
    Text,
    TimeOfDay,
    Whole,
    WorkEmail,
    clean,
    normal_email,
    whole_number,
)

YES_NO = [("yes", "Yes"), ("no", "No")]


class Asked(Form):
    full_name = FullName()
    email = WorkEmail()
    badge = Text("Name for your badge", longest=60)
    phone = Phone()
    photos = Choice("May we take photos of you?", YES_NO, missing="Select yes if you agree")


class Places(Form):
    places = Whole("Number of places", missing="Enter the number of places", least=1, most=500)


class Hours(Form):
    closes = TimeOfDay("Closes")


GOOD = {"full_name": "Ada Ashdown", "email": "ada@wardens.example.org", "photos": "no"}


def posted(**answers: str) -> Asked:
    """A good form but for these answers, read as a page reads it."""
    form = Asked(FormData({**GOOD, **answers}))
    form.validate()
    return form


def test_good_answers_are_good_and_what_is_optional_may_stay_empty() -> None:
    form = posted()
    assert form.errors == {}
    assert form.data == {**GOOD, "badge": "", "phone": ""}
    assert [field.label.text for field in form][2:4] == [
        "Name for your badge (optional)",
        "Telephone number (optional)",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "Zoë O'Brien-Nguyễn 3rd",
        "Prince",
        "X Æ A-12",
        "ශ්‍රී",  # spelt with a zero-width joiner
        "علی‌رضا",  # and with a non-joiner
        "李小龍",
        "D\u2019Arcy, Jr.",
        "Ó" * 100,
    ],
)
def test_a_name_is_taken_as_it_is_typed(name: str) -> None:
    form = posted(full_name=name, badge=name[:60])
    assert (form.errors, form.full_name.data) == ({}, name)


def test_accents_typed_as_two_characters_are_kept_as_one_so_that_a_hundred_letters_fit() -> None:
    form = posted(full_name="e\u0301" * 100)
    assert (form.errors, form.full_name.data) == ({}, "é" * 100)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada\r\nBcc: all@example.org", "Ada Bcc: all@example.org"),  # no second line in an email's header
        ("Ada\x00\x1b[2J Ashdown", "Ada [2J Ashdown"),
        ("Ada\x85Ashdown\u2028x\u2029y", "Ada Ashdown x y"),
        ("\u202eadA\u202c \u2066x\u2069", "adA x"),  # no text that runs backwards
        ("A\u200bd\u2060a\ufeff\u00ad", "Ada"),
        ("\u061cAda\u200f", "Ada"),
        ("  Ada \t  Ashdown ", "Ada Ashdown"),
        ("Ada\u00a0Ashdown", "Ada Ashdown"),
        ("\u200d\u200cAda\u200d ", "Ada"),
        ("\ud800Ada", "Ada"),  # half a character, which no database takes
        ("\u3164\u2800\u115f\u1160", ""),
        ("A\u034fda\ufe0f Ash\U000e0100down\u17b5", "Ada Ashdown"),  # marks that only make equal names unequal
        ("Zoe\u034f\u0308", "Zo\u00eb"),
    ],
)
def test_what_nobody_sees_is_taken_out(typed: str, kept: str) -> None:
    assert clean(typed) == kept
    assert clean(kept) == kept


@pytest.mark.parametrize("name", ["", "   ", "\u200d", "\u3164", "\u115f\u1160", "-", "'.'"])
def test_a_name_without_a_letter_is_missing(name: str) -> None:
    assert posted(full_name=name).errors == {"full_name": ["Enter your full name"]}


def test_an_empty_form_says_what_is_missing_in_the_order_of_its_fields() -> None:
    form = Asked(FormData())
    form.validate()
    assert form.pairs_of_errors() == [
        {"text": "Enter your full name", "href": "#full_name"},
        {"text": "Enter your work email address", "href": "#email"},
        {"text": "Select yes if you agree", "href": "#photos"},
    ]
    assert form.photos.data is None


def test_too_long_says_how_long_and_keeps_what_was_typed() -> None:
    form = posted(full_name="n" * 101, badge="b" * 61)
    assert form.errors == {
        "full_name": ["Full name must be 100 characters or fewer"],
        "badge": ["Name for your badge must be 60 characters or fewer"],
    }
    assert form.full_name.data == "n" * 101


def test_a_file_in_place_of_a_text_is_no_answer() -> None:
    form = Asked(FormData([("full_name", UploadFile(io.BytesIO(b"x"))), ("photos", UploadFile(io.BytesIO(b"x")))]))
    form.validate()
    assert sorted(form.errors) == ["email", "full_name", "photos"]


@pytest.mark.parametrize("chosen", ["", "maybe", "YES", "yes ", "None"])
def test_only_an_option_that_was_offered_is_a_choice(chosen: str) -> None:
    assert posted(photos=chosen).errors == {"photos": ["Select yes if you agree"]}


LONG = ".".join(["d" * 60] * 3) + ".example"  # 190 characters
EMAILS = {
    "Ada@WARDENS.Example.org": "ada@wardens.example.org",
    "  ada@wardens.example.org ": "ada@wardens.example.org",
    "ada@wardens.example.org\u200b": "ada@wardens.example.org",  # as some programs paste it
    "a.d-a_1+x@wardens.example.org": "a.d-a_1+x@wardens.example.org",  # plus and dots are somebody's own
    "o'brien@wardens.example.org": "o'brien@wardens.example.org",
    "ada@bücher.example": "ada@xn--bcher-kva.example",
    "ada@BÜCHER.example": "ada@xn--bcher-kva.example",
    "ada@bu\u0308cher.example": "ada@xn--bcher-kva.example",
    "ada@xn--bcher-kva.example": "ada@xn--bcher-kva.example",
    "ada@wardens。example.org": "ada@wardens.example.org",
    "ada@example.рф": "ada@example.xn--p1ai",
    "a" * 64 + "@example.org": "a" * 64 + "@example.org",
    "a" * 63 + "@" + LONG: "a" * 63 + "@" + LONG,  # 254 characters in all
}
NO_EMAILS = [
    "", "@", "ada", "ada@", "@example.org", "ada@localhost", "ada@@example.org", "a@b@example.org", "ada@example..org",
    "ada@example.org.", "ada@.example.org", ".ada@example.org", "ada.@example.org", "a..da@example.org",
    "ada lovelace@example.org", "ada@exam ple.org", "ada@exa_mple.org", "ada@-example.org", "ada@example-.org",
    "ada@192.0.2.7", "ada@[192.0.2.7]", "ada@example.1", "ada@example.c", "ada@xn--.example", "ada@☃.example",
    "ada@ex\u200dample.org", "äda@example.org", "Ada <ada@example.org>", "ada@example.org,bo@example.org",
    "ada@example.org\r\nBcc: bo@example.org", '"ada"@example.org', "a" * 65 + "@example.org", "a" * 64 + "@" + LONG,
    "ada@" + "d" * 64 + ".org", "ü" * 20_000 + "@example.org", "ada@" + "ü" * 20_000 + ".org",
]  # fmt: skip


@pytest.mark.parametrize(("typed", "normal"), EMAILS.items())
def test_an_address_has_one_form_in_which_it_is_compared(typed: str, normal: str) -> None:
    form = posted(email=typed)
    assert (form.errors, form.email.normal) == ({}, normal)
    assert form.email.data == clean(typed)
    assert normal_email(normal) == normal


@pytest.mark.parametrize("typed", NO_EMAILS)
def test_what_can_be_no_address_is_turned_down_and_kept_as_typed(typed: str) -> None:
    assert normal_email(typed) is None
    form = posted(email=typed)
    assert list(form.errors) == ["email"]
    assert form.email.data == clean(typed)


def test_a_plain_domain_is_written_as_idna_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of labels put together in each order, with and without what is read as plain."""
    labels = ["a", "A1", "9", "a-b", "-a", "a-", "xn--a", "ab--c", "", "_", "d" * 63, "d" * 64, "é", "\u212a", "org"]
    domains = [f"{first}.{second}{last}" for first, second in product(labels, repeat=2) for last in ("", ".org")]
    ours = {domain: normal_email(f"ada@{domain}") for domain in domains}
    monkeypatch.setattr(forms, "PLAIN_DOMAIN", re.compile("(?!)"))
    assert {domain for domain in domains if ours[domain] != normal_email(f"ada@{domain}")} == set()
    assert 50 < sum(found is not None for found in ours.values()) < len(domains)


def test_wrong_and_too_long_addresses_have_their_own_sentences() -> None:
    assert posted(email="ada").errors == {"email": [forms.EMAIL_WRONG]}
    assert posted(email="a" * 64 + "@" + LONG).errors == {
        "email": ["Work email address must be 254 characters or fewer"]
    }


@pytest.mark.parametrize(
    "lookalike", ["ada@w\u0430rdens.example.org", "ada@wardens.exampIe.org", "ada@ẉardens.example.org"]
)
def test_an_address_that_only_looks_the_same_is_another_and_shows_it(lookalike: str) -> None:
    normal = normal_email(lookalike)
    assert normal is not None
    assert normal.isascii()
    assert normal != "ada@wardens.example.org"


@pytest.mark.parametrize(
    "typed",
    [
        "(01632) 960 001", "+44 7700 900982", "01632 960001 ext 4", "01632 960001 x4", "01632-960-001",
        "+44 (0)1632 960001", "01632 960\u2011001", "0808 802 0300",
    ],
)  # fmt: skip
def test_a_telephone_number_is_kept_as_it_is_typed(typed: str) -> None:
    form = posted(phone=typed)
    assert (form.errors, form.phone.data) == ({}, typed)


@pytest.mark.parametrize(
    "typed", ["12", "none", "ask me", "01632 96O OO1", "٠١٦٣٢٩٦٠٠٠١", "=cmd()1234567", "01632 960001 ext"]
)
def test_what_is_no_telephone_number_is_turned_down(typed: str) -> None:
    assert posted(phone=typed).errors == {"phone": [forms.PHONE_WRONG]}


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ("120", []),
        ("1", []),
        ("500", []),
        ("0", ["Number of places must be a whole number from 1 to 500"]),
        ("501", ["Number of places must be a whole number from 1 to 500"]),
        ("1.5", ["Number of places must be a whole number from 1 to 500"]),
        ("-1", ["Number of places must be a whole number from 1 to 500"]),
        ("٣", ["Number of places must be a whole number from 1 to 500"]),
        ("many", ["Number of places must be a whole number from 1 to 500"]),
        ("", ["Enter the number of places"]),
    ],
)
def test_a_whole_number_lies_within_its_limits(typed: str, errors: list[str]) -> None:
    form = Places(FormData({"places": typed}))
    form.validate()
    assert list(form.places.errors) == errors
    assert errors or form.places.number == int(typed)


@pytest.mark.parametrize(
    ("typed", "at"), [("09:30", (8, 30)), ("9.30", (8, 30)), ("0930", (8, 30)), ("930", (8, 30)), ("00:00", (-1, 0))]
)
def test_a_time_of_the_day_is_one_at_the_venue(typed: str, at: tuple[int, int]) -> None:
    """In summer time an hour ahead of UTC."""
    form = Hours(FormData({"closes": typed}))
    form.validate()
    assert form.errors == {}
    midnight = datetime(2019, 4, 15, tzinfo=UTC)
    assert form.closes.on(date(2019, 4, 15)) == midnight + timedelta(hours=at[0], minutes=at[1])


@pytest.mark.parametrize("typed", ["nine", "24:00", "09:60", "9", "٠٩:٣٠", "9:30 am"])
def test_what_is_no_time_of_the_day_is_turned_down(typed: str) -> None:
    form = Hours(FormData({"closes": typed}))
    form.validate()
    assert form.errors == {"closes": ["Closes must be a time like 09:30"]}


@pytest.mark.parametrize(("typed", "number"), [("0", 0), ("7", 7), ("007", 7), ("999999999", 999_999_999)])
def test_a_number_is_what_its_digits_say(typed: str, number: int) -> None:
    assert whole_number(typed) == number


@pytest.mark.parametrize(
    "typed",
    [None, "", "x", "-1", "+1", " 1", "1\n", "1_0", "1.0", "1e3", "1000000000", "9" * 5000, "١٢", "\uff12", "²", b"1"],
)
def test_digits_of_other_scripts_signs_and_too_many_are_no_number(typed: object) -> None:
    assert whole_number(typed) is None


def test_a_time_that_is_not_known_is_none() -> None:
    form = Hours(FormData({"closes": ""}))
    form.validate()
    assert (form.errors, form.closes.on(date(2019, 4, 15))) == ({}, None)
