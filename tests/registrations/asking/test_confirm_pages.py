"""The link in the first email: a page with two radios, none chosen, and a page that helps whenever it no longer asks.

Rules: GU-05.
"""

from asyncio import gather
from dataclasses import replace

import pytest

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.tokens import Purpose
from registrations.asking import registering
from registrations.people.link_answers import LINK_LASTS
from registrations.people.registration import LIVE, Registration, State
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, audit_of, link_of, queued, requested, someone
from tests.professional import ask, path_to, put_into, told_by, with_ticket
from tests.registrations.privacy.retention.going import went


async def test_the_page_shows_every_answer_and_chooses_nothing(database: Database, event: Event, ada: Person) -> None:
    ada = replace(ada, badge_name="Ada A.", phone="01632 960001")
    asked = await requested(ada, event)
    async with browsing(database) as client:
        page = await client.get(path_to(asked, Purpose.CONFIRM))
    said = words(page.text)
    assert (page.status_code, heading(page)) == (200, "Confirm your request")
    shown = [ada.email, ada.name, ada.badge_name, ada.organisation, "Charity", ada.role, ada.phone, event.day_words]
    assert [answer for answer in shown if answer not in said] == []
    assert "checked" not in page.text
    assert (await Registration.get(id=asked.id)).state is State.REQUESTED


async def test_links_that_are_opened_at_the_same_time_show_each_their_own_answers(
    database: Database, event: Event
) -> None:
    people = [someone() for _ in range(3)]
    paths = [path_to(await requested(person, event), Purpose.CONFIRM) for person in people]
    async with browsing(database) as client:
        pages = await gather(*(client.get(path) for path in (paths[2], paths[0], paths[1], paths[0])))
    shown = [[person.email for person in people if person.email in words(page.text)] for page in pages]
    assert shown == [[people[n].email] for n in (2, 0, 1, 0)]


async def test_yes_confirms_and_says_so_however_often_it_is_sent(database: Database, event: Event, ada: Person) -> None:
    asked = await requested(ada, event)
    path = path_to(asked, Purpose.CONFIRM)
    async with browsing(database) as client:
        first = await client.post(path, data={"asked": "yes"})
        assert (first.status_code, first.headers["location"]) == (303, path)
        pages = [await client.get(path), await client.post(path, data={"asked": "no"})]
    assert [(page.status_code, heading(page)) for page in pages] == [(200, "We have your request")] * 2
    assert (await Registration.get(id=asked.id)).state is State.CONFIRMED
    assert [action for action, *_ in await audit_of(asked)] == [Action.CONFIRMED]


async def test_no_sets_the_request_aside_and_a_later_yes_takes_it_back(
    database: Database, event: Event, ada: Person
) -> None:
    path = path_to(await requested(ada, event), Purpose.CONFIRM)
    async with browsing(database) as client:
        done = await client.post(path, data={"asked": "no"})
        assert (done.status_code, done.headers["location"]) == (303, path)
        page = await client.get(path)
        assert (page.status_code, heading(page)) == (200, "The request has been set aside")
        assert "on Thursday 11 April 2019 we delete what was entered" in words(page.text)
        assert "checked" not in page.text
        assert heading(await client.post(path)) == "The request has been set aside"
        await client.post(path, data={"asked": "yes"})
        assert heading(await client.get(path)) == "We have your request"
    assert (await Registration.get()).state is State.CONFIRMED
    assert [entry.action for entry in await AuditEntry.all().order_by("id")] == [Action.NOT_ASKED, Action.CONFIRMED]


@pytest.mark.parametrize("said", [{}, {"asked": "perhaps"}])
async def test_without_a_choice_nothing_happens(
    database: Database, event: Event, ada: Person, said: dict[str, str]
) -> None:
    asked = await requested(ada, event)
    async with browsing(database) as client:
        page = await client.post(path_to(asked, Purpose.CONFIRM), data=said)
    assert (page.status_code, "Select whether you asked for this place" in page.text) == (422, True)
    assert (await Registration.get(id=asked.id)).state is State.REQUESTED


