"""The end of a pass over HTTP: what a phone still hands over, where it is kept, when it is told to forget."""

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event, EventState
from events.ground import clock, keys, limits
from events.ground.database import Database
from registrations.checkin import headcount, quarantine
from registrations.checkin.scan import Admission, Scan
from registrations.phones import pairing
from registrations.phones.door import Door, DoorPass, PassRole
from tests.at_the_door import a_ticket, scan_id
from tests.browser import browsing
from tests.conftest import SETTINGS
from tests.door_phone import FORGET, row_of
from tests.people import Person, a_door, an_event, someone
from tests.registrations.door.requests import REVOKED, a_phone, send

pytestmark = pytest.mark.usefixtures("the_day")


@pytest.mark.parametrize("how", ["revoked", "past", "over"])
async def test_dr23_a_dead_pass_hands_over_its_scans_and_forgets_everything_with_the_last_of_them(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person, how: str
) -> None:
    ticket = await a_ticket(ada, event)
    async with a_phone(database, door, omar) as phone, browsing(database) as thief:
        thief.cookies = phone.cookies
        door_pass = await DoorPass.get()
        if how == "revoked":
            await pairing.revoke(door_pass, omar, clock.now(), clock.real())
        elif how == "past":
            await DoorPass.filter(id=door_pass.id).update(expires_at=clock.real())
        else:
            await Event.filter(id=event.id).update(state=EventState.OVER)
        scan, first = await row_of(ticket), await row_of(ticket)
        more = {"scans": [first], "to_send": 1}
        answers = [await phone.get("/door/api/pass"), await phone.get("/door/api/list", headers={"muster-left": "2"}),
                   await phone.post("/door/api/scans", json=more), await send(phone, scan),
                   await thief.get("/door/api/pass")]  # fmt: skip
    assert [(answer.status_code, answer.json(), answer.headers.get("clear-site-data")) for answer in answers] == [
        (410, REVOKED, FORGET), (410, REVOKED, None), (410, REVOKED | {"kept": [first["id"]]}, None),
        (410, REVOKED | {"kept": [scan["id"]]}, FORGET), (410, REVOKED, FORGET),
    ]  # fmt: skip
    assert await Scan.filter(verdict="device_revoked").count() == 2


async def test_the_page_of_the_end_takes_the_cookie_of_a_phone_that_has_nothing_left_and_no_other(
    database: Database, door: Door, omar: Staff
) -> None:
    """Its last answer may have been lost on the way, and only that one had told the browser to erase everything."""
    taken = list[bool]()
    async with a_phone(database, door, omar) as phone, browsing(database) as stranger:
        taken.append("set-cookie" in (await phone.get("/door/over")).headers)
        await pairing.revoke(await DoorPass.get(), omar, clock.now(), clock.real())
        for to_send in (1, 0):
            await DoorPass.all().update(to_send=to_send)
            ended = await phone.get("/door/over")
            taken.append("set-cookie" in ended.headers)
        assert (ended.status_code, len(phone.cookies)) == (200, 0)
        taken.append("set-cookie" in (await stranger.get("/door/over")).headers)
    assert taken == [False, False, True, False]


