"""On which paper badges of an event were printed last, and how they were set: whoever prints the next has it in the
printer."""

from collections.abc import Sequence
from typing import NamedTuple

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import find_rows

from .papers import PaperName

LOOKS_BACK = 20  # prints
PRINTS = f"""SELECT * FROM audit_entry WHERE event_id = ? AND action = ? ORDER BY id DESC LIMIT {LOOKS_BACK}"""  # noqa: S608
FILES = """SELECT * FROM audit_entry WHERE event_id = ? AND action = ? AND subject = ? ORDER BY id DESC LIMIT 1"""


class Layout(NamedTuple):
    """How badges are set: the same on the back, and what stands above the name."""

    both_sides: bool = False
    title: bool = True
    logos: bool = True

    @property
    def details(self) -> dict[str, bool]:
        """For the entry of the audit log."""
        return self._asdict()


USUAL = Layout()


async def last_paper(event: Event, papers: Sequence[PaperName]) -> PaperName:
    """Of these; the first where none was used lately."""
    prints = await find_rows(AuditEntry, PRINTS, [event.id, Action.BADGES_PRINTED])
    used = [entry.details.get("paper") for entry in prints]
    return next((PaperName(paper) for paper in used if paper in papers), papers[0])


async def last_layout(event: Event) -> Layout:
    """Of the newest file of badges: those that are printed one by one follow it."""
    files = await find_rows(AuditEntry, FILES, [event.id, Action.BADGES_PRINTED, f"event:{event.id}"])
    details = files[0].details if files else {}
    return Layout(**{name: bool(details[name]) for name in Layout._fields if name in details})
