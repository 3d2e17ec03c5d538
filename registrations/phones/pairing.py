"""The phones at the doors: a pairing code shown once, spent once, and a pass that one tap revokes.

`at` is the event's time, `real` the machine's.
"""

import base64
import re
import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from events.accounts import account_alerts
from events.accounts.account_alerts import Alert
from events.accounts.staff import Role, RoleName
from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, EventState, held_event
from events.ground import clock, keys, limits, live, wording
from events.ground.database import after_commit, run_tx, within_tx
from events.ground.refusal import Refused
from events.ground.settings import current
from events.mail import outbox
from registrations.codes.ticket_code import REFERENCE_ALPHABET

from . import lead_cards
from .door import (
    A_TAP,
    PHONE,
    Device,
    Door,
    DoorPass,
    PassRole,
    Stage,
    WrittenOff,
    name_columns,
    topic,
)
from .finding import hash_of_token
from .pins import hash_of_pin, hashes_of_pin

CODE_LIVES = timedelta(minutes=10)
LATE_SENDERS = timedelta(hours=1)  # past the close, for phones that still have scans to send
TYPED_LENGTH = 10  # of 30 letters: 49 bits, safe by the ten minutes and the limit on tries
LINK_BYTES = 16
PIN_DIGITS = 6
PAIRING = "pairing"  # what the hashes of codes are for
NOTHING_OPENS: dict[str, None] = dict.fromkeys(("code_hash", "typed_hash", "pin_hash", "override_until"))
EVENT_OVER = "The event is over, so no phone can be paired any more."
ENDED_ALREADY = "This phone has ended already: it closed by itself, or somebody else has ended it. Look again."


class Made(NamedTuple):
    """A pass that waits for its phone. The link's secret and the ten characters do the same, and are known only now."""

    door_pass: DoorPass
    secret: str
    typed: str
    pin: str  # of a door lead, who types it where a phone asks for the lead's override; '' for others

    @property
    def link(self) -> str:
        """The secret stands in the fragment, which no browser sends."""
        return f"{current().base_url}/door/#{self.secret}"


class Paired(NamedTuple):
    """The token belongs to the phone alone: we keep its hash."""

    token: str
    door_pass: DoorPass


async def make_pass(door: Door, name: str, role: PassRole, by: Actor, at: datetime, real: datetime) -> Made:
    """Raises Refused before the door's opening time is known, and once the doors have closed or are being closed."""
    try:
        return await _make_pass(door, name, role, by, at, real)
    except IntegrityError:  # another lead of this event has the PIN that was drawn
        return await _make_pass(door, name, role, by, at, real)


@run_tx
async def _make_pass(door: Door, name: str, role: PassRole, by: Actor, at: datetime, real: datetime) -> Made:
    event = await held_event(door.event_id)  # whoever closes or removes the door comes before this code, or ends it
    await refuse_removed(door)
    if closed := why_closed(event, door, at):
        raise Refused(closed)
    secret = base64.b32encode(secrets.token_bytes(LINK_BYTES)).decode().rstrip("=").lower()
    typed = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(TYPED_LENGTH))
    pin = await _new_pin(event) if role is PassRole.DOOR_LEAD else ""
    door_pass = await DoorPass.create(
        event=event,
        door=door,
        **name_columns(PHONE, event, name),
        role=role,
        code_hash=keys.keyed_hash(PAIRING, secret),
        typed_hash=keys.keyed_hash(PAIRING, typed),
        pin_hash=hash_of_pin(event.id, pin) if pin else None,
        code_expires_at=real + CODE_LIVES,
        made_at=at,
        expires_at=real + (_planned_close(event, door) + LATE_SENDERS - at),
    )
    await _note_pass_made(door_pass, door, by, at)
    after_commit(live.publish, topic(event.id))
    return Made(door_pass, secret, f"{typed[:5]}-{typed[5:]}", pin)


async def namesakes(event_id: int, name: str, real: datetime) -> list[DoorPass]:
    """Phones in use that are called so, and codes that still wait, with their doors. Names need not differ: a phone
    that is paired anew in a queue has the name that it had."""
    passes = await DoorPass.filter(event_id=event_id, revoked_at=None).order_by("id").prefetch_related("door")
    live = [door_pass for door_pass in passes if door_pass.stage(real) in (Stage.WAITING, Stage.PAIRED)]
    return [door_pass for door_pass in live if door_pass.name.casefold() == name.casefold()]


