"""What stands in the columns of a directory for one row of the database: states and kinds as numbers of one byte."""

from collections.abc import Callable, Mapping, Sequence
from sys import intern
from typing import Any

from events.ground.database import moment
from registrations.people.person import dialled, fold
from registrations.people.registration import LIVE, OrganisationKind, State

STATES, KINDS = ({value: n for n, value in enumerate(kind)} for kind in (State, OrganisationKind))
GONE = 255  # in place of a state: the row was deleted
LIVING = {STATES[state] for state in LIVE}


def in_columns(row: Sequence[Any], said: Mapping[str, str], folded: Callable[[str], str]) -> tuple[Any, ...]:
    """What the columns of a person hold, in the order of `Directory._said`. `folded` is `fold`, which may remember."""
    _, _, _, state, kind, asked, withdrawn, _, _ = row
    name, email = fold(said.get("full_name", "")), fold(said.get("email", ""))
    organisation = intern(folded(said.get("organisation", "")))
    asked = moment(asked)
    return (
        asked.timestamp() if asked else 0.0,
        STATES[state],
        KINDS[kind],
        withdrawn is not None,
        bool(name),
        f"{name} {email} {organisation}" if name else "",
        len(name),
        len(email),
        organisation,
        dialled(said.get("phone", "")),
    )
