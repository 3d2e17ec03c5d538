"""The marshal's page of a phone: its own files, the header that nothing may change, and what a steward never loads."""

import gzip
import re
from pathlib import Path

from events.ground.database import Database
from registrations.door import shell
from registrations.paper.sheet import ROLL_CALL_HEADER
from tests.browser import browsing

MOST = 180_000  # bytes of a steward's first load, compressed
HEADS = 300  # bytes of one answer's head


async def test_the_page_names_files_that_exist_and_may_use_the_camera(database: Database) -> None:
    async with browsing(database) as phone:
        page = await phone.get("/door/roll")
        named = re.findall(r'<(?:script|link rel="stylesheet").*?"(/door/s/[^"]+)"', page.text)
        answers = [await phone.get(path) for path in named]
    names = ("scanner.css", "roll.css", "roll-main.mjs")
    assert named == [f"{shell.folder()}/scanner/{name}" for name in names]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert "camera=(self)" in page.headers["permissions-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_a_stewards_page_loads_no_module_of_the_roll_call() -> None:
    loaded = modules_below("main.mjs")
    assert {"scanning.mjs", "bus.mjs", "help-panel.mjs"} <= loaded
    assert [name for name in sorted(loaded) if name.startswith("roll-") or name == "key-card.mjs"] == []
    assert "roll-ticks.mjs" in modules_below("roll-main.mjs"), "such modules are found"


def modules_below(name: str, met: frozenset[str] = frozenset()) -> set[str]:
    if name in met:
        return set()
    text = (shell.SCANNER / name).read_text(encoding="utf-8")
    imported = re.findall(r'from "\./([^"]+)"', text)
    return {name}.union(*(modules_below(other, met | {name}) for other in imported))


def test_the_first_load_of_any_phone_is_small_with_what_its_worker_keeps() -> None:
    sizes = {name: compressed(path) for name, path in shell.files().items() if name.startswith("scanner/")}
    assert "scanner/roll-main.mjs" in sizes
    assert sum(sizes.values()) < MOST


def compressed(path: Path) -> int:
    text = shell.module(path) if path.suffix == ".mjs" else path.read_text(encoding="utf-8")
    return len(gzip.compress(text.encode())) + HEADS


def test_the_header_on_the_phone_is_the_one_on_paper() -> None:
    written = re.findall(r'HEADER = "([^"]+)"', (shell.SCANNER / "roll-rows.mjs").read_text(encoding="utf-8"))
    assert written == [ROLL_CALL_HEADER]
