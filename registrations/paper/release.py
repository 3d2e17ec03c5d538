"""A release: a number that an organiser reads out by telephone where a door has no network. It lets in one walk-in.

Rules: SG-06, EV-06. Its digits are drawn, so that no number tells another. It stands on paper alone: a keyed hash is
kept, which finds it, and which nobody without the key tries out.
"""

import re
import secrets
from typing import NamedTuple

from tortoise import fields
from tortoise.fields.base import OnDelete
from tortoise.models import Model

from events.event import Event
from events.ground import keys
from events.ground.database import inserted, query, within_tx
from events.ground.keyring.made import Left, made
from registrations.people.place_counts import KEPT

from .sheet import Sheet

NUMBER = "release number"  # what its hash is for
DIGITS = 8  # of 100 million: typed by organisers alone, so nobody tries them out
BETWEEN = re.compile(r"[\s\-\u2010-\u2014.]")
COLUMNS = {"event_id": "int", "sheet_id": "int", "line": "int", "number_hash": "text"}
INSERT = "INSERT INTO release_number {rows} ON CONFLICT (event_id, number_hash) DO NOTHING RETURNING line"
# What is used: its line was typed up, and not taken back.
COUNTED = f"""SELECT e.taken - {KEPT} - e.capacity - e.allowance AS surplus,
    (SELECT count(*) FROM release_number r WHERE r.event_id = e.id) AS made,
    (SELECT count(*) FROM release_number r JOIN paper_tick k ON k.release_id = r.id AND k.undone_at IS NULL
        WHERE r.event_id = e.id) AS used
    FROM event e WHERE e.id = ?"""  # noqa: S608  # ours
USED_OF_SHEETS = """SELECT r.sheet_id, count(k.id) AS used FROM release_number r
    JOIN paper_tick k ON k.release_id = r.id AND k.undone_at IS NULL WHERE r.event_id = ? GROUP BY r.sheet_id"""


class Release(Model):
    """Used by at most one line of a sheet at a time, which the database promises of that line."""

    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField(
        "events.Event", related_name="releases", on_delete=OnDelete.RESTRICT
    )
    event_id: int
    sheet: fields.ForeignKeyRelation[Sheet] = fields.ForeignKeyField(
        "registrations.Sheet", related_name="releases", on_delete=OnDelete.RESTRICT
    )
    sheet_id: int
    line = fields.IntField()
    number_hash = fields.CharField(max_length=32)

    MADE = made(number_hash=Left("it is of the key that the event is bound to, as its tickets are"))

    class Meta:
        app, table = "registrations", "release_number"


class Counted(NamedTuple):
    """How many numbers the lists of an event have, and with how many of them a line was typed up."""

    made: int
    used: int
    surplus: int  # guests with a place beyond the places that there are


def normal_number(typed: str) -> str | None:
    """Eight digits, with whatever stands between them. None for anything else."""
    digits = BETWEEN.sub("", typed[:40])
    return digits if len(digits) == DIGITS and digits.isascii() and digits.isdecimal() else None


def shown(number: str) -> str:
    """4827 1935: as it is read out."""
    return f"{number[:4]} {number[4:]}"


@within_tx
async def draw(sheet: Sheet, event: Event) -> list[str]:
    """A number for each line of a new list, as they are shown. None is another one's at the event."""
    numbers = dict[int, str]()
    while left := set(range(1, sheet.lines + 1)) - numbers.keys():
        drawn = {line: f"{secrets.randbelow(10**DIGITS):0{DIGITS}}" for line in sorted(left)}
        rows, values = inserted(COLUMNS, [_row(sheet, event, line, number) for line, number in drawn.items()])
        numbers |= {row["line"]: drawn[row["line"]] for row in await query(INSERT.format(rows=rows), values)}
    return [shown(numbers[line]) for line in sorted(numbers)]


def _row(sheet: Sheet, event: Event, line: int, number: str) -> list[object]:
    """Under the key that the event is bound to, so that a new key lets no number be drawn twice."""
    return [event.id, sheet.id, line, keys.keyed_hash(NUMBER, f"{event.id}|{number}", event.key_fingerprint)]


async def of_number(event_id: int, number: str) -> Release | None:
    """With its list."""
    hashes = keys.keyed_hashes(NUMBER, f"{event_id}|{number}")
    return await Release.get_or_none(event_id=event_id, number_hash__in=hashes).select_related("sheet")


async def counted(event_id: int) -> Counted:
    [row] = await query(COUNTED, [event_id])
    return Counted(row["made"], row["used"], max(0, row["surplus"]))


async def used_of_sheets(event_id: int) -> dict[int, int]:
    """By the list's row: how many of its numbers are used. Nothing of those of which none is."""
    return {row["sheet_id"]: row["used"] for row in await query(USED_OF_SHEETS, [event_id])}
