"""What the acknowledgement of a complaint says, what the leads are told, and what neither gives away.

Rules: DP-09, EM-16.
"""

from email.message import EmailMessage

import pytest

from events.accounts.staff import Role, Staff
from events.event import Event
from events.ground import clock
from events.mail.outbox import Message, MessageState
from registrations.privacy.cases import casework, complaints
from registrations.privacy.cases.complaint import REMINDED_AFTER, Complaint, Outcome
from registrations.privacy.cases.complaint_emails import HEADINGS, WRITERS, acknowledgements
from tests.mail_reading import assert_it_reads_well, folded, text_of, written
from tests.people import MONDAY, VENUE_CANARY
from tests.registrations.privacy.cases.complaining import ADAS, complain, newest

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # emails say the same to both
TEMPLATES = ("complaint_received", "complaint_alert")


async def emails_of(template: str) -> list[EmailMessage]:
    """All that wait, as they would be sent now."""
    waiting = await Message.filter(template=template, state=MessageState.QUEUED).order_by("id")
    return [email for message in waiting if (email := await written(WRITERS[template], message))]


@pytest.fixture
async def made(event: Event, lena: Staff) -> Complaint:
    await complain(event)
    return await Complaint.get()


async def test_the_acknowledgement_has_reference_and_day_and_repeats_nothing(made: Complaint) -> None:
    [email] = await emails_of("complaint_received")
    assert_it_reads_well(email)
    said = folded(text_of(email))
    assert email["To"].addresses[0].addr_spec == ADAS.email
    assert f"Its reference is {made.reference}." in said
    assert "You will hear from them by Tuesday 7 May 2019" in said
    assert "Conference for professionals Monday 15 April 2019 Hosted by Safer Places and Three Rivers" in said


async def test_no_email_about_a_complaint_says_who_wrote_it_or_what(made: Complaint) -> None:
    emails = [email for template in TEMPLATES for email in await emails_of(template)]
    assert len(emails) == 2
    secret = [*ADAS, "ex-husband", VENUE_CANARY]
    said = [folded(f"{email['Subject']} {text_of(email)}") for email in emails]
    assert [canary for canary in secret for text in said if canary in text] == []
    assert all(made.reference in str(email["Subject"]) for email in emails)


async def test_leads_read_what_is_due_when_and_what_to_do(made: Complaint, lena: Staff) -> None:
    [email] = await emails_of("complaint_alert")
    assert_it_reads_well(email)
    said = folded(text_of(email))
    assert "Dear Lena Lead," in said
    assert "You are a lead of the event on Monday 15 April 2019. On Monday 8 April 2019 we received a complaint" in said
    assert "they will hear from the organisers by Tuesday 7 May 2019" in said
    assert "Our acknowledgement waits to be sent. No outcome is noted yet." in said


async def test_each_reminder_has_its_heading_and_says_how_things_stand_when_it_is_sent(
    made: Complaint, omar: Staff
) -> None:
    for days, stage in zip(REMINDED_AFTER, (1, 2, 3), strict=True):
        await casework.remind(Complaint, clock.days_later(MONDAY, days))
        email = (await emails_of("complaint_alert"))[-1]
        assert email["Subject"] == f"{HEADINGS[stage]}: {made.reference}"
        assert_it_reads_well(email)
    assert len(HEADINGS) == 4
    await complaints.note_outcome(made, Outcome.UPHELD, "It was so.", 0, omar, MONDAY)
    said = folded(text_of((await emails_of("complaint_alert"))[-1]))
    assert "The outcome is noted. Tell the person who complained, then close the complaint." in said
    assert "No outcome" not in said


async def test_many_at_once_are_one_email_that_says_how_many_are_open(
    made: Complaint, event: Event, lena: Staff
) -> None:
    for number in range(3):
        await complain(event, ADAS._replace(account=f"Number {number}"))
    email = (await emails_of("complaint_digest"))[0]  # a second one where an hour ends between
    assert_it_reads_well(email)
    assert email["Subject"] == "Complaints about data protection: 4 open"
    said = folded(text_of(email))
    assert "Dear Lena Lead, You are a lead of the event on Monday 15 April 2019." in said
    assert "The first answer is due on Tuesday 7 May 2019." in said
    assert [secret for secret in (*ADAS, VENUE_CANARY) if secret in said] == []
    await Role.filter(staff=lena).delete()
    assert await emails_of("complaint_digest") == [], "she leads it no more"


async def test_what_is_no_longer_true_is_not_sent(made: Complaint, omar: Staff, lena: Staff) -> None:
    assert [len(await emails_of(template)) for template in TEMPLATES] == [1, 1]
    await Role.filter(staff=lena).delete()
    assert [len(await emails_of(template)) for template in TEMPLATES] == [1, 0], "she leads it no more"
    await complaints.note_outcome(made, Outcome.UPHELD, "It was so.", 0, omar, MONDAY)
    await casework.close(made, 1, omar, MONDAY)
    assert [len(await emails_of(template)) for template in TEMPLATES] == [0, 0]


async def test_what_became_of_the_acknowledgement_in_words(made: Complaint, omar: Staff) -> None:
    email = Message.filter(template="complaint_received")
    said = [(await acknowledgements([made]))[made.id]]
    await email.update(state=MessageState.SENT, done_at=MONDAY)
    said += [(await acknowledgements([made]))[made.id]]
    await email.update(state=MessageState.FAILED, reply_code=550)
    said += [(await acknowledgements([made]))[made.id]]
    await complaints.acknowledge(made, omar, MONDAY)
    said += [(await acknowledgements([await newest(made)]))[made.id]]
    assert [tuple(state) for state in said] == [
        ("Our acknowledgement waits to be sent", False),
        ("Acknowledged by email on Monday 8 April 2019", False),
        ("Our acknowledgement did not arrive. The address does not exist", True),
        ("Acknowledged on Monday 8 April 2019", False),
    ]
