"""Who speaks at the door over HTTP: a phone with its pass, by its cookie; which phones may use a route, and how it is
answered. JSON.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock, limits, wording
from events.web.cookies import Cookie
from registrations.phones import finding, foreign_acts
from registrations.phones.door import Device, PassRole

PASS = Cookie("muster-door", "lets a paired phone scan tickets at its door", "until an hour after the doors close")
FORGET_ALL = {"clear-site-data": '"storage", "cache", "cookies"'}
NO_PASS, PASS_OVER = {"muster-pass": "none"}, {"muster-pass": "over"}  # last words: no proxy's 401 or 410 has these
ASCII = json.JSONEncoder(separators=(",", ":"))
LEFT = re.compile(r"[0-9]{1,6}")


class Phones(Enum):
    """Which may use a route."""

    ALL = "a phone"
    DOORS = "a phone at a door"  # a steward's, or a door lead's
    MARSHALS = "a marshal's phone"

    def has(self, device: Device) -> bool:
        return self is Phones.ALL or (device.role is PassRole.MARSHAL) is (self is Phones.MARSHALS)


@dataclass(frozen=True)
class AtDoor:
    """A phone with a live pass. Puts it into request.state. A pass opens no other page of ours."""

    phones: Phones = Phones.DOORS
    also_ended: bool = False  # a pass that is over comes through: the page hears it, then answers with `gone`

    @property
    def name(self) -> str:
        return f"{self.phones.value}{', or one that was' if self.also_ended else ''}"

    async def turned_away(self, request: Request) -> Response | None:
        """A phone of another role is refused whatever it posts, and the audit log says so (DR-26)."""
        device = await finding.find_pass(PASS.read(request), clock.real())
        if device is None:
            return json_answer({"error": "unpaired"}, 401, NO_PASS)
        may = self.phones.has(device)
        if not device.live and not (self.also_ended and may):
            return gone(left_on(request))
        if not may:
            await foreign_acts.refuse(device, clock.now())
            return json_answer({"error": "role", "sentence": wording.NOT_THIS_PHONE}, 403)
        request.state.device = device
        return None


PAIRED, SCANS = AtDoor(), AtDoor(also_ended=True)
ANY_PHONE, ANY_SIGNING_OUT = AtDoor(Phones.ALL), AtDoor(Phones.ALL, also_ended=True)
MARSHAL, TICKS = AtDoor(Phones.MARSHALS), AtDoor(Phones.MARSHALS, also_ended=True)


async def device_in(cookies: Mapping[str, str]) -> Device | None:
    """The phone with a live pass, if these are its cookies."""
    device = await finding.find_pass(cookies.get(PASS.name, ""), clock.real())
    return device if device and device.live else None


def json_answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """JSON in ASCII: whatever a phone sent can be sent back to it."""
    return Response(ASCII.encode(body), status, headers, "application/json")


def unpadded(raw: bytes) -> str:
    """Bytes as phones read them in JSON: base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def gone(left: int = 0, **more: Any) -> Response:
    """Tells the phone that its pass is over and that it has to forget everything. A phone with scans still to send
    forgets by itself after sending them: the browser would throw them away."""
    return json_answer({"error": "device_revoked"} | more, 410, PASS_OVER | ({} if left else FORGET_ALL))


async def slowed(device: Device) -> Response | None:
    """Counts what a pass that is over sends, which is what its phone still held. None while that is not too often."""
    real = clock.real()
    if await limits.count(limits.LATE_SCANS, str(device.id), real):
        return None
    return json_answer({"error": "slow", "seconds": await limits.wait(limits.LATE_SCANS, str(device.id), real)}, 429)


def left_on(request: Request) -> int:
    """How many scans may still be on the phone, as each request says. An open page may have stored another one
    meanwhile, so it says one at least."""
    found = LEFT.fullmatch(request.headers.get("muster-left", ""))
    return int(found[0]) if found else 0


async def read_json(request: Request) -> dict[str, Any]:
    """The JSON object that was posted; {} if it is none."""
    try:
        read = json.loads(await request.body())
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
