"""Somebody with a place tells us all that can be told for the day."""

from collections.abc import Sequence
from datetime import datetime

from events.ground import clock
from registrations.booking import own_needs
from registrations.people.choices import Switch
from registrations.people.needs import Adjustment, Diet
from registrations.people.registration import Registration
from tests.people import MONDAY

WORDS = "Seats for my brother Barnaby and his frame"
ALLERGY = "Sesame, in the smallest trace, as at Aunt Ottilie's"


async def tells_adjustments(
    asked: Registration, *wanted: Adjustment, words: str = WORDS, at: datetime = MONDAY
) -> Registration:
    await own_needs.tell_adjustments(asked, wanted or [Adjustment.HEARING_LOOP], words, at, clock.real())
    return await Registration.get(id=asked.id)


async def tells_diet(asked: Registration, *wanted: Diet, words: str = ALLERGY, at: datetime = MONDAY) -> Registration:
    await own_needs.tell_diet(asked, wanted or [Diet.VEGAN, Diet.ALLERGY], words, at, clock.real())
    return await Registration.get(id=asked.id)


async def tells_everything(
    asked: Registration, switches: Sequence[Switch] = (Switch.FIRST_NAME, Switch.OTHER_ENTRANCE)
) -> Registration:
    """Adjustments, diet, a yes to photographs, and switches."""
    await tells_adjustments(asked)
    await tells_diet(asked)
    await own_needs.agree_to_photos(asked, MONDAY, clock.real())
    await own_needs.switch(asked, switches, MONDAY, clock.real())
    return await Registration.get(id=asked.id)
