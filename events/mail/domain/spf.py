"""SPF (RFC 7208): which hosts may send for the domain of the return path."""

import re

from .finding import Finding, to_do, well
from .lookups import Lookups

MOST_LOOKUPS = 10  # beyond them whoever receives an email takes the record for broken
TERM = re.compile(
    r"(?P<sign>[+~?-]?)(?P<name>all|include|ip4|ip6|a|mx|ptr|exists)(?P<value>[:/].*)?|(?P<modifier>[a-z][\w.-]*)=(?P<given>.*)",
    re.I,
)


class Broken(Exception):
    """Whoever receives an email takes the record for an error. The sentence says why."""


async def look(domain: str, relay: str, lookups: Lookups) -> Finding:
    records = await _records(domain, lookups)
    if not records:
        return to_do(f'add to DNS: {domain}. TXT "v=spf1 a:{relay} -all" (or what the relay\'s provider names)')
    if len(records) > 1:
        return to_do(f"{domain} has {len(records)} SPF records, which counts as none: make one of them")
    try:
        asked = await _asked(domain, records[0], lookups, 0)
    except Broken as error:
        return to_do(f"{domain}: {error}")
    return _judged(domain, records[0], asked)


def _judged(domain: str, record: str, asked: int) -> Finding:
    end = re.search(r"(?:^|\s)([+~?-]?)all(?:\s|$)", record, re.I)
    if end is None and "redirect=" not in record.lower():
        return to_do(f"{domain}: the record says nothing of other hosts: let it end with -all")
    if end is not None and end[1] in {"", "+"}:
        return to_do(f"{domain}: +all lets anybody send for it: let the record end with -all")
    if end is not None and end[1] == "?":
        return to_do(f"{domain}: ?all says nothing of other hosts: let the record end with -all")
    return well(f"{domain}: {record} ({asked} of {MOST_LOOKUPS} lookups)")


async def _asked(domain: str, record: str, lookups: Lookups, asked: int) -> int:
    """How many lookups there are by now. Raises Broken."""
    for word in record.split()[1:]:
        term = TERM.fullmatch(word)
        if term is None:
            raise Broken(f"nobody understands {word!r} in the SPF record")
        name = (term["name"] or term["modifier"]).lower()
        if name in {"include", "a", "mx", "ptr", "exists", "redirect"}:
            asked += 1
        if asked > MOST_LOOKUPS:
            raise Broken(f"the SPF record needs more than {MOST_LOOKUPS} lookups, which counts as an error: shorten it")
        if name in {"include", "redirect"}:
            asked = await _followed((term["value"] or "")[1:] or term["given"] or "", lookups, asked)
    return asked


async def _followed(target: str, lookups: Lookups, asked: int) -> int:
    if "%" in target:  # it depends on the email
        return asked
    records = await _records(target, lookups)
    if len(records) != 1:
        raise Broken(f"its SPF record includes {target}, which has {'none' if not records else 'several'}")
    return await _asked(target, records[0], lookups, asked)


async def _records(domain: str, lookups: Lookups) -> list[str]:
    return [text for text in await lookups.texts(domain) if re.match(r"v=spf1(?:\s|$)", text, re.I)]
