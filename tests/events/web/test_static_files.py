"""Our own files as they travel: packed for whoever unpacks, the same bytes for all, nothing packed that is a page."""

import gzip
from pathlib import Path

import httpx2
import pytest

from events.ground.database import Database
from events.web.static_files import OwnFiles, taken
from registrations.door import shell
from server import ROOT
from tests.browser import browsing

STYLE = "/static/vendor/govuk-frontend.min.css"
WASM = "vendor/zxing/reader/zxing_reader.wasm"


async def raw(phone: httpx2.AsyncClient, path: str, accepts: str) -> tuple[dict[str, str], bytes]:
    """As it came over the wire."""
    async with phone.stream("GET", path, headers={"accept-encoding": accepts}) as answer:
        body = b"".join([piece async for piece in answer.aiter_raw()])
    told = ("content-encoding", "vary", "content-type", "cache-control", "etag")
    return {name: answer.headers[name] for name in told if name in answer.headers}, body


async def test_a_browser_gets_the_decoder_in_the_smallest_form_it_takes(database: Database) -> None:
    path, file = f"{shell.folder()}/{WASM}", shell.files()[WASM]
    async with browsing(database) as phone:
        answers = {accepts: await raw(phone, path, accepts) for accepts in ("gzip, br", "gzip", "br;q=0", "identity")}
    told = {accepts: (head.pop("content-encoding", ""), body) for accepts, (head, body) in answers.items()}
    assert told.pop("gzip, br") == ("br", file.with_name(f"{file.name}.br").read_bytes())
    assert (told["gzip"][0], gzip.decompress(told.pop("gzip")[1])) == ("gzip", file.read_bytes())
    assert told == {"br;q=0": ("", file.read_bytes()), "identity": ("", file.read_bytes())}
    plain = answers["identity"][0]
    assert plain.pop("etag", "")
    assert answers["gzip, br"][0] == answers["gzip"][0] == plain == {
        "vary": "accept-encoding", "content-type": "application/wasm",
        "cache-control": "public, max-age=31536000, immutable",
    }  # fmt: skip


async def test_what_the_build_notes_for_itself_is_not_served(database: Database) -> None:
    assert (ROOT / "templates" / "static" / "vendor" / ".stamp").is_file()
    async with browsing(database) as client:
        statuses = [(await client.get(f"/static/vendor/{name}")).status_code for name in (".stamp", "%2estamp")]
        assert (await client.get(STYLE)).status_code == 200
    assert statuses == [404, 404]


async def test_our_own_modules_which_no_build_packs_go_in_gzip(database: Database) -> None:
    async with browsing(database) as phone:
        told, body = await raw(phone, f"{shell.folder()}/scanner/scanner.css", "gzip, br")
    assert (told["content-encoding"], gzip.decompress(body)) == ("gzip", (shell.SCANNER / "scanner.css").read_bytes())


async def test_what_a_build_did_not_pack_goes_in_gzip_until_it_does(tmp_path: Path) -> None:
    (tmp_path / "one.css").write_text("p { color: red }" * 9)
    transport = httpx2.ASGITransport(OwnFiles(directory=tmp_path))
    async with httpx2.AsyncClient(transport=transport, base_url="http://files") as browser:
        before, _ = await raw(browser, "/one.css", "br, gzip")
        (tmp_path / "one.css.br").write_bytes(b"as the build made it")
        after, body = await raw(browser, "/one.css", "br, gzip")
    assert (before["content-encoding"], after["content-encoding"], body) == ("gzip", "br", b"as the build made it")
    assert (before["etag"][-6:], after["etag"][-4:], before["etag"][:-6]) == ('-gzip"', '-br"', after["etag"][:-4])


async def test_who_asks_for_the_heads_alone_hears_the_same_of_each_form(database: Database) -> None:
    path = f"{shell.folder()}/{WASM}"
    async with browsing(database) as phone:
        for accepts in ("br", "gzip", "identity"):
            heads = (await phone.head(path, headers={"accept-encoding": accepts})).headers
            told, body = await raw(phone, path, accepts)
            assert told.items() <= heads.items()
            assert int(heads["content-length"]) == len(body)


