"""Many people ask at once, from networks that others ask from too: nobody waits for anybody for ever."""

from asyncio import Event as Signal
from asyncio import gather, sleep
from typing import Any

import pytest

from events.event import Event
from events.ground import source
from events.ground.database import query, run_tx
from events.ground.refusal import Refused
from registrations.asking import registering
from registrations.asking.registering import Asked, First, Submission
from registrations.people.registration import Registration
from tests.people import MONDAY, someone
from tests.professional import told_by

HERE, THERE = "192.0.2.1", "192.0.2.2"
ask_all, begin_all = run_tx(registering._ask_all), run_tx(registering._begin_all)


def from_each(event: Event, *networks: str) -> list[Submission]:
    return [
        Submission(event, told_by(someone()), MONDAY, MONDAY, None, network, source.hashed()) for network in networks
    ]


def first_answers(event: Event, *networks: str) -> list[First]:
    return [First(event, {"full_name": "Asker"}, network, MONDAY) for network in networks]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # SQLite has one transaction at a time
async def test_two_writers_with_requests_from_the_same_networks_both_end(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first has counted one network when the second comes, which begins with the other."""
    counted, ask = Signal(), registering._ask

    async def then_the_other_waits(submission: Submission) -> Asked | Refused | None:
        refused, is_first = await ask(submission), not counted.is_set()
        counted.set()
        while is_first and not await query("SELECT 1 FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
            await sleep(0.01)
        return refused

    monkeypatch.setattr(registering, "_ask", then_the_other_waits)

    async def second() -> list[Refused | None]:
        await counted.wait()
        return await ask_all(from_each(event, THERE, HERE))

    answers = await gather(ask_all(from_each(event, HERE, THERE)), second())
    assert [refused for refusals in answers for refused in refusals] == [None] * 4
    assert await Registration.all().count() == 4


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_those_who_begin_and_those_who_ask_from_the_same_networks_both_end(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, begin = Signal(), registering._begin

    async def then_the_other_waits(*first: Any) -> str | Refused:
        token, is_first = await begin(*first), not counted.is_set()
        counted.set()
        while is_first and not await query("SELECT 1 FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
            await sleep(0.01)
        return token

    monkeypatch.setattr(registering, "_begin", then_the_other_waits)

    async def second() -> list[Refused | None]:
        await counted.wait()
        return await ask_all(from_each(event, THERE, HERE))

    tokens, refused = await gather(begin_all(first_answers(event, HERE, THERE)), second())
    assert [type(token) for token in tokens] == [str, str]
    assert refused == [None, None]
