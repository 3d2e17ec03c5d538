"""Pages of accounts: your own, with the browsers where it is signed in, and those of an event, which its leads
manage.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.mail import delivery
from events.web.rendering import render
from events.web.routing import page, read, redirect

from . import accounts, password_links, recovery, sign_in
from .guards import BOTH_PROVED, STAFF, STEPPED_UP
from .passkeys.passkey import Passkey
from .roles import role_offers, role_table
from .sign_in_pages import BOTH, offer_app
from .staff import RIGHTS, May, Role, RoleName, Session, Staff
from .staff_forms import ChangePasswordForm, InviteForm, RoleForm

LEAD = May.LEAD
ELSEWHERE = "Works on another event too"
NOT_THE_PASSWORD = "This is not your current password. Try again."  # noqa: S105
DONE = {
    "password": "Your password was changed, and your other browsers were signed out.",
    "signed-out": "It was signed out.",
    "everywhere": "All other browsers were signed out.",
    "invite": "An email is on its way to them. They can begin once they have accepted.",
    "accept": "You have the role now.",
    "decline": "You declined the role.",
    "take-back": "The offer was taken back.",
    "role": "The role was changed.",
    "take-role": "They have no role for this event any more.",
    "send-link": "An email with a link is on its way to them.",
    "end-sessions": "They were signed out of all their browsers.",
    "take-codes": "App, codes, passkeys and password were taken away. An email with a link is on its way to them.",
    "disable": "The account was disabled.",
    "enable": "The account was enabled.",
    "emails": "Emails go to this address again.",
}


async def account(request: Request) -> Response:
    staff: Staff = request.state.staff
    return render(
        request,
        "accounts/account.html",
        done=done(request),
        here=request.state.session.id,
        sessions=await sign_in.sessions_of(staff, clock.real()),
        codes_left=await recovery.left(staff),
        passkeys=await Passkey.filter(staff_id=staff.id).count(),
        roles=await Role.filter(staff=staff).prefetch_related("event").order_by("id"),
        offers=await role_offers.to_staff(staff, clock.now()),
    )


async def change_password(request: Request) -> Response:
    staff: Staff = request.state.staff
    if request.method == "GET":
        return render(request, "accounts/change_password.html", form=ChangePasswordForm())
    form = await read(request, ChangePasswordForm, about=[staff.full_name, staff.email])
    typed, at, real = form.current.data or "", clock.now(), clock.real()
    if not form.errors and not await sign_in.knows_password(request.state.session, typed, at, real):
        form.refuse("current", NOT_THE_PASSWORD)
    if form.errors:
        return render(request, "accounts/change_password.html", 422, form=form)
    await password_links.change(request.state.session, form.password.data or "", at)
    return redirect("/staff/account?done=password")


async def change_app(request: Request) -> Response:
    return await offer_app(request, request.state.session, "/staff/account/app")


async def new_recovery_codes(request: Request) -> Response:
    if request.method == "GET":
        return render(request, "accounts/new_recovery_codes.html")
    codes = await recovery.make(request.state.staff, clock.now())
    return render(request, "accounts/recovery_codes.html", codes=codes, next="/staff/account")


async def end_session(request: Request) -> Response:
    session = await Session.get(id=request.path_params["id"], staff=request.state.staff).prefetch_related("staff")
    await sign_in.sign_out(session, clock.now())
    return redirect("/staff/account?done=signed-out")


async def end_others(request: Request) -> Response:
    staff: Staff = request.state.staff
    await sign_in.end_sessions(staff, staff, clock.now(), but=request.state.session)
    return redirect("/staff/account?done=everywhere")


async def people(request: Request) -> Response:
    """The accounts that have a role for the event."""
    roles = await Role.filter(event=request.state.event).prefetch_related("staff")
    roles.sort(key=lambda role: role.staff.full_name.casefold())
    known = {role.staff_id for role in roles if await knows(request.state.staff, role.staff)}
    here = await sign_in.signed_in_now(known, clock.real())
    facts: dict[str, Any] = {"roles": roles, "stopped": {role.staff_id for role in roles if role.staff.undeliverable}}
    facts["states"] = {
        role.staff_id: state_of(role.staff, signed_in=role.staff_id in here) if role.staff_id in known else ELSEWHERE
        for role in roles
    }
    facts["names"] = {role.staff_id: shown_name(role.staff, is_known=role.staff_id in known) for role in roles}
    facts["offers"] = await role_offers.for_event(request.state.event, clock.now())
    return render(request, "accounts/staff.html", done=done(request), **facts)


async def roles(request: Request) -> Response:
    """What each may do and see, for whoever gives one."""
    named = [(name.value, rights.words) for name, rights in RIGHTS.items()]
    facts: dict[str, Any] = {"roles": named, "acts": role_table.acts(), "details": role_table.details()}
    return render(request, "accounts/roles.html", **facts)


async def invite(request: Request) -> Response:
    hosts = [host["name"] for host in request.state.event.hosts]
    if request.method == "GET":
        return render(request, "accounts/invite.html", form=InviteForm(hosts=hosts))
    form = await read(request, InviteForm, hosts=hosts)
    if form.errors:
        return render(request, "accounts/invite.html", 422, form=form)
    await accounts.invite(
        form.email.normal,
        form.full_name.data or "",
        form.host.data or "",
        request.state.event,
        RoleName(form.role.data),
        by=request.state.staff,
        at=clock.now(),
        real=clock.real(),
    )
    return redirect(f"/desk/{request.state.event.slug}/staff?done=invite")


async def person(request: Request) -> Response:
    role = await _role(request)
    return await _person(request, role, RoleForm(role=role.name.value))


async def change_role(request: Request) -> Response:
    role = await _role(request)
    form = await read(request, RoleForm)
    if form.errors:
        return await _person(request, role, form, 422)
    await accounts.give_role(
        role.staff, request.state.event, RoleName(form.role.data), by=request.state.staff, at=clock.now()
    )
    return redirect(f"/desk/{request.state.event.slug}/staff/{role.staff_id}?done=role")


async def ask_take_role(request: Request) -> Response:
    """Asks first: what is lost comes back by an invitation alone."""
    role = await _role(request)
    is_known = await knows(request.state.staff, role.staff)
    return render(request, "accounts/take_role.html", role_here=role, name=shown_name(role.staff, is_known=is_known))


async def act(request: Request) -> Response:
    """One of the buttons on a person's page."""
    name = request.path_params["act"]
    if name not in ACTS:
        raise HTTPException(404)
    role = await _role(request)
    await ACTS[name](request, role.staff)
    back = "" if name == "take-role" else f"/{role.staff_id}"
    return redirect(f"/desk/{request.state.event.slug}/staff{back}?done={name}")


