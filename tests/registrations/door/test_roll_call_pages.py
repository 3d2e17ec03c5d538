"""The roll call over HTTP: what a marshal's phone is answered, and that it and other phones keep to their own.

Rules: SG-15, SE-09.
"""

import base64

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
from registrations.roll_call.roll_call import RollCall, RollPress, RollTick
from tests.people import THE_DAY
from tests.registrations.door.requests import a_phone
from tests.registrations.roll_call.marshals import ADA, BO, CLEO, a_marshal, a_tick, an_id, came_in, row_of

pytestmark = pytest.mark.usefixtures("the_day")
OF_DOORS = (
    ("POST", "/door/api/scans"), ("GET", "/door/api/list"), ("POST", "/door/api/reference"),
    ("POST", "/door/api/names"), ("POST", "/door/api/names/choose"), ("POST", "/door/api/override"),
    ("POST", "/door/api/walk-ins"), ("GET", "/door/api/walk-ins"),
)  # fmt: skip
OF_MARSHALS = (
    ("GET", "/door/api/roll/list"), ("POST", "/door/api/roll/state"), ("POST", "/door/api/roll/start"),
    ("POST", "/door/api/roll/ticks"),
)  # fmt: skip


def key_in(state: dict[str, object]) -> bytes:
    running = state["running"]
    assert isinstance(running, dict)
    return base64.urlsafe_b64decode(running["key"] + "=")


