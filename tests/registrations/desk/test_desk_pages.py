"""The desk, as organisers see it: the queue, the list, a person, and what viewers and strangers get instead."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import httpx2
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
from registrations.desk import desk_pages
from registrations.desk.live_part import Watcher, changes
from registrations.people.registration import Registration, State
from registrations.tickets.request_emails import WRITERS
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, a_member_of_staff, an_event, audit_of, confirmed, someone

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


def desk(event: Event, *parts: object) -> str:
    return "/".join(["/desk", event.slug, *(str(part) for part in parts)])


async def state_of(asked: Registration) -> State:
    return (await Registration.get(id=asked.id)).state


def notice(answer: httpx2.Response) -> str:
    """What a page says was just done."""
    _, found, rest = answer.text.partition('<p class="govuk-notification-banner__heading">')
    return words(rest.partition("</p>")[0]) if found else ""


async def several(event: Event, number: int) -> list[Registration]:
    return [await confirmed(someone(), event, MONDAY + timedelta(minutes=n)) for n in range(number)]


# The queue


@SQLITE
async def test_the_queue_tells_what_an_address_is_and_never_calls_anyone_a_partner(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    await KnownOrganisation.create(
        event=event, domain="wardens.example.org", kind="charity", treatment=Treatment.PARTNER
    )
    await confirmed(ada, event)
    await confirmed(replace(bo, email="bo@wardens.example.org.evil.test"), event, MONDAY + timedelta(hours=1))
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "requests"))
    shown = words(page.text)
    assert (page.status_code, heading(page)) == (200, "To decide")
    assert wording.ENQUIRER_LINE in shown
    assert "ada@wardens.example.org Address of a known organisation (charity) 8 April 2019, 09:00" in shown
    assert "Looks like wardens.example.org, but is a different domain Address of another organisation" in shown
    assert "partner" not in page.text.lower()
    assert " checked" not in page.text  # no radio and no box
    assert page.headers["cache-control"] == "no-store"


@SQLITE
async def test_omar_approves_ada_with_one_button(database: Database, event: Event, ada: Person, omar: Staff) -> None:
    asked = await confirmed(ada, event)
    async with browsing(database, omar) as client:
        answer = await client.post(desk(event, "requests", "approve"), data={"person": asked.id})
        page = await client.get(answer.headers["location"])
    assert answer.status_code == 303
    assert "Ada" not in answer.headers["location"]
    assert notice(page) == "1 approved. Look at this person"
    assert await state_of(asked) is State.APPROVED


@SQLITE
async def test_one_ticked_is_decided_at_once(database: Database, event: Event, ada: Person, omar: Staff) -> None:
    asked = await confirmed(ada, event)
    async with browsing(database, omar) as client:
        await client.post(desk(event, "requests"), data={"person": asked.id, "decision": "not_offer"})
    assert await state_of(asked) is State.NOT_OFFERED


@SQLITE
async def test_several_are_shown_before_anything_is_decided_and_each_outcome_after(
    database: Database, omar: Staff, lena: Staff
) -> None:
    event = await an_event(capacity=2)
    await Role.create(staff=omar, event=event, name=RoleName.ORGANISER)
    asked = await several(event, 4)
    posted = {"person": [one.id for one in asked], "decision": "approve"}
    async with browsing(database, omar) as client:
        shown = await client.post(desk(event, "requests"), data=posted)
        assert heading(shown) == "Approve 4 people?"
        assert "Only 2 places are left: who asked first gets them" in words(shown.text)
        assert [await state_of(one) for one in asked] == [State.CONFIRMED] * 4
        await vetting.not_offer(await Registration.get(id=asked[0].id), lena, MONDAY)
        done = await client.post(desk(event, "requests", "several"), data=posted)
        page = await client.get(done.headers["location"])
    assert notice(page) == "2 approved; 1 had been decided by someone else; 1 had no place left"
    assert [await state_of(one) for one in asked] == [
        State.NOT_OFFERED, State.APPROVED, State.APPROVED, State.CONFIRMED
    ]  # fmt: skip


@SQLITE
async def test_what_is_missing_is_said_and_the_ticks_are_kept(database: Database, event: Event, omar: Staff) -> None:
    first, second = await several(event, 2)
    async with browsing(database, omar) as client:
        nothing = await client.post(desk(event, "requests"), data={})
        undecided = await client.post(desk(event, "requests"), data={"person": second.id, "decision": "maybe"})
    assert (nothing.status_code, undecided.status_code) == (422, 422)
    assert "<title>Error: To decide</title>" in nothing.text
    assert nothing.text.count("Select one person or more") == nothing.text.count("Select what you decide") == 2
    assert f'value="{second.id}" checked' in undecided.text
    assert f'value="{first.id}" checked' not in undecided.text
    assert await state_of(second) is State.CONFIRMED


@SQLITE
async def test_all_of_a_page_can_be_ticked_without_a_script(database: Database, event: Event, omar: Staff) -> None:
    await several(event, 3)
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "requests"), params={"all": "1"})
    assert page.text.count('name="person"') == 6  # a box and a button for each
    assert page.text.count(" checked") == 3


@SQLITE
async def test_the_queue_is_narrowed_and_sorted_in_its_query_string_and_stays_so(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    asked = await confirmed(bo, event)
    await confirmed(ada, event)
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "requests"), params={"kind": "police", "sort": "newest"})
        assert "Bo Okafor" in page.text
        assert "Ada Ashdown" not in page.text
        where = desk(event, "requests") + "?kind=police&sort=newest"
        answer = await client.post(where, data={"person": asked.id, "decision": "wait"})
    assert answer.headers["location"].startswith(where + "&said=wait&done=1")


@SQLITE
async def test_an_empty_queue_says_so_and_nonsense_in_its_address_is_let_be(
    database: Database, event: Event, omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        page = await client.get(
            desk(event, "requests"), params={"page": "-1", "kind": "x", "sort": "'", "said": "approve", "done": "x"}
        )
    assert "Nobody is waiting for a decision." in page.text
    assert notice(page) == "Nothing was decided"


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
    assert "8 April 2019, 10:00 Mail: Ticket. Waiting to be sent Muster" in shown
    assert "Looked at 1 time before, last by Omar Organiser." in shown
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
        assert (late.status_code, wording.ALREADY_DECIDED in late.text) == (409, True)
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
    assert (page.status_code, page.text.count("Select what you decide")) == (422, 2)
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
        assert (await client.post(f"{here}/cancel", data={"seen": "approved"})).status_code == 409
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
    ("requests", "POST"), ("requests/several", "POST"), ("requests/approve", "POST"), ("people/{id}/decide", "POST"),
    ("people/{id}/name", "GET"), ("people/{id}/name", "POST"), ("people/{id}/withdraw", "GET"),
    ("people/{id}/cancel", "POST"), ("people/{id}/reconsider", "POST"), ("people/{id}/ticket", "POST"),
    ("event/places", "GET"), ("event/places", "POST"), ("event/venue", "GET"), ("event/registration/close", "POST"),
    ("event/release", "GET"), ("event/release", "POST"), ("mail/{id}/retry", "POST"), ("mail/{id}/telephoned", "POST"),
    ("organisations/add", "GET"), ("organisations/add", "POST"), ("organisations/{id}", "POST"),
    ("organisations/{id}/remove", "POST"),
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


VIEWED = ["requests", "people", "people/{id}", "event", "mail", "organisations"]


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
            (await client.post(desk(event, "mail", message.id, "retry"))).status_code,
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
        for path in ("requests", "people", "event", "mail", "organisations"):
            shown = words((await client.get(desk(event, path))).text)
            assert "1 to decide 1 approved 1 place left 1 waiting 1 mail failed" in shown


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
        assert [desk(one, "requests") in page.text for one in (event, second)] == [True, True]
        await Role.all().delete()
        assert "You have no role for an event." in (await client.get("/desk")).text


def test_every_letter_has_a_name_for_organisers() -> None:
    assert set(wording.MAILS) == set(WRITERS)


@pytest.mark.parametrize(("who", "count"), [(RoleName.VIEWER, 6), (RoleName.ORGANISER, 8), (RoleName.LEAD, 10)])
async def test_the_menu_leads_nobody_to_a_page_that_turns_them_away(
    database: Database, event: Event, who: RoleName, count: int
) -> None:
    staff = await a_member_of_staff("Mia Menu", "mia@hosts.example.org", event, who)
    async with browsing(database, staff) as desk:
        menu = re.search(r'<nav class="desk-nav".*?</nav>', (await desk.get(f"/desk/{event.slug}/board")).text, re.S)
        links = re.findall(r'href="([^"]+)"', menu[0] if menu else "")
        assert [(await desk.get(link)).status_code for link in links] == [200] * count
