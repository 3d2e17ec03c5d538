"""An organiser corrects what a person told us: a form that was opened before somebody changed it saves nothing."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.booking import changing, rechecking
from registrations.booking.changing import Change
from registrations.deciding import correcting, vetting
from registrations.deciding.correcting import ChangedMeanwhile
from registrations.people.registration import OrganisationKind, Registration, State
from registrations.tickets.ticket import Ticket
from tests.at_the_desk import amber, desk, fields, notice
from tests.browser import browsing
from tests.people import MONDAY, Person, audit_of, confirmed, queued
from tests.professional import put_into
from tests.registrations.deciding.decisions import anew

Correct = Callable[[Registration, str, Staff], Awaitable[None]]
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


async def correct_name(seen: Registration, name: str, by: Staff) -> None:
    await correcting.correct_as_seen(seen, {"full_name": name}, by, MONDAY, what="name")


async def correct_organisation(seen: Registration, name: str, by: Staff) -> None:
    await correcting.correct_organisation(seen, name, OrganisationKind.HOUSING, by, MONDAY)


@pytest.mark.parametrize(("correct", "what"), [(correct_name, "full_name"), (correct_organisation, "organisation")])
async def test_of_two_who_correct_at_the_same_moment_one_is_refused(
    event: Event, ada: Person, omar: Staff, lena: Staff, correct: Correct, what: str
) -> None:
    seen = await anew(await confirmed(ada, event))
    acts = [correct(await anew(seen), name, by) for name, by in (("One", omar), ("Two", lena))]
    answers = await asyncio.gather(*acts, return_exceptions=True)
    assert [type(answer) for answer in answers if answer is not None] == [ChangedMeanwhile]
    assert getattr(await anew(seen), what) == ["One", "Two"][answers.index(None)]
    assert [act for act, _, _ in await audit_of(seen)] == [Action.CORRECTED]


@SQLITE
async def test_an_organisation_is_corrected_and_nobody_is_looked_at_again(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await put_into(State.APPROVED, ada, event)
    here = desk(event, "people", asked.id)
    typed = {"organisation": "Wardens of West Moor", "kind": "housing"}
    async with browsing(database, omar) as client:
        assert f"{here}/organisation" in (await client.get(here)).text
        form = await client.get(f"{here}/organisation")
        done = await client.post(f"{here}/organisation", data=fields(form) | typed)
        assert notice(await client.get(done.headers["location"])) == "The organisation is corrected."
        again = await client.post(f"{here}/organisation", data=fields(form) | typed)
    now = await anew(asked)
    assert (now.state, now.organisation, now.kind, again.headers["location"]) == (
        State.APPROVED, "Wardens of West Moor", OrganisationKind.HOUSING, here
    )  # fmt: skip
    assert await Ticket.filter(revoked_at=None).count() == 1
    entry = await AuditEntry.get(action=Action.CORRECTED)
    assert (entry.actor, entry.details) == (omar.actor, {"what": "organisation"})
    assert await queued() == [], "nothing is sent"


@SQLITE
async def test_an_organisation_form_does_not_overwrite_the_guests_own_change(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await put_into(State.APPROVED, ada, event)
    here = desk(event, "people", asked.id, "organisation")
    async with browsing(database, omar) as client:
        stale = fields(await client.get(here)) | {"organisation": "Wardens of West Moor", "kind": "charity"}
        kind = OrganisationKind.HOUSING
        await rechecking.change_organisation(await anew(asked), "Lantern", kind, MONDAY, clock.real())
        refused = await client.post(here, data=stale)
        stands = await anew(asked)
        again = await client.post(here, data=fields(refused) | {"kind": "charity"})
    assert (refused.status_code, fields(refused)["organisation"]) == (409, "Wardens of West Moor")
    assert "It says now: Lantern (housing)." in amber(refused)
    assert (stands.organisation, stands.kind) == ("Lantern", kind)
    assert (again.status_code, (await anew(asked)).organisation) == (303, "Wardens of West Moor")
    assert (await anew(asked)).state is State.RECHECKING, "that they changed it is still to be decided on"


@SQLITE
async def test_what_nobody_confirmed_or_has_ended_is_not_corrected(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    people = [await put_into(State.REQUESTED, ada, event), await put_into(State.CANCELLED, bo, event)]
    async with browsing(database, omar) as client:
        for asked in people:
            assert (await client.get(desk(event, "people", asked.id, "organisation"))).status_code == 404
