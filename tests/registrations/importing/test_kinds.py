"""Words for kinds of organisation: which mean one of ours, which is asked, and what is remembered."""

import asyncio

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from registrations.importing import importing, kind_words
from registrations.importing.checking import check
from registrations.importing.kind_words import KindWords
from registrations.importing.kinds import Word, guess, unknown
from registrations.importing.people_import import ListAnswers, PeopleImport
from tests.people import Person, an_event
from tests.registrations.importing.lists import a_list

COLUMNS = ("full_name", "email", "organisation", "kind")
LASTING = ("peelers", "ngo")


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Police force", "police"),
        ("Local authority", "council"),
        ("NHS", "health"),
        ("Health (NHS)", "health"),
        ("Housing association", "housing"),
        ("Social Services", "social care"),
        ("Probation", "probation or prisons"),
        ("Charity / voluntary sector", "charity"),
        ("Police and probation", ""),
        ("Local authority housing", ""),
        ("Public", ""),
        ("", ""),
    ],
)
def test_a_word_is_guessed_only_where_it_can_mean_one_kind(word: str, kind: str) -> None:
    assert guess(word) == kind


def test_unknown_words_are_listed_once_the_most_frequent_first() -> None:
    rows = [["Peelers"], ["police"], ["Ngo"], ["peelers"], ["", "x"], [""], ["POLICE"]]
    rows = [[*row, "x"][:2] if any(row) else ["", ""] for row in rows]
    assert unknown(rows, 0, "") == [Word("peelers", "Peelers", 2), Word("ngo", "Ngo", 1), Word("", "", 1)]
    assert unknown(rows, 0, "charity") == [Word("peelers", "Peelers", 2), Word("ngo", "Ngo", 1)]
    assert unknown(rows, None, "") == []


def test_what_was_answered_stands_for_the_words_and_for_rows_without_an_organisation() -> None:
    columns = {"full_name": 0, "email": 1, "kind": 2, "organisation": 3}
    rows = [
        ["Ada", "a@example.org", "Peelers", "Wardens"],
        ["Bo", "b@example.org", "", ""],
        ["Cleo", "c@example.org", "charity", ""],
    ]
    answers = ListAnswers("Westmoor District", {"peelers": "police", "": "housing"})
    assert [(person.kind, person.organisation) for person in check(rows, 2, columns, "", answers).people] == [
        ("police", "Wardens"),
        ("housing", "Westmoor District"),
        ("charity", "Westmoor District"),
    ]


async def test_what_a_word_means_is_remembered_at_its_event_alone_and_the_last_answer_counts(
    event: Event, omar: Staff, ada: Person
) -> None:
    begun = await a_list(event, omar, people=[ada])
    await importing.say_kinds(event, begun, {"peelers": "police", "ngo": "charity", "": "housing"}, LASTING)
    await importing.say_kinds(event, begun, {"ngo": "something else", "ada ashdown": "other"}, LASTING)
    assert await kind_words.remembered(event) == {"peelers": "police", "ngo": "something else"}
    assert await kind_words.remembered(await an_event(slug="another")) == {}
    sealed = bytes((await KindWords.get()).words_sealed)
    assert b"peelers" not in sealed
    assert b"ngo" not in bytes((await PeopleImport.get()).answers_sealed or b"")


async def test_what_two_organisers_say_at_the_same_moment_is_remembered_of_both(
    event: Event, omar: Staff, ada: Person
) -> None:
    lists = [await a_list(event, omar, people=[ada]) for _ in range(6)]
    await asyncio.gather(
        *(importing.say_kinds(event, begun, {f"word {n}": "police"}, [f"word {n}"]) for n, begun in enumerate(lists))
    )
    assert set(await kind_words.remembered(event)) == {f"word {n}" for n in range(6)}
    assert await KindWords.all().count() == 1


async def test_no_word_is_said_once_part_of_the_list_is_imported(event: Event, omar: Staff, ada: Person) -> None:
    begun = await a_list(event, omar, people=[ada])
    await importing.take(event, begun, omar, clock.now(), clock.real())
    with pytest.raises(Refused):
        await importing.say_kinds(event, begun, {"ngo": "charity"}, LASTING)
    assert await kind_words.remembered(event) == {}


def test_what_may_be_a_name_is_not_remembered_and_a_word_of_two_rows_is() -> None:
    words = unknown([["Ada Ashdown"], ["Allies"], ["Allies"], ["NHS"], [""]], 0, "")
    assert [(word.written, word.is_lasting) for word in words if word.folded] == [
        ("Allies", True),
        ("Ada Ashdown", False),
        ("NHS", True),
    ]


def test_a_kind_for_everybody_counts_before_what_was_said_once_of_rows_without_one() -> None:
    rows, columns = [["Ada Ashdown", "ada@example.org", "Wardens", ""]], dict(zip(COLUMNS, range(4), strict=True))
    said = ListAnswers(kinds={"": "housing"})
    assert [check(rows, 2, columns, of_all, said).people[0].kind for of_all in ("charity", "")] == [
        "charity",
        "housing",
    ]
