"""From a filtered list to an act on all of it: asked first, with the number and what happens; then how far it is, what
became of whom, stop and undo. Rules: SG-02, SE-06.
"""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import httpx2
import pytest

from events.accounts.staff import Session, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.bulk import working
from registrations.bulk.bulk_act import BulkAct, BulkPerson
from registrations.deciding import vetting
from registrations.people.registration import Registration, State
from tests.at_the_desk import desk, several, state_of
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, confirmed
from tests.registrations.bulk.acts import emails_are_out
from tests.registrations.bulk.test_reminding import asked, offered
from tests.registrations.deciding.waiting import NOON, waiting

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


async def presses(
    client: httpx2.AsyncClient, event: Event, act: str, path: str = "requests/all", **query: str
) -> httpx2.Response:
    """Ticks all and presses; the page that asks."""
    posted = await client.post(desk(event, path), params=query, data={"everyone": "yes", "act": act})
    return await client.get(posted.headers["location"])


@SQLITE
async def test_all_pages_of_a_filter_are_decided_on_and_nobody_else(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    people = await several(event, 55)
    police = await confirmed(bo, event)
    charities = [row for row in people if row.kind.value == "charity"]
    async with browsing(database, omar) as client:
        listed = await client.get(desk(event, "requests"), params={"kind": "charity"})
        assert f"All {len(charities)} that this filter shows" in words(listed.text)
        page = await presses(client, event, "wait", kind="charity")
        assert heading(page) == f"Put {len(charities)} people on the waiting list?"
        assert "The list: To decide, Charity ." in words(page.text)
        await confirmed(replace(ada, name="Late Ada"), event)  # not of it
        here = unescape(page.text.partition('<form method="post" action="/desk')[2].partition('"')[0])
        begun = await client.post(f"/desk{here}")
        shown = await client.get(begun.headers["location"])
        assert f"0 of {len(charities)} done" in words(shown.text)
        assert (heading(shown), "See how far it is" in shown.text) == (
            f"Put {len(charities)} people on the waiting list", True,
        )  # fmt: skip
        await working.turn(MONDAY, clock.real())
        done = await client.get(begun.headers["location"])
        told = words(done.text)
        assert ("Everybody's turn has come. The emails go out in" in unescape(told), "Undo all of it" in told) == (
            True, True,
        )  # fmt: skip
        assert f"Put on the waiting list {len(charities)}" in told
    assert await Registration.filter(state=State.WAITING).count() == len(charities)
    assert await state_of(police) is State.CONFIRMED
    [entry] = await AuditEntry.filter(action=Action.BULK_BEGUN)
    assert (entry.actor, entry.details) == (omar.actor, {"kind": "wait", "number": len(charities)})


@SQLITE
async def test_the_page_that_asks_says_how_many_places_are_left_for_how_many(
    database: Database, event: Event, omar: Staff
) -> None:
    await several(event, 3)
    await Event.filter(id=event.id).update(capacity=2, allowance=0)
    async with browsing(database, omar) as client:
        told = words((await presses(client, event, "approve")).text)
        assert "Only 2 places are left for 3: who asked first gets them, the others stay where they are." in told
        assert "Approve 3 people?" in told
        assert "Approve 2 people Cancel" in told, "the button says how many it is for"
        assert "Whoever needs a look is left out" in told
        await Event.filter(id=event.id).update(capacity=9)
        assert "9 places are left, which is enough." in words((await presses(client, event, "approve")).text)
    assert await Registration.filter(state=State.CONFIRMED).count() == 3


@SQLITE
async def test_nothing_is_pressed_by_chance_nor_what_the_list_is_not_for(
    database: Database, event: Event, omar: Staff, vic: Staff
) -> None:
    await several(event, 2)
    async with browsing(database, omar) as client:
        for path, data in (
            ("requests/all", {"act": "wait"}),
            ("requests/all", {"everyone": "yes", "act": "offer"}),
            ("requests/all", {"everyone": "yes", "act": "x"}),
            ("people/all", {"everyone": "yes", "act": "approve"}),  # everybody, in whatever state
            ("people/all?state=not_offered", {"everyone": "yes", "act": "remind"}),
            # A filter that is not understood would be everybody.
            ("people/all?state=confirmed&find=cut-off", {"everyone": "yes", "act": "wait"}),
            ("people/all?state=confirmed&of=cut-off", {"everyone": "yes", "act": "wait"}),
            ("people/all?state=confirmed&kind=polise", {"everyone": "yes", "act": "wait"}),
            ("people/all?state=confirmed&there=on-the-moon", {"everyone": "yes", "act": "wait"}),
            ("people/all?state=cofirmed", {"everyone": "yes", "act": "write"}),
            ("requests/all?kind=polise", {"everyone": "yes", "act": "wait"}),
        ):
            assert (await client.post(desk(event, path), data=data)).status_code == 422
        page = await client.post(desk(event, "people/all?state=confirmed"), data={"everyone": "yes", "act": "wait"})
        await Session.filter(staff=omar).update(stepped_up_at=clock.real() - timedelta(hours=3))
        proves = await client.post(f"{page.headers['location']}/begin")
        assert proves.headers["location"].startswith("/staff/")
    async with browsing(database, vic) as client:
        assert "that this filter shows" not in (await client.get(desk(event, "requests"))).text
        assert (await client.get(page.headers["location"])).status_code == 403
    [act] = await BulkAct.all()
    assert act.begun_at is None


@SQLITE
async def test_a_search_and_an_organisation_fix_whom_they_show_and_keep_no_word(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    await several(event, 3)
    asked_ = await confirmed(ada, event)
    async with browsing(database, omar) as client:
        found = await client.post(desk(event, "people", "search"), data={"text": "Ashdown", "state": "confirmed"})
        query = dict(httpx2.QueryParams(found.headers["location"].partition("?")[2]))
        page = await presses(client, event, "wait", "people/all", **query)
        assert "To decide, found by words" in words(page.text)
        assert heading(page) == "Put 1 person on the waiting list?"
    assert [row.registration_id for row in await BulkPerson.all()] == [asked_.id]
    assert "ashdown" not in str((await BulkAct.get()).filtered).lower()


@SQLITE
async def test_a_preview_says_how_many_get_which_reminder_and_who_is_left_out_and_why(
    database: Database, event: Event, omar: Staff
) -> None:
    await offered(event, omar)
    await asked(event)
    await emails_are_out()
    late = await asked(event)  # the email that asks is still in the outbox
    await several(event, 1)
    async with browsing(database, omar) as client:
        page = await presses(client, event, "remind", "people/all")
        told = unescape(words(page.text))
        assert "2 people get an email now" in told
        assert "To say whether they asked for a place 1 : show who" in told
        assert "To answer the offer of a place 1 : show who" in told
        assert "The email that asks them first has not gone out, or did not arrive 1 : show who" in told
        assert "Has nothing left to do that there is a reminder for 1 : show who" in told
        [path] = [part.partition('"')[0] for part in page.text.split('href="')[1:] if "what=not_out" in part[:80]]
        who = await client.get(path)
        assert desk(event, "people", late.id) in who.text
        assert "1 to 1 of 1." in words(who.text)
    listed = await AuditEntry.filter(action=Action.LISTED).order_by("-id").first()
    assert listed is not None
    assert listed.details == {"list": "people of one act", "ids": [late.id]}


@SQLITE
async def test_it_is_stopped_and_undone_from_its_page_and_says_who_was_left_out(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    people = await several(event, 3)
    async with browsing(database, omar) as client:
        page = await presses(client, event, "not_offer", "people/all", state="confirmed")
        here = str(page.url.path)
        await client.post(f"{here}/begin")
        await vetting.approve(await Registration.get(id=people[0].id), lena, MONDAY)
        await working.turn(MONDAY, clock.real())
        told = words((await client.get(here)).text)
        assert "Declined 2 : show who" in told
        assert "Somebody else had decided by then, or the request had ended 1 : show who" in told
        who = await client.get(f"{here}/people", params={"what": "decided"})
        assert people[0].full_name in who.text
        assert people[1].full_name not in who.text
        assert (await client.post(f"{here}/stop")).status_code == 409  # it has ended
        await client.post(f"{here}/undo")
        assert "It is being undone" in words((await client.get(here)).text)
        await working.turn(MONDAY, clock.real())
        assert "Undone 2 : show who" in words((await client.get(here)).text)
        assert "Undone, 3 of 3" in words((await client.get(desk(event, "bulk"))).text)
        assert (await client.get(f"{here}/people", params={"what": "x"})).status_code == 404
    assert [await state_of(person) for person in people] == [State.APPROVED, State.CONFIRMED, State.CONFIRMED]


@SQLITE
async def test_one_that_is_not_begun_is_its_makers_own_and_of_its_event(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    await several(event, 1)
    async with browsing(database, omar) as client:
        here = str((await presses(client, event, "wait")).url.path)
    async with browsing(database, lena) as client:
        assert (await client.get(here)).status_code == 404
        assert (await client.post(f"{here}/begin")).status_code == 404


@SQLITE
async def test_the_waiting_list_has_a_box_for_all_who_wait_and_one_for_all_with_an_offer(
    database: Database, event: Event, omar: Staff, vic: Staff
) -> None:
    offer = await offered(event, omar)
    await emails_are_out()
    wait = await several(event, 55)
    await Registration.filter(id__in=[person.id for person in wait]).update(state=State.WAITING)
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "waiting"))
        boxes = {words(label): "&".join(acts) for label, acts in boxes_of(page).items()}
        assert boxes == {
            "All 55 without an offer": "write&approve&offer&not_offer", "All 1 with an offer": "write&remind",
        }  # fmt: skip
        [first, second] = re.findall(r'class="desk-all" method="post" action="([^"]+)"', page.text)
        for box, act, asks in (
            (first, "offer", "Offer 55 people a place?"),
            (second, "remind", "Remind 1 of 1 people?"),
        ):
            posted = await client.post(unescape(box), data={"everyone": "yes", "act": act})
            asked_page = await client.get(posted.headers["location"])
            assert heading(asked_page) == asks
            assert f'class="govuk-back-link" href="{desk(event, "waiting")}"' in asked_page.text
    people = {row.registration_id for row in await BulkPerson.filter(bulk__kind="offer")}
    assert (people, len(await BulkPerson.filter(registration_id=offer.id))) == ({row.id for row in wait}, 1)
    async with browsing(database, vic) as client:
        assert "desk-all" not in (await client.get(desk(event, "waiting"))).text


def boxes_of(page: httpx2.Response) -> dict[str, list[str]]:
    """The acts of each box for a whole list, by its label."""
    forms = re.findall(r'<form class="desk-all".*?</form>', page.text, re.S)
    return {form.partition("<label")[2].partition("</label>")[0].partition(">")[2]:
            re.findall(r'name="act" value="(\w+)"', form) for form in forms}  # fmt: skip


@SQLITE
async def test_all_of_a_filter_of_the_waiting_list_are_asked_about_where_others_stand_before_them(
    database: Database, event: Event, bo: Person, omar: Staff
) -> None:
    """The page asks for the reason, and begins nothing without one."""
    clock.move_to(NOON)
    _, police = await waiting(event, omar, 2, replace(bo, kind="charity", email="cy@elsewhere.example"), bo)
    async with browsing(database, omar) as client:
        everybody = await presses(client, event, "offer", "people/all", state="waiting")
        page = await presses(client, event, "offer", "people/all", state="waiting", kind=police.kind.value)
        asks = "Why do they come first?"
        assert (asks in everybody.text, asks in page.text) == (False, True)
        act = await BulkAct.all().order_by("-id").first()
        begin = desk(event, "bulk", act.id if act else 0, "begin")
        refused = await client.post(begin)
        assert (refused.status_code, "Select why they come first" in refused.text) == (422, True)
        assert (await client.post(begin, data={"reason": "organisation"})).status_code == 303
