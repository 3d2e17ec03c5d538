"""The roll call over HTTP, for marshals' phones: the sealed list, how it stands, its start, ticks and prints.

JSON, but for the list. No other phone gets any of it. Rules: SG-15.
"""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.event import Event
from events.ground import clock
from events.web.routing import page
from registrations.phones import heartbeat
from registrations.phones.door import Device, epoch
from registrations.phones.heartbeat import read_report
from registrations.roll_call import calling, list_keys, sealed_list, ticking
from registrations.roll_call.calling import IdTaken, Pressed
from registrations.roll_call.list_keys import Current
from registrations.roll_call.roll_call import ID, RollCall, RollKind
from registrations.roll_call.ticking import SentPrint, SentTick

from .door_pages import closing_of
from .guards import MARSHAL, TICKS, gone, json_answer, left_on, read_json, slowed, unpadded

FRESH = 60  # seconds: so old a list may be
KINDS = {kind.value: kind for kind in RollKind}
MALFORMED = {"error": "malformed", "sentence": "Send what a marshal's phone sends."}


async def listed(request: Request) -> Response:
    """Who is inside now, sealed. No cache keeps it."""
    device, at = request.state.device, clock.now()
    event = await Event.get(id=device.event_id)
    key = await list_keys.current(event.id)
    if key is None:  # the phone says how it stands first, and the key is drawn then
        return json_answer({"error": "no_key"}, 409)
    blob = await sealed_list.made(event, key, unpadded(event.salt), at)
    headers = {"cache-control": "no-store", "muster-roll-key": key.key_id, "muster-roll-at": str(epoch(at))}
    return Response(blob, headers=headers, media_type="application/octet-stream")


async def state(request: Request) -> Response:
    """The heartbeat of a marshal's phone."""
    device, body, at, real = request.state.device, await read_json(request), clock.now(), clock.real()
    await heartbeat.note(device, read_report(body), at, real)
    return json_answer(await _state(device, at))


async def _state(device: Device, at: datetime) -> dict[str, Any]:
    """With the key of the list only while a roll call runs: until then a stolen phone names nobody."""
    key = await list_keys.made_if_need_be(device.event_id, device, at)
    found, now = await calling.running(device.event_id, at), int(at.timestamp())
    return {
        "now": now,
        "moved": round(clock.moved().total_seconds()),
        "seconds_left": device.seconds_left,
        "list_at": now - now % FRESH,
        "key_id": key.key_id,
        "running": None if found is None else _running(found, key),
    } | await closing_of(device, at)


def _running(roll_call: RollCall, key: Current) -> dict[str, Any]:
    return {
        "id": roll_call.public_id,
        "kind": roll_call.kind.value,
        "started_at": epoch(roll_call.started_at),
        "count": roll_call.people,
        "key": unpadded(key.key),
    }


async def start(request: Request) -> Response:
    device, body, at = request.state.device, await read_json(request), clock.now()
    id_, kind = body.get("id"), KINDS.get(str(body.get("kind")))
    if not isinstance(id_, str) or ID.fullmatch(id_) is None or kind is None:
        return json_answer(MALFORMED, 422)
    happened_at = calling.happened(at, heartbeat.read_age(body), device.longest_age)
    event = await Event.get(id=device.event_id)
    try:
        joined = await calling.start(event, Pressed(id_, kind, happened_at), device, at)
    except IdTaken:
        return json_answer(MALFORMED, 422)
    return json_answer(await _state(device, at) | {"joined": joined.public_id})


async def ticks(request: Request) -> Response:
    """Takes ticks and prints, and answers what marshals say of everybody who was ticked since. Of a pass that is over
    it keeps them, and the phone hears only that it is over."""
    device, body, at = request.state.device, await read_json(request), clock.now()
    sent, prints = body.get("ticks", []), body.get("printed", [])
    if not (isinstance(sent, list) and isinstance(prints, list)) or len(sent) + len(prints) > ticking.MOST_AT_ONCE:
        return json_answer(MALFORMED, 422)
    if not device.live and (slow := await slowed(device)) is not None:
        return slow
    roll = body.get("roll")
    found = await calling.of_press(device.event_id, roll) if isinstance(roll, str) and ID.fullmatch(roll) else None
    read, wrong = ticking.read_ticks(sent)
    taken = await _taken(found, read, ticking.read_prints(prints), device, at)
    answer: dict[str, Any] = {"kept": taken.kept, "refused": taken.refused + wrong}
    if not device.live:
        report = read_report(body)
        await heartbeat.note_left(device, report)
        return gone(report.to_send or left_on(request), **answer)
    return json_answer(answer | await _changed(found, body.get("since"), device))


async def _taken(
    found: RollCall | None, read: list[SentTick], prints: list[SentPrint], device: Device, at: datetime
) -> ticking.Taken:
    if not read and not prints:
        return ticking.Taken([], [])
    return await ticking.take(found, read, prints, device, at)


async def _changed(found: RollCall | None, since: object, device: Device) -> dict[str, Any]:
    cursor = since if isinstance(since, int) and not isinstance(since, bool) and 0 <= since < 2**31 else 0
    if found is None:
        return {"cursor": cursor, "ticks": []}
    changed = await ticking.changed(found, cursor, device.id)
    return {"cursor": changed.cursor, "ticks": changed.ticks} | ({"more": True} if changed.more else {})


routes = [
    page("/door/api/roll/list", listed, who=MARSHAL),
    page("/door/api/roll/state", state, who=MARSHAL, methods=["POST"]),
    page("/door/api/roll/start", start, who=MARSHAL, methods=["POST"]),
    page("/door/api/roll/ticks", ticks, who=TICKS, methods=["POST"]),
]
