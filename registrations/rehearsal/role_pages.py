"""The rehearsal's page that opens the desk in another role: two of them see what guests need, and no lead does."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.accounts import guards, sign_in
from events.accounts.guards import STAFF
from events.accounts.staff import RIGHTS, Role, RoleName
from events.ground import clock
from events.web.rendering import render
from events.web.routing import answers, page, redirect

PATH = "/rehearsal/roles"


async def show(request: Request) -> Response:
    roles = {role.name: role for role in reversed(await _all())}  # the first of each
    listed = [roles[name] for name in RoleName if name in roles]
    words = {name.value: rights.words for name, rights in RIGHTS.items()}
    return render(request, "rehearsal/roles.html", roles=listed, words=words, slug=listed[0].event.slug)


async def take(request: Request) -> Response:
    """Signs this browser in as whoever has the role, in place of the one before."""
    wanted = str((await answers(request)).get("role", ""))
    role = next((role for role in await _all() if str(role.id) == wanted), None)
    if role is None:
        raise HTTPException(404)
    await sign_in.sign_out(request.state.session, clock.now())
    answer = redirect(f"/desk/{role.event.slug}")
    token = await sign_in.begin_full_session(role.staff, clock.real())
    guards.SESSION.set(answer, token, int(sign_in.AT_MOST.total_seconds()))
    return answer


async def _all() -> list[Role]:
    """Without whoever was switched off: nobody is signed in as them."""
    return await Role.filter(staff__disabled_at=None).order_by("id").prefetch_related("staff", "event")


routes = [page(PATH, show, who=STAFF()), page(PATH, take, who=STAFF(), methods=["POST"])]
