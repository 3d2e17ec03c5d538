"""The product in a process of its own, with tickets to scan and drafts to submit, for the bench to load.

python -m tests.bench.house DATABASE_URL TICKETS DRAFTS [RELAY_PORT] FACTS_FILE     the product
python -m tests.bench.house bare FACTS_FILE     the yardstick: Starlette, JSON in, JSON out
"""

import base64
import json
import socket
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from events.event import Event
from events.ground import clock, data_keys, keys, logs, settings
from events.ground.database import Database
from events.mail import mailer
from events.web import serving
from events.web.connections import MOST, Crowd, listeners
from events.web.cookies import Cookie
from registrations import all_emails
from registrations.asking import drafting
from registrations.asking.register_pages import DRAFT
from registrations.codes.ticket_code import REFERENCE_ALPHABET
from registrations.door.guards import PASS
from registrations.people.person import Person
from registrations.people.registration import OrganisationKind, Registration, State
from registrations.tickets.ticket import Ticket, code_of, hash_of_proof, hash_of_reference, proof_of, seal_reference
from server import MODELS, make_app
from tests.bench.backdoor import Backdoor, one_more_phone
from tests.people import MONDAY, THE_DAY, a_door, a_member_of_staff, an_event, sealed_columns

CODES = 400  # that are held before a camera


CROWD = Crowd(MOST)


def listening() -> socket.socket:
    [listener] = listeners("127.0.0.1", 0, CROWD)
    listener.listen(256)
    return listener


def serve(app: ASGIApp, listener: socket.socket) -> None:
    """As `./run serve` does it."""
    serving.server_of(app, CROWD).run(sockets=[listener])


async def bare(request: Request) -> Response:
    return JSONResponse(await request.json())


def serve_bare(facts: Path) -> None:
    listener = listening()
    write(facts, port=listener.getsockname()[1])
    serve(Starlette(routes=[Route("/", bare, methods=["POST"])]), listener)


def serve_product(url: str, tickets: int, drafts: int, facts: Path, relay: int = 0) -> None:
    """Without a relay, emails wait."""
    logs.set_up(live=True)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # lines are made as when live, written nowhere
    sends: dict[str, Any] = {"smtp_host": "127.0.0.1", "smtp_port": relay, "smtp_tls": "none"} if relay else {}
    known: dict[str, Any] = {"base_url": "http://127.0.0.1", "trusted_proxy": "127.0.0.1", "key": SecretStr("")}
    settings.choose(settings.Settings(**known, **sends))
    keys.install(keys.Keyring([keys.new_key()]))
    data_keys.install(data_keys.DataKeys())
    clock.move_to(THE_DAY + timedelta(minutes=5))
    database, listener = Database(url, MODELS), listening()

    async def first() -> None:
        write(facts, port=listener.getsockname()[1], **await prepare(tickets, drafts))

    backdoor = Backdoor()
    mailing = [partial(mailer.run, all_emails.writers(), settings.current())] if relay else []
    serve(backdoor.weighing(make_app(database, extra=backdoor.routes, working=mailing, first=first)), listener)


def write(facts: Path, **found: Any) -> None:
    facts.write_text(json.dumps(found))


async def prepare(tickets: int, drafts: int) -> dict[str, Any]:
    """An open event, approved people with tickets, a paired phone, and people one press away from asking."""
    event = await an_event(slug="bench", capacity=tickets + drafts)
    proofs = await issue(event, tickets)
    return {
        "proofs": proofs,
        "codes": [code_of(event, n + 1) for n in range(min(tickets, CODES))],
        "pass": f"{PASS.name}={await paired(event)}",
        "drafts": [f"{DRAFT.name}={await answered(event, n, DRAFT)}" for n in range(drafts)],
    }


def numbered(n: int) -> str:
    return f"Guest {n}"


async def issue(event: Event, count: int, name_of: Callable[[int], str] = numbered) -> list[str]:
    people = [
        Registration(
            event_id=event.id, kind=OrganisationKind.CHARITY, state=State.APPROVED, requested_at=MONDAY,
            **sealed_columns(event, Person(name_of(n), "", f"guest{n}@example.org", "Example", "Advocate")),
        )
        for n in range(count)
    ]  # fmt: skip
    await Registration.bulk_create(people, batch_size=500)
    ids = await Registration.filter(event_id=event.id).order_by("id").values_list("id", flat=True)
    proofs = [proof_of(event, n + 1) for n in range(count)]
    made = [
        Ticket(
            event_id=event.id, registration_id=registration_id, n=n + 1, proof_hash=hash_of_proof(proofs[n]),
            reference_hash=hash_of_reference(event, reference(n)),
            reference_sealed=seal_reference(event.id, n + 1, reference(n)), issued_at=MONDAY,
        )
        for n, registration_id in enumerate(ids)
    ]  # fmt: skip
    await Ticket.bulk_create(made, batch_size=500)
    await Event.filter(id=event.id).update(next_n=count + 1)
    return [base64.urlsafe_b64encode(proof).decode().rstrip("=") for proof in proofs]


def reference(n: int) -> str:
    letters = "".join(REFERENCE_ALPHABET[n // 30**place % 30] for place in range(6))
    return f"{letters[:3]}-{letters[3:]}"


async def paired(event: Event) -> str:
    lena = await a_member_of_staff("Lena Lead", "lena@hosts.example.org", None, None)
    door = await a_door(event)
    return (await one_more_phone(door, lena)).token


async def answered(event: Event, n: int, cookie: Cookie) -> str:
    answers = {
        "full_name": f"Asker {n}", "badge_name": "", "email": f"asker{n}@example.org", "organisation": "Example",
        "kind": "charity", "role": "Advocate", "phone": "",
    }  # fmt: skip
    return await drafting.keep(event, None, "", answers, clock.real())


if __name__ == "__main__":
    if sys.argv[1] == "bare":
        serve_bare(Path(sys.argv[2]))
    else:
        serve_product(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[-1]), *map(int, sys.argv[4:-1]))
