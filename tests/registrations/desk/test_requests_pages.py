"""The queue: what stands beside a request, what one click may do, and the order in which it is decided."""

import re
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from events.accounts.staff import Role, RoleName, Staff
from events.event import Event
from events.ground import clock, wording
from events.ground.database import Database
from events.known_organisation import KnownOrganisation, Treatment
from registrations.deciding import vetting
from registrations.people.registration import Registration, State
from tests.at_the_desk import amber, desk, green, several, state_of, ticked
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, an_event, confirmed, someone

ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


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
    assert "Looks like wardens.example.org, but is a different domain Address of no organisation on your list" in shown
    assert "partner" not in page.text.lower()
    assert not re.search(r'(name="person"|type="radio")[^>]* checked', page.text)
    assert page.headers["cache-control"] == "no-store"


async def test_omar_approves_ada_with_one_button(database: Database, event: Event, ada: Person, omar: Staff) -> None:
    asked = await confirmed(ada, event)
    async with browsing(database, omar) as client:
        answer = await client.post(desk(event, "requests", "approve"), data={"person": await ticked(asked)})
        page = await client.get(answer.headers["location"])
    assert answer.status_code == 303
    assert "Ada" not in answer.headers["location"]
    assert green(page) == "Ada Ashdown : approved. The ticket goes out in 30 seconds. Undo : Ada Ashdown"
    assert amber(page) == ""
    assert await state_of(asked) is State.APPROVED


async def test_a_request_of_another_event_is_neither_decided_nor_undone_here(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    here, elsewhere = await confirmed(ada, event), await confirmed(bo, await an_event())
    posted = {"person": await ticked(here, elsewhere), "decision": "not_offer"}
    async with browsing(database, omar) as client:
        await client.post(desk(event, "requests", "approve"), data={"person": await ticked(elsewhere)})
        asked = await client.post(desk(event, "requests"), data=posted)
        await client.post(desk(event, "requests", "several"), data=posted)
        assert ("Ada Ashdown" in asked.text, bo.name in asked.text) == (True, False)
        assert [await state_of(asked_for) for asked_for in (here, elsewhere)] == [State.NOT_OFFERED, State.CONFIRMED]
        await vetting.not_offer(elsewhere, omar, MONDAY, clock.real() + timedelta(minutes=1))
        await client.post(desk(event, "requests", "undo"), data={"person": await ticked(here, elsewhere)})
    assert [await state_of(asked_for) for asked_for in (here, elsewhere)] == [State.CONFIRMED, State.NOT_OFFERED]


async def test_several_are_shown_before_anything_is_decided_and_each_outcome_after(
    database: Database, omar: Staff, lena: Staff
) -> None:
    event = await an_event(capacity=2)
    await Role.create(staff=omar, event=event, name=RoleName.ORGANISER)
    asked = await several(event, 4)
    posted = {"person": await ticked(*asked), "decision": "approve"}
    async with browsing(database, omar) as client:
        shown = await client.post(desk(event, "requests"), data=posted)
        assert heading(shown) == "Approve 4 people?"
        assert "Only 2 places are left: who asked first gets them" in words(shown.text)
        assert "Approve 2 people Cancel" in words(shown.text), "the button says how many it is for"
        assert [await state_of(registration) for registration in asked] == [State.CONFIRMED] * 4
        await vetting.not_offer(await Registration.get(id=asked[0].id), lena, MONDAY)
        done = await client.post(desk(event, "requests", "several"), data=posted)
        page = await client.get(done.headers["location"])
    names = [registration.full_name for registration in asked]
    assert green(page) == "2 approved. Their emails go out in 30 seconds. Undo all 2"
    assert amber(page) == (
        f"{names[3]} : not approved, since no place is left. Put on the waiting list Change the number of places "
        f"{names[0]} : nothing was changed, since someone else had decided by then. Now: Declined."
    )
    assert [await state_of(registration) for registration in asked] == [
        State.NOT_OFFERED, State.APPROVED, State.APPROVED, State.CONFIRMED
    ]  # fmt: skip


async def test_digits_of_another_script_tick_nobody(database: Database, event: Event, ada: Person, omar: Staff) -> None:
    asked = await confirmed(ada, event)
    in_arabic = str(asked.id).translate(ARABIC)
    async with browsing(database, omar) as client:
        nobody = await client.post(desk(event, "requests"), data={"person": in_arabic, "decision": "approve"})
        first = await client.get(desk(event, "requests") + f"?page={'2'.translate(ARABIC)}")
    assert (nobody.status_code, nobody.text.count("Select one person or more")) == (422, 2)
    assert (first.status_code, ada.name in first.text, await state_of(asked)) == (200, True, State.CONFIRMED)


async def test_what_is_missing_is_said_and_the_ticks_are_kept(database: Database, event: Event, omar: Staff) -> None:
    first, second = await several(event, 2)
    async with browsing(database, omar) as client:
        nothing = await client.post(desk(event, "requests"), data={})
        undecided = await client.post(
            desk(event, "requests"), data={"person": await ticked(second), "decision": "maybe"}
        )
    assert (nothing.status_code, undecided.status_code) == (422, 422)
    assert "<title>Error: To decide</title>" in nothing.text
    assert nothing.text.count("Select one person or more") == nothing.text.count("Select a decision") == 2
    boxes = [f'value="{posted}" checked' in undecided.text for posted in await ticked(first, second)]
    assert boxes == [False, True]
    assert await state_of(second) is State.CONFIRMED


async def test_all_of_a_page_can_be_ticked_without_a_script(database: Database, event: Event, omar: Staff) -> None:
    await several(event, 3)
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "requests"), params={"all": "1"})
    assert page.text.count('name="person"') == 6  # a box and a button for each
    assert len(re.findall(r'name="person"[^>]* checked', page.text)) == 3


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
        answer = await client.post(where, data={"person": await ticked(asked), "decision": "wait"})
    assert answer.headers["location"].startswith(f"{where}&decided=")


