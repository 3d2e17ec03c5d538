"""A new instance key comes while people are in the middle of something: what they began under the old one still works.

Rules: SE-16.
"""

import asyncio
import secrets
from typing import Any

import pyotp
import pytest

from events.accounts import accounts, passwords, recovery, sign_in, totp
from events.accounts import staff as staff_rows
from events.accounts.staff import RoleName, Staff
from events.event import Event
from events.event_forms import AccessForm
from events.ground import clock, keys
from events.ground.refusal import Refused
from registrations.phones import pairing
from registrations.phones.door import Door, DoorPass, PassRole
from registrations.privacy.cases import incidents
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.cases.incident import Incident, IncidentKind
from registrations.privacy.rights import rights_requests
from registrations.privacy.rights.rights_request import Right, RightsRequest
from registrations.privacy.rights.rights_requests import Asked
from tests.events.accounts.sessions import NOW, OFFICE, session_of
from tests.keys import a_new_key_comes
from tests.people import MONDAY, THE_DAY, a_door
from tests.registrations.privacy.cases.complaining import complain

INES = ("ines@hosts.example.org", "Ines Invited", "Safer Places")


@pytest.fixture
def the_day(composed: None) -> None:
    clock.move_to(THE_DAY)


@pytest.fixture
async def door(event: Event) -> Door:
    return await a_door(event)


@pytest.mark.usefixtures("the_day")
@pytest.mark.parametrize("typed", [False, True])
async def test_a_pairing_code_made_before_pairs_a_phone_after(door: Door, omar: Staff, typed: bool) -> None:
    made = await pairing.make_pass(door, "Main door 1", PassRole.STEWARD, omar, THE_DAY, clock.real())
    a_new_key_comes()
    paired = await pairing.pair(made.typed if typed else made.secret, "192.0.2.1", THE_DAY, clock.real())
    assert paired.door_pass.id == made.door_pass.id


@pytest.mark.usefixtures("the_day")
async def test_no_lead_is_given_the_pin_that_another_has_under_the_old_key(
    door: Door, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([123456, 123456, 654321])
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(drawn))
    pins = []
    for name in ("Lee", "Lou"):
        made = await pairing.make_pass(door, name, PassRole.DOOR_LEAD, omar, THE_DAY, clock.real())
        pins.append(made.pin)
        a_new_key_comes()
    assert pins == ["123456", "654321"]
    assert await DoorPass.all().count() == 2


def test_a_form_that_is_open_is_not_taken_for_one_that_somebody_changed(event: Event) -> None:
    shown = AccessForm.of(event).marks(event)
    a_new_key_comes()
    posted = AccessForm(data={"access_facts": "A ramp at the back"})
    assert (posted.check(event, shown), posted.errors) == (True, {})
    event.access_facts = "Stairs"
    assert not AccessForm(data={"access_facts": "A ramp"}).check(event, shown), "the control: somebody has"


async def test_an_address_has_one_account_under_whichever_key(event: Event) -> None:
    await accounts.add(*INES, [(event, RoleName.VIEWER)], MONDAY, NOW)
    a_new_key_comes()
    with pytest.raises(Refused, match="There is an account with this address already"):
        await accounts.add(*INES, [(event, RoleName.LEAD)], MONDAY, NOW)
    assert await Staff.all().count() == 1


async def test_of_two_servers_that_add_one_address_with_different_keys_one_does(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = staff_rows.sealed_columns

    def under_another_key(*args: Any) -> dict[str, Any]:
        a_new_key_comes()
        return made(*args)

    monkeypatch.setattr(accounts, "sealed_columns", under_another_key)
    adding = [accounts.add(*INES, [(event, RoleName.VIEWER)], MONDAY, NOW) for _ in range(4)]
    answers = await asyncio.gather(*adding, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["HasAccount"] * 3 + ["Staff"]
    assert await Staff.all().count() == 1


async def test_an_app_that_was_offered_before_is_proved_after(omar: Staff) -> None:
    half = await session_of(await sign_in.begin_session(omar, NOW), NOW)
    offered = totp.secret_for(half)
    a_new_key_comes()
    assert totp.secret_for(half) != offered
    assert await sign_in.set_up_codes(half, pyotp.TOTP(offered).at(NOW), OFFICE, MONDAY, NOW)
    assert (await Staff.get(id=omar.id)).totp_secret == offered


async def test_a_recovery_code_is_hashed_with_the_key_of_its_time_and_once(
    lena: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes, slow, count = await recovery.make(lena, MONDAY), passwords.slow_hash, 0

    async def counted(secret: bytes, salt: bytes) -> str:
        nonlocal count
        count += 1
        return await slow(secret, salt)

    a_new_key_comes()
    monkeypatch.setattr(passwords, "slow_hash", counted)
    assert await recovery.use(lena, await recovery.hash_of(lena, codes[0]), MONDAY, NOW)
    assert count == 1
    keys.install(keys.Keyring([keys.new_key()]))
    assert not await recovery.use(lena, await recovery.hash_of(lena, codes[1]), MONDAY, NOW), "its key is gone"


async def test_a_complaint_that_is_sent_twice_is_one(event: Event) -> None:
    await complain(event)
    a_new_key_comes()
    await complain(event)
    assert await Complaint.all().count() == 1


async def test_an_incident_and_a_rights_request_that_are_sent_twice_are_one(event: Event, lena: Staff) -> None:
    asked = Asked("ada@wardens.example.org", Right.ERASURE, "")
    for _ in range(2):
        await incidents.open_one(event, IncidentKind.SEEN, "Somebody saw a list.", MONDAY, lena, MONDAY)
        await rights_requests.take(event, asked, MONDAY, lena, MONDAY)
        a_new_key_comes()
    assert (await Incident.all().count(), await RightsRequest.all().count()) == (1, 1)
