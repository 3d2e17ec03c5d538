"""The desk as a whole: what viewers are shown, the counts above every page, and the menu."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from events.accounts.staff import Role, RoleName, Session, Staff
from events.audit.action import Action
from events.event import Event
from events.ground import clock, live, wording
from events.ground.database import Database
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from registrations.deciding import vetting
from registrations.desk import desk_pages
from registrations.desk.live_part import Watcher, changes
from registrations.tickets.request_emails import TEMPLATES
from tests.at_the_desk import desk
from tests.browser import browsing, words
from tests.people import MONDAY, Person, a_member_of_staff, an_event, audit_of, confirmed, someone

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


# Who may


@SQLITE
@pytest.mark.parametrize("act", ["withdraw", "cancel", "details"])
async def test_whoever_is_asked_before_an_act_has_looked_at_the_person(
    database: Database, event: Event, ada: Person, omar: Staff, act: str
) -> None:
    asked = await confirmed(ada, event)
    await vetting.approve(asked, omar, MONDAY)
    async with browsing(database, omar) as client:
        assert ada.name in (await client.get(desk(event, "people", asked.id, act))).text
    assert [made for made, _, _ in await audit_of(asked)] == [Action.APPROVED, Action.VIEWED]


@SQLITE
@pytest.mark.parametrize("path", ["overview", "requests", "people", "people/{id}", "event", "emails", "organisations"])
async def test_a_viewer_is_shown_no_form_but_the_search(
    database: Database, event: Event, ada: Person, vic: Staff, path: str
) -> None:
    asked = await confirmed(ada, event)
    async with browsing(database, vic) as client:
        page = await client.get(desk(event, path.replace("{id}", str(asked.id))))
    forms = set(re.findall(r'<form method="post" action="([^"]*)"', page.text))
    assert (page.status_code, forms <= {"/staff/sign-out", desk(event, "people", "search")}) == (200, True)


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


@pytest.mark.parametrize(("who", "count"), [(RoleName.VIEWER, 8), (RoleName.ORGANISER, 17), (RoleName.LEAD, 19)])
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
