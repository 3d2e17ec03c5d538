"""What the emails about a rights request say, and what none of them gives away.

Rules: DP-08, EM-16.
"""

from datetime import timedelta
from email.message import EmailMessage

import pytest

from events.accounts.staff import Role, Staff
from events.event import Event
from events.ground import clock
from events.mail.outbox import Message, MessageState
from registrations.privacy.cases import casework
from registrations.privacy.rights import rights_requests
from registrations.privacy.rights.rights_emails import ASKS, HEADINGS, WRITERS
from registrations.privacy.rights.rights_request import Outcome, Right, RightsRequest
from tests.mail_reading import assert_it_reads_well, folded, text_of, written
from tests.people import MONDAY, VENUE_CANARY, Person, confirmed
from tests.registrations.privacy.rights.asking import IS_WRONG, a_rights_request, asked_by_link

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # emails say the same to both
TEMPLATES = ("rights_received", "rights_alert")


async def emails_of(template: str) -> list[EmailMessage]:
    """All that wait, as they would be sent now."""
    waiting = await Message.filter(template=template, state=MessageState.QUEUED).order_by("id")
    return [email for message in waiting if (email := await written(WRITERS[template], message))]


@pytest.fixture
async def made(event: Event, ada: Person, lena: Staff) -> RightsRequest:
    return await asked_by_link(await confirmed(ada, event), Right.CORRECTION, IS_WRONG)


async def test_the_acknowledgement_says_what_was_asked_and_by_when_it_is_answered(
    made: RightsRequest, ada: Person
) -> None:
    [email] = await emails_of("rights_received")
    assert_it_reads_well(email)
    said = folded(text_of(email))
    assert email["To"].addresses[0].addr_spec == ada.email
    assert "On Monday 8 April 2019 we received a request about your data. It asks us to correct what we hold" in said
    assert f"Its reference is {made.reference}." in said
    assert "The organisers answer by Wednesday 8 May 2019." in said
    assert set(ASKS) == set(Right)


async def test_leads_read_what_is_due_when_and_not_who_asked(made: RightsRequest, lena: Staff) -> None:
    [email] = await emails_of("rights_alert")
    assert_it_reads_well(email)
    said = folded(text_of(email))
    assert "Dear Lena Lead," in said
    assert f"They ask for a correction. The reference is {made.reference}." in said
    assert "within a month: by Wednesday 8 May 2019." in said


async def test_no_email_about_a_rights_request_repeats_what_was_written_or_names_anybody(
    made: RightsRequest, ada: Person
) -> None:
    emails = [email for template in TEMPLATES for email in await emails_of(template)]
    assert len(emails) == 2
    said = [folded(f"{email['Subject']} {text_of(email)}") for email in emails]
    secret = [IS_WRONG, ada.email, ada.name, ada.organisation, VENUE_CANARY]
    assert [canary for canary in secret for text in said if canary in text] == []
    assert all(made.reference in str(email["Subject"]) for email in emails)


async def test_each_reminder_has_its_heading(made: RightsRequest) -> None:
    for days in (14, 23, 30):
        await casework.remind(RightsRequest, clock.days_later(MONDAY, days))
    subjects = [str(email["Subject"]) for email in await emails_of("rights_alert")]
    assert subjects == [f"{heading}: {made.reference}" for heading in HEADINGS]


async def test_what_is_no_longer_true_is_not_sent(made: RightsRequest, omar: Staff, lena: Staff) -> None:
    assert [len(await emails_of(template)) for template in TEMPLATES] == [1, 1]
    await Role.filter(staff=lena).delete()
    assert [len(await emails_of(template)) for template in TEMPLATES] == [1, 0], "she leads it no more"
    await rights_requests.close(made, Outcome.DONE, "Told.", 0, omar, MONDAY + timedelta(days=1))
    assert [len(await emails_of(template)) for template in TEMPLATES] == [0, 0]


async def test_one_that_organisers_took_is_acknowledged_too(event: Event, omar: Staff) -> None:
    taken = await a_rights_request(event, omar, Right.ERASURE)
    [email] = await emails_of("rights_received")
    assert email["To"].addresses[0].addr_spec == taken.email
    assert "It asks us to delete what we hold about you." in folded(text_of(email))
