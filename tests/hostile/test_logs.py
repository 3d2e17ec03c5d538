"""What goes wrong tells no log who comes or how to get in (SG-05). A day on which all goes well: `test_thief`."""

import pytest
from starlette.requests import Request
from starlette.responses import Response

from events.event import Event
from events.ground.database import Database
from events.mail import mailer
from events.web.routing import ANYONE, page
from registrations.people.registration import Registration
from registrations.tickets.request_emails import WRITERS
from tests.browser import browsing
from tests.conftest import SETTINGS
from tests.people import Person, link_of, request_of
from tests.professional import ask
from tests.smtp_sink import smtp_sink


async def stumble(request: Request) -> Response:
    """As the database says it: with the row in it."""
    row = await Registration.all().first()
    assert row is not None
    row.id = None  # type: ignore[assignment]
    await row.save(force_create=True)
    raise AssertionError("the second live request of an address was taken")


def leaks(text: str, secrets: set[str]) -> list[str]:
    return sorted(secret for secret in secrets if secret.lower() in text.lower())


async def test_nothing_that_goes_wrong_tells_who_comes_or_how_to_get_in(
    database: Database, event: Event, cleo: Person, printed: pytest.CaptureFixture[str]
) -> None:
    """A page that fails, links and a code that are none, a forged form, a relay that quotes whom it refuses."""
    async with browsing(database, extra=[page("/stumble/{token}", stumble, who=ANYONE)]) as client:
        assert (await ask(client, event, cleo)).status_code == 303
        link = await link_of(await request_of(cleo.email))
        token = link.link.rpartition("/")[2]
        assert (await client.get(f"/stumble/{token}?{cleo.email}")).status_code == 500
        assert (await client.get(f"/nowhere/{token}")).status_code == 404
        assert (await client.get(f"/confirm/{token}x")).status_code == 404
        forged = await client.post(f"/confirm/{token}", headers={"sec-fetch-site": "cross-site"})
        assert forged.status_code == 403
        await client.post("/door/api/pair", json={"code": f"not{token}"})
        cookies = {cookie.value or "" for cookie in client.cookies.jar} - {""}
    async with smtp_sink() as relay:
        relay.always_says("RCPT", f"550 5.1.1 <{cleo.email}>: {cleo.name} unknown here")
        await mailer.send_due(WRITERS, SETTINGS.model_copy(update={"smtp_port": relay.port}))
    out, err = printed.readouterr()
    secrets = {cleo.name, cleo.email, cleo.organisation, cleo.role, token} | cookies
    assert leaks(out + err, secrets) == []
    assert "[removed]" not in out, "nothing had to be caught by the last net"
    for told in ("IntegrityError", "email not taken", "foreign form refused", '"status": 500', "door_pages.pair"):
        assert told in out, "what went on is told"
    assert leaks(f"{out} planted: {cleo.email.upper()}", secrets) == [cleo.email], "the search has to work"
