"""What is printed for the door (SG-18): a page for each role on the day, and the practice card."""

from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from events.web.rendering import render
from events.web.routing import ANYONE, page
from events.web.static_files import own_page
from registrations.codes import qr
from registrations.door import shell

from .desk_pages import ORGANISER

PREFIX = "MUSTER:PRACTICE:"


class Sample(NamedTuple):
    """A code of the card: its key, the sign that a phone shows for it, and what a steward then does."""

    key: str
    colour: str
    shape: str
    word: str
    does: str

    @property
    def text(self) -> str:
        return PREFIX + self.key

    @property
    def drawing(self) -> str:
        return qr.svg(self.text, f"Practice code: {self.word}")


ASIDE = "Take them aside. Call the lead"
SAMPLES = (
    Sample("COME-IN", "green", "circle", "COME IN", "Check name against work ID"),
    Sample("ALREADY-IN", "amber", "triangle", "ALREADY IN", ASIDE),
    Sample("ASK-THE-LEAD", "amber", "triangle", "ASK THE LEAD", ASIDE),
    Sample("NOT-A-TICKET", "red", "octagon", "NOT A TICKET", "Call the lead"),
    Sample("CHECK-ID", "amber", "triangle", "CHECK ID, THEN IN", "Check name against work ID"),
    Sample("TOO-EARLY", "amber", "triangle", "TOO EARLY", "Ask them to wait"),
    Sample("CLOSED", "amber", "triangle", "CLOSED", ASIDE),
    Sample("ONE-QUESTION", "blue", "square", "ONE QUESTION", "Ask, then press the answer"),
    Sample("CANNOT-TELL", "blue", "square", "CANNOT TELL", "Try again, or call the lead"),
)  # scanner/practice.mjs answers to each; card, sheet and phone say the same of what to do: tests hold them together


async def for_stewards(request: Request) -> Response:
    """Open to anyone: it says nothing of any event, guest or place, and phones keep it for when there is no network."""
    return await own_page(request, "door/help_steward.html", shell=shell.folder())


async def for_leads(request: Request) -> Response:
    return await own_page(request, "door/help_lead.html", shell=shell.folder())


async def for_marshals(request: Request) -> Response:
    return await own_page(request, "door/help_marshal.html", shell=shell.folder())


async def for_the_access_lead(request: Request) -> Response:
    return await own_page(request, "door/help_access.html", shell=shell.folder())


async def for_support(request: Request) -> Response:
    return await own_page(request, "door/help_support.html", shell=shell.folder())


async def practice_card(request: Request) -> Response:
    return render(request, "desk/practice_card.html", samples=SAMPLES)


routes = [
    page("/door/help/steward", for_stewards, who=ANYONE),
    page("/door/help/lead", for_leads, who=ANYONE),
    page("/door/help/marshal", for_marshals, who=ANYONE),
    page("/door/help/access", for_the_access_lead, who=ANYONE),
    page("/door/help/support", for_support, who=ANYONE),
    page("/desk/{event}/doors/practice-card", practice_card, who=ORGANISER),
]
