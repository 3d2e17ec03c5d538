"""One person at the desk: details, history, and what an organiser can do about it."""

from copy import copy
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.accounts import reading
from events.accounts.staff import Detail
from events.ground import clock
from events.ground.database import find_row
from events.mail import delivery
from events.web.forms import Form
from events.web.routing import answers, page, read, redirect
from registrations.asking import inviting
from registrations.booking import corrected_address
from registrations.deciding import (
    approvers,
    restoring,
    sent_again,
    several_decisions,
    two_approvals,
    undone_decisions,
    vetting,
)
from registrations.deciding.correcting import ChangedMeanwhile
from registrations.deciding.decision import refuse_after
from registrations.deciding.similar_requests import signals
from registrations.deciding.vetting import AlreadyDecided, Decision, Result
from registrations.people import companions
from registrations.people.address_change import moving_of, open_of
from registrations.people.colleague import guests_who_named
from registrations.people.registration import KNOWS_OF_A_PLACE, LIVE, MANAGED, TO_DECIDE, Registration, State
from registrations.tickets.ticket import Ticket
from registrations.workshops.shown import workshops_at_desk

from . import decision_banner, hand_overs, person_history, undelivered
from .decision_banner import Act
from .desk_forms import OfferedDecisionForm, OneDecisionForm, TurnReasonForm, WaitingDecisionForm, without_approving
from .desk_pages import ORGANISER, VIEWER, banner_of, chosen, number, path_of, show
from .listing.alike import with_links
from .on_the_day import presence
from .waiting_pages import confirm, is_out_of_turn, note_on

DECISION_FORMS: dict[State, type[Form]] = {
    State.CONFIRMED: OneDecisionForm,
    State.RECHECKING: OneDecisionForm,
    State.WAITING: WaitingDecisionForm,
    State.OFFERED: OfferedDecisionForm,
}
ACTS = {  # which states each is offered in
    "reconsider": {State.NOT_OFFERED},
    "ticket": {State.APPROVED},
    "withdraw": {State.APPROVED},
    "cancel": LIVE,
    "details": LIVE,
    "more": TO_DECIDE,
    "address": corrected_address.MAY_CORRECT,
    "along": MANAGED,
    "alias": KNOWS_OF_A_PLACE,
    "badge-type": LIVE,
    "emails": LIVE,  # while none goes to the address
}
NOT_AFTER = {"more", "address", "restore", "ticket", "reconsider"}  # refused once the event is over
VERBS = {
    "reconsider": vetting.reconsider,
    "ticket": sent_again.send_ticket_again,
    "withdraw": vetting.withdraw,
    "cancel": vetting.cancel,
    "emails": undelivered.let_through,
}
ASKED_FIRST = {"withdraw", "cancel"}  # these have a page of their own before anything is done
SAID = {
    "added": "We have asked their address by email. It is a request once they have said yes there.",
    "reconsider": "Back in the queue, to be decided again.",
    "ticket": "The ticket is sent again.",
    "withdraw": "The approval is withdrawn. The ticket no longer works, and the place is free.",
    "cancel": "Cancelled.",
    "restore": "The request is restored.",
    "details": "The details are corrected.",
    "along": "Noted with whom they come along.",
    "alone": "They do not come along with that guest any more.",
    "alias": "At the door they are known by the name on their badge alone.",
    "full": "At the door they are known by their full name.",
    "badge-type": "The badge type is saved.",
    "more": "They are asked by email.",
    "address": "We have asked the new address by email. Nothing else goes there before it has said yes.",
    "workshop": "Saved which workshop they take part in.",
    "emails": "Emails go to this address again. What did not arrive is on the page Emails: try it again there.",
}


async def person(request: Request) -> Response:
    found = await person_of(request)
    form = DECISION_FORMS[found.state]() if found.state in DECISION_FORMS else None
    said = banner_of(request, SAID)
    state = request.state
    outcome = await decision_banner.of(state.event, state.staff, request.query_params, clock.real(), about=found)
    return await _shown(request, found, form=form, said=said, outcome=outcome)


async def _shown(request: Request, found: Registration, status: int = 200, **facts: Any) -> Response:
    """Records that the organiser looked at this person, even if nothing is changed."""
    event = request.state.event
    views = await person_history.views(found)
    if is_over := event.is_over(clock.now()):  # nothing is decided any more
        facts["form"] = None
    standing = (await two_approvals.standing(event, [found])).get(found.id)
    if facts.get("form") and standing and standing.by_id == request.state.staff.id:
        facts["form"].decision.choices = without_approving(facts["form"].decision.choices)
    others = await _others(request, found)
    moving = await moving_of([found])
    facts |= others | {
        "person": found,
        "asked_address": await open_of(found, clock.now()),
        "told": with_links(request.state.role, [found], await signals(event.id, [found], moving))[found.id],
        "rechecked": (await person_history.rechecks([found], moving)).get(found.id),
        "invited": (await inviting.partners_of([found])).get(found.id),
        "named_by": (await guests_who_named([found.id])).get(found.id),
        "walk_in": await presence.walk_in_of(request.state.role, found.id),
        "of_two": standing,
        "too_few_approve": await approvers.too_few(event),
        "more_asked": (await person_history.more_asked([found])).get(found.id),
        "withdrawn": (await person_history.withdrawals([found])).get(found.id),
        "ticket": await find_row(Ticket, "registration_id = ? AND revoked_at IS NULL", [found.id]),
        "note": note_on(found),
        "chosen": found.choices,
        "tells": found.state in KNOWS_OF_A_PLACE,
        "workshops": await workshops_at_desk(event, found),
        "history": await person_history.history(found, at_the_door=request.state.role.sees(Detail.PRESENCE)),
        "presence": await presence.of_people(
            await presence.shown_to(request.state.role, event, clock.now()), [found.id]
        ),
        "views": views,
        "undeliverable": delivery.meaning(found.undeliverable) if found.undeliverable else "",
        "acts": _acts(found, is_over=is_over),
        "is_over": is_over,
    }
    return await show(request, "desk/person.html", status, **facts)


