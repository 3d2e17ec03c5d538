"""Bytes on the wire, as the server sends them, and what takes a phone seconds: its end, and a long queue."""

import json
import secrets
import time
from collections.abc import Iterator, Sequence
from typing import Any

from playwright.sync_api import Playwright, Request, expect

from tests.bench.lines import Line
from tests.bench.phones import House, Phone
from tests.walks.people import until
from tests.walks.phone import BURST

QUEUED = 500
PUT_INTO_QUEUE = """(rows) => new Promise((done, fail) => {
    const opening = indexedDB.open("muster-door");
    opening.onerror = () => fail(opening.error);
    opening.onsuccess = () => {
      const work = opening.result.transaction("pending", "readwrite");
      for (const row of rows) work.objectStore("pending").add({ ...row, wall: Date.now(), mono: 0, run: "before" });
      work.oncomplete = () => { opening.result.close(); done(true); };
    };
  })"""
LEFT = """() => new Promise((done, fail) => {
    const opening = indexedDB.open("muster-door");
    opening.onerror = () => fail(opening.error);
    opening.onsuccess = () => {
      const asking = opening.result.transaction("pending").objectStore("pending").count();
      asking.onsuccess = () => { opening.result.close(); done(asking.result); };
    };
  })"""
KEPT = """async () => [(await indexedDB.databases()).length, (await caches.keys()).length,
    (await navigator.serviceWorker.getRegistrations()).length, localStorage.length, document.cookie.length]"""


def measure(playwright: Playwright, house: House, facts: dict[str, Any]) -> Iterator[Line]:
    yield from _loads(playwright, house)
    yield from _one_scan(playwright, house, facts["codes"][-1])
    yield from _waits(playwright, house, facts["proofs"][-QUEUED:])


def _loads(playwright: Playwright, house: House) -> Iterator[Line]:
    yield Line.heading("Bytes of the door's page, heads and bodies as the server sends them")
    with house.phone(playwright) as phone:
        house.told("sent")
        phone.opens()
        phone.starts()
        phone.keeps_its_shell()
        phone.page.wait_for_timeout(3000)
        first = _sorted(house.told("sent"))
        phone.page.reload()
        expect(phone.page.locator("#begin")).to_be_enabled()
        phone.page.wait_for_timeout(3000)
        again = _sorted(house.told("sent"))
    yield Line.at_most("first load: page, style, modules, and the worker that keeps them", first["page"], 180_000)
    yield Line.at_most("first load: the decoder, while the steward reads the checks", first["decoder"])
    yield Line.at_most("repeat load: page, style, modules, decoder", again["page"] + again["decoder"], 0)
    yield Line.at_most("repeat load: the look for a newer version", again["newer"])


def _sorted(sent: dict[str, int]) -> dict[str, int]:
    """Without the pass, the list and the beats: those are no part of the page."""
    sizes = {"page": 0, "decoder": 0, "newer": 0}
    for path, size in sent.items():
        kind = "decoder" if "/vendor/" in path else "newer" if path.endswith("service-worker.mjs") else "page"
        if path.startswith("/door/") and not path.startswith("/door/api/"):
            sizes[kind] += size
    return sizes


def _one_scan(playwright: Playwright, house: House, code: str) -> Iterator[Line]:
    """As the page itself sends it."""
    with house.phone(playwright) as phone:
        phone.opens()
        phone.starts()
        with phone.page.expect_response(_brings_a_scan) as answered:
            phone.page.evaluate(BURST, code)
        up, down = len(answered.value.request.post_data or ""), len(answered.value.body())
    yield Line.at_most(f"one scan, bodies: {up} up + {down} down", up + down, 1000)


def _brings_a_scan(answer: Any) -> bool:
    asked: Request = answer.request
    return asked.url.endswith("/door/api/scans") and bool(json.loads(asked.post_data or "{}").get("scans"))


def _waits(playwright: Playwright, house: House, proofs: Sequence[str]) -> Iterator[Line]:
    yield Line.heading("What takes a phone a while, in a real browser")
    with house.phone(playwright) as phone:
        phone.opens()
        phone.keeps_its_shell()
        yield Line.at_most(f"{QUEUED} queued scans: back in the network -> all sent, answered and gone from the phone",
                           _drains(phone, proofs), 20, "s")  # fmt: skip
        yield Line.at_most("revoked on the desk -> nothing left on the phone", _forgets(phone), 10, "s")


def _drains(phone: Phone, proofs: Sequence[str]) -> float:
    """They are of an earlier run of the page, as after an empty battery."""
    row = {
        "kind": "in",
        "undoes": None,
        "length": None,
        "offline": True,
        "shown": "ok",
        "tap": "",
        "code": "",
        "initials": "",
    }
    phone.page.evaluate(PUT_INTO_QUEUE, [{"id": secrets.token_hex(16), "proof": proof, **row} for proof in proofs])
    phone.page.context.set_offline(True)
    phone.page.reload()
    phone.starts()
    began = time.monotonic()
    phone.page.context.set_offline(False)
    until(lambda: phone.page.evaluate(LEFT) == 0, "an empty queue", 60)
    return time.monotonic() - began


def _forgets(phone: Phone) -> float:
    phone.house.told(f"revoke/{phone.pass_id}")
    began = time.monotonic()
    phone.page.wait_for_url("**/door/over", timeout=60_000)
    until(lambda: phone.page.evaluate(KEPT) == [0, 0, 0, 0, 0], "an empty phone", 60)
    return time.monotonic() - began
