"""An email gateway that opens every link, follows every page and sends every form as it stands changes nothing.

Rules: EM-05, EM-06.
"""

import re

import pytest

from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.tokens import Purpose
from events.mail import outbox
from registrations.asking import confirming, registering
from registrations.booking import own_booking
from registrations.booking.changing import Change
from registrations.people.address_change import AddressChange
from registrations.people.colleague import Colleague
from registrations.people.hand_over import HandOver
from registrations.people.registration import Registration, State
from registrations.tickets.ticket import Ticket
from tests.browser import browsing
from tests.hostile.machines import FIRST, LAST, Gateway, emails, everything, links_in
from tests.people import MONDAY, Person, link_of, request_of, requested, someone
from tests.professional import path_to, put_into, told_by, with_ticket
from tests.registrations.booking.addressing import asks, newest, waits
from tests.registrations.booking.colleagues.naming_them import a_guest_names
from tests.registrations.booking.handing.handing import asks as hands_over
from tests.registrations.booking.handing.handing import newest as newest_hand_over
from tests.registrations.booking.handing.handing import taken_up

EMAILS_OF = {
    State.REQUESTED: ("confirm",),
    State.CONFIRMED: ("received",),
    State.WAITING: ("received", "waiting"),
    State.OFFERED: ("offer",),
    State.APPROVED: ("have_place", "booking_changed"),
    State.NOT_OFFERED: ("not_offered",),
    State.CANCELLED: ("given_up", "cancelled"),
}


async def everybody(event: Event) -> dict[State, Registration]:
    """Somebody in each state, with every email that such a person may get waiting in the outbox."""
    people = {state: await put_into(state, someone(), event) for state in EMAILS_OF}
    for state, templates in EMAILS_OF.items():
        for template in templates:
            subject = (await link_of(people[state])).id if template == "confirm" else people[state].id
            await outbox.put(template, subject, cause="name of a test", at=MONDAY, event_id=event.id)
    ticket = await Ticket.get(registration_id=people[State.APPROVED].id)
    await outbox.put("ticket", ticket.id, cause="name of a test", at=MONDAY, event_id=event.id)
    return people


async def other_addresses(event: Event) -> list[AddressChange]:
    """Somebody has asked for another address; of somebody else it has said yes. Their four emails wait."""
    return [await asks((await with_ticket(someone(), event))[0]), await waits(someone(), event, "new@y.example.org")]


async def hand_overs(event: Event) -> list[HandOver]:
    """A colleague was asked; another has said yes. The emails to both, and to both guests, wait."""
    asked = await hands_over((await with_ticket(someone(), event))[0], "asked@x.example.org")
    giver, _receiver = await taken_up(someone(), event)
    return [asked, await newest_hand_over(giver)]


async def older_links(event: Event, people: dict[State, Registration]) -> list[str]:
    """Of emails sent before: a link that was used since, and one whose request was set aside."""
    refused = await requested(someone(), event)
    await confirming.say_no(await link_of(refused), MONDAY)
    return [path_to(people[State.CONFIRMED], Purpose.CONFIRM), path_to(refused, Purpose.CONFIRM)]


async def test_opening_following_and_sending_everything_changes_nothing(database: Database, event: Event) -> None:
    people = await everybody(event)
    await other_addresses(event)
    await a_guest_names(someone(), event)
    await hand_overs(event)
    written, older = await emails(), await older_links(event, people)
    assert len(written) == 20
    before = await everything()
    async with browsing(database) as client:
        gateway = Gateway(client)
        await gateway.follow([*links_in(written), *older])
    assert await everything() == before
    opened = {re.sub(r"/[a-z2-7]{42}", "", path.removeprefix("https://places.example.org")) for path in gateway.seen}
    assert {"/confirm", "/confirm/again", "/manage", "/manage/give-up", "/manage/change/name", "/offer"} <= opened
    assert {"/manage/change/organisation", "/manage/address", "/new-address", "/keep-address"} <= opened
    assert {"/manage/colleague", "/colleague"} <= opened
    assert {"/manage/hand-over", "/manage/hand-over/back", "/take-over"} <= opened
    assert {
        "/manage/rights",
        "/manage/needs/adjustments",
        "/manage/needs/safety",
        f"/e/{event.slug}/complaint",
    } <= opened
    assert {"/ticket", "/ticket/calendar.ics", "/ticket/ticket.pdf"} <= opened
    assert {f"/e/{event.slug}/ask/name", "/manage/send-again", "/privacy"} <= opened
    assert {status for _, status in gateway.sent} == {303, 422}
    taken = {path.rpartition("/manage/")[2].partition("/")[2] for path, status in gateway.sent if status == 303}
    assert taken == {"needs/safety", *(f"change/{what}" for what in Change)}, "as it stands already"


