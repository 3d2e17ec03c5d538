"""A restore without an event's data key brings back nobody and nothing that was withdrawn, also once the key is there.

Rules: DP-05, DP-07, DP-08.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from events.accounts.staff import RoleName, Staff
from events.backup import backing_up, erased_list
from events.event import Event
from events.ground import data_keys, settings
from events.ground.database import Database
from events.ground.refusal import Refused
from events.ground.settings import Settings
from registrations.asking import by_colleague, drafting
from registrations.asking.draft import Draft
from registrations.booking import own_booking, own_needs
from registrations.booking.handing import handing_over
from registrations.people.address_change import AddressChange
from registrations.people.colleague import Colleague
from registrations.people.consent import Subject
from registrations.people.hand_over import HandOver
from registrations.people.invitation import Invitation
from registrations.people.registration import Registration
from registrations.privacy.rights import erasing, noting, rights_requests
from registrations.privacy.rights.rights_request import Right
from registrations.privacy.rights.rights_requests import Asked
from tests.events.backup.restores import REAL, Restores
from tests.people import MONDAY, Person, a_member_of_staff, an_event, request_of
from tests.professional import with_ticket
from tests.registrations.asking.invitations import an_invitation
from tests.registrations.booking.addressing import asks
from tests.registrations.booking.colleagues.naming_them import names
from tests.registrations.booking.handing import handing
from tests.registrations.booking.telling_needs import ALLERGY, WORDS, tells_everything
from tests.registrations.privacy.rights.asking import proved

HOUR = timedelta(hours=1)


@pytest.fixture
async def before(house: Database, chosen: Settings, ada: Person, bo: Person, cleo: Person) -> Path:
    """A backup; then Ada was erased, for whom there were an invitation, a draft and a wish of Bo's, and Bo withdrew.
    Cleo did nothing."""
    settings.choose(chosen)
    async with house.opened():
        event = await an_event(slug="launch")
        omar = await a_member_of_staff("Omar Organiser", "omar@hosts.example.org", event, RoleName.ORGANISER)
        for person in (ada, bo, cleo):
            await tells_everything((await with_ticket(person, event))[0])
        await an_invitation(event, omar, only_for=ada.email, places=1)
        await drafting.keep(event, None, "", {"email": ada.email}, REAL)
        await asks(await request_of(bo.email), ada.email)
        made = await backing_up.back_up(house, chosen, REAL)
        await AddressChange.all().update(address_sealed=None)  # Ada says no to it
        await Draft.all().delete()  # and leaves the form
        asked = await rights_requests.take(event, Asked(ada.email, Right.ERASURE, "All."), MONDAY, omar, MONDAY)
        await erasing.erase(await proved(asked, omar), omar, MONDAY + HOUR, REAL + HOUR)
        assert await own_needs.withdraw(await request_of(bo.email), Subject.ADJUSTMENTS, MONDAY + HOUR, REAL + HOUR)
        await own_booking.decline_photos(await request_of(bo.email), MONDAY + HOUR, REAL + HOUR)
        await noting.write_down(REAL + HOUR)
    return made.file


@pytest.fixture
def kept() -> data_keys.DataKeys:
    """Those in the safe, which are not here."""
    there = data_keys.kept()
    data_keys.install(data_keys.DataKeys())
    return there


async def test_it_is_refused_and_says_what_to_do(restore: Restores, before: Path, kept: data_keys.DataKeys) -> None:
    why = await restore.why_not(before)
    assert "The data key that the people of launch are sealed by is not in " in why
    assert "Put the key there, and restore again." in why
    data_keys.install(kept)
    assert (await restore(before)).erased == 2, "the control"


@pytest.mark.parametrize("is_there", [True, False])
async def test_nothing_of_it_is_back_once_the_key_is_there(
    restore: Restores, before: Path, bo: Person, cleo: Person, kept: data_keys.DataKeys, is_there: bool
) -> None:
    if is_there:
        data_keys.install(kept)
    restored = await restore(before, with_faults=True)
    assert (restored.erased, restored.missing == []) == (2, is_there)
    data_keys.install(kept)
    async with restore.place.opened():
        assert [row.email for row in await Registration.all().order_by("id")] == ["", bo.email, cleo.email]
        now = await request_of(bo.email)
        assert (WORDS in str(now.needs), now.choices.photos) == (False, None)
        assert (ALLERGY in str(now.needs)) is is_there, "without the key all of it goes"
        assert (await Invitation.all().count(), await Draft.all().count()) == (0, 0)
        assert [change.address for change in await AddressChange.all()] == [""]
        assert (await Staff.get()).full_name == "Omar Organiser"
        assert (await Event.get()).taken == 2
        stays = await request_of(cleo.email)
        assert WORDS in str(stays.needs)
        assert stays.choices.photos is not None


async def test_what_is_lost_is_said_and_nothing_is_restored_unless_that_is_agreed_to(
    restore: Restores, before: Path, kept: data_keys.DataKeys
) -> None:
    read: list[list[str]] = []

    def no(lines: list[str]) -> bool:
        read.append(lines)
        return False

    with pytest.raises(Refused, match="Nothing was restored, and nothing was deleted"):
        await restore(before, with_faults=True, may_lose=no)
    assert read == [
        [
            "launch: answers that somebody is still typing: 1; other addresses that guests asked for: 1; "
            "guests who have withdrawn some of what they need or eat, and lose the rest: 1; "
            "guests who have withdrawn that they may be photographed, and lose their switches: 1."
        ]
    ]
    await restore.is_empty()
    data_keys.install(kept)
    await restore(before, with_faults=True, may_lose=no)
    assert len(read) == 1, "with the key nothing is lost, and nobody is asked"


async def test_what_came_after_the_last_erasure_stays_for_when_the_key_is_there(
    restore: Restores, house: Database, chosen: Settings, ada: Person, bo: Person, cleo: Person
) -> None:
    settings.choose(chosen)
    async with house.opened():
        event = await an_event(slug="launch")
        omar = await a_member_of_staff("Omar Organiser", "omar@hosts.example.org", event, RoleName.ORGANISER)
        for person in (ada, bo):
            await with_ticket(person, event)
        await backing_up.back_up(house, chosen, REAL - HOUR)  # or the list would forget who was erased
        asked = await rights_requests.take(event, Asked(ada.email, Right.ERASURE, "All."), MONDAY, omar, MONDAY)
        await erasing.erase(await proved(asked, omar), omar, MONDAY, REAL)
        await noting.write_down(REAL)
        await drafting.keep(event, None, "", {"email": cleo.email}, REAL + HOUR)
        await asks(await request_of(bo.email), cleo.email)
        await AddressChange.all().update(asked_at=MONDAY + HOUR)
        made = await backing_up.back_up(house, chosen, REAL + 2 * HOUR)
    assert len(erased_list.read(made.file.with_name(erased_list.NAME)).entries) == 1
    there = data_keys.kept()
    data_keys.install(data_keys.DataKeys())
    await restore(made.file, with_faults=True, may_lose=lambda lines: pytest.fail(str(lines)))
    data_keys.install(there)
    async with restore.place.opened():
        assert await Draft.all().count() == 1
        assert [change.address for change in await AddressChange.all()] == [cleo.email]


async def test_the_control_without_the_list_all_of_it_is_back(
    restore: Restores, before: Path, ada: Person, kept: data_keys.DataKeys
) -> None:
    data_keys.install(kept)
    before.with_name("muster-erased.txt").unlink()
    await restore(before, with_faults=True)
    async with restore.place.opened():
        assert WORDS in str((await request_of(ada.email)).needs)
        assert [change.address for change in await AddressChange.all()] == [ada.email]
        assert (await Invitation.all().count(), await Draft.all().count()) == (1, 1)


async def test_no_colleague_whom_a_guest_named_is_asked_again_either(
    restore: Restores, house: Database, chosen: Settings, ada: Person, bo: Person, cleo: Person
) -> None:
    """Ada said no to both, and was erased: nothing noted which questions were hers."""
    settings.choose(chosen)
    async with house.opened():
        event = await an_event(slug="launch")
        omar = await a_member_of_staff("Omar Organiser", "omar@hosts.example.org", event, RoleName.ORGANISER)
        named = await names((await with_ticket(bo, event))[0], ada.email)
        offered = await handing.asks((await with_ticket(cleo, event))[0], ada.email)
        made = await backing_up.back_up(house, chosen, REAL)
        assert await by_colleague.decline(named, MONDAY)
        assert await handing_over.refuse(offered, MONDAY)
        asked = await rights_requests.take(event, Asked(ada.email, Right.ERASURE, "All."), MONDAY, omar, MONDAY)
        await erasing.erase(await proved(asked, omar), omar, MONDAY + HOUR, REAL + HOUR)
        await noting.write_down(REAL + HOUR)
    there = data_keys.kept()
    data_keys.install(data_keys.DataKeys())
    await restore(made.file, with_faults=True)
    data_keys.install(there)
    async with restore.place.opened():
        assert [row.address for kind in (Colleague, HandOver) for row in await kind.all()] == ["", ""]
