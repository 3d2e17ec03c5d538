"""How the migrations of both folders write tables, indexes and triggers. They import nothing that goes on changing."""

from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from json import dumps, loads
from types import SimpleNamespace
from typing import Any, cast

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.migrations.operations import CreateModel, RunPython, RunSQL, TortoiseOperation
from tortoise.migrations.schema_generator.state import State

NEVER = "rows of this table are never changed"
CASCADE, RESTRICT, SET_NULL = OnDelete.CASCADE, OnDelete.RESTRICT, OnDelete.SET_NULL
compact = partial(dumps, separators=(",", ":"))
Column = tuple[str, Any]


class Code(StrEnum):
    """Stands for the enum of whichever model: a migration must not change when an enum does. Values are kept as text."""


def table(model: str, name: str, *columns: Column, says: str = "") -> CreateModel:
    """The table of this model, as app.Model, whose rows are numbered. `says`: what the database notes beside it."""
    app, model = model.split(".")
    number = ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True))
    options = {"table": name, "app": app, "pk_attr": "id"} | ({"table_description": says} if says else {})
    return CreateModel(name=model, fields=[number, *columns], options=options, bases=["Model"])


def foreign_key(name: str, model: str, on_delete: OnDelete, **more: Any) -> Column:
    """The field of this name, its column ending in _id."""
    more |= {"source_field": f"{name}_id", "to_field": "id", "db_constraint": True}
    return name, fields.ForeignKeyField(model, on_delete=on_delete, **more)


def moment(name: str, **more: Any) -> Column:
    return name, fields.DatetimeField(auto_now=False, auto_now_add=False, **more)


def code(name: str, longest: int, says: str, **more: Any) -> Column:
    """One value of a closed list. `says`: what the database notes beside it."""
    return name, fields.CharEnumField(enum_type=Code, max_length=longest, description=says, **more)


def json(name: str, **more: Any) -> Column:
    return name, fields.JSONField(encoder=compact, decoder=loads, **more)


class Together(TortoiseOperation):
    """All of these as one: before each operation of a migration Tortoise makes every model anew."""

    def __init__(self, *operations: RunSQL | RunPython) -> None:
        self.operations = operations

    async def database_forward(self, *given: Any, **named: Any) -> None:
        for operation in self.operations:
            await operation.database_forward(*given, **named)


class Tables(TortoiseOperation):
    """All of these as one. Each by itself makes every model of a migration anew, twice: the time grows with the square
    of their number."""

    def __init__(self, *tables: CreateModel) -> None:
        self.tables = tables

    def state_forward(self, app_label: str, state: State) -> None:
        """Each adds itself, and what any would have made anew is made anew once."""
        wanted: set[tuple[str, str]] = set()
        gathered = SimpleNamespace(models=state.models, apps=state.apps, reload_models=wanted.update)
        for table in self.tables:
            table.state_forward(app_label, cast("State", gathered))
        state.reload_models(wanted)

    async def database_forward(self, *given: Any, **named: Any) -> None:
        for table in self.tables:
            await table.database_forward(*given, **named)


def unique(name: str, on: str) -> RunSQL:
    return RunSQL(f"CREATE UNIQUE INDEX {name} ON {on}", f"DROP INDEX {name}")


def index(name: str, on: str) -> RunSQL:
    return RunSQL(f"CREATE INDEX {name} ON {on}", f"DROP INDEX {name}")


async def _make_function(apps: Any, editor: Any) -> None:
    if editor.client.capabilities.dialect == "postgres":
        await editor.client.execute_query(
            f"CREATE FUNCTION insert_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{NEVER}'; END $$"
        )


refusal = RunPython(_make_function)  # what PostgreSQL's triggers call: it must stand before the first `refused`


def refused(trigger: str, act: str, when: str = "") -> RunPython:
    """From now on the database itself says no to such an act on a row, in `act` as SQL has it: DELETE ON scan."""

    async def make_trigger(apps: Any, editor: Any) -> None:
        if editor.client.capabilities.dialect == "postgres":
            body = f"FOR EACH ROW {when and f'WHEN ({when})'} EXECUTE FUNCTION insert_only()"
        else:
            body = f"{when and f'WHEN {when}'} BEGIN SELECT RAISE(ABORT, '{NEVER}'); END"
        await editor.client.execute_query(f"CREATE TRIGGER {trigger} BEFORE {act} {body}")

    return RunPython(make_trigger)


def refused_unless(trigger: str, act: str, condition: str) -> RunPython:
    """The same, but for rows of which the condition is true: it may look into other tables."""

    async def make_trigger(apps: Any, editor: Any) -> None:
        run = editor.client.execute_query
        if editor.client.capabilities.dialect == "postgres":
            await run(
                f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT {condition} THEN"
                f" RAISE EXCEPTION '{NEVER}'; END IF; RETURN OLD; END $$"
            )
            await run(f"CREATE TRIGGER {trigger} BEFORE {act} FOR EACH ROW EXECUTE FUNCTION {trigger}()")
            return
        await run(
            f"CREATE TRIGGER {trigger} BEFORE {act} WHEN NOT {condition} BEGIN SELECT RAISE(ABORT, '{NEVER}'); END"
        )

    return RunPython(make_trigger)