async def _others(request: Request, found: Registration) -> dict[str, Any]:
    """The people whom the page names beside this one. That the organiser looked at them and at this one is recorded."""
    takes_over = (await hand_overs.taken_over([found])).get(found.id)
    hands_over = await hand_overs.handed_over(found, clock.now())
    comes_with, with_them = await companions.guest_of(found), await companions.companions_of(found)
    others = [handing.other for handing in (takes_over, hands_over) if handing and handing.other]
    for looked_at in [found, *others, *([comes_with] if comes_with else []), *with_them]:
        await look_at(request, looked_at)
    return {"takes_over": takes_over, "hands_over": hands_over, "comes_with": comes_with, "with_them": with_them}


def _acts(found: Registration, *, is_over: bool) -> set[str]:
    acts = {name for name, states in ACTS.items() if found.state in states}
    acts |= {"restore"} if restoring.may_be_restored(found) else set()
    return acts - NOT_AFTER if is_over else acts


async def decide(request: Request) -> Response:
    found, posted = await person_of(request), await answers(request)
    seen = await _as_seen(request, found)
    if seen.state is found.state and posted.get("mark", found.marks[0]) not in found.marks:
        raise ChangedMeanwhile  # such as another address that has said yes since, which nobody has looked at here
    form = await read(request, DECISION_FORMS.get(seen.state, OneDecisionForm))
    if form.errors:
        return await _shown(request, found, 422, form=form)
    decision, at = Decision(form["decision"].data), clock.now()
    takes_over = number(str(posted.get("takes_over", "")))
    if seen.state is State.WAITING and not takes_over and await is_out_of_turn(request, decision, [found.id]):
        return await confirm(request, decision, [found], TurnReasonForm())
    due = vetting.email_due(at, clock.real(), undoable=not takes_over)
    result = await several_decisions.decide_alone(seen, decision, request.state.staff, at, due, takes_over)
    return _decided(request, found, decision, result)


async def undo(request: Request) -> Response:
    seen = await _as_seen(request, await person_of(request))
    undone = await undone_decisions.undo(seen, request.state.staff, clock.now())
    return _decided(request, seen, Act.UNDO, Result.DONE if undone else Result.DECIDED)


def _decided(request: Request, person: Registration, act: Decision | Act, result: Result) -> Response:
    said = decision_banner.in_query(act, {person.id: result}, request.state.event, request.state.staff)
    return redirect(f"{path_of(request, 'people', person.id)}?{urlencode(said)}")


async def ask_first(request: Request) -> Response:
    found, act = await person_of(request), request.path_params["act"]
    if act not in ASKED_FIRST or found.state not in ACTS[act]:
        raise HTTPException(404)
    with_them = await companions.companions_of(found)
    for looked_at in [found, *with_them]:
        await look_at(request, looked_at)
    is_over = request.state.event.is_over(clock.now())
    return await show(request, f"desk/{act}.html", person=found, with_them=with_them, is_over=is_over)


async def do(request: Request) -> Response:
    found, act = await person_of(request), request.path_params["act"]
    if act not in VERBS:
        raise HTTPException(404)
    if act in NOT_AFTER:
        await refuse_after(request.state.event.id, clock.now())
    try:
        await VERBS[act](await _as_seen(request, found), request.state.staff, clock.now())
    except AlreadyDecided:  # the page says what they are now, and what can be done about it
        return _decided(request, found, Act.OTHER, Result.DECIDED)
    return _done(request, found, act)


async def look_at(request: Request, found: Registration) -> None:
    at, real = clock.now(), clock.real()
    await reading.looked_at(found, request.state.event, by=request.state.staff, at=at, real=real)


async def person_of(request: Request) -> Registration:
    """The person whom the path names; nobody of another event."""
    here = [request.path_params["id"], request.state.event.id]
    if (found := await find_row(Registration, "id = ? AND event_id = ?", here)) is None:
        raise HTTPException(404)
    return found


async def _as_seen(request: Request, found: Registration) -> Registration:
    """The same row in the state that the organiser was looking at. A move from it is refused if the state is another
    by now."""
    seen = copy(found)
    seen.state = chosen(State, str((await answers(request)).get("seen", ""))) or found.state
    return seen


def _done(request: Request, found: Registration, said: str) -> Response:
    return redirect(f"{path_of(request, 'people', found.id)}?said={said}")


routes = [
    page("/desk/{event}/people/{id:int}", person, who=VIEWER),
    page("/desk/{event}/people/{id:int}/decide", decide, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/people/{id:int}/undo", undo, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/people/{id:int}/{act}", ask_first, who=ORGANISER),
    page("/desk/{event}/people/{id:int}/{act}", do, who=ORGANISER, methods=["POST"]),
]
