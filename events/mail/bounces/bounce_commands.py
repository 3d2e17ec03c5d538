"""The command that an email server gives what came back to, one message at a time."""

import asyncio
import logging
import sys

import click

from events import readiness
from events.ground import clock, logs
from events.ground.outage import kind_of
from events.product import Product, load_keys

from . import returned
from .report import MOST
from .returned import Outcome

NAME = "bounce"
TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h: the email server keeps the message, and hands it over again
NOT_READY = "There is no database here, or an older one: look at MUSTER_DATABASE_URL, and start the server once."
PIECE = 1 << 16


class Later(click.ClickException):
    """Whatever is wrong, the message must not be lost: an email server takes any other status for a refusal."""

    exit_code = TRY_AGAIN


@click.command(NAME)
@click.argument("recipient", default="")
@click.pass_obj
def bounce(product: Product, recipient: str) -> None:
    """Takes in one message that came back, from standard input. RECIPIENT is whom it was sent to, if the email server
    says so.

    Ends with 0 for whatever it has read, of ours or not, and with 75 (try again later) for all that is wrong here.
    """
    logs.set_up(live=True, level=logging.WARNING)
    raw = _read()
    try:
        load_keys()
        asyncio.run(_take(product, raw, recipient))
    except click.ClickException as error:
        raise Later(error.message) from None
    except Exception as error:  # its text may hold what came back
        raise Later(f"It could not be taken in now ({kind_of(error)}): see ./run doctor") from None


def _read() -> bytes:
    """The beginning is enough. The rest is read too: an email server would else think that we failed."""
    raw = sys.stdin.buffer.read(MOST)
    while sys.stdin.buffer.read(PIECE):
        pass
    return raw


async def _take(product: Product, raw: bytes, recipient: str) -> Outcome:
    """Migrates nothing: told of no database, it would make an empty one, and know none of our emails."""
    file = product.database.file
    if (file is not None and not file.is_file()) or await product.database.lacks_migrations():
        raise Later(NOT_READY)
    async with product.database.opened():
        return await _take_in(raw, recipient)


async def _take_in(raw: bytes, recipient: str) -> Outcome:
    """Under another key than the database's all would be strangers', and be let go."""
    if strange := await readiness.unknown_keys():
        raise Later("; ".join(strange))
    return await returned.take(raw, recipient, clock.now(), clock.real())


commands: list[click.Command] = [bounce]
