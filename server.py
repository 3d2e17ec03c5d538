"""Composition only: settings, app, routes, middleware, lifespan, the modules that hold models, and the click group."""

import asyncio
import logging
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import click
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp
from tortoise.exceptions import DoesNotExist

from events import audit_pages, doctor, event_pages, readiness, reads_pages, tool_commands
from events import commands as events_commands
from events import tables as events_tables
from events.accounts import account_pages, foreign_passes, guards, password_requests, sign_in_pages
from events.accounts.passkeys import passkey_pages
from events.accounts.roles import role_offer_pages
from events.audit import audit_seal
from events.backup import backing_up, backup_commands, restoring
from events.content import colour_pages, logo_pages
from events.event import Event
from events.ground import clock, live, logs, presence, settings
from events.ground.database import Database
from events.ground.refusal import Refused
from events.mail import mailer
from events.mail.bounces import addressees, bounce_commands, bounce_turn
from events.mail.domain import domain_check
from events.mail.mailbox import Mailbox
from events.operating import health_pages, running
from events.operating import metrics as operating_metrics
from events.operating.workers import Turn
from events.product import Product, lacking
from events.rotation import key_commands, needs
from events.web import error_pages, rendering, routing, serving
from events.web.middleware import OneHost, RequestLog, SameOriginOnly, SecurityHeaders
from events.web.static_files import OwnFiles
from registrations import all_emails, all_pages
from registrations import commands as registrations_commands
from registrations import tables as registrations_tables
from registrations.bulk import working
from registrations.certificates import issuing
from registrations.deciding import waiting_list
from registrations.desk.on_the_day import door_line
from registrations.door import door_pages, marshal_pages, name_pages, roll_call_pages, walk_in_pages
from registrations.door import guards as door_guards
from registrations.exports import making
from registrations.phones import how_many
from registrations.privacy import key_needs, reminders
from registrations.privacy.retention import deleting
from registrations.privacy.rights import erasing_again, noting, unopened, withdrawing_again
from registrations.rehearsal import in_the_wifi, rehearsal_arrivals, rehearsal_pages, rehearsing, snapshot
from registrations.telling import timed_emails

MODELS = {"events": events_tables.ROOMS, "registrations": registrations_tables.ROOMS}
PAGES = (  # tried in turn: the door first, since at nine in the morning nothing else matters, then whom many look at
    door_pages,
    event_pages,
    name_pages,
    walk_in_pages,
    roll_call_pages,
    marshal_pages,
    health_pages,
    colour_pages,
    logo_pages,
    *all_pages.OF_GUESTS,
    sign_in_pages,
    account_pages,
    role_offer_pages,
    passkey_pages,
    audit_pages,
    reads_pages,
    *all_pages.OF_THE_DESK,
)
TORTOISE = Database("sqlite://:memory:", MODELS).config()  # what `tortoise -c server.TORTOISE makemigrations` reads
ROOT = Path(__file__).parent
MAX_BODY = 64 * 1024


def all_routes() -> list[BaseRoute]:
    """Every page of the live product. The rehearsal adds its own, which are not mounted here."""
    return [*(route for pages_of_one_subject in PAGES for route in pages_of_one_subject.routes), *statics()]


def statics() -> list[BaseRoute]:
    static = Mount("/static", OwnFiles(directory=ROOT / "templates" / "static"), name="static")
    static.who = routing.ANYONE  # type: ignore[attr-defined]
    return [static]


def turns(database: Database) -> list[Turn]:
    """What runs beside the pages while the server does. Each gets the event that ends it."""
    return [
        partial(live.listen, database),
        partial(presence.hold, database, held=readiness.end_if_half_replaced),
        partial(mailer.run, all_emails.writers(), settings.current()),
        partial(bounce_turn.run, settings.current()),
        partial(domain_check.run, settings.current()),
        audit_seal.run,
        password_requests.run,
        deleting.run,
        reminders.run,
        timed_emails.run,
        waiting_list.run,
        making.run,
        working.run,
        issuing.run,
        noting.run,
        partial(backing_up.run, database, settings.current()),
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
            Refused: error_pages.refused,
            DoesNotExist: error_pages.not_found,
            HTTPException: error_pages.not_found,
            ClientDisconnect: error_pages.hung_up,
            Exception: error_pages.failed,
        },
    )
    app.state.database = database
    foreign_passes.FINDERS[:] = [door_guards.device_in]
    guards.ABOVE_DESK.line = door_line.above
    app.router.redirect_slashes = False  # or we would send people to whatever Host they name
    guarded = SameOriginOnly(error_pages.LargeFormsRefused(app), origins=[chosen.base_url])
    answering = SecurityHeaders(RequestLog(OneHost(guarded)), secure=chosen.secure)
    return answering if chosen.metrics_port is None else operating_metrics.Counted(answering)


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
            with serving.on_exit_signal(hub.close), serving.frozen_start():
                yield
            stop.set()
            hub.close()
            await asyncio.gather(*tasks, return_exceptions=True)

    return around


