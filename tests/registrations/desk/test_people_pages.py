"""What organisers search for stands sealed in the address of the page, and is of one event."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from events.accounts.staff import Session, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, wording
from events.ground.database import Database
from events.web.rendering import when
from events.web.sealed_query import opened, sealed
from registrations.bulk.bulk_act import BulkAct
from registrations.desk.people_list import SEARCH
from registrations.people.registration import EMPTY, Registration, State
from tests.at_the_desk import desk, several
from tests.browser import browsing, words
from tests.people import THE_DAY, Person, an_event, confirmed, someone
from tests.professional import put_into


async def test_a_search_opens_at_its_own_event_alone(event: Event) -> None:
    found = sealed(SEARCH, "Ada Ashdown", event.id)
    assert "Ada" not in found
    assert opened(SEARCH, found, event.id) == "Ada Ashdown"
    assert opened(SEARCH, found, (await an_event()).id) == ""
    assert [opened(SEARCH, odd, event.id) for odd in ("", "x", "Ada", found[:-4])] == [""] * 4


SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


@SQLITE
async def test_a_search_puts_no_name_into_an_address_and_leaves_its_length(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    await confirmed(ada, event)
    await confirmed(bo, event)
    async with browsing(database, omar) as client:
        answer = await client.post(desk(event, "people", "search"), data={"text": "ashdown", "state": "confirmed"})
        page = await client.get(answer.headers["location"])
    assert answer.status_code == 303
    assert "ashdown" not in answer.headers["location"].lower()
    assert "Ada Ashdown" in page.text
    assert "Bo Okafor" not in page.text
    assert 'value="ashdown"' in page.text
    assert wording.ENQUIRER_LINE in page.text
    entry = await AuditEntry.get(action=Action.SEARCHED)
    assert (entry.actor, entry.details["letters"], entry.details["results"]) == (omar.actor, 7, 1)
    assert "ashdown" not in str(entry.details).lower()


@SQLITE
@pytest.mark.parametrize("find", ["x", "AAAA", "%00", "ÿ", "A" * 300])
async def test_a_search_that_we_did_not_seal_is_no_search(
    database: Database, event: Event, ada: Person, omar: Staff, find: str
) -> None:
    await confirmed(ada, event)
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "people"), params={"find": find})
    assert page.status_code == 200
    assert "Ada Ashdown" in page.text
    assert await AuditEntry.filter(action=Action.SEARCHED).count() == 0


@SQLITE
async def test_pages_keep_what_was_asked_for(database: Database, event: Event, omar: Staff) -> None:
    await several(event, 60)
    async with browsing(database, omar) as client:
        found = await client.post(desk(event, "people", "search"), data={"text": "guest", "sort": "oldest"})
        page = await client.get(found.headers["location"])
        assert "1 to 50 of 60." in words(page.text)
        following = page.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        assert "51 to 60 of 60." in words((await client.get(following)).text)


@SQLITE
async def test_whose_details_are_deleted_stands_only_among_the_expired(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    gone = await confirmed(ada, event)
    await Registration.filter(id=gone.id).update(state=State.EXPIRED, **EMPTY)
    async with browsing(database, omar) as client:
        everyone = await client.get(desk(event, "people"))
        expired = await client.get(desk(event, "people"), params={"state": "expired"})
    assert "Nobody was found" in everyone.text
    assert "Details deleted" in expired.text


@SQLITE
async def test_each_column_says_what_its_heading_says_and_nothing_typed_is_markup(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    typed = replace(ada, name="Ada <b>Ashdown</b>", organisation="Westmoor & Sons")
    row = await confirmed(typed, event)
    async with browsing(database, omar) as client:
        page = (await client.get(desk(event, "people"))).text
    asked = when(row.requested_at)
    [line] = re.findall(r"<tbody>\s*<tr>(.*?)</tr>", page, re.DOTALL)
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.DOTALL)
    assert [re.sub(r"<[^>]+>", "|", cell) for cell in cells[1:]] == [  # the first holds the tick box
        f"|Ada &lt;b&gt;Ashdown&lt;/b&gt;||{row.role}|",
        f"Westmoor &amp; Sons|{row.kind.value.capitalize()}|",
        f"|{row.email}|",
        f"|{wording.STATES['confirmed']}|",
        asked,
    ]
    assert f'href="{desk(event, "people", str(row.id))}"' in line


@SQLITE
async def test_after_the_event_nothing_is_offered_that_would_be_refused(
    database: Database, event: Event, omar: Staff
) -> None:
    people = {state: await put_into(state, someone(), event) for state in State}
    shown = {}
    async with browsing(database, omar) as client:
        for when_ in ("before", "after"):
            if when_ == "after":
                clock.move_to(THE_DAY + timedelta(days=1))
                await Session.all().update(stepped_up_at=clock.real())
            pages = {state: (await client.get(desk(event, f"people?state={state}"))).text for state in State}
            opened_ = [(await client.get(desk(event, "people", person.id))).text for person in people.values()]
            acts = {act for page in pages.values() for act in re.findall(r'name="act" value="(\w+)"', page)}
            ticks = sum("Those ticked:" in page for page in pages.values())
            asks = {name for name in ("people/add", "people/import") if desk(event, name) in pages[State.APPROVED]}
            more = {word for page in opened_ for word in re.findall(r'/people/\d+/(more|address|restore)"', page)}
            shown[when_] = (acts, ticks, asks, more, sum("/decide" in page for page in opened_))
        refused = await client.post(desk(event, "people/all?state=approved"), data={"everyone": "yes", "act": "remind"})
    assert shown["before"] == (
        {"approve", "offer", "wait", "not_offer", "remind", "write"}, 2, {"people/add", "people/import"},
        {"more", "address", "restore"}, 4,
    )  # fmt: skip
    assert shown["after"] == ({"write"}, 0, set(), set(), 0)
    assert (refused.status_code, wording.IS_OVER in words(refused.text)) == (409, True)
    assert await BulkAct.all().count() == 0
