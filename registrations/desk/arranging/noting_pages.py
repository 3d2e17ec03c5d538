"""The access lead notes what somebody needs or eats, as they say it by telephone: whoever can say the reference of
their ticket. What is noted of food the caterer alone reads afterwards.

An email goes to them if one reaches them, as when they say so themselves. Rules: DP-05, EV-04, GU-18.
"""

from datetime import timedelta
from typing import Any

import wtforms
from starlette.requests import Request
from starlette.responses import Response
from wtforms.validators import StopValidation

from events.accounts import reading
from events.ground import clock, limits
from events.ground.limits import Limit
from events.ground.refusal import Refused
from events.web.forms import Choice, Form, Text
from events.web.rendering import render
from events.web.routing import answers, page, read, redirect
from registrations.booking import own_needs
from registrations.booking.booking_pages import refuse_after
from registrations.booking.needs_forms import WhichAdjustmentsForm, WhichDietForm, name_hosts
from registrations.booking.own_needs import Noted
from registrations.codes import ticket_code
from registrations.people.needs import Adjustment, Diet
from registrations.people.registration import KNOWS_OF_A_PLACE, Registration
from registrations.tickets.ticket import ticket_of_reference

from .arranging_pages import ACCESS, path_to_guest

NOBODY = "Enter the reference of a ticket of this event. They find it on the ticket and in the email that brought it"


WRONG = Limit("references of nobody typed by one access lead", 20, timedelta(minutes=15))
NEEDS, FOOD = "needs", "food"
ASKED: dict[str, type[WhichAdjustmentsForm | WhichDietForm]] = {NEEDS: WhichAdjustmentsForm, FOOD: WhichDietForm}
TOO_MANY = "Too many references were wrong. Wait 15 minutes, then ask them for theirs again."


class WhoForm(Form):
    reference = Text("Reference", missing=NOBODY, longest=20, spellcheck=False)
    about = Choice(
        "What do they tell you?",
        [(NEEDS, "What they need"), (FOOD, "What they eat")],
        missing="Select whether they tell you what they need or what they eat",
    )

    def validate_reference(self, field: wtforms.Field) -> None:
        if not ticket_code.normal_reference(field.data):
            raise StopValidation(NOBODY)


async def ask_who(request: Request) -> Response:
    return _who(request, WhoForm())


async def ask_what(request: Request) -> Response:
    """Whose reference it is, with what they have told us so far of what they need. That it was read is recorded."""
    form = await read(request, WhoForm)
    found = await _found(request, form)
    if found is None:
        return _who(request, form, 422)
    if form.about.data == FOOD:
        return _what(request, WhichDietForm(), found, form)
    event, by, told = request.state.event, request.state.staff, found.needs
    await reading.needs_read(event, "adjustments", 1, by=by, at=clock.now(), real=clock.real())
    asked = WhichAdjustmentsForm(data={"wanted": list(told.adjustments), "words": told.adjustment_words})
    return _what(request, asked, found, form)


async def note(request: Request) -> Response:
    who, seen = await read(request, WhoForm), str((await answers(request)).get("seen", ""))
    found = await _found(request, who)
    if found is None:
        return _who(request, who, 422)
    form = await read(request, ASKED[who.about.data])
    if form.errors:
        return _what(request, form, found, who, 422, seen)
    refuse_after(request.state.event)
    await _save(found, form, Noted(request.state.staff, seen))
    return redirect(path_to_guest(request, found.id, f"noted-{who.about.data}"))


async def _save(guest: Registration, form: WhichAdjustmentsForm | WhichDietForm, noted: Noted) -> None:
    """What marshals may read stays where nothing new is said of it."""
    wanted, words, at, real = form.wanted.data, form.words.data or "", clock.now(), clock.real()
    if isinstance(form, WhichDietForm):
        await own_needs.tell_diet(guest, [*map(Diet, wanted)], words, at, real, noted=noted)
        return
    leaving = (form.leaving.data or guest.needs.leaving_words) if form.marshals.data else None
    await own_needs.tell_adjustments(guest, [*map(Adjustment, wanted)], words, at, real, leaving, noted)


async def _found(request: Request, form: WhoForm) -> Registration | None:
    """Somebody with a place, by the reference of the ticket that they hold now."""
    reference = "" if form.errors else ticket_code.normal_reference(form.reference.data or "")
    if not reference:
        return None
    ticket = await ticket_of_reference(request.state.event.id, reference)
    if ticket is None and not await limits.count(WRONG, str(request.state.staff.id), clock.real()):
        raise Refused(TOO_MANY, 429, WRONG.seconds)
    if ticket is None or ticket.revoked_at is not None or ticket.registration.state not in KNOWS_OF_A_PLACE:
        form.reference.errors = [NOBODY]
        return None
    found: Registration = ticket.registration
    return found


def _who(request: Request, form: WhoForm, status: int = 200) -> Response:
    return render(request, "desk/arranging/who.html", status, form=form)


def _what(
    request: Request, form: WhichAdjustmentsForm | WhichDietForm, guest: Registration, who: WhoForm,
    status: int = 200, seen: str = "",
) -> Response:  # fmt: skip
    """`seen`: the mark of what the form was drawn from, where it is shown once more."""
    name_hosts(form, request.state.event)
    facts: dict[str, Any] = {"guest": guest, "who": who, "seen": seen or own_needs.mark_of(guest)}
    return render(request, "desk/arranging/note.html", status, form=form, **facts)


routes = [
    page("/desk/{event}/access/note", ask_who, who=ACCESS),
    page("/desk/{event}/access/note", ask_what, who=ACCESS, methods=["POST"]),
    page("/desk/{event}/access/note/said", note, who=ACCESS, methods=["POST"]),
]
