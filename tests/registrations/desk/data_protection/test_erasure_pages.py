"""The desk's page on which a person is erased: it says what happens, and does nothing until the right thing is typed.

Rules: DP-08.
"""

from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, settings
from events.ground.database import Database
from events.mail.outbox import Message, MessageState
from registrations.people.erased import ErasedAddress
from registrations.people.registration import Registration
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.rights import noting
from registrations.privacy.rights.rights_request import Outcome, Right, RightsRequest
from registrations.tickets.ticket import Ticket
from tests.at_the_desk import desk, notice
from tests.browser import browsing, heading, words
from tests.conftest import SETTINGS
from tests.people import MONDAY, Person, confirmed
from tests.professional import with_ticket
from tests.registrations.privacy.cases.complaining import complain
from tests.registrations.privacy.rights.asking import a_rights_request, asked_by_link, newest

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
NOBODY_HAS_SHOWN = "Nobody has shown yet that they read this address"
SENT_WITH_IT = "which was sent with this address"


def of(event: Event, request: RightsRequest, *parts: str) -> str:
    return desk(event, "data-protection", "requests", request.id, *parts)


@pytest.fixture
async def ticket(event: Event, ada: Person) -> Ticket:
    """Ada's, who has a place."""
    _, ticket = await with_ticket(ada, event)
    return ticket


@pytest.fixture
async def asked(event: Event, ada: Person, ticket: Ticket) -> RightsRequest:
    """By Ada, to be erased."""
    return await asked_by_link(await Registration.get(id=ticket.registration_id), Right.ERASURE)


@pytest.fixture
async def client(database: Database, omar: Staff) -> AsyncIterator[httpx2.AsyncClient]:
    """Omar's browser."""
    async with browsing(database, omar) as browser:
        yield browser


def last_four(ticket: Ticket) -> str:
    """With the hyphen among them: HK7-4QD ends in 7-4QD."""
    return ticket.reference[-5:]


async def is_there(ada: Person) -> bool:
    """And nothing was done to any request."""
    rows = [row.email for row in await Registration.all()]
    closed = await RightsRequest.exclude(closed_at=None).count()
    return ada.email in rows and not closed and await ErasedAddress.all().count() == 0


async def test_omar_reads_what_happens_and_types_the_last_four_of_her_ticket(
    client: httpx2.AsyncClient, event: Event, ada: Person, asked: RightsRequest, ticket: Ticket
) -> None:
    page = await client.get(of(event, asked))
    assert f'href="{of(event, asked, "erase")}"' in page.text
    page = await client.get(of(event, asked, "erase"))
    assert heading(page) == "Erase everything about this person?"
    told = [ada.email, ada.name, ticket.reference, "This cannot be undone.", "their place is free for the next"]
    assert [what for what in told if what not in unescape(page.text)] == []
    assert "the last 4 letters and digits of the ticket's reference" in unescape(page.text)
    assert await is_there(ada), "looking does nothing"
    done = await client.post(of(event, asked, "erase"), data={"typed": f" {last_four(ticket).lower()} "})
    overview = await client.get(done.headers["location"])
    assert notice(overview) == "They are erased, and the request is closed. One last email tells them."
    assert [row.email for row in await Registration.all()] == [""]
    assert (await newest(asked)).outcome is Outcome.DONE


@pytest.mark.parametrize("typed", ["", "ERASE", "the first four", "the last three"])
async def test_anything_else_erases_nothing(
    client: httpx2.AsyncClient, event: Event, ada: Person, asked: RightsRequest, ticket: Ticket, typed: str
) -> None:
    words_of = {"the first four": ticket.reference[:5], "the last three": ticket.reference[-4:]}
    answer = await client.post(of(event, asked, "erase"), data={"typed": words_of.get(typed, typed)})
    said = "That is not what is asked for. Nothing was erased." if typed else "Type what is asked for"
    assert (answer.status_code, said in answer.text, ada.name in answer.text) == (422, True, True)
    assert await is_there(ada)


