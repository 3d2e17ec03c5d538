"""The rehearsal's invented programme: sessions, and two slots of workshops among which guests have chosen.

The places of the first are given out; those of the second wait for somebody who tries it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.programme import changing
from events.programme.changing import Times
from events.programme.programme import ShownTo, Words, programme_of
from registrations.workshops import allocating, choosing

from .rehearsal_lives import Life
from .story import Story

NINE, HOUR = 9 * 60, 60  # in minutes
SESSIONS = (
    (
        Times(NINE + 30, 10 * HOUR),
        Words("Welcome to the day", "What today is for, and who helps you in these rooms.", "The great chamber"),
    ),
    (
        Times(10 * HOUR, 10 * HOUR + 45),
        Words(
            "What a victim wishes that professionals had known",
            "Told by an actor, from an invented case.",
            "The great chamber",
            "Describes being followed and watched over two years, with messages read aloud. No violence is shown.",
        ),
    ),
    (Times(12 * HOUR + 15, 13 * HOUR + 15), Words("Lunch", "", "Garden room")),
    (Times(15 * HOUR, 15 * HOUR + 45), Words("How to refer somebody to the new service", "", "The great chamber")),
)
Workshop = tuple[Words, int]  # and how many can take part
SLOTS: tuple[tuple[Times, tuple[Workshop, ...]], ...] = (
    (
        Times(11 * HOUR + 15, 12 * HOUR + 15),
        (
            (Words("Safety planning", "With a sample plan to take home.", "Room 1"), 24),
            (
                Words("Reading the signs", "Five invented cases.", "Room 2", "Some cases tell of threats to children."),
                20,
            ),
            (Words("Stalking online", "", "Room 3"), 0),
        ),
    ),
    (
        Times(13 * HOUR + 30, 14 * HOUR + 30),
        (
            (Words("Working together", "Who tells whom what, and when.", "Room 1"), 30),
            (Words("Looking after yourself", "For all who hear such stories every day.", "Room 2"), 16),
            (Words("Evidence and notes", "", "Room 3"), 20),
        ),
    ),
)

CHOOSES_NOTHING = 7  # one guest of so many


async def write_programme(event: Event, by: Staff, at: datetime) -> None:
    """Everybody sees it, but for the rooms."""
    for times, words in SESSIONS:
        await changing.add_session(event, words, times, by=by, at=at)
    for times, workshops in SLOTS:
        slot = await changing.add_slot(event, times, by=by, at=at)
        for words, capacity in workshops:
            await changing.add_workshop(event, slot.id, words, capacity, by=by, at=at)
    await changing.show_to(event, ShownTo.EVERYBODY, by=by, at=at)


def choose_workshops(story: Story, lives: Sequence[Life]) -> None:
    """Most guests do, the same in every rehearsal, on the evening of the day on which they got a place."""
    guests = [life for life in lives if life.fate == "approved" and life.decided]
    given_out = story.calendar.on(1, 16, 45)
    for number, life in enumerate(guests):
        if number % CHOOSES_NOTHING and life.decided:
            evening = clock.at_venue(clock.local(life.decided).date(), 18, 30) + timedelta(minutes=number * 13 % 150)
            at = min(evening, given_out - timedelta(minutes=5 + number % 25))
            story.then(at, partial(_choose, story, number, life.person.email))
    story.then(given_out, partial(_give_out, story))


async def _choose(story: Story, number: int, email: str, at: datetime) -> None:
    guest = await story.person(email)
    for line in (await programme_of(story.event)).slots:
        ids = [entry.id for entry in line.workshops]
        first, second = ids[number % 2], ids[(number % 2 + 1 + number % 3 % 2) % len(ids)]
        await choosing.choose(guest, line.slot_id, first, second if number % 5 else None, at, clock.real())


async def _give_out(story: Story, at: datetime) -> None:
    slots = (await programme_of(story.event)).slots
    await allocating.allocate(
        story.event, slots[0].slot_id, False, by=story.crew["marcus.bell"], at=at, real=clock.real()
    )
