"""The pages of whom a guest named: whether they want a place, or come along. Opening one changes nothing.

A yes leads to the same questions as everybody is asked; their answers confirm at once (`by_colleague.py`).
"""

from starlette.requests import Request
from starlette.responses import Response

from events.event import public_event_of
from events.ground import clock
from events.ground.tokens import Purpose
from events.web.forms import Choice, Form
from events.web.rendering import render
from events.web.routing import ANYONE, page, read, redirect
from registrations.people.colleague import LINK_LASTS, Colleague
from registrations.tickets.own_link import TypedLink
from registrations.tickets.typed_word import DELETED, TypedWord, when_no

from . import by_colleague, drafting
from .drafting import ALONG, COLLEAGUE
from .register_pages import DRAFT, kept


class PlaceForm(Form):
    place = Choice(
        "Do you want a place?",
        [("yes", "Yes, I would like a place"), ("no", "No, delete my address")],
        missing="Select whether you want a place",
    )
    word = TypedWord("delete", DELETED, needed=when_no("place"))


class AlongForm(Form):
    place = Choice(
        "Do you come along with them?",
        [("yes", "Yes, and I need a ticket"), ("no", "No, delete my address")],
        missing="Select whether you come along",
    )
    word = TypedWord("delete", DELETED, needed=when_no("place"))


def _form_of(named: Colleague) -> type[PlaceForm | AlongForm]:
    return AlongForm if named.comes_along else PlaceForm


async def show(request: Request) -> Response:
    return await _stands(request) or _question(request, _form_of(request.state.colleague)())


async def answer(request: Request) -> Response:
    if (stands := await _stands(request)) is not None:
        return stands
    named: Colleague = request.state.colleague
    form = await read(request, _form_of(named))
    if form.errors:
        return _question(request, form, 422)
    if form.place.data == "no":
        await by_colleague.decline(named, clock.now())
        return redirect(f"/e/{request.state.event.slug}/address-deleted")
    _, opened = await drafting.find(request.state.event.slug, DRAFT.read(request), clock.real())
    goes_on = opened is not None and opened.colleague == named.public_id
    request.state.opened = opened if goes_on else None  # what somebody else has typed in this browser is not theirs
    along = named.address if named.comes_along else ""
    return await kept(request, {"email": named.address, COLLEAGUE: named.public_id, ALONG: along})


def _question(request: Request, form: PlaceForm | AlongForm, status: int = 200) -> Response:
    named: Colleague = request.state.colleague
    facts = {"email": named.address, "until": named.asked_at + LINK_LASTS, "full": request.state.event.is_full}
    page = "asking/companion.html" if named.comes_along else "asking/colleague.html"
    return render(request, page, status, form=form, **facts)


async def _stands(request: Request) -> Response | None:
    """The page for a link that asks nothing any more, or not now."""
    named, at, event = request.state.colleague, clock.now(), request.state.event
    if await by_colleague.goes_on(named):
        code = request.query_params.get("code", "")
        return render(request, "asking/confirm_used.html", again="", code=code)
    if not named.is_open(at) or request.state.event.is_over(at):
        return render(request, "asking/colleague_over.html", 410, open=event.is_open(at) and not event.by_invitation)
    if not request.state.event.is_open(at):
        return render(request, "asking/colleague_closed.html", 410, until=named.asked_at + LINK_LASTS)
    return None


async def deleted(request: Request) -> Response:
    request.state.event = await public_event_of(request.path_params["slug"])
    return render(request, "asking/colleague_deleted.html")


NAMED = TypedLink(Purpose.COLLEAGUE, Colleague, "colleague")
routes = [
    page("/colleague/{token}", show, who=NAMED),
    page("/colleague/{token}", answer, who=NAMED, methods=["POST"]),
    page("/e/{slug}/address-deleted", deleted, who=ANYONE),
]
