"""A phone whose storage is full: what it holds is not lost, whatever it can still read of it."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import click
import pytest
from playwright.sync_api import Playwright, expect

from tests.walks.browsers import browser_with
from tests.walks.people import Organiser, until
from tests.walks.phone import IN_OFFLINE, Opened, Phone
from tests.walks.rehearsal import Rehearsed

pytestmark = pytest.mark.promise

READS_AND_WRITES_FAIL = """() => {
  const { transaction } = IDBDatabase.prototype, { open } = indexedDB;
  window.mends = () => { IDBDatabase.prototype.transaction = transaction; indexedDB.open = open; };
  IDBDatabase.prototype.transaction = () => { throw new DOMException("no room", "QuotaExceededError"); };
  indexedDB.open = () => { throw new DOMException("no room", "UnknownError"); };
}"""
CANNOT_TELL = "cannot tell what is to send"


def lets_in_alone(sid: Phone, people: list[tuple[str, str]]) -> None:
    for name, code in people:
        sid.scans(code)
        sid.sees(IN_OFFLINE, name)
        sid.is_ready_again()


def names_let_in(omar: Organiser) -> int:
    return int(omar.rehearsal.rows("SELECT count(*) AS n FROM scan WHERE verdict = 'ok'")[0]["n"])


def cannot_be_signed_out(sid: Phone) -> None:
    sid.taps("More")
    sid.taps("This phone")
    sid.taps("Sign out")
    expect(sid.page.locator("#unsent-says")).to_contain_text("cannot tell what is still to send")
    expect(sid.page.locator("#signing-out")).to_be_hidden()
    sid.page.locator("#unsent .close").click()


def test_while_nothing_can_be_read_the_bar_does_not_count_and_all_arrives(
    sid: Phone, omar: Organiser, guests: Iterator[tuple[str, str]]
) -> None:
    before, people = names_let_in(omar), list(islice(guests, 5))
    sid.loses_the_network()
    lets_in_alone(sid, people[:3])
    sid.bar("3 to send")
    sid.page.evaluate(READS_AND_WRITES_FAIL)
    lets_in_alone(sid, people[3:])
    sid.bar(CANNOT_TELL, "do not sign out")
    cannot_be_signed_out(sid)
    sid.finds_the_network()
    sid.in_time(lambda: names_let_in(omar) == before + 5, "all that were let in to arrive")
    sid.bar_in_time("Online", CANNOT_TELL)
    sid.page.evaluate("mends()")
    sid.in_time(lambda: "0 to send" in sid.page.locator("#bar").inner_text(), "an empty queue")


def test_a_pass_revoked_meanwhile_takes_no_scan_with_it(
    sid: Phone, omar: Organiser, guests: Iterator[tuple[str, str]]
) -> None:
    kept = "SELECT count(*) AS n FROM scan"
    before, people = omar.rehearsal.rows(kept)[0]["n"], list(islice(guests, 3))
    sid.loses_the_network()
    lets_in_alone(sid, people[:2])
    sid.page.evaluate(READS_AND_WRITES_FAIL)
    lets_in_alone(sid, people[2:])
    [device] = omar.rehearsal.rows("SELECT max(id) AS id FROM door_pass WHERE paired_at IS NOT NULL")
    omar.revokes(device["id"])
    sid.finds_the_network()
    leaving = sid.page.locator("#leaving").get_by_text("cannot tell what is still to send")
    sid.in_time(leaving.is_visible, "that the pass is over, and what is left is not known")
    sid.page.evaluate("mends()")  # from here on it may hand all over by itself before anybody presses a button
    sid.in_time(sid.page.get_by_role("heading", name="PHONE SIGNED OUT").is_visible, "the end of the pass")
    until(lambda: omar.rehearsal.rows(kept)[0]["n"] == before + 3, "what was held to be kept apart")


def test_another_tab_does_not_say_that_nothing_is_left_while_only_this_one_holds_a_scan(
    sid: Phone, opened: Opened, omar: Organiser, guests: Iterator[tuple[str, str]]
) -> None:
    before, people = names_let_in(omar), list(islice(guests, 1))
    with opened() as other:
        other.page.goto(f"{other.rehearsal.base}/door/")
        other.starts()
        other.bar("0 to send")
        sid.loses_the_network()
        sid.page.evaluate(READS_AND_WRITES_FAIL)
        lets_in_alone(sid, people)
        other.bar_in_time("Another tab of this phone has scans to send", CANNOT_TELL)
        cannot_be_signed_out(other)
        sid.finds_the_network()
        sid.in_time(lambda: names_let_in(omar) == before + 1, "what was let in to arrive")
        other.bar_in_time("Online", "0 to send")


@contextmanager
def small_file_system(folder: Path) -> Iterator[str]:
    """What keeps it from being mounted, "" where it is."""
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=96m", "none", str(folder)]
    try:
        mounted = subprocess.run(mounting, capture_output=True, text=True, check=False)  # noqa: S603
        refused = mounted.stderr.strip() or "it was refused" if mounted.returncode else ""
    except OSError as error:
        refused = str(error)
    try:
        yield refused
    finally:
        if not refused:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)  # noqa: S603, S607


def fills(folder: Path) -> Path:
    """Until not a byte more goes in."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue
    return filler


def test_on_a_file_system_that_is_full_no_scan_is_lost(
    playwright: Playwright,
    omar: Organiser,
    guests: Iterator[tuple[str, str]],
    doors_open: Rehearsed,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where nothing may be mounted (it needs the rights of root) it says so, and the tests above have to do."""
    disk = tmp_path / "disk"
    with small_file_system(disk) as refused:
        if refused:
            with capsys.disabled():
                click.echo(f"\nNOT RUN: a phone on a full file system, as none could be mounted: {refused}")
            return
        with browser_with(playwright, disk / "profile") as context:
            sid = Phone(context.pages[0], doors_open)
            sid.stops_its_clocks()
            sid.pairs(omar.gives_a_code())
            sid.starts()
            before, people = names_let_in(omar), list(islice(guests, 8))
            sid.loses_the_network()
            lets_in_alone(sid, people[:3])
            sid.bar("3 to send")
            filler = fills(disk)
            lets_in_alone(sid, people[3:])
            expect(sid.page.locator("#bar-facts")).to_contain_text(re.compile(f"8 to send|{CANNOT_TELL}"))
            sid.finds_the_network()
            sid.in_time(lambda: names_let_in(omar) == before + 8, "all eight to arrive")
            filler.unlink()
