"""Commands for backups: make one now, a key pair for them, restore one, and the drill."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click
from pyrage import x25519

from events.ground import clock, settings
from events.ground.network import why_no_tls
from events.ground.outage import sentence_of
from events.ground.refusal import Refused
from events.product import Product, load_keys

from . import backing_up, backup_folder, drill, restoring
from .backing_up import Made, age_words
from .drill import Drilled
from .restoring import Restored

T = TypeVar("T")
FileThatIs = click.Path(exists=True, dir_okay=False, path_type=Path)
identity_option = click.option(
    "--identity", type=FileThatIs, required=True, help="The file with the secret key: a line AGE-SECRET-KEY-1..."
)
erased_option = click.option(
    "--erased", type=FileThatIs, help="The list of what was erased since, if it does not lie beside the backup."
)
AFTERWARDS = (
    "Everybody signs in anew. What was done after that moment is undone: once the server runs, look on the desk at "
    "phones that were revoked and accounts that were disabled since. Emails that waited then go out again."
)


@click.group("backup", invoke_without_command=True)
@click.pass_context
def backup_group(context: click.Context) -> None:
    """Makes a sealed backup now, in MUSTER_BACKUP_FOLDER. The server may run, and makes one a day by itself."""
    if context.invoked_subcommand is None:
        product: Product = context.obj
        _show_made(_run(lambda: _make(product)))


async def _make(product: Product) -> Made:
    chosen, real = settings.current(), clock.real()
    if product.database.file is not None:
        return await backing_up.back_up(product.database, chosen, real)
    async with product.database.opened():
        return await backing_up.back_up(product.database, chosen, real)


def _show_made(made: Made) -> None:
    old = f" Backups older than {backup_folder.KEPT.days} days deleted: {made.deleted}." if made.deleted else ""
    click.echo(f"{made.file}: {made.contents.total} rows, {made.size / (1 << 20):.1f} MB.{old}")


@backup_group.command("key")
@click.argument("file", type=click.Path(path_type=Path))
def new_pair(file: Path) -> None:
    """Makes a key pair: the secret key in FILE, the public one for MUSTER_BACKUP_RECIPIENTS on the screen.

    FILE opens every backup that is sealed for it. Do it on another computer, or take FILE away from this one.
    """
    identity = x25519.Identity.generate()
    public = identity.to_public()
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(f"# public key: {public}\n{identity}\n")
            out.flush()
            os.fsync(out.fileno())  # or backups would be sealed for a key that nobody has
    except OSError as error:
        there = isinstance(error, FileExistsError)
        raise click.ClickException(
            f"{file} is there already." if there else f"{file} cannot be written ({type(error).__name__})."
        ) from None
    click.echo(f"The secret key stands in {file}. Keep it in the hosts' safe and off this server.", err=True)
    click.echo(str(public))


@backup_group.command("drill")
@click.argument("file", type=FileThatIs, required=False)
@identity_option
@erased_option
@click.pass_obj
def run_drill(product: Product, file: Path | None, identity: Path, erased: Path | None) -> None:
    """Restores the newest backup, or FILE, into a place that is thrown away, and says what a real restore would lose.

    The server may run meanwhile. Ends with 1 when the backup is no good.
    """
    chosen = settings.current()

    async def work() -> Drilled:
        at, real = clock.now(), clock.real()
        newest = file or drill.newest_of(backing_up.told(chosen)[0], real)
        programs = chosen.backup_programs
        return await drill.drill(product.database, newest, identity, at, real, programs=programs, erased=erased)

    drilled = _run(work)
    click.echo(f"{drilled.file} can be restored: it took {drilled.seconds:.1f} seconds.")
    click.echo(_what(drilled.restored))
    click.echo(_loss(drilled))
    if drilled.restored.faults or drilled.restored.list_faults:
        click.get_current_context().exit(1)


def _loss(drilled: Drilled) -> str:
    taken = f"It was taken {age_words(drilled.age)} ago."
    if drilled.lost is None:
        return f"{taken} How much was done since cannot be told: the live database is not here."
    acts = f"{drilled.lost} act{'' if drilled.lost == 1 else 's'}"
    return f"{taken} A restore now would lose what was done since: {acts}, by the audit log."


@click.command("restore")
@click.argument("file", type=FileThatIs)
@identity_option
@erased_option
@click.option(
    "--with-faults",
    is_flag=True,
    help="Restores although the audit log or the list of what was erased is not whole, or a data key is not here.",
)
@click.pass_obj
def restore(product: Product, file: Path, identity: Path, erased: Path | None, with_faults: bool) -> None:
    """Restores a backup into an empty place: where MUSTER_DATABASE_URL points to, and nothing is yet."""
    chosen = settings.current()

    def work() -> Coroutine[Any, Any, Restored]:
        now = clock.now(), clock.real()
        how: dict[str, Any] = {"programs": chosen.backup_programs, "erased": erased}
        how |= {"with_faults": with_faults, "may_lose": _may_lose}
        return restoring.restore(product.database, file, identity, *now, **how)

    click.echo(_what(_run(work)))
    click.echo(AFTERWARDS)


def _may_lose(lines: list[str]) -> bool:
    """Whoever cannot be asked has not agreed."""
    click.echo("A data key is not here. What cannot be opened without it, and may be of somebody who was erased or who")
    click.echo("withdrew since this backup, is deleted for good. With the key in its place nothing of it is lost:")
    for line in lines:
        click.echo(f"  {line}")
    try:
        return click.confirm("Delete this, and restore?")
    except click.Abort:
        return False


def _what(restored: Restored) -> str:
    contents = restored.contents
    moment = f"{clock.day_words(contents.taken_at)}, {clock.time_words(contents.taken_at)}"
    said = [f"Restored as of {moment}: {contents.total} rows in {len(contents.rows)} tables."]
    said += restored.faults or [f"The audit log is whole. Its head then: {contents.head}"]
    said += [f"Before you start the server, put it back: {key}" for key in restored.missing]
    said += restored.list_faults
    said.append(f"Requests for a place that were erased after that, and are erased again: {restored.erased}.")
    said.append(f"Entries in the audit log about what was due by now, and was deleted or ended: {restored.deleted}.")
    return "\n".join(said)


def _run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    load_keys()
    try:
        return asyncio.run(work())
    except Refused as refused:
        raise click.ClickException(refused.sentence) from None
    except Exception as error:
        if said := _words_for(error):
            raise click.ClickException(said) from None
        raise


def _words_for(error: Exception) -> str:
    """What a person can do something about; nothing for a fault of ours."""
    if why := why_no_tls(error):
        return f"The database cannot be trusted: {why}."
    if isinstance(error, OSError):
        return f"This cannot be done here ({error.strerror or type(error).__name__})."
    return sentence_of(error)


commands: list[click.Command] = [backup_group, restore]