async def test_an_empty_queue_says_so_and_nonsense_in_its_address_is_let_be(
    database: Database, event: Event, omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        page = await client.get(
            desk(event, "requests"), params={"page": "-1", "kind": "x", "sort": "'", "decided": "x,²"}
        )
    assert "Nobody is waiting for a decision." in page.text
    assert (green(page), amber(page)) == ("", "")


# What one click may do

LOOK_ALIKE = "ada@wardens.example.org.evil.test"


async def of_a_look_alike(event: Event, ada: Person) -> Registration:
    await KnownOrganisation.create(
        event=event, domain="wardens.example.org", kind="charity", treatment=Treatment.PARTNER
    )
    return await confirmed(replace(ada, email=LOOK_ALIKE), event)


def row_of(page: httpx2.Response, asked: Registration) -> str:
    _, _, rest = page.text.partition(f'<tr id="request-{asked.id}">')
    return rest.partition("</tr>")[0]


async def test_a_flagged_address_is_reviewed_and_never_approved_by_one_click(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    flagged, plain = await of_a_look_alike(event, ada), await confirmed(bo, event)
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "requests"))
        assert ["<button" in row_of(page, registration) for registration in (flagged, plain)] == [False, True]
        assert words(row_of(page, flagged)).endswith("Review Ada Ashdown")
        answer = await client.post(desk(event, "requests", "approve"), data={"person": await ticked(flagged)})
        assert answer.headers["location"] == desk(event, "people", flagged.id)
        shown = await client.post(
            desk(event, "requests"), data={"person": await ticked(flagged), "decision": "approve"}
        )
        assert heading(shown) == "Approve 1 person?"
        assert "Looks like wardens.example.org, but is a different domain" in words(shown.text)
        assert await state_of(flagged) is State.CONFIRMED
        await client.post(desk(event, "requests", "approve"), data={"person": await ticked(plain)})
    assert await state_of(plain) is State.APPROVED


