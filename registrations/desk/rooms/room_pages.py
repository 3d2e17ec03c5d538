"""The desk's pages on how many people a room, or the venue, is for."""

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STAFF, STEPPED_UP
from events.accounts.staff import May
from events.ground import clock
from events.web import forms
from events.web.rendering import render
from events.web.routing import page, read, redirect
from registrations.phones import door_changes, room_changes
from registrations.phones.door import Door, DoorKind

ORGANISER, PROVED = STAFF(May.ORGANISE), STEPPED_UP(May.ORGANISE)  # over the venue's limit nobody at the door lets in
MISSING = "Enter how many people may be in at once, or 0 for any number"


class RoomForm(forms.Form):
    limit = forms.Whole(
        "How many people may be in it at once?", missing=MISSING, least=0, most=room_changes.MOST,
        hint="Everybody counts: guests, their companions, speakers and helpers who are scanned. 0 for any number",
    )  # fmt: skip


class DoorOfRoomForm(forms.Form):
    door_name = forms.Text("Name of the other door", missing="Enter a name for the door", longest=60)


class VenueForm(forms.Form):
    limit = forms.Whole(
        "How many people may be in the venue at once?", missing=MISSING, least=0, most=room_changes.MOST,
        hint="Everybody who was let in at an entrance and has not left counts, companions too. 0 for any number",
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
    }
    shown |= {name: form for name, form_ in shown.items() if form and type(form_) is type(form)}
    doors = await Door.filter(event=request.state.event, presence=found.presence).order_by("id")
    return render(request, "desk/rooms/room.html", 422 if form else 200, door=found, doors=doors, form=form, **shown)


async def change_room(request: Request) -> Response:
    found, form = await _find(request), await read(request, RoomForm)
    if form.errors:
        return await _room(request, found, form)
    await room_changes.set_limit(found, form.limit.number, request.state.staff, clock.now())
    return redirect(f"/desk/{request.state.event.slug}/doors/{found.id}")


async def make_door_beside(request: Request) -> Response:
    found, form = await _find(request), await read(request, DoorOfRoomForm)
    if form.errors:
        return await _room(request, found, form)
    event, name = request.state.event, form.door_name.data or ""
    await door_changes.make_door(event, name, request.state.staff, clock.now(), kind=DoorKind.ROOM, beside=found)
    return redirect(f"/desk/{event.slug}/doors")


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
    return redirect(f"/desk/{event.slug}/doors")


routes = [
    page("/desk/{event}/doors/{door:int}/room", room, who=ORGANISER),
    page("/desk/{event}/doors/{door:int}/room", change_room, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/doors/{door:int}/beside", make_door_beside, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/doors/venue", venue, who=ORGANISER),
    page("/desk/{event}/doors/venue", change_venue, who=PROVED, methods=["POST"]),
]
