"""Several are decided as the list showed them: whoever has changed since stays, and is named.

Rules: SG-02, SG-03.
"""

import asyncio
import re

import httpx2
import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.booking import changing
from registrations.booking.changing import Change
from registrations.deciding import several_decisions, vetting
from registrations.deciding.vetting import Decision, Result
from registrations.people.registration import Registration, State
from tests.at_the_desk import amber, desk, green, several, state_of
from tests.browser import browsing
from tests.keys import a_new_key_comes
from tests.people import MONDAY, Person
from tests.registrations.booking.addressing import anew
from tests.registrations.deciding.waiting import waiting
from tests.registrations.desk.test_changed_meanwhile import shown

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
NEW_NAME = "Somebody Else"
BECAME = {Decision.APPROVE: State.APPROVED, Decision.WAIT: State.WAITING, Decision.NOT_OFFER: State.NOT_OFFERED}


async def renamed(asked: Registration) -> None:
    await rename(await anew(asked))


async def rename(seen: Registration) -> None:
    """As it was read."""
    await changing.change(seen, Change.NAME, NEW_NAME, MONDAY, clock.real())


def boxes(page: httpx2.Response) -> list[str]:
    """What ticking all of a list posts."""
    return re.findall(r'type="checkbox" name="person" value="([^"]+)"', page.text)


def hidden(page: httpx2.Response) -> list[str]:
    return " ".join(re.findall(r'type="hidden" name="person" value="([^"]+)"', page.text)).split()


@SQLITE
@pytest.mark.parametrize("decision", list(BECAME))
async def test_who_changes_between_the_list_and_the_press_stays_and_is_named(
    database: Database, event: Event, decision: Decision, omar: Staff
) -> None:
    first, changed, last = await several(event, 3)
    async with browsing(database, omar) as client:
        ticked = boxes(await client.get(desk(event, "requests")))
        shown = await client.post(desk(event, "requests"), data={"person": ticked, "decision": decision.value})
        await renamed(changed)
        posted = {"person": hidden(shown), "decision": decision.value}
        done = await client.post(desk(event, "requests", "several"), data=posted)
        page = await client.get(done.headers["location"])
    assert [await state_of(asked) for asked in (first, changed, last)] == [
        BECAME[decision], State.CONFIRMED, BECAME[decision]
    ]  # fmt: skip
    assert green(page).startswith("2 ")
    assert f"{NEW_NAME} : not " in amber(page)
    assert "since this person has changed since the page was shown. Open the person, then decide." in amber(page)
    assert f'href="/desk/{event.slug}/people/{changed.id}"' in page.text


@SQLITE
@pytest.mark.parametrize("path", ["requests", "requests/approve"])
async def test_one_that_was_ticked_or_approved_beside_its_name_stays_too(
    database: Database, event: Event, path: str, omar: Staff
) -> None:
    changed, other = await several(event, 2)
    async with browsing(database, omar) as client:
        ticked = boxes(await client.get(desk(event, "requests")))
        await renamed(changed)
        for box in ticked:
            done = await client.post(desk(event, path), data={"person": box, "decision": "approve"})
            if box is ticked[0]:
                assert "has changed since the page was shown" in amber(await client.get(done.headers["location"]))
    assert [await state_of(asked) for asked in (changed, other)] == [State.CONFIRMED, State.APPROVED]


@SQLITE
async def test_a_form_without_marks_decides_nothing(database: Database, event: Event, omar: Staff) -> None:
    people = await several(event, 2)
    async with browsing(database, omar) as client:
        marked = boxes(await client.get(desk(event, "requests")))
        for ticked in ([asked.id for asked in people], marked):
            posted = {"person": ticked, "decision": "wait"}
            await client.post(desk(event, "requests", "several"), data=posted)
            expected = State.WAITING if ticked is marked else State.CONFIRMED
            assert [await state_of(asked) for asked in people] == [expected] * 2


@SQLITE
async def test_what_was_shown_before_a_new_key_came_is_decided_after_it(
    database: Database, event: Event, omar: Staff
) -> None:
    first, changed, last = await several(event, 3)
    async with browsing(database, omar) as client:
        posted = {"person": boxes(await client.get(desk(event, "requests"))), "decision": "approve"}
        alone = shown(await client.get(desk(event, "people", last.id))) | {"decision": "wait"}
        a_new_key_comes()
        await renamed(changed)
        await client.post(desk(event, "people", last.id, "decide"), data=alone)
        await client.post(desk(event, "requests", "several"), data=posted)
    states = [await state_of(asked) for asked in (first, changed, last)]
    assert states == [State.APPROVED, State.CONFIRMED, State.WAITING]


