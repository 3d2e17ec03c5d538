"""The desk, as organisers see it: the list, a person, the counts, and what viewers and strangers get instead."""

import json
import re
from datetime import timedelta

import pytest

from events.accounts.staff import Role, RoleName, Session, Staff
from events.audit.audit import Action, AuditEntry
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
from registrations.people.registration import Registration, State
from registrations.tickets.request_emails import WRITERS
from tests.at_the_desk import amber, desk, notice, several, state_of
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, a_member_of_staff, an_event, audit_of, confirmed, someone

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


# The list of people


@SQLITE
async def test_a_search_puts_no_name_into_an_address_and_leaves_its_length(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    await confirmed(ada, event)
    await confirmed(bo, event)
    async with browsing(database, omar) as client:
        answer = await client.post(desk(event, "people", "search"), data={"text": "ashdown", "state": "confirmed"})
        page = await client.get(answer.headers["location"])
    assert answer.status_code == 303
    assert "ashdown" not in answer.headers["location"].lower()
    assert "Ada Ashdown" in page.text
    assert "Bo Okafor" not in page.text
    assert 'value="ashdown"' in page.text
    assert wording.ENQUIRER_LINE in page.text
    entry = await AuditEntry.get(action=Action.SEARCHED)
    assert (entry.actor, entry.details["letters"], entry.details["results"]) == (omar.actor, 7, 1)
    assert "ashdown" not in str(entry.details).lower()


@SQLITE
@pytest.mark.parametrize("find", ["x", "AAAA", "%00", "ÿ", "A" * 300])
async def test_a_search_that_we_did_not_seal_is_no_search(
    database: Database, event: Event, ada: Person, omar: Staff, find: str
) -> None:
    await confirmed(ada, event)
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "people"), params={"find": find})
    assert page.status_code == 200
    assert "Ada Ashdown" in page.text
    assert await AuditEntry.filter(action=Action.SEARCHED).count() == 0


@SQLITE
async def test_pages_keep_what_was_asked_for(database: Database, event: Event, omar: Staff) -> None:
    await several(event, 60)
    async with browsing(database, omar) as client:
        found = await client.post(desk(event, "people", "search"), data={"text": "guest", "sort": "oldest"})
        page = await client.get(found.headers["location"])
        assert "1 to 50 of 60." in words(page.text)
        following = page.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        assert "51 to 60 of 60." in words((await client.get(following)).text)


