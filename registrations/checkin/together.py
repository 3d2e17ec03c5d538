"""Letting in whoever stands beside the person that was scanned: a scan of their own, and no ticket was shown for it.

The phone sends the proof of the ticket that it has seen, and a mark. What the mark stands for is looked up here, among
those who come with that person, and from then on it is a scan like any other: settled by the same rules, once, with
the verdict of their own ticket. A mark of nobody who comes with them is as unknown as an invented code. Rules: EV-05.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from events.event import Event
from events.ground.database import among, query, within_tx
from registrations.phones.together import OTHERS, mark_of
from registrations.tickets.ticket import hash_of_proof, proof_of

from .received_scan import Judged, ReceivedScan, passed_anyway_id

# Of those who come with whoever has this ticket, dead tickets too: what a phone did by itself is no less true.
MARKED = f"""SELECT g.proof_hash AS seen, g.event_id, u.n, u.proof_hash
    FROM ticket g JOIN registration r ON r.id = g.registration_id JOIN {OTHERS}
    JOIN ticket u ON u.registration_id = o.id WHERE {{wanted}}"""  # noqa: S608  # ours


@within_tx
async def resolved(scans: Collection[ReceivedScan]) -> list[ReceivedScan]:
    """The scans, and those with a mark as scans of whom it stands for."""
    seen = {hash_of_proof(received.scan.proof) for received in scans if received.scan.mark}
    if not seen:
        return list(scans)
    wanted, values = among("g.proof_hash", "text", seen)
    rows = await query(MARKED.format(wanted=wanted), values)
    events = {event.id: event for event in await Event.filter(id__in={row["event_id"] for row in rows})}
    proofs = {(row["seen"], mark_of(row["proof_hash"])): proof_of(events[row["event_id"]], row["n"]) for row in rows}
    return [_as_theirs(received, proofs) if received.scan.mark else received for received in scans]


def _as_theirs(received: ReceivedScan, proofs: Mapping[tuple[str, str], bytes]) -> ReceivedScan:
    scan = received.scan
    return received._replace(scan=scan._replace(proof=proofs.get((hash_of_proof(scan.proof), scan.mark), b"")))


def noted(judged: Sequence[Judged]) -> list[Judged]:
    """Keeps beside which scan each was made: what is answered says less then, and the two are undone as a pair."""
    return [_noted(scan) if scan.received.scan.mark else scan for scan in judged]


def _noted(judged: Judged) -> Judged:
    facts = {name: value for name, value in judged.facts.items() if name != "along"}
    return judged._replace(facts=facts | {"beside": judged.received.scan.beside})


def are_pair(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the one was let in beside the other, or both beside a third. Rows of `client_id` and `answer`."""
    return not _firsts_of(row).isdisjoint(_firsts_of(other))


def _firsts_of(row: Mapping[str, Any]) -> set[str]:
    """By which the first of them may be known: where a phone let them in against our answer, by another row."""
    beside = json.loads(row["answer"]).get("beside")
    return {beside, passed_anyway_id(beside)} if beside else {row["client_id"]}
