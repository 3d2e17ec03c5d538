"""The desk's pages of complaints: who reads them, that each reading is recorded, and what can be done.

Rules: DP-09, DP-18.
"""

import re
from datetime import timedelta
from html import unescape

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.mail.outbox import Message, MessageState
from registrations.privacy.cases import complaints
from registrations.privacy.cases.complaint import Complaint, Outcome
from tests.at_the_desk import desk, notice
from tests.browser import browsing, heading, words
from tests.people import MONDAY
from tests.registrations.privacy.cases.complaining import DONE_TO_ADA, a_complaint, newest

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
FOUND = {"outcome": "partly upheld", "finding": "We did. We are sorry, and have said so."}


def of(event: Event, complaint: Complaint, *parts: str) -> str:
    return desk(event, "data-protection", "complaints", complaint.id, *parts)


async def readings() -> list[str]:
    """Who read which complaint."""
    return [f"{entry.actor} {entry.subject}" for entry in await AuditEntry.filter(action=Action.COMPLAINT_READ)]


async def test_organisers_read_what_to_do_with_a_request_for_a_list(
    database: Database, event: Event, omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        page = words((await client.get(desk(event, "data-protection"))).text)
    help_ = page.partition("under the Freedom of Information Act")[2].partition("Processor register")[0]
    for what in (
        "freedom of information team on the day",
        "Do not say whether a person is coming",
        "Delete and change nothing",
    ):
        assert what in help_


async def test_omar_reads_notes_the_outcome_and_closes(database: Database, event: Event, omar: Staff) -> None:
    made = await a_complaint(event)
    async with browsing(database, omar) as client:
        overview = await client.get(desk(event, "data-protection"))
        assert heading(overview) == "Data protection"
        assert f"{made.reference} 8 April 2019, 09:00 Tuesday 7 May 2019" in words(overview.text)
        assert not [
            secret for secret in (str(made.name), str(made.email), DONE_TO_ADA) if secret in unescape(overview.text)
        ]
        page = await client.get(of(event, made))
        assert not [told for told in (str(made.name), str(made.email), DONE_TO_ADA) if told not in unescape(page.text)]
        assert f'action="{of(event, made, "close")}"' not in page.text, "there is no outcome yet"
        assert (await client.post(of(event, made, "close"), data={"seen": "0"})).status_code == 409
        noted = await client.post(of(event, made, "outcome"), data=FOUND | {"seen": "0"})
        page = await client.get(noted.headers["location"])
        assert (notice(page), "Partly upheld" in page.text) == ("The outcome is noted.", True)
        [seen] = set(re.findall(r'name="seen" value="(\d+)"', page.text))
        closed = await client.post(of(event, made, "close"), data={"seen": seen})
        overview = await client.get(closed.headers["location"])
    assert notice(overview) == "The complaint is closed."
    assert "Closed complaints" in overview.text
    assert (await newest(made)).closed_at is not None


async def test_each_reading_is_on_the_audit_log_whichever_page_shows_it(
    database: Database, event: Event, omar: Staff
) -> None:
    made = await a_complaint(event)
    async with browsing(database, omar) as client:
        await client.get(desk(event, "data-protection"))
        assert await readings() == [], "the list says nothing of anybody"
        answers = [await client.get(of(event, made)), await client.get(of(event, made, "print"))]
        answers += [await client.post(of(event, made, "outcome"))]
        await complaints.note_outcome(made, Outcome.UPHELD, "Theirs", 0, omar, MONDAY)
        answers += [await client.post(of(event, made, "outcome"), data=FOUND | {"seen": "0"})]
    assert [(answer.status_code, DONE_TO_ADA in unescape(answer.text)) for answer in answers] == [
        (200, True), (200, True), (422, True), (409, True),
    ]  # fmt: skip
    assert await readings() == [f"staff:{omar.id} complaint:{made.id}"] * 4


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"finding": FOUND["finding"]}, "Select the outcome"),
        ({"outcome": "settled", "finding": FOUND["finding"]}, "Select the outcome"),
        ({"outcome": "upheld", "finding": " "}, "Enter what you found, and what you told them"),
    ],
)
async def test_bad_input_keeps_what_was_typed_and_notes_nothing(
    database: Database, event: Event, omar: Staff, data: dict[str, str], sentence: str
) -> None:
    made = await a_complaint(event)
    async with browsing(database, omar) as client:
        await Complaint.filter(id=made.id).update(version=1)
        answer = await client.post(of(event, made, "outcome"), data=data | {"seen": "0"})
        assert 'name="seen" value="0"' in answer.text, "a wrong entry makes the form no newer"
    assert (answer.status_code, sentence in unescape(answer.text)) == (422, True)
    assert "<title>Error: " in answer.text
    assert data["finding"].strip() in unescape(answer.text)
    assert (await newest(made)).outcome is None


async def test_who_saves_over_anothers_outcome_is_asked_once_more(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    made = await a_complaint(event)
    await complaints.note_outcome(made, Outcome.UPHELD, "Lena's words", 0, lena, MONDAY)
    async with browsing(database, omar) as client:
        answer = await client.post(of(event, made, "outcome"), data=FOUND | {"seen": "0"})
        assert "Someone else has noted an outcome" in answer.text
        assert FOUND["finding"] in unescape(answer.text)
        assert (await newest(made)).finding == "Lena's words"
        [seen] = set(re.findall(r'name="seen" value="(\d+)"', answer.text))
        await client.post(of(event, made, "outcome"), data=FOUND | {"seen": seen})
    assert (await newest(made)).finding == FOUND["finding"]


async def test_an_acknowledgement_that_did_not_arrive_is_loud_until_somebody_has_seen_to_it(
    database: Database, event: Event, omar: Staff
) -> None:
    made = await a_complaint(event)
    button = "I have acknowledged it in another way"
    async with browsing(database, omar) as client:
        assert button not in (await client.get(of(event, made))).text
        await Message.filter(template="complaint_received").update(state=MessageState.FAILED, reply_code=550)
        assert "did not arrive" in (await client.get(desk(event, "data-protection"))).text
        assert button in (await client.get(of(event, made))).text
        page = await client.get((await client.post(of(event, made, "reached"))).headers["location"])
        assert button not in page.text
        assert "did not arrive" not in (await client.get(desk(event, "data-protection"))).text


async def test_what_is_overdue_says_so(database: Database, event: Event, omar: Staff) -> None:
    made = await a_complaint(event)
    for late, said in ((timedelta(), False), (timedelta(minutes=1), True)):
        clock.move_to(made.due_at + late)
        async with browsing(database, omar) as client:
            pages = [await client.get(path) for path in (desk(event, "data-protection"), of(event, made))]
        assert ["Overdue" in page.text for page in pages] == [said, said]


async def test_the_page_on_paper_holds_all_of_it_and_no_form(database: Database, event: Event, omar: Staff) -> None:
    made = await a_complaint(event)
    await complaints.note_outcome(made, Outcome.UPHELD, FOUND["finding"], 0, omar, MONDAY)
    async with browsing(database, omar) as client:
        page = await client.get(of(event, made, "print"))
    told = [made.reference, str(made.name), str(made.email), DONE_TO_ADA, "Upheld", FOUND["finding"], "Still open"]
    assert [what for what in told if what not in unescape(page.text)] == []
    assert "09:00, Omar Organiser: Noted the outcome of a complaint: upheld" in words(page.text)
    main = page.text.partition("<main")[2].partition("</main>")[0]
    assert "<form" not in main
