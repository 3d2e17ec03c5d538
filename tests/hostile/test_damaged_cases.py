"""A complaint or an incident of which a part was damaged is shown with its other parts, and closed like any other.

Rules: SE-16, DP-09, DP-10.
"""

from html import unescape

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database, query
from events.mail.outbox import Message
from registrations.privacy.cases import complaints
from registrations.privacy.cases.case import Case
from registrations.privacy.cases.complaint import Complaint, Outcome
from registrations.privacy.cases.complaint_emails import WRITERS
from registrations.privacy.cases.incident import Incident
from tests.at_the_desk import desk
from tests.browser import browsing, words
from tests.events.mail.mailing import send
from tests.people import MONDAY
from tests.registrations.privacy.cases.complaining import ADAS, complain
from tests.registrations.privacy.cases.incidents import HAPPENED, WHY, an_incident, decided
from tests.smtp_sink import smtp_sink

FOUND = "It was so, and we are sorry."
OF_COMPLAINT = {"name": ADAS.name, "email": ADAS.email, "account": ADAS.account, "finding": FOUND}
OF_INCIDENT = {"description": HAPPENED, "reason": WHY}


async def damage(case: Case, *texts: str) -> None:
    """One byte of each, as a failing disk would."""
    for text in texts:
        column = f"{text}_sealed"
        [row] = await query(f"SELECT {column} FROM {case.NAME} WHERE id = ?", [case.id])  # noqa: S608
        sealed = bytes(row[column])
        broken = sealed[:-1] + bytes([sealed[-1] ^ 1])
        await query(f"UPDATE {case.NAME} SET {column} = ? WHERE id = ?", [broken, case.id])  # noqa: S608


@pytest.fixture
async def complaint(event: Event, omar: Staff) -> Complaint:
    await complain(event)
    made = await Complaint.get()
    assert await complaints.note_outcome(made, Outcome.UPHELD, FOUND, 0, omar, MONDAY)
    return await Complaint.get()


@pytest.fixture
async def incident(event: Event, omar: Staff) -> Incident:
    return await decided(await an_incident(event, omar), omar)


@pytest.mark.parametrize("damaged", [[], *([text] for text in OF_COMPLAINT), list(OF_COMPLAINT)], ids="+".join)
async def test_a_complaint_shows_all_but_what_was_damaged_and_is_closed(
    database: Database,
    event: Event,
    complaint: Complaint,
    omar: Staff,
    damaged: list[str],
    printed: pytest.CaptureFixture[str],
) -> None:
    await damage(complaint, *damaged)
    await is_shown_and_closed(database, omar, complaint, desk(event, "data-protection"), OF_COMPLAINT, damaged, printed)


@pytest.mark.parametrize("damaged", [[], *([text] for text in OF_INCIDENT), list(OF_INCIDENT)], ids="+".join)
async def test_an_incident_shows_all_but_what_was_damaged_and_is_closed(
    database: Database,
    event: Event,
    incident: Incident,
    omar: Staff,
    damaged: list[str],
    printed: pytest.CaptureFixture[str],
) -> None:
    await damage(incident, *damaged)
    await is_shown_and_closed(database, omar, incident, desk(event, "data-protection"), OF_INCIDENT, damaged, printed)


async def is_shown_and_closed(
    database: Database,
    omar: Staff,
    case: Case,
    listed: str,
    texts: dict[str, str],
    damaged: list[str],
    printed: pytest.CaptureFixture[str],
) -> None:
    path = f"{listed}/{case.NAME}s/{case.id}"
    left = [text for name, text in texts.items() if name not in damaged]
    printed.readouterr()
    async with browsing(database, omar) as client:
        pages = [await client.get(path), await client.get(f"{path}/print")]
        logged = printed.readouterr().out
        assert (await client.get(listed)).status_code == 200
        closed = await client.post(f"{path}/close", data={"seen": str(case.version)})
        pages += [await client.get(path)]
    assert (closed.status_code, [page.status_code for page in pages]) == (303, [200, 200, 200])
    for page in pages:
        assert [text for text in texts.values() if text in unescape(page.text)] == left
        assert words(page.text).lower().count("cannot be read.") == len(damaged)
    assert [name for name in texts if f"{case.NAME}.{name}" in logged] == damaged
    assert (f"{case.NAME}:{case.id}" in logged) == bool(damaged)
    assert not [text for text in texts.values() if text in logged]


async def test_a_complaint_whose_address_was_damaged_is_acknowledged_to_nobody(
    database: Database, complaint: Complaint
) -> None:
    await damage(complaint, "email")
    async with smtp_sink() as sink:
        await send(sink, WRITERS)
    assert [email.recipients for email in sink.caught] == []
    message = await Message.get(template="complaint_received")
    assert (message.state.value, message.reply_status, message.tries) == ("queued", "unwritten", 1)
