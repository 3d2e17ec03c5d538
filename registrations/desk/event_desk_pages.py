"""The event at the desk: each part of it and how to change it, open and closed, and the release of the venue."""

from typing import Any

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events import event_changes, moving_day, processor_register
from events.accounts.guards import STEPPED_UP
from events.accounts.staff import Detail, May, Role
from events.content import markdown
from events.content.event_part import PartForm
from events.content.large_event import safety_note
from events.content.logo import logos_of
from events.event import Event, EventState, event_with
from events.event_forms import PARTS, form_of
from events.ground import clock
from events.ground.refusal import Refused
from events.programme.changing import says_where
from events.web.colour import USUAL, accent
from events.web.routing import answers, page, redirect
from events.web.uploads import with_room
from registrations.deciding import approvers
from registrations.tickets import own_changes

from .arranging.nobody_reads import nobody_reads
from .desk_forms import ApprovalsForm, LookUpForm
from .desk_pages import ORGANISER, VIEWER, path_of, show

LEAD_AGAIN, ORGANISER_AGAIN = STEPPED_UP(May.LEAD), STEPPED_UP(May.ORGANISE)


class GuardedPart(StringConvertor):
    """Parts of an event that guests turn to, that tell when and where it is, or that guard who comes."""

    regex = "contacts|hosts|venue|approvals|day"


register_url_convertor("guarded", GuardedPart())
TITLES = {
    "title": "Title",
    "day": "Day",
    "text": "Text of the public page",
    "facts": "Facts on the public page",
    "colour": "Colour",
    "hours": "Hours",
    "venue": "Venue",
    "access": "Access",
    "places": "Places",
    "waiting-list": "Waiting list",
    "who-asks": "Who can ask for a place",
    "approvals": "Approvals",
    "look-up": "Look-up by name at the door",
    "contacts": "Contacts",
    "hosts": "The hosts' contacts",
    "privacy": "Privacy notice",
    "bring": "What to bring",
    "wellbeing": "Quiet room and support",
    "changes": "Until when people change their booking",
    "dpia": "Data protection impact assessment",
}
PARTS |= {"approvals": ApprovalsForm, "look-up": LookUpForm}
STATES = {"open": event_changes.open_registration, "close": event_changes.close_registration}
RELEASE, HOLD_BACK = "release", "hold-back"
SAID = {
    "open": "Registration is open.",
    "close": "Registration is closed.",
    "release": "The venue is released: everyone with a place can see it.",
    "hold-back": "The venue is held back: no page shows it to guests.",
    "changed": "Saved.",
    "copied": "This is the copy, as a draft. The hosts' safe needs a copy of its data key, apart from the database: "
    "without it nobody can read who asks for a place. Tell whoever runs the server. The overview says what is missing.",
    "same": "Nothing was different, so nothing was changed.",
}
BOTH = ["GET", "POST"]
LONGEST_FORM = 1 << 20  # bytes: a text that is pasted may be very long, and comes back with what is wrong with it
TELLS_WHERE = "This may say{} where the event is, and anybody can read it. Change it, or say below that it may stand"


async def event(request: Request) -> Response:
    act, event = request.query_params.get("said", ""), request.state.event
    register_lacks = await processor_register.missing(event)
    missing = event_changes.details_missing(event) + event_changes.in_register(register_lacks)
    facts: dict[str, Any] = {"missing": missing, "register_lacks": register_lacks}
    facts["lacks"] = event_changes.notice_lacks(event)
    facts["reopens"] = act == "close" and event.state is EventState.CLOSED  # the one act here that a click undoes
    said = SAID.get(act, "") if not facts["reopens"] else ""
    facts["too_few_approve"] = await approvers.too_few(event)
    facts["unread"] = await nobody_reads(event) if request.state.role.may(May.ORGANISE) else []
    facts["tells_where"] = read_by_all_and_tells(event) if request.state.role.sees(Detail.VENUE) else []
    facts["logos"] = await logos_of(event)
    facts["several"] = await Role.filter(staff_id=request.state.staff.id).count() > 1
    facts["changes_until"] = own_changes.last_day_words(event)
    return await show(request, "desk/event.html", said=said, is_over=event.is_over(clock.now()), **facts)


def read_by_all_and_tells(event: Event) -> list[str]:
    """Parts of an event that may say where it is: anybody reads them, and the venue may be newer than they are."""
    filled = {part: kind.of(event) for part, kind in PARTS.items() if kind.read_by_all}
    return [
        TITLES[part]
        for part, form in filled.items()
        if says_where(event, *(form[name].data or "" for name in form.read_by_all))
    ]


