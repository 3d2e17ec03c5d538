"""Whoever filters the people list decides on those that it shows: ticked, shown once more, and with the same banner."""

import re

import httpx2
import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.deciding import vetting
from registrations.people.registration import Registration, State
from tests.at_the_desk import desk, green, several, state_of
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, confirmed

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


def ticks(page: httpx2.Response) -> list[str]:
    return re.findall(r'<input type="checkbox" name="person" value="([\w-]+)" checked>', page.text)


def boxes(page: httpx2.Response) -> list[str]:
    return re.findall(r'<input type="checkbox" name="person" value="([\w-]+)"', page.text)


async def test_those_of_any_filter_are_ticked_and_decided_on_as_in_the_queue(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    theirs, others = [await confirmed(person, event) for person in (ada, bo)], await several(event, 2)
    async with browsing(database, omar) as client:
        found = await client.post(desk(event, "people", "search"), data={"text": "westmoor", "state": "confirmed"})
        page = await client.get(f"{found.headers['location']}&all=1")
        assert len(ticks(page)) == 2
        action = re.findall(r'<form method="post" action="([^"]*)" novalidate id="queue">', page.text)
        assert action == [desk(event, "requests")]
        asked = await client.post(action[0], data={"person": ticks(page), "decision": "approve"})
        assert heading(asked) == "Approve 2 people?"
        done = await client.post(
            f"{action[0]}/several", data={"person": re.findall(r'name="person" value="([\w -]+)"', asked.text),
                                          "decision": "approve"},
        )  # fmt: skip
        assert green(await client.get(done.headers["location"])).startswith("2 approved.")
    assert [await state_of(person) for person in (*theirs, *others)] == [State.APPROVED] * 2 + [State.CONFIRMED] * 2


async def test_who_waits_is_decided_on_as_on_the_waiting_list_and_nobody_else_has_a_box(
    database: Database, event: Event, omar: Staff, vic: Staff
) -> None:
    asked = await several(event, 3)
    await vetting.approve(asked[0], omar, MONDAY)
    await vetting.put_on_waiting_list(asked[1], omar, MONDAY)
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "people"), params={"state": "waiting"})
        assert [box.partition("-")[0] for box in boxes(page)] == [str(asked[1].id)]
        assert "Approve Offer a place Decline" in words(page.text)
        assert f'action="{desk(event, "waiting")}"' in page.text
        done = await client.post(desk(event, "waiting"), data={"person": boxes(page), "decision": "approve"})
        assert green(await client.get(done.headers["location"])).endswith(f"Undo : {asked[1].full_name}")
        for state in ("", "approved", "cancelled"):
            assert boxes(await client.get(desk(event, "people"), params={"state": state})) == []
    async with browsing(database, vic) as client:
        assert boxes(await client.get(desk(event, "people"), params={"state": "confirmed"})) == []
    assert (await Registration.get(id=asked[1].id)).state is State.APPROVED
