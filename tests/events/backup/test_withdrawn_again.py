"""A backup that is restored brings no consent back that was withdrawn after it was made, nor what it was for.

Rules: DP-05, DP-07.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from events.backup import backing_up, erased_list
from events.backup.backing_up import Made
from events.backup.erased_list import NAME
from events.ground import settings
from events.ground.database import Database
from events.ground.settings import Settings
from registrations.booking import own_booking, own_needs
from registrations.people.consent import Subject
from registrations.people.registration import Registration
from registrations.privacy.rights import noting
from tests.events.backup.restores import REAL, Restores
from tests.people import MONDAY, Person, an_event, audit_of
from tests.professional import with_ticket
from tests.registrations.booking.telling_needs import ALLERGY, WORDS, tells_everything

HOUR = timedelta(hours=1)


@pytest.fixture
async def told(house: Database, chosen: Settings, ada: Person, bo: Person) -> Made:
    """A backup of an event at which Ada and Bo have told us everything."""
    settings.choose(chosen)
    async with house.opened():
        event = await an_event(slug="launch")
        for person in (ada, bo):
            await tells_everything((await with_ticket(person, event))[0])
        return await backing_up.back_up(house, chosen, REAL)


async def withdraw(house: Database, *subjects: Subject) -> None:
    """Ada does, an hour after the backup."""
    async with house.opened():
        ada = await Registration.all().order_by("id").first()
        assert ada is not None
        for subject in subjects:
            if subject is Subject.PHOTOS:
                await own_booking.decline_photos(ada, MONDAY + HOUR, REAL + HOUR)
            else:
                assert await own_needs.withdraw(ada, subject, MONDAY + HOUR, REAL + HOUR)
        await noting.write_down(REAL + HOUR)


async def restored(place: Database) -> list[Registration]:
    async with place.opened():
        return await Registration.all().order_by("id")


async def test_what_she_withdrew_is_gone_again_and_nothing_else_of_hers_or_his(
    restore: Restores, house: Database, told: Made
) -> None:
    await withdraw(house, Subject.ADJUSTMENTS, Subject.PHOTOS)
    assert (await restore(told.file)).erased == 1
    hers, his = await restored(restore.place)
    assert (hers.needs.adjustments, hers.needs.adjustment_words, hers.needs.diet_words) == ({}, "", ALLERGY)
    assert (hers.choices.photos, len(hers.choices.switches)) == (None, 2)
    assert (his.needs.adjustment_words, his.choices.in_photos) == (WORDS, True)
    async with restore.place.opened():
        acts = [act for act, by, _ in await audit_of(hers) if by == "system"]
    assert acts == ["withdrew a consent, so that what it was for was deleted"]


async def test_the_control_without_the_list_it_comes_back(restore: Restores, house: Database, told: Made) -> None:
    await withdraw(house, Subject.DIET)
    told.file.with_name(NAME).unlink()
    assert (await restore(told.file, with_faults=True)).erased == 0
    assert [row.needs.diet_words for row in await restored(restore.place)] == [ALLERGY] * 2


async def test_what_she_agreed_to_anew_before_the_backup_stays(
    restore: Restores, house: Database, chosen: Settings, told: Made
) -> None:
    await withdraw(house, Subject.DIET)
    async with house.opened():
        ada = await Registration.get(id=1)
        await own_needs.tell_diet(ada, [], ALLERGY, MONDAY + 2 * HOUR, REAL)
        later = await backing_up.back_up(house, chosen, REAL + 2 * HOUR)
    assert (await restore(later.file)).erased == 0
    assert [row.needs.diet_words for row in await restored(restore.place)] == [ALLERGY] * 2


async def test_the_list_says_neither_whose_it_was_nor_what(house: Database, told: Made) -> None:
    await withdraw(house, Subject.DIET)
    file: Path = told.file.with_name(NAME)
    async with house.opened():
        ada = await Registration.get(id=1)
    [entry] = erased_list.read(file).entries
    [tag] = entry.tags
    assert [text for text in (ada.public_id, "diet", ada.address_tag) if text in tag] == []
