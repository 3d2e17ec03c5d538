"""Loads an event from a file. It reads strictly, writes once, and changes only what is in the file."""

import tomllib
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from tortoise.models import Model

from events.audit.action import Action
from events.audit.audit import Actor
from events.ground.database import after_commit, run_tx
from events.ground.refusal import Refused
from events.web.forms import clean, normal_email

from . import processor_register
from .audit import audit
from .event import (
    PUBLIC,
    SEALED,
    Event,
    EventState,
    Moved,
    held_event,
    in_columns,
    new_event,
    send_whole_lists,
    tell_followers,
    tell_news,
)
from .event_changes import next_calendar
from .ground import clock, data_keys, keys, live, wording
from .processor import THE_VENUE, Processor, Service, parts_of

WORDS = (
    "title",
    "access_facts",
    "dpia_reference",
    "contact_email",
    "contact_phone",
    "lead_phone",
    "bring",
    "wellbeing",
)
NUMBERS = ("capacity", "allowance")
HOURS = {"doors_open": "doors_open_at", "starts": "starts_at", "ends": "ends_at"}
HOST = ("name", "email", "phone", "data_protection")
FACTS = ("area", "audience", "launched", "provided_by", "funded_by", "sponsored_by", "week", "law")
KINDS = {
    str: "text in quotes", date: "a date, like 2019-04-15", time: "a time, like 09:30:00", int: "a whole number",
    bool: "true or false", list: "a list of tables, like [[hosts]]", dict: "a table",
}  # fmt: skip
TOP = {"slug", "day", "venue", "rehearsal", "hours", "hosts", "facts", "privacy", "processors", *WORDS, *NUMBERS}


class BadFile(Refused):
    """The sentence says which line of the file to mend."""


@dataclass(frozen=True)
class Loaded:
    """What loading did: the event, whether it is new, and the names of the columns that changed."""

    event: Event
    is_new: bool
    changed: list[str]


async def load(file: Path, at: datetime, real: datetime, by: Actor | None = None) -> Loaded:
    """Makes the event, or changes what differs in the file. Places given out stay as they are.

    If it is moved to another day, hours that the file does not say are the same by the venue's clock on that day.
    Its state stays too, with one exception: an event that was over and is put off is closed, and can be opened again.
    """
    given = _parsed(file)
    return await _write(read(given), processors_in(given), at, real, by)


def read(given: dict[str, Any]) -> dict[str, Any]:
    """What the file says of the event, by the names of its columns. Raises BadFile for anything it cannot mean."""
    _known("the file", given, TOP)
    day = _of(given, "day", date)
    columns: dict[str, Any] = {"slug": _of(given, "slug", str), "day": day}
    columns |= {name: _of(given, name, str) for name in WORDS if name in given}
    columns |= {name: _number(given, name) for name in NUMBERS if name in given}
    columns |= _hours(given, day)
    if "venue" in given:
        columns["venue"] = _of(given, "venue", str)
    if "rehearsal" in given:
        columns["rehearsal"] = _of(given, "rehearsal", bool)
    columns["hosts"] = [_host(host) for host in _of(given, "hosts", list)]
    columns["facts"] = _words(given, "facts", FACTS) | {"privacy": _words(given, "privacy", tuple(wording.PRIVACY))}
    return _checked(columns)


def _parsed(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text())
    except OSError:
        raise BadFile(f"There is no file {file.name} that can be read.") from None
    except ValueError as error:
        raise BadFile(f"{file.name} is not TOML: {error}") from None


@run_tx
async def _write(
    columns: dict[str, Any], processors: list[dict[str, Any]], at: datetime, real: datetime, by: Actor | None
) -> Loaded:
    known = await Event.get_or_none(slug=columns["slug"])
    event = await held_event(known.id) if known else None  # an organiser may be saving what the file leaves as it is
    is_new = event is None
    if event is None:
        event = new_event(columns["slug"], columns["title"], columns["day"], at)
    had_key = event.data_key
    if not had_key:  # it was destroyed after the event, which is put off to another time
        event.data_key = data_keys.kept().make(event.slug)
        event.key_fingerprint = event.key_fingerprint or keys.ring().fingerprints[0]
    new = {name: value for name, value in _columns(event, columns).items() if getattr(event, name) != value}
    differing = processors if is_new else await processor_register.differing(event, processors)
    if not is_new and not new and not differing:
        return Loaded(event, False, [])
    columns_changed = [*new, *([] if had_key else ["data_key", "key_fingerprint"])]
    changed = sorted([*columns_changed, *(["processors"] if differing else [])])
    days, before = (columns["day"] - event.day).days, copy(event)
    calendar = next_calendar(event, new)
    event.update_from_dict(new | calendar)
    if is_new or columns_changed:  # the other counters are others' to move
        await event.save(update_fields=None if is_new else [*columns_changed, *calendar])
    await processor_register.put(event, differing)
    await audit.record(Action.EVENT_LOADED, event, by=by, at=at, event_id=event.id, changed=changed)
    if not is_new:
        await tell_news(before, event, at, real)
    if not is_new and {"day", "ends_at"} & set(changed):
        await tell_followers(Moved(event.id, days, by, at, real))
    if not is_new and set(NUMBERS) & set(changed):
        await send_whole_lists(event.id)
    after_commit(live.publish, f"event:{event.id}")
    after_commit(live.publish, PUBLIC)
    return Loaded(event, is_new, changed)


