"""The rehearsal's history, and its own pages over it. It always runs on SQLite, so these tests do."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.routing import Route

from events.accounts.guards import SESSION
from events.accounts.staff import Role, RoleName, Staff
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, keys, settings
from events.ground.database import Database
from events.mail.mailbox import Mailbox
from events.mail.outbox import Message, MessageState
from events.web import rendering
from registrations.people.hand_over import HandOver
from registrations.people.registration import Registration, State
from registrations.phones.door import DoorPass
from registrations.rehearsal import rehearsing
from registrations.rehearsal.rehearsal_pages import MADE_UP, MOMENTS, Rehearsal, moment_of, own_path
from registrations.tickets.ticket import Ticket
from registrations.workshops.choice import WorkshopChoice
from server import all_routes
from tests.browser import BASE, browsing, heading, words
from tests.people import MONDAY


@pytest.fixture
def database(rehearsed: Database) -> Database:
    return rehearsed


@pytest.fixture
def said() -> list[str]:
    """What whoever started it reads in the terminal."""
    return []


@pytest.fixture
def rehearsal(said: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Rehearsal]:
    mailbox = Mailbox(clock.now)
    mailbox.open()
    made = Rehearsal(mailbox, rehearsing.SLUG, said.append)
    monkeypatch.setattr(rendering.BANNER, "facts", made.banner)
    yield made
    mailbox.close()


async def test_they_are_in_every_state_that_there_is(database: Database) -> None:
    counted = Counter([request.state for request in await Registration.all()])
    assert counted == {
        State.APPROVED: 123,
        State.CONFIRMED: 28,
        State.REQUESTED: 15,
        State.EXPIRED: 2,
        State.WAITING: 13,
        State.OFFERED: 1,
        State.RECHECKING: 1,
        State.CANCELLED: 13,
        State.NOT_OFFERED: 10,
    }
    assert set(counted) == set(State)


async def test_places_tickets_and_the_record_agree_with_the_states(database: Database) -> None:
    """A place is held by an offer and for whoever is looked at again; one guest comes along, and takes none."""
    event = await Event.get()
    assert (event.taken, await Ticket.filter(revoked_at=None).count(), await Ticket.all().count()) == (124, 123, 137)
    assert event.taken <= event.places
    approvals = await AuditEntry.filter(action="approved").count()
    assert approvals == 137
    assert [entry.at for entry in await AuditEntry.all() if entry.at > MONDAY] == []


async def test_most_guests_have_chosen_workshops_and_some_have_not(database: Database) -> None:
    guests = {guest.id for guest in await Registration.filter(state=State.APPROVED)}
    chose = guests & {choice.registration_id for choice in await WorkshopChoice.all()}
    assert (len(chose), len(guests - chose)) == (104, 19)


async def test_it_is_led_by_a_lead_of_each_host(database: Database) -> None:
    leads = await Role.filter(name=RoleName.LEAD).prefetch_related("staff").order_by("id")
    event = await Event.get()
    assert [lead.staff.host for lead in leads] == [host["name"] for host in event.hosts]
    assert [member.email for member in await Staff.all() if not member.email.endswith(".example.org")] == []


async def test_the_banner_stands_on_every_page(database: Database, rehearsal: Rehearsal) -> None:
    lena = await Staff.filter(roles__name=RoleName.LEAD).order_by("id").first()
    every = [route for route in (*all_routes(), *rehearsal.routes()) if isinstance(route, Route)]
    filled_in = {
        route.path.replace("{event}", "launch").replace("{slug}", "launch")
        for route in every
        if "GET" in (route.methods or ()) and not route.path.endswith("/live")
    }
    without, with_it = set[str](), set[str]()
    for staff in (lena, None):
        async with browsing(database, staff, extra=rehearsal.routes()) as client:
            for path in {address for address in filled_in if "{" not in address}:
                answer = await client.get(path)
                if answer.headers.get("content-type", "").startswith("text/html") and answer.text:
                    (with_it if f"<strong>Rehearsal.</strong> {MADE_UP}" in answer.text else without).add(path)
    assert len(with_it) > 30
    assert {"/", "/e/launch", "/staff/sign-in", "/desk/launch/requests", "/rehearsal/mailbox"} <= with_it
    assert without == {
        *("/door/", "/door/roll", "/door/over", "/door/done"),
        *(f"/door/help/{role}" for role in ("steward", "lead", "marshal", "access", "support")),
    }
    async with browsing(database, extra=rehearsal.routes()) as client:
        for path in without:  # the scanner fills the phone's screen: one word in the line that is always there
            assert "<strong>Rehearsal.</strong> Do not confirm or deny" in (await client.get(path)).text


async def test_the_live_product_has_no_banner_and_none_of_these_routes(
    database: Database, rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {route.path for route in rehearsal.routes() if isinstance(route, Route)}
    assert {path.split("/")[1] for path in own} == {"rehearsal"}
    assert [route for route in all_routes() if str(getattr(route, "path", "")).startswith("/rehearsal")] == []
    monkeypatch.setattr(rendering.BANNER, "facts", None)
    async with browsing(database) as client:
        assert MADE_UP not in (await client.get("/")).text
        assert "In this rehearsal" not in (await client.get("/staff/sign-in")).text
        for path in (f"/rehearsal/desk/{rehearsal.desk_key}", "/rehearsal/mailbox"):
            assert (await client.get(path)).status_code == 404
        assert (await client.post("/rehearsal/clock", data={"moment": MOMENTS[-1][0]})).status_code == 404
    assert clock.day_words(clock.now()) == "Monday 8 April 2019"


async def test_where_nobody_is_signed_in_other_roles_lead_to_what_the_terminal_shows(
    database: Database, rehearsal: Rehearsal
) -> None:
    async with browsing(database, extra=rehearsal.routes()) as client:
        asked = await client.get("/rehearsal/roles")
        assert "nobody has a password" in words((await client.get(asked.headers["location"])).text)


async def test_the_link_to_the_desk_is_opened_by_a_button_once_and_the_next_is_said(
    database: Database, rehearsal: Rehearsal, said: list[str]
) -> None:
    link = f"/rehearsal/desk/{rehearsal.desk_key}"
    async with browsing(database, extra=rehearsal.routes()) as client:
        for _ in range(2):
            assert heading(await client.get(link)) == "Open the desk as Lena, a lead"
        assert SESSION.name not in client.cookies
        opened = await client.post(link)
        assert opened.headers["location"] == "/desk/launch/overview"
        assert heading(await client.get(opened.headers["location"])) == "Overview"
    async with browsing(database, extra=rehearsal.routes()) as other:
        for answer in (await other.get(link), await other.post(link)):
            assert (answer.status_code, heading(answer)) == (410, "This link has been used")
        assert SESSION.name not in other.cookies
        [sentence] = said
        fresh = sentence.rpartition(BASE)[2]
        assert fresh != link
        assert (await other.post(fresh)).headers["location"] == "/desk/launch/overview"


async def test_the_link_to_the_door_makes_one_pass_and_the_next_is_said(
    database: Database, rehearsal: Rehearsal, said: list[str]
) -> None:
    link = f"/rehearsal/door/{rehearsal.door_key}"
    async with browsing(database, extra=rehearsal.routes()) as client:
        assert heading(await client.get(link)) == "Use this browser as a door phone"
        assert await DoorPass.all().count() == 0
        assert (await client.post(link)).headers["location"].startswith(f"{BASE}/door/#")
        assert (await client.post(link)).status_code == 410
        assert (await client.get(said[0].rpartition(BASE)[2])).status_code == 200
    assert await DoorPass.all().count() == 1


async def test_moving_the_clock_changes_the_day_and_signs_nobody_out(database: Database, rehearsal: Rehearsal) -> None:
    lena = await Staff.filter(roles__name=RoleName.LEAD).order_by("id").first()
    async with browsing(database, lena, extra=rehearsal.routes()) as client:
        for moment, _ in (*MOMENTS[1:], MOMENTS[0]):
            moved = await client.post(
                "/rehearsal/clock", data={"moment": moment}, headers={"referer": f"{BASE}/desk/launch/people"}
            )
            assert moved.headers["location"] == "/desk/launch/people"
            answer = await client.get("/desk/launch/people")
            assert answer.status_code == 200
            there = moment_of(moment)
            assert f"{clock.day_words(there)}, {clock.time_words(there)}" in words(answer.text)


@pytest.mark.parametrize("moment", ["", "2030-01-01T00:00", "now"])
async def test_only_one_of_the_moments_can_be_chosen(database: Database, rehearsal: Rehearsal, moment: str) -> None:
    async with browsing(database, extra=rehearsal.routes()) as client:
        answer = await client.post("/rehearsal/clock", data={"moment": moment})
    assert (answer.status_code, heading(answer)) == (422, "Choose one of the moments")
    assert clock.day_words(clock.now()) == "Monday 8 April 2019"


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("https://places.example.org/desk/launch", "/desk/launch"),
        ("https://elsewhere.example.org/desk/launch", "/"),
        ("https://places.example.org//elsewhere.example.org", "/"),
        ("", "/"),
    ],
)
def test_after_the_clock_one_is_where_one_was_if_that_is_ours(address: str, path: str) -> None:
    assert own_path(address, "places.example.org") == path


async def test_a_form_of_another_site_moves_no_clock(database: Database, rehearsal: Rehearsal) -> None:
    async with browsing(database, extra=rehearsal.routes()) as client:
        answer: httpx2.Response = await client.post(
            "/rehearsal/clock", data={"moment": MOMENTS[-1][0]}, headers={"sec-fetch-site": "cross-site"}
        )
    assert answer.status_code == 403
    assert clock.day_words(clock.now()) == "Monday 8 April 2019"


def test_the_settings_of_a_live_installation_are_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SMTP_HOST": "smtp.live.example.org", "SMTP_USER": "live", "DATABASE_URL": "postgres://live",
                        "TRUSTED_PROXY": "10.0.0.1", "SENDER": "live@live.example.org"}.items():  # fmt: skip
        monkeypatch.setenv(f"MUSTER_{name}", value)
    (tmp_path / "rehearsal").mkdir()
    (tmp_path / "rehearsal" / "muster.db").write_text("of the last one")
    chosen = rehearsing.settings_for(8415, 2525, tmp_path / "rehearsal")
    assert (chosen.smtp_host, chosen.smtp_port, chosen.smtp_user) == ("127.0.0.1", 2525, "")
    assert (chosen.trusted_proxy, chosen.base_url) == ("", "http://localhost:8415")
    assert chosen.database_url == f"sqlite://{tmp_path / 'rehearsal' / 'muster.db'}"
    assert chosen.sender.endswith("@rehearsal.example.org>")
    assert not (tmp_path / "rehearsal").exists()
    assert settings.current() is not chosen
    assert keys.are_installed()


async def test_a_colleague_waits_to_take_over_a_place(database: Database) -> None:
    hand_over = await HandOver.exclude(receiver_id=None).get()
    giver, receiver = [await Registration.get(id=id_) for id_ in (hand_over.registration_id, hand_over.receiver_id)]
    assert (giver.state, receiver.state, receiver.organisation) == (
        State.APPROVED, State.CONFIRMED, giver.organisation,
    )  # fmt: skip
    assert receiver.email.rpartition("@")[2] == giver.email.rpartition("@")[2]
    emails = await Message.filter(subject_id=giver.id, template__in=["hand_over", "handing_over"]).order_by("id")
    assert [(email.template, email.state) for email in emails] == [
        ("hand_over", MessageState.SENT), ("handing_over", MessageState.SENT), ("handing_over", MessageState.QUEUED),
    ]  # fmt: skip
