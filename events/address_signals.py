"""What an address tells a reviewer: whose domain it is, or whose it only resembles. Signals help; none decides.

There is no score. Only a whole domain, or one below it on a dot boundary, is known. Everything that merely looks like
one is called a lookalike, however similar.
"""

# ruff: noqa: RUF001 - the table below is made of letters that can be taken for others

import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import NamedTuple

import idna

from .known_organisation import KnownOrganisation, Treatment

PERSONAL_PROVIDERS = frozenset(
    ["gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.co.uk", "live.com", "live.co.uk", "msn.com",
     "yahoo.com", "yahoo.co.uk", "icloud.com", "me.com", "btinternet.com", "sky.com", "talktalk.net", "aol.com",
     "protonmail.com", "proton.me", "mail.com", "email.com", "ymail.com", "gmx.com"]
)  # fmt: skip
LOOKS_LIKE = {  # a letter, and what of other alphabets and digits can be taken for it
    "a": "аαɑ", "b": "Ьв", "c": "сϲ", "d": "ԁđ", "e": "еєε3", "g": "ɡ", "h": "һнħ", "j": "ј", "k": "кκ", "m": "м",
    "n": "пη", "o": "оοσø0", "p": "рρ", "r": "г", "s": "ѕ5", "t": "тτ", "u": "υ", "v": "ν", "w": "ωԝ", "x": "хχ",
    "y": "уγ", "l": "1іιıłӏi",
}  # fmt: skip
CONFUSABLE = str.maketrans({odd: letter for letter, odd_ones in LOOKS_LIKE.items() for odd in odd_ones})
CONFUSABLE_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
SHORTEST_LABEL, SHORTEST_INSIDE = 6, 10  # letters: shorter names are in too many honest domains
CLAIMS = {"police": "police.uk", "constabulary": "police.uk"}  # whoever has it in a name says to be of that body
CLAIMS_AS_WORD = {"nhs": "nhs.uk", "gov": "gov.uk", "pnn": "police.uk", "cjsm": "cjsm.net"}  # whole words
RESTRICTED = ("ac.uk", "sch.uk", "mod.uk", "parliament.uk")  # below these nobody can take the name of another body


class SignalKind(StrEnum):
    KNOWN = "known"
    PUBLIC_SECTOR = "public_sector"
    PERSONAL = "personal"
    OTHER = "other"
    PUNYCODE = "punycode"
    LOOKALIKE = "lookalike"
    SAME_NAME = "same_name"
    SAME_PHONE = "same_phone"
    SAME_ORGANISATION = "same_organisation"
    SAME_SURNAME = "same_surname"  # many, of whatever first names: somebody may be looking for one person


CAUTION = {SignalKind.PUNYCODE, SignalKind.LOOKALIKE, SignalKind.SAME_NAME, SignalKind.SAME_PHONE}


class Signal(NamedTuple):
    kind: SignalKind
    words: str
    path: str = ""  # below the desk, of the list that shows who is like it

    @property
    def caution(self) -> bool:
        """Worth a second look before anything else."""
        return self.kind in CAUTION


class KnownDomains:
    """An event's list, ready to be asked about many addresses."""

    def __init__(self, known: Iterable[KnownOrganisation]) -> None:
        rows = list(known)
        self.exact = {row.domain: row for row in rows if not row.suffix}
        self.suffixes = {row.domain for row in rows if row.suffix}

    def signals(self, email: str) -> list[Signal]:
        """The signals of a normalised address: first reasons for a closer look, then whose domain it is."""
        domain = email.rpartition("@")[2]
        if (known := _above(domain, self.exact)) is not None:
            return [Signal(SignalKind.KNOWN, self._known_words(domain, self.exact[known]))]
        if (suffix := _above(domain, self.suffixes)) is not None:
            return [Signal(SignalKind.PUBLIC_SECTOR, f"Public sector address ({suffix}), any body in the UK")]
        if domain in PERSONAL_PROVIDERS:
            return [Signal(SignalKind.PERSONAL, "Personal email address")]
        return [
            *self._warnings(domain),
            Signal(SignalKind.OTHER, "Address of no organisation on your list"),
        ]

    def verified(self, email: str) -> str | None:
        """The domain of the verified organisation that a normalised address belongs to; None for all others."""
        known = _above(email.rpartition("@")[2], self.exact)
        return known if known is not None and self.exact[known].treatment is Treatment.PARTNER else None

    def _known_words(self, domain: str, known: KnownOrganisation) -> str:
        unverified = ", not verified" if known.treatment is Treatment.REVIEW else ""
        below = "" if domain == known.domain else f", below {known.domain}"
        return f"Address of a known organisation ({known.kind}){below}{unverified}"

    def _warnings(self, domain: str) -> Iterator[Signal]:
        if "xn--" in domain:
            shown = _unicode(domain)
            yield Signal(SignalKind.PUNYCODE, f"The domain has letters of other alphabets: it shows as {shown}")
        if (like := self.looks_like(domain)) is not None:
            yield Signal(SignalKind.LOOKALIKE, f"Looks like {like}, but is a different domain")

    def looks_like(self, domain: str) -> str | None:
        """The known domain that this one, which is not known, could be taken for."""
        asked = _shape(domain)
        like = next((shape.domain for shape in self._shapes if shape.resembled_by(asked)), None)
        return like or next((suffix for suffix in asked.claims if suffix in self.suffixes), None)

    @cached_property
    def _shapes(self) -> list["Shape"]:
        """Longest first, so that the most particular one is named."""
        shapes = [
            Shape(organisation.domain, is_host=organisation.kind == "host") for organisation in self.exact.values()
        ]
        shapes += [Shape(suffix, is_suffix=True) for suffix in self.suffixes]
        return sorted(shapes, key=lambda shape: (-len(shape.domain), shape.domain))


