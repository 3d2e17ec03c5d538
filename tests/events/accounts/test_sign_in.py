"""Signing in: a password, then a code; sessions that end; and tries that are slowed without shutting anyone out.

Rules: SE-07.
"""

import asyncio
import hashlib
from collections import Counter
from datetime import timedelta
from typing import Literal

import pyotp
import pytest
from argon2 import PasswordHasher, extract_parameters

from events.accounts import known_browser, passwords, sign_in, totp
from events.accounts.passwords import HASHER as REAL_COST
from events.accounts.passwords import NOBODYS
from events.accounts.sign_in import AT_MOST, FOR_THE_CODE, STEP_UP_FOR
from events.accounts.staff import IDLE_FOR, Session, Staff
from events.audit.audit import AuditEntry
from tests.events.accounts.sessions import (
    ELSEWHERE,
    MINUTE,
    NOW,
    OFFICE,
    SECOND,
    alerts_of,
    halfway,
    session_of,
    signed_in,
)
from tests.people import MONDAY, PASSWORD, audit_of, code_of, joined

COST = REAL_COST.time_cost, REAL_COST.memory_cost, REAL_COST.parallelism


async def test_lena_signs_in_with_password_and_code(lena: Staff) -> None:
    half = await halfway(lena)
    assert sign_in.needs_second_factor(half)
    token = await sign_in.second_factor(half, code_of(lena, NOW), OFFICE, MONDAY, NOW)
    whole = await session_of(token, NOW)
    assert not sign_in.needs_second_factor(whole)
    assert (whole.staff_id, whole.browser, whole.expires_at) == (lena.id, "Firefox on Windows", NOW + AT_MOST)
    assert await audit_of(lena) == [("signed in", f"staff:{lena.id}", MONDAY)]


async def test_an_address_is_known_however_it_is_typed(lena: Staff) -> None:
    assert await sign_in.sign_in("  LENA@Hosts.example.org ", PASSWORD, OFFICE, MONDAY, NOW)


async def test_the_database_holds_no_token(lena: Staff) -> None:
    token = await signed_in(lena)
    stored = str(await Session.all().values())
    assert token not in stored
    assert hashlib.sha256(token.encode()).hexdigest() in stored, "what finds it is there"


async def test_a_new_token_at_the_code_kills_the_one_before(lena: Staff) -> None:
    before = await sign_in.sign_in(lena.email, PASSWORD, OFFICE, MONDAY, NOW)
    half = await session_of(before, NOW)
    after = await sign_in.second_factor(half, code_of(lena, NOW), OFFICE, MONDAY, NOW)
    assert await sign_in.find_session(before or "", NOW) is None
    assert await sign_in.find_session(after or "", NOW) is not None


async def test_every_kind_of_no_is_the_same(lena: Staff, omar: Staff, vic: Staff) -> None:
    await Staff.filter(id=(await joined(omar)).id).update(disabled_at=MONDAY)
    answers = [
        await sign_in.sign_in(email, password, OFFICE, MONDAY, NOW)
        for email, password in [
            ("nobody@hosts.example.org", PASSWORD),
            ("not an address", PASSWORD),
            (lena.email, "wrong"),
            (lena.email, ""),
            (omar.email, PASSWORD),  # disabled
            (vic.email, ""),  # invited, has no password yet
        ]
    ]
    assert answers == [None] * 6
    assert await sign_in.sign_in(lena.email, PASSWORD, OFFICE, MONDAY, NOW)