async def test_dr38_the_list_says_surname_badge_name_and_time_of_who_is_inside_and_nothing_else(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    ada, bo, cleo = await came_in(event, door, ADA, BO, CLEO)
    async with a_marshal(database, door, omar) as mara:
        assert (await mara.phone.client.get("/door/api/roll/list")).status_code == 409, "its key is drawn with a state"
        quiet = await mara.state()
        sealed = await mara.list()
        key = key_in(await mara.starts())
    read = sealed.opened(event, key)
    assert read == {
        "at": sealed.at,
        "rows": [
            ["Adams", "Cleo Adams", "09:00", await row_of(cleo)],
            ["Brandt", "Bo Brandt", "09:00", await row_of(bo)],
            ["Lovelace-Example", "Ada", "09:00", await row_of(ada)],
        ],
    }
    assert (quiet["running"], quiet["key_id"], sealed.at >= quiet["now"]) == (None, sealed.key_id, True)


async def test_dr38_the_key_comes_while_a_roll_call_runs_and_with_the_card(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    await came_in(event, door, ADA)
    async with a_marshal(database, door, omar) as mara:
        assert (await mara.state())["running"] is None
        first = await mara.list()
        text = (await list_keys.make_card(event, omar, THE_DAY)).text
        secret = key_card.parse(text)
        assert secret is not None
        card = key_card.derive(secret, event.salt)
        assert (await mara.state())["key_id"] == card.id.hex() != first.key_id
        with_card = await mara.list()
        assert with_card.opened(event, card.key)["rows"][0][0] == "Lovelace-Example"
        with pytest.raises(InvalidTag):
            first.opened(event, card.key)
        started = await mara.starts()
        assert key_in(started) == card.key
        running = await calling.running(event.id, THE_DAY)
        assert running is not None
        await calling.end(running, omar, THE_DAY)
        assert (await mara.state())["running"] is None


async def test_dr26_a_marshals_phone_does_nothing_else_and_no_other_phone_calls_the_roll(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    await came_in(event, door, ADA)
    async with a_marshal(database, door, omar) as mara:
        assert (await mara.phone.asks_for_its_pass()).json()["pass"]["role"] == "marshal"
        for method, path in OF_DOORS:
            answer = await mara.phone.client.request(method, path, json={} if method == "POST" else None)
            assert (answer.status_code, answer.json()["error"]) == (403, "role"), path
        assert (await mara.phone.client.post("/door/api/help", json={})).status_code == 204
    for role in (PassRole.STEWARD, PassRole.DOOR_LEAD):
        async with a_phone(database, door, omar, role) as phone:
            for method, path in OF_MARSHALS:
                answer = await phone.request(method, path, json={} if method == "POST" else None)
                assert (answer.status_code, answer.json()["error"]) == (403, "role"), path
            assert (await phone.get("/door/api/list")).status_code == 200
    refused = [entry.details["role"] for entry in await AuditEntry.filter(action=Action.ROLE_REFUSED).order_by("id")]
    assert refused == ["marshal"] * len(OF_DOORS) + ["steward"] * 4 + ["door_lead"] * 4
    assert await RollCall.all().count() == 0


async def test_a_start_that_is_sent_again_is_the_same_and_a_second_phone_joins(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    await came_in(event, door, ADA, BO)
    async with a_marshal(database, door, omar) as mara, a_marshal(database, door, omar, "Marshal 2") as mo:
        mine, theirs = an_id(), an_id()
        first = await mara.starts(id_=mine)
        assert (first["joined"], first["running"]["id"], first["running"]["count"]) == (mine, mine, 2)
        moves_on = {name: first[name] for name in ("now", "seconds_left")}
        assert await mara.starts(id_=mine) | moves_on == first
        assert (await mo.starts(id_=theirs))["joined"] == mine
        assert (await mo.state())["running"] == first["running"]
    assert await RollCall.all().count() == 1
    assert await RollPress.all().count() == 2
    assert await AuditEntry.filter(action=Action.ROLL_CALL_STARTED).count() == 1


async def test_dr39_ticks_of_two_phones_are_kept_and_a_disagreement_is_told(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    rows = [await row_of(ticket) for ticket in await came_in(event, door, ADA, BO, CLEO)]
    async with a_marshal(database, door, omar) as mara, a_marshal(database, door, omar, "Marshal 2") as mo:
        roll = (await mara.starts())["joined"]
        ticks = [a_tick(rows[0]), a_tick(rows[1], "left")]
        sent = await mara.sends(roll, *ticks, a_tick("0" * 32, id_="A" * 22), {"id": "?", "mark": "safe"})
        assert (sent["kept"], sent["refused"]) == ([tick["id"] for tick in ticks], ["A" * 22, "?"])
        again = await mara.sends(roll, *ticks)
        assert (again["kept"], again["ticks"]) == (sent["kept"], sent["ticks"])
        heard = await mo.sends(roll, a_tick(rows[1], "not_seen"), since=sent["cursor"])
        _, left, not_seen = [int(tick.happened_at.timestamp()) for tick in await RollTick.all().order_by("id")]
        assert heard["ticks"] == [
            {"row": rows[1], "mark": "not_seen", "device": "Marshal 2", "at": not_seen, "mine": True,
             "others": [{"mark": "left", "device": "Marshal 1", "at": left, "mine": False}]}
        ]  # fmt: skip
        assert (await mo.sends(roll, since=heard["cursor"]))["ticks"] == []
    assert await RollTick.all().count() == 3


async def test_a_print_is_logged_once_when_the_phone_tells_of_it(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    async with a_marshal(database, door, omar) as mara:
        printed = {"id": an_id(), "age": 60.0}
        for _ in range(2):
            assert (await mara.sends("", printed=[printed]))["kept"] == [printed["id"]]
    [entry] = await AuditEntry.filter(action=Action.ROLL_CALL_PRINTED)
    assert entry.actor.startswith("pass:")


@pytest.mark.parametrize("body", [{}, {"id": "short", "kind": "real"}, {"id": "A" * 22, "kind": "party"}])
async def test_a_start_that_is_none_is_said_so(
    database: Database, door: Door, omar: Staff, body: dict[str, str]
) -> None:
    async with a_marshal(database, door, omar) as mara:
        assert (await mara.phone.client.post("/door/api/roll/start", json=body)).status_code == 422
    assert await RollCall.all().count() == 0


async def test_ticks_of_a_phone_whose_pass_has_ended_are_kept_and_do_not_count(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    [ada] = await came_in(event, door, ADA)
    async with a_marshal(database, door, omar) as mara, a_marshal(database, door, omar, "Marshal 2") as mo:
        roll = (await mara.starts())["joined"]
        phone = await DoorPass.filter(role=PassRole.MARSHAL).order_by("id").first()
        assert phone is not None
        await pairing.revoke(phone, omar, THE_DAY, clock.real())
        late = a_tick(await row_of(ada))
        body = {"roll": roll, "ticks": [late], "to_send": 0}
        answer = await mara.phone.client.post("/door/api/roll/ticks", json=body)
        assert (answer.status_code, answer.json()["kept"]) == (410, [late["id"]])
        assert "clear-site-data" in answer.headers
        assert (await mara.phone.client.post("/door/api/roll/state", json={})).status_code == 410
        assert (await mo.sends(roll))["ticks"] == []
    assert (await RollTick.get()).after_end is True
