"""A key under which things are made anew: the instance key in front, or the newest data key of an event."""

from dataclasses import dataclass

from tortoise.models import Model

from events.event import Event
from events.ground import data_keys, keys
from events.ground.keyring.made import Keyed, Sealed


class InstanceKey:
    """The one in front."""

    def makes(self, how: Sealed | Keyed) -> bool:
        """Whether a column that is made so is made with this kind of key."""
        return not how.event

    def rows(self, how: Sealed | Keyed) -> tuple[str, list[object]]:
        """Which rows of its table are, as a condition with its values."""
        return "1 = 1", []

    def mark(self, how: Sealed) -> bytes:
        """What stands in a value that this key has sealed."""
        return keys.mark_of(keys.ring().sub_key(f"seal {how.purpose}"))

    def opened(self, how: Sealed, row: Model, sealed: bytes) -> str:
        """By whichever key is here. Raises CannotOpen."""
        return keys.open_sealed(how.purpose, sealed, how.bound_to(row))

    def sealed(self, how: Sealed, row: Model, text: str) -> bytes:
        return keys.seal(how.purpose, text, how.bound_to(row))

    def hashes(self, how: Keyed, text: str) -> list[str]:
        """Under this key first, then under all others that are here."""
        return keys.keyed_hashes(how.purpose, text)


@dataclass(frozen=True)
class DataKey:
    """Of this event, by its fingerprint."""

    event: Event
    fingerprint: str

    def makes(self, how: Sealed | Keyed) -> bool:
        return bool(how.event)

    def rows(self, how: Sealed | Keyed) -> tuple[str, list[object]]:
        return f"{how.event} = ?", [self.event.id]

    def mark(self, how: Sealed) -> bytes:
        return keys.mark_of(keys.sub_key(data_keys.kept().key(self.fingerprint), f"seal {how.purpose}"))

    def opened(self, how: Sealed, row: Model, sealed: bytes) -> str:
        return data_keys.open_sealed(how.purpose, how.bound_to(row), sealed)

    def sealed(self, how: Sealed, row: Model, text: str) -> bytes:
        return data_keys.seal(self.fingerprint, how.purpose, how.bound_to(row), text)

    def hashes(self, how: Keyed, text: str) -> list[str]:
        known = [self.fingerprint, *data_keys.kept().fingerprints_of(self.event.slug)]
        return [data_keys.tag(fingerprint, how.purpose, text) for fingerprint in known]


NewKey = InstanceKey | DataKey
