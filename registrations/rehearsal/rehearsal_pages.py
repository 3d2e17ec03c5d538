"""The rehearsal's own pages: its mailbox, its clock, and one-time links to desk and door. Never mounted live."""

import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from events.accounts import guards, sign_in
from events.accounts.staff import RoleName, Staff
from events.event import Event
from events.ground import clock
from events.ground.settings import current
from events.mail.mailbox import Email, Mailbox
from events.web import routing
from events.web.rendering import render
from events.web.routing import ANYONE, page, redirect
from registrations.codes import qr
from registrations.phones import pairing
from registrations.phones.door import Door, PassRole
from registrations.privacy.retention import deleting

from . import in_the_wifi, morning_pages, rehearsal_arrivals, role_pages
from .tour_pages import Tour

EMAIL_CSP = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
MAILBOX_CSP = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MADE_UP = "Everybody in it is invented and no email leaves this computer. Hours, venue and places are made up."
MOMENTS = (
    ("2019-04-08T09:00", "Monday 8 April, 09:00: the week before"),
    ("2019-04-12T14:00", "Friday 12 April, 14:00: the last working day"),
    ("2019-04-15T08:50", "Monday 15 April, 08:50: before doors open"),
    ("2019-04-15T09:05", "Monday 15 April, 09:05: doors are open"),
    ("2019-04-15T09:20", "Monday 15 April, 09:20: most have come"),
    ("2019-04-15T11:30", "Monday 15 April, 11:30: some have left"),
    ("2019-04-16T10:05", "Tuesday 16 April, 10:05: guests are thanked"),
)
START = MOMENTS[0][0]
LINKS = (
    ("/", "Public page"),
    ("/desk", "Desk"),
    (role_pages.PATH, "Other roles"),
    (morning_pages.PATH, "The morning"),
    ("/door/", "Door"),
    ("/rehearsal/mailbox", "Mailbox"),
)


def moment_of(text: str) -> datetime:
    """A wall clock's time at the venue, like 2019-04-15T08:50, as an instant."""
    there = datetime.fromisoformat(text)
    return clock.at_venue(date(there.year, there.month, there.day), there.hour, there.minute)


