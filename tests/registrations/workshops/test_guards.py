"""Whoever weakens what the database does of workshops by itself is found out, by its words."""

import pytest

from events.audit import triggers
from events.ground.database import Database, connection, is_postgres, query

TOO_WEAK = "DELETE FROM workshop_choice WHERE registration_id = NEW.id;"


@pytest.mark.parametrize("name", ["workshops_ended", "workshop_place_never_more"])
async def test_one_that_is_gone_is_named(database: Database, name: str) -> None:
    assert await triggers.strange() == []
    table = "registration" if name == "workshops_ended" else "workshop_place"
    gone = name if is_postgres() or name == "workshops_ended" else f"{name}_insert"
    await connection().execute_query(f"DROP TRIGGER {gone}{f' ON {table}' if is_postgres() else ''}")
    assert await triggers.strange() == [f"The trigger {gone} is gone or switched off."]


async def test_one_that_does_less_is_strange(database: Database) -> None:
    if is_postgres():
        [was] = await query("SELECT prosrc FROM pg_proc WHERE proname = 'workshops_ended'")
        less = was["prosrc"].replace(TOO_WEAK, "")
        await connection().execute_query(
            f"CREATE OR REPLACE FUNCTION workshops_ended() RETURNS trigger LANGUAGE plpgsql AS $${less}$$"
        )
    else:
        [was] = await query("SELECT sql FROM sqlite_master WHERE name = 'workshops_ended'")
        await connection().execute_query("DROP TRIGGER workshops_ended")
        await connection().execute_query(was["sql"].replace(TOO_WEAK, ""))
    assert await triggers.strange() == [
        "The trigger workshops_ended on registration is not one of Muster's.",
        "The trigger workshops_ended is gone or switched off.",
    ]
