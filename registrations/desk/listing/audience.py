"""To whom an announcement goes that is written from the people list: those whom its filter shows, as far as one of the
audiences is about them."""

from urllib.parse import urlencode

from registrations.checkin.whereabouts import Presence
from registrations.people.registration import OrganisationKind, State
from registrations.telling.announcement import Audience

OF_STATES = {
    State.APPROVED: Audience.GUESTS,
    State.WAITING: Audience.WAITING,
    State.OFFERED: Audience.WAITING,
    State.CONFIRMED: Audience.UNDECIDED,
    State.RECHECKING: Audience.UNDECIDED,
}
OF_PRESENCE = {
    Presence.NOT_YET: Audience.NOT_ARRIVED,
    Presence.IN: Audience.ARRIVED,
    Presence.LEFT: Audience.ARRIVED,
}
PATH = "emails/announcements/new"


def audience_of(state: State | None, presence: Presence | None) -> Audience | None:
    """None where none is about them: nobody writes to people who were not offered a place."""
    if presence is None:
        return OF_STATES.get(state) if state else None
    return OF_PRESENCE[presence] if state in (None, State.APPROVED) else None


def words(audience: Audience, kind: OrganisationKind | None) -> str:
    return f"Write to {audience.value}{f', {kind.value}' if kind else ''}"


def path(audience: Audience, kind: OrganisationKind | None) -> str:
    """Of the form, filled in, below the event's desk."""
    return f"{PATH}?{urlencode({'audience': audience.value} | ({'kind': kind.value} if kind else {}))}"
