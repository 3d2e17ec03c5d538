"""One act on all whom a filter of the people list or of the queue shows: asked first, then done beside the pages.

Whom it is about is fixed by the press on the list. Rules: SG-02, SE-06.
"""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.accounts import reading
from events.accounts.guards import STEPPED_UP
from events.accounts.staff import May
from events.ground import clock, wording
from events.ground.refusal import Refused
from events.web.forms import Form
from events.web.routing import answers, page, read, redirect
from registrations.bulk import acting, fixing, progress, reminding
from registrations.bulk.bulk_act import BADGE_TYPES, NOT_DECIDED, BulkAct, BulkKind, Outcome, Stage
from registrations.bulk.deciding_some import GIVES_A_PLACE
from registrations.codes.badge_type import BadgeType
from registrations.deciding.out_of_turn import TURN_REASONS
from registrations.desk import people_list
from registrations.desk.desk_forms import TurnReasonForm
from registrations.desk.desk_pages import ORGANISER, number, path_of, show
from registrations.desk.listing import act_forms
from registrations.desk.listing.deciding import OF_STATES
from registrations.desk.listing.filter_words import filter_words, refuse_wider
from registrations.desk.on_the_day import presence
from registrations.desk.people_list import A_PAGE, Found, Wanted
from registrations.desk.people_pages import wanted_in
from registrations.desk.requests_pages import wanted_in as wanted_in_queue
from registrations.people.registration import State

from . import bulk_words
from .bulk_words import LEFT, ORDER, outcome_words, title

AGAIN = STEPPED_UP(May.ORGANISE)
HERE = "bulk"
TICK_FIRST = "Tick the box beside the number of people first. Nothing was done."
NOT_HERE = "This cannot be done with the people on this list. Go back, and choose a state."
Counts = Mapping[Any, int]  # by outcome; None of those whose turn has not come


async def of_people(request: Request) -> Response:
    shown = await presence.shown_to(request.state.role, request.state.event, clock.now())
    wanted = wanted_in(request, shown)
    return await _fixed(request, wanted, act_forms.of_people(wanted), wanted.state)


async def of_queue(request: Request) -> Response:
    return await _fixed(request, wanted_in_queue(request), act_forms.DECISIONS["requests"], State.CONFIRMED)


async def _fixed(request: Request, wanted: Wanted, acts: list[tuple[str, str]], seen: State | None) -> Response:
    """The set of people, from now on, and the page that asks whether it shall begin."""
    posted, state = await answers(request), request.state
    named = str(posted.get("act", ""))
    if posted.get("everyone") != "yes":
        raise Refused(TICK_FIRST, 422)
    if named not in {value for value, _ in acts}:
        raise Refused(NOT_HERE, 422)
    refuse_wider(request.query_params, wanted)
    at, real = clock.now(), clock.real()
    kind = _kind(named, str(posted.get("badge_type", "")))
    if kind is not BulkKind.WRITE and state.event.is_over(at):
        raise Refused(wording.IS_OVER)
    ticked = act_forms.ticked_in([str(value) for value in posted.getlist("person")])
    ids, filtered = act_forms.of_ticked(await people_list.everybody(state.event, wanted), filter_words(wanted), ticked)
    decided_on = seen if seen in OF_STATES and kind not in NOT_DECIDED else None
    made = await fixing.fix(state.event, kind, decided_on, ids, filtered, state.staff, at, real)
    came_from = "?from=waiting" if request.query_params.get("from") == "waiting" else ""
    return redirect(path_of(request, HERE, made.id) + came_from)


def _kind(named: str, badge_type: str) -> BulkKind:
    if named != act_forms.BADGE_TYPE[0]:
        return BulkKind(named)
    if badge_type not in set(BadgeType):
        raise Refused(NOT_HERE, 422)
    return BulkKind(badge_type)


async def shown(request: Request) -> Response:
    act = await _found(request)
    if act.stage is Stage.DRAFT:
        return await _asked(request, act)
    if act.kind is BulkKind.WRITE:
        return redirect(path_of(request, "emails", "to-many"))
    counts, real = await progress.counted(act), clock.real()
    until = act.undo_until(real)
    facts: dict[str, Any] = {"act": act, "title": title(act), "stage": act.stage.value, "rows": _rows(act, counts)}
    facts |= {"undo_for": max(0, int((until - real).total_seconds())) if until else 0}
    facts |= {"waits": until + clock.moved() if until else None}
    return await show(request, "desk/bulk/progress.html", **facts)


