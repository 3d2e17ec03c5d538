"""A page that was opened before a key was replaced is good afterwards: nobody has changed by being sealed anew.

Rules: SE-16, SG-02.
"""

import re

import pytest

from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.tokens import Purpose
from registrations.booking import changing
from registrations.booking.changing import Change
from registrations.deciding import several_decisions
from registrations.deciding.vetting import Decision, Result
from registrations.people.registration import Registration
from tests.browser import browsing
from tests.callers_world import World
from tests.events.rotation.rotating import Place
from tests.people import MONDAY, confirmed, someone
from tests.professional import path_to, with_ticket


async def test_marks_of_a_list_that_was_shown_before_count(place: Place, world: World) -> None:
    """Also once both keys are new; a mark of somebody else's does not."""
    ids = [(await confirmed(someone(), world.event)).id for _ in range(2)]
    people = await several_decisions.in_order(world.event, ids)
    shown = {person.id: person.marks[0] for person in people}
    await place.rotates()
    await place.rotates_event(world.event)
    now = await several_decisions.in_order(world.event, shown)
    assert [person.marks[0] == shown[person.id] for person in now] == [False, False]
    shown[people[1].id] = shown[people[0].id]
    decided = await several_decisions.decide_shown(now, shown, Decision.WAIT, world.staff["lead"], MONDAY)
    assert list(decided.values()) == [Result.DONE, Result.CHANGED]


@pytest.mark.parametrize("changed", [False, True])
async def test_a_form_that_is_open_stays_good(place: Place, world: World, database: Database, changed: bool) -> None:
    """A guest's and an organiser's, unless somebody has changed what they show: nobody has by sealing it anew."""
    guest, _ticket = await with_ticket(someone(), world.event)
    form = f"{path_to(guest, Purpose.MANAGE)}/change/role"
    mending = f"/desk/{world.event.slug}/people/{guest.id}/details"
    async with browsing(database) as client, browsing(database, world.staff["lead"]) as desk:
        theirs, ours = [seen_in((await page).text) for page in (client.get(form), desk.get(mending))]
        if changed:
            read = await Registration.get(id=guest.id)
            await changing.change(read, Change.PHONE, "07700 900 123", MONDAY, clock.real())
        await place.rotates_event(world.event)
        saved = await client.post(form, data={"role": "Warden", "seen": theirs})
        stands = (await Registration.get(id=guest.id)).role == "Warden"
        ours = seen_in((await desk.get(mending)).text) if stands else ours
        await place.rotates_event(await Event.get(id=world.event.id))
        said = {"full_name": "Wilma Warden", "organisation": "Wardens", "kind": "charity", "photos": "no"}
        typed = said | {"seen": ours}
        mended = await desk.post(mending, data=typed)
    assert (saved.status_code, stands, mended.status_code) == ((409, False, 409) if changed else (303, True, 303))


def seen_in(page: str) -> str:
    [seen] = re.findall(r'name="seen" value="([^"]+)"', page)
    return str(seen)
