"""Entries go twelve months after they were written. What is left is whole, and raises no alarm (SE-12)."""

import asyncio
from datetime import date

import pytest

from events.accounts.staff import Staff
from events.audit import audit_seal, audit_verify, boundary, forgetting
from events.audit.audit import AuditEntry, Machine, unvouched
from events.audit.boundary import Boundary
from events.audit.seal import AuditSeal
from events.ground import keys, live
from events.ground.database import Database
from tests.conftest import SETTINGS
from tests.events.audit.thieves import as_a_thief, written_after
from tests.events.audit.years import a_year, acts, forget
from tests.people import MONDAY


async def whole() -> bool:
    """For whoever verifies, for the running server, and for one that starts."""
    ours = unvouched().copy()
    running = await audit_seal.taken_out()
    unvouched().clear()
    starting = await audit_seal.taken_out()
    unvouched().update(ours)
    await audit_seal.seal_all()
    return (await audit_verify.verify(), running, starting) == ([], "", "")


async def kept() -> list[int]:
    """Numbers of the seals that are there."""
    return [seal.sequence for seal in await AuditSeal.all().order_by("sequence")]


async def test_they_go_day_by_day_and_all_that_is_left_is_whole(lena: Staff, omar: Staff) -> None:
    await a_year(lena, omar)
    assert (await forget(365), await AuditEntry.all().count(), await forgetting.next_day()) == (0, 16, date(2020, 4, 8))
    assert (await forget(366), (await kept())[0], await forgetting.next_day()) == (6, 7, date(2020, 4, 9))
    assert await whole()
    assert (await forget(367), (await kept())[0]) == (6, 13)
    assert await whole()
    assert await AuditEntry.filter(id__lte=12).count() == 0
    said = [(entry.action.value, entry.details) for entry in await AuditEntry.filter(actor="system").order_by("id")]
    assert said == [
        ("deleted entries of the audit log whose time was over", {"number": 6, "up_to_seal": number})
        for number in (6, 12)
    ]


async def test_kept_entries_vouch_for_deleted_ones_and_nobody_misses_them(lena: Staff, omar: Staff) -> None:
    """The control: each of these is missed by each who looks, unless the boundary says that it was over."""
    await a_year(lena, omar)
    of_the_deleted = {f"{entry.id}:{entry.mark}" for entry in await AuditEntry.filter(id__lte=12)}
    await forget(367)
    vouched = {known for entry in await AuditEntry.all() for known in entry.vouches.split()}
    assert vouched & of_the_deleted != set(), "kept entries vouch for some"
    ours = {known for entries in unvouched().values() for known in entries}
    assert await boundary.missing(vouched | ours | of_the_deleted) == set()
    await as_a_thief("DELETE FROM audit_boundary")
    assert await boundary.missing(vouched | ours) == (vouched | ours) & of_the_deleted


async def test_a_process_that_remembers_only_deleted_acts_raises_no_alarm(lena: Staff, omar: Staff) -> None:
    await acts(lena)
    mine = {actor: dict(entries) for actor, entries in unvouched().items()}
    await acts(lena, omar, on=370)
    await audit_seal.seal_all()
    await forget()
    unvouched().clear()
    unvouched().update(mine)
    assert await audit_seal.taken_out() == ""
    await acts(omar, on=371)
    assert "1:" in (await AuditEntry.all().order_by("-id").first()).vouches, "and vouches for what is gone"  # type: ignore[union-attr]
    assert await whole()


@pytest.mark.parametrize("head", [3, 6])
async def test_an_entry_whose_head_was_deleted_meanwhile_is_sealed(lena: Staff, omar: Staff, head: int) -> None:
    """Below the boundary, and at it."""
    await a_year(lena, omar)
    await acts(lena, on=371)
    await written_after(head)
    unvouched().clear()  # its mark is another now
    assert (await forget(), await whole()) == (6, True)
    assert await AuditEntry.filter(written_after__startswith=f"{head}-").exists()


async def test_a_running_server_whose_last_seal_was_deleted_goes_on(lena: Staff, omar: Staff) -> None:
    """As where a rehearsal's clock is moved a year ahead between two looks."""
    await acts(lena, omar, number=2)
    await audit_seal.seal_all()
    seen = await audit_seal.head()
    await acts(omar, on=370)
    await audit_seal.seal_all()
    await audit_seal._still_there(seen)
    assert await forget() == 4
    await audit_seal._still_there(seen)
    with pytest.raises(audit_seal.Damaged, match="Seal 4 stood a moment ago"):
        await audit_seal._still_there(seen._replace(mac="0" * 64) if seen else None)


