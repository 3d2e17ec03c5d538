"""The house rules of SQL: one folder asks which database it is, and a statement is read at one look."""

import ast
import re
from collections import Counter

from server import ROOT
from tests.house import House

HOUSE = House(ROOT)
MOST_ASKED, MOST_LINES = 15, 12
ASKS = re.compile(r"(?<!def )\bis_postgres\(\)")
KNOWS = re.compile(rf"{ASKS.pattern}|\bdialect\(\)|\bcapabilities\.dialect\b")
OF_ITS_OWN = ["events/audit/triggers.py"]  # has a list for each database, and nothing else that differs
VERBS = re.compile(r"\b(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b")


def where(what: re.Pattern[str], sources: list[tuple[str, str]]) -> Counter[str]:
    """By room, how often it says this."""
    return Counter(path for path, text in sources for _ in what.findall(text))


def long_statements(text: str) -> list[int]:
    """The lines where statements begin that are longer than they may be."""
    found = list[int]()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.JoinedStr | ast.Constant):
            continue
        lines = (node.end_lineno or 0) - node.lineno + 1
        if lines > MOST_LINES and VERBS.search(ast.unparse(node)):
            found.append(node.lineno)
    return sorted(set(found))


def test_only_the_ground_asks_which_database_it_is() -> None:
    knowing = where(KNOWS, HOUSE.sources)
    elsewhere = sorted(path for path in knowing if not path.startswith("events/ground/"))
    assert elsewhere == OF_ITS_OWN, "give it a helper in events/ground/sql.py"
    assert where(ASKS, HOUSE.sources).total() <= MOST_ASKED


def test_no_statement_is_longer_than_can_be_read_at_one_look() -> None:
    found = {path: long_statements(text) for path, text in HOUSE.sources}
    assert {path: lines for path, lines in found.items() if lines} == {}, "cut it into parts that have a name"


HASTY = """
held = "FOR UPDATE" if is_postgres() else ""
if connection().capabilities.dialect == "postgres":
    pass
"""


def test_the_rules_see_who_asks_and_what_is_long() -> None:
    room = "registrations/desk/sinner.py"
    calm = ("events/event.py", "from events.ground.database import dialect")
    assert where(KNOWS, [(room, HASTY), calm]) == {room: 2}
    assert where(ASKS, [(room, HASTY), calm]) == {room: 1}
    begins = {'LONG = """SELECT id': 1, 'LONG = f"""UPDATE event SET n = {n}': 1, '"""Which doors to select.': 0}
    for begin, most in begins.items():
        assert long_statements(f'{begin}{chr(10) * MOST_LINES}"""') == [1] * most
        assert long_statements(f'{begin}{chr(10) * (MOST_LINES - 1)}"""') == []
