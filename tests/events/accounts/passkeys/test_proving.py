"""Signing in and proving it again by a passkey, and all that is no proof.

Rules: SE-06.
"""

import asyncio
import json
from collections import Counter

import pytest

from events.accounts import accounts, sign_in
from events.accounts.passkeys import ceremony, proving
from events.accounts.passkeys.passkey import Passkey
from events.accounts.staff import Session, Staff
from events.audit.audit import AuditEntry
from events.ground import settings
from events.ground.limits import STEP_UPS
from events.ground.refusal import Refused
from tests.events.accounts.passkeys.authenticator import Device, added, asked_to_prove
from tests.events.accounts.sessions import MINUTE, NOW, OFFICE, alerts_of, halfway, session_of
from tests.people import MONDAY, PASSWORD, audit_of


async def steps_up(session: Session, answer: str, password: str = "") -> str | None:
    return await proving.step_up(session, answer, MONDAY, NOW, password=password)


async def test_lena_signs_in_with_password_and_passkey(lena: Staff, session: Session) -> None:
    device, passkey = await added(session)
    half = await halfway(lena)
    token = await proving.second_factor(half, device.proves(await asked_to_prove(half)), OFFICE, MONDAY, NOW)
    whole = await session_of(token, NOW)
    assert not sign_in.needs_second_factor(whole)
    assert sign_in.has_proved_both(whole, NOW)
    assert (await audit_of(lena))[-1] == ("signed in", f"staff:{lena.id}", MONDAY)
    await passkey.refresh_from_db()
    assert (passkey.last_used_at, passkey.sign_count, passkey.name) == (NOW, 2, "Work laptop")


async def test_the_token_before_opens_nothing_any_more(lena: Staff, session: Session) -> None:
    device, _ = await added(session)
    before = await sign_in.sign_in(lena.email, PASSWORD, OFFICE, MONDAY, NOW)
    half = await session_of(before, NOW)
    assert await proving.second_factor(half, device.proves(await asked_to_prove(half)), OFFICE, MONDAY, NOW)
    assert await sign_in.find_session(before or "", NOW) is None


async def test_a_passkey_alone_is_a_step_up_and_with_the_password_both(session: Session) -> None:
    device, _ = await added(session)
    later = NOW + 11 * MINUTE
    asked = ceremony.asked_to_prove(session, await Passkey.all(), later)
    token = await proving.step_up(session, device.proves(asked), MONDAY, later)
    alone = await session_of(token, later)
    assert (sign_in.is_stepped_up(alone, later), sign_in.has_proved_both(alone, later)) == (True, False)
    asked = ceremony.asked_to_prove(alone, await Passkey.all(), later)
    token = await proving.step_up(alone, device.proves(asked), MONDAY, later, password=PASSWORD)
    assert sign_in.has_proved_both(await session_of(token, later), later)


async def test_behind_a_wrong_password_a_passkey_is_not_looked_at(session: Session) -> None:
    device, passkey = await added(session)
    answer = device.proves(await asked_to_prove(session))
    assert await steps_up(session, answer, "not the password") is None
    await passkey.refresh_from_db()
    assert passkey.last_used_at is None
    assert (await AuditEntry.all().order_by("-id").first()).action == "failed to prove it again"  # type: ignore[union-attr]
    assert await steps_up(session, answer, PASSWORD), "the control"


async def test_of_two_passkeys_at_once_one_opens_the_session(lena: Staff, session: Session) -> None:
    first, _ = await added(session)
    second, _ = await added(session, "Key")
    half = await halfway(lena)
    answers = [device.proves(await asked_to_prove(half)) for device in (first, second)]
    found = await asyncio.gather(*(proving.second_factor(half, answer, OFFICE, MONDAY, NOW) for answer in answers))
    assert Counter(token is not None for token in found) == {False: 1, True: 1}
    assert await AuditEntry.filter(action="signed in").count() == 2, "before, and the one"


async def test_a_count_that_goes_back_is_refused_and_its_owner_is_told(lena: Staff, session: Session) -> None:
    device, passkey = await added(session)
    copy = Device(key=device.key, credential=device.credential, counts=device.counts)
    assert await steps_up(session, device.proves(await asked_to_prove(session)))
    await session.refresh_from_db(["token_hash"])
    for _ in "12":
        copy.counts = 1
        assert await steps_up(session, copy.proves(await asked_to_prove(session))) is None
    assert (await alerts_of(lena)).count("passkey_doubted") == 1, "in an hour"
    assert await AuditEntry.filter(action="refused a passkey that may be a copy").count() == 2
    await passkey.refresh_from_db()
    assert passkey.sign_count == 2
    assert await steps_up(session, device.proves(await asked_to_prove(session))), "the control"


async def test_a_device_that_counts_nothing_is_taken_as_it_is(session: Session) -> None:
    device, _ = await added(session, device=Device(counts=0))
    for _ in "12":
        device.counts = -1
        assert await steps_up(session, device.proves(await asked_to_prove(session)))
        await session.refresh_from_db(["token_hash"])


async def test_wrong_tries_are_as_few_as_those_of_codes(lena: Staff, session: Session) -> None:
    device, _ = await added(session)
    half = await halfway(lena)
    for _ in range(8):
        assert await proving.second_factor(half, "{}", OFFICE, MONDAY, NOW) is None
    with pytest.raises(Refused, match="too often"):
        await proving.second_factor(half, device.proves(await asked_to_prove(half)), OFFICE, MONDAY, NOW)
    assert "codes_failing" in await alerts_of(lena)
    for _ in range(STEP_UPS.tries):
        assert await steps_up(session, "{}") is None
    with pytest.raises(Refused, match="too often"):
        await steps_up(session, device.proves(await asked_to_prove(session)))


async def test_the_site_comes_from_the_settings_and_numbers_are_none(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    await added(session)
    asked = json.loads(await asked_to_prove(session))
    assert (asked["rpId"], asked["userVerification"]) == ("places.example.org", "required")
    plain = settings.current()
    for address, works in {
        "http://127.0.0.1:8415": False,
        "https://[2001:db8::1]": False,
        "http://localhost:8415": True,
    }.items():
        monkeypatch.setattr(settings, "_chosen", plain.model_copy(update={"base_url": address}))
        assert ceremony.works_here() is works
        assert bool(await asked_to_prove(session)) is works


async def test_whoever_loses_all_codes_loses_their_passkeys(lena: Staff, session: Session) -> None:
    await added(session)
    await accounts.take_codes_away(lena, by=None, at=MONDAY, real=NOW)
    assert await Passkey.all().count() == 0
    made = Device().makes(ceremony.asked_to_add(session, [], NOW))
    with pytest.raises(Refused, match="another window"):
        await proving.add(session, "Laptop", made, MONDAY, NOW)


async def test_passkeys_go_with_their_account(lena: Staff, session: Session) -> None:
    await added(session)
    await Staff.filter(id=lena.id).delete()
    assert await Passkey.all().count() == 0
