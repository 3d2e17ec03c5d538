"""The desk opens from the networks that the hosts name, and what is not the desk from everywhere. Rules: SE-17."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import settings
from events.ground.database import Database
from events.web.routing import ELSEWHERE
from tests.browser import browsing, words
from tests.conftest import SETTINGS

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
NETWORKS = "192.0.2.0/24, 2001:db8:7::/48"
HERE = ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8:7:1::5"]
THERE = ["192.0.3.7", "2001:db8:8::5", "", "::1"]


async def statuses(database: Database, event: Event, omar: Staff) -> dict[str, list[int]]:
    """Of the people list, the account, and the public page and the door, by network."""
    found = {}
    for network in [*HERE, *THERE]:
        async with browsing(database, omar, network=network) as client:
            paths = (f"/desk/{event.slug}/people", "/staff/account", "/", "/door/")
            found[network] = [(await client.get(path)).status_code for path in paths]
    return found


async def test_only_the_desk_is_kept_to_the_networks_of_the_hosts(
    database: Database, event: Event, omar: Staff
) -> None:
    assert set(map(tuple, (await statuses(database, event, omar)).values())) == {(200, 200, 200, 200)}
    settings.choose(SETTINGS.model_copy(update={"desk_networks": NETWORKS}))
    opens, shut = [200, 200, 200, 200], [403, 403, 200, 200]
    assert await statuses(database, event, omar) == dict.fromkeys(HERE, opens) | dict.fromkeys(THERE, shut)
    async with browsing(database, omar, network=THERE[0]) as client:
        assert ELSEWHERE in words((await client.post("/staff/sign-in", data={"email": "x"})).text)


async def test_behind_a_proxy_what_the_proxy_says_counts(database: Database, event: Event, omar: Staff) -> None:
    settings.choose(SETTINGS.model_copy(update={"desk_networks": NETWORKS, "trusted_proxy": "127.0.0.1"}))
    found = []
    async with browsing(database, omar) as client:
        for said in (HERE[0], THERE[0], f"{HERE[0]}, {THERE[0]}"):
            answer = await client.get("/staff/account", headers={"x-forwarded-for": said})
            found.append(answer.status_code)
    assert found == [200, 403, 403]
