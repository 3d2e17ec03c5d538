"""Organisers list who is in which workshop, or in none of those at one time, and write to them. Rules: EV-01, SE-09."""

import re
from html import unescape

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.bulk.bulk_act import BulkAct
from registrations.desk.listing.filter_words import in_words
from registrations.desk.listing.saved_filter import Listed
from registrations.desk.listing.saved_pages import kept
from registrations.desk.people_list import Wanted, everybody
from registrations.paper.lines import of_sheet as lines_of
from registrations.paper.sheet import SheetKind
from registrations.people.registration import Registration, State
from registrations.telling import mailings
from registrations.telling.mailing import Recipients
from registrations.workshops import joining
from registrations.workshops.roster import Group, group_of, people_in, workshops_of
from tests.at_the_desk import desk, several
from tests.browser import browsing, words
from tests.events.programme.programmes import Filled, a_programme
from tests.people import MONDAY
from tests.registrations.workshops.guests import a_guest, takes_part

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


async def scene(event: Event, by: Staff) -> tuple[Filled, Registration, Registration]:
    """One guest in the first workshop, one in none, and somebody who has no place at the event."""
    within, without = await a_guest(event), await a_guest(event)
    await several(event, 1)
    return await takes_part(within, event, by), within, without


@pytest.mark.parametrize("code", ["", "0", "none-", "none-0", "-1", "x", "1234567890", "¹"])
def test_what_names_no_workshop_is_no_filter(code: str) -> None:
    assert group_of(code) is None


def test_a_code_comes_back_as_what_it_is_of() -> None:
    assert [group_of(group.code) for group in (Group(3), Group(slot_id=7))] == [Group(3), Group(slot_id=7)]


async def test_the_filter_finds_who_is_in_a_workshop_and_who_is_in_none(event: Event, omar: Staff) -> None:
    filled, within, without = await scene(event, omar)
    groups = [Group(filled.first.id), Group(filled.second.id), Group(slot_id=filled.slot.id)]
    found = [list(await everybody(event, Wanted(workshop=group))) for group in groups]
    assert found == [[within.id], [], [without.id]]
    assert await everybody(event, Wanted(workshop=Group(slot_id=filled.slot.id + 1))) == []


async def test_whoever_comes_along_is_where_their_guest_is_unless_they_are_elsewhere(event: Event, omar: Staff) -> None:
    """As the door of a room has it, and its printed list: who is in none is in no workshop, and the other way round."""
    filled, guest, companion = await scene(event, omar)
    groups = [Group(filled.first.id), Group(filled.second.id), Group(slot_id=filled.slot.id)]

    async def stand() -> list[set[int]]:
        found = [await people_in(event.id, group) for group in groups]
        guests = frozenset({State.APPROVED})
        chosen = [Recipients(guests, workshop=group.workshop_id, none_of=group.slot_id) for group in groups]
        assert found == [set(await mailings.people_of(event, recipients)) for recipients in chosen], "as emails go"
        taken = await workshops_of([guest.id, companion.id])
        lines = await lines_of(event, SheetKind.ROOM_LIST, filled.first.id)
        assert len(lines) == len(found[0])
        assert {id_ for id_, ids in taken.items() if filled.first.id in ids} == found[0]
        return found

    assert await stand() == [{guest.id}, set(), {companion.id}], "the control"
    await Registration.filter(id=companion.id).update(comes_with_id=guest.id)
    assert await stand() == [{guest.id, companion.id}, set(), set()]
    await joining.join(companion, filled.slot.id, filled.second.id, MONDAY, clock.real())
    assert await stand() == [{guest.id}, {companion.id}, set()]


async def test_before_places_are_given_out_nobody_is_in_none(event: Event, omar: Staff) -> None:
    await a_guest(event)
    filled = await a_programme(event, omar)
    assert await everybody(event, Wanted(workshop=Group(slot_id=filled.slot.id))) == []


@SQLITE
async def test_the_list_has_a_filter_and_a_column_once_places_are_given_out(
    database: Database, event: Event, omar: Staff, vic: Staff
) -> None:
    async with browsing(database, omar) as client:
        assert 'name="workshop"' not in (await client.get(desk(event, "people"))).text
        filled, within, without = await scene(event, omar)
        page = await client.get(desk(event, "people"), params={"columns": "workshops"})
        assert "In none, 10:00 to 11:00" in words(page.text)
        cells = re.findall(r'data-label="Workshops">(.*?)</td>', page.text, re.S)
        assert sorted(words(cell) for cell in cells) == ["", "10:00 to 11:00: Safety planning", "10:00 to 11:00: none"]
        posted = await client.post(desk(event, "people", "search"), data={"workshop": f"none-{filled.slot.id}"})
        found = words((await client.get(posted.headers["location"])).text)
    assert (within.full_name in found, without.full_name in found) == (False, True)
    listed = await AuditEntry.filter(action=Action.LISTED).order_by("-id").first()
    assert listed is not None
    assert listed.details["workshop"] == f"none-{filled.slot.id}"
    async with browsing(database, vic) as client:
        assert 'name="workshop"' in (await client.get(desk(event, "people"))).text, "viewers read the programme too"


@SQLITE
async def test_an_act_on_all_of_the_list_is_about_them_alone(database: Database, event: Event, omar: Staff) -> None:
    filled, _, without = await scene(event, omar)
    async with browsing(database, omar) as client:
        for code, status in ((f"none-{filled.slot.id}", 303), ("none-x", 422)):
            query, press = {"workshop": code}, {"everyone": "yes", "act": "write"}
            posted = await client.post(desk(event, "people", "all"), params=query, data=press)
            assert posted.status_code == status
    act = await BulkAct.get()
    assert act.total == 1
    assert without.full_name not in str(act.__dict__)


def test_a_saved_filter_keeps_the_number_and_no_title() -> None:
    assert kept("workshop=none-3&columns=workshops", Listed.PEOPLE) == {"workshop": "none-3", "columns": "workshops"}
    assert kept("workshop=Ada", Listed.PEOPLE) == kept("workshop=3", Listed.REQUESTS) == {}
    assert in_words({"workshop": "none-3", "sort": "newest"}, {}) == "in no workshop at one time, newest first"
    assert in_words({"workshop": "3"}, {}) == "in one workshop"


@SQLITE
async def test_from_the_list_the_form_to_write_comes_filled_in(database: Database, event: Event, omar: Staff) -> None:
    filled, _, _ = await scene(event, omar)
    async with browsing(database, omar) as client:
        for code, text in (
            (f"none-{filled.slot.id}", "Write to everybody with a place, in no workshop then"),
            (str(filled.first.id), "Write to everybody with a place, in this workshop"),
        ):
            page = await client.get(desk(event, "people"), params={"state": "approved", "workshop": code})
            [path] = re.findall(rf'href="([^"]*announcements/new[^"]*)">{text}…<', page.text)
            form = await client.get(unescape(path))
            checked = dict(re.findall(r'name="(\w+)" type="radio" value="([^"]*)" checked', form.text))
            assert checked["workshop"] == code
        every_state = await client.get(desk(event, "people"), params={"workshop": code})
        assert "announcements/new" not in every_state.text, "more people are on that list than get such an email"
