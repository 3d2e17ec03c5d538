"""Tries to sign in are slowed by network, account and browser, and nobody is shut out by others."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from events.accounts import known_browser, passwords, sign_in, sign_in_tries
from events.accounts.sign_in_tries import CODES, SLOWED, Caller
from events.accounts.staff import Staff
from events.audit.action import Action
from events.ground import limits
from events.ground.limits import Attempt
from events.ground.refusal import Refused
from tests.events.accounts.sessions import ELSEWHERE, MINUTE, NOW, OFFICE, alerts_of, halfway, session_of, signed_in
from tests.people import MONDAY, PASSWORD, audit_of, code_of, joined


async def test_the_eleventh_wrong_proof_waits(lena: Staff) -> None:
    session = await session_of(await signed_in(lena), NOW)
    for _ in range(limits.STEP_UPS.tries):
        assert await sign_in.step_up(session, MONDAY, NOW, password="wrong") is None
    with pytest.raises(Refused) as refused:
        await sign_in.step_up(session, MONDAY, NOW, password=PASSWORD)
    assert refused.value.status == 429
    assert await sign_in.step_up(session, MONDAY, NOW + timedelta(hours=1), password=PASSWORD)


async def test_the_eleventh_wrong_password_before_a_change_of_it_waits(lena: Staff) -> None:
    session = await session_of(await signed_in(lena), NOW)
    for _ in range(limits.STEP_UPS.tries):
        assert not await sign_in.knows_password(session, "wrong", MONDAY, NOW)
    with pytest.raises(Refused) as refused:
        await sign_in.knows_password(session, PASSWORD, MONDAY, NOW)
    assert refused.value.status == 429
    failed = [act for act in await audit_of(lena) if act[0] == "failed to prove it again"]
    assert failed == [("failed to prove it again", lena.actor, MONDAY)] * limits.STEP_UPS.tries
    assert await sign_in.knows_password(session, PASSWORD, MONDAY, NOW + timedelta(hours=1))


async def test_one_network_tries_sixty_accounts_and_no_more(lena: Staff) -> None:
    tries = [f"nobody{n}@hosts.example.org" for n in range(limits.SIGN_INS_FROM_NETWORK.tries)]
    for address in tries:
        assert await sign_in.sign_in(address, "wrong", OFFICE, MONDAY, NOW) is None
    with pytest.raises(Refused):
        await sign_in.sign_in(lena.email, PASSWORD, OFFICE, MONDAY, NOW)
    assert await sign_in.sign_in(lena.email, PASSWORD, ELSEWHERE, MONDAY, NOW), "another network is not slowed"


async def test_a_network_that_tries_invented_addresses_leaves_no_row_for_each(lena: Staff) -> None:
    most = limits.SIGN_INS_FROM_NETWORK.tries
    rows = dict[int, int]()
    for n in range(3 * most):
        with suppress(Refused):
            await sign_in.sign_in(f"nobody{n}@hosts.example.org", "wrong", OFFICE, MONDAY, NOW)
        rows[n + 1] = await Attempt.all().count()
    assert rows[most] > most, "within the limit there are some"
    assert rows[3 * most] == rows[most] + 2, "that it was slowed, once, and how many were turned away"


async def test_the_eleventh_try_waits_and_another_account_does_not(lena: Staff, omar: Staff) -> None:
    for _ in range(limits.SIGN_INS.tries):
        assert await sign_in.sign_in(lena.email, "wrong", ELSEWHERE, MONDAY, NOW) is None
    with pytest.raises(Refused, match="Wait 15 minutes"):
        await sign_in.sign_in(lena.email, PASSWORD, ELSEWHERE, MONDAY, NOW)
    assert await sign_in.sign_in((await joined(omar)).email, PASSWORD, ELSEWHERE, MONDAY, NOW)
    assert await sign_in.sign_in(lena.email, PASSWORD, ELSEWHERE, MONDAY, NOW + timedelta(minutes=31))


async def test_strangers_elsewhere_only_slow_a_browser_that_lena_has_never_used(
    lena: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From changing addresses too: beyond so many her try waits for a moment, and then it counts."""
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", wait)
    for n in range(limits.SIGN_INS_OF_ACCOUNT.tries):
        assert await sign_in.sign_in(lena.email, "wrong", Caller(f"198.51.100.{n}"), MONDAY, NOW) is None
    assert waited == []
    assert await sign_in.sign_in(lena.email, PASSWORD, OFFICE, MONDAY, NOW)
    assert await sign_in.sign_in(lena.email, "wrong", ELSEWHERE, MONDAY, NOW) is None
    assert waited == [SLOWED] * 2
    assert await sign_in.sign_in(
        lena.email, PASSWORD, OFFICE._replace(known=known_browser.remember(lena, NOW)), MONDAY, NOW
    )
    assert len(waited) == 2, "a browser that she has used waits for nobody"


