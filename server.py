"""Composition only: settings, app, routes, middleware, lifespan, the modules that hold models, and the click group."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import click
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp
from tortoise.exceptions import DoesNotExist

from events import (
    account_pages,
    audit_pages,
    auditing,
    clock,
    doctor,
    event_pages,
    health_pages,
    keys,
    live,
    logs,
    mailer,
    pages,
    serving,
    settings,
    staff_letters,
    staff_pages,
)
from events import commands as events_commands
from events.database import Database
from events.mailbox import Mailbox
from events.middleware import RequestLog, SameOriginOnly, SecurityHeaders
from events.refusal import Refused
from registrations import (
    board_pages,
    confirm_pages,
    conflict_pages,
    desk_pages,
    door_pages,
    event_desk_pages,
    letters,
    mail_pages,
    manage_pages,
    organisations_pages,
    people_pages,
    person_pages,
    phone_pages,
    register_pages,
    rehearsal_pages,
    rehearsing,
    requests_pages,
    retention,
)
from registrations import commands as registrations_commands

MODELS = {
    "events": (
        "events.limits",
        "events.audit",
        "events.outbox",
        "events.event",
        "events.known_organisation",
        "events.staff",
    ),
    "registrations": (
        "registrations.registration",
        "registrations.draft",
        "registrations.ticket",
        "registrations.door",
        "registrations.scan",
        "registrations.conflict",
    ),
}
PAGES = (
    health_pages,
    event_pages,
    register_pages,
    confirm_pages,
    manage_pages,
    staff_pages,
    account_pages,
    audit_pages,
    desk_pages,
    requests_pages,
    people_pages,
    person_pages,
    event_desk_pages,
    mail_pages,
    organisations_pages,
    board_pages,
    conflict_pages,
    phone_pages,
    door_pages,
)
TORTOISE = Database("sqlite://:memory:", MODELS).config()  # what `tortoise -c server.TORTOISE makemigrations` reads
ROOT = Path(__file__).parent
MAX_BODY = 64 * 1024
T = TypeVar("T")

Turn = Callable[[asyncio.Event], Coroutine[Any, Any, None]]


def all_routes() -> list[BaseRoute]:
    """Every page of the live product. The rehearsal adds its own, which are not mounted here."""
    return [*(route for pages_of_one_subject in PAGES for route in pages_of_one_subject.routes), *statics()]


def statics() -> list[BaseRoute]:
    static = Mount("/static", StaticFiles(directory=ROOT / "templates" / "static"), name="static")
    static.who = pages.ANYONE  # type: ignore[attr-defined]
    return [static]


def turns(database: Database) -> list[Turn]:
    """What runs beside the pages for as long as the server does: each is handed the event that ends it."""
    writers = staff_letters.WRITERS | letters.WRITERS
    return [
        partial(live.listen, database),
        partial(mailer.run, writers, settings.current()),
        auditing.run,
        retention.run,
    ]


def make_app(
    database: Database,
    *,
    extra: Sequence[BaseRoute] = (),
    working: Sequence[Turn] = (),
    first: Callable[[], Awaitable[None]] | None = None,
) -> ASGIApp:
    """The whole product as one ASGI app. Its lifespan awaits `first`, then runs the `working` turns."""
    chosen = settings.current()
    app = Starlette(
        routes=[*extra, *all_routes()],
        lifespan=lifespan(database, working, first),
        max_body_size=MAX_BODY,
        exception_handlers={
            Refused: pages.refused,
            DoesNotExist: pages.not_found,
            HTTPException: pages.not_found,
            Exception: pages.failed,
        },
    )
    app.state.database = database
    app.router.redirect_slashes = False  # it would send people to whatever Host they were led to name
    guarded = SameOriginOnly(app, origins=[chosen.base_url])
    return SecurityHeaders(RequestLog(guarded), secure=chosen.secure)


def lifespan(
    database: Database, working: Sequence[Turn], first: Callable[[], Awaitable[None]] | None
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def around(app: Starlette) -> AsyncIterator[None]:
        await database.migrate()
        hub = live.start_anew()
        stop = asyncio.Event()
        async with database.opened():
            if first is not None:
                await first()
            tasks = [asyncio.create_task(turn(stop)) for turn in working]
            with serving.on_exit_signal(hub.close):
                yield
            stop.set()
            hub.close()
            await asyncio.gather(*tasks, return_exceptions=True)

    return around


@dataclass(frozen=True)
class Product:
    """What a command gets as click's object: where the database is, and a way to run a verb on it."""

    database: Database

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Migrates and opens the database, runs the verb, closes it."""

        async def opened() -> T:
            await self.database.migrate()
            async with self.database.opened():
                return await work()

        return asyncio.run(opened())


def load_keys() -> None:
    chosen = settings.current()
    keys.install(keys.load(chosen.key.get_secret_value(), chosen.key_file))


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """Muster: places, tickets and the door for one event. Without a word it opens the rehearsal."""
    context.obj = Product(Database(settings.current().database_url, MODELS))
    if context.invoked_subcommand is None:
        context.invoke(rehearse, port=None, at=rehearsal_pages.START)


@main.command()
@click.option("--port", type=int, help="The port to listen on (8415, or MUSTER_PORT).")
@click.pass_obj
def serve(product: Product, port: int | None) -> None:
    """Runs the live product."""
    chosen = settings.current()
    if missing := lacking(product):
        raise click.ClickException(
            "Muster cannot start. It still needs:\n" + "\n".join(f"  - {one}" for one in missing)
        )
    logs.set_up(live=True)
    serving.listen(make_app(product.database, working=turns(product.database)), chosen.host, port or chosen.port)


def lacking(product: Product) -> list[str]:
    """What `serve` cannot do without, one sentence each."""
    missing = settings.current().missing()
    try:
        load_keys()
    except keys.KeyMissing as error:
        return [*missing, str(error)]
    try:
        return missing or product.run(health_pages.unknown_keys)
    except Exception as error:  # whatever the driver raises; its text may hold what stands in the setting
        return [f"a database that answers: look at MUSTER_DATABASE_URL ({type(error).__name__})"]


@main.command()
@click.option("--port", type=int, help="The port to listen on (8415, or MUSTER_PORT).")
@click.option("--at", default=rehearsal_pages.START, show_default=True, help="When it begins, by a clock at the venue.")
def rehearse(port: int | None, at: str) -> None:
    """Opens the whole event with invented people: nothing leaves this computer, and the clock can be moved."""
    port = port or settings.current().port
    if serving.is_taken(port):
        raise click.ClickException(f"Port {port} is taken. Stop what listens there, or choose another: --port 8416")
    logs.set_up(live=False, level=logging.WARNING)
    mailbox = Mailbox(clock.now)
    mailbox.open()
    settings.choose(rehearsing.settings_for(port, mailbox.port, ROOT / "var" / f"rehearsal-{port}"))
    keys.install(keys.Keyring([keys.new_key()]))
    clock.move_to(rehearsal_pages.moment_of(at))
    rehearsal = rehearsal_pages.Rehearsal(mailbox, rehearsing.SLUG, click.echo)
    pages.BANNER.facts = rehearsal.banner

    async def first() -> None:
        await rehearsing.fill(clock.now())
        click.echo(rehearsal.welcome(settings.current().base_url))

    database = Database(settings.current().database_url, MODELS)
    try:
        serving.listen(
            make_app(database, extra=rehearsal.routes(), working=turns(database), first=first), "127.0.0.1", port
        )
    finally:
        mailbox.close()


WORDS = {"ignore_unknown_options": True}


@main.command(context_settings=WORDS)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def test(words: tuple[str, ...]) -> None:
    """Runs every test that this machine can run; with words, pytest alone on these."""
    sys.exit(import_module("tests.run_all").main(words))


@main.command()
def fmt() -> None:
    """Formats the code and mends what can be mended."""
    sys.exit(import_module("tests.run_all").tidy())


@main.command(context_settings=WORDS)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def bench(words: tuple[str, ...]) -> None:
    """Measures speed, as ratios inside one run."""
    sys.exit(import_module("tests.bench.run_all").main(words))


for command in (doctor.doctor, *events_commands.commands, *registrations_commands.commands):
    main.add_command(command)

if __name__ == "__main__":
    main(prog_name="./run")
