"""An organiser corrects what a person told us: a form that was opened before somebody changed it saves nothing."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.mail.outbox import Message
from registrations.booking import booking_emails, changing, corrected_details, own_needs, rechecking
from registrations.booking.changing import Change
from registrations.deciding import correcting, vetting
from registrations.deciding.correcting import ChangedMeanwhile
from registrations.people.choices import Switch
from registrations.people.erased import ErasedAddress
from registrations.people.registration import OrganisationKind, Registration, State
from registrations.tickets.ticket import Ticket
from tests.at_the_desk import amber, desk, fields, notice
from tests.browser import browsing
from tests.mail_reading import text_of, written
from tests.people import MONDAY, Person, audit_of, confirmed, queued
from tests.professional import put_into, with_ticket
from tests.registrations.deciding.decisions import anew

Correct = Callable[[Registration, str, Staff], Awaitable[None]]
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


def form_of(page: httpx2.Response) -> dict[str, str]:
    """What its form would post as it stands, the radios too."""
    chosen = re.findall(r'name="([^"]+)" type="radio" value="([^"]*)" checked', page.text)
    return fields(page) | dict(chosen)


async def names(asked: Registration) -> tuple[str, str]:
    now = await anew(asked)
    return now.full_name, now.badge_name


@SQLITE
async def test_a_name_form_does_not_overwrite_what_the_guest_changed_since_it_was_opened(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    async with browsing(database, omar) as client:
        page = desk(event, "people", asked.id, "details")
        stale = form_of(await client.get(page)) | {"full_name": "Ada Ash"}
        await changing.change(await anew(asked), Change.NAME, "Ada Ashdowne", MONDAY, clock.real())
        refused = await client.post(page, data=stale)
        said = amber(refused)
        assert refused.status_code == 409
        assert said.startswith("Nothing was saved: this person has changed since you opened this page.")
        assert (
            "Changed their own booking: name, by The person, 8 April 2019, 09:00. It says now: Ada Ashdowne, " in said
        )
        assert await names(asked) == ("Ada Ashdowne", "")
        again = form_of(refused)
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
        page = desk(event, "people", asked.id, "details")
        stale = form_of(await client.get(page))
        await vetting.correct(await anew(asked), {"badge_name": "Lady A"}, lena, MONDAY, what="name")
        wrong = await client.post(page, data=stale | {"full_name": ""})
        refused = await client.post(page, data=form_of(wrong) | {"full_name": "Ada Ash"})
    assert (wrong.status_code, refused.status_code) == (422, 409)
    assert "by Lena Lead" in amber(refused)
    assert await names(asked) == ("Ada Ashdown", "Lady A")


async def correct_name(seen: Registration, name: str, by: Staff) -> None:
    await correcting.correct_as_seen(seen, {"full_name": name}, by, MONDAY, what="name")


async def correct_organisation(seen: Registration, name: str, by: Staff) -> None:
    kind = OrganisationKind.HOUSING
    await corrected_details.correct_details(seen, {"organisation": name}, kind, None, by, MONDAY, clock.real())


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
        assert f"{here}/details" in (await client.get(here)).text
        form = await client.get(f"{here}/details")
        done = await client.post(f"{here}/details", data=form_of(form) | typed)
        assert notice(await client.get(done.headers["location"])) == "The details are corrected."
        again = await client.post(f"{here}/details", data=form_of(await client.get(f"{here}/details")))
    now = await anew(asked)
    assert (now.state, now.organisation, now.kind, again.headers["location"]) == (
        State.APPROVED, "Wardens of West Moor", OrganisationKind.HOUSING, here
    )  # fmt: skip
    assert await Ticket.filter(revoked_at=None).count() == 1
    entry = await AuditEntry.get(action=Action.CORRECTED)
    assert (entry.actor, entry.details) == (omar.actor, {"what": "organisation, kind of organisation"})
    assert await queued() == [], "nothing is sent"


@SQLITE
async def test_an_organisation_form_does_not_overwrite_the_guests_own_change(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await put_into(State.APPROVED, ada, event)
    here = desk(event, "people", asked.id, "details")
    async with browsing(database, omar) as client:
        stale = form_of(await client.get(here)) | {"organisation": "Wardens of West Moor", "kind": "charity"}
        kind = OrganisationKind.HOUSING
        await rechecking.change_organisation(await anew(asked), "Lantern", kind, MONDAY, clock.real())
        refused = await client.post(here, data=stale)
        stands = await anew(asked)
        again = await client.post(here, data=form_of(refused) | {"kind": "charity"})
    assert (refused.status_code, fields(refused)["organisation"]) == (409, "Wardens of West Moor")
    assert ", Lantern, " in amber(refused)
    assert "(housing)." in amber(refused)
    assert (stands.organisation, stands.kind) == ("Lantern", kind)
    assert (again.status_code, (await anew(asked)).organisation) == (303, "Wardens of West Moor")
    assert (await anew(asked)).state is State.RECHECKING, "that they changed it is still to be decided on"


@SQLITE
async def test_of_what_nobody_confirmed_names_alone_are_corrected_and_of_what_has_ended_nothing(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    asked, ended = await put_into(State.REQUESTED, ada, event), await put_into(State.CANCELLED, bo, event)
    async with browsing(database, omar) as client:
        assert (await client.get(desk(event, "people", ended.id, "details"))).status_code == 404
        page = desk(event, "people", asked.id, "details")
        form = await client.get(page)
        assert ("full_name" in form.text, "organisation" in fields(form)) == (True, False)
        typed = form_of(form) | {"full_name": "Ada Ash", "organisation": "Elsewhere", "kind": "police"}
        assert (await client.post(page, data=typed)).status_code == 303
    now = await anew(asked)
    assert (now.full_name, now.organisation, now.kind) == ("Ada Ash", ada.organisation, asked.kind)
    with pytest.raises(ChangedMeanwhile):
        await corrected_details.correct_details(
            now, {"organisation": "Elsewhere"}, OrganisationKind.POLICE, None, omar, MONDAY, clock.real()
        )


@SQLITE
async def test_by_telephone_an_organiser_changes_role_telephone_and_how_a_guest_wants_to_be_seen(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await put_into(State.APPROVED, ada, event)
    here = desk(event, "people", asked.id)
    said = {"role": "Head warden", "phone": "07700 900 123", "photos": "yes", "switches": "first-name"}
    async with browsing(database, omar) as client:
        form = form_of(await client.get(f"{here}/details"))
        assert form["photos"] == "no", "nobody is in photographs who has not said yes"
        both = await client.post(f"{here}/details", data=form | said | {"switches": "no-photos"})
        assert (both.status_code, "Select no, or take back below" in both.text) == (422, True)
        assert (await client.post(f"{here}/details", data=form | said)).status_code == 303
        stale = await client.post(f"{here}/details", data=form | said | {"photos": "no"})
        assert stale.status_code == 409, "what was noted since is not overwritten"
    now = await anew(asked)
    assert (now.role, now.phone, now.choices.in_photos) == ("Head warden", "07700 900 123", True)
    assert now.choices.switches == {Switch.FIRST_NAME}
    entries = await AuditEntry.filter(action__in=[Action.CORRECTED, Action.CHOICE_NOTED]).order_by("id")
    assert [(entry.actor, entry.details) for entry in entries] == [
        (omar.actor, {"what": "role, telephone number"}), (omar.actor, {}),
    ]  # fmt: skip
    [message] = await Message.filter(template="booking_changed")
    email = await written(booking_emails.changed_email, message)
    assert email is not None
    text = text_of(email)
    assert "An organiser noted a choice in your booking, as you told us by telephone." in text
    assert ("photograph" in text, "first name" in text, "on your booking page" in text) == (False, False, False)


async def test_no_photographs_any_more_is_noted_at_once_and_stays_so_in_a_restored_backup(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    guest, _ticket = await with_ticket(ada, event)
    await own_needs.agree_to_photos(guest, MONDAY, clock.real())
    agreed = await anew(guest)
    none = corrected_details.Seen(in_photos=False)
    assert await corrected_details.correct_details(agreed, {}, None, none, omar, MONDAY, clock.real())
    assert (await anew(guest)).choices.photos is None
    assert await ErasedAddress.all().count() == 1


@SQLITE
async def test_that_a_guest_arrives_by_another_entrance_is_read_and_changed_by_leads_alone(
    database: Database, event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    asked = await put_into(State.APPROVED, ada, event)
    both = frozenset({Switch.OTHER_ENTRANCE, Switch.FIRST_NAME})
    await own_needs.switch(asked, both, MONDAY, clock.real())
    here = desk(event, "people", asked.id, "details")
    async with browsing(database, omar) as client:
        shown = await client.get(here)
        form = form_of(shown) | {"photos": "no", "switches": "no-lists"}
        assert (await client.post(here, data=form)).status_code == 303
    assert ("other-entrance" in shown.text, "first-name" in shown.text) == (False, True)
    assert (await anew(asked)).choices.switches == {Switch.OTHER_ENTRANCE, Switch.NO_LISTS}, "it stays as it was"
    async with browsing(database, lena) as client:
        shown = await client.get(here)
        assert (await client.post(here, data=form_of(shown) | {"switches": "no-lists"})).status_code == 303
    assert "other-entrance" in shown.text
    assert (await anew(asked)).choices.switches == {Switch.NO_LISTS}