async def test_somebody_who_makes_the_choice_does_change_it(database: Database, event: Event) -> None:
    """The control: the same machine, with the first radio of each form chosen, confirms and gives up."""
    people = await everybody(event)
    async with browsing(database) as client:
        await Gateway(client, chooses=FIRST).follow(links_in(await emails()))
    now = {state: (await Registration.get(id=registration.id)).state for state, registration in people.items()}
    assert (now[State.REQUESTED], now[State.APPROVED], now[State.WAITING], now[State.OFFERED]) == (
        State.CONFIRMED, State.CANCELLED, State.CANCELLED, State.APPROVED,
    )  # fmt: skip
    assert (await Event.get(id=event.id)).taken == 1


async def test_a_gateway_that_says_no_for_somebody_takes_nothing_from_them(
    database: Database, event: Event, ada: Person
) -> None:
    """It picks the last radio of each form it finds, on each page that it comes to; a person picks the first, later."""
    await registering.ask(event, told_by(ada), MONDAY, clock.real())
    link = await link_of(await request_of(ada.email))
    async with browsing(database) as client:
        gateway = Gateway(client, chooses=LAST)
        await gateway.follow([link.link])
        refused = await request_of(ada.email)
        assert (refused.state, refused.full_name) == (State.REQUESTED, "")
        assert (link.link.removeprefix("https://places.example.org"), 303) in gateway.sent
        await client.post(link.link, data={"asked": "yes"})
    now = await request_of(ada.email)
    assert (now.state, now.full_name, now.role) == (State.CONFIRMED, ada.name, ada.role)


async def test_whoever_chooses_yes_moves_the_booking_and_the_present_address_takes_it_back(
    database: Database, event: Event, ada: Person
) -> None:
    """The control of the links of another address."""
    change = await asks((await with_ticket(ada, event))[0])
    async with browsing(database) as client:
        await Gateway(client, chooses=FIRST).follow([change.link(Purpose.NEW_ADDRESS)])
        assert (await Registration.get(id=change.registration_id)).state is State.RECHECKING
        await Gateway(client, chooses=FIRST).follow([change.link(Purpose.KEEP_ADDRESS)])
    assert (await Registration.get(id=change.registration_id)).state is State.APPROVED
    assert (await newest(change.registration)).address == ""


async def test_whoever_chooses_no_deletes_the_address_and_yes_alone_makes_no_request(
    database: Database, event: Event, ada: Person, bo: Person
) -> None:
    """The control of the links to colleagues: after a Yes somebody has to answer the questions, too."""
    yes, no = await a_guest_names(ada, event), await a_guest_names(bo, event, "kay@lanterns.example.org")
    async with browsing(database) as client:
        await Gateway(client, chooses=FIRST).follow([yes.link])
        await Gateway(client, chooses=LAST).follow([no.link])
        assert "" not in [row.address for row in await Colleague.all()], "it types no word"
        await client.post(no.link, data={"place": "no", "word": "delete"})
    assert [row.address for row in await Colleague.all().order_by("id")] == [yes.address, ""]
    assert await Registration.all().count() == 2


async def test_whoever_chooses_no_refuses_the_place_and_a_yes_needs_a_name(
    database: Database, event: Event, ada: Person
) -> None:
    """The control of the links of a hand-over. A machine that picks the first radio, and fills nothing in, asks for no
    place: it comes no further than the empty form."""
    giver, _ticket = await with_ticket(ada, event)
    hand_over = await hands_over(giver)
    async with browsing(database) as client:
        gateway = Gateway(client, chooses=FIRST)
        await gateway.follow([hand_over.link, f"{hand_over.link}/details"])
        assert {f"{hand_over.link}/details", hand_over.link} <= set(gateway.seen)
        assert ((await newest_hand_over(giver)).address, await Registration.all().count()) == (
            "cy@wardens.example.org",
            1,
        )
        await Gateway(client, chooses=LAST).follow([hand_over.link])
        assert (await newest_hand_over(giver)).address, "it types no word"
        await client.post(hand_over.link, data={"take_over": "no", "word": "delete"})
    assert (await newest_hand_over(giver)).address == ""


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_form_from_another_site_changes_nothing(
    database: Database, event: Event, ada: Person, site: str
) -> None:
    asked, _ = await with_ticket(ada, event)
    before = await everything()
    async with browsing(database) as client:
        for path in (path_to(asked, Purpose.MANAGE) + "/give-up", f"/e/{event.slug}/ask/name", "/exit"):
            answer = await client.post(path, data={"give_up": "yes"}, headers={"sec-fetch-site": site})
            assert answer.status_code == 403
    assert await everything() == before


async def test_two_who_press_give_up_at_once_release_one_place(database: Database, event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    await with_ticket(someone(), event)
    both = [await Registration.get(id=asked.id) for _ in range(2)]
    assert sorted([await own_booking.give_up(copy, clock.now()) for copy in both]) == [False, True]
    assert (await Event.get(id=event.id)).taken == 1


async def test_a_machine_that_asks_for_somebody_gets_no_further_than_the_email(
    database: Database, event: Event, ada: Person
) -> None:
    await registering.ask(event, told_by(ada), MONDAY, clock.real())
    async with browsing(database) as client:
        await Gateway(client).follow(links_in(await emails()))
    assert (await request_of(ada.email)).state is State.REQUESTED
