"""Entries that are taken out as they are written, by a trigger that somebody put into the database, are missed."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.audit import audit, audit_seal, audit_verify, triggers
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.ground import live
from events.ground.database import Database, connection, is_postgres, run_tx
from tests.people import MONDAY, recorded
from tests.waiting import until


async def acts(staff: Staff, number: int) -> None:
    for n in range(number):
        await recorded(Action.SEARCHED, staff, by=staff, at=MONDAY, event_id=1, found=n)


async def plant(actor: str) -> None:
    """A trigger that takes out whatever this actor does."""
    drop = "DROP TRIGGER audit_entry_no_delete" + (" ON audit_entry" if is_postgres() else "")
    gone = f"DELETE FROM audit_entry WHERE actor = '{actor}'"  # noqa: S608
    await connection().execute_query(drop)
    if is_postgres():
        await connection().execute_query(
            f"CREATE FUNCTION hides() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {gone}; RETURN NULL; END $$"
        )
        body = "FOR EACH ROW EXECUTE FUNCTION hides()"
    else:
        body = f"BEGIN {gone}; END"
    await connection().execute_query(f"CREATE TRIGGER hiding AFTER INSERT ON audit_entry {body}")


async def test_what_a_trigger_takes_out_is_missed_by_verify_whoever_acts_next(lena: Staff, omar: Staff) -> None:
    await acts(lena, 3)
    await plant(omar.actor)
    await acts(omar, 2)
    await acts(lena, 2)
    await audit_seal.seal_all()
    first = (await AuditEntry.all().order_by("-id"))[1].id  # of another person: who is taken out vouches for nothing
    assert await audit_verify.verify() == [
        f"2 entries were taken out before the seal was made: entry {first} was written after, and vouches."
    ]


async def test_nothing_is_missed_where_nothing_was_taken_out(lena: Staff, omar: Staff) -> None:
    await asyncio.gather(acts(lena, 20), acts(omar, 20))
    await audit_seal.seal_all()
    assert (await audit_verify.verify(), await audit_seal.taken_out()) == ([], "")


async def test_what_was_rolled_back_is_not_missed(lena: Staff) -> None:
    @run_tx
    async def begun() -> None:
        await acts(lena, 2)
        raise ValueError

    await acts(lena, 1)
    with suppress(ValueError):
        await begun()
    await acts(lena, 2)
    await audit_seal.seal_all()
    assert await AuditEntry.all().count() == 3
    assert (await audit_verify.verify(), await audit_seal.taken_out()) == ([], "")


async def test_the_newest_of_all_is_missed_by_the_process_that_wrote_it(lena: Staff, omar: Staff) -> None:
    await acts(lena, 1)
    await plant(omar.actor)
    await acts(omar, 1)
    assert await audit_seal.taken_out() == audit_seal.TAKEN_OUT.format(1)


async def trouble() -> bool:
    return bool(audit_seal.trouble())


async def test_a_running_server_says_so_and_goes_on_sealing(lena: Staff, omar: Staff) -> None:
    stop = asyncio.Event()
    await plant(omar.actor)
    await acts(omar, 1)
    await acts(lena, 1)
    sealing = asyncio.create_task(audit_seal.run(stop))
    await until(trouble)
    said = audit_seal.trouble()
    stop.set()
    live.hub().publish("audit")
    await sealing
    assert said == audit_seal.TAKEN_OUT.format(1)
    assert await audit_seal.head() is not None


async def test_what_a_running_server_seals_while_it_is_looked_for_is_not_missed(
    lena: Staff, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the chain and what waits for its seal: one entry has got it, and the next vouches for it."""
    await acts(lena, 1)
    standing_now = audit_seal.standing_now

    async def meanwhile() -> dict[str, Any]:
        monkeypatch.setattr(audit_seal, "standing_now", standing_now)
        await audit_seal.seal_all()
        await acts(omar, 1)
        return await standing_now()

    monkeypatch.setattr(audit_seal, "standing_now", meanwhile)
    assert await audit_verify.verify() == []


async def test_a_strange_trigger_is_named_and_one_of_ours_that_is_gone(database: Database) -> None:
    assert await triggers.strange() == []
    await plant("staff:1")
    assert await triggers.strange() == [
        "The trigger hiding on audit_entry is not one of Muster's.",
        "The trigger audit_entry_no_delete is gone or switched off.",
    ]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_trigger_that_is_switched_off_and_a_rule_are_named(database: Database) -> None:
    await connection().execute_query("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_no_update")
    await connection().execute_query("CREATE RULE quiet AS ON INSERT TO audit_entry DO INSTEAD NOTHING")
    assert await triggers.strange() == [
        "The trigger quiet on audit_entry is not one of Muster's.",
        "The trigger audit_entry_no_update is gone or switched off.",
    ]


async def test_entries_of_one_act_vouch_for_others_between_them(lena: Staff, omar: Staff) -> None:
    """Written in one statement, in order; what one of them vouches for the next need not."""
    await acts(lena, 20)
    both = [(Action.SEARCHED, omar, {"found": 1}), (Action.LISTED, omar, {"found": 2})]
    first, second = await run_tx(audit.record_all)(both, by=omar, at=MONDAY, event_id=1)
    theirs = [f"{entry.id}:{entry.mark}" for entry in await AuditEntry.filter(actor=lena.actor).order_by("id")]
    assert [first.vouches.split(), second.vouches.split()] == [theirs[:8], theirs[8:16]]
    rows = await AuditEntry.filter(actor=omar.actor).order_by("id")
    assert [(row.id, row.action, row.details, row.event_id) for row in rows] == [
        (first.id, Action.SEARCHED, {"found": 1}, 1),
        (second.id, Action.LISTED, {"found": 2}, 1),
    ]
    await acts(lena, 1)
    await acts(omar, 1)
    assert len((await AuditEntry.all().order_by("-id").first()).vouches.split()) == 5  # type: ignore[union-attr]
    await audit_seal.seal_all()
    assert await audit_verify.verify() == []
