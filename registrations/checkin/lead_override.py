"""The lead's override: a PIN, typed where a phone asks for it and good for a while, and what it lets a scan do.

`at` is the event's time, `real` the machine's.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from events.audit import audit
from events.audit.action import Action
from events.ground import limits, wording
from events.ground.database import run_tx, within_tx
from registrations.codes.verdict import ADMITS_NOBODY, OVERRIDES, Verdict
from registrations.phones import alarm, lead_cards
from registrations.phones.alarm import Kind
from registrations.phones.door import Device, DoorPass, PassRole
from registrations.phones.lead_card import LeadCard
from registrations.phones.pins import hashes_of_pin
from registrations.phones.scan_answer import Answer
from registrations.tickets.ticket import Ticket

from . import reconciling
from .conflict import ConflictKind
from .received_scan import GRACE, NOBODY, Judged, ReceivedScan

LASTS = timedelta(minutes=2)
LASTS_ON_OWN = timedelta(hours=1)  # on the lead's own phone
UNLOCKED = (limits.REFERENCES_AN_HOUR, limits.REFERENCES_A_MINUTE, limits.NAMES_ON_PHONE, limits.NAMES_A_DAY)


@run_tx
async def give(pin: str, by: Device, at: datetime, real: datetime) -> Answer:
    """A right PIN lets this phone override verdicts for a while, and unlocks typing after too many wrong
    references, and looking up after too many names.

    The database counts a try before the PIN is looked at, so many tries at once get no more chances than tries in turn.
    The phone's own limit comes first, so one phone cannot use up the PINs of everybody. The answer does not tell
    whether the event has a lead at all.
    """
    if not await limits.count(limits.PINS_OF_PHONE, str(by.id), real):
        return await _slow(by, real)
    tries = await _tries(by.event_id)
    counted = await limits.count(limits.PINS, tries, real)
    lead = await _whose(pin, by.event_id, real)
    if lead is None or not counted:
        return await _wrong(by, await limits.left(limits.PINS, tries, real) if counted else 0, at, real)
    await limits.reset(limits.PINS_OF_PHONE, str(by.id), real)
    await limits.reset(limits.PINS, tries, real)
    for limit in UNLOCKED:
        await limits.reset(limit, str(by.id), real)
    lasts = LASTS_ON_OWN if lead.id == by.id else LASTS
    await DoorPass.filter(id=by.id).update(override_by=lead.id, override_until=real + lasts)
    await audit.record(Action.OVERRIDE_GIVEN, DoorPass(id=by.id), by=lead, at=at, event_id=by.event_id, door=by.door_id)
    return {"override": {"by": lead.name, "seconds": int(lasts.total_seconds())}}


async def _tries(event_id: int) -> str:
    """The subject that is counted: wrong PINs of one event since the newest lead's pass. A new pass starts anew."""
    newest = await DoorPass.filter(event_id=event_id, role=PassRole.DOOR_LEAD).order_by("-id").first()
    return f"{event_id}|{newest.id if newest else 0}"


async def _whose(pin: str, event_id: int, real: datetime) -> DoorPass | None:
    """The lead with this PIN, if they are at the door: their own phone is paired, not revoked and not expired."""
    return await DoorPass.filter(
        event_id=event_id, pin_hash__in=hashes_of_pin(event_id, pin), role=PassRole.DOOR_LEAD,
        paired_at__not_isnull=True, revoked_at=None, expires_at__gt=real,
    ).order_by("-id").first()  # fmt: skip


async def _wrong(by: Device, left: int, at: datetime, real: datetime) -> Answer:
    """After the phone's last try it has to wait, and the board is alerted. The event's last try spends the PINs of
    all leads."""
    here = await limits.left(limits.PINS_OF_PHONE, str(by.id), real)
    await audit.record(Action.PIN_REFUSED, DoorPass(id=by.id), by=by, at=at, event_id=by.event_id, left=here)
    if left == 0:
        await _spend(by, at)
        return {"error": "pin", "sentence": wording.PIN_SPENT, "left": 0}
    if here == 0:
        await alarm.sound(Kind.PINS, by, at)
        return await _slow(by, real)
    return {
        "error": "pin",
        "sentence": wording.PIN_WRONG.format(left=wording.counted(here, "try", "tries")),
        "left": here,
    }


