"""What is kept of a door lead's PIN."""

from events.ground import keys


def hash_of_pin(event_id: int, pin: str) -> str:
    """A keyed hash: six digits are nothing without our key. No event has a PIN twice, so it says which lead."""
    return hashes_of_pin(event_id, pin)[0]


def hashes_of_pin(event_id: int, pin: str) -> list[str]:
    """The hash under each key of ours, the newest first."""
    return keys.keyed_hashes("lead's PIN", f"{event_id}|{pin}")
