"""What pages call bulk acts, and what became of people in them."""

from registrations.bulk.bulk_act import BADGE_TYPES, BulkAct, BulkKind, Outcome

TITLES = {
    BulkKind.APPROVE: "Approve {}",
    BulkKind.OFFER: "Offer {} a place",
    BulkKind.WAIT: "Put {} on the waiting list",
    BulkKind.NOT_OFFER: "Decline {}",
    BulkKind.REMIND: "Reminders for {}",
    BulkKind.WRITE: "Write to {}",
    **{kind: f"Set the badge type of {{}} to {badge_type.words}" for kind, badge_type in BADGE_TYPES.items()},
}
DONE = {
    BulkKind.APPROVE: "Approved",
    BulkKind.OFFER: "Offered a place",
    BulkKind.WAIT: "Put on the waiting list",
    BulkKind.NOT_OFFER: "Declined",
    **dict.fromkeys(BADGE_TYPES, "Badge type set"),
}
EMAILS = {
    Outcome.CONFIRM: "To say whether they asked for a place",
    Outcome.OFFER: "To answer the offer of a place",
    Outcome.WORKSHOPS: "To choose workshops",
}
WORDS = EMAILS | {
    Outcome.FIRST: "Approved by you as the first of two organisers",
    Outcome.DECIDED: "Somebody else had decided by then, or the request had ended",
    Outcome.CHANGED: "Has changed since the list was fixed: open the person, then decide",
    Outcome.FULL: "No place was left",
    Outcome.SAME: "Had this badge type already, or the request had ended",
    Outcome.TAKES_OVER: "Takes over the place of a guest: open the person to decide",
    Outcome.HAS_ONE: "Their new address has a request of its own: telephone them",
    Outcome.LOOK: "Needs a look first: open the person to decide",
    Outcome.NOTHING: "Has nothing left to do that there is a reminder for",
    Outcome.REMINDED: "Was reminded less than a day ago, or once already of the same request",
    Outcome.NOT_OUT: "The email that asks them first has not gone out, or did not arrive",
    Outcome.NO_EMAIL: "Their address takes no email: telephone them",
    Outcome.SAID_NO: "Said that they did not ask for a place",
    Outcome.OVER: "Their time to answer is over, or would be before the email goes out",
    Outcome.FAILED: "Could not be done: open the person",
    Outcome.UNDONE: "Undone",
    Outcome.TOO_LATE: "Stays: an email was on its way, somebody decided since, or it was about a guest's place",
}
NOT_YET, NEVER = "Still to be done", "Stopped before their turn came: nothing was done"
LEFT = "left"  # in an address: those whose turn has not come
ORDER = [Outcome.DONE, *WORDS]


def people_words(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"


def title(act: BulkAct) -> str:
    return title_of(act, act.total)


def title_of(act: BulkAct, number: int) -> str:
    """Where it can be for so many of its people."""
    return TITLES[act.kind].format(people_words(number))


def outcome_words(act: BulkAct, outcome: Outcome | None) -> str:
    if outcome is None:
        return NEVER if act.ended_at or act.undo_at else NOT_YET
    return DONE[act.kind] if outcome is Outcome.DONE else WORDS[outcome]
