"""The files of attendance and contacts say who is in which workshop, once places are given out. Rules: EV-01, SE-13."""

from dataclasses import replace

import pytest

from events.accounts.staff import Staff
from events.event import Event
from registrations.booking import alias
from registrations.exports import rows
from registrations.exports.export import ExportKind
from registrations.exports.rows import SAY_WORKSHOPS
from registrations.paper.lines import ASK_LEAD
from registrations.people.registration import Registration
from tests.at_the_desk import several
from tests.people import MONDAY, someone
from tests.registrations.workshops.guests import a_guest, takes_part

IN_ONE, IN_NONE = "10:00 to 11:00: Safety planning", "10:00 to 11:00: none"


async def nobody_asks(_: int) -> None:
    """How far it is."""


async def said(event: Event, kind: ExportKind) -> list[str]:
    """Of each line, in an order that is no person's."""
    lines = await rows.of_event(event, kind, nobody_asks)
    return sorted(str(line["workshops"]) for line in lines)


@pytest.mark.parametrize("kind", sorted(SAY_WORKSHOPS))
async def test_each_guest_has_when_and_which_or_none(event: Event, omar: Staff, kind: ExportKind) -> None:
    within = await a_guest(event)
    await a_guest(event)
    await several(event, 1)
    others = [""] if kind is ExportKind.CONTACTS else []  # who has no place is in no workshop, nor in none
    assert await said(event, kind) == [*others, "", ""], "before places are given out"
    await takes_part(within, event, omar)
    assert await said(event, kind) == [*others, IN_ONE, IN_NONE]


async def test_where_an_alias_is_at_what_time_stands_in_no_file(event: Event, omar: Staff) -> None:
    guest = await a_guest(event, replace(someone(), badge_name="A. Guest"))
    await takes_part(guest, event, omar)
    await alias.note(await Registration.get(id=guest.id), True, omar, MONDAY)
    assert await said(event, ExportKind.CONTACTS) == [ASK_LEAD]
