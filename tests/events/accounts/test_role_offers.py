"""Somebody who has an account is asked before a role for another event is theirs, and answers on their own pages.

Rules: SE-09.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from events.accounts import accounts
from events.accounts.accounts import HAS_OFFER, IS_DISABLED, NO_OFFER
from events.accounts.roles import role_offers
from events.accounts.roles.role_offers import LASTS
from events.accounts.staff import Role, RoleName, Staff
from events.accounts.staff_emails import WRITERS
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.refusal import Refused
from events.mail.outbox import Message
from tests.browser import browsing, heading, words
from tests.events.accounts.joining import NOW, SECOND
from tests.events.accounts.sessions import alerts_of
from tests.events.accounts.signing_in import Client, where
from tests.mail_reading import assert_it_reads_well, text_of, written
from tests.people import MONDAY, a_member_of_staff, an_event, joined, queued, recorded


@pytest.fixture
async def olga(database: Database) -> Staff:
    """Leads an event of her own."""
    return await joined(
        await a_member_of_staff("Olga Elsewhere", "olga@hosts.example.org", await an_event(), RoleName.LEAD)
    )


@pytest.fixture
async def hers(database: Database, olga: Staff) -> AsyncIterator[Client]:
    async with browsing(database, olga) as client:
        yield client


async def offered(event: Event, lena: Staff, olga: Staff, role: RoleName = RoleName.VIEWER) -> int:
    """The number of the offer."""
    await accounts.invite(olga.email, "Somebody", "", event, role, by=lena, at=MONDAY, real=NOW)
    [offer] = await role_offers.to_staff(olga, MONDAY)
    return offer.id


async def steps(event: Event) -> list[tuple[str, str]]:
    entries = await AuditEntry.filter(event_id=event.id).order_by("id")
    return [(entry.action.value, entry.actor) for entry in entries if entry.action is not Action.AUDIT_VIEWED]


async def test_an_invitation_gives_olga_nothing_before_she_accepts_it(
    event: Event, lena: Staff, olga: Staff, hers: Client, desk: Client
) -> None:
    number = await offered(event, lena, olga)
    assert not await Role.exists(staff=olga, event=event)
    assert (await hers.get(f"/desk/{event.slug}/people")).status_code == 404
    assert (await desk.get(f"/desk/{event.slug}/staff/{olga.id}")).status_code == 404, "nor has the lead a page of her"
    listed = words((await desk.get(f"/desk/{event.slug}/staff")).text)
    assert "olga@hosts.example.org: viewer. Asked by Lena Lead, 8 April 2019, 09:00." in listed
    assert "Olga" not in listed
    start = await hers.get("/desk")
    assert f"You are offered a role for {event.title}, {event.day_words}." in words(start.text)
    assert 'href="/staff/account#offers"' in start.text
    page = await hers.get("/staff/account")
    assert f"{event.title}, {event.day_words}: viewer (sees who comes" in words(page.text)
    assert "Offered by Lena Lead of Safer Places." in words(page.text)
    accept = f"/staff/account/offers/{number}/accept"
    assert f'action="{accept}"' in page.text
    assert where(await hers.post(accept)) == (303, "/staff/account?done=accept")
    assert [(role.staff_id, role.name) for role in await Role.filter(event=event, staff=olga)] == [(olga.id, "viewer")]
    assert (await hers.get(f"/desk/{event.slug}/people")).status_code == 200
    assert "Roles you are offered" not in (await hers.get("/staff/account")).text
    assert "not answered yet" not in (await desk.get(f"/desk/{event.slug}/staff")).text
    assert (await hers.post(accept)).status_code == 404
    assert (await steps(event))[:3] == [
        ("offered a role to somebody with an account", lena.actor), ("accepted a role", olga.actor),
        ("gave a role", lena.actor),
    ]  # fmt: skip
    assert await alerts_of(olga) == ["role_offered", "role_given"]


async def test_olga_declines_and_can_be_asked_again(event: Event, lena: Staff, olga: Staff, hers: Client) -> None:
    number = await offered(event, lena, olga)
    with pytest.raises(Refused, match=HAS_OFFER):
        await offered(event, lena, olga, RoleName.LEAD)
    assert where(await hers.post(f"/staff/account/offers/{number}/decline")) == (303, "/staff/account?done=decline")
    assert (await hers.post(f"/staff/account/offers/{number}/accept")).status_code == 404
    assert where(await hers.get("/desk"))[0] == 303, "nothing to answer: her desk"
    assert await offered(event, lena, olga) > number
    assert heading(await hers.get("/desk")) == "Your events"


async def test_a_lead_takes_an_offer_back(event: Event, lena: Staff, olga: Staff, hers: Client, desk: Client) -> None:
    number = await offered(event, lena, olga)
    path = f"/desk/{event.slug}/staff/offers/{number}/take-back"
    assert f'action="{path}"' in (await desk.get(f"/desk/{event.slug}/staff")).text
    elsewhere = (await Event.get(roles__staff_id=olga.id)).slug
    assert (await hers.post(f"/desk/{elsewhere}/staff/offers/{number}/take-back")).status_code == 404
    assert where(await desk.post(path)) == (303, f"/desk/{event.slug}/staff?done=take-back")
    assert (await hers.post(f"/staff/account/offers/{number}/accept")).status_code == 404
    assert (await desk.post(path)).status_code == 404


async def test_nobody_answers_what_another_is_offered(event: Event, lena: Staff, olga: Staff, desk: Client) -> None:
    number = await offered(event, lena, olga)
    for answer in ("accept", "decline"):
        assert (await desk.post(f"/staff/account/offers/{number}/{answer}")).status_code == 404
    assert [offer.id for offer in await role_offers.to_staff(olga, MONDAY)] == [number]


async def test_an_offer_ends_after_a_fortnight_or_with_its_leads_role(event: Event, lena: Staff, olga: Staff) -> None:
    number = await offered(event, lena, olga)
    assert [offer.id for offer in await role_offers.to_staff(olga, MONDAY + LASTS - SECOND)] == [number]
    assert await role_offers.to_staff(olga, MONDAY + LASTS) == []
    await Staff.filter(id=lena.id).update(disabled_at=MONDAY)
    assert await role_offers.for_event(event, MONDAY) == []
    await Staff.filter(id=lena.id).update(disabled_at=None)
    assert [offer.id for offer in await role_offers.for_event(event, MONDAY)] == [number]
    await Role.filter(staff=lena).update(name=RoleName.ORGANISER)
    assert await role_offers.for_event(event, MONDAY) == []


async def test_an_offer_that_was_written_without_the_key_is_none(event: Event, lena: Staff, olga: Staff) -> None:
    """Whoever can write to the database gives nobody a role by it, whatever they get an accomplice to accept."""
    entry = await recorded(Action.ROLE_OFFERED, olga, by=lena, at=MONDAY, event_id=event.id, role="viewer")
    assert len(await role_offers.to_staff(olga, MONDAY)) == 1, "the control"
    planted = {name: getattr(entry, name) for name in ("at", "actor", "action", "event_id", "subject", "written_after")}
    await AuditEntry.create(**planted, mark="0" * 40, details={"role": "lead"})
    assert await role_offers.to_staff(olga, MONDAY) == []


async def test_of_answers_at_once_one_counts(event: Event, lena: Staff, olga: Staff) -> None:
    await offered(event, lena, olga)
    [offer] = await role_offers.to_staff(olga, MONDAY)
    answers = await asyncio.gather(
        accounts.accept_role(offer, MONDAY), accounts.decline_role(offer, MONDAY), accounts.accept_role(offer, MONDAY),
        accounts.take_offer_back(offer, lena, MONDAY), return_exceptions=True,
    )  # fmt: skip
    assert Counter(str(answer) for answer in answers) == {"None": 1, NO_OFFER: 3}
    [entry] = await AuditEntry.filter(event_id=event.id, action__in=role_offers.ANSWERS)
    assert await Role.exists(staff=olga, event=event) == (entry.action is Action.ROLE_ACCEPTED)


async def test_the_email_says_for_what_and_who_asks_and_has_no_link(event: Event, lena: Staff, olga: Staff) -> None:
    await offered(event, lena, olga, RoleName.ORGANISER)
    assert await queued() == [("staff_alert", olga.id)]
    email = await written(WRITERS["staff_alert"], await Message.get(subject_id=olga.id))
    assert email is not None
    assert_it_reads_well(email)
    said = " ".join(text_of(email).split())
    assert f"Event: {event.title}, {event.day_words} Role: organiser Offered by: Lena Lead of Safer Places" in said
    assert "If you do not answer within 14 days, the offer ends." in said
    assert str(email["Subject"]) == "Your account: You are offered a role for an event"


async def test_a_rehearsals_clock_that_goes_back_shows_no_offer_twice(event: Event, lena: Staff, olga: Staff) -> None:
    number = await offered(event, lena, olga)
    assert [offer.id for offer in await role_offers.to_staff(olga, clock.now() - timedelta(days=1))] == [number]


async def test_an_offer_does_not_stand_again_once_a_role_was_given_and_taken(
    event: Event, lena: Staff, olga: Staff
) -> None:
    await offered(event, lena, olga)
    await accounts.give_role(olga, event, RoleName.VIEWER, by=None, at=MONDAY)
    await accounts.take_role(olga, event, by=lena, at=MONDAY + SECOND)
    assert await role_offers.to_staff(olga, MONDAY + SECOND) == []
    await accounts.offer_role(olga, event, RoleName.VIEWER, by=lena, at=MONDAY + SECOND)
    assert len(await role_offers.to_staff(olga, MONDAY + SECOND)) == 1, "the control: asked once more"


async def test_of_two_leads_who_ask_at_once_one_is_told_of_the_other(event: Event, lena: Staff, olga: Staff) -> None:
    mary = await joined(await a_member_of_staff("Mary", "mary@hosts.example.org", event, RoleName.LEAD))
    asked = await asyncio.gather(
        *(accounts.offer_role(olga, event, RoleName.VIEWER, by=lead, at=MONDAY) for lead in (lena, mary) * 3),
        return_exceptions=True,
    )
    assert Counter(str(answer) for answer in asked) == {"None": 1, HAS_OFFER: 5}


async def test_a_disabled_account_is_offered_nothing_and_accepts_nothing(
    event: Event, lena: Staff, olga: Staff
) -> None:
    await offered(event, lena, olga)
    [offer] = await role_offers.to_staff(olga, MONDAY)
    await Staff.filter(id=olga.id).update(disabled_at=MONDAY)
    with pytest.raises(Refused, match=NO_OFFER):
        await accounts.accept_role(offer, MONDAY)
    elsewhere = await an_event()
    with pytest.raises(Refused, match=IS_DISABLED):
        await accounts.offer_role(await Staff.get(id=olga.id), elsewhere, RoleName.VIEWER, by=lena, at=MONDAY)
    assert not await Role.exists(staff=olga, event=event)