async def take_role(request: Request, staff: Staff) -> None:
    await accounts.take_role(staff, request.state.event, by=request.state.staff, at=clock.now())


async def send_link(request: Request, staff: Staff) -> None:
    await accounts.send_link(staff, by=request.state.staff, at=clock.now(), real=clock.real())


async def end_sessions(request: Request, staff: Staff) -> None:
    await accounts.end_sessions(staff, by=request.state.staff, at=clock.now())


async def take_codes(request: Request, staff: Staff) -> None:
    await accounts.take_codes_away(staff, by=request.state.staff, at=clock.now(), real=clock.real())


async def disable(request: Request, staff: Staff) -> None:
    await accounts.disable(staff, by=request.state.staff, at=clock.now())


async def enable(request: Request, staff: Staff) -> None:
    await accounts.enable(staff, by=request.state.staff, at=clock.now())


async def let_emails_through(request: Request, staff: Staff) -> None:
    await accounts.let_emails_through(staff, by=request.state.staff, at=clock.now())


ACTS: dict[str, Callable[[Request, Staff], Awaitable[None]]] = {
    "take-role": take_role,
    "send-link": send_link,
    "end-sessions": end_sessions,
    "take-codes": take_codes,
    "disable": disable,
    "enable": enable,
    "emails": let_emails_through,
}


