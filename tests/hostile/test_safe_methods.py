"""GET, HEAD and OPTIONS change nothing, on any route there is and whoever asks: gateways follow every link (SE-03)."""

import pytest

from events.accounts import reading
from events.accounts.staff import RoleName
from events.event import Event
from events.ground import live
from events.ground.database import Database
from events.ground.tokens import Purpose
from registrations.people.registration import Registration
from tests.browser import browsing
from tests.hostile.gateway import ROUTES, Crawler, Filled, changed, everything, filled, with_roles
from tests.professional import path_to

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


async def walked(
    database: Database, cookies: dict[str, str], world: Filled, *, under: str = "/", most: int = 6
) -> Crawler:
    live.hub().close()  # streams of events end after their first line
    async with browsing(database) as client:
        for name, value in cookies.items():
            client.cookies.set(name, value, domain="places.example.org", path="/")
        crawler = Crawler(client, world.values, under=under, most=most)
        await crawler.walk()
    return crawler


@pytest.mark.sweep
@SQLITE
async def test_asking_for_every_page_there_is_changes_nothing_whoever_asks(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that nobody gets to see would prove nothing: give the crawler a value for what stands in its braces."""
    monkeypatch.setattr(reading, "PEOPLE", reading.PEOPLE._replace(tries=1000))  # whoever reads so much is told of
    world = await filled()
    walks = [await walked(database, world.anonymous, world, most=19)]
    walks += [await walked(database, world.everybody, world)]
    walks += [await walked(database, jar, world, under="/staff") for jar in (world.half_signed_in, world.setting_up)]
    walks += [await walked(database, world.marshal, world, under="/door")]
    jars = await with_roles(await Event.get(), RoleName.ACCESS, RoleName.CATERER, RoleName.BADGES)
    walks += [await walked(database, jar, world, under="/desk") for jar in jars]
    assert set().union(*(walk.culprits for walk in walks)) == set()
    shown = {route.path for route in ROUTES if "GET" in (route.methods or set())}
    assert shown - set().union(*(walk.opened for walk in walks)) == set()


@SQLITE
async def test_pressing_the_button_on_such_a_page_does_change_something(database: Database) -> None:
    await filled()
    waiting = await Registration.get(state="requested")
    before = await everything()
    async with browsing(database) as client:
        await client.get(path_to(waiting, Purpose.CONFIRM), params={"asked": "yes"})
        assert changed(before, await everything()) == set()
        await client.post(path_to(waiting, Purpose.CONFIRM), data={"asked": "yes"})
    assert changed(before, await everything()) == {"registration", "link_answers", "event"}, "which counts the changes"
