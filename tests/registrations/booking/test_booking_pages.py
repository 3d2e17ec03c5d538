"""Whoever holds a link sees the ticket and can give the place up; for anybody else there is nothing there.

Rules: GU-22.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import cv2
import httpx2
import numpy as np
import pytest
import zxingcpp

from events.audit.action import Action
from events.event import Event
from events.ground import clock, wording
from events.ground.database import Database
from events.ground.tokens import Purpose
from registrations.booking import own_booking
from registrations.people.registration import Registration, State
from registrations.tickets import calendar_file, pdf_ticket, ticketing
from registrations.tickets.ticket import code_of
from tests import pdf_reading
from tests.browser import browsing, heading, words
from tests.people import THE_DAY, VENUE_CANARY, Person, audit_of, queued, someone
from tests.professional import path_to, put_into, with_ticket
from tests.qr_alone import QR_ALONE

YES_PLACE, YES_REQUEST = {"give_up": "yes", "seen": "place"}, {"give_up": "yes", "seen": "request"}
NOTHING = f"/ticket/{'a' * 42}"


async def test_the_ticket_says_all_that_gets_ada_in(database: Database, event: Event, ada: Person) -> None:
    asked, ticket = await with_ticket(ada, event)
    async with browsing(database) as client:
        page = await client.get(path_to(asked, Purpose.TICKET))
    said = words(page.text)
    assert (page.status_code, heading(page), page.headers["cache-control"]) == (200, "Your ticket", "no-store")
    facts = ("Ada Ashdown", ticket.reference, event.day_words, "09:30 to 16:00", "09:00", wording.ONLY_DOOR_STAFF_SCAN)
    assert [fact for fact in (*facts, wording.VENUE_LATER) if fact not in said] == []
    assert [service.number for service in wording.SUPPORT if service.number not in said] == []


async def test_the_drawing_on_the_ticket_is_the_code_and_no_address(
    database: Database, event: Event, ada: Person
) -> None:
    asked, ticket = await with_ticket(ada, event)
    async with browsing(database) as client:
        page = await client.get(path_to(asked, Purpose.TICKET))
    code = code_of(event, ticket.n)
    assert read_drawing(page.text) == code
    assert code not in page.text
    assert f"Ticket code, reference {ticket.reference}" in page.text


def read_drawing(html: str) -> str:
    """What a scanner reads from the code on the page, drawn here dot by dot."""
    found = re.search(r'<svg[^>]*viewBox="0 0 (\d+) \d+".*?</svg>', html, re.S)
    assert found is not None
    image = np.full((int(found[1]), int(found[1])), 255, np.uint8)
    for left, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1", found[0]):
        image[int(y), int(left) : int(left) + int(length)] = 0
    read = zxingcpp.read_barcodes(cv2.resize(image, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST), QR_ALONE)
    return read[0].text if read else ""


async def test_the_venue_stands_on_the_ticket_once_it_is_released(
    database: Database, event: Event, ada: Person
) -> None:
    asked, _ = await with_ticket(ada, event)
    async with browsing(database) as client:
        assert event.venue not in (await client.get(path_to(asked, Purpose.TICKET))).text
        clock.move_to(THE_DAY)
        late = (await client.get(path_to(asked, Purpose.TICKET))).text
        assert (wording.VENUE_MISSING in late, wording.VENUE_LATER in late) == (True, False), "the day is there"
        await Event.filter(id=event.id).update(venue_released_at=clock.now())
        assert event.venue in (await client.get(path_to(asked, Purpose.TICKET))).text


async def test_the_calendar_file_is_a_download_with_a_name_that_says_nothing(
    database: Database, event: Event, ada: Person
) -> None:
    asked, _ = await with_ticket(ada, event)
    async with browsing(database) as client:
        file = await client.get(path_to(asked, Purpose.TICKET) + "/calendar.ics")
    assert (file.status_code, file.headers["content-type"]) == (200, calendar_file.CONTENT_TYPE)
    assert file.headers["content-disposition"] == 'attachment; filename="conference.ics"'
    assert b"DTSTART:20190415T083000Z" in file.content


async def test_the_ticket_on_paper_is_a_download_with_a_name_that_says_nothing(
    database: Database, event: Event, ada: Person
) -> None:
    asked, ticket = await with_ticket(ada, event)
    path = path_to(asked, Purpose.TICKET)
    async with browsing(database) as client:
        page, file, again = [await client.get(path + more) for more in ("", "/ticket.pdf", "/ticket.pdf")]
    assert page.text.index("Address") < page.text.index(f'href="{path}/ticket.pdf"') < page.text.index("Do not share")
    assert (file.status_code, file.headers["content-type"]) == (200, "application/pdf")
    assert file.headers["content-disposition"] == 'attachment; filename="ticket.pdf"'
    guarded = ("cache-control", "content-security-policy", "referrer-policy", "x-content-type-options")
    assert [file.headers[name] for name in guarded] == [page.headers[name] for name in guarded]
    assert file.headers["cache-control"] == "no-store"
    assert again.content == file.content
    said = pdf_reading.words(file.content)
    facts = ("Ada Ashdown", ticket.reference, event.day_words, event.title, event.host_names, "09:30 to 16:00")
    assert [fact for fact in facts if fact not in said] == []
    assert pdf_reading.codes(pdf_reading.picture(file.content)) == [code_of(event, ticket.n)]


async def test_the_venue_stands_on_paper_once_it_is_released(database: Database, event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    path = path_to(asked, Purpose.TICKET) + "/ticket.pdf"
    async with browsing(database) as client:
        assert VENUE_CANARY not in pdf_reading.everything((await client.get(path)).content)
        await Event.filter(id=event.id).update(venue_released_at=clock.now())
        assert VENUE_CANARY in pdf_reading.words((await client.get(path)).content)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], Awaitable[object]]]:
    """What somebody does, once each, while a ticket is being set for paper."""
    acts: list[Callable[[], Awaitable[object]]] = []
    set_page = pdf_ticket.pdf_ticket

    async def set_slowly(facts: dict[str, Any]) -> bytes:
        file = await set_page(facts)
        if acts:
            await acts.pop()()
        return file

    monkeypatch.setattr(pdf_ticket, "pdf_ticket", set_slowly)
    return acts


async def test_a_place_given_up_while_the_ticket_is_set_for_paper_gives_none(
    database: Database, event: Event, ada: Person, meanwhile: list[Callable[[], Awaitable[object]]]
) -> None:
    asked, _ = await with_ticket(ada, event)
    meanwhile.append(lambda: own_booking.give_up(asked, clock.now()))
    async with browsing(database) as client:
        answer = await client.get(path_to(asked, Purpose.TICKET) + "/ticket.pdf")
        assert same_answer(answer, await client.get(NOTHING))


async def test_a_venue_held_back_again_while_the_ticket_is_set_for_paper_is_not_on_it(
    database: Database, event: Event, ada: Person, meanwhile: list[Callable[[], Awaitable[object]]]
) -> None:
    asked, _ = await with_ticket(ada, event)
    await Event.filter(id=event.id).update(venue_released_at=clock.now())
    meanwhile.append(lambda: Event.filter(id=event.id).update(venue_released_at=None))
    async with browsing(database) as client:
        file = await client.get(path_to(asked, Purpose.TICKET) + "/ticket.pdf")
    assert (file.status_code, meanwhile) == (200, [])
    assert VENUE_CANARY not in pdf_reading.everything(file.content)
    assert "Not given yet" in pdf_reading.words(file.content)


async def test_without_a_place_the_ticket_page_is_the_page_for_nothing(database: Database, event: Event) -> None:
    async with browsing(database) as client:
        nothing = await client.get(NOTHING)
        for state in set(State) - {State.APPROVED}:
            path = path_to(await put_into(state, someone(), event), Purpose.TICKET)
            for page in (path, f"{path}/calendar.ics", f"{path}/ticket.pdf"):
                assert same_answer(await client.get(page), nothing), state


async def test_a_withdrawn_ticket_is_the_page_for_nothing_also_once_there_is_a_new_one(
    database: Database, event: Event, ada: Person
) -> None:
    asked, _ = await with_ticket(ada, event)
    old = [path_to(asked, purpose) for purpose in (Purpose.TICKET, Purpose.MANAGE)]
    old.append(f"{old[0]}/ticket.pdf")
    assert await asked.become(State.CONFIRMED)
    await ticketing.revoke(asked, clock.now())
    async with browsing(database) as client:
        nothing = await client.get(NOTHING)
        assert [same_answer(await client.get(path), nothing) for path in old] == [True] * 3
        assert await asked.become(State.APPROVED)
        await ticketing.issue(asked, clock.now())
        assert [same_answer(await client.get(path), nothing) for path in old] == [True] * 3
        new = path_to(await Registration.get(id=asked.id), Purpose.TICKET)
        assert (await client.get(new)).status_code == 200


def same_answer(one: httpx2.Response, other: httpx2.Response) -> bool:
    return (one.status_code, dict(one.headers), one.content) == (other.status_code, dict(other.headers), other.content)


async def test_a_ticket_opens_only_while_its_guest_is_approved_whatever_else_went_wrong(
    database: Database, event: Event, ada: Person
) -> None:
    """Every move out of approved kills ticket and links. Were one forgotten, the page is still the one for nothing."""
    asked, _ = await with_ticket(ada, event)
    async with browsing(database) as client:
        assert (await client.get(path_to(asked, Purpose.TICKET))).status_code == 200
        await Registration.filter(id=asked.id).update(state=State.CONFIRMED)
        assert (await client.get(path_to(asked, Purpose.TICKET))).status_code == 404


async def test_who_has_nothing_to_manage_finds_nothing(database: Database, event: Event) -> None:
    async with browsing(database) as client:
        nothing = await client.get(NOTHING)
        for state in (State.REQUESTED, State.NOT_OFFERED, State.CANCELLED, State.EXPIRED):
            asked = await put_into(state, someone(), event)
            assert same_answer(await client.get(path_to(asked, Purpose.MANAGE)), nothing), state


@pytest.mark.parametrize("state", [State.CONFIRMED, State.WAITING])
async def test_the_page_of_a_request_does_not_tell_waiting_from_undecided(
    database: Database, event: Event, ada: Person, state: State
) -> None:
    asked = await put_into(state, ada, event)
    async with browsing(database) as client:
        page = await client.get(path_to(asked, Purpose.MANAGE))
        again = await client.get(path_to(asked, Purpose.MANAGE) + "/send-again")
        await Registration.filter(id=asked.id).update(state=State.CONFIRMED)
        assert (await client.get(path_to(asked, Purpose.MANAGE))).content == page.content
        assert same_answer(again, await client.get(NOTHING))
    assert (heading(page), "waiting" in page.text.lower()) == ("Your request", False)


@pytest.mark.parametrize(("said", "status"), [({}, 422), ({"give_up": "maybe"}, 422), ({"give_up": "no"}, 303)])
async def test_nothing_is_given_up_without_a_yes(
    database: Database, event: Event, ada: Person, said: dict[str, str], status: int
) -> None:
    asked, _ = await with_ticket(ada, event)
    async with browsing(database) as client:
        answer = await client.post(path_to(asked, Purpose.MANAGE) + "/give-up", data=said)
    assert answer.status_code == status
    assert status == 303 or "Select yes to give up your place" in answer.text
    assert ((await Registration.get(id=asked.id)).state, await queued()) == (State.APPROVED, [])


async def test_the_ticket_is_sent_again_once_a_minute_however_often_the_button_is_pressed(
    database: Database, event: Event, ada: Person
) -> None:
    asked, ticket = await with_ticket(ada, event)
    path = path_to(asked, Purpose.MANAGE) + "/send-again"
    async with browsing(database) as client:
        assert (await client.post(path)).status_code == 422
        answers = [await client.post(path, data={"again": "yes"}) for _ in range(7)]
        shown = await client.get(answers[0].headers["location"])
        often = await client.get(answers[-1].headers["location"])
    assert "We are sending your ticket to your email address" in shown.text
    assert "so we did not send it again" in often.text
    assert [answer.headers["location"].partition("?")[2] for answer in answers] == ["sent"] * 5 + ["too-often"] * 2
    assert len(await queued()) in (1, 2)  # two where a minute ended on the way
    assert {template for template, _ in await queued()} == {"ticket"}
    assert {action for action, *_ in await audit_of(asked)} == {Action.RESENT}
    assert (await queued())[0] == ("ticket", ticket.id)
