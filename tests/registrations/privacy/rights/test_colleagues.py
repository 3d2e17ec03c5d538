"""Rights of a guest who named a colleague, and of the colleague: neither learns of the other, and nothing is left.

Rules: DP-08, DP-16.
"""

import re

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.asking import by_colleague
from registrations.people.colleague import Colleague, guests_who_named
from registrations.people.registration import Registration
from registrations.privacy.retention import deleting
from registrations.privacy.rights import erasing
from registrations.privacy.rights.gathering import gather
from registrations.privacy.rights.rights_request import Right
from tests.browser import browsing, words
from tests.people import MONDAY, THE_DAY, Person, confirmed, request_of
from tests.professional import with_ticket
from tests.registrations.asking.test_by_colleague import says_yes
from tests.registrations.booking.colleagues.naming_them import KIT, a_guest_names, asked, names
from tests.registrations.privacy.rights.asking import a_rights_request

COLLEAGUES = "colleague"
SAYS_SO = "'You come along with another guest': 'Yes'"


async def erase(email: str, event: Event, omar: Staff) -> None:
    await erasing.erase(await a_rights_request(event, omar, Right.ERASURE, email), omar, MONDAY, clock.real())


async def section(event: Event, email: str) -> list[dict[str, object]]:
    copy = await gather(await Event.get(id=event.id), email, MONDAY)
    [found] = [part for part in copy.sections if part.table == COLLEAGUES]
    return [dict(row) for row in found.rows]


async def whole_copy(event: Event, email: str) -> str:
    return str((await gather(await Event.get(id=event.id), email, MONDAY)).sections)


@pytest.mark.parametrize("answer", ["none", "yes", "no"])
async def test_the_guests_copy_is_the_same_whatever_was_answered_and_without_the_address(
    event: Event, ada: Person, bo: Person, answer: str
) -> None:
    copies = []
    for guest, answered in ((ada, answer), (bo, "none")):
        named = await a_guest_names(guest, event, f"kit-of-{guest.email}")
        if answered == "yes":
            await says_yes(named, event, Person("Kit", named.address, "Lanterns", "charity", "Keeper"))
        if answered == "no":
            await by_colleague.decline(named, MONDAY)
        copies.append((await whole_copy(event, guest.email)).count("'Email'"))
        assert await section(event, guest.email) == [{"You named a colleague": MONDAY}]
        assert f"kit-of-{guest.email}" not in await whole_copy(event, guest.email)
    assert copies == [0, 0], "no email to a colleague is among those to the guest"


async def test_somebody_known_leaves_no_trace_in_the_guests_copy_either(
    event: Event, ada: Person, bo: Person, cleo: Person
) -> None:
    await confirmed(cleo, event)
    for guest, address in ((ada, cleo.email), (bo, KIT.email)):
        await a_guest_names(guest, event, address)
    hers, his = [await whole_copy(event, guest.email) for guest in (ada, bo)]
    for word in (ada.name, ada.email, ada.organisation, ada.role, "Charity", "charity"):
        hers = hers.replace(word, "X")
    for word in (bo.name, bo.email, bo.organisation, bo.role, "Police", "police"):
        his = his.replace(word, "X")
    reference = re.compile(r"'Reference': '[^']+'")
    assert reference.sub("", hers) == reference.sub("", his)


async def test_a_colleagues_copy_says_that_somebody_named_them_and_not_who(
    event: Event, ada: Person, bo: Person
) -> None:
    named = await a_guest_names(ada, event)
    assert await section(event, KIT.email) == [{"Somebody with a place named you": MONDAY}]
    await says_yes(named, event)
    await a_guest_names(bo, event, KIT.email)
    assert await section(event, KIT.email) == [{"Somebody with a place named you": MONDAY}]
    whole = await whole_copy(event, KIT.email)
    assert [said for said in (ada.name, ada.email, bo.name, bo.email) if said in whole] == []


