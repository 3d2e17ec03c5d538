"""Filters that organisers save: each sees their own and those that are shared, and none holds what was typed."""

import asyncio
import re
from collections.abc import Awaitable
from html import unescape

import httpx2
import pytest

from events.accounts.staff import Role, Staff
from events.audit.action import Action
from events.event import Event
from events.ground.database import Database, run_tx
from events.ground.refusal import Refused
from events.processor import Processor
from events.web.sealed_query import sealed
from registrations.desk.listing import saving
from registrations.desk.listing.filter_words import in_words
from registrations.desk.listing.saved_filter import Listed, SavedFilter, as_query
from registrations.desk.listing.saved_pages import kept
from registrations.desk.people_list import SEARCH
from tests.at_the_desk import desk, notice
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, an_event, audit_of, confirmed

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


def saved(page: httpx2.Response) -> dict[str, str]:
    """Their names, and where each leads."""
    listed = page.text.partition('<nav class="desk-saved"')[2].partition("</nav>")[0]
    found = {text: unescape(path) for path, text in re.findall(r'href="([^"]+)">([^<]+)<', listed)}
    return {name: path for name, path in found.items() if not name.startswith("Save this filter")}


def test_only_values_of_closed_lists_are_kept() -> None:
    asked = "state=approved&kind=police&there=in&sort=newest&columns=telephone,x,state&find=abc&of=def&page=3&said=x"
    assert kept(asked, Listed.PEOPLE) == {
        "state": "approved", "kind": "police", "there": "in", "sort": "newest", "columns": "telephone,state",
    }  # fmt: skip
    assert kept(asked, Listed.REQUESTS) == {"kind": "police", "sort": "newest", "columns": "telephone"}
    assert kept("state='&kind=Ada&sort=&columns=Ada", Listed.PEOPLE) == {}
    states = {"approved": "Approved"}
    assert in_words(kept(asked, Listed.PEOPLE), states) == "Approved, Police, In, newest first, with Telephone, State"
    assert in_words({}, states) == "Everybody, in the usual order"
    longest = {
        "state": "not_offered", "kind": "school, college or university", "there": "not-yet", "sort": "organisation",
        "columns": "badge,organisation,email,telephone,state,there,asked",
    }  # fmt: skip
    assert len(as_query(longest)) < SavedFilter._meta.fields_map["query"].max_length  # type: ignore[attr-defined]


