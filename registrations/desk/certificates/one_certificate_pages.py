"""The desk's page of one person's certificate: whether they have one, what it says of their time, and ending it.

Rules: EV-09.
"""

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STEPPED_UP
from events.accounts.staff import May, names_of
from events.ground import clock
from events.web.routing import page, redirect
from registrations.certificates import attended, ending, taking
from registrations.desk.desk_pages import ORGANISER, banner_of, path_of, show
from registrations.desk.person_pages import look_at, person_of

AGAIN = STEPPED_UP(May.ORGANISE)
SAID = {
    "ended": "The certificate is ended. Its number is not valid any more.",
    "renewed": "The certificate stands again, with the same number.",
}


async def one(request: Request) -> Response:
    person = await person_of(request)
    await look_at(request, person)
    found = await taking.found_for(person, request.state.event)
    certificate = found.certificate
    by = certificate.ended_by if certificate else ""
    return await show(
        request,
        "desk/certificates/one.html",
        person=person,
        view=found.view.value,
        certificate=certificate,
        minutes=attended.words(found.time.minutes) if found.time else "",
        ended_by=(await names_of([by])).get(by, "Muster, since nobody has scanned them in") if by else "",
        said=banner_of(request, SAID),
    )


async def end(request: Request) -> Response:
    person = await person_of(request)
    await ending.end(person, request.state.event, request.state.staff, clock.now())
    return redirect(f"{_here(request)}?said=ended")


async def renew(request: Request) -> Response:
    person = await person_of(request)
    await ending.renew(person, request.state.event, request.state.staff, clock.now())
    return redirect(f"{_here(request)}?said=renewed")


def _here(request: Request) -> str:
    return path_of(request, "after", "certificates", "people", request.path_params["id"])


routes = [
    page("/desk/{event}/after/certificates/people/{id:int}", one, who=ORGANISER),
    page("/desk/{event}/after/certificates/people/{id:int}/end", end, who=AGAIN, methods=["POST"]),
    page("/desk/{event}/after/certificates/people/{id:int}/renew", renew, who=AGAIN, methods=["POST"]),
]
