"""The desk as a whole: what viewers and strangers get, the counts above every page, and the menu."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from events.accounts.staff import Role, RoleName, Session, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, live, wording
from events.ground.database import Database
from events.known_organisation import KnownOrganisation, Treatment
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from registrations.deciding import vetting
from registrations.desk import (
    board_pages,
    conflict_pages,
    desk_pages,
    device_pages,
    email_pages,
    event_desk_pages,
    organisations_pages,
    people_pages,
    person_pages,
    printed_pages,
    requests_pages,
)
from registrations.desk.live_part import Watcher, changes
from registrations.people.registration import State
from registrations.tickets.request_emails import TEMPLATES
from tests.at_the_desk import desk, state_of
from tests.browser import browsing, words
from tests.people import MONDAY, Person, a_member_of_staff, an_event, audit_of, confirmed, someone

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


# Who may


ORGANISERS_ONLY = [
    ("requests", "POST"), ("requests/several", "POST"), ("requests/approve", "POST"), ("requests/undo", "POST"),
    ("people/{id}/decide", "POST"), ("people/{id}/undo", "POST"),
    ("people/{id}/name", "GET"), ("people/{id}/name", "POST"), ("people/{id}/withdraw", "GET"),
    ("people/{id}/cancel", "POST"), ("people/{id}/reconsider", "POST"), ("people/{id}/ticket", "POST"),
    ("event/places", "GET"), ("event/places", "POST"), ("event/venue", "GET"), ("event/registration/close", "POST"),
    ("event/release", "GET"), ("event/release", "POST"),
    ("emails/{id}/retry", "POST"), ("emails/{id}/telephoned", "POST"),
    ("organisations/add", "GET"), ("organisations/{id}", "GET"), ("organisations/add", "POST"),
    ("organisations/{id}", "POST"),
    ("organisations/{id}/remove", "POST"),
    ("conflicts", "GET"), ("conflicts/{id}", "POST"), ("phones/{id}/scans/accept", "POST"),
    ("phones/{id}/scans/discard", "POST"), ("phones/{id}/revoke", "GET"), ("phones/{id}/revoke", "POST"),
    ("doors", "GET"), ("doors", "POST"), ("doors/{id}", "GET"), ("doors/{id}/hours", "POST"),
    ("doors/{id}/policy", "POST"), ("doors/{id}/phones", "POST"), ("doors/practice-card", "GET"),
    ("board/alarms/{id}", "POST"), ("event/venue/show", "POST"), ("event/contacts", "GET"),
    ("event/contacts", "POST"), ("event/registration/open", "POST"), ("people/{id}/cancel", "GET"),
    ("people/{id}/withdraw", "POST"), ("doors/{id}/kind", "POST"),
    ("doors/{id}/one-place", "POST"),
]  # fmt: skip


@SQLITE
@pytest.mark.parametrize(("path", "method"), ORGANISERS_ONLY)
async def test_a_viewer_sees_and_changes_nothing(
    database: Database, event: Event, ada: Person, vic: Staff, path: str, method: str
) -> None:
    asked = await confirmed(ada, event)
    here = desk(event, path.replace("{id}", str(asked.id)))
    async with browsing(database, vic) as client:
        answer = await client.request(method, here, data={"person": asked.id, "decision": "approve"})
    assert answer.status_code == 403
    assert await AuditEntry.filter(action=Action.FORBIDDEN).count() == 1
    assert await state_of(asked) is State.CONFIRMED


@SQLITE
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_venue_is_a_leads_to_release_and_takes_proof(
    database: Database, event: Event, omar: Staff, lena: Staff, method: str
) -> None:
    here = desk(event, "event", "release")
    async with browsing(database, omar) as client:
        assert (await client.request(method, here, data={"act": "release"})).status_code == 403
    async with browsing(database, lena) as client:
        await Session.filter(staff=lena).update(stepped_up_at=clock.real() - timedelta(hours=3))
        assert (await client.request(method, here, data={"act": "release"})).headers["location"].startswith("/staff/")
    assert (await Event.get(id=event.id)).venue_released_at is None


def test_what_organisers_alone_may_do_is_listed_above_in_full() -> None:
    """Each route of the rooms of the desk whose guard is theirs, by each of its methods."""
    rooms = (desk_pages, requests_pages, person_pages, people_pages, email_pages, organisations_pages, board_pages,
             conflict_pages, device_pages, event_desk_pages, printed_pages)  # fmt: skip
    guarded = {
        (re.sub(r"/desk/{event}/?", "", route.path), method)
        for room in rooms
        for route in room.routes
        if "organise" in route.who.name
        for method in (route.methods or set()) - {"HEAD"}
    }
    tried = {(as_route(path), method) for path, method in ORGANISERS_ONLY}
    assert guarded - tried == set()


def as_route(path: str) -> str:
    """The pattern that a path above is an example of."""
    path = re.sub(r"^event/contacts$", "event/{part:guarded}", path)
    path = re.sub(r"^event/(?!venue/show|\{|release|registration).*", "event/{part}", path)
    path = re.sub(r"^event/registration/.*", "event/registration/{act}", path)
    path = re.sub(r"^(people/\{id\})/(withdraw|cancel|reconsider|ticket)$", r"\1/{act}", path)
    path = re.sub(r"^doors/\{id\}", "doors/{door:int}", path)
    return path.replace("{id}", "{id:int}")


@SQLITE
@pytest.mark.parametrize("act", ["withdraw", "cancel", "name"])
async def test_whoever_is_asked_before_an_act_has_looked_at_the_person(
    database: Database, event: Event, ada: Person, omar: Staff, act: str
) -> None:
    asked = await confirmed(ada, event)
    await vetting.approve(asked, omar, MONDAY)
    async with browsing(database, omar) as client:
        assert ada.name in (await client.get(desk(event, "people", asked.id, act))).text
    assert [made for made, _, _ in await audit_of(asked)] == [Action.APPROVED, Action.VIEWED]


VIEWED = ["overview", "requests", "people", "people/{id}", "event", "emails", "organisations"]


@SQLITE
@pytest.mark.parametrize("path", VIEWED)
async def test_viewers_look_strangers_find_nothing_and_nobody_signs_in_first(
    database: Database, event: Event, ada: Person, vic: Staff, path: str
) -> None:
    asked = await confirmed(ada, event)
    here = desk(event, path.replace("{id}", str(asked.id)))
    elsewhere = await a_member_of_staff("Eve Else", "eve@hosts.example.org", await an_event(), RoleName.LEAD)
    async with browsing(database, vic) as client:
        page = await client.get(here)
        assert page.status_code == 200
        assert set(re.findall(r'<form method="post" action="([^"]*)"', page.text)) <= {
            "/staff/sign-out",
            desk(event, "people", "search"),
        }
    async with browsing(database, elsewhere) as client:
        assert (await client.get(here)).status_code == 404
    async with browsing(database) as client:
        assert (await client.get(here)).headers["location"].startswith("/staff/sign-in")


@SQLITE
async def test_nobody_of_another_event_is_reached_through_this_one(
    database: Database, event: Event, ada: Person, lena: Staff
) -> None:
    elsewhere = await confirmed(ada, await an_event())
    await outbox.put("confirm", elsewhere.id, cause="asked", at=MONDAY, event_id=elsewhere.event_id)
    known = await KnownOrganisation.create(
        event_id=elsewhere.event_id, domain="example.org", kind="charity", treatment=Treatment.REVIEW
    )
    message = await Message.get()
    async with browsing(database, lena) as client:
        statuses = [
            (await client.get(desk(event, "people", elsewhere.id))).status_code,
            (await client.post(desk(event, "people", elsewhere.id, "cancel"))).status_code,
            (await client.post(desk(event, "emails", message.id, "retry"))).status_code,
            (await client.post(desk(event, "organisations", known.id, "remove"))).status_code,
        ]
    assert statuses == [404] * 4


# Counts


@SQLITE
async def test_the_counts_stand_above_every_page(database: Database, omar: Staff) -> None:
    event = await an_event(capacity=2)
    await Role.create(staff=omar, event=event, name=RoleName.ORGANISER)
    for verb in (vetting.approve, vetting.put_on_waiting_list, vetting.not_offer):
        await verb(await confirmed(someone(), event), omar, MONDAY)
    await confirmed(someone(), event)
    await outbox.done(await Message.filter(template="ticket").get(), MessageState.FAILED, MONDAY)
    async with browsing(database, omar) as client:
        for path in ("overview", "requests", "people", "event", "emails", "organisations"):
            shown = words((await client.get(desk(event, path))).text)
            assert "1 to decide 1 approved 1 place left 1 waiting 1 email failed" in shown


async def test_counts_change_by_themselves_until_the_watcher_signs_out(
    event: Event, ada: Person, omar: Staff, vic: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_pages, "AT_MOST_EVERY", 0.0)
    real = clock.real()
    session = await Session.create(
        staff=vic, token_hash="x", created_at=real, last_used_at=real, expires_at=real + timedelta(hours=1),
        second_factor_at=real,
    )  # fmt: skip
    asked = await confirmed(ada, event)
    watcher = Watcher(session.id, (await Role.get(staff=vic)).id)
    stream = changes(desk_pages.part(event), watcher)

    async def told() -> str:
        return words(json.loads((await anext(stream)).removeprefix("data: "))["html"])

    assert await anext(stream) == "retry: 3000\n\n"
    assert (await told()).startswith("1 to decide 0 approved")
    await vetting.approve(asked, omar, MONDAY)
    assert (await told()).startswith("0 to decide 1 approved")
    await session.delete()
    live.publish(f"event:{event.id}")
    assert [line async for line in stream] == []


@SQLITE
async def test_the_desk_is_the_one_events_or_a_list(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        assert (await client.get("/desk")).headers["location"] == desk(event, "overview")
        assert (await client.get(desk(event))).headers["location"] == desk(event, "overview")
        second = await an_event()
        await Role.create(staff=omar, event=second, name=RoleName.VIEWER)
        page = await client.get("/desk")
        assert [f'"/desk/{listed.slug}"' in page.text for listed in (event, second)] == [True, True]
        await Role.all().delete()
        assert "You have no role for an event." in (await client.get("/desk")).text


def test_every_email_has_a_name_for_organisers() -> None:
    assert set(wording.EMAIL_NAMES) == TEMPLATES


@pytest.mark.parametrize(("who", "count"), [(RoleName.VIEWER, 8), (RoleName.ORGANISER, 15), (RoleName.LEAD, 17)])
async def test_the_menu_leads_nobody_to_a_page_that_turns_them_away(
    database: Database, event: Event, who: RoleName, count: int
) -> None:
    staff = await a_member_of_staff("Mia Menu", "mia@hosts.example.org", event, who)
    async with browsing(database, staff) as desk:
        menu = re.search(r'<nav class="desk-nav".*?</nav>', (await desk.get(f"/desk/{event.slug}/board")).text, re.S)
        links = re.findall(r'href="([^"]+)"', menu[0] if menu else "")
        assert [(await desk.get(link)).status_code for link in links] == [200] * count


def test_a_moment_of_a_query_is_in_plain_digits() -> None:
    assert desk_pages.moment("1554710400.5") == datetime(2019, 4, 8, 8, 0, 0, 500_000, tzinfo=UTC)
    assert [desk_pages.moment(text) for text in (None, "", "x", "nan", "inf", "9" * 99, "١٥٥٤٧١٠٤٠٠")] == [None] * 7