async def test_a_part_of_a_style_sheet_is_a_part_of_the_plain_one(database: Database) -> None:
    async with browsing(database) as browser:
        part = await browser.get(STYLE, headers={"accept-encoding": "identity", "range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, (ROOT / "templates" / STYLE.strip("/")).read_bytes()[2:6])


async def test_the_service_worker_that_every_load_asks_for_is_packed_too(database: Database) -> None:
    async with browsing(database) as phone:
        (packed, body), (plain, whole) = [
            await raw(phone, "/door/service-worker.mjs", accepts) for accepts in ("gzip", "identity")
        ]
    assert packed == plain | {"content-encoding": "gzip"}
    assert gzip.decompress(body) == whole == shell.worker().encode()
    assert (plain["vary"], plain["cache-control"]) == ("accept-encoding", "no-cache")


async def test_each_form_of_a_style_sheet_is_asked_after_by_its_own_mark(database: Database) -> None:
    forms = ("br", "gzip", "identity")
    async with browsing(database) as browser:
        told = {accepts: await raw(browser, STYLE, accepts) for accepts in forms}
        marks = {accepts: head["etag"] for accepts, (head, _) in told.items()}
        again = {
            (accepts, of): (
                await browser.get(STYLE, headers={"accept-encoding": accepts, "if-none-match": mark})
            ).status_code
            for accepts in forms
            for of, mark in marks.items()
        }
    style = ROOT / "templates" / STYLE.strip("/")
    assert gzip.decompress(told["gzip"][1]) == told["identity"][1] == style.read_bytes()
    assert told["br"][1] == style.with_name(f"{style.name}.br").read_bytes()
    assert [head.get("content-encoding") for head, _ in told.values()] == ["br", "gzip", None]
    assert {head["vary"] for head, _ in told.values()} == {"accept-encoding"}
    assert again == {(accepts, of): 304 if accepts == of else 200 for accepts in forms for of in forms}


@pytest.mark.parametrize("path", ["/door/", "/door/roll", "/door/help/steward", "/door/help/marshal"])
async def test_a_page_that_says_the_same_to_everybody_is_packed_and_kept_nowhere(database: Database, path: str) -> None:
    async with browsing(database) as phone, browsing(database) as another:
        (told, body), (plain, whole) = await raw(phone, path, "gzip, br"), await raw(another, path, "identity")
    assert told == plain | {"content-encoding": "gzip"}
    assert (plain["vary"], plain["cache-control"], plain["content-type"]) == (
        "accept-encoding", "no-store", "text/html; charset=utf-8",
    )  # fmt: skip
    assert gzip.decompress(body) == whole


@pytest.mark.parametrize("path", ["/", "/staff/sign-in", "/door/over", "/healthz"])
async def test_no_other_page_is_packed_as_its_length_would_tell_of_secrets_in_it(database: Database, path: str) -> None:
    async with browsing(database) as browser:
        told, _ = await raw(browser, path, "gzip, br")
    assert "content-encoding" not in told


@pytest.mark.parametrize(
    ("accepts", "takes"),
    [
        ("gzip, deflate, br, zstd", {"br", "gzip"}),
        ("GZIP; q=0.5", {"gzip"}),
        ("br;q=1.0, gzip;q=0", {"br"}),
        ("gzip;q=0, br; q = 0.000", set()),
        ("br;q=0, *", set()),
        ("*", set()),
        ("identity", set()),
        ("", set()),
    ],
)
def test_who_takes_a_form_has_named_it(accepts: str, takes: set[str]) -> None:
    assert taken(accepts) & {"br", "gzip"} == takes


def test_a_part_of_the_desk_follows_its_stream_by_one_module() -> None:
    """All desks' counts have a stream of their own, which says nothing while it cannot be heard."""
    scripts = {path.name: path.read_text() for path in (ROOT / "templates" / "static" / "desk").glob("*.js")}
    assert {name for name, text in scripts.items() if "new EventSource(" in text} == {"counts.js", "live-stream.js"}
    users = {name for name, text in scripts.items() if 'from "./live-stream.js"' in text}
    assert users == {"badge_desk.js", "board.js"}
