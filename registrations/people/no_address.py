"""Somebody who comes without a place and has no address of their own, such as the second of two with one mailbox.
Nothing can be emailed to them, and organisers look at them by telephone.

Their request has an address that cannot be anybody's (RFC 2606), so that all that goes by addresses goes on, and that
an organiser can put the right one in its place.
"""

import secrets

NOWHERE = "@no-address.invalid"
NO_SUCH_ADDRESS = "5.1.1"  # noted at once: no email is written to it


def made_up() -> str:
    return f"walk-in-{secrets.token_hex(6)}{NOWHERE}"


def is_made_up(email: str) -> bool:
    return email.endswith(NOWHERE)
