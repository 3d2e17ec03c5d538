"""What each role may do and see: every route is tried as every caller, and the answers are what docs/roles.md says."""

import re

import pytest

from events.accounts import staff as staff_room
from events.accounts.roles import role_check
from events.accounts.staff import RIGHTS, Rights, Role, RoleName, Staff
from events.event import Event
from events.ground import live
from events.ground.database import Database, query
from tests import callers
from tests.browser import browsing, words
from tests.callers import CALLERS, SEEN_BY, Called, called, written
from tests.callers_world import CANARIES, ROLES, a_world
from tests.people import Person, a_door, an_event, confirmed

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # guards say the same to both

OF_SOMETHING = re.compile(r"{\w+:int}|{public_id}|{mark}")
ELSEWHERE = {  # what answers in its own words where nothing is found, as its own test says
    ("POST", "/desk/{event}/people/filters/{id:int}/remove"): 409,
    ("POST", "/desk/{event}/requests/filters/{id:int}/remove"): 409,
    ("POST", "/desk/{event}/event/logos/{id:int}/take-away"): 409,
    ("POST", "/desk/{event}/after/lessons/{id:int}/out"): 409,
    ("POST", "/desk/{event}/board/alarms/{id:int}"): 303,
    ("POST", "/desk/{event}/conflicts/{id:int}"): 422,
    ("POST", "/desk/{event}/badge-desk/{id:int}"): 400,
    ("POST", "/desk/{event}/badge-desk/{id:int}/again"): 400,
}


def routes_as_written(caller: str) -> dict[Called, str]:
    return {(row[0], row[1]): cells[caller] for row, cells in written("Routes").items()}


def proved(word: str) -> str:
    """What a caller is answered who has proved again who they are."""
    return "yes" if word in ("again", "both") else word


def test_the_table_of_routes_lists_every_route_and_no_other() -> None:
    assert sorted(routes_as_written("nobody")) == sorted(called()), "add or take out its row in docs/roles.md"


@pytest.mark.sweep
@SQLITE
@pytest.mark.parametrize("caller", CALLERS)
async def test_each_route_answers_each_caller_as_the_table_says(database: Database, caller: str) -> None:
    live.hub().close()  # streams end after their first line
    found = await callers.answers(await a_world(database), caller, proved_again=False)
    as_written = routes_as_written(caller)
    new = [f"{' '.join(route)}: {word}" for route, word in found.items() if as_written.get(route) != word]
    assert found == as_written, f"if it is meant, write it into docs/roles.md for {caller}: {new}"


@pytest.mark.sweep
@SQLITE
async def test_a_marshals_phone_is_answered_as_its_own_table_says_elsewhere_as_any(
    database: Database,
) -> None:
    live.hub().close()
    caller = "marshal's phone"
    found = await callers.answers(await a_world(database), caller, proved_again=False)
    own = {(row[0], row[1]): cells[caller] for row, cells in written("Marshals' phones").items()}
    assert set(own) == {route for route in called() if route[1].startswith("/door/api/")}
    assert found == routes_as_written("phone") | own


@pytest.mark.sweep
@SQLITE
@pytest.mark.parametrize("caller", ROLES)
async def test_who_has_proved_it_again_is_let_in_where_the_table_asks_for_it_and_nowhere_else(
    database: Database, caller: str
) -> None:
    live.hub().close()
    found = await callers.answers(await a_world(database), caller, proved_again=True)
    assert found == {route: proved(word) for route, word in routes_as_written(caller).items()}


@pytest.mark.sweep
@SQLITE
async def test_what_is_of_another_event_is_not_found_at_the_desk_of_this_one(database: Database) -> None:
    """Each route with the number of something in it. That it is found at its own desk, the table of routes says."""
    live.hub().close()
    world, other = await a_world(database), await an_event()
    theirs, found = world._replace(event=other, door=await a_door(other)), dict[Called, int]()
    numbered = [route for route in called() if route[1].startswith("/desk/") and OF_SOMETHING.search(route[1])]
    assert len(numbered) > 130
    for caller, arranges in {"access": True, "lead": False}.items():
        routes = [route for route in numbered if route[1].startswith("/desk/{event}/access/") is arranges]
        each = callers.each_answer(world, caller, proved_again=True, routes=routes, of=theirs)
        found |= {route: answer.status_code async for route, answer in each}
    assert {route: status for route, status in found.items() if status != 404} == ELSEWHERE


