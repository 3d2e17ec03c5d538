"""A lead copies an event for the next time: what was written and set comes along, and nobody who asked, came or worked.

Drafts are on no public page beside another event.
"""

import asyncio
from datetime import date, timedelta
from pathlib import Path

import httpx2
import pytest

from events.accounts.staff import Role, RoleName, Session, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.content import copying, logos
from events.content.copying import COPIED, ProgrammeCopied, Wanted, copy_event
from events.content.logo import HostLogo, logos_of
from events.content.picture import Picture
from events.event import PUBLIC, Event, EventState
from events.ground import clock, data_keys, live
from events.ground.data_keys import DataKeys
from events.ground.database import Database, query
from events.ground.refusal import Refused
from events.known_organisation import KnownOrganisation, Treatment
from events.processor import Processor
from events.programme.changing import Times, add_session, add_slot, add_workshop, show_to
from events.programme.programme import ProgrammeItem, ShownTo, Words, programme_of
from registrations.checkin.rooms import copied_doors as copied_doors  # by which doors are copied too
from registrations.codes.room import ComesIn
from registrations.people.registration import Registration
from registrations.phones.door import Door
from tests.at_the_desk import desk
from tests.browser import browsing, heading, words
from tests.events.public_pages import PATHS
from tests.people import MONDAY, THE_DAY, a_door, a_phone, a_room, an_event, confirmed, queued, someone
from tests.tables import models

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
NEXT = date(2019, 11, 18)
WANTED = Wanted("Working together", "together-2019", NEXT, ProgrammeCopied.TITLES)
NOT_COPIED = {  # made anew, moved with the day, counted, of the building, sealed under the old key, or asked again
    "id", "slug", "title", "day", "state", "created_at", "salt", "key_fingerprint", "data_key", "starts_at", "ends_at",
    "doors_open_at", "doors_closing_at", "doors_closed_at", "doors_closed_by", "taken", "next_n", "list_version",
    "list_whole_since", "calendar_version", "people_version", "venue_sealed", "access_facts", "venue_released_at",
    "dpia_reference", "lead_phone_sealed", "bring_sealed", "wellbeing_sealed",
}  # fmt: skip
OF_THE_COPY = {
    "event", "processor", "known_organisation", "programme", "slot", "programme_item", "role", "door", "audit_entry",
    "host_logo",
}  # fmt: skip


async def a_full_event(by: Staff) -> Event:
    """Whatever an event can have, as far as it is copied, and somebody who asked."""
    event = await an_event()
    wants = {
        "public_text": "# Come",
        "colour": "#0b7a75",
        "domain_cap": 4,
        "changes_until": 2,
        "automatic_offers": False,
    }
    await Event.filter(id=event.id).update(**wants, taken=3, emails_off=["thanks"], access_facts="A ramp")
    event = await Event.get(id=event.id)
    await add_session(event, Words("Welcome", "By Wanda Whitfield", "Hall"), Times(570, 600), by=by, at=MONDAY)
    slot = await add_slot(event, Times(660, 720), by=by, at=MONDAY)
    workshop = await add_workshop(event, slot.id, Words("Signs", "Text", "Room 2", "Loud"), 12, by=by, at=MONDAY)
    await show_to(event, ShownTo.EVERYBODY, by=by, at=MONDAY)
    await KnownOrganisation.create(event=event, domain="a.example", kind="police", treatment="partner", area="Westmoor")
    await logos.put(event, event.hosts[0]["name"], Picture(b"a picture", 40, 20), "", by=by, at=MONDAY)
    await a_phone(await a_door(event))
    room = await a_room(event)
    await Door.filter(id=room.id).update(
        comes_in=ComesIn.REGISTERED.value, for_slot_id=slot.id, for_workshop_id=workshop.id, capacity=12,
        opens_at=clock.at_venue(event.day, 10, 30),
    )  # fmt: skip
    await confirmed(someone(), event)
    return event


