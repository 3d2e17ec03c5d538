"""Pages by which staff sign in: password, code, recovery, first set-up, links of emails, and proving it again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.ground.tokens import Purpose
from events.web.cookies import Cookie
from events.web.middleware import FOR_PASSKEYS
from events.web.rendering import render
from events.web.routing import ANYONE, network_of, page, read, redirect

from . import known_browser, password_links, password_requests, recovery, sign_in, totp
from .guards import SESSION, STAFF
from .passkeys import ceremony, proving
from .passkeys.passkey import passkeys_of
from .sign_in import AT_MOST
from .sign_in_tries import Caller
from .staff import Session, Staff
from .staff_forms import (
    BothForm,
    CodeForm,
    ForgotForm,
    NewPasswordForm,
    PasswordForm,
    RecoveryForm,
    SecondFactorForm,
    SignInForm,
    StaffForm,
)

HOME = "/desk"
KNOWN = Cookie("muster-known", "remembers that an organiser has signed in with this browser before", "30 days")
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac", "Mac"))
WRONG_PASSWORD = "The email address or the password is not right. Check both, then try again."  # noqa: S105
WRONG_CODE = "The code is not right, or was used already. Enter the one that your app shows now."
WRONG_RECOVERY = "The recovery code is not right, or was used already."
WRONG_PASSKEY = "The passkey was not accepted. Try again, or enter a code from your app."
STEP_UPS: dict[str, type[StaffForm]] = {"both": BothForm, "code": SecondFactorForm, "password": PasswordForm}
WRONG_PROOF = {
    "both": ("password", "The password or the code is not right. Try again, with a new code."),
    "both by passkey": ("password", "The password is not right, or the passkey was not accepted. Try again."),
    "code": ("code", WRONG_CODE),
    "code by passkey": ("passkey", WRONG_PASSKEY),
    "password": ("password", "The password is not right. Try again."),
}
SecondFactor = Callable[[Session, str, Caller, datetime, datetime], Awaitable[str | None]]


@dataclass(frozen=True)
class HalfSignedIn:
    """Signed in with a password at least. Puts `session` into request.state, and no `staff`: this opens no desk."""

    name: str = "staff: a password alone"

    async def turned_away(self, request: Request) -> Response | None:
        session = await sign_in.find_session(SESSION.read(request), clock.real())
        if session is None:
            return redirect("/staff/sign-in")
        request.state.session = session
        return None


HALF = HalfSignedIn()


async def check_password(request: Request) -> Response:
    if await _whole(request):
        return redirect(next_of(request))
    facts: dict[str, Any] = {"said": request.query_params.get("said", ""), "next": next_of(request)}
    if request.method == "GET":
        return render(request, "accounts/sign_in.html", form=SignInForm(), **facts)
    form = await read(request, SignInForm)
    if not form.errors:
        email, password = form.email.normal, form.password.data or ""
        token = await sign_in.sign_in(email, password, caller_of(request), clock.now(), clock.real())
        if token is not None:
            return with_session(redirect(f"/staff/code?next={quote(next_of(request))}"), token)
        form.refuse("password", WRONG_PASSWORD)
    return render(request, "accounts/sign_in.html", 422, form=form, **facts)


async def code(request: Request) -> Response:
    session: Session = request.state.session
    if not sign_in.needs_second_factor(session):
        return redirect(next_of(request))
    if session.staff.totp_set_at is None:
        return redirect("/staff/set-up")
    return await _second_factor(request, "accounts/code.html", SecondFactorForm, sign_in.second_factor, WRONG_CODE)


async def recover(request: Request) -> Response:
    session: Session = request.state.session
    if not sign_in.needs_second_factor(session):
        return redirect(next_of(request))
    return await _second_factor(request, "accounts/recovery.html", RecoveryForm, sign_in.recover, WRONG_RECOVERY)


async def set_up(request: Request) -> Response:
    """The first authenticator app of an account. A later one is set up from inside (account_pages)."""
    session: Session = request.state.session
    if session.staff.totp_set_at is not None:
        return redirect("/staff/code")
    return await offer_app(request, session, "/staff/set-up")


async def offer_app(request: Request, session: Session, action: str) -> Response:
    """Shows the secret until a code of it is typed; then, once, ten recovery codes."""
    secret = totp.secret_for(session)
    facts: dict[str, Any] = {
        "secret": totp.in_fours(secret),
        "qr": totp.drawing(totp.link(secret, session.staff.email)),
    }
    if request.method == "GET":
        return render(request, "accounts/set_up.html", form=CodeForm(), action=action, **facts)
    form = await read(request, CodeForm)
    if not form.errors:
        typed, caller = form.code.data or "", caller_of(request)
        token = await sign_in.set_up_codes(session, typed, caller, clock.now(), clock.real())
        if token is not None:
            codes = await recovery.make(session.staff, clock.now())
            shown = render(request, "accounts/recovery_codes.html", codes=codes, next=HOME)
            return remembered(with_session(shown, token), session.staff)
        form.refuse("code", WRONG_CODE)
    return render(request, "accounts/set_up.html", 422, form=form, action=action, **facts)


async def forgot(request: Request) -> Response:
    """The same page, at the same time, whether there is an account or not: nobody has looked for one by then."""
    if request.method == "GET":
        return render(request, "accounts/forgot.html", form=ForgotForm())
    form = await read(request, ForgotForm)
    if form.errors:
        return render(request, "accounts/forgot.html", 422, form=form)
    await password_requests.put(form.email.normal, caller_of(request), clock.now(), clock.real())
    return render(request, "accounts/forgot_sent.html", email=form.email.data)


async def join(request: Request) -> Response:
    return await _by_link(request, Purpose.STAFF_INVITE)


async def reset(request: Request) -> Response:
    return await _by_link(request, Purpose.STAFF_RESET)


async def step_up(request: Request) -> Response:
    """By password or by code, whichever the person likes; by both where the next page asks for both. A passkey does
    in place of the code."""
    asked = next((kind for kind in STEP_UPS if kind in request.query_params), "password")
    kind, session = STEP_UPS[asked], request.state.session
    facts: dict[str, Any] = {"by": asked, "next": next_of(request)}
    if request.method == "GET":
        return await _with_passkeys(request, "accounts/step_up.html", session, form=kind(), **facts)
    form = await read(request, kind)
    if not form.errors:
        typed = {field.name: field.data or "" for field in form}
        answer = typed.pop("passkey", "")
        if answer:
            password = typed.get("password", "")
            token = await proving.step_up(session, answer, clock.now(), clock.real(), password=password)
        else:
            token = await sign_in.step_up(session, clock.now(), clock.real(), **typed)
        if token is not None:
            return with_session(redirect(next_of(request)), token)
        form.refuse(*WRONG_PROOF[f"{asked} by passkey" if answer else asked])
    return await _with_passkeys(request, "accounts/step_up.html", session, 422, form=form, **facts)


async def stay(request: Request) -> Response:
    """Answers the warning before a session ends. The request itself is the use that keeps the session alive."""
    return Response(status_code=204)


async def sign_out(request: Request) -> Response:
    await sign_in.sign_out(request.state.session, clock.now())
    answer = redirect("/staff/sign-in?said=out")
    SESSION.delete(answer)
    answer.headers["clear-site-data"] = '"cache"'  # not "storage": a phone at the door may be this browser
    return answer


def next_of(request: Request) -> str:
    """The path to go on to: always one of our own, never another site."""
    asked = request.query_params.get("next", "")
    own = asked.startswith("/") and not asked.startswith("//") and "\\" not in asked
    return asked if own and asked.isprintable() else HOME


def caller_of(request: Request) -> Caller:
    return Caller(network_of(request), browser_name(request.headers.get("user-agent", "")), KNOWN.read(request))


def browser_name(user_agent: str) -> str:
    """A short name of what a browser says of itself: Firefox on Windows."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "Another browser")
    system = next(
        (name for mark, name in SYSTEMS if mark in user_agent), "Linux" if "Linux" in user_agent else "another system"
    )
    return f"{browser} on {system}"


