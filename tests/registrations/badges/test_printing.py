"""Whose badges are printed is chosen, noted with when and by whom, and goes with what the person told us.

Rules: EV-02, DP-13, SG-12.
"""

import asyncio
from dataclasses import replace

import pytest

from events.accounts.staff import Staff
from events.audit import triggers
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import connection, is_postgres, query
from events.ground.refusal import Refused
from registrations.badges import one_badge, printing
from registrations.badges.badge_print import BadgePrint
from registrations.badges.papers import PaperName
from registrations.badges.printing import Counted, Order, Wanted, Which, print_badges
from registrations.booking import own_needs
from registrations.deciding import vetting
from registrations.paper import lines
from registrations.paper.sheet import SheetKind
from registrations.people.choices import Switch
from registrations.people.registration import OrganisationKind, Registration, State
from tests.people import MONDAY, Person, an_event, someone, tell_anew
from tests.professional import put_into, with_ticket

CARD = PaperName.CARD


async def names(
    event: Event, by: Staff, which: Which = Which.ALL, order: Order = Order.SURNAME, **more: object
) -> list[str]:
    """Of the badges that are printed now."""
    try:
        printed = await print_badges(event, Wanted(which, order, **more), CARD, by, MONDAY)  # type: ignore[arg-type]
    except Refused:
        return []
    return [badge.name for badge in printed.badges]


@pytest.fixture
async def guests(event: Event, ada: Person, bo: Person, cleo: Person) -> list[Registration]:
    return [(await with_ticket(person, event))[0] for person in (cleo, bo, ada)]


async def test_only_who_has_a_ticket_has_a_badge(event: Event, omar: Staff) -> None:
    people = {state: await put_into(state, someone(), event) for state in State}
    await with_ticket(someone(), await an_event())
    assert await names(event, omar) == [people[State.APPROVED].shown_name]


async def test_they_come_in_the_order_of_trays(event: Event, guests: list[Registration], omar: Staff) -> None:
    assert await names(event, omar) == ["Ada Ashdown", "Cleo Nguyễn", "Bo Okafor"]
    await tell_anew(guests[0], organisation="Aardvarks")
    await tell_anew(guests[1], organisation="Zebras")
    await own_needs.switch(await Registration.get(id=guests[1].id), [Switch.NO_ORGANISATION], MONDAY, clock.real())
    assert await names(event, omar, order=Order.ORGANISATION) == ["Cleo Nguyễn", "Ada Ashdown", "Bo Okafor"]


async def test_trays_and_the_door_list_have_one_order(event: Event, omar: Staff) -> None:
    """A particle belongs to the surname for both, and signs within a name count for neither."""
    for name in ("Ana de la Cruz", "Bo Cyrus", "Cy O'Neill", "Di Ona"):
        await with_ticket(replace(someone(), name=name), event)
    listed = [f"{line.names} {line.surname}" for line in await lines.of_sheet(event, SheetKind.DOOR_LIST)]
    assert await names(event, omar) == listed == ["Bo Cyrus", "Ana de la Cruz", "Di Ona", "Cy O'Neill"]


async def test_letters_and_kinds(event: Event, guests: list[Registration], omar: Staff) -> None:
    await tell_anew(guests[0], full_name="Олена Коваль")
    await Registration.filter(id=guests[1].id).update(kind=OrganisationKind.POLICE)
    assert await names(event, omar, Which.LETTERS, first="b", last="z") == ["Bo Okafor"]
    assert await names(event, omar, Which.LETTERS, first="a", last="a") == ["Ada Ashdown"]
    assert await names(event, omar, Which.OTHER_LETTERS) == ["Олена Коваль"]
    assert await names(event, omar, Which.KIND, kind=OrganisationKind.POLICE) == ["Bo Okafor"]


async def test_what_is_new_is_printed_once(event: Event, guests: list[Registration], omar: Staff, ada: Person) -> None:
    assert await names(event, omar, Which.LETTERS, first="a", last="a") == ["Ada Ashdown"]
    assert await printing.counted(event) == Counted(3, 2, 0, 0, 0)
    assert await names(event, omar, Which.NEW) == ["Cleo Nguyễn", "Bo Okafor"]
    assert await names(event, omar, Which.NEW) == []
    assert len(await names(event, omar)) == 3, "all are printed again for whoever asks for all"


@pytest.mark.parametrize("change", ["name", "switch", "photographs", "nothing that stands on it"])
async def test_what_has_changed_since(event: Event, guests: list[Registration], omar: Staff, change: str) -> None:
    await names(event, omar)
    bo = await Registration.get(id=guests[1].id)
    match change:
        case "name":
            await tell_anew(bo, badge_name="Bobby")
        case "switch":
            await own_needs.switch(bo, [Switch.NO_ORGANISATION], MONDAY, clock.real())
        case "photographs":
            await own_needs.agree_to_photos(bo, MONDAY, clock.real())
        case _:
            await tell_anew(bo, phone="07700 900999", role="Head")
    changed = [] if change.startswith("nothing") else ["Bobby" if change == "name" else "Bo Okafor"]
    assert (await printing.counted(event)).changed == len(changed)
    assert await names(event, omar, Which.CHANGED) == changed
    assert await names(event, omar, Which.CHANGED) == []


