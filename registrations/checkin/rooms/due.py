"""Where somebody is due who came to a room that is for others. It is read for each answer, and kept with no scan."""

from collections.abc import Mapping, Sequence
from typing import Any

from registrations.codes.room import Room
from registrations.codes.verdict import Verdict
from registrations.phones.rights import due_of

from ..received_scan import Judged, ReceivedScan


async def where_due(
    received: Sequence[ReceivedScan], given: Mapping[str, Mapping[str, Any]], settled: Mapping[str, Judged]
) -> dict[str, str]:
    """In words, by the id of a scan; "" of who takes part in no workshop at that time. Nothing of who was only said to
    stand beside somebody."""
    asked: dict[Room, dict[str, int]] = {}
    for arrival in received:
        if ticket := _ticket(given.get(arrival.scan.id), settled.get(arrival.scan.id)):
            asked.setdefault(arrival.by.room, {})[arrival.scan.id] = ticket
    found: dict[str, str] = {}
    for room, tickets in asked.items():
        words = await due_of(room, set(tickets.values()))
        found |= {scan: words.get(ticket, "") for scan, ticket in tickets.items()}
    return found


def _ticket(given: Mapping[str, Any] | None, settled: Judged | None) -> int | None:
    if "beside" in (given["facts"] if given else settled.facts if settled else {}):
        return None
    if given:
        return given["ticket_id"] if given["verdict"] == Verdict.WRONG_DOOR else None
    return settled.guest.ticket_id if settled and settled.guest and settled.verdict == Verdict.WRONG_DOOR else None
