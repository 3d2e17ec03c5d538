"""In the rehearsal the access lead, the caterer and whoever briefs photographers see something, in their own roles."""

import pytest

from events.accounts.guards import SESSION
from events.accounts.staff import Role, RoleName, Session, Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.mail.outbox import Message, MessageState
from registrations.desk.arranging import arranging, photographs
from registrations.desk.arranging.catering import catering
from registrations.people.consent import Subject
from registrations.people.registration import Registration, State
from registrations.rehearsal import rehearsal_needs, role_pages
from tests.browser import browsing, heading, words
from tests.people import MONDAY


@pytest.fixture
def database(rehearsed: Database) -> Database:
    return rehearsed


async def in_role(name: RoleName) -> Staff:
    role = await Role.filter(name=name).order_by("id").prefetch_related("staff").first()
    return role.staff if role else pytest.fail(f"nobody is {name}")


async def test_the_access_lead_sees_what_is_asked_for_and_what_is_answered(database: Database) -> None:
    event, axel = await Event.get(), await in_role(RoleName.ACCESS)
    found = await arranging.wanted(event, axel, MONDAY, clock.real())
    steps = sorted(step.value for guest in found for step in guest.steps.values())
    assert steps == ["asked"] * 7 + ["told"]
    assert sum(1 for guest in found if guest.told.adjustment_words) == 3
    agreed = [guest.needs for guest in await Registration.all() if Subject.MARSHALS in guest.needs.consents]
    assert [needs.leaving_words for needs in agreed] == ["An evacuation chair."], "so the sheet for marshals has a line"


async def test_the_caterer_sees_counts_and_an_allergy(database: Database) -> None:
    found = await catering(await Event.get(), await in_role(RoleName.CATERER), MONDAY, clock.real())
    counted = {count.label: count.guests for count in found.diets if count.guests}
    assert counted == {"Vegetarian": 2, "Vegan": 2, "Halal": 1, "Kosher": 1, "Gluten free": 1, "Food allergy": 1}
    assert [line.words for line in found.lines] == ["No nuts of any kind, in traces either."]


async def test_whoever_briefs_photographers_sees_who_said_yes(database: Database) -> None:
    event = await Event.get()
    [pictures] = await photographs.photographers(event)
    lena = await in_role(RoleName.LEAD)
    found, names = await photographs.names(event, pictures, lena, MONDAY, clock.real())
    assert (found.guests, found.yes, len(names)) == (123, 8, 7), "one of them wants to be in no list"


async def test_each_has_agreed_and_every_email_about_it_was_sent(database: Database) -> None:
    everybody = [guest for guest in await Registration.all() if guest.needs_sealed or guest.choices_sealed]
    told = [guest for guest in everybody if not guest.choices.alias]  # which an organiser noted
    assert {guest.state for guest in told} == {State.APPROVED}
    assert len(told) == len(rehearsal_needs.GUESTS)
    for guest in told:
        known = guest.needs
        needed = {about for about, there in zip(Subject, (known.adjustments, known.diets), strict=False) if there}
        assert needed <= set(known.consents)
    emails = await Message.filter(subject_id__in=[guest.id for guest in told]).exclude(template="ticket")
    mine = [email for email in emails if email.template.startswith("needs_") or email.template == "booking_changed"]
    assert (len(mine) > len(told), {email.state for email in mine}) == (True, {MessageState.SENT})


async def test_a_browser_at_the_desk_takes_another_role_and_gives_up_the_one_before(database: Database) -> None:
    lena, axel = await in_role(RoleName.LEAD), await in_role(RoleName.ACCESS)
    [role] = await Role.filter(name=RoleName.ACCESS)
    async with browsing(database, lena, extra=role_pages.routes) as client:
        page = await client.get(role_pages.PATH)
        assert heading(page) == "See the desk in another role"
        said = words(page.text)
        assert [
            name for name in ("Lena Hart", "Omar Said", "Vic Lowe", "Axel Reed", "Kit Moss") if name not in said
        ] == []
        assert (await client.get("/desk/launch/access")).status_code == 403
        assert await Session.filter(staff=axel).count() == 0, "looking signs nobody in"
        done = await client.post(role_pages.PATH, data={"role": str(role.id)})
        assert done.headers["location"] == "/desk/launch"
        assert heading(await client.get("/desk/launch/access")) == "Access"
        assert await Session.filter(staff=lena).count() == 0
        assert (await client.post(role_pages.PATH, data={"role": "0"})).status_code == 404


async def test_nobody_is_signed_in_whose_account_was_switched_off(database: Database) -> None:
    """They would only be signed out of the role before, and the links of the terminal are used up."""
    lena, axel = await in_role(RoleName.LEAD), await in_role(RoleName.ACCESS)
    [role] = await Role.filter(name=RoleName.ACCESS)
    await Staff.filter(id=axel.id).update(disabled_at=MONDAY)
    async with browsing(database, lena, extra=role_pages.routes) as client:
        assert "Axel Reed" not in (await client.get(role_pages.PATH)).text
        assert (await client.post(role_pages.PATH, data={"role": str(role.id)})).status_code == 404
        assert (await client.get("/desk/launch/event")).status_code == 200


async def test_nobody_who_is_not_at_the_desk_takes_a_role(database: Database) -> None:
    [role] = await Role.filter(name=RoleName.ACCESS)
    async with browsing(database, extra=role_pages.routes) as client:
        answers = [await client.get(role_pages.PATH), await client.post(role_pages.PATH, data={"role": str(role.id)})]
        assert [answer.headers["location"].partition("?")[0] for answer in answers] == ["/staff/sign-in"] * 2
        assert SESSION.name not in client.cookies
    async with browsing(database) as client:
        assert (await client.get(role_pages.PATH)).status_code == 404, "there is no such page outside a rehearsal"
