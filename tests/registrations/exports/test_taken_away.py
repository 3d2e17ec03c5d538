"""Whom the leads hear of who takes a file away, and which files that wait go when somebody is deleted.

Rules: SE-13, SE-20, DP-05.
"""

import pytest

from events.accounts import reading
from events.accounts.staff import Staff
from events.accounts.staff_emails import WRITERS
from events.event import Event
from events.ground import clock
from events.ground.database import query
from events.mail.outbox import Message
from registrations.exports import exporting
from registrations.exports.export import Export, ExportKind, ExportPart, Stage
from tests.mail_reading import text_of, written
from tests.people import Person, confirmed, requested
from tests.professional import with_ticket
from tests.registrations.exports.taking import PURPOSE, a_file, asked_for


async def test_leads_hear_of_a_file_with_more_people_than_anybody_opens_and_never_what_for(
    event: Event, omar: Staff, lena: Staff, ada: Person, bo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in (ada, bo):
        await with_ticket(person, event)
    before = await Message.filter(template="lead_alert").count()
    await asked_for(event, omar, ExportKind.CONTACTS, "name", "phone")
    monkeypatch.setattr(reading, "PEOPLE", reading.PEOPLE._replace(tries=1))
    await asked_for(event, omar, ExportKind.CONTACTS, "organisation", "kind")
    assert await Message.filter(template="lead_alert").count() == before, "few people, or lines that are nobody's"
    await asked_for(event, omar, ExportKind.CONTACTS, "name", "phone")
    [message] = await Message.filter(template="lead_alert")
    email = await written(WRITERS["lead_alert"], message)
    text = text_of(email) if email else ""
    assert message.subject_id == lena.id
    assert "Now: A file to take away: Contacts, 2 lines, with Name, Telephone" in text
    assert PURPOSE not in text


async def test_a_file_stays_where_somebody_is_deleted_who_cannot_stand_in_it(
    event: Event, omar: Staff, ada: Person, bo: Person, cleo: Person
) -> None:
    await with_ticket(ada, event)
    stranger, declined = await requested(bo, event), await confirmed(cleo, event)
    contacts, emails = await a_file(event, omar), await a_file(event, omar, kind=ExportKind.EMAILS)
    await query("UPDATE registration SET state = 'not_offered' WHERE id = ? RETURNING id", [declined.id])
    left = []
    for person in (stranger, declined):
        await query("UPDATE registration SET person_sealed = NULL WHERE id = ? RETURNING id", [person.id])
        left.append({part.export_id for part in await ExportPart.all()})
    assert left == [{contacts.id}, set()], "who never confirmed stands in emails alone"
    assert await exporting.stage_of(await Export.get(id=emails.id), clock.real()) is Stage.DELETED
