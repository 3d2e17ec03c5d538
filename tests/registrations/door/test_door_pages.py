"""The door over HTTP, as a phone sees it: pairing, scans, references, and the end of a pass."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.audit import Action, AuditEntry
from events.event import Event, EventState
from events.ground import clock, keys, limits
from events.ground.database import Database
from registrations.checkin import headcount, quarantine
from registrations.checkin.scan import Admission, Scan
from registrations.door import shell
from registrations.people.registration import Registration, State
from registrations.phones import pairing
from registrations.phones.door import Door, DoorPass, PassRole
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_ticket, scan_id
from tests.browser import browsing
from tests.conftest import SETTINGS
from tests.door_phone import FORGET, WRONG_CODE, a_paired_phone, proof_text, row_of
from tests.people import THE_DAY, Person, a_door, an_event, someone

pytestmark = pytest.mark.usefixtures("the_day")
UNPAIRED, REVOKED = {"error": "unpaired"}, {"error": "device_revoked"}
NO_PASS = (200, {"pass": None})  # each page asks when it opens: no error in its console


@asynccontextmanager
async def a_phone(
    database: Database, door: Door, by: Staff, role: PassRole = PassRole.STEWARD, name: str = "Main door 1"
) -> AsyncIterator[httpx2.AsyncClient]:
    """The browser itself, for questions that the page would not ask so."""
    async with a_paired_phone(database, door, by, name, role) as phone:
        yield phone.client


async def send(phone: httpx2.AsyncClient, *scans: Any) -> httpx2.Response:
    return await phone.post("/door/api/scans", json={"scans": scans})


async def test_a_phone_is_paired_and_knows_its_door_and_nothing_of_the_venue(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    made = await pairing.make_pass(door, "Main door 1", PassRole.STEWARD, omar, clock.now(), clock.real())
    async with browsing(database) as phone:
        answer = await phone.post("/door/api/pair", json={"code": made.typed})
        told = answer.json()["pass"]
        assert told == {
            "id": made.door_pass.id,
            "name": "Main door 1",
            "role": "steward",
            "door": {"id": door.id, "name": "Main door", "opens": int(THE_DAY.timestamp()), "closes": None,
                     "policy": "in and out"},
            "event": {
                "title": "Conference for professionals", "day": "Monday 15 April 2019",
                "salt": base64.urlsafe_b64encode(event.salt).decode().rstrip("="), "lead_phone": "07700 900003",
            },
            "seconds_left": told["seconds_left"],
            "now": told["now"],
            "moved": round(clock.moved().total_seconds()),
            "zone": "Europe/London",
            "closes_at": int((THE_DAY + timedelta(hours=7)).timestamp()),
            "list_lives": 43_200,
            "rules": {"fresh": 300, "old": 14_400},
            "page": "",
            "pass_mark": pairing.mark_of(made.door_pass.id),
        }  # fmt: skip
        assert 28_700 < told["seconds_left"] <= 28_800  # 16:00, and an hour for late senders
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-muster-door=")
        assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
        again = (await phone.get("/door/api/pass")).json()["pass"]
        assert again | {"seconds_left": 0, "now": 0} == told | {"seconds_left": 0, "now": 0}


async def test_whatever_is_posted_as_a_code_gets_the_one_same_answer(
    database: Database, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PAIRINGS", limits.PAIRINGS._replace(tries=99))
    bodies = [b"", b"[]", b"{}", b'{"code": null}', b'{"code": "\\ud800"}', b'{"code": {}}', b"[" * 50_000, b"\xff\xfe",
              b'{"code": ' + b"1" * 5000 + b"}"]  # fmt: skip
    async with browsing(database) as phone:
        for body in bodies:
            answer = await phone.post("/door/api/pair", content=body)
            assert (answer.status_code, answer.json()) == (403, WRONG_CODE), body[:40]
            assert "set-cookie" not in answer.headers


async def test_dr25_opening_the_link_changes_nothing_however_often(database: Database, door: Door, omar: Staff) -> None:
    made = await pairing.make_pass(door, "Main door 1", PassRole.STEWARD, omar, clock.now(), clock.real())
    before = await DoorPass.all().values()
    async with browsing(database) as gateway:
        for method in ("GET", "HEAD", "OPTIONS"):
            await gateway.request(method, made.link)
    assert await DoorPass.all().values() == before
    async with browsing(database) as phone:
        assert (await phone.post("/door/api/pair", json={"code": made.secret})).status_code == 200


async def test_the_page_may_use_the_camera_and_reach_only_us(database: Database) -> None:
    async with browsing(database) as phone:
        answer = await phone.get("/door/")
    assert answer.status_code == 200
    assert answer.headers["permissions-policy"] == "camera=(self), microphone=(), geolocation=()"
    assert answer.headers["content-security-policy"].split("; ") == [
        "default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "worker-src 'self'", "connect-src 'self'",
        "style-src 'self'", "img-src 'self' data:", "media-src 'self' blob:", "base-uri 'none'", "form-action 'self'",
        "frame-ancestors 'none'",
    ]  # fmt: skip
    assert answer.headers["cache-control"] == "no-store"


async def test_the_worker_that_reads_codes_may_start_its_decoder(database: Database) -> None:
    async with browsing(database) as phone:
        page, worker = await phone.get("/door/"), await phone.get(f"{shell.folder()}/scanner/decode-worker.mjs")
    assert worker.headers["content-security-policy"] == page.headers["content-security-policy"]


async def test_ada_comes_in_and_the_answer_is_short(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    async with a_phone(database, door, omar) as phone:
        scan = await row_of(await a_ticket(ada, event))
        answer = await send(phone, scan)
    assert answer.json()["answers"] == [
        {"id": scan["id"], "verdict": "ok", "name": "Ada Ashdown", "badge_name": "Ada Ashdown",
         "organisation": "Wardens of Westmoor", "badge": "Delegate", "undo_seconds": 60},
    ]  # fmt: skip
    assert len(answer.content) < 1000


async def test_dr06_four_refusals_are_byte_equal_apart_from_the_reference(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    seen = set()
    async with a_phone(database, door, omar) as phone:
        for state in (State.CANCELLED, State.WAITING, State.NOT_OFFERED, State.CONFIRMED):
            ticket = await a_ticket(someone(), event)
            await Registration.filter(id=ticket.registration_id).update(state=state)
            await Ticket.filter(id=ticket.id).update(revoked_at=THE_DAY)
            scan = await row_of(ticket)
            said = json.dumps((await send(phone, scan)).json()["answers"])
            seen.add(said.replace(scan["id"], "").replace(ticket.reference, ""))
    assert seen == {'[{"id": "", "verdict": "ask_lead", "reference": ""}]'}


async def test_dr09_another_events_ticket_and_an_invented_one_are_told_apart_by_nothing(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    elsewhere = await a_ticket(someone(), await an_event())
    async with a_phone(database, door, omar) as phone:
        foreign, invented = await row_of(elsewhere), await row_of(elsewhere, proof="A" * 22)
        answers = [(await send(phone, row)).json()["answers"][0] | {"id": ""} for row in (foreign, invented)]
    assert answers == [{"id": "", "verdict": "unknown"}] * 2


async def test_bad_rows_are_answered_one_by_one_and_stop_no_good_one(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    good = await row_of(await a_ticket(ada, event))
    bad: list[Any] = [None, 7, "x", [], {}, {"id": "x" * 5000}, {"id": "\ud800"}, {"id": "a" * 32},
           {"id": "b" * 32, "kind": "in", "proof": "A" * 22, "age": 10**400}]  # fmt: skip
    async with a_phone(database, door, omar) as phone:
        answer = await phone.post("/door/api/scans", content=json.dumps({"scans": [*bad, good]}))
    assert answer.status_code == 200
    assert [row["verdict"] for row in answer.json()["answers"]] == ["error"] * 8 + ["unknown", "ok"]


async def test_no_age_fails_or_reaches_beyond_pairing_and_now(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    proof = await proof_text(await a_ticket(ada, event))
    ages = ["NaN", "Infinity", "-Infinity", "-1", "1e400", "1" + "0" * 4000, '"x"', "null", "{}", "1e5"]
    async with a_phone(database, door, omar) as phone:
        for age in ages:
            row = f'{{"id": "{scan_id()}", "kind": "in", "proof": "{proof}", "age": {age}}}'
            answer = await phone.post("/door/api/scans", content=f'{{"scans": [{row}]}}')
            assert answer.json()["answers"][0]["verdict"] in ("ok", "already_in", "too_early"), age
    spans = [scan.arrived_at - scan.happened_at for scan in await Scan.all()]
    assert len(spans) == len(ages)
    assert all(timedelta(0) <= span < timedelta(seconds=30) for span in spans)


async def test_what_is_no_list_of_fifty_scans_is_malformed(database: Database, door: Door, omar: Staff) -> None:
    bodies = [b"", b"null", b"[]", b"{}", b'{"scans": {}}', b'{"scans": 7}', b"[" * 50_000,
              b'{"scans": [' + b",".join([b"{}"] * 51) + b"]}"]  # fmt: skip
    async with a_phone(database, door, omar) as phone:
        for body in bodies:
            answer = await phone.post("/door/api/scans", content=body)
            assert (answer.status_code, answer.json()["error"]) == (422, "malformed"), body[:40]
        assert (await phone.post("/door/api/scans", content=b"x" * 70_000)).status_code == 413
        assert (await send(phone)).json()["answers"] == []


async def test_a_reference_is_found_let_in_and_slowed(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    async with a_phone(database, door, omar) as phone:

        async def typed(text: Any) -> httpx2.Response:
            return await phone.post("/door/api/reference", json={"reference": text})

        found = (await typed(ticket.reference.lower())).json()["found"]
        assert found["proof"] == await proof_text(ticket)
        assert [(await typed(None)).status_code, (await typed("222-222")).status_code] == [422, 200]
        for _ in range(4):
            await typed("222-222")
        slow = await typed(ticket.reference)
        assert (slow.status_code, slow.json()["error"]) == (429, "slow")


@pytest.mark.parametrize("path", ["scans", "reference", "sign-out"])
async def test_a_stranger_is_unpaired_everywhere(database: Database, door: Door, path: str) -> None:
    async with browsing(database) as phone:
        answers = [await phone.get("/door/api/pass"), await phone.post(f"/door/api/{path}", json={})]
        phone.cookies.set("__Host-muster-door", "x" * 43, domain="places.example.org", path="/")
        answers += [await phone.get("/door/api/pass"), await phone.post(f"/door/api/{path}", json={})]
    assert [(answer.status_code, answer.json()) for answer in answers] == [NO_PASS, (401, UNPAIRED)] * 2
    assert {answer.headers["muster-pass"] for answer in answers} == {"none"}


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


async def test_no_name_stands_in_the_log_of_a_morning_at_the_door(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    ticket = await a_ticket(ada, event)
    async with a_phone(database, door, omar) as phone:
        await send(phone, await row_of(ticket), await row_of(ticket), {"id": "x"})
        await phone.post("/door/api/reference", json={"reference": ticket.reference})
    said = "".join(capsys.readouterr())
    entries = json.dumps([list(entry) for entry in await AuditEntry.all().values_list("actor", "subject", "details")])
    for secret in ("Ashdown", "Westmoor", "ada@", ticket.reference, await proof_text(ticket)):
        assert secret not in said + entries


async def test_the_list_is_fetched_whole_and_then_by_what_changed(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    async with a_phone(database, door, omar) as phone:
        whole = await phone.get("/door/api/list?since=0")
        assert (whole.status_code, whole.headers["content-type"], whole.headers["cache-control"]) == (
            200, "application/octet-stream", "no-store",
        )  # fmt: skip
        assert whole.content[:4] == b"MSR1"
        assert len(whole.content) == 44 + 170 * 176
        before = (await send(phone)).json()
        await send(phone, await row_of(ticket))
        after = (await send(phone)).json()
        assert (before["answers"], before["version"] < after["version"]) == ([], True)
        assert before["now"] >= int(THE_DAY.timestamp())
        assert len((await phone.get(f"/door/api/list?since={before['version']}")).content) == 44 + 11 * 176
        assert len((await phone.get(f"/door/api/list?since={after['version']}")).content) == 44
        for odd in ("", "?since=", "?since=x", "?since=-1", "?since=99", "?since=" + "9" * 99):
            assert len((await phone.get(f"/door/api/list{odd}")).content) == 44 + 170 * 176
        await DoorPass.all().update(revoked_at=clock.real())
        gone = await phone.get("/door/api/list?since=0")
        assert (gone.status_code, gone.json()) == (410, REVOKED)


async def test_nobody_but_a_phone_has_the_list(database: Database, door: Door) -> None:
    async with browsing(database) as stranger:
        answer = await stranger.get("/door/api/list?since=0")
        assert (answer.status_code, answer.json()) == (401, UNPAIRED)


async def test_what_the_phone_says_of_itself_comes_with_the_beat(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    async with a_phone(database, door, omar) as phone:
        told = {
            "scans": [],
            "to_send": 3,
            "list_version": 4,
            "list_age": 60,
            "battery": 0.5,
            "clock_off": -7,
            "page": "0a1b2c3d",
        }
        assert (await phone.post("/door/api/scans", json=told)).status_code == 200
        assert (await phone.get("/door/api/pass?page=0a1b2c3d")).json()["pass"]["page"] == "0a1b2c3d"
    kept = await DoorPass.get()
    assert (kept.to_send, kept.list_version, kept.battery, kept.clock_off, kept.page) == (3, 4, 0.5, -7.0, "0a1b2c3d")
    assert kept.list_at is not None
    assert timedelta(seconds=55) < clock.real() - kept.list_at < timedelta(seconds=65)
