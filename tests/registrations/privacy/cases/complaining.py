"""Somebody who complains about data protection, for tests."""

from datetime import datetime

from events.event import Event
from events.ground import clock
from registrations.privacy.cases import complaints
from registrations.privacy.cases.complaint import Complaint
from registrations.privacy.cases.complaints import Written
from tests.people import MONDAY, someone

NETWORK = "192.0.2.1"
DONE_TO_ADA = "You told my ex-husband that I asked for a place."
ADAS = Written("Ada Ashdown", "ada@wardens.example.org", DONE_TO_ADA)
TYPED = {"full_name": ADAS.name, "email": ADAS.email, "account": ADAS.account}


async def complain(event: Event, written: Written = ADAS, at: datetime = MONDAY, network: str = NETWORK) -> None:
    await complaints.make(event, written, network, at, clock.real())


async def a_complaint(event: Event, at: datetime = MONDAY) -> Complaint:
    """By somebody else each time, from a network of their own."""
    person = someone()
    await complain(event, Written(person.name, person.email, DONE_TO_ADA), at, network=person.email)
    return await Complaint.all().order_by("-id").first() or await Complaint.get()


async def newest(complaint: Complaint) -> Complaint:
    """As it stands now."""
    return await Complaint.get(id=complaint.id)
