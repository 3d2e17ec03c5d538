"""A consent that was withdrawn after a backup is withdrawn once more after a restore.

Rules: DP-05, DP-07.
"""

from datetime import timedelta

import pytest

from events.backup.erased_list import Entry
from events.event import Event
from events.ground import clock
from registrations.booking import own_needs
from registrations.people.consent import Subject
from registrations.people.erased import ErasedAddress
from registrations.people.needs import Diet
from registrations.people.registration import Registration
from registrations.privacy.rights import withdrawing_again
from tests.people import MONDAY, Person
from tests.professional import with_ticket
from tests.registrations.booking.telling_needs import ALLERGY, tells_diet

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("again", [False, True], ids=["emptied", "and told anew"])
async def test_what_the_caterer_was_not_to_read_any_more(event: Event, ada: Person, again: bool) -> None:
    """She emptied the box. What she agreed to after that stays."""
    guest = await tells_diet((await with_ticket(ada, event))[0])
    backup = guest.needs_sealed
    await own_needs.tell_diet(guest, [Diet.VEGAN], "", MONDAY + HOUR, clock.real())
    if again:
        backup = (await tells_diet(guest, at=MONDAY + 2 * HOUR)).needs_sealed
    entries = [Entry(frozenset(row.tags.split()), row.erased_at, row.erased_at) for row in await ErasedAddress.all()]
    await Registration.filter(id=guest.id).update(needs_sealed=backup)
    await withdrawing_again.withdraw_again(entries, MONDAY + 3 * HOUR)
    left = (await Registration.get(id=guest.id)).needs
    assert (left.diet_words, Subject.CATERER in left.consents) == ((ALLERGY, True) if again else ("", False))
    assert Subject.DIET in left.consents