async def test_a_used_link_says_the_same_whatever_was_decided(database: Database, event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    async with browsing(database) as client:
        path = path_to(asked, Purpose.CONFIRM)
        pages = {}
        for state in (State.APPROVED, *(LIVE - {State.REQUESTED, State.APPROVED})):
            await Registration.filter(id=asked.id).update(state=state)
            page = await client.get(path)
            pages[state] = (page.status_code, sorted(page.headers), page.content)
    assert len(set(map(str, pages.values()))) == 1
    assert pages[State.APPROVED][0] == 200


async def test_an_older_link_stays_good_and_shows_its_own_answers(
    database: Database, event: Event, ada: Person
) -> None:
    """Whoever asks later in her name takes nothing from her: not her link, and not her answers."""
    asked = await requested(ada, event)
    await registering.ask(event, told_by(replace(ada, name="Mallory", phone="01632 960999")), MONDAY, MONDAY)
    old, newer = path_to(asked, Purpose.CONFIRM), (await link_of(asked)).link
    async with browsing(database) as client:
        pages = [words((await client.get(link)).text) for link in (old, newer)]
        assert [("Mallory" in page, "01632 960999" in page, ada.name in page) for page in pages] == [
            (False, False, True), (True, True, False),
        ]  # fmt: skip
        await client.post(old, data={"asked": "yes"})
        assert [heading(await client.get(link)) for link in (old, newer)] == ["We have your request"] * 2
    now = await Registration.get(id=asked.id)
    assert (now.state, now.full_name, now.phone) == (State.CONFIRMED, ada.name, "")


async def test_the_email_of_a_link_can_be_had_again(database: Database, event: Event, ada: Person) -> None:
    asked = await requested(ada, event)
    path = path_to(asked, Purpose.CONFIRM)
    async with browsing(database) as client:
        assert heading(await client.get(f"{path}/again")) == "Do you want us to send our email again?"
        assert (await client.post(f"{path}/again")).status_code == 422
        sent = await client.post(f"{path}/again", data={"again": "yes"})
        assert heading(await client.get(sent.headers["location"])) == "Check your email"
    assert await queued() == [("confirm", (await link_of(asked)).id)]


@pytest.mark.parametrize("state", [State.REQUESTED, State.CONFIRMED, State.NOT_OFFERED])
async def test_the_page_after_sending_again_is_of_the_link_and_shows_no_address(
    database: Database, event: Event, ada: Person, bo: Person, state: State
) -> None:
    """Bo has just asked in this browser, whose page after asking shows his address, and sends to it."""
    path = path_to(await put_into(state, ada, event), Purpose.CONFIRM)
    async with browsing(database) as client:
        await ask(client, event, bo)
        sent = await client.post(f"{path}/again", data={"again": "yes"})
        page = await client.get(sent.headers["location"])
    assert sent.headers["location"].partition("?")[0] == f"{path}/again"
    assert (page.status_code, heading(page)) == (200, "Check your email")
    told = (bo.email, ada.email, "we do not look at your request", "<form")
    assert [text for text in told if text in page.text.partition("<main")[2]] == []


async def test_a_link_of_three_days_ago_has_expired_also_when_the_request_is_gone(
    database: Database, event: Event, ada: Person
) -> None:
    asked = await requested(ada, event)
    path = path_to(asked, Purpose.CONFIRM)
    clock.move_to(MONDAY + LINK_LASTS)
    async with browsing(database) as client:
        for expires in (1, 0):
            page = await client.get(path)
            assert (page.status_code, heading(page)) == (410, "This link has expired")
            assert (await client.post(path, data={"asked": "yes"})).status_code == 410
            again = await client.post(f"{path}/again", data={"again": "yes"})
            assert heading(again) == "This link has expired", "and not: check your email"
            assert await went("unconfirmed", clock.now()) == expires
    gone = await Registration.get(id=asked.id)
    assert (gone.state, gone.email, gone.full_name, await queued()) == (State.EXPIRED, "", "", [])


async def test_an_unknown_link_is_the_page_for_nothing(database: Database, event: Event) -> None:
    async with browsing(database) as client:
        nothing = await client.get("/nothing")
        for token in ("a" * 42, "a" * 41, "A" * 42, "%2e%2e", "x"):
            unknown = await client.get(f"/confirm/{token}")
            assert (unknown.status_code, unknown.content) == (nothing.status_code, nothing.content), token


@pytest.mark.parametrize("state", [State.CANCELLED, State.EXPIRED])
async def test_a_request_that_has_ended_may_be_made_again(
    database: Database, event: Event, ada: Person, state: State
) -> None:
    asked = await put_into(state, ada, event)
    path = path_to(asked, Purpose.CONFIRM)
    async with browsing(database) as client:
        for page in (await client.get(path), await client.get(f"{path}/again")):
            assert (page.status_code, f"/e/{event.slug}/ask" in page.text) == (410, True)
