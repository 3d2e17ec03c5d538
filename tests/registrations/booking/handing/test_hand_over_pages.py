"""The pages and emails of a place that is handed over: only a chosen Yes does anything, and none names the guest.

Rules: SG-07, DP-16, EM-06, GU-22.
"""

from datetime import timedelta

import httpx2
import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.settings import current
from events.ground.tokens import Purpose
from registrations.booking.handing import handing_over
from registrations.deciding import vetting
from registrations.people.hand_over import HandOver
from registrations.people.registration import Registration, State
from tests.browser import browsing, heading, words
from tests.people import MONDAY, THE_DAY, VENUE_CANARY, Person, queued, request_of, someone
from tests.professional import path_to, put_into, with_ticket
from tests.registrations.booking.handing.handing import CY, anew, asks, live_tickets, newest, taken_up, told_of
from tests.registrations.booking.test_change_pages import sent_with

OVER = "This link no longer works"
TYPED = {
    "full_name": CY.name, "badge_name": "Cy", "organisation": CY.organisation, "kind": CY.kind, "role": CY.role,
    "phone": "01632 960123",
}  # fmt: skip


def path_of(hand_over: HandOver) -> str:
    return hand_over.link.removeprefix(current().base_url)


async def test_ada_asks_on_her_booking_page_and_nothing_is_done_without_a_yes(
    database: Database, event: Event, ada: Person
) -> None:
    giver, _ = await with_ticket(ada, event)
    booking = path_to(giver, Purpose.MANAGE)
    path = f"{booking}/hand-over"
    async with browsing(database) as client:
        assert f'href="{path}"' in (await client.get(booking)).text
        page = await client.get(path)
        seen = sent_with(page.text)
        typed = {"email": CY.email, **seen}
        nothing, no = await client.post(path, data=typed), await client.post(path, data={**typed, "ask": "no"})
        own = await client.post(path, data={**typed, "email": ada.email.upper(), "ask": "yes"})
        bad = await client.post(path, data={**typed, "email": "cy", "ask": "yes"})
        assert (heading(page), await queued()) == ("Hand your place over to a colleague", [])
        assert [answer.status_code for answer in (nothing, no, own, bad)] == [422, 303, 422, 422]
        assert (f'value="{CY.email}"' in nothing.text, "not your own" in own.text) == (True, True)
        old = await client.post(path, data={"email": CY.email, "ask": "yes", "seen": "older"})
        sent = await client.post(path, data={**typed, "ask": "yes"})
        again = await client.post(path, data={**typed, "ask": "yes"})
        other = await client.post(path, data={**typed, "email": "x@other.example.org", "ask": "yes"})
        said = (await client.get(sent.headers["location"])).text
        back = await client.get(path)
    assert sent.headers["location"] == again.headers["location"] == f"{booking}?saved=hand-over", (
        "a second press is calm"
    )
    assert (old.status_code, other.status_code) == (409, 409)
    assert "We sent an email to your colleague, and one to you. Nothing has changed yet." in words(said)
    assert (CY.email in said, f'href="{path}/back"' in said, f'href="{path}"' in said) == (False, True, False)
    assert back.headers["location"] == f"{path}/back"
    assert await queued() == [("hand_over", giver.id), ("handing_over", giver.id)]


@pytest.mark.parametrize("state", [State.REQUESTED, State.APPROVED, State.NOT_OFFERED])
async def test_the_answer_is_the_same_for_an_address_that_we_know(
    database: Database, event: Event, state: State
) -> None:
    await put_into(state, CY, event)
    answers = []
    async with browsing(database) as client:
        for address in (CY.email, "no@wardens.example.org"):
            giver, _ = await with_ticket(Person("Ada", someone().email, "Wardens", "charity", "Warden"), event)
            booking = path_to(giver, Purpose.MANAGE)
            seen = sent_with((await client.get(f"{booking}/hand-over")).text)
            sent = await client.post(f"{booking}/hand-over", data={"email": address, "ask": "yes", **seen})
            shown = await client.get(booking)
            answers.append((sent.status_code, sorted(sent.headers), len(shown.text)))
    assert answers[0] == answers[1]


async def test_a_colleague_reads_nothing_of_the_guest_and_says_who_they_are(
    database: Database, event: Event, ada: Person
) -> None:
    hand_over = await asks((await with_ticket(ada, event))[0])
    path = path_of(hand_over)
    async with browsing(database) as client:
        page, details = await client.get(path), await client.get(f"{path}/details")
        nothing, empty = await client.post(path, data={}), await client.post(f"{path}/details", data={})
        assert (heading(page), heading(details)) == ("Take over a place", "Who you are")
        assert (nothing.status_code, empty.status_code, CY.email in page.text) == (422, 422, True)
        for shown in (page, details, nothing, empty):
            private = (ada.name, ada.email, ada.organisation, VENUE_CANARY)
            assert [said for said in private if said in shown.text] == []
        yes = await client.post(path, data={"take_over": "yes"})
        assert (yes.headers["location"], await Registration.all().count()) == (f"{path}/details", 1)
        wrong = await client.post(f"{path}/details", data=TYPED | {"kind": "nonsense"})
        assert (wrong.status_code, f'value="{CY.name}"' in wrong.text) == (422, True)
        sent = await client.post(f"{path}/details", data=TYPED)
        stands, late = (
            await client.get(f"{path}?said=no"),
            await client.post(path, data={"take_over": "no", "word": "delete"}),
        )
        twice = await client.post(f"{path}/details", data=TYPED)
    assert (sent.headers["location"], heading(stands), heading(late), heading(twice)) == (path, *["Thank you"] * 3)
    receiver = await request_of(CY.email)
    assert (receiver.full_name, receiver.badge_name, receiver.phone) == (CY.name, "Cy", "01632 960123")


