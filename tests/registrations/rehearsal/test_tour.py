"""The guided tour on a rehearsal's overview: each step leads to a page, and is ticked by what somebody really did."""

import re
from collections.abc import AsyncIterator
from html import unescape

import pytest

from events.accounts import accounts
from events.accounts.staff import RoleName, Staff
from events.audit import audit
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database, run_tx
from events.mail.mailbox import Mailbox
from events.web import rendering
from registrations.booking import own_booking
from registrations.checkin import checkin
from registrations.deciding import vetting
from registrations.people.registration import Registration, State
from registrations.phones import finding, pairing
from registrations.phones.door import Door, PassRole
from registrations.rehearsal import rehearsal_arrivals, rehearsing, tour
from registrations.rehearsal.rehearsal_pages import Rehearsal, moment_of
from registrations.rehearsal.rehearsal_stories import LOOKALIKE
from registrations.rehearsal.tour import Since
from registrations.tickets.ticket import Ticket
from tests.at_the_door import scan_of
from tests.browser import browsing, words
from tests.people import MONDAY, an_event

OVERVIEW = "/desk/launch/overview"
OPEN = moment_of("2019-04-15T09:05")


@pytest.fixture
def database(rehearsed: Database) -> Database:
    return rehearsed


@pytest.fixture
async def rehearsal(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rehearsal]:
    mailbox = Mailbox(clock.now)
    mailbox.open()
    made = Rehearsal(mailbox, rehearsing.SLUG, print)
    await made.tour.begins()
    monkeypatch.setattr(rendering.BANNER, "facts", made.banner)
    yield made
    mailbox.close()


async def one_of(name: RoleName) -> Staff:
    found = await Staff.filter(roles__name=name).order_by("id").first()
    assert found is not None
    return found


async def done(rehearsal: Rehearsal) -> set[str]:
    event, since = await Event.get(), Since(rehearsal.tour.begun)
    steps = [*await tour.of_organisers(event, since), *await tour.of_others(since)]
    return {step.title for step in steps if step.done}


async def test_nothing_is_ticked_at_the_beginning_however_much_has_happened_before(rehearsal: Rehearsal) -> None:
    assert await done(rehearsal) == set()
    rehearsal.tour.begun = 0
    before = await done(rehearsal)
    assert {"Decide two requests", "Be a guest"} <= before, "the control: the weeks before count as acts too"


async def test_each_step_is_ticked_by_what_was_done(rehearsal: Rehearsal) -> None:
    """One after the other, and no other with it."""
    event, lena, axel = await Event.get(), await one_of(RoleName.LEAD), await one_of(RoleName.ACCESS)
    ticked: list[set[str]] = []

    async def then() -> None:
        ticked.append(await done(rehearsal) - set[str]().union(*ticked))

    queue = await Registration.filter(state=State.CONFIRMED).order_by("id")
    lookalike = next(person for person in queue if person.email == LOOKALIKE.email)
    plain = [person for person in queue if person.full_name.split()[0] not in ("Dana", "Frankie", "Sam")]
    await vetting.approve(plain[0], lena, MONDAY)
    await then()
    await vetting.not_offer(plain[1], lena, MONDAY)
    await then()
    await vetting.not_offer(lookalike, lena, MONDAY)
    await then()
    for action in (
        Action.MAILING_BEGUN, Action.BADGES_PRINTED, Action.EXPORT_FETCHED, Action.CONFLICT_SETTLED,
        Action.AUDIT_VIEWED,
    ):  # fmt: skip
        await recorded(action, event, lena)
        await then()
    guest = await Registration.filter(state=State.APPROVED).order_by("id").first()
    assert guest is not None
    for action in (Action.OFFER_RAN_OUT, Action.HAND_OVER_LAPSED):  # as the clock is moved on
        await recorded(action, guest, None)
    await then()
    await own_booking.give_up(guest, MONDAY)
    await then()
    await recorded(Action.NEED_MOVED, event, axel)
    await then()
    await Event.filter(id=event.id).update(doors_closed_at=OPEN)
    await then()
    assert ticked == [
        set(), {"Decide two requests"}, {"Answer somebody who looks like a council"},
        {"Write to everybody with a place"}, {"Print badges"}, {"Take a list away"}, {"Settle a conflict"},
        {"Read the audit log"}, set(), {"Be a guest"}, {"Be the access lead or the caterer"}, {"Close the door"},
    ]  # fmt: skip


@run_tx
async def recorded(action: Action, of: Event | Registration, by: Staff | None) -> None:
    await audit.record(action, of, by=by, at=MONDAY, event_id=(await Event.get()).id)


