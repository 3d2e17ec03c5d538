"""The desk's pages of rights requests: take one for somebody who telephoned or wrote, read it, answer it, close it.

Rules: DP-08.
"""

from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.accounts import reading
from events.ground import clock
from events.mail import last_email
from events.web.forms import Choice, Day, Form, FullName, Paragraphs, Phone, Text, WorkEmail
from events.web.routing import answers, page, read, redirect
from registrations.booking.changing import marks_of
from registrations.deciding import correcting
from registrations.deciding.correcting import ChangedMeanwhile
from registrations.desk.desk_pages import ORGANISER, banner_of, path_of, show
from registrations.desk.person_history import last_change
from registrations.people.registration import Registration, of_address
from registrations.privacy.cases import whose
from registrations.privacy.rights import copies, rights_requests
from registrations.privacy.rights.erasing import ERASED
from registrations.privacy.rights.gathering import gather
from registrations.privacy.rights.rights_request import Outcome, Right, RightsRequest
from registrations.privacy.rights.rights_requests import Asked

from .case_pages import HERE, PROVED, facts_of, found, path_to, read_by_staff, seen_in

KINDS = [(kind.value, kind.words[:1].upper() + kind.words[1:]) for kind in Right]
CHOSEN = [outcome for outcome in Outcome if outcome is not Outcome.ENDED]
OUTCOMES = [(outcome.value, outcome.value[:1].upper() + outcome.value[1:]) for outcome in CHOSEN]
IN_THE_FUTURE = "The day on which it came must not be in the future"
SAID = {
    "taken": "The request is open, and the leads are told.",
    "copy": "The link is on its way to their address.",
    "theirs": "Noted: it is theirs.",
    "whose": "Noted whose it is.",
    "corrected": "Their details are corrected. Tell them, then close the request.",
}


class TakeForm(Form):
    kind = Choice("What do they ask for?", KINDS, missing="Select what they ask for")
    email = WorkEmail(
        "Their email address",
        missing="Enter their email address",
        hint="The one that they used here. Whatever we send goes to it, so that nobody else gets it",
        autocomplete="off",
    )
    about = Paragraphs(
        "What they said",
        missing="Enter what they said",
        longest=2000,
        hint="In their words, and how it came: by telephone, by post, by email. They can read it in their copy",
    )
    received_day = Day("Day on which it came", missing="Enter the day", hint="The month to answer runs from this day")

    def received_at(self, at: datetime) -> datetime:
        """Now, or at noon of an earlier day."""
        day = self.received_day.day
        return at if day is None or day == clock.local(at).date() else clock.at_venue(day, 12, 0)


class CorrectForm(Form):
    """What a correction can change, with the questions that were asked."""

    full_name = FullName(missing="Enter their full name", autocomplete="off")
    badge_name = Text("Name for the badge", longest=60, spellcheck=False, autocomplete="off")
    organisation = Text("Organisation", missing="Enter the name of the organisation", longest=120, autocomplete="off")
    role = Text("Role", missing="Enter the role", longest=100, autocomplete="off")
    phone = Phone(autocomplete="off")


class CloseForm(Form):
    outcome = Choice("What became of it?", OUTCOMES, missing="Select what became of it")
    note = Paragraphs(
        "What you did, and what you told them",
        missing="Enter what you did, and what you told them",
        longest=2000,
        hint="Kept sealed with the request. This sends nothing",
    )

    def __init__(self, *posted: Any, kind: Right) -> None:
        """An erasure is done by erasing, and in no other way."""
        super().__init__(*posted)
        done = {Outcome.DONE.value} if kind is Right.ERASURE else set()
        self.outcome.choices = [(value, label) for value, label in OUTCOMES if value not in done]


async def take(request: Request) -> Response:
    at = clock.now()
    if request.method == "GET":
        return await _asked(request, TakeForm(data={"received_day": clock.local(at).date().isoformat()}))
    form = await read(request, TakeForm)
    if form.errors:
        return await _asked(request, form, 422)
    if form.received_at(at) > at:
        form.received_day.errors = [IN_THE_FUTURE]
        return await _asked(request, form, 422)
    asked = Asked(form.email.normal, Right(form.kind.data), form.about.data or "")
    taken = await rights_requests.take(request.state.event, asked, form.received_at(at), request.state.staff, at)
    return redirect(f"{path_to(request, taken)}?said=taken")


async def _asked(request: Request, form: TakeForm, status: int = 200) -> Response:
    return await show(request, "desk/rights_take.html", status, form=form)


async def rights_request(request: Request) -> Response:
    case = await read_by_staff(request, RightsRequest)
    said = banner_of(request, SAID)
    return await _shown(request, case, CloseForm(kind=case.kind), said=said)


async def on_paper(request: Request) -> Response:
    """For the data protection officers: all of it on one sheet."""
    case = await read_by_staff(request, RightsRequest)
    return await show(request, "desk/rights_sheet.html", **await _facts_of(request, case))