@dataclass
class Rehearsal:
    """What one rehearsal holds beside its database; it ends with the process."""

    mailbox: Mailbox
    slug: str
    say: Callable[[str], object]  # to whoever started it: a link that was used is followed by a new one
    desk_key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    door_key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    tour: Tour = field(init=False)

    def __post_init__(self) -> None:
        self.tour = Tour(self.slug)

    def banner(self) -> Mapping[str, Any]:
        """What stands above every page."""
        there = clock.local(clock.now())
        return {
            "sentence": MADE_UP,
            "now": f"{there:%A} {there.day} {there:%B %Y}, {there:%H:%M}",
            "moments": MOMENTS,
            "next": next((name for name, _ in MOMENTS if moment_of(name) > clock.now()), MOMENTS[-1][0]),
            "links": LINKS,
            "guide": self.tour.shown,
        }

    def welcome(self, base_url: str) -> str:
        """What the terminal prints once it is ready."""
        lines = (
            "",
            "  The rehearsal is ready. Everybody in it is invented, and no email leaves this computer.",
            "",
            f"    Public page   {base_url}/",
            f"    Desk          {base_url}/rehearsal/desk/{self.desk_key}   (once, as a lead)",
            f"    Door          {base_url}/rehearsal/door/{self.door_key}   (once, as a steward)",
            f"    Mailbox       {base_url}/rehearsal/mailbox",
            "",
            "  The clock in the banner of every page can be moved to the morning of the event. Ctrl-C ends it.",
            "",
        )
        return "\n".join(lines) + self._in_the_wifi()

    def _in_the_wifi(self) -> str:
        """How phones come to it, if it was opened to them."""
        certificate, link = current().tls_certificate, f"{current().base_url}/rehearsal/door/{self.door_key}"
        return in_the_wifi.says(certificate, link) if certificate else ""

    def routes(self) -> list[BaseRoute]:
        return [
            *role_pages.routes,
            *morning_pages.routes,
            *self.tour.routes(),
            page("/rehearsal/clock", self.move_clock, who=ANYONE, methods=["POST"]),
            page("/rehearsal/desk/{key}", self.show_desk_link, who=ANYONE),
            page("/rehearsal/desk/{key}", self.open_desk, who=ANYONE, methods=["POST"]),
            page("/rehearsal/door/{key}", self.show_door_link, who=ANYONE),
            page("/rehearsal/door/{key}", self.open_door, who=ANYONE, methods=["POST"]),
            page("/rehearsal/mailbox", self.show_mailbox, who=ANYONE),
            page("/rehearsal/mailbox/{number:int}", self.show_email, who=ANYONE),
            page("/rehearsal/mailbox/{number:int}/picture", self.show_picture, who=ANYONE),
            page("/rehearsal/mailbox/{number:int}/part/{cid}", self.show_part, who=ANYONE),
        ]

    async def move_clock(self, request: Request) -> Response:
        wanted = str((await routing.answers(request)).get("moment", ""))
        if wanted not in dict(MOMENTS):
            return render(request, "errors/bad_request.html", 422, heading="Choose one of the moments", sentence="")
        clock.move_to(moment_of(wanted))
        await rehearsal_arrivals.arrive(await Event.get(slug=self.slug), clock.now(), clock.real())
        await deleting.turn(clock.now(), clock.real())  # nobody waits for the next one
        return redirect(own_path(request.headers.get("referer", ""), request.headers.get("host", "")))

    async def show_desk_link(self, request: Request) -> Response:
        return self._one_time(request, self.desk_key, "desk", "Open the desk as Lena, a lead", "Open the desk")

    async def open_desk(self, request: Request) -> Response:
        if not _same(request, self.desk_key):
            return await self.show_desk_link(request)
        self.desk_key = self._new_link("desk")
        lead = await Staff.filter(roles__name=RoleName.LEAD).order_by("id").first()
        if lead is None:
            raise HTTPException(404)
        answer = redirect(f"/desk/{self.slug}/overview")
        token = await sign_in.begin_full_session(lead, clock.real())
        guards.SESSION.set(answer, token, int(sign_in.AT_MOST.total_seconds()))
        return answer

    async def show_door_link(self, request: Request) -> Response:
        return self._one_time(request, self.door_key, "door", "Use this browser as a door phone", "Go to the door")

    async def open_door(self, request: Request) -> Response:
        if not _same(request, self.door_key):
            return await self.show_door_link(request)
        self.door_key = self._new_link("door")
        return redirect(await self.pairing_link())

    async def pairing_link(self) -> str:
        """A fresh one for a steward at the first door."""
        door = await Door.filter(event__slug=self.slug).order_by("id").first()
        lead = await Staff.filter(roles__name=RoleName.LEAD).order_by("id").first()
        if door is None or lead is None:
            raise HTTPException(404)
        made = await pairing.make_pass(
            door, "Rehearsal phone", PassRole.STEWARD, by=lead, at=clock.now(), real=clock.real()
        )
        return made.link

    def _new_link(self, kind: str) -> str:
        key = secrets.token_urlsafe(16)
        link = f"{current().base_url}/rehearsal/{kind}/{key}"
        self.say(f"  The link to the {kind} has been used. The next: {link}")
        if kind == "door" and current().tls_certificate:
            self.say(qr.blocks(link))
        return key

    def _one_time(self, request: Request, key: str, kind: str, heading: str, button: str) -> Response:
        good = _same(request, key)
        facts = {
            "good": good,
            "kind": kind,
            "heading": heading if good else "This link has been used",
            "button": button,
        }
        return render(request, "rehearsal/one_time.html", 200 if good else 410, **facts)

    async def show_mailbox(self, request: Request) -> Response:
        words = request.query_params.get("find", "").strip()[:100]
        found = self.mailbox.find(words)
        return render(request, "rehearsal/mailbox.html", emails=found[:100], total=len(found), words=words)

    async def show_email(self, request: Request) -> Response:
        email = self._email(request)
        links = re.findall(r"https?://\S+", email.text)
        answer = render(request, "rehearsal/email.html", email=email, links=links)
        answer.headers["content-security-policy"] = MAILBOX_CSP
        return answer

    async def show_picture(self, request: Request) -> Response:
        """The email as an email program draws it. It may style itself, and its links open in the whole window."""
        email = self._email(request)
        html = re.sub(r'"cid:([^"]+)"', rf'"/rehearsal/mailbox/{email.number}/part/\1"', email.html)
        html = html.replace("<head>", '<head>\n<base target="_top">', 1)
        return HTMLResponse(html, headers={"content-security-policy": EMAIL_CSP})

    async def show_part(self, request: Request) -> Response:
        picture = self._email(request).picture(request.path_params["cid"])
        if picture is None:
            raise HTTPException(404)
        return Response(picture[1], media_type=picture[0])

    def _email(self, request: Request) -> Email:
        email = self.mailbox.email(request.path_params["number"])
        if email is None:
            raise HTTPException(404)
        return email


def own_path(address: str, host: str) -> str:
    """The path of one of our own pages, or the public page."""
    found = re.fullmatch(rf"https?://{re.escape(host)}(/[^\s]*)", address)
    return found.group(1) if found and host and not found.group(1).startswith("//") else "/"


def _same(request: Request, key: str) -> bool:
    return bool(key) and hmac.compare_digest(request.path_params["key"].encode(), key.encode())
