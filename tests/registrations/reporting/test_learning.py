"""What organisers would do better next time: as many notes as there may be, and none more, whoever writes at once."""

import asyncio

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.refusal import Refused
from registrations.reporting import learning
from tests.people import MONDAY, an_event


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


async def test_a_note_is_taken_out_once_and_by_organisers_of_its_event_alone(event: Event, omar: Staff) -> None:
    note = await learning.write(event, "More signs", omar, MONDAY)
    with pytest.raises(Refused, match=learning.GONE):
        await learning.take_out(await an_event(), note.id, omar, MONDAY)
    assert len(await learning.lessons(event)) == 1
    takes = [learning.take_out(event, note.id, omar, MONDAY) for _ in range(3)]
    answers = await asyncio.gather(*takes, return_exceptions=True)
    assert sorted(str(answer) for answer in answers if isinstance(answer, Refused)) == [learning.GONE] * 2
    assert (await learning.lessons(event), await AuditEntry.filter(action=Action.LESSON_TAKEN_OUT).count()) == ([], 1)
