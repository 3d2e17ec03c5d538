"""A place for somebody on the waiting list while others stand before them. The audit log says why, from a closed list.

Rules: EV-08. A reason is about the place and never about the person, so that the log holds nothing that somebody said.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event
from events.ground.database import run_tx
from events.mail.outbox import EPOCH
from registrations.people.registration import Registration, State, held_in_order

from . import two_approvals, waiting_list
from .decision import Decision, Result
from .several_decisions import decide_shown

GIVES_A_PLACE = {Decision.APPROVE, Decision.OFFER}
SAY_WHY = "Others wait for a place before them. Go back, and say why these people come first. Nothing was done."


class TurnReason(StrEnum):
    """Why somebody has a place before others who waited longer."""

    TAKES_PART = "speaks, hosts or helps at the event"
    ORGANISATION = "nobody else comes from their organisation"
    TOGETHER = "comes together with colleagues"
    MISTAKE = "we made a mistake with their request"
    OTHER = "another reason"


TURN_REASONS: Mapping[str, TurnReason] = {reason.name.lower(): reason for reason in TurnReason}  # as forms send them


async def passes_over(event: Event, ids: Collection[int], at: datetime) -> bool:
    """Whether somebody who could be offered a place automatically stands in line before one of these, and is none of
    them. Whoever comes along with a guest takes no place, so passes over nobody."""
    line = [person for person in await waiting_list.everybody(event) if person.state is State.WAITING]
    chosen = [n for n, person in enumerate(line) if person.id in ids and not person.comes_with_id]
    before = [person for person in line[: max(chosen, default=0)] if person.id not in ids]
    capped = await waiting_list.reached_cap(event) if before else lambda person: False
    could = [person for person in before if waiting_list.can_be_offered(person, at) and not capped(person)]
    return len(could) > len(await two_approvals.needing(event, could))


@run_tx
async def decide_out_of_turn(
    people: Sequence[Registration],
    shown: Mapping[int, str],
    decision: Decision,
    reason: TurnReason,
    by: Actor,
    at: datetime,
    due: datetime = EPOCH,
) -> dict[int, Result]:
    """Decides as `decide_shown` does of the waiting list, and notes the reason for each who has a place by it. All are
    held first, in the order in which everybody holds them."""
    if len(people) > 1:
        await held_in_order([person.id for person in people])
    results = await decide_shown(people, shown, decision, by, at, due, State.WAITING)
    given = [person for person in people if results[person.id] is Result.DONE]
    if given:
        await audit.record_all([(Action.OUT_OF_TURN, person, {"what": reason.value}) for person in given], by=by, at=at)
    return results
