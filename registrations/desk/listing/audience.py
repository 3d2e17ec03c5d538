"""To whom an announcement goes that is written from the people list: those whom its filter shows, where one of the
audiences is about them and nobody else. For all others there is an act on the whole list."""

from urllib.parse import urlencode

from registrations.checkin.whereabouts import Presence
from registrations.people.registration import OrganisationKind, State
from registrations.telling.announcement import Audience
from registrations.workshops.roster import Group

PATH = "emails/announcements/new"


def audience_of(state: State | None, presence: Presence | None, workshop: Group | None = None) -> Audience | None:
    """None where none is about them and nobody else."""
    if state is State.APPROVED and presence is None:
        return Audience.GUESTS
    if workshop:
        return None  # its filter shows more states than that audience has
    return Audience.NOT_ARRIVED if presence is Presence.NOT_YET and state in (None, State.APPROVED) else None


def words(audience: Audience, kind: OrganisationKind | None, workshop: Group | None = None) -> str:
    of_workshop = "" if workshop is None else ", in this workshop" if workshop.workshop_id else ", in no workshop then"
    return f"Write to {audience.value}{f', {kind.value}' if kind else ''}{of_workshop}"


def path(audience: Audience, kind: OrganisationKind | None, workshop: Group | None = None) -> str:
    """Of the form, filled in, below the event's desk."""
    chosen = {"audience": audience.value, "kind": kind and kind.value, "workshop": workshop and workshop.code}
    return f"{PATH}?{urlencode({name: value for name, value in chosen.items() if value})}"
