"""The house rules: what may call what, who keeps which door to the outside, what routes and models owe."""

import ast
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from starlette.routing import Route
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model

from server import ROOT, all_routes
from tests.house import ORDER, PAGES, House
from tests.house_shape import NAMELESS_IN_SCRIPTS, long_functions, nameless_loops
from tests.house_writes import Writes
from tests.tables import models

HOUSE = House(ROOT)


ROOMS = sorted(HOUSE.rooms)


MOST_ROOMS = 20  # of one folder: more are two folders


AUDIT_LOG = {"audit_entry", "audit_seal", "audit_reach", "audit_boundary"}
STAFFS_OWN = {"staff", "session", "recovery_code", "passkey", "attempt", "message", "key_use", *AUDIT_LOG}


def of_rooms(sins: dict[str, list[str]]) -> dict[str, list[str]]:
    """By room, where there are any. One test looks at all rooms: one for each takes longer than the looking does."""
    assert len(sins) > 300, "the rooms were looked at"
    return {room: found for room, found in sins.items() if found}


def test_imports_never_go_up_the_house() -> None:
    climbing = of_rooms({room: HOUSE.climbs(room) for room in ROOMS})
    assert climbing == {}, "move what a room needs down, or the room up (ORDER in tests/house.py)"


def test_no_rooms_stand_on_each_other_in_a_ring() -> None:
    assert HOUSE.rings() == []


SHARED = {"emails", "parts", "errors", "govuk_frontend_jinja"}  # templates of no folder


PUBLIC = "events"  # pages of the rooms beside its folders, and the frame of every public page


FRAME = "desk/base.html"  # of the whole desk, so of the pages about staff too


def templates_out_of_place(folder: str, order: list[str], text: str) -> list[str]:
    """What this text of a folder names from a folder above it, or from none."""
    places = re.findall(r"""["']([a-z_]+)/[a-z_/]+\.html["']""", text.replace(FRAME, ""))
    below = {*order[: order.index(folder) + 1], *SHARED, PUBLIC}
    return sorted({place for place in places if place not in below})


