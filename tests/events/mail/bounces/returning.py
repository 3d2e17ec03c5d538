"""Samples of what mail systems send back, addressed to the return path of a message."""

from pathlib import Path

from events.mail.bounces import return_path

SAMPLES = Path(__file__).parent / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.eml"))


def sample(name: str, message_id: int = 7, *, to: str = "") -> bytes:
    """As an email server hands it over. `to`: another address than the return path of this message."""
    mailbox = to or f"bounces+{return_path.mark(message_id)}@example.org"
    return (SAMPLES / f"{name}.eml").read_bytes().replace(b"RETURN-PATH", mailbox.encode())
