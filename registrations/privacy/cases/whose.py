"""Whose a complaint or a rights request is: of whoever read its address when it came, whatever they read now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from registrations.people.former_address import NOBODY, Came, Move, Moves, moves_at


class Named(Protocol):
    """A case that names an address."""

    event_id: int

    @property
    def email(self) -> str | None: ...

    @property
    def came(self) -> Came: ...


NOBODYS = (
    "Nobody can say whose this request is, so nothing was {}: it came on the day on which somebody moved away from its "
    "address, or our database is damaged. Its page says what you can do."
)
N = TypeVar("N", bound=Named)


async def reader_of(case: Named) -> str | None:
    """The present address of whoever it is of: there we write, and there they prove that it is them.

    '' if its address is erased, or whoever it was of. None if that cannot be read, or nobody can say who it was.
    """
    return reader_after(await moves_at(case.event_id), case)


def reader_after(moves: Moves, case: Named) -> str | None:
    """The same after these moves."""
    return moves.reader_of(case.email, case.came) if case.email else case.email


async def perhaps(case: Named) -> dict[str, datetime]:
    """Where nobody can say whose it is, since only its day is known: the addresses that it may be of, each with a
    moment of that day at which it was theirs."""
    moves = await moves_at(case.event_id)
    return moves.perhaps(case.email, case.came) if case.email and reader_after(moves, case) is None else {}


def of_reader(cases: Sequence[N], moves: Moves, reader: str) -> list[N]:
    """Of these cases theirs."""
    return [case for case in cases if reader and reader_after(moves, case) == reader]


async def theirs_until(case: Named) -> datetime | None:
    """When somebody who was erased since moved away from the address of this case: that alone is kept of it beside the
    case, so that whoever reads the address now is not taken for them, and goes with it. None if nothing is kept."""
    moves = await moves_at(case.event_id)
    if not case.email or reader_after(moves, case) != NOBODY:
        return None
    left = [row.moved_at for row, move in moves.rows if move == Move(case.email, NOBODY)]
    return next((moved_at for moved_at in left if moved_at >= case.came.first), None)