class Shape:
    """How a domain looks to someone in a hurry."""

    def __init__(self, domain: str, *, is_host: bool = False, is_suffix: bool = False) -> None:
        self.domain, self.is_host, self.is_suffix = domain, is_host, is_suffix
        self.skeleton = skeleton(_unicode(domain))
        labels = self.skeleton.split(".")
        self.joined, self.without_end = _joined(labels), _joined(labels[:-1])
        self.words = {*labels, *(word for label in labels for word in label.split("-"))}
        self.name = labels[0]
        self.stands_alone = len(labels) == 2 or (len(labels) == 3 and len(labels[1]) < 4)  # dwp.uk, dwp.org.uk
        self.stands_alone &= not domain.endswith(tuple(f".{suffix}" for suffix in RESTRICTED))

    @cached_property
    def claims(self) -> list[str]:
        """The public bodies that its words say it belongs to."""
        inside = [suffix for word, suffix in CLAIMS.items() if skeleton(word) in self.without_end]
        return inside + [suffix for word, suffix in CLAIMS_AS_WORD.items() if word in self.words]

    def resembled_by(self, asked: "Shape") -> bool:
        if f".{self.skeleton}." in f".{asked.skeleton}.":  # herts.police.uk.example.com
            return True
        if asked.skeleton.endswith(self.skeleton):  # evilpolice.uk: no dot before it
            return True
        return near(asked.joined, self.joined) or (not self.is_suffix and self._named_in(asked))

    def _named_in(self, asked: "Shape") -> bool:
        """Looks for a host's name inside words and with slips too, since a pretender would choose a host first."""
        if len(self.without_end) >= SHORTEST_INSIDE and self.without_end in asked.joined:  # hertspolice-mail.com
            return True
        if len(self.name) < SHORTEST_LABEL:
            return self.name == asked.name and asked.stands_alone
        if self.name in asked.words:  # watford.com
            return True
        return self.is_host and (self.name in asked.joined or any(near(self.name, word) for word in asked.words))


@lru_cache(maxsize=1024)
def _shape(domain: str) -> Shape:
    """Of a domain that is asked about: many people of one organisation have the same."""
    return Shape(domain)


def near(text: str, other: str) -> bool:
    """Equal, or one letter more, less, different or two swapped. Short texts have to be equal."""
    if text == other:
        return True
    if min(len(text), len(other)) < SHORTEST_LABEL or abs(len(text) - len(other)) > 1:
        return False
    start = _shared(text, other)
    text, other = text[start:], other[start:]
    end = _shared(text[::-1], other[::-1])
    text, other = text[: len(text) - end], other[: len(other) - end]
    return max(len(text), len(other)) <= 1 or (len(text) == 2 and text == other[::-1])


def skeleton(text: str) -> str:
    """Accents off, and letters that look alike made the same."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    plain = plain.translate(CONFUSABLE)
    for looks, like in CONFUSABLE_PAIRS:
        plain = plain.replace(looks, like)
    return plain


def _above(domain: str, known: Iterable[str]) -> str | None:
    """The longest of the known ones that the domain is, or is below of."""
    labels = domain.split(".")
    return next((tail for n in range(len(labels)) if (tail := ".".join(labels[n:])) in known), None)


def _shared(text: str, other: str) -> int:
    """How many letters the two begin with in common."""
    return next((n for n, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))


def _joined(labels: list[str]) -> str:
    return "".join(labels).replace("-", "")


def _unicode(domain: str) -> str:
    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain
