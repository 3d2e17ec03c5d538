"""Which passwords staff may choose, how they are kept, and that checking one tells nobody which accounts there are.

Rules: SE-05.
"""

import asyncio

import pytest
from argon2 import extract_parameters
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from events.accounts import passwords
from events.accounts.passwords import EASY, HASHER, MISSING, NOBODYS, SHORTEST, TOO_LONG, TOO_SHORT, fault

LENA = ["Lena Lead", "lena@hosts.example.org"]


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("", MISSING),
        ("kettle fish", TOO_SHORT),  # eleven
        ("kettle fish window", ""),
        ("kettlefishwindow", ""),  # no composition rules: small letters alone will do
        ("Три случайных слова", ""),
        ("x9$kQ2mV7pLw", ""),
        ("kettle fish window " * 4, ""),  # 76: a long one is allowed
        ("kettle fish window " * 11, TOO_LONG),
        ("password1234", EASY),
        ("Password1234!", EASY),
        ("qwertyuiop12", EASY),
        ("1qaz2wsx3edc", EASY),
        ("letmeinletmein", EASY),
        ("aaaaaaaaaaaa", EASY),
        ("a" * 64, EASY),
        ("123456789012", EASY),
        ("manchesterunited", EASY),
        ("Summer2019!!", EASY),
        ("stalking2019", EASY),
        ("SaferPlaces123!", EASY),
        ("threerivers-2019", EASY),
        ("hertsherts12", EASY),
        ("Hertfordshire 2019", EASY),
        ("Conference2019", EASY),
        ("lena.lead.2019", EASY),
        ("Lena@Hosts12", EASY),
    ],
)
def test_a_new_password_is_long_enough_and_not_the_first_guess(password: str, says: str) -> None:
    assert fault(password, LENA) == says


async def test_a_password_is_kept_as_a_hash_that_knows_it_again() -> None:
    stored = await passwords.hashed("kettle fish window")
    assert "kettle" not in stored
    assert await passwords.right(stored, "kettle fish window")
    assert not await passwords.right(stored, "kettle fish windows")


async def test_a_password_is_kept_as_it_was_typed_to_the_letter() -> None:
    stored = await passwords.hashed("\uff4bettle fish window \u210c")
    assert await passwords.right(stored, "\uff4bettle fish window \u210c")
    assert not await passwords.right(stored, "kettle fish window H"), "no letter stands for another"


def test_none_of_the_passwords_that_leaks_hold_most_is_taken() -> None:
    """Of the thirty thousand that zxcvbn brings, those that are long enough at all."""
    leaked = [password for password in FREQUENCY_LISTS["passwords"] if len(password) >= SHORTEST]
    assert len(leaked) > 200
    assert [password for password in leaked if fault(password) != EASY] == []
    assert [password for password in leaked[:20] if fault(password.upper()) != EASY] == []


@pytest.mark.parametrize("stored", ["", "not a hash", NOBODYS])
async def test_nothing_opens_an_account_without_a_password(stored: str) -> None:
    assert not await passwords.right(stored, "")
    assert not await passwords.right(stored, "kettle fish window")


def test_nobodys_hash_takes_as_long_as_anybodys() -> None:
    assert extract_parameters(NOBODYS) == extract_parameters(HASHER.hash("kettle fish window"))


async def test_five_checks_at_once_do_not_hold_up_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", HASHER)  # at the real cost: a quarter of a second for the five
    stored = await passwords.hashed("kettle fish window")
    checks = asyncio.gather(*(passwords.right(stored, "wrong") for _ in range(5)))
    turns = 0
    while not checks.done():
        await asyncio.sleep(0)
        turns += 1
    assert await checks == [False] * 5
    assert turns > 100  # in the loop itself it is ten or so
