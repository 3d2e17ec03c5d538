"""An organiser corrects what a person told us, for the request that asks for it, and the audit log says which of it.

Rules: DP-08.
"""

from html import unescape

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.tokens import Purpose
from registrations.booking import changing
from registrations.booking.changing import Change
from registrations.deciding import vetting
from registrations.people.registration import Registration, State
from registrations.privacy.rights import rights_requests
from registrations.privacy.rights.rights_request import Outcome, Right, RightsRequest
from tests.at_the_desk import amber, desk, fields, notice
from tests.browser import browsing, words
from tests.people import MONDAY, Person, confirmed, someone
from tests.professional import path_to, put_into
from tests.registrations.deciding.decisions import anew, approved
from tests.registrations.privacy.rights.asking import IS_WRONG, a_rights_request, asked_by_link

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
ANEW = {
    "full_name": "Ada Ashdown-Okafor", "badge_name": "Ada", "organisation": "Wardens of Eastmoor",
    "role": "Lead advocate", "phone": "01632 960 111",
}  # fmt: skip


def of(event: Event, request: RightsRequest, *parts: str) -> str:
    return desk(event, "data-protection", "requests", request.id, *parts)


def told_by(registration: Registration) -> dict[str, str]:
    return {name: getattr(registration, name) for name in ANEW}


