"""The data keys: one for each event, in a file of its own beside the instance key. Never in the database or a backup.

They seal what names people. Once an event's key is gone, nobody can open what it sealed, in whatever copy.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import keys
from .keyring.key_file import shred
from .keys import AES_256_GCM, MARK_BYTES, NONCE_BYTES, CannotOpen, KeyMissing, Keyring, UnknownAlgorithm

MARK, NONCE = slice(1, 1 + MARK_BYTES), slice(1 + MARK_BYTES, 1 + MARK_BYTES + NONCE_BYTES)
REST = slice(NONCE.stop, None)


class DataKeys:
    """Those of a folder, a file for each event, newest key first. Without a folder they live as long as the process."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._rings: dict[str, Keyring] = {}
        self._ciphers: dict[tuple[str, bytes], AESGCM] = {}

    def read(self) -> None:
        """Reads the folder. Raises KeyMissing for a bad file."""
        self._rings = {}
        for file in self._files():
            self._load(file)

    def _look(self) -> None:
        """Reads the folder again, as another process may have made a key. A bad file takes no key away, nor does one
        that is gone: whoever destroys a key says so."""
        for file in self._files():
            with suppress(KeyMissing):
                self._load(file)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.key")) if self.folder is not None else []

    def _load(self, file: Path) -> None:
        self._rings, self._ciphers = self._rings | {file.stem: keys.load("", file)}, {}

    def make(self, slug: str) -> str:
        """The fingerprint of this event's newest key, made now if there is none."""
        if self.folder is None:
            self._rings.setdefault(slug, Keyring([keys.new_key()]))
        elif slug not in self._rings:
            keys.write_new(self.file(slug), first_only=True)
            self._load(self.file(slug))
        return self._rings[slug].fingerprints[0]

    @property
    def slugs(self) -> list[str]:
        """Of the events whose keys are here."""
        return list(self._rings)

    def fingerprints_of(self, slug: str) -> list[str]:
        """Of the keys of this event, newest first."""
        return self._rings[slug].fingerprints if slug in self._rings else []

    def destroy(self, slug: str) -> bool:
        """Overwrites the file of this event's keys and removes it. Copies elsewhere are not in our reach."""
        self._rings = {other: ring for other, ring in self._rings.items() if other != slug}
        self._ciphers = {}
        if self.folder is None or not (file := self.file(slug)).is_file():
            return False
        shred(file)
        return True

    def file(self, slug: str) -> Path:
        """Where the key of this event is kept, or would be."""
        return (self.folder or Path()) / f"{slug}.key"

    def has(self, fingerprint: str) -> bool:
        try:
            return bool(self.key(fingerprint))
        except KeyMissing:
            return False

    def key(self, fingerprint: str) -> bytes:
        """Raises KeyMissing, having looked into the folder again."""
        if (found := self._key(fingerprint)) is None:
            self._look()
            found = self._key(fingerprint)
        if found is None:
            raise KeyMissing(f"The data key {fingerprint} is not here.")
        return found

    def cipher(self, purpose: str, mark: bytes) -> AESGCM:
        """What opens values with this mark. Raises CannotOpen, having looked into the folder again too."""
        if (found := self._cipher(purpose, mark)) is None:
            self._look()
            found = self._cipher(purpose, mark)
        if found is None:
            raise CannotOpen(purpose)
        return found

    def ring_with(self, fingerprint: str) -> list[str]:
        """The fingerprints of all keys of the event that has this key. Raises KeyMissing as `key` does."""
        self.key(fingerprint)
        return next(ring.fingerprints for ring in self._rings.values() if fingerprint in ring.fingerprints)

    def _keys(self) -> list[bytes]:
        return [key for ring in self._rings.values() for key in ring.keys]

    def _key(self, fingerprint: str) -> bytes | None:
        return next((key for key in self._keys() if keys.fingerprint(key) == fingerprint), None)

    def _cipher(self, purpose: str, mark: bytes) -> AESGCM | None:
        if (purpose, mark) not in self._ciphers:
            subs = [keys.sub_key(key, f"seal {purpose}") for key in self._keys()]
            self._ciphers |= {(purpose, keys.mark_of(sub)): AESGCM(sub) for sub in subs}
        return self._ciphers.get((purpose, mark))


