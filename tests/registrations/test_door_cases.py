"""Cases of the door's specification from first clause to last, over HTTP, as phone, desk and thief see them."""

import json
import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.booking import changing, new_address, rechecking
from registrations.booking.changing import Change
from registrations.booking.handing import handing_over
from registrations.checkin import reference_lookup
from registrations.checkin.checkin import settle
from registrations.checkin.scan import Admission, Scan
from registrations.deciding import vetting
from registrations.deciding.vetting import Decision
from registrations.people.registration import OrganisationKind, Registration, State
from registrations.phones import scan_answer
from registrations.phones.door import Device, Door, DoorPass, PassRole
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, rows_of, scan_of, who_is_in
from tests.browser import browsing, words
from tests.door_phone import a_paired_phone, proof_text, row_of, undo_row
from tests.people import MONDAY, THE_DAY, Person, an_event, request_of, someone
from tests.professional import with_ticket
from tests.registrations.booking.addressing import anew, asks
from tests.registrations.booking.handing.handing import CY, told_of
from tests.registrations.booking.handing.handing import asks as hands_over
from tests.registrations.cases import MINUTE, SECOND, on_the_board

pytestmark = pytest.mark.usefixtures("the_day")


SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # what is asked of pages is the same on both


def answers_in(said: httpx2.Response) -> bytes:
    """The bytes of the answers; behind them stand the version of the list and the time."""
    return said.content[: said.content.index(b',"version"')]


