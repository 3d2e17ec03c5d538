"""The people list is exported as it stands: whom its filter shows, in its order, with its columns ticked.

Rules: SE-13, SE-09, SG-13.
"""

import re
from dataclasses import replace

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import Database, query
from events.web.sealed_query import sealed
from registrations.booking.alias import note
from registrations.desk.people_list import ORGANISATION, SEARCH
from registrations.exports.export import Export, ExportPart
from tests.at_the_desk import desk
from tests.browser import browsing, words
from tests.people import MONDAY, Person, an_event, confirmed, requested, someone
from tests.professional import with_ticket
from tests.registrations.desk.exports.test_export_pages import ASKED, proves, table
from tests.registrations.workshops.guests import takes_part

LIST = {"columns": ["name", "badge", "organisation", "telephone", "state", "there"]}


def ticked(page: httpx2.Response) -> list[str]:
    return re.findall(r'name="columns" type="checkbox" value="(\w+)" checked', page.text)


def of_bar(page: httpx2.Response) -> dict[str, str]:
    """What the bar above a list sends, with nobody ticked."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text.partition('id="bar"')[2]))


async def taken(client: httpx2.AsyncClient, event: Event, query: str) -> list[list[str]]:
    made = await client.post(desk(event, "exports", "make", "people") + query, data=ASKED | LIST)
    assert made.status_code == 303, words(made.text)
    return table(await client.post(str(made.headers["location"])))


async def test_a_file_has_whom_the_filter_shows_in_its_order(
    database: Database, event: Event, omar: Staff, ada: Person, bo: Person, cleo: Person
) -> None:
    for person in (bo, replace(ada, phone="07700 900123"), cleo):
        await confirmed(person, event)
    async with browsing(database, omar) as client:
        await proves(omar)
        first, _, *rows = await taken(client, event, "?state=confirmed")
        newest = await taken(client, event, "?sort=newest")
        police = await taken(client, event, "?kind=police")
        searched = await client.post(desk(event, "people", "search"), data={"text": "westmoor council"})
        found = await taken(client, event, str(searched.headers["location"]).partition("people")[2])
    assert [row[0] for row in rows] == [ada.name, cleo.name, bo.name], "by surname, as the list"
    assert rows[0] == [ada.name, ada.name, ada.organisation, "'07700 900123", "To decide", ""]
    assert "To decide. Taken by Omar Organiser" in first[0]
    assert [row[0] for row in newest[2:]] == [cleo.name, ada.name, bo.name]
    assert [row[0] for row in police[2:]] == [bo.name]
    assert [row[0] for row in found[2:]] == [cleo.name]
    assert ("found by words" in found[0][0], "westmoor" in str(found[0]).lower()) == (True, False)
    entries = await AuditEntry.filter(action=Action.EXPORTED).order_by("id")
    assert [entry.details["number"] for entry in entries] == [3, 3, 1, 1]
    assert (entries[2].details["filtered"], "westmoor" in str(entries[3].details).lower()) == ("Police", False)


async def test_whom_it_was_about_is_kept_no_longer_than_the_file_is_being_made(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    await confirmed(ada, event)
    async with browsing(database, omar) as client:
        await proves(omar)
        await taken(client, event, "")
    export = await Export.get()
    assert (export.people, export.total, export.rows, export.filtered) == ([], 1, 1, "Everybody on the list")


async def test_whoever_is_known_by_an_alias_comes_last_and_by_that_name_alone(
    database: Database, event: Event, omar: Staff, ada: Person, bo: Person
) -> None:
    hidden, _ = await with_ticket(replace(ada, badge_name="Wren"), event)
    await confirmed(bo, event)
    await note(hidden, True, omar, MONDAY)
    async with browsing(database, omar) as client:
        await proves(omar)
        _, _, *rows = await taken(client, event, "")
    assert [row[0] for row in rows] == [bo.name, "Wren"]
    assert ada.name not in str(rows)


async def test_no_filter_says_of_an_alias_what_their_line_does_not(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    """Organisation, workshop or a name: whoever gets the file reads the filter, or sees what the others share."""
    colleague = replace(someone(), organisation=ada.organisation)
    hidden, _ = await with_ticket(replace(ada, badge_name="Wren"), event)
    await with_ticket(colleague, event)
    filled = await takes_part(hidden, event, omar)
    await note(hidden, True, omar, MONDAY)
    of = sealed(ORGANISATION, ada.organisation, event.id)
    filters = [
        f"?of={of}",
        f"?find={sealed(SEARCH, ada.name, event.id)}",
        f"?workshop={filled.first.id}",
        "?state=approved",
    ]
    async with browsing(database, omar) as client:
        await proves(omar)
        files = [(await taken(client, event, filter_))[2:] for filter_ in filters]
        asked = words((await client.get(desk(event, "exports", "make", "people") + filters[0])).text)
    both = [colleague.name, "Wren"]
    assert [[row[0] for row in rows] for rows in files] == [[colleague.name], [], [], both]
    assert "of one organisation: 1 person" in asked
    assert "Whoever is known by the name on their badge alone is not in this file" in asked


async def test_the_columns_that_the_list_shows_are_ticked(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    await confirmed(ada, event)
    path = desk(event, "exports", "make", "people")
    async with browsing(database, omar) as client:
        await proves(omar)
        alone = await client.get(path)
        bar = await client.get(desk(event, "people"))
        usual = await client.get(path, params=of_bar(bar))
        chosen = await client.get(f"{path}?columns=badge,telephone&state=confirmed")
        bar = await client.get(desk(event, "people?state=confirmed&columns=badge,telephone"))
    assert "Everybody on the list: 1 person, in the order of the list." in words(usual.text)
    assert (ticked(alone), "Which columns? As few as you need" in words(alone.text)) == (["name"], True)
    assert "Which columns? The columns of the list you came from. Untick what" in words(usual.text)
    assert "To decide: 1 person, in the order of the list." in words(chosen.text)
    assert ticked(usual) == ["name", "organisation", "email", "state", "asked"]
    assert ticked(chosen) == ["name", "badge", "telephone"]
    assert of_bar(bar) == {"everyone": "yes", "state": "confirmed", "columns": "badge,telephone"}
    assert f'formmethod="get" formaction="{path}"' in bar.text


@pytest.mark.parametrize("query", ["?find=cut-off", "?of=cut-off", "?kind=polise", "?state=cofirmed", "?there=moon"])
async def test_a_filter_that_nobody_knows_exports_nobody(
    database: Database, event: Event, omar: Staff, ada: Person, query: str
) -> None:
    await confirmed(ada, event)
    async with browsing(database, omar) as client:
        await proves(omar)
        refused = await client.post(desk(event, "exports", "make", "people") + query, data=ASKED | LIST)
    assert (refused.status_code, await Export.all().count()) == (422, 0)


async def test_a_file_that_waits_goes_with_anybody_on_the_list_who_is_deleted(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    never_confirmed = await requested(ada, event)
    await confirmed(someone(), event)
    async with browsing(database, omar) as client:
        await proves(omar)
        await client.post(desk(event, "exports", "make", "people"), data=ASKED | LIST)
    assert await ExportPart.all().count() == 1, "the control"
    await query("UPDATE registration SET person_sealed = NULL WHERE id = ? RETURNING id", [never_confirmed.id])
    assert await ExportPart.all().count() == 0


async def test_a_file_has_only_those_who_were_ticked(
    database: Database, event: Event, omar: Staff, ada: Person, bo: Person, cleo: Person
) -> None:
    asked = [await confirmed(person, event) for person in (ada, bo, cleo)]
    elsewhere = await confirmed(someone(), await an_event())
    async with browsing(database, omar) as client:
        await proves(omar)
        listed = await client.get(desk(event, "people"))
        ticks = "&".join(f"person={person.id}" for person in (asked[0], asked[2], elsewhere))
        page = await client.get(desk(event, "exports", "make", f"people?{ticks}"))
        _, _, *rows = await taken(client, event, f"?{ticks}")
        none = await client.get(desk(event, "exports", "make", "people?person=x"))
    assert listed.text.count('type="checkbox" form="bar" name="person"') == 3
    assert "Everybody on the list, 2 ticked: 2 people" in words(page.text)
    assert [row[0] for row in rows] == [ada.name, cleo.name]
    assert "Everybody on the list, 0 ticked: 0 people" in words(none.text)
