"""A lead of one event has no power over an account that also works for another, and no look at it.

Rules: SE-09.
"""

import re

import pytest

from events.accounts import accounts, sign_in
from events.accounts.account_pages import ACTS
from events.accounts.accounts import ELSEWHERE
from events.accounts.staff import Role, RoleName, Session, Staff
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.mail.outbox import Message
from tests.browser import browsing, words
from tests.events.accounts.signing_in import Client
from tests.people import a_member_of_staff, an_event, joined

OF_THE_ACCOUNT = sorted(set(ACTS) - {"take-role"})


@pytest.fixture
async def elsewhere(database: Database) -> Event:
    return await an_event()


@pytest.fixture
async def olga(elsewhere: Event, event: Event) -> Staff:
    """Leads another event, where her emails come back, and has a role for Lena's."""
    olga = await joined(await a_member_of_staff("Olga Elsewhere", "olga@hosts.example.org", elsewhere, RoleName.LEAD))
    await Role.create(staff=olga, event=event, name=RoleName.VIEWER)
    await Staff.filter(id=olga.id).update(undeliverable="5.1.1")
    await sign_in.begin_full_session(olga, clock.real())
    return olga


async def all_of(staff: Staff) -> list[object]:
    sessions = await Session.filter(staff=staff).values_list("id", flat=True)
    return [await Staff.filter(id=staff.id).values(), sorted(sessions), await Message.all().count()]


@pytest.mark.parametrize("act", OF_THE_ACCOUNT)
async def test_a_lead_of_one_event_does_nothing_to_an_account_that_works_for_two(
    desk: Client, event: Event, elsewhere: Event, lena: Staff, olga: Staff, act: str
) -> None:
    if act == "enable":
        await Staff.filter(id=olga.id).update(disabled_at=clock.now())
    before, page = await all_of(olga), f"/desk/{event.slug}/staff/{olga.id}"
    answer = await desk.post(f"{page}/{act}")
    assert (answer.status_code, ELSEWHERE in words(answer.text)) == (409, True)
    assert await all_of(olga) == before
    assert f'action="{page}/{act}"' not in (await desk.get(page)).text
    await Role.create(staff=lena, event=elsewhere, name=RoleName.LEAD)  # a second one there
    assert f'action="{page}/{act}"' in (await desk.get(page)).text, "the control"
    assert (await desk.post(f"{page}/{act}")).status_code == 303
    assert await all_of(olga) != before


async def test_nor_does_such_a_lead_see_whether_she_is_signed_in(
    desk: Client, event: Event, elsewhere: Event, lena: Staff, olga: Staff
) -> None:
    pages = [f"/desk/{event.slug}/staff", f"/desk/{event.slug}/staff/{olga.id}"]
    for page in pages:
        text = words((await desk.get(page)).text)
        assert ("Works on another event too" in text, "Olga" in text) == (True, False)
    assert "Signed in now" not in words((await desk.get(pages[1])).text)
    await Role.create(staff=lena, event=elsewhere, name=RoleName.LEAD)
    for page in pages:
        text = words((await desk.get(page)).text)
        assert ("Works on another event too" in text, "Olga" in text) == (False, True)
    assert "Signed in now" in words((await desk.get(pages[1])).text)


async def test_what_is_done_to_an_account_stands_in_the_log_of_each_of_its_events(
    database: Database, event: Event, elsewhere: Event, lena: Staff, olga: Staff
) -> None:
    await Role.create(staff=lena, event=elsewhere, name=RoleName.LEAD)
    await accounts.send_link(olga, by=lena, at=clock.now(), real=clock.real())
    await accounts.let_emails_through(olga, by=lena, at=clock.now())
    await accounts.take_codes_away(olga, by=lena, at=clock.now(), real=clock.real())
    await accounts.end_sessions(olga, by=lena, at=clock.now())
    await accounts.disable(olga, by=lena, at=clock.now())
    await accounts.enable(olga, by=lena, at=clock.now())
    done = {entry.action.value for entry in await AuditEntry.filter(subject=olga.actor)}
    assert len(done) == 6
    async with browsing(database, lena) as desk:
        for of in (event, elsewhere):
            shown = (await desk.get(f"/desk/{of.slug}/audit", params={"subject": f"Staff {olga.id}"})).text
            rows = words(" ".join(re.findall(r"<tbody.*?</tbody>", shown, re.S)))
            assert [act for act in sorted(done) if act not in rows] == []
