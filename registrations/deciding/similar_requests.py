"""Signals beside a request: what its address tells, and which other requests are like it. Never a score."""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from events.address_signals import KnownDomains, Signal, SignalKind
from events.ground.database import find_rows, places, query
from events.known_organisation import KnownOrganisation
from registrations.people.registration import Registration

STRIPPED = ("'(0)', ''", "' ', ''", "'-', ''", "'(', ''", "')', ''", "'+44', '0'")
SAME = {  # what two requests have in common, in words of the database; each has its index
    SignalKind.SAME_NAME: "lower({}.full_name)",
    SignalKind.SAME_PHONE: "replace(" * len(STRIPPED) + "{}.phone" + "".join(f", {mark})" for mark in STRIPPED),
    SignalKind.SAME_ORGANISATION: "lower({}.organisation)",
}
WORDS = {
    SignalKind.SAME_NAME: "in this name",
    SignalKind.SAME_PHONE: "with this telephone number",
    SignalKind.SAME_ORGANISATION: "from this organisation",
}
OTHERS_LIKE = """SELECT '{kind}' AS kind, mine.id AS id, count(*) AS others
    FROM registration mine JOIN registration other
    ON other.event_id = mine.event_id AND {other} = {mine} AND other.id <> mine.id
    WHERE mine.id IN ({ids}) AND other.state NOT IN ('cancelled', 'expired'){more} GROUP BY mine.id"""


async def signals(event_id: int, registrations: Sequence[Registration]) -> dict[int, list[Signal]]:
    """The signals of each of the event's requests, by its id: those of the address, then how many live others are
    like it."""
    known = await find_rows(KnownOrganisation, "SELECT * FROM known_organisation WHERE event_id = ?", [event_id])
    domains = KnownDomains(known)
    found = defaultdict(list, {registration.id: domains.signals(registration.email) for registration in registrations})
    for row in await _others_like([registration.id for registration in registrations]):
        kind = SignalKind(row["kind"])
        found[row["id"]].append(Signal(kind, f"{row['others']} more {WORDS[kind]}"))
    return found


async def _others_like(ids: Sequence[int]) -> list[dict[str, Any]]:
    """Of each kind in the order of SAME."""
    if not ids:
        return []
    rows = await query(" UNION ALL ".join(_alike(kind, places(len(ids))) for kind in SAME), [*ids] * len(SAME))
    return sorted(rows, key=lambda row: list(SAME).index(SignalKind(row["kind"])))


@lru_cache(maxsize=256)
def _alike(kind: SignalKind, ids: str) -> str:
    same = SAME[kind]
    more = f" AND {same.format('mine')} <> ''"  # what was deleted is like nothing
    more += " AND other.phone <> ''" if kind is SignalKind.SAME_PHONE else ""
    return OTHERS_LIKE.format(kind=kind.value, mine=same.format("mine"), other=same.format("other"), ids=ids, more=more)
