"""An address that somebody had before they moved to another one: what came under it until then is theirs, and no more.

Somebody else may read it since. So of all that names an address alone its moment decides whose it is. Sealed by the
instance key, as complaints and rights requests are: these may outlive the event's data key, and then still ask.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from tortoise import fields
from tortoise.models import Model

from events.event import Event
from events.ground import keys, tokens
from events.ground.database import find_rows, within_tx
from events.ground.keyring.made import Keyed, Sealed, made
from events.ground.personal import Personal, personal

from .person import BASIS, NAMED, address_tags
from .registration import Registration

SEALED_AS = TAGGED_AS = "former address"
MOMENT = timedelta(microseconds=1)
NOBODY = ""  # to whom an address leads whose reader was erased since
KEPT = f"{NAMED}, or as long as there is a complaint or a rights request from before the move; erasure takes it at once"
NOTICE = "an email address that you had before, if you have us write to another one: so that what you sent stays yours"
MOVE = Personal(
    "an address that somebody had before, and the one that they moved to, sealed", BASIS, KEPT, notice=NOTICE
)
TAG = Personal("a keyed hash of an address that somebody had before, by which it is known", BASIS, KEPT)


class FormerAddress(Model):
    id = fields.IntField(primary_key=True)
    event: fields.ForeignKeyRelation[Event] = fields.ForeignKeyField("events.Event", related_name="former_addresses")
    event_id: int
    registration: fields.ForeignKeyRelation[Registration] = fields.ForeignKeyField(
        "registrations.Registration", related_name="former_addresses"
    )
    registration_id: int
    public_id = fields.CharField(max_length=16)  # what the move is sealed with
    address_tag = personal(fields.CharField(max_length=32), TAG)
    move_sealed = personal(fields.BinaryField(), MOVE)
    moved_at = fields.DatetimeField()
    moved_by = fields.CharField(max_length=40)  # who approved it: 'staff:3'

    MADE = made(
        address_tag=Keyed(TAGGED_AS, lambda former: former.move and former.move.before),
        move_sealed=Sealed(SEALED_AS, "{public_id}"),
    )

    class Meta:
        app, table = "registrations", "former_address"

    @property
    def move(self) -> "Move | None":
        """None if it was damaged, and an error in our log that names the row."""
        opened = keys.opened_in(f"former_address:{self.id}", SEALED_AS, bytes(self.move_sealed), self.public_id)
        return Move(*json.loads(opened)) if opened else None


class Move(NamedTuple):
    before: str
    after: str  # NOBODY once whoever moved was erased


def _sealed(move: Move, public_id: str) -> bytes:
    return keys.seal(SEALED_AS, json.dumps(move, ensure_ascii=False), public_id)


class Came(NamedTuple):
    """Between which moments something came: twice the same, unless only its day is known."""

    first: datetime
    last: datetime


class Moves:
    """All moves at an event, in their order, opened once. Equal if nobody has moved between."""

    def __init__(self, rows: Sequence[FormerAddress]) -> None:
        self.rows = [(row, row.move) for row in rows]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Moves) and [row.id for row, _ in self.rows] == [row.id for row, _ in other.rows]

    def until(self, moment: datetime) -> "Moves":
        """As they stood then."""
        earlier = Moves([])
        earlier.rows = [(row, move) for row, move in self.rows if row.moved_at <= moment]
        return earlier

    def reader_of(self, address: str, came: Came) -> str | None:
        """The present address of whoever read this one when something came: NOBODY if they were erased since.

        None if nobody can say: a row is damaged, or it came on the day of a move, and at which hour is not known.
        """
        for row, move in self.rows:
            if row.moved_at < came.first or not address or not _leaves(row, move, address):
                continue
            if row.moved_at < came.last or move is None:
                return None
            address = move.after
        return address

    def perhaps(self, address: str, came: Came) -> dict[str, datetime]:
        """Of an address that came at a moment between these: by each who may read it now, a moment at which it was
        theirs. Nobody who was erased since is among them, nor whoever only a damaged row knows of."""
        after = [row.moved_at + MOMENT for row, _ in self.rows if came.first <= row.moved_at < came.last]
        moments = {self.reader_of(address, Came(at, at)): at for at in [came.first, *after]}
        return {reader: at for reader, at in moments.items() if reader}

    def reads(self, reader: str, address: str, at: datetime) -> bool:
        """Whether whoever reads the one address now read the other one then."""
        return bool(address) and self.reader_of(address, Came(at, at)) == reader

    def addresses_of(self, reader: str) -> set[str]:
        """All that whoever reads this one may have had, itself too."""
        found = {reader}
        for _, move in reversed(self.rows):
            if move is not None and move.after in found:
                found.add(move.before)
        return found

    def requests_of(self, reader: str, found: Sequence[Registration], known: Mapping[str, str]) -> list[Registration]:
        """Of those found by tags theirs; `known`: of which address each tag is, as of a row that does not open."""
        return [row for row in found if self._reader_of_request(row, known.get(row.address_tag, row.email)) == reader]

    def _reader_of_request(self, request: Registration, address: str) -> str | None:
        """A request has the address that it moved to last."""
        moved = [row.moved_at for row, _ in self.rows if row.registration_id == request.id]
        since = max([request.requested_at, *moved])
        return self.reader_of(address, Came(since, since))

    def of_reader(self, reader: str) -> list[FormerAddress]:
        """Their rows: each leads to the address that they read now."""
        return [row for row, move in self.rows if move and self.reads(reader, move.before, row.moved_at)]

    def damaged_of(self, requests: Sequence[Registration]) -> list[FormerAddress]:
        """Rows of these requests that do not open: what came under that address is nobody's."""
        ids = {request.id for request in requests}
        return [row for row, move in self.rows if move is None and row.registration_id in ids]


