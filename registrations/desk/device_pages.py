"""The desk's pages of doors and phones: make a door, set its hours, pair a phone, revoke one."""

from datetime import datetime
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from wtforms.validators import StopValidation

from events.accounts.guards import STAFF, to_step_up
from events.accounts.staff import May
from events.audit import audit
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.ground import clock
from events.ground.settings import current
from events.web import forms
from events.web.rendering import render
from events.web.routing import answers, page, read, redirect
from registrations.codes import qr
from registrations.phones import door_changes, pairing, room_changes
from registrations.phones.door import Door, DoorKind, DoorPass, PassRole, Policy, Stage
from registrations.privacy.cases import incidents

from .desk_pages import banner_of, path_of

ORGANISER = STAFF(May.ORGANISE)
ROLES = [
    (PassRole.STEWARD.value, "Steward"),
    (PassRole.DOOR_LEAD.value, "Door lead"),
    (PassRole.MARSHAL.value, "Marshal"),
]
GUIDES = {PassRole.STEWARD: "steward", PassRole.DOOR_LEAD: "lead", PassRole.MARSHAL: "marshal"}
KINDS = [(DoorKind.ENTRANCE.value, "Entrance"), (DoorKind.ROOM.value, "Room")]
ONE_PLACE = [("no", "Yes: it counts by itself"), ("yes", "No")]
ABOUT_KINDS = (
    "All entrances of the event count as one: whoever came in at one is already in at the others, and may leave by "
    "any. A room, such as one for a workshop, counts people by itself"
)
POLICIES = [(Policy.IN_AND_OUT.value, "Yes"), (Policy.ONCE.value, "Only with the lead")]
SHOWN = {
    Stage.WAITING: "Waits for its phone",
    Stage.PAIRED: "Paired",
    Stage.PAST: "Past its time",
    Stage.REVOKED: "Revoked",
}
SAID = {"made": "The door is made.", "saved": "Saved.", "removed": "The door is removed."}
SIGNED_OUT = "Signed out"
LOST = "lost"  # what the page's second button says


class DoorForm(forms.Form):
    door_name = forms.Text(
        "Name of the door",
        missing="Enter a name for the door",
        longest=60,
        hint="Main door, Workshop A",
    )
    kind = forms.Choice("What is it?", KINDS, missing="Select if the door is an entrance or a room", hint=ABOUT_KINDS)


class KindForm(forms.Form):
    kind = forms.Choice("What is it?", KINDS, missing="Select if the door is an entrance or a room", hint=ABOUT_KINDS)


class HoursForm(forms.Form):
    opens = forms.TimeOfDay("Opens", hint="Like 09:00. Leave empty to open with the event")
    closes = forms.TimeOfDay("Closes", hint="Like 17:00. Leave empty for no closing time")

    def validate_closes(self, field: forms.TimeOfDay) -> None:
        if self.opens.minutes is not None and field.minutes is not None and field.minutes <= self.opens.minutes:
            raise StopValidation("Closes must be later than opens")


class PolicyForm(forms.Form):
    policy = forms.Choice("May people who left come in again?", POLICIES, missing="Select if people may come in again")


class OnePlaceForm(forms.Form):
    one_place = forms.Choice(
        "Can people be in this room and in another one at the same time?",
        ONE_PLACE,
        missing="Select if people can be in two rooms at the same time",
        hint="Of the rooms marked No, a person is in one at a time: coming in here counts them out of the others",
    )


class DeviceForm(forms.Form):
    phone_name = forms.Text(
        "Name of the phone",
        missing="Enter a name for the phone",
        longest=60,
        hint="Main door 1",
    )
    role = forms.Choice("Who holds it?", ROLES, missing="Select who holds the phone")


class DeviceRow(NamedTuple):
    """A phone as the list shows it. Times are spans, since a pass goes by the machine's clock."""

    id: int
    name: str
    role: str
    state: str
    seen: str
    to_send: int
    live: bool
    damaged: bool
    leads: bool


