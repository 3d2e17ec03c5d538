"""The people of an event in memory are always those of the database, whoever changed it, and in whatever order."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import astuple, replace
from datetime import timedelta
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import query, run_tx
from registrations.deciding import vetting
from registrations.desk import people_list
from registrations.desk.people_list import Wanted, everybody
from registrations.people import directory
from registrations.people.directory import Directory, Sort
from registrations.people.link_answers import LinkAnswers
from registrations.people.names.surname import order
from registrations.people.person import fold
from registrations.people.registration import EMPTY, Registration, State
from tests.people import MONDAY, Person, an_event, as_told, confirmed, requested, someone, tell_anew

EVERY_LIST = [
    Wanted("", state, None, sort, withdrawn_last=last)
    for state in (None, *State)
    for sort in Sort
    for last in (False, True)
]
SEARCHES = ["alike", "alike b", "b alike", "number a", "example", "zoe", "none", "org o"]


async def found(event: Event, *words: str, **wanted: Any) -> Sequence[int]:
    return await everybody(event, Wanted(" ".join(words), **wanted))


async def held(event: Event, people: Directory | None = None) -> list[Any]:
    """All that is kept of everybody; without `people` as a process reads it that has just started."""
    if people is None:
        people = Directory(event.id)
        await people.catch_up()
    rows = [row.person for row in await Registration.filter(event_id=event.id).order_by("id")]
    entries = [[astuple(entry) for entry in people.order(sort)] for sort in Sort]
    return [entries, +people.counts, people._alike, *map(people.alike, rows)]


async def test_each_change_is_there_before_the_next_answer(event: Event, ada: Person, bo: Person, omar: Staff) -> None:
    assert await found(event) == []
    asked, other = await confirmed(ada, event), await confirmed(bo, event)
    assert await found(event, "ashdown") == [asked.id]
    await tell_anew(asked, full_name="Ada Ash")
    assert (await found(event, "ashdown"), await found(event, "ash", "ada")) == ([], [asked.id])
    await vetting.cancel(other, omar, MONDAY)
    there = [await found(event, state=state) for state in (State.CANCELLED, State.CONFIRMED)]
    assert there == [[other.id], [asked.id]]


async def test_a_list_may_hold_those_of_two_states_in_one_order(event: Event) -> None:
    rows = [await confirmed(someone(), event, MONDAY + timedelta(minutes=n)) for n in range(4)]
    await Registration.filter(id=rows[1].id).update(state=State.RECHECKING)
    await Registration.filter(id=rows[2].id).update(state=State.WAITING)
    both = await found(event, state=State.CONFIRMED, sort=Sort.OLDEST, also=State.RECHECKING)
    assert both == [rows[0].id, rows[1].id, rows[3].id]
    assert sorted(await found(event, state=State.CONFIRMED)) == [rows[0].id, rows[3].id]  # Number 10 before Number 9


async def test_an_email_is_found_only_by_whoever_sees_emails(event: Event, ada: Person, bo: Person) -> None:
    asked, _ = await confirmed(ada, event), await confirmed(bo, event)
    assert await found(event, "ada@wardens") == [asked.id]
    assert await found(event, "ada@wardens", by_email=False) == []
    assert await found(event, "ashdown", "of", "westmoor", by_email=False) == [asked.id]


async def test_only_what_changed_is_read(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [await confirmed(someone(), event) for _ in range(5)]
    assert len(await found(event)) == 5
    read = list[list[int]]()
    monkeypatch.setattr(Directory, "put", lambda _, rows: read.append([row["id"] for row in rows]))
    await found(event)
    await tell_anew(rows[2], role="Manager")
    await found(event)
    await found(event)
    assert read in ([[rows[2].id]], [[rows[2].id]] * 2), "PostgreSQL may give it twice, while others are under way"


async def test_it_is_read_in_parts_and_sorted_once(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "A_PART", 3)
    monkeypatch.setattr(directory, "MANY", 2)  # so that each part would be sorted anew
    monkeypatch.setattr(directory, "CHANGED", directory.CHANGED.replace("LIMIT 500", "LIMIT 3"))
    rows = [await confirmed(someone(), event) for _ in range(7)]
    people = await directory.of(event.id)
    assert {sort for sort, _ in people._orders} == set(Sort) - {Sort.NEWEST}, "nobody waits for it later"
    assert sorted(await found(event)) == [row.id for row in rows]


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
    assert people.alike(rows[0].person) == {"name": 2, "phone": 2, "organisation": 4, "surname": 2}
    await vetting.cancel(rows[1], omar, MONDAY)
    people = await directory.of(event.id)
    assert people.alike(rows[0].person) == {"name": 1, "phone": 1, "organisation": 3, "surname": 1}
    nobody = as_told(replace(ada, name="", phone="", organisation="Elsewhere"))
    assert set(people.alike(nobody).values()) == {0}


@pytest.mark.parametrize("seed", range(3))
async def test_after_whatever_changes_it_is_as_if_read_anew(
    event: Event, omar: Staff, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MANY", 4)  # so that both ways are taken, here and in the lists
    monkeypatch.setattr(people_list, "SORTED_AT_ONCE", 3)
    monkeypatch.setattr(people_list, "LOOKED_THROUGH", 5)
    drawn = random.Random(seed)  # noqa: S311  # draws a story, no secret
    rows = [await requested(someone(), event, MONDAY + timedelta(minutes=drawn.randrange(9))) for _ in range(12)]
    for _ in range(30):
        await _changes(drawn, drawn.choice(rows), omar)
        rows += [await confirmed(replace(someone(), name="Alike"), event)] if drawn.random() < 0.3 else []
        if drawn.random() < 0.5:
            assert await held(event, await directory.of(event.id)) == await held(event)
            assert [await everybody(event, wanted) for wanted in EVERY_LIST] == await as_sorted_here(event)
            assert [
                await found(event, text, by_email=seen) for text in SEARCHES for seen in (True, False)
            ] == await as_searched_here(event)


async def as_sorted_here(event: Event) -> list[list[int]]:
    """What the lists are by their definition."""
    rows = await Registration.filter(event_id=event.id).order_by("id")
    keys = {
        Sort.NAME: by_surname,
        Sort.ORGANISATION: lambda row: fold(row.organisation),
        Sort.OLDEST: lambda row: row.requested_at,
    }
    made = []
    for wanted in EVERY_LIST:
        there = [row for row in rows if (row.state is wanted.state if wanted.state else row.full_name)]
        there.sort(key=keys[Sort.OLDEST if wanted.sort is Sort.NEWEST else wanted.sort])
        there = there[::-1] if wanted.sort is Sort.NEWEST else there
        made.append([row.id for row in sorted(there, key=lambda row: wanted.withdrawn_last and bool(row.withdrawn_at))])
    return made


def by_surname(row: Registration) -> tuple[str, ...]:
    if not row.full_name:
        return ("",)
    return order(row.full_name)[0], fold(row.full_name), fold(row.email), fold(row.organisation)


async def as_searched_here(event: Event) -> list[list[int]]:
    rows = [row for row in await Registration.filter(event_id=event.id).order_by("id") if row.full_name]
    rows.sort(key=by_surname)
    made = []
    for words in map(str.split, SEARCHES):
        for seen in (True, False):
            texts = {row.id: [row.full_name, row.organisation, row.email * seen] for row in rows}
            made.append(
                [id_ for id_, text in texts.items() if all(any(word in fold(part) for part in text) for word in words)]
            )
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


async def test_rows_that_are_gone_are_dropped_and_others_put_where_they_belong(event: Event) -> None:
    rows = [await confirmed(replace(someone(), name=name, organisation="Org"), event) for name in ("Cy", "Al", "Bo")]
    people = await directory.of(event.id)
    people.drop([rows[1].id, 99])
    await LinkAnswers.filter(registration_id=rows[1].id).delete()
    await Registration.filter(id=rows[1].id).delete()
    assert people.alike(rows[0].person)["organisation"] == 2
    for name in ("Ab", "Bi", "Da"):
        await confirmed(replace(someone(), name=name), event)
        assert await held(event, await directory.of(event.id)) == await held(event)
    assert [await everybody(event, wanted) for wanted in EVERY_LIST] == await as_sorted_here(event)


async def test_of_whoever_is_erased_or_gone_nothing_stays_in_memory(event: Event) -> None:
    """What they had in common with others is counted, and a count of nothing would name it still."""
    rows = list[Registration]()
    for n in range(3):
        person = Person(f"Name {n}", f"{n}@x.example.org", f"Org {n}", "charity", "-", phone=f"0163296000{n}")
        rows.append(await confirmed(person, event))
    known = [[f"name {n}", f"{n}@x", f"org {n}", f"163296000{n}"] for n in range(3)]
    people = await directory.of(event.id)
    inside = str(vars(people))
    assert [[told in inside for told in of_them] for of_them in known] == [[True] * 4] * 3, "the control"
    await Registration.filter(id=rows[0].id).update(state=State.CANCELLED, **EMPTY)
    people = await directory.of(event.id)
    people.drop([rows[1].id])
    inside = str(vars(people))
    assert [[told in inside for told in of_them] for of_them in known] == [[False] * 4, [False] * 4, [True] * 4]


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


async def test_of_several_who_come_at_once_one_opens_everybody(
    event: Event, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look that fails is nobody else's."""
    asked, put, looks = await confirmed(ada, event), Directory.put, list[int]()

    def failing_once(people: Directory, rows: Sequence[Any]) -> None:
        looks.append(len(rows))
        if len(looks) == 1:
            raise ConnectionError
        put(people, rows)

    monkeypatch.setattr(Directory, "put", failing_once)
    answers = await asyncio.gather(*(found(event) for _ in range(4)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ConnectionError, list, list, list]
    assert (answers[1:], looks) == ([[asked.id]] * 3, [1, 1])
