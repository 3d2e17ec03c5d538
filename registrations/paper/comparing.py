"""What was typed of a sheet beside what was counted on it, and each line that is not simply one entry. Nobody is named.

Rules: EV-06.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from events.accounts.staff import names_of
from events.ground import clock
from events.ground.database import moment, query
from registrations.checkin.scan import PAPER, STILL_STANDS, WENT_THROUGH
from registrations.tickets.ticket import REFERENCE_COLUMNS, Reference, reference_in

from .sheet import Sheet

LINES = f"""SELECT k.id, k.line, k.typed_at, k.typed_by, k.undone_at, k.ticket_id, {REFERENCE_COLUMNS},
    t.registration_id,
    EXISTS (SELECT 1 FROM conflict c WHERE (c.first_scan = k.client_id OR c.second_scan = k.client_id)
            AND c.settled_at IS NULL) AS doubt,
    EXISTS (SELECT 1 FROM scan s JOIN door d ON d.id = s.door_id WHERE s.ticket_id = k.ticket_id AND s.kind = 'in'
            AND d.presence = (SELECT h.presence FROM door h WHERE h.id = ?)
            AND s.source <> '{PAPER}' AND {WENT_THROUGH} AND {STILL_STANDS}) AS scanned,
    (SELECT i.happened_at FROM scan i WHERE i.client_id = k.client_id) AS middle,
    (SELECT i.unsure FROM scan i WHERE i.client_id = k.client_id) AS half
    FROM paper_tick k JOIN ticket t ON t.id = k.ticket_id WHERE k.sheet_id = ? {{which}} ORDER BY k.id DESC {{most}}"""  # noqa: S608  # ours
COUNT = "SELECT count(*) AS typed FROM paper_tick WHERE sheet_id = ? AND undone_at IS NULL"
LATEST = 10


class TypedLine(NamedTuple):
    id: int
    line: int | None
    sealed: Reference
    registration_id: int
    typed_at: datetime | None
    typed_by: str  # a name
    undone: bool
    doubt: bool  # a conflict of its scan is open
    scanned: bool  # a phone let the same ticket in at this door
    middle: datetime | None  # of the block of time that it counts for
    half: timedelta

    @property
    def reference(self) -> str:
        return self.sealed.shown

    @property
    def block(self) -> str:
        """09:30 to 10:00."""
        if self.middle is None:
            return ""
        return f"{clock.time_words(self.middle - self.half)} to {clock.time_words(self.middle + self.half)}"

    @property
    def called(self) -> str:
        """Line 12, HK7-4QD."""
        return f"Line {self.line}, {self.reference}" if self.line else f"{self.reference}, on no line"


class Compared(NamedTuple):
    ticks: int  # on the paper, as somebody counted
    lines: list[TypedLine]  # the newest first

    @property
    def typed(self) -> int:
        return sum(not line.undone for line in self.lines)

    @property
    def missing(self) -> int:
        """Ticks on the paper that nobody has typed. Below nothing where more was typed than counted."""
        return self.ticks - self.typed

    @property
    def in_doubt(self) -> list[TypedLine]:
        return [line for line in self.lines if line.doubt and not line.undone]

    @property
    def scanned_too(self) -> list[TypedLine]:
        return [line for line in self.lines if line.scanned and not line.undone and not line.doubt]

    @property
    def on_no_line(self) -> list[TypedLine]:
        return [line for line in self.lines if line.line is None and not line.undone]

    @property
    def taken_back(self) -> list[TypedLine]:
        return [line for line in self.lines if line.undone]


async def compared(sheet: Sheet) -> Compared:
    return Compared(sheet.ticks or 0, await _lines(sheet))


async def latest(sheet: Sheet) -> list[TypedLine]:
    """The last few that were typed, the newest first."""
    return await _lines(sheet, most=f"LIMIT {LATEST}")


async def of_tick(sheet: Sheet, tick_id: int) -> list[TypedLine]:
    """This one."""
    return await _lines(sheet, f"AND k.id = {tick_id:d}")


async def number_typed(sheet: Sheet) -> int:
    [row] = await query(COUNT, [sheet.id])
    return int(row["typed"])


async def _lines(sheet: Sheet, which: str = "", most: str = "") -> list[TypedLine]:
    rows = await query(LINES.format(which=which, most=most), [sheet.door_id, sheet.id])
    names = await names_of(row["typed_by"] for row in rows)
    return [_line(row, names) for row in rows]


def _line(row: dict[str, Any], names: dict[str, str]) -> TypedLine:
    return TypedLine(
        row["id"], row["line"], reference_in(row), row["registration_id"], moment(row["typed_at"]),
        names.get(row["typed_by"], ""), row["undone_at"] is not None, bool(row["doubt"]), bool(row["scanned"]),
        moment(row["middle"]), timedelta(seconds=row["half"] or 0),
    )  # fmt: skip
