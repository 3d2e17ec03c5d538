"""The page on which somebody who came says how it was, without their name. Opening it changes nothing.

Whoever sends it as it stands or with a choice made, as email gateways do, types no word: that is refused, and the link
stays good.
Rules: EV-10, SG-09.
"""

from dataclasses import dataclass
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.ground.keeping import span
from events.ground.tokens import Purpose
from events.web.forms import Choice, Form, Paragraphs
from events.web.rendering import render
from events.web.routing import page, read, redirect
from registrations.people.person import NAMED
from registrations.people.registration import OrganisationKind
from registrations.tickets.typed_word import TypedWord

from . import answering, token
from .box import KEPT, TOGETHER, Answer, last_day_words
from .questions import LONGEST, SCALES, TEXTS

NOTHING = "Answer at least one question, or close this page to send nothing"
NOT_SAID = "not said"
KINDS = [(kind.value, kind.value.capitalize()) for kind in OrganisationKind]
PLEASE = "Please name nobody, and write nothing about a case"


class MayChoose(Choice):
    """Radios of which none has to be chosen."""

    def pre_validate(self, form: object) -> None:
        if self.data not in [value for value, _ in self.choices]:
            self.data = None


def _scale(code: str) -> MayChoose:
    scale = SCALES[code]
    options = [(str(number), words) for number, words in enumerate(scale.answers, 1)]
    return MayChoose(f"{scale.words} (optional)", options, missing="", hint=scale.hint)


def _words(code: str) -> Paragraphs:
    return Paragraphs(f"{TEXTS[code]} (optional)", longest=LONGEST, hint=f"{PLEASE}. {LONGEST} characters at most")


class FeedbackForm(Form):
    before, after = _scale("before"), _scale("after")
    content, access = _scale("content"), _scale("access")
    differently, better = _words("differently"), _words("better")
    kind = MayChoose(
        "What kind of organisation do you work for? (optional)",
        [*KINDS, (NOT_SAID, "I would rather not say")],
        missing="",
        hint=f"We show answers by kind only where at least {TOGETHER} people of that kind answered",
    )
    word = TypedWord("send", "send your answers")

    @property
    def answer(self) -> Answer:
        chosen = {code: int(self[code].data) for code in SCALES if self[code].data}
        written = {code: self[code].data for code in TEXTS if self[code].data}
        return Answer(chosen, written, "" if self.kind.data in (None, NOT_SAID) else self.kind.data)


@dataclass(frozen=True)
class BlindLink:
    """Whoever holds a link of ours for feedback, also one that was used. Puts `public_id` into the state; as `asking`
    the event, or None once the link lets no answer in; and that event as `event` too, as all pages do."""

    @property
    def name(self) -> str:
        return f"link:{Purpose.FEEDBACK}"

    async def turned_away(self, request: Request) -> Response | None:
        public_id = token.public_id_in(request.path_params["token"])
        if public_id is None:
            raise HTTPException(404)
        request.state.public_id = public_id
        request.state.asking = await answering.asked_by(public_id)
        if request.state.asking is not None:
            request.state.event = request.state.asking
        return None


async def ask(request: Request) -> Response:
    return _over(request, clock.now()) or _form(request, FeedbackForm())


async def send(request: Request) -> Response:
    """The page to which it leads says thank you, also to whoever presses twice."""
    at = clock.now()
    if (over := _over(request, at)) is not None:
        return over
    form = await read(request, FeedbackForm)
    if form.answer.is_empty:
        form.before.errors = [NOTHING]
    if form.errors:
        return _form(request, form, 422)
    await answering.take(request.state.public_id, form.answer, at)
    return redirect(request.scope["path"])


def _over(request: Request, at: datetime) -> Response | None:
    """Of a link that asks nothing any more: it was used, or feedback is closed."""
    event = request.state.asking
    if event is None:
        return render(request, "feedback/thanks.html")
    return None if answering.is_open(event, at) else render(request, "feedback/closed.html", 410)


def _form(request: Request, form: FeedbackForm, status: int = 200) -> Response:
    facts = {
        "until": last_day_words(request.state.event),
        "words_kept": str(NAMED),
        "kept": span(KEPT.time),
        "together": TOGETHER,
    }
    return render(request, "feedback/feedback.html", status, form=form, **facts)


BLIND = BlindLink()
routes = [
    page("/feedback/{token}", ask, who=BLIND),
    page("/feedback/{token}", send, who=BLIND, methods=["POST"]),
]
