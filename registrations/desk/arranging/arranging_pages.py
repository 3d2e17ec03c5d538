"""The access lead's list, with the emails that each step sends; and the caterer's counts. Each opens one of the two.

Rules: EV-03, EV-04, GU-18, SE-09.
"""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STAFF
from events.accounts.staff import May
from events.ground import clock, wording
from events.ground.database import find_row
from events.ground.refusal import Refused
from events.web.forms import Form, Paragraphs
from events.web.rendering import render
from events.web.routing import answers, page, read, redirect
from registrations.booking.needs_emails import OF_STEP
from registrations.desk.desk_pages import banner_of, chosen, number, path_of
from registrations.desk.mailings.mailing_pages import as_picture, with_picture
from registrations.people.needs import NEXT, Adjustment, Step
from registrations.people.registration import Registration
from registrations.telling.example import example_to_guest

from . import arranging
from .catering import catering

ACCESS, CATERER = STAFF(May.ACCESS), STAFF(May.CATER)
CHOOSE = "Choose whether it is arranged, ask them something, or say that it cannot be arranged."
DONE = {
    "arranged": "Noted as arranged.",
    "told": "Your answer stands on their booking page.",
    "question": "Your question stands on their booking page. Their answer brings it back here as asked.",
    "noted-needs": "Noted. Their booking page says what.",
    "noted-food": "Noted for the caterer. Their booking page says what.",
    "cannot": "Noted. Your words stand on their booking page.",
}
EMAILED = " We email them."


def _reply(missing: str) -> Paragraphs:
    hint = "It stands on their booking page, and in no email."
    return Paragraphs("What you tell them", missing=missing, longest=500, rows=2, hint=hint)


class ReplyForm(Form):
    reply = _reply("Enter what is arranged, as they will read it")


class QuestionForm(ReplyForm):
    reply = _reply("Enter your question, as they will read it")


class CannotForm(ReplyForm):
    reply = _reply("Enter why it cannot be arranged, and what they can do")


class ArrangedForm(ReplyForm):
    reply = _reply("")


FORMS = {Step.TOLD: ReplyForm, Step.QUESTION: QuestionForm, Step.CANNOT: CannotForm, Step.ARRANGED: ArrangedForm}


async def access(request: Request) -> Response:
    """What has just been done is shown where the guest stands whom it was for."""
    return await _shown(request, acted_for=number(request.query_params.get("guest")))


def path_to_guest(request: Request, guest_id: int, done: str) -> str:
    return f"{path_of(request, 'access')}?said={done}&guest={guest_id}#guest-{guest_id}"


async def move(request: Request) -> Response:
    """`step` is the one that the button leads to. What is arranged and described is answered too."""
    if request.state.event.is_over(clock.now()):  # a page from before may lack words, for fields that are gone
        raise Refused(wording.IS_OVER)
    person, what = await _named(request)
    posted = await answers(request)
    after, seen = chosen(Step, str(posted.get("step", ""))), str(posted.get("seen", ""))
    if after not in FORMS:
        raise Refused(CHOOSE, 422)
    form = await read(request, FORMS[after], prefix=_prefix(person.id, what))
    if form.errors:
        return await _shown(request, 422, form=form)
    reply = form.reply.data or ""
    after = Step.TOLD if after is Step.ARRANGED and reply else after
    await arranging.move(person, what, after, reply, request.state.staff, clock.now(), seen)
    return redirect(path_to_guest(request, person.id, after))


async def read_example(request: Request) -> Response:
    step = _step(request)
    email = example_to_guest(OF_STEP[step], request.state.event, clock.now())
    shown = render(request, "desk/arranging/email.html", step=step, subject=email.subject, text=email.text)
    return with_picture(shown)


async def picture(request: Request) -> Response:
    return as_picture(example_to_guest(OF_STEP[_step(request)], request.state.event, clock.now()))


async def _shown(request: Request, status: int = 200, form: ReplyForm | None = None, acted_for: int = 0) -> Response:
    """`acted_for`: whom something was just done for, by their request."""
    event, staff = request.state.event, request.state.staff
    wanted = await arranging.wanted(event, staff, clock.now(), clock.real())
    on_page = next((guest for guest in wanted if guest.person.id == acted_for), None)
    said = banner_of(request, DONE)
    if said and on_page and not on_page.person.undeliverable:
        said += EMAILED
    facts: dict[str, Any] = {"wanted": wanted, "form": form, "reply_form": _reply_form(form), "said": said}
    facts |= {"next": NEXT, "acted_for": on_page.person.id if on_page else 0, "is_over": event.is_over(clock.now())}
    return render(request, "desk/arranging/access.html", status, **facts)


async def counts(request: Request) -> Response:
    found = await catering(request.state.event, request.state.staff, clock.now(), clock.real())
    return render(request, "desk/arranging/catering.html", found=found)


def _reply_form(sent: ReplyForm | None) -> Any:
    """The form of one thing that somebody needs: as it was sent, where it was that one."""

    def of(person_id: int, what: Adjustment, step: Step) -> Form:
        form = ArrangedForm if Step.ARRANGED in NEXT[step] else ReplyForm
        fresh = form(prefix=_prefix(person_id, what))
        return sent if sent is not None and sent.reply.name == fresh.reply.name else fresh

    return of


def _prefix(person_id: int, what: Adjustment) -> str:
    return f"of-{person_id}-{what}-"


async def _named(request: Request) -> tuple[Registration, Adjustment]:
    here = [request.path_params["id"], request.state.event.id]
    found, what = await find_row(Registration, "id = ? AND event_id = ?", here), request.path_params["need"]
    if found is None or what not in list(Adjustment):
        raise HTTPException(404)
    return found, Adjustment(what)


def _step(request: Request) -> Step:
    if (step := request.path_params["step"]) not in list(Step):
        raise HTTPException(404)
    return Step(step)


routes = [
    page("/desk/{event}/access", access, who=ACCESS),
    page("/desk/{event}/access/{id:int}/{need}", move, who=ACCESS, methods=["POST"]),
    page("/desk/{event}/access/emails/{step}", read_example, who=ACCESS),
    page("/desk/{event}/access/emails/{step}/picture", picture, who=ACCESS),
    page("/desk/{event}/catering", counts, who=CATERER),
]
