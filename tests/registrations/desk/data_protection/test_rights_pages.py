"""The desk's pages of rights requests: taken, listed with what is due, read on record, printed and closed.

Rules: DP-08.
"""

from datetime import date, timedelta
from html import unescape

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.mail.outbox import Message, MessageState
from registrations.privacy.rights.rights_request import Outcome, Right, RightsRequest
from tests.at_the_desk import desk, notice
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, confirmed
from tests.registrations.privacy.rights.asking import (
    IS_WRONG,
    ON_THE_TELEPHONE,
    a_rights_request,
    asked_by_link,
    newest,
)

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
CLOSED = {"outcome": Outcome.REFUSED.value, "note": "We had to refuse, and said why.", "seen": "0"}
TAKEN = {"kind": "access", "email": "Ada@Wardens.example.org", "about": ON_THE_TELEPHONE, "received_day": "2019-04-08"}


def of(event: Event, request: RightsRequest, *parts: str) -> str:
    return desk(event, "data-protection", "requests", request.id, *parts)


async def readings() -> list[str]:
    """Who read which request."""
    return [f"{entry.actor} {entry.subject}" for entry in await AuditEntry.filter(action=Action.RIGHTS_READ)]


async def test_omar_takes_one_reads_it_and_closes_it(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        taken = await client.post(desk(event, "data-protection", "requests", "new"), data=TAKEN)
        page = await client.get(taken.headers["location"])
        made = await RightsRequest.get()
        assert (notice(page), heading(page)) == (
            "The request is open, and the leads are told.", f"Rights request {made.reference}",
        )  # fmt: skip
        assert not [said for said in ("ada@wardens.example.org", ON_THE_TELEPHONE) if said not in unescape(page.text)]
        overview = await client.get(desk(event, "data-protection"))
        assert f"{made.reference} A copy of what we hold 8 April 2019, 09:00 Wednesday 8 May 2019" in words(
            overview.text
        )
        assert not [said for said in ("ada@wardens", ON_THE_TELEPHONE) if said in unescape(overview.text)]
        closed = await client.post(of(event, made, "close"), data=CLOSED)
        overview = await client.get(closed.headers["location"])
        page = await client.get(of(event, made))
    assert (notice(overview), "Closed rights requests" in overview.text) == ("The request is closed.", True)
    assert (CLOSED["note"] in page.text, "<form" in page.text.partition("<main")[2].partition("</main>")[0]) == (
        True,
        False,
    )
    assert (await newest(made)).outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"kind": ""}, "Select what they ask for"),
        ({"email": "ada at wardens"}, "Enter an email address in the correct format"),
        ({"about": " "}, "Enter what they said"),
        ({"received_day": ""}, "Enter the day"),
        ({"received_day": "2019-04-09"}, "The day on which it came must not be in the future"),
    ],
)
async def test_bad_input_keeps_what_was_typed_and_opens_nothing(
    database: Database, event: Event, omar: Staff, typed: dict[str, str], sentence: str
) -> None:
    async with browsing(database, omar) as client:
        answer = await client.post(desk(event, "data-protection", "requests", "new"), data=TAKEN | typed)
    assert (answer.status_code, sentence in unescape(answer.text)) == (422, True)
    assert [said for said in (TAKEN | typed).values() if len(said) > 10 and said not in unescape(answer.text)] == []
    assert await RightsRequest.all().count() == 0


