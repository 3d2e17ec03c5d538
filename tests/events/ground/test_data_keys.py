"""The data keys: a file each, made once, found by another process, and what one seals opens in its own row alone.

Rules: SE-16.
"""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from events.ground import data_keys, keys
from events.ground.data_keys import DataKeys
from events.ground.keys import BLOCK, CannotOpen, KeyMissing, UnknownAlgorithm

PURPOSE, ROW = "test", "registration|1|abc"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "data-keys"


@pytest.fixture
def launch(folder: Path) -> str:
    """The fingerprint of an event's key, which is the only one installed."""
    data_keys.install(DataKeys(folder))
    return data_keys.kept().make("launch")


def test_a_key_is_made_once_in_a_file_for_us_alone(folder: Path, launch: str) -> None:
    file = folder / "launch.key"
    assert oct(stat.S_IMODE(file.stat().st_mode)) == "0o600"
    assert [path.name for path in folder.iterdir()] == ["launch.key"]
    before = file.read_text()
    assert (data_keys.kept().make("launch"), DataKeys(folder).make("launch"), file.read_text()) == (
        launch, launch, before,
    )  # fmt: skip
    assert data_keys.kept().make("another") != launch


def test_two_who_make_it_at_once_agree(folder: Path) -> None:
    with ThreadPoolExecutor(8) as crowd:
        made = set(crowd.map(lambda _: DataKeys(folder).make("launch"), range(8)))
    assert len(made) == 1
    assert len((folder / "launch.key").read_text().splitlines()) == 1


def test_a_key_that_another_process_made_is_found(folder: Path, launch: str) -> None:
    there = DataKeys(folder)
    newer = there.make("another")
    assert data_keys.kept().has(newer)
    sealed = data_keys.seal(newer, PURPOSE, ROW, "Ada")
    data_keys.install(DataKeys(folder))
    assert data_keys.open_sealed(PURPOSE, ROW, sealed) == "Ada"


def test_without_a_folder_keys_live_as_long_as_the_process() -> None:
    data_keys.install(DataKeys())
    kept = data_keys.kept().make("launch")
    assert (data_keys.kept().make("launch"), data_keys.kept().has(kept)) == (kept, True)


def test_what_cannot_be_used_says_so(folder: Path, launch: str) -> None:
    assert not data_keys.kept().has("0" * 16)
    with pytest.raises(KeyMissing, match="0000000000000000 is not here"):
        data_keys.seal("0" * 16, PURPOSE, ROW, "Ada")
    (folder / "bad.key").write_text("no key")
    (folder / "bad.key").chmod(0o600)
    with pytest.raises(KeyMissing, match="44 characters"):
        DataKeys(folder).read()
    data_keys.install(None)
    with pytest.raises(KeyMissing, match="No data keys"):
        data_keys.kept()


def test_a_bad_file_that_comes_later_takes_no_other_key_away(folder: Path, launch: str) -> None:
    sealed = data_keys.seal(launch, PURPOSE, ROW, "Ada")
    (folder / "bad.key").write_text("no key")
    assert not data_keys.kept().has("0" * 16)
    with pytest.raises(CannotOpen):
        data_keys.open_sealed(PURPOSE, ROW, sealed[:1] + b"\0\0\0\0" + sealed[5:])
    assert data_keys.open_sealed(PURPOSE, ROW, sealed) == "Ada"


def test_what_is_sealed_opens_in_its_own_row_and_under_its_own_key_alone(launch: str) -> None:
    sealed = data_keys.seal(launch, PURPOSE, ROW, "Ada Ashdown")
    assert data_keys.open_sealed(PURPOSE, ROW, sealed) == "Ada Ashdown"
    assert b"Ada" not in sealed
    moved = [(PURPOSE, "registration|1|abd", sealed), ("another", ROW, sealed)]
    damaged = [sealed[:-1], sealed + b"0", sealed[:40] + bytes([sealed[40] ^ 1]) + sealed[41:], sealed[:9], sealed[:3]]
    for purpose, row, value in [*moved, *((PURPOSE, ROW, value) for value in damaged)]:
        with pytest.raises(CannotOpen):
            data_keys.open_sealed(purpose, row, value)
    with pytest.raises(UnknownAlgorithm):
        data_keys.open_sealed(PURPOSE, ROW, b"\x09" + sealed[1:])
    data_keys.install(DataKeys())
    data_keys.kept().make("launch")
    with pytest.raises(CannotOpen):
        data_keys.open_sealed(PURPOSE, ROW, sealed)


def test_its_length_tells_next_to_nothing(launch: str) -> None:
    lengths = {len(data_keys.seal(launch, PURPOSE, ROW, "a" * n)) for n in (1, 20, BLOCK)}
    longer = len(data_keys.seal(launch, PURPOSE, ROW, "a" * (BLOCK + 1)))
    assert (len(lengths), longer - min(lengths)) == (1, BLOCK)
    assert data_keys.seal(launch, PURPOSE, ROW, "a") != data_keys.seal(launch, PURPOSE, ROW, "a")


def test_what_is_sealed_again_stays_under_its_key(folder: Path, launch: str) -> None:
    sealed = data_keys.seal(launch, PURPOSE, ROW, "Ada")
    keys.write_new(folder / "launch.key")
    data_keys.install(DataKeys(folder))
    assert data_keys.kept().make("launch") != launch, "there is a newer one"
    again = data_keys.seal_as(sealed, PURPOSE, ROW, "Ada Ash")
    assert (data_keys.open_sealed(PURPOSE, ROW, again), again[1:5]) == ("Ada Ash", sealed[1:5])


def test_a_tag_is_equal_for_equal_texts_under_one_key(launch: str) -> None:
    other = data_keys.kept().make("another")
    tags = [data_keys.tag(launch, PURPOSE, "ada@wardens.example.org") for _ in range(2)]
    assert (len(tags[0]), tags[0] == tags[1]) == (64, True)
    others = [
        data_keys.tag(launch, PURPOSE, "bo@wardens.example.org"),
        data_keys.tag(launch, "another", "ada@wardens.example.org"),
        data_keys.tag(other, PURPOSE, "ada@wardens.example.org"),
    ]
    assert len({*tags, *others}) == 4


def test_a_bad_file_and_one_that_is_gone_take_no_key_away(folder: Path, launch: str) -> None:
    another, newer = data_keys.kept().make("another"), DataKeys(folder).make("newer")
    (folder / "launch.key").unlink()
    (folder / "another.key").chmod(0o644)
    assert data_keys.kept().has(newer), "the good one that is new"
    assert [data_keys.kept().has(key) for key in (launch, another)] == [True, True]
