"""The record is sealed into a chain, and whoever tampers with it in the database is found out, entry by entry.

Rules: SE-12.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit import audit_seal, audit_verify
from events.audit.audit import Action, AuditEntry, AuditReach, AuditSeal
from events.event import Event
from events.ground import keys
from events.ground.database import Database, connection, is_postgres
from tests.conftest import SETTINGS
from tests.people import MONDAY, recorded


async def ten_acts(staff: Staff) -> list[int]:
    """Their numbers."""
    for n in range(10):
        at = MONDAY + timedelta(seconds=n, microseconds=n)
        await recorded(Action.SEARCHED, staff, by=staff, at=at, event_id=n % 3, found=n, ids=[n, 2], whole=True)
    return [entry.id for entry in await AuditEntry.all().order_by("id")]


async def as_a_thief(*statements: str) -> None:
    """Who has the database may take the triggers off first."""
    for table in ("audit_entry", "audit_seal"):
        for act in ("update", "delete"):
            on = f" ON {table}" if is_postgres() else ""
            await connection().execute_query(f"DROP TRIGGER IF EXISTS {table}_no_{act}{on}")
    for statement in statements:
        await connection().execute_query(statement)


def gone(entry_id: int) -> str:
    return f"DELETE FROM audit_entry WHERE id = {entry_id}"  # noqa: S608


async def test_a_whole_record_verifies(omar: Staff) -> None:
    ids = await ten_acts(omar)
    assert await audit_seal.head() is None
    assert await audit_seal.seal_all() == ids[-1]
    assert await AuditSeal.all().order_by("sequence").values_list("sequence", "entry_id") == list(
        zip(range(1, 11), ids, strict=True)
    )
    assert await audit_verify.verify() == []


async def test_sealing_again_seals_only_what_is_new(omar: Staff) -> None:
    await ten_acts(omar)
    await audit_seal.seal_all()
    assert await audit_seal.seal_all() == 0
    await ten_acts(omar)
    await audit_seal.seal_all()
    assert await AuditSeal.all().count() == 20
    assert await audit_verify.verify() == []


async def test_a_seal_holds_the_one_before_it(omar: Staff) -> None:
    """Else the links would be no chain: each could be kept while those before it are made anew."""
    await ten_acts(omar)
    await audit_seal.seal_all()
    entry, before = await AuditEntry.get(id=(await AuditSeal.get(sequence=5)).entry_id), await AuditSeal.get(sequence=4)
    assert audit_seal.macs(5, entry, before.mac) == [(await AuditSeal.get(sequence=5)).mac]
    assert audit_seal.macs(5, entry, "0" * 64) != audit_seal.macs(5, entry, before.mac)


CHANGES = {
    "actor": "UPDATE audit_entry SET actor = 'staff:99' WHERE id = {id}",
    "action": "UPDATE audit_entry SET action = 'approved' WHERE id = {id}",
    "details": "UPDATE audit_entry SET details = '{{}}' WHERE id = {id}",
    "time": "UPDATE audit_entry SET at = '2019-04-09 08:00:00+00:00' WHERE id = {id}",
    "subject": "UPDATE audit_entry SET subject = '' WHERE id = {id}",
    "event": "UPDATE audit_entry SET event_id = NULL WHERE id = {id}",
    "source": "UPDATE audit_entry SET source = 'elsewhere' WHERE id = {id}",
    "vouching": "UPDATE audit_entry SET vouches = 'another' WHERE id = {id}",
    "head": "UPDATE audit_entry SET written_after = '' WHERE id = {id}",
}


@pytest.mark.parametrize("what", CHANGES)
async def test_a_changed_entry_is_named(omar: Staff, what: str) -> None:
    ids = await ten_acts(omar)
    await audit_seal.seal_all()
    await as_a_thief(CHANGES[what].format(id=ids[4]))
    assert await audit_verify.verify() == [f"Entry {ids[4]} was changed (seal 5)."]


@pytest.mark.parametrize("mac", ["é", "", "0" * 64])
async def test_a_changed_seal_is_named_whatever_stands_in_it(omar: Staff, mac: str) -> None:
    ids = await ten_acts(omar)
    await audit_seal.seal_all()
    await as_a_thief(f"UPDATE audit_seal SET mac = '{mac}' WHERE sequence = 5")  # noqa: S608
    assert (await audit_verify.verify())[0] == f"The seal of entry {ids[4]} was changed or moved (seal 5)."


async def test_a_removed_entry_is_named(omar: Staff) -> None:
    ids = await ten_acts(omar)
    await audit_seal.seal_all()
    await as_a_thief(gone(ids[4]))
    assert await audit_verify.verify() == [f"Entry {ids[4]} was removed (seal 5)."]


async def test_an_entry_removed_with_its_seal_leaves_a_gap(omar: Staff) -> None:
    ids = await ten_acts(omar)
    await audit_seal.seal_all()
    await as_a_thief(
        gone(ids[4]),
        "DELETE FROM audit_seal WHERE sequence = 5",
    )
    assert await audit_verify.verify() == ["Seal 5 removed, with the entries that they sealed."]


async def test_closing_the_gap_by_hand_is_found_out(omar: Staff) -> None:
    ids = await ten_acts(omar)
    await audit_seal.seal_all()
    await as_a_thief(
        gone(ids[8]),
        "DELETE FROM audit_seal WHERE sequence = 9",
        "UPDATE audit_seal SET sequence = 9 WHERE sequence = 10",
    )
    assert await audit_verify.verify() == [
        f"The seal of entry {ids[9]} was changed or moved (seal 9).",
        "Seal 10 was cut off: Muster had noted it as the newest.",
    ]


INSERT = (
    "INSERT INTO audit_entry (at, actor, action, event_id, subject, details, mark, written_after, vouches, source) "
    "SELECT at, 'staff:99', action, event_id, subject, details, '{mark}', written_after, vouches, source "
    "FROM audit_entry WHERE id = {id}"
)


@pytest.mark.parametrize("sealed", [True, False], ids=["sealed by the server", "not sealed yet"])
async def test_an_entry_that_we_did_not_write_is_named_though_the_server_sealed_it(omar: Staff, sealed: bool) -> None:
    ids = await ten_acts(omar)
    await audit_seal.seal_all()
    await as_a_thief(INSERT.format(mark="0" * 40, id=ids[0]))
    if sealed:
        await audit_seal.seal_all()
    foreign = (await AuditEntry.get(actor="staff:99")).id
    yet = "" if sealed else " It has no seal yet."
    assert await audit_verify.verify() == [f"Entry {foreign} was inserted: Muster did not write it.{yet}"]


COPY = (
    "INSERT INTO audit_entry (at, actor, action, event_id, subject, details, mark, written_after, vouches, source) "
    "SELECT at, actor, action, event_id, subject, details, mark, written_after, vouches, source "
    "FROM audit_entry WHERE id = {id}"
)


@pytest.mark.parametrize("sealed", [True, False], ids=["sealed by the server", "not sealed yet"])
async def test_a_copy_of_a_real_entry_is_named(omar: Staff, sealed: bool) -> None:
    ids = await ten_acts(omar)
    await audit_seal.seal_all()
    await as_a_thief("DROP INDEX one_entry_a_mark", COPY.format(id=ids[2]))
    if sealed:
        await audit_seal.seal_all()
    [copy] = await AuditEntry.all().order_by("-id").limit(1).values_list("id", flat=True)
    assert await audit_verify.verify() == [f"Entry {copy} is a copy of entry {ids[2]}: Muster did not write it."]


def told_by(entry: int, more: int, seal: int) -> str:
    lost = f"written when seal {seal} stood. It is gone or was made anew, and others with it."
    return f"Entry {entry} and {more} more were {lost}"


CUT_OFF = "Seals 8 to 10 were cut off: Muster had noted 10 as the newest."
CUT = ("DELETE FROM audit_seal WHERE sequence > 7",)


async def test_the_newest_cut_off_shows_by_itself_and_against_a_head_noted_earlier(omar: Staff) -> None:
    ids = await ten_acts(omar)
    await audit_seal.seal_all()
    noted = str(await audit_seal.head())
    assert await audit_verify.verify(noted) == []
    await as_a_thief(*(gone(id_) for id_ in ids[7:]), *CUT)
    lost = f"The head noted earlier, {noted}, is not in the chain: it was cut off or made anew."
    assert await audit_verify.verify() == [CUT_OFF]
    assert await audit_verify.verify(noted) == [lost, CUT_OFF]


async def test_who_puts_back_an_older_copy_of_everything_shows_only_against_a_head_noted_elsewhere(omar: Staff) -> None:
    first = await ten_acts(omar)
    await audit_seal.seal_all()
    old = await AuditReach.get()
    await ten_acts(omar)
    await audit_seal.seal_all()
    noted = str(await audit_seal.head())
    await as_a_thief(
        f"DELETE FROM audit_entry WHERE id > {first[-1]}",  # noqa: S608
        "DELETE FROM audit_seal WHERE sequence > 10",
        f"UPDATE audit_reach SET sequence = 10, mac = '{old.mac}', proof = '{old.proof}'",  # noqa: S608
    )
    assert await audit_verify.verify() == []  # the database alone cannot know
    lost = f"The head noted earlier, {noted}, is not in the chain: it was cut off or made anew."
    assert await audit_verify.verify(noted) == [lost]
    await ten_acts(omar)
    await audit_seal.seal_all()
    assert await audit_verify.verify(noted) == [lost]


async def test_an_entry_taken_out_with_all_later_seals_is_noticed_and_not_sealed_over(omar: Staff) -> None:
    ids = await ten_acts(omar)
    await audit_seal.seal_all()
    await as_a_thief(*CUT, gone(ids[8]))
    with pytest.raises(audit_seal.Damaged, match=CUT_OFF):
        await audit_seal.seal_all()
    assert await AuditSeal.all().count() == 7
    assert await audit_verify.verify() == [CUT_OFF]


async def test_all_seals_gone_with_an_entry_is_noticed(omar: Staff) -> None:
    ids = await ten_acts(omar)
    await audit_seal.seal_all()
    await as_a_thief("DELETE FROM audit_seal", gone(ids[3]))
    with pytest.raises(audit_seal.Damaged):
        await audit_seal.seal_all()
    assert await audit_verify.verify() == ["Seals 1 to 10 were cut off: Muster had noted 10 as the newest."]


NOTE_GONE = "The note of the newest seal was removed."
NOTE_CHANGED = "The note of the newest seal was changed."


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM audit_reach", NOTE_GONE),
        ("UPDATE audit_reach SET sequence = 7", NOTE_CHANGED),
        ("UPDATE audit_reach SET mac = (SELECT mac FROM audit_seal WHERE sequence = 7), sequence = 7", NOTE_CHANGED),
        ("INSERT INTO audit_seal (sequence, entry_id, mac) VALUES (11, 999, 'x')",
         "Entry 999 was removed (seal 11).|The seals after 10 were not made by Muster, or its note is an older one."),
    ],
)  # fmt: skip
async def test_the_note_of_the_newest_seal_cannot_be_moved_without_the_key(
    omar: Staff, statement: str, fault: str
) -> None:
    await ten_acts(omar)
    await audit_seal.seal_all()
    await as_a_thief(statement)
    assert await audit_verify.verify() == fault.split("|")


async def test_later_entries_tell_of_seals_that_are_gone_with_their_note(omar: Staff) -> None:
    """Each entry holds, under its mark, the head that stood when it was written."""
    await ten_acts(omar)
    await audit_seal.seal_all()
    ids = await ten_acts(omar)
    await as_a_thief("DELETE FROM audit_seal", "DELETE FROM audit_reach", gone(ids[0]))
    told = told_by(ids[10], 9, 10)
    assert await audit_verify.verify() == [told]
    with pytest.raises(audit_seal.Damaged, match="seal 10"):
        await audit_seal.seal_all()


async def test_later_entries_tell_of_an_older_note_put_back(omar: Staff) -> None:
    await ten_acts(omar)
    await audit_seal.seal_all()
    old = await AuditReach.get()
    second = await ten_acts(omar)
    await audit_seal.seal_all()
    third = await ten_acts(omar)
    await audit_seal.seal_all()
    await as_a_thief(
        gone(second[14]),
        "DELETE FROM audit_seal WHERE sequence > 10",
        f"UPDATE audit_reach SET sequence = 10, mac = '{old.mac}', proof = '{old.proof}'",  # noqa: S608
    )
    assert await audit_verify.verify() == [told_by(third[20], 9, 20)]


async def test_rows_put_back_from_a_backup_heal_the_record(omar: Staff) -> None:
    await ten_acts(omar)
    await audit_seal.seal_all()
    kept = await AuditSeal.filter(sequence__gt=7)
    await as_a_thief(*CUT)
    assert await audit_verify.verify() == [CUT_OFF]
    await AuditSeal.bulk_create(kept)
    await ten_acts(omar)
    await audit_seal.seal_all()
    assert await audit_verify.verify() == []


async def test_nothing_is_sealed_once_the_note_was_removed_whatever_the_newest_entry_says(omar: Staff) -> None:
    ids = await ten_acts(omar)
    await audit_seal.seal_all()
    await as_a_thief("DELETE FROM audit_reach", f"UPDATE audit_entry SET written_after = '' WHERE id = {ids[-1]}")  # noqa: S608
    with pytest.raises(audit_seal.Damaged, match=NOTE_GONE):
        await audit_seal.seal_all()


async def test_an_earlier_head_still_verifies_when_the_chain_has_grown(omar: Staff) -> None:
    await ten_acts(omar)
    await audit_seal.seal_all()
    noted = await audit_seal.head()
    assert noted is not None
    assert (noted.sequence, noted.at) == (10, MONDAY + timedelta(seconds=9, microseconds=9))
    await ten_acts(omar)
    await audit_seal.seal_all()
    assert await audit_verify.verify(str(noted)) == []


async def test_two_sealers_at_once_make_one_chain(omar: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_seal, "BATCH", 3)
    ids = [*await ten_acts(omar), *await ten_acts(omar)]
    await asyncio.gather(*(audit_seal.seal_all() for _ in range(4)))
    seals = await AuditSeal.all().order_by("sequence")
    assert [seal.sequence for seal in seals] == list(range(1, 21))
    assert sorted(seal.entry_id for seal in seals) == sorted(set(ids))
    assert await audit_verify.verify() == []


async def test_a_new_key_leaves_the_old_seals_good(omar: Staff) -> None:
    await ten_acts(omar)
    await audit_seal.seal_all()
    keys.install(keys.Keyring([keys.new_key(), SETTINGS.key.get_secret_value()]))
    await ten_acts(omar)
    await audit_seal.seal_all()
    assert await audit_verify.verify() == []
    keys.install(keys.Keyring([keys.new_key()]))
    assert (await audit_verify.verify())[20:] == [NOTE_CHANGED]


async def test_the_turn_seals_within_a_second_and_the_last_ones_when_it_stops(omar: Staff, event: Event) -> None:
    stop = asyncio.Event()
    turn = asyncio.create_task(audit_seal.run(stop))
    ids = await ten_acts(omar)
    await until(lambda: AuditSeal.filter(entry_id=ids[-1]).exists())
    await recorded(Action.EVENT_OPENED, event, by=omar, at=MONDAY)
    stop.set()
    await asyncio.wait_for(turn, 2)
    assert await AuditSeal.all().count() == 11
    assert await audit_verify.verify() == []


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(100):
        if await true():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


async def test_a_database_that_is_away_ends_nothing(database: Database, omar: Staff) -> None:
    stop = asyncio.Event()
    await as_a_thief("ALTER TABLE audit_reach RENAME TO away")
    turn = asyncio.create_task(audit_seal.run(stop))
    await ten_acts(omar)
    await asyncio.sleep(0.1)
    assert not turn.done()
    await connection().execute_query("ALTER TABLE away RENAME TO audit_reach")
    stop.set()
    await asyncio.wait_for(turn, 2)
    assert await AuditSeal.all().count() == 10


async def test_the_turn_raises_an_alarm_over_a_cut_and_seals_on_once_the_rows_are_back(omar: Staff) -> None:
    """It remembers what it saw last, so that not even an older copy of the note would help."""
    await ten_acts(omar)
    await audit_seal.seal_all()
    kept = await AuditSeal.filter(sequence__gt=7)
    stop = asyncio.Event()
    turn = asyncio.create_task(audit_seal.run(stop))
    await asyncio.sleep(0.1)
    assert audit_seal.trouble() == ""
    await as_a_thief(*CUT)
    await ten_acts(omar)
    await until(lambda: said("Seal 10 stood a moment ago, and is gone or was made anew."))
    assert await AuditSeal.all().count() == 7
    await AuditSeal.bulk_create(kept)
    await ten_acts(omar)
    await until(lambda: said(""))
    stop.set()
    await asyncio.wait_for(turn, 2)
    assert (await audit_verify.verify(), (await AuditReach.get()).sequence) == ([], 30)


async def said(words: str) -> bool:
    return audit_seal.trouble() == words