async def test_a_no_ends_it(database: Database, event: Event, ada: Person) -> None:
    giver, _ = await with_ticket(ada, event)
    path = path_of(await asks(giver))
    async with browsing(database) as client:
        said = await client.post(path, data={"take_over": "no", "word": "delete"})
        after, reloaded = [await client.get(said.headers["location"]) for _ in range(2)]
        pages = [await client.get(path), await client.get(f"{path}/details")]
        pages += [await client.post(path, data={"take_over": "yes"}), await client.post(f"{path}/details", data=TYPED)]
    assert (after.status_code, heading(after), reloaded.text) == (200, "We have deleted your address", after.text)
    assert [(page.status_code, heading(page)) for page in pages] == [(410, OVER)] * 4
    assert (await live_tickets(giver), await Registration.all().count()) == ([1], 1)


async def test_whoever_has_a_place_of_their_own_reads_that_there_alone(
    database: Database, event: Event, ada: Person
) -> None:
    await with_ticket(CY, event)
    path = path_of(await asks((await with_ticket(ada, event))[0]))
    async with browsing(database) as client:
        answer = await client.post(f"{path}/details", data=TYPED)
    assert (answer.status_code, "has a request of its own" in words(answer.text)) == (409, True)


async def test_ada_takes_it_back_with_a_yes(database: Database, event: Event, ada: Person) -> None:
    giver, receiver = await taken_up(ada, event)
    booking = path_to(giver, Purpose.MANAGE)
    path = f"{booking}/hand-over/back"
    async with browsing(database) as client:
        assert "a person looks at their request" in words((await client.get(booking)).text)
        page, nothing = await client.get(path), await client.post(path, data={})
        no = await client.post(path, data={"back": "no"})
        assert (heading(page), nothing.status_code, no.headers["location"]) == ("Keep your place", 422, booking)
        assert (await newest(giver)).receiver_id == receiver.id
        yes = await client.post(path, data={"back": "yes"})
        again, gone = await client.post(path, data={"back": "yes"}), await client.get(path)
        said = words((await client.get(yes.headers["location"])).text)
    assert (yes.headers["location"], "You keep your place." in said) == (f"{booking}?saved=kept-place", True)
    assert (again.headers["location"], gone.headers["location"]) == (booking, booking)
    assert (await live_tickets(giver), (await newest(giver)).receiver_id) == ([1], None)


async def status_of(client: httpx2.AsyncClient, *paths: str) -> list[int]:
    return [(await client.get(path)).status_code for path in paths]


async def test_who_can_open_what_and_when(database: Database, event: Event, ada: Person, omar: Staff) -> None:
    giver, receiver = await taken_up(ada, event)
    waits = await put_into(State.WAITING, someone(), event)
    other, _ = await with_ticket(someone(), event)
    asked = await asks(other, "di@x.example.org")
    link = path_of(asked)
    before = path_to(giver, Purpose.MANAGE)
    async with browsing(database) as client:
        assert await status_of(client, f"{path_to(waits, Purpose.MANAGE)}/hand-over") == [409]
        assert await status_of(client, link, f"/take-over/{'a' * 42}", link.replace("take-over", "manage")) == [
            200,
            404,
            404,
        ]
        await vetting.approve(receiver, omar, MONDAY)
        assert await status_of(client, before, path_to(giver, Purpose.TICKET)) == [404, 404], (
            "they lead nowhere any more"
        )
        assert await status_of(client, path_to(await anew(receiver), Purpose.MANAGE)) == [200]
        await Event.filter(id=event.id).update(changes_until=7)
        clock.move_to(MONDAY + timedelta(days=1))
        assert await status_of(client, link, f"{path_to(other, Purpose.MANAGE)}/hand-over") == [410, 409]
        assert await status_of(client, f"{path_to(other, Purpose.MANAGE)}/hand-over/back") == [200], "which helps"
        clock.move_to(THE_DAY.replace(hour=23))
        assert await status_of(client, link, f"{path_to(other, Purpose.MANAGE)}/hand-over/back") == [410, 409]


async def test_a_row_that_cannot_be_read_asks_nothing(database: Database, event: Event, ada: Person) -> None:
    giver, _ = await with_ticket(ada, event)
    hand_over = await asks(giver)
    await HandOver.filter(id=hand_over.id).update(address_sealed=b"x" * 60)
    async with browsing(database) as client:
        assert await status_of(client, path_of(hand_over), path_to(giver, Purpose.MANAGE)) == [410, 200]
    assert not await handing_over.take_up(await newest(giver), told_of(CY), MONDAY)
    assert (await asks(giver, "di@x.example.org")).address == "di@x.example.org"
