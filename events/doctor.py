"""Reports what this installation lacks: one line for each part, and what to do where one is missing."""

import asyncio
import shutil
import sqlite3
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from events.ground.database import Database, query, take_a_write
from events.ground.network import is_this_machine, why_no_tls
from events.ground.outage import kind_of, lacks_what_we_ask, sentence_of
from events.ground.refusal import Refused
from events.ground.settings import Settings, current
from events.web import accessibility
from events.web.rendering import TEMPLATES

from . import processor_register, readiness
from .accounts.roles import role_check
from .audit import audit_seal, triggers
from .backup import backing_up
from .event import Event
from .ground import clock, data_keys, keys
from .mail import mail_doctor, relay
from .product import Product
from .readiness import Line as Line

LEAST_DISK = 1 << 30  # bytes: the database of a large event, its journal and a backup
LARGEST_JOURNAL = 64 << 20  # bytes; it is emptied every few minutes
CLOCKS_APART = timedelta(seconds=2)
CERTIFICATE_LASTS = timedelta(days=14)
REACH_SECONDS = 5.0
FIXED_BEFORE = ((3, 44, 6), (3, 50, 7))
JOURNAL_FAULT = (
    "can damage the file when two processes write its journal into it at once: use 3.51.3 or newer, 3.50.7 or 3.44.6, "
    "or ask whether your system's maker has mended it. While the server runs, start few commands beside it"
)

ONE = ", as is right for one event"
SEVERAL = ": scans and requests cost more than with one, which is right for one event. Others go on when one dies"


@click.command()
@click.pass_obj
def doctor(product: Product) -> None:
    """Says what this installation lacks, and what to do about it. Changes nothing, sends nothing."""
    lines = asyncio.run(_all(product.database, current()))
    for line in lines:
        click.echo(str(line))
    if any(line.fine is False for line in lines):
        raise SystemExit(1)


async def _all(database: Database, chosen: Settings) -> list[Line]:
    return [line async for line in examined(database, chosen)]


async def examined(database: Database, chosen: Settings) -> AsyncIterator[Line]:
    """One part after the other."""
    key = key_line(chosen)
    yield key
    yield data_keys_line(chosen)
    yield address_line(chosen)
    yield await certificate_line(chosen)
    yield proxy_line(chosen)
    yield processes_line(chosen)
    yield sender_line(chosen)
    yield await relay_line(chosen)
    yield await mail_doctor.bounces_line(chosen)
    for line in await database_lines(database, keys_known=bool(key.fine)):
        yield line
    yield disk_line(shutil.disk_usage(_folder(database)).free)
    yield assets_line()
    for line in await mail_doctor.dns_lines(chosen):
        yield line
    yield backups_line(chosen, clock.real())
    yield statement_line(clock.real().date())


def key_line(chosen: Settings) -> Line:
    try:
        ring = keys.load(chosen.key.get_secret_value(), chosen.key_file)
    except keys.KeyMissing as error:
        return Line("key", False, str(error))
    keys.install(ring)
    kept = "MUSTER_KEY" if chosen.key.get_secret_value() else str(chosen.key_file)
    older = f", and {ring.older} older" if ring.older else ""
    return Line("key", True, f"{ring.fingerprints[0]} in {kept}{older}")


def data_keys_line(chosen: Settings) -> Line:
    """Whether those that are there can be used. *tickets and people* says of which event one is missing."""
    kept = data_keys.DataKeys(chosen.data_keys)
    try:
        kept.read()
    except keys.KeyMissing as error:
        return Line("data keys", False, str(error))
    data_keys.install(kept)
    return Line("data keys", True, f"{len(kept.slugs)} in {chosen.data_keys}")


def address_line(chosen: Settings) -> Line:
    if not chosen.secure:
        return Line("address", False, "set MUSTER_BASE_URL to the https address that people use")
    if urlsplit(chosen.base_url).path:
        return Line("address", False, "MUSTER_BASE_URL ends with the name of the host: take the path away")
    return Line("address", True, chosen.base_url)