async def refuse_removed(door: Door) -> None:
    """As it was read before. Hold the event before, as whoever removes one does."""
    if not await Door.exists(id=door.id):
        raise Refused(wording.DOOR_REMOVED)


async def _new_pin(event: Event) -> str:
    """No other lead's at the event, whichever key it was hashed with: the database compares those of one key alone."""
    while True:
        pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
        if not await DoorPass.filter(event_id=event.id, pin_hash__in=hashes_of_pin(event.id, pin)).exists():
            return pin


def why_closed(event: Event, door: Door, at: datetime) -> str:
    """Why no phone can be paired with this door now, or nothing."""
    if event.doors_closing_at is not None:
        return wording.DOOR_CLOSED
    if not has_hours(event, door):
        return wording.NO_HOURS
    if event.state is EventState.OVER or event.is_over(at):
        return EVENT_OVER
    return wording.DOORS_OVER if _planned_close(event, door) <= at else ""


def has_hours(event: Event, door: Door) -> bool:
    """Without hours a door would always be open, and somebody with a phone could try references for weeks."""
    return (door.opens_at or event.doors_open_at) is not None


async def _note_pass_made(door_pass: DoorPass, door: Door, by: Actor, at: datetime) -> None:
    """Alerts all leads about a door lead's pass: its PIN overrides every phone of the event."""
    details: dict[str, Any] = {"door": door.id, "role": door_pass.role.value}
    if door_pass.role is not PassRole.DOOR_LEAD:
        await audit.record(Action.PASS_MADE, door_pass, by=by, at=at, **details)
        return
    new = {"Pass of a door lead, with a PIN": f"{door_pass.name}, {door.name}"}
    await audit.record_and_alert(
        Action.PASS_MADE, door_pass, by=by, at=at, event_id=door.event_id, old={}, new=new, **details
    )


def _planned_close(event: Event, door: Door) -> datetime:
    return door.closes_at or event.ends_at or clock.at_venue(event.day, 23, 59)


@within_tx
async def follow_the_close(event_id: int, at: datetime, real: datetime) -> None:
    """Passes end an hour after the close as it is planned now. One that is over stays over. None ends within an hour
    from now: its phone has scans to send, and an hour that was mistyped can be put right.
    """
    event = await Event.get(id=event_id)
    for door in await Door.filter(event_id=event_id):
        live_passes = DoorPass.filter(door_id=door.id, revoked_at=None, expires_at__gt=real)
        ends = real + (_planned_close(event, door) + LATE_SENDERS - at)
        soonest = max(ends, real + LATE_SENDERS)
        await live_passes.filter(expires_at__lt=ends).update(expires_at=ends)
        await live_passes.filter(expires_at__gt=soonest).update(expires_at=soonest)


async def pair(code: str, network: str, at: datetime, real: datetime, instead_of: Device | None = None) -> Paired:
    """Spends the code, once. Raises Refused in the same words for a wrong, a spent and an old code; slower after five.

    A right code works however many wrong ones came from its network. So nobody beside the door can keep the door's
    phones out by guessing, and 49 bits are not guessed in ten minutes.
    """
    paired = await _spend(code, at, real, instead_of)
    if paired is not None:
        return paired
    if not await limits.count(limits.PAIRINGS, network, real):
        raise Refused(wording.PAIRING_SLOW, 429, limits.PAIRINGS.seconds)
    await _failed(await limits.left(limits.PAIRINGS, network, real), at)
    raise Refused(wording.PAIRING_WRONG, 403)


@run_tx
async def _failed(left: int, at: datetime) -> None:
    await audit.record(Action.PAIRING_FAILED, by=None, at=at, left=left)


@run_tx
async def _spend(code: str, at: datetime, real: datetime, instead_of: Device | None) -> Paired | None:
    hashes = keys.keyed_hashes(PAIRING, _normal_code(code))
    theirs = Q(code_hash__in=hashes) | Q(typed_hash__in=hashes)
    waiting = Q(theirs, code_expires_at__gt=real, paired_at=None, revoked_at=None)
    found = DoorPass.filter(waiting).exclude(event__state=EventState.OVER)
    door_pass = await found.select_related("event", "door").first()
    if door_pass is None:
        return None
    if not has_hours(door_pass.event, door_pass.door):
        raise Refused(wording.NO_HOURS)
    if instead_of is not None and instead_of.live:
        await held_event(instead_of.event_id)  # its pass ends below: before any row of a pass, as who changes hours
    token = secrets.token_urlsafe(32)
    moved = await DoorPass.filter(waiting, id=door_pass.id).update(
        code_hash=None, typed_hash=None, token_hash=hash_of_token(token), paired_at=real, last_seen_at=real
    )
    if moved != 1:
        return None
    await audit.record(Action.PASS_PAIRED, door_pass, by=door_pass, at=at, door=door_pass.door_id)
    await _tell_leads(door_pass, at)
    if instead_of is not None and instead_of.live:  # a new pass replaces, and never widens
        await _end(instead_of.id, Action.PASS_SIGNED_OUT, instead_of, at, real)
    after_commit(live.publish, topic(door_pass.event_id))
    return Paired(token, door_pass)


