"""Commands for who installs Muster: the first account, a link when no email can help, keys, and the audit log."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import click

from events.accounts.staff import RoleName, account_of
from events.ground.refusal import Refused
from events.web.forms import EMAIL_WRONG, normal_email

from . import event_file
from .accounts import accounts, password_links
from .accounts.roles import role_check
from .audit import audit_seal, audit_verify, boundary
from .event import Event
from .ground import clock, data_keys, keys, settings
from .product import Product, load_keys, show_nothing

NOT_SEEN = "That nobody put back an older copy of it shows only a head noted elsewhere: audit verify --head"
FROM_ON = " from seal {} on, since what was before it is deleted twelve months after it was done"
DELETED = "Seals {} to {} are not there any more: they were deleted twelve months after what they sealed was done."
DISABLED = "The account with this address is disabled, so nobody can sign in to it. A lead enables it on the desk."
T = TypeVar("T")

event_option = click.option(
    "--event", "slug", default="", help="The event's short name; not needed while there is only one."
)


@click.group()
def staff() -> None:
    """Accounts of the people who run an event."""


def _full_name() -> str:
    """Asked for, unless nobody can answer."""
    try:
        return str(click.prompt("Full name"))
    except click.Abort:
        raise click.UsageError('Nobody can type a name here. Give it: --name "Ada Lovelace"') from None


@staff.command("add")
@click.argument("email")
@click.option("--name", callback=lambda _context, _option, typed: typed or _full_name(), help="As others see it.")
@click.option("--host", default="", help="Which of the hosts they are of.")
@event_option
@click.option(
    "--role", type=click.Choice([role_name.value for role_name in RoleName]), default="lead", show_default=True
)
@click.pass_obj
def add(product: Product, email: str, name: str, host: str, slug: str, role: str) -> None:
    """Adds an account, or gives the role to one that is there. Prints the link by which they choose a password."""
    address = _address(email)

    async def work() -> str:
        event = await find_event(slug)
        known = await account_of(address)
        at, real = clock.now(), clock.real()
        if known is None:
            _known_host(event, host)
            roles = [(event, RoleName(role))] if event else []
            known = await accounts.add(address, name, host, roles, at, real)
        elif known.disabled_at is not None:
            raise Refused(DISABLED)
        elif event is None:
            raise Refused(f"{accounts.HAS_ACCOUNT} Load an event first: then this gives a role for it.")
        else:
            await accounts.give_role(known, event, RoleName(role), by=None, at=at)
        return "" if known.joined_at else await password_links.for_the_terminal(known, at, real)

    def show(link: str) -> None:
        click.echo("They open this link once, within 72 hours:" if link else "They have an account, and the role now.")
        if link:
            click.echo(link)

    _run(product, work, show)


def _known_host(event: Event | None, host: str) -> None:
    """Raises Refused: the desk, where one of them is chosen, would show another as if it were a host."""
    names = [known["name"] for known in event.hosts] if event else []
    if host and names and host not in names:
        raise Refused(f"{host} is none of the event's hosts, which are: {'; '.join(names)}.")


@staff.command("reset-link")
@click.argument("email")
@click.option("--codes", is_flag=True, help="Their authenticator app and recovery codes are lost too.")
@click.pass_obj
def reset_link(product: Product, email: str, codes: bool) -> None:
    """Prints a link for a new password, for when no email can help. Hand it to nobody but the account's owner."""
    address = _address(email)

    async def work() -> str:
        found = await account_of(address, may_sign_in=True)
        if found is None:
            raise Refused("There is no account with this address that may sign in.")
        if codes:
            await accounts.take_codes_away(found, by=None, at=clock.now(), real=clock.real())
        return await password_links.for_the_terminal(found, clock.now(), clock.real())

    _run(product, work, click.echo)


@click.group("audit")
def audit_group() -> None:
    """The audit log: what was done, and whether it is whole."""


def _head(context: click.Context, option: click.Parameter, typed: str | None) -> str | None:
    if typed is None or audit_seal.HEAD.fullmatch(typed.strip()):
        return typed and typed.strip()
    raise click.BadParameter("Enter a head as 'audit head' prints it, like 120-3f9c0a7d51e2b8846c1f.")


