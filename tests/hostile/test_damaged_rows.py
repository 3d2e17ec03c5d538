"""A row of a person that was damaged or moved is named in the log; desk, door and mailer go on with the others.

Rules: SE-16.
"""

from collections.abc import Sequence

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database, query
from events.mail.outbox import Message
from registrations.checkin.checkin import settle
from registrations.deciding import several_decisions, vetting
from registrations.people.registration import Registration
from registrations.phones import guest_list
from registrations.tickets.request_emails import WRITERS
from registrations.tickets.ticket import Ticket
from tests.at_the_desk import fields
from tests.at_the_door import a_phone_at, scan_of
from tests.browser import browsing
from tests.events.mail.mailing import send
from tests.people import MONDAY, THE_DAY, Person, a_door, confirmed, someone
from tests.smtp_sink import smtp_sink

NAMELESS = "Name cannot be read"


async def sealed_of(row: Registration) -> bytes:
    [found] = await query("SELECT person_sealed FROM registration WHERE id = ?", [row.id])
    return bytes(found["person_sealed"])


async def put(row: Registration, sealed: bytes) -> None:
    await query("UPDATE registration SET person_sealed = ? WHERE id = ?", [sealed, row.id])


@pytest.fixture
async def cast(event: Event, ada: Person, omar: Staff) -> list[Registration]:
    """Ada and three others, all with tickets; Ada's row holds what was somebody else's."""
    rows = [await confirmed(ada, event), *[await confirmed(someone(), event) for _ in range(3)]]
    await several_decisions.decide_people(rows, vetting.Decision.APPROVE, omar, MONDAY)
    await put(rows[0], await sealed_of(rows[1]))
    return [await Registration.get(id=row.id) for row in rows]


async def test_the_desk_shows_the_others_and_says_which_it_is(
    database: Database, event: Event, cast: Sequence[Registration], omar: Staff, printed: pytest.CaptureFixture[str]
) -> None:
    async with browsing(database, omar) as desk:
        listed = await desk.get(f"/desk/{event.slug}/people")
        shown = await desk.get(f"/desk/{event.slug}/people/{cast[0].id}")
        form = f"/desk/{event.slug}/people/{cast[0].id}/details"
        answered = fields(await desk.get(form)) | {"organisation": "Wardens", "kind": "charity", "photos": "no"}
        mended = await desk.post(form, data=answered | {"full_name": "Ada Ash"})
    assert (listed.status_code, shown.status_code, listed.text.count(NAMELESS)) == (200, 200, 2), "the row and its box"
    assert [row.full_name for row in cast[1:] if row.full_name not in listed.text] == []
    assert (mended.status_code, "cannot be read, so it was not changed" in mended.text) == (409, True)
    assert await sealed_of(cast[0]) == await sealed_of(cast[1]), "nothing was written over it"
    assert f"registration:{cast[0].id}" in printed.readouterr().out


async def test_the_door_lets_them_all_in_and_names_the_others(event: Event, cast: Sequence[Registration]) -> None:
    sid = await a_phone_at(await a_door(event))
    tickets = [await Ticket.get(registration_id=row.id) for row in cast]
    answers = await settle([await scan_of(ticket) for ticket in tickets], sid, THE_DAY)
    assert [answer["verdict"] for answer in answers] == ["ok"] * 4
    assert [answer["name"] for answer in answers] == [NAMELESS, *[row.full_name for row in cast[1:]]]
    assert len(await guest_list.since(sid, 0, THE_DAY)) > 44


async def test_the_mailer_writes_to_the_others_and_says_that_one_failed(
    database: Database, event: Event, cast: Sequence[Registration]
) -> None:
    async with smtp_sink() as sink:
        await send(sink, WRITERS)
        assert {email.recipients for email in sink.caught} == {(row.email,) for row in cast[1:]}
    states = {row.state.value for row in await Message.filter(state="failed")}
    assert (states, await Message.filter(state="sent").count()) == ({"failed"}, 3)
