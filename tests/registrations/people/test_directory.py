"""The people of an event in memory are always those of the database, whoever changed it, and in whatever order."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import query, run_tx
from registrations.deciding import vetting
from registrations.people import directory
from registrations.people.directory import Directory
from registrations.people.link_answers import LinkAnswers
from registrations.people.person import fold
from registrations.people.registration import EMPTY, Registration, State
from registrations.people.searches import Chosen, Sort
from tests.people import MONDAY, Person, an_event, as_told, confirmed, requested, someone, tell_anew
from tests.registrations.people.searching import as_searched_here, found, searches

EVERY_LIST = [Chosen(state, None, sort, last) for state in (None, *State) for sort in Sort for last in (False, True)]


def lists(people: Directory) -> list[list[int]]:
    return [people.ids(people.places(chosen)) for chosen in EVERY_LIST]


def of_state(people: Directory, state: State) -> list[int]:
    return people.ids(people.places(Chosen(state)))


async def anew(event: Event) -> Directory:
    """As a process that has just started reads it."""
    fresh = Directory()
    await directory._catch_up(fresh, event.id)
    return fresh


async def test_each_change_is_there_before_the_next_answer(event: Event, ada: Person, bo: Person, omar: Staff) -> None:
    assert await found(event) == []
    asked, other = await confirmed(ada, event), await confirmed(bo, event)
    assert await found(event, "ashdown") == [asked.id]
    await tell_anew(asked, full_name="Ada Ash")
    assert (await found(event, "ashdown"), await found(event, "ash", "ada")) == ([], [asked.id])
    await vetting.cancel(other, omar, MONDAY)
    people = await directory.of(event.id)
    assert (of_state(people, State.CANCELLED), of_state(people, State.CONFIRMED)) == (
        [other.id],
        [asked.id],
    )


@pytest.mark.parametrize("few_of", [1, 1000])  # sorted by themselves, or looked for among all
async def test_a_list_may_hold_those_of_two_states_in_one_order(
    event: Event, monkeypatch: pytest.MonkeyPatch, few_of: int
) -> None:
    monkeypatch.setattr(directory, "FEW_OF", few_of)
    rows = [await confirmed(someone(), event, MONDAY + timedelta(minutes=n)) for n in range(4)]
    await Registration.filter(id=rows[1].id).update(state=State.RECHECKING)
    await Registration.filter(id=rows[2].id).update(state=State.WAITING)
    people = await directory.of(event.id)
    both = Chosen(State.CONFIRMED, sort=Sort.OLDEST, also=State.RECHECKING)
    assert people.ids(people.places(both)) == [rows[0].id, rows[1].id, rows[3].id]
    assert sorted(of_state(people, State.CONFIRMED)) == [rows[0].id, rows[3].id]  # by name: Number 10 before Number 9


async def test_only_what_changed_is_read(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [await confirmed(someone(), event) for _ in range(5)]
    assert len(await found(event)) == 5
    read = list[list[int]]()
    monkeypatch.setattr(Directory, "put", lambda _, event_id, rows: read.append([row["id"] for row in rows]))
    await found(event)
    await tell_anew(rows[2], role="Manager")
    await found(event)
    await found(event)
    assert read in ([[rows[2].id]], [[rows[2].id]] * 2), "PostgreSQL may give it twice, while others are under way"


async def test_it_is_read_in_parts(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "A_PART", 3)
    monkeypatch.setattr(directory, "CHANGED", directory.CHANGED.replace("LIMIT 1000", "LIMIT 3"))
    rows = [await confirmed(someone(), event) for _ in range(7)]
    assert sorted(await found(event)) == [row.id for row in rows]


async def test_whoever_looks_first_leaves_nothing_to_sort(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MANY", 2)  # so that the first look reads many at once
    for _ in range(3):
        await confirmed(someone(), event)
    people = await directory.of(event.id)
    assert people._sorted_by == set(people._orders)


@pytest.mark.parametrize("many", [2, 200])
async def test_whose_row_is_gone_is_on_no_list(event: Event, monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    rows = [await confirmed(replace(someone(), name=name), event) for name in ("Cy", "Al", "Bo", "Di")]
    kept = await directory.of(event.id)
    assert lists(kept) == await as_sorted_here(event), "the control"
    monkeypatch.setattr(directory, "MANY", many)
    gone = [rows[0].id, rows[2].id]
    await Registration.filter(id__in=gone).delete()
    kept.drop(gone)
    assert lists(kept) == lists(await anew(event)) == await as_sorted_here(event)
    assert kept.ids(kept.places(Chosen())) == [rows[1].id, rows[3].id]
    for name in ("Ab", "Bi", "Ce", "Da"):  # each is put where it belongs among those that are left
        await confirmed(replace(someone(), name=name), event)
        assert lists(await directory.of(event.id)) == await as_sorted_here(event)


async def test_people_of_another_event_are_not_among_them(event: Event, ada: Person) -> None:
    elsewhere = await an_event()
    stranger = await confirmed(ada, elsewhere)
    assert (await found(event), await found(elsewhere)) == ([], [stranger.id])


async def test_within_a_transaction_it_is_not_read(event: Event) -> None:
    """It would hold what may be rolled back."""
    with pytest.raises(RuntimeError, match="before the act's transaction"):
        await run_tx(directory.of)(event.id)


async def test_others_are_counted_by_what_they_have_in_common(event: Event, ada: Person, omar: Staff) -> None:
    phones = ["+44 (0)1632 960 123", "01632-960123", "01632 960 124", ""]
    names = ["Ada Ashdown", "ADA  Áshdown", "Ada Ashdown Smith", "Ada Ashdow"]
    rows = [
        await confirmed(replace(someone(), name=name, phone=phone, organisation="Wardens"), event)
        for name, phone in zip(names, phones, strict=True)
    ]
    people = await directory.of(event.id)
    first = rows[0].person
    assert (people.of_same_name(first), people.of_same_phone(first), people.of_same_organisation(first)) == (2, 2, 4)
    await vetting.cancel(rows[1], omar, MONDAY)
    people = await directory.of(event.id)
    assert (people.of_same_name(first), people.of_same_phone(first), people.of_same_organisation(first)) == (1, 1, 3)
    nobody = as_told(replace(ada, name="", phone="", organisation="Elsewhere"))
    counted = people.of_same_name(nobody), people.of_same_phone(nobody), people.of_same_organisation(nobody)
    assert counted == (0, 0, 0)


@pytest.mark.parametrize("seed", range(3))
async def test_after_whatever_changes_it_is_as_if_read_anew(
    event: Event, omar: Staff, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "FEW_OF", 3)  # so that both ways to a list of one state are taken
    drawn = random.Random(seed)  # noqa: S311  # draws a story, no secret
    rows = [await requested(someone(), event, MONDAY + timedelta(minutes=drawn.randrange(9))) for _ in range(12)]
    for _ in range(30):
        await _changes(drawn, drawn.choice(rows), omar)
        rows += [await confirmed(replace(someone(), name="Alike"), event)] if drawn.random() < 0.3 else []
        if drawn.random() < 0.5:
            kept, fresh = await directory.of(event.id), await anew(event)
            assert lists(kept) == lists(fresh) == await as_sorted_here(event)
            assert searches(kept) == searches(fresh) == await as_searched_here(event)
            assert [kept.of_same_name(row.person) for row in rows] == [fresh.of_same_name(row.person) for row in rows]
            assert kept._of_organisation == fresh._of_organisation


async def as_sorted_here(event: Event) -> list[list[int]]:
    """What the lists are by their definition."""
    rows = await Registration.filter(event_id=event.id).order_by("id")
    keys = {
        Sort.NAME: lambda row: fold(f"{row.full_name} {row.email} {row.organisation}") if row.full_name else "",
        Sort.ORGANISATION: lambda row: fold(row.organisation),
        Sort.OLDEST: lambda row: row.requested_at,
    }
    made = []
    for chosen in EVERY_LIST:
        found = [row for row in rows if (row.state is chosen.state if chosen.state else row.full_name)]
        found.sort(key=keys[Sort.OLDEST if chosen.sort is Sort.NEWEST else chosen.sort])
        found = found[::-1] if chosen.sort is Sort.NEWEST else found
        made.append([row.id for row in sorted(found, key=lambda row: chosen.withdrawn_last and bool(row.withdrawn_at))])
    return made


async def _changes(drawn: random.Random, row: Registration, omar: Staff) -> None:
    now = await Registration.get(id=row.id)
    if now.person_sealed is None:
        return
    if drawn.random() < 0.5 and now.full_name:
        await tell_anew(now, full_name=drawn.choice(["Alike", "Zoe", "Bo"]), organisation=drawn.choice(["A", "B"]))
    elif drawn.random() < 0.3 and now.state is State.REQUESTED:
        await vetting.cancel(now, omar, MONDAY)
    else:
        await Registration.filter(id=row.id).update(
            state=drawn.choice(list(State)), requested_at=MONDAY + timedelta(minutes=drawn.randrange(9)),
            withdrawn_at=drawn.choice([None, MONDAY]),
        )  # fmt: skip


async def test_rows_that_are_gone_can_be_dropped(event: Event) -> None:
    rows = [await confirmed(replace(someone(), organisation="Wardens"), event) for _ in range(3)]
    people = await directory.of(event.id)
    assert sorted(people.ids(people.places(Chosen(), ("wardens",)))) == [row.id for row in rows], "the control"
    people.drop([rows[1].id, 99])
    assert sorted(people.ids(people.places(Chosen()))) == [rows[0].id, rows[2].id]
    assert sorted(people.ids(people.places(Chosen(), ("wardens",)))) == [rows[0].id, rows[2].id]
    assert people.of_same_organisation(rows[0].person) == 2
    await LinkAnswers.filter(registration_id=rows[1].id).delete()
    await Registration.filter(id=rows[1].id).delete()
    assert lists(await directory.of(event.id)) == lists(await anew(event))


async def test_of_whoever_is_erased_or_gone_nothing_stays_in_memory(event: Event) -> None:
    """What they had in common with others is counted, and a count of nothing would name it still."""
    rows = list[Registration]()
    for n in range(3):
        person = Person(f"Name {n}", f"{n}@x.example.org", f"Org {n}", "charity", "-", phone=f"0163296000{n}")
        rows.append(await confirmed(person, event))
    known = [[f"name {n}", f"{n}@x", f"org {n}", f"163296000{n}"] for n in range(3)]
    people = await directory.of(event.id)
    held = str(vars(people))
    assert [[told in held for told in of_them] for of_them in known] == [[True] * 4] * 3, "the control"
    await Registration.filter(id=rows[0].id).update(state=State.CANCELLED, **EMPTY)
    people = await directory.of(event.id)
    people.drop([rows[1].id])
    held = str(vars(people))
    assert [[told in held for told in of_them] for of_them in known] == [[False] * 4, [False] * 4, [True] * 4]


async def test_a_damaged_row_is_named_in_the_log_and_the_others_are_there(
    event: Event, ada: Person, bo: Person, printed: pytest.CaptureFixture[str]
) -> None:
    asked, other = await confirmed(ada, event), await confirmed(bo, event)
    sealed = bytes(asked.person_sealed or b"")
    damaged = sealed[:60] + bytes([sealed[60] ^ 1]) + sealed[61:]
    await query("UPDATE registration SET person_sealed = ? WHERE id = ?", [damaged, asked.id])
    assert await found(event) == [other.id, asked.id]
    assert await found(event, "ashdown") == []
    assert f"registration:{asked.id}" in printed.readouterr().out
    assert (await Registration.get(id=asked.id)).full_name == "Name cannot be read"


class Looks:
    """Counts the looks at the database, and holds each when it has read, until it may end."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count, self.fails = 0, False
        self.has_read, self.may_end = asyncio.Event(), asyncio.Event()
        real = directory._catch_up

        async def looks(people: Directory, event_id: int) -> None:
            self.count += 1
            await real(people, event_id)
            self.has_read.set()
            await self.may_end.wait()
            if self.fails:
                self.fails = False
                raise ConnectionError

        monkeypatch.setattr(directory, "_catch_up", looks)


async def test_who_comes_while_somebody_looks_shares_the_next_look_and_sees_what_was_changed_before_they_came(
    event: Event, ada: Person, bo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, looks = await confirmed(ada, event), Looks(monkeypatch)
    first = asyncio.create_task(found(event))
    async with asyncio.timeout(5):
        await looks.has_read.wait()
    other = await confirmed(bo, event)
    later = [asyncio.create_task(found(event)) for _ in range(5)]
    await asyncio.sleep(0)
    looks.may_end.set()
    await first
    assert [sorted(ids) for ids in await asyncio.gather(*later)] == [[asked.id, other.id]] * 5
    assert looks.count == 2


async def test_a_look_that_failed_is_nobody_elses(event: Event, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, looks = await confirmed(ada, event), Looks(monkeypatch)
    looks.fails = True
    looking = [asyncio.create_task(found(event)) for _ in range(4)]
    await asyncio.sleep(0)
    looks.may_end.set()
    answers = await asyncio.gather(*looking, return_exceptions=True)
    assert [type(answer) for answer in answers] == [ConnectionError, list, list, list]
    assert answers[1:] == [[asked.id]] * 3