async def _facts_of(request: Request, case: RightsRequest) -> dict[str, Any]:
    last = (await last_email.standing(ERASED, [case.id])).get(case.id)
    known = {"reader": await whose.reader_of(case), "perhaps": await whose.perhaps(case)}
    return await facts_of(request, case) | {"last_email": last} | known


async def send_copy(request: Request) -> Response:
    case = await found(request, RightsRequest)
    await copies.send(case, request.state.staff, clock.now())
    return redirect(f"{path_to(request, case)}?said=copy")


async def theirs(request: Request) -> Response:
    case = await found(request, RightsRequest)
    await rights_requests.confirm(case, request.state.staff, clock.now())
    return redirect(f"{path_to(request, case)}?said=theirs")


async def correct(request: Request) -> Response:
    """The details of whoever holds a live request for a place with this address; each look at them is recorded."""
    case = await found(request, RightsRequest)
    email = await whose.reader_of(case) if case.may_correct else None
    person = await of_address(request.state.event, email) if email else None
    if person is None:
        raise HTTPException(404)
    if request.method == "GET":
        stands = {name: getattr(person, name) for name in CorrectForm().data}
        return await _to_correct(request, case, person, CorrectForm(data=stands))
    posted = await answers(request)
    form = CorrectForm(posted)
    if not form.validate():
        return await _to_correct(request, case, person, form, 422, seen=str(posted.get("seen")))
    mended = {name: text or "" for name, text in form.data.items() if (text or "") != getattr(person, name)}
    details: dict[str, Any] = {"request": case.id, "fields": sorted(mended)}
    try:
        if posted.get("seen") not in marks_of(person):
            raise ChangedMeanwhile
        if mended:
            await correcting.correct_as_seen(person, mended, request.state.staff, clock.now(), **details)
    except ChangedMeanwhile:
        return await _changed(request, case, person, form)
    return redirect(f"{path_to(request, case)}?said=corrected")


async def _changed(request: Request, case: RightsRequest, person: Registration, form: CorrectForm) -> Response:
    """What was typed stays, and what it says now stands beside it: saved once more, that is replaced."""
    now = await Registration.get(id=person.id)
    words = {name: (field.label.text, getattr(now, name), field.data or "") for name, field in form._fields.items()}
    differs = ". ".join(f"{label}: {stands or 'nothing'}" for label, stands, typed in words.values() if stands != typed)
    facts = {"changed": True, "last": await last_change(now), "stands": differs or "what you typed"}
    return await _to_correct(request, case, now, form, 409, **facts)


async def _to_correct(
    request: Request, case: RightsRequest, person: Registration, form: CorrectForm, status: int = 200, **facts: Any
) -> Response:
    how: dict[str, Any] = {"by": request.state.staff, "at": clock.now(), "real": clock.real()}
    await reading.looked_at(person, request.state.event, **how)
    facts = {"seen": marks_of(person)[0], "changed": False, "last": None, "stands": ""} | facts
    facts |= {"case": case, "here": path_to(request, case), "person": person, "form": form}
    return await show(request, "desk/rights_correct.html", status, **facts)


async def close(request: Request) -> Response:
    case, posted = await found(request, RightsRequest), await answers(request)
    form = CloseForm(posted, kind=case.kind)
    if not form.validate():
        return await _shown(request, await read_by_staff(request, RightsRequest), form, 422, seen=seen_in(posted))
    outcome, note, by = Outcome(form.outcome.data), form.note.data or "", request.state.staff
    await rights_requests.close(case, outcome, note, seen_in(posted), by, clock.now())
    return redirect(f"{path_of(request, HERE)}?said=request")


async def _shown(
    request: Request, case: RightsRequest, form: CloseForm, status: int = 200, said: str = "", **seen: int
) -> Response:
    facts = await _facts_of(request, case) | seen
    email = facts["reader"]
    if case.may_correct and email:
        facts["person"] = await of_address(request.state.event, email)
    if case.kind is Right.ACCESS and case.closed_at is None and email:
        facts["copy"] = await gather(request.state.event, email, clock.now())
        facts["link"] = await copies.standing(case, clock.now())
    return await show(request, "desk/rights_request.html", status, form=form, said=said, **facts)


routes = [
    page("/desk/{event}/data-protection/requests/new", take, who=PROVED, methods=["GET", "POST"]),
    page("/desk/{event}/data-protection/requests/{id:int}", rights_request, who=ORGANISER),
    page("/desk/{event}/data-protection/requests/{id:int}/print", on_paper, who=ORGANISER),
    page("/desk/{event}/data-protection/requests/{id:int}/copy", send_copy, who=PROVED, methods=["POST"]),
    page("/desk/{event}/data-protection/requests/{id:int}/correct", correct, who=PROVED, methods=["GET", "POST"]),
    page("/desk/{event}/data-protection/requests/{id:int}/theirs", theirs, who=PROVED, methods=["POST"]),
    page("/desk/{event}/data-protection/requests/{id:int}/close", close, who=ORGANISER, methods=["POST"]),
]
