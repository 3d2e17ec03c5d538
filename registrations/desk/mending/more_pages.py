"""An organiser asks for more before deciding: one of two fixed emails, which the page shows in a sentence."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.forms import Choice, Form
from events.web.routing import page, read, redirect
from registrations.deciding import asking_for_more, vetting
from registrations.deciding.asking_for_more import TO_BE_ASKED, More
from registrations.desk.desk_pages import ORGANISER, path_of, show
from registrations.desk.person_history import more_asked
from registrations.desk.person_pages import look_at, person_of
from registrations.people.registration import TO_DECIDE, Registration


class MoreForm(Form):
    more = Choice(
        "What do you ask for?",
        [
            (More.ADDRESS.value, "A work email address, to write to instead"),
            (More.MANAGER.value, "The contact of their manager, or of somebody who can say that they work there"),
        ],
        missing="Select what you ask for",
    )


async def question(request: Request) -> Response:
    return await _form(request, await _undecided(request), MoreForm())


async def ask(request: Request) -> Response:
    person, form = await _undecided(request), await read(request, MoreForm)
    if form.errors:
        return await _form(request, person, form, 422)
    at = clock.now()
    due = vetting.email_due(at, clock.real(), undoable=False)
    await asking_for_more.ask(person, More(form.more.data), request.state.staff, at, due)
    return redirect(f"{path_of(request, 'people', person.id)}?said=more")


async def _undecided(request: Request) -> Registration:
    person = await person_of(request)
    if person.state not in TO_DECIDE:
        raise HTTPException(404)
    return person


async def _form(request: Request, person: Registration, form: MoreForm, status: int = 200) -> Response:
    await look_at(request, person)
    form.more.choices = [(more, words) for more, words in form.more.choices if person.state in TO_BE_ASKED[More(more)]]
    asked, address = (await more_asked([person])).get(person.id), person.state in TO_BE_ASKED[More.ADDRESS]
    return await show(request, "desk/more.html", status, person=person, form=form, asked=asked, address=address)


routes = [
    page("/desk/{event}/people/{id:int}/more", question, who=ORGANISER),
    page("/desk/{event}/people/{id:int}/more", ask, who=ORGANISER, methods=["POST"]),
]
