"""Whoever lets somebody in hands out the badge: its tray, and if they are in photographs, in answer and sealed row.

The tray is by surname, as badges are sorted when they are printed. Rules: EV-02, DP-13, SG-12.
"""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from registrations.badges import printing
from registrations.booking import alias, own_booking, own_needs
from registrations.checkin import checkin
from registrations.people.choices import Switch
from registrations.people.registration import Registration
from registrations.phones import guest_list
from registrations.phones.door import Device
from registrations.phones.scan_answer import Answer
from registrations.tickets.ticket import Ticket
from tests.at_the_door import scan_of
from tests.people import MONDAY, THE_DAY, Person
from tests.professional import with_ticket
from tests.registrations.phones.list_reading import LATER, of_number, read_blob

pytestmark = pytest.mark.usefixtures("the_day")


async def a_guest(event: Event, full_name: str, *switches: Switch, badge_name: str = "") -> Registration:
    email = f"guest{await Registration.all().count()}@guests.example.org"
    person = Person(full_name, email, "House", "charity", "Advocate", badge_name=badge_name)
    guest = (await with_ticket(person, event))[0]
    if switches:
        await own_needs.switch(guest, switches, MONDAY, clock.real())
    return await Registration.get(id=guest.id)


async def row_of(event: Event, guest: Registration, device: Device, since: int = 0) -> Answer:
    ticket = await Ticket.get(registration_id=guest.id)
    return await of_number(event, ticket.n, read_blob(await guest_list.since(device, since, LATER))) or {}


async def answer_of(guest: Registration, device: Device) -> Answer:
    [answer] = await checkin.settle([await scan_of(await Ticket.get(registration_id=guest.id))], device, THE_DAY)
    return answer


async def handed_out(event: Event, guest: Registration, device: Device) -> tuple[str | None, bool | None]:
    """By answer and by row, which are asked to agree."""
    row, answer = await row_of(event, guest, device), await answer_of(guest, device)
    by_row, by_answer = (row.get("y"), row.get("p") == 1), (answer.get("tray"), answer.get("photos"))
    assert by_row == by_answer
    return by_answer


@pytest.mark.parametrize(
    ("full_name", "tray"),
    [
        ("Ada Ashdown", "A"),
        ("Lena de la Cruz", "D"),
        ("Ewa Żuk", "Z"),
        ("Cleo O'Brien", "O"),
        ("李 小龙", ""),
        ("Ina Ørsted", "O"),
    ],
)
async def test_the_tray_is_that_of_the_printed_badges(event: Event, sid: Device, full_name: str, tray: str) -> None:
    guest = await a_guest(event, full_name, Switch.FIRST_NAME)
    assert await handed_out(event, guest, sid) == (tray, False)
    [badge] = await printing.guests(event)
    assert badge.letter.upper() == tray


async def test_who_is_here_under_an_alias_has_the_badge_in_the_tray_of_it_and_whom_the_lead_meets_with_the_lead(
    event: Event, lee: Device, omar: Staff
) -> None:
    known = await a_guest(event, "Ada Ashdown", badge_name="Jo Sparrow")
    met = await a_guest(event, "Bo Blue", Switch.OTHER_ENTRANCE, badge_name="Wren")
    await alias.note(known, True, omar, MONDAY)
    rows = [await row_of(event, guest, lee) for guest in (known, met)]
    assert [row.get("y") for row in rows] == ["S", None]
    [badge] = [guest for guest in await printing.guests(event) if guest.id == known.id]
    assert badge.letter == "s"


async def test_phones_hear_of_a_yes_to_photographs_and_of_its_end(event: Event, sid: Device) -> None:
    guest = await a_guest(event, "Ada Ashdown")
    assert (await row_of(event, guest, sid)).get("p") is None
    for agrees in (True, False):
        version = (await Event.get(id=event.id)).list_version
        if agrees:
            await own_needs.agree_to_photos(guest, MONDAY, clock.real())
        else:
            await own_booking.decline_photos(guest, MONDAY, clock.real())
        assert (await Event.get(id=event.id)).list_version > version
        assert (await row_of(event, guest, sid, version)).get("p") == (1 if agrees else None)


async def test_a_yes_is_in_the_answer_and_whoever_was_here_has_their_badge(event: Event, sid: Device) -> None:
    guest = await a_guest(event, "Ada Ashdown")
    await own_needs.agree_to_photos(guest, MONDAY, clock.real())
    assert await handed_out(event, guest, sid) == ("A", True)
    row = await row_of(event, guest, sid)
    assert ("i" in row, "y" in row, "p" in row) == (True, False, False)