async def test_what_was_written_and_set_comes_along_with_a_key_of_its_own(
    database: Database, lena: Staff, tmp_path: Path
) -> None:
    data_keys.install(DataKeys(tmp_path / "keys"))
    event = await a_full_event(lena)
    made = await Event.get(id=(await copy_event(event, WANTED, by=lena, at=MONDAY)).id)
    assert {name: getattr(made, name) for name in COPIED} == {name: getattr(event, name) for name in COPIED}
    assert (made.title, made.slug, made.day, made.state) == (*list(vars(WANTED).values())[:3], EventState.DRAFT)
    assert (made.doors_open_at, made.starts_at, made.ends_at) == tuple(
        clock.at_venue(NEXT, *time) for time in ((9, 0), (9, 30), (16, 0))
    )
    assert made.data_key != event.data_key
    assert DataKeys(tmp_path / "keys").make(made.slug) == made.data_key, "in a file, where each process finds it"
    opened = [part.words for part in await ProgrammeItem.filter(event_id=made.id).order_by("id")]
    assert opened == [Words("Welcome"), Words("Signs")]
    left = (made.venue, made.access_facts, made.dpia_reference, made.lead_phone, made.bring, made.wellbeing, made.taken)
    assert left == ("", "", "", "", "", "", 0)
    registers = [Processor.filter(event_id=id_).order_by("id") for id_ in (event.id, made.id)]
    ours, theirs = [await register.values_list("name", "contract") for register in registers]
    assert (ours, len(ours)) == (theirs, 2)
    shown = [(logo.host, logo.mark, logo.width) for logo in await logos_of(made)]
    assert shown == [(logo.host, logo.mark, logo.width) for logo in await logos_of(event)]
    assert [logo.picture for logo in await HostLogo.all()] == [b"a picture"] * 2
    [known] = await KnownOrganisation.filter(event_id=made.id)
    assert (known.domain, known.treatment, known.area) == ("a.example", Treatment.PARTNER, "Westmoor")


async def test_the_programme_comes_without_rooms_and_texts_unless_they_are_asked_for(
    database: Database, lena: Staff
) -> None:
    event, found = await a_full_event(lena), {}
    for how in ProgrammeCopied:
        wanted = Wanted("Next", f"next-{how.value}", NEXT, how)
        whole = await programme_of(await copy_event(event, wanted, by=lena, at=MONDAY))
        found[how] = [(line.hours, [entry.words for entry in line.entries]) for line in whole.lines]
        assert whole.shown_to is ShownTo.NOBODY
    assert found == {
        ProgrammeCopied.NOTHING: [],
        ProgrammeCopied.TITLES: [("09:30 to 10:00", [Words("Welcome")]), ("11:00 to 12:00", [Words("Signs")])],
        ProgrammeCopied.TEXTS: [
            ("09:30 to 10:00", [Words("Welcome", "By Wanda Whitfield")]),
            ("11:00 to 12:00", [Words("Signs", "Text", "", "Loud")]),
        ],
    }


async def test_doors_come_with_their_hours_and_lead_to_parts_of_the_copy_alone(database: Database, lena: Staff) -> None:
    event, found = await a_full_event(lena), []
    for how in (ProgrammeCopied.NOTHING, ProgrammeCopied.TITLES):
        made = await copy_event(event, Wanted("Next", f"next-{how.value}", NEXT, how), by=lena, at=MONDAY)
        entrance, room = await Door.filter(event_id=made.id).order_by("id")
        assert (entrance.name, room.name, entrance.presence, room.presence) == ("Main door", "Workshop A", 0, room.id)
        assert (room.capacity, room.opens_at) == (12, clock.at_venue(NEXT, 10, 30))
        workshops = [entry.item for line in (await programme_of(made)).lines for entry in line.workshops]
        theirs = [(room.for_slot_id, room.for_workshop_id) == (part.slot_id, part.id) for part in workshops]
        found.append((room.comes_in, room.for_slot_id is None, theirs))
    assert found == [(ComesIn.EVERYBODY.value, True, []), (ComesIn.REGISTERED.value, False, [True])]


