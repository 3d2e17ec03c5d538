"""A list is taken by the columns that its page showed, and by no others that were chosen since. Rules: DP-16."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from registrations.importing import importing
from registrations.importing.importing import ColumnsChanged
from registrations.importing.people_import import PeopleImport
from registrations.people.registration import Registration
from tests.people import MONDAY, Person
from tests.registrations.importing.lists import a_list


async def test_a_yes_to_columns_that_were_changed_before_it_arrived_invites_nobody(
    event: Event, omar: Staff, ada: Person
) -> None:
    shown = await a_list(event, omar, people=[ada])
    await importing.choose(event, shown, {**shown.chosen, "badge_name": 0})
    with pytest.raises(ColumnsChanged):
        await importing.take(event, shown, omar, MONDAY, clock.real())
    assert await Registration.all().count() == 0
    now = await PeopleImport.get(id=shown.id)
    assert (await importing.take(event, now, omar, MONDAY, clock.real())).invited == 1, "the control"
