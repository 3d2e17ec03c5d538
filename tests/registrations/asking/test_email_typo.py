"""A slip in the name of a large email provider is noticed; anything else is left alone.

Rules: GU-23.
"""

import pytest

from events.address_signals import PERSONAL_PROVIDERS
from registrations.asking.email_typo import meant


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("homtail.com", "hotmail.com"),  # two letters swapped
        ("hotmial.com", "hotmail.com"),
        ("gmial.com", "gmail.com"),
        ("gmai.com", "gmail.com"),  # one missing
        ("gmail.co", "gmail.com"),
        ("gmaill.com", "gmail.com"),  # one too many
        ("gnail.com", "gmail.com"),  # one changed
        ("yahoo.co.ul", "yahoo.co.uk"),
        ("yaho.com", "yahoo.com"),
        ("amail.com", "gmail.com"),  # like three, and one of them is what most people have
    ],
)
def test_a_slip_is_noticed(typed: str, wanted: str) -> None:
    assert meant(f"ada@{typed}") == f"ada@{wanted}"


@pytest.mark.parametrize(
    "domain",
    [*sorted(PERSONAL_PROVIDERS), "wardens.example.org", "herts.police.uk", "nhs.net", "gm.com", "x.org", "lvie.cou.k"],
)
def test_what_is_right_or_quite_another_is_left_alone(domain: str) -> None:
    assert meant(f"ada@{domain}") == ""