async def certificate_line(chosen: Settings) -> Line:
    """Whether people reach the address by TLS, and how long the certificate lasts."""
    where = urlsplit(chosen.base_url)
    if not chosen.secure or where.hostname is None:
        return Line("certificate", False, "cannot be looked at before there is an https address")
    try:
        async with asyncio.timeout(REACH_SECONDS):
            there = where.hostname, where.port or 443
            _, writer = await asyncio.open_connection(*there, ssl=ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        return Line("certificate", False, f"browsers do not trust it ({error.verify_message}): renew it at the proxy")
    except OSError as error:
        return Line(
            "certificate", False, f"nobody answers there ({type(error).__name__}): look at the proxy and at DNS"
        )
    until = _ends(writer.get_extra_info("peercert"))
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    left = until - clock.real()
    if left < CERTIFICATE_LASTS:
        return Line("certificate", False, f"ends in {left.days} days: renew it at the proxy")
    return Line("certificate", True, f"trusted, for another {left.days} days")


def _ends(certificate: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)


def proxy_line(chosen: Settings) -> Line:
    """If the proxy is not trusted, everybody who comes through it counts as one network and shares its tries."""
    if chosen.tls_certificate is not None:
        return Line("proxy", True, "none: we speak TLS ourselves")
    try:
        ip_network(chosen.trusted_proxy, strict=False)
    except ValueError:
        return Line("proxy", False, "set MUSTER_TRUSTED_PROXY to its address, 127.0.0.1 if it runs on this machine")
    return Line("proxy", True, f"{chosen.trusted_proxy} is believed about where requests come from")


def processes_line(chosen: Settings) -> Line:
    return Line("processes", True, f"{chosen.workers}{SEVERAL if chosen.workers > 1 else ONE}")


def sender_line(chosen: Settings) -> Line:
    if not chosen.sender:
        return Line("sender", False, "set MUSTER_SENDER to the address that emails come from")
    if not chosen.reply_to:
        return Line("sender", False, "set MUSTER_REPLY_TO to an address that somebody reads")
    return Line("sender", True, chosen.sender)


async def relay_line(chosen: Settings) -> Line:
    if not chosen.smtp_host:
        return Line("email relay", False, "set MUSTER_SMTP_HOST to the relay that takes our emails")
    if chosen.smtp_tls == "none" and not is_this_machine(chosen.smtp_host):
        return Line("email relay", False, "emails would cross the network unencrypted: set MUSTER_SMTP_TLS to starttls")
    trouble = await relay.probe(chosen)
    how = {"starttls": "encrypted", "tls": "encrypted", "none": "on this machine"}[chosen.smtp_tls]
    signed_in = ", signed in" if chosen.smtp_user else ""
    return Line("email relay", not trouble, trouble or f"{chosen.smtp_host} answers, {how}{signed_in}")


def backups_line(chosen: Settings, real: datetime) -> Line:
    return Line("backups", *backing_up.standing(chosen, real))


def statement_line(today: date) -> Line:
    reviewed = f"last reviewed on {accessibility.in_words(accessibility.REVIEWED)}"
    if accessibility.is_due(today):
        return Line(
            "accessibility statement", False, f"{reviewed}: take a newer version, or ask its makers to look again"
        )
    return Line("accessibility statement", True, reviewed)


async def database_lines(database: Database, *, keys_known: bool) -> list[Line]:
    """The database, its migrations, the clock as it sees it, and whether its tickets and people are of keys of ours."""
    if database.file is not None and not database.file.is_file():
        return [Line("database", True, f"{database.file} is not there yet: serve makes it")]
    try:
        async with database.opened():
            lines = [await _migrations_line(database), await _deletion_line(database), await _clock_line(database)]
            lines += [sqlite_line(sqlite3.sqlite_version_info) if database.file else await _programs_line(database)]
            if keys_known and not await database.pending():
                lines += [await _tickets_line(), await _audit_line(), await _register_line()]
            return lines
    except Exception as error:  # whatever the driver raises; its text may hold what stands in the setting
        unfit = why_no_tls(error) or (sentence_of(error) if lacks_what_we_ask(error) else "")
        return [Line("database", False, unfit or f"does not answer ({kind_of(error)}): look at MUSTER_DATABASE_URL")]


def _folder(database: Database) -> Path:
    """The folder where data will grow, or the current one."""
    return database.file.parent if database.file is not None and database.file.parent.is_dir() else TEMPLATES


async def _migrations_line(database: Database) -> Line:
    missing = len(await database.pending())
    if not missing:
        await take_a_write()
        await readiness.ask_each_table()
    todo = f"; serve applies {missing} migrations at its start" if missing else ""
    return Line("database", True, f"{'SQLite' if database.file else 'PostgreSQL'} answers{todo}")


async def _deletion_line(database: Database) -> Line:
    """Whether deleted data is gone from the disk too, as far as the database says."""
    if database.file is None:
        [row] = await query("SELECT current_setting('autovacuum') AS vacuums")
        if row["vacuums"] != "on":
            return Line("deleted data", False, "stays in its files: turn autovacuum on at the database")
        return Line("deleted data", None, "autovacuum runs; docs/settings.md says what may stay, and for how long")
    [row] = await query("PRAGMA secure_delete")
    if row["secure_delete"] != 1:
        return Line("deleted data", False, "this SQLite does not overwrite it: use one with secure_delete")
    if _journal_size(database) > LARGEST_JOURNAL:
        return Line("deleted data", False, "stays in the journal: end whatever else reads the database for long")
    return Line("deleted data", True, "is overwritten")


def _journal_size(database: Database) -> int:
    journal = Path(f"{database.file}-wal")
    return journal.stat().st_size if journal.is_file() else 0


async def _clock_line(database: Database) -> Line:
    if database.file:
        return Line("clock", None, f"it is {clock.real():%H:%M:%S} UTC here: compare it with one that you trust")
    [row] = await query("SELECT now() AS there")
    apart = abs(row["there"] - clock.real())
    if apart > CLOCKS_APART:
        return Line("clock", False, f"{apart.total_seconds():.0f} seconds apart from the database's: keep both by NTP")
    return Line("clock", True, "the same as the database's")


def sqlite_line(version: tuple[int, ...]) -> Line:
    """Whether two who write the journal into the file at once can damage it: a fault of 3.7.0 to 3.51.2."""
    words = ".".join(map(str, version))
    if version >= (3, 51, 3) or any(version[:2] == fixed[:2] and version >= fixed for fixed in FIXED_BEFORE):
        return Line("SQLite", True, words)
    return Line("SQLite", None, f"{words} {JOURNAL_FAULT}")


async def _programs_line(database: Database) -> Line:
    """What a backup of PostgreSQL is made with, and restored."""
    try:
        await backing_up.look_for_programs(database, current())
    except Refused as refused:
        return Line("PostgreSQL's programs", False, refused.sentence)
    return Line("PostgreSQL's programs", True, "pg_dump and pg_restore are there, and can read it")


async def _tickets_line() -> Line:
    strange = await readiness.unknown_keys()
    return Line("tickets and people", not strange, "; ".join(strange) or "are of keys that are here")


async def _audit_line() -> Line:
    """A quick look. `audit verify` checks the whole log."""
    faults = [*await triggers.strange(), *await role_check.foreign_roles()]
    taken_out = await audit_seal.taken_out()
    faults += [taken_out] if taken_out else []
    return Line("audit log", not faults, " ".join(faults) or "triggers and roles are Muster's, no new entry is missing")


async def _register_line() -> Line:
    """Whether it is complete at each event that is to come, and names the relay that is set up."""
    coming = await Event.filter(day__gte=clock.local(clock.now()).date()).order_by("day", "id")
    missing = [f"{event.slug}: {lack}" for event in coming for lack in await processor_register.missing(event)]
    return Line("processor register", not missing, "; ".join(missing) or "complete, and names our relay")


def disk_line(free: int) -> Line:
    gigabytes = f"{free / (1 << 30):.1f} GB free"
    return Line("disk", free >= LEAST_DISK, gigabytes if free >= LEAST_DISK else f"{gigabytes}: make room for 1 GB")


def assets_line() -> Line:
    missing = readiness.missing_assets()
    return Line("assets", not missing, "; ".join(missing) or "all there")


commands: list[click.Command] = [doctor]
