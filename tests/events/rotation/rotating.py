"""A place with keys in files, as an installation has them, and what its database says while they are rotated."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from events import readiness
from events.audit import key_use
from events.event import Event
from events.ground import clock, data_keys, keys
from events.ground.data_keys import DataKeys
from events.ground.database import Database, query
from events.ground.keyring.made import Keyed, Sealed, made_in
from events.ground.keyring.ring import lines_of
from events.rotation import dropping, replacing_keys, resealing
from events.rotation.new_key import DataKey, InstanceKey, NewKey
from events.rotation.resealing import Tally
from tests.hostile.sealed_rows import COLUMNS
from tests.tables import models


class Place:
    """The files of one machine, and the database."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.key_file, self.data_keys, self.backups = folder / "key", folder / "data-keys", folder / "backups"
        self.database = database
        self.said: list[str] = []

    def opens(self) -> None:
        """As a process does that starts here."""
        keys.install(keys.load("", self.key_file))
        kept = DataKeys(self.data_keys)
        kept.read()
        data_keys.install(kept)

    def lines(self, event: Event | None = None) -> list[str]:
        return lines_of(self.key_file if event is None else self.data_keys / f"{event.slug}.key")

    async def rotates_event(self, event: Event) -> Tally:
        fresh = await Event.get(id=event.id)
        return await replacing_keys.rotate_event(fresh, self.database.file, clock.now, self.said.append)

    async def drops_event(self, event: Event, folder: Path | None = None) -> dropping.Needed:
        return await dropping.of_event(event, folder, clock.now())

    async def rotates(self) -> Tally:
        return await replacing_keys.rotate_instance(self.key_file, self.database.file, clock.now, self.said.append)

    async def drops(self, folder: Path | None = None) -> tuple[list[str], dropping.Needed]:
        return await dropping.of_instance(self.key_file, folder, clock.now(), clock.real())


def a_place(folder: Path, database: Database) -> Place:
    place = Place(folder, database)
    keys.write_new(place.key_file)
    place.data_keys.mkdir()
    place.opens()
    return place


def both_begin_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two rotations neither goes on before both know their new key. Whoever chooses after the other's end makes
    another key, and rightly."""
    both, begin = asyncio.Barrier(2), replacing_keys._begin

    async def begun(*given: Any) -> None:
        await both.wait()
        await begin(*given)

    monkeypatch.setattr(replacing_keys, "_begin", begun)


class Killed(BaseException):
    """Nothing of ours catches it."""


def deadly(real: Callable[..., Any], calls: list[int]) -> Callable[..., Any]:
    """Kills at the call for which nothing is left of `calls`."""

    def call(*args: Any, **kwargs: Any) -> Any:
        calls[0] -= 1
        if calls[0] < 0:
            raise Killed
        return real(*args, **kwargs)

    return call


MORTAL = [
    (replacing_keys, "rewrite"),
    (replacing_keys, "query"),
    (key_use, "query"),
    (resealing, "query"),
    (dropping, "rewrite"),
]


async def killed_again_and_again(
    place: Place, work: Callable[[], Awaitable[object]], monkeypatch: pytest.MonkeyPatch
) -> int:
    """At the first thing that it does, at the second, and so on, each time from where the last one was. How often: in
    the middle all says the same too, and no server starts once a key was begun with."""
    before, kills = await all_said(), 0
    while True:
        with monkeypatch.context() as killing:
            calls = [kills]
            for room, name in MORTAL:
                killing.setattr(room, name, deadly(getattr(room, name), calls))
            with suppress(Killed):
                await work()
                return kills
        kills += 1
        place.opens()
        assert await all_said() == before
        assert bool(await readiness.half_replaced()) == bool(await key_use.unfinished())


async def all_said() -> dict[str, list[object]]:
    """What each sealed column of each row says, opened."""
    found = dict[str, list[object]]()
    for model in models():
        names = [name for name in made_in(model) if f"{model._meta.db_table}.{name}" in COLUMNS]
        rows: list[Any] = await model.all().order_by("id") if names else []
        for name in names:
            column = f"{model._meta.db_table}.{name}"
            found[column] = [COLUMNS[column].says(row) for row in rows]
    return found


async def of_older_keys(key: NewKey, *, but: str = "") -> list[str]:
    """Columns in which something is not made with this key; of an event's key, at its event."""
    found = []
    for model in models():
        for name, how in made_in(model).items():
            if not isinstance(how, Sealed | Keyed) or not key.makes(how):
                continue
            which, values = key.rows(how)
            table = model._meta.db_table
            rows = await query(f"SELECT * FROM {table} WHERE {which} ORDER BY id", values)  # noqa: S608
            if any(_is_older(how, model._init_from_db(**row), row[name], key) for row in rows):
                found.append(f"{table}.{name}")
    return [name for name in found if name != but]


def _is_older(how: Sealed | Keyed, row: Any, value: Any, key: NewKey) -> bool:
    if isinstance(how, Sealed):
        return value is not None and bytes(value[1:5]) != key.mark(how)
    text = how.text(row)
    return text is not None and value != key.hashes(how, text)[0]


async def key_of(event: Event) -> DataKey:
    """Which this event has now."""
    fresh = await Event.get(id=event.id)
    return DataKey(fresh, fresh.data_key)


INSTANCE = InstanceKey()
