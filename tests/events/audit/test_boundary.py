"""Who has the database and no key makes no boundary, and nothing above one goes unseen (SE-12)."""

import asyncpg
import pytest
from tortoise.exceptions import BaseORMException

from events.accounts.staff import Staff
from events.audit import audit_seal, audit_verify, boundary, triggers
from events.audit.action import Action
from events.audit.audit import AuditEntry, unvouched
from events.audit.seal import AuditBoundary, AuditSeal
from events.ground.database import Database, connection, is_postgres, query
from tests.events.audit.thieves import as_a_thief
from tests.events.audit.years import a_year, acts, forget
from tests.people import MONDAY, recorded

FALSE = boundary.FALSE


@pytest.fixture
async def kept(lena: Staff, omar: Staff) -> list[int]:
    """A log that begins after seal 6; the numbers of its entries from 7 on."""
    await a_year(lena, omar)
    await forget()
    await audit_seal.seal_all()
    unvouched().clear()
    assert await audit_verify.verify() == [], "the control"
    return [entry.id for entry in await AuditEntry.all().order_by("id")]


def gone(*ids: int) -> str:
    return f"DELETE FROM audit_entry WHERE id IN ({', '.join(map(str, ids))})"  # noqa: S608


GAPS = {
    "the first entry that is kept": ("DELETE FROM audit_entry WHERE id = 7", ["Entry 7 was removed (seal 7)."]),
    "the first one with its seal": (
        "DELETE FROM audit_entry WHERE id = 7; DELETE FROM audit_seal WHERE sequence = 7",
        ["Seal 7 removed, with the entries that they sealed."],
    ),
    "several at the beginning": (
        "DELETE FROM audit_entry WHERE id < 11; DELETE FROM audit_seal WHERE sequence < 11",
        ["Seals 7 to 10 removed, with the entries that they sealed."],
    ),
    "one in the middle": (
        "DELETE FROM audit_entry WHERE id = 12; DELETE FROM audit_seal WHERE sequence = 12",
        ["Seal 12 removed, with the entries that they sealed."],
    ),
    "the newest": (
        "DELETE FROM audit_seal WHERE sequence = 17",
        ["Seal 17 was cut off: Muster had noted it as the newest."],
    ),
    "the boundary": ("DELETE FROM audit_boundary", ["Seals 1 to 6 removed, with the entries that they sealed."]),
}


@pytest.mark.parametrize("what", GAPS)
async def test_a_gap_above_the_boundary_is_found_as_before(kept: list[int], what: str) -> None:
    statements, faults = GAPS[what]
    await as_a_thief(*statements.split("; "))
    assert await audit_verify.verify() == faults


async def test_an_entry_above_it_that_was_never_sealed_is_missed(kept: list[int], lena: Staff, omar: Staff) -> None:
    await acts(lena, on=371)
    newest = await AuditEntry.all().order_by("-id").first()
    await acts(omar, on=371)
    assert newest is not None
    await as_a_thief(gone(newest.id))
    assert await audit_seal.taken_out() == audit_seal.TAKEN_OUT.format(1)
    await audit_seal.seal_all()
    assert await audit_verify.verify() == [
        f"An entry was taken out before the seal was made: entry {newest.id + 1} was written after, and vouches."
    ]


MOVED = [
    "UPDATE audit_boundary SET sequence = 9",
    "UPDATE audit_boundary SET sequence = 9, mac = (SELECT mac FROM audit_seal WHERE sequence = 9)",
    "UPDATE audit_boundary SET entry_id = 9",
    "UPDATE audit_boundary SET proof = ''",
]


@pytest.mark.parametrize("statement", MOVED)
async def test_a_boundary_moved_without_the_key_counts_as_none_and_stops_sealing_and_deleting(
    kept: list[int], omar: Staff, statement: str
) -> None:
    await as_a_thief(statement, gone(7, 8, 9), "DELETE FROM audit_seal WHERE sequence < 10")
    assert (await audit_verify.verify())[:2] == [FALSE, "Seals 1 to 9 removed, with the entries that they sealed."]
    await acts(omar, on=371)
    for work in (audit_seal.seal_all(), forget(1000)):
        with pytest.raises(audit_seal.Damaged, match=FALSE):
            await work


async def test_an_older_boundary_put_back_leaves_a_gap(lena: Staff, omar: Staff) -> None:
    await a_year(lena, omar)
    await forget()
    old = await AuditBoundary.get()
    await forget(367)
    await audit_seal.seal_all()
    await as_a_thief(f"UPDATE audit_boundary SET sequence = 6, mac = '{old.mac}', entry_id = 6, proof = '{old.proof}'")  # noqa: S608
    assert (await audit_verify.verify())[0] == "Seals 7 to 12 removed, with the entries that they sealed."
    await acts(omar, on=371)
    with pytest.raises(audit_seal.Damaged, match="begins at seal 13, and no boundary"):
        await audit_seal.seal_all()


async def test_what_is_put_back_below_it_is_named(kept: list[int]) -> None:
    await as_a_thief("INSERT INTO audit_seal (sequence, entry_id, mac) VALUES (3, 999, 'x')")
    assert await audit_verify.verify() == [
        "Seals up to 6 stand there again. They were deleted, since their time was over: somebody put them back."
    ]


