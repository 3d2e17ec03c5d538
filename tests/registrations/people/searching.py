"""Searches of the tests: what a directory finds, and what there is to be found by the definition."""

from events.event import Event
from registrations.people import directory
from registrations.people.directory import Directory
from registrations.people.person import fold
from registrations.people.registration import Registration
from registrations.people.searches import Chosen

SEARCHES = [
    ("alike",),
    ("alike", "b"),
    ("b", "alike"),
    ("number", "a"),
    ("example",),
    ("zoe",),
    ("none",),
    ("org", "o"),
]


def searches(people: Directory) -> list[list[int]]:
    """More than are kept, whether their words may be in an address or not, and each twice."""
    of_each = [(words, by_email) for words in SEARCHES for by_email in (True, False)]
    return [
        people.ids(people.places(Chosen(), words, by_email=by_email)) for words, by_email in [*of_each, *of_each[::-1]]
    ]


async def as_searched_here(event: Event) -> list[list[int]]:
    rows = await Registration.filter(event_id=event.id).order_by("id")
    rows.sort(key=lambda row: fold(f"{row.full_name} {row.email} {row.organisation}"))
    made = []
    for words in SEARCHES:
        for by_email in (True, False):
            texts = {row.id: [fold(row.full_name), fold(row.organisation)] for row in rows if row.full_name}
            texts = {row.id: [*texts[row.id], fold(row.email) * by_email] for row in rows if row.id in texts}
            made.append(
                [id_ for id_, text in texts.items() if all(any(word in part for part in text) for word in words)]
            )
    return [*made, *made[::-1]]


async def found(event: Event, *words: str, by_email: bool = True) -> list[int]:
    people = await directory.of(event.id)
    return people.ids(people.places(Chosen(), words, by_email=by_email))
