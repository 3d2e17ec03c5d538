"""The desk's page on which a person is erased: what happens, who it is, and what is typed so that it is them.

Rules: DP-08.
"""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from wtforms.validators import StopValidation

from events.accounts import reading
from events.ground import clock
from events.web.forms import Form, Text
from events.web.routing import page, read, redirect
from registrations.desk.desk_pages import path_of, show
from registrations.people.registration import Registration
from registrations.privacy.cases import whose
from registrations.privacy.rights import erasing
from registrations.privacy.rights.reader import Reader, reader_of
from registrations.privacy.rights.rights_request import Right, RightsRequest
from registrations.tickets.ticket import Ticket

from .case_pages import HERE, PROVED, found, path_to, read_by_staff

WORD = "ERASE"  # typed where there is no ticket
LAST = 4  # letters and digits of a reference
OF_A_TICKET = f"the last {LAST} letters and digits of the ticket's reference"
NOT_THAT = "That is not what is asked for. Nothing was erased. Look at who it is, then type again"


class EraseForm(Form):
    """`expected` is what has to be typed: without hyphens, capitals or not."""

    typed = Text("", missing="Type what is asked for", spellcheck=False)

    def __init__(self, *posted: Any, expected: str) -> None:
        super().__init__(*posted)
        self.expected = expected
        asked = OF_A_TICKET if expected != WORD else f"the word {WORD}"
        self.typed.label.text = f"To erase them, type {asked}"

    def validate_typed(self, typed: Text) -> None:
        if _plain(typed.data or "") != self.expected:
            raise StopValidation(NOT_THAT)


async def ask(request: Request) -> Response:
    case, reader = await _case(request)
    theirs = await reader.requests()
    return await _shown(request, case, reader, EraseForm(expected=await _expected(theirs)))


async def erase(request: Request) -> Response:
    case, reader = await _case(request)
    theirs = await reader.requests()
    form = await read(request, EraseForm, expected=await _expected(theirs))
    if form.errors:
        return await _shown(request, case, reader, form, 422)
    await erasing.erase(case, request.state.staff, clock.now(), clock.real())
    return redirect(f"{path_of(request, HERE)}?said=erased")


async def _case(request: Request) -> tuple[RightsRequest, Reader]:
    """With whoever is to be erased."""
    case = await found(request, RightsRequest)
    if case.kind is not Right.ERASURE or case.closed_at or not (email := await whose.reader_of(case)):
        raise HTTPException(404)
    return case, await reader_of(request.state.event, email)


async def _shown(request: Request, case: RightsRequest, reader: Reader, form: EraseForm, status: int = 200) -> Response:
    event, theirs = request.state.event, await reader.requests()
    await read_by_staff(request, RightsRequest)
    for person in theirs:
        how: dict[str, Any] = {"by": request.state.staff, "at": clock.now(), "real": clock.real()}
        await reading.looked_at(person, event, **how)
    rights = [other for other in await reader.rights() if other.id != case.id and not other.closed_at]
    facts = {"case": case, "here": path_to(request, case), "people": theirs, "ticket": await _ticket(theirs)}
    facts |= {"complaints": await reader.complaints(), "reader": reader.email, "also": rights, "form": form}
    return await show(request, "desk/rights_erase.html", status, **facts)


async def _expected(theirs: list[Registration]) -> str:
    ticket = await _ticket(theirs)
    return _plain(ticket.reference)[-LAST:] if ticket else WORD


async def _ticket(theirs: list[Registration]) -> Ticket | None:
    return await Ticket.get_or_none(registration_id__in=[person.id for person in theirs], revoked_at=None)


def _plain(text: str) -> str:
    return "".join(character for character in text.upper() if character.isalnum())


routes = [
    page("/desk/{event}/data-protection/requests/{id:int}/erase", ask, who=PROVED),
    page("/desk/{event}/data-protection/requests/{id:int}/erase", erase, who=PROVED, methods=["POST"]),
]
