"""Cases of the door's specification from first clause to last, over HTTP, as phone, desk and thief see them.

Rules: DP-15.
"""

import json
import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx2
import pytest
import structlog

from events.accounts.guards import Staffed
from events.accounts.staff import Staff
from events.audit.audit import Action, AuditEntry
from events.event import Event, EventState
from events.ground import clock, logs
from events.ground.database import Database
from registrations.checkin import reference_lookup
from registrations.checkin.checkin import settle
from registrations.checkin.scan import Admission, Scan
from registrations.deciding import vetting
from registrations.people.registration import Registration, State
from registrations.phones import pairing, scan_answer
from registrations.phones.door import Door, DoorPass, PassRole, Phone
from registrations.phones.scan_answer import Answer
from registrations.tickets.ticket import Ticket
from server import all_routes
from tests.at_the_door import a_phone_at, a_ticket, rows_of, scan_of, who_is_in
from tests.browser import browsing, words
from tests.door_phone import FORGET, WRONG_CODE, HttpPhone, Row, a_paired_phone, proof_text, row_of, undo_row
from tests.people import THE_DAY, Person, a_door, an_event, someone

pytestmark = pytest.mark.usefixtures("the_day")
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # what is asked of pages is the same on both


async def on_the_board(database: Database, event: Event, by: Staff) -> str:
    async with browsing(database, by) as desk:
        return words((await desk.get(f"/desk/{event.slug}/board")).text)


def answers_in(said: httpx2.Response) -> bytes:
    """The bytes of the answers; behind them stand the version of the list and the time."""
    return said.content[: said.content.index(b',"version"')]


