"""Commands for backups: make one now, and a key pair for them."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click
from pyrage import x25519

from events.ground import clock, settings
from events.ground.outage import is_away, kind_of
from events.ground.refusal import Refused
from events.product import Product, load_keys

from . import backing_up, backup_folder
from .backing_up import Made

T = TypeVar("T")


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
    except OSError as error:
        there = isinstance(error, FileExistsError)
        raise click.ClickException(
            f"{file} is there already." if there else f"{file} cannot be written ({type(error).__name__})."
        ) from None
    click.echo(f"The secret key stands in {file}. Keep it in the hosts' safe and off this server.", err=True)
    click.echo(str(public))


def _run(work: Callable[[], Awaitable[T]]) -> T:
    load_keys()
    try:
        return asyncio.run(_awaited(work))
    except Refused as refused:
        raise click.ClickException(refused.sentence) from None
    except OSError as error:
        raise click.ClickException(f"This cannot be done here ({error.strerror or type(error).__name__}).") from None
    except Exception as error:
        if not is_away(error):
            raise
        said = f"The database does not answer ({kind_of(error)}): see ./run doctor"
        raise click.ClickException(said) from None


async def _awaited(work: Callable[[], Awaitable[T]]) -> T:
    return await work()


commands: list[click.Command] = [backup_group]