async def _asked(request: Request, act: BulkAct, why: Form | None = None, status: int = 200) -> Response:
    """`why`: as it was sent, where the act is out of turn."""
    if why is None and await acting.is_out_of_turn(act, clock.now()):
        why = TurnReasonForm()
    facts: dict[str, Any] = {"act": act, "title": title(act), "whom": bulk_words.people_words(act.total)}
    facts["title_of"] = bulk_words.title_of
    facts |= {"badge_type": BADGE_TYPES.get(act.kind), "gets": act.total}
    facts["back"] = path_of(request, _listed_in(request, act))
    if act.kind is BulkKind.REMIND:
        rows = _rows(act, await reminding.preview(request.state.event, act.id, clock.now()))
        facts |= {"rows": rows, "gets": sum(row["number"] for row in rows if row["is_done"])}
    if act.kind is BulkKind.WRITE:
        written = {state.value for state in act_forms.WRITTEN_TO if state}
        states = await progress.by_state(act)
        facts |= {"states": states, "gets": sum(states[state] for state in states if state in written)}
        facts |= {"written": written}
    if act.kind in GIVES_A_PLACE:
        facts |= {"need_a_place": await progress.need_a_place(act)}
    return await show(request, "desk/bulk/asked.html", status, form=why, **facts)


def _listed_in(request: Request, act: BulkAct) -> str:
    """The page of the list that was pressed on."""
    if request.query_params.get("from") == "waiting":
        return "waiting"
    return "requests" if act.seen is State.CONFIRMED else "people"


def _rows(act: BulkAct, counts: Counts) -> list[dict[str, Any]]:
    """What became of how many, in order."""
    done = {*bulk_words.EMAILS, Outcome.DONE, Outcome.FIRST, Outcome.UNDONE}
    return [
        {
            "what": outcome.value if outcome else LEFT,
            "words": outcome_words(act, outcome),
            "number": counts[outcome],
            "is_done": outcome in done,
        }
        for outcome in [*ORDER, None]
        if counts.get(outcome)
    ]


async def people(request: Request) -> Response:
    """Who is where in it. It is recorded as each list is."""
    act, state = await _found(request), request.state
    named = request.query_params.get("what", LEFT)
    if named != LEFT and named not in set(Outcome):
        raise HTTPException(404)
    outcome = None if named == LEFT else Outcome(named)
    wanted_page, at, real = max(1, number(request.query_params.get("page"))), clock.now(), clock.real()
    skipped = (wanted_page - 1) * A_PAGE
    if act.stage is Stage.DRAFT and outcome is not None:
        all_ids = await reminding.who(state.event, act.id, outcome, at)
        total, ids = len(all_ids), all_ids[skipped : skipped + A_PAGE]
    else:
        total = (await progress.counted(act)).get(outcome, 0)
        ids = list(await progress.some(act, outcome, A_PAGE, skipped))
    await reading.listed(state.event, "people of one act", ids, by=state.staff, at=at, real=real)
    lines = {line.id: line for line in await people_list.lines(state.event.id, ids)}
    found = Found([lines[id_] for id_ in ids if id_ in lines], total, wanted_page)
    facts: dict[str, Any] = {"act": act, "title": title(act), "found": found, "what": named}
    return await show(request, "desk/bulk/people.html", words=outcome_words(act, outcome), **facts)


async def begin(request: Request) -> Response:
    act, state = await _found(request), request.state
    if act.kind is BulkKind.WRITE:
        raise HTTPException(404)
    reason, at = None, clock.now()
    if act.stage is Stage.DRAFT and await acting.is_out_of_turn(act, at):
        why = await read(request, TurnReasonForm)
        if why.errors:
            return await _asked(request, act, why, 422)
        reason = TURN_REASONS[why.reason.data or ""]
    await acting.begin(act, state.staff, at, clock.real(), reason)
    return redirect(path_of(request, HERE, act.id))


async def stop(request: Request) -> Response:
    act = await _found(request)
    await acting.stop(act, request.state.staff, clock.now(), clock.real())
    return redirect(path_of(request, HERE, act.id))


async def undo(request: Request) -> Response:
    act = await _found(request)
    await acting.undo(act, request.state.staff, clock.now(), clock.real())
    return redirect(path_of(request, HERE, act.id))


async def overview(request: Request) -> Response:
    """The acts of the event, the newest first, whoever began them."""
    acts = [(act, title(act), act.stage.value) for act in await acting.recent(request.state.event)]
    return await show(request, "desk/bulk/acts.html", acts=acts)


async def _found(request: Request) -> BulkAct:
    """Those that have begun, and one's own that has not."""
    state = request.state
    act = await BulkAct.get(id=request.path_params["id"], event_id=state.event.id).prefetch_related("asked_by")
    if act.fixed_at is None or (act.stage is Stage.DRAFT and act.asked_by_id != state.staff.id):
        raise HTTPException(404)
    return act


BELOW = "/desk/{event}/bulk"
routes = [
    page("/desk/{event}/people/all", of_people, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/requests/all", of_queue, who=ORGANISER, methods=["POST"]),
    page(BELOW, overview, who=ORGANISER),
    page(f"{BELOW}/{{id:int}}", shown, who=ORGANISER),
    page(f"{BELOW}/{{id:int}}/people", people, who=ORGANISER),
    page(f"{BELOW}/{{id:int}}/begin", begin, who=AGAIN, methods=["POST"]),
    page(f"{BELOW}/{{id:int}}/stop", stop, who=ORGANISER, methods=["POST"]),
    page(f"{BELOW}/{{id:int}}/undo", undo, who=ORGANISER, methods=["POST"]),
]