@SQLITE
async def test_a_filter_is_saved_from_the_list_and_leads_back_to_what_it_showed(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    await confirmed(ada, event)
    await confirmed(bo, event)
    async with browsing(database, omar) as client:
        where = {"find": sealed(SEARCH, "Ada", event.id), "state": "confirmed", "kind": "police", "columns": "asked"}
        page = await client.get(desk(event, "people"), params=where)
        to_save = unescape(re.findall(r'href="([^"]*/people/filters\?[^"]*)"', page.text)[0])
        form = await client.get(to_save)
        assert "To decide, Police, with Asked . Words that you searched for are not saved." in words(form.text)
        action = unescape(re.findall(r'<form method="post" action="([^"]*filters[^"]*)"', form.text)[0])
        assert "find" not in action
        empty = await client.post(action, data={})
        assert (empty.status_code, heading(empty)) == (422, "Saved filters: People")
        assert "Select who has the filter" in words(empty.text)
        done = await client.post(action, data={"name": "Police", "shared": "own"})
        shown = await client.get(done.headers["location"])
        assert notice(shown) == "The filter is saved."
        assert [name in shown.text for name in (bo.name, ada.name)] == [True, False]
        everyone = await client.get(desk(event, "people"))
        assert saved(everyone) == {"Police": done.headers["location"].removesuffix("&said=filter-saved")}
        assert saved(await client.get(desk(event, "requests"))) == {}, "that is another list"
    [row] = await SavedFilter.all()
    assert (row.name, row.query, row.is_shared) == ("Police", "state=confirmed&kind=police&columns=asked", False)
    assert await audit_of(row) == [], "what somebody keeps for themselves is no act on the event"


@SQLITE
async def test_what_is_shared_all_organisers_have_and_the_log_says_who_shared_and_removed_it(
    database: Database, event: Event, omar: Staff, lena: Staff, vic: Staff
) -> None:
    own, shared = {"name": "Mine", "shared": "own"}, {"name": "Ours", "shared": "all"}
    async with browsing(database, omar) as client:
        for posted in (own, shared):
            await client.post(desk(event, "requests", "filters") + "?kind=police&sort=newest", data=posted)
        assert list(saved(await client.get(desk(event, "requests")))) == ["Mine", "Ours"]
    mine, ours = await SavedFilter.all().order_by("id")
    async with browsing(database, vic) as client:
        assert [what in (await client.get(desk(event, "requests"))).text for what in ("Ours", "filters")] == [False] * 2
        assert (await client.post(desk(event, "requests", "filters", ours.id, "remove"))).status_code == 403
    async with browsing(database, lena) as client:
        assert list(saved(await client.get(desk(event, "requests")))) == ["Ours"]
        assert (await client.post(desk(event, "requests", "filters", mine.id, "remove"))).status_code == 409
        removed = await client.post(desk(event, "requests", "filters", ours.id, "remove"))
        assert notice(await client.get(removed.headers["location"])) == "The filter is removed."
    assert [row.id for row in await SavedFilter.all()] == [mine.id]
    acts = [(action, by) for action, by, _ in await audit_of(ours)]
    assert acts == [(Action.FILTER_SHARED, omar.actor), (Action.FILTER_REMOVED, lena.actor)]


async def answer(act: Awaitable[None]) -> str:
    try:
        await act
    except Refused as refused:
        return str(refused)
    return ""


async def test_of_two_who_save_the_last_one_is_refused_and_another_event_has_its_own(
    event: Event, omar: Staff, lena: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "MOST", 2)
    other = await an_event()
    for where, of in ((event, Listed.PEOPLE), (event, Listed.REQUESTS), (other, Listed.PEOPLE)):
        await saving.keep(where, of, "One", "", omar, MONDAY, shared=True)
    both = [saving.keep(event, Listed.PEOPLE, "Two", "", by, MONDAY, shared=True) for by in (omar, lena)]
    assert sorted(await asyncio.gather(*map(answer, both))) == ["", saving.TOO_MANY]
    assert [row.name for row in await saving.seen_by(lena, event, Listed.PEOPLE)] == ["One", "Two"]
    [elsewhere] = await saving.seen_by(omar, other, Listed.PEOPLE)
    assert await answer(saving.remove(event, elsewhere.id, omar, MONDAY)) == saving.GONE
    assert await answer(saving.remove(other, elsewhere.id, omar, MONDAY)) == ""
    assert await answer(saving.remove(other, elsewhere.id, omar, MONDAY)) == saving.GONE


@SQLITE
async def test_a_name_is_saved_once_where_they_see_it_and_a_list_is_known_whatever_the_event_is_called(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    await Event.filter(id=event.id).update(slug="people")
    event = await Event.get(id=event.id)
    path, posted = desk(event, "requests", "filters"), {"name": "Police", "shared": "own"}
    async with browsing(database, omar) as client:
        assert heading(await client.get(path)) == "Saved filters: To decide"
        first = await client.post(path, data=posted)
        again = await client.post(path, data=posted | {"name": "POLICE"})
        assert (first.status_code, again.status_code, saving.TAKEN in words(again.text)) == (303, 422, True)
        assert (await client.post(desk(event, "people", "filters"), data=posted)).status_code == 303, "another list"
    async with browsing(database, lena) as client:
        assert (await client.post(path, data=posted)).status_code == 303, "whoever does not see it may have the name"
    assert [row.of for row in await SavedFilter.all().order_by("id")] == [
        Listed.REQUESTS, Listed.PEOPLE, Listed.REQUESTS,
    ]  # fmt: skip


@run_tx
async def deleted(event: Event) -> None:
    await Role.filter(event=event).delete()
    await Processor.filter(event=event).delete()
    await event.delete()


async def test_filters_go_with_their_event(event: Event, omar: Staff) -> None:
    other = await an_event()
    for where, name in ((event, "Goes"), (other, "Stays")):
        await saving.keep(where, Listed.PEOPLE, name, "", omar, MONDAY, shared=False)
    await deleted(event)
    assert [row.name for row in await SavedFilter.all()] == ["Stays"]
