"""Of what anybody may have typed with an address, its copy says that it is held; what it says only once it is theirs.

Rules: DP-08.
"""

import json

import pytest

from events.accounts.staff import Session, Staff
from events.event import Event
from events.ground.database import Database
from registrations.asking import confirming
from registrations.people.link_answers import LinkAnswers
from registrations.privacy.cases import complaints
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.rights import copies, rights_requests
from registrations.privacy.rights.copy_of_data import Section
from registrations.privacy.rights.gathering import COMPLAINED, NOT_CONFIRMED, NOT_SHOWN, TAKEN_DOWN, THEIRS, gather
from registrations.privacy.rights.rights_request import Right, RightsRequest
from tests.at_the_desk import desk, notice
from tests.browser import browsing, words
from tests.people import MONDAY, Person, audit_of, confirmed, link_of, requested
from tests.registrations.privacy.cases import complaining
from tests.registrations.privacy.cases.complaining import DONE_TO_ADA
from tests.registrations.privacy.rights import asking
from tests.registrations.privacy.rights.asking import IS_WRONG, ON_THE_TELEPHONE, a_rights_request, asked_by_link

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


async def copy_of(person: Person, event: Event) -> tuple[str, dict[str, Section]]:
    """As JSON, and its sections by their tables."""
    copy = await gather(await Event.get(id=event.id), person.email, MONDAY)
    return json.dumps(copy.as_json(), ensure_ascii=False), {section.table: section for section in copy.sections}


def how_many(section: Section) -> tuple[int, int]:
    """Rows, and those of which the copy does not show what they say."""
    return len(section.rows), len([row for row in section.rows if row.get(THEIRS) == NOT_SHOWN])


async def test_of_answers_that_nobody_confirmed_it_says_that_they_are_held_and_after_a_yes_what_they_say(
    event: Event, ada: Person
) -> None:
    asked = await requested(ada, event)
    typed = [ada.name, ada.organisation, ada.role]
    said, sections = await copy_of(ada, event)
    assert [text for text in typed if text in said] == []
    assert [how_many(sections[table]) for table in ("registration", "link_answers")] == [(1, 1), (1, 1)]
    assert {sections[table].words for table in ("registration", "link_answers")} == {NOT_CONFIRMED}
    await confirming.confirm(await link_of(asked), MONDAY)
    said, sections = await copy_of(ada, event)
    assert [text for text in typed if text not in said] == []
    assert [how_many(sections[table]) for table in ("registration", "link_answers")] == [(1, 0), (1, 0)]
    assert NOT_CONFIRMED not in said


async def test_answers_that_somebody_said_no_to_are_not_shown_either(event: Event, ada: Person) -> None:
    asked = await requested(ada, event)
    assert await confirming.say_no(await link_of(asked), MONDAY)
    said, sections = await copy_of(ada, event)
    assert (await LinkAnswers.get()).answers, "they are held until the link expires"
    assert [text for text in (ada.name, ada.organisation) if text in said] == []
    assert how_many(sections["link_answers"]) == (1, 1)
    assert "Set aside by a no" in said


async def test_of_a_complaint_it_says_that_it_is_held_and_what_it_says_once_it_is_noted_to_be_theirs(
    event: Event, ada: Person, omar: Staff
) -> None:
    await confirmed(ada, event)
    await complaining.complain(event, complaints.Written("Eve Else", ada.email, DONE_TO_ADA))
    complaint = await Complaint.get()
    said, sections = await copy_of(ada, event)
    assert [text for text in ("Eve Else", DONE_TO_ADA) if text in said] == []
    assert (how_many(sections["complaint"]), sections["complaint"].words) == ((1, 1), COMPLAINED)
    assert complaint.reference in said
    for _ in range(2):
        await complaints.confirm(complaint, omar, MONDAY)
    said, sections = await copy_of(ada, event)
    assert [text for text in ("Eve Else", DONE_TO_ADA) if text not in said] == []
    assert (how_many(sections["complaint"]), sections["complaint"].words) == ((1, 0), "")
    acts = [(act, by) for act, by, _ in await audit_of(complaint)]
    assert acts[1:] == [("noted that a complaint is theirs", omar.actor)]


async def test_of_what_an_organiser_took_down_it_says_so_and_what_was_said_once_it_is_noted_to_be_theirs(
    event: Event, ada: Person, omar: Staff
) -> None:
    taken = await a_rights_request(event, omar, Right.CORRECTION, ada.email)
    said, sections = await copy_of(ada, event)
    assert (ON_THE_TELEPHONE in said, how_many(sections["rights_request"])) == (False, (1, 1))
    assert (sections["rights_request"].words, taken.reference in said) == (TAKEN_DOWN, True)
    await rights_requests.confirm(taken, omar, MONDAY)
    said, sections = await copy_of(ada, event)
    assert (ON_THE_TELEPHONE in said, how_many(sections["rights_request"])) == (True, (1, 0))


async def test_what_they_asked_by_their_link_is_theirs_and_so_is_the_request_whose_copy_they_open(
    event: Event, ada: Person, omar: Staff
) -> None:
    await asked_by_link(await confirmed(ada, event), Right.CORRECTION, IS_WRONG)
    taken = await a_rights_request(event, omar, Right.ACCESS, ada.email)
    await copies.send(taken, omar, MONDAY)
    said, _ = await copy_of(ada, event)
    assert (IS_WRONG in said, ON_THE_TELEPHONE in said) == (True, False)
    assert await copies.open_once(await asking.newest(taken), None, MONDAY)
    said, sections = await copy_of(ada, event)
    assert (ON_THE_TELEPHONE in said, how_many(sections["rights_request"])) == (True, (2, 0))


@SQLITE
async def test_omar_notes_whose_a_complaint_and_a_request_are_after_proving_himself(
    database: Database, event: Event, omar: Staff
) -> None:
    complaint, taken = await complaining.a_complaint(event), await a_rights_request(event, omar)
    pages: dict[Complaint | RightsRequest, str] = {
        complaint: desk(event, "data-protection", "complaints", complaint.id),
        taken: desk(event, "data-protection", "requests", taken.id),
    }
    async with browsing(database, omar) as client:
        for case, path in pages.items():
            assert f'action="{path}/theirs"' in (await client.get(path)).text
            await Session.all().update(stepped_up_at=None, both_proved_at=None)
            refused = await client.post(f"{path}/theirs")
            assert refused.headers["location"].startswith("/staff/step-up")
            assert (await type(case).get(id=case.id)).confirmed_at is None
        async with browsing(database, omar) as proved:
            for case, path in pages.items():
                noted = await proved.get((await proved.post(f"{path}/theirs")).headers["location"])
                assert (notice(noted), f'action="{path}/theirs"' in noted.text) == ("Noted: it is theirs.", False)
                assert "Nobody has shown" not in words(noted.text)
                assert (await type(case).get(id=case.id)).confirmed_at is not None
