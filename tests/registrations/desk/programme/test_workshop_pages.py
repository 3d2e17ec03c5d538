"""Organisers give out the places of a slot at the desk, check the draw, and move somebody by hand.

Rules: EV-01, SE-09.
"""

from events.accounts.staff import Session, Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database, query
from events.programme import changing
from events.programme.changing import Times
from events.programme.programme import ShownTo, Words
from registrations.people import needs
from registrations.workshops import allocating, choice, joining
from registrations.workshops.place import WorkshopPlace
from tests.at_the_desk import desk, notice
from tests.browser import browsing, heading, words
from tests.events.programme.programmes import a_programme, a_workshop
from tests.people import MONDAY, THE_DAY, Person
from tests.registrations.privacy.retention.going import went
from tests.registrations.workshops.guests import a_guest, chooses, takes_part


def path(event: Event, slot: int, *parts: object) -> str:
    return desk(event, "programme", "slots", slot, "workshops", *parts)


async def test_omar_gives_out_the_places_once_he_has_proved_himself(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    filled, guest = await a_programme(event, omar), await a_guest(event, ada)
    await chooses(guest, filled.slot, filled.first.id)
    there = path(event, filled.slot.id, "allocate")
    async with browsing(database, omar) as client:
        await Session.all().update(stepped_up_at=None, both_proved_at=None)
        assert "/staff/step-up" in (await client.get(there)).headers["location"]
        await Session.all().update(stepped_up_at=clock.real())
        assert "checked" not in (await client.get(there)).text
        assert "Everybody who has chosen gets one email" in words((await client.get(there)).text)
        assert (await client.post(there, data={})).status_code == 422
        assert await WorkshopPlace.all().count() == 0
        done = await client.post(there, data={"leftover": "no"})
        page = await client.get(done.headers["location"])
        assert (
            notice(page)
            == "The places are given out. Everybody who chose gets one email, while guests see the programme."
        )
        assert "Safety planning 2 1 0 1" in words(page.text)
        again = await client.post(there, data={"leftover": "no"})
        assert "given out these places already" in notice(await client.get(again.headers["location"]))
    assert await WorkshopPlace.all().count() == 1


async def test_the_check_says_whether_the_draw_comes_to_the_same(
    database: Database, event: Event, ada: Person, omar: Staff, vic: Staff
) -> None:
    filled = await takes_part(await a_guest(event, ada), event, omar)
    allocation = await choice.allocation_of(filled.slot.id)
    assert allocation is not None
    async with browsing(database, vic) as client:
        page = await client.get(path(event, filled.slot.id, "check"))
        assert heading(page) == "The draw comes to the same again"
        assert allocation.seed in page.text
        await query("UPDATE lot SET got = ? RETURNING id", [filled.second.id])
        assert heading(await client.get(path(event, filled.slot.id, "check"))) == "The draw does not come to the same"


async def test_once_what_people_chose_is_deleted_the_check_says_that_and_accuses_nobody(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    filled = await takes_part(await a_guest(event, ada), event, omar)
    check = path(event, filled.slot.id, "check")
    async with browsing(database, omar) as client:
        assert await went("lots", THE_DAY + needs.KEPT.time) == 1
        page = await client.get(check)
    assert heading(page) == "The draw cannot be checked any more"
    assert "Somebody has changed" not in page.text


async def test_lots_that_somebody_else_took_out_are_no_deletion_of_ours(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    filled = await takes_part(await a_guest(event, ada), event, omar)
    await query("DELETE FROM lot RETURNING id")
    async with browsing(database, omar) as client:
        page = await client.get(path(event, filled.slot.id, "check"))
    assert heading(page) == "The draw does not come to the same"


async def test_a_persons_page_says_what_they_chose_and_got_and_omar_moves_them(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    guest = await a_guest(event, ada)
    filled = await takes_part(guest, event, omar)
    there = desk(event, "people", guest.id, "workshops", filled.slot.id)
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "people", guest.id))
        assert "10:00 to 11:00: Safety planning (First choice: Safety planning. Second choice: Working" in words(
            page.text
        )
        assert there in page.text
        asked = await client.get(there)
        assert "Now: Safety planning" in words(asked.text)
        assert "checked" not in asked.text
        assert "They get one email about it" in words(asked.text)
        await changing.show_to(event, ShownTo.NOBODY, by=omar, at=MONDAY)
        assert "so nobody gets an email about it" in words((await client.get(there)).text)
        done = await client.post(there, data={"workshop": str(filled.second.id)})
        assert notice(await client.get(done.headers["location"])) == "Saved which workshop they take part in."
    [place] = await WorkshopPlace.all()
    assert (place.workshop_id, place.given_by) == (filled.second.id, omar.actor)


async def test_a_full_workshop_is_refused_and_the_question_before_taking_it_out_says_who_loses(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    filled, guest, other = await a_programme(event, omar, capacity=1), await a_guest(event, ada), await a_guest(event)
    await chooses(guest, filled.slot, filled.first.id)
    async with browsing(database, omar) as client:
        before = words((await client.get(desk(event, "programme", filled.first.id, "take-out"))).text)
        assert "It is the first choice of 1, and the second of 0. Whoever wants it first has to choose anew." in before
        assert await allocating.allocate(event, filled.slot.id, False, by=omar, at=MONDAY, real=clock.real())
        there = desk(event, "people", other.id, "workshops", filled.slot.id)
        full = await client.post(there, data={"workshop": str(filled.first.id)})
        assert (full.status_code, joining.FULL in words(full.text)) == (409, True)
        asked = await client.get(desk(event, "programme", filled.first.id, "take-out"))
        assert "1 guest has a place in it, and will have none." in words(asked.text)
        assert "choose anew" not in words(asked.text), "places are given out: nobody chooses any more"
        assert "loses a place or a choice by it gets one email" in words(asked.text)
        await client.post(desk(event, "programme", filled.first.id, "take-out"))
    assert await WorkshopPlace.all().count() == 0


async def test_once_places_are_given_out_the_programme_says_how_many_are_taken(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        filled = await takes_part(await a_guest(event, ada), event, omar)
        page = words((await client.get(desk(event, "programme"))).text)
        assert "1 of 2 taken" in page
        assert "0 of 2 taken" in page
        assert "At most" not in page
        filled.first.event = event
        later = await changing.add_slot(event, Times(780, 840), by=omar, at=MONDAY)
        await a_workshop(event, later, "Evidence", 5, omar)
        await changing.change_workshop(
            filled.first, Words("Safety planning"), 0, 0, by=omar, at=MONDAY, real=clock.real()
        )
        page = words((await client.get(desk(event, "programme"))).text)
    assert ("1 taken" in page, "At most 5" in page) == (True, True)
