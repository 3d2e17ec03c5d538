"""What is no proof: false, late, sent twice, meant for others, moved, or junk.

Rules: SE-06.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, strategies
from hypothesis import settings as trials

from events.accounts.passkeys import ceremony, challenge, proving
from events.accounts.passkeys.passkey import Passkey, columns
from events.accounts.staff import RoleName, Session, Staff
from events.audit.audit import AuditEntry
from events.event import Event
from tests.browser import BASE
from tests.events.accounts.passkeys.authenticator import Device, added, as_text, asked_to_prove, from_text
from tests.events.accounts.sessions import NOW, OFFICE, SECOND, halfway, session_of, signed_in
from tests.people import MONDAY, a_member_of_staff, joined

EVIL = "https://places.example.org.evil.example"


FALSE: dict[str, Callable[[Device], object]] = {
    "another origin": lambda device: setattr(device, "origin", EVIL),
    "the same site without encryption": lambda device: setattr(device, "origin", BASE.replace("https", "http")),
    "another site": lambda device: setattr(device, "site", "evil.example"),
    "nobody who was verified": lambda device: setattr(device, "verifies", False),
    "a frame of another site": lambda device: setattr(device, "crosses", True),
    "the key of another device": lambda device: setattr(device, "key", Device().key),
    "a passkey that nobody has": lambda device: setattr(device, "credential", Device().credential),
}


@pytest.mark.parametrize("lie", FALSE)
async def test_what_is_false_proves_nothing(lena: Staff, session: Session, lie: str) -> None:
    device, passkey = await added(session)
    true = device.key, device.credential
    FALSE[lie](device)
    half = await halfway(lena)
    answer = device.proves(await asked_to_prove(half))
    assert await proving.second_factor(half, answer, OFFICE, MONDAY, NOW) is None
    assert (await AuditEntry.filter(action="failed to sign in").get()).details == {"factor": "passkey"}
    await passkey.refresh_from_db()
    assert passkey.last_used_at is None
    honest = Device(key=true[0], credential=true[1], counts=9)
    assert await proving.second_factor(half, honest.proves(await asked_to_prove(half)), OFFICE, MONDAY, NOW)


@pytest.mark.parametrize("lie", list(FALSE)[:5])
async def test_what_is_false_adds_nothing(session: Session, lie: str) -> None:
    device = Device()
    FALSE[lie](device)
    asked = ceremony.asked_to_add(session, [], NOW)
    assert await proving.add(session, "Laptop", device.makes(asked), MONDAY, NOW) is None
    assert await Passkey.all().count() == 0
    await added(session)


async def test_a_maker_who_vouches_for_a_device_is_not_believed(session: Session) -> None:
    for kind, statement in {
        "fido-u2f": {"x5c": [b"", b""], "sig": b""},
        "packed": {"x5c": [b""], "sig": b"", "alg": -7},
    }.items():
        answer = Device().makes(ceremony.asked_to_add(session, [], NOW), fmt=kind, attStmt=statement)
        assert await proving.add(session, "Laptop", answer, MONDAY, NOW) is None


async def test_an_answer_is_good_once(lena: Staff, session: Session) -> None:
    device, _ = await added(session, device=Device(counts=0))
    device.counts = -1  # it counts nothing, so that its count refuses nothing
    half = await halfway(lena)
    answer = device.proves(await asked_to_prove(half))
    whole = await session_of(await proving.second_factor(half, answer, OFFICE, MONDAY, NOW), NOW)
    assert await proving.step_up(whole, answer, MONDAY, NOW) is None


async def test_of_two_who_bring_one_answer_one_is_let_in(lena: Staff, session: Session) -> None:
    device, _ = await added(session, device=Device(counts=0))
    half, device.counts = await halfway(lena), -1
    answer = device.proves(await asked_to_prove(half))
    found = await asyncio.gather(*(proving.second_factor(half, answer, OFFICE, MONDAY, NOW) for _ in range(5)))
    assert Counter(token is not None for token in found) == {False: 4, True: 1}


async def test_what_another_session_was_asked_is_no_answer_here(lena: Staff, session: Session) -> None:
    device, _ = await added(session)
    here, there = await halfway(lena), await halfway(lena)
    answer = device.proves(await asked_to_prove(there))
    assert await proving.second_factor(here, answer, OFFICE, MONDAY, NOW) is None
    answer = device.proves(await asked_to_prove(there))
    assert await proving.second_factor(there, answer, OFFICE, MONDAY, NOW)


async def test_what_was_asked_is_over_after_five_minutes(session: Session) -> None:
    device, _ = await added(session)
    held = await Passkey.all()
    for asked_at, good in {
        NOW - challenge.GOOD_FOR: False,
        NOW + SECOND: False,
        NOW - challenge.GOOD_FOR + SECOND: True,
    }.items():
        answer = device.proves(ceremony.asked_to_prove(session, held, asked_at))
        assert (await ceremony.proved_by(session, answer, NOW) is not None) is good


async def test_what_was_asked_to_add_proves_nothing(session: Session) -> None:
    device, _ = await added(session)
    assert await proving.step_up(session, device.proves(ceremony.asked_to_add(session, [], NOW)), MONDAY, NOW) is None
    made = Device().makes(await asked_to_prove(session))
    assert await proving.add(session, "Laptop", made, MONDAY, NOW) is None


async def test_the_passkey_of_another_account_opens_nothing_here(lena: Staff, session: Session, event: Event) -> None:
    await added(session)
    mallory = await joined(await a_member_of_staff("Mallory Lead", "mallory@hosts.example.org", event, RoleName.LEAD))
    hers, _ = await added(await session_of(await signed_in(mallory), NOW))
    half = await halfway(lena)
    assert await proving.second_factor(half, hers.proves(await asked_to_prove(half)), OFFICE, MONDAY, NOW) is None
    theirs = await halfway(mallory)
    assert await proving.second_factor(theirs, hers.proves(await asked_to_prove(theirs)), OFFICE, MONDAY, NOW)


async def test_a_row_that_was_moved_or_written_without_the_key_opens_nothing(
    lena: Staff, session: Session, event: Event
) -> None:
    """By somebody who may write to the database: as a role that was written there."""
    mallory = await joined(await a_member_of_staff("Mallory Lead", "mallory@hosts.example.org", event, RoleName.LEAD))
    hers, row = await added(await session_of(await signed_in(mallory), NOW))
    await added(session)
    await Passkey.filter(id=row.id).update(staff_id=lena.id)
    half = await halfway(lena)
    assert await proving.second_factor(half, hers.proves(await asked_to_prove(half)), OFFICE, MONDAY, NOW) is None
    kept = columns(lena, "Laptop", hers.credential, b"")
    await Passkey.filter(id=row.id).update(device_sealed=kept["device_sealed"][:-1] + b"?")
    assert await proving.second_factor(half, hers.proves(await asked_to_prove(half)), OFFICE, MONDAY, NOW) is None


def bent(answer: str, part: str, value: Any) -> str:
    said = json.loads(answer)
    said["response"][part] = value
    return json.dumps(said)


JUNK = [
    "", "{}", "[]", "null", "7", '"', "[" * 19_000, '{"a":' * 3_000, "\x00", "{" + '"id":1,' * 2_000, "é" * 5_000,
    json.dumps({"id": "a", "rawId": "a", "type": "public-key", "response": {}}),
]  # fmt: skip


@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
async def test_junk_is_no_answer(session: Session, junk: str) -> None:
    assert await ceremony.proved_by(session, junk, NOW) is None
    assert await ceremony.made_by(session, junk, NOW) is None


@trials(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    raw=strategies.binary(max_size=300),
    part=strategies.sampled_from(["authenticatorData", "signature", "attestationObject"]),
)
async def test_damaged_parts_are_no_answer(session: Session, raw: bytes, part: str) -> None:
    """What was signed is right each time, so that the parts are looked at."""
    device = Device()
    await Passkey.all().delete()
    await Passkey.create(
        **columns(session.staff, "Laptop", device.credential, b"junk"), sign_count=0, added_at=NOW - timedelta(days=1)
    )
    if part == "attestationObject":
        answer = device.makes(ceremony.asked_to_add(session, [], NOW))
        assert await ceremony.made_by(session, bent(answer, part, as_text(raw)), NOW) is None
    answer = device.proves(await asked_to_prove(session))
    assert await ceremony.proved_by(session, bent(answer, part, as_text(raw)), NOW) is None


def test_the_devices_words_are_read_back() -> None:
    assert from_text(as_text(b"\xff\x00\x01")) == b"\xff\x00\x01"
