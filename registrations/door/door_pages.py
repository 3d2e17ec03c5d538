"""The door over HTTP: the scanner's page, pairing, scans and references. JSON; the pass is a cookie."""

import re
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.event import Event
from events.ground import clock, wording
from events.ground.refusal import Refused
from events.web.forms import whole_number
from events.web.middleware import PERMISSIONS
from events.web.rendering import render
from events.web.routing import ANYONE, network_of, page, redirect
from events.web.static_files import own_file, own_page, own_text
from registrations.checkin import checkin, lead_override, reference_lookup
from registrations.checkin.looking_up import name_lookup
from registrations.checkin.scan import LEAD, read_sent
from registrations.phones import finding, guest_list, heartbeat, pairing
from registrations.phones.door import ENTRANCES, Device, epoch
from registrations.phones.heartbeat import Report, read_report
from registrations.roll_call import calling, door_closing

from . import shell
from .guards import (
    ANY_PHONE,
    ANY_SIGNING_OUT,
    FORGET_ALL,
    NO_PASS,
    PAIRED,
    PASS,
    SCANS,
    gone,
    json_answer,
    left_on,
    read_json,
    slowed,
    unpadded,
)

CSP = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; "
    "style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PAGE_HEADERS = {"content-security-policy": CSP, "permissions-policy": "camera=(self), microphone=(), geolocation=()"}
FILE_HEADERS = {
    "cache-control": "public, max-age=31536000, immutable", "content-security-policy": CSP,
    "permissions-policy": PERMISSIONS,  # no page: what every page says of passkeys would be 5 kB of a first load
}  # fmt: skip
TOLD_FOR = 7 * 24 * 3600  # seconds past its end for which a phone can still be told to forget everything
PIN = re.compile(r"[0-9]{6}")


async def without_slash(request: Request) -> Response:
    """The address that people type."""
    return redirect("/door/")


async def scanner(request: Request) -> Response:
    facts = {"shell": shell.folder(), "version": shell.version(), "modules": shell.modules_of("main.mjs")}
    return await own_page(request, "door/scanner.html", PAGE_HEADERS, **facts)


async def service_worker(request: Request) -> Response:
    """Browsers check it each time: it alone tells a phone of a newer page."""
    return await own_text(request, shell.worker(), shell.TYPES[".mjs"], {"cache-control": "no-cache"})


async def shell_file(request: Request) -> Response:
    """A file that never changes under its address. The worker that reads codes goes by the CSP of its own file."""
    asked = request.path_params
    path = shell.files().get(asked["path"]) if asked["version"] == shell.version() else None
    if path is None:
        raise HTTPException(404)
    if path.suffix == ".mjs":
        return await own_text(request, shell.module(path), shell.TYPES[".mjs"], FILE_HEADERS)
    return await own_file(request, path, shell.TYPES[path.suffix], FILE_HEADERS)


async def over(request: Request) -> Response:
    """Where a phone ends whose pass has ended. Its cookie goes here too: the answer that told the browser to erase
    everything may have been lost. While it has something to send it needs the cookie."""
    device = await finding.find_pass(PASS.read(request), clock.real())
    page_over = render(request, "door/over.html", shell=shell.folder())
    if device is not None and not device.live and not device.to_send:
        PASS.delete(page_over)
    return page_over


async def done(request: Request) -> Response:
    """Where a phone ends that has handed over all it held, once the door is being closed."""
    return render(request, "door/done.html", shell=shell.folder())


async def pair(request: Request) -> Response:
    code, real = (await read_json(request)).get("code"), clock.real()
    had = await finding.find_pass(PASS.read(request), real)
    try:
        paired = await pairing.pair(str(code), network_of(request), clock.now(), real, instead_of=had)
    except Refused as no:
        return json_answer({"error": "pairing", "sentence": no.sentence}, no.status)
    device = await finding.device_of(paired.door_pass, real)
    answer = json_answer({"pass": await pass_of(device, clock.now())})
    PASS.set(answer, paired.token, device.seconds_left + TOLD_FOR)
    return answer


async def show_pass(request: Request) -> Response:
    """Every door page asks this when it opens. To have no pass is no fault then, so it is no error either."""
    device = await finding.find_pass(PASS.read(request), clock.real())
    if device is None:
        return json_answer({"pass": None}, headers=NO_PASS)
    if not device.live:
        return gone(left_on(request))
    report = Report(page=read_report(request.query_params).page)
    await heartbeat.note(device, report, clock.now(), clock.real())
    return json_answer({"pass": await pass_of(device, clock.now(), report.page)})


async def pass_of(device: Device, at: datetime, page: str = "") -> dict[str, Any]:
    """Everything that a phone knows of itself. It gets seconds left, never an instant of the machine's clock."""
    event = await Event.get(id=device.event_id)
    window = device.window
    return {
        "id": device.id,
        "name": device.name,
        "role": device.role.value,
        "door": {
            "id": device.door_id,
            "name": device.door_name,
            "opens": window.opens,
            "closes": window.closes,
            "policy": device.policy.value,
            "kind": "entrance" if device.presence == ENTRANCES else "room",
        },
        "event": {
            "title": event.title,
            "day": event.day_words,
            "salt": unpadded(event.salt),
            "lead_phone": event.lead_phone,
        },
        "seconds_left": device.seconds_left,
        "now": epoch(at),
        "moved": round(clock.moved().total_seconds()),
        "zone": clock.LONDON.key,
        "closes_at": epoch(event.ends_at),
        "list_lives": guest_list.LIVES,
        "page": page,
        "pass_mark": finding.mark_of(device.id),
        "looks_up": name_lookup.may(event, device),
        "rules": {"fresh": guest_list.FRESH, "old": guest_list.OLD},
    } | await closing_of(device, at)


