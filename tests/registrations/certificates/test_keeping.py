"""A certificate goes with what its person told us; its number stays valid, and leads to nobody. Rules: EV-09, DP-07."""

from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit import triggers
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database, connection, is_postgres, query
from events.ground.refusal import Refused
from events.ground.tokens import Purpose
from registrations.certificates import issuing, releasing, standing, writing
from registrations.certificates.certificate import Certificate, CertificateNumber, CertificateTerms
from registrations.people.registration import EMPTY, Registration
from registrations.phones.door import Device
from registrations.privacy.retention import deleting
from registrations.privacy.rights import erasing
from registrations.privacy.rights.rights_request import Right
from tests.browser import browsing
from tests.professional import path_to
from tests.registrations.certificates.giving import HOURS, NEXT_DAY, WORDS, comes, release, takes, valid, whose
from tests.registrations.privacy.rights.asking import asked_by_link

LATER = NEXT_DAY + timedelta(days=91)


async def test_ninety_days_later_the_number_is_all_there_is(
    database: Database, event: Event, sid: Device, omar: Staff
) -> None:
    person = await comes(event, sid)
    page = f"{path_to(person, Purpose.MANAGE)}/certificate"
    await release(event, omar)
    number = await takes(person, event)
    await deleting.turn(LATER - timedelta(days=3), clock.real())
    assert await whose() == [person.id], "the day before"
    await deleting.turn(LATER, clock.real())
    assert (await Event.get(id=event.id)).data_key == ""
    assert (await Certificate.all().count(), await valid(number)) == (0, True)
    await CertificateTerms.all().update(settled_version=-1)
    assert await issuing.turn(LATER) == 0
    assert await valid(number), "no turn ends it, since the scans are gone too"
    with pytest.raises(Refused):
        await writing.write(event, WORDS, HOURS, 1, omar, LATER)
    async with browsing(database) as client:
        assert (await client.get(page)).status_code == 404
        assert (
            "A valid certificate of attendance has this number"
            in (await client.post("/certificate", data={"number": number})).text
        )


async def test_who_is_erased_has_none_and_keeps_the_number(event: Event, sid: Device, omar: Staff) -> None:
    person, other = await comes(event, sid), await comes(event, sid)
    await release(event, omar)
    number = await takes(person, event)
    request = await asked_by_link(await Registration.get(id=person.id), Right.ERASURE, "All of it.")
    await erasing.erase(request, omar, NEXT_DAY, clock.real())
    assert (await whose(), await valid(number)) == ([other.id], True)
    await CertificateTerms.all().update(settled_version=-1)
    await issuing.turn(NEXT_DAY)
    assert await whose() == [other.id], "nobody makes another one for them"
    with pytest.raises(Refused, match="deleted with theirs"):
        await releasing.take_back(event, omar, NEXT_DAY)  # of whoever is left nobody has theirs
    assert await valid(number)
    assert await CertificateNumber.all().count() == 2


async def test_the_database_deletes_it_with_what_they_told_us(event: Event, sid: Device, omar: Staff) -> None:
    """Whoever empties the row; and without the trigger it would stay, which the audit log's check says."""
    people = [await comes(event, sid) for _ in range(2)]
    await release(event, omar)
    nobody = ", ".join(f"{name} = ?" for name in EMPTY)
    empty = f"UPDATE registration SET {nobody} WHERE id = ?"  # noqa: S608
    await query(empty, [*EMPTY.values(), people[0].id])
    assert (await whose(), await triggers.strange()) == ([people[1].id], [])
    await connection().execute_query(f"DROP TRIGGER certificates_ended{' ON registration' if is_postgres() else ''}")
    await query(empty, [*{**EMPTY, "address_tag": "x"}.values(), people[1].id])
    assert await whose() == [people[1].id]
    assert await triggers.strange() == ["The trigger certificates_ended is gone or switched off."]


@pytest.mark.parametrize("twice", ["certificate", "certificate_number", "certificate_terms"])
async def test_the_database_refuses_a_second_one(event: Event, sid: Device, omar: Staff, twice: str) -> None:
    await comes(event, sid)
    await release(event, omar)
    [row] = await query(f"SELECT * FROM {twice}")  # noqa: S608
    names = [name for name in row if name != "id"]
    again = f"INSERT INTO {twice} ({', '.join(names)}) SELECT {', '.join(names)} FROM {twice}"  # noqa: S608
    with pytest.raises(Exception, match=r"(?i)unique"):
        await query(again)


async def test_the_log_says_who_released_and_names_nobody(event: Event, sid: Device, omar: Staff) -> None:
    person = await comes(event, sid)
    await release(event, omar)
    await takes(person, event)
    entries = await AuditEntry.filter(event_id=event.id).order_by("id")
    said = [(entry.action, entry.actor) for entry in entries if "certificate" in entry.action]
    assert said == [
        (Action.CERTIFICATES_WRITTEN, omar.actor),
        (Action.CERTIFICATES_RELEASED, omar.actor),
        (Action.CERTIFICATES_ISSUED, "system"),
        (Action.CERTIFICATE_TAKEN, f"person:{person.id}"),
    ]
    assert person.full_name not in str([entry.details for entry in entries])
    assert await standing.released(event) == NEXT_DAY
