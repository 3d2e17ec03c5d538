"""Whoever said No to an email that a guest had us send gets no other one on a guest's word, and no guest can tell.

Rules: DP-16, SE-01.
"""

from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.tokens import Purpose
from events.mail.outbox import Message
from registrations.all_emails import writers
from registrations.asking import by_colleague, registering
from registrations.booking import corrected_address, new_address
from registrations.booking.changing import marks_of
from registrations.booking.handing import handing_over
from registrations.people import typed_addresses
from registrations.people.address_change import AddressChange
from registrations.people.colleague import Colleague
from registrations.people.hand_over import HandOver
from registrations.people.objection import Objection
from registrations.people.registration import Registration, State
from tests.browser import browsing, words
from tests.mail_reading import written
from tests.people import MONDAY, Person, an_event, confirmed, request_of, someone
from tests.professional import path_to, told_by, with_ticket
from tests.registrations.booking import addressing
from tests.registrations.booking.colleagues import naming_them
from tests.registrations.booking.colleagues.naming_them import outside
from tests.registrations.booking.handing import handing

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
WANTED, UNWANTED = "kit@lanterns.example.org", "kim@lanterns.example.org"
Asks = Callable[[Registration, str], Awaitable[Colleague | HandOver | AddressChange]]
ASKS: dict[str, Asks] = {
    "colleague": naming_them.names,
    "companion": partial(naming_them.names, comes_along=True),
    "hand_over": handing.asks,
    "new_address": addressing.asks,
}
KINDS = sorted(ASKS)


async def says_no(kind: str, address: str, event: Event) -> None:
    """To what some guest had us ask."""
    row = await ASKS[kind]((await with_ticket(someone(), event))[0], address)
    if isinstance(row, Colleague):
        assert await by_colleague.decline(row, MONDAY)
    elif isinstance(row, HandOver):
        assert await handing_over.refuse(row, MONDAY)
    else:
        assert await new_address.refuse(row, MONDAY)


async def newest_goes_to(kind: str) -> str:
    """Whom the newest question of this kind is written to; '' where it is not written."""
    message = await Message.filter(template=kind).order_by("-id").first()
    assert message is not None
    email = await written(writers()[kind], message)
    return str(email["To"]) if email else ""


@pytest.mark.parametrize("then", KINDS)
@pytest.mark.parametrize("refused", KINDS)
async def test_after_a_no_no_guest_makes_us_write_there_again(event: Event, refused: str, then: str) -> None:
    await says_no(refused, UNWANTED, event)
    for address, goes_to in ((UNWANTED, ""), (WANTED, WANTED)):
        await ASKS[then]((await with_ticket(someone(), event))[0], address)
        assert await newest_goes_to(then) == goes_to


@pytest.mark.parametrize("kind", KINDS)
async def test_nor_does_an_email_that_waited_already(event: Event, kind: str) -> None:
    """By night, or since it was somebody's turn: it was queued before the No."""
    await ASKS[kind]((await with_ticket(someone(), event))[0], UNWANTED)
    assert await newest_goes_to(kind) == UNWANTED
    waits = await Message.filter(template=kind).order_by("-id").first()
    await says_no("colleague", UNWANTED, event)
    assert waits is not None
    assert await written(writers()[kind], waits) is None


async def test_a_no_is_of_one_event_and_kept_once(event: Event, ada: Person) -> None:
    other = await an_event(slug="another")
    await says_no("colleague", UNWANTED, event)
    await says_no("new_address", "gil@lanterns.example.org", event)
    await naming_them.names((await with_ticket(someone(), other))[0], UNWANTED)
    assert await newest_goes_to("colleague") == UNWANTED
    assert await Objection.all().count() == 2


async def test_what_is_kept_says_no_address(event: Event) -> None:
    await says_no("hand_over", UNWANTED, event)
    row = await Objection.get()
    assert (row.made_at, len(row.address_tag), UNWANTED in str(vars(row))) == (MONDAY, 32, False)
    open_rows = [await kind.exclude(address_sealed=None).count() for kind in typed_addresses.KINDS]
    assert open_rows == [0, 0, 0]


async def test_whoever_said_no_can_still_ask_and_is_told_nothing_on_a_guests_word_then(event: Event) -> None:
    await says_no("colleague", UNWANTED, event)
    kim = Person("Kim", UNWANTED, "Lanterns", "charity", "Keeper")
    await registering.ask(event, told_by(kim), MONDAY, clock.real())
    assert await newest_goes_to("confirm") == UNWANTED
    await Registration.filter(id=(await request_of(UNWANTED)).id).update(state=State.CONFIRMED)
    before = await Message.filter(template="received").count()
    await naming_them.names((await with_ticket(someone(), event))[0], UNWANTED)
    assert await Message.filter(template="received").count() == before
    await confirmed(Person("Kit", WANTED, "Lanterns", "charity", "Keeper"), event)
    await naming_them.names((await with_ticket(someone(), event))[0], WANTED)
    assert await Message.filter(template="received").count() == before + 1


async def test_an_organiser_who_was_telephoned_may_write_there(event: Event, ada: Person, omar: Staff) -> None:
    await says_no("new_address", UNWANTED, event)
    guest, _ = await with_ticket(ada, event)
    await corrected_address.correct(await handing.anew(guest), UNWANTED, omar, MONDAY, clock.real())
    assert await newest_goes_to("new_address") == UNWANTED


@SQLITE
async def test_the_guest_sees_the_same_whoever_the_colleague_is(database: Database, event: Event) -> None:
    """Pages, statuses, and what is queued, after a naming, a hand-over and another address."""
    await says_no("hand_over", UNWANTED, event)
    seen: list[list[object]] = []
    async with browsing(database) as client:
        for address in (UNWANTED, WANTED):
            ada = Person("Ada", f"ada-{len(seen)}@wardens.example.org", "Wardens", "charity", "Advocate")
            guest, _ = await with_ticket(ada, event)
            booking, pages, queued = path_to(guest, Purpose.MANAGE), list[object](), await Message.all().count()
            for path, said in (("colleague", "send"), ("companion", "send"), ("hand-over", "ask"), ("address", "save")):
                typed = {"email": address, said: "yes", "seen": marks_of(await handing.anew(guest))[0]}
                sent = await client.post(f"{booking}/{path}", data=typed)
                assert sent.status_code == 303, words(sent.text)
                shown = [await client.get(sent.headers["location"]), await client.get(f"{booking}/{path}")]
                pages += [(page.status_code, words(page.text).replace(ada.email, "")) for page in shown]
                pages.append(outside(sent)[0])
            pages.append(await Message.all().count() - queued)
            seen.append(pages)
    assert seen[0] == seen[1]


@SQLITE
async def test_the_page_after_a_no_says_so(database: Database, event: Event) -> None:
    named = await naming_them.a_guest_names(someone(), event)
    taking = await handing.asks((await with_ticket(someone(), event))[0])
    async with browsing(database) as client:
        said = await client.post(named.path, data={"place": "no", "word": "delete"})
        page = words((await client.get(said.headers["location"])).text)
        path = taking.link.removeprefix("https://places.example.org")
        said = await client.post(path, data={"take_over": "no", "word": "delete"})
        other = words((await client.get(said.headers["location"])).text)
    assert "If a guest gives it to us again, we do not write to you for that." in page
    assert "No guest can have us write to you again." in other
    assert page.count("You can still ask for a place yourself") == other.count("You can still ask for a place") == 1
