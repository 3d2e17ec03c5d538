"""Forms: one declaration holds a question, its limits and its error sentence. One normal form of an address."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import idna
import wtforms
from wtforms.validators import StopValidation

from events.ground import clock

from .own_fields import FormOfCopies

JOINERS = "\u200c\u200d"  # names in Persian and Sinhala are spelt with them
BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters that show nothing
UNSEEN_MARKS = re.compile("[\u034f\u17b4\u17b5\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # they change nothing but equality
LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
PLAIN_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]+)")  # ends in letters: 192.0.2.7 is no domain
LONGEST_EMAIL = 254
BOUND = frozenset({"name", "default", "_form", "_prefix", "_translations", "_meta"})  # WTForms' own arguments
WHOLE = re.compile(r"[0-9]{1,9}")
PHONE = re.compile(r"[0-9+() ./\-\u2010-\u2013]+(\s*(ext|x|extension)\.?\s*[0-9]+)?", re.I)
TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.]?([0-5][0-9])", re.ASCII)
ISO_DAY = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})", re.ASCII)
TYPED_DAY = re.compile(r"(?P<day>[0-9]{1,2})[/. -](?P<month>[0-9]{1,2})[/. -](?P<year>[0-9]{4})", re.ASCII)
EMAIL_WRONG = "Enter an email address in the correct format, like name@example.com"
PHONE_WRONG = "Enter a telephone number, like 01632 960 001 or 07700 900 982"
DAY_WRONG = "{} must be a date like 15/4/2019"
TIME_WRONG = "{} must be a time like 09:30"


class Form(FormOfCopies):
    """Posted answers, checked by `validate`: `errors` is {} when all is well."""

    def pairs_of_errors(self) -> list[dict[str, str]]:
        """For the error summary: each first error with the field it links to."""
        return [{"text": str(field.errors[0]), "href": f"#{field.id}"} for field in self if field.errors]


def clean(text: object) -> str:
    """The text on one line, in NFC, without control, bidirectional or invisible characters and outer spaces.

    Posted fields come here as they are: anything that is no text (nothing, or a file) becomes "".
    """
    if not isinstance(text, str):
        return ""
    if text.isascii() and text.isprintable():  # as nearly all is: there is nothing to take out
        return " ".join(text.split())
    shown = "".join(_shown(character) for character in unicodedata.normalize("NFC", UNSEEN_MARKS.sub("", text)))
    return " ".join(shown.split()).strip(f"{JOINERS} ")


def whole_number(text: object) -> int | None:
    """What one to nine digits say; None for anything else. int() alone also reads the digits of other scripts, signs
    and underscores, and raises at thousands of digits."""
    return int(text) if isinstance(text, str) and WHOLE.fullmatch(text) else None


def _shown(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in {"Cc", "Zl", "Zp"}:
        return " "
    return "" if kind == "Cs" or (kind == "Cf" and character not in JOINERS) or character in BLANKS else character


def normal_email(text: str) -> str | None:
    """The one form in which addresses are compared: lower case, ASCII domain; None if it can be no address."""
    typed = clean(text)
    local, at, domain = typed.rpartition("@")
    if not at or len(typed) > LONGEST_EMAIL or not LOCAL_PART.fullmatch(local) or ".." in f".{local}.":
        return None
    if "=?" in local:  # email programs decode it, so it could never be written to
        return None
    if (ascii_domain := _ascii(domain)) is None:
        return None
    whole = f"{local.lower()}@{ascii_domain}"
    return whole if DOMAIN.fullmatch(ascii_domain) and len(whole) <= LONGEST_EMAIL else None


def _ascii(domain: str) -> str | None:
    """As IDNA writes it. A plain name, as nearly all are, is written as it is: two hyphens have a meaning there."""
    if domain.isascii() and PLAIN_DOMAIN.fullmatch(plain := domain.lower()) and "--" not in plain:
        return plain
    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        return None


class Text(wtforms.StringField):
    """One line of text. Missing and too long have their own sentences; optional fields have no `missing`."""

    def __init__(self, label: str, *, missing: str = "", longest: int = 100, hint: str = "", **other: Any) -> None:
        """`other`: what the input shows besides (autocomplete, inputmode ...), and what WTForms hands over itself."""
        self.missing, self.longest, self.hint = missing, longest, hint
        self.too_long = "{} must be {} characters or fewer"
        self.shown = {name: value for name, value in other.items() if name not in BOUND}
        label = label if missing or label.endswith("(optional)") else f"{label} (optional)"
        super().__init__(label, filters=[clean], **{name: other[name] for name in BOUND & other.keys()})

    def pre_validate(self, form: wtforms.form.BaseForm) -> None:
        if not self.data:
            if self.missing:
                raise StopValidation(self.missing)
            return
        if len(self.data) > self.longest:
            raise StopValidation(self.too_long.format(self.called, self.longest, len(self.data)))
        self.check()

    @property
    def called(self) -> str:
        return self.label.text.removesuffix(" (optional)")

    def check(self) -> None:
        """More rules of a kind of text; raises StopValidation with the sentence."""


class Paragraphs(Text):
    """Several lines; empty ones and spaces at the ends are cut."""

    def __init__(self, label: str, *, rows: int = 4, **other: Any) -> None:
        self.rows = rows
        super().__init__(label, **other)
        self.filters, self.too_long = (_lines,), f"{self.too_long}. You entered {{}}"  # nobody counts so much


def _lines(text: object) -> str:
    return "\n".join(line for typed in str(text or "").splitlines() if (line := clean(typed)))


class FullName(Text):
    def __init__(self, label: str = "Full name", *, missing: str = "Enter your full name", **other: Any) -> None:
        super().__init__(label, missing=missing, longest=100, spellcheck=False, **{"autocomplete": "name"} | other)

    def check(self) -> None:
        if not any(character.isalnum() for character in self.data or ""):
            raise StopValidation(self.missing)


class WorkEmail(Text):
    """Its data is the address as typed; `normal` is the one form in which it is compared and kept."""

    _known: tuple[str | None, str] = None, ""

    def __init__(
        self, label: str = "Work email address", *, missing: str = "Enter your work email address", **other: Any
    ) -> None:
        other = {"autocomplete": "email"} | other | {"spellcheck": False, "type": "email"}
        super().__init__(label, missing=missing, longest=LONGEST_EMAIL, **other)

    def check(self) -> None:
        if not self.normal:
            raise StopValidation(EMAIL_WRONG)

    @property
    def normal(self) -> str:
        """Empty for what can be no address."""
        if self._known[0] != self.data:
            self._known = self.data, normal_email(self.data or "") or ""
        return self._known[1]


class Phone(Text):
    """Kept as typed: spaces, hyphens, brackets and +44 are all right."""

    def __init__(self, label: str = "Telephone number (optional)", **other: Any) -> None:
        super().__init__(label, longest=40, type="tel", **{"autocomplete": "tel"} | other)

    def check(self) -> None:
        typed = self.data or ""
        if sum(character.isdigit() for character in typed) < 7 or not PHONE.fullmatch(typed):
            raise StopValidation(PHONE_WRONG)


class Choice(wtforms.Field):
    """Radios with nothing chosen, since email gateways send forms as they are. `choices`: (value, label), as shown."""

    def __init__(
        self, label: str, options: Sequence[tuple[str, str]], *, missing: str, hint: str = "", **bound: Any
    ) -> None:
        self.missing, self.hint, self.choices = missing, hint, list(options)
        super().__init__(label, **bound)

    def pre_validate(self, form: wtforms.form.BaseForm) -> None:
        if self.data not in [value for value, _ in self.choices]:
            raise StopValidation(self.missing)


class Several(wtforms.Field):
    """Checkboxes: `data` holds the values that are ticked, in the order of `choices`: (value, label), as shown. Without
    `missing` it may be none."""

    def __init__(
        self, label: str, options: Sequence[tuple[str, str]], *, missing: str = "", hint: str = "", **bound: Any
    ) -> None:
        self.missing, self.hint, self.choices = missing, hint, list(options)
        super().__init__(label, **bound)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [value for value, _ in self.choices if value in valuelist]

    def pre_validate(self, form: wtforms.form.BaseForm) -> None:
        if self.missing and not self.data:
            raise StopValidation(self.missing)


class Whole(Text):
    """A whole number, which `number` returns."""

    def __init__(self, label: str, *, missing: str, least: int, most: int, **other: Any) -> None:
        self.least, self.most = least, most
        super().__init__(label, missing=missing, longest=12, **{"inputmode": "numeric"} | other)

    def check(self) -> None:
        typed = whole_number(self.data)
        if typed is None or not self.least <= typed <= self.most:
            raise StopValidation(f"{self.label.text} must be a whole number from {self.least} to {self.most}")

    @property
    def number(self) -> int:
        return int(self.data or "0")


class Share(Whole):
    """A whole number, or a share of another, like 10%: keyboards for numbers alone have no such sign."""

    def __init__(self, label: str, **other: Any) -> None:
        super().__init__(label, inputmode="text", **other)

    def check(self) -> None:
        percent = whole_number((self.data or "").removesuffix("%").strip())
        if not (self.data or "").endswith("%"):
            super().check()
        elif percent is None or percent > 100:
            raise StopValidation(f"{self.label.text} must be a whole number, or a percentage from 0% to 100%")

    def of(self, whole: int) -> int:
        """Rounded down, as no share of a person comes."""
        typed = self.data or "0"
        return whole * int(typed.removesuffix("%")) // 100 if typed.endswith("%") else int(typed)


class FewDays(Text):
    """A whole number of days, or nothing: then `number` is None."""

    def __init__(self, label: str, *, most: int, **other: Any) -> None:
        self.most = most
        super().__init__(label, longest=12, inputmode="numeric", **other)

    def check(self) -> None:
        if self.number is None or self.number > self.most:
            raise StopValidation(f"{self.called} must be a whole number from 0 to {self.most}, or empty")

    @property
    def number(self) -> int | None:
        return whole_number(self.data)


class Day(Text):
    """A date, as a browser's own field sends it (2019-04-15) or as people type it: 15/4/2019, 15 4 2019."""

    def __init__(self, label: str, *, missing: str, **other: Any) -> None:
        super().__init__(label, missing=missing, longest=12, type="date", **other)

    def check(self) -> None:
        if self.day is None:
            raise StopValidation(DAY_WRONG.format(self.called))

    @property
    def day(self) -> date | None:
        """None where no date was entered."""
        found = ISO_DAY.fullmatch(self.data or "") or TYPED_DAY.fullmatch(self.data or "")
        try:
            return date(**{name: int(digits) for name, digits in found.groupdict().items()}) if found else None
        except ValueError:  # the 31st of April
            return None


class TimeOfDay(Text):
    """A time of the day as a clock at the venue shows it, in 24 hours; nothing while it is not known."""

    def __init__(self, label: str, **other: Any) -> None:
        super().__init__(label, longest=10, inputmode="numeric", **other)

    def check(self) -> None:
        if self.minutes is None:
            raise StopValidation(TIME_WRONG.format(self.called))

    @property
    def minutes(self) -> int | None:
        """Since midnight; None where nothing, or no time, was entered."""
        found = TIME.fullmatch(self.data or "")
        return int(found[1]) * 60 + int(found[2]) if found else None

    def on(self, day: date) -> datetime | None:
        return clock.at_venue(day, *divmod(self.minutes, 60)) if self.minutes is not None else None