async def test_a_phone_that_somebody_paired_ticks_scanning_and_invented_arrivals_do_not(rehearsal: Rehearsal) -> None:
    event, lena, door = await Event.get(), await one_of(RoleName.LEAD), await Door.get()
    await rehearsal_arrivals.arrive(event, OPEN, clock.real())
    assert await done(rehearsal) == set()
    made = await pairing.make_pass(door, "Mine", PassRole.STEWARD, by=lena, at=OPEN, real=clock.real())
    paired = await pairing.pair(made.secret, "127.0.0.1", OPEN, clock.real())
    assert await done(rehearsal) == set(), "nothing was scanned yet"
    ticket = await Ticket.filter(revoked_at=None).order_by("-id").first()
    assert ticket is not None
    await checkin.settle([await scan_of(ticket)], await finding.device_of(paired.door_pass, clock.real()), OPEN)
    assert await done(rehearsal) == {
        "Pair a phone, and scan a practice ticket",
        "Be a steward, a door lead or a marshal",
    }


async def test_what_goes_as_the_clock_is_moved_ticks_nothing_by_itself(
    database: Database, rehearsal: Rehearsal
) -> None:
    async with browsing(database, await one_of(RoleName.LEAD), extra=rehearsal.routes()) as client:
        await client.post("/rehearsal/clock", data={"moment": "2019-04-12T14:00"})
    gone = [Action.EXPIRED, Action.DELETED, Action.FORGOTTEN]
    assert await AuditEntry.filter(id__gt=rehearsal.tour.begun, action__in=gone).exists(), "the control"
    assert await done(rehearsal) == set()
    assert await Registration.filter(state=State.REQUESTED).count() == 0


async def test_each_step_is_one_click_from_its_page(database: Database, rehearsal: Rehearsal) -> None:
    async with browsing(database, await one_of(RoleName.LEAD), extra=rehearsal.routes()) as client:
        said = (await client.get(OVERVIEW)).text
        section = re.findall(r'<section class="overview__now" aria-labelledby="tour">(.*?)</section>', said, re.S)[0]
        assert "Guided tour: 0 of 12 tried" in words(section)
        linked = [unescape(path) for path in re.findall(r'href="([^"]+)"', section)]
        assert len(linked) == len(set(linked)) == 13
        assert {path: (await client.get(path)).status_code for path in linked} == dict.fromkeys(linked, 200)
        decided = next(person for person in await Registration.all() if person.email == LOOKALIKE.email)
        await vetting.not_offer(decided, await one_of(RoleName.LEAD), MONDAY)
        said = words((await client.get(OVERVIEW)).text)
        assert "✓ Answer somebody who looks like a council : done" in said
        assert "Guided tour: 2 of 12 tried" in said, "and so that the log was read: each link was followed"


async def test_one_puts_it_away_for_oneself_and_brings_it_back(database: Database, rehearsal: Rehearsal) -> None:
    lena, omar = await one_of(RoleName.LEAD), await one_of(RoleName.ORGANISER)
    async with (
        browsing(database, lena, extra=rehearsal.routes()) as mine,
        browsing(database, omar, extra=rehearsal.routes()) as others,
    ):
        assert (await mine.post("/rehearsal/tour", data={"show": ""})).headers["location"] == OVERVIEW
        assert "Put the tour away" in (await mine.get(OVERVIEW)).text
        await mine.post("/rehearsal/tour", data={"show": "no"})
        assert "Put the tour away" not in (shown := await mine.get(OVERVIEW)).text
        assert "Show the guided tour again" in shown.text
        assert "Put the tour away" in (await others.get(OVERVIEW)).text
        await mine.post("/rehearsal/tour", data={"show": "yes"})
        assert "Put the tour away" in (await mine.get(OVERVIEW)).text


async def test_a_role_that_opens_less_is_told_where_to_take_another(database: Database, rehearsal: Rehearsal) -> None:
    async with browsing(database, await one_of(RoleName.VIEWER), extra=rehearsal.routes()) as client:
        said = (await client.get(OVERVIEW)).text
    section = re.findall(r'<section class="overview__now" aria-labelledby="tour">(.*?)</section>', said, re.S)[0]
    assert "This role does not open all of it: take that of a lead at Other roles" in words(section)
    assert {path.partition("?")[0] for path in re.findall(r'href="([^"]+)"', section)} == {
        "/rehearsal/roles", "/rehearsal/mailbox", "/rehearsal/morning",
    }  # fmt: skip


async def test_there_is_none_in_the_live_product_nor_on_another_event(
    database: Database, rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    lena = await one_of(RoleName.LEAD)
    other = await an_event()
    await accounts.give_role(lena, other, RoleName.LEAD, by=None, at=MONDAY)
    async with browsing(database, lena, extra=rehearsal.routes()) as client:
        assert "Guided tour" in (await client.get(OVERVIEW)).text
        assert "Guided tour" not in (await client.get(f"/desk/{other.slug}/overview")).text
    monkeypatch.setattr(rendering.BANNER, "facts", None)
    async with browsing(database, lena) as client:
        assert "Guided tour" not in (await client.get(OVERVIEW)).text
        assert (await client.post("/rehearsal/tour", data={"show": "no"})).status_code == 404
