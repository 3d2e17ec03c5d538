"""The waiting list at the desk: who has an offer and until when, and what organisers give out of turn.

Rules: EV-08.
"""

import re
from datetime import timedelta

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.known_organisation import KnownOrganisation, Treatment
from registrations.deciding import offers
from registrations.desk import people_list
from registrations.people.registration import Registration, State
from tests.at_the_desk import amber, desk, green, ticked
from tests.browser import browsing, words
from tests.people import MONDAY, Person, confirmed, someone
from tests.registrations.deciding.decisions import anew
from tests.registrations.deciding.waiting import NOON, full, states, waiting

WAITING, OFFERED, APPROVED = State.WAITING, State.OFFERED, State.APPROVED


def rows(page: httpx2.Response) -> list[str]:
    """What stands in each row of the list."""
    return [words(row) for row in re.findall(r"<tr[^>]*>(.*?)</tr>", page.text, re.S)][1:]


async def decides(
    client: httpx2.AsyncClient,
    event: Event,
    decision: str,
    *people: Registration,
    path: str = "waiting/several",
    reason: str = "",
) -> httpx2.Response:
    said = {"decision": decision, "person": await ticked(*people), "reason": reason}
    answer = await client.post(desk(event, path), data=said)
    return await client.get(answer.headers["location"]) if answer.status_code == 303 else answer


async def test_the_list_says_who_has_an_offer_until_when_and_why_others_get_none(
    database: Database, event: Event, omar: Staff, vic: Staff
) -> None:
    clock.move_to(NOON)
    body = [Person(f"Body {n}", f"body{n}@big.example", "Big Body", "charity", "Officer") for n in range(2)]
    people = await waiting(event, omar, 5, *body)
    await KnownOrganisation.create(event=event, domain="big.example", kind="charity", treatment=Treatment.PARTNER)
    await Event.filter(id=event.id).update(domain_cap=1)
    await offers.offer(people[0], omar, NOON)
    await Registration.filter(id=people[2].id).update(lapsed_at=NOON)
    await Registration.filter(id=people[3].id).update(undeliverable="5.1.1")
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "waiting"))
        said = rows(page)
        assert "Offered Until 16:00 on Monday 8 April 2019" in said[0]
        assert "Their organisation has as many places as one may have" in said[1]
        assert "No email reaches them, so nothing is offered automatically" in said[2]
        assert "Did not answer an offer by 12:00 on Monday 8 April 2019" in said[4], "after all others"
        assert page.text.count('name="person"') == 4, "whoever has an offer is decided on their own page"
        person = await client.get(desk(event, "people", people[0].id))
        assert "Offer Until 16:00 on Monday 8 April 2019" in words(person.text)
    async with browsing(database, vic) as client:
        page = await client.get(desk(event, "waiting"))
        assert ("checkbox" in page.text, "@" in words(page.text)) == (False, False)


async def test_a_long_list_comes_in_pages_and_a_decision_leads_back_to_the_same_one(
    database: Database, event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_list, "A_PAGE", 2)
    clock.move_to(NOON)
    people = await waiting(event, omar, 5)
    await offers.offer(people[4], omar, NOON)
    in_order = [people[4], *people[:4]]
    async with browsing(database, omar) as client:
        pages = [await client.get(desk(event, "waiting") + f"?page={n}") for n in (1, 2, 3, 9)]
        shown = [[n for n, person in enumerate(in_order) if person.full_name in page.text] for page in pages]
        assert shown == [[0, 1], [2, 3], [4], [4]]
        assert "3 to 4 of 5" in words(pages[1].text)
        assert "Previous page Page 2 of 3 Next page" in words(pages[1].text)
        page = await decides(client, event, "not_offer", in_order[2], path="waiting?page=2")
        assert "declined" in green(page)
        assert [person.full_name in page.text for person in in_order[3:]] == [True, True], "the second page again"
        several = await decides(client, event, "approve", *in_order[3:], path="waiting?page=2")
        assert f"{desk(event, 'waiting')}/several?page=2" in several.text
    read = await AuditEntry.filter(action=Action.LISTED, actor=omar.actor).order_by("id").first()
    assert read is not None
    assert (read.details["page"], read.details["ids"]) == (1, [person.id for person in in_order[:2]])


async def test_several_are_approved_from_the_list_as_many_as_there_are_places(
    database: Database, event: Event, omar: Staff
) -> None:
    await full(event, 0)
    people = await waiting(event, omar, 3)
    await Event.filter(id=event.id).update(capacity=2)
    async with browsing(database, omar) as client:
        asked = await decides(client, event, "approve", *reversed(people), path="waiting")
        assert "Only 2 places are left: who asked first gets them, the others stay on the waiting list" in words(
            asked.text
        )
        assert await states(*people) == [WAITING] * 3
        page = await decides(client, event, "approve", *reversed(people))
        assert "2 approved." in green(page)
        assert "not approved, since no place is left" in amber(page)
        assert "Put on the waiting list" not in amber(page), "they are on it"
    assert await states(*people) == [APPROVED, APPROVED, WAITING]