def emptied(table: str, column: str, by: str) -> RunPython:
    """From now on the database itself empties a column of a row when another one, in `by`, changes."""

    async def make_trigger(apps: Any, editor: Any) -> None:
        name, run = f"{table}_{column}_emptied", editor.client.execute_query
        if editor.client.capabilities.dialect == "postgres":
            await run(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" NEW.{column} := ''; RETURN NEW; END $$"
            )
            await run(
                f"CREATE TRIGGER {name} BEFORE UPDATE OF {by} ON {table} FOR EACH ROW"
                f" WHEN (NEW.{by} <> OLD.{by}) EXECUTE FUNCTION {name}()"
            )
            return
        empty = f"{table} SET {column} = '' WHERE id = NEW.id"
        await run(
            f"CREATE TRIGGER {name} AFTER UPDATE OF {by} ON {table} WHEN NEW.{by} <> OLD.{by} BEGIN UPDATE {empty}; END"
        )

    return RunPython(make_trigger)


def ended_with(table: str, when: str, name: str, acts: Sequence[str]) -> RunPython:
    """From now on the database itself does these acts when a row of the table changes so that `when` holds: what
    belongs to it goes with it."""

    async def make_trigger(apps: Any, editor: Any) -> None:
        run, does = editor.client.execute_query, " ".join(f"{act};" for act in acts)
        if editor.client.capabilities.dialect == "postgres":
            await run(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF {when} THEN {does} END IF; RETURN NEW; END $$"
            )
            await run(f"CREATE TRIGGER {name} AFTER UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
            return
        await run(f"CREATE TRIGGER {name} AFTER UPDATE ON {table} WHEN {when} BEGIN {does} END")

    return RunPython(make_trigger)


def never_more(table: str, of: str, owner: str, most: str) -> RunPython:
    """From now on the database itself refuses a row too many of the same owner: `most` of the owner's row says how many
    there are at most, and 0 any number. PostgreSQL holds the owner's row while it counts."""

    async def make_trigger(apps: Any, editor: Any) -> None:
        name, run, too_many = f"{table}_never_more", editor.client.execute_query, f"more rows of {table} than {most}"
        limit = f"(SELECT {most} FROM {owner} WHERE id = NEW.{of})"  # noqa: S608  # ours
        full = f"{limit} BETWEEN 1 AND (SELECT count(*) FROM {table} WHERE {of} = NEW.{of} AND id <> NEW.id)"  # noqa: S608
        if editor.client.capabilities.dialect == "postgres":
            await run(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" PERFORM 1 FROM {owner} WHERE id = NEW.{of} FOR NO KEY UPDATE;"
                f" IF {full} THEN RAISE EXCEPTION '{too_many}'; END IF; RETURN NEW; END $$"
            )
            await run(
                f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OF {of} ON {table} FOR EACH ROW"
                f" EXECUTE FUNCTION {name}()"
            )
            return
        for act in ("INSERT", f"UPDATE OF {of}"):
            await run(
                f"CREATE TRIGGER {name}_{act.lower().replace(' ', '_')} AFTER {act} ON {table} WHEN {full}"
                f" BEGIN SELECT RAISE(ABORT, '{too_many}'); END"
            )

    return RunPython(make_trigger)


def numbered(table: str, owner: str, counter: str) -> RunPython:
    """From now on the database gives a row of the table a higher `version` with each change.

    PostgreSQL takes the number of the transaction, so that nobody waits for a counter: a reader asks for all from the
    oldest that was still under way when it last looked. SQLite, where one writes at a time, counts in the owner's row.
    """

    async def make_trigger(apps: Any, editor: Any) -> None:
        run = editor.client.execute_query
        if editor.client.capabilities.dialect == "postgres":
            await run(
                f"CREATE FUNCTION {table}_version() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " NEW.version := pg_current_xact_id()::text::bigint; RETURN NEW; END $$"
            )
            await run(
                f"CREATE TRIGGER {table}_numbered BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW"
                f" EXECUTE FUNCTION {table}_version()"
            )
            return
        count = f"{owner} SET {counter} = {counter} + 1 WHERE id = NEW.{owner}_id"
        now = f"(SELECT {counter} FROM {owner} WHERE id = NEW.{owner}_id)"  # noqa: S608  # ours
        put = f"{table} SET version = {now} WHERE id = NEW.id"
        for when, on in {"inserted": "INSERT", "updated": "UPDATE"}.items():
            same = "WHEN NEW.version = OLD.version" if on == "UPDATE" else ""  # not of its own change
            await run(
                f"CREATE TRIGGER {table}_{when} AFTER {on} ON {table} {same} BEGIN UPDATE {count}; UPDATE {put}; END"
            )

    return RunPython(make_trigger)