@SQLITE
@pytest.mark.parametrize("decision", [Decision.APPROVE, Decision.OFFER, Decision.NOT_OFFER])
async def test_so_does_who_changes_on_the_waiting_list(
    database: Database, event: Event, decision: Decision, ada: Person, bo: Person, omar: Staff
) -> None:
    changed, other = await waiting(event, omar, 2, ada, bo)
    async with browsing(database, omar) as client:
        posted = {"person": boxes(await client.get(desk(event, "waiting"))), "decision": decision.value}
        await renamed(changed)
        done = await client.post(desk(event, "waiting", "several"), data=posted)
        page = await client.get(done.headers["location"])
    assert [await state_of(changed), await state_of(other) is State.WAITING] == [State.WAITING, False]
    assert f"{NEW_NAME} : not " in amber(page)


@pytest.mark.parametrize("decision", [Decision.APPROVE, Decision.WAIT])
@pytest.mark.parametrize("two", [False, True])
async def test_a_change_in_the_same_moment_is_not_decided_unseen(
    event: Event, two: bool, decision: Decision, omar: Staff, lena: Staff
) -> None:
    """Whichever comes first: who was decided on had the answers that were read, or the change found them decided."""
    await Event.filter(id=event.id).update(two_approvals=two)
    people = await several(event, 8)
    if two and decision is Decision.APPROVE:
        for asked in people:
            assert await vetting.decide(await anew(asked), decision, lena, MONDAY) is Result.FIRST
    read = await several_decisions.in_order(event, [asked.id for asked in people])
    before = [await anew(asked) for asked in people]  # whoever reads it after the decision may change it as ever
    decided = several_decisions.decide_people(read, decision, omar, MONDAY)
    results, *_ = await asyncio.gather(decided, *map(rename, before), return_exceptions=True)
    assert isinstance(results, dict)
    for asked in people:
        assert (results[asked.id] is Result.DONE) is not ((await anew(asked)).full_name == NEW_NAME)


async def test_what_was_read_before_a_change_is_not_decided(event: Event, omar: Staff) -> None:
    """As if the change came between the page's look at it and the act itself."""
    changed, other = await several(event, 2)
    for decision in (Decision.APPROVE, Decision.WAIT, Decision.NOT_OFFER):
        read = await several_decisions.in_order(event, [changed.id, other.id])
        await renamed(changed)
        results = await several_decisions.decide_people(read[:1], decision, omar, MONDAY)
        assert (results, await state_of(changed)) == ({changed.id: Result.CHANGED}, State.CONFIRMED)
        await changing.change(await anew(changed), Change.NAME, decision.value, MONDAY, clock.real())
    assert await several_decisions.decide_people(read[1:], Decision.WAIT, omar, MONDAY) == {other.id: Result.DONE}


async def test_nor_where_each_is_decided_alone(event: Event, omar: Staff, lena: Staff) -> None:
    await Event.filter(id=event.id).update(two_approvals=True)
    changed, other = await several(event, 2)
    read = await several_decisions.in_order(event, [changed.id, other.id])
    await renamed(changed)
    results = await several_decisions.decide_people(read, Decision.APPROVE, omar, MONDAY)
    assert results == {changed.id: Result.CHANGED, other.id: Result.FIRST}


async def test_of_two_organisers_the_one_who_saw_an_older_name_decides_nothing(
    event: Event, omar: Staff, lena: Staff
) -> None:
    """Both share a transaction, in which the older comes first."""
    [changed] = await several(event, 1)
    older = await several_decisions.in_order(event, [changed.id])
    await renamed(changed)
    newer = await several_decisions.in_order(event, [changed.id])
    results = await asyncio.gather(
        several_decisions.decide_people(older, Decision.APPROVE, lena, MONDAY),
        several_decisions.decide_people(newer, Decision.APPROVE, omar, MONDAY),
    )
    assert [result[changed.id] is Result.DONE for result in results] == [False, True]
