"""The page behind the link in the first mail: yes, I asked, or no, I did not. Opening it changes nothing."""

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock, wording
from events.ground.tokens import Match, Purpose
from events.web.forms import Choice, Form
from events.web.rendering import render
from events.web.routing import ANYONE, network_of, page, read, redirect
from registrations.people.registration import State
from registrations.tickets.own_link import HOLDER, YES_NO

from . import registering


class ConfirmForm(Form):
    asked = Choice(
        "Did you ask for this place?",
        [("yes", "Yes, I asked for this place"), ("no", "No, I did not ask")],
        missing="Select whether you asked for this place",
    )


class AgainForm(Form):
    again = Choice(
        "Do you want us to send our email again?",
        YES_NO,
        missing="Select yes to have our email sent again",
        hint=wording.SAME_ADDRESS,
    )


async def show(request: Request) -> Response:
    return _stands(request) or _question(request, ConfirmForm())


async def decide(request: Request) -> Response:
    if (stands := _stands(request)) is not None:
        return stands
    form = await read(request, ConfirmForm)
    if form.errors:
        return _question(request, form, 422)
    if form.asked.data == "no":
        gone = await registering.say_no(request.state.registration, clock.now())
        return redirect("/request-deleted" if gone else request.scope["path"])
    await registering.confirm(request.state.registration, clock.now())
    return redirect(request.scope["path"])


async def deleted(request: Request) -> Response:
    return render(request, "public/confirm/deleted.html")


async def ask_again(request: Request) -> Response:
    return render(request, "public/one_question.html", form=AgainForm(), back=_own_path(request))


async def send_again(request: Request) -> Response:
    form = await read(request, AgainForm)
    if form.errors:
        return render(request, "public/one_question.html", 422, form=form, back=_own_path(request))
    if form.again.data == "no":
        return redirect(_own_path(request))
    await registering.slow_down(network_of(request), clock.real())
    if not registering.has_lapsed(request.state.registration, clock.now()):
        await registering.send_again(request.state.registration, clock.now(), clock.real())
    return redirect(f"/e/{request.state.event.slug}/asked?again")


def _stands(request: Request) -> Response | None:
    """The page for a link that asks nothing any more, the same for every answer a person may have had since."""
    registration = request.state.registration
    if registering.has_lapsed(registration, clock.now()) or registration.state is State.CANCELLED:
        return render(request, "public/confirm/expired.html", 410)
    again = f"{_own_path(request)}/again"
    if registration.state is not State.REQUESTED:
        return render(request, "public/confirm/used.html", again=again)
    if request.state.link is Match.OLD:
        return render(request, "public/confirm/replaced.html", 410, again=again)
    return None


def _question(request: Request, form: ConfirmForm, status: int = 200) -> Response:
    return render(request, "public/confirm/question.html", status, form=form, registration=request.state.registration)


def _own_path(request: Request) -> str:
    return f"/confirm/{request.path_params['token']}"


CONFIRM = HOLDER(Purpose.CONFIRM)
routes = [
    page("/confirm/{token}", show, who=CONFIRM),
    page("/confirm/{token}", decide, who=CONFIRM, methods=["POST"]),
    page("/confirm/{token}/again", ask_again, who=CONFIRM),
    page("/confirm/{token}/again", send_again, who=CONFIRM, methods=["POST"]),
    page("/request-deleted", deleted, who=ANYONE),
]
