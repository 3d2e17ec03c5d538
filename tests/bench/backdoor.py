"""What the bench alone asks of its house: one more phone, the end of one, and what was sent since it last asked."""

from collections import Counter

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from events.accounts import sign_in
from events.accounts.guards import SESSION
from events.accounts.staff import Role, RoleName, Staff
from events.event import Event
from events.ground import clock
from events.ground.database import query
from registrations.people.registration import of_address
from registrations.phones import pairing
from registrations.phones.door import Door, DoorPass, PassRole
from registrations.phones.pairing import Paired
from tests.bench.grown import grow

SENT = """SELECT 1 AS found FROM message m JOIN link_answers l ON l.id = m.subject_id
    WHERE m.template = 'confirm' AND m.state = 'sent' AND l.registration_id = ?"""
STATUS_LINE = len("HTTP/1.1 200 OK\r\n\r\n")


async def one_more_phone(door: Door, by: Staff) -> Paired:
    made = await pairing.make_pass(door, "Phone", PassRole.STEWARD, by, clock.now(), clock.real())
    return await pairing.pair(made.typed, "bench", clock.now(), clock.real())


class Backdoor:
    """Routes that no other product has, and a scale on its way out."""

    def __init__(self) -> None:
        self.sent = Counter[str]()
        self.routes = [
            Route("/bench/pair", self.pair, methods=["POST"]),
            Route("/bench/revoke/{id:int}", self.revoke, methods=["POST"]),
            Route("/bench/desk", self.desk, methods=["POST"]),
            Route("/bench/grow/{people:int}/{undecided:int}", self.grow, methods=["POST"]),
            Route("/bench/emailed/{who}", self.emailed, methods=["POST"]),
            Route("/bench/sent", self.weighed, methods=["POST"]),
        ]

    def weighing(self, app: ASGIApp) -> ASGIApp:
        """Heads and bodies by path, as they go out."""

        async def weigh(scope: Scope, receive: Receive, send: Send) -> None:
            async def sent(message: Message) -> None:
                head = sum(len(name) + len(value) + 4 for name, value in message.get("headers", ()))
                self.sent[scope["path"]] += head + STATUS_LINE if head else len(message.get("body", b""))
                await send(message)

            await app(scope, receive, sent if scope["type"] == "http" else send)

        return weigh

    async def pair(self, request: Request) -> Response:
        paired = await one_more_phone(await Door.get(), await Staff.get())
        return JSONResponse({"id": paired.door_pass.id, "token": paired.token})

    async def revoke(self, request: Request) -> Response:
        door_pass = await DoorPass.get(id=request.path_params["id"])
        await pairing.revoke(door_pass, await Staff.get(), clock.now(), clock.real())
        return JSONResponse({})

    async def desk(self, request: Request) -> Response:
        """The cookie of a lead of the event who has just signed in."""
        staff, event = await Staff.get(), await Event.get()
        await Role.get_or_create(staff=staff, event=event, defaults={"name": RoleName.LEAD})
        return JSONResponse({"cookie": f"{SESSION.name}={await sign_in.begin_full_session(staff, clock.real())}"})

    async def grow(self, request: Request) -> Response:
        return JSONResponse(await grow(await Event.get(), **request.path_params))

    async def emailed(self, request: Request) -> Response:
        """Whether the email to whoever asked with this address has gone to the relay."""
        asked = await of_address(await Event.get(), f"{request.path_params['who']}@example.org")
        sent = await query(SENT, [asked.id]) if asked else []
        return JSONResponse({"sent": bool(sent)})

    async def weighed(self, request: Request) -> Response:
        sent, self.sent = dict(self.sent), Counter()
        return JSONResponse(sent)
