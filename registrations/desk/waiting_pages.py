"""The waiting list at the desk: who has an offer and until when, who is next, and giving places out of turn."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from events.accounts import reading
from events.event import Event
from events.ground import clock
from events.web.forms import Form
from events.web.routing import page, read, redirect
from registrations.deciding import (
    approvers,
    offers,
    out_of_turn,
    several_decisions,
    two_approvals,
    vetting,
    waiting_list,
)
from registrations.deciding.offer_emails import moment_words
from registrations.deciding.out_of_turn import GIVES_A_PLACE, TURN_REASONS, TurnReason
from registrations.deciding.vetting import Decision
from registrations.people.address_change import moving_of
from registrations.people.registration import Registration, State

from . import decision_banner, people_list, person_history
from .desk_counts import counts
from .desk_forms import SeveralWaitingForm, TurnReasonForm
from .desk_pages import ORGANISER, VIEWER, after_the_event, number, path_of, show
from .listing import act_forms
from .people_list import Wanted

BY_ORGANISATION = "organisation"


async def waiting(request: Request) -> Response:
    return await _list(request, SeveralWaitingForm())


async def _list(request: Request, form: SeveralWaitingForm, status: int = 200) -> Response:
    event, at = request.state.event, clock.now()
    outcome = await decision_banner.of(event, request.state.staff, request.query_params, clock.real())
    together = request.query_params.get("by") == BY_ORGANISATION
    page = number(request.query_params.get("page"))
    found = await people_list.on_waiting_list(event, page, by_organisation=together)
    shown = [*(person.id for person in found.people), *(outcome.ids if outcome else ())]
    await _read(request, "waiting list", shown, page=found.page)
    notes = await _notes(request, found.people)
    facts: dict[str, Any] = {"found": found, "form": form, "outcome": outcome, "notes": notes, "kept": _kept(request)}
    facts["together"] = together
    facts |= {"rechecked": await person_history.rechecks(found.people, await moving_of(found.people))}
    facts |= {"too_few_approve": await approvers.too_few(event)}
    facts |= {"ticked": set(form.person.data or ()), "can_offer": offers.ends(event, at) is not None}
    facts["all_of"] = await _all_of(event, found.total)
    return await show(request, "desk/waiting.html", status, **facts, **after_the_event(request))


async def _all_of(event: Event, total: int) -> list[tuple[str, str, int, list[tuple[str, str]]]]:
    """State, words, number and acts: for all who wait, and all who have an offer."""
    wait = (await counts(event.id)).waiting
    numbers = {State.WAITING: ("without an offer", wait), State.OFFERED: ("with an offer", max(0, total - wait))}
    acts = {state: act_forms.of_people(Wanted(state=state)) for state in numbers}
    without = {state: [act for act in acts[state] if act != act_forms.BADGE_TYPE] for state in numbers}
    return [(state.value, *of, without[state]) for state, of in numbers.items()]


async def _notes(request: Request, people: Sequence[Registration]) -> dict[int, str]:
    """What is said beside each: until when an offer is open, or why none is made to them by itself."""
    capped = await waiting_list.reached_cap(request.state.event)
    notes = {person.id: note_on(person) for person in people}
    full = "Their organisation has as many places as one may have"
    notes |= {person.id: notes[person.id] or (full if capped(person) else "") for person in people}
    so = ", so nothing is offered automatically" if request.state.event.automatic_offers else ""
    for id_, standing in (await two_approvals.standing(request.state.event, people)).items():
        notes[id_] = ". ".join(filter(None, [f"{standing}{so}", notes[id_]]))
    return notes


def note_on(person: Registration) -> str:
    """Of somebody who waits or has an offer."""
    if person.state is State.OFFERED:
        return f"Until {moment_words(person.offered_until)}" if person.offered_until else ""
    if person.state is not State.WAITING:
        return ""
    if person.lapsed_at:
        return f"Did not answer an offer by {moment_words(person.lapsed_at)}. Nothing is offered until they ask to stay"
    if person.comes_with_id:
        return "Comes along with a guest, so nothing is offered automatically. Approving takes no free place"
    if person.undeliverable:
        return "No email reaches them, so nothing is offered automatically. Telephone them"
    return f"Waits from {moment_words(person.waits_from)}, since an offer ran out" if person.waits_from else ""


async def decide(request: Request) -> Response:
    """Decides one at once. Of several, or out of turn, it first shows who they are."""
    form = await read(request, SeveralWaitingForm)
    if form.errors:
        return await _list(request, form, 422)
    decision, ids = Decision(form.decision.data), form.person.data
    found = await several_decisions.in_order(request.state.event, ids)
    why = TurnReasonForm() if await is_out_of_turn(request, decision, ids) else None
    if len(ids) == 1 and why is None:
        return await _decided(request, decision, form.person.shown, found)
    return await confirm(request, decision, found, why)


async def is_out_of_turn(request: Request, decision: Decision, ids: Collection[int]) -> bool:
    """Whether this decision gives these a place, or offers one, before others who wait."""
    event = request.state.event
    return decision in GIVES_A_PLACE and await out_of_turn.passes_over(event, ids, clock.now())


async def confirm(
    request: Request, decision: Decision, found: Sequence[Registration], why: Form | None, status: int = 200
) -> Response:
    """Shows whom a decision is about, before it is made. `why` asks for the reason where it is out of turn."""
    people = [person for person in found if person.state is State.WAITING]
    await _read(request, "several to decide", [person.id for person in people])
    nothing: dict[str, Any] = {"kept": _kept(request), "withdrawn": {}, "review": set(), "told": {}}
    nothing |= {"rechecked": await person_history.rechecks(people, await moving_of(people)), "takes_over": {}}
    nothing |= {"left_out": [], "more_asked": {}, "of_two": await two_approvals.standing(request.state.event, people)}
    facts = nothing | {"people": people, "decision": decision.value, "gone": len(found) - len(people)}
    return await show(request, "desk/decide_several.html", status, queue="waiting", form=why, **facts)


async def decide_several(request: Request) -> Response:
    form = await read(request, SeveralWaitingForm)
    if form.errors:
        return await _list(request, form, 422)
    decision, ids = Decision(form.decision.data), form.person.data
    found = await several_decisions.in_order(request.state.event, ids)
    if not await is_out_of_turn(request, decision, ids):
        return await _decided(request, decision, form.person.shown, found)
    why = await read(request, TurnReasonForm)
    if why.errors:
        return await confirm(request, decision, found, why, 422)
    return await _decided(request, decision, form.person.shown, found, TURN_REASONS[why.reason.data or ""])


async def _decided(
    request: Request,
    decision: Decision,
    shown: Mapping[int, str],
    people: Sequence[Registration],
    reason: TurnReason | None = None,
) -> Response:
    """`shown`: the marks that these had on the page, by their ids; `people`: those who are requests of the event."""
    state, at = request.state, clock.now()
    due = vetting.email_due(at, clock.real(), undoable=True)
    if reason is None:
        results = await several_decisions.decide_shown(people, shown, decision, state.staff, at, due, State.WAITING)
    else:
        results = await out_of_turn.decide_out_of_turn(people, shown, decision, reason, state.staff, at, due)
    said = decision_banner.in_query(decision, results, state.event, state.staff)
    return redirect(path_of(request, "waiting") + _kept(request, **said))


def _kept(request: Request, **more: str) -> str:
    """The query string that keeps an organiser on the same page of the list, in the same order."""
    page = number(request.query_params.get("page"))
    kept: dict[str, str] = {"by": BY_ORGANISATION} if request.query_params.get("by") == BY_ORGANISATION else {}
    kept |= ({"page": str(page)} if page else {}) | more
    return f"?{urlencode(kept)}" if kept else ""


async def _read(request: Request, name: str, ids: Collection[int], **filters: int) -> None:
    at, real = clock.now(), clock.real()
    await reading.listed(request.state.event, name, ids, by=request.state.staff, at=at, real=real, filters=filters)


routes = [
    page("/desk/{event}/waiting", waiting, who=VIEWER),
    page("/desk/{event}/waiting", decide, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/waiting/several", decide_several, who=ORGANISER, methods=["POST"]),
]
