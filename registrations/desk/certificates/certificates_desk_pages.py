"""The desk's pages of certificates: what they say, how one looks, their release, and taking that back.

Rules: EV-09, EV-12.
"""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STEPPED_UP
from events.accounts.staff import May, names_of
from events.ground import clock
from events.web.forms import whole_number
from events.web.routing import answers, page, redirect
from registrations.certificates import attended, issuing, on_paper, releasing, standing, writing
from registrations.certificates.certificate import CertificateTerms, Words, terms_of
from registrations.certificates.certificate_pages import as_file
from registrations.desk.desk_pages import ORGANISER, banner_of, path_of, show

from .certificate_forms import TermsForm, span_words, typed

AGAIN = STEPPED_UP(May.ORGANISE)
HERE = ("after", "certificates")
AT_ONCE = 1000  # people: of so many the certificates are made before the page answers
SAID = {
    "written": "Saved what the certificates say.",
    "released": "The certificates are released. In ten minutes we email the people who came, unless that email is"
    " switched off.",
    "back": "The release is taken back. Nobody has a certificate.",
}
FROM = {
    "programme": "The times are those of the programme: from its first session to its last, and what lies between two"
    " sessions is a break. A lunch that is a session of its own counts, unless you enter it as a break.",
    "event": "The times are those of the event, since it has no programme here. Enter the breaks.",
    "": "The hours of the event are not known here.",
}


async def overview(request: Request) -> Response:
    event = request.state.event
    terms, said = await terms_of(event.id), banner_of(request, SAID)
    facts: dict[str, Any] = {
        "terms": terms,
        "given": await standing.counted(event),
        "stays": await releasing.has_been_taken(event),
        "may_release": not releasing.why_not(event, terms, clock.now()),
    }
    if terms and terms.released_at:
        facts["released_by"] = (await names_of([terms.released_by])).get(terms.released_by, "")
    return await show(request, "desk/certificates/certificates.html", said=said, **facts, **_summed(terms))


def _summed(terms: CertificateTerms | None) -> dict[str, Any]:
    words = terms.words if terms else None
    if terms is None or words is None:
        return {"words": None}
    hours = terms.hours
    return {
        "words": words,
        "outcomes": words.outcomes.splitlines(),
        "hours": span_words(hours.starts, hours.ends),
        "breaks": ", ".join(span_words(*span) for span in hours.breaks),
        "whole": attended.words(attended.whole(hours)),
        "statement": on_paper.statement(words),
    }


async def text(request: Request) -> Response:
    terms = await terms_of(request.state.event.id)
    if terms is not None:
        shown = typed(terms.words or Words(), terms.hours)
        return await _asked(request, TermsForm(data=shown), terms)
    hours, where = await writing.suggested(request.state.event)
    return await _asked(request, TermsForm(data=typed(Words(), hours)), None, suggested=FROM[where])


async def write(request: Request) -> Response:
    posted, terms = await answers(request), await terms_of(request.state.event.id)
    form, seen = TermsForm(posted), whole_number(posted.get("seen")) or 0
    if not form.validate():
        return await _asked(request, form, terms, 422, seen=seen)
    await writing.write(request.state.event, form.words, form.hours, seen, request.state.staff, clock.now())
    return redirect(f"{path_of(request, *HERE)}?said=written")


async def _asked(
    request: Request, form: TermsForm, terms: CertificateTerms | None, status: int = 200, **facts: Any
) -> Response:
    return await show(request, "desk/certificates/text.html", status, form=form, terms=terms, **facts)


async def preview(request: Request) -> Response:
    facts = await _specimen(request)
    return await show(request, "desk/certificates/preview.html", facts=facts)


async def preview_pdf(request: Request) -> Response:
    return as_file(await on_paper.certificate_pdf(await _specimen(request)))


async def _specimen(request: Request) -> dict[str, Any]:
    terms = await terms_of(request.state.event.id)
    ready = on_paper.specimen(terms) if terms else None
    if ready is None:
        raise HTTPException(404)
    return on_paper.facts_of(request.state.event, ready)


async def ask_release(request: Request) -> Response:
    event = request.state.event
    terms = await terms_of(event.id)
    if terms is None or terms.words is None or terms.released_at or releasing.why_not(event, terms, clock.now()):
        return redirect(path_of(request, *HERE))
    counts = await standing.counted(event)
    return await show(request, "desk/certificates/release.html", terms=terms, given=counts, **_summed(terms))


async def release(request: Request) -> Response:
    event, at = request.state.event, clock.now()
    seen = whole_number((await answers(request)).get("seen")) or 0
    await releasing.release(event, seen, request.state.staff, at, clock.real())
    if (await standing.counted(event)).came <= AT_ONCE:
        await issuing.settle(event, at)
    return redirect(f"{path_of(request, *HERE)}?said=released")


async def ask_take_back(request: Request) -> Response:
    event = request.state.event
    if not await standing.released(event) or await releasing.has_been_taken(event):
        return redirect(path_of(request, *HERE))
    return await show(request, "desk/certificates/take_back.html", given=await standing.counted(event))


async def take_back(request: Request) -> Response:
    await releasing.take_back(request.state.event, request.state.staff, clock.now())
    return redirect(f"{path_of(request, *HERE)}?said=back")


routes = [
    page("/desk/{event}/after/certificates", overview, who=ORGANISER),
    page("/desk/{event}/after/certificates/text", text, who=ORGANISER),
    page("/desk/{event}/after/certificates/text", write, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/after/certificates/preview", preview, who=ORGANISER),
    page("/desk/{event}/after/certificates/certificate.pdf", preview_pdf, who=ORGANISER),
    page("/desk/{event}/after/certificates/release", ask_release, who=ORGANISER),
    page("/desk/{event}/after/certificates/release", release, who=AGAIN, methods=["POST"]),
    page("/desk/{event}/after/certificates/take-back", ask_take_back, who=ORGANISER),
    page("/desk/{event}/after/certificates/take-back", take_back, who=AGAIN, methods=["POST"]),
]
