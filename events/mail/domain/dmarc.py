"""DMARC (RFC 9989): what whoever receives an email does if neither SPF nor DKIM speaks for the domain that people see.

Which domains belong together it finds by walking up the tree of names, not by a list of public suffixes.
"""

import asyncio
import re
from collections.abc import Mapping

from .finding import Finding, tags_in, to_do, well
from .lookups import Lookups

MOST_LABELS = 8  # of a longer name only the last seven labels are walked
Records = Mapping[str, dict[str, str]]  # the tags of each valid record, by the domain that has it
ADD = (
    'add to DNS: _dmarc.{domain}. TXT "v=DMARC1; p=reject; rua=mailto:<who reads reports>" '
    "(begin with p=none where other emails of this domain may fail, and look at the reports)"
)


async def look(domain: str, lookups: Lookups) -> Finding:
    there = await lookups.texts(f"_dmarc.{domain}")
    if len(several := _valid(there)) > 1:
        return to_do(f"_dmarc.{domain} has {len(several)} DMARC records, which counts as none: leave one")
    records = await walked(domain, lookups)
    whose = domain if domain in records else organisation_of(domain, records)
    if whose not in records:
        return to_do(ADD.format(domain=domain))
    return _judged(domain, whose, records[whose])


def _judged(domain: str, whose: str, tags: dict[str, str]) -> Finding:
    policy, tag = tags.get("p", "none").lower(), "p"
    if whose != domain and "sp" in tags:
        policy, tag = tags["sp"].lower(), "sp"
    where = f"_dmarc.{whose}"
    if policy not in {"quarantine", "reject"}:
        if whose != domain:
            return to_do(f"{where}: {tag}={policy} protects no domain below it: {ADD.format(domain=domain)}")
        return to_do(f"{where}: {tag}={policy} lets forged emails through: go to {tag}=quarantine, then {tag}=reject")
    if tags.get("t", "n").lower() == "y":
        return to_do(f"{where}: t=y says that {tag}={policy} is only tried out: take it out")
    if (part := tags.get("pct", "100")) != "100":
        return to_do(f"{where}: pct={part} lets some forged emails through at older systems: take it out")
    return well(f"{where}: {tag}={policy}" + ("" if policy == "reject" else f", on the way to {tag}=reject"))


async def belongs(other: str, domain: str, lookups: Lookups) -> bool:
    """Whether SPF for the other domain speaks for this one: the same, or of the same organisation unless it wants more
    (aspf=s)."""
    if other == domain:
        return True
    ours, theirs = await asyncio.gather(walked(domain, lookups), walked(other, lookups))
    organisation = organisation_of(domain, ours)
    strict = ours.get(domain, ours.get(organisation, {})).get("aspf", "r").lower() == "s"
    return not strict and organisation == organisation_of(other, theirs)


async def walked(domain: str, lookups: Lookups) -> dict[str, dict[str, str]]:
    """The records on the way from the domain to the root, by who has them."""
    labels = domain.split(".")
    first = 1 if len(labels) <= MOST_LABELS else len(labels) - MOST_LABELS + 1
    names = [domain, *(".".join(labels[cut:]) for cut in range(first, len(labels)))]
    found = await asyncio.gather(*(lookups.texts(f"_dmarc.{name}") for name in names))
    valid = ((name, _valid(texts)) for name, texts in zip(names, found, strict=True))
    return {name: tags_in(texts[0]) for name, texts in valid if len(texts) == 1}


def organisation_of(domain: str, records: Records) -> str:
    """The domain that stands for whoever owns this one; itself where nobody on the way says anything."""
    for name in records:  # from the domain upwards
        if records[name].get("psd", "u").lower() == "n":
            return name
        if records[name].get("psd", "u").lower() == "y" and name != domain:
            below = domain.removesuffix(f".{name}").rpartition(".")[2]
            return f"{below}.{name}"
    return min(records, key=lambda name: name.count("."), default=domain)


def _valid(texts: list[str]) -> list[str]:
    return [text for text in texts if re.match(r"v\s*=\s*DMARC1\s*(;|$)", text)]
