"""Whoever gives up says yes to the question that they were asked, and may press the button twice."""

import re
from datetime import timedelta

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.event import Event
from events.ground import clock, wording
from events.ground.database import Database
from events.ground.tokens import Purpose
from registrations.booking import own_booking
from registrations.deciding import vetting
from registrations.deciding.undone_decisions import undo
from registrations.people.registration import Registration, State
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, audit_of, queued
from tests.professional import path_to, put_into

WITHDRAW, GIVE_UP = "Do you want to withdraw your request?", "Do you want to give up your place?"


def yes_to(page: httpx2.Response) -> dict[str, str]:
    """What the form on this page sends when Yes is chosen."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', page.text)) | {"give_up": "yes"}


async def test_who_is_approved_while_withdrawing_keeps_the_place_and_is_asked_about_it(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await put_into(State.WAITING, ada, event)
    path = path_to(asked, Purpose.MANAGE) + "/give-up"
    async with browsing(database) as client:
        opened = await client.get(path)
        assert heading(opened) == WITHDRAW
        await vetting.approve(asked, omar, MONDAY)
        answer = await client.post(path, data=yes_to(opened))
        assert (answer.status_code, heading(answer), "checked" in answer.text) == (409, GIVE_UP, False)
        assert "You have a place now" in words(answer.text)
        assert ((await Registration.get(id=asked.id)).state, len(await queued())) == (State.APPROVED, 1)
        done = await client.post(path, data=yes_to(answer))
        assert heading(await client.get(done.headers["location"])) == "You have given up your place"
    assert (await Registration.get(id=asked.id)).state is State.CANCELLED


async def test_whose_approval_is_undone_while_giving_up_keeps_the_request(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await put_into(State.CONFIRMED, ada, event)
    await vetting.approve(asked, omar, MONDAY)
    path = path_to(asked, Purpose.MANAGE) + "/give-up"
    async with browsing(database) as client:
        opened = await client.get(path)
        assert await undo(await Registration.get(id=asked.id), omar, MONDAY)
        answer = await client.post(path, data=yes_to(opened))
    assert (answer.status_code, heading(answer), "You have no place now" in answer.text) == (409, WITHDRAW, True)
    assert (await Registration.get(id=asked.id)).state is State.CONFIRMED


async def test_the_question_does_not_tell_waiting_from_undecided(database: Database, event: Event, ada: Person) -> None:
    asked = await put_into(State.WAITING, ada, event)
    async with browsing(database) as client:
        page = await client.get(path_to(asked, Purpose.MANAGE) + "/give-up")
        await Registration.filter(id=asked.id).update(state=State.CONFIRMED)
        assert (await client.get(path_to(asked, Purpose.MANAGE) + "/give-up")).content == page.content


@pytest.mark.parametrize(
    ("state", "done", "told"),
    [
        (State.APPROVED, "given-up", "You have given up your place"),
        (State.RECHECKING, "given-up", "You have given up your place"),
        (State.WAITING, "withdrawn", "You have withdrawn your request"),
    ],
)
async def test_a_second_press_is_told_what_the_first_one_did(
    database: Database, event: Event, ada: Person, state: State, done: str, told: str
) -> None:
    asked = await put_into(state, ada, event)
    path = path_to(asked, Purpose.MANAGE)
    async with browsing(database) as client:
        yes = yes_to(await client.get(f"{path}/give-up"))
        answers = [await client.post(f"{path}/give-up", data=yes) for _ in range(3)]
        assert {answer.headers["location"] for answer in answers} == {f"/e/{event.slug}/{done}"}
        assert heading(await client.get(f"/e/{event.slug}/{done}")) == told
        assert (await client.get(path)).headers["location"] == f"/e/{event.slug}/{done}"
        assert (await client.get(f"{path}/give-up")).status_code == 404
    assert [action for action, *_ in await audit_of(asked)] == [Action.GAVE_UP]
    assert await queued() == [("given_up", asked.id)]


async def test_the_link_of_a_ticket_that_was_given_up_says_so(database: Database, event: Event, ada: Person) -> None:
    asked = await put_into(State.APPROVED, ada, event)
    ticket = path_to(asked, Purpose.TICKET)
    await own_booking.give_up(asked, MONDAY)
    async with browsing(database) as client:
        opened = await client.get(ticket)
        assert opened.headers["location"] == f"/e/{event.slug}/given-up"
        files = [await client.get(f"{ticket}/{name}") for name in ("calendar.ics", "ticket.pdf")]
        assert [answer.status_code for answer in files] == [404, 404]
        await Registration.filter(id=asked.id).update(state_before=None)  # an organiser ended it
        assert (await client.get(ticket)).status_code == 404


@pytest.mark.parametrize("state", [State.APPROVED, State.CONFIRMED])
async def test_once_the_day_has_passed_nothing_is_offered_that_an_email_would_have_to_follow(
    database: Database, event: Event, ada: Person, state: State
) -> None:
    path = path_to(await put_into(state, ada, event), Purpose.MANAGE)
    acts = {"give-up": {"give_up": "yes", "seen": "place"}, "send-again": {"again": "yes"}}
    if state is State.CONFIRMED:
        acts = {"give-up": {"give_up": "yes", "seen": "request"}}
    last_minute = clock.at_venue(event.day + timedelta(days=1), 0, 0) - timedelta(minutes=1)
    async with browsing(database) as client:
        for moment, offered in ((last_minute, True), (last_minute + timedelta(minutes=1), False)):
            clock.move_to(moment)
            page = await client.get(f"{path}?sent")
            assert [f"{path}/{act}" in page.text for act in acts] == [offered] * len(acts)
            texts = ("We are sending", "we will email you", wording.IS_OVER)
            said = [text for text in texts if text in page.text]
            assert said == ([texts[state is State.CONFIRMED]] if offered else [wording.IS_OVER])
            given_up = await client.get(f"/e/{event.slug}/given-up")
            assert ("We send you an email" in given_up.text) is offered
        for act, answers in acts.items():
            for answer in (await client.get(f"{path}/{act}"), await client.post(f"{path}/{act}", data=answers)):
                assert (answer.status_code, wording.IS_OVER in answer.text) == (409, True)
    assert ((await Registration.get()).state, await queued()) == (state, [])


async def test_a_link_that_gave_nothing_up_finds_nothing(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    """One that an organiser cancelled, and a link that was dead before its owner gave up with a newer one."""
    cancelled, again = await put_into(State.APPROVED, ada, event), await put_into(State.CONFIRMED, bo, event)
    await vetting.approve(again, omar, MONDAY)
    paths, tickets = (
        [path_to(asked, purpose) for asked in (cancelled, again)] for purpose in (Purpose.MANAGE, Purpose.TICKET)
    )
    await vetting.cancel(cancelled, omar, MONDAY)
    await vetting.withdraw(again, omar, MONDAY)
    await vetting.approve(await Registration.get(id=again.id), omar, MONDAY)
    newer = await Registration.get(id=again.id)
    await own_booking.give_up(newer, MONDAY)
    async with browsing(database) as client:
        posted = [await client.post(f"{path}/give-up", data={"give_up": "yes"}) for path in paths]
        opened = [await client.get(path) for path in [*paths, *tickets]]
        assert [answer.status_code for answer in [*posted, *opened]] == [404] * 6
        same = await client.post(path_to(newer, Purpose.MANAGE) + "/give-up", data={"give_up": "yes"})
    assert same.headers["location"] == f"/e/{event.slug}/given-up"
