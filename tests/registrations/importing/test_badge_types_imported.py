"""A list says who is a speaker, host or helper: the column is guessed, and its words are understood. Rules: EV-02."""

from dataclasses import replace

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from registrations.asking import confirming
from registrations.codes.badge_type import BadgeType
from registrations.importing import importing, previewing
from registrations.importing.checking import check
from registrations.importing.columns import suggested
from registrations.importing.files import Table
from registrations.importing.people_import import PeopleImport
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import Registration
from registrations.tickets import badge_types
from tests.people import MONDAY, Person, confirmed
from tests.registrations.importing.lists import HEADINGS, row_of


@pytest.mark.parametrize("title", ["Badge type", "Ticket Type", "Type of badge", "Delegate type", "Type"])
def test_the_column_is_guessed_by_heading_or_by_what_stands_there(ada: Person, title: str) -> None:
    rows = [[*row_of(ada), "Speaker"], [*row_of(replace(ada, email="b@example.org")), "Volunteers"]]
    chosen = suggested([*HEADINGS, title], rows)
    assert (chosen["badge_type"], chosen["kind"]) == (len(HEADINGS), 3)
    found = check(rows, 2, chosen)
    assert [person.badge_type for person in found.people] == ["speaker", "helper"]


def test_a_name_for_the_badge_stays_one_and_kinds_stay_kinds(ada: Person) -> None:
    assert suggested(["Name", "Email", "Badge", "Type"], [["A", "a@b.example", "Ada", "Charity"]]) == {
        "full_name": 0, "email": 1, "badge_name": 2, "kind": 3,
    }  # fmt: skip


def test_a_word_that_is_none_of_ours_is_left_out_and_said(ada: Person) -> None:
    found = check([[*row_of(ada), "VIP"]], 2, suggested(HEADINGS) | {"badge_type": len(HEADINGS)})
    assert [person.badge_type for person in found.people] == [""]
    assert [fault.says for fault in found.faults] == [
        "Used without the badge type, which is none of ours: delegate, speaker, host or helper"
    ]


async def test_whoever_is_asked_from_the_list_has_it_and_nobody_else_is_changed(
    event: Event, omar: Staff, ada: Person, bo: Person
) -> None:
    stays = await confirmed(bo, event)
    await badge_types.set_badge_type(stays, BadgeType.HOST, omar, MONDAY)
    rows = [[*row_of(ada), "Speaker"], [*row_of(bo), "Helper"]]
    begun = await importing.begin(event, Table([*HEADINGS, "Badge type"], rows, 2), omar, MONDAY, clock.real())
    await importing.choose(event, begun, suggested([*HEADINGS, "Badge type"], rows))
    shown = await previewing.preview(event, await PeopleImport.get(id=begun.id), clock.real())
    assert shown.sorted.known[0].differences == [("Badge type", "Helper", "Host")]
    await importing.take(event, await PeopleImport.get(id=begun.id), omar, MONDAY, clock.real())
    people = {row.email: row for row in await Registration.all()}
    assert (people[ada.email].badge_type, people[bo.email].badge_type) == (BadgeType.SPEAKER, BadgeType.HOST)
    link = await LinkAnswers.get(registration_id=people[ada.email].id)
    link.registration = people[ada.email]
    await confirming.confirm(link, MONDAY)
    assert (await Registration.get(id=people[ada.email].id)).badge_type is BadgeType.SPEAKER, "after their yes too"
