"""The page that says what each role may do and see, for whoever gives one: drawn from the table that guards ask."""

import re

import httpx2
import pytest

from events.accounts import account_pages
from events.accounts.roles import role_table
from events.accounts.staff import RIGHTS, Detail, May, RoleName, Staff
from events.event import Event
from tests.browser import heading, words
from tests.events.accounts.signing_in import Client

ROLES = [name.value.capitalize() for name in RoleName]


def cells(page: httpx2.Response) -> dict[str, list[str]]:
    """By the words of a line: what stands in its cells, without the labels of narrow screens."""
    found = {}
    for line in re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", page.text, re.S):
        first, *others = re.split(r"</th>|</td>", line)
        found[words(first)] = [
            words(re.sub(r'<span class="stacks__label">.*?</span>', "", cell)) for cell in others if "<td>" in cell
        ]
    return found


def as_table() -> dict[str, list[str]]:
    yes = {True: "yes", False: "no"}
    acts = {text: [yes[may in rights.may] for rights in RIGHTS.values()] for may, text in role_table.MAY.items()}
    sees = role_table.SEES.items()
    seen = {text: [yes[detail in rights.sees] for rights in RIGHTS.values()] for detail, text in sees}
    return acts | seen


def test_each_right_has_words_of_its_own() -> None:
    assert (set(role_table.MAY), set(role_table.SEES)) == (set(May), set(Detail))
    every = [*role_table.MAY.values(), *role_table.SEES.values()]
    assert len(set(every)) == len(every)


async def test_the_page_says_what_the_guards_ask(desk: Client, event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    page = await desk.get(f"/desk/{event.slug}/staff/roles")
    assert heading(page) == "What each role may do and see"
    heads = [words(row) for row in re.findall(r"<thead>(.*?)</thead>", page.text, re.S)]
    assert heads == [" ".join(["Right", *ROLES])] * 2
    assert cells(page) == as_table()
    assert cells(page)[role_table.SEES[Detail.EMAIL]][: len(ROLES)] == ["yes", "yes", "no", "no", "no", "no"]
    viewer = RIGHTS[RoleName.VIEWER]
    monkeypatch.setitem(RIGHTS, RoleName.VIEWER, viewer._replace(sees=frozenset({Detail.EMAIL})))
    after = cells(await desk.get(f"/desk/{event.slug}/staff/roles"))
    assert after[role_table.SEES[Detail.EMAIL]][:3] == ["yes", "yes", "yes"]


async def test_it_is_a_link_away_wherever_a_role_is_chosen(desk: Client, event: Event, omar: Staff) -> None:
    at = f"/desk/{event.slug}/staff"
    for path in (at, f"{at}/invite", f"{at}/{omar.id}"):
        assert f'href="{at}/roles"' in (await desk.get(path)).text
    assert [route.path for route in account_pages.routes].count("/desk/{event}/staff/roles") == 1


async def test_a_narrow_screen_and_a_screen_reader_hear_the_role_in_each_cell(desk: Client, event: Event) -> None:
    page = await desk.get(f"/desk/{event.slug}/staff/roles")
    labels = re.findall(r'<span class="stacks__label">(.*?) </span>', page.text)
    assert labels == ROLES * (len(May) + len(Detail))
