"""Faults planted in the text of the phone's modules: days at the door that are made for each of them must find it."""

from typing import Any, NamedTuple

import pytest

from events.ground.database import Database
from registrations.checkin import reconciling
from registrations.checkin.received_scan import ReceivedScan
from tests.simulator.day import PageDay

FOUND_WITHIN = range(1, 9)  # seeds
pytestmark = pytest.mark.timeout(240)  # a day takes a second or two, and the fault may show only in the last
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class Planted(NamedTuple):
    file: str
    stands: str
    instead: str
    found: str
    mix: dict[str, int]  # of what befalls phones, beside scans and undos
    letters: str = "B"  # of the phones at each door: A is written in Python
    seed: int = 1  # tried first, since it has found it; the others are for when the days have changed


LOST = "it was dropped|counts nobody|unsent, and said"
ASKED = """const { body } = await this.timed("scans", sent, (read) => usable(read, rows) !== null);"""
PLANTED = {
    "unsent rows are dropped before their answer is back": Planted(
        "sender.mjs",
        ASKED,
        f"await store.drop(rows.map(({{ id }}) => id));\n    {ASKED}",
        LOST,
        {"lossy": 30, "reload": 20},
    ),
    "whatever a portal says is taken as the server's yes": Planted(
        "sender.mjs",
        ASKED,
        """const { body: read } = await this.timed("scans", sent);
    const body = { ...read, answers: rows.map(({ id }, n) => read?.answers?.[n] ?? { id, verdict: "ok" }) };""",
        LOST,
        {"portal": 30},
    ),
    "a phone that is signed out forgets before the last answer": Planted(
        "drain.mjs",
        """if (!kept.length) throw new NoAnswer("nothing was kept");
    await store.drop(kept);""",
        "await store.drop(rows.map(({ id }) => id));",
        LOST,
        {"portal": 30, "leave": 30},
    ),
    "a phone that is revoked forgets what it has not sent": Planted(
        "sign-out.mjs",
        "await (left === 0 ? this.done() : this.#parts.drain.begin());",
        "await this.done();",
        LOST,
        {"revoke_unsent": 15},
    ),
    "the server never hears that they were through already": Planted(
        "sender.mjs",
        "this.#isFinal(answer) && !openScans.hasMore(answer, sent.scans[n])",
        "this.#isFinal(answer)",
        "counts nobody",
        {"twice": 90},
        "AB",
    ),
    "ages go by the clock on the wall": Planted(
        "elapsed.mjs",
        "const passed = then.run === clock.run ? clock.mono() - then.mono : clock.wall() - then.wall;",
        "const passed = clock.wall() - then.wall;",
        "and said to be",
        {"clock": 30, "offline": 20},
        seed=2,
    ),
    "a clock that was set back is believed": Planted(
        "elapsed.mjs",
        "return clock.wall() < highest - SET_BACK * 1000 || byWall < -SET_BACK ? Infinity : Math.max(0, byWall);",
        "return Math.max(0, byWall);",
        "lets in by a list",
        {"offline": 15, "set_back": 30},
    ),
    "a tap stands for the PIN although there is a network": Planted(
        "lead.mjs",
        "if (status.isOffline()) return this.#offline();",
        "if (question.codes) return this.#offline();",
        "a tap stood for the PIN",
        {},
        seed=4,
    ),
    "a scan that finds no room on the disk is forgotten": Planted(
        "store.mjs",
        "for (const row of unwritten.values()) insert(merged, row);",
        "",
        LOST,
        {"full": 30, "offline": 30, "forgets": 10},
        seed=2,
    ),
    "what a browser has thrown away is not kept in memory": Planted(
        "store.mjs",
        "await Promise.all(lost.map((row) => this.#above.add(row))); //",
        "//",
        LOST,
        {"disk_emptied": 30, "offline": 10},
    ),
    "a phone that keeps nothing does not say so": Planted(
        "bar.mjs", '!durable && "Online only: this phone keeps nothing",', "", "and said", {"forgets": 30}
    ),
    "a tab that is signed out hands over only its own scans": Planted(
        "drain.mjs",
        "await this.#bring(rows);",
        """const own = rows.filter(({ run }) => run === this.#parts.clock.run);
      if (!own.length) break;
      await this.#bring(own);""",
        LOST,
        {"tab": 30, "offline": 30, "leave": 20},
        seed=4,
    ),
    "what another tab could not write is not asked for": Planted(
        "other-tabs.mjs",
        "return [...held, ...pending].some(",
        "return [].some(",
        "is kept as of",
        {"unwritten": 30},
    ),
    "whoever was found first is let in by every reference": Planted(
        "reference.mjs",
        "this.#proof = found.proof;",
        "this.#proof = this.first ??= found.proof;",
        "lets in somebody else",
        {"reference": 40},
    ),
}


def a_day(database: Database, planted: Planted, seed: int) -> PageDay:
    day = PageDay(database, seed, guests=5, steps=25)
    day.letters = planted.letters
    day.page_mix = {"scan": 60, "undo": 5} | planted.mix
    day.plants = [planted[:3]] if planted.file else []
    return day


def _without_entry(judged: Any, past: Any) -> Any:
    return leave(judged, past)[-1:]


leave = reconciling._leave


@on_sqlite
async def test_an_exit_without_the_entry_that_follows_from_it_is_found(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of the server's, that only pages bring to light: they ask whether somebody came in elsewhere."""
    monkeypatch.setattr(reconciling, "_leave", _without_entry)
    with pytest.raises(AssertionError, match=r"the admission is|was owed"):
        await look(database, Planted("", "", "", "", {}, seed=4))


@on_sqlite
async def test_a_time_that_crossed_the_last_contact_and_is_called_sure_is_found(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only pages say that nothing is left while somebody is scanned."""
    monkeypatch.setattr(ReceivedScan, "unsure", property(lambda received: received.scan.unsure))
    with pytest.raises(AssertionError, match="s unsure"):
        await look(database, Planted("", "", "", "", {"crosses": 60}))


async def look(database: Database, planted: Planted) -> None:
    for seed in sorted(FOUND_WITHIN, key=lambda seed: seed != planted.seed):
        await a_day(database, planted, seed).run()


@pytest.mark.planted
@on_sqlite
@pytest.mark.parametrize("fault", PLANTED)
async def test_a_fault_of_the_page_is_found(database: Database, fault: str) -> None:
    with pytest.raises(AssertionError, match=PLANTED[fault].found):
        await look(database, PLANTED[fault])