async def change(request: Request) -> Response:
    part, event = request.path_params["part"], request.state.event
    kind = form_of(part, event)
    if kind is None:
        raise HTTPException(404)
    if request.method == "GET":
        return await _asked(request, kind.of(event))
    posted = await answers(request, LONGEST_FORM)
    form = kind(posted)
    if not form.check(event, {name: str(posted[f"seen-{name}"]) for name in kind.names() if f"seen-{name}" in posted}):
        return await _asked(request, form, 409)
    if form.errors:
        return await _asked(request, form, 422)
    if part in PREVIEWED and posted.get("act") == "preview":
        return await _asked(request, form, **PREVIEWED[part](event, form.details(event)))
    try:
        return await _saved(request, form, posted)
    except event_changes.ChangedMeanwhile:  # since this request began: it is looked at once more
        request.state.event = await event_with(event.id)
        return await change(request)


async def _saved(request: Request, form: PartForm, posted: FormData) -> Response:
    event, by, at, real = request.state.event, request.state.staff, clock.now(), clock.real()
    details, lower_anyway = form.details(event), posted.get("lower_anyway") == "yes"
    if too_few(event, details) and not lower_anyway:
        form["capacity"].errors = [
            f"{event_changes.BELOW_TAKEN.format(event.taken)}. Enter more, or say below that you want it"
        ]
        return await _asked(request, form, 422, offers_lower=True)
    if posted.get("says_where") != "yes" and _tells_where(event, form):
        return await _asked(request, form, 422, offers_says_where=True)
    if details.get("day", event.day) != event.day and (wrong := await moving_day.refusal(event, details["day"], at)):
        form["day"].errors = [wrong]
        return await _asked(request, form, 422)
    changed = await event_changes.change(event, details, by=by, at=at, real=real, lower_anyway=lower_anyway)
    return redirect(f"{path_of(request, 'event')}?said={'changed' if changed else 'same'}")


def _text_previewed(event: Event, details: dict[str, Any]) -> dict[str, Any]:
    typed = details["public_text"]
    return {"preview": markdown.drawn(typed), "tells_where": says_where(event, typed)}


def _colour_previewed(_: Event, details: dict[str, Any]) -> dict[str, Any]:
    return {"preview": accent(details["colour"] or USUAL)}


PREVIEWED = {"text": _text_previewed, "colour": _colour_previewed}  # as public pages would show it; nothing is saved


def _tells_where(event: Event, form: PartForm) -> bool:
    """Says on the form which texts do that anybody reads, and in which lines."""
    told = [form[name] for name in form.read_by_all if says_where(event, form[name].data or "")]
    for field in told:
        lines = [n for n, line in enumerate((field.data or "").splitlines(), 1) if says_where(event, line)]
        in_lines = f", in line {lines[0]}," if lines and lines != [1] else ""
        field.errors = [TELLS_WHERE.format(in_lines)]
    return told != []


def too_few(event: Event, details: dict[str, Any]) -> bool:
    return "capacity" in details and details["capacity"] + details["allowance"] < event.taken


async def _asked(request: Request, form: PartForm, status: int = 200, **facts: Any) -> Response:
    part, event = request.path_params["part"], request.state.event
    if part == "approvals":
        would = await approvers.number(event) < approvers.ENOUGH
        facts |= {"too_few_would": would, "too_few_approve": would and event.two_approvals}
    facts["safety_note"] = safety_note(event.places)
    return await show(request, "desk/event_part.html", status, form=form, part=part, title=TITLES[part], **facts)


async def set_state(request: Request) -> Response:
    act = request.path_params["act"]
    if act not in STATES:
        raise HTTPException(404)
    await STATES[act](request.state.event, by=request.state.staff, at=clock.now())
    return redirect(f"{path_of(request, 'event')}?said={act}")


async def venue(request: Request) -> Response:
    """Asks before the venue is released or held back. Whoever had to prove themselves first starts again here."""
    if request.method == "GET":
        return await show(request, "desk/venue.html")
    act = str((await answers(request)).get("act", ""))
    if act not in {RELEASE, HOLD_BACK}:
        raise Refused("Choose whether to release the venue or to hold it back.", 422)
    event, by, at = request.state.event, request.state.staff, clock.now()
    if act == RELEASE:
        await event_changes.release_venue(event, by=by, at=at, real=clock.real())
    else:
        await event_changes.hold_venue_back(event, by=by, at=at)
    return redirect(f"{path_of(request, 'event')}?said={act}")


async def show_venue(request: Request) -> Response:
    """Shows the venue. It is a POST, since it leaves an entry and an email, and no address leads to its page."""
    text = await event_changes.read_venue(request.state.event, by=request.state.staff, at=clock.now())
    return await show(request, "desk/venue_shown.html", venue=text)


routes = [
    page("/desk/{event}/event", event, who=VIEWER),
    page("/desk/{event}/event/release", venue, who=LEAD_AGAIN, methods=BOTH),
    page("/desk/{event}/event/venue/show", show_venue, who=ORGANISER_AGAIN, methods=["POST"]),
    page("/desk/{event}/event/{part:guarded}", change, who=ORGANISER_AGAIN, methods=BOTH),
    with_room(page("/desk/{event}/event/{part}", change, who=ORGANISER, methods=BOTH), LONGEST_FORM),
    page("/desk/{event}/event/registration/{act}", set_state, who=ORGANISER, methods=["POST"]),
]
