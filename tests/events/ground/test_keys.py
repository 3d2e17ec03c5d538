"""The instance keys: where they come from, who may read them, and what they open after a newer one has come.

Rules: SE-16.
"""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from events.ground import keys
from events.ground.keys import CannotOpen, KeyMissing, Keyring

VENUE, NEED = "event.venue", "registration.need"


def mode_of(file: Path) -> str:
    return oct(stat.S_IMODE(file.stat().st_mode))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "var" / "key"


def test_a_new_key_goes_in_front_of_the_older_ones_in_a_file_for_us_alone(file: Path) -> None:
    keys.write_new(file)
    first = file.read_text().splitlines()
    keys.write_new(file)
    assert file.read_text().splitlines()[1:] == first
    assert mode_of(file) == "0o600"
    assert [path.name for path in file.parent.iterdir()] == ["key"]


def test_a_wide_umask_and_a_file_left_behind_do_not_open_the_key_to_others(file: Path) -> None:
    file.parent.mkdir()
    left_behind = file.with_name("key.new")
    left_behind.write_text("from a try that was cut off")
    left_behind.chmod(0o666)
    before = os.umask(0)
    try:
        keys.write_new(file)
    finally:
        os.umask(before)
    assert mode_of(file) == "0o600"
    assert len(keys.load("", file).keys) == 1


def test_two_who_make_a_key_at_once_both_keep_theirs(file: Path) -> None:
    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(keys.write_new, [file] * 8))
    assert len(set(keys.load("", file).fingerprints)) == 8


def test_a_key_file_that_was_there_keeps_its_keys_even_without_a_last_newline(file: Path) -> None:
    older = keys.new_key()
    file.parent.mkdir()
    file.write_text(older)
    keys.write_new(file)
    assert keys.load("", file).fingerprints[1:] == Keyring([older]).fingerprints


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_may_read_is_refused(file: Path, mode: int) -> None:
    keys.write_new(file)
    file.chmod(mode)
    with pytest.raises(KeyMissing, match=r"Others on this machine may read .*: `chmod 600 "):
        keys.load("", file)
    file.chmod(0o400)
    assert len(keys.load("", file).keys) == 1


def test_the_setting_is_used_instead_of_the_file(file: Path) -> None:
    keys.write_new(file)
    one, two = keys.new_key(), keys.new_key()
    assert keys.load(f"{one}, {two},", file).fingerprints == Keyring([one, two]).fingerprints
    assert keys.load("", file).fingerprints != keys.load(one, file).fingerprints


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("", "No key is given"),
        ("\n \n", "No key is given"),
        ("tooshort", "not what `./run key new` makes"),
        ("A" * 43, "not what"),
        ("A" * 45 + "=", "not what"),
        ("A" * 20 + "!" + "A" * 23 + "=", "not what"),  # a plain b64decode skips the ! and takes the rest
        ("A" * 42 + "/=", "not what"),
        ("ключ", "not what"),
    ],
)
def test_what_is_no_key_is_refused_with_a_sentence(file: Path, written: str, sentence: str) -> None:
    file.parent.mkdir()
    file.touch(0o600)
    file.write_text(written)
    with pytest.raises(KeyMissing, match=sentence):
        keys.load("", file)


def test_no_file_says_how_to_make_one(file: Path) -> None:
    with pytest.raises(KeyMissing, match=r"There is no key at .*: `./run key new` makes one, or set MUSTER_KEY"):
        keys.load("", file)


def test_without_a_key_nothing_is_sealed() -> None:
    keys.install(None)
    with pytest.raises(KeyMissing):
        keys.seal(VENUE, "Example House")


def test_after_a_rotation_older_seals_still_open_and_new_ones_are_under_the_new_key() -> None:
    old, new = keys.new_key(), keys.new_key()
    keys.install(Keyring([old]))
    before = keys.seal(VENUE, "Example House")
    keys.install(Keyring([new, old]))
    after = keys.seal(VENUE, "Example House")
    assert (keys.open_sealed(VENUE, before), keys.open_sealed(VENUE, after)) == ("Example House", "Example House")
    keys.install(Keyring([new]))
    assert keys.open_sealed(VENUE, after) == "Example House"
    with pytest.raises(CannotOpen):
        keys.open_sealed(VENUE, before)


