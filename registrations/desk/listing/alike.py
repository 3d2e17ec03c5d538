"""Beside a signal that others are like a person: the search that shows them. No name stands in its address."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from events.accounts.staff import Detail, Role
from events.address_signals import Signal, SignalKind
from events.web.sealed_query import sealed
from registrations.desk.people_list import ORGANISATION, SEARCH
from registrations.people.names.surname import surname
from registrations.people.person import digits_of
from registrations.people.registration import Registration


def with_links(
    role: Role, people: Sequence[Registration], signals: Mapping[int, Sequence[Signal]]
) -> dict[int, list[Signal]]:
    """The signals of each of these people, those of others like them with the path of the list that shows them. A role
    that sees no telephone numbers finds nobody by one, so it has no such link."""
    return {
        person.id: [signal._replace(path=_path(person, signal.kind, role)) for signal in signals[person.id]]
        for person in people
    }


def _path(like: Registration, kind: SignalKind, role: Role) -> str:
    match kind:
        case SignalKind.SAME_ORGANISATION:
            return f"people?{urlencode({'of': sealed(ORGANISATION, like.organisation, like.event_id)})}"
        case SignalKind.SAME_NAME:
            text = like.full_name
        case SignalKind.SAME_SURNAME:
            text = surname(like.full_name)
        case SignalKind.SAME_PHONE if role.sees(Detail.TELEPHONE):
            text = digits_of(like.phone)
        case _:
            return ""
    return f"people?{urlencode({'find': sealed(SEARCH, text, like.event_id)})}"