async def test_an_unknown_account_costs_the_work_of_a_wrong_password(
    lena: Staff, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted as hashes of the same cost: time itself says little on a busy machine."""
    done = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002, as in argon2
            done.append(extract_parameters(str(hash)))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "HASHER", Counting(*COST))
    monkeypatch.setattr(passwords, "NOBODYS", NOBODYS)
    await Staff.filter(id=lena.id).update(password_hash=await passwords.hashed(PASSWORD))
    for address in (lena.email, omar.email, "nobody@hosts.example.org"):  # joined; invited; none
        assert await sign_in.sign_in(address, "wrong", OFFICE, MONDAY, NOW) is None
    assert done == [extract_parameters(NOBODYS)] * 3


async def test_failed_tries_are_recorded_without_what_was_typed(lena: Staff) -> None:
    await sign_in.sign_in(lena.email, "wrong", OFFICE, MONDAY, NOW)
    await sign_in.sign_in("nobody@hosts.example.org", "wrong", OFFICE, MONDAY, NOW)
    rows = await AuditEntry.all().order_by("id").values_list("actor", "action", "subject", "details")
    assert rows == [
        ("system", "failed to sign in", f"staff:{lena.id}", {"factor": "password"}),
        ("system", "failed to sign in", "", {"factor": "password"}),
    ]


async def test_a_wrong_code_opens_nothing(lena: Staff) -> None:
    half = await halfway(lena)
    right = code_of(lena, NOW)
    for code in ["", "000000" if right != "000000" else "111111", code_of(lena, NOW + 5 * MINUTE), "١٢٣٤٥٦"]:
        assert await sign_in.second_factor(half, code, OFFICE, MONDAY, NOW) is None
    assert await sign_in.second_factor(half, f" {right[:3]} {right[3:]} ", OFFICE, MONDAY, NOW)


async def test_one_code_ten_times_at_once_lets_one_in(lena: Staff) -> None:
    code = code_of(lena, NOW)
    halves = [await halfway(lena) for _ in range(8)]  # as many as an account has tries
    answers = await asyncio.gather(
        *(sign_in.second_factor(half, code, OFFICE, MONDAY, NOW) for half in halves), return_exceptions=True
    )
    assert Counter(type(answer).__name__ for answer in answers) == {"str": 1, "NoneType": 7}


async def test_one_code_is_accepted_once_however_many_ask(lena: Staff) -> None:
    code = code_of(lena, NOW)
    assert sorted(await asyncio.gather(*(totp.accept(lena, code, NOW) for _ in range(10)))) == [False] * 9 + [True]
    assert not await totp.accept(lena, code, NOW + SECOND)
    later = NOW + MINUTE
    assert await totp.accept(lena, code_of(lena, later), later)


async def test_a_password_alone_is_over_after_a_quarter_of_an_hour(lena: Staff) -> None:
    token = await sign_in.sign_in(lena.email, PASSWORD, OFFICE, MONDAY, NOW)
    assert await sign_in.find_session(token or "", NOW + FOR_THE_CODE - SECOND)
    assert await sign_in.find_session(token or "", NOW + FOR_THE_CODE) is None


async def test_an_idle_session_ends(lena: Staff) -> None:
    token = await signed_in(lena)
    assert await sign_in.find_session(token, NOW + IDLE_FOR - SECOND)  # which is use, too
    assert await sign_in.find_session(token, NOW + 2 * IDLE_FOR - 2 * SECOND)
    assert await sign_in.find_session(token, NOW + 3 * IDLE_FOR) is None


async def test_a_session_in_use_ends_after_twelve_hours(lena: Staff) -> None:
    token = await signed_in(lena)
    moment = NOW
    while moment < NOW + AT_MOST:
        assert await sign_in.find_session(token, moment)
        moment += 20 * MINUTE
    assert await sign_in.find_session(token, NOW + AT_MOST) is None


async def test_use_is_written_down_once_a_minute(lena: Staff) -> None:
    token = await signed_in(lena)
    await sign_in.find_session(token, NOW + MINUTE - SECOND)
    assert (await Session.get()).last_used_at == NOW
    await sign_in.find_session(token, NOW + MINUTE)
    assert (await Session.get()).last_used_at == NOW + MINUTE


async def test_old_cookies_fail_after_signing_out_and_after_disabling(lena: Staff, omar: Staff) -> None:
    lenas, omars = await signed_in(lena), await signed_in(await joined(omar))
    await sign_in.sign_out(await session_of(lenas, NOW), MONDAY)
    await Staff.filter(id=omar.id).update(disabled_at=MONDAY)
    assert [await sign_in.find_session(token, NOW) for token in (lenas, omars, "", "no such token")] == [None] * 4


async def test_signing_out_everywhere_leaves_this_browser_signed_in(lena: Staff) -> None:
    here = await signed_in(lena)
    there = await signed_in(lena, ELSEWHERE, NOW + MINUTE)
    session = await session_of(here, NOW)
    listed = await sign_in.sessions_of(lena, NOW + MINUTE)
    assert [session.browser for session in listed] == ["curl", "Firefox on Windows"]
    assert await sign_in.end_sessions(lena, lena, MONDAY, but=session) == 1
    assert await sign_in.find_session(here, NOW)
    assert await sign_in.find_session(there, NOW) is None


async def test_she_proves_it_again_with_password_or_code(lena: Staff) -> None:
    session = await session_of(await signed_in(lena), NOW)
    assert sign_in.is_stepped_up(session, NOW + STEP_UP_FOR - SECOND)
    later = NOW + STEP_UP_FOR
    assert not sign_in.is_stepped_up(session, later)
    assert await sign_in.step_up(session, MONDAY, later, password="wrong") is None
    assert await sign_in.step_up(session, MONDAY, later) is None
    session = await session_of(await sign_in.step_up(session, MONDAY, later, password=PASSWORD), later)
    assert sign_in.is_stepped_up(session, later)
    token = await sign_in.step_up(session, MONDAY, later, code=code_of(lena, later))
    assert token
    assert await sign_in.find_session(token, later)


async def test_one_proof_renews_the_token_for_one_of_two_that_come_at_once(lena: Staff) -> None:
    """Both found the session by the same cookie: the second would leave the first with a cookie that opens nothing."""
    session = await session_of(await signed_in(lena), NOW)
    proofs = [sign_in.step_up(session, MONDAY, NOW, password=PASSWORD) for _ in range(2)]
    tokens = await asyncio.gather(*proofs)
    assert Counter(token is None for token in tokens) == {True: 1, False: 1}
    [good] = [token for token in tokens if token]
    assert await sign_in.find_session(good, NOW)


async def test_no_code_is_right_for_an_account_without_an_app_and_none_breaks_the_page(omar: Staff) -> None:
    assert not await totp.accept(omar, "123456", NOW)
    session = await session_of(await sign_in.begin_full_session(omar, NOW), NOW)
    assert await sign_in.step_up(session, MONDAY, NOW, code="123456") is None


async def test_a_new_browser_is_news_and_a_known_one_is_not(lena: Staff) -> None:
    await signed_in(lena)
    assert await alerts_of(lena) == ["new_browser"]
    await signed_in(lena, OFFICE._replace(known=known_browser.remember(lena, NOW)), NOW + MINUTE)
    assert await alerts_of(lena) == ["new_browser"]


async def test_a_code_is_good_for_sixty_seconds_at_most(lena: Staff) -> None:
    began = NOW - timedelta(seconds=NOW.timestamp() % 30)
    code = code_of(lena, began)
    good = [seconds for seconds in range(-90, 120) if totp.step_of(lena.totp_secret, code, began + seconds * SECOND)]
    assert (good[0], good[-1], len(good)) == (0, 59, 60)


async def test_the_first_code_of_a_new_app_makes_the_session_whole(omar: Staff) -> None:
    half = await session_of(await sign_in.begin_session(omar, NOW), NOW)
    offered = totp.secret_for(half)
    assert offered == totp.secret_for(await Session.get(id=half.id).prefetch_related("staff"))
    assert await sign_in.set_up_codes(half, "123", OFFICE, MONDAY, NOW) is None
    code = pyotp.TOTP(offered).at(NOW)
    answers = await asyncio.gather(*(sign_in.set_up_codes(half, code, OFFICE, MONDAY, NOW) for _ in range(5)))
    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType"] * 4 + ["str"]
    proved = await Staff.get(id=omar.id)
    assert proved.totp_secret == offered
    assert not await totp.accept(proved, code, NOW)  # it has been used
    assert await alerts_of(omar) == ["ready"]


async def test_a_password_alone_never_replaces_an_app_that_is_set_up(lena: Staff) -> None:
    half, whole = await halfway(lena), await session_of(await signed_in(lena), NOW)
    code = pyotp.TOTP(totp.secret_for(half)).at(NOW)
    assert await sign_in.set_up_codes(half, code, OFFICE, MONDAY, NOW) is None
    assert (await Staff.get(id=lena.id)).totp_secret == lena.totp_secret
    code = pyotp.TOTP(totp.secret_for(whole)).at(NOW)
    assert await sign_in.set_up_codes(whole, code, OFFICE, MONDAY, NOW)
    assert (await Staff.get(id=lena.id)).totp_secret == totp.secret_for(whole)


async def test_two_sessions_are_offered_different_secrets(omar: Staff) -> None:
    sessions = [await session_of(await sign_in.begin_session(omar, NOW), NOW) for _ in range(2)]
    assert len({totp.secret_for(session) for session in sessions}) == 2


async def test_sessions_that_are_over_are_forgotten(lena: Staff) -> None:
    await signed_in(lena)
    token = await signed_in(lena, real=NOW + MINUTE)
    assert await sign_in.forget(NOW + IDLE_FOR + SECOND) == 1
    assert await sign_in.find_session(token, NOW + IDLE_FOR)
