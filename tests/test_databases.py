"""What the other tests stand on: a database comes back as a migration leaves it, or not at all."""

from secrets import token_hex

import pytest
from tortoise.context import require_context

from events.event import Event
from events.ground.database import Database, connection, query
from server import MODELS
from tests import opening
from tests.databases import Shelf
from tests.people import an_event


async def test_the_next_test_finds_no_row_and_numbers_from_one(shelf: Shelf) -> None:
    name = await shelf.take()
    async with Database(shelf.url(name), MODELS).opened():
        assert [(await an_event()).id, (await an_event()).id] == [1, 2]
    await shelf.put_back(name)
    assert await shelf.take() == name
    async with Database(shelf.url(name), MODELS).opened():
        assert await Event.all().count() == 0
        assert (await an_event()).id == 1
    await shelf.put_back(name)


PAGES = """SELECT relname, pg_relation_size(c.oid) AS size, pg_relation_size(reltoastrelid) AS long_values, relpages,
    reltuples FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND nspname = 'public'
    AND relname <> 'tortoise_migrations' ORDER BY relname"""  # which no test fills, and some vacuum


async def test_nothing_of_a_test_is_left_in_a_table_or_in_what_is_counted_of_it(shelf: Shelf) -> None:
    """Or where the rows of the next one stand, and how they are found, would depend on which test came before."""
    name, new = await shelf.take(), await shelf.take()
    async with Database(shelf.url(name), MODELS).opened():
        await Event.filter(id=(await an_event()).id).update(facts={"long": token_hex(50_000)})
        assert [row["relname"] for row in await query(PAGES) if row["long_values"]] == ["event"]
    await shelf.put_back(name)
    left = []
    for there in (name, new):
        async with Database(shelf.url(there), MODELS).opened():
            left.append(await query(PAGES))
    await shelf.put_back(new)
    assert left[0] == left[1]


CHANGES = ["DROP TRIGGER audit_entry_no_update ON audit_entry", "ALTER TABLE audit_reach RENAME TO away", ""]


@pytest.mark.parametrize("change", CHANGES)
async def test_only_a_database_whose_schema_nobody_touched_is_used_again(shelf: Shelf, change: str) -> None:
    name = await shelf.take()
    async with Database(shelf.url(name), MODELS).opened():
        if change:
            await connection().execute_query(change)
    await shelf.put_back(name)
    assert (name in shelf.ready) == (change == "")
    assert (name in shelf.server.psql("\\list")) == (change == "")


async def test_a_database_that_somebody_still_uses_is_not_handed_on(shelf: Shelf) -> None:
    name = await shelf.take()
    async with Database(shelf.url(name), MODELS).opened():
        await an_event()
        await shelf.put_back(name)
    assert (name in shelf.ready, name in shelf.server.psql("\\list")) == (False, False)


async def test_what_is_remembered_of_a_model_is_what_tortoise_works_out(database: Database) -> None:
    apps = require_context().apps
    assert apps is not None
    models = [model for app in apps.apps.values() for model in app.values()]
    remembered = {model: read(opening._facts(model)) for model in models}
    opening._work_out(apps)
    assert remembered == {model: read(opening._facts(model)) for model in models}
    assert len(models) > 15


def read(facts: opening.Facts) -> dict[str, list[str]]:
    """Queries as they are said, lists and tables of filters by what is in them: two partials are never equal."""
    return {
        name: sorted(map(repr, value.items() if isinstance(value, dict) else value))
        if isinstance(value, dict | list)
        else [str(value)]
        for name, value in facts.items()
    }
