"""Signals beside a request: what its address tells, and which other requests are like it. Never a score."""

from collections.abc import Iterator, Sequence

from events.address_signals import KnownDomains, Signal, SignalKind
from events.ground.database import find_rows
from events.known_organisation import KnownOrganisation
from registrations.people import directory
from registrations.people.address_change import Moving, moving_of
from registrations.people.directory import Directory
from registrations.people.registration import LIVE, Registration

WORDS = {
    SignalKind.SAME_NAME: "in this name",
    SignalKind.SAME_PHONE: "with this telephone number",
    SignalKind.SAME_ORGANISATION: "from this organisation",
}


async def signals(
    event_id: int, registrations: Sequence[Registration], moving: Moving | None = None
) -> dict[int, list[Signal]]:
    """The signals of each of the event's requests, by its id: those of the address, or of the new one that they wait
    for, then how many live others are like it. `moving`: who moves, if that was read already."""
    moving = await moving_of(registrations) if moving is None else moving
    known = await find_rows(KnownOrganisation, "SELECT * FROM known_organisation WHERE event_id = ?", [event_id])
    domains, people = KnownDomains(known), await directory.of(event_id)
    return {
        registration.id: [*domains.signals(_address(registration, moving)), *_others_like(registration, people)]
        for registration in registrations
    }


def _address(registration: Registration, moving: Moving) -> str:
    return moving[registration.id].address if registration.id in moving else registration.email


def _others_like(registration: Registration, people: Directory) -> Iterator[Signal]:
    """What was deleted or set aside is like nothing."""
    person = registration.person
    if not person.full_name:
        return
    itself = registration.state in LIVE
    alike = {
        SignalKind.SAME_NAME: people.of_same_name(person),
        SignalKind.SAME_PHONE: people.of_same_phone(person),
        SignalKind.SAME_ORGANISATION: people.of_same_organisation(person),
    }
    for kind, found in alike.items():
        if others := max(0, found - itself):
            yield Signal(kind, f"{others} more {WORDS[kind]}")
