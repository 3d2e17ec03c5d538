"""Whoever was only named to us, by a guest who hands a place over, or said no to that, does not come back from a
backup either.

Rules: DP-08.
"""

from events.backup import backing_up
from events.ground import settings
from events.ground.database import Database, run_tx
from events.ground.settings import Settings
from registrations.people import objection
from registrations.people.hand_over import HandOver
from tests.events.backup.restores import REAL, Restores
from tests.events.backup.test_erased_again import an_event_with_a_lead, erase
from tests.people import MONDAY, Person, someone
from tests.professional import with_ticket
from tests.registrations.booking.handing.handing import CY
from tests.registrations.booking.handing.handing import asks as hands_over


async def test_a_colleague_who_was_only_asked_is_erased_again(
    restore: Restores, house: Database, chosen: Settings, ada: Person
) -> None:
    settings.choose(chosen)  # where it is noted who was erased
    async with house.opened():
        event, _ = await an_event_with_a_lead()
        guests = [(await with_ticket(person, event))[0] for person in (ada, someone())]
        for guest, address in zip(guests, (CY.email, "di@x.example.org"), strict=True):
            await hands_over(guest, address)
            await run_tx(objection.note)(event.id, address, MONDAY)
        made = await backing_up.back_up(house, chosen, REAL)
    await erase(house, CY)
    await restore(made.file)
    async with restore.place.opened():
        assert [row.address for row in await HandOver.all().order_by("id")] == ["", "di@x.example.org"]
        noes = [len(await objection.of(event.id, address)) for address in (CY.email, "di@x.example.org")]
        assert noes == [0, 1]
