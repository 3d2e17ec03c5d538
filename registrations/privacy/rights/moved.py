"""What becomes of the addresses that somebody had before, once they are erased: they lead to nobody, or are gone."""

from collections.abc import Sequence

from events.event import Event
from events.ground.database import within_tx
from registrations.people import former_address
from registrations.people.former_address import FormerAddress
from registrations.privacy.cases.complaint import Complaint

from .rights_request import RightsRequest


@within_tx
async def forget(event: Event, rows: Sequence[FormerAddress]) -> None:
    """Call it once what is theirs is emptied. What stays and names such an address, as a complaint does, is not of
    whoever reads it now: as long as it is there, the row says so."""
    complaints, rights = await Complaint.filter(event_id=event.id), await RightsRequest.filter(event_id=event.id)
    left: list[Complaint | RightsRequest] = [*complaints, *rights]
    needed = [row for row in rows if any(_came_before(case, row) for case in left)]
    await former_address.lead_nowhere(needed)
    await former_address.forget([row for row in rows if row not in needed])


def _came_before(case: Complaint | RightsRequest, row: FormerAddress) -> bool:
    """Perhaps: where only the day is known, or the row does not open."""
    if not case.email or case.came.first > row.moved_at:
        return False
    return row.move is None or row.move.before == case.email