@audit_group.command()
@click.option("--head", "noted", callback=_head, help="A head noted earlier: proves that nothing up to it was cut off.")
@click.pass_obj
@click.pass_context
def verify(context: click.Context, product: Product, noted: str | None) -> None:
    """Names every entry that was changed, removed or inserted. Ends with 1 when there is one.

    Without the instance key nobody can hide a change, except by emptying the audit log or restoring an older copy
    of it. Only --head shows that.
    """
    _run(product, lambda: _verified(noted), lambda verified: _show_verified(context, noted, verified))


def _show_verified(context: click.Context, noted: str | None, verified: "Verified") -> None:
    for sentence in [*verified.faults, *filter(None, [verified.of_noted])]:
        click.echo(sentence)
    if verified.faults:
        click.echo(f"{len(verified.faults)} faults." if len(verified.faults) > 1 else "1 fault.")
        context.exit(1)
    begins = FROM_ON.format(verified.begins + 1) if verified.begins else ""
    click.echo(f"The audit log is whole{begins}. Head: {verified.newest or 'nothing is sealed yet'}")
    if noted is None:
        click.echo(NOT_SEEN)


@audit_group.command()
@click.pass_obj
def head(product: Product) -> None:
    """Prints the newest seal. Note it somewhere else."""
    _run(product, audit_seal.head, _show_head)


def _show_head(newest: audit_seal.Head | None) -> None:
    if newest is None:
        raise click.ClickException("Nothing is sealed yet.")
    click.echo(str(newest))


@audit_group.command()
@click.option("--after", default=0, help="Only what follows this seal, by its number: where the last export ended.")
@click.pass_obj
def export(product: Product, after: int) -> None:
    """Prints each sealed entry as a line of JSON, oldest first, with its seal: for a log kept elsewhere."""

    async def work() -> None:
        if after < (begins := (await boundary.standing()).sequence):
            click.echo(DELETED.format(after + 1, begins), err=True)
        async for line in audit_verify.lines(after):
            click.echo(line)

    _run(product, work)


@click.group("event")
def event_group() -> None:
    """The event itself."""


@event_group.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def load_event(product: Product, file: Path) -> None:
    """Makes the event that FILE describes, or updates it from FILE. Opens no registration; may be run twice."""
    _run(product, lambda: event_file.load(file, clock.now(), clock.real()), _show_loaded)


def _show_loaded(loaded: event_file.Loaded) -> None:
    done = f"changed: {', '.join(loaded.changed)}" if loaded.changed else "nothing to change"
    slug = loaded.event.slug
    click.echo(f"{slug}: {'made' if loaded.is_new else done}.")
    if loaded.is_new:
        click.echo(KEEP_DATA_KEY.format(file=data_keys.kept().file(slug)))


def _address(email: str) -> str:
    if not settings.current().base_url:
        raise click.ClickException("Set MUSTER_BASE_URL first: the link begins with it.")
    address = normal_email(email)
    if address is None:
        raise click.BadParameter(EMAIL_WRONG)
    return address


async def find_event(slug: str) -> Event | None:
    """The one that is named, or the only one there is; None while there is none."""
    if slug:
        found = await Event.get_or_none(slug=slug)
        if found is None:
            raise Refused("There is no event with this short name.")
        return found
    events = await Event.all().limit(2)
    if len(events) > 1:
        raise Refused("There are several events: name one with --event.")
    return events[0] if events else None


class Verified(NamedTuple):
    """What `audit verify` found."""

    faults: list[str]
    newest: str  # the head
    begins: int  # after this seal; 0 where nothing was deleted yet
    of_noted: str  # why the head noted earlier proves nothing, if it does not


async def _verified(noted: str | None) -> Verified:
    newest = str(await audit_seal.head() or "")
    faults, of_noted = await role_check.all_faults(noted), await audit_verify.says_of(noted)
    return Verified(faults, newest, (await boundary.standing()).sequence, of_noted)


def _run(product: Product, work: Callable[[], Awaitable[T]], show: Callable[[T], None] = show_nothing) -> None:
    load_keys()
    try:
        product.run(work, show)
    except (keys.KeyMissing, Refused) as error:
        raise click.ClickException(str(error)) from None


KEEP_DATA_KEY = (
    "Its data key stands at {file}. Without it nobody can read who asked for a place: keep a copy in the hosts' safe, "
    "never beside the database or its backups."
)
commands: list[click.Command] = [staff, audit_group, event_group]
