"""What organisers would do better next time: as many notes as there may be, and none more, whoever writes at once."""

import asyncio

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.refusal import Refused
from registrations.reporting import learning
from tests.people import MONDAY


async def test_of_many_who_write_at_once_as_many_are_kept_as_there_may_be(
    event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "MOST", 3)
    writes = [learning.write(event, f"Note {n}", omar, MONDAY) for n in range(12)]
    answers = await asyncio.gather(*writes, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [str(answer) for answer in refused] == [learning.TOO_MANY] * 9
    assert all(isinstance(answer, Refused) for answer in refused)
    assert len(await learning.lessons(event)) == 3
