"""What a command works on: the database, a way to run a verb on it, and what `serve` cannot do without."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import click

from . import readiness
from .audit import audit_seal
from .ground import data_keys, keys, settings
from .ground.database import Database
from .ground.network import why_no_tls
from .ground.outage import kind_of, lacks_what_we_ask, sentence_of

T = TypeVar("T")


def show_nothing(_done: object) -> None:
    """For a verb whose answer is its caller's alone."""


@dataclass(frozen=True)
class Product:
    """What a command gets as click's object: where the database is, and a way to run a verb on it."""

    database: Database

    def run(self, work: Callable[[], Awaitable[T]], show: Callable[[T], None] = show_nothing) -> T:
        """Migrates and opens the database, runs the verb, closes it, and shows what the verb returned.

        Loads the keys, since every act leaves an entry. If entries of the audit log are gone, the command ends with
        that, but only when its own work is done and shown: a link is printed now or never. A database that is away, or
        of another version of Muster, ends the command with a sentence.
        """
        if not keys.are_installed():
            load_keys()
        try:
            done, gone = asyncio.run(self.opened(lambda: _and_missed(work)))
        except Exception as error:
            if not (sentence := sentence_of(error)):
                raise
            raise click.ClickException(sentence) from None
        show(done)
        if gone:
            raise click.ClickException(gone)
        return done

    async def opened(self, work: Callable[[], Awaitable[T]]) -> T:
        """Only that, inside a loop, for a caller with its own sentence for a database that is away."""
        await self.database.migrate()
        async with self.database.opened():
            return await work()


async def _and_missed(work: Callable[[], Awaitable[T]]) -> tuple[T, str]:
    await readiness.ask_each_table()
    return await work(), await audit_seal.taken_out()


def load_keys() -> None:
    """The instance keys, and the data keys that there are."""
    chosen = settings.current()
    kept = data_keys.DataKeys(chosen.data_keys)
    try:
        keys.install(keys.load(chosen.key.get_secret_value(), chosen.key_file))
        kept.read()
        data_keys.install(kept)
    except keys.KeyMissing as error:
        raise click.ClickException(str(error)) from None


async def _unknown_here() -> list[str]:
    await readiness.ask_each_table()
    return await readiness.unknown_keys()


def lacking(product: Product) -> list[str]:
    """What `serve` cannot do without, one sentence each. A whole audit log is not among it: on the morning of an event
    people have to come in. The server says in its log, on /readyz and on the desk what is missing there."""
    missing = settings.current().missing()
    try:
        load_keys()
    except click.ClickException as error:
        return [*missing, error.message]
    try:
        return missing or asyncio.run(product.opened(_unknown_here))
    except click.ClickException as error:
        return [error.message]
    except Exception as error:  # whatever the driver raises; its text may hold what stands in the setting
        if why := why_no_tls(error):
            return [f"a database that can be trusted: {why}"]
        if lacks_what_we_ask(error):
            return [sentence_of(error)]
        return [f"a database that answers: look at MUSTER_DATABASE_URL ({kind_of(error)})"]