async def test_the_newest_seal_always_stays_and_the_next_turn_takes_it(lena: Staff) -> None:
    await acts(lena, number=3)
    await audit_seal.seal_all()
    assert (await forget(), await kept()) == (2, [3])
    assert await whole()
    assert (await forget(), await kept()) == (1, [4])


async def test_what_waits_for_its_seal_stays(lena: Staff, omar: Staff) -> None:
    await acts(lena, omar, number=2)
    assert await forget(1000) == 0
    await a_year(lena, omar)
    await acts(lena, omar, on=2)
    assert (await forget(1000), await AuditEntry.filter(at__lt=MONDAY).count()) == (19, 0)


async def test_heads_noted_earlier_prove_what_they_can(lena: Staff, omar: Staff) -> None:
    await acts(lena, omar, number=2)
    await audit_seal.seal_all()
    before = str(await audit_seal.head())
    await acts(lena, omar, number=2)
    await audit_seal.seal_all()
    at = str(await audit_seal.head())
    await acts(lena, omar, on=370, number=2)
    await audit_seal.seal_all()
    after = str(await audit_seal.head())
    await forget()
    lies = f"The head noted earlier, {before}, lies before what is kept, which begins after seal 8: "
    assert [await audit_verify.verify(noted) for noted in (before, at, after)] == [[], [], []]
    assert [await audit_verify.says_of(noted) for noted in (before, at, after, None)] == [
        f"{lies}it can prove nothing now.",
        "",
        "",
        "",
    ]
    false = at[:2] + "0" * 20
    assert await audit_verify.verify(false) == [
        f"The head noted earlier, {false}, is not in the chain: it was cut off or made anew."
    ]


async def test_two_processes_delete_each_once_while_a_third_seals(
    lena: Staff, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 4)
    await a_year(lena, omar)
    await acts(lena, omar, on=370, number=2)
    deleted = await asyncio.gather(*(forget(367) for _ in range(3)), audit_seal.seal_all())
    assert sum(deleted[:3]) == 12
    assert await whole()
    assert (await boundary.standing())[:1] == (12,)


async def test_who_verifies_while_a_server_deletes_looks_again(
    lena: Staff, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what is gone between the boundary and the chain would pass for a gap."""
    await a_year(lena, omar)
    standing, looks = boundary.standing, list[Boundary]()

    async def meanwhile() -> Boundary:
        looks.append(await standing())
        if len(looks) == 1:
            monkeypatch.setattr(boundary, "standing", standing)
            await forget()
            monkeypatch.setattr(boundary, "standing", meanwhile)
        return looks[-1]

    monkeypatch.setattr(boundary, "standing", meanwhile)
    assert await audit_verify.verify() == []
    assert [begins.sequence for begins in looks][:2] == [0, 6]


async def test_a_boundary_stands_under_a_new_key_and_moves_on_under_it(lena: Staff, omar: Staff) -> None:
    await a_year(lena, omar)
    await forget()
    keys.install(keys.Keyring([keys.new_key(), SETTINGS.key.get_secret_value()]))
    assert await whole()
    assert await forget(367) == 6
    assert await whole()


async def test_many_go_in_small_transactions(lena: Staff, omar: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 5)
    await a_year(lena, omar)
    at = MONDAY.replace(year=2021)
    gone = [await forgetting.forget(at, Machine()) for _ in range(4)]
    assert gone == [5, 5, 2, 0]
    assert await whole()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_turn_that_seals_raises_no_alarm_over_a_deletion(
    database: Database, lena: Staff, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_seal, "GATHER_SECONDS", 0.01)
    await a_year(lena, omar)
    stop, said = asyncio.Event(), list[str]()
    monkeypatch.setattr(audit_seal, "_alarm", said.append)
    sealing = asyncio.create_task(audit_seal.run(stop))
    for day in (366, 367):
        await forget(day)
        await acts(lena, omar, on=400)
        looks = len(said)
        while len(said) < looks + 2:
            live.hub().publish("audit")
            await asyncio.sleep(0.01)
    stop.set()
    await sealing
    assert set(said) == {""}


async def test_an_entry_that_was_committed_late_does_not_make_the_boundary_forget(
    lena: Staff, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a low number and a late seal. Entries with higher numbers went before it, and others vouch for them."""
    await acts(lena, number=3)
    await audit_seal.seal_all(floor=1)
    await audit_seal.seal_all()
    assert [seal.entry_id for seal in await AuditSeal.all().order_by("sequence")] == [2, 3, 1], "the control"
    await acts(omar, on=370)
    await audit_seal.seal_all()
    monkeypatch.setattr(forgetting, "BATCH", 2)
    assert (await forget(), (await boundary.standing())[:3:2]) == (3, (3, 3))
    assert await whole()
