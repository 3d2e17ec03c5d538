"""The desk's page on which an event is copied for the next time, and the public page as it is now, also of a draft."""

import re

from starlette.requests import Request
from starlette.responses import Response
from wtforms.validators import StopValidation

from events import moving_day
from events.accounts.guards import STEPPED_UP
from events.accounts.staff import May
from events.content import copying
from events.content.content_forms import READ_BY_ALL
from events.content.copying import ProgrammeCopied, Wanted
from events.event import Event
from events.event_pages import drawn_page
from events.ground import clock
from events.web.forms import Choice, Day, Form, Text
from events.web.routing import page, read, redirect
from registrations.checkin.rooms import copied_doors as copied_doors  # by which doors are copied too
from registrations.desk.desk_pages import VIEWER, path_of, show

LEAD_AGAIN = STEPPED_UP(May.LEAD)
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_WRONG = "Short name must be small letters, digits and hyphens, like launch-2027"


class SlugText(Text):
    def check(self) -> None:
        if not SLUG.fullmatch(self.data or ""):
            raise StopValidation(SLUG_WRONG)


class CopyForm(Form):
    title = Text("Title", missing="Enter the title", longest=200, hint=READ_BY_ALL)
    slug = SlugText(
        "Short name", missing="Enter the short name", longest=60, spellcheck=False,
        hint="Stands in the address of each page, and stays: no name of a place. Like launch-2027",
    )  # fmt: skip
    day = Day("Day", missing="Enter the day", hint="Like 15/4/2027")
    programme = Choice(
        "Copy the programme?",
        [
            (ProgrammeCopied.NOTHING.value, "No"),
            (ProgrammeCopied.TITLES.value, "Times and titles"),
            (ProgrammeCopied.TEXTS.value, "Times, titles, texts and content notes, which may name speakers"),
        ],
        missing="Select how much of the programme to copy",
        hint="Speakers have to agree again to be named. Rooms are not copied. Nobody sees the copy until you say so",
    )

    @property
    def wanted(self) -> Wanted | None:
        """None where something of it is missing."""
        if self.errors or self.day.day is None:
            return None
        return Wanted(self.title.data or "", self.slug.data or "", self.day.day, ProgrammeCopied(self.programme.data))


async def copy(request: Request) -> Response:
    if request.method == "GET":
        return await _asked(request, CopyForm(data={"title": request.state.event.title}))
    form, at = await read(request, CopyForm), clock.now()
    if form.wanted and await Event.filter(slug=form.wanted.slug).exists():
        form.slug.errors = [copying.SLUG_TAKEN]
    if form.day.day and (wrong := moving_day.wrong_day(request.state.event, form.day.day, at)):
        form.day.errors = [wrong]
    if (wanted := form.wanted) is None:
        return await _asked(request, form, 422)
    made = await copying.copy_event(request.state.event, wanted, by=request.state.staff, at=at)
    return redirect(f"/desk/{made.slug}/event?said=copied")


async def _asked(request: Request, form: CopyForm, status: int = 200) -> Response:
    return await show(request, "desk/content/copy.html", status, form=form, left=copying.LEFT)


async def preview(request: Request) -> Response:
    return await drawn_page(request, request.state.event, path_of(request, "event", "logos"))


routes = [
    page("/desk/{event}/event/public-page", preview, who=VIEWER),
    page("/desk/{event}/event/copy", copy, who=LEAD_AGAIN, methods=["GET", "POST"]),
]