async def test_a_dead_pass_that_sends_too_much_is_told_to_wait_and_keeps_what_it_holds(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    async with a_phone(database, door, omar) as phone:
        await DoorPass.all().update(revoked_at=clock.real())
        for _ in range(limits.LATE_SCANS.tries):
            await limits.count(limits.LATE_SCANS, str((await DoorPass.get()).id), clock.real())
        answer = await send(phone, await row_of(await a_ticket(ada, event)))
    assert (answer.status_code, answer.json()["error"], answer.headers.get("clear-site-data")) == (429, "slow", None)
    assert await Scan.all().count() == 0


async def test_dr23_what_a_revoked_phone_still_holds_is_kept_apart_and_lets_nobody_in(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    async with a_phone(database, door, omar) as phone:
        let_in = await row_of(ticket)
        await send(phone, let_in)
        await pairing.revoke(await DoorPass.get(), omar, clock.now(), clock.real())
        undo = {"id": scan_id(), "kind": "undo", "undoes": let_in["id"]}
        late = [await row_of(await a_ticket(someone(), event)), undo,
                await row_of(ticket, proof="A" * 22), {"id": scan_id(), "kind": "invalid", "length": 9}]  # fmt: skip
        for _ in range(2):
            assert (await send(phone, *late)).json() == REVOKED | {"kept": [row["id"] for row in late]}
    kept = {scan["client_id"]: scan["verdict"] for scan in await Scan.all().values("client_id", "verdict")}
    assert kept == {let_in["id"]: "ok", late[0]["id"]: "device_revoked", late[1]["id"]: "device_revoked",
                    late[2]["id"]: "device_revoked", late[3]["id"]: "invalid"}  # fmt: skip
    assert await Admission.all().values_list("client_id", flat=True) == [let_in["id"]]
    assert (await headcount.counts(event.id, clock.now(), clock.real())).quarantined == 3


async def test_dr23_a_phone_is_told_to_forget_only_once_it_has_handed_over_all_of_it(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    """However many there are, and whatever it asks first."""
    many = [await row_of(ticket) for ticket in [await a_ticket(someone(), event) for _ in range(3)]]
    async with a_phone(database, door, omar) as phone:
        await pairing.revoke(await DoorPass.get(), omar, clock.now(), clock.real())
        answers = [
            await phone.get("/door/api/pass", headers={"muster-left": "3"}),
            await phone.get("/door/api/list?since=0", headers={"muster-left": "3"}),
            await phone.post("/door/api/scans", json={"scans": many[:2], "to_send": 1}),
        ]
        told = [(answer.status_code, answer.json(), "clear-site-data" in answer.headers) for answer in answers]
        first = REVOKED | {"kept": [row["id"] for row in many[:2]]}
        assert told == [(410, REVOKED, False), (410, REVOKED, False), (410, first, False)]
        assert (await DoorPass.get()).to_send == 1
        last = await phone.post("/door/api/scans", json={"scans": many[2:], "to_send": 0})
        assert (last.status_code, last.headers["clear-site-data"]) == (410, FORGET)
        odd = [await phone.get("/door/api/pass", headers={"muster-left": left}) for left in ("0", "-1", "x", "9" * 9)]
        assert [answer.headers["clear-site-data"] for answer in odd] == [FORGET] * 4
    assert (await headcount.counts(event.id, clock.now(), clock.real())).quarantined == 3


async def test_dr23_what_too_many_questions_hold_up_is_neither_kept_nor_forgotten(
    database: Database, event: Event, door: Door, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LATE_SCANS", limits.LATE_SCANS._replace(tries=1))
    async with a_phone(database, door, omar) as phone:
        await pairing.revoke(await DoorPass.get(), omar, clock.now(), clock.real())
        scans = [await row_of(await a_ticket(someone(), event)) for _ in range(2)]
        answers = [await send(phone, scan) for scan in scans]
    assert [(answer.json().get("kept"), "clear-site-data" in answer.headers) for answer in answers] == [
        ([scans[0]["id"]], True), (None, False),
    ]  # fmt: skip


async def test_dr19_signed_out_by_the_leads_override_what_is_unsent_follows_and_is_kept_apart(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    scans = [await row_of(ticket, offline=True, shown="ok") for ticket in [await a_ticket(someone(), event)] * 2]
    async with a_phone(database, door, omar) as phone:
        out = await phone.post("/door/api/sign-out", json={"tap": "lead", "to_send": 2}, headers={"muster-left": "2"})
        assert (out.status_code, "clear-site-data" in out.headers) == (204, False)
        again = await phone.post("/door/api/sign-out", json={"tap": "lead", "to_send": 2}, headers={"muster-left": "2"})
        assert (again.status_code, "clear-site-data" in again.headers) == (410, False)
        assert (await DoorPass.get()).to_send == 2
        last = await phone.post("/door/api/scans", json={"scans": scans, "to_send": 0})
        assert (last.status_code, last.json()["kept"]) == (410, [scan["id"] for scan in scans])
        assert last.headers["clear-site-data"] == FORGET
    assert (await DoorPass.get()).to_send == 0
    [entry] = await AuditEntry.filter(action=Action.PASS_SIGNED_OUT)
    assert entry.details == {"door": door.id, "unsent": 2, "lead": "a tap"}
    assert await Admission.all().count() == 0
    [waiting] = await quarantine.waiting(event.id)
    assert (waiting.scans, waiting.door) == (2, "Main door")
    await quarantine.accept(event, waiting.id, waiting.newest, omar, clock.now(), clock.real())
    assert await Admission.all().count() == 1


async def test_dr19_nobody_is_said_to_have_tapped_who_has_not(database: Database, door: Door, omar: Staff) -> None:
    async with a_phone(database, door, omar) as phone:
        out = await phone.post("/door/api/sign-out", json={"to_send": 3}, headers={"muster-left": "3"})
    assert (out.status_code, "clear-site-data" in out.headers) == (204, False)
    [entry] = await AuditEntry.filter(action=Action.PASS_SIGNED_OUT)
    assert entry.details == {"door": door.id, "unsent": 3, "lead": None}


async def test_dr19_the_record_names_the_lead_whose_pin_let_a_phone_sign_out(
    database: Database, door: Door, omar: Staff
) -> None:
    lee = await pairing.make_pass(door, "Lee's phone", PassRole.DOOR_LEAD, omar, clock.now(), clock.real())
    await pairing.pair(lee.secret, "192.0.2.1", clock.now(), clock.real())
    async with a_phone(database, door, omar) as phone:
        assert (await phone.post("/door/api/override", json={"pin": lee.pin})).status_code == 200
        await phone.post("/door/api/sign-out", json={"tap": "lead", "to_send": 5}, headers={"muster-left": "5"})
    [entry] = await AuditEntry.filter(action=Action.PASS_SIGNED_OUT)
    assert entry.details == {"door": door.id, "unsent": 5, "lead": lee.door_pass.id}


async def test_scans_from_before_a_phone_was_paired_anew_are_kept_apart_where_they_were_made(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    """A mark that nobody could read is no reason to lose one either."""
    ticket = await a_ticket(someone(), event)
    async with a_phone(database, door, omar, name="Before") as phone:
        before = (await phone.get("/door/api/pass")).json()["pass"]
    async with a_phone(database, await a_door(event, "Side door"), omar, name="Now") as phone:
        now = (await phone.get("/door/api/pass")).json()["pass"]
        forged = f"{before['id']}." + "0" * 32
        scans = [
            await row_of(ticket, pass_mark=mark) for mark in (before["pass_mark"], forged, now["pass_mark"], "odd", 7)
        ]
        answers = (await send(phone, *scans)).json()["answers"]
    assert [answer["verdict"] for answer in answers] == ["device_revoked"] * 2 + ["ok"] + ["already_in"] * 2
    assert set(answers[0]) == {"id", "verdict"}
    kept = {phone.name: (phone.door, phone.scans) for phone in await quarantine.waiting(event.id)}
    assert kept == {"Before": ("Main door", 1), "Now": ("Side door", 1)}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_scans_that_a_phone_holds_while_the_server_gets_a_new_key_are_its_own_all_the_same(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    ticket = await a_ticket(someone(), event)
    async with a_phone(database, door, omar) as phone:
        mark = (await phone.get("/door/api/pass")).json()["pass"]["pass_mark"]
        keys.install(keys.Keyring([keys.new_key(), SETTINGS.key.get_secret_value()]))
        [answer] = (await send(phone, await row_of(ticket, pass_mark=mark))).json()["answers"]
        assert answer["verdict"] == "ok"
        assert (await phone.get("/door/api/pass")).json()["pass"]["pass_mark"] not in ("", mark)
    async with a_phone(database, await a_door(event, "Side door"), omar) as phone:
        await send(phone, await row_of(ticket, pass_mark=mark))
    assert [(phone.door, phone.scans) for phone in await quarantine.waiting(event.id)] == [("Main door", 1)]


async def test_scans_of_another_event_are_kept_apart_there_and_raise_no_alarm(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    ticket, other = await a_ticket(someone(), event), await an_event()
    async with a_phone(database, door, omar) as phone:
        mark = (await phone.get("/door/api/pass")).json()["pass"]["pass_mark"]
    scans = [await row_of(ticket, pass_mark=mark, offline=True, shown="ok") for _ in range(4)]
    async with a_phone(database, await a_door(other), omar) as phone:
        answers = (await send(phone, *scans)).json()["answers"]
    assert [answer["verdict"] for answer in answers] == ["device_revoked"] * 4
    assert [(phone.scans, phone.tickets) for phone in await quarantine.waiting(event.id)] == [(4, 1)]
    assert await quarantine.waiting(other.id) == []
    assert await AuditEntry.filter(action=Action.DOOR_ALERT).count() == 0


async def test_signing_out_ends_the_pass(database: Database, door: Door, omar: Staff) -> None:
    async with a_phone(database, door, omar) as phone:
        cookies = dict(phone.cookies)
        answer = await phone.post("/door/api/sign-out")
        assert (answer.status_code, answer.content, answer.headers["clear-site-data"]) == (204, b"", FORGET)
        phone.cookies.update(cookies)
        assert (await phone.get("/door/api/pass")).status_code == 410
