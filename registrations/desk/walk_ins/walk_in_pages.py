"""Walk-ins at the desk. The list names nobody; the page of one is for organisers who have proved who they are.

Rules: SG-02, SG-06.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STEPPED_UP
from events.accounts.staff import May
from events.ground import clock
from events.web.forms import Choice, Form
from events.web.routing import answers, page, read, redirect
from registrations.checkin.walking_in import deciding_walk_ins, starting
from registrations.checkin.walking_in.deciding_walk_ins import MAY_BE_LET_IN
from registrations.checkin.walking_in.walk_in import Stage, WalkIn
from registrations.deciding import approvers, two_approvals
from registrations.deciding.similar_requests import signals
from registrations.deciding.vetting import Result
from registrations.desk.desk_forms import WalkInPersonForm
from registrations.desk.desk_pages import ORGANISER, banner_of, path_of, show
from registrations.desk.listing.alike import with_links
from registrations.desk.person_pages import look_at
from registrations.paper import release
from registrations.people.no_address import is_made_up
from registrations.people.registration import LIVE, State
from registrations.phones.door import PassRole
from registrations.tickets.ticket import Ticket

ORGANISER_AGAIN = STEPPED_UP(May.ORGANISE)
APPROVE, DECLINE = "approve", "decline"
SAID = {
    "approved": "Let in. The reference is on the lead's phone, and the ticket goes out by email.",
    "had_place": "Let in. They had a place already: their reference is on the lead's phone, and no email was sent.",
    "declined": "Declined. The lead's phone says so, without a reason.",
    "let_in": "Let in. Tell them the reference below: a steward types it.",
    "declined_at_desk": "Declined. Tell them so. No email was sent.",
    "vetted": "Marked as vetted.",
    "first": "You approved first. Another organiser has to approve them too. No email was sent.",
}
AT_DESK = {"approved": "let_in", "had_place": "let_in", "declined": "declined_at_desk"}  # no phone hears of it
NOT_DONE = {
    "full": "There is no place left, so nothing was changed. Raise the number of places first, or decline.",
    "decided": "Someone else has decided this already, or their request has changed. Nothing was changed.",
}


class WalkInForm(Form):
    decision = Choice(
        "Decision",
        [(APPROVE, "Let them in"), (DECLINE, "Decline")],
        missing="Select if they come in",
    )


async def listed(request: Request) -> Response:
    found = await deciding_walk_ins.all_of(request.state.event.id)
    waiting = [walk_in for walk_in in found if walk_in.stage is Stage.WAITING and _goes_on(walk_in)]
    to_vet = [walk_in for walk_in in found if walk_in.is_to_be_vetted and _goes_on(walk_in)]
    others = [walk_in for walk_in in found if walk_in not in waiting and walk_in not in to_vet]
    facts: dict[str, Any] = {"waiting": waiting, "to_vet": to_vet, "others": others}
    facts["may_enter"] = not starting.why_not_at_desk(request.state.event, clock.now())
    facts["releases"] = await release.counted(request.state.event.id)
    said = banner_of(request, SAID)
    return await show(request, "desk/walk_ins/list.html", said=said, **facts)


def _goes_on(walk_in: WalkIn) -> bool:
    return walk_in.registration.state in LIVE


async def enter(request: Request) -> Response:
    """Somebody who stands at the desk, or of whom a door telephones. The next page decides."""
    if refusal := starting.why_not_at_desk(request.state.event, clock.now()):
        status = 200 if request.method == "GET" else 409
        return await show(request, "desk/walk_ins/enter.html", status, form=WalkInPersonForm(), refusal=refusal)
    form = WalkInPersonForm() if request.method == "GET" else await read(request, WalkInPersonForm)
    if request.method == "GET" or form.errors:
        status = 422 if form.errors else 200
        return await show(request, "desk/walk_ins/enter.html", status, form=form)
    made = await starting.start_at_desk(request.state.event, form.asked, request.state.staff, clock.now())
    return redirect(path_of(request, "walk-ins", made.id))


async def one(request: Request) -> Response:
    return await _shown(request, await _find(request), WalkInForm())


async def _find(request: Request) -> WalkIn:
    wanted = WalkIn.get(id=request.path_params["id"], event_id=request.state.event.id)
    return await wanted.select_related("registration", "decided_by", "vetted_by", "door_pass")


async def _shown(
    request: Request, walk_in: WalkIn, form: WalkInForm, status: int = 200, not_done: str = ""
) -> Response:
    """Records that the organiser looked at this person."""
    event, person = request.state.event, walk_in.registration
    await look_at(request, person)
    is_over = event.is_over(clock.now())
    facts: dict[str, Any] = {
        "walk_in": walk_in,
        "person": person,
        "told": with_links(request.state.role, [person], await signals(event.id, [person], {}))[person.id],
        "of_two": (await two_approvals.standing(event, [person])).get(person.id),
        "too_few_approve": await approvers.too_few(event),
        "may_decide": walk_in.stage is Stage.WAITING and person.state in MAY_BE_LET_IN and not is_over,
        "is_over": is_over,
        "has_place": person.state is State.APPROVED,
        "is_for_their_page": await deciding_walk_ins.is_for_their_page(person),
        "is_unconfirmed": person.state is State.REQUESTED,
        "from_paper": walk_in.door_pass is not None and walk_in.door_pass.role is PassRole.PAPER,
        "ticket": await _reference_for_desk(walk_in),
        "no_address": is_made_up(person.email),
        "not_done": not_done,
    }
    said = banner_of(request, SAID)
    return await show(request, "desk/walk_ins/one.html", status, form=form, said=said, **facts)


async def _reference_for_desk(walk_in: WalkIn) -> str:
    """By which a steward lets in somebody who was entered here: no phone shows it."""
    if walk_in.door_pass_id is not None or walk_in.stage is not Stage.APPROVED:
        return ""
    ticket = await Ticket.get_or_none(registration_id=walk_in.registration_id, revoked_at=None)
    return ticket.reference if ticket else ""


async def decide(request: Request) -> Response:
    walk_in, form = await _find(request), await read(request, WalkInForm)
    if form.errors:
        return await _shown(request, walk_in, form, 422)
    by, at = request.state.staff, clock.now()
    if form.decision.data == DECLINE:
        done = Result.DONE if await deciding_walk_ins.decline(walk_in, by, at) else Result.DECIDED
    else:
        done = await deciding_walk_ins.approve(walk_in, str((await answers(request)).get("mark", "")), by, at)
    if done in (Result.FULL, Result.DECIDED):
        return await _shown(request, await _find(request), WalkInForm(), 409, NOT_DONE[done.value])
    said = "first" if done is Result.FIRST else await _said(walk_in, form.decision.data or "")
    at_desk = walk_in.door_pass_id is None and form.decision.data != DECLINE
    where = path_of(request, "walk-ins", walk_in.id) if at_desk else path_of(request, "walk-ins")
    return redirect(f"{where}?said={said if walk_in.door_pass_id else AT_DESK.get(said, said)}")


async def _said(walk_in: WalkIn, decision: str) -> str:
    """Whoever had a place is vetted by that, and gets no ticket anew."""
    had_place = (await WalkIn.get(id=walk_in.id)).vetted_at is not None
    return "declined" if decision == DECLINE else "had_place" if had_place else "approved"


async def vetted(request: Request) -> Response:
    done = await deciding_walk_ins.mark_vetted(await _find(request), request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'walk-ins')}{'?said=vetted' if done else ''}")


routes = [
    page("/desk/{event}/walk-ins", listed, who=ORGANISER),
    page("/desk/{event}/walk-ins/enter", enter, who=ORGANISER_AGAIN, methods=["GET", "POST"]),
    page("/desk/{event}/walk-ins/{id:int}", one, who=ORGANISER_AGAIN),
    page("/desk/{event}/walk-ins/{id:int}", decide, who=ORGANISER_AGAIN, methods=["POST"]),
    page("/desk/{event}/walk-ins/{id:int}/vetted", vetted, who=ORGANISER_AGAIN, methods=["POST"]),
]
