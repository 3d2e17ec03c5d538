"""The guided tour on the overview of a rehearsal. Whoever has seen enough puts it away, and brings it back."""

from dataclasses import dataclass, field

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from events.accounts.guards import STAFF
from events.web.rendering import render
from events.web.routing import answers, page, redirect

from . import tour
from .tour import Since

PATH = "/rehearsal/tour"


@dataclass
class Tour:
    """Of one rehearsal; it ends with the process, as the rehearsal does."""

    slug: str
    begun: int = 0  # the audit log's newest entry when it began
    away: set[int] = field(default_factory=set)  # of accounts

    async def begins(self) -> None:
        self.begun = await tour.newest_entry()

    async def shown(self, request: Request) -> Markup:
        """For the overview of the rehearsal's event. Nothing on that of another, which somebody made here."""
        event, role, is_away = request.state.event, request.state.role, request.state.staff.id in self.away
        if event.slug != self.slug:
            return Markup()
        since = Since(self.begun)
        steps = [] if is_away else await tour.of_organisers(event, since)
        others = [] if is_away else await tour.of_others(since)
        shut = [step for step in steps if step.may and not role.may(step.may)]
        drawn = render(request, "rehearsal/tour.html", steps=steps, others=others, shut=shut, is_away=is_away)
        return Markup(bytes(drawn.body).decode())  # noqa: S704  # drawn by a template, which escapes

    async def show_or_not(self, request: Request) -> Response:
        wanted, staff = str((await answers(request)).get("show", "")), request.state.staff
        if wanted == "no":
            self.away.add(staff.id)
        elif wanted == "yes":
            self.away.discard(staff.id)
        return redirect(f"/desk/{self.slug}/overview")

    def routes(self) -> list[BaseRoute]:
        return [page(PATH, self.show_or_not, who=STAFF(), methods=["POST"])]
