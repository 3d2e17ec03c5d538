"""Many people ask at once, from networks that others ask from too: nobody waits for anybody for ever."""

from asyncio import Event as Signal
from asyncio import gather, sleep
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import limits, source
from events.ground.database import query, run_tx
from registrations.asking import by_telephone, made_or_found, registering
from registrations.asking.registering import First, Submission
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import Registration
from tests.people import MONDAY, someone
from tests.professional import told_by

HERE = "192.0.2.1"
ask_all, begin_all = run_tx(registering._ask_all), run_tx(registering._begin_all)


def first_answers(event: Event, *networks: str) -> list[First]:
    return [First(event, {"full_name": "Asker"}, network, MONDAY) for network in networks]


async def test_many_transactions_with_the_same_people_and_networks_in_any_order_all_end(event: Event) -> None:
    """Each holds rows of all of them: of limits, and of requests that there are."""
    people, drawn = [told_by(someone()) for _ in range(8)], Random(1)  # noqa: S311
    networks = [f"192.0.2.{n}" for n in range(8)]
    asked = [
        [
            Submission(event, answers, MONDAY, MONDAY, None, network, source.hashed())
            for answers, network in zip(drawn.sample(people, 8), drawn.sample(networks, 8), strict=True)
        ]
        for _ in range(6)
    ]
    begun = [first_answers(event, *drawn.sample(networks, 8)) for _ in range(6)]
    lates, tokens = await gather(gather(*map(ask_all, asked)), gather(*map(begin_all, begun)))
    assert {type(late) for of_them in lates for late in of_them} == {timedelta}, "nobody is refused"
    assert {type(token) for of_them in tokens for token in of_them} == {str}
    assert await Registration.all().count() == 8
    left = [await limits.left(limits.ASKS_FROM_NETWORK, network, MONDAY) for network in networks]
    assert left == [limits.ASKS_FROM_NETWORK.tries - 12] * 8


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # SQLite has one transaction at a time
async def test_whoever_asks_and_an_organiser_who_types_what_they_say_both_end(
    event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The organiser holds the request, and then counts; whoever asks has counted before they come to the request."""
    person = someone()
    await registering.ask(event, told_by(person), MONDAY, MONDAY)
    held, one_live = Signal(), made_or_found.one_live

    async def then_the_other_waits(*given: Any) -> Any:
        found = await one_live(*given)
        held.set()
        while not await query("SELECT 1 FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
            await sleep(0.01)
        return found

    monkeypatch.setattr(made_or_found, "one_live", then_the_other_waits)

    async def second() -> None:
        await held.wait()
        await registering.ask(event, told_by(person), MONDAY, MONDAY, network=HERE)

    await gather(by_telephone.take(event, told_by(person), omar, MONDAY, MONDAY), second())
    assert await LinkAnswers.all().count() == 3
