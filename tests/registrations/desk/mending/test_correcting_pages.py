"""An organiser corrects what a person told us: a form that was opened before somebody changed it saves nothing."""

import asyncio

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.booking import changing
from registrations.booking.changing import Change
from registrations.deciding import correcting, vetting
from registrations.deciding.correcting import ChangedMeanwhile
from registrations.people.registration import Registration
from tests.at_the_desk import amber, desk, fields
from tests.browser import browsing
from tests.people import MONDAY, Person, audit_of, confirmed
from tests.registrations.deciding.decisions import anew

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


async def names(asked: Registration) -> tuple[str, str]:
    now = await anew(asked)
    return now.full_name, now.badge_name


@SQLITE
async def test_a_name_form_does_not_overwrite_what_the_guest_changed_since_it_was_opened(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    async with browsing(database, omar) as client:
        page = desk(event, "people", asked.id, "name")
        stale = fields(await client.get(page)) | {"full_name": "Ada Ash"}
        await changing.change(await anew(asked), Change.NAME, "Ada Ashdowne", MONDAY, clock.real())
        refused = await client.post(page, data=stale)
        said = amber(refused)
        assert refused.status_code == 409
        assert said.startswith("Nothing was saved: this person has changed since you opened this page.")
        assert "Changed their own booking: name, by The person, 8 April 2019, 09:00. It says now: Ada Ashdowne." in said
        assert await names(asked) == ("Ada Ashdowne", "")
        again = fields(refused)
        assert again["full_name"] == "Ada Ash", "what was typed is not lost"
        assert (await client.post(page, data=again)).status_code == 303
    assert await names(asked) == ("Ada Ash", "")


@SQLITE
async def test_a_form_with_a_mistake_in_it_stays_as_old_as_it_was(
    database: Database, event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    """Or a guest's change would be overwritten by whoever first forgets the name."""
    asked = await confirmed(ada, event)
    async with browsing(database, omar) as client:
        page = desk(event, "people", asked.id, "name")
        stale = fields(await client.get(page))
        await vetting.correct(await anew(asked), {"badge_name": "Lady A"}, lena, MONDAY, what="name")
        wrong = await client.post(page, data=stale | {"full_name": ""})
        refused = await client.post(page, data=fields(wrong) | {"full_name": "Ada Ash"})
    assert (wrong.status_code, refused.status_code) == (422, 409)
    assert "by Lena Lead" in amber(refused)
    assert await names(asked) == ("Ada Ashdown", "Lady A")


async def test_of_two_who_correct_at_the_same_moment_one_is_refused(
    event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    seen = await anew(await confirmed(ada, event))
    both = [({"full_name": "Ada One"}, omar), ({"full_name": "Ada Two"}, lena)]
    acts = [correcting.correct_as_seen(await anew(seen), typed, "name", by, MONDAY) for typed, by in both]
    answers = await asyncio.gather(*acts, return_exceptions=True)
    assert [type(answer) for answer in answers if answer is not None] == [ChangedMeanwhile]
    done = [typed["full_name"] for (typed, _), answer in zip(both, answers, strict=True) if answer is None]
    assert [(await anew(seen)).full_name] == done
    assert [act for act, _, _ in await audit_of(seen)] == [Action.CORRECTED]