async def _slow(by: Device, real: datetime) -> Answer:
    minutes = -(-await limits.wait(limits.PINS_OF_PHONE, str(by.id), real) // 60)
    return {
        "error": "pin",
        "sentence": wording.PIN_SLOW.format(wait=wording.counted(minutes, "minute", "minutes")),
        "left": 0,
    }


async def _spend(by: Device, at: datetime) -> None:
    """Makes all PINs worthless: wrong ones on many phones mean that somebody is trying them out."""
    spent = await DoorPass.filter(event_id=by.event_id, pin_hash__not_isnull=True).update(pin_hash=None)
    if spent:
        await audit.record(Action.PINS_SPENT, by=by, at=at, event_id=by.event_id, leads=spent)
        await alarm.sound(Kind.PINS, by, at)


@within_tx
async def honoured(scans: Iterable[ReceivedScan]) -> list[ReceivedScan]:
    """The scans as they count. A lead's reason from a phone without an override is removed before its row is written,
    so that nothing honours it later. The audit log says who tried (DR-26)."""
    return await _with_cards([await _without_reason(scan) if scan.usurps else scan for scan in scans])


async def _with_cards(scans: list[ReceivedScan]) -> list[ReceivedScan]:
    """Says of each scan that a lead decided with a card whose it was, if it was one of this event's then."""
    shown = {lead_cards.hash_of(scan.scan.card) for scan in scans if scan.scan.by_card}
    cards = {card.proof_hash: card for card in await LeadCard.filter(proof_hash__in=shown)} if shown else {}
    return [scan._replace(card_of=_whose_card(scan, cards)) if scan.scan.by_card else scan for scan in scans]


def _whose_card(received: ReceivedScan, cards: Mapping[str, LeadCard]) -> int:
    """NOBODY if it is unknown, of another event, or did not count at the time of the scan, however unsure that is."""
    if received.scan.decided_by is not None:  # looked up when it came
        return received.scan.decided_by
    card, at = cards.get(lead_cards.hash_of(received.scan.card)), received.happened_at
    unsure = timedelta(seconds=received.unsure + GRACE)
    if card is None or card.event_id != received.by.event_id:
        return NOBODY
    moments = {at - unsure, at, at + unsure} | {max(at - unsure, min(card.made_at, at + unsure))}
    return card.door_pass_id if any(card.counted_at(moment) for moment in moments) else NOBODY


@within_tx
async def open_doubted(judged: Collection[Judged]) -> None:
    """Opens a conflict for each that changed something by a card that is none, unless it has one already."""
    doubted = [scan for scan in judged if scan.received.card_of == NOBODY and (scan.passed or scan.moved)]
    await reconciling.open_conflicts(
        [scan._replace(conflict=ConflictKind.CARD) for scan in doubted if not scan.conflict]
    )


async def _without_reason(received: ReceivedScan) -> ReceivedScan:
    code, by = received.scan.code, received.by
    await audit.record(Action.REASON_REFUSED, by=by, at=received.at, event_id=by.event_id, door=by.door_id, code=code)
    return received._replace(scan=received.scan._replace(code=""))


@within_tx
async def note(judged: Collection[Judged]) -> None:
    """Records whom a lead let in, sent on or found scanned twice, why, and which lead; or that a phone took a tap for
    it offline."""
    for outcome in judged:
        scan, by = outcome.received.scan, outcome.received.by
        kept_as_is = outcome.verdict in (Verdict.TURNED_AWAY, Verdict.ALREADY_IN) and scan.code in ADMITS_NOBODY
        if kept_as_is or (outcome.passed and scan.code in OVERRIDES):
            await audit.record(
                Action.LEAD_DECIDED, Ticket(id=outcome.key[0]), by=by, at=outcome.received.at, event_id=by.event_id,
                door=by.door_id, code=scan.code, lead=outcome.received.decided_by, scan=scan.id,
            )  # fmt: skip