async def test_dr02_the_same_request_again_gets_the_same_bytes_and_no_new_row(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    async with a_paired_phone(database, door, omar) as device:
        row = await row_of(ticket)
        first = await device.sends(row)
        assert first.json()["answers"][0]["verdict"] == "ok"
        for seconds in (1, 20):
            clock.move_to(THE_DAY + seconds * SECOND)
            assert answers_in(await device.sends(row | {"age": seconds})) == answers_in(first)
        assert await (await Registration.get(id=ticket.registration_id)).become(State.CANCELLED)
        assert answers_in(await device.sends(row)) == answers_in(first)
        clock.move_to(THE_DAY + MINUTE)
        [late] = (await device.sends(row | {"age": 60})).json()["answers"]
        assert late == scan_answer.nameless(first.json()["answers"][0]), "who has gone in is named to nobody"
        assert answers_in(await device.sends(await row_of(ticket))) != answers_in(first), "another scan is told another"
    assert len(await rows_of("id")) == 2
    assert await who_is_in() == [(ticket.id, row["id"])]


CODES = {
    State.REQUESTED: ("not_approved", "revoked"),
    State.CONFIRMED: ("not_approved", "revoked"),
    State.APPROVED: ("ok", "revoked"),
    State.WAITING: ("waitlisted", "waitlisted"),
    State.OFFERED: ("waitlisted", "waitlisted"),
    State.RECHECKING: ("not_approved", "not_approved"),
    State.NOT_OFFERED: ("not_approved", "not_approved"),
    State.CANCELLED: ("cancelled", "cancelled"),
    State.EXPIRED: ("cancelled", "cancelled"),
}  # with a live ticket, and with one that is dead


@SQLITE
@pytest.mark.parametrize("state", State)
async def test_dr05_each_state_has_its_code_scanned_and_typed_and_only_approved_comes_in(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person, state: State
) -> None:
    ticket = await a_ticket(ada, event)
    await Registration.filter(id=ticket.registration_id).update(state=state)
    async with a_paired_phone(database, door, omar, "Lead", PassRole.DOOR_LEAD) as lead:
        for dead, code in zip((False, True), CODES[state], strict=True):
            await Ticket.filter(id=ticket.id).update(revoked_at=THE_DAY if dead else None)
            await Admission.all().delete()
            typed = (await lead.types(ticket.reference)).json()
            scanned = await lead.hears(await row_of(ticket))
            if code == "ok":
                assert (scanned["verdict"], typed["found"]["name"]) == ("ok", ada.name)
            else:
                refused = {"reference": ticket.reference, "code": code}
                assert (scanned, typed) == ({"verdict": "ask_lead"} | refused, {"ask_lead": refused})
            assert await Admission.all().count() == (code == "ok")
    assert await rows_of("verdict") == list(CODES[state])


async def test_dr07_another_name_keeps_the_qr_and_another_address_or_organisation_waits_for_an_organiser(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person, bo: Person
) -> None:
    renamed, ticket = await with_ticket(ada, event)
    moved, other_ticket = await with_ticket(bo, event)
    third, third_ticket = await with_ticket(someone(), event)
    async with a_paired_phone(database, door, omar, "Lead", PassRole.DOOR_LEAD) as lead:
        await changing.change(await anew(renamed), Change.NAME, "Ada Birch", THE_DAY, clock.real())
        heard = await lead.hears(await row_of(ticket))
        assert (heard["verdict"], heard["name"]) == ("ok", "Ada Birch")
        await rechecking.change_organisation(
            await anew(third), "Lanterns", OrganisationKind.CHARITY, THE_DAY, clock.real()
        )
        assert await new_address.confirm(await asks(moved), MONDAY)
        for waits in (other_ticket, third_ticket):
            heard = await lead.hears(await row_of(waits))
            assert (heard["verdict"], heard["code"]) == ("ask_lead", "not_approved")
        for registration, old in ((moved, other_ticket), (third, third_ticket)):
            await vetting.decide(await anew(registration), Decision.APPROVE, omar, THE_DAY)
            newer = await Ticket.get(registration_id=registration.id, revoked_at=None)
            assert (await lead.hears(await row_of(newer)))["verdict"] == "ok"
            heard = await lead.hears(await row_of(old))
            assert (heard["verdict"], heard["code"]) == ("ask_lead", "revoked"), "a newer one exists"
    assert await Admission.all().count() == 3


async def test_dr08_of_two_qrs_after_a_hand_over_exactly_the_new_one_is_good(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    guest, old = await with_ticket(ada, event)
    assert await handing_over.take_up(await hands_over(guest, CY.email), told_of(CY), MONDAY)
    async with a_paired_phone(database, door, omar, "Lead", PassRole.DOOR_LEAD) as lead:
        await vetting.decide(await request_of(CY.email), Decision.APPROVE, omar, THE_DAY)
        [new] = await Ticket.filter(revoked_at=None)
        heard = await lead.hears(await row_of(old))
        assert (heard["verdict"], heard["code"]) == ("ask_lead", "revoked"), "a newer one exists"
        heard = await lead.hears(await row_of(new))
        assert (heard["verdict"], heard["name"]) == ("ok", CY.name)
    assert [row["ticket_id"] for row in await Admission.all().values("ticket_id")] == [new.id]


@SQLITE
async def test_dr09_nothing_of_another_events_guest_stands_in_the_answer_the_row_or_the_log(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person, printed: pytest.CaptureFixture[str]
) -> None:
    foreign = await a_ticket(ada, await an_event())
    proof = await proof_text(foreign)
    async with a_paired_phone(database, door, omar) as device:
        said = await device.sends(await row_of(foreign))
        typed = await device.types(foreign.reference)
    assert said.json()["answers"][0] | {"id": ""} == {"id": "", "verdict": "unknown"}
    kept = json.dumps([await Scan.all().values(), await AuditEntry.all().values()], default=str)
    log = "".join(printed.readouterr())
    for secret in (ada.name, ada.organisation, ada.email, foreign.reference, proof):
        assert secret not in said.text + typed.text + kept + log
    assert "door_pages.scans" in log, "there is a log to search"


async def test_dr11_an_invalid_code_and_an_unreadable_row_are_two_refusals_on_the_board(
    database: Database, event: Event, door: Door, omar: Staff, vic: Staff
) -> None:
    rows = [await row_of(await a_ticket(someone(), event), offline=True, shown="ok") for _ in range(18)]
    async with a_paired_phone(database, door, omar) as device:
        clock.move_to(THE_DAY + MINUTE)
        queue = [*rows[:9], {"id": "a" * 32, "kind": "invalid", "length": 40, "shown": "invalid"}, *rows[9:],
                 {"id": "b" * 32, "kind": "cartwheel"}]  # fmt: skip
        first = await device.sends(*queue)
        for _ in range(9):
            assert answers_in(await device.sends(*queue)) == answers_in(first)
    verdicts = [answer["verdict"] for answer in first.json()["answers"]]
    assert verdicts == ["ok"] * 9 + ["invalid"] + ["ok"] * 9 + ["error"]
    told = await on_the_board(database, event, vic)
    assert "Arrived 18 of 18 expected" in told
    assert "Scans to send Refused codes and scans Main door 18 18 1 of 1 0 2" in told


async def test_dr18_let_in_after_the_withdrawal_is_loud_on_the_board_and_the_admission_stands(
    database: Database, event: Event, door: Door, omar: Staff, vic: Staff, ada: Person
) -> None:
    """Withdrawn at 08:50, scanned alone at 09:00, synced at 09:20."""
    ticket = await a_ticket(ada, event)
    await vetting.withdraw(await Registration.get(id=ticket.registration_id), omar, THE_DAY - 10 * MINUTE)
    clock.move_to(THE_DAY + 20 * MINUTE)
    scan = (await scan_of(ticket, age=1200.0))._replace(offline=True, shown="ok")
    await settle([scan], await a_phone_at(door), clock.now())
    told = await on_the_board(database, event, vic)
    assert "1 open conflict: 1 let in without a good ticket, a lead" in told
    assert await who_is_in() == [(ticket.id, scan.id)]
    async with browsing(database, omar) as desk:
        page = words((await desk.get(f"/desk/{event.slug}/conflicts")).text)
    assert f"the ticket was no longer good: Main door, {ticket.reference}" in page


async def test_dr29_six_wrong_references_are_slowed_a_right_one_works_later_and_the_board_hears_of_sixty(
    database: Database, event: Event, door: Door, omar: Staff, vic: Staff, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, loud = await a_ticket(ada, event), "more wrong references than people mistype. Call the door."
    start = clock.at_venue(THE_DAY.date(), 9, 0)
    real = [start]
    async with a_paired_phone(database, door, omar) as device:
        monkeypatch.setattr(clock, "real", lambda: real[0])
        clock.move_to(THE_DAY)
        await DoorPass.all().update(expires_at=start + timedelta(hours=8))
        said = [await device.types("222-222") for _ in range(6)]
        assert [answer.status_code for answer in said] == [200] * 5 + [429]
        assert said[5].json().keys() == {"error", "seconds"}
        assert (await device.types(ticket.reference)).status_code == 429, "a right one waits too"
        real[0] += timedelta(seconds=said[5].json()["seconds"])
        assert (await device.types(ticket.reference)).json()["found"]["name"] == ada.name
        others = [await a_phone_at(door, f"Phone {n}") for n in range(11)]
        for n in range(54):
            await wrong(others[n // 5], real[0])
        assert loud not in await on_the_board(database, event, vic)
        await wrong(others[10], real[0])
        assert f"Main door : {loud}" in await on_the_board(database, event, vic)


async def wrong(device: Device, real: datetime) -> None:
    await reference_lookup.look_up("222-222", device, clock.now(), real)


async def test_dr30_at_59_seconds_at_61_twice_and_of_another_phones_scan_and_all_rows_remain(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    tickets = [await a_ticket(someone(), event) for _ in range(3)]
    mine, late, others = [await row_of(ticket, age=0) for ticket in tickets]
    async with a_paired_phone(database, door, omar) as sid, a_paired_phone(database, door, omar, "Other") as kim:
        for device, row in ((sid, mine), (kim, others)):
            assert (await device.hears(row))["verdict"] == "ok"
        clock.move_to(THE_DAY + timedelta(seconds=59))
        undos = [undo_row(mine), undo_row(mine), undo_row(others)]
        assert [await sid.hears(undo) for undo in undos] == [
            {"verdict": "undone"}, {"verdict": "nothing_to_undo"}, {"verdict": "nothing_to_undo"},
        ]  # fmt: skip
        assert (await sid.hears(late))["verdict"] == "ok"
        clock.move_to(THE_DAY + timedelta(seconds=59 + 61))
        undos.append(undo_row(late))
        assert await sid.hears(undos[3]) == {"verdict": "undo_needs_lead"}
    assert await who_is_in() == [(tickets[2].id, others["id"]), (tickets[1].id, late["id"])]
    assert await rows_of("client_id") == [row["id"] for row in (mine, others, *undos[:3], late, undos[3])]


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def machine_in(request: pytest.FixtureRequest) -> Iterator[str]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


async def test_dr44_wherever_the_server_stands_the_door_opens_at_nine_by_the_venues_clock(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person, machine_in: str
) -> None:
    """Summer time: nine in London is eight in UTC. The event itself begins at half past nine."""
    ticket, second = await a_ticket(ada, event), timedelta(seconds=1)
    assert (THE_DAY.isoformat(), event.day_words) == ("2019-04-15T08:00:00+00:00", "Monday 15 April 2019")
    device = await a_phone_at(door)
    early, on_time = [(await settle([await scan_of(ticket)], device, at))[0] for at in (THE_DAY - second, THE_DAY)]
    assert (early["verdict"], early["opens"], on_time["verdict"]) == ("too_early", "09:00", "ok")
    async with a_paired_phone(database, door, omar) as paired:
        told = (await paired.asks_for_its_pass()).json()["pass"]
    assert (told["door"]["opens"], told["zone"]) == (1_555_315_200, "Europe/London")
    async with browsing(database, omar) as desk:
        board = words((await desk.get(f"/desk/{event.slug}/board")).text)
        public = words((await desk.get("/")).text)
    assert "As at 09:00" in board
    assert "09:30" in public
