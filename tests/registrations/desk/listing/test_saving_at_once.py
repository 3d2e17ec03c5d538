"""As many filters as there may be, and none more, whoever saves at the same moment."""

import asyncio

import pytest

from events.accounts.staff import Staff
from events.event import Event
from registrations.desk.listing import saving
from registrations.desk.listing.saved_filter import Listed, SavedFilter
from tests.people import MONDAY


async def test_of_many_who_save_at_once_as_many_are_kept_as_there_may_be(
    event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "MOST", 3)
    acts = [saving.keep(event, Listed.PEOPLE, f"Filter {n}", "", omar, MONDAY, shared=True) for n in range(12)]
    answers = await asyncio.gather(*acts, return_exceptions=True)
    assert sorted(str(answer) for answer in answers if answer is not None) == [saving.TOO_MANY] * 9
    assert await SavedFilter.all().count() == 3
