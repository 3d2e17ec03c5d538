"""Organisers put the logos of the hosts on the public page: of this event alone, with words for who cannot see them."""

import asyncio
from typing import Any

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.content import logos
from events.content.logo import HostLogo, logos_of
from events.content.picture import MOST_BYTES, TOO_LARGE, Picture
from events.event import PUBLIC, Event, EventState, in_columns
from events.ground import live
from events.ground.database import Database
from events.ground.refusal import Refused
from tests.at_the_desk import desk
from tests.browser import browsing, words
from tests.events.content.pictures import SCRIPT, chunks_of, plain, with_a_script
from tests.people import MONDAY, an_event

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
PLACES, RIVERS = "Safer Places", "Three Rivers District Council"
FOR_GOOD = "public, max-age=31536000, immutable"


async def sends(client: httpx2.AsyncClient, event: Event, content: bytes | None, **fields: str) -> httpx2.Response:
    files = {"file": ("logo.html", content, "text/html")} if content is not None else {"nothing": ("", b"")}
    return await client.post(desk(event, "event", "logos"), data={"host": PLACES} | fields, files=files)


@SQLITE
async def test_a_logo_stands_on_the_public_page_as_a_picture_that_browsers_keep(
    database: Database, event: Event, omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        done = await sends(client, event, with_a_script(), alt='Safer Places, "for all"')
        at_the_desk = await client.get(done.headers["location"])
        [logo] = await HostLogo.all()
        path = f"/e/{event.slug}/logos/{logo.mark}.png"
        page, picture = await client.get(f"/e/{event.slug}"), await client.get(path)
        thumbnail = await client.get(desk(event, "event", "logos", f"{logo.mark}.png"))
    assert f'src="{path}" alt="Safer Places, &#34;for all&#34;" width="20" height="20"' in page.text
    assert "The logo is on the public page." in words(at_the_desk.text)
    assert (picture.content, SCRIPT.encode() in picture.content) == (logo.picture, False)
    assert set(chunks_of(picture.content)) == {"IHDR", "IDAT", "IEND"}
    told = ("content-type", "cache-control", "x-content-type-options", "cross-origin-resource-policy")
    assert [picture.headers[name] for name in told] == ["image/png", FOR_GOOD, "nosniff", "same-origin"]
    assert "default-src 'none'" in picture.headers["content-security-policy"]
    assert (thumbnail.content, thumbnail.headers["cache-control"]) == (picture.content, "no-store")
    entry = await AuditEntry.get(action=Action.LOGO_PUT)
    assert (entry.actor, entry.details) == (omar.actor, {"logo": logo.id, "mark": logo.mark})


@SQLITE
async def test_another_replaces_it_at_another_address_and_it_is_taken_away(
    database: Database, event: Event, omar: Staff
) -> None:
    marks = []
    async with browsing(database, omar) as client:
        for picture in (plain(), plain("JPEG", size=(90, 90))):
            await sends(client, event, picture)
            marks += [logo.mark for logo in await HostLogo.all()]
        paths = [f"/e/{event.slug}/logos/{mark}.png" for mark in marks]
        found = [(await client.get(path)).status_code for path in paths]
        [logo] = await HostLogo.all()
        gone = await client.post(desk(event, "event", "logos", logo.id, "take-away"))
        twice = await client.post(desk(event, "event", "logos", logo.id, "take-away"))
        page, after = await client.get(f"/e/{event.slug}"), await client.get(paths[1])
    assert (logo.alt, found, len(marks)) == (PLACES, [404, 200], 2)
    assert (gone.status_code, twice.status_code, after.status_code, "<img" in page.text) == (303, 409, 404, False)


@SQLITE
async def test_what_cannot_be_taken_is_said_and_what_was_typed_stays(
    database: Database, event: Event, omar: Staff, vic: Staff
) -> None:
    async with browsing(database, vic) as client:
        assert (await sends(client, event, plain())).status_code == 403
    async with browsing(database, omar) as client:
        told = {
            "Select a picture": await sends(client, event, None, alt="Words"),
            "Select whose logo it is": await sends(client, event, plain(), host="Somebody else", alt="Words"),
            "This is no PNG, JPEG or WebP picture": await sends(client, event, SCRIPT.encode(), alt="Words"),
        }
        as_browsers: Any = {"host": (None, PLACES), "file": ("a.png", bytes(8 * MOST_BYTES)), "alt": (None, "Words")}
        huge = await client.post(desk(event, "event", "logos"), files=as_browsers)
        large = await sends(client, event, bytes(MOST_BYTES + 1), alt="Words")
        told |= {TOO_LARGE: large, TOO_LARGE[:-1]: huge}
        long = await sends(client, event, plain(), alt="ä" * 20_000)
    assert ("must be 200 characters or fewer" in words(long.text), "ä" * 20_000 in long.text) == (True, True)
    assert [says for says, answer in told.items() if says not in words(answer.text)] == []
    assert {answer.status_code for answer in told.values()} == {413, 422}
    assert [says for says, answer in told.items() if 'value="Words"' not in answer.text] == []
    assert [TOO_LARGE in words(answer.text) for answer in (huge, large)] == [True, True]
    assert (huge.status_code, large.status_code, await HostLogo.all().count()) == (413, 413, 0)


@SQLITE
async def test_no_logo_of_one_event_is_at_an_address_of_another(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    other = await an_event()
    theirs = await logos.put(other, PLACES, Picture(plain(), 480, 80), "", by=lena, at=MONDAY)
    async with browsing(database, omar) as client:
        crossed = [f"/e/{event.slug}/logos/{theirs.mark}.png", desk(event, "event", "logos", f"{theirs.mark}.png")]
        found = [(await client.get(path)).status_code for path in crossed]
        found += [(await client.get(desk(other, "event", "logos", f"{theirs.mark}.png"))).status_code]
        taken = await client.post(desk(event, "event", "logos", theirs.id, "take-away"))
        control = await client.get(f"/e/{other.slug}/logos/{theirs.mark}.png")
    assert (found, taken.status_code, control.status_code) == ([404, 404, 404], 409, 200)
    assert await HostLogo.filter(event_id=other.id).count() == 1


@SQLITE
async def test_of_a_draft_beside_another_event_the_desk_alone_has_them(
    database: Database, event: Event, lena: Staff, omar: Staff
) -> None:
    await an_event()
    logo = await logos.put(event, PLACES, Picture(plain(), 480, 80), "", by=lena, at=MONDAY)
    await Event.filter(id=event.id).update(state=EventState.DRAFT)
    live.publish(PUBLIC)
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "event", "public-page"))
        outside = await client.get(f"/e/{event.slug}/logos/{logo.mark}.png")
        inside = await client.get(desk(event, "event", "logos", f"{logo.mark}.png"))
    assert f'src="{desk(event, "event", "logos", logo.mark)}.png"' in page.text
    assert (outside.status_code, inside.status_code) == (404, 200)


