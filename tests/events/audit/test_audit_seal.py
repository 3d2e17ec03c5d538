"""The audit log is sealed into a chain that goes on over restarts, new keys and lost databases."""

import asyncio
from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from events.accounts.staff import Staff
from events.audit import audit_seal, audit_verify
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.audit.seal import AuditReach, AuditSeal
from events.event import Event
from events.ground import keys
from events.ground.database import Database, connection
from tests.conftest import SETTINGS
from tests.events.audit.thieves import CUT, CUT_OFF, NOTE_CHANGED, NOTE_GONE, as_a_thief, sealed_acts, ten_acts
from tests.people import MONDAY, recorded
from tests.waiting import WITHIN, until


async def test_a_whole_record_verifies(omar: Staff) -> None:
    ids = await ten_acts(omar)
    assert await audit_seal.head() is None
    assert await audit_seal.seal_all() == ids[-1]
    assert await AuditSeal.all().order_by("sequence").values_list("sequence", "entry_id") == list(
        zip(range(1, 11), ids, strict=True)
    )
    assert await audit_verify.verify() == []


async def test_sealing_again_seals_only_what_is_new(omar: Staff) -> None:
    await sealed_acts(omar)
    assert await audit_seal.seal_all() == 0
    await sealed_acts(omar)
    assert await AuditSeal.all().count() == 20
    assert await audit_verify.verify() == []


async def test_a_seal_holds_the_one_before_it(omar: Staff) -> None:
    """Else the links would be no chain: each could be kept while those before it are made anew."""
    await sealed_acts(omar)
    entry, before = await AuditEntry.get(id=(await AuditSeal.get(sequence=5)).entry_id), await AuditSeal.get(sequence=4)
    assert audit_seal.macs(5, entry, before.mac) == [(await AuditSeal.get(sequence=5)).mac]
    assert audit_seal.macs(5, entry, "0" * 64) != audit_seal.macs(5, entry, before.mac)


async def test_rows_put_back_from_a_backup_heal_the_record(omar: Staff) -> None:
    await sealed_acts(omar)
    kept = await AuditSeal.filter(sequence__gt=7)
    await as_a_thief(*CUT)
    assert await audit_verify.verify() == [CUT_OFF]
    await AuditSeal.bulk_create(kept)
    await sealed_acts(omar)
    assert await audit_verify.verify() == []


async def test_nothing_is_sealed_once_the_note_was_removed_whatever_the_newest_entry_says(omar: Staff) -> None:
    ids = await sealed_acts(omar)
    await as_a_thief("DELETE FROM audit_reach", f"UPDATE audit_entry SET written_after = '' WHERE id = {ids[-1]}")  # noqa: S608
    with pytest.raises(audit_seal.Damaged, match=NOTE_GONE):
        await audit_seal.seal_all()


async def test_an_earlier_head_still_verifies_when_the_chain_has_grown(omar: Staff) -> None:
    await sealed_acts(omar)
    noted = await audit_seal.head()
    assert noted is not None
    assert (noted.sequence, noted.at) == (10, MONDAY + timedelta(seconds=9, microseconds=9))
    await sealed_acts(omar)
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
    await sealed_acts(omar)
    keys.install(keys.Keyring([keys.new_key(), SETTINGS.key.get_secret_value()]))
    await sealed_acts(omar)
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
    await asyncio.wait_for(turn, audit_seal.LOOK_SECONDS / 2)
    assert await AuditSeal.all().count() == 11
    assert await audit_verify.verify() == []


async def logged(lines: list[MutableMapping[str, Any]], event: str) -> bool:
    return any(line["event"] == event for line in lines)


async def test_a_database_that_is_away_ends_nothing(database: Database, omar: Staff) -> None:
    stop = asyncio.Event()
    await as_a_thief("ALTER TABLE audit_reach RENAME TO away")
    await ten_acts(omar)
    with capture_logs() as lines:
        turn = asyncio.create_task(audit_seal.run(stop))
        await until(lambda: logged(lines, "audit not sealed"))
    assert not turn.done()
    await connection().execute_query("ALTER TABLE away RENAME TO audit_reach")
    stop.set()
    await asyncio.wait_for(turn, audit_seal.LOOK_SECONDS / 2)
    assert await AuditSeal.all().count() == 10


async def test_the_turn_raises_an_alarm_over_a_cut_and_seals_on_once_the_rows_are_back(
    omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It remembers what it saw last, so that not even an older copy of the note would help."""
    await sealed_acts(omar)
    kept = await AuditSeal.filter(sequence__gt=7)
    stop = asyncio.Event()
    looked, alarm = asyncio.Event(), audit_seal._alarm

    def ends_a_look(sentence: str) -> None:
        alarm(sentence)
        looked.set()

    monkeypatch.setattr(audit_seal, "_alarm", ends_a_look)
    turn = asyncio.create_task(audit_seal.run(stop))
    await asyncio.wait_for(looked.wait(), WITHIN)
    assert audit_seal.trouble() == ""
    await as_a_thief(*CUT)
    await ten_acts(omar)
    await until(lambda: said(f"Seal 10 stood a moment ago, and is gone or was made anew. {audit_seal.STOPPED}"))
    assert await AuditSeal.all().count() == 7
    await AuditSeal.bulk_create(kept)
    await ten_acts(omar)
    await until(lambda: said(""))
    stop.set()
    await asyncio.wait_for(turn, audit_seal.LOOK_SECONDS / 2)
    assert (await audit_verify.verify(), (await AuditReach.get()).sequence) == ([], 30)


async def said(words: str) -> bool:
    return audit_seal.trouble() == words
