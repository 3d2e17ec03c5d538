"""Two organisers have the same part of an event open: neither undoes what the other has saved."""

import asyncio
import re
from typing import Any

import httpx2
import pytest

from events import event_changes
from events.accounts.staff import Staff
from events.event import Event
from events.event_forms import form_of
from events.ground import clock
from events.ground.database import Database
from tests.browser import browsing, words
from tests.people import MONDAY

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
CONTACTS = ("contact_email", "contact_phone", "lead_phone")


def here(event: Event, part: str) -> str:
    return f"/desk/{event.slug}/event/{part}"


def shown(page: httpx2.Response) -> dict[str, str]:
    """What the form would post if nobody typed anything."""
    fields = re.findall(r'<input[^>]* name="([^"]+)"[^>]*>', page.text)
    values = {name: re.search(rf'<input[^>]* name="{name}"[^>]*? value="([^"]*)"', page.text) for name in fields}
    return {name: found[1] if found else "" for name, found in values.items()}


async def contacts(event: Event) -> list[str]:
    now = await Event.get(id=event.id)
    return [getattr(now, name) for name in CONTACTS]


@SQLITE
async def test_what_an_organiser_left_as_it_was_shown_stays_as_another_saved_it(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    async with browsing(database, omar) as client:
        stale = shown(await client.get(here(event, "contacts")))
        await event_changes.change(event, {"contact_phone": "01632 960111"}, by=lena, at=MONDAY, real=clock.real())
        done = await client.post(here(event, "contacts"), data=stale | {"lead_phone": "07700 900111"})
        saved_too = await client.post(here(event, "contacts"), data=stale | {"contact_phone": "01632 960111"})
    assert (done.status_code, saved_too.status_code) == (303, 303)
    assert await contacts(event) == ["organisers@example.org", "01632 960111", "07700 900111"]


@SQLITE
async def test_what_both_changed_is_refused_once_and_nothing_typed_is_lost(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    typed = {"contact_phone": "01632 960222", "lead_phone": "07700 900222"}
    async with browsing(database, omar) as client:
        stale = shown(await client.get(here(event, "contacts")))
        await event_changes.change(event, {"contact_phone": "01632 960111"}, by=lena, at=MONDAY, real=clock.real())
        refused = await client.post(here(event, "contacts"), data=stale | typed)
        assert refused.status_code == 409
        said = "Someone else has changed this since you opened the page, to “01632 960111”. Save again"
        assert words(refused.text).count(said) == 2  # above, and at the field
        assert {name: shown(refused)[name] for name in typed} == typed
        assert await contacts(event) == ["organisers@example.org", "01632 960111", "07700 900003"]
        assert (await client.post(here(event, "contacts"), data=shown(refused))).status_code == 303
    assert await contacts(event) == ["organisers@example.org", "01632 960222", "07700 900222"]


@SQLITE
async def test_what_another_saves_in_the_middle_of_ours_is_shown(
    database: Database, event: Event, omar: Staff, lena: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = event_changes.change

    async def later(seen: Event, details: dict[str, Any], **more: Any) -> list[str]:
        monkeypatch.setattr(event_changes, "change", change)
        await change(seen, {"contact_phone": "01632 960111"}, by=lena, at=MONDAY, real=clock.real())
        return await change(seen, details, **more)

    async with browsing(database, omar) as client:
        posted = shown(await client.get(here(event, "contacts"))) | {"contact_phone": "01632 960222"}
        monkeypatch.setattr(event_changes, "change", later)
        refused = await client.post(here(event, "contacts"), data=posted)
    assert (refused.status_code, "to “01632 960111”. Save" in refused.text) == (409, True)
    assert (await contacts(event))[1] == "01632 960111"


@SQLITE
async def test_contacts_of_other_hosts_and_parts_of_the_notice_stay_too(
    database: Database, event: Event, omar: Staff
) -> None:
    """Each is one column, which a stale form wrote whole."""
    async with browsing(database, omar) as client:
        stale = shown(await client.get(here(event, "hosts")))
        await client.post(here(event, "hosts"), data=stale | {"phone0": "01632 960333"})
        await client.post(here(event, "hosts"), data=stale | {"phone1": "01632 960444"})
    assert [host["phone"] for host in (await Event.get(id=event.id)).hosts] == ["01632 960333", "01632 960444"]


@SQLITE
async def test_another_venue_is_not_replaced_unseen_and_not_told(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        stale = shown(await client.get(here(event, "venue")))
        await client.post(here(event, "venue"), data=stale | {"venue": "Hall 2"})
        refused = await client.post(here(event, "venue"), data=stale | {"venue": "Hall 3"})
        assert (refused.status_code, "Hall 2" in refused.text, "Hall 3" in refused.text) == (409, False, True)
        await client.post(here(event, "venue"), data=shown(refused) | {"venue": "Hall 3"})
    assert (await Event.get(id=event.id)).venue == "Hall 3"


async def test_of_two_who_save_at_the_same_moment_neither_undoes_the_other(
    event: Event, omar: Staff, lena: Staff
) -> None:
    """Both have read the event before either writes."""
    kind = form_of("hosts", event)
    assert kind is not None
    details = []
    for name in ("phone0", "phone1"):
        form = kind(data=kind.of(event).data | {name: "01632 960555"})
        details.append(form.details(event))
    both = ((details[0], omar), (details[1], lena))
    saves = [event_changes.change(event, said, by=by, at=MONDAY, real=clock.real()) for said, by in both]
    answers = await asyncio.gather(*saves, return_exceptions=True)
    assert [type(answer) for answer in answers if answer != ["hosts"]] == [event_changes.ChangedMeanwhile]
    assert [host["phone"] for host in (await Event.get(id=event.id)).hosts].count("01632 960555") == 1


@pytest.mark.parametrize(("first", "second"), [("capacity", "allowance"), ("allowance", "capacity")])
async def test_places_and_extra_places_can_be_changed_side_by_side(
    event: Event, omar: Staff, lena: Staff, first: str, second: str
) -> None:
    await event_changes.change(event, {first: 200}, by=omar, at=MONDAY, real=clock.real())
    # still as it was read before
    await event_changes.change(event, {second: 20}, by=lena, at=MONDAY, real=clock.real())
    now = await Event.get(id=event.id)
    assert (getattr(now, first), getattr(now, second)) == (200, 20)
