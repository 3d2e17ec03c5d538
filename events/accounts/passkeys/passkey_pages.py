"""Pages of one's own passkeys: which there are, when each was last used, and adding and removing one."""

from starlette.requests import Request
from starlette.responses import Response

from events.accounts.guards import BOTH_PROVED, STAFF
from events.accounts.sign_in_pages import BOTH, passkeys_allowed, with_session
from events.accounts.staff import Session
from events.accounts.staff_forms import AddPasskeyForm
from events.ground import clock
from events.web.rendering import render
from events.web.routing import page, read, redirect

from . import ceremony, proving
from .passkey import Passkey, passkeys_of

DONE = {
    "added": "The passkey was added. You can use it instead of a code.",
    "removed": "The passkey was removed. It is of no use here any more: you may delete it on its device too.",
}
NOT_ADDED = "The passkey was not accepted, or took longer than five minutes. Try again."


async def passkeys(request: Request) -> Response:
    held = await passkeys_of(request.state.staff)
    done = DONE.get(request.query_params.get("done", ""), "")
    return render(request, "accounts/passkeys.html", passkeys=held, works=ceremony.works_here(), done=done)


async def add(request: Request) -> Response:
    if request.method == "GET":
        return await _asked(request, AddPasskeyForm())
    session: Session = request.state.session
    form = await read(request, AddPasskeyForm)
    if not form.errors:
        name, answer = form.name.data or "", form.passkey.data or ""
        token = await proving.add(session, name, answer, clock.now(), clock.real())
        if token is not None:
            return with_session(redirect("/staff/account/passkeys?done=added"), token)
        form.refuse("passkey", NOT_ADDED)
    return await _asked(request, form, 422)


async def remove(request: Request) -> Response:
    """Asks first: a removed passkey does not come back."""
    passkey = await Passkey.get(id=request.path_params["id"], staff_id=request.state.staff.id)
    if request.method == "GET":
        return render(request, "accounts/remove_passkey.html", passkey=passkey)
    token = await proving.remove(request.state.session, passkey, clock.now(), clock.real())
    return with_session(redirect("/staff/account/passkeys?done=removed"), token)


async def _asked(request: Request, form: AddPasskeyForm, status: int = 200) -> Response:
    session: Session = request.state.session
    asked = ceremony.asked_to_add(session, await passkeys_of(session.staff), clock.real())
    works = ceremony.works_here()
    answer = render(request, "accounts/add_passkey.html", status, form=form, asked_passkey=asked, works=works)
    return passkeys_allowed(answer)


routes = [
    page("/staff/account/passkeys", passkeys, who=STAFF()),
    page("/staff/account/passkeys/add", add, who=BOTH_PROVED(), methods=BOTH),
    page("/staff/account/passkeys/{id:int}/remove", remove, who=BOTH_PROVED(), methods=BOTH),
]
