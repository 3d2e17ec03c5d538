"""On which paper badges of an event were printed last: whoever prints the next has it in the printer."""

from collections.abc import Sequence

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import find_rows

from .papers import PaperName

LOOKS_BACK = 20  # prints
PRINTS = f"""SELECT * FROM audit_entry WHERE event_id = ? AND action = ? ORDER BY id DESC LIMIT {LOOKS_BACK}"""  # noqa: S608


async def last_paper(event: Event, papers: Sequence[PaperName]) -> PaperName:
    """Of these; the first where none was used lately."""
    prints = await find_rows(AuditEntry, PRINTS, [event.id, Action.BADGES_PRINTED])
    used = [entry.details.get("paper") for entry in prints]
    return next((PaperName(paper) for paper in used if paper in papers), papers[0])