@SQLITE
@pytest.mark.parametrize("caller", SEEN_BY)
async def test_each_role_sees_the_details_that_the_table_says(database: Database, caller: str) -> None:
    live.hub().close()
    world = await a_world(database)
    seen = await callers.details_seen_by(world, "nobody" if caller == "anyone" else caller)
    found = {what: "yes" if what in seen else "no" for what in CANARIES}
    assert found == {" ".join(row): cells[caller] for row, cells in written("Details").items()}


def test_a_role_without_a_row_stops_the_start() -> None:
    without: dict[RoleName, Rights] = {name: rights for name, rights in RIGHTS.items() if name is not RoleName.VIEWER}
    with pytest.raises(RuntimeError, match="no row for these roles: viewer"):
        staff_room.complete(without)
    assert staff_room.complete(RIGHTS) is RIGHTS


@SQLITE
async def test_a_role_that_is_none_of_ours_opens_nothing_and_breaks_no_page(
    database: Database, event: Event, lena: Staff, vic: Staff
) -> None:
    await query("UPDATE role SET name = 'marshal' WHERE staff_id = ?", [vic.id])
    async with browsing(database, vic) as client:
        answers = [await client.get(path) for path in (f"/desk/{event.slug}/people", "/staff/account")]
    async with browsing(database, lena) as client:
        answers += [await client.get(f"/desk/{event.slug}/staff")]
    assert [answer.status_code for answer in answers] == [404, 200, 200]


@SQLITE
async def test_only_who_sees_email_addresses_finds_people_by_one(
    database: Database, event: Event, ada: Person, omar: Staff, vic: Staff
) -> None:
    await confirmed(ada, event)
    found = {}
    for staff in (omar, vic):
        async with browsing(database, staff) as client:
            for text in ("ada@wardens", "ashdown wardens of", "ada"):
                led = await client.post(f"/desk/{event.slug}/people/search", data={"text": text})
                page = words((await client.get(led.headers["location"])).text)
                found[staff.full_name, text] = bool(re.search(r"1 to 1 of 1", page))
    assert found == {
        ("Omar Organiser", "ada@wardens"): True, ("Omar Organiser", "ashdown wardens of"): True,
        ("Omar Organiser", "ada"): True, ("Vic Viewer", "ada@wardens"): False,
        ("Vic Viewer", "ashdown wardens of"): True, ("Vic Viewer", "ada"): True,
    }  # fmt: skip


@SQLITE
async def test_a_role_of_one_event_opens_no_other(database: Database, event: Event, lena: Staff) -> None:
    other = await an_event()
    async with browsing(database, lena) as client:
        assert (await client.get(f"/desk/{other.slug}/people")).status_code == 404
        await Role.create(staff=lena, event=other, name=RoleName.VIEWER)
        assert (await client.get(f"/desk/{other.slug}/people")).status_code == 200
        assert (await client.get(f"/desk/{other.slug}/audit")).status_code == 403, "there they only look"


@SQLITE
@pytest.mark.parametrize("act", ["raised", "given"])
async def test_a_role_written_into_the_database_opens_nothing_and_is_named(
    database: Database, event: Event, lena: Staff, vic: Staff, act: str
) -> None:
    other = await an_event()
    if act == "raised":
        await query("UPDATE role SET name = 'lead' WHERE staff_id = ?", [vic.id])
    else:
        await query("UPDATE role SET event_id = ? WHERE staff_id = ?", [other.id, vic.id])
    where = event if act == "raised" else other
    async with browsing(database, vic) as client:
        assert (await client.get(f"/desk/{where.slug}/people")).status_code == 404
    async with browsing(database, lena) as client:
        assert (await client.get(f"/desk/{event.slug}/people")).status_code == 200, "hers was given by Muster"
    assert await role_check.foreign_roles() == [
        f"The role of staff {vic.id} for event {where.id} was not given by Muster. It opens nothing."
    ]