async def test_two_who_put_one_at_once_leave_one_and_a_host_that_is_gone_has_none(
    database: Database, event: Event, lena: Staff
) -> None:
    pictures = [Picture(plain(size=(n, n)), n, n) for n in range(10, 14)]
    await asyncio.gather(*(logos.put(event, PLACES, picture, "", by=lena, at=MONDAY) for picture in pictures))
    await logos.put(event, RIVERS, pictures[0], "", by=lena, at=MONDAY)
    assert [logo.host for logo in await logos_of(event)] == [PLACES, RIVERS]
    await Event.filter(id=event.id).update(hosts=event.hosts[1:])
    now = await Event.get(id=event.id)
    assert [logo.host for logo in await logos_of(now)] == [RIVERS]
    with pytest.raises(Refused, match="The hosts of this event have changed"):
        await logos.put(now, PLACES, pictures[0], "", by=lena, at=MONDAY)


@SQLITE
async def test_words_that_say_where_the_event_is_are_refused(database: Database, event: Event, omar: Staff) -> None:
    """But for the name of the host itself, after which the house may be called."""
    await Event.filter(id=event.id).update(**in_columns(event, {"venue": f"{RIVERS} Hall, 1 High Street"}))
    async with browsing(database, omar) as client:
        for where in ("In the district hall", "Safer Places, 1 High Street"):
            refused = await sends(client, event, plain(), alt=where)
            assert (refused.status_code, "These words say where the event is" in words(refused.text)) == (422, True)
        assert await HostLogo.all().count() == 0
        assert (await sends(client, event, plain(), alt=f"Logo of {RIVERS}", host=RIVERS)).status_code == 303
