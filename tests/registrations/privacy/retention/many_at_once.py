"""What acts on many people leave in the database, for the test that all of it goes."""

from tortoise.models import Model

from events.accounts.staff import Staff
from events.event import Event
from registrations.bulk.bulk_act import BulkAct
from registrations.bulk.reminder import Reminder
from registrations.people.registration import Registration
from tests.registrations.bulk.acts import was_among_many

OF_MANY: dict[str, type[Model]] = {"bulk_acts": BulkAct, "reminders": Reminder}


async def traces_of_many(event: Event, by: Staff) -> dict[str, bytes]:
    """By the code of their class, a value that stands nowhere else."""
    person = await Registration.filter(event_id=event.id).order_by("-id").first()
    assert person is not None
    await was_among_many(person, event, by)
    await BulkAct.all().update(filtered="trace-of-bulk_acts")
    await Reminder.all().update(cause="trace-of-reminders")
    return {"bulk_acts": b"trace-of-bulk_acts", "reminders": b"trace-of-reminders"}