@SQLITE
async def test_whose_details_are_deleted_stands_only_among_the_expired(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    gone = await confirmed(ada, event)
    await Registration.filter(id=gone.id).update(state=State.EXPIRED, full_name="", email="", search="")
    async with browsing(database, omar) as client:
        everyone = await client.get(desk(event, "people"))
        expired = await client.get(desk(event, "people"), params={"state": "expired"})
    assert "Nobody was found" in everyone.text
    assert "Details deleted" in expired.text


# One person


@SQLITE
async def test_a_persons_page_has_the_whole_history_and_looking_is_recorded(
    database: Database, event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    asked = await confirmed(ada, event)
    ticket = await vetting.approve(asked, lena, MONDAY + timedelta(hours=1))
    async with browsing(database, omar) as client:
        await client.get(desk(event, "people", asked.id))
        page = await client.get(desk(event, "people", asked.id))
    shown = words(page.text)
    assert heading(page) == "Ada Ashdown Approved"
    assert f"Ticket {ticket.reference}, issued 8 April 2019, 10:00" in shown
    assert "8 April 2019, 10:00 Approved Lena Lead" in shown
    assert "8 April 2019, 10:00 Email: Ticket. Waiting to be sent Muster" in shown
    assert "Viewed once before, last by Omar Organiser." in shown
    assert "Ada" not in page.text.partition("<title>")[2].partition("</title>")[0]
    assert [act for act, _, _ in await audit_of(asked)] == [Action.APPROVED, Action.VIEWED, Action.VIEWED]


@SQLITE
async def test_a_decision_on_an_older_view_changes_nothing(
    database: Database, event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    asked = await confirmed(ada, event)
    await vetting.put_on_waiting_list(await Registration.get(id=asked.id), lena, MONDAY)
    async with browsing(database, omar) as client:
        late = await client.post(
            desk(event, "people", asked.id, "decide"), data={"seen": "confirmed", "decision": "approve"}
        )
        told = amber(await client.get(late.headers["location"]))
        assert told == "Ada Ashdown : nothing was changed, since someone else had decided by then. Now: Waiting list."
        assert await state_of(asked) is State.WAITING
        await client.post(desk(event, "people", asked.id, "decide"), data={"seen": "waiting", "decision": "approve"})
    assert await state_of(asked) is State.APPROVED


@SQLITE
async def test_without_a_decision_nothing_is_decided(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    async with browsing(database, omar) as client:
        page = await client.post(desk(event, "people", asked.id, "decide"), data={"seen": "confirmed"})
    assert (page.status_code, page.text.count("Select a decision")) == (422, 2)
    assert await state_of(asked) is State.CONFIRMED


@SQLITE
async def test_withdrawing_and_cancelling_ask_first(database: Database, event: Event, ada: Person, omar: Staff) -> None:
    asked = await confirmed(ada, event)
    await vetting.approve(asked, omar, MONDAY)
    here = desk(event, "people", asked.id)
    async with browsing(database, omar) as client:
        assert heading(await client.get(f"{here}/withdraw")) == "Withdraw the approval of Ada Ashdown?"
        assert heading(await client.get(f"{here}/cancel")) == "Cancel the request of Ada Ashdown?"
        assert await state_of(asked) is State.APPROVED
        done = await client.post(f"{here}/withdraw", data={"seen": "approved"})
        assert notice(await client.get(done.headers["location"])).startswith("The approval is withdrawn.")
        assert await state_of(asked) is State.CONFIRMED
        assert (await client.get(f"{here}/withdraw")).status_code == 404
        late = await client.post(f"{here}/cancel", data={"seen": "approved"})
        assert amber(await client.get(late.headers["location"])).endswith("Now: To decide.")
        await client.post(f"{here}/cancel", data={"seen": "confirmed"})
        page = await client.get(here)
    assert await state_of(asked) is State.CANCELLED
    assert "Nothing: this request has ended." in page.text


@SQLITE
async def test_a_mis_click_is_put_back_and_a_ticket_sent_again(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    await vetting.not_offer(asked, omar, MONDAY)
    here = desk(event, "people", asked.id)
    async with browsing(database, omar) as client:
        await client.post(f"{here}/reconsider", data={"seen": "not_offered"})
        assert await state_of(asked) is State.CONFIRMED
        await vetting.approve(await Registration.get(id=asked.id), omar, MONDAY)
        done = await client.post(f"{here}/ticket")
        again = await client.post(f"{here}/ticket")
        assert (await client.post(f"{here}/nonsense")).status_code == 404
    assert (done.status_code, again.status_code) == (303, 409)
    assert await Message.filter(template="ticket", state="queued").count() == 2


@SQLITE
async def test_a_name_is_mended_and_what_was_typed_stays_when_it_is_wrong(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    here = desk(event, "people", asked.id, "name")
    async with browsing(database, omar) as client:
        assert 'value="Ada Ashdown"' in (await client.get(here)).text
        wrong = await client.post(here, data={"full_name": "", "badge_name": "Lady A"})
        assert (wrong.status_code, wrong.text.count("Enter your full name")) == (422, 2)
        assert 'value="Lady A"' in wrong.text
        await client.post(here, data={"full_name": "Ada Ash", "badge_name": ""})
    now = await Registration.get(id=asked.id)
    assert (now.full_name, now.badge_name, now.search.startswith("ada ash ")) == ("Ada Ash", "", True)
    corrected = await AuditEntry.get(action=Action.CORRECTED)
    assert corrected.details == {}


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
    ("people/{id}/withdraw", "POST"),
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


VIEWED = ["requests", "people", "people/{id}", "event", "emails", "organisations"]


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
        for path in ("requests", "people", "event", "emails", "organisations"):
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
        assert (await client.get("/desk")).headers["location"] == desk(event, "requests")
        assert (await client.get(desk(event))).headers["location"] == desk(event, "requests")
        second = await an_event()
        await Role.create(staff=omar, event=second, name=RoleName.VIEWER)
        page = await client.get("/desk")
        assert [desk(listed, "requests") in page.text for listed in (event, second)] == [True, True]
        await Role.all().delete()
        assert "You have no role for an event." in (await client.get("/desk")).text


def test_every_letter_has_a_name_for_organisers() -> None:
    assert set(wording.EMAIL_NAMES) == set(WRITERS)


@pytest.mark.parametrize(("who", "count"), [(RoleName.VIEWER, 6), (RoleName.ORGANISER, 8), (RoleName.LEAD, 10)])
async def test_the_menu_leads_nobody_to_a_page_that_turns_them_away(
    database: Database, event: Event, who: RoleName, count: int
) -> None:
    staff = await a_member_of_staff("Mia Menu", "mia@hosts.example.org", event, who)
    async with browsing(database, staff) as desk:
        menu = re.search(r'<nav class="desk-nav".*?</nav>', (await desk.get(f"/desk/{event.slug}/board")).text, re.S)
        links = re.findall(r'href="([^"]+)"', menu[0] if menu else "")
        assert [(await desk.get(link)).status_code for link in links] == [200] * count