async def test_the_first_seals_gone_before_anything_was_ever_deleted_stop_the_sealing(lena: Staff) -> None:
    await acts(lena, number=5)
    await audit_seal.seal_all()
    await as_a_thief("DELETE FROM audit_seal WHERE sequence < 3", gone(1, 2))
    await acts(lena)
    with pytest.raises(audit_seal.Damaged, match="begins at seal 3, and no boundary"):
        await audit_seal.seal_all()


TAMPERED = {
    "an act of yesterday made old": "UPDATE audit_entry SET at = '2018-01-01 00:00:00+00:00' WHERE id IN (9, 10)",
    "an entry taken out": "DELETE FROM audit_entry WHERE id = 9",
    "entry and seal taken out": "DELETE FROM audit_entry WHERE id = 9; DELETE FROM audit_seal WHERE sequence = 9",
    "a seal changed": "UPDATE audit_seal SET mac = 'x' WHERE sequence = 9",
    "seals renumbered": "UPDATE audit_seal SET sequence = sequence + 100 WHERE sequence > 8",
}


@pytest.mark.parametrize("what", TAMPERED)
async def test_nothing_is_deleted_from_where_somebody_tampered_with_it(lena: Staff, omar: Staff, what: str) -> None:
    """Or who has no key could have Muster delete what it must keep, and with it what they did."""
    await a_year(lena, omar)
    await as_a_thief(*TAMPERED[what].split("; "))
    with pytest.raises(audit_seal.Damaged, match=r"they are not whole.*The first is seal 9"):
        await forget(1000)
    assert (await boundary.standing())[:1] == (8,)
    assert await AuditEntry.filter(id__lte=8).count() == 0


async def test_an_entry_that_somebody_wrote_and_the_server_sealed_is_not_deleted_either(lena: Staff) -> None:
    await acts(lena, number=2)
    await as_a_thief(
        "INSERT INTO audit_entry (at, actor, action, subject, details, mark, written_after, source, vouches) SELECT at,"
        " actor, action, subject, details, 'theirs', written_after, source, vouches FROM audit_entry WHERE id = 1"
    )
    await audit_seal.seal_all()
    await acts(lena, on=370)
    await audit_seal.seal_all()
    with pytest.raises(audit_seal.Damaged, match="The first is seal 3"):
        await forget()
    assert await AuditEntry.filter(mark="theirs").exists()


REFUSED = (BaseORMException, asyncpg.PostgresError)


async def test_the_database_lets_go_what_lies_at_the_boundary_or_below_and_nothing_else(
    lena: Staff, omar: Staff
) -> None:
    await a_year(lena, omar)
    await recorded(Action.SEARCHED, lena, by=lena, at=MONDAY)  # has no seal yet
    mac = (await AuditSeal.get(sequence=6)).mac
    await query("INSERT INTO audit_boundary (id, sequence, mac, entry_id, proof) VALUES (1, 6, ?, 6, '')", [mac])
    for table, above in {"audit_entry": "id > 6", "audit_seal": "sequence > 6"}.items():
        for number in range(7, 18 if table == "audit_entry" else 17):
            with pytest.raises(REFUSED, match="never changed"):
                await query(f"DELETE FROM {table} WHERE {above.split()[0]} = {number}")  # noqa: S608
        with pytest.raises(REFUSED, match="never changed"):
            await query(f"UPDATE {table} SET id = id + 100 WHERE {above.replace('>', '<=')}")  # noqa: S608
    for number in range(1, 7):
        await query(f"DELETE FROM audit_entry WHERE id = {number}")  # noqa: S608
        await query(f"DELETE FROM audit_seal WHERE sequence = {number}")  # noqa: S608
    assert [await AuditEntry.all().count(), await AuditSeal.all().count()] == [11, 10]


ENTRY, SEAL = "audit_entry_no_delete", "audit_seal_no_delete"
RUNS = "FOR EACH ROW EXECUTE FUNCTION"
WEAKER = {
    "sqlite": [
        (ENTRY, "CREATE TRIGGER {name} BEFORE DELETE ON audit_entry WHEN 0 BEGIN SELECT RAISE(ABORT, {no}); END"),
        (SEAL, "CREATE TRIGGER {name} BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT, {no}); END"),
        (ENTRY, "CREATE TRIGGER {name} BEFORE UPDATE ON audit_entry BEGIN SELECT RAISE(ABORT, {no}); END"),
    ],
    "postgres": [
        (ENTRY, "CREATE TRIGGER {name} BEFORE DELETE ON audit_entry FOR EACH ROW WHEN (1=0) EXECUTE FUNCTION {name}()"),
        (ENTRY, f"CREATE TRIGGER {{name}} BEFORE DELETE ON audit_entry {RUNS} audit_seal_no_delete()"),
        (SEAL, f"CREATE TRIGGER {{name}} AFTER DELETE ON audit_seal {RUNS} insert_only()"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("number", range(3))
async def test_a_guard_that_was_made_weaker_is_named(database: Database, number: int) -> None:
    assert await triggers.strange() == []
    name, weaker = WEAKER["postgres" if is_postgres() else "sqlite"][number]
    await connection().execute_query(f"DROP TRIGGER {name}" + (f" ON {name[:-10]}" if is_postgres() else ""))
    await connection().execute_query(weaker.format(name=name, no=triggers.REFUSES))
    said = await triggers.strange()
    assert [sentence.partition(" on ")[0] for sentence in said] == [
        f"The trigger {name}",
        f"The trigger {name} is gone or switched off.",
    ]