async def test_a_place_out_of_turn_asks_why_and_the_history_says_it(
    database: Database, event: Event, omar: Staff
) -> None:
    clock.move_to(NOON)
    people = await waiting(event, omar, 4)
    async with browsing(database, omar) as client:
        page = await decides(client, event, "offer", people[0], path="waiting")
        assert "offered a place. The email is on its way." in green(page), "the control: they are the next"
        asked = await decides(client, event, "offer", people[3], path="waiting")
        assert "Why do they come first?" in asked.text
        refused = await decides(client, event, "offer", people[3])
        assert (refused.status_code, "Select why they come first" in refused.text) == (422, True)
        said = {"decision": "approve", "seen": "waiting"}
        asked = await client.post(desk(event, "people", people[2].id, "decide"), data=said)
        assert "Why do they come first?" in asked.text
        assert await states(*people) == [OFFERED, WAITING, WAITING, WAITING]
        page = await decides(client, event, "offer", people[3], reason="takes_part")
        assert "offered a place. The email is on its way." in green(page)
        await decides(client, event, "approve", people[2], reason="mistake")
        assert await states(*people) == [OFFERED, WAITING, APPROVED, OFFERED]
        history = words((await client.get(desk(event, "people", people[3].id))).text)
    assert "Gave a place out of turn: speaks, hosts or helps at the event Omar" in history


async def test_those_of_one_organisation_stand_together_where_asked(
    database: Database, event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = ["Harbour", "Lanterns", "harbour", "Lanterns"]
    body = [Person(f"Body {n}", f"body{n}@{n}.example", name, "charity", "Officer") for n, name in enumerate(of)]
    people = await waiting(event, omar, 4, *body)
    monkeypatch.setattr(people_list, "A_PAGE", 3)
    async with browsing(database, omar) as client:
        in_turn = rows(await client.get(desk(event, "waiting")))
        page = await client.get(desk(event, "waiting") + "?by=organisation")
        last = await client.get(desk(event, "waiting") + "?by=organisation&page=2")
        assert [[n for n in range(4) if f"Body {n}" in row] for row in in_turn] == [[0], [1], [2]], "the control"
        assert [[n for n in range(4) if f"Body {n}" in row] for row in rows(page)] == [[0], [2], [1]]
        assert "?by=organisation&amp;page=2" in page.text
        assert "Body 3" in rows(last)[0]
        answer = await client.post(
            desk(event, "waiting") + "?by=organisation",
            data={"decision": "not_offer", "person": await ticked(people[0])},
        )
    assert "?by=organisation&" in answer.headers["location"]


async def test_by_night_an_offer_is_refused_in_words_and_an_approval_is_not(
    database: Database, event: Event, omar: Staff
) -> None:
    people = await waiting(event, omar, 2)
    clock.move_to(NOON + timedelta(hours=9))
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "waiting"))
        assert "but not now: no offer goes out between 20:00 and 08:00" in words(page.text)
        refused = await decides(client, event, "offer", *people)
        assert (refused.status_code, "Approve the person" in refused.text) == (409, True)
        assert await states(*people) == [WAITING, WAITING]
        await decides(client, event, "approve", *people)
    assert await states(*people) == [APPROVED, APPROVED]


async def test_who_has_an_offer_is_approved_on_their_page(database: Database, event: Event, omar: Staff) -> None:
    clock.move_to(NOON)
    [ada] = await waiting(event, omar)
    await offers.offer(ada, omar, NOON)
    async with browsing(database, omar) as client:
        await client.post(desk(event, "people", ada.id, "decide"), data={"decision": "approve", "seen": "offered"})
    assert await states(ada) == [APPROVED]
    assert (await Event.get(id=event.id)).taken == 1


async def test_who_is_not_on_the_list_is_not_decided_there(database: Database, event: Event, omar: Staff) -> None:
    asked = await confirmed(someone(), event, MONDAY)
    async with browsing(database, omar) as client:
        page = await decides(client, event, "approve", asked)
        assert "nothing was changed, since someone else had decided by then" in amber(page)
        nothing = await client.post(desk(event, "waiting"), data={})
        assert (nothing.status_code, "Select one person or more" in nothing.text) == (422, True)
    assert (await anew(asked)).state is State.CONFIRMED


async def test_without_a_decision_who_was_ticked_stays_so(database: Database, event: Event, omar: Staff) -> None:
    first, second = await waiting(event, omar, 2)
    async with browsing(database, omar) as client:
        page = await client.post(desk(event, "waiting"), data={"person": await ticked(second)})
    boxes = re.findall(r'name="person" value="(\d+)[^"]*"( checked)?', page.text)
    assert (page.status_code, boxes) == (422, [(str(first.id), ""), (str(second.id), " checked")])