async def test_nothing_else_of_it_has_a_row(database: Database, lena: Staff) -> None:
    """Each table that has rows of an event, as the database sees it: people, phones, paper and emails stay there."""
    event = await a_full_event(lena)
    made = await copy_event(event, WANTED, by=lena, at=MONDAY)
    counted = {}
    for model in models():
        table, columns = model._meta.db_table, model._meta.fields_db_projection.values()
        if "event_id" in columns:
            rows = await query(f"SELECT count(*) AS n FROM {table} WHERE event_id = ?", [made.id])  # noqa: S608
            counted[table] = rows[0]["n"]
    assert {table for table, n in counted.items() if n} | {"event"} == OF_THE_COPY
    assert (await Registration.all().count(), await queued()) == (1, [])
    [role] = await Role.filter(event_id=made.id).prefetch_related("staff")
    assert (role.staff.id, role.name, role.is_ours) == (lena.id, RoleName.LEAD, True)
    entries = await AuditEntry.filter(action=Action.EVENT_COPIED).order_by("id")
    assert [(entry.event_id, entry.actor, entry.details) for entry in entries] == [
        (event.id, lena.actor, {"to": made.id}), (made.id, lena.actor, {"of": event.id})
    ]  # fmt: skip


def test_each_column_of_an_event_is_copied_or_left_by_decision() -> None:
    """A new column is put into COPIED, or into the list above with what becomes of it."""
    columns = {name for name in Event._meta.fields_map if name in Event._meta.fields_db_projection}
    assert columns == set(COPIED) | NOT_COPIED
    assert set(COPIED) & NOT_COPIED == set()


async def test_two_copies_with_one_short_name_at_once_are_one(
    database: Database, event: Event, lena: Staff, tmp_path: Path
) -> None:
    data_keys.install(DataKeys(tmp_path / "keys"))
    answers = await asyncio.gather(
        *(copy_event(event, WANTED, by=lena, at=MONDAY) for _ in range(4)), return_exceptions=True
    )
    made = [answer for answer in answers if isinstance(answer, Event)]
    refused = [str(answer) for answer in answers if isinstance(answer, Refused)]
    assert (len(made), refused) == (1, [f"{copying.SLUG_TAKEN}."] * 3)
    assert await Event.filter(slug=WANTED.slug).count() == await Role.filter(event_id=made[0].id).count() == 1
    assert data_keys.kept().fingerprints_of(WANTED.slug) == [made[0].data_key]


@SQLITE
async def test_where_the_key_cannot_be_written_there_is_no_event(
    database: Database, event: Event, lena: Staff, tmp_path: Path
) -> None:
    (tmp_path / "keys").write_text("in the way of the folder")
    data_keys.install(DataKeys(tmp_path / "keys"))
    with pytest.raises(Refused, match="The data key of the new event could not be written"):
        await copy_event(event, WANTED, by=lena, at=MONDAY)
    assert await Event.all().count() == 1


TYPED = {"title": "Working together", "slug": "together-2019", "day": "18/11/2019", "programme": "titles"}


@SQLITE
async def test_the_page_is_a_leads_who_has_just_proved_it_and_says_what_is_wrong(
    database: Database, event: Event, lena: Staff, omar: Staff
) -> None:
    clock.move_to(MONDAY)
    here, other = desk(event, "event", "copy"), await an_event()
    wrong = {
        "title": ("", "Enter the title"), "day": ("2019-04-01", "The day must be in the future"),
        "slug": (other.slug, copying.SLUG_TAKEN), "programme": ("", "Select how much of the programme to copy"),
    }  # fmt: skip
    slugs = ("Together", "a b", "a--b", "-a", "../a", "a/b", "\u0430", "a" * 61, "")
    async with browsing(database, omar) as client:
        assert (await client.post(here, data=TYPED)).status_code == 403
        assert here not in (await client.get(desk(event, "event"))).text
    async with browsing(database, lena) as client:
        assert here in (await client.get(desk(event, "event"))).text
        told = {name: await client.post(here, data=TYPED | {name: typed}) for name, (typed, _) in wrong.items()}
        bad = [(await client.post(here, data=TYPED | {"slug": slug})).status_code for slug in slugs]
        await Session.all().update(stepped_up_at=None)
        assert (await client.post(here, data=TYPED)).headers["location"].startswith("/staff/step-up?")
        assert await Event.all().count() == 2
        await Session.all().update(stepped_up_at=clock.real())
        done = await client.post(here, data=TYPED)
        page = await client.get(done.headers["location"])
    assert {name: answer.status_code for name, answer in told.items()} == dict.fromkeys(wrong, 422)
    assert [name for name, (_, says) in wrong.items() if words(told[name].text).count(says) < 2] == []
    assert bad == [422] * len(slugs)
    assert done.headers["location"] == "/desk/together-2019/event?said=copied"
    assert (heading(page), "This is the copy, as a draft." in words(page.text)) == ("Working together", True)