async def test_without_a_ticket_a_word_is_typed(
    client: httpx2.AsyncClient, event: Event, ada: Person, omar: Staff
) -> None:
    await confirmed(ada, event)
    asked = await a_rights_request(event, omar, Right.ERASURE, ada.email)
    page = await client.get(of(event, asked, "erase"))
    assert ("type the word ERASE" in page.text, "Their ticket stops" in page.text) == (True, False)
    assert (await client.post(of(event, asked, "erase"), data={"typed": "ERAS"})).status_code == 422
    assert await is_there(ada)
    assert (await client.post(of(event, asked, "erase"), data={"typed": "erase"})).status_code == 303
    assert not await is_there(ada)


async def test_of_whom_nothing_is_held_the_request_itself_is_erased(
    client: httpx2.AsyncClient, event: Event, omar: Staff
) -> None:
    asked = await a_rights_request(event, omar, Right.ERASURE, "nobody@wardens.example.org")
    assert "None names this address" in (await client.get(of(event, asked, "erase"))).text
    assert (await client.post(of(event, asked, "erase"), data={"typed": "ERASE"})).status_code == 303
    assert (await newest(asked)).email == ""


async def test_whoever_looks_at_it_is_on_the_audit_log(
    client: httpx2.AsyncClient, event: Event, asked: RightsRequest, omar: Staff
) -> None:
    await client.get(of(event, asked, "erase"))
    read = AuditEntry.filter(action__in=[Action.RIGHTS_READ, Action.VIEWED])
    assert [(entry.actor, entry.subject) for entry in await read.order_by("id")] == [
        (omar.actor, f"rights_request:{asked.id}"),
        (omar.actor, f"registration:{(await Ticket.get()).registration_id}"),
    ]


@pytest.mark.parametrize("kind", [Right.ACCESS, Right.CORRECTION])
async def test_nobody_is_erased_for_a_request_of_another_kind(
    client: httpx2.AsyncClient, event: Event, ada: Person, omar: Staff, ticket: Ticket, kind: Right
) -> None:
    asked = await a_rights_request(event, omar, kind, ada.email)
    assert "/erase" not in (await client.get(of(event, asked))).text
    typed = {"typed": last_four(ticket)}
    answers = [await client.get(of(event, asked, "erase")), await client.post(of(event, asked, "erase"), data=typed)]
    assert ([answer.status_code for answer in answers], await is_there(ada)) == ([404, 404], True)


async def test_the_page_says_what_to_look_at_first(
    client: httpx2.AsyncClient, event: Event, ada: Person, omar: Staff, asked: RightsRequest, ticket: Ticket
) -> None:
    said = words((await client.get(of(event, asked, "erase"))).text)
    unsaid = (NOBODY_HAS_SHOWN, "They also asked for a copy", SENT_WITH_IT)
    assert [what for what in unsaid if what in said] == []
    taken = await a_rights_request(event, omar, Right.ERASURE, ada.email)
    await RightsRequest.filter(id=taken.id).update(confirmed_at=None)
    copy = await a_rights_request(event, omar, Right.ACCESS, ada.email)
    await complain(event)
    complaint = await Complaint.get()
    said = words((await client.get(of(event, taken, "erase"))).text)
    wanted = (NOBODY_HAS_SHOWN, f"asked for a copy: {copy.reference}", f"{complaint.reference}, {SENT_WITH_IT}, stays")
    assert [what for what in wanted if what not in said] == []
    answer = await client.post(of(event, asked, "erase"), data={"typed": last_four(ticket)})
    assert (answer.status_code, "Afterwards there is nothing to copy" in answer.text) == (409, True)
    assert await is_there(ada)


async def test_without_proof_of_the_address_its_page_has_nothing_to_type_and_nothing_is_erased(
    client: httpx2.AsyncClient, event: Event, ada: Person, omar: Staff, ticket: Ticket
) -> None:
    taken = await a_rights_request(event, omar, Right.ERASURE, ada.email)
    typed, found = {"typed": last_four(ticket)}, []
    for shown_at in (None, MONDAY):
        await RightsRequest.filter(id=taken.id).update(confirmed_at=shown_at)
        page, there = await client.get(of(event, taken, "erase")), await is_there(ada)
        done = await client.post(of(event, taken, "erase"), data=typed)
        found.append((NOBODY_HAS_SHOWN in page.text, 'name="typed"' in page.text, there, done.status_code))
    assert (found, await is_there(ada)) == ([(True, False, True, 409), (False, True, True, 303)], False)


