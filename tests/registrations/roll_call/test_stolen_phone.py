"""Whoever steals a marshal's phone reads nobody's name, online or not, unless a roll call runs or they have the card.

Rules: SG-15, SE-08.
"""

import base64
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.codes import key_card
from registrations.phones import pairing
from registrations.phones.door import Door, DoorPass, PassRole
from registrations.roll_call import calling, list_keys
from registrations.roll_call.roll_call import RollKind
from tests.people import THE_DAY
from tests.registrations.cases import on_the_board
from tests.registrations.roll_call.marshals import ADA, BO, Listed, Marshal, a_marshal, came_in

pytestmark = pytest.mark.usefixtures("the_day")
NAMES = (ADA.name, ADA.badge_name, BO.name, "Lovelace", "Brandt", ADA.email, ADA.organisation)
EVERYTHING = (
    ("GET", "/door/api/pass"), ("GET", "/door/api/list"), ("GET", "/door/api/walk-ins"), ("GET", "/door/api/roll/list"),
    ("POST", "/door/api/roll/state"), ("POST", "/door/api/roll/ticks"), ("POST", "/door/api/reference"),
    ("POST", "/door/api/names"), ("POST", "/door/api/scans"), ("POST", "/door/api/help"),
)  # fmt: skip
BODY: dict[str, Any] = {
    "reference": "222-222",
    "surname": "Lovelace",
    "first": "A",
    "scans": [],
    "ticks": [],
    "since": 0,
}


async def all_that_it_hears(phone: Marshal) -> bytes:
    heard = bytearray()
    for method, path in EVERYTHING:
        body = json.dumps(BODY) if method == "POST" else None
        answer = await phone.phone.client.request(method, path, content=body)
        heard += answer.content + str(dict(answer.headers)).encode() + b"\n"
    return bytes(heard)


def every_key_in(heard: bytes, least: int = 32) -> set[bytes]:
    """Whatever 32 bytes stand in what it heard: as they are, and in base64 and hexadecimal."""
    found = {heard[n : n + least] for n in range(len(heard) - least + 1)}
    text = heard.decode("latin-1")
    for n in range(len(text) - 42):
        if all(letter.isalnum() or letter in "-_" for letter in text[n : n + 43]):
            found.add(base64.urlsafe_b64decode(text[n : n + 43] + "="))
    return found


def opens(sealed: Listed, event: Event, key: bytes) -> bool:
    try:
        sealed.opened(event, key)
    except InvalidTag:
        return False
    return True


@pytest.mark.parametrize("has_card", [False, True])
async def test_a_thief_of_the_phone_learns_no_name_until_a_roll_call_runs(
    database: Database, event: Event, door: Door, omar: Staff, has_card: bool
) -> None:
    await came_in(event, door, ADA, BO)
    if has_card:
        await list_keys.make_card(event, omar, THE_DAY)
    async with a_marshal(database, door, omar) as thief:
        await thief.state()
        stored = await thief.list()
        heard = await all_that_it_hears(thief)
        assert [name for name in NAMES if name.encode() in heard + stored.blob] == []
        assert [key for key in every_key_in(heard) if opens(stored, event, key)] == []
        running = await calling.start(event, pressed(), omar, clock.now())
        with_key = await all_that_it_hears(thief)
        [key] = [key for key in every_key_in(with_key) if opens(stored, event, key)]
        assert stored.opened(event, key)["rows"][0][0] == "Brandt", "the control: now it does"
        await calling.end(running, omar, clock.now())
        await thief.state()
        assert opens(await thief.list(), event, key) is has_card, "what was heard then opens no later list"
        phone = await DoorPass.get(role=PassRole.MARSHAL)
        await pairing.revoke(phone, omar, clock.now(), clock.real())
        for path in ("list", "state"):
            method = "GET" if path == "list" else "POST"
            assert (await thief.phone.client.request(method, f"/door/api/roll/{path}")).status_code == 410


async def test_a_list_from_before_the_card_was_replaced_opens_with_neither_the_new_card_nor_a_later_roll_call(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    await came_in(event, door, ADA, BO)
    old = key_card.parse((await list_keys.make_card(event, omar, THE_DAY)).text)
    async with a_marshal(database, door, omar) as thief:
        await thief.state()
        stored = await thief.list()
        new = key_card.parse((await list_keys.make_card(event, omar, THE_DAY)).text)
        assert old is not None
        assert new is not None
        started = await thief.starts()
        later = base64.urlsafe_b64decode(started["running"]["key"] + "=")
    found = [opens(stored, event, key) for key in (key_card.derive(new, event.salt).key, later)]
    assert (found, opens(stored, event, key_card.derive(old, event.salt).key)) == ([False, False], True)


async def test_a_thief_who_starts_one_to_read_the_names_is_seen_at_once(
    database: Database, event: Event, door: Door, omar: Staff, vic: Staff
) -> None:
    await came_in(event, door, ADA)
    async with a_marshal(database, door, omar, "Marshal 7") as thief:
        await thief.starts()
        assert "Roll call since 09:00, started by Marshal 7." in await on_the_board(database, event, vic)
    entry = await AuditEntry.get(action=Action.ROLL_CALL_STARTED)
    phone = await DoorPass.get(role=PassRole.MARSHAL)
    assert entry.actor == phone.actor


def pressed() -> calling.Pressed:
    return calling.Pressed("A" * 22, RollKind.REAL, clock.now())
