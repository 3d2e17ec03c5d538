"""People who come together, a guest and whoever comes along: the mark by which a phone lets one in beside the other.

A mark says who it is to the server alone, and only beside a ticket of somebody who comes with them: no name, reference
or proof can be made from it. It is the same in a sealed row and in an answer, so that a phone without network can let
both in. Nothing says who supports whom, or why. Rules: EV-05.
"""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from events.ground.database import among, query
from registrations.people import choices
from registrations.people.person import COLUMNS
from registrations.people.registration import State

MARK = 6  # letters: 36 bits, of the two or three who come together
# Of a request r: whether it has a guest or companions. One look into a small index, since it is asked for each scan.
BELONGS = "r.comes_with_id IS NOT NULL OR EXISTS (SELECT 1 FROM registration o WHERE o.comes_with_id = r.id)"
OTHERS = """registration o ON o.id <> r.id
    AND (o.id = r.comes_with_id OR o.comes_with_id = r.id OR o.comes_with_id = r.comes_with_id)"""
LIVE = f"""SELECT r.id AS asked, u.id AS ticket_id, u.proof_hash, a.presence, {COLUMNS.replace("r.", "o.")}
    FROM registration r JOIN {OTHERS} JOIN ticket u ON u.registration_id = o.id AND u.revoked_at IS NULL
    LEFT JOIN admission a ON a.ticket_id = u.id
    WHERE {{wanted}} AND o.state = '{State.APPROVED}' ORDER BY u.id"""  # noqa: S608  # ours
WITH_THEM = f"SELECT DISTINCT o.id FROM registration r JOIN {OTHERS} WHERE {{wanted}}"  # noqa: S608


class Beside(NamedTuple):
    """Somebody with a ticket who comes with them, and the presence groups where they have been."""

    mark: str
    presences: frozenset[int]
    meets_lead: bool


def mark_of(proof_hash: str) -> str:
    """Twin: scanner/together.mjs."""
    digest = hashlib.sha256(f"comes together {proof_hash}".encode()).digest()
    return base64.urlsafe_b64encode(digest)[:MARK].decode()


async def beside(ids: Collection[int]) -> dict[int, list[Beside]]:
    """By request, whoever comes with them and has a ticket that is good."""
    if not ids:
        return {}
    wanted, values = among("r.id", "int", list(ids))
    found: dict[int, dict[int, Beside]] = defaultdict(dict)
    for row in await query(LIVE.format(wanted=wanted), values):
        known = found[row["asked"]].get(row["ticket_id"]) or _beside(row)
        there = known.presences | ({row["presence"]} - {None})
        found[row["asked"]][row["ticket_id"]] = known._replace(presences=there)
    return {id_: list(them.values()) for id_, them in found.items()}


def _beside(row: dict[str, Any]) -> Beside:
    return Beside(mark_of(row["proof_hash"]), frozenset(), choices.of_row(row).meets_lead)


def outside(with_them: Sequence[Beside], presence: int) -> list[str]:
    """The marks of those who have not been in there yet."""
    return [person.mark for person in with_them if presence not in person.presences]


async def others_of(rows: Sequence[dict[str, Any]]) -> list[int]:
    """The requests of those who come with somebody among these rows, which say BELONGS: what a phone shows of them
    changes too."""
    ids = [row["registration_id"] for row in rows if row["belongs"]]
    if not ids:
        return []
    wanted, values = among("r.id", "int", ids)
    known = {row["registration_id"] for row in rows}
    return [row["id"] for row in await query(WITH_THEM.format(wanted=wanted), values) if row["id"] not in known]


async def marked(rows: list[dict[str, Any]], presence: int) -> list[dict[str, Any]]:
    """These rows, and in each that says BELONGS the marks of those who are still outside, one behind the other. Not of
    whom the lead meets: a phone without a network would let them in."""
    them = await beside([row["registration_id"] for row in rows if row["belongs"]])
    plain = {id_: [person for person in people if not person.meets_lead] for id_, people in them.items()}
    return [row | {"marks": "".join(outside(plain.get(row["registration_id"], []), presence))} for row in rows]
