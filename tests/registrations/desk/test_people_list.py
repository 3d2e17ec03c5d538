"""Omar finds people: without accents or capitals, in any state, in pages, and the audit log never holds the text."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from registrations.deciding import vetting
from registrations.desk import people_list
from registrations.desk.people_list import A_PAGE, Wanted, find, ids_on_page, search
from registrations.people import directory
from registrations.people.directory import Sort
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import OrganisationKind, Registration, State
from tests.people import MONDAY, Person, an_event, confirmed, someone


@pytest.fixture
async def cast(event: Event, ada: Person, bo: Person, cleo: Person) -> list[Registration]:
    """Ada asked first, then Bo, then Cleo."""
    return [await confirmed(person, event, MONDAY + timedelta(hours=n)) for n, person in enumerate((ada, bo, cleo))]


async def names(event: Event, **wanted: object) -> list[str]:
    return [person.full_name for person in (await find(event.id, Wanted(**wanted))).people]  # type: ignore[arg-type]


ADA, BO, CLEO = "Ada Ashdown", "Bo Okafor", "Cleo Nguyễn"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [ADA, CLEO, BO]),
        ("nguyen", [CLEO]),
        ("NGUYỄN", [CLEO]),
        ("westmoor", [ADA, CLEO, BO]),
        ("westmoor council", [CLEO]),
        ("okafor@constab", [BO]),
        ("  ash   ada ", [ADA]),
        ("%", []),
        ("_", []),
        ("' OR 1=1 --", []),
        ("nobody", []),
    ],
)
async def test_each_word_is_looked_for(event: Event, cast: object, text: str, expected: list[str]) -> None:
    assert await names(event, text=text) == expected


async def test_a_joiner_that_nobody_sees_hides_no_name(event: Event, ada: Person) -> None:
    await confirmed(replace(ada, name="Ada Ash\u200ddown"), event)
    assert await names(event, text="ashdown") == await names(event, text="ash\u200cdown") == ["Ada Ash\u200ddown"]


async def test_states_and_kinds_narrow_it(event: Event, cast: list[Registration], omar: Staff) -> None:
    await vetting.cancel(cast[0], omar, MONDAY)
    assert await names(event) == [ADA, CLEO, BO]
    assert await names(event, state=State.CANCELLED) == [ADA]
    assert await names(event, state=State.CONFIRMED) == [CLEO, BO]
    assert await names(event, kind=OrganisationKind.POLICE) == [BO]
    assert await names(event, kind=OrganisationKind.POLICE, state=State.CANCELLED) == []
    assert await names(event, text="westmoor", kind=OrganisationKind.CHARITY, state=State.CANCELLED) == [ADA]


async def test_it_is_sorted_as_asked(event: Event, cast: object) -> None:
    await confirmed(replace(someone(), name="Zoe Last", organisation="a body"), event, MONDAY + timedelta(days=1))
    assert await names(event, sort=Sort.NAME) == [ADA, "Zoe Last", CLEO, BO]
    assert await names(event, sort=Sort.NEWEST) == ["Zoe Last", CLEO, BO, ADA]
    assert await names(event, sort=Sort.OLDEST) == [ADA, BO, CLEO, "Zoe Last"]
    assert await names(event, sort=Sort.ORGANISATION) == ["Zoe Last", ADA, BO, CLEO]


async def test_pages_hold_fifty_and_a_page_too_far_is_the_last(event: Event) -> None:
    made = [await confirmed(someone(), event, MONDAY + timedelta(minutes=n)) for n in range(A_PAGE + 3)]
    first = await find(event.id, Wanted(sort=Sort.OLDEST))
    assert [person.id for person in first.people] == [person.id for person in made[:A_PAGE]]
    assert (first.total, first.pages, first.first, first.last) == (A_PAGE + 3, 2, 1, A_PAGE)
    last = await find(event.id, Wanted(sort=Sort.OLDEST, page=99))
    assert [person.id for person in last.people] == [person.id for person in made[A_PAGE:]]
    assert (last.page, last.first, last.last) == (2, A_PAGE + 1, A_PAGE + 3)


async def test_a_whole_reference_finds_its_person_even_when_the_ticket_is_dead(
    event: Event, cast: list[Registration], omar: Staff
) -> None:
    ticket = await vetting.approve(cast[1], omar, MONDAY)
    assert await names(event, text=ticket.reference.lower().replace("-", " ")) == [BO]
    await vetting.withdraw(await Registration.get(id=cast[1].id), omar, MONDAY)
    assert await names(event, text=ticket.reference) == [BO]


async def test_people_of_another_event_are_never_found(event: Event, cast: object, omar: Staff) -> None:
    elsewhere = await an_event()
    stranger = someone()
    ticket = await vetting.approve(await confirmed(stranger, elsewhere), omar, MONDAY)
    assert await names(elsewhere, text="guest") == await names(elsewhere, text=ticket.reference) == [stranger.name]
    assert await names(event, text="guest") == []
    assert await names(event, text=ticket.reference) == []


async def test_a_search_leaves_its_length_and_never_its_text(event: Event, cast: object, omar: Staff) -> None:
    await search(event, Wanted(text="nguyen"), by=omar, at=MONDAY, real=clock.real())
    await search(event, Wanted(state=State.CONFIRMED), by=omar, at=MONDAY, real=clock.real())
    searched, listed = await AuditEntry.all().order_by("id")
    ids = {person.full_name: person.id for person in await Registration.all()}
    common = {"list": "people", "kind": "", "sort": "name", "page": 1}
    assert (searched.action, searched.actor, searched.subject) == (Action.SEARCHED, omar.actor, f"event:{event.id}")
    assert searched.details == common | {"ids": [ids[CLEO]], "state": "", "letters": 6, "results": 1}
    assert listed.action is Action.LISTED
    assert listed.details == common | {
        "ids": [ids[name] for name in (ADA, CLEO, BO)], "state": "confirmed", "letters": 0, "results": 3,
    }  # fmt: skip


@pytest.mark.parametrize("wanted", [Wanted(sort=sort, withdrawn_last=last) for sort in Sort for last in (False, True)])
async def test_pages_of_people_alike_hold_everybody_once(
    event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch, wanted: Wanted
) -> None:
    made = await seven_alike(event, omar)
    whole = [person.id for person in (await find(event.id, wanted)).people]
    assert sorted(whole) == [person.id for person in made]
    assert (whole[-1] == made[1].id) is wanted.withdrawn_last
    monkeypatch.setattr(people_list, "A_PAGE", 2)
    pages = [[person.id for person in (await find(event.id, wanted._replace(page=n))).people] for n in (1, 2, 3, 4)]
    assert [id_ for page in pages for id_ in page] == whole
    everybody = await directory.of(event.id)
    assert [await ids_on_page(everybody, wanted._replace(page=n)) for n in (1, 2, 3, 4)] == pages


async def test_the_list_says_of_each_what_their_row_says(event: Event, cast: list[Registration], omar: Staff) -> None:
    damaged, deleted, moved = [await confirmed(someone(), event) for _ in range(3)]
    await Registration.filter(id=damaged.id).update(person_sealed=(damaged.person_sealed or b"")[:-1] + b"!")
    await Registration.filter(id=deleted.id).update(person_sealed=None)
    await Registration.filter(id=moved.id).update(person_sealed=cast[0].person_sealed)
    for state in (None, State.CONFIRMED):
        rows = (await find(event.id, Wanted(state=state))).people
        lines = (await search(event, Wanted(state=state), omar, MONDAY, clock.real())).people
        told = [
            (row.id, row.full_name, row.role, row.organisation, row.kind, row.email, row.state, row.requested_at,
             row.badge_name, row.phone, row.badge_type)
            for row in rows
        ]  # fmt: skip
        assert [tuple(line) for line in lines] == told
    names = {line.id: line.full_name for line in lines}
    assert [names[row.id] for row in (damaged, deleted, moved)] == ["Name cannot be read", "", "Name cannot be read"]
    assert names[cast[0].id] == ADA, "the control"


async def test_who_looks_at_the_same_time_sees_the_people_of_their_own_page(
    event: Event, cast: list[Registration], omar: Staff
) -> None:
    other = await an_event()
    stranger = await confirmed(someone(), other)
    wanted = [(event, "ada"), (other, ""), (event, "bo"), (event, ""), (event, "nobody")]
    found = await asyncio.gather(
        *(search(of, Wanted(text=text), omar, MONDAY, clock.real()) for of, text in wanted),
    )
    ids = [row.id for row in cast]
    by_surname = [ids[0], ids[2], ids[1]]
    assert [[line.id for line in page.people] for page in found] == [ids[:1], [stranger.id], ids[1:2], by_surname, []]
    assert found[1].people[0].full_name == stranger.full_name


async def test_rows_that_are_gone_for_good_leave_the_list(event: Event, cast: list[Registration]) -> None:
    assert await names(event) == [ADA, CLEO, BO]
    await LinkAnswers.filter(registration_id=cast[1].id).delete()
    await Registration.filter(id=cast[1].id).delete()
    found = await find(event.id, Wanted())
    assert ([person.full_name for person in found.people], found.total) == ([ADA, CLEO], 2)


async def seven_alike(event: Event, omar: Staff) -> list[Registration]:
    """Of the same name, organisation and moment, or nearly; one had its approval taken back."""
    made = [
        await confirmed(replace(someone(), name=f"Guest {n // 4}"), event, MONDAY + timedelta(minutes=n // 3))
        for n in range(7)
    ]
    await vetting.approve(made[1], omar, MONDAY)
    await vetting.withdraw(await Registration.get(id=made[1].id), omar, MONDAY)
    return made
