"""Whoever tampers with the audit log in the database is found out, entry by entry (SE-12)."""

import pytest

from events.accounts.staff import Staff
from events.audit import audit_seal, audit_verify
from events.audit.audit import AuditEntry, AuditReach, AuditSeal
from tests.events.audit.thieves import CUT, CUT_OFF, NOTE_CHANGED, NOTE_GONE, as_a_thief, ten_acts


def gone(entry_id: int) -> str:
    return f"DELETE FROM audit_entry WHERE id = {entry_id}"  # noqa: S608


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