def _columns(event: Event, given: dict[str, Any]) -> dict[str, Any]:
    """The values of the event, replaced by those that the file gives. A new venue is sealed, and not released yet."""
    days = (given["day"] - event.day).days
    hours = {name: getattr(event, name) for name in HOURS.values()}
    columns: dict[str, Any] = {name: clock.days_later(moment, days) for name, moment in hours.items() if moment}
    same = [name for name in SEALED if given.get(name) == getattr(event, name)]  # sealed anew they would differ
    columns |= in_columns(event, {name: value for name, value in given.items() if name not in same})
    if set(HOURS.values()) & set(given):
        _in_order({name: columns[column] for name, column in HOURS.items() if column in columns})
    known = {host["name"]: host for host in event.hosts}
    columns["hosts"] = [known.get(host["name"], {}) | host for host in given["hosts"]]
    privacy = event.facts.get("privacy", {}) | given["facts"]["privacy"]
    columns["facts"] = event.facts | given["facts"] | {"privacy": privacy}
    if event.state is EventState.OVER and given["day"] > event.day:  # put off: organisers open it again
        columns["state"] = EventState.CLOSED
    return columns


def _checked(columns: dict[str, Any]) -> dict[str, Any]:
    if not columns.get("title"):
        raise BadFile("title is missing: the name of the event as everybody may see it.")
    if not columns["slug"].replace("-", "").isalnum() or columns["slug"] != columns["slug"].lower():
        raise BadFile("slug has to be small letters, digits and hyphens, like launch-2020.")
    _short_enough(Event, columns)
    if not columns["hosts"]:
        raise BadFile("hosts is empty: name at least one [[hosts]].")
    if columns.get("contact_email") and normal_email(columns["contact_email"]) is None:
        raise BadFile("contact_email is no email address.")
    return columns


def _hours(given: dict[str, Any], day: date) -> dict[str, datetime]:
    """Times of day at the venue, written 09:30:00, as instants."""
    hours = _of(given, "hours", dict) if "hours" in given else {}
    _known("[hours]", hours, HOURS)
    times = {name: _of(hours, name, time) for name in HOURS if name in hours}
    return {HOURS[name]: clock.at_venue(day, time.hour, time.minute) for name, time in times.items()}


def _in_order(hours: dict[str, datetime]) -> None:
    """Of the file and, where it does not say them, of the event."""
    if list(hours.values()) != sorted(hours.values()):
        said = ", ".join(f"{name} {clock.time_words(hour)}" for name, hour in hours.items())
        raise BadFile(f"[hours] are in the wrong order: {said}. What the file does not say of them stays as it was.")


def _host(given: Any) -> dict[str, str]:
    if not isinstance(given, dict) or not given.get("name"):
        raise BadFile("Each of [[hosts]] needs a name.")
    _known("[[hosts]]", given, HOST)
    return {name: _of(given, name, str) for name in HOST if name in given}


def processors_in(given: dict[str, Any]) -> list[dict[str, Any]]:
    """What the file says of each entry of the processor register. Raises BadFile for anything it cannot mean."""
    return [_processor(table) for table in (_of(given, "processors", list) if "processors" in given else [])]


def _processor(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict) or given.get("service") not in set(Service):
        raise BadFile(f"Each of [[processors]] needs a service: {', '.join(Service)}.")
    service = Service(given["service"])
    named = {"name": THE_VENUE} if service is Service.VENUE else {}
    _known(
        f"[[processors]] with the service {service}", given, {"service", *({"name"} - set(named)), *parts_of(service)}
    )
    facts = {name: clean(_of(given, name, str)) for name in given} | named | {"service": service}
    if not facts.get("name"):
        raise BadFile("Each of [[processors]] needs a name, except a venue.")
    _short_enough(Processor, facts)
    return facts


def _short_enough(model: type[Model], columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        longest = getattr(model._meta.fields_map.get(name), "max_length", None)
        if longest and isinstance(value, str) and len(value) > longest:
            raise BadFile(f"{name} has to be {longest} characters or fewer.")


def _words(given: dict[str, Any], table: str, names: tuple[str, ...]) -> dict[str, str]:
    found = _of(given, table, dict) if table in given else {}
    _known(f"[{table}]", found, names)
    return {name: _of(found, name, str) for name in names if name in found}


def _number(given: dict[str, Any], name: str) -> int:
    number: int = _of(given, name, int)
    if isinstance(number, bool) or not 0 <= number <= 100_000:
        raise BadFile(f"{name} has to be a whole number from 0 to 100000.")
    return number


def _of(given: dict[str, Any], name: str, kind: type) -> Any:
    if name not in given:
        raise BadFile(f"{name} is missing.")
    if not isinstance(given[name], kind) or (kind is date and isinstance(given[name], datetime)):
        raise BadFile(f"{name} has to be {KINDS[kind]}.")
    return given[name].strip() if isinstance(given[name], str) else given[name]


def _known(where: str, given: Any, names: Any) -> None:
    if unknown := sorted(set(given) - set(names)):
        raise BadFile(f"{where} has a word that means nothing here: {unknown[0]}.")
