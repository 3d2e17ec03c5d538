"""A photographer learns from the badges who said no, and of names at most those of who said yes; each reading is kept.

Rules: DP-12, DP-13, SG-12, SE-12.
"""

import re

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database, query
from events.ground.refusal import Refused
from events.processor import Processor, Service
from registrations.booking import own_booking, own_needs
from registrations.desk.arranging import photographs
from registrations.desk.arranging.photographs import Photographs
from registrations.people.choices import Switch
from registrations.people.registration import Registration, State
from tests.at_the_desk import desk
from tests.browser import browsing, heading, words
from tests.people import MONDAY, THE_DAY, Person, an_event, someone
from tests.professional import put_into, with_ticket
from tests.registrations.desk.arranging.photographing import a_processor


@pytest.fixture
async def pia(event: Event, lena: Staff) -> Processor:
    return await a_processor(event, lena)


def path(event: Event, *parts: object) -> str:
    return desk(event, "people", "photographs", *parts)


async def a_guest(person: Person, event: Event, *switches: Switch, says_yes: bool = True) -> Registration:
    guest, _ = await with_ticket(person, event)
    if says_yes:
        await own_needs.agree_to_photos(guest, MONDAY, clock.real())
    if switches:
        await own_needs.switch(guest, switches, MONDAY, clock.real())
    return await Registration.get(id=guest.id)


async def named(event: Event, photographer: Processor, by: Staff) -> list[str]:
    return (await photographs.names(event, photographer, by, MONDAY, clock.real()))[1]


async def test_nobody_is_in_it_who_has_not_said_yes(event: Event, ada: Person, pia: Processor, omar: Staff) -> None:
    guest = await a_guest(ada, event, says_yes=False)
    assert (await photographs.counted(event), await named(event, pia, omar)) == (Photographs(1, 0), [])
    await own_needs.agree_to_photos(guest, MONDAY, clock.real())
    assert (await photographs.counted(event), await named(event, pia, omar)) == (Photographs(1, 1), ["Ada Ashdown"])
    await own_booking.decline_photos(await Registration.get(id=guest.id), MONDAY, clock.real())
    found = await photographs.counted(event)
    assert (found, found.unanswered, await named(event, pia, omar)) == (Photographs(1, 0, 1), 0, [])


async def test_each_switch_is_honoured(
    event: Event, ada: Person, bo: Person, cleo: Person, pia: Processor, omar: Staff
) -> None:
    await a_guest(ada, event, Switch.FIRST_NAME)
    await a_guest(bo, event, Switch.NO_LISTS)
    await a_guest(cleo, event, Switch.NO_PHOTOS)
    assert await photographs.counted(event) == Photographs(3, 2, 1)
    assert await named(event, pia, omar) == ["Ada"]


async def test_only_who_has_a_ticket_counts_or_is_named(event: Event, pia: Processor, omar: Staff) -> None:
    for state in (State.CONFIRMED, State.WAITING, State.APPROVED, State.RECHECKING, State.NOT_OFFERED):
        await put_into(state, someone(), event)
    guests = {asked.state: asked for asked in await Registration.all()}
    await own_needs.agree_to_photos(guests[State.RECHECKING], MONDAY, clock.real())
    await own_needs.agree_to_photos(guests[State.APPROVED], MONDAY, clock.real())
    await a_guest(someone(), await an_event())
    assert await photographs.counted(event) == Photographs(1, 1)
    assert await named(event, pia, omar) == [guests[State.APPROVED].full_name]


async def test_what_cannot_be_read_counts_as_a_no_and_nobody_is_named_by_it(
    event: Event, ada: Person, bo: Person, cleo: Person, pia: Processor, omar: Staff
) -> None:
    await a_guest(cleo, event)
    damaged = {column: await a_guest(person, event) for column, person in (("choices", ada), ("person", bo))}
    for column, guest in damaged.items():
        sealed = b"\x01" + bytes(60)
        await query(f"UPDATE registration SET {column}_sealed = ? WHERE id = ?", [sealed, guest.id])  # noqa: S608
    assert (await photographs.counted(event), await named(event, pia, omar)) == (Photographs(3, 2, 1), [cleo.name])


