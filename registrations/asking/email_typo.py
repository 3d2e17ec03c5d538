"""Notices a typing slip in the domain of one of the large email providers. It only ever warns."""

from events.address_signals import PERSONAL_PROVIDERS, near

SELDOM_MEANT = {"mail.com", "email.com", "ymail.com"}  # as real as those that they resemble
SHORTEST = len("gmail.com")  # letters: shorter names are like too many others
MEANT = sorted(domain for domain in PERSONAL_PROVIDERS - SELDOM_MEANT if len(domain) >= SHORTEST)


def meant(email: str) -> str:
    """The address they may have meant: one letter too many, missing, changed, or two swapped. Empty if there is
    none."""
    local, _, domain = email.rpartition("@")
    if domain in PERSONAL_PROVIDERS:
        return ""
    return next((f"{local}@{provider}" for provider in MEANT if near(domain, provider)), "")
