"""What the QR of a card says: written as a ticket code is, and told apart by how it begins."""

from . import ticket_code

OF_A_TICKET = "M1"
SPACES = " \t\r\n"


def encode(begins: str, secret: bytes) -> str:
    """29 characters, as of a ticket."""
    return begins + ticket_code.encode(secret).removeprefix(OF_A_TICKET)


def parse(begins: str, text: str) -> bytes | None:
    """The secret, or None for what is no such card or was misread. Never raises."""
    bare = text.strip(SPACES)
    if bare[:2].upper() != begins:
        return None
    return ticket_code.parse(OF_A_TICKET + bare[2:]).secret