async def test_one_click_approves_nobody_in_whose_name_somebody_else_has_asked_since_the_list_was_shown(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    asked, control = await confirmed(ada, event), await confirmed(bo, event)
    async with browsing(database, omar) as client:
        await client.get(desk(event, "requests"))
        marks = [await ticked(registration) for registration in (asked, control)]
        await confirmed(replace(ada, email="ada@elsewhere.example.org"), event)
        answers = [await client.post(desk(event, "requests", "approve"), data={"person": mark}) for mark in marks]
    assert answers[0].headers["location"] == desk(event, "people", asked.id)
    assert [await state_of(registration) for registration in (asked, control)] == [State.CONFIRMED, State.APPROVED]


async def test_whose_approval_was_withdrawn_comes_last_marked_and_is_reviewed(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff, lena: Staff
) -> None:
    withdrawn = await confirmed(ada, event)
    await vetting.approve(withdrawn, omar, MONDAY)
    await vetting.withdraw(await Registration.get(id=withdrawn.id), lena, clock.at_venue(event.day, 9, 0))
    later = await confirmed(bo, event, MONDAY + timedelta(days=1))
    async with browsing(database, omar) as client:
        for sort in ("oldest", "name"):
            page = await client.get(desk(event, "requests"), params={"sort": sort})
            assert re.findall(r'<tr id="request-(\d+)">', page.text) == [str(later.id), str(withdrawn.id)]
        assert "Approval withdrawn 15 April by Lena Lead" in words(row_of(page, withdrawn))
        assert "Approval withdrawn" not in row_of(page, later)
        assert "<button" not in row_of(page, withdrawn)
        answer = await client.post(desk(event, "requests", "approve"), data={"person": await ticked(withdrawn)})
        assert answer.headers["location"] == desk(event, "people", withdrawn.id)
        assert "Approval withdrawn 15 April by Lena Lead" in words((await client.get(answer.headers["location"])).text)
    assert await state_of(withdrawn) is State.CONFIRMED


async def test_enter_in_a_tick_box_decides_nothing_without_a_script(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    await confirmed(ada, event)
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "requests"))
    queue = page.text.partition('id="queue">')[2].partition("</form>")[0]
    first, *decisions = re.findall(r"<button [^>]*>", re.sub(r'<button [^>]*form="approve-one"[^>]*>', "", queue))
    assert "disabled" in first  # the browser's default: a form whose default button is disabled is not sent
    assert [re.findall(r'name="decision" value="(\w+)"', decision) for decision in decisions] == [
        ["approve"],
        ["wait"],
        ["not_offer"],
    ]


async def test_the_confirmation_stands_in_the_order_of_asking_with_a_line_where_places_end(
    database: Database, omar: Staff
) -> None:
    event = await an_event(capacity=2)
    await Role.create(staff=omar, event=event, name=RoleName.ORGANISER)
    asked = [await confirmed(replace(someone(), name=name), event, MONDAY + timedelta(minutes=n))
             for n, name in enumerate(["Zoe First", "Yan Second", "Abe Third", "Bea Gone"])]  # fmt: skip
    await vetting.not_offer(asked[3], omar, MONDAY)
    posted = {"person": await ticked(*reversed(asked)), "decision": "approve"}
    async with browsing(database, omar) as client:
        page = await client.post(desk(event, "requests"), data=posted)
        waits = await client.post(desk(event, "requests"), data=posted | {"decision": "wait"})
    listed = re.findall(r"<li[^>]*>(?:<[^>]+>)*([^,<]*)", page.text.partition("<ol")[2].partition("</ol>")[0])
    assert listed == ["Zoe First", "Yan Second", "No place is left for those below", "Abe Third"]
    assert "1 of those ticked has been decided by someone else since." in words(page.text)
    assert "No place is left" not in waits.text


# Going on where one was


async def test_after_an_approval_the_page_goes_on_with_the_row_below(
    database: Database, event: Event, omar: Staff
) -> None:
    first, second, third = await several(event, 3)
    async with browsing(database, omar) as client:
        answers = [
            await client.post(desk(event, "requests", "approve"), data={"person": await ticked(registration)})
            for registration in (second, third, first)
        ]
    ends = [answer.headers["location"].partition("#")[2] for answer in answers]
    assert ends == [f"request-{third.id}", f"request-{first.id}", ""]


async def test_a_decision_on_a_later_page_stays_on_it(database: Database, event: Event, omar: Staff) -> None:
    asked = await several(event, 53)
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "requests") + "?page=2")
        assert "51 to 53 of 53" in words(page.text)
        action = re.findall(r'<form method="post" action="([^"]*)" id="approve-one">', page.text)[0]
        done = await client.post(action, data={"person": await ticked(asked[51])})
    where, _, row = done.headers["location"].partition("#")
    assert (where.partition("&decided=")[0], row) == (action.replace("/approve", ""), f"request-{asked[52].id}")
