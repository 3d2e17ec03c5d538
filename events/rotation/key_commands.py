"""Commands for keys: the first one, a new one in place of the old, and dropping old ones that nothing needs."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from events.audit import key_use
from events.backup import backing_up
from events.event import Event
from events.ground import clock, data_keys, keys, settings
from events.ground.refusal import Refused
from events.ground.settings import Settings
from events.product import Product, load_keys

from . import dropping, replacing_keys
from .dropping import Needed
from .resealing import Tally

T = TypeVar("T")
KEEP = "Keep a copy of it, but never beside the database's backups."
THERE_IS_ONE = "There is a key at {} already. ./run key rotate puts a new one in its place, while no server runs."
SET = "MUSTER_KEY is set, so the file is not read. ./run key rotate says how another key takes its place."
LEFT = "Left as they are, since they were damaged or are of a key that is not here: {} ({})."
NO_BACKUP = "{} Or copy the database yourself, and add --without-backup."
SAFE = "Put a copy of {} into the safe. What was backed up before opens with the old copy: keep it as long as that."
TAKE_OUT = "Take the key with the fingerprint {} out of MUSTER_KEY: nothing needs it."
backup_option = click.option("--without-backup", is_flag=True, help="Makes no backup first: you have one.")
backups_option = click.option(
    "--despite-backups", is_flag=True, help="Backups from before then open only with a copy of the key elsewhere."
)


@click.group()
def key() -> None:
    """Keys: the instance key, which opens what the database keeps sealed, and the data key of each event."""


@key.command("new")
def new_key() -> None:
    """Makes the first instance key."""
    chosen = settings.current()
    if chosen.key.get_secret_value():
        raise click.ClickException(SET)
    if chosen.key_file.is_file():
        raise click.ClickException(THERE_IS_ONE.format(chosen.key_file))
    keys.write_new(chosen.key_file, first_only=True)
    click.echo(f"A new key stands at {chosen.key_file}. {KEEP}")


@key.command()
@click.argument("slug", metavar="[EVENT]", default="")
@backup_option
@click.pass_obj
def rotate(product: Product, slug: str, without_backup: bool) -> None:
    """Puts a new instance key in place of the old one, while no server runs; or a new data key, of EVENT.

    Makes a backup first. Whatever can be is sealed anew. Interrupted, or stopped by what it names, run it again: it
    goes on from there, and no server starts before it has ended.
    """
    chosen = settings.current()

    async def work() -> None:
        event = await _event(slug) if slug else None
        await replacing_keys.refuse_beside_servers(product.database.file)
        await replacing_keys.refuse_instance(_key_file(chosen)) if event is None else replacing_keys.refuse_event(event)
        if not without_backup and not await key_use.unfinished(event.id if event else key_use.INSTANCE):
            await _back_up(product, chosen)
        await (_rotate_event(product, chosen, event) if event else _rotate_instance(product, chosen))

    _run(product, work)


@key.command()
@click.argument("slug", metavar="[EVENT]", default="")
@backups_option
@click.pass_obj
def drop(product: Product, slug: str, despite_backups: bool) -> None:
    """Drops old instance keys that nothing needs any more; or old data keys, of EVENT. Says what still needs the
    others."""
    chosen = settings.current()
    folder = None if despite_backups else chosen.backup_folder
    if slug:
        _run(product, lambda: _drop_event(slug, folder))
    else:
        _run(product, lambda: _drop_instance(chosen, folder))


async def _back_up(product: Product, chosen: Settings) -> None:
    """What a key is put in front of should be there a second time. What is gone on with has been backed up."""
    try:
        made = await backing_up.back_up(product.database, chosen, clock.real())
    except Refused as refused:
        raise Refused(NO_BACKUP.format(refused.sentence)) from None
    click.echo(f"Backed up first: {made.file}.")


async def _rotate_event(product: Product, chosen: Settings, event: Event) -> None:
    tally = await replacing_keys.rotate_event(event, product.database.file, clock.now, click.echo)
    _show(tally, f"All of {event.slug} is sealed by its new data key")
    needed = await dropping.of_event(event, chosen.backup_folder, clock.now())
    click.echo("The old key is gone from here." if not needed else _still(needed, f"./run key drop {event.slug}"))
    click.echo(SAFE.format(data_keys.kept().file(event.slug)))


async def _rotate_instance(product: Product, chosen: Settings) -> None:
    tally = await replacing_keys.rotate_instance(_key_file(chosen), product.database.file, clock.now, click.echo)
    _show(tally, "All that can be is made with the new key")
    click.echo("./run key drop says what still needs older keys, and drops them when nothing does.")
    if file := _key_file(chosen):
        click.echo(SAFE.format(file))


async def _drop_event(slug: str, folder: Path | None) -> None:
    event = await _event(slug)
    older = len(data_keys.kept().fingerprints_of(slug)) - 1
    needed = await dropping.of_event(event, folder, clock.now())
    if needed:
        raise Refused(_still(needed, f"./run key drop {slug}"))
    click.echo("The old key is gone from here." if older > 0 else "There is no older key.")


async def _drop_instance(chosen: Settings, folder: Path | None) -> None:
    file = _key_file(chosen)
    gone, needed = await dropping.of_instance(file, folder, clock.now(), clock.real())
    for fingerprint in gone:
        click.echo(f"Dropped: {fingerprint}." if file else TAKE_OUT.format(fingerprint))
    if needed:
        raise Refused(_still(needed, "./run key drop"))
    if not gone:
        click.echo("There is no older key.")


def _key_file(chosen: Settings) -> Path | None:
    return None if chosen.key.get_secret_value() else chosen.key_file


def _show(tally: Tally, done: str) -> None:
    click.echo(f"{done}. Values made anew: {tally.renewed}.")
    if left := tally.left.total():
        where = ", ".join(f"{number} in {table}" for table, number in sorted(tally.left.items()) if number)
        click.echo(LEFT.format(left, where))


def _still(needed: Needed, command: str) -> str:
    lines = [line for old, why in needed.items() for line in [f"Still needed: {old}", *(f"  - {said}" for said in why)]]
    return "\n".join([*lines, f"{command} drops it when nothing of this is left."])


async def _event(slug: str) -> Event:
    found = await Event.get_or_none(slug=slug)
    if found is None:
        raise Refused("There is no event with this short name.")
    return found


def _run(product: Product, work: Callable[[], Awaitable[T]]) -> None:
    load_keys()
    try:
        product.run(work)
    except (keys.KeyMissing, Refused) as error:
        raise click.ClickException(str(error)) from None


commands: list[click.Command] = [key]
