"""The first page of the desk: what to do now, each line with its page, and figures without anybody's name."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from events.accounts.staff import Role, RoleName, Staff
from events.event import Event, EventState, new_event
from events.ground import clock, wording
from events.ground.database import Database
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from events.processor import Processor
from registrations.checkin import checkin
from registrations.deciding import vetting
from registrations.desk.overview import set_up
from registrations.paper.sheet import Sheet, SheetKind
from registrations.people.needs import Adjustment
from registrations.people.registration import Registration
from registrations.phones.door import Device
from tests.at_the_desk import desk
from tests.at_the_door import a_ticket, scan_of
from tests.browser import browsing, words
from tests.people import MONDAY, THE_DAY, Person, a_door, a_member_of_staff, confirmed, someone
from tests.registrations.booking.telling_needs import tells_adjustments

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # what is counted is tried on both


async def page_of(database: Database, staff: Staff, event: Event) -> str:
    async with browsing(database, staff) as client:
        answer = await client.get(desk(event, "overview"))
        assert answer.status_code == 200
        return answer.text


def to_do(page: str) -> dict[str, str]:
    """Each line, and the page below the desk where it is done."""
    listed = re.search(r'<ul class="overview__list">.*?</ul>', page, re.S)
    found = re.findall(r'href="/desk/[^/]+/([^"]+)">([^<]+)<', listed[0] if listed else "")
    return {unescape(text): path for path, text in found}


def steps(page: str) -> dict[str, str]:
    """Each thing to set up: its form, 'done', or '' where somebody else does it."""
    listed = re.search(r'<ol class="overview__steps".*?</ol>', page, re.S)
    found = {}
    for line in re.findall(r"<li.*?</li>", listed[0] if listed else "", re.S):
        link = re.search(r'href="/desk/[^/]+/([^"]+)"', line)
        text = words(line).removeprefix("✓ ").removesuffix("A lead does this").strip()
        found[text.removesuffix(": done").removesuffix(" : done")] = (
            link[1] if link else "done" if "overview__done" in line else ""
        )
    return found


async def complete(event: Event) -> None:
    """Whatever else an event needs."""
    await a_door(event)
    await Processor.filter(event_id=event.id, service="email").update(smtp_host="")
    await Processor.filter(event_id=event.id).update(smtp_host="127.0.0.1")
    for role in (RoleName.ACCESS, RoleName.CATERER):
        await a_member_of_staff(f"Rae {role}", f"{role}@hosts.example.org", event, role)


async def test_a_new_event_starts_with_what_is_missing_each_one_click_from_its_form(
    database: Database, lena: Staff, omar: Staff
) -> None:
    new = new_event("new", "Regional day", THE_DAY.date(), MONDAY)
    new.hosts = [{"name": "Safer Places"}]
    await new.save()
    for staff, role in ((lena, RoleName.LEAD), (omar, RoleName.ORGANISER)):
        await Role.create(staff=staff, event=new, name=role)
    found = steps(await page_of(database, lena, new))
    missing = {text: path for text, path in found.items() if path != "done"}
    assert (len(found), len(missing)) == (13, 12)
    async with browsing(database, lena) as client:
        statuses = {path: (await client.get(desk(new, path))).status_code for path in missing.values()}
    assert set(statuses.values()) == {200}
    assert {text for text, path in steps(await page_of(database, omar, new)).items() if not path} == {
        "Processor register: who else receives personal data", "An access lead, who reads what guests need",
        "A caterer, who reads what guests eat",
    }  # fmt: skip


async def test_what_is_done_is_ticked_and_the_list_goes_away_when_all_is(
    database: Database, event: Event, lena: Staff, omar: Staff
) -> None:
    await complete(event)
    page = await page_of(database, lena, event)
    assert steps(page) == {}, words(page)
    assert "Nothing. Whatever has to be done appears here." in words(page)
    undone = {"starts_at": None, "dpia_reference": "", "state": EventState.DRAFT}
    await Event.filter(id=event.id).update(**undone)
    found = steps(await page_of(database, lena, event))
    assert {text: path for text, path in found.items() if path != "done"} == {
        "Hours: no phone can be paired without them": "event/hours",
        "Data protection impact assessment": "event/dpia",
        "Registration opened": "event",
    }
    assert list(found.values()).count("done") == len(found) - 3
    clock.move_to(THE_DAY + timedelta(days=1))
    assert steps(await page_of(database, lena, event)) == {}, "the event is over"


async def test_a_role_counts_only_where_we_gave_it(event: Event, lena: Staff) -> None:
    await Role.filter(staff=lena).update(proof="x")
    assert await set_up.given_roles(event) == []
    await (await Role.get(staff=lena)).save()
    assert await set_up.given_roles(event) == [RoleName.LEAD]


async def test_each_line_counts_what_is_there_and_leads_to_where_it_is_done(
    database: Database, event: Event, lena: Staff, omar: Staff
) -> None:
    await complete(event)
    await Event.filter(id=event.id).update(automatic_offers=False, capacity=3)
    rows = [await confirmed(someone(), event) for _ in range(5)]
    await vetting.approve(rows[0], omar, MONDAY)
    await vetting.put_on_waiting_list(rows[1], omar, MONDAY)
    await outbox.done(await Message.filter(template="ticket").get(), MessageState.FAILED, MONDAY)
    assert to_do(await page_of(database, lena, event)) == {
        "1 email did not arrive: telephone these people": "emails#phone",
        "3 requests to decide": "requests",
        "1 person is on the waiting list, and 2 places are free": "waiting",
    }
    clock.move_to(THE_DAY + timedelta(days=1))
    async with browsing(database, lena) as client:
        lists = [(await client.get(desk(event, page))).text for page in ("requests", "waiting")]
    assert [(wording.IS_OVER in text, 'name="decision"' in text) for text in lists] == [(True, False)] * 2
    afterwards = to_do(await page_of(database, lena, event))
    assert [text for text in afterwards if "waiting list" in text or "to decide" in text] == []
    await Event.filter(id=event.id).update(two_approvals=True, automatic_offers=True)
    clock.move_to(THE_DAY - timedelta(days=2))
    found = to_do(await page_of(database, omar, event))
    assert found["The event is in 2 days, and guests do not know the venue yet"] == "event"
    assert found["Two organisers have to approve, and fewer than two can"] == "event/approvals"
    assert len(found) == 4
    assert to_do(await page_of(database, lena, event)).keys() == found.keys()


async def test_sheets_and_what_nobody_reads_are_on_the_list(database: Database, event: Event, lena: Staff) -> None:
    ticket = await a_ticket(someone(), event)
    await tells_adjustments(await Registration.get(id=ticket.registration_id), Adjustment.HEARING_LOOP)
    sheet: dict[str, Any] = {
        "event": event,
        "kind": SheetKind.DOOR_LIST,
        "lines": 1,
        "printed_at": MONDAY,
        "printed_by": lena.actor,
    }
    await Sheet.create(**sheet, number=1, destroy_by=THE_DAY.date(), begun_at=MONDAY)
    await Sheet.create(**sheet, number=2, destroy_by=THE_DAY.date(), destroyed_at=MONDAY, finished_at=MONDAY)
    assert to_do(await page_of(database, lena, event)) == {
        "1 guest has told us what they need or eat, and there is no access lead and no caterer": "staff",
        "1 sheet of paper to finish typing up": "doors/paper",
    }
    clock.move_to(THE_DAY)
    assert to_do(await page_of(database, lena, event))["1 list with names on paper to destroy"] == "doors/paper"


@pytest.mark.usefixtures("the_day")
async def test_on_the_day_it_shows_who_has_come_and_after_it_that_the_door_is_open(
    database: Database, event: Event, sid: Device, ada: Person, omar: Staff, vic: Staff
) -> None:
    await checkin.settle([await scan_of(await a_ticket(ada, event))], sid, THE_DAY + timedelta(minutes=6))
    await a_ticket(someone(), event)
    page = words(await page_of(database, vic, event))
    assert "1 of 2 guests have come so far." in page
    assert "1 person from 09:05 to 09:10" in page
    clock.move_to(THE_DAY + timedelta(days=1))
    page = await page_of(database, omar, event)
    assert "1 of 2 guests came." in words(page)
    assert to_do(page)["The event has ended, and the door is not closed"] == "doors/close"
    assert to_do(page)["The event is over: see what is left to do"] == "after"
    clock.move_to(MONDAY)
    assert "guests have come" not in words(await page_of(database, omar, event))


async def test_it_names_nobody_and_a_viewer_is_asked_to_do_nothing(
    database: Database, event: Event, ada: Person, vic: Staff, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    for staff, does in ((vic, False), (omar, True)):
        page = await page_of(database, staff, event)
        assert [text in page for text in ("Ashdown", "ada@", "Wardens")] == [False] * 3
        assert (bool(to_do(page)), "What to do now" in page, "To set up" in page) == (does, does, does)
        assert desk(event, "people", asked.id) in page, "the one that has waited for longest"
        assert " style=" not in page


async def test_every_drawing_has_its_figures_in_words(database: Database, event: Event, omar: Staff) -> None:
    for days in (0, 1, 1):
        asked = await confirmed(someone(), event, MONDAY - timedelta(days=days))
    await vetting.approve(asked, omar, MONDAY)
    page = await page_of(database, omar, event)
    drawings = re.findall(r"<svg[^>]*>", page)
    labels = [re.search(r'aria-label="(?:Bars?\. )([^"]+?)\.?"', drawing) for drawing in drawings]
    assert ["aria-hidden" in drawing for drawing in drawings] == [label is None for label in labels]
    said = [label[1] for label in labels if label]
    assert said == ["1 of 120 given out, 119 left",
                    "3 requests from Sunday 7 April to Monday 8 April. Most came on Sunday 7 April: 2"]  # fmt: skip
    assert [text in words(page.partition("<main")[2]) for text in said] == [True] * 2
    assert "Charity 1 2" in words(page), "the bars of kinds stand beside their figures"
