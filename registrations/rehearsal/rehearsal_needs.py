"""In the rehearsal some guests have told us what they need, eat and choose: those who arrange it see something."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from events.ground import clock
from registrations.booking import own_needs
from registrations.booking.needs_emails import ASKED, OF_STEP
from registrations.desk.arranging import arranging
from registrations.people.choices import Switch
from registrations.people.needs import Adjustment, Diet, Step
from registrations.people.registration import Registration
from registrations.tickets.gathered import CHANGED

from .rehearsal_emails import mark_sent
from .rehearsal_lives import approved_people
from .story import Story

FIRST = 6  # of those who were approved: those before it use their rights, hand the place over or have named a colleague
REPLY = "The loop covers rows one to three. A seat there has your name on it."


class Told(NamedTuple):
    """By one guest, in that order. Nobody is invented a diagnosis."""

    adjustments: Sequence[Adjustment] = ()
    adjustment_words: str = ""
    leaving: str | None = None  # what marshals may read
    diets: Sequence[Diet] = ()
    diet_words: str = ""
    in_photos: bool = False
    switches: Sequence[Switch] = ()


GUESTS = (
    Told(adjustments=[Adjustment.HEARING_LOOP], in_photos=True),
    Told([Adjustment.STEP_FREE, Adjustment.PARKING], "A van with a lift at its back: two metres behind it, please."),
    Told(diets=[Diet.VEGETARIAN], in_photos=True),
    Told(diets=[Diet.VEGAN, Diet.ALLERGY], diet_words="No nuts of any kind, in traces either."),
    Told([Adjustment.BSL, Adjustment.SEAT], "I come with a colleague, who signs too: two seats.", in_photos=True),
    Told(switches=[Switch.FIRST_NAME, Switch.NO_ORGANISATION]),
    Told(diets=[Diet.HALAL], in_photos=True, switches=[Switch.NO_LISTS]),
    Told([Adjustment.EVACUATION], "I can wait on a chair, and cannot use stairs.", "An evacuation chair."),
    Told(diets=[Diet.VEGETARIAN, Diet.GLUTEN_FREE], in_photos=True),
    Told(switches=[Switch.OTHER_ENTRANCE, Switch.NO_PHOTOS]),
    Told(diets=[Diet.VEGAN], in_photos=True),
    Told([Adjustment.LARGE_PRINT], diets=[Diet.KOSHER]),
    Told(in_photos=True, switches=[Switch.FIRST_NAME]),
    Told([Adjustment.QUIET_ROOM], in_photos=True),
)


def tell_needs(story: Story) -> None:
    """On the last working day but one, around noon; one thing has been arranged and answered since."""
    for number, (guest, told) in enumerate(zip(approved_people()[FIRST:], GUESTS, strict=False)):
        story.then(story.calendar.on(2, 11, 5) + timedelta(minutes=11 * number), partial(_tell, story, guest, told))
        if told.adjustments == [Adjustment.HEARING_LOOP]:
            for step, reply, minute in ((Step.ARRANGED, "", 20), (Step.TOLD, REPLY, 25)):
                story.then(story.calendar.on(1, 9, minute), partial(_arrange, story, guest, step, reply))


async def _tell(story: Story, email: str, told: Told, at: datetime) -> None:
    await tell(await story.person(email), told, at)


async def tell(guest: Registration, told: Told, at: datetime) -> None:
    real = clock.real()
    acts: list[tuple[object, Callable[[], Awaitable[None]], str]] = [
        (
            told.adjustments,
            lambda: own_needs.tell_adjustments(guest, told.adjustments, told.adjustment_words, at, real, told.leaving),
            ASKED,
        ),
        (told.diets, lambda: own_needs.tell_diet(guest, told.diets, told.diet_words, at, real), CHANGED),
        (told.in_photos, lambda: own_needs.agree_to_photos(guest, at, real), CHANGED),
        (told.switches, lambda: own_needs.switch(guest, told.switches, at, real), CHANGED),
    ]
    for there_is, act, email in acts:
        if there_is:
            await act()
            await mark_sent(email, guest.id, at)


async def _arrange(story: Story, email: str, step: Step, reply: str, at: datetime) -> None:
    guest = await story.person(email)
    await arranging.move(guest, Adjustment.HEARING_LOOP, step, reply, story.crew["axel.reed"], at)
    await mark_sent(OF_STEP[step], guest.id, at)
