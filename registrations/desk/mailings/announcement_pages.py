"""Announcements: written, read as text and picture, tested on oneself, and sent to those who are chosen.

Rules: EM-13, EM-16, SG-11.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STEPPED_UP
from events.accounts.staff import May
from events.ground import clock, wording
from events.ground.wording import counted
from events.programme.programme import programme_of
from events.web.routing import answers, page, redirect
from registrations.bulk.bulk_act import BulkAct, BulkKind
from registrations.codes import ticket_code
from registrations.desk.desk_pages import ORGANISER, banner_of, chosen, number, path_of, show
from registrations.people.registration import OrganisationKind, State
from registrations.telling import announcing, mailings
from registrations.telling.announcement import Announcement, Audience
from registrations.telling.announcing import Written
from registrations.telling.example import Example, example
from registrations.telling.mailing import ANNOUNCEMENT
from registrations.telling.mailing_emails import said_in
from registrations.telling.saying_where import names_venue
from registrations.tickets.ticket import ticket_of_reference
from registrations.workshops import roster
from registrations.workshops.roster import Group

from .announcement_forms import ALL_KINDS, ALL_WORKSHOPS, AnnouncementForm, ListForm, greets, text_of
from .mailing_pages import HERE, as_picture, with_picture

AGAIN = STEPPED_UP(May.ORGANISE)
BOTH = ["GET", "POST"]
EVERYBODY = Group()
SAID = {
    "written": "Saved. Nothing has been sent.",
    "tested": "A test is on its way to your own address.",
}
NOBODY_LEFT = (
    "It was for the owners of these references alone, and none is left. Enter others, or discard it: with none it"
    " would go to everybody"
)
NO_SUCH_REFERENCE = "There is no ticket with the reference {}"


class Preview(NamedTuple):
    whom: str
    state: State
    text: str


async def new(request: Request) -> Response:
    if "people" in request.query_params:
        return await _new_to_a_list(request, await _list_of(request))
    if request.method == "GET":
        asked = request.query_params  # of the people list, which knows of whom it is
        audience = chosen(Audience, asked.get("audience"))
        kind = chosen(OrganisationKind, asked.get("kind")) or ALL_KINDS
        group = roster.group_of(asked.get("workshop", ""))
        data = {"kind": str(kind), "workshop": _value_of(group)} | ({"audience": audience.value} if audience else {})
        return await _asked(request, await _form(request, data=data))
    form = await _form(request, await answers(request))
    form.validate()
    written = await _written(request, form)
    if written is None:
        return await _asked(request, form, 422)
    made = await announcing.write(request.state.event, written, request.state.staff, clock.now())
    return redirect(f"{_path(request, made)}?said=written")


async def _list_of(request: Request) -> BulkAct:
    """That this organiser has fixed, to write to its people."""
    of_mine = {"event_id": request.state.event.id, "asked_by_id": request.state.staff.id, "kind": BulkKind.WRITE}
    return await BulkAct.get(id=number(request.query_params["people"]), fixed_at__not_isnull=True, **of_mine)


async def _new_to_a_list(request: Request, act: BulkAct) -> Response:
    if request.method == "GET":
        return await _asked(request, ListForm())
    form = ListForm(await answers(request))
    form.validate()
    written = _text_written(request, form, act.id)
    if written is None:
        return await _asked(request, form, 422)
    made = await announcing.write(request.state.event, written, request.state.staff, clock.now())
    return redirect(f"{_path(request, made)}?said=written")


def _text_written(request: Request, form: ListForm, act_id: int) -> Written | None:
    """To the people of a list that was fixed; None if something of it is wrong, which the form says then."""
    subject, words = form.subject.data or "", form.words.data or ""
    if names_venue(request.state.event, subject, words):
        form.words.errors = [announcing.NAMES_VENUE]
    return None if form.errors else Written(subject, words, Audience.CHOSEN, "", (), act_id=act_id, greets=greets(form))


async def _change_to_a_list(request: Request, found: Announcement) -> Response:
    if request.method == "GET":
        return await _asked(request, ListForm(data=text_of(found)), found=found)
    posted = await answers(request)
    form, seen = ListForm(posted), number(str(posted.get("seen")))
    form.validate()
    written = _text_written(request, form, found.act_id)
    if written is None:
        return await _asked(request, form, 422, found, seen=seen)
    await announcing.change(found, written, seen, request.state.staff, clock.now())
    return redirect(f"{_path(request, found)}?said=written")


async def change(request: Request) -> Response:
    found = await _found(request)
    if found.act_id:
        return await _change_to_a_list(request, found)
    if request.method == "GET":
        return await _asked(request, await _filled(request, found), found=found)
    posted = await answers(request)
    form, seen = await _form(request, posted), number(str(posted.get("seen")))
    form.validate()
    written = await _written(request, form, found)
    if written is None:
        return await _asked(request, form, 422, found, seen=seen)
    await announcing.change(found, written, seen, request.state.staff, clock.now())
    return redirect(f"{_path(request, found)}?said=written")


async def shown(request: Request) -> Response:
    found = await _found(request)
    states = await mailings.by_state(request.state.event, found.recipients)
    facts: dict[str, Any] = {"announcement": found, "previews": _previews(request, found, states)}
    facts |= {"to": sum(states.values()), "list": await BulkAct.get_or_none(id=found.act_id)}
    whole = await programme_of(request.state.event)
    facts["workshop"] = whole.entries.get(found.workshop_id)
    facts["slot"] = whole.slot(found.none_of_id)
    facts["said"] = banner_of(request, SAID)
    return with_picture(await show(request, "desk/announcement.html", **facts))


def _previews(request: Request, found: Announcement, states: Mapping[State, int]) -> list[Preview]:
    """Who has a place reads of the ticket, and everybody else of their request."""
    guests, others = states.get(State.APPROVED, 0), [state for state in states if state is not State.APPROVED]
    whom = {State.APPROVED: counted(guests, "person", "people") + " with a place"} if guests else {}
    if others:
        number = sum(states[state] for state in others)
        named = ", ".join(wording.STATES[state] for state in others)
        whom[others[0]] = f"{counted(number, 'person', 'people')} without a place ({named})"
    whom = whom or {min(found.recipients.states): "whoever it is for"}
    read = [(of, state, _as_read(request, found, state)) for state, of in whom.items()]
    return [Preview(of, state, drawn.text) for of, state, drawn in read if drawn]


async def picture(request: Request) -> Response:
    state = chosen(State, request.query_params.get("state")) or State.APPROVED
    return as_picture(_as_read(request, await _found(request), state))


def _as_read(request: Request, announcement: Announcement, state: State) -> Example | None:
    """As somebody in this state gets it. None if it cannot be read any more."""
    said = said_in(announcement)
    return example(ANNOUNCEMENT, request.state.event, clock.now(), said, state) if said else None


async def test(request: Request) -> Response:
    found = await _found(request)
    await announcing.send_test(found, request.state.staff, clock.now(), clock.real())
    return redirect(f"{_path(request, found)}?said=tested")


async def send(request: Request) -> Response:
    found = await _found(request)
    seen = number(str((await answers(request)).get("seen")))
    await announcing.send(found, seen, request.state.staff, clock.now(), clock.real())
    return redirect(f"{path_of(request, HERE)}?said=sent")


async def discard(request: Request) -> Response:
    await announcing.discard(await _found(request), request.state.staff, clock.now())
    return redirect(f"{path_of(request, HERE)}?said=discarded")


async def _found(request: Request) -> Announcement:
    return await Announcement.get(id=request.path_params["id"], event=request.state.event)


async def _written(request: Request, form: AnnouncementForm, found: Announcement | None = None) -> Written | None:
    """What was typed; None if something of it is wrong, which the form says then."""
    ids = await _requests_of(request, form)
    if found is not None and found.ids and not ids and not form.references.errors:
        form.references.errors = [NOBODY_LEFT]
    subject, words = form.subject.data or "", form.words.data or ""
    if names_venue(request.state.event, subject, words):
        form.words.errors = [announcing.NAMES_VENUE]
    if form.errors:
        return None
    kind = "" if form.kind.data == ALL_KINDS else form.kind.data or ""
    return Written(
        subject, words, Audience(form.audience.data), kind, tuple(ids), _group(form, found), greets=greets(form)
    )


def _group(form: AnnouncementForm, found: Announcement | None) -> Group:
    """Where none is asked for, since there is none any more, it stays for those of that one alone, who are nobody."""
    if "workshop" not in form:
        return _group_of(found) if found else EVERYBODY
    return roster.group_of(form.workshop.data or "") or EVERYBODY


def _group_of(found: Announcement) -> Group:
    return Group(found.workshop_id, found.none_of_id)


def _value_of(group: Group | None) -> str:
    """What the form has chosen of it."""
    return group.code if group and group != EVERYBODY else ALL_WORKSHOPS


async def _form(
    request: Request, posted: FormData | None = None, data: dict[str, str] | None = None
) -> AnnouncementForm:
    """Asks about workshops once places in some are given out."""
    form, lines = AnnouncementForm(posted, data=data), await roster.given_out(request.state.event)
    groups = roster.groups_of(lines)
    options = [(group.code, text) for group, text in groups.items()]
    form.workshop.choices = [(ALL_WORKSHOPS, "All people, in whichever workshop or in none"), *options]
    if not options:
        del form.workshop
    return form


async def _requests_of(request: Request, form: AnnouncementForm) -> list[int]:
    """Whose references were typed."""
    ids = set[int]()
    for typed in (form.references.data or "").splitlines():
        reference = ticket_code.normal_reference(typed)
        ticket = await ticket_of_reference(request.state.event.id, reference) if reference else None
        if ticket is None:
            form.references.errors = [NO_SUCH_REFERENCE.format(typed)]
        else:
            ids.add(ticket.registration_id)
    return sorted(ids)


async def _filled(request: Request, found: Announcement) -> AnnouncementForm:
    references = [ticket.reference for ticket in await announcing.tickets_of(found)]
    data = text_of(found) | {
        "audience": found.audience.value, "kind": found.kind or ALL_KINDS, "references": "\n".join(references),
        "workshop": _value_of(_group_of(found)),
    }  # fmt: skip
    return await _form(request, data=data)


async def _asked(
    request: Request, form: AnnouncementForm, status: int = 200, found: Announcement | None = None, **seen: int
) -> Response:
    return await show(request, "desk/announcement_form.html", status, form=form, announcement=found, **seen)


def _path(request: Request, announcement: Announcement) -> str:
    return path_of(request, "emails", "announcements", announcement.id)


routes = [
    page("/desk/{event}/emails/announcements/new", new, who=ORGANISER, methods=BOTH),
    page("/desk/{event}/emails/announcements/{id:int}", shown, who=ORGANISER),
    page("/desk/{event}/emails/announcements/{id:int}/picture", picture, who=ORGANISER),
    page("/desk/{event}/emails/announcements/{id:int}/change", change, who=ORGANISER, methods=BOTH),
    page("/desk/{event}/emails/announcements/{id:int}/test", test, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/emails/announcements/{id:int}/send", send, who=AGAIN, methods=["POST"]),
    page("/desk/{event}/emails/announcements/{id:int}/discard", discard, who=ORGANISER, methods=["POST"]),
]
