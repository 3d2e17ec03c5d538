"""The file of a backup opens for whoever has the secret key and the instance key, whole and unchanged, or not at all.

Rules: SE-16.
"""

import io
from pathlib import Path

import pyrage
import pytest
from pyrage import x25519

from events.backup import sealed_file
from events.backup.contents import Contents
from events.ground import keys
from events.ground.refusal import Refused
from tests.conftest import SETTINGS
from tests.events.backup.conftest import SAFE
from tests.people import MONDAY

CONTENTS = Contents("SQLite", MONDAY, ["events 0001_initial"], {"event": 1}, "0")
COPY = bytes(range(256)) * 4096  # some of age's chunks


class BytesAnd(io.BytesIO):
    """Gives a piece that has nothing to do with how many were asked for."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 0, 70_001))


def sealed(copy: bytes = COPY) -> bytes:
    out = io.BytesIO()
    sealed_file.write(out, CONTENTS, BytesAnd(copy), [SAFE.to_public(), x25519.Identity.generate().to_public()])
    return out.getvalue()


def opened(data: bytes, folder: Path, identity: Path) -> tuple[Contents, bytes]:
    file, out = folder / "backup.age", io.BytesIO()
    file.write_bytes(data)
    return sealed_file.read(file, identity, out).contents, out.getvalue()


def why_not(data: bytes, folder: Path, identity: Path) -> str:
    with pytest.raises(Refused) as refused:
        opened(data, folder, identity)
    return refused.value.sentence


@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 65_535, len(COPY)])
def test_it_gives_back_what_was_sealed(tmp_path: Path, identity: Path, size: int) -> None:
    data = sealed(COPY[:size])
    assert COPY[: min(64, size)] not in data or size < 2
    assert opened(data, tmp_path, identity) == (CONTENTS, COPY[:size])
    assert sealed_file.check(tmp_path / "backup.age", identity).contents == CONTENTS


def test_a_stranger_opens_nothing_and_is_told_so(tmp_path: Path, strangers: Path) -> None:
    assert why_not(sealed(), tmp_path, strangers) == sealed_file.WRONG_IDENTITY.format(strangers)


@pytest.mark.parametrize("kept", [20, 100, 400, 65_600, 262_544, -1])
def test_one_that_was_cut_short_is_not_opened(tmp_path: Path, identity: Path, kept: int) -> None:
    assert why_not(sealed()[:kept], tmp_path, identity) == sealed_file.DAMAGED


@pytest.mark.parametrize("at", [30, 200, 500, len(COPY) // 2, -1])
def test_one_in_which_a_bit_was_changed_is_not_opened(tmp_path: Path, identity: Path, at: int) -> None:
    data = bytearray(sealed())
    data[at] ^= 1
    assert why_not(bytes(data), tmp_path, identity) in {
        sealed_file.DAMAGED,
        sealed_file.WRONG_IDENTITY.format(identity),
    }


def test_one_with_something_behind_it_is_not_opened(tmp_path: Path, identity: Path) -> None:
    assert why_not(sealed() + b"more", tmp_path, identity) == sealed_file.DAMAGED


@pytest.mark.parametrize("data", [b"", b"muster backup 1", b"SQLite format 3\0" * 100])
def test_what_is_no_backup_is_called_none(tmp_path: Path, identity: Path, data: bytes) -> None:
    assert why_not(data, tmp_path, identity) == sealed_file.NO_BACKUP


def forged(plain: bytes) -> bytes:
    """What anybody can make who knows the public key alone."""
    return pyrage.encrypt(plain, [SAFE.to_public()])


@pytest.mark.parametrize("plain", [b"", b"hello", b"x" * 200_000, b"muster backup 1\n"])
def test_a_file_that_somebody_else_sealed_for_us_is_no_backup(tmp_path: Path, identity: Path, plain: bytes) -> None:
    assert why_not(forged(plain), tmp_path, identity) == sealed_file.NO_BACKUP


def test_nor_is_one_without_the_mark_of_the_instance_key(tmp_path: Path, identity: Path) -> None:
    line = f"muster backup 1 {keys.ring().fingerprints[0]} {CONTENTS.line()}\n".encode()
    assert why_not(forged(line + COPY + bytes(32)), tmp_path, identity) == sealed_file.DAMAGED
    assert why_not(forged(line), tmp_path, identity) == sealed_file.DAMAGED


@pytest.mark.parametrize(
    "line", [b"[" * 60_000, b'{"taken_at": 1}', b"[]", b'{"taken_at": "2019-04-08T09:00", "more": 1}']
)
def test_a_line_that_we_did_not_write_is_no_backup(tmp_path: Path, identity: Path, line: bytes) -> None:
    written = f"muster backup 1 {keys.ring().fingerprints[0]} ".encode() + line
    assert why_not(forged(written + b"\n"), tmp_path, identity) == sealed_file.NO_BACKUP


def test_a_newer_format_is_left_to_a_newer_muster(tmp_path: Path, identity: Path) -> None:
    assert why_not(forged(b"muster backup 2 0123 {}\n"), tmp_path, identity) == sealed_file.NEWER_FORMAT


def test_one_made_under_an_older_key_of_ours_opens_and_one_of_others_names_the_key(
    tmp_path: Path, identity: Path
) -> None:
    data, ours = sealed(), SETTINGS.key.get_secret_value()
    keys.install(keys.Keyring([keys.new_key(), ours]))
    assert opened(data, tmp_path, identity) == (CONTENTS, COPY)
    keys.install(keys.Keyring([keys.new_key()]))
    assert keys.Keyring([ours]).fingerprints[0] in why_not(data, tmp_path, identity)


def test_a_copy_that_breaks_off_is_told_in_its_own_words() -> None:
    class Breaks:
        def read(self, size: int) -> bytes:
            raise Refused("pg_dump failed: it was ended")

    with pytest.raises(Refused, match="pg_dump failed: it was ended"):
        sealed_file.write(io.BytesIO(), CONTENTS, Breaks(), [SAFE.to_public()])


def test_a_sink_that_breaks_is_not_taken_for_a_damaged_file(tmp_path: Path, identity: Path) -> None:
    class Full:
        def write(self, piece: bytes) -> int:
            raise OSError(28, "No space left on device")

    (tmp_path / "backup.age").write_bytes(sealed())
    with pytest.raises(OSError, match="No space left"):
        sealed_file.read(tmp_path / "backup.age", identity, Full())


@pytest.mark.parametrize("setting", ["", " , ", "age1nonsense", "ssh-ed25519 AAAA"])
def test_without_a_public_key_nothing_is_sealed(setting: str) -> None:
    with pytest.raises(Refused, match="MUSTER_BACKUP_RECIPIENTS"):
        sealed_file.recipients_of(setting)


def test_a_secret_key_among_the_public_ones_is_told_and_not_repeated() -> None:
    for setting in (str(SAFE), f"{SAFE.to_public()},{SAFE}", str(SAFE).lower()):
        with pytest.raises(Refused) as refused:
            sealed_file.recipients_of(setting)
        assert refused.value.sentence == sealed_file.NOT_FOR_SERVERS


def test_several_public_keys_stand_in_one_setting() -> None:
    second = x25519.Identity.generate().to_public()
    found = sealed_file.recipients_of(f"{SAFE.to_public()}, {second},")
    assert [str(key) for key in found] == [str(SAFE.to_public()), str(second)]


@pytest.mark.parametrize(
    "text",
    ["", "# only a comment\n", str(SAFE.to_public()), "AGE-SECRET-KEY-1NONSENSE\n"],
    ids=["empty", "a comment", "a public key", "nonsense"],  # the key is another in each process
)
def test_a_file_without_a_secret_key_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "empty.txt").write_text(text)
    with pytest.raises(Refused) as refused:
        sealed_file.identities_of(tmp_path / "empty.txt")
    assert refused.value.sentence == sealed_file.NO_IDENTITY.format(tmp_path / "empty.txt")
