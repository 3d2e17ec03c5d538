"""What guests could be misled by is told to all leads, with what it was and what it is, and both stand in the entry."""

import json

import pytest

from events import event_changes, known_organisation
from events.accounts import accounts
from events.accounts.staff import RoleName, Session, Staff
from events.accounts.staff_emails import WRITERS
from events.audit import audit
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.known_organisation import KnownOrganisation, Row, Treatment
from events.mail.outbox import Message
from registrations.phones import pairing
from registrations.phones.door import Door, PassRole
from tests.browser import browsing
from tests.mail_reading import assert_it_reads_well, folded, text_of, written
from tests.people import MONDAY, a_door, a_member_of_staff, an_event, queued, the_account_of

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # guards say the same to both


@pytest.fixture
async def nora(event: Event) -> Staff:
    """Another lead."""
    return await a_member_of_staff("Nora Next", "nora@hosts.example.org", event, RoleName.LEAD)


@pytest.fixture
async def door(event: Event) -> Door:
    return await a_door(event)


async def alerts() -> dict[int, str]:
    """What each lead was told last, in words."""
    said = {}
    for message in await Message.filter(template="lead_alert").order_by("id"):
        email = await written(WRITERS["lead_alert"], message)
        assert email is not None
        assert_it_reads_well(email)
        said[message.subject_id] = folded(text_of(email))
    return said


async def sealed_in(action: Action) -> list[tuple[object, object]]:
    """Old and new of the newest entry of this kind; neither can be read in the row."""
    entry = (await AuditEntry.filter(action=action).order_by("-id"))[0]
    old, new = audit.values_of(entry)
    assert [value for value in [*old.values(), *new.values()] if value in json.dumps(entry.details)] == []
    return [(old, new)]


async def test_another_telephone_number_is_told_to_all_leads_with_the_old_one(
    event: Event, lena: Staff, nora: Staff, omar: Staff
) -> None:
    await event_changes.change(
        event, {"contact_phone": "01632 960999", "bring": "A pen"}, by=omar, at=MONDAY, real=clock.real()
    )
    said = await alerts()
    assert set(said) == {lena.id, nora.id}
    for text in said.values():
        assert "Omar Organiser changed the event." in text
        assert "Telephone number of the organisers Before: 01632 960003 Now: 01632 960999" in text
        assert "A pen" not in text
    what = "Telephone number of the organisers"
    assert await sealed_in(Action.EVENT_CHANGED) == [({what: "01632 960003"}, {what: "01632 960999"})]


@pytest.mark.parametrize("column", ["email", "phone", "data_protection"])
async def test_another_contact_of_a_host_is_told(event: Event, lena: Staff, omar: Staff, column: str) -> None:
    hosts = [event.hosts[0], event.hosts[1] | {column: "07700 900999"}]
    await event_changes.change(event, {"hosts": hosts}, by=omar, at=MONDAY, real=clock.real())
    assert "of Three Rivers District Council" in (await alerts())[lena.id]
    assert "Now: 07700 900999" in (await alerts())[lena.id]


async def test_what_misleads_nobody_is_told_to_nobody(event: Event, lena: Staff, omar: Staff) -> None:
    await event_changes.change(event, {"bring": "A pen", "capacity": 130}, by=omar, at=MONDAY, real=clock.real())
    assert await queued() == []
    assert [entry.details for entry in await AuditEntry.all()] == [{"changed": ["bring", "capacity"]}]


async def test_an_organisation_that_counts_as_checked_is_told(event: Event, lena: Staff, omar: Staff) -> None:
    row = Row("wardens.example.org", "charity", Treatment.REVIEW)
    known = await known_organisation.add(event, row, by=omar, at=MONDAY)
    await known_organisation.change(known, "charity of ours", Treatment.REVIEW, by=omar, at=MONDAY)
    assert await queued() == []
    await known_organisation.change(known, "charity", Treatment.PARTNER, by=omar, at=MONDAY)
    assert "Before: review Now: checked" in (await alerts())[lena.id]
    await known_organisation.change(known, "a charity", Treatment.PARTNER, by=omar, at=MONDAY)
    await known_organisation.add(event, row._replace(domain="b.test", treatment=Treatment.PARTNER), by=omar, at=MONDAY)
    assert await queued() == [("lead_alert", lena.id)] * 2


