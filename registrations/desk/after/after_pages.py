"""The desk's page of what is to do after the event, and what organisers would do better next time.

Rules: EV-12.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.accounts.staff import names_of
from events.ground import clock
from events.web.forms import Form, Paragraphs
from events.web.routing import page, read, redirect
from registrations.desk.desk_pages import ORGANISER, banner_of, chosen, path_of, show
from registrations.reporting import learning, ticking
from registrations.reporting.closing_tick import Ticked
from registrations.reporting.lesson import LONGEST

from .closing_items import State, items

SAID = {
    "ticked": "Ticked.",
    "already": "Somebody had ticked it already.",
    "back": "The tick is taken back.",
    "gone": "It was not ticked any more.",
}
SAID_OF_NOTES = {"written": "Noted.", "out": "The note is taken out."}


class LessonForm(Form):
    words = Paragraphs(
        "What would you do better next time?",
        missing="Enter what you would do better",
        longest=LONGEST,
        hint="Write what to change, not who did it, and use nobody's name",
        rows=5,
    )


async def overview(request: Request) -> Response:
    event, at = request.state.event, clock.now()
    found = await items(event, at)
    facts = {
        "items": found,
        "done": sum(row.state is State.DONE for row in found),
        "is_day": clock.local(at).date() >= event.day,
        "said": banner_of(request, SAID),
    }
    return await show(request, "desk/after/after.html", **facts)


async def tick(request: Request) -> Response:
    done = await ticking.tick(request.state.event, _item(request), request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'after')}?said={'ticked' if done else 'already'}")


async def take_back(request: Request) -> Response:
    done = await ticking.take_back(request.state.event, _item(request), request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'after')}?said={'back' if done else 'gone'}")


def _item(request: Request) -> Ticked:
    if (item := chosen(Ticked, request.path_params["item"])) is None:
        raise HTTPException(404)
    return item


async def lessons(request: Request) -> Response:
    return await _notes(request, LessonForm(), said=banner_of(request, SAID_OF_NOTES))


async def write(request: Request) -> Response:
    form = await read(request, LessonForm)
    if form.errors:
        return await _notes(request, form, 422)
    await learning.write(request.state.event, form.words.data or "", request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'after', 'lessons')}?said=written")


async def take_out(request: Request) -> Response:
    await learning.take_out(request.state.event, request.path_params["id"], request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'after', 'lessons')}?said=out")


async def _notes(request: Request, form: LessonForm, status: int = 200, said: str = "") -> Response:
    notes = await learning.lessons(request.state.event)
    facts = {"notes": notes, "names": await names_of(note.written_by for note in notes), "form": form, "said": said}
    return await show(request, "desk/after/lessons.html", status, **facts)


routes = [
    page("/desk/{event}/after", overview, who=ORGANISER),
    page("/desk/{event}/after/ticks/{item}", tick, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/after/ticks/{item}/back", take_back, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/after/lessons", lessons, who=ORGANISER),
    page("/desk/{event}/after/lessons", write, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/after/lessons/{id:int}/out", take_out, who=ORGANISER, methods=["POST"]),
]