async def test_a_month_runs_from_the_day_on_which_it_came(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        await client.post(desk(event, "data-protection", "requests", "new"), data=TAKEN | {"received_day": "1/4/2019"})
    made = await RightsRequest.get()
    assert (made.received_at, made.due_day) == (clock.at_venue(date(2019, 4, 1), 12, 0), date(2019, 5, 1))


async def test_each_reading_is_on_the_audit_log_whichever_page_shows_it(
    database: Database, event: Event, omar: Staff
) -> None:
    made = await a_rights_request(event, omar)
    async with browsing(database, omar) as client:
        await client.get(desk(event, "data-protection"))
        assert await readings() == [], "the list says nothing of anybody"
        answers = [await client.get(of(event, made)), await client.get(of(event, made, "print"))]
        answers += [await client.post(of(event, made, "close"))]
    assert [(answer.status_code, str(made.email) in answer.text) for answer in answers] == [
        (200, True), (200, True), (422, True),
    ]  # fmt: skip
    assert await readings() == [f"staff:{omar.id} rights_request:{made.id}"] * 3


async def test_what_is_overdue_says_so(database: Database, event: Event, omar: Staff) -> None:
    made = await a_rights_request(event, omar)
    for late, said in ((timedelta(), False), (timedelta(minutes=1), True)):
        clock.move_to(made.due_at + late)
        async with browsing(database, omar) as client:
            pages = [await client.get(path) for path in (desk(event, "data-protection"), of(event, made))]
        assert ["Overdue" in page.text for page in pages] == [said, said]


async def test_the_page_says_whether_they_have_shown_that_the_address_is_theirs(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    taken = await a_rights_request(event, omar)
    by_link = await asked_by_link(await confirmed(ada, event), Right.ACCESS)
    async with browsing(database, omar) as client:
        pages = [words((await client.get(of(event, made))).text) for made in (taken, by_link)]
    assert ["Nobody has shown yet that they read this address" in page for page in pages] == [True, False]
    assert "8 April 2019, 09:00, The person: Received a rights request: access" in pages[1]


async def test_the_page_on_paper_holds_all_of_it_and_no_form(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    made = await asked_by_link(await confirmed(ada, event), Right.CORRECTION, IS_WRONG, MONDAY)
    async with browsing(database, omar) as client:
        await client.post(of(event, made, "close"), data=CLOSED)
        page = await client.get(of(event, made, "print"))
    told = [made.reference, ada.email, IS_WRONG, "Refused", CLOSED["note"], "Closed 8 April 2019"]
    assert [what for what in told if what not in unescape(page.text)] == []
    assert "09:00, Omar Organiser: Closed a rights request" in words(page.text)
    assert "<form" not in page.text.partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize("damaged", ["email", "about"])
async def test_one_of_which_a_part_was_damaged_shows_the_other_and_is_closed(
    database: Database, event: Event, omar: Staff, damaged: str
) -> None:
    made = await a_rights_request(event, omar)
    texts = {"email": str(made.email), "about": str(made.about)}
    sealed = bytes(getattr(made, f"{damaged}_sealed"))
    await RightsRequest.filter(id=made.id).update(**{f"{damaged}_sealed": sealed[:-1] + bytes([sealed[-1] ^ 1])})
    async with browsing(database, omar) as client:
        pages = [await client.get(of(event, made, *parts)) for parts in ((), ("print",))]
        assert (await client.post(of(event, made, "close"), data=CLOSED)).status_code == 303
        pages += [await client.get(of(event, made))]
    for page in pages:
        assert [name for name, text in texts.items() if text not in unescape(page.text)] == [damaged]
        assert "Cannot be read." in page.text


async def test_omar_sends_the_copy_without_seeing_it(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    made = await asked_by_link(await confirmed(ada, event), Right.ACCESS)
    async with browsing(database, omar) as client:
        page = await client.get(of(event, made))
        assert "Requests for a place (1)" in words(page.text)
        assert not [told for told in (ada.name, ada.organisation) if told in unescape(page.text)]
        sent = await client.post(of(event, made, "copy"))
        page = await client.get(sent.headers["location"])
        assert notice(page) == "The link is on its way to their address."
        assert "not opened yet. Its email waits to be sent. A new link replaces it." in words(page.text)
        assert (await client.post(of(event, made, "copy"))).status_code == 409, "a second press"
    assert await Message.filter(template="rights_copy").count() == 1


async def test_what_went_wrong_with_the_link_is_loud(database: Database, event: Event, omar: Staff) -> None:
    made = await a_rights_request(event, omar)
    async with browsing(database, omar) as client:
        await client.post(of(event, made, "copy"))
        await Message.filter(template="rights_copy").update(state=MessageState.FAILED, reply_code=550)
        page = await client.get(of(event, made))
    assert "Our email with the link did not arrive. The address does not exist." in words(page.text)
    assert "desk-trouble" in page.text
