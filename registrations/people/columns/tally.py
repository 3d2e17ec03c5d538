"""How many people there are of each kind, and when they asked: counted in memory, whole columns at a time, and
kept until somebody changes."""

from array import array
from collections.abc import Collection, Hashable, Mapping
from itertools import compress
from typing import Any, NamedTuple, cast

from registrations.people.places import both, marks_of
from registrations.people.registration import OrganisationKind, State

from .values import KINDS, STATES


class Columns(NamedTuple):
    """One place in each for each person."""

    asked: "array[float]"  # when, in seconds since 1970
    states: bytearray
    kinds: bytearray
    tallies: dict[Hashable, Any]  # what was counted of them; another one once somebody has changed


def asked(columns: Columns, states: Collection[State]) -> list[float]:
    """When those asked who are in one of these states, the first first."""
    counted = ("asked", frozenset(states))
    if counted not in columns.tallies:
        columns.tallies[counted] = sorted(compress(columns.asked, _in(columns, states)))
    return cast("list[float]", columns.tallies[counted])


def by_kind(columns: Columns, states: Collection[State]) -> Mapping[OrganisationKind, int]:
    """How many of each kind are in one of these states."""
    counted = ("kinds", frozenset(states))
    if counted not in columns.tallies:
        wanted = _in(columns, states)
        columns.tallies[counted] = {
            kind: both(wanted, marks_of(columns.kinds, {KINDS[kind]})).count(1) for kind in OrganisationKind
        }
    return cast("Mapping[OrganisationKind, int]", columns.tallies[counted])


def _in(columns: Columns, states: Collection[State]) -> bytes:
    return marks_of(columns.states, {STATES[state] for state in states})