async def test_dr02_the_same_request_again_gets_the_same_bytes_and_no_new_row(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    async with a_paired_phone(database, door, omar) as phone:
        row = await row_of(ticket)
        first = await phone.sends(row)
        assert first.json()["answers"][0]["verdict"] == "ok"
        for seconds in (1, 20):
            clock.move_to(THE_DAY + seconds * SECOND)
            assert answers_in(await phone.sends(row | {"age": seconds})) == answers_in(first)
        assert await (await Registration.get(id=ticket.registration_id)).become(State.CANCELLED)
        assert answers_in(await phone.sends(row)) == answers_in(first)
        clock.move_to(THE_DAY + MINUTE)
        [late] = (await phone.sends(row | {"age": 60})).json()["answers"]
        assert late == scan_answer.nameless(first.json()["answers"][0]), "who has gone in is named to nobody"
        assert answers_in(await phone.sends(await row_of(ticket))) != answers_in(first), "another scan is told another"
    assert len(await rows_of("id")) == 2
    assert await who_is_in() == [(ticket.id, row["id"])]


CODES = {
    State.REQUESTED: ("not_approved", "revoked"),
    State.CONFIRMED: ("not_approved", "revoked"),
    State.APPROVED: ("ok", "revoked"),
    State.WAITING: ("waitlisted", "waitlisted"),
    State.OFFERED: ("waitlisted", "waitlisted"),
    State.NOT_OFFERED: ("not_approved", "not_approved"),
    State.CANCELLED: ("cancelled", "cancelled"),
    State.EXPIRED: ("cancelled", "cancelled"),
}  # with a live ticket, and with one that is dead


@SQLITE
@pytest.mark.parametrize("state", State)
async def test_dr05_each_state_has_its_code_scanned_and_typed_and_only_approved_comes_in(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person, state: State
) -> None:
    ticket = await a_ticket(ada, event)
    await Registration.filter(id=ticket.registration_id).update(state=state)
    async with a_paired_phone(database, door, omar, "Lead", PassRole.DOOR_LEAD) as lead:
        for dead, code in zip((False, True), CODES[state], strict=True):
            await Ticket.filter(id=ticket.id).update(revoked_at=THE_DAY if dead else None)
            await Admission.all().delete()
            typed = (await lead.types(ticket.reference)).json()
            scanned = await lead.hears(await row_of(ticket))
            if code == "ok":
                assert (scanned["verdict"], typed["found"]["name"]) == ("ok", ada.name)
            else:
                refused = {"reference": ticket.reference, "code": code}
                assert (scanned, typed) == ({"verdict": "ask_lead"} | refused, {"ask_lead": refused})
            assert await Admission.all().count() == (code == "ok")
    assert await rows_of("verdict") == list(CODES[state])


@pytest.fixture
def printed(capfd: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    logs.set_up(live=True)
    yield capfd
    structlog.reset_defaults()


@SQLITE
async def test_dr09_nothing_of_another_events_guest_stands_in_the_answer_the_row_or_the_log(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person, printed: pytest.CaptureFixture[str]
) -> None:
    foreign = await a_ticket(ada, await an_event())
    proof = await proof_text(foreign)
    async with a_paired_phone(database, door, omar) as phone:
        said = await phone.sends(await row_of(foreign))
        typed = await phone.types(foreign.reference)
    assert said.json()["answers"][0] | {"id": ""} == {"id": "", "verdict": "unknown"}
    kept = json.dumps([await Scan.all().values(), await AuditEntry.all().values()], default=str)
    log = "".join(printed.readouterr())
    for secret in (ada.name, ada.organisation, ada.email, foreign.reference, proof):
        assert secret not in said.text + typed.text + kept + log
    assert "door_pages.scans" in log, "there is a log to search"


async def test_dr11_an_invalid_code_and_an_unreadable_row_are_two_refusals_on_the_board(
    database: Database, event: Event, door: Door, omar: Staff, vic: Staff
) -> None:
    rows = [await row_of(await a_ticket(someone(), event), offline=True, shown="ok") for _ in range(18)]
    async with a_paired_phone(database, door, omar) as phone:
        clock.move_to(THE_DAY + MINUTE)
        queue = [*rows[:9], {"id": "a" * 32, "kind": "invalid", "length": 40, "shown": "invalid"}, *rows[9:],
                 {"id": "b" * 32, "kind": "cartwheel"}]  # fmt: skip
        first = await phone.sends(*queue)
        for _ in range(9):
            assert answers_in(await phone.sends(*queue)) == answers_in(first)
    verdicts = [answer["verdict"] for answer in first.json()["answers"]]
    assert verdicts == ["ok"] * 9 + ["invalid"] + ["ok"] * 9 + ["error"]
    told = await on_the_board(database, event, vic)
    assert "People in 18 of 18 expected" in told
    assert "Scans to send Refused codes and scans Main door 18 18 1 of 1 0 2" in told


async def test_dr18_let_in_after_the_withdrawal_is_loud_on_the_board_and_the_admission_stands(
    database: Database, event: Event, door: Door, omar: Staff, vic: Staff, ada: Person
) -> None:
    """Withdrawn at 08:50, scanned alone at 09:00, synced at 09:20."""
    ticket = await a_ticket(ada, event)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), omar, THE_DAY - 10 * MINUTE)
    clock.move_to(THE_DAY + 20 * MINUTE)
    scan = (await scan_of(ticket, age=1200.0))._replace(offline=True, shown="ok")
    await settle([scan], await a_phone_at(door), clock.now())
    told = await on_the_board(database, event, vic)
    assert "1 open conflict: 1 let in without a good ticket. Telephone the door lead." in told
    assert await who_is_in() == [(ticket.id, scan.id)]
    async with browsing(database, omar) as desk:
        page = words((await desk.get(f"/desk/{event.slug}/conflicts")).text)
    assert f"the ticket was no longer good: Main door, {ticket.reference}" in page


async def test_dr24_a_copied_cookie_is_a_notice_on_the_board_and_then_410_in_both_browsers(
    database: Database, event: Event, door: Door, omar: Staff, vic: Staff, ada: Person
) -> None:
    ticket, notice = await a_ticket(ada, event), "one phone's pass is used by two pages at once"
    async with a_paired_phone(database, door, omar) as phone, browsing(database) as other:
        other.cookies = phone.client.cookies
        thief = HttpPhone(other)
        for page in (phone, phone, thief):
            assert (await page.sends()).status_code == 200
        assert notice not in await on_the_board(database, event, vic), "a page loaded anew is no thief"
        assert (await phone.sends()).status_code == 200
        assert f"09:00 Main door : {notice}" in await on_the_board(database, event, vic)
        async with browsing(database, omar) as desk:
            [door_pass] = await DoorPass.all()
            await desk.post(f"/desk/{event.slug}/phones/{door_pass.id}/revoke")
        said = [await answer for page in (phone, thief)
                for answer in (page.asks_for_its_pass(), page.sends(await row_of(ticket)), page.types(ticket.reference),
                               page.client.get("/door/api/list?since=0"))]  # fmt: skip
    assert {(refusal.status_code, refusal.json()["error"], refusal.headers["clear-site-data"]) for refusal in said} == {
        (410, "device_revoked", FORGET)
    }
    assert {key for refusal in said for key in refusal.json()} == {"error", "kept"}
    assert await who_is_in() == []