def with_session(answer: Response, token: str) -> Response:
    SESSION.set(answer, token, int(AT_MOST.total_seconds()))
    return answer


def remembered(answer: Response, staff: Staff) -> Response:
    KNOWN.set(answer, known_browser.remember(staff, clock.real()), int(known_browser.LASTS.total_seconds()))
    return answer


def signed_in(request: Request, staff: Staff, token: str) -> Response:
    return remembered(with_session(redirect(next_of(request)), token), staff)


async def _whole(request: Request) -> bool:
    session = await sign_in.find_session(SESSION.read(request), clock.real())
    return session is not None and not sign_in.needs_second_factor(session)


async def _second_factor(
    request: Request, template: str, kind: type[SecondFactorForm | RecoveryForm], accept: SecondFactor, wrong: str
) -> Response:
    """Asks for a code of the app or a passkey, or for a code from paper, until it is right."""
    session: Session = request.state.session
    facts: dict[str, Any] = {"next": next_of(request)}
    if request.method == "GET":
        return await _with_passkeys(request, template, session, form=kind(), **facts)
    form = await read(request, kind)
    if not form.errors:
        given, named = form.code.data or "", "code"
        if isinstance(form, SecondFactorForm) and form.passkey.data:
            accept, given, named, wrong = proving.second_factor, form.passkey.data, "passkey", WRONG_PASSKEY
        token = await accept(session, given, caller_of(request), clock.now(), clock.real())
        if token is not None:
            return signed_in(request, session.staff, token)
        form.refuse(named, wrong)
    return await _with_passkeys(request, template, session, 422, form=form, **facts)