port_option = click.option("--port", type=click.IntRange(1, 65535), help="The port to use (8415, or MUSTER_PORT).")
at_option = click.option(
    "--at",
    type=registrations_commands.Moment(),
    default=rehearsal_pages.START,
    show_default=True,
    help="When it begins, by the venue's clock.",
)
lan_option = click.option(
    "--lan", type=registrations_commands.Address(), is_flag=False, flag_value=in_the_wifi.FIND, default="",
    help="For phones in the same Wi-Fi too, over TLS; by this computer's address there, or the one that is named.",
)  # fmt: skip


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@port_option
@at_option
@click.pass_context
def main(context: click.Context, port: int | None, at: datetime) -> None:
    """Muster: places, tickets and the door for one event. Without a word it opens the rehearsal."""
    if port and context.invoked_subcommand is not None:
        context.fail(
            f"--port comes after the command. Use {context.info_name} {context.invoked_subcommand} --port {port}"
        )
    try:
        chosen = settings.current()
        context.obj = Product(Database(chosen.database_url, MODELS, chosen.database_ca))
    except ValidationError as error:  # names of settings and what is wrong; never what stands in them
        names = [
            f"MUSTER_{'_'.join(map(str, fault['loc'])).upper().removeprefix('MUSTER_')}" for fault in error.errors()
        ]
        wrong = [f"  - {name}: {fault['msg']}" for name, fault in zip(names, error.errors(), strict=True)]
        kind = bounce_commands.Later if context.invoked_subcommand == bounce_commands.NAME else click.ClickException
        raise kind("\n".join(["A setting cannot be right:", *wrong])) from None
    if context.invoked_subcommand is None:
        context.invoke(rehearse, port=port, at=at)


@main.command()
@port_option
@click.pass_obj
def serve(product: Product, port: int | None) -> None:
    """Runs the live product."""
    chosen = settings.current()
    if missing := lacking(product):
        raise click.ClickException(
            "Muster cannot start. It still needs:\n" + "\n".join(f"  - {need}" for need in missing)
        )
    port = port or chosen.port
    refuse_a_taken_port(chosen.host, port)
    if chosen.metrics_port is not None:
        refuse_a_taken_port("127.0.0.1", chosen.metrics_port)
    logs.set_up(live=True, also=[operating_metrics.count_line])
    database = product.database
    running.run(chosen.host, port, lambda more: make_app(database, working=[*turns(database), *more]))


def refuse_a_taken_port(host: str, port: int) -> None:
    if serving.is_taken(host, port):
        raise click.ClickException(f"Port {port} is taken. Stop what listens there, or choose another: --port 8416")


@main.command()
@port_option
@at_option
@lan_option
def rehearse(port: int | None, at: datetime, lan: str) -> None:
    """Opens the whole event with invented people. No email leaves this computer, and the clock can be moved."""
    port = port or settings.current().port
    refuse_a_taken_port(lan or rehearsing.HERE, port)
    logs.set_up(live=False, level=logging.WARNING)
    if not (past := snapshot.place_of(ROOT, at)).is_dir():
        click.echo("Two hundred invented people live through the weeks before (once for each version) ...", err=True)
        snapshot.make(past, MODELS, at)
        snapshot.begin_anew()
    mailbox = Mailbox(clock.now)
    mailbox.open()
    folder = ROOT / "var" / f"rehearsal-{port}"
    settings.choose(rehearsing.settings_for(port, mailbox.port, folder, lan))
    snapshot.copy(past, folder)
    clock.move_to(at)
    rehearsal = rehearsal_pages.Rehearsal(mailbox, rehearsing.SLUG, click.echo)
    rendering.BANNER.facts = rehearsal.banner

    async def first() -> None:
        await rehearsal_arrivals.arrive(await Event.get(slug=rehearsing.SLUG), clock.now(), clock.real())
        await rehearsal.tour.begins()
        click.echo(rehearsal.welcome(settings.current().base_url))

    database = Database(settings.current().database_url, MODELS)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as Ctrl-C does
    try:
        app = make_app(database, extra=rehearsal.routes(), working=turns(database), first=first)
        serving.listen(app, settings.current().host, port)
    finally:
        mailbox.close()
        shutil.rmtree(folder, ignore_errors=True)  # it has what visitors wrote, under keys that lie in the snapshot


addressees.FINDERS |= all_emails.finders()
restoring.DELETIONS[:], restoring.ERASERS[:] = (
    [deleting.turn],
    [erasing_again.erase_again, withdrawing_again.withdraw_again],
)
restoring.LOSSES[:] = [unopened.losses]
needs.OTHERS[:] = key_needs.NEEDS
operating_metrics.MORE[:] = [how_many.numbers]
rooms = (events_commands, registrations_commands, backup_commands, bounce_commands, key_commands, tool_commands, doctor)
for command in [command for room in rooms for command in room.commands]:
    main.add_command(command)

if __name__ == "__main__":
    main(prog_name="./run")
