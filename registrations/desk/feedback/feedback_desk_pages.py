"""The desk's page of what guests said after the event: in figures and bars, and in their own words, never by person.

Rules: EV-10.
"""

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.ground.refusal import Refused
from events.web.routing import answers, page, redirect
from registrations.desk.desk_pages import ORGANISER, VIEWER, banner_of, path_of, show
from registrations.desk.overview.charts import share
from registrations.feedback import removing, results
from registrations.feedback.box import TOGETHER, FeedbackBox, last_day_words
from registrations.people.person import NAMED
from registrations.telling import timed_emails
from registrations.telling.mailing import THANKS

GONE = "These words are not on the page any more, so nothing was removed. Somebody may have been quicker."
SAID = {"removed": "It is removed."}


async def feedback(request: Request) -> Response:
    """Numbers of nobody, and words that are nobody's: it is no reading about people. Words are for organisers."""
    event = request.state.event
    box = await FeedbackBox.get_or_none(event=event)
    contents = box.contents if box else None
    goes_out = timed_emails.time_of(THANKS, event)
    return await show(
        request,
        "desk/feedback/feedback.html",
        box=box,
        results=results.of(box, contents) if box and contents else None,
        until=last_day_words(event),
        is_off=THANKS.template in event.emails_off,
        goes_out=goes_out if goes_out and clock.now() < goes_out + THANKS.lasts else None,
        together=TOGETHER,
        words_kept=str(NAMED),
        share=share,
        said=banner_of(request, SAID),
    )


async def remove(request: Request) -> Response:
    posted = await answers(request)
    question, text = (str(posted.get(name, "")) for name in ("question", "text"))
    text = text.replace("\r\n", "\n")  # as browsers send the ends of lines
    if not await removing.remove(request.state.event, question, text, request.state.staff, clock.now()):
        raise Refused(GONE)
    return redirect(f"{path_of(request, 'after', 'feedback')}?said=removed")


routes = [
    page("/desk/{event}/after/feedback", feedback, who=VIEWER),
    page("/desk/{event}/after/feedback/remove", remove, who=ORGANISER, methods=["POST"]),
]
