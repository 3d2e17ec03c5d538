"""The desk's page on which a door is given another name, or removed while nobody was counted there."""

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import STAFF
from events.accounts.staff import May
from events.ground import clock
from events.web import forms
from events.web.rendering import render
from events.web.routing import page, read, redirect
from registrations.desk.desk_pages import path_of
from registrations.phones import door_changes
from registrations.phones.door import Door

ORGANISER = STAFF(May.ORGANISE)


class DoorNameForm(forms.Form):
    door_name = forms.Text("Name of the door", missing="Enter a name for the door", longest=60)


async def name(request: Request) -> Response:
    found = await _find(request)
    return await _shown(request, found, DoorNameForm(data={"door_name": found.name}))


async def rename(request: Request) -> Response:
    found, form = await _find(request), await read(request, DoorNameForm)
    if form.errors:
        return await _shown(request, found, form, 422)
    try:
        await door_changes.rename(found, form.door_name.data or "", request.state.staff, clock.now())
    except door_changes.NameTaken as taken:
        form.door_name.errors = [taken.sentence]
        return await _shown(request, found, form, taken.status)
    return redirect(f"{path_of(request, 'doors')}?said=saved")


async def remove(request: Request) -> Response:
    found = await _find(request)
    await door_changes.remove(found, request.state.staff, clock.now(), clock.real())
    return redirect(f"{path_of(request, 'doors')}?said=removed")


async def _shown(request: Request, found: Door, form: DoorNameForm, status: int = 200) -> Response:
    in_use = await door_changes.is_in_use(found, clock.real())
    return render(request, "desk/rooms/door_name.html", status, door=found, form=form, in_use=in_use)


async def _find(request: Request) -> Door:
    return await Door.get(id=request.path_params["door"], event=request.state.event)


routes = [
    page("/desk/{event}/doors/{door:int}/name", name, who=ORGANISER),
    page("/desk/{event}/doors/{door:int}/name", rename, who=ORGANISER, methods=["POST"]),
    page("/desk/{event}/doors/{door:int}/remove", remove, who=ORGANISER, methods=["POST"]),
]
