"""The desk's pages on how many people a room, or the venue, is for."""

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STAFF, STEPPED_UP
from events.accounts.staff import May
from events.event import Event
from events.ground import clock
from events.programme.programme import programme_of
from events.web import forms
from events.web.rendering import render
from events.web.routing import answers, page, read, redirect
from registrations.codes.room import FOR_EVERYBODY, ComesIn, Room
from registrations.desk.desk_pages import path_of
from registrations.phones import door_changes, room_changes
from registrations.phones.door import Door, DoorKind

ORGANISER, PROVED = STAFF(May.ORGANISE), STEPPED_UP(May.ORGANISE)  # over the venue's limit nobody at the door lets in
NO_PART = "-"
JOINING = [("no", "No"), ("yes", "Yes, where a place is left that is kept for nobody")]
ABOUT_OTHERS = (
    "Everybody else gets NOT THIS ROOM, with where they are due; a lead may let them in where a place is left. Whoever"
    " comes along with somebody comes in with them"
)
NEEDED = [("no", "No"), ("yes", "Yes")]
ABOUT_ENTRANCE = (
    "If yes, the steward has them counted at both with one tap, or sends them to the entrance, and the venue's limit"
    " holds. If no, they are counted there in silence: whoever is in a room is inside, and on the roll call's list"
)
FOR_WHAT = "Until the places of a slot are given out, on the page Programme, nobody takes part in one of its workshops"
MISSING = "Enter how many people may be in at once, or 0 for any number"


class RoomForm(forms.Form):
    limit = forms.Whole(
        "How many people may be in it at once?", missing=MISSING, least=0, most=room_changes.MOST,
        hint="Everybody counts: guests, their companions, speakers and helpers who are scanned. Enter 0 for any number",
    )  # fmt: skip


class WhoForm(forms.Form):
    programme = forms.Choice(
        "Which part of the programme is this room for?", [], hint=FOR_WHAT,
        missing="Select which part of the programme this room is for",
    )  # fmt: skip
    joining = forms.Choice(
        "May people who take part in no workshop at that time come in too?", JOINING, hint=ABOUT_OTHERS,
        missing="Select if people who take part in none may come in",
    )  # fmt: skip

    @property
    def room(self) -> Room:
        slot, _, workshop = self.programme.data.partition("-")
        if not slot:
            return FOR_EVERYBODY
        comes_in = ComesIn.JOINING if self.joining.data == "yes" else ComesIn.REGISTERED
        return Room(comes_in, int(slot), int(workshop) if workshop else None)


class EntranceForm(forms.Form):
    needed = forms.Choice(
        "Do phones here ask about whoever was not counted at an entrance?", NEEDED, hint=ABOUT_ENTRANCE,
        missing="Select if phones here ask about whoever was not counted at an entrance",
    )  # fmt: skip


class DoorOfRoomForm(forms.Form):
    door_name = forms.Text("Name of the other door", missing="Enter a name for the door", longest=60)


class VenueForm(forms.Form):
    limit = forms.Whole(
        "How many people may be in the venue at once?", missing=MISSING, least=0, most=room_changes.MOST,
        hint="Everybody who was let in at an entrance and has not left counts, companions too. Enter 0 for any number",
    )  # fmt: skip


async def room(request: Request) -> Response:
    """An entrance has no limit of its own: all of them together have the venue's."""
    found = await _find(request)
    if found.kind is not DoorKind.ROOM:
        return redirect(f"/desk/{request.state.event.slug}/doors/venue")
    return await _room(request, found)


async def _room(request: Request, found: Door, form: forms.Form | None = None) -> Response:
    """The forms as they stand, and the one that was posted with its faults."""
    shown: dict[str, forms.Form] = {
        "places": RoomForm(data={"limit": str(found.capacity)}),
        "another": DoorOfRoomForm(),
        "entrance": EntranceForm(data={"needed": "yes" if found.needs_entrance else "no"}),
    }
    shown["who"] = await _with_options(request.state.event, WhoForm(data=_as_set(found)))
    shown |= {name: form for name, form_ in shown.items() if form and type(form_) is type(form)}
    doors = await Door.filter(event=request.state.event, presence=found.presence).order_by("id")
    return render(request, "desk/rooms/room.html", 422 if form else 200, door=found, doors=doors, form=form, **shown)