_kept: DataKeys | None = None


def install(kept: DataKeys | None) -> None:
    """Makes these the data keys of this process. Composition and tests only."""
    global _kept
    _kept = kept


def kept() -> DataKeys:
    if _kept is None:
        raise KeyMissing("No data keys are installed.")
    return _kept


def seal(fingerprint: str, purpose: str, row: str, text: str) -> bytes:
    """AES-256-GCM under this key, as `keys.seal` writes it, and padded. Spaces at the end of the text are lost."""
    mark = keys.mark_of(keys.sub_key(kept().key(fingerprint), f"seal {purpose}"))
    return _sealed(mark, purpose, row, text)


def seal_as(sealed: bytes, purpose: str, row: str, text: str) -> bytes:
    """The same under the key of another sealed value, which it replaces. Raises CannotOpen as `open_sealed` does."""
    return _sealed(bytes(sealed[MARK]), purpose, row, text)


def open_sealed(purpose: str, row: str, sealed: bytes) -> str:
    """Raises CannotOpen for what was changed, cut or moved, or is of a key that is not here."""
    return open_padded(purpose, row, sealed).decode().rstrip(" ")


def open_padded(purpose: str, row: str, sealed: bytes) -> bytes:
    """The same text as it was sealed, with spaces at its end."""
    return _opened(purpose, row, sealed, kept().cipher)


def opener(purpose: str) -> Callable[[str, bytes], bytes]:
    """What opens many values one after the other, as `open_padded` opens one by its row: it looks for their keys
    once."""
    ciphers = dict[bytes, AESGCM]()

    def cipher_of(purpose: str, mark: bytes) -> AESGCM:
        if (cipher := ciphers.get(mark)) is None:
            cipher = ciphers[mark] = kept().cipher(purpose, mark)
        return cipher

    return lambda row, sealed: _opened(purpose, row, sealed, cipher_of)


def _opened(purpose: str, row: str, sealed: bytes, cipher_of: Callable[[str, bytes], AESGCM]) -> bytes:
    if sealed[:1] != AES_256_GCM:
        raise UnknownAlgorithm(bytes(sealed[:1]))
    cipher = cipher_of(purpose, sealed[MARK])
    try:
        return cipher.decrypt(sealed[NONCE], sealed[REST], keys.bound(purpose, row))
    except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
        raise CannotOpen(purpose) from None


def opened_in(named: str, purpose: str, row: str, sealed: bytes) -> str | None:
    """The same in a row with this name, like event:3. None if it does not open: then an error in our log names the
    row."""
    try:
        return open_sealed(purpose, row, bytes(sealed))
    except CannotOpen:
        keys.log.error("a sealed value cannot be opened", row=named, purpose=purpose)
        return None


def tag(fingerprint: str, purpose: str, text: str) -> str:
    """64 hex characters, equal for equal texts. Nobody without the key learns the text from them."""
    key = keys.sub_key(kept().key(fingerprint), f"tag {purpose}")
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def tags(fingerprint: str, purpose: str, text: str) -> list[str]:
    """The same under each key of the event that has this one: what was tagged before a new key came is found too."""
    return [tag(other, purpose, text) for other in kept().ring_with(fingerprint)]


def _sealed(mark: bytes, purpose: str, row: str, text: str) -> bytes:
    plain, nonce = keys.padded(text).encode(), secrets.token_bytes(NONCE_BYTES)
    return AES_256_GCM + mark + nonce + kept().cipher(purpose, mark).encrypt(nonce, plain, keys.bound(purpose, row))
