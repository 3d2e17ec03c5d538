"""A restore takes what came before an erasure, and leaves what came after it, which others may have asked for.

Rules: DP-07, DP-08.
"""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from events.accounts.staff import RoleName, Staff
from events.backup import backing_up, erased_list
from events.event import Event
from events.ground import settings
from events.ground.database import Database
from events.ground.settings import Settings
from registrations.asking import drafting
from registrations.asking.draft import Draft
from registrations.people.address_change import AddressChange
from registrations.people.colleague import Colleague
from registrations.people.former_address import FormerAddress
from registrations.people.invitation import Invitation
from registrations.people.registration import Registration
from registrations.privacy.rights import erasing, rights_requests
from registrations.privacy.rights.rights_request import Right, RightsRequest
from registrations.privacy.rights.rights_requests import Asked
from tests.events.backup.restores import REAL, Restores
from tests.people import MONDAY, Person, a_member_of_staff, an_event, request_of
from tests.professional import with_ticket
from tests.registrations.asking.invitations import an_invitation
from tests.registrations.booking.addressing import NEW, asks, moves
from tests.registrations.booking.colleagues.naming_them import KIT, names
from tests.registrations.privacy.rights.asking import proved

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORDS = "My name is spelt with an e."


@pytest.fixture
def here(chosen: Settings) -> Path:
    settings.choose(chosen)
    assert chosen.backup_folder is not None
    return chosen.backup_folder


@pytest.fixture
async def omar(house: Database, here: Path, ada: Person, bo: Person) -> None:
    """An event with tickets of Ada and Bo, which Omar organises."""
    async with house.opened():
        event = await an_event(slug="launch")
        await a_member_of_staff("Omar Organiser", "omar@hosts.example.org", event, RoleName.ORGANISER)
        for person in (ada, bo):
            await with_ticket(person, event)


async def something_names(email: str, by: Person, later: timedelta) -> None:
    """An invitation, a wish of Bo's, what was written down of somebody who wrote the day before, and a draft."""
    event, omar = await Event.get(), await Staff.get()
    invitation = await an_invitation(event, omar, only_for=email, places=1)
    await Invitation.filter(id=invitation.id).update(made_at=MONDAY + later)
    wish = await asks(await request_of(by.email), email)
    await AddressChange.filter(id=wish.id).update(asked_at=MONDAY + later)
    asked = Asked(email, Right.CORRECTION, WORDS)
    await rights_requests.take(event, asked, MONDAY - DAY, omar, MONDAY + later)
    await drafting.keep(event, None, "", {"email": email}, REAL + later)


async def left(place: Database) -> tuple[int, int, int, int]:
    """How many of each there are."""
    async with place.opened():
        wishes = len([change for change in await AddressChange.all() if change.address])
        asked = len([row for row in await RightsRequest.all() if row.about == WORDS])
        return await Invitation.all().count(), wishes, asked, await Draft.all().count()


async def erase(email: str, at: timedelta) -> None:
    event, omar = await Event.get(), await Staff.get()
    asked = await rights_requests.take(event, Asked(email, Right.ERASURE, "All."), MONDAY + at, omar, MONDAY + at)
    await erasing.erase(await proved(asked, omar), omar, MONDAY + at, REAL + at)


async def a_backup(house: Database, chosen: Settings, real: datetime) -> Path:
    return (await backing_up.back_up(house, chosen, real)).file


async def test_what_came_before_the_erasure_is_gone_again(
    restore: Restores, house: Database, chosen: Settings, omar: None, ada: Person, bo: Person
) -> None:
    async with house.opened():
        await something_names(ada.email, bo, timedelta(0))
        before = await a_backup(house, chosen, REAL + HOUR / 2)
        await erase(ada.email, HOUR)
    assert await left(house) == (0, 0, 0, 0)
    assert (await restore(before)).erased == 1
    assert await left(restore.place) == (0, 0, 0, 0)


async def test_what_came_after_the_erasure_stays(
    restore: Restores, house: Database, chosen: Settings, omar: None, ada: Person, bo: Person
) -> None:
    async with house.opened():
        await a_backup(house, chosen, REAL)
        await erase(ada.email, HOUR)
        await something_names(ada.email, bo, 2 * HOUR)
        later = await a_backup(house, chosen, REAL + 3 * HOUR)
    assert await left(house) == (1, 1, 1, 1), "the control"
    assert len(erased_list.read(later.with_name(erased_list.NAME)).entries) == 1
    assert (await restore(later)).erased == 0
    assert await left(restore.place) == (1, 1, 1, 1)


@pytest.mark.parametrize("when", ["before the move", "after it"])
async def test_what_named_the_address_that_somebody_had_before_is_gone_again_too(
    restore: Restores, house: Database, chosen: Settings, omar: None, ada: Person, bo: Person, when: str
) -> None:
    """No tag of that address is on the list: it may be somebody else's since."""
    async with house.opened():
        await something_names(ada.email, bo, timedelta(0))
        before = await a_backup(house, chosen, REAL + HOUR / 2)
        await moves(await request_of(ada.email), await Staff.get(), MONDAY + 6 * DAY)  # drafts have the machine's time
        later = await a_backup(house, chosen, REAL + HOUR)
        await erase(NEW, 6 * DAY + HOUR)
    assert await left(house) == (0, 0, 0, 0)
    assert (await restore(before if when == "before the move" else later)).erased == 1
    assert await left(restore.place) == (0, 0, 0, 0)
    async with restore.place.opened():
        assert {row.email for row in await Registration.all()} == {bo.email, ""}
        assert await FormerAddress.all().count() == 0


async def test_nobody_is_asked_again_whom_a_guest_had_named(
    restore: Restores, house: Database, chosen: Settings, omar: None, ada: Person, bo: Person
) -> None:
    """Whoever is erased need not have asked for a place."""
    other = "kay@lanterns.example.org"
    async with house.opened():
        for person, address in ((ada, KIT.email), (bo, other)):
            await names(await request_of(person.email), address)
        before = await a_backup(house, chosen, REAL)
        await erase(KIT.email, HOUR)
    await restore(before)
    async with restore.place.opened():
        assert [row.address for row in await Colleague.all().order_by("id")] == ["", other]
