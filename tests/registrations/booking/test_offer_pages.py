"""The page behind the link of an offer: only a posted yes or no answers, and a link that is used or over says so.

Rules: EV-08, EM-05.
"""

from datetime import datetime, timedelta

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.tokens import Purpose
from events.mail.outbox import Message
from registrations.booking import own_booking
from registrations.deciding import offers, vetting
from registrations.deciding.offer_emails import WRITERS
from registrations.people.registration import Registration, State
from tests.browser import browsing, heading, words
from tests.mail_reading import assert_it_reads_well, html_of, links_of, text_of, written
from tests.people import MONDAY, Person, queued
from tests.professional import path_to
from tests.registrations.deciding.decisions import anew
from tests.registrations.deciding.waiting import NOON, states, waiting

YES, NO = {"seen": "offer", "answer": "yes"}, {"seen": "offer", "answer": "no", "word": "decline"}
STAY, LEAVE = {"seen": "stay", "answer": "yes"}, {"seen": "stay", "answer": "no", "word": "leave"}
OVER = "This offer is over"


@pytest.fixture
async def offered(event: Event, ada: Person, omar: Staff) -> Registration:
    """Ada has an offer, made at noon."""
    clock.move_to(NOON)
    [asked] = await waiting(event, omar, 1, ada)
    await offers.offer(asked, omar, NOON)
    return await anew(asked)


def until(offered: Registration) -> datetime:
    return offered.offered_until or NOON


async def sends(client: httpx2.AsyncClient, path: str, said: dict[str, str]) -> httpx2.Response:
    """Posts the answer, and follows to the page that then stands."""
    answer = await client.post(path, data=said)
    assert answer.status_code == 303
    return await client.get(answer.headers["location"])


async def test_the_page_asks_with_nothing_chosen_and_a_yes_gives_the_place(
    database: Database, offered: Registration
) -> None:
    path = path_to(offered, Purpose.OFFER)
    async with browsing(database) as client:
        page = await client.get(path)
        assert (page.status_code, heading(page), "checked" in page.text) == (200, "A place is free", False)
        assert "until 16:00 on Monday 8 April 2019" in words(page.text)
        nothing = await client.post(path, data={"seen": "offer"})
        assert (nothing.status_code, "Select whether you take the place" in nothing.text) == (422, True)
        assert await states(offered) == [State.OFFERED]
        assert heading(await sends(client, path, YES)) == "You have a place"
        assert heading(await sends(client, path, YES)) == "You have a place", "a second press does nothing"
        assert heading(await sends(client, path, NO)) == "You have a place", "nor does a no after it"
    assert await states(offered) == [State.APPROVED]
    assert await Message.filter(template="ticket").count() == 1
    assert await AuditEntry.filter(action=Action.OFFER_TAKEN).count() == 1


async def test_a_no_ends_it_and_the_page_goes_on_saying_so(database: Database, offered: Registration) -> None:
    path = path_to(offered, Purpose.OFFER)
    async with browsing(database) as client:
        assert heading(await sends(client, path, NO)) == "Your request has ended"
        assert heading(await sends(client, path, YES)) == "Your request has ended"
    assert (await states(offered), (await queued())[-1]) == ([State.CANCELLED], ("given_up", offered.id))


@pytest.mark.parametrize(("said", "then", "state"), [
    (STAY, "You are on the waiting list", State.WAITING), (LEAVE, "Your request has ended", State.CANCELLED),
])  # fmt: skip
async def test_who_did_not_answer_may_ask_to_stay(
    database: Database, offered: Registration, said: dict[str, str], then: str, state: State
) -> None:
    path = path_to(offered, Purpose.OFFER)
    clock.move_to(until(offered))
    async with browsing(database) as client:
        before = await client.get(path)
        assert (before.status_code, heading(before)) == (410, OVER), "no turn has ended it yet"
        await sends(client, path, YES)
        assert await states(offered) == [State.OFFERED], "it is too late"
        await offers.run_out(offered, until(offered))
        page = await client.get(path)
        assert heading(page) == "Our offer has ended"
        assert "We held a place for you until 16:00 on Monday 8 April 2019" in words(page.text)
        assert heading(await sends(client, path, YES)) == "Our offer has ended", "a yes to the offer is no yes to this"
        assert await states(offered) == [State.WAITING]
        assert heading(await sends(client, path, said)) == then
    assert (await states(offered), (await anew(offered)).lapsed_at is None) == ([state], said is STAY)


async def test_links_that_lead_nowhere_any_more_say_so(database: Database, offered: Registration, omar: Staff) -> None:
    path = path_to(offered, Purpose.OFFER)
    await offers.run_out(offered, until(offered))
    await offers.offer(await anew(offered), omar, until(offered) + timedelta(hours=1))
    async with browsing(database) as client:
        older = await client.get(path)
        assert (older.status_code, heading(older)) == (410, OVER)
        await sends(client, path, NO)
        assert await states(offered) == [State.OFFERED], "the older link answers nothing"
        newer = path_to(await anew(offered), Purpose.OFFER)
        await vetting.cancel(await anew(offered), omar, NOON)
        assert heading(await client.get(newer)) == OVER
        assert (await client.get(newer[:-1] + ("a" if newer[-1] != "a" else "b"))).status_code == 404


async def test_an_offer_is_over_once_the_event_is(database: Database, offered: Registration) -> None:
    await Registration.filter(id=offered.id).update(offered_until=MONDAY + timedelta(days=30))
    clock.move_to(MONDAY + timedelta(days=8))
    async with browsing(database) as client:
        page = await client.get(path_to(offered, Purpose.OFFER))
        assert (page.status_code, heading(page)) == (410, "This event is over")


async def test_their_booking_page_leads_to_the_offer_and_a_withdrawal_frees_the_place(
    database: Database, event: Event, offered: Registration
) -> None:
    async with browsing(database) as client:
        page = await client.get(path_to(offered, Purpose.MANAGE))
    assert "We hold a place for you. Open the link in our email" in words(page.text)
    assert await own_booking.give_up(await anew(offered), NOON)
    assert (await Event.get(id=event.id)).taken == 0


async def test_both_emails_say_until_when_and_are_sent_while_they_are_true(offered: Registration) -> None:
    message = await Message.get(template="offer")
    email = await written(WRITERS["offer"], message) or pytest.fail("not written")
    assert_it_reads_well(email)
    assert "we are holding a place for you until 16:00 on Monday 8 April 2019" in text_of(email)
    assert next(href for href, _ in links_of(html_of(email))) == offered.link(Purpose.OFFER)
    await offers.run_out(offered, until(offered))
    assert await written(WRITERS["offer"], message) is None
    over = await Message.get(template="offer_over")
    email = await written(WRITERS["offer_over"], over) or pytest.fail("not written")
    assert_it_reads_well(email)
    assert "We held a place for you until 16:00 on Monday 8 April 2019" in text_of(email)
    await offers.stay(await anew(offered), until(offered))
    assert await written(WRITERS["offer_over"], over) is None