async def test_tries_that_were_slowed_or_stopped_are_on_record_once_for_a_network(lena: Staff) -> None:
    for _ in range(limits.SIGN_INS.tries):
        await sign_in.sign_in(lena.email, "wrong", ELSEWHERE, MONDAY, NOW)
    for _ in range(3):
        with pytest.raises(Refused):
            await sign_in.sign_in(lena.email, "wrong", ELSEWHERE, MONDAY, NOW)
    assert [action for action, *_ in await audit_of(lena)].count(Action.SIGN_IN_SLOWED) == 1


async def test_only_wrong_tries_count(lena: Staff) -> None:
    for n in range(limits.SIGN_INS.tries + 2):
        await signed_in(lena, OFFICE, NOW + n * MINUTE)


async def test_an_unknown_account_is_slowed_just_the_same(lena: Staff) -> None:
    for _ in range(limits.SIGN_INS.tries):
        await sign_in.sign_in("nobody@hosts.example.org", "wrong", ELSEWHERE, MONDAY, NOW)
    with pytest.raises(Refused, match="Wait 15 minutes"):
        await sign_in.sign_in("nobody@hosts.example.org", "wrong", ELSEWHERE, MONDAY, NOW)


async def test_strangers_cannot_shut_lena_out_of_a_browser_she_has_used(lena: Staff, omar: Staff) -> None:
    """Those beside her in her own network neither."""
    known = ELSEWHERE._replace(known=known_browser.remember(lena, NOW))
    for _ in range(limits.SIGN_INS.tries):
        await sign_in.sign_in(lena.email, "wrong", ELSEWHERE, MONDAY, NOW)
    assert await sign_in.sign_in(lena.email, PASSWORD, known, MONDAY, NOW)
    for forged in (known_browser.remember(omar, NOW), "nonce.mac", "."):
        with pytest.raises(Refused):
            await sign_in.sign_in(lena.email, PASSWORD, ELSEWHERE._replace(known=forged), MONDAY, NOW)


async def test_a_known_browser_has_no_more_tries_than_another(lena: Staff) -> None:
    """Nor by a mark of which a part is varied that is not asked for here."""
    known = OFFICE._replace(known=known_browser.remember(lena, NOW))
    for n in range(limits.SIGN_INS.tries):
        await sign_in.sign_in(lena.email, "wrong", known._replace(known=f"{known.known}{n}"), MONDAY, NOW)
    for again in (known, known._replace(known=f"{known.known}x")):
        with pytest.raises(Refused):
            await sign_in.sign_in(lena.email, PASSWORD, again, MONDAY, NOW)


async def test_nor_has_it_more_codes_or_password_emails(lena: Staff) -> None:
    marks = [OFFICE._replace(known=f"{known_browser.remember(lena, NOW)}")]
    marks += [marks[0]._replace(known=f"{marks[0].known}{n}") for n in range(CODES.tries)]
    for caller in marks[: CODES.tries]:
        await sign_in_tries.count_code(lena, caller, MONDAY, NOW)
    with pytest.raises(Refused):
        await sign_in_tries.count_code(lena, marks[-1], MONDAY, NOW)
    sent = [await sign_in_tries.count_password_email(lena, lena.email, caller, NOW, has_link=False) for caller in marks]
    assert sent.count(True) == limits.RESET_EMAILS.tries < len(sent)


async def test_a_new_password_makes_every_browser_strange_again(lena: Staff) -> None:
    known = OFFICE._replace(known=known_browser.remember(lena, NOW))
    assert known_browser.knows(lena, known.known)
    lena.password_hash = await passwords.hashed("another kettle fish")
    assert not known_browser.knows(lena, known.known)


async def test_who_tries_codes_is_slowed_and_the_owner_hears_of_it(lena: Staff) -> None:
    half = await halfway(lena, ELSEWHERE)
    for _ in range(CODES.tries):
        assert await sign_in.second_factor(half, "", ELSEWHERE, MONDAY, NOW) is None
    for _ in range(2):
        with pytest.raises(Refused, match="Wait 15 minutes"):
            await sign_in.second_factor(half, code_of(lena, NOW), ELSEWHERE, MONDAY, NOW)
    assert await alerts_of(lena) == ["codes_failing"]
    known = OFFICE._replace(known=known_browser.remember(lena, NOW))
    assert await sign_in.second_factor(half, code_of(lena, NOW), known, MONDAY, NOW)
