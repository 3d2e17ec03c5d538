"""The shell: the page and its files, kept by phones under an address that changes with any of them."""

import json
import re

import pytest

from events.ground.database import Database
from events.web.middleware import PERMISSIONS
from registrations.door import shell
from tests.browser import browsing


async def test_the_page_names_files_that_exist_under_one_version(database: Database) -> None:
    async with browsing(database) as phone:
        page = await phone.get("/door/")
        named = re.findall(r'<(?:script|link rel="stylesheet").*?"(/door/s/[^"]+)"', page.text)
        assert named == [f"{shell.folder()}/scanner/scanner.css", f"{shell.folder()}/scanner/main.mjs"]
        answers = [await phone.get(path) for path in named]
    assert [(answer.status_code, answer.headers["content-type"].split(";")[0]) for answer in answers] == [
        (200, "text/css"),
        (200, "text/javascript"),
    ]


@pytest.mark.parametrize(("address", "first"), [("/door/", "main.mjs"), ("/door/roll", "roll-main.mjs")])
async def test_the_page_names_every_module_that_it_needs_and_no_other(
    database: Database, address: str, first: str
) -> None:
    """A browser that hears of each only from the one before asks seven times, one after the other."""
    async with browsing(database) as phone:
        page = await phone.get(address)
    named = [path.rpartition("/")[2] for path in re.findall(r'<link rel="modulepreload" href="([^"]+)">', page.text)]
    needed, left = set[str](), [first]
    while left:
        text = (shell.SCANNER / left.pop()).read_text(encoding="utf-8")
        left += [name for name in re.findall(r'from "\./([^"]+)"', text) if name not in needed]
        needed |= set(left)
    assert (set(named), len(named)) == (needed, len(needed))
    assert named[0] in (shell.SCANNER / first).read_text(encoding="utf-8"), "nearest first"


async def test_the_worker_lists_every_file_and_is_asked_for_anew(database: Database) -> None:
    async with browsing(database) as phone:
        worker = await phone.get("/door/service-worker.mjs")
        listed = json.loads(re.search(r"const FILES = (\[.*\]);", worker.text)[1])  # type: ignore[index]
        kept = [await phone.get(path) for path in listed]
    assert (worker.headers["cache-control"], worker.headers["content-type"].split(";")[0]) == (
        "no-cache",
        "text/javascript",
    )
    assert f'const VERSION = "{shell.version()}"' in worker.text
    assert {file.status_code for file in kept} == {200}
    assert {file.headers["cache-control"] for file in kept} == {"public, max-age=31536000, immutable"}
    assert {file.headers["permissions-policy"] for file in kept} == {PERMISSIONS}, "short, for there are many"
    assert {path.rpartition("/")[2] for path in listed} >= {"main.mjs", "decode-worker.mjs", "zxing_reader.wasm"}


async def test_the_first_load_is_under_180_kilobytes_compressed(database: Database) -> None:
    """Without the decoder, which comes while the steward reads the checks. The next load takes all of it from here."""
    async with browsing(database) as phone:
        page, worker = await phone.get("/door/"), await phone.get("/door/service-worker.mjs")
        listed = json.loads(re.search(r"const FILES = (\[.*\]);", worker.text)[1])  # type: ignore[index]
        files = [await phone.get(path) for path in listed if "/vendor/" not in path]
    answers = [page, worker, *files]
    assert [answer.url.path for answer in answers if answer.headers.get("content-encoding") != "gzip"] == []
    size = sum(int(answer.headers["content-length"]) for answer in answers)
    heads = sum(len(name) + len(value) + 4 for answer in answers for name, value in answer.headers.raw)
    assert 80_000 < size + heads < 180_000


def test_every_module_that_a_module_imports_is_kept() -> None:
    needed = []
    for name, path in shell.files().items():
        if path.suffix == ".mjs":
            imported = re.findall(r'from "(\.[^"]+)"|new URL\("(\.[^"]+)"', path.read_text(encoding="utf-8"))
            for address in (first or second for first, second in imported):
                found = (shell.SCANNER / address).name if not address.startswith("../") else address.removeprefix("../")
                wanted = found if address.startswith("../") else f"scanner/{found}"
                needed.append((name, wanted))
    assert len(needed) > 50, "imports are seen"
    assert [(name, wanted) for name, wanted in needed if wanted not in shell.files()] == []


@pytest.mark.parametrize("path", ["scanner/service-worker.mjs", "scanner/nothing.mjs", "../door_pages.py", "scanner/"])
async def test_nothing_else_is_given_out(database: Database, path: str) -> None:
    async with browsing(database) as phone:
        assert (await phone.get(f"{shell.folder()}/{path}")).status_code == 404


async def test_an_older_version_is_gone(database: Database) -> None:
    async with browsing(database) as phone:
        assert (await phone.get(f"/door/s/{'0' * 16}/scanner/main.mjs")).status_code == 404


async def test_a_module_travels_without_what_is_said_about_it_and_with_every_line_of_code(database: Database) -> None:
    async with browsing(database) as phone:
        for name, path in shell.files().items():
            if path.suffix == ".mjs":
                came = (await phone.get(f"{shell.folder()}/{name}")).text.splitlines()
                source = path.read_text(encoding="utf-8").splitlines()
                assert came == [line for line in source if not line.lstrip().startswith(("//", "*", "/*"))], name
                assert len(came) < len(source)
