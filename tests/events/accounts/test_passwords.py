"""Which passwords staff may choose, how they are kept, and that checking one tells nobody which accounts there are.

Rules: SE-05.
"""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from argon2 import extract_parameters
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from events.accounts import known_browser, passwords
from events.accounts.passwords import (
    AGAIN,
    EASY,
    HASHER,
    MISSING,
    NOBODYS,
    SHORTEST,
    STRANGERS,
    TOO_LONG,
    TOO_SHORT,
    fault,
)
from events.accounts.sign_in_pages import KNOWN
from events.accounts.staff import Staff
from events.ground import clock
from events.ground.database import Database
from events.ground.limits import Attempt
from events.ground.refusal import Refused
from tests.browser import browsing, heading, words
from tests.events.accounts.signing_in import half, where
from tests.people import PASSWORD
from tests.waiting import WITHIN

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


class SlowHasher:
    """Stands still at each password until the gate opens."""

    def __init__(self) -> None:
        self.begun, self.gate = list[str](), threading.Event()

    def verify(self, stored: str, given: str) -> bool:
        self.begun.append(given)
        return self.gate.wait(WITHIN) and given == PASSWORD


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowHasher]:
    slow = SlowHasher()
    monkeypatch.setattr(passwords, "HASHER", slow)
    yield slow
    slow.gate.set()


Checks = list[asyncio.Task[bool]]


async def strangers(slow: SlowHasher, number: int) -> Checks:
    """So many check a password, one of them at this moment."""
    checks = [asyncio.create_task(passwords.right("x", f"{n}", is_stranger=True)) for n in range(number)]
    while not slow.begun:  # noqa: ASYNC110  # in a thread
        await asyncio.sleep(0.001)
    return checks


async def test_a_flood_of_strangers_waits_in_a_short_queue_and_known_browsers_go_before_it(slow: SlowHasher) -> None:
    checks = await strangers(slow, 1 + STRANGERS)
    with pytest.raises(Refused) as refused:
        await passwords.right("x", "one too many", is_stranger=True)
    assert (refused.value.status, refused.value.retry_after) == (503, AGAIN)
    known = asyncio.create_task(passwords.right("x", PASSWORD))
    await asyncio.sleep(0)
    slow.gate.set()
    assert (await known, await asyncio.gather(*checks)) == (True, [False] * len(checks))
    assert slow.begun == ["0", PASSWORD, *(f"{n}" for n in range(1, 1 + STRANGERS))]
    assert await passwords.right("x", PASSWORD, is_stranger=True), "where nobody waits, a stranger is nobody special"


async def test_who_hangs_up_leaves_the_queue(slow: SlowHasher) -> None:
    checks = await strangers(slow, 1 + STRANGERS)
    for gone in checks[1:]:
        gone.cancel()
    await asyncio.wait(checks[1:])
    last = asyncio.create_task(passwords.right("x", PASSWORD, is_stranger=True))
    await asyncio.sleep(0)
    checks[0].cancel()  # it is being looked at
    slow.gate.set()
    assert await last
    assert slow.begun == ["0", PASSWORD]
    await asyncio.wait(checks)
    assert not passwords.queue().is_busy


async def test_lena_signs_in_from_her_own_browser_while_strangers_are_told_to_wait(
    database: Database, lena: Staff, slow: SlowHasher
) -> None:
    async with browsing(database, network="192.0.2.1") as strange, browsing(database) as her_own:
        her_own.cookies.set(
            KNOWN.name, known_browser.remember(lena, clock.real()), domain="places.example.org", path="/"
        )
        checks = await strangers(slow, 1 + STRANGERS)
        answer = await half(strange, lena)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, str(AGAIN))
        assert passwords.TOO_MANY_WAIT in words(answer.text)
        assert heading(answer) == "That could not be done"
        nobody = await strange.post("/staff/sign-in", data={"email": "nobody@hosts.example.org", "password": "wrong"})
        assert nobody.text == answer.text
        assert await Attempt.all().count() == 0, "nothing was tried"
        waits = asyncio.create_task(half(her_own, lena))
        while not passwords.queue().known:  # noqa: ASYNC110  # a queue that has no event for it
            await asyncio.sleep(0.01)
        slow.gate.set()
        assert where(await waits) == (303, "/staff/code?next=/desk")
        await asyncio.gather(*checks)
        assert where(await half(strange, lena)) == (303, "/staff/code?next=/desk")
