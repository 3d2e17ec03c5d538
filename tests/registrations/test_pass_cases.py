"""Cases of the door's specification about passes: copied cookies, pairing codes, what a phone may never do or see.

Rules: DP-15.
"""

import json

import pytest

from events.accounts.guards import Staffed
from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event, EventState
from events.ground import clock
from events.ground.database import Database
from registrations.people.registration import Registration, State
from registrations.phones import pairing, scan_answer
from registrations.phones.door import Door, DoorPass, PassRole
from registrations.phones.scan_answer import Answer
from server import all_routes
from tests.at_the_door import a_ticket, who_is_in
from tests.browser import browsing
from tests.door_phone import FORGET, WRONG_CODE, HttpPhone, Row, a_paired_phone, row_of, undo_row
from tests.people import Person, a_door, an_event, someone
from tests.registrations.cases import MINUTE, on_the_board

pytestmark = pytest.mark.usefixtures("the_day")


SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # what is asked of pages is the same on both


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
    values = {"event": event.slug, "id": "1", "door": str(door.id), "n": "1", "number": "1", "slot": "1", "sheet": "1"}
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
            answer = await client.post(f"/desk/{event.slug}/doors", data={"door_name": "Mine", "kind": "entrance"})
            assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/staff/sign-in")
    assert await AuditEntry.filter(action=Action.FORBIDDEN).count() == 0


NAMED = {"name", "organisation"}
BADGED = NAMED | {"badge_name", "badge", "tray", "photos"}


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
        fields = answer.keys() - {"id", "verdict", "conflict", "twice"}
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
