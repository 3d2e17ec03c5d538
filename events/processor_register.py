"""The register of processors: entries are added, changed and removed at the desk, or come with the event's file.

Rules: DP-12.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F

from events.audit.action import Action
from events.audit.audit import Actor
from events.ground.database import after_commit, run_tx, within_tx
from events.ground.refusal import Refused
from events.ground.settings import current

from .audit import audit
from .event import PUBLIC, Event, EventState, held_event
from .ground import live
from .processor import Processor, Service, missing_in, processors_of

KNOWN_ALREADY = "The register has an entry of this name for this service already. Change it there."
CHANGED = "Someone else has changed or removed this entry since you opened its page. Nothing was changed."
NEEDED_NOW = "Registration is open, so this must not be missing or wrong in the register: {}. Nothing was changed."


Given = Mapping[str, Any]  # by the names of Facts, its service and name at least


class Facts(NamedTuple):
    """What an entry says; empty what is not known yet."""

    service: Service
    name: str
    does: str = ""
    receives: str = ""
    region: str = ""
    kept: str = ""
    contract: str = ""
    smtp_host: str = ""
    log_kept: str = ""


async def missing(event: Event) -> list[str]:
    """What the register lacks, in words for organisers: registration does not open before it is there."""
    return missing_in(await processors_of(event.id), current().smtp_host)


async def add(event: Event, facts: Facts, *, by: Actor, at: datetime) -> Processor:
    """Raises Refused when the register has it already."""
    try:
        return await _insert(event, facts, by, at)
    except IntegrityError:
        raise Refused(KNOWN_ALREADY) from None


@run_tx
async def _insert(event: Event, facts: Facts, by: Actor, at: datetime) -> Processor:
    event, lacked = await _held(event.id)
    processor = await Processor.create(event_id=event.id, **facts._asdict())
    await _note(event, lacked, processor, "added", by, at)
    return processor


async def change(processor: Processor, facts: Facts, seen: int, *, by: Actor, at: datetime) -> bool:
    """`seen`: the version on the page. False if somebody else has changed it since; Refused as `add`."""
    try:
        return await _update(processor, facts, seen, by, at)
    except IntegrityError:
        raise Refused(KNOWN_ALREADY) from None


@run_tx
async def _update(processor: Processor, facts: Facts, seen: int, by: Actor, at: datetime) -> bool:
    event, lacked = await _held(processor.event_id)
    as_seen = Processor.filter(id=processor.id, version=seen)
    if not await as_seen.update(**facts._asdict(), version=seen + 1):
        return False
    await _note(event, lacked, processor, "changed", by, at)
    return True


@run_tx
async def remove(processor: Processor, seen: int, *, by: Actor, at: datetime) -> None:
    """Raises Refused when it is no longer as it was seen, and while registration is open and needs it."""
    event, lacked = await _held(processor.event_id)
    if not await Processor.filter(id=processor.id, version=seen).delete():
        raise Refused(CHANGED)
    await _note(event, lacked, processor, "removed", by, at)


async def differing(event: Event, given: Collection[Given]) -> list[Given]:
    """Those of a file of which the register says something else, or nothing."""
    there = {(processor.service, processor.name): processor for processor in await processors_of(event.id)}
    return [facts for facts in given if not _says(there.get((facts["service"], facts["name"])), facts)]


def _says(processor: Processor | None, facts: Given) -> bool:
    return processor is not None and all(getattr(processor, name) == value for name, value in facts.items())


@within_tx
async def put(event: Event, given: Collection[Given]) -> None:
    """Adds entries, or changes what these say of those with the same service and name."""
    for facts in given:
        there = Processor.filter(event_id=event.id, service=facts["service"], name=facts["name"])
        if not await there.update(**facts, version=F("version") + 1):
            await Processor.create(event_id=event.id, **facts)


@within_tx
async def _held(event_id: int) -> tuple[Event, list[str]]:
    """The event, so that nobody opens its registration meanwhile, and what its register lacks now."""
    event = await held_event(event_id)
    return event, await missing(event)


@within_tx
async def _note(event: Event, lacked: list[str], processor: Processor, act: str, by: Actor, at: datetime) -> None:
    """Raises Refused if people can ask for places, and something is missing now that they have to be told."""
    lost = [what for what in await missing(event) if what not in lacked]
    if event.state is EventState.OPEN and lost:
        raise Refused(NEEDED_NOW.format("; ".join(lost)))
    details = {"act": act, "service": processor.service.value}
    await audit.record(Action.PROCESSOR_CHANGED, processor, by=by, at=at, event_id=event.id, **details)
    after_commit(live.publish, PUBLIC)