async def test_what_was_printed_says_when_and_by_whom_and_no_name(
    event: Event, guests: list[Registration], omar: Staff
) -> None:
    await names(event, omar)
    rows = await BadgePrint.all().order_by("id")
    assert [(row.n, row.printed_at, row.printed_by, row.on_arrival) for row in rows] == [
        (1, MONDAY, omar.actor, False)
    ] * 3
    assert len({row.text_hash for row in rows}) == 3
    entry = await AuditEntry.get(action=Action.BADGES_PRINTED)
    assert (entry.actor, entry.subject) == (omar.actor, f"event:{event.id}")
    assert entry.details == {
        "which": "all", "paper": "card", "number": 3, "both_sides": False, "title": True, "logos": True,
    }  # fmt: skip


async def test_two_with_one_name_have_two_hashes(event: Event, omar: Staff) -> None:
    for _ in range(2):
        guest, _ = await with_ticket(someone(), event)
        await tell_anew(guest, full_name="Sam Same", badge_name="", organisation="Org")
    await names(event, omar)
    assert len({row.text_hash for row in await BadgePrint.all()}) == 2


async def test_nobody_to_print_leaves_nothing(event: Event, omar: Staff) -> None:
    with pytest.raises(Refused):
        await print_badges(event, Wanted(Which.NEW), CARD, omar, MONDAY)
    assert (await BadgePrint.all().count(), await AuditEntry.filter(action=Action.BADGES_PRINTED).count()) == (0, 0)


async def test_two_who_print_what_is_new_at_once_print_each_badge_once(
    event: Event, guests: list[Registration], omar: Staff, lena: Staff
) -> None:
    printed = await asyncio.gather(*(names(event, by, Which.NEW) for by in (omar, lena, omar, lena)))
    assert sorted(name for part in printed for name in part) == ["Ada Ashdown", "Bo Okafor", "Cleo Nguyễn"]
    everybody = await asyncio.gather(*(names(event, by) for by in (omar, lena)))
    assert [len(part) for part in everybody] == [3, 3]
    assert await BadgePrint.all().count() == 9


@pytest.mark.parametrize("ending", ["erased", "row deleted"])
async def test_it_goes_with_what_they_told_us(
    event: Event, guests: list[Registration], omar: Staff, ending: str
) -> None:
    await names(event, omar)
    if ending == "erased":
        await query("UPDATE registration SET person_sealed = NULL WHERE id = ?", [guests[0].id])
    else:
        await query("DELETE FROM ticket WHERE registration_id = ?", [guests[0].id])
        await query("DELETE FROM message")
        await query("DELETE FROM link_answers")
        await query("DELETE FROM registration WHERE id = ?", [guests[0].id])
    assert {row.registration_id for row in await BadgePrint.all()} == {guests[1].id, guests[2].id}


async def test_without_the_trigger_it_would_stay(event: Event, guests: list[Registration], omar: Staff) -> None:
    await names(event, omar)
    await connection().execute_query(f"DROP TRIGGER badges_ended{' ON registration' if is_postgres() else ''}")
    await query("UPDATE registration SET person_sealed = NULL WHERE id = ?", [guests[0].id])
    assert await BadgePrint.all().count() == 3
    assert await triggers.strange() == ["The trigger badges_ended is gone or switched off."]


async def test_whoever_lost_their_place_while_it_was_chosen_gets_none(
    event: Event, guests: list[Registration], omar: Staff, lena: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = printing.guests

    async def and_then_one_is_withdrawn(event: Event) -> list[printing.Guest]:
        found = await read(event)
        await vetting.withdraw(await Registration.get(id=guests[1].id), lena, MONDAY)
        return found

    monkeypatch.setattr(printing, "guests", and_then_one_is_withdrawn)
    assert await names(event, omar) == ["Ada Ashdown", "Cleo Nguyễn"]
    assert await BadgePrint.all().count() == 2


async def test_whose_row_was_damaged_gets_no_badge_and_is_counted(
    event: Event, guests: list[Registration], omar: Staff
) -> None:
    await query("UPDATE registration SET person_sealed = ? WHERE id = ?", [b"\x01" + bytes(60), guests[0].id])
    assert await printing.counted(event) == Counted(2, 2, 0, 0, 1)
    assert await names(event, omar) == ["Ada Ashdown", "Bo Okafor"]


async def test_one_is_printed_again_because_somebody_asks(
    event: Event, guests: list[Registration], omar: Staff
) -> None:
    for _ in range(2):
        badge = await one_badge.print_again(event, guests[1], CARD, omar, MONDAY)
    assert badge.name == "Bo Okafor"
    assert [row.n for row in await BadgePrint.all().order_by("id")] == [1, 2]
    entries = await AuditEntry.filter(action=Action.BADGES_PRINTED)
    assert [(entry.subject, entry.details) for entry in entries] == [
        (f"registration:{guests[1].id}", {"paper": "card", "number": 1})
    ] * 2
    await vetting.withdraw(await Registration.get(id=guests[1].id), omar, MONDAY)
    with pytest.raises(Refused, match="no badge to print"):
        await one_badge.print_again(event, guests[1], CARD, omar, MONDAY)
