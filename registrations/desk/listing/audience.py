"""To whom an announcement goes that is written from the people list: those whom its filter shows, where one of the
audiences is about them and nobody else. For all others there is an act on the whole list."""

from urllib.parse import urlencode

from registrations.checkin.whereabouts import Presence
from registrations.people.registration import OrganisationKind, State
from registrations.telling.announcement import Audience

PATH = "emails/announcements/new"


def audience_of(state: State | None, presence: Presence | None) -> Audience | None:
    """None where none is about them and nobody else."""
    if state is State.APPROVED and presence is None:
        return Audience.GUESTS
    return Audience.NOT_ARRIVED if presence is Presence.NOT_YET and state in (None, State.APPROVED) else None


def words(audience: Audience, kind: OrganisationKind | None) -> str:
    return f"Write to {audience.value}{f', {kind.value}' if kind else ''}"


def path(audience: Audience, kind: OrganisationKind | None) -> str:
    """Of the form, filled in, below the event's desk."""
    return f"{PATH}?{urlencode({'audience': audience.value} | ({'kind': kind.value} if kind else {}))}"