async def _with_passkeys(
    request: Request, template: str, session: Session, status: int = 200, **facts: Any
) -> Response:
    """The page, with what the browser is asked for if its owner has passkeys."""
    asked = ceremony.asked_to_prove(session, await passkeys_of(session.staff), clock.real())
    return passkeys_allowed(render(request, template, status, asked_passkey=asked, **facts))


def passkeys_allowed(answer: Response) -> Response:
    """Other pages have no business with them."""
    answer.headers["permissions-policy"] = FOR_PASSKEYS
    return answer


async def _by_link(request: Request, purpose: Purpose) -> Response:
    """Opening the link changes nothing; sending the form spends it."""
    staff = await password_links.found(purpose, request.path_params["token"], clock.real())
    if staff is None:
        return render(request, "accounts/link_over.html", 404)
    facts: dict[str, Any] = {"account": staff, "joining": purpose is Purpose.STAFF_INVITE}
    if facts["joining"]:
        roles = [password_links.role_words(role) for role in await password_links.roles_of(staff)]
        facts |= {"invited_by": await password_links.invited_by(staff), "roles": roles}
    about = [staff.full_name, staff.email]
    if request.method == "GET":
        return render(request, "accounts/new_password.html", form=NewPasswordForm(), **facts)
    form = await read(request, NewPasswordForm, about=about)
    if form.errors:
        return render(request, "accounts/new_password.html", 422, form=form, **facts)
    spend = password_links.accept_invitation if facts["joining"] else password_links.reset
    browser = caller_of(request).browser
    token = await spend(staff, form.password.data or "", browser, clock.now(), clock.real())
    return remembered(with_session(redirect("/staff/code"), token), await Staff.get(id=staff.id))


BOTH = ("GET", "POST")
routes = [
    page("/staff/sign-in", check_password, who=ANYONE, methods=BOTH),
    page("/staff/code", code, who=HALF, methods=BOTH),
    page("/staff/recovery", recover, who=HALF, methods=BOTH),
    page("/staff/set-up", set_up, who=HALF, methods=BOTH),
    page("/staff/forgot", forgot, who=ANYONE, methods=BOTH),
    page("/staff/join/{token}", join, who=ANYONE, methods=BOTH),
    page("/staff/reset/{token}", reset, who=ANYONE, methods=BOTH),
    page("/staff/step-up", step_up, who=STAFF(), methods=BOTH),
    page("/staff/stay", stay, who=STAFF(), methods=["POST"]),
    page("/staff/sign-out", sign_out, who=HALF, methods=["POST"]),
]