async def change_room(request: Request) -> Response:
    found, form = await _find(request), await read(request, RoomForm)
    if form.errors:
        return await _room(request, found, form)
    await room_changes.set_limit(found, form.limit.number, request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'doors')}?said=saved")


def _as_set(door: Door) -> dict[str, str]:
    workshop = f"-{door.for_workshop_id}" if door.for_workshop_id else ""
    joining = "yes" if door.comes_in == ComesIn.JOINING else "no"
    return {"programme": f"{door.for_slot_id}{workshop}" if door.for_slot_id else NO_PART, "joining": joining}


async def _with_options(event: Event, form: WhoForm) -> WhoForm:
    """The workshops of the programme, and each slot for any of its workshops."""
    form.programme.choices = [(NO_PART, "No part: everybody with a ticket comes in")]
    for line in (await programme_of(event)).slots:
        workshops = [(f"{line.slot_id}-{entry.id}", f"{line.hours}: {entry.words.title}") for entry in line.workshops]
        any_of_them = [(str(line.slot_id), f"{line.hours}: any workshop")] if len(workshops) > 1 else []
        form.programme.choices += [*workshops, *any_of_them]
    return form


async def change_who(request: Request) -> Response:
    found, form = await _find(request), await _with_options(request.state.event, WhoForm(await answers(request)))
    if not form.validate():
        return await _room(request, found, form)
    await room_changes.set_room(found, form.room, request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'doors')}?said=saved")


async def change_entrance(request: Request) -> Response:
    found, form = await _find(request), await read(request, EntranceForm)
    if form.errors:
        return await _room(request, found, form)
    needs, staff = form.needed.data == "yes", request.state.staff
    await room_changes.set_needs_entrance(found, needs=needs, by=staff, at=clock.now())
    return redirect(f"{path_of(request, 'doors')}?said=saved")


async def make_door_beside(request: Request) -> Response:
    found, form = await _find(request), await read(request, DoorOfRoomForm)
    if form.errors:
        return await _room(request, found, form)
    event, name = request.state.event, form.door_name.data or ""
    try:
        await door_changes.make_door(event, name, request.state.staff, clock.now(), kind=DoorKind.ROOM, beside=found)
    except door_changes.NameTaken as taken:
        form.door_name.errors = [taken.sentence]
        return await _room(request, found, form)
    return redirect(f"{path_of(request, 'doors')}?said=made")


async def _find(request: Request) -> Door:
    return await Door.get(id=request.path_params["door"], event=request.state.event)


async def venue(request: Request) -> Response:
    limit = await room_changes.venue_limit(request.state.event.id)
    return render(request, "desk/rooms/venue.html", form=VenueForm(data={"limit": str(limit or 0)}), limit=limit)


async def change_venue(request: Request) -> Response:
    form, event = await read(request, VenueForm), request.state.event
    if form.errors:
        limit = await room_changes.venue_limit(event.id)
        return render(request, "desk/rooms/venue.html", 422, form=form, limit=limit)
    await room_changes.set_venue_limit(event, form.limit.number, request.state.staff, clock.now())
    return redirect(f"{path_of(request, 'doors')}?said=saved")


routes = [
    page("/desk/{event}/doors/{door:int}/room", room, who=ORGANISER),
    page("/desk/{event}/doors/{door:int}/room", change_room, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/doors/{door:int}/who", change_who, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/doors/{door:int}/counted", change_entrance, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/doors/{door:int}/beside", make_door_beside, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/doors/venue", venue, who=ORGANISER),
    page("/desk/{event}/doors/venue", change_venue, who=PROVED, methods=["POST"]),
]
