"""Nobody learns from a log who comes, where to, or how to get in: a story is told, and what is printed read (SG-05)."""

import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import Response

from events.accounts import staff_emails
from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.mail import mailer
from events.mail.outbox import Message
from events.web.routing import ANYONE, page
from registrations.people.registration import Registration
from registrations.phones import pairing
from registrations.phones.door import Door, PassRole
from registrations.tickets import request_emails
from registrations.tickets.ticket import Ticket, code_of, proof_of
from tests.at_the_door import scan_id
from tests.browser import browsing
from tests.conftest import SETTINGS
from tests.mail_reading import OWN, text_of
from tests.people import PASSWORD, THE_DAY, VENUE_CANARY, Person, a_door, joined, request_of
from tests.people import code_of as totp_of
from tests.professional import ask
from tests.smtp_sink import Sink, smtp_sink

WRITERS = staff_emails.WRITERS | request_emails.WRITERS


class Story:
    """What everybody did, and every word in it that no log may hold."""

    def __init__(self, database: Database, event: Event, relay: Sink) -> None:
        self.database, self.event, self.relay = database, event, relay
        self.secrets: set[str] = {VENUE_CANARY}

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[httpx2.AsyncClient]:
        async with browsing(self.database, extra=[page("/stumble/{token}", stumble, who=ANYONE)]) as client:
            yield client
            self.secrets |= {cookie.value or "" for cookie in client.cookies.jar}

    async def email_goes_out(self) -> list[str]:
        """The paths of the links in the newest email."""
        await mailer.send_due(WRITERS, SETTINGS.model_copy(update={"smtp_port": self.relay.port}))
        email: EmailMessage = self.relay.caught[-1].email
        paths = ["/" + link.removeprefix(OWN) for link in re.findall(rf"{OWN}\S+", text_of(email))]
        self.secrets |= {path.rsplit("/", 1)[1] for path in paths} | {email["Message-ID"]}
        return paths

    async def asks_for_a_place(self, person: Person) -> None:
        self.secrets |= {person.name, person.email, person.organisation, person.role, person.phone}
        async with self.browser() as client:
            assert (await ask(client, self.event, person)).status_code == 303
            [confirm] = [path for path in await self.email_goes_out() if path.startswith("/confirm/")]
            assert (await client.get(confirm)).status_code == 200
            assert (await client.post(confirm, data={"asked": "yes"})).status_code in {200, 303}

    async def is_found_and_approved(self, person: Person, by: Staff) -> Ticket:
        self.secrets |= {by.full_name, by.email, PASSWORD}
        row = await request_of(person.email)
        async with self.browser() as client:
            half = await client.post("/staff/sign-in", data={"email": by.email, "password": PASSWORD})
            await client.post(half.headers["location"], data={"code": totp_of(by, clock.real())})
            desk = f"/desk/{self.event.slug}/people"
            found = await client.post(f"{desk}/search", data={"text": person.name})
            assert person.name in (await client.get(found.headers["location"])).text
            assert (await client.get(f"{desk}/{row.id}")).status_code == 200
            decided = await client.post(
                f"{desk}/{row.id}/decide", data={"decision": "approve", "seen": row.state.value}
            )
            assert decided.status_code == 303
        ticket = await Ticket.get(registration=row)
        proof = base64.urlsafe_b64encode(proof_of(self.event, ticket.n)).decode().rstrip("=")
        self.secrets |= {ticket.reference, code_of(self.event, ticket.n), proof}
        return ticket

    async def looks_at_the_ticket(self) -> None:
        async with self.browser() as client:
            for path in await self.email_goes_out():
                assert (await client.get(path)).status_code == 200

    async def is_let_in(self, ticket: Ticket, door: Door, by: Staff) -> None:
        made = await pairing.make_pass(door, "Main door 1", PassRole.STEWARD, by, clock.now(), clock.real())
        self.secrets |= {made.secret, made.typed}
        proof = base64.urlsafe_b64encode(proof_of(self.event, ticket.n)).decode().rstrip("=")
        scan = {"id": scan_id(), "kind": "in", "proof": proof, "age": 0.1}
        async with self.browser() as phone:
            await phone.post("/door/api/pair", json={"code": "not" + made.secret})
            assert (await phone.post("/door/api/pair", json={"code": made.secret})).status_code == 200
            said = (await phone.post("/door/api/scans", json={"scans": [scan]})).json()
            assert said["answers"][0]["verdict"] == "ok"
            await phone.post("/door/api/reference", json={"reference": ticket.reference})
            await phone.post("/door/api/reference", json={"reference": "222-222"})

    async def all_goes_wrong(self, person: Person) -> None:
        """A page that fails, links that are none, a forged form, a relay that quotes whom it refuses."""
        token = next(secret for secret in self.secrets if re.fullmatch("[a-z2-7]{42}", secret))
        async with self.browser() as client:
            assert (await client.get(f"/stumble/{token}?{person.email}")).status_code == 500
            assert (await client.get(f"/nowhere/{token}")).status_code == 404
            assert (await client.get(f"/confirm/{token}x")).status_code == 404
            forged = await client.post(f"/confirm/{token}", headers={"sec-fetch-site": "cross-site"})
            assert forged.status_code == 403
        await Message.all().update(state="queued", next_try_at=clock.real(), done_at=None)
        self.relay.always_says("RCPT", f"550 5.1.1 <{person.email}>: {person.name} unknown here")
        await mailer.send_due(WRITERS, SETTINGS.model_copy(update={"smtp_port": self.relay.port}))


async def stumble(request: Request) -> Response:
    """As the database says it: with the row in it."""
    row = await Registration.all().first()
    assert row is not None
    row.id = None  # type: ignore[assignment]
    await row.save(force_create=True)
    raise AssertionError("the second live request of an address was taken")


def leaks(text: str, secrets: set[str]) -> list[str]:
    return sorted(secret for secret in secrets if secret and secret.lower() in text.lower())


async def test_nothing_that_is_printed_tells_who_comes_or_how_to_get_in(
    database: Database, event: Event, cleo: Person, omar: Staff, printed: pytest.CaptureFixture[str]
) -> None:
    await joined(omar)
    guest = Person(cleo.name, cleo.email, cleo.organisation, cleo.kind, cleo.role, phone="07700 900982")
    async with smtp_sink() as relay:
        story = Story(database, event, relay)
        await story.asks_for_a_place(guest)
        ticket = await story.is_found_and_approved(guest, omar)
        await story.looks_at_the_ticket()
        clock.move_to(THE_DAY)
        await story.is_let_in(ticket, await a_door(event), omar)
        await story.all_goes_wrong(guest)
    out, err = printed.readouterr()
    assert leaks(out + err, story.secrets) == []
    assert "[removed]" not in out, "nothing had to be caught by the last net"
    for told in ("IntegrityError", "email not taken", "foreign form refused", '"status": 500', "door_pages.scans"):
        assert told in out, "what went on is told"
    assert len(story.secrets - {""}) > 20
    assert leaks(f"{out} planted: {guest.email.upper()}", story.secrets) == [guest.email], "the search has to work"