async def test_that_the_names_were_read_and_for_whom_is_recorded(
    database: Database, event: Event, ada: Person, bo: Person, pia: Processor, omar: Staff
) -> None:
    guest = await a_guest(ada, event)
    await a_guest(bo, event, Switch.NO_LISTS)
    async with browsing(database, omar) as client:
        for page in (path(event), path(event, "sheet")):
            await client.get(page)
        assert await AuditEntry.filter(action=Action.LISTED).count() == 0, "these name nobody"
        await client.get(path(event, pia.id))
    entry = await AuditEntry.get(action=Action.LISTED)
    assert (entry.actor, entry.subject) == (omar.actor, f"event:{event.id}")
    assert entry.details == {"list": "photographs", "ids": [guest.id], "photographer": pia.id}


async def test_the_sheet_shows_the_mark_and_names_nobody(
    database: Database, event: Event, ada: Person, bo: Person, pia: Processor, omar: Staff
) -> None:
    await a_guest(ada, event)
    await a_guest(bo, event, says_yes=False)
    async with browsing(database, omar) as client:
        overview, sheet = await client.get(path(event)), await client.get(path(event, "sheet"))
    assert (heading(overview), heading(sheet)) == ("Photographs", "For photographers")
    said = words(sheet.text)
    assert "Of 2 guests with a ticket, 1 said that they may be photographed. They have the mark. 1 did not." in said
    assert (said.count("Photographs: yes"), "<svg" in sheet.text) == (1, True)
    pages = overview.text + sheet.text
    assert [text for text in (ada.name, bo.name, ada.organisation, "Destroy by") if text in pages] == []


async def test_the_list_names_who_said_yes_and_says_for_whom_it_is_and_until_when(
    database: Database, event: Event, ada: Person, bo: Person, cleo: Person, pia: Processor, omar: Staff
) -> None:
    await a_guest(ada, event)
    await a_guest(bo, event, Switch.NO_LISTS)
    await a_guest(cleo, event, says_yes=False)
    async with browsing(database, omar) as client:
        page = await client.get(path(event, pia.id))
    said = words(page.text)
    assert "For Pia Pictures alone. Opened by Omar Organiser" in said
    assert "Destroy by 16 April 2019." in said
    assert (ada.name in said, "1 more said yes and is not named." in said) == (True, True)
    others = (bo.name, cleo.name, ada.organisation, ada.email, ada.role)
    assert [text for text in others if text in said] == []


async def test_only_for_a_photographer_of_the_register_and_this_event_are_there_names(
    database: Database, event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    await a_guest(ada, event)
    async with browsing(database, omar) as client:
        nobody = words((await client.get(path(event))).text)
        assert "No photographer stands in the processor register" in nobody
        cook = await a_processor(event, lena, "Kit Kitchen", Service.CATERING)
        elsewhere = await a_processor(await an_event(), lena)
        answers = [await client.get(path(event, processor.id)) for processor in (cook, elsewhere)]
        assert [answer.status_code for answer in answers] == [404, 404]
        mine = await a_processor(event, lena)
        overview = await client.get(path(event))
        assert re.findall(r'photographs/(\d+)"', overview.text) == [str(mine.id)]
        assert (await client.get(path(event, mine.id))).status_code == 200


async def test_once_the_event_is_over_there_are_no_names(
    database: Database, event: Event, ada: Person, pia: Processor, omar: Staff
) -> None:
    await a_guest(ada, event)
    evening = clock.at_venue(event.day, 23, 59)
    after = THE_DAY.replace(day=17)
    assert (await photographs.names(event, pia, omar, evening, clock.real()))[1] == [ada.name]
    with pytest.raises(Refused, match="The event is over"):
        await photographs.names(event, pia, omar, after, clock.real())
    clock.move_to(after)
    async with browsing(database, omar) as client:
        page = await client.get(path(event))
        refused = await client.get(path(event, pia.id))
    assert (f"photographs/{pia.id}" in page.text, refused.status_code, ada.name in refused.text) == (False, 409, False)