def _leaves(row: FormerAddress, move: Move | None, address: str) -> bool:
    """A row that does not open is known by its tag, so that it never passes for none."""
    if move is not None:
        return move.before == address
    return row.address_tag in keys.keyed_hashes(TAGGED_AS, address)


ALL_OF = "SELECT * FROM former_address WHERE event_id = ? ORDER BY moved_at, id"


async def moves_at(event_id: int) -> Moves:
    return Moves(await find_rows(FormerAddress, ALL_OF, [event_id]))


@within_tx
async def keep(registration: Registration, move: Move, by: str, at: datetime) -> None:
    """Somebody moves. Hold the row of their request."""
    public_id = tokens.new_public_id()
    await FormerAddress.create(
        event_id=registration.event_id,
        registration_id=registration.id,
        public_id=public_id,
        address_tag=keys.keyed_hash(TAGGED_AS, move.before),
        move_sealed=_sealed(move, public_id),
        moved_at=at,
        moved_by=by,
    )


@within_tx
async def lead_nowhere(rows: Sequence[FormerAddress]) -> None:
    """Whoever moved is erased, and something stays that names the address they had: it is nobody's from now on."""
    for row in rows:
        if (move := row.move) is not None:
            sealed = _sealed(Move(move.before, NOBODY), row.public_id)
            await FormerAddress.filter(id=row.id).update(move_sealed=sealed)


@within_tx
async def forget(rows: Sequence[FormerAddress]) -> None:
    await FormerAddress.filter(id__in=[row.id for row in rows]).delete()


def tags_of(event: Event, reader: str, moves: Moves) -> dict[str, str]:
    """Of all addresses that whoever reads this one may have had, by tag: under each of the event's keys."""
    return {tag: address for address in moves.addresses_of(reader) for tag in address_tags(event, address)}


async def requests_of(event: Event, reader: str, moves: Moves) -> list[Registration]:
    """All requests of whoever reads this address that still name one of theirs, ended ones too, oldest first."""
    known = tags_of(event, reader, moves)
    found = await Registration.filter(event_id=event.id, address_tag__in=list(known)).order_by("id") if known else []
    return moves.requests_of(reader, found, known)
