"""What organisers can do with all whom a filter shows, however many pages that are."""

from collections.abc import Sequence

from events.web.forms import whole_number
from registrations.bulk.bulk_act import BulkKind
from registrations.desk.desk_forms import APPROVE, NOT_OFFER, OFFER, WAIT
from registrations.desk.people_list import Wanted
from registrations.people.registration import LIVE, State

from .deciding import OF_STATES

DECISIONS = {"requests": [APPROVE, WAIT, NOT_OFFER], "waiting": [APPROVE, OFFER, NOT_OFFER]}
REMIND, WRITE = (BulkKind.REMIND.value, "Remind"), (BulkKind.WRITE.value, "Write")
REMINDED = {None, State.REQUESTED, State.OFFERED, State.APPROVED}
BADGE_TYPE = ("badge-type", "Set badge type")  # which one is posted beside it
WRITTEN_TO = {None, State.CONFIRMED, State.RECHECKING, State.WAITING, State.OFFERED, State.APPROVED}


def of_people(wanted: Wanted, *, is_over: bool = False) -> list[tuple[str, str]]:
    """Values and words, for a filter of the people list. Once the event is over people are written to and no more."""
    if is_over:
        return [WRITE] if wanted.state in WRITTEN_TO else []
    decisions = DECISIONS[OF_STATES[wanted.state]] if wanted.state in OF_STATES else []
    remind = [REMIND] if wanted.state in REMINDED else []
    badge_type = [BADGE_TYPE] if wanted.state is None or wanted.state in LIVE else []
    return [*([WRITE] if wanted.state in WRITTEN_TO else []), *decisions, *remind, *badge_type]


def ticked_in(values: Sequence[str]) -> set[int] | None:
    """Whom somebody ticked on a list, by their ids; None where nobody is: then all whom it shows are meant."""
    return {id_ for value in values if (id_ := whole_number(value))} if values else None


def of_ticked(ids: Sequence[int], filtered: str, ticked: set[int] | None) -> tuple[Sequence[int], str]:
    """Of those whom a filter shows only who is ticked, and the filter in words, which then says how many those are."""
    if ticked is None:
        return ids, filtered
    left = [id_ for id_ in ids if id_ in ticked]
    return left, f"{filtered}, {len(left)} ticked"
