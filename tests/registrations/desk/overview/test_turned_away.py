"""What one network tries too often without an account is counted, and organisers see on the overview what it was.

Rules: SE-04.
"""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from events.accounts import password_requests, sign_in_tries
from events.accounts.sign_in_tries import Caller
from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock, limits
from events.ground.database import Database
from events.ground.limits import Attempt, Tried
from events.ground.refusal import Refused
from registrations.asking import inviting, lost_links, registering
from registrations.certificates import checking
from registrations.desk.overview.standing import MANY
from registrations.phones import pairing
from registrations.privacy.cases import complaints
from registrations.privacy.cases.complaints import Written
from tests.at_the_desk import desk
from tests.browser import browsing, words
from tests.people import MONDAY, someone
from tests.professional import told_by

Try = Callable[[Event, str], Awaitable[object]]


async def asks_for_a_password(_: Event, network: str) -> None:
    await password_requests.put("ada@example.org", Caller(network), MONDAY, clock.real())
    password_requests.waiting().clear()


async def signs_in(_: Event, network: str) -> None:
    await sign_in_tries.count_password(None, "ada@example.org", Caller(network), MONDAY, clock.real())


async def complains(event: Event, network: str) -> None:
    written = Written("Ada", "ada@example.org", f"Words {clock.real().timestamp()}")
    await complaints.make(event, written, network, MONDAY, clock.real())


async def asks(event: Event, network: str) -> None:
    await registering.ask(event, told_by(someone()), MONDAY, clock.real(), network=network)


async def loses_a_link(event: Event, network: str) -> None:
    await lost_links.send(event, "ada@example.org", network, MONDAY, clock.real())


TRIES: Sequence[tuple[Tried, Try]] = (
    (Tried.SIGN_IN, signs_in),
    (Tried.RESET, asks_for_a_password),
    (Tried.ASK, asks),
    (Tried.ASK, loses_a_link),
    (Tried.ASK, lambda _, network: registering.slow_down(network, clock.real())),
    (Tried.CODE, lambda event, network: inviting.look_up(event, "x", network, MONDAY, clock.real())),
    (Tried.CERTIFICATE, lambda _, network: checking.is_valid("x", network, clock.real())),
    (Tried.COMPLAINT, complains),
    (Tried.PAIRING, lambda _, network: pairing.pair("x", network, MONDAY, clock.real())),
)


async def flood(event: Event, does: Try, turned_away: int) -> None:
    """Until so many are turned away, from two networks in turn."""
    networks = ["192.0.2.1", "198.51.100.1"]
    while turned_away:
        networks.reverse()
        try:
            await does(event, networks[0])
        except Refused as refused:
            turned_away -= refused.status == 429


@pytest.fixture(autouse=True)
def few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a flood is short: where a limit is of one network, one try."""
    for name in ("SIGN_INS", "SIGN_INS_FROM_NETWORK", "ASKS_FROM_NETWORK", "PAIRINGS", "COMPLAINTS_FROM_NETWORK"):
        monkeypatch.setattr(limits, name, getattr(limits, name)._replace(tries=1))
    for module, name in ((password_requests, "FROM_NETWORK"), (inviting, "WRONG_CODES"), (checking, "CHECKS")):
        monkeypatch.setattr(module, name, getattr(module, name)._replace(tries=1))


def test_each_that_is_counted_is_tried_here() -> None:
    assert {what for what, _ in TRIES} == set(Tried)


@pytest.mark.parametrize(("what", "does"), TRIES)
async def test_what_is_turned_away_stands_on_the_overview_once_it_is_much(
    database: Database, event: Event, omar: Staff, what: Tried, does: Try
) -> None:
    async def overview() -> str:
        return words((await client.get(desk(event, "overview"))).text)

    async with browsing(database, omar) as client:
        await flood(event, does, MANY - 1)
        assert "turned away" not in await overview(), "people mistype"
        rows = await Attempt.all().count()
        await flood(event, does, MANY)
        assert await Attempt.all().count() == rows, "a flood keeps no row more"
        assert f"In the last hour these were turned away: {2 * MANY - 1} {what}." in await overview()


async def test_after_an_hour_it_fades(database: Database, event: Event) -> None:
    await flood(event, asks, MANY)
    real = clock.real()
    assert await limits.turned_away(real) == {Tried.ASK: MANY}
    assert (await limits.turned_away(real + 2 * limits.TURNED_AWAY[Tried.ASK].within)).get(Tried.ASK, 0) == 0
