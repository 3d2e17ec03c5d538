"""Asks DNS what whoever receives our emails asks it (SE-18): SPF, DKIM, DMARC, and where they come back to."""

import asyncio
from collections.abc import Awaitable
from urllib.parse import urlsplit

from events.ground.network import is_this_machine
from events.ground.repeating import repeat
from events.ground.settings import Settings

from ..bounces.return_path import address_in
from . import dkim, dmarc, spf
from .finding import NO_ANSWER, Finding, to_do, well
from .lookups import Away, Lookups, domain_of

EVERY_SECONDS = 3600.0
ALL_WITHIN = 6.0  # seconds, for all names that one record leads to
_to_do: list[str] | None = None


def standing() -> list[str] | None:
    """What was still to be done in DNS an hour ago or later, one line each; None before the first look."""
    return _to_do


async def run(chosen: Settings, stop: asyncio.Event) -> None:
    """Looks every hour. Not in a rehearsal: it leaves this computer alone."""
    if chosen.secure and chosen.sender:
        await repeat(lambda: turn(chosen, Lookups()), EVERY_SECONDS, stop, "DNS not asked")


async def turn(chosen: Settings, lookups: Lookups) -> None:
    global _to_do
    found = await findings(chosen, lookups)
    _to_do = [f"{part}: {finding.words}" for part, finding in found.items() if finding.fine is False]


async def findings(chosen: Settings, lookups: Lookups) -> dict[str, Finding]:
    """By what was looked at. Never raises."""
    sender = domain_of(address_in(chosen.sender))
    back = domain_of(chosen.bounces) or sender
    looks: dict[str, Awaitable[Finding]] = {
        "SPF": spf.look(back, relay_host(chosen), lookups),
        "DKIM": dkim.look(sender, chosen.dkim_selector, lookups),
        "DMARC": dmarc.look(sender, lookups),
        "return path": _alignment(back, sender, lookups),
        "MX": _email_servers(back, lookups),
    }
    found = await asyncio.gather(*(_or_no_answer(look) for look in looks.values()))
    return dict(zip(looks, found, strict=True))


def relay_host(chosen: Settings) -> str:
    """The host from which emails probably leave."""
    ours = urlsplit(chosen.base_url).hostname or "<the relay>"
    return ours if not chosen.smtp_host or is_this_machine(chosen.smtp_host) else chosen.smtp_host


async def _or_no_answer(look: Awaitable[Finding]) -> Finding:
    try:
        async with asyncio.timeout(ALL_WITHIN):
            return await look
    except (Away, TimeoutError):
        return NO_ANSWER


async def _alignment(back: str, sender: str, lookups: Lookups) -> Finding:
    if await dmarc.belongs(back, sender, lookups):
        return well(f"SPF for {back} speaks for {sender}")
    return to_do(f"SPF for {back} does not speak for {sender}: let MUSTER_BOUNCES end with @{sender}")


async def _email_servers(domain: str, lookups: Lookups) -> Finding:
    servers = await lookups.email_servers(domain)
    if servers == ["."]:
        return to_do(f"{domain} says that it takes no email, so nothing comes back: give it an MX record")
    if not servers:
        return to_do(f"add to DNS: {domain}. MX 10 <the server that takes what comes back>.")
    lost = [server for server in servers if not await lookups.has_address(server)]
    if lost:
        return to_do(f"{domain}: {', '.join(lost)} has no address: mend the MX record")
    return well(f"what comes back to {domain} goes to {', '.join(servers)}")