@SQLITE
async def test_a_programme_that_nobody_can_read_any_more_is_not_copied(
    database: Database, event: Event, lena: Staff
) -> None:
    await Event.filter(id=event.id).update(data_key="")
    with pytest.raises(Refused, match="The data key of this event is destroyed"):
        await copy_event(event, WANTED, by=lena, at=THE_DAY)
    assert await Event.all().count() == 1
    without = Wanted(WANTED.title, WANTED.slug, NEXT, ProgrammeCopied.NOTHING)
    assert (await copy_event(event, without, by=lena, at=THE_DAY)).data_key != ""


@SQLITE
async def test_a_draft_beside_another_event_is_found_by_nobody_outside(
    database: Database, event: Event, lena: Staff, omar: Staff
) -> None:
    """On no page of all events, and at no address of its own, until registration opens; then all have it."""
    clock.move_to(MONDAY)
    made = await copy_event(event, WANTED, by=lena, at=MONDAY)
    own = [
        "",
        "/ask",
        "/ask/name",
        "/lost-link",
        "/complaint",
        "/complaint/sent",
        "/given-up",
        "/address-deleted",
        "/asked",
    ]
    async with browsing(database) as client:
        live.publish(PUBLIC)
        shown = [(await client.get(path)).text for path in PATHS]
        answers = [(await client.get(f"/e/{made.slug}{path}"), await client.get(f"/e/nobody{path}")) for path in own]
        complaint = await client.post(f"/e/{made.slug}/complaint", data={})
        await Event.filter(id=made.id).update(state=EventState.OPEN)
        live.publish(PUBLIC)
        listed, page = await client.get("/"), await client.get(f"/e/{made.slug}")
    assert [path for path, text in zip(PATHS, shown, strict=True) if WANTED.title in text] == []
    assert [same_but_for_the_address(*pair) for pair in answers] == [True] * len(own)
    assert ([draft.status_code for draft, _ in answers], complaint.status_code) == ([404] * len(own), 404)
    assert (f'href="/e/{made.slug}"' in listed.text, f'href="/e/{event.slug}"' in listed.text) == (True, True)
    assert heading(page) == WANTED.title


def same_but_for_the_address(draft: httpx2.Response, nobody: httpx2.Response) -> bool:
    return draft.status_code == nobody.status_code and draft.text == nobody.text


@SQLITE
async def test_staff_see_the_public_page_of_a_draft_at_its_desk(
    database: Database, event: Event, lena: Staff, omar: Staff
) -> None:
    made = await copy_event(event, WANTED, by=lena, at=MONDAY)
    async with browsing(database, lena) as client:
        page = await client.get(desk(made, "event", "public-page"))
        mine = await client.get("/desk")
    async with browsing(database, omar) as client:
        refused = await client.get(desk(made, "event", "public-page"))
    assert (heading(page), "You cannot ask for a place yet" in words(page.text)) == (WANTED.title, True)
    assert page.headers["x-robots-tag"].startswith("noindex")
    assert [f'href="/desk/{slug}"' in mine.text for slug in (event.slug, made.slug)] == [True, True]
    assert refused.status_code == 404


@SQLITE
async def test_the_copy_can_be_copied_and_opened_like_any(database: Database, event: Event, lena: Staff) -> None:
    made = await copy_event(event, WANTED, by=lena, at=MONDAY)
    again = Wanted("Again", "again", NEXT + timedelta(days=7), ProgrammeCopied.TEXTS)
    assert (await copy_event(made, again, by=lena, at=MONDAY)).starts_at == clock.at_venue(again.day, 9, 30)
    async with browsing(database, lena) as client:
        await client.post(desk(made, "event", "dpia"), data={"dpia_reference": "DPIA-2"})
        opened = await client.post(desk(made, "event", "registration", "open"))
    assert (opened.status_code, (await Event.get(id=made.id)).state) == (303, EventState.OPEN)
