"""Forms: a question, its limits and its error sentence are one declaration. One normal form of an address."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import idna
import wtforms
from wtforms.validators import StopValidation

CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202f\u2066-\u2069\ufeff]")
LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
EMAIL_WRONG = "Enter an email address in the correct format, like name@example.com"
PHONE_WRONG = "Enter a telephone number, like 01632 960 001 or 07700 900 982"


class Form(wtforms.Form):
    """Posted answers. `errors` is {} when all is well; `title` helps the page put "Error: " before it."""

    def pairs_of_errors(self) -> list[dict[str, str]]:
        """For the error summary: each first error with the field it links to."""
        return [{"text": str(field.errors[0]), "href": f"#{field.id}"} for field in self if field.errors]


def clean(text: str | None) -> str:
    """One line, NFC, without control or bidirectional characters, outer spaces cut; all else as typed."""
    return " ".join(CONTROL.sub(" ", unicodedata.normalize("NFC", text or "")).split())


def normal_email(text: str) -> str | None:
    """The one form in which addresses are compared: lower case, ASCII domain; None if it can be no address."""
    local, at, domain = clean(text).rpartition("@")
    if not at or not LOCAL_PART.fullmatch(local) or ".." in local or local[0] == "." or local[-1] == ".":
        return None
    try:
        ascii_domain = idna.encode(domain, uts46=True, std3_rules=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        return None
    whole = f"{local.lower()}@{ascii_domain}"
    return whole if "." in ascii_domain and len(whole) <= 254 else None


class Text(wtforms.StringField):
    """One line of text. Missing and too long have their own sentences; optional fields have no `missing`."""

    def __init__(self, label: str, *, missing: str = "", longest: int = 100, hint: str = "", **shown: Any) -> None:
        self.missing, self.longest, self.hint, self.shown = missing, longest, hint, shown
        label = label if missing or label.endswith("(optional)") else f"{label} (optional)"
        super().__init__(label, filters=[clean])

    def pre_validate(self, form: wtforms.form.BaseForm) -> None:
        if not self.data:
            if self.missing:
                raise StopValidation(self.missing)
            return
        if len(self.data) > self.longest:
            name = self.label.text.removesuffix(" (optional)")
            raise StopValidation(f"{name} must be {self.longest} characters or fewer")
        self.check()

    def check(self) -> None:
        """More rules of a kind of text; raises StopValidation with the sentence."""


class FullName(Text):
    def __init__(self, label: str = "Full name", *, missing: str = "Enter your full name", hint: str = "") -> None:
        super().__init__(label, missing=missing, longest=100, hint=hint, autocomplete="name", spellcheck=False)


class WorkEmail(Text):
    """Its data is the address as typed; `normal` is the one form in which it is compared and kept."""

    def __init__(
        self, label: str = "Work email address", *, missing: str = "Enter your work email address", hint: str = ""
    ) -> None:
        super().__init__(
            label, missing=missing, longest=254, hint=hint, autocomplete="email", spellcheck=False, type="email"
        )

    def check(self) -> None:
        if normal_email(self.data or "") is None:
            raise StopValidation(EMAIL_WRONG)

    @property
    def normal(self) -> str:
        return normal_email(self.data or "") or ""


class Phone(Text):
    """Kept as typed: spaces, hyphens, brackets and +44 are all right."""

    def __init__(self, label: str = "Telephone number (optional)", *, hint: str = "") -> None:
        super().__init__(label, longest=40, hint=hint, autocomplete="tel", type="tel")

    def check(self) -> None:
        digits = sum(c.isdigit() for c in self.data or "")
        if digits < 7 or not re.fullmatch(r"[0-9+() .\-/]+(\s*(ext|x|extension)\.?\s*[0-9]+)?", self.data or "", re.I):
            raise StopValidation(PHONE_WRONG)


class Choice(wtforms.RadioField):
    """Radios with nothing chosen, since mail gateways send forms as they stand."""

    def __init__(self, label: str, options: Sequence[tuple[str, str]], *, missing: str, hint: str = "") -> None:
        self.missing, self.hint, self.values = missing, hint, {value for value, _ in options}
        super().__init__(label, choices=list(options), validate_choice=False)

    def pre_validate(self, form: wtforms.form.BaseForm) -> None:
        if self.data not in self.values:
            raise StopValidation(self.missing)


class Whole(Text):
    """A whole number; `number` is it."""

    def __init__(self, label: str, *, missing: str, least: int, most: int, hint: str = "") -> None:
        self.least, self.most = least, most
        super().__init__(label, missing=missing, longest=12, hint=hint, inputmode="numeric")

    def check(self) -> None:
        if not re.fullmatch(r"[0-9]{1,9}", self.data or "") or not self.least <= int(self.data or "") <= self.most:
            raise StopValidation(f"{self.label.text} must be a whole number from {self.least} to {self.most}")

    @property
    def number(self) -> int:
        return int(self.data or "0")
