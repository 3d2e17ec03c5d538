"""A speaker under an alias: organisers note it, and door, lists and badge know them by the name on the badge alone.

Rules: SG-13, SG-15.
"""

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.booking import own_needs
from registrations.checkin import checkin
from registrations.checkin.looking_up import name_lookup
from registrations.checkin.looking_up.name_lookup import Typed
from registrations.paper import lines
from registrations.paper.sheet import SheetKind
from registrations.people.choices import Switch
from registrations.people.registration import Registration, State
from registrations.phones import guest_list
from registrations.phones.door import Device
from registrations.tickets.ticket import Ticket
from tests.at_the_door import scan_id, scan_of
from tests.browser import browsing, heading, words
from tests.people import MONDAY, THE_DAY, Person
from tests.professional import put_into, with_ticket
from tests.registrations.checkin.settling import says
from tests.registrations.phones.list_reading import of_number, read_blob

ADA = Person("Ada Ashdown", "ada@guests.example.org", "Lantern", "charity", "Speaker", badge_name="Sparrow Smith")


async def under_an_alias(database: Database, event: Event, omar: Staff) -> tuple[Registration, Ticket]:
    registration, ticket = await with_ticket(ADA, event)
    async with browsing(database, omar) as client:
        await client.post(f"/desk/{event.slug}/people/{registration.id}/alias", data={"alias": "badge"})
    return await Registration.get(id=registration.id), ticket


async def test_dr35_omar_notes_that_ada_is_known_by_the_name_on_her_badge(
    database: Database, event: Event, omar: Staff
) -> None:
    registration, _ = await with_ticket(ADA, event)
    path = f"/desk/{event.slug}/people/{registration.id}"
    async with browsing(database, omar) as client:
        page = await client.get(f"{path}/alias")
        assert heading(page) == "By which name Ada Ashdown is known at the door"
        assert "checked" not in page.text
        assert (await client.post(f"{path}/alias", data={})).status_code == 422
        done = await client.post(f"{path}/alias", data={"alias": "badge"})
        shown = words((await client.get(done.headers["location"])).text)
        assert "At the door Known by the name on the badge alone The lead meets them" in shown
        back = await client.post(f"{path}/alias", data={"alias": "full"})
        assert "known by their full name" in words((await client.get(back.headers["location"])).text)
    assert not (await Registration.get(id=registration.id)).choices.alias
    noted = await AuditEntry.filter(action__in=[Action.ALIAS_NOTED, Action.ALIAS_ENDED]).order_by("id")
    assert [(entry.action, "Sparrow" in str(entry.details)) for entry in noted] == [
        (Action.ALIAS_NOTED, False), (Action.ALIAS_ENDED, False),
    ]  # fmt: skip


async def test_dr35_without_a_name_for_the_badge_there_is_no_alias(
    database: Database, event: Event, omar: Staff, bo: Person
) -> None:
    registration, _ = await with_ticket(bo, event)
    path = f"/desk/{event.slug}/people/{registration.id}/alias"
    async with browsing(database, omar) as client:
        refused = await client.post(path, data={"alias": "badge"})
    assert (refused.status_code, "no name of their own for the badge" in words(refused.text)) == (409, True)
    assert not (await Registration.get(id=registration.id)).choices.alias


@pytest.mark.parametrize("state", [State.CONFIRMED, State.WAITING, State.OFFERED, State.CANCELLED])
async def test_dr35_nobody_without_a_place_has_a_page_to_note_an_alias_on(
    database: Database, event: Event, omar: Staff, state: State
) -> None:
    path = f"/desk/{event.slug}/people/{(await put_into(state, ADA, event)).id}/alias"
    async with browsing(database, omar) as client:
        answers = [await client.get(path), await client.post(path, data={"alias": "badge"})]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert not (await Registration.get()).choices.alias


async def test_dr35_no_phone_and_no_answer_has_another_name_of_hers(
    database: Database, event: Event, omar: Staff, sid: Device, lee: Device
) -> None:
    clock.move_to(THE_DAY)
    _, ticket = await under_an_alias(database, event, omar)
    answers = [await says(await scan_of(ticket), by) for by in (sid, lee)]
    assert [(answer["verdict"], answer.get("name")) for answer in answers] == [
        ("ask_lead", None), ("lead_meets", "Sparrow Smith"),
    ]  # fmt: skip
    record = await of_number(event, ticket.n, read_blob(await guest_list.since(sid, 0, THE_DAY)))
    assert "Ashdown" not in str([*answers, record])
    await Event.filter(id=event.id).update(stewards_look_up=True)
    for by in (sid, lee):
        found = await name_lookup.look_up(Typed("ashdown", "ada", ""), by, THE_DAY, clock.real())
        assert found["rows"] == []


async def test_dr35_door_list_and_roll_call_have_the_alias_in_its_place_of_the_alphabet(
    database: Database, event: Event, omar: Staff, lee: Device, bo: Person
) -> None:
    clock.move_to(THE_DAY)
    _, ticket = await under_an_alias(database, event, omar)
    _, other = await with_ticket(bo, event)
    met = (await scan_of(ticket))._replace(id=scan_id(), code="met", tap="lead")
    await checkin.settle([met, await scan_of(other)], lee, THE_DAY)
    listed = await lines.of_sheet(event, SheetKind.DOOR_LIST)
    assert [(line.surname, line.names, line.organisation) for line in listed] == [
        ("Okafor", "Bo", bo.organisation), ("Smith", "Sparrow", "Ask the lead"),
    ]  # fmt: skip
    called = await lines.of_sheet(event, SheetKind.ROLL_CALL)
    assert [(line.surname, line.badge_name) for line in called] == [("Okafor", bo.name), ("Smith", "Sparrow Smith")]


async def test_what_she_chooses_herself_leaves_the_alias_as_it_is(
    database: Database, event: Event, omar: Staff
) -> None:
    registration, _ = await under_an_alias(database, event, omar)
    await own_needs.switch(registration, [Switch.NO_LISTS], MONDAY, clock.real())
    await own_needs.agree_to_photos(await Registration.get(id=registration.id), MONDAY, clock.real())
    chosen = (await Registration.get(id=registration.id)).choices
    assert (chosen.alias, chosen.switches, chosen.photos is None) == (True, frozenset({Switch.NO_LISTS}), False)