async def test_all_five_are_corrected_and_which_of_them_is_on_the_audit_log(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    person = await approved(ada, event, omar)
    asked = await asked_by_link(person, Right.CORRECTION, IS_WRONG)
    async with browsing(database, omar) as client:
        page = await client.get(of(event, asked))
        assert f'href="{of(event, asked, "correct")}"' in page.text
        form = await client.get(of(event, asked, "correct"))
        assert [said for said in (IS_WRONG, *told_by(person).values()) if said not in unescape(form.text)] == []
        done = await client.post(of(event, asked, "correct"), data=fields(form) | ANEW)
        page = await client.get(done.headers["location"])
    assert notice(page) == "Their details are corrected. Tell them, then close the request."
    now = await anew(person)
    assert (told_by(now), now.email, now.state) == (ANEW, ada.email, State.APPROVED)
    entry = await AuditEntry.get(action=Action.CORRECTED)
    assert (entry.subject, entry.actor) == (f"registration:{person.id}", omar.actor)
    assert entry.details == {"request": asked.id, "fields": sorted(ANEW)}
    assert [row.subject for row in await AuditEntry.filter(action=Action.VIEWED)] == [entry.subject]


@SQLITE
async def test_what_stays_as_it_was_is_not_recorded_and_nothing_changed_is_no_act(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    person = await confirmed(ada, event)
    asked = await asked_by_link(person, Right.CORRECTION, IS_WRONG)
    async with browsing(database, omar) as client:
        same = fields(await client.get(of(event, asked, "correct")))
        await client.post(of(event, asked, "correct"), data=same)
        assert await AuditEntry.filter(action=Action.CORRECTED).count() == 0
        await client.post(of(event, asked, "correct"), data=same | {"role": "Sergeant"})
    assert (await AuditEntry.get(action=Action.CORRECTED)).details == {"request": asked.id, "fields": ["role"]}


@SQLITE
async def test_what_is_missing_is_said_and_what_was_typed_stays(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await asked_by_link(await confirmed(ada, event), Right.CORRECTION, IS_WRONG)
    async with browsing(database, omar) as client:
        answer = await client.post(
            of(event, asked, "correct"), data={"phone": "none", "full_name": "", "role": "Sergeant"}
        )
    said = ["Enter their full name", "Enter the name of the organisation", "Enter a telephone number, like"]
    assert (answer.status_code, [sentence for sentence in said if sentence not in unescape(answer.text)]) == (422, [])
    assert 'value="Sergeant"' in answer.text


@SQLITE
async def test_a_request_that_changed_meanwhile_is_left_as_it_is(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    person = await confirmed(ada, event)
    asked = await asked_by_link(person, Right.CORRECTION, IS_WRONG)
    await vetting.cancel(person, omar, MONDAY)
    async with browsing(database, omar) as client:
        answer = await client.post(of(event, asked, "correct"), data=ANEW | {"seen": "confirmed"})
        page = await client.get(of(event, asked))
    assert (answer.status_code, (await anew(person)).full_name) == (404, ada.name)
    assert "there are no details to correct" in words(page.text)
    other = await put_into(State.CONFIRMED, someone(), event)
    asked = await asked_by_link(other, Right.CORRECTION, IS_WRONG)
    async with browsing(database, omar) as client:
        form = fields(await client.get(of(event, asked, "correct")))
        await vetting.put_on_waiting_list(other, omar, MONDAY)
        answer = await client.post(of(event, asked, "correct"), data=form | ANEW)
    assert (answer.status_code, (await anew(other)).full_name) == (409, other.full_name)


@SQLITE
async def test_what_the_guest_has_changed_since_is_not_overwritten(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    person = await confirmed(ada, event)
    asked = await asked_by_link(person, Right.CORRECTION, IS_WRONG)
    async with browsing(database, omar) as client:
        form = fields(await client.get(of(event, asked, "correct")))
        await changing.change(await anew(person), Change.ROLE, "Sergeant", MONDAY, clock.real())
        refused = await client.post(of(event, asked, "correct"), data=form | {"full_name": "Ada Ash"})
        stands = await anew(person)
        again = await client.post(of(event, asked, "correct"), data=fields(refused) | {"role": "Sergeant"})
    assert (refused.status_code, stands.full_name, stands.role) == (409, ada.name, "Sergeant")
    assert "It says now: Full name: Ada Ashdown. Role: Sergeant." in amber(refused)
    assert fields(refused)["full_name"] == "Ada Ash", "what was typed is not lost"
    assert (again.status_code, (await anew(person)).full_name, (await anew(person)).role) == (
        303,
        "Ada Ash",
        "Sergeant",
    )


@SQLITE
async def test_only_an_open_request_for_a_correction_leads_to_the_form(
    database: Database, event: Event, ada: Person, omar: Staff, vic: Staff
) -> None:
    person = await confirmed(ada, event)
    access = await asked_by_link(person, Right.ACCESS)
    closed = await asked_by_link(person, Right.CORRECTION, IS_WRONG)
    await rights_requests.close(closed, Outcome.DONE, "Done.", 0, omar, MONDAY)
    of_nobody = await a_rights_request(event, omar, Right.CORRECTION)
    async with browsing(database, omar) as client:
        for asked in (access, closed, of_nobody):
            assert (await client.get(of(event, asked, "correct"))).status_code == 404
            assert (await client.post(of(event, asked, "correct"), data=ANEW)).status_code == 404
    async with browsing(database, vic) as client:
        assert (await client.get(of(event, closed, "correct"))).status_code == 403
    assert told_by(await anew(person)) == told_by(person)


@SQLITE
async def test_the_page_says_what_cannot_be_corrected_there_and_what_to_do(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    hers = await confirmed(ada, event)
    asked = await asked_by_link(hers, Right.CORRECTION, IS_WRONG)
    async with browsing(database, omar) as client:
        page = await client.get(of(event, asked))
        person = await client.get(f"/desk/{event.slug}/people/{hers.id}")
        booking = await client.get(path_to(hers, Purpose.MANAGE))
        rights = await client.get(f"{path_to(hers, Purpose.MANAGE)}/rights")
    assert "They change it on the page of their booking or request, or you correct it on their page" in words(page.text)
    assert f'href="/desk/{event.slug}/people/{hers.id}"' in page.text
    assert f'href="/desk/{event.slug}/people/{hers.id}/address"' in person.text
    assert f'href="{path_to(hers, Purpose.MANAGE)}/address"' in booking.text
    assert "To have another email address you need not withdraw your request" in words(rights.text)
