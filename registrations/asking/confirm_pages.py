"""The page behind the link in the first email: yes, I asked, or no, I did not. Opening it changes nothing."""

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock, wording
from events.web.forms import Choice, Form
from events.web.rendering import render
from events.web.routing import network_of, page, read, redirect
from registrations.people.link_answers import LINK_LASTS, LinkAnswers
from registrations.people.registration import State
from registrations.tickets.own_link import YES_NO

from . import confirming, late, registering
from .confirm_link import CONFIRM


class ConfirmForm(Form):
    asked = Choice(
        "Did you ask for this place?",
        [("yes", "Yes, I asked for this place"), ("no", "No, I did not ask")],
        missing="Select whether you asked for this place",
    )


class ListForm(ConfirmForm):
    """For whoever stood on a list of the organisers, and asked for nothing."""

    asked = Choice(
        "Do you want a place at this event?",
        [("yes", "Yes, I want a place"), ("no", "No, I do not want one")],
        missing="Select whether you want a place",
    )


class AgainForm(Form):
    again = Choice(
        "Do you want us to send our email again?",
        YES_NO,
        missing="Select yes to have our email sent again",
        hint=wording.SAME_ADDRESS,
    )


async def show(request: Request) -> Response:
    return _stands(request) or _question(request, _form_for(request)())


async def decide(request: Request) -> Response:
    if (stands := _stands(request)) is not None:
        return stands
    form = await read(request, _form_for(request))
    if form.errors:
        return _question(request, form, 422)
    if form.asked.data == "no":
        await confirming.say_no(request.state.link, clock.now())
        return redirect(request.scope["path"])
    code = await confirming.confirm(request.state.link, clock.now())
    return redirect(request.scope["path"] + (f"?code={code.value}" if code else ""))


async def ask_again(request: Request) -> Response:
    if (ended := _ended(request)) is not None:
        return ended
    if "sent" in request.query_params:
        return render(request, "asking/sent_again.html", late=late.words(request.query_params, clock.now()))
    return render(request, "asking/one_question.html", form=AgainForm(), back=_own_path(request))


async def send_again(request: Request) -> Response:
    if (ended := _ended(request)) is not None:
        return ended
    form = await read(request, AgainForm)
    if form.errors:
        return render(request, "asking/one_question.html", 422, form=form, back=_own_path(request))
    if form.again.data == "no":
        return redirect(_own_path(request))
    wait = await registering.send_again(request.state.link, network_of(request), clock.now(), clock.real())
    return redirect(late.along(f"{_own_path(request)}/again?sent", wait, clock.now()))


def _stands(request: Request) -> Response | None:
    """The page for a link that asks nothing any more. It is the same for every answer that was given since."""
    if (ended := _ended(request)) is not None:
        return ended
    if request.state.link.registration.state is not State.REQUESTED:
        code = request.query_params.get("code", "")
        return render(request, "asking/confirm_used.html", again=f"{_own_path(request)}/again", code=code)
    return None


def _ended(request: Request) -> Response | None:
    """The page for a link whose request is over: nothing could be sent for it again."""
    link: LinkAnswers = request.state.link
    if link.has_expired(clock.now()) or link.registration.state is State.CANCELLED:
        return render(request, "asking/confirm_expired.html", 410)
    return None


def _question(request: Request, form: ConfirmForm, status: int = 200) -> Response:
    """Asked after a No too, which a Yes can take back until the link expires."""
    link: LinkAnswers = request.state.link
    template = "asking/confirm_set_aside.html" if link.said_no_at else "asking/confirm.html"
    facts = {"email": link.registration.email, "answers": link.answers, "until": link.asked_at + LINK_LASTS}
    facts |= {"invitation": link.invitation, "taken": link.taken_words, "from_list": link.from_list}
    return render(request, template, status, form=form, **facts)


def _form_for(request: Request) -> type[ConfirmForm]:
    return ListForm if request.state.link.from_list else ConfirmForm


def _own_path(request: Request) -> str:
    return f"/confirm/{request.path_params['token']}"


routes = [
    page("/confirm/{token}", show, who=CONFIRM),
    page("/confirm/{token}", decide, who=CONFIRM, methods=["POST"]),
    page("/confirm/{token}/again", ask_again, who=CONFIRM),
    page("/confirm/{token}/again", send_again, who=CONFIRM, methods=["POST"]),
]
