"""The pages on which a professional asks for a place: one small question a page, a check, one answer for everybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events import page_cache
from events.event import Event
from events.ground import clock
from events.ground.settings import current
from events.web.cookies import Cookie
from events.web.forms import clean
from events.web.rendering import render
from events.web.routing import ANYONE, network_of, page, read, redirect
from events.web.sealed_query import opened as unsealed
from events.web.sealed_query import sealed
from registrations.people import typed_addresses
from registrations.people.colleague import Colleague

from . import by_colleague, drafting, inviting, late, registering
from .draft import AFTER_ASKING, IDLE
from .drafting import Opened
from .question_forms import FORMS, OF_COMPANIONS, OF_INVITED, OrganisationQuestion, Question
from .registering import CHECK, STEPS

DRAFT = Cookie(
    "muster-draft",
    "keeps your answers together while you ask for a place",
    "20 hours after your last answer, 1 hour once you have asked, or until you delete what you entered",
)


@dataclass(frozen=True)
class WhileOpen:
    """Anyone while registration is open. At other times the event's page says why not.

    Puts `event` and `opened`, their draft there, into the state.
    """

    name: str = "anyone while open"
    by_invitation_too: bool = False  # where it is by invitation: also for whoever has entered none yet

    async def turned_away(self, request: Request) -> Response | None:
        event, opened = await drafting.find(request.path_params["slug"], DRAFT.read(request), clock.real())
        request.state.event, request.state.opened = event, opened
        may = event.is_open(clock.now()) and (self.by_invitation_too or _may_ask(event, opened))
        return None if may else redirect(f"/e/{event.slug}")


def _may_ask(event: Event, opened: Opened | None) -> bool:
    """Anybody, or who has entered an invitation, was named by a guest, or has asked already."""
    known = opened is not None and (opened.sent_to or opened.colleague or opened.answers.get("invitation"))
    return not event.by_invitation or bool(known)


WHILE_OPEN, WITH_AN_INVITATION = WhileOpen(), WhileOpen(by_invitation_too=True)


TRIED = "tried"  # in the query string: what was typed and cannot be taken yet, and what it is sealed for
LONGEST_TRIED = 2_000  # characters: longer addresses do not get through everywhere
ORDER = [step.name for step in STEPS] + [CHECK]
FIRST = ORDER[0]
FIELDS = {step.name: step.fields for step in STEPS}


async def start(request: Request) -> Response:
    async def drawn() -> Response:
        return render(request, "asking/start.html", first=FIRST)

    return await page_cache.finished(drawn, request.scope["path"])


async def question(request: Request) -> Response:
    step, opened = _step(request), request.state.opened
    if (elsewhere := _elsewhere(request, step, opened)) is not None:
        return elsewhere
    if (tried := _tried(request, step, opened)) is not None:
        return _show(request, step, tried, opened)
    known, asks = opened.answers if opened else {}, _forms(request.state.event, opened)[step]
    if any(known.get(name) for name in FIELDS[step]):
        return _show(request, step, asks(data=known), opened)

    async def drawn() -> Response:
        return _show(request, step, asks(), opened)

    drawn_for = request.scope["path"], asks.__name__, _back(request, step, opened)
    return await page_cache.finished(drawn, *drawn_for, opened is not None)


async def answer(request: Request) -> Response:
    step, opened = _step(request), request.state.opened
    if (elsewhere := _elsewhere(request, step, opened)) is not None:
        return elsewhere
    form = await read(request, _forms(request.state.event, opened)[step])
    if isinstance(form, OrganisationQuestion) and not form.errors:
        await _look_up(request, form)
    if form.errors or form.meant:
        return _once_more(request, step, form, opened)
    return await kept(request, form.answers())


async def _look_up(request: Request, form: OrganisationQuestion) -> None:
    """Whether the code that was entered can be used, if one was. Whether it is for them is seen once they confirm."""
    event, network = request.state.event, network_of(request)
    typed = form.invitation.data or ""
    if typed and await inviting.look_up(event, typed, network, clock.now(), clock.real()) is None:
        form.refuse_invitation()


def _once_more(request: Request, step: str, form: Question, opened: Opened | None) -> Response:
    """The page again, by a redirect: to the answer of a form no browser goes back without asking to send it again.

    What was typed goes along, sealed for this draft as it stands: after the next answer, and once it is deleted, it
    opens nothing. Without a draft, as for whoever sends a form that they found, and where it is too long, the answer is
    the page itself.
    """
    typed = {name: clean(value) for name, value in form.data.items()}
    along = sealed(TRIED, urlencode(typed), *_draft_as_it_stands(opened)) if opened else ""
    if opened is None or len(along) > LONGEST_TRIED:
        return _show(request, step, form, opened, status=422 if form.errors else 200)
    return redirect(_path(request.state.event, f"ask/{step}?{TRIED}={along}"))


def _tried(request: Request, step: str, opened: Opened | None) -> Question | None:
    """The form as it was sent a moment ago, with its errors. None if there is nothing to mend, or no more."""
    along = request.query_params.get(TRIED, "") if opened else ""
    typed = unsealed(TRIED, along, *_draft_as_it_stands(opened)) if opened and along else ""
    if not typed:
        return None
    form = _forms(request.state.event, opened)[step](FormData(dict(parse_qsl(typed, keep_blank_values=True))))
    form.validate()
    return form


def _draft_as_it_stands(opened: Opened) -> tuple[int, int]:
    return opened.draft.id, int(opened.draft.expires_at.timestamp() * 1000)


async def kept(request: Request, answers: dict[str, str]) -> Response:
    """Keeps these answers, and goes on to the next question."""
    event, opened, real = request.state.event, request.state.opened, clock.real()
    if opened is None:
        token = await registering.begin(event, answers, network_of(request), real)
    else:
        token = await drafting.keep(event, opened, DRAFT.read(request), answers, real)
    known = {} if opened is None or opened.sent_to else opened.answers
    to = redirect(_path(event, f"ask/{registering.next_step(known | answers)}"))
    DRAFT.set(to, token, int(IDLE.total_seconds()))
    return to


async def check(request: Request) -> Response:
    opened = request.state.opened
    elsewhere = _elsewhere(request, CHECK, opened)
    if elsewhere is not None or opened is None:
        return elsewhere or redirect(_path(request.state.event, "ask"))
    proved = await by_colleague.proved(request.state.event, opened, clock.now()) is not None
    back = _path(request.state.event, "ask/role")

    async def drawn(answers: Mapping[str, str]) -> Response:
        return render(request, "asking/check.html", answers=answers, back=back, proved=proved)

    answers = {name: opened.answers.get(name, "") for fields in FIELDS.values() for name in fields}
    answers["kind"] = answers["kind"].capitalize()
    return await page_cache.with_words(drawn, answers, request.scope["path"], proved)


async def submit(request: Request) -> Response:
    event, opened, real = request.state.event, request.state.opened, clock.real()
    elsewhere = _elsewhere(request, CHECK, opened)
    if elsewhere is not None or opened is None:
        return elsewhere or redirect(_path(event, "ask"))
    answers, network = registering.answers_of(opened), network_of(request)
    if (named := await by_colleague.proved(event, opened, clock.now())) is not None:
        await registering.slow_down(network, real)
        used = await by_colleague.confirm(event, named, answers, opened, clock.now(), real)
        return _asked(request, named.path + (f"?code={used.value}" if used else ""))
    if event.by_invitation and not answers.invitation:  # was named at another address
        return redirect(f"/e/{event.slug}")
    wait = await registering.ask(event, answers, clock.now(), real, draft=opened, network=network)
    return _asked(request, late.along(_path(event, "asked"), wait, clock.now()))


def _asked(request: Request, path: str) -> Response:
    to = redirect(path)
    DRAFT.set(to, DRAFT.read(request), int(AFTER_ASKING.total_seconds()))
    return to


async def asked(request: Request) -> Response:
    """The same page for everybody. It shows the address we wrote to for as long as we remember it."""
    event, opened = await drafting.find(request.path_params["slug"], DRAFT.read(request), clock.real())
    request.state.event = event
    colleague = opened.colleague if opened and opened.sent_to else ""
    named = await typed_addresses.of_link(Colleague, colleague) if colleague else None
    if named is not None:  # there is no email to wait for
        return redirect(named.path)
    facts = {"is_open": event.is_open(clock.now()), "again": "again" in request.query_params}

    async def drawn(words: Mapping[str, str]) -> Response:
        sender = parseaddr(current().sender)[1]
        return render(
            request, "asking/asked.html", sender=sender, sent_to=words["sent_to"], late=words["late"], **facts
        )

    sent_to = opened.sent_to if opened else ""
    words = {"sent_to": sent_to, "late": late.words(request.query_params, clock.now())}
    return await page_cache.with_words(drawn, words, request.scope["path"], *facts.values())


async def ask_again(request: Request) -> Response:
    event, opened, real = request.state.event, request.state.opened, clock.real()
    if opened is None or not opened.sent_to:
        return redirect(_path(event, "ask"))
    network = network_of(request)
    wait = await registering.send_again_to(event, opened.sent_to, opened.link, network, clock.now(), real)
    return redirect(late.along(_path(event, "asked?again"), wait, clock.now()))


async def leave(request: Request) -> Response:
    """Deletes what was entered. The journey's button and *Exit this page* both send this."""
    await drafting.forget(DRAFT.read(request))
    to = redirect("/exited")
    DRAFT.delete(to)
    return to