async def doors(request: Request) -> Response:
    return await _doors(request, DoorForm())


async def _doors(request: Request, form: DoorForm, status: int = 200) -> Response:
    event, real = request.state.event, clock.real()
    passes = [
        door_pass
        for door_pass in await DoorPass.filter(event=event).order_by("id")
        if door_pass.stage(real) is not Stage.LAPSED
    ]
    out = await _signed_out(passes)
    phones: dict[int, list[DeviceRow]] = {}
    for door_pass in passes:
        phones.setdefault(door_pass.door_id, []).append(
            _row(door_pass, real, SIGNED_OUT if door_pass.id in out else "")
        )
    listed = await Door.filter(event=event).order_by("id")
    revoked = request.query_params.get("revoked", "")
    said = next(
        (
            f"{door_pass.name} is revoked."
            for door_pass in passes
            if str(door_pass.id) == revoked and door_pass.revoked_at
        ),
        banner_of(request, SAID),
    )
    limit = next((door.capacity for door in listed if door.kind is DoorKind.ENTRANCE), 0)
    facts = {"doors": listed, "phones": phones, "form": form, "said": said}
    facts["wider"] = await room_changes.wider_workshops(event, listed)
    return render(request, "desk/doors.html", status, venue_limit=limit, **facts)


async def _signed_out(passes: list[DoorPass]) -> set[int]:
    """The passes that signed out by themselves, by the audit log. Somebody revoked the other ended ones."""
    ended = {audit.about(door_pass): door_pass.id for door_pass in passes if door_pass.revoked_at}
    told = AuditEntry.filter(subject__in=list(ended), action=Action.PASS_SIGNED_OUT)
    return {ended[subject] for (subject,) in await told.values_list("subject")} if ended else set()


def _row(door_pass: DoorPass, real: datetime, ended: str) -> DeviceRow:
    stage = door_pass.stage(real)
    return DeviceRow(
        door_pass.id, door_pass.name,
        dict(ROLES).get(door_pass.role.value, door_pass.role.value), ended or SHOWN[stage],
        _ago(door_pass.last_seen_at, real), door_pass.to_send, stage in (Stage.WAITING, Stage.PAIRED),
        door_pass.named.is_damaged, door_pass.role is PassRole.DOOR_LEAD,
    )  # fmt: skip


