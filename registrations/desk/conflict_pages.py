"""The desk's page of conflicts at the doors, and of scans that a revoked phone still sent."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.accounts import reading
from events.ground import clock
from events.ground.refusal import Refused
from events.web.routing import answers, page, redirect
from registrations.checkin import conflicts, quarantine
from registrations.checkin.conflict import ConflictKind, Outcome
from registrations.checkin.conflicts import Listed

from .desk_pages import ORGANISER, banner_of, chosen, number, path_of, show

SAID = {"settled": "Settled.", "accepted": "The scans count now.", "discarded": "The scans let nobody in."}
OF_WALK_INS = [Outcome.SAID_YES, Outcome.NOBODY_DID, Outcome.CANNOT_TELL]
OF_OTHERS = [Outcome.SAME_PERSON, Outcome.TWO_PEOPLE, Outcome.WRONG_TICKET, Outcome.CLOCK, Outcome.CANNOT_TELL]
CHOICES = {*OF_WALK_INS, *OF_OTHERS}
NOT_CHOSEN = "Select what it was."
WORDS = {
    ConflictKind.TWICE: "Let in twice with one ticket",
    ConflictKind.NOT_VALID: "Let in by a phone without network: the ticket was no longer good",
    ConflictKind.HOURS: "Let in by a phone without network while the door was closed",
    ConflictKind.NO_TICKET: "Let in, and there is no such ticket",
    ConflictKind.WALK_IN: "Let in as a walk-in, and no organiser's yes counts for them",
    ConflictKind.CARD: "Decided without network by a lead's card that was none of this event's then",
}
ON_PAPER = {
    ConflictKind.TWICE: "Ticked twice on paper with one ticket",
    ConflictKind.NOT_VALID: "Ticked on paper: the ticket was no longer good",
    ConflictKind.HOURS: "Ticked on paper for a time when the door was closed",
}
TAKEN_BACK = "Line taken back at the desk"
OUTCOMES = {outcome: outcome.capitalize() for outcome in Outcome} | {Outcome.CLOCK: "A clock was wrong"}


def called(conflict: Listed) -> str:
    """What cannot be right, in the words of paper where no phone was there."""
    words = WORDS[conflict.kind]
    return ON_PAPER.get(conflict.kind, words) if conflict.on_paper else words


def outcome_of(conflict: Listed) -> str:
    return TAKEN_BACK if conflict.undone_on_paper else OUTCOMES[Outcome(conflict.outcome)]


async def shown(request: Request) -> Response:
    event_id = request.state.event.id
    facts: dict[str, Any] = {
        "still_open": await conflicts.still_open(event_id),
        "settled": await conflicts.settled(event_id),
        "quarantined": await quarantine.waiting(event_id),
        "choices_of": lambda kind: OF_WALK_INS if kind is ConflictKind.WALK_IN else OF_OTHERS,
        "outcomes": OUTCOMES,
        "called": called,
        "outcome_of": outcome_of,
        "said": banner_of(request, SAID),
    }
    ids = [
        conflict.registration_id for conflict in [*facts["still_open"], *facts["settled"]] if conflict.registration_id
    ]
    at, real = clock.now(), clock.real()
    await reading.listed(request.state.event, "conflicts", ids, by=request.state.staff, at=at, real=real)
    return await show(request, "desk/conflicts.html", **facts)


async def settle(request: Request) -> Response:
    state = request.state
    form = await answers(request)
    outcome = chosen(Outcome, str(form.get("outcome")))
    if outcome not in CHOICES:
        raise Refused(NOT_CHOSEN, 422)
    await conflicts.settle(state.event, request.path_params["id"], outcome, state.staff, clock.now())
    return redirect(f"{path_of(request, 'conflicts')}?said=settled")


async def decide(request: Request) -> Response:
    """Accepts or discards quarantined scans, by the last part of the address."""
    state, pass_id = request.state, request.path_params["id"]
    form = await answers(request)
    newest = number(str(form.get("newest")))
    if request.url.path.endswith("/accept"):
        await quarantine.accept(state.event, pass_id, newest, state.staff, clock.now(), clock.real())
        return redirect(f"{path_of(request, 'conflicts')}?said=accepted")
    await quarantine.discard(state.event, pass_id, newest, state.staff, clock.now())
    return redirect(f"{path_of(request, 'conflicts')}?said=discarded")


routes = [
    page("/desk/{event}/conflicts", shown, who=ORGANISER),
    page("/desk/{event}/conflicts/{id:int}", settle, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/phones/{id:int}/scans/accept", decide, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/phones/{id:int}/scans/discard", decide, who=ORGANISER, methods=["POST"]),
]