@pytest.mark.parametrize("text", ["", "x", "1 Example Street\nZoë", "€" * 5000])
def test_what_was_sealed_comes_back_whole(text: str) -> None:
    assert keys.open_sealed(NEED, keys.seal(NEED, text)) == text


def test_a_seal_of_one_purpose_does_not_open_for_another() -> None:
    with pytest.raises(CannotOpen):
        keys.open_sealed(NEED, keys.seal(VENUE, "Example House"))


def test_no_changed_byte_and_no_shortened_seal_opens() -> None:
    sealed = keys.seal(VENUE, "Example House")
    assert keys.open_sealed(VENUE, sealed) == "Example House"
    changed = [sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(len(sealed))]
    shortened = [sealed[:length] for length in range(len(sealed))]
    opened = []
    for broken in [*changed, *shortened, sealed + b"\0"]:
        try:
            opened.append(keys.open_sealed(VENUE, broken))
        except CannotOpen:
            continue
    assert opened == []


def test_a_sealed_value_names_its_algorithm_and_another_one_is_refused_by_name() -> None:
    sealed = keys.seal(VENUE, "Example House")
    assert sealed[:1] == keys.AES_256_GCM
    for mark, name in ((b"\x00", "00"), (b"\x02", "02"), (b"", "none")):
        with pytest.raises(keys.UnknownAlgorithm, match=f"sealed by algorithm {name}, which this version"):
            keys.open_sealed(VENUE, mark + (sealed[1:] if mark else b""))


def test_the_algorithm_is_authenticated(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that nobody who writes to the database makes a value of one algorithm be read as one of another."""
    sealed = keys.seal(VENUE, "Example House")
    monkeypatch.setattr(keys, "AES_256_GCM", b"\x02")
    with pytest.raises(CannotOpen, match=VENUE):
        keys.open_sealed(VENUE, b"\x02" + sealed[1:])


def test_the_same_text_is_sealed_differently_each_time_and_never_in_the_clear() -> None:
    one, two = keys.seal(VENUE, "Example House"), keys.seal(VENUE, "Example House")
    assert one != two
    assert b"Example" not in one


def test_sub_keys_differ_by_purpose_and_by_key_and_come_again() -> None:
    ring = Keyring([keys.new_key(), keys.new_key()])
    newest, oldest = ring.fingerprints
    made = {ring.sub_key(what, which) for what in ("links", "tickets") for which in (newest, oldest)}
    assert len(made | set(ring.keys)) == 6
    assert ring.sub_key("links") == ring.sub_key("links", newest) == ring.sub_keys("links")[0]
    with pytest.raises(KeyError):
        ring.sub_key("links", "0123456789abcdef")


def test_a_keyed_hash_recognises_a_text_and_hides_it() -> None:
    one = keys.keyed_hash("limits", "ada@wardens.example.org")
    assert one == keys.keyed_hash("limits", "ada@wardens.example.org")
    assert len({one, keys.keyed_hash("pairing", "ada@wardens.example.org"), keys.keyed_hash("limits", "bo")}) == 3
    keys.install(Keyring([keys.new_key()]))
    assert keys.keyed_hash("limits", "ada@wardens.example.org") != one


def test_what_is_of_a_row_is_padded_and_opens_in_that_row_alone() -> None:
    keys.install(Keyring([keys.new_key()]))
    sealed = {text: keys.seal(NEED, text, "row 1") for text in ("a", "an aisle seat ", "a" * keys.BLOCK)}
    assert len({len(value) for value in sealed.values()}) == 1
    assert len(keys.seal(NEED, "a" * (keys.BLOCK + 1), "row 1")) == len(sealed["a"]) + keys.BLOCK
    assert [keys.open_sealed(NEED, value, "row 1") for value in sealed.values()] == [text.rstrip() for text in sealed]
    for row in ("row 2", ""):
        with pytest.raises(CannotOpen):
            keys.open_sealed(NEED, sealed["a"], row)
    assert keys.open_sealed(NEED, keys.seal(NEED, "of no row ")) == "of no row "