async def test_dr25_a_spent_an_old_and_a_revoked_code_read_alike_and_make_no_phone(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    async def a_code() -> pairing.Made:
        return await pairing.make_pass(door, "Main door 1", PassRole.STEWARD, omar, clock.now(), clock.real())

    spent, old, revoked = [await a_code() for _ in range(3)]
    async with browsing(database) as browser:
        for method in ("GET", "HEAD"):
            assert (await browser.request(method, spent.link)).status_code == 200
        assert (await HttpPhone(browser).pairs(spent.secret)).status_code == 200, "whoever only looked spent nothing"
    await DoorPass.filter(id=old.door_pass.id).update(code_expires_at=clock.real())
    await pairing.revoke(revoked.door_pass, omar, clock.now(), clock.real())
    async with browsing(database) as browser:
        said = [await HttpPhone(browser).pairs(code)
                for code in (spent.secret, spent.typed, old.secret, revoked.secret, "22222-22222")]  # fmt: skip
        assert [(answer.status_code, answer.json()) for answer in said] == [(403, WRONG_CODE)] * 5
        assert dict(browser.cookies) == {}
    assert await DoorPass.exclude(token_hash=None).count() == 1


async def test_dr25_a_code_of_another_event_makes_a_phone_of_that_event_alone(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person, bo: Person
) -> None:
    """It is no key to this one: the pass that the phone had ends, and none is widened."""
    other = await an_event()
    here, there = await a_ticket(ada, event), await a_ticket(bo, other)
    made = await pairing.make_pass(await a_door(other), "There", PassRole.STEWARD, omar, clock.now(), clock.real())
    async with a_paired_phone(database, door, omar) as phone:
        assert (await phone.pairs(made.secret)).json()["pass"]["name"] == "There"
        verdicts = [(await phone.hears(await row_of(ticket)))["verdict"] for ticket in (here, there)]
    assert verdicts == ["unknown", "ok"]
    assert [door_pass.revoked_at is None for door_pass in await DoorPass.all().order_by("id")] == [True, False]


async def test_dr25_a_code_of_an_event_that_is_over_makes_no_phone(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    made = await pairing.make_pass(door, "Main door 1", PassRole.STEWARD, omar, clock.now(), clock.real())
    await Event.filter(id=event.id).update(state=EventState.OVER)
    async with browsing(database) as browser:
        said = await HttpPhone(browser).pairs(made.secret)
        assert (said.status_code, said.json()) == (403, WRONG_CODE)
        assert dict(browser.cookies) == {}
    assert (await DoorPass.get()).paired_at is None


@SQLITE
@pytest.mark.parametrize("role", [PassRole.STEWARD, PassRole.DOOR_LEAD])
async def test_dr26_a_phone_is_refused_every_act_of_the_staff_and_each_try_is_recorded(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person, role: PassRole
) -> None:
    """Requests, lists, exports, conflicts, settings: nobody is added at the door by the door alone (SG-06)."""
    await a_ticket(ada, event)
    people = await Registration.all().order_by("id").values()
    values = {"event": event.slug, "id": "1", "door": str(door.id), "n": "1", "number": "1"}
    tried: list[str] = []
    async with a_paired_phone(database, door, omar, role=role) as phone:
        for route in all_routes():
            if not isinstance(getattr(route, "who", None), Staffed):
                continue
            path = "/".join(values.get(part.strip("{}").split(":")[0], part) if part.startswith("{") else part
                            for part in route.path.split("/"))  # type: ignore[attr-defined]  # fmt: skip
            for method in sorted(route.methods - {"HEAD"}):  # type: ignore[attr-defined]
                answer = await phone.client.request(method, path, data={} if method == "POST" else None)
                if method == "GET":  # whoever may be more than a steward can sign in
                    assert answer.headers["location"].startswith("/staff/sign-in"), path
                else:
                    assert answer.status_code == 403, path
                    tried.append(route.name)  # type: ignore[attr-defined]
    assert await Registration.all().order_by("id").values() == people
    recorded = await AuditEntry.filter(action=Action.FORBIDDEN, actor__startswith="pass:").order_by("id")
    assert [(entry.event_id, entry.details) for entry in recorded] == [(event.id, {"route": name}) for name in tried]
    for part in ("people_pages", "event_desk_pages", "conflict_pages", "device_pages", "organisations_pages"):
        assert any(part in name for name in tried), f"no act of {part} was tried"


async def test_dr26_whoever_has_no_pass_or_a_dead_one_is_a_stranger_and_no_line_in_the_record(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    async with a_paired_phone(database, door, omar) as phone, browsing(database) as stranger:
        await DoorPass.all().update(revoked_at=clock.real())
        for client in (phone.client, stranger):
            answer = await client.post(f"/desk/{event.slug}/doors", data={"door_name": "Mine"})
            assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/staff/sign-in")
    assert await AuditEntry.filter(action=Action.FORBIDDEN).count() == 0


NAMED, BADGED = {"name", "organisation"}, {"name", "organisation", "badge_name", "badge"}
ALLOWED: dict[str, set[str]] = {
    "ok": BADGED | {"undo_seconds"},
    "already_in": NAMED | {"at", "door"},
    "ask_lead": {"reference"},
    "too_early": {"opens"},
    "too_late": {"closes"},
    "unknown": set(),
    "invalid": set(),
    "error": {"fault"},
    "out": {"at"},
    "already_out": {"at"},
    "came_in_elsewhere": set(),
    "undone": set(),
    "undo_needs_lead": set(),
    "nothing_to_undo": set(),
}  # beside id and verdict, and where there is one the mark of a conflict


async def every_answer(phone: HttpPhone, event: Event, door: Door) -> list[Answer]:
    """One of each, and the ones that a steward gets in a long day."""
    inside, late, stranger = [await a_ticket(someone(), event) for _ in range(3)]
    entry, again = await row_of(inside), await row_of(late, offline=True, shown="ok")
    rows: list[Row] = [
        entry,
        undo_row(entry),
        await row_of(inside),
        await row_of(inside),
        again,
        await row_of(late, offline=True, shown="ok"),
    ]
    for state in (State.CANCELLED, State.WAITING, State.NOT_OFFERED, State.CONFIRMED):
        refused = await a_ticket(someone(), event)
        await Registration.filter(id=refused.registration_id).update(state=state)
        rows += [await row_of(refused), await row_of(refused, offline=True, shown="ok")]
    rows += [await row_of(inside, proof="A" * 22), {"id": "c" * 32, "kind": "invalid"}, {"id": "d" * 32, "kind": "?"}]
    rows += [await row_of(stranger, kind="out"), undo_row(again), undo_row({"id": "e" * 32})]
    said = [answer for row in rows for answer in (await phone.sends(row)).json()["answers"]]
    for kind in ("in", "out", "out"):
        said += (await phone.sends(await row_of(stranger, kind=kind, age=0))).json()["answers"]
    for opens, closes in ((1, None), (None, -1)):
        hours = {"opens_at": opens and clock.now() + opens * MINUTE, "closes_at": closes and clock.now()}
        await Door.filter(id=door.id).update(**hours)
        said += (await phone.sends(await row_of(await a_ticket(someone(), event)))).json()["answers"]
    await Door.filter(id=door.id).update(opens_at=None, closes_at=None)
    return said


@SQLITE
async def test_dr26_no_answer_holds_more_than_a_steward_may_see(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    person = Person("Wanda Wrenfield", "wanda@canary.example.org", "House of Wrens", "housing", "Canary keeper",
                    badge_name="Wanda W", phone="07700 900777")  # fmt: skip
    ticket = await a_ticket(person, event)
    async with a_paired_phone(database, door, omar) as phone:
        said = await every_answer(phone, event, door)
        found = (await phone.types(ticket.reference)).json()
        assert found.keys() == {"found"}
        assert found["found"].keys() == BADGED | {"proof"}
        await Registration.filter(id=ticket.registration_id).update(state=State.CANCELLED)
        asked = (await phone.types(ticket.reference)).json()
        bodies = [await phone.sends(await row_of(ticket)), await phone.types(ticket.reference),
                  await phone.asks_for_its_pass(), await phone.sends()]  # fmt: skip
        assert (await phone.client.post("/door/api/help", json={})).content == b""
    seen: dict[str, set[str]] = {}
    for answer in said:
        fields = answer.keys() - {"id", "verdict", "conflict"}
        assert fields in (ALLOWED[answer["verdict"]], ALLOWED[answer["verdict"]] - scan_answer.NAMES), answer["verdict"]
        seen[answer["verdict"]] = seen.get(answer["verdict"], set()) | fields
    assert seen == ALLOWED
    assert asked == {"ask_lead": {"reference": ticket.reference}}
    assert bodies[3].json().keys() == {"answers", "version", "now", "moved", "seconds_left"}
    told = json.dumps([said, asked, found]) + "".join(body.text for body in bodies)
    for secret in (person.email, "07700 900777", "Canary keeper", "housing", "example.org"):
        assert secret not in told
    assert "Wanda Wrenfield" in told
    assert "Wanda" not in "".join(body.text for body in bodies), "of who gave up the place not even the name"


async def test_dr29_six_wrong_references_are_slowed_a_right_one_works_later_and_the_board_hears_of_sixty(
    database: Database, event: Event, door: Door, omar: Staff, vic: Staff, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, loud = await a_ticket(ada, event), "more wrong references than people mistype. Call the door."
    start = clock.at_venue(THE_DAY.date(), 9, 0)
    real = [start]
    async with a_paired_phone(database, door, omar) as phone:
        monkeypatch.setattr(clock, "real", lambda: real[0])
        clock.move_to(THE_DAY)
        await DoorPass.all().update(expires_at=start + timedelta(hours=8))
        said = [await phone.types("222-222") for _ in range(6)]
        assert [answer.status_code for answer in said] == [200] * 5 + [429]
        assert said[5].json().keys() == {"error", "seconds"}
        assert (await phone.types(ticket.reference)).status_code == 429, "a right one waits too"
        real[0] += timedelta(seconds=said[5].json()["seconds"])
        assert (await phone.types(ticket.reference)).json()["found"]["name"] == ada.name
        others = [await a_phone_at(door, f"Phone {n}") for n in range(11)]
        for n in range(54):
            await wrong(others[n // 5], real[0])
        assert loud not in await on_the_board(database, event, vic)
        await wrong(others[10], real[0])
        assert f"Main door : {loud}" in await on_the_board(database, event, vic)


async def wrong(phone: Phone, real: datetime) -> None:
    await reference_lookup.look_up("222-222", phone, clock.now(), real)


async def test_dr30_at_59_seconds_at_61_twice_and_of_another_phones_scan_and_all_rows_remain(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    tickets = [await a_ticket(someone(), event) for _ in range(3)]
    mine, late, others = [await row_of(ticket, age=0) for ticket in tickets]
    async with a_paired_phone(database, door, omar) as sid, a_paired_phone(database, door, omar, "Other") as kim:
        for phone, row in ((sid, mine), (kim, others)):
            assert (await phone.hears(row))["verdict"] == "ok"
        clock.move_to(THE_DAY + timedelta(seconds=59))
        undos = [undo_row(mine), undo_row(mine), undo_row(others)]
        assert [await sid.hears(undo) for undo in undos] == [
            {"verdict": "undone"}, {"verdict": "nothing_to_undo"}, {"verdict": "nothing_to_undo"},
        ]  # fmt: skip
        assert (await sid.hears(late))["verdict"] == "ok"
        clock.move_to(THE_DAY + timedelta(seconds=59 + 61))
        undos.append(undo_row(late))
        assert await sid.hears(undos[3]) == {"verdict": "undo_needs_lead"}
    assert await who_is_in() == [(tickets[2].id, others["id"]), (tickets[1].id, late["id"])]
    assert await rows_of("client_id") == [row["id"] for row in (mine, others, *undos[:3], late, undos[3])]


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def machine_in(request: pytest.FixtureRequest) -> Iterator[str]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


async def test_dr44_wherever_the_server_stands_the_door_opens_at_nine_by_the_venues_clock(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person, machine_in: str
) -> None:
    """Summer time: nine in London is eight in UTC. The event itself begins at half past nine."""
    ticket, second = await a_ticket(ada, event), timedelta(seconds=1)
    assert (THE_DAY.isoformat(), event.day_words) == ("2019-04-15T08:00:00+00:00", "Monday 15 April 2019")
    phone = await a_phone_at(door)
    early, on_time = [(await settle([await scan_of(ticket)], phone, at))[0] for at in (THE_DAY - second, THE_DAY)]
    assert (early["verdict"], early["opens"], on_time["verdict"]) == ("too_early", "09:00", "ok")
    async with a_paired_phone(database, door, omar) as paired:
        told = (await paired.asks_for_its_pass()).json()["pass"]
    assert (told["door"]["opens"], told["zone"]) == (1_555_315_200, "Europe/London")
    async with browsing(database, omar) as desk:
        board = words((await desk.get(f"/desk/{event.slug}/board")).text)
        public = words((await desk.get("/")).text)
    assert "As at 09:00" in board
    assert "09:30" in public
