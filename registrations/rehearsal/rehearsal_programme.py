"""The rehearsal's invented programme: sessions, and two slots of workshops among which guests have chosen.

The places of the first are given out; those of the second wait for somebody who tries it.
"""

from datetime import datetime, timedelta

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.programme import changing
from events.programme.changing import Times
from events.programme.programme import ShownTo, Words, programme_of
from registrations.people.registration import Registration, State
from registrations.workshops import allocating, choosing

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


CHOSE_BEFORE, GIVEN_OUT_BEFORE = timedelta(hours=30), timedelta(hours=18)
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


async def choose_workshops(event: Event, by: Staff, at: datetime) -> None:
    """Most guests, the same in every rehearsal."""
    slots = (await programme_of(event)).slots
    guests = await Registration.filter(event_id=event.id, state=State.APPROVED).order_by("id")
    for number, guest in enumerate(guests):
        for line in slots if number % CHOOSES_NOTHING else ():
            ids = [entry.id for entry in line.workshops]
            first, second = ids[number % 2], ids[(number % 2 + 1 + number % 3 % 2) % len(ids)]
            chosen = second if number % 5 else None
            await choosing.choose(guest, line.slot_id, first, chosen, at - CHOSE_BEFORE, clock.real())
    await allocating.allocate(event, slots[0].slot_id, False, by=by, at=at - GIVEN_OUT_BEFORE)
