"""Every page there is carries the headers that guard it, whatever it answers (SE-10)."""

import httpx2
import pytest

from events.ground import live
from events.ground.database import Database
from events.web.routing import ANYONE
from registrations.desk.mailings.mailing_pages import PICTURE_CSP
from tests.browser import browsing
from tests.hostile.gateway import PARAMETER, ROUTES, Filled, filled

ALWAYS = {
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
}
GUARDED = ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'")
FOR_SEARCH_ENGINES = {"/", "/e/{slug}"}
PICTURES_OF_EMAILS = {
    "/desk/{event}/emails/to-many/{template}/picture",
    "/desk/{event}/emails/announcements/{id:int}/picture",
}  # which style themselves, run nothing, and stand in our own pages alone
USES_THE_CAMERA = {"/door/", "/door/roll"}


async def answers(database: Database, cookies: dict[str, str], world: Filled) -> dict[str, httpx2.Response]:
    """Each route's answer to a GET, by its path."""
    live.hub().close()
    async with browsing(database) as client:
        client.cookies.update(cookies)
        return {
            route.path: await client.get(PARAMETER.sub(lambda match: world.values.get(match[1], ["x"])[0], route.path))
            for route in ROUTES
        }


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("who", ["anonymous", "everybody"])
async def test_every_page_is_guarded(database: Database, who: str) -> None:
    world = await filled()
    given = await answers(database, getattr(world, who), world)
    for path, answer in given.items():
        policy = answer.headers["content-security-policy"]
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS, path
        referrer = "no-referrer" if "{token}" in path or "/invited/{code}" in path else "same-origin"
        assert answer.headers["referrer-policy"] == referrer, path
        if path in PICTURES_OF_EMAILS and answer.status_code == 200:
            assert policy == PICTURE_CSP, path
        else:
            assert [directive for directive in GUARDED if directive not in policy] == [], path
            assert "unsafe-inline" not in policy, path
        assert ("wasm-unsafe-eval" in policy) == (path in USES_THE_CAMERA), path
        assert ("camera=()" in answer.headers["permissions-policy"]) == (path not in USES_THE_CAMERA), path
        assert answer.headers["x-robots-tag"].startswith("noindex") or path in FOR_SEARCH_ENGINES, path
    kept = {path for path, answer in given.items() if answer.headers["cache-control"] != "no-store"}
    public = {route.path for route in ROUTES if getattr(route, "who", None) is ANYONE}
    assert kept <= public
