"""Whoever tampers with the audit log in the database is found out, entry by entry (SE-12)."""

import pytest

from events.accounts.staff import Staff
from events.audit import audit_seal, audit_verify
from events.audit.audit import AuditEntry
from events.audit.seal import AuditReach, AuditSeal
from tests.events.audit.thieves import CUT, CUT_OFF, NOTE_CHANGED, NOTE_GONE, as_a_thief, sealed_acts, ten_acts


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
    ids = await sealed_acts(omar)
    await as_a_thief(CHANGES[what].format(id=ids[4]))
    assert await audit_verify.verify() == [f"Entry {ids[4]} was changed (seal 5)."]


@pytest.mark.parametrize("mac", ["é", "", "0" * 64])
async def test_a_changed_seal_is_named_whatever_stands_in_it(omar: Staff, mac: str) -> None:
    ids = await sealed_acts(omar)
    await as_a_thief(f"UPDATE audit_seal SET mac = '{mac}' WHERE sequence = 5")  # noqa: S608
    assert (await audit_verify.verify())[0] == f"The seal of entry {ids[4]} was changed or moved (seal 5)."


async def test_a_removed_entry_is_named(omar: Staff) -> None:
    ids = await sealed_acts(omar)
    await as_a_thief(gone(ids[4]))
    assert await audit_verify.verify() == [f"Entry {ids[4]} was removed (seal 5)."]


async def test_an_entry_removed_with_its_seal_leaves_a_gap(omar: Staff) -> None:
    ids = await sealed_acts(omar)
    await as_a_thief(
        gone(ids[4]),
        "DELETE FROM audit_seal WHERE sequence = 5",
    )
    assert await audit_verify.verify() == ["Seal 5 removed, with the entries that they sealed."]


async def test_closing_the_gap_by_hand_is_found_out(omar: Staff) -> None:
    ids = await sealed_acts(omar)
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
    "SELECT at, {actor}, action, event_id, subject, details, {mark}, written_after, vouches, source "
    "FROM audit_entry WHERE id = {id}"
)


@pytest.mark.parametrize("sealed", [True, False], ids=["sealed by the server", "not sealed yet"])
async def test_an_entry_that_we_did_not_write_is_named_though_the_server_sealed_it(omar: Staff, sealed: bool) -> None:
    ids = await sealed_acts(omar)
    await as_a_thief(INSERT.format(actor="'staff:99'", mark=f"'{'0' * 40}'", id=ids[0]))
    if sealed:
        await audit_seal.seal_all()
    foreign = (await AuditEntry.get(actor="staff:99")).id
    yet = "" if sealed else " It has no seal yet."
    assert await audit_verify.verify() == [f"Entry {foreign} was inserted: Muster did not write it.{yet}"]


@pytest.mark.parametrize("sealed", [True, False], ids=["sealed by the server", "not sealed yet"])
async def test_a_copy_of_a_real_entry_is_named(omar: Staff, sealed: bool) -> None:
    ids = await sealed_acts(omar)
    await as_a_thief("DROP INDEX one_entry_a_mark", INSERT.format(actor="actor", mark="mark", id=ids[2]))
    if sealed:
        await audit_seal.seal_all()
    [copy] = await AuditEntry.all().order_by("-id").limit(1).values_list("id", flat=True)
    assert await audit_verify.verify() == [f"Entry {copy} is a copy of entry {ids[2]}: Muster did not write it."]


def they_tell(entry: int, more: int, seal: int) -> str:
    lost = f"written when seal {seal} stood. It is gone or was made anew, and others with it."
    return f"Entry {entry} and {more} more were {lost}"


async def test_the_newest_cut_off_shows_by_itself_and_against_a_head_noted_earlier(omar: Staff) -> None:
    ids = await sealed_acts(omar)
    noted = str(await audit_seal.head())
    assert await audit_verify.verify(noted) == []
    await as_a_thief(*(gone(id_) for id_ in ids[7:]), *CUT)
    lost = f"The head noted earlier, {noted}, is not in the chain: it was cut off or made anew."
    assert await audit_verify.verify() == [CUT_OFF]
    assert await audit_verify.verify(noted) == [lost, CUT_OFF]


def put_back(old: AuditReach) -> tuple[str, str]:
    """The seals and the note, as they were when there were ten."""
    note = f"UPDATE audit_reach SET sequence = 10, mac = '{old.mac}', proof = '{old.proof}'"  # noqa: S608
    return "DELETE FROM audit_seal WHERE sequence > 10", note


async def test_who_puts_back_an_older_copy_of_everything_shows_only_against_a_head_noted_elsewhere(omar: Staff) -> None:
    first = await sealed_acts(omar)
    old = await AuditReach.get()
    await sealed_acts(omar)
    noted = str(await audit_seal.head())
    await as_a_thief(
        f"DELETE FROM audit_entry WHERE id > {first[-1]}",  # noqa: S608
        *put_back(old),
    )
    assert await audit_verify.verify() == []  # the database alone cannot know
    lost = f"The head noted earlier, {noted}, is not in the chain: it was cut off or made anew."
    assert await audit_verify.verify(noted) == [lost]
    await sealed_acts(omar)
    assert await audit_verify.verify(noted) == [lost]


async def test_an_entry_taken_out_with_all_later_seals_is_noticed_and_not_sealed_over(omar: Staff) -> None:
    ids = await sealed_acts(omar)
    await as_a_thief(*CUT, gone(ids[8]))
    with pytest.raises(audit_seal.Damaged, match=CUT_OFF):
        await audit_seal.seal_all()
    assert await AuditSeal.all().count() == 7
    assert await audit_verify.verify() == [CUT_OFF]


async def test_all_seals_gone_with_an_entry_is_noticed(omar: Staff) -> None:
    ids = await sealed_acts(omar)
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
    await sealed_acts(omar)
    await as_a_thief(statement)
    assert await audit_verify.verify() == fault.split("|")


async def test_later_entries_tell_of_seals_that_are_gone_with_their_note(omar: Staff) -> None:
    """Each entry holds, under its mark, the head that stood when it was written."""
    await sealed_acts(omar)
    ids = await ten_acts(omar)
    await as_a_thief("DELETE FROM audit_seal", "DELETE FROM audit_reach", gone(ids[0]))
    assert await audit_verify.verify() == [they_tell(ids[10], 9, 10)]
    with pytest.raises(audit_seal.Damaged, match="seal 10"):
        await audit_seal.seal_all()


async def test_later_entries_tell_of_an_older_note_put_back(omar: Staff) -> None:
    await sealed_acts(omar)
    old = await AuditReach.get()
    second = await sealed_acts(omar)
    third = await sealed_acts(omar)
    await as_a_thief(
        gone(second[14]),
        *put_back(old),
    )
    assert await audit_verify.verify() == [they_tell(third[20], 9, 20)]