async def test_a_colleague_who_is_erased_before_answering_is_not_written_to(
    event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    named = await a_guest_names(ada, event)
    other = await a_guest_names(bo, event, "kay@lanterns.example.org")
    await erase(KIT.email, event, omar)
    now = await asked(named)
    assert (now.address_sealed, now.is_open(MONDAY)) == (None, False)
    assert (await asked(other)).address == "kay@lanterns.example.org", "the control"


async def test_a_colleague_who_is_erased_afterwards_is_nobody_whom_a_guest_named(
    event: Event, ada: Person, omar: Staff
) -> None:
    named = await a_guest_names(ada, event)
    await says_yes(named, event)
    request = await request_of(KIT.email)
    assert await guests_who_named([request.id]) == {request.id: named.registration_id}
    await erase(KIT.email, event, omar)
    assert await guests_who_named([request.id]) == {}
    assert (await Colleague.get(id=named.id)).registration_id == named.registration_id


async def test_with_the_guest_all_whom_they_named_go(event: Event, ada: Person, bo: Person, omar: Staff) -> None:
    guest, _ = await with_ticket(ada, event)
    first = await names(guest)
    await says_yes(first, event)
    await names(guest, "kay@lanterns.example.org", 3)
    other = await a_guest_names(bo, event, "lou@lanterns.example.org")
    await erase(ada.email, event, omar)
    assert [row.id for row in await Colleague.all()] == [other.id]
    request = await request_of(KIT.email)
    assert request.full_name == KIT.name, "whoever answered for themselves stays"


async def test_the_desk_shows_which_guest_asked_until_either_is_erased(
    database: Database, event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    named = await a_guest_names(ada, event)
    await says_yes(named, event)
    request = await request_of(KIT.email)
    other = await confirmed(Person("Di", "di@x.example.org", "X", "charity", "Y"), event)
    queue, person, control = (
        f"/desk/{event.slug}/{end}" for end in ("requests", f"people/{request.id}", f"people/{other.id}")
    )
    guest = f'href="/desk/{event.slug}/people/{named.registration_id}"'
    async with browsing(database, lena) as client:
        shown = [await client.get(path) for path in (queue, person, control)]
        assert ["Asked by a guest" in words(page.text) for page in shown] == [True, True, False]
        assert [guest in page.text for page in shown] == [True, True, False]
        assert [ada.name in page.text for page in shown] == [False] * 3, "that page is recorded where it is opened"
        await erase(ada.email, event, omar)
        assert [guest in (await client.get(path)).text for path in (queue, person)] == [False, False]


async def test_both_are_forgotten_when_their_time_is_over(event: Event, ada: Person, omar: Staff) -> None:
    """The colleague gets no place, and is forgotten earlier than the guest."""
    named = await a_guest_names(ada, event)
    await says_yes(named, event)
    request = await request_of(KIT.email)
    await deleting.turn(THE_DAY.replace(month=5, day=16), clock.real())
    assert (await Registration.get(id=request.id)).person_sealed is None
    assert (await Colleague.get(id=named.id)).request_id is None
    await deleting.turn(THE_DAY.replace(month=7, day=16), clock.real())
    assert await Colleague.all().count() == 0


async def test_a_companions_copy_says_that_they_come_along_and_the_guests_not_what_came_of_it(
    event: Event, ada: Person, bo: Person
) -> None:
    for guest, answers in ((ada, True), (bo, False)):
        named = await names((await with_ticket(guest, event))[0], f"kit-of-{guest.email}", comes_along=True)
        if answers:
            await says_yes(named, event, Person("Kit", named.address, "Lanterns", "charity", "Keeper"))
        assert await section(event, guest.email) == [{"You named somebody who comes along": MONDAY}]
        assert SAYS_SO not in await whole_copy(event, guest.email)
    theirs = await whole_copy(event, f"kit-of-{ada.email}")
    assert (SAYS_SO in theirs, ada.name in theirs) == (True, False)