def _ago(moment: datetime | None, real: datetime) -> str:
    if moment is None:
        return ""
    minutes = int((real - moment).total_seconds() // 60)
    return "just now" if minutes < 1 else f"{minutes} min ago" if minutes < 120 else f"{minutes // 60} hours ago"


async def make_door(request: Request) -> Response:
    form = await read(request, DoorForm)
    if form.errors:
        return await _doors(request, form, 422)
    name, kind = form.door_name.data or "", DoorKind(form.kind.data)
    try:
        await door_changes.make_door(request.state.event, name, request.state.staff, clock.now(), kind=kind)
    except door_changes.NameTaken as taken:
        form.door_name.errors = [taken.sentence]
        return await _doors(request, form, taken.status)
    return _saved(request, "made")


def _saved(request: Request, said: str = "saved") -> Response:
    return redirect(f"{path_of(request, 'doors')}?said={said}")


async def door(request: Request) -> Response:
    return await _door(request, await _find(request))


async def _door(request: Request, found: Door, posted: forms.Form | None = None) -> Response:
    """The forms as they stand, and the one that was posted with its faults."""
    shown: dict[str, forms.Form] = {
        "device": DeviceForm(),
        "hours": HoursForm(data={"opens": _hour(found.opens_at), "closes": _hour(found.closes_at)}),
        "policy": PolicyForm(data={"policy": found.policy.value}),
        "kind": KindForm(data={"kind": found.kind.value}),
        "one_place": OnePlaceForm(data={"one_place": "yes" if found.one_place else "no"}),
    }
    shown |= {name: posted for name, form in shown.items() if posted and type(form) is type(posted)}
    facts = {"why_closed": pairing.why_closed(request.state.event, found, clock.now()),
             "in_use": await door_changes.why_in_use(found, clock.real())}  # fmt: skip
    form = posted or shown["device"]
    return render(request, "desk/door.html", 422 if posted else 200, door=found, form=form, **shown, **facts)


def _hour(moment: datetime | None) -> str:
    return clock.time_words(moment) if moment else ""


async def _find(request: Request) -> Door:
    return await Door.get(id=request.path_params["door"], event=request.state.event)


async def change_hours(request: Request) -> Response:
    found, form = await _find(request), await read(request, HoursForm)
    if form.errors:
        return await _door(request, found, form)
    event = request.state.event
    hours = form.opens.on(event.day), form.closes.on(event.day)
    await door_changes.change_door(found, *hours, by=request.state.staff, at=clock.now(), real=clock.real())
    return _saved(request)


async def change_policy(request: Request) -> Response:
    found, form = await _find(request), await read(request, PolicyForm)
    if form.errors:
        return await _door(request, found, form)
    await door_changes.set_policy(found, Policy(form.policy.data), request.state.staff, clock.now())
    return _saved(request)


async def change_kind(request: Request) -> Response:
    found, form = await _find(request), await read(request, KindForm)
    if form.errors:
        return await _door(request, found, form)
    await door_changes.set_kind(found, DoorKind(form.kind.data), request.state.staff, clock.now(), clock.real())
    return _saved(request)


async def change_one_place(request: Request) -> Response:
    found, form = await _find(request), await read(request, OnePlaceForm)
    if form.errors:
        return await _door(request, found, form)
    one_place = form.one_place.data == "yes"
    await door_changes.set_one_place(found, one_place=one_place, by=request.state.staff, at=clock.now())
    return _saved(request)


async def make_pass(request: Request) -> Response:
    """Answers with the code itself, since it is shown once: no address leads to it again."""
    found, form = await _find(request), await read(request, DeviceForm)
    if form.errors:
        return await _door(request, found, form)
    name, role = form.phone_name.data or "", PassRole(form.role.data)
    if role is PassRole.DOOR_LEAD and (proof := to_step_up(request)):
        return proof
    others = await pairing.namesakes(found.event_id, name, clock.real())
    made = await pairing.make_pass(found, name, role, request.state.staff, clock.now(), clock.real())
    drawing = qr.svg(made.link, "Pairing link as a QR code")
    facts: dict[str, Any] = {"where": f"{current().base_url}/door/", "guide": GUIDES[role], "others": others}
    return render(request, "desk/pairing.html", door=found, made=made, drawing=drawing, **facts)


async def revoke(request: Request) -> Response:
    """Asks first: the phone forgets what it holds, and has to be paired again. A lost one opens an incident too."""
    found = await DoorPass.get(id=request.path_params["id"], event=request.state.event)
    if request.method == "GET":
        return render(request, "desk/revoke.html", device=found)
    lost = (await answers(request)).get("why") == LOST
    revoking = incidents.lose_phone if lost else pairing.revoke
    await revoking(found, request.state.staff, clock.now(), clock.real())
    return redirect(f"/desk/{request.state.event.slug}/doors?revoked={found.id}")


routes = [
    page("/desk/{event}/doors", doors, who=ORGANISER),
    page("/desk/{event}/doors", make_door, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/doors/{door:int}", door, who=ORGANISER),
    page("/desk/{event}/doors/{door:int}/hours", change_hours, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/doors/{door:int}/policy", change_policy, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/doors/{door:int}/kind", change_kind, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/doors/{door:int}/one-place", change_one_place, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/doors/{door:int}/phones", make_pass, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/phones/{id:int}/revoke", revoke, who=ORGANISER, methods=["GET", "POST"]),
]