async def test_an_erasure_is_done_by_erasing_and_not_by_a_note(
    client: httpx2.AsyncClient, event: Event, asked: RightsRequest, omar: Staff
) -> None:
    mended = await a_rights_request(event, omar, Right.CORRECTION)
    pages = [(await client.get(of(event, case))).text for case in (asked, mended)]
    assert [f'value="{Outcome.DONE.value}"' in page for page in pages] == [False, True]
    closing = {"outcome": Outcome.DONE.value, "note": "We did.", "seen": "0"}
    assert (await client.post(of(event, asked, "close"), data=closing)).status_code == 422
    assert (await newest(asked)).closed_at is None


async def test_afterwards_its_page_says_erased_and_it_cannot_be_done_twice(
    client: httpx2.AsyncClient, event: Event, ada: Person, asked: RightsRequest, ticket: Ticket
) -> None:
    typed = {"typed": last_four(ticket)}
    await client.post(of(event, asked, "erase"), data=typed)
    page = await client.get(of(event, asked))
    assert "Email Erased" in words(page.text)
    assert "What became of it Done" in words(page.text)
    assert (ada.email in page.text, "/erase" in page.text) == (False, False)
    answers = [await client.get(of(event, asked, "erase")), await client.post(of(event, asked, "erase"), data=typed)]
    assert [answer.status_code for answer in answers] == [404, 404]


async def test_one_whose_address_was_damaged_cannot_be_erased_by_it(
    client: httpx2.AsyncClient, event: Event, asked: RightsRequest, ada: Person
) -> None:
    await RightsRequest.filter(id=asked.id).update(email_sealed=b"\x01damaged")
    page = await client.get(of(event, asked))
    assert ("Cannot be read." in page.text, "/erase" in page.text) == (True, False)
    assert (await client.get(of(event, asked, "erase"))).status_code == 404


async def test_the_overview_warns_of_an_erasure_that_is_not_noted(
    client: httpx2.AsyncClient, event: Event, asked: RightsRequest, ticket: Ticket, tmp_path: Path
) -> None:
    overview, no_folder = desk(event, "data-protection"), tmp_path / "backups"
    no_folder.write_text("a file")
    settings.choose(SETTINGS.model_copy(update={"backup_folder": no_folder}))
    await client.post(of(event, asked, "erase"), data={"typed": last_four(ticket)})
    assert "not noted beside the backups" not in (await client.get(overview)).text, "it is tried again soon"
    clock.move_to(MONDAY + 2 * noting.SOON)
    assert "An erasure is not noted beside the backups yet." in words((await client.get(overview)).text)


async def test_the_overview_warns_of_none_where_no_backups_are_made(
    client: httpx2.AsyncClient, event: Event, asked: RightsRequest, ticket: Ticket
) -> None:
    """Then there is no list beside them either, and no backup that could bring anybody back."""
    assert settings.current().backup_folder is None, "the control"
    await client.post(of(event, asked, "erase"), data={"typed": last_four(ticket)})
    clock.move_to(MONDAY + 2 * noting.SOON)
    assert await ErasedAddress.filter(event_id=event.id).exists()
    assert "not noted beside the backups" not in (await client.get(desk(event, "data-protection"))).text


async def test_the_desk_says_where_the_last_email_did_not_arrive(
    client: httpx2.AsyncClient, event: Event, asked: RightsRequest, ticket: Ticket
) -> None:
    await client.post(of(event, asked, "erase"), data={"typed": last_four(ticket)})
    overview = desk(event, "data-protection")
    for state, said in ((MessageState.SENT, False), (MessageState.FAILED, True)):
        await Message.filter(template="erased").update(state=state)
        pages = [
            words((await client.get(path)).text) for path in (overview, of(event, asked), of(event, asked, "print"))
        ]
        assert ["Last email not delivered" in pages[0], *("It did not arrive" in page for page in pages[1:])] == [
            said
        ] * 3
