"""Leads see in which browsers somebody is signed in, where they may look after the account, and nowhere else."""

from events.accounts import sign_in
from events.accounts.staff import Role, RoleName, Session, Staff
from events.event import Event
from events.ground import clock
from tests.browser import words
from tests.events.accounts.sessions import MINUTE
from tests.events.accounts.signing_in import Client
from tests.people import an_event


async def signed_in_by(staff: Staff, browser: str) -> None:
    await sign_in.begin_full_session(staff, clock.real() - MINUTE, browser)


async def test_a_lead_sees_the_browsers_of_omar_and_signs_him_out(desk: Client, event: Event, omar: Staff) -> None:
    await signed_in_by(omar, "Firefox on Windows")
    await signed_in_by(omar, "Safari on iPhone")
    await sign_in.begin_session(omar, clock.real(), "curl, with a password alone")
    page = words((await desk.get(f"/desk/{event.slug}/staff/{omar.id}")).text)
    assert "Where they are signed in Browser Since Last used" in page
    assert all(name in page for name in ("Firefox on Windows Since", "Safari on iPhone Since"))
    assert "curl" not in page, "a password alone is not signed in"
    await desk.post(f"/desk/{event.slug}/staff/{omar.id}/end-sessions")
    after = words((await desk.get(f"/desk/{event.slug}/staff/{omar.id}")).text)
    assert ("Nowhere at the moment." in after, "Firefox" in after) == (True, False)
    assert await Session.filter(staff=omar).count() == 0


async def test_of_somebody_who_also_works_elsewhere_a_lead_sees_none(desk: Client, event: Event, omar: Staff) -> None:
    await signed_in_by(omar, "Firefox on Windows")
    at = f"/desk/{event.slug}/staff/{omar.id}"
    assert "Firefox on Windows" in (await desk.get(at)).text, "the control"
    await Role.create(staff=omar, event=await an_event(), name=RoleName.VIEWER)
    page = words((await desk.get(at)).text)
    assert "Firefox" not in page
    assert "Only somebody who leads all their events sees where they are signed in" in page
    assert "Sign them out everywhere" not in page
