"""Our own files as they travel: packed for whoever unpacks, the same bytes for all, nothing packed that is a page."""

import gzip

import httpx2
import pytest

from events.database import Database
from events.file_pages import takes_gzip
from registrations import shell
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


async def test_a_browser_that_unpacks_gets_a_shell_file_packed_and_any_other_as_it_is(database: Database) -> None:
    path = f"{shell.folder()}/{WASM}"
    async with browsing(database) as phone:
        (packed, body), (plain, whole) = await raw(phone, path, "gzip, br"), await raw(phone, path, "br")
    assert (packed.pop("content-encoding"), len(body) < len(whole) / 2) == ("gzip", True)
    assert gzip.decompress(body) == whole == shell.files()[WASM].read_bytes()
    assert plain.pop("etag", "")
    assert packed == plain == {
        "vary": "accept-encoding", "content-type": "application/wasm",
        "cache-control": "public, max-age=31536000, immutable",
    }  # fmt: skip


async def test_the_service_worker_that_every_load_asks_for_is_packed_too(database: Database) -> None:
    async with browsing(database) as phone:
        (packed, body), (plain, whole) = [
            await raw(phone, "/door/service-worker.mjs", accepts) for accepts in ("gzip", "identity")
        ]
    assert packed == plain | {"content-encoding": "gzip"}
    assert gzip.decompress(body) == whole == shell.worker().encode()
    assert (plain["vary"], plain["cache-control"]) == ("accept-encoding", "no-cache")


async def test_a_style_sheet_is_packed_and_each_form_of_it_is_asked_after_by_its_own_mark(database: Database) -> None:
    async with browsing(database) as browser:
        (packed, body), (plain, whole) = await raw(browser, STYLE, "gzip"), await raw(browser, STYLE, "identity")
        again = [
            (await browser.get(STYLE, headers={"accept-encoding": accepts, "if-none-match": mark["etag"]})).status_code
            for accepts in ("gzip", "identity")
            for mark in (packed, plain)
        ]
    assert gzip.decompress(body) == whole == (ROOT / "templates" / STYLE.strip("/")).read_bytes()
    assert (packed["content-encoding"], "content-encoding" in plain) == ("gzip", False)
    assert packed["vary"] == plain["vary"] == "accept-encoding"
    assert again == [304, 200, 200, 304]


@pytest.mark.parametrize("path", ["/door/", "/healthz"])
async def test_no_page_is_packed_as_its_length_would_tell_of_secrets_in_it(database: Database, path: str) -> None:
    async with browsing(database) as browser:
        told, _ = await raw(browser, path, "gzip")
    assert "content-encoding" not in told


@pytest.mark.parametrize(
    ("accepts", "takes"),
    [
        ("gzip, deflate, br, zstd", True),
        ("GZIP; q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q = 0.000", False),
        ("br", False),
        ("*", False),
        ("", False),
    ],
)
def test_who_takes_it_has_named_it(accepts: str, takes: bool) -> None:
    assert takes_gzip(accepts) is takes
