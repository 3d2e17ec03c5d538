"""The door over HTTP, as a phone sees it: pairing, scans, references, and the end of a pass."""

import base64
import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, limits
from events.ground.database import Database
from registrations.checkin.scan import Scan
from registrations.door import shell
from registrations.people.registration import Registration, State
from registrations.phones import finding, pairing
from registrations.phones.door import Door, DoorPass, PassRole
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_ticket, scan_id
from tests.browser import browsing
from tests.door_phone import WRONG_CODE, proof_text, row_of
from tests.people import THE_DAY, Person, an_event, someone
from tests.registrations.door.requests import REVOKED, UNPAIRED, a_phone, send

pytestmark = pytest.mark.usefixtures("the_day")


NO_PASS = (200, {"pass": None})  # each page asks when it opens: no error in its console


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
                     "policy": "in and out", "kind": "entrance"},
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
            "pass_mark": finding.mark_of(made.door_pass.id),
            "looks_up": False,
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
         "organisation": "Wardens of Westmoor", "badge": "Delegate", "tray": "A", "photos": False,
         "undo_seconds": 60},
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


async def test_no_name_stands_in_the_log_of_a_morning_at_the_door(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person, printed: pytest.CaptureFixture[str]
) -> None:
    ticket = await a_ticket(ada, event)
    async with a_phone(database, door, omar) as phone:
        await send(phone, await row_of(ticket), await row_of(ticket), {"id": "x"})
        await phone.post("/door/api/reference", json={"reference": ticket.reference})
    said = "".join(printed.readouterr())
    entries = json.dumps([list(entry) for entry in await AuditEntry.all().values_list("actor", "subject", "details")])
    for secret in ("Ashdown", "Westmoor", "ada@", ticket.reference, await proof_text(ticket)):
        assert secret not in said + entries
    assert "door_pages.scans" in said, "there is a log to search"
    assert await AuditEntry.filter(action=Action.DOOR_LOOKED_UP).count() == 1, "and an audit log"


async def test_the_list_is_fetched_whole_and_then_by_what_changed(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    async with a_phone(database, door, omar) as phone:
        whole = await phone.get("/door/api/list?since=0")
        assert (whole.status_code, whole.headers["content-type"], whole.headers["cache-control"]) == (
            200, "application/octet-stream", "no-store",
        )  # fmt: skip
        assert whole.content[:4] == b"MSR2"
        assert len(whole.content) == 56 + 170 * 176
        before = (await send(phone)).json()
        await send(phone, await row_of(ticket))
        after = (await send(phone)).json()
        assert (before["answers"], before["version"] < after["version"]) == ([], True)
        assert before["now"] >= int(THE_DAY.timestamp())
        assert len((await phone.get(f"/door/api/list?since={before['version']}")).content) == 56 + 11 * 176
        assert len((await phone.get(f"/door/api/list?since={after['version']}")).content) == 56
        for odd in ("", "?since=", "?since=x", "?since=-1", "?since=99", "?since=" + "9" * 99):
            assert len((await phone.get(f"/door/api/list{odd}")).content) == 56 + 170 * 176
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
