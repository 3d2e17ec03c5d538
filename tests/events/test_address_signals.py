"""An address is said to be known only where it is: nothing that merely looks like it ever gets its label.

Rules: SG-03.
"""

import pytest

from events.address_signals import KnownDomains, SignalKind, near
from events.known_organisation import DEFAULT_LIST, KnownOrganisation, rows_of

DEFAULT = KnownDomains(
    KnownOrganisation(domain=row.domain, kind=row.kind, treatment=row.treatment, suffix=row.suffix)
    for row in rows_of(DEFAULT_LIST.read_text())
)
LABELS = {SignalKind.KNOWN, SignalKind.PUBLIC_SECTOR}


def kinds(domain: str) -> list[str]:
    return [signal.kind.value for signal in DEFAULT.signals(f"name@{domain}")]


@pytest.mark.parametrize(
    "domain",
    [
        "herts.police.uk.example.com",
        "hertspolice.uk",
        "xn--sferplaces-zqi.co.uk",  # with a Cyrillic letter
        "xn--hrts-m1a.police.uk.example.net",
        "nhs.net.evil.test",
        "evilpolice.uk",
        "evilnhs.net",
        "saferplaces.co.uk.example.com",
        "saferp1aces.co.uk",
        "saferpIaces.co.uk".lower(),
        "safer-places.co.uk",
        "saferplaces.org.uk",
        "saferplaces-events.com",
        "mysaferplaces.net",
        "hertfordshlre.gov.uk.com",
        "watford.com",
        "threervers.example",
        "threerivers-gov.uk",
        "police-herts.uk",
        "hertfordshireconstabulary.org.uk",
        "nhs-net.uk",
        "dwp.uk",
        "cps.org.uk",
    ],
)
def test_a_lookalike_gets_a_warning_and_never_a_known_ones_label(domain: str) -> None:
    assert "lookalike" in kinds(domain)
    assert LABELS & set(kinds(domain)) == set()


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("saferplaces.co.uk", ["known"]),
        ("mail.saferplaces.co.uk", ["known"]),
        ("herts.police.uk", ["known"]),
        ("pnn.herts.police.uk", ["known"]),
        ("hmcts.net", ["known"]),
        ("met.pnn.police.uk", ["public_sector"]),
        ("nhs.net", ["public_sector"]),
        ("trust.nhs.uk", ["public_sector"]),
        ("cambridge.gov.uk", ["public_sector"]),
        ("gmail.com", ["personal"]),
        ("lantern.example.org", ["other"]),
        ("herts.ac.uk", ["other"]),
        ("governance.example.org", ["other"]),
        ("nhsomething.example.org", ["other"]),
        ("xn--bcher-kva.example", ["punycode", "other"]),
    ],
)
def test_every_other_domain_is_what_it_is(domain: str, expected: list[str]) -> None:
    assert kinds(domain) == expected


def test_the_words_never_make_a_partner_of_anyone() -> None:
    said = [signal.words for domain in DEFAULT.exact for signal in DEFAULT.signals(f"name@{domain}")]
    assert {words.partition(" (")[0] for words in said} == {"Address of a known organisation"}
    assert [words for words in said if "partner" in words.lower()] == []


def test_a_lookalike_is_told_by_the_domain_that_it_looks_like() -> None:
    said = [signal.words for signal in DEFAULT.signals("name@herts.police.uk.example.com")]
    assert said == [
        "Looks like herts.police.uk, but is a different domain",
        "Address of no organisation on your list",
    ]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("lantern", "lantern", True),
        ("lantern", "lanter", True),
        ("lantern", "lanttern", True),
        ("lantern", "lamtern", True),
        ("lantern", "lantren", True),
        ("lantern", "lanternes", False),
        ("lantern", "natnerl", False),
        ("hct", "hcp", False),
        ("hct", "hct", True),
    ],
)
def test_near_is_one_slip_of_the_hand(one: str, other: str, expected: bool) -> None:
    assert near(one, other) is near(other, one) is expected