async def test_a_door_leads_pass_is_told_and_a_stewards_is_not(
    event: Event, door: Door, lena: Staff, omar: Staff
) -> None:
    await pairing.make_pass(door, "Main door 1", PassRole.STEWARD, omar, clock.now(), clock.real())
    assert await queued() == []
    made = await pairing.make_pass(door, "Lead's phone", PassRole.DOOR_LEAD, omar, clock.now(), clock.real())
    text = (await alerts())[lena.id]
    assert "Now: Lead's phone, Main door" in text
    assert made.pin not in text


async def test_a_new_lead_or_organiser_is_told_to_the_other_leads(event: Event, lena: Staff, nora: Staff) -> None:
    real = clock.real()
    for role in (RoleName.VIEWER, RoleName.ORGANISER):
        await accounts.invite(
            f"{role}@hosts.example.org", "Ines Invited", "", event, role, by=lena, at=MONDAY, real=real
        )
    assert sorted([message for message in await queued() if message[0] == "lead_alert"]) == sorted(
        [("lead_alert", lena.id), ("lead_alert", nora.id)]
    )
    await Message.all().delete()
    ines = await the_account_of("organiser@hosts.example.org")
    await accounts.give_role(ines, event, RoleName.LEAD, by=lena, at=MONDAY)
    assert set(await alerts()) == {lena.id, nora.id}, "she hears of it in an email of her own"
    assert "Role of Ines Invited Before: organiser Now: lead" in (await alerts())[nora.id]


async def test_leads_of_another_event_hear_nothing(event: Event, lena: Staff, omar: Staff) -> None:
    await a_member_of_staff("Eve Else", "eve@hosts.example.org", await an_event(), RoleName.LEAD)
    await event_changes.change(event, {"contact_phone": "01632 960999"}, by=omar, at=MONDAY, real=clock.real())
    assert await queued() == [("lead_alert", lena.id)]


@SQLITE
async def test_what_is_told_is_asked_for_again_first(database: Database, event: Event, door: Door, omar: Staff) -> None:
    known = await KnownOrganisation.create(event=event, domain="a.test", kind="charity", treatment=Treatment.REVIEW)
    acts = [
        ("event/contacts", {"contact_email": "x@example.org"}, True), ("event/hosts", {}, True),
        ("organisations/add", {"domain": "b.test", "kind": "x", "treatment": "partner"}, True),
        ("organisations/add", {"domain": "c.test", "kind": "x", "treatment": "review"}, False),
        (f"organisations/{known.id}", {"kind": "x", "treatment": "partner"}, True),
        (f"organisations/{known.id}", {"kind": "x", "treatment": "review"}, False),
        (f"doors/{door.id}/phones", {"phone_name": "A", "role": "door_lead"}, True),
        (f"doors/{door.id}/phones", {"phone_name": "A", "role": "steward"}, False),
    ]  # fmt: skip
    asked: dict[tuple[str, str], list[bool]] = {}
    async with browsing(database, omar) as client:
        for proved in (False, True):
            if not proved:
                await Session.all().update(stepped_up_at=None)
            for path, data, _ in acts:
                answer = await client.post(f"/desk/{event.slug}/{path}", data=data)
                sent_away = answer.headers.get("location", "").startswith("/staff/step-up?")
                asked.setdefault((path, str(data)), []).append(sent_away)
            await Session.all().update(stepped_up_at=clock.real())
    assert asked == {(path, str(data)): [first, False] for path, data, first in acts}