async def _tell_leads(door_pass: DoorPass, at: datetime) -> None:
    """Queues an email to each lead, so that they notice a phone that nobody expected (SE-21)."""
    event_id = door_pass.event_id
    for role in await Role.filter(event_id=event_id, name=RoleName.LEAD, staff__disabled_at=None).order_by("id"):
        cause = f"{Alert.PHONE_PAIRED}:{door_pass.id}"
        await outbox.put(account_alerts.TEMPLATE, role.staff_id, cause=cause, at=at, event_id=event_id)


@run_tx
async def revoke(door_pass: DoorPass, by: Actor, at: datetime, real: datetime) -> None:
    """From now on the phone is told to forget everything. Revoking twice does no harm."""
    await _end(door_pass.id, Action.PASS_REVOKED, by, at, real)


@run_tx
async def sign_out(device: Device, at: datetime, real: datetime, unsent: int = 0, *, tapped: bool = False) -> None:
    """Unsent scans follow later and go to quarantine. `tapped`: offline, a tap stood for the lead's PIN."""
    lead = device.lead or (A_TAP if tapped else None)
    details: dict[str, Any] = {"unsent": unsent, "lead": lead} if unsent else {}
    await _end(device.id, Action.PASS_SIGNED_OUT, device, at, real, **details)
    await DoorPass.filter(id=device.id).update(to_send=unsent)


async def _end(pass_id: int, action: Action, by: Actor, at: datetime, real: datetime, **details: Any) -> bool:
    door_pass = await DoorPass.get(id=pass_id)
    leads = door_pass.role is PassRole.DOOR_LEAD and door_pass.revoked_at is None
    if leads:
        await held_event(door_pass.event_id)  # before the pass, as whoever closes the door: its card goes too
    if not await DoorPass.filter(id=pass_id, revoked_at=None).update(revoked_at=real, **NOTHING_OPENS):
        return False
    if leads:
        await lead_cards.end_with(door_pass, at)
    await audit.record(action, door_pass, by=by, at=at, door=door_pass.door_id, **details)
    after_commit(live.publish, topic(door_pass.event_id))
    return True


@run_tx
async def write_off(door_pass: DoorPass, why: WrittenOff, by: Actor, at: datetime, real: datetime) -> None:
    """Nobody waits any more for a phone that was not seen again: its pass ends. What it still sends is quarantined.

    Raises Refused when it has ended already: it may have closed at the same moment, and holds nothing then.
    """
    if not await _end(door_pass.id, Action.PASS_WRITTEN_OFF, by, at, real, why=why.value, unsent=door_pass.to_send):
        raise Refused(ENDED_ALREADY)
    noted = {"written_off": why.value, "written_off_at": at, "written_off_by": by.actor}
    await DoorPass.filter(id=door_pass.id).update(**noted)


@within_tx
async def end_codes(event_id: int, real: datetime) -> int:
    """Ends the codes that wait for their phone, and returns how many there were."""
    waiting = DoorPass.filter(event_id=event_id, paired_at=None, revoked_at=None, code_expires_at__gt=real)
    return await waiting.update(revoked_at=real, **NOTHING_OPENS)


@run_tx
async def note_wiped(device: Device, real: datetime) -> None:
    """A phone's last message, after its pass has ended: it has erased everything, so nothing is left to send."""
    ended = DoorPass.filter(id=device.id, wiped_at=None, revoked_at__not_isnull=True)
    if await ended.update(wiped_at=real, to_send=0):
        after_commit(live.publish, topic(device.event_id))


def _normal_code(code: str) -> str:
    """The code as it was made, however it was typed: ten characters in capitals, or the link's 26 in lower case."""
    bare = re.sub(r"[^0-9A-Za-z]", "", code[:100])
    return bare.upper() if len(bare) == TYPED_LENGTH else bare.lower()
