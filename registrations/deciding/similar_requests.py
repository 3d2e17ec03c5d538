"""Signals beside a request: what its address tells, and which other requests are like it. Never a score. SE-20."""

from collections.abc import Iterator, Mapping, Sequence

from events.address_signals import KnownDomains, Signal, SignalKind
from events.ground.database import find_rows
from events.known_organisation import KnownOrganisation
from registrations.people import directory
from registrations.people.address_change import Moving, moving_of
from registrations.people.directory import Directory
from registrations.people.registration import LIVE, Registration, State

KNOWN = "SELECT * FROM known_organisation WHERE event_id = ?"
WORDS = {
    "name": (SignalKind.SAME_NAME, "in this name"),
    "phone": (SignalKind.SAME_PHONE, "with this telephone number"),
    "organisation": (SignalKind.SAME_ORGANISATION, "from this organisation"),
    "surname": (SignalKind.SAME_SURNAME, "with this surname"),
}
MANY_OF_A_SURNAME = 5  # others: fewer are said of nobody, as some surnames are frequent


async def signals(
    event_id: int,
    registrations: Sequence[Registration],
    moving: Moving | None = None,
    people: Directory | None = None,
) -> dict[int, list[Signal]]:
    """The signals of each of the event's requests, by its id: those of the address, or of the new one that they wait
    for, then how many live others are like it. `moving`, `people`: who moves, and who there is, if that was read
    already."""
    moving = await moving_of(registrations) if moving is None else moving
    domains = KnownDomains(await find_rows(KnownOrganisation, KNOWN, [event_id]))
    people = people or await directory.of(event_id)
    return {
        registration.id: [*domains.signals(_address(registration, moving)), *_others_like(registration, people)]
        for registration in registrations
    }


def to_review(people: Sequence[Registration], told: Mapping[int, Sequence[Signal]]) -> set[int]:
    """Requests that no single click approves: their address needs a close look, an approval was taken back, or they
    work for others than when they were approved, or their links were made anew: they may have another address since the
    list was shown. (Nor does one approve whoever takes over a place, or moves to another address.)"""
    flagged = {id_ for id_, signals_ in told.items() if any(signal.caution for signal in signals_)}
    return {
        person.id
        for person in people
        if person.id in flagged or person.withdrawn_at or person.generation or person.state is State.RECHECKING
    }


def _address(registration: Registration, moving: Moving) -> str:
    return moving[registration.id].address if registration.id in moving else registration.email


def _others_like(registration: Registration, people: Directory) -> Iterator[Signal]:
    """What was deleted or set aside is like nothing."""
    person = registration.person
    if not person.full_name:
        return
    itself = registration.state in LIVE
    for what, found in people.alike(person).items():
        if others := max(0, found - itself):
            kind, words = WORDS[what]
            if kind is not SignalKind.SAME_SURNAME or others >= MANY_OF_A_SURNAME:
                yield Signal(kind, f"{others} more {words}")
