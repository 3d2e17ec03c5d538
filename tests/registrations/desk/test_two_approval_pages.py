"""Two organisers approve, on the desk's pages: how many there are is shown wherever one of them decides.

Rules: SG-03.
"""

import re

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import Database
from events.mail.outbox import Message
from registrations.deciding import vetting
from registrations.deciding.vetting import Decision
from registrations.people.registration import State
from tests.at_the_desk import amber, desk, fields, green, state_of, ticked
from tests.browser import browsing, words
from tests.people import MONDAY, Person, confirmed, queued, someone
from tests.registrations.deciding.decisions import anew, approved
from tests.registrations.deciding.waiting import waiting

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
FIRST = "1 of 2 approvals: Omar Organiser, 8 April"


@pytest.fixture
async def two(event: Event) -> Event:
    """Two approve there."""
    await Event.filter(id=event.id).update(two_approvals=True)
    return await Event.get(id=event.id)


@SQLITE
async def test_an_organiser_switches_it_on_and_all_leads_are_told(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    async with browsing(database, omar) as client:
        assert "Approvals One organiser approves" in words((await client.get(desk(event, "event"))).text)
        page = await client.get(desk(event, "event", "approvals"))
        said = fields(page) | {"two_approvals": "yes"}
        await client.post(desk(event, "event", "approvals"), data=said)
        now = words((await client.get(desk(event, "event"))).text)
    assert "Approvals Two organisers approve whoever is of no checked organisation" in now
    assert (await Event.get(id=event.id)).two_approvals
    assert (await AuditEntry.get(action=Action.EVENT_CHANGED)).details["changed"] == ["two_approvals"]
    assert await Message.filter(template="lead_alert").count() == 1


@SQLITE
async def test_the_queue_counts_the_first_and_the_second_approves(
    database: Database, two: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    asked = await confirmed(ada, two)
    async with browsing(database, omar) as client:
        assert "Needs two approvals" in words((await client.get(desk(two, "requests"))).text)
        first = await client.post(desk(two, "requests", "approve"), data={"person": await ticked(asked)})
        page = await client.get(first.headers["location"])
    said = "Ada Ashdown : 1 of 2 approvals, yours. Another organiser has to approve this person too. No email was sent."
    assert (amber(page).startswith(said), green(page), FIRST in words(page.text)) == (True, "", True)
    async with browsing(database, lena) as client:
        assert FIRST in words((await client.get(desk(two, "people", asked.id))).text)
        second = await client.post(desk(two, "requests", "approve"), data={"person": await ticked(asked)})
        done = await client.get(second.headers["location"])
    assert "Ada Ashdown : approved." in green(done)
    assert await state_of(asked) is State.APPROVED
    async with browsing(database, omar) as client:
        assert amber(await client.get(first.headers["location"])) == "", "it is no news any more"


def choices(page: httpx2.Response) -> list[str]:
    return re.findall(r'name="decision" type="radio" value="(\w+)"', page.text)


@SQLITE
@pytest.mark.parametrize("state", [State.CONFIRMED, State.WAITING])
async def test_whoever_approved_first_is_told_so_in_place_of_approving_again(
    database: Database, two: Event, ada: Person, omar: Staff, lena: Staff, state: State
) -> None:
    asked = (await waiting(two, omar, 1, ada))[0] if state is State.WAITING else await confirmed(ada, two)
    await vetting.decide(await anew(asked), Decision.APPROVE, omar, MONDAY)
    said = "You approved first , 8 April 2019, 09:00. A second person has to approve too."
    here, other = desk(two, "people", asked.id), "offer" if state is State.WAITING else "wait"
    async with browsing(database, omar) as client:
        page, queue = await client.get(here), await client.get(desk(two, "requests"))
        left = ["not_offer"] if state is State.WAITING else ["wait", "not_offer"]
        assert (said in words(page.text), choices(page)) == (True, left)
        if state is State.CONFIRMED:
            assert "You approved first" in words(queue.text)
            assert 'form="approve-one"' not in queue.text
        again = await client.post(f"{here}/decide", data={"decision": "approve", "seen": state.value})
        assert "1 of 2 approvals, yours" in amber(await client.get(again.headers["location"]))
    async with browsing(database, lena) as client:
        page, queue = await client.get(here), await client.get(desk(two, "requests"))
        assert ("You approved first" in words(page.text), sorted(choices(page))) == (
            False,
            sorted(["approve", "not_offer", other]),
        )
        assert ('form="approve-one"' in queue.text) is (state is State.CONFIRMED)


@SQLITE
async def test_an_undo_takes_the_first_back_and_comes_too_late_for_the_second(
    database: Database, two: Event, ada: Person, bo: Person, omar: Staff, lena: Staff
) -> None:
    people = [await confirmed(person, two) for person in (ada, bo)]
    async with browsing(database, omar) as client:
        for asked in people:
            banner = await client.post(desk(two, "people", asked.id, "decide"), data={"decision": "approve"})
            assert FIRST in words((await client.get(banner.headers["location"])).text)
        await vetting.decide(await anew(people[1]), Decision.APPROVE, lena, MONDAY)
        for asked in people:
            data = {"person": asked.id, "seen": "confirmed"}
            undone = await client.post(desk(two, "people", asked.id, "undo"), data=data)
            shown = await client.get(undone.headers["location"])
            if asked is people[0]:
                assert ("the decision is undone" in green(shown), FIRST in words(shown.text)) == (True, False)
            else:
                assert "too late to undo" in amber(shown)
    assert [await state_of(asked) for asked in people] == [State.CONFIRMED, State.APPROVED]


@SQLITE
async def test_of_several_it_says_before_and_after_who_has_one_approval(
    database: Database, two: Event, omar: Staff, lena: Staff
) -> None:
    people = [await confirmed(someone(), two) for _ in range(3)]
    await vetting.decide(await anew(people[0]), Decision.APPROVE, lena, MONDAY)
    posted = {"person": await ticked(*people), "decision": "approve"}
    async with browsing(database, omar) as client:
        before = words((await client.post(desk(two, "requests"), data=posted)).text)
        done = await client.post(desk(two, "requests", "several"), data=posted)
        after = await client.get(done.headers["location"])
    assert "3 of them need two organisers: yours counts as one approval for each" in before
    assert "1 of 2 approvals: Lena Lead, 8 April" in before
    assert f"{people[0].full_name} : approved." in green(after)
    left = f"{people[1].full_name} , {people[2].full_name} : 1 of 2 approvals, yours. Another organiser has to"
    assert amber(after).startswith(f"{left} approve each of these too.")
    assert [await state_of(asked) for asked in people] == [State.APPROVED, State.CONFIRMED, State.CONFIRMED]


@SQLITE
async def test_the_waiting_list_says_why_nothing_is_offered_automatically(
    database: Database, two: Event, omar: Staff
) -> None:
    [asked] = await waiting(two, omar)
    async with browsing(database, omar) as client:
        page = words((await client.get(desk(two, "waiting"))).text)
        assert "Needs two approvals, so nothing is offered automatically" in page
        given = await client.post(desk(two, "waiting"), data={"person": await ticked(asked), "decision": "approve"})
        page = words((await client.get(given.headers["location"])).text)
        several = await client.post(
            desk(two, "waiting"), data={"person": [*await ticked(asked), asked.id + 1], "decision": "offer"}
        )
    assert f"{FIRST}, so nothing is offered automatically" in page
    assert FIRST in words(several.text)


@SQLITE
async def test_whoever_is_restored_with_a_place_needs_two(
    database: Database, event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    asked = await approved(ada, event, lena)
    await vetting.cancel(asked, lena, MONDAY)
    await Event.filter(id=event.id).update(two_approvals=True)
    before = await queued()
    for by, state in ((omar, State.CANCELLED), (omar, State.CANCELLED), (lena, State.APPROVED)):
        async with browsing(database, by) as client:
            page = await client.get(desk(event, "people", asked.id, "restore"))
            assert "two organisers have to restore" in words(page.text) or FIRST in words(page.text)
            done = await client.post(desk(event, "people", asked.id, "restore"), data={"to": "approved"})
            shown = await client.get(done.headers["location"])
        assert await state_of(asked) is state
        if state is State.CANCELLED:
            assert amber(shown).startswith("Ada Ashdown : 1 of 2 approvals, yours.")
            assert await queued() == before
