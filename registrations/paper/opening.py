"""A sheet that is noted as all typed, or as destroyed, takes no more lines until somebody opens it again.

Rules: EV-06.
"""

from datetime import datetime

from tortoise.expressions import Q

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.ground.database import query, run_tx, within_tx
from events.ground.refusal import Refused

from .sheet import RULES, Sheet

TYPED_UP = [kind for kind, rules in RULES.items() if rules.typed_up]
OPEN_ALREADY = "This sheet is open: lines can be typed."
# Whoever closes it waits for the line that is entered, or that line for them.
HOLD = """UPDATE paper_sheet SET ticks = ticks
    WHERE id = ? AND finished_at IS NULL AND destroyed_at IS NULL RETURNING id"""


class Closed(Refused):
    """No line was entered."""

    def __init__(self) -> None:
        super().__init__("This sheet is noted as all typed, or as destroyed. Nothing was entered: open it again first.")


@within_tx
async def hold_open(sheet: Sheet) -> None:
    if not await query(HOLD, [sheet.id]):
        raise Closed


@run_tx
async def open_again(sheet: Sheet, by: Actor, at: datetime) -> None:
    """Raises Refused where it is open."""
    closed = Sheet.filter(Q(finished_at__not_isnull=True) | Q(destroyed_at__not_isnull=True), id=sheet.id)
    opened = {"finished_at": None, "finished_by": "", "destroyed_at": None, "destroyed_by": ""}
    if await closed.filter(kind__in=TYPED_UP).update(**opened) != 1:
        raise Refused(OPEN_ALREADY)
    await audit.record(Action.SHEET_OPENED, sheet, by=by, at=at, sheet=sheet.number)
