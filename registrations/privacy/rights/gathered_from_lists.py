"""The part of a copy that says what organisers did with many of a list at once, them among these."""

from collections.abc import Sequence

from registrations.bulk.bulk_act import BADGE_TYPES, BulkAct, BulkKind, BulkPerson, Outcome, Stage
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
    **{kind: f"Set the badge type to {badge_type.words}" for kind, badge_type in BADGE_TYPES.items()},
}
BECAME = {
    Outcome.DONE: "Done",
    Outcome.FIRST: "One of two organisers approved",
    Outcome.CONFIRM: "You were reminded",
    Outcome.OFFER: "You were reminded",
    Outcome.WORKSHOPS: "You were reminded",
    Outcome.DECIDED: "Nothing: somebody had decided before, or your request had ended",
    Outcome.CHANGED: "Nothing: your request had changed since",
    Outcome.FULL: "Nothing: no place was left",
    Outcome.SAME: "Nothing: you had it already, or your request had ended",
    Outcome.TAKES_OVER: "Nothing: it was about the place of a guest, which is decided by itself",
    Outcome.HAS_ONE: "Nothing: your new address has a request of its own",
    Outcome.LOOK: "Nothing: an organiser was to look first",
    Outcome.NOTHING: "Nothing: there was nothing to remind you of",
    Outcome.REMINDED: "Nothing: you had been reminded before",
    Outcome.NOT_OUT: "Nothing: the email that asks you first had not gone out, or did not arrive",
    Outcome.NO_EMAIL: "Nothing: your address takes no email",
    Outcome.SAID_NO: "Nothing: somebody had said no from your address",
    Outcome.OVER: "Nothing: your time to answer was over",
    Outcome.FAILED: "Nothing: it could not be done",
    Outcome.UNDONE: "Undone before any email went out",
    Outcome.TOO_LATE: "Done, and it was too late to undo it",
}
NOT_BEGUN, NOT_YET = "Nothing: it was not begun", "Nothing yet"
STOPPED = "Nothing: it was stopped before your turn came"
WRITTEN = "An email was written for these people: see Emails for those that you were sent"
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
    became = BECAME[Outcome(row.outcome)] if row.outcome else _not_acted_on(row.bulk)
    return {"What": DONE[row.bulk.kind], "When": row.bulk.asked_at, "What became of it": became}


def _not_acted_on(act: BulkAct) -> str:
    if act.stage is Stage.DRAFT:
        return NOT_BEGUN
    if act.kind is BulkKind.WRITE:
        return WRITTEN
    return NOT_YET if act.stage is Stage.WORKING else STOPPED


def _reminded(row: Reminder) -> Row:
    return {"Last reminded": row.reminded_at, "Of what": OF_WHAT.get(row.what, row.what.value)}
