"""The part of a copy that says what organisers did with many of a list at once, them among these."""

from collections.abc import Sequence

from registrations.bulk.bulk_act import BulkKind, BulkPerson, Outcome
from registrations.bulk.reminder import Reminder
from registrations.people.registration import Registration

from .copy_of_data import Row, Section

DONE = {
    BulkKind.APPROVE: "Approve",
    BulkKind.OFFER: "Offer a place",
    BulkKind.WAIT: "Put on the waiting list",
    BulkKind.NOT_OFFER: "Decline",
    BulkKind.REMIND: "Remind",
    BulkKind.WRITE: "Write to",
}
NOT_DONE = "Nothing: it was not about you any more"
BECAME = {
    Outcome.DONE: "Done",
    Outcome.FIRST: "One of two organisers approved",
    Outcome.CONFIRM: "You were reminded",
    Outcome.OFFER: "You were reminded",
    Outcome.WORKSHOPS: "You were reminded",
    Outcome.LOOK: "Nothing: an organiser was to look first",
    Outcome.FULL: "Nothing: no place was left",
    Outcome.UNDONE: "Undone before any email went out",
}
OF_WHAT = {
    Outcome.CONFIRM: "to say whether you asked for a place",
    Outcome.OFFER: "to answer the offer of a place",
    Outcome.WORKSHOPS: "to choose workshops",
}


async def sections(requests: Sequence[Registration]) -> list[Section]:
    ids = [request.id for request in requests]
    acted = await BulkPerson.filter(registration_id__in=ids).order_by("id").prefetch_related("bulk")
    reminded = await Reminder.filter(registration_id__in=ids).order_by("id")
    return [
        Section("bulk_person", "Done with you and others of a list at once", [_acted(row) for row in acted]),
        Section("reminder", "Reminders", [_reminded(row) for row in reminded]),
    ]


def _acted(row: BulkPerson) -> Row:
    became = BECAME.get(Outcome(row.outcome), NOT_DONE) if row.outcome else "Nothing yet"
    return {"What": DONE[row.bulk.kind], "When": row.bulk.asked_at, "What became of it": became}


def _reminded(row: Reminder) -> Row:
    return {"Last reminded": row.reminded_at, "Of what": OF_WHAT.get(row.what, row.what.value)}
