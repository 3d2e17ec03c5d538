"""Whoever reads the people list chooses its columns, of those that their role sees, and sorts by its headings."""

import re
from dataclasses import replace
from html import unescape

import httpx2
import pytest

from events.accounts.staff import Role, RoleName, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import Database
from registrations.desk.listing.columns import Column, chosen, in_query, offered
from tests.at_the_desk import desk, several
from tests.browser import browsing, words
from tests.people import Person, confirmed

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
USUAL = ["Person", "Organisation", "Email", "State", "Asked"]


def headings(page: httpx2.Response) -> list[str]:
    return [words(text).rstrip(" ▲▼") for text in re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page.text, re.S)]


def test_what_a_query_names_is_shown_in_its_order_and_nothing_else() -> None:
    lead = offered(Role(name=RoleName.LEAD), presence=True, workshops=True)
    assert chosen("asked,badge,nothing", lead) == [Column.BADGE_NAME, Column.ASKED]
    usual = [Column.ORGANISATION, Column.EMAIL, Column.STATE, Column.PRESENCE, Column.ASKED]
    assert [chosen(text, lead) for text in ("", "nothing", ",,")] == [usual] * 3
    assert (in_query(iter(usual), lead), in_query([], lead)) == ("", "")
    assert in_query(iter(["asked", "telephone", "x"]), lead) == "telephone,asked"
    viewer = offered(Role(name=RoleName.VIEWER), presence=False, workshops=False)
    assert viewer == [Column.BADGE_NAME, Column.BADGE_TYPE, Column.ORGANISATION, Column.STATE, Column.ASKED]
    assert chosen("email,telephone,there,state", viewer) == [Column.STATE]


@SQLITE
async def test_columns_of_the_queue_are_chosen_and_kept_with_everything_else_of_its_address(
    database: Database, event: Event, ada: Person, omar: Staff, vic: Staff
) -> None:
    await confirmed(replace(ada, phone="0800 496 0100"), event)
    await several(event, 50)
    usual = ["Person", "Organisation", "Email and signals", "Asked"]
    async with browsing(database, omar) as client:
        assert headings(await client.get(desk(event, "requests"))) == usual
        chosen_ones = {"columns": ["telephone", "asked", "state"], "sort": "oldest"}
        page = await client.get(desk(event, "requests"), params=chosen_ones)
        assert headings(page) == ["Person", "Signals", "Telephone", "Asked"]
        assert ("0800 496 0100" in page.text, ada.email in page.text) == (True, False)
        assert desk(event, "requests", "filters?sort=oldest&amp;columns=telephone%2Casked") in page.text
        following = unescape(page.text.partition('rel="next" href="')[2].partition('"')[0])
        assert headings(await client.get(following)) == ["Person", "Signals", "Telephone", "Asked"]
        sorted_by = unescape(page.text.partition('<th scope="col"><a href="')[2].partition('"')[0])
        assert headings(await client.get(sorted_by)) == ["Person", "Signals", "Telephone", "Asked"]
    listed = await AuditEntry.filter(action=Action.LISTED).order_by("id")
    assert [entry.details.get("columns") for entry in listed] == [None, *["telephone,asked"] * 3]
    async with browsing(database, vic) as client:
        page = await client.get(desk(event, "requests"), params={"columns": "telephone,email,badge"})
    assert headings(page) == ["Person", "Name on the badge", "Signals"]  # what viewers see, whatever is asked for
    assert "0800 496 0100" not in page.text


@SQLITE
async def test_columns_are_chosen_in_the_form_and_kept_from_page_to_page(
    database: Database, event: Event, omar: Staff
) -> None:
    await several(event, 60)
    async with browsing(database, omar) as client:
        assert headings(await client.get(desk(event, "people"))) == USUAL
        ticked = {"columns": ["telephone", "asked"], "sort": "oldest"}
        found = await client.post(desk(event, "people", "search"), data=ticked)
        page = await client.get(found.headers["location"])
        assert headings(page) == ["Person", "Telephone", "Asked"]
        following = unescape(page.text.partition('rel="next" href="')[2].partition('"')[0])
        again = await client.get(following)
    assert headings(again) == ["Person", "Telephone", "Asked"]
    assert "51 to 60 of 60." in words(again.text)
    assert re.findall(r'name="columns" value="(\w+)" checked', again.text) == ["telephone", "asked"]
    listed = await AuditEntry.filter(action=Action.LISTED).order_by("id")
    assert [entry.details.get("columns") for entry in listed] == [None, "telephone,asked", "telephone,asked"]


@SQLITE
async def test_a_role_gets_no_column_that_it_does_not_see_whatever_the_address_asks_for(
    database: Database, event: Event, ada: Person, vic: Staff, omar: Staff
) -> None:
    await confirmed(replace(ada, phone="01632 960123"), event)
    asked = {"columns": "telephone,email,there,badge"}
    async with browsing(database, vic) as client:
        page = await client.get(desk(event, "people"), params=asked)
    assert headings(page) == ["Person", "Name on the badge"]
    assert [text in page.text for text in ("01632 960123", ada.email, 'value="telephone"')] == [False] * 3
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "people"), params=asked)
    assert headings(page) == ["Person", "Name on the badge", "Email", "Telephone"]
    assert [text in page.text for text in ("01632 960123", ada.email)] == [True] * 2


@SQLITE
@pytest.mark.parametrize("path", ["people", "requests"])
async def test_headings_sort_as_links_and_say_by_what_the_list_is_sorted(
    database: Database, event: Event, omar: Staff, path: str
) -> None:
    rows = await several(event, 3)
    names = [row.full_name for row in rows]

    def order(page: httpx2.Response) -> list[str]:
        return [name for name in re.findall(r"Guest Number \d+", page.text.partition("<tbody>")[2]) if name in names]

    async with browsing(database, omar) as client:
        page = await client.get(desk(event, path), params={"kind": "charity", "sort": "organisation"})
        assert re.findall(r'aria-sort="(\w+)"><a href="[^"]*">(\w+)', page.text) == [("ascending", "Organisation")]
        to_asked = unescape(re.findall(r'href="([^"]*)">Asked', page.text)[0])
        newest = await client.get(to_asked if "newest" in to_asked else to_asked.replace("oldest", "newest"))
        assert re.findall(r'aria-sort="(\w+)"><a href="[^"]*">(\w+)', newest.text) == [("descending", "Asked")]
        oldest = await client.get(unescape(re.findall(r'href="([^"]*)">Asked', newest.text)[0]))
    assert "kind=charity" in to_asked
    assert list(dict.fromkeys(order(newest))) == names[::-1]
    assert list(dict.fromkeys(order(oldest))) == names


@SQLITE
@pytest.mark.parametrize("path", ["people", "requests", "waiting"])
async def test_a_link_skips_to_the_list(database: Database, event: Event, omar: Staff, path: str) -> None:
    async with browsing(database, omar) as client:
        for _ in ("nobody", "some"):
            page = await client.get(desk(event, path))
            assert '<a href="#list" class="govuk-skip-link"' in page.text
            assert page.text.count('id="list"') == 1
            await several(event, 2)
