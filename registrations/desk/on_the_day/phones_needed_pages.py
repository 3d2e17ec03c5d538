"""How many phones are enough: guests, the minutes in which they come, and how many a phone lets in, as a plain sum."""

from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from events.event import Event
from events.web.forms import Form, Whole
from events.web.rendering import render
from events.web.routing import page
from registrations.desk.desk_pages import ORGANISER

MEASURED = 12  # people a minute whom one phone lets in, work IDs looked at
A_QUEUE = 30  # minutes in which most come, where nothing else is said
MOST_GUESTS, MOST_MINUTES, MOST_A_MINUTE = 100_000, 600, 60


class HowManyForm(Form):
    guests = Whole("Guests who come", missing="Enter how many guests come", least=1, most=MOST_GUESTS)
    minutes = Whole(
        "Minutes in which they come", missing="Enter the minutes in which they come", least=1, most=MOST_MINUTES,
        hint="From the first in the queue to the start. Most come in the last half hour",
    )  # fmt: skip
    rate = Whole(
        "People a minute at one phone", missing="Enter how many people a minute one phone lets in", least=1,
        most=MOST_A_MINUTE, hint=f"{MEASURED} is the aim for a steward who looks at each work ID",
    )  # fmt: skip


class Enough(NamedTuple):
    lanes: int  # each with a steward and a phone
    a_minute: int  # whom they let in together
    takes: int  # minutes, if a queue never ends

    @property
    def phones(self) -> int:
        """One more than there are lanes, ready and charged: a phone may fail."""
        return self.lanes + 1


def enough(guests: int, minutes: int, rate: int) -> Enough:
    lanes = -(-guests // (minutes * rate))
    return Enough(lanes, lanes * rate, -(-guests // (lanes * rate)))


async def how_many(request: Request) -> Response:
    """A GET that changes nothing: whoever comes without numbers gets those of the event."""
    asked = request.query_params
    form = HowManyForm(asked if asked else None, data=None if asked else _of_event(request.state.event))
    asks = bool(asked)
    if asks:
        form.validate()
    known = not form.errors and all(field.data for field in form)
    answer = enough(form.guests.number, form.minutes.number, form.rate.number) if known else None
    return render(request, "desk/on_the_day/phones_needed.html", 422 if form.errors else 200, form=form, enough=answer)


def _of_event(event: Event) -> dict[str, str]:
    return {"guests": str(event.taken or ""), "minutes": str(A_QUEUE), "rate": str(MEASURED)}


routes = [page("/desk/{event}/doors/how-many", how_many, who=ORGANISER)]