async def closing_of(device: Device, at: datetime) -> dict[str, bool]:
    """Nothing while the door is open."""
    return {"closing": True} if await door_closing.hands_over(device, at) else {}


def roll_call_of(device: Device, at: datetime) -> dict[str, Any]:
    """Nothing while none runs."""
    found = calling.heard_at_door(device, at)
    return {"roll_call": {"kind": found.kind.value, "since": epoch(found.started_at)}} if found else {}


async def scans(request: Request) -> Response:
    """Takes scans and answers them. A phone whose pass is over hands over its scans, and hears only that it is over."""
    device, body = request.state.device, await read_json(request)
    sent = body.get("scans")
    if not isinstance(sent, list) or len(sent) > checkin.MOST_AT_ONCE:
        return json_answer(
            {"error": "malformed", "sentence": f"Send a list of at most {checkin.MOST_AT_ONCE} scans."}, 422
        )
    if not device.live and (slow := await slowed(device)) is not None:
        return slow
    real, says = clock.real(), read_report(body)
    at, scans = clock.now(), [read_sent(scan) for scan in sent]
    made_by = await finding.makers({scan.pass_mark for scan in scans}, device, real)
    answers = await checkin.settle(scans, device.on_page(says.page), at, made_by) if sent else []
    if not device.live:
        await heartbeat.note_left(device, says)
        return gone(says.to_send or left_on(request), kept=[answer["id"] for answer in answers])
    await heartbeat.note(device, says, at, real)
    times = {"now": epoch(at), "moved": round(clock.moved().total_seconds()), "seconds_left": device.seconds_left}
    more = roll_call_of(device, at) | await closing_of(device, at)
    return json_answer({"answers": answers, "version": device.list_version} | times | more)


async def guests(request: Request) -> Response:
    """The sealed list, or what changed in it. Its length does not tell who comes, and no cache keeps it."""
    version = whole_number(request.query_params.get("since")) or 0
    blob = await guest_list.since(request.state.device, version, clock.now())
    return Response(blob, headers={"cache-control": "no-store"}, media_type="application/octet-stream")


async def get_help(request: Request) -> Response:
    call = await read_json(request)
    taken_back = call.get("taken_back") is True
    await heartbeat.call_for_help(request.state.device, clock.now(), heartbeat.read_age(call), taken_back=taken_back)
    return Response(status_code=204)


async def reference(request: Request) -> Response:
    typed = (await read_json(request)).get("reference")
    if not isinstance(typed, str):
        return json_answer({"error": "malformed", "sentence": "Send the reference as text."}, 422)
    answer = await reference_lookup.look_up(typed, request.state.device, clock.now(), clock.real())
    return json_answer(answer, 429 if "error" in answer else 200)


async def give_override(request: Request) -> Response:
    """Checks a lead's PIN. It is in the body alone, and nothing of a wrong one is stored."""
    body, device, at, real = await read_json(request), request.state.device, clock.now(), clock.real()
    pin = body.get("pin")
    if not isinstance(pin, str) or PIN.fullmatch(pin) is None:
        return json_answer({"error": "malformed", "sentence": wording.PIN_SHAPE}, 422)
    await heartbeat.note(device, Report(page=read_report(body).page), at, real)
    answer = await lead_override.give(pin, device, at, real)
    return json_answer(answer, 403 if "error" in answer else 200)


async def sign_out(request: Request) -> Response:
    """Signs the phone out. With scans still to send this takes the lead's override (DR-19). A phone whose pass has
    ended says here, as its last message, that it has erased everything."""
    device, body = request.state.device, await read_json(request)
    if not device.live:
        if body.get("wiped") is True:
            await pairing.note_wiped(device, clock.real())
        return gone(left_on(request))
    unsent, tapped = read_report(body).to_send or 0, body.get("tap") == LEAD
    await pairing.sign_out(device, clock.now(), clock.real(), unsent, tapped=tapped)
    return Response(status_code=204, headers=None if unsent or left_on(request) else FORGET_ALL)


routes = [
    page("/door", without_slash, who=ANYONE),
    page("/door/", scanner, who=ANYONE),
    page("/door/over", over, who=ANYONE),
    page("/door/done", done, who=ANYONE),
    page("/door/service-worker.mjs", service_worker, who=ANYONE),
    page("/door/s/{version}/{path:path}", shell_file, who=ANYONE),
    page("/door/api/pair", pair, who=ANYONE, methods=["POST"]),
    page("/door/api/pass", show_pass, who=ANYONE),
    page("/door/api/scans", scans, who=SCANS, methods=["POST"]),
    page("/door/api/list", guests, who=PAIRED),
    page("/door/api/help", get_help, who=ANY_PHONE, methods=["POST"]),
    page("/door/api/reference", reference, who=PAIRED, methods=["POST"]),
    page("/door/api/override", give_override, who=PAIRED, methods=["POST"]),
    page("/door/api/sign-out", sign_out, who=ANY_SIGNING_OUT, methods=["POST"]),
]