def test_templates_lie_in_the_folders_of_the_pages_that_show_them() -> None:
    order = [name for name in [*ORDER["events"].split(), *ORDER["registrations"].split()] if name != "."]
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()} - SHARED - {"fonts", "static"}
    assert folders - {PUBLIC} <= set(order), "a folder of templates has the name of a folder of rooms"
    rooms = {room: (HOUSE.folder(room), HOUSE.text(room)) for room in ROOMS if HOUSE.folder(room) != "."}
    pages = [path for folder in folders - {PUBLIC} for path in (ROOT / "templates" / folder).rglob("*.html")]
    named = {path.name: (path.relative_to(ROOT / "templates").parts[0], path.read_text()) for path in pages}
    texts = rooms | named
    assert len(pages) > 60
    found = {name: templates_out_of_place(folder, order, text) for name, (folder, text) in texts.items()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert templates_out_of_place("booking", order, """render(request, 'desk/person.html')""") == ["desk"]


def test_every_folder_stands_in_the_order_and_says_what_it_is_for() -> None:
    folders = {path.parent for room, path in HOUSE.rooms.items() if HOUSE.folder(room) != "."}
    unordered = [
        folder.name
        for folder in folders
        if folder.parent.name in ORDER and folder.name not in ORDER[folder.parent.name].split()
    ]  # of folders within a folder, the outer one has its place
    assert unordered == [], "put the folder into ORDER in tests/house.py"
    silent = [
        folder.name for folder in folders if not ast.get_docstring(ast.parse((folder / "__init__.py").read_text()))
    ]
    assert silent == [], "say in the first line of its __init__.py what the folder is for"


def test_no_listing_is_longer_than_a_page_of_a_glossary() -> None:
    rooms_of = Counter(path.parent for path in HOUSE.rooms.values())
    assert {folder.name: number for folder, number in rooms_of.items() if number > MOST_ROOMS} == {}


KEEPERS = [
    (r"\bos\.environ|\bgetenv", ["events/operating/metrics.py"]),  # which tells Prometheus's library its folder
    (r"BaseSettings\b", ["events/ground/settings.py"]),
    (r"datetime\.now|\.today\(|\butcnow|\btime\.time\(", ["events/ground/clock.py"]),
    (r"^\s*(import|from) (aio)?smtplib", ["events/mail/relay.py"]),
    (r"^\s*(import|from) dns\b", ["events/mail/domain/lookups.py"]),
    (r"^\s*(import|from) imaplib", ["events/mail/bounces/bounce_folder.py"]),
    (r"(?<!self\.)\bin_transaction\b", ["events/ground/database.py"]),
]  # what opens a door to the outside, and the one room that may


def keepers_of(what: str, house: House) -> list[str]:
    return [path for path, text in house.sources if re.search(what, text, re.M)]


@pytest.mark.parametrize(("what", "keepers"), KEEPERS)
def test_each_door_to_the_outside_has_one_keeper(what: str, keepers: list[str]) -> None:
    assert keepers_of(what, HOUSE) == keepers


SINNER = """import os
import smtplib
from datetime import datetime
from events.web import routing
from registrations.desk import people_list

HOME, NOW = os.environ, datetime.now
"""


def test_the_rules_see_a_sinner_in_a_new_sub_folder(tmp_path: Path) -> None:
    for package in ORDER:
        shutil.copytree(ROOT / package, tmp_path / package)
    shutil.copy(ROOT / "server.py", tmp_path)
    before = House(tmp_path)
    assert [before.climbs(room) for room in before.rooms if before.climbs(room)] == [], "the copy is clean"
    new = tmp_path / "events" / "ground" / "deep"
    new.mkdir()
    (new / "sinner.py").write_text(SINNER)
    house, sinner = House(tmp_path), "events/ground/deep/sinner.py"
    assert house.climbs("events.ground.deep.sinner") == ["events.web.routing", "registrations.desk.people_list"]
    seen_by = [what for what, keepers in KEEPERS if keepers_of(what, house) not in (keepers, [])]
    assert [sinner in keepers_of(what, house) for what in seen_by] == [True] * 3


def test_no_page_writes_and_no_act_goes_without_a_transaction() -> None:
    written = {room: Writes(HOUSE.text(room)) for room in ROOMS}
    writers = of_rooms({room: written[room].writers if HOUSE.storey(room) >= PAGES else [] for room in ROOMS})
    assert writers == {}, "a page calls one verb, which writes rows and entries"
    loose = of_rooms({room: writes.without_transaction for room, writes in written.items()})
    assert loose == {}, "open one with run_tx, or demand the caller's with within_tx"


HASTY = """
CHANGE = "UPDATE staff SET host = ? WHERE id = ?"
async def page(request):
    await audit.record(Action.VIEWED)
async def two(staff):
    await query(CHANGE, [1, 2])
    await _other(staff)
async def _other(staff):
    await Staff.filter(id=1).delete()
async def looped(rows):
    for row in rows:
        await row.save()
"""


CALM = """
async def one(staff):
    if staff:
        return await staff.save()
    return await Staff.create()
@run_tx
async def act(staff):
    await staff.save()
    await audit.record(Action.VIEWED)
@within_tx
async def part(staff):
    await audit.record(Action.VIEWED)
async def _work(staff):
    await staff.save()
    await audit.record(Action.VIEWED)
together = batched(_work, 5)
async def reads(answer, staff):
    answer.headers.update({})
    await query("SELECT id FROM staff FOR UPDATE")
    return await act(staff), await part(staff)
"""


def test_the_rule_of_transactions_sees_hasty_acts_and_lets_calm_ones_be() -> None:
    assert (Writes(HASTY).writers, Writes(HASTY).without_transaction) == (
        ["page", "two", "_other", "looped"],
        ["page", "two", "looped"],
    )
    assert (Writes(CALM).writers, Writes(CALM).without_transaction) == (["one", "act", "part", "_work"], [])


def test_nothing_of_a_session_is_left_on_a_connection_of_the_pool() -> None:
    """Whoever gets it next would have it (ground/engines/asyncpg_no_reset.py). These have connections of their own."""
    left = re.compile(
        r"pg_(try_)?advisory_lock|\bSET (SESSION|search_path|ROLE)|set_config|\bLISTEN\b|add_listener|DECLARE "
    )
    found = [path for path, text in HOUSE.sources if left.search(re.sub(r'""".*?"""', "", text, flags=re.S))]
    assert found == ["events/ground/live.py", "events/ground/presence.py"]


def test_only_pages_and_the_server_see_requests() -> None:
    seers = [path for path, text in HOUSE.sources if re.search(r"^from starlette\.(requests|responses)", text, re.M)]
    strangers = [
        path
        for path in seers
        if not path.endswith(
            ("pages.py", "commands.py", "guards.py", "own_link.py", "confirm_link.py", "page_cache.py", "server.py")
        )
        and not path.startswith("events/web/")
    ]
    assert len(seers) > 20
    assert strangers == []


def test_every_route_says_who_may_use_it() -> None:
    routes = all_routes()
    assert len(routes) > 100
    assert [route for route in routes if not getattr(route, "who", None)] == []


def test_no_two_routes_answer_the_same_request() -> None:
    """The first would hide the second."""
    pages = [route for route in all_routes() if isinstance(route, Route)]
    said = [(route.path, method) for route in pages for method in sorted(route.methods or ())]
    assert [route for route in said if said.count(route) > 1] == []


def test_every_model_but_the_staffs_own_reaches_an_event() -> None:
    by_name = {model.__name__: model for model in models()}

    def reaches(model: type[Model], seen: frozenset[str] = frozenset()) -> bool:
        if model.__name__ == "Event":
            return True
        keys = [f for f in model._meta.fields_map.values() if isinstance(f, ForeignKeyFieldInstance)]
        names = {str(key.model_name).rpartition(".")[2] for key in keys} - seen
        return any(reaches(by_name[name], seen | {model.__name__}) for name in names)

    lost = {model._meta.db_table for model in models() if not reaches(model)}
    assert lost == STAFFS_OWN


def test_functions_of_tests_stay_short_too() -> None:
    texts = {path.relative_to(ROOT).as_posix(): path.read_text() for path in (ROOT / "tests").rglob("*.py")}
    found = {path: long_functions(text) for path, text in texts.items()}
    assert {path: names for path, names in found.items() if names} == {}
    assert long_functions("def tells_six_stories():\n" + "    pass\n" * 40) == ["tells_six_stories"]
    assert long_functions("def tells_one():\n" + "    pass\n" * 39) == []


def test_a_loop_variable_says_what_it_is() -> None:
    paths = [path for folder in (*ORDER, "tests") for path in (ROOT / folder).rglob("*.py")]
    found = {
        path.relative_to(ROOT).as_posix(): nameless_loops(path.read_text()) for path in [*paths, *ROOT.glob("*.py")]
    }
    assert len(found) > 350
    assert {path: names for path, names in found.items() if names} == {}
    hasty = "for one in tickets:\n    pass\n[(n, it.id) for n, it in enumerate(tickets)]\n"
    assert nameless_loops(hasty) == ["it in line 3", "one in line 1"]
    assert nameless_loops("[ticket.id for ticket in tickets]") == []


def test_what_scripts_run_over_has_a_name_too() -> None:
    paths = [path for folder in (*ORDER, "tests") for path in (ROOT / folder).rglob("*.mjs")]
    found = {path.name: NAMELESS_IN_SCRIPTS.findall(path.read_text()) for path in paths}
    assert len(found) > 90
    assert {name: loops for name, loops in found.items() if loops} == {}
    hasty = "for (const one of tickets) {}\ntickets.map((it) => it.id)\nfor (const ticket of tickets) {}"
    assert NAMELESS_IN_SCRIPTS.findall(hasty) == ["const one of", "(it) =>"]


def test_files_of_tests_stay_short_too() -> None:
    paths = (ROOT / "tests").rglob("*.py")
    lengths = {path.relative_to(ROOT / "tests").as_posix(): len(path.read_text().splitlines()) for path in paths}
    long = {name for name, length in lengths.items() if length > 300}
    assert lengths["hostile/door_simulation.py"] > 200, "files were measured"
    assert long == set(), "cut what is longer by what it tells"


def test_functions_stay_short() -> None:
    assert of_rooms({room: long_functions(HOUSE.text(room)) for room in ROOMS}) == {}


def test_rooms_stay_short() -> None:
    lengths = {room: len(HOUSE.text(room).splitlines()) for room in ROOMS}
    assert max(lengths.values()) > 200, "rooms were measured"
    assert {room: length for room, length in lengths.items() if length > 300} == {}, "a room this large is two rooms"


def test_no_log_line_is_given_what_names_a_person() -> None:
    """Logging takes ids and codes: a call that hands over a name, address, token or path is found by its words."""
    personal = re.compile(
        r"log\.\w+\([^)]*\b(email|full_name|name|token|path|url|reference|phone|address|str\(error\))\s*[=)]"
    )
    assert personal.search('log.info("sent", email=to)'), "the search itself has to work"
    assert [path for path, text in HOUSE.sources if personal.search(text)] == []
