"""The event at the desk: what is wrong is said where it is, the venue is shown to few, and opening says what lacks."""

from datetime import timedelta

import pytest

from events.accounts.staff import Session, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import SEALED, Event, EventState
from events.ground import clock
from events.ground.database import Database
from tests.at_the_desk import green
from tests.browser import browsing, heading, words
from tests.people import VENUE_CANARY, queued

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


def desk(event: Event, *parts: str) -> str:
    return "/".join(["/desk", event.slug, "event", *parts])


async def anew(event: Event) -> Event:
    return await Event.get(id=event.id)


async def test_the_venue_is_shown_to_organisers_who_prove_it_again_and_all_leads_are_told(
    database: Database, event: Event, lena: Staff, omar: Staff, vic: Staff
) -> None:
    pages = [(staff, path) for staff in (omar, vic) for path in ("", "venue", "contacts")]
    for staff, path in pages:
        async with browsing(database, staff) as client:
            assert VENUE_CANARY not in (await client.get(desk(event, path))).text, "looking shows it to nobody"
    async with browsing(database, vic) as client:
        assert (await client.post(desk(event, "venue", "show"))).status_code == 403
    assert await queued() == []
    async with browsing(database, omar) as client:
        assert VENUE_CANARY in (await client.post(desk(event, "venue", "show"))).text
        await Session.all().update(stepped_up_at=None)
        again = await client.post(desk(event, "venue", "show"))
        assert again.headers["location"].startswith("/staff/step-up?")
    [entry] = await AuditEntry.filter(action=Action.VENUE_READ)
    assert (entry.actor, VENUE_CANARY in str(entry.details)) == (omar.actor, False)
    assert await queued() == [("lead_alert", lena.id)]


async def test_a_released_venue_is_shown_without_telling_anybody(database: Database, event: Event, omar: Staff) -> None:
    await Event.filter(id=event.id).update(venue_released_at=clock.now())
    async with browsing(database, omar) as client:
        assert VENUE_CANARY in (await client.get(desk(event))).text
        assert VENUE_CANARY in (await client.post(desk(event, "venue", "show"))).text
    assert await AuditEntry.filter(action=Action.VENUE_READ).count() == 0


@pytest.mark.parametrize("what", SEALED)
async def test_a_sealed_text_that_cannot_be_read_does_not_say_that_none_is_set(
    database: Database, event: Event, lena: Staff, what: str
) -> None:
    await Event.filter(id=event.id).update(venue_released_at=clock.now())
    told = []
    for damaged in (None, b"damaged"):
        await Event.filter(id=event.id).update(**{f"{f}_sealed": None for f in SEALED} | {f"{what}_sealed": damaged})
        async with browsing(database, lena) as client:
            told.append(words((await client.get(desk(event))).text).lower().count("cannot be read"))
    assert told == [0, 1]


@pytest.mark.parametrize(
    ("part", "posted", "kept"),
    [
        ("bring", {"bring": "A pen\r\n\r\n  A  badge \x00"}, {"bring": "A pen\nA badge"}),
        ("wellbeing", {"wellbeing": "Room 2 is quiet"}, {"wellbeing": "Room 2 is quiet"}),
        ("venue", {"venue": "New Hall\r\n2 Example Street"}, {"venue": "New Hall\n2 Example Street"}),
        ("access", {"access_facts": "Ramp"}, {"access_facts": "Ramp"}),
        ("places", {"capacity": "80", "allowance": "5"}, {"capacity": 80, "allowance": 5}),
        ("changes", {"changes_until": "3"}, {"changes_until": 3}),
        ("dpia", {"dpia_reference": "DPIA-2"}, {"dpia_reference": "DPIA-2"}),
        (
            "contacts",
            {
                "contact_email": "Help@Hosts.example.org",
                "contact_phone": "01632 960 009",
                "lead_phone": "07700 900 111",
            },
            {
                "contact_email": "help@hosts.example.org",
                "contact_phone": "01632 960 009",
                "lead_phone": "07700 900 111",
            },
        ),
    ],
)
async def test_each_part_is_shown_filled_and_saved(
    database: Database, event: Event, omar: Staff, part: str, posted: dict[str, str], kept: dict[str, object]
) -> None:
    async with browsing(database, omar) as client:
        assert (await client.get(desk(event, part))).status_code == 200
        done = await client.post(desk(event, part), data=posted)
        same = await client.post(desk(event, part), data=posted)
        page = await client.get(done.headers["location"])
    now = await anew(event)
    assert {name: getattr(now, name) for name in kept} == kept
    assert "Saved." in page.text
    assert same.headers["location"].endswith("?said=same")
    assert (await AuditEntry.get(action=Action.EVENT_CHANGED)).actor == omar.actor