def done(request: Request) -> str:
    """The sentence for what was done a moment ago."""
    return DONE.get(request.query_params.get("done", ""), "")


def emails_to(staff: Staff) -> str:
    """Whether emails go to the account's address."""
    return f"None are sent. {delivery.meaning(staff.undeliverable)}" if staff.undeliverable else "Sent to this address"


async def knows(lead: Staff, staff: Staff) -> bool:
    """Whether this lead sees more of an account than the address that they invited: not if it also works for an event
    that they do not lead."""
    return staff.id == lead.id or await accounts.may_manage(staff, lead)


def shown_name(staff: Staff, *, is_known: bool) -> str:
    return staff.full_name if is_known else staff.email


def state_of(staff: Staff, *, signed_in: bool) -> str:
    if staff.disabled_at is not None:
        return "Disabled"
    if signed_in:
        return "Signed in now"
    if not staff.password_hash:
        waits = staff.link_expires_at is not None and staff.link_expires_at > clock.real()
        what = "Has to choose a new password" if staff.joined_at else "Invited"
        return what if waits else f"{what}, the link has expired"
    return "Active" if staff.totp_set_at is not None else "Has no authenticator app yet"


async def _role(request: Request) -> Role:
    return await Role.get(event=request.state.event, staff_id=request.path_params["id"]).prefetch_related("staff")


async def _person(request: Request, role: Role, form: RoleForm, status: int = 200) -> Response:
    mine = await accounts.may_manage(role.staff, request.state.staff)
    oneself = role.staff_id == request.state.staff.id
    here = await sign_in.signed_in_now([role.staff_id], clock.real())
    state = state_of(role.staff, signed_in=bool(here)) if mine or oneself else ELSEWHERE
    facts: dict[str, Any] = {"role_here": role, "person": role.staff, "state": state, "emails": emails_to(role.staff)}
    facts["name"] = shown_name(role.staff, is_known=mine or oneself)
    facts |= {"manages": mine, "oneself": oneself, "done": done(request)}
    facts["sessions"] = await sign_in.sessions_of(role.staff, clock.real()) if mine else []
    return render(request, "accounts/staff_member.html", status, form=form, **facts)


routes = [
    page("/staff/account", account, who=STAFF()),
    page("/staff/account/password", change_password, who=STEPPED_UP(), methods=BOTH),
    page("/staff/account/app", change_app, who=BOTH_PROVED(), methods=BOTH),
    page("/staff/account/recovery-codes", new_recovery_codes, who=BOTH_PROVED(), methods=BOTH),
    page("/staff/account/sessions/others/end", end_others, who=STAFF(), methods=["POST"]),
    page("/staff/account/sessions/{id:int}/end", end_session, who=STAFF(), methods=["POST"]),
    page("/desk/{event}/staff", people, who=STAFF(LEAD)),
    page("/desk/{event}/staff/roles", roles, who=STAFF(LEAD)),
    page("/desk/{event}/staff/invite", invite, who=STEPPED_UP(LEAD), methods=BOTH),
    page("/desk/{event}/staff/{id:int}", person, who=BOTH_PROVED(LEAD)),
    page("/desk/{event}/staff/{id:int}/role", change_role, who=BOTH_PROVED(LEAD), methods=["POST"]),
    page("/desk/{event}/staff/{id:int}/take-role", ask_take_role, who=BOTH_PROVED(LEAD)),
    page("/desk/{event}/staff/{id:int}/{act}", act, who=BOTH_PROVED(LEAD), methods=["POST"]),
]
