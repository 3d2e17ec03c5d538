"""Recovery codes: each opens once, is kept as a slow hash, and ends with the next ten."""

import asyncio

from argon2.low_level import Type, hash_secret_raw

from events.accounts import passwords, recovery, sign_in
from events.accounts.passwords import HASHER as REAL_COST
from events.accounts.staff import RecoveryCode, Staff
from tests.events.accounts.sessions import NOW, OFFICE, alerts_of, halfway
from tests.people import MONDAY


async def test_a_recovery_code_opens_once_and_is_news(lena: Staff) -> None:
    codes = await recovery.make(lena, MONDAY)
    assert (len(set(codes)), await recovery.left(lena)) == (10, 10)
    half, other = await halfway(lena), await halfway(lena)
    typed = codes[3].lower().replace("-", " ")
    answers = await asyncio.gather(*(sign_in.recover(session, typed, OFFICE, MONDAY, NOW) for session in (half, other)))
    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", "str"]
    assert await recovery.left(lena) == 9
    assert await alerts_of(lena) == ["recovery_made", "recovery_used", "new_browser"]


async def test_recovery_codes_are_kept_as_slow_hashes_under_one_salt_of_their_own(lena: Staff) -> None:
    await recovery.make(lena, MONDAY)
    first = [row.code_hash for row in await RecoveryCode.all()]
    await recovery.make(lena, MONDAY)
    second = [row.code_hash for row in await RecoveryCode.all()]
    assert [len({code_hash[:32] for code_hash in kept}) for kept in (first, second, first + second)] == [1, 1, 2]
    assert [len({code_hash[32:] for code_hash in kept}) for kept in (first, second)] == [10, 10]
    secret, salt = b"a code", b"0" * recovery.SALT_BYTES
    slow = hash_secret_raw(secret, salt, REAL_COST.time_cost, REAL_COST.memory_cost, 1, 32, Type.ID).hex()
    passwords.HASHER = REAL_COST  # the fixture puts the cheap one back
    assert await passwords.slow_hash(secret, salt) == slow


async def test_new_recovery_codes_end_the_old_and_are_nobody_elses(lena: Staff, omar: Staff) -> None:
    [old, *_] = await recovery.make(lena, MONDAY)
    [new, *_] = await recovery.make(lena, MONDAY)
    [omars, *_] = await recovery.make(omar, MONDAY)
    assert [
        await recovery.use(lena, await recovery.hash_of(lena, code), MONDAY, NOW) for code in (old, omars, "", new)
    ] == [False, False, False, True]
