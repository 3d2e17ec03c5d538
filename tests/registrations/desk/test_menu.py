"""The desk's menu: by subject, with the page that is open marked, and of a group with one page that page itself."""

import re

import pytest

from events.accounts.staff import RoleName, Staff
from events.event import Event
from events.ground.database import Database
from tests.at_the_desk import desk
from tests.browser import browsing, words
from tests.people import a_member_of_staff

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
MENU = re.compile(r'<nav class="desk-nav" .*?</nav>', re.S)


async def the_menu(database: Database, staff: Staff, event: Event, page: str) -> str:
    async with browsing(database, staff) as client:
        found = MENU.search((await client.get(desk(event, page))).text)
    assert found
    return found[0]


@SQLITE
@pytest.mark.parametrize(
    ("page", "here"),
    [
        ("requests", ["To decide"]),
        ("people", ["People"]),
        ("walk-ins", ["On the day", "Walk-ins"]),
        ("roll-call", ["On the day", "Roll call"]),
        ("doors", ["On the day", "Doors and phones"]),
    ],
)
async def test_the_page_that_is_open_is_marked_and_so_is_its_group(
    database: Database, event: Event, lena: Staff, page: str, here: list[str]
) -> None:
    menu = await the_menu(database, lena, event, page)
    marked = re.findall(r'desk-nav__here">([^<]*)|aria-current="page">([^<]*)', menu)
    assert ["".join(pair) for pair in marked] == here


@SQLITE
@pytest.mark.parametrize(
    ("who", "groups"),
    [
        (RoleName.VIEWER, ["The event"]),  # of the day they see the board alone
        (RoleName.LEAD, ["On the day", "The event", "Administration"]),
        (RoleName.CATERER, []),
    ],
)
async def test_a_group_is_folded_only_where_it_has_several_pages(
    database: Database, event: Event, who: RoleName, groups: list[str]
) -> None:
    staff = await a_member_of_staff("Mia Menu", "mia@hosts.example.org", event, who)
    menu = await the_menu(database, staff, event, "catering" if who is RoleName.CATERER else "board")
    assert [words(group) for group in re.findall(r"<summary[^>]*>([^<]*)", menu)] == groups
    assert len(re.findall(r'<details name="desk-menu">', menu)) == len(groups)
    assert len(re.findall(r"<a ", menu)) >= 1


@SQLITE
@pytest.mark.parametrize("who", RoleName)
async def test_ones_account_leads_each_role_to_a_page_that_it_may_use(
    database: Database, event: Event, who: RoleName
) -> None:
    staff = await a_member_of_staff("Mia Menu", "mia@hosts.example.org", event, who)
    async with browsing(database, staff) as client:
        account = (await client.get("/staff/account")).text
        [path] = re.findall(rf'href="([^"]+)">{event.title}<', account)
        home = (await client.get(path)).headers["location"]
        assert (await client.get(home)).status_code == 200


@SQLITE
async def test_a_page_that_a_role_does_not_include_leads_back_to_its_own(database: Database, event: Event) -> None:
    caterer = await a_member_of_staff("Cal Caterer", "cal@hosts.example.org", event, RoleName.CATERER)
    async with browsing(database, caterer) as client:
        page = await client.get(desk(event, "people"))
        [back] = re.findall(r'href="([^"]+)">Back to your page<', page.text)
        home = await client.get(str((await client.get(back)).headers["location"]))
    assert (page.status_code, home.status_code, str(home.url.path)) == (403, 200, desk(event, "catering"))
