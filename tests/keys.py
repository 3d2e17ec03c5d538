"""Data keys for tests that talk of other things: the same for every event, in whatever process."""

import atexit
import base64
import shutil
import tempfile
from pathlib import Path

from events.ground import data_keys, keys
from events.ground.keys import Keyring

KEY = "ZGF0YSBrZXkgZm9yIHRlc3RzIG9ubHksIG5vdCByZWE="


class OneKeyForAll(data_keys.DataKeys):
    def __init__(self) -> None:
        super().__init__()
        self._rings = {"any event": Keyring([KEY])}

    def make(self, slug: str) -> str:
        return self._rings["any event"].fingerprints[0]

    def fingerprints_of(self, slug: str) -> list[str]:
        return self._rings["any event"].fingerprints


def folder_with_it() -> Path:
    """For what reads its keys from a folder. It is gone when this process is."""
    folder = Path(tempfile.mkdtemp(prefix="muster-data-keys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "any-event.key"
    file.touch(mode=0o600)
    file.write_text(KEY)
    return folder


def a_new_key_comes() -> None:
    """To the front of this process's instance keys."""
    before = [base64.urlsafe_b64encode(key).decode() for key in keys.ring().keys]
    keys.install(Keyring([keys.new_key(), *before]))