async def left(request: Request) -> Response:
    return render(request, "asking/exited.html")


def _forms(event: Event, opened: Opened | None) -> Mapping[str, type[Question]]:
    """Whoever was named by a guest needs no invitation."""
    if opened is not None and registering.comes_along(opened.answers):
        return OF_COMPANIONS
    return OF_INVITED if event.by_invitation and not (opened and opened.colleague) else FORMS


def _step(request: Request) -> str:
    step: str = request.path_params["step"]
    if step not in FORMS:
        raise HTTPException(404)
    return step


def _elsewhere(request: Request, step: str, opened: Opened | None) -> Response | None:
    """Where to send someone who cannot be on this page: nothing answered yet, asked already, or answers gone."""
    event = request.state.event
    if opened is not None and opened.sent_to:
        return None if step == FIRST else redirect(_path(event, "asked"))
    if opened is None and step != FIRST:
        was_here = bool(DRAFT.read(request)) or request.method == "POST"
        return render(request, "asking/lapsed.html", 410) if was_here else redirect(_path(event, "ask"))
    following = registering.next_step(opened.answers if opened else {})
    return redirect(_path(event, f"ask/{following}")) if ORDER.index(step) > ORDER.index(following) else None


def _show(request: Request, step: str, form: Question, opened: Opened | None, status: int = 200) -> Response:
    facts = {"back": _back(request, step, opened), "begun": opened is not None}
    return render(request, "asking/question.html", status, form=form, **facts)


def _back(request: Request, step: str, opened: Opened | None) -> str:
    complete = opened is not None and registering.next_step(opened.answers) == CHECK
    before = CHECK if complete else ORDER[ORDER.index(step) - 1] if step != FIRST else ""
    return _path(request.state.event, f"ask/{before}".rstrip("/"))


def _path(event: Event, rest: str) -> str:
    return f"/e/{event.slug}/{rest}"


routes = [
    page("/e/{slug}/ask", start, who=WHILE_OPEN),
    page("/e/{slug}/ask/check", check, who=WHILE_OPEN),
    page("/e/{slug}/ask/check", submit, who=WHILE_OPEN, methods=["POST"]),
    page("/e/{slug}/ask/{step}", question, who=WHILE_OPEN),
    page("/e/{slug}/ask/{step}", answer, who=WHILE_OPEN, methods=["POST"]),
    page("/e/{slug}/asked", asked, who=ANYONE),
    page("/e/{slug}/asked", ask_again, who=WHILE_OPEN, methods=["POST"]),
    page("/exit", leave, who=ANYONE, methods=["POST"]),
    page("/exited", left, who=ANYONE),
]