async def test_hours_are_the_venues_and_in_order(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        assert 'value="09:30"' in (await client.get(desk(event, "hours"))).text
        wrong = await client.post(
            desk(event, "hours"), data={"doors_open_at": "25:00", "starts_at": "10:00", "ends_at": "9.30"}
        )
        assert wrong.status_code == 422
        assert wrong.text.count("Doors open must be a time like 09:30") == 2
        assert wrong.text.count("End must be after the start") == 2
        assert 'value="9.30"' in wrong.text
        await client.post(desk(event, "hours"), data={"doors_open_at": "8.45", "starts_at": "0915", "ends_at": ""})
    now = await anew(event)
    assert (now.doors_open_at, now.starts_at, now.ends_at) == (
        clock.at_venue(event.day, 8, 45), clock.at_venue(event.day, 9, 15), None
    )  # fmt: skip


NOTICE = {
    "legal_basis": "Public task\r\nand interests", "arrangement": "Both", "transfers": "None",
    "keeping": "90 days", "officer0": "dpo@hosts.example.org",
    "officer1": "Dee Officer, 01632 960 008",
}  # fmt: skip


async def test_the_privacy_notice_is_filled_at_the_desk_and_everyone_can_read_it(
    database: Database, event: Event, omar: Staff
) -> None:
    hosts = [{name: host[name] for name in ("name", "email", "phone")} for host in event.hosts]
    await Event.filter(id=event.id).update(hosts=hosts, facts={"area": "Westmoor"}, state=EventState.DRAFT)
    async with browsing(database, omar) as client:
        lacking = await client.get(desk(event))
        assert lacking.text.count("<li>Privacy notice: ") == 6
        assert "Open registration" not in lacking.text
        wrong = await client.post(desk(event, "privacy"), data=NOTICE | {"transfers": " ", "officer1": ""})
        assert wrong.status_code == 422
        assert wrong.text.count("Enter whether it leaves the United Kingdom") == 2
        assert wrong.text.count("Enter the data protection contact of Three Rivers District Council") == 2
        await client.post(desk(event, "privacy"), data=NOTICE)
        assert "Open registration" in (await client.get(desk(event))).text
        assert "Public task\nand interests" in (await client.get(desk(event, "privacy"))).text
        notice = words((await client.get("/privacy")).text)
    now = await anew(event)
    assert now.hosts == [
        hosts[0] | {"data_protection": "dpo@hosts.example.org"},
        hosts[1] | {"data_protection": "Dee Officer, 01632 960 008"},
    ]
    assert (now.facts["area"], now.facts["privacy"]["legal_basis"]) == ("Westmoor", "Public task\nand interests")
    assert [said for said in ("Public task", "Dee Officer", "90 days") if said not in notice] == []


async def test_hosts_keep_what_is_not_asked_here(database: Database, event: Event, omar: Staff) -> None:
    hosts = [host | {"data_protection": "dpo@hosts.example.org"} for host in event.hosts]
    await Event.filter(id=event.id).update(hosts=hosts)
    posted = {"email0": "new@hosts.example.org", "phone0": "", "email1": "", "phone1": "not a number"}
    async with browsing(database, omar) as client:
        wrong = await client.post(desk(event, "hosts"), data=posted)
        assert wrong.text.count("Enter a telephone number, like 01632 960 001") == 2
        await client.post(desk(event, "hosts"), data=posted | {"phone1": "01632 960 009"})
    assert (await anew(event)).hosts == [
        hosts[0] | {"email": "new@hosts.example.org", "phone": ""},
        hosts[1] | {"email": "", "phone": "01632 960 009"},
    ]


async def test_fewer_places_than_are_given_out_need_a_yes(database: Database, event: Event, omar: Staff) -> None:
    await Event.filter(id=event.id).update(taken=100)
    fewer = {"capacity": "90", "allowance": "5"}
    async with browsing(database, omar) as client:
        told = await client.post(desk(event, "places"), data=fewer)
        assert told.status_code == 422
        assert told.text.count("100 places have been given out: with fewer, nobody loses theirs") == 2
        assert (await anew(event)).capacity == 120
        await client.post(desk(event, "places"), data=fewer | {"lower_anyway": "yes"})
    assert (await anew(event)).places == 95


@pytest.mark.parametrize("typed", ["", "-1", "1.5", "many", "١٢", "999999999999"])
async def test_places_are_a_whole_number(database: Database, event: Event, omar: Staff, typed: str) -> None:
    async with browsing(database, omar) as client:
        answer = await client.post(desk(event, "places"), data={"capacity": typed, "allowance": "0"})
    assert answer.status_code == 422
    assert (await anew(event)).capacity == 120


async def test_from_200_places_a_note_says_what_the_law_on_safety_may_ask(
    database: Database, event: Event, omar: Staff
) -> None:
    """Rules: SG-17."""
    notes = []
    async with browsing(database, omar) as client:
        for capacity in (199, 200, 799, 800):
            await Event.filter(id=event.id).update(capacity=capacity, allowance=0)
            page = words((await client.get(desk(event, "places"))).text)
            notes += [[number for number in (200, 800) if f"From {number} people at once a venue can have" in page]]
    assert notes == [[], [200], [200], [800]]


async def test_no_such_part(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        assert (await client.get(desk(event, "taken"))).status_code == 404
        assert (await client.post(desk(event, "registration", "delete"))).status_code == 404


async def test_opening_says_what_lacks_then_opens_and_closes(database: Database, event: Event, omar: Staff) -> None:
    await Event.filter(id=event.id).update(state=EventState.DRAFT, dpia_reference="")
    async with browsing(database, omar) as client:
        page = await client.get(desk(event))
        assert "The reference of the signed data protection impact assessment (DPIA)" in page.text
        assert "Open registration" not in page.text
        refused = await client.post(desk(event, "registration", "open"))
        assert (refused.status_code, "Registration cannot be opened yet." in refused.text) == (409, True)
        await client.post(desk(event, "dpia"), data={"dpia_reference": "DPIA-9"})
        await client.post(desk(event, "registration", "open"))
        assert (await anew(event)).state is EventState.OPEN
        assert "Registration is open" in (await client.get(desk(event))).text
        await client.post(desk(event, "registration", "close"))
    assert (await anew(event)).state is EventState.CLOSED


async def test_the_day_after_the_page_says_that_it_is_over(database: Database, event: Event, omar: Staff) -> None:
    await Event.filter(id=event.id).update(state=EventState.CLOSED)
    clock.move_to(clock.at_venue(event.day + timedelta(days=1), 9, 0))
    async with browsing(database, omar) as client:
        page = await client.get(desk(event))
        refused = await client.post(desk(event, "registration", "open"))
    assert ("The event is over" in page.text, "Open registration" in page.text) == (True, False)
    assert (refused.status_code, "The day of this event has passed" in refused.text) == (409, True)


async def test_the_venue_is_released_by_a_lead_who_proves_it_again(
    database: Database, event: Event, lena: Staff
) -> None:
    async with browsing(database, lena) as client:
        asked = await client.get(desk(event, "release"))
        assert heading(asked) == "Release the venue?"
        assert (await anew(event)).venue_released_at is None
        await Session.all().update(stepped_up_at=clock.real() - timedelta(minutes=11))
        stale = await client.post(desk(event, "release"), data={"act": "release"})
        assert stale.headers["location"].startswith("/staff/step-up")
        assert (await anew(event)).venue_released_at is None
        await Session.all().update(stepped_up_at=clock.real())
        assert (await client.post(desk(event, "release"), data={})).status_code == 422
        done = await client.post(desk(event, "release"), data={"act": "release"})
        assert "everyone with a place can see it" in words((await client.get(done.headers["location"])).text)
        assert (await anew(event)).venue_released_at is not None
        assert heading(await client.get(desk(event, "release"))) == "Hold the venue back?"
        await client.post(desk(event, "release"), data={"act": "hold-back"})
    assert (await anew(event)).venue_released_at is None


async def test_without_a_venue_the_page_leads_to_it(database: Database, lena: Staff, event: Event) -> None:
    await Event.filter(id=event.id).update(venue_sealed=None)
    async with browsing(database, lena) as client:
        page = await client.get(desk(event, "release"))
    assert desk(event, "venue") in page.text
    assert 'name="act"' not in page.text


async def test_the_venue_is_in_no_record(database: Database, omar: Staff, event: Event) -> None:
    async with browsing(database, omar) as client:
        await client.post(desk(event, "venue"), data={"venue": f"{VENUE_CANARY} Annex"})
    assert [entry.details for entry in await AuditEntry.all()] == [{"changed": ["venue"]}]


async def test_closing_registration_is_undone_by_one_button(database: Database, event: Event, omar: Staff) -> None:
    here = f"/desk/{event.slug}/event"
    async with browsing(database, omar) as client:
        closed = await client.post(f"{here}/registration/close")
        page = await client.get(closed.headers["location"])
        assert green(page) == "Registration is closed. Undo : open registration again"
        assert (await Event.get(id=event.id)).state is EventState.CLOSED
        opened = await client.post(f"{here}/registration/open")
        assert "Registration is open." in (await client.get(opened.headers["location"])).text
        again = await client.get(closed.headers["location"])  # an address that is kept says nothing untrue
    assert green(again) == ""
    assert (await Event.get(id=event.id)).state is EventState.OPEN
