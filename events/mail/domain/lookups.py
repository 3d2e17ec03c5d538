"""The only DNS room: what a name has, or nothing; and that DNS does not answer, which is neither."""

from typing import Any

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer

ANSWERS_WITHIN = 3.0  # seconds, for each name


class Away(Exception):
    """DNS did not answer in time, or said that it cannot."""


class Lookups:
    """Asks whom this machine asks, or the resolver that is given."""

    def __init__(self, resolver: Resolver | None = None) -> None:
        self._resolver = resolver

    async def texts(self, name: str) -> list[str]:
        """Its TXT records, each with its parts joined."""
        found = await self._ask(name, "TXT")
        return [b"".join(record.strings).decode("utf-8", "replace") for record in found]

    async def email_servers(self, name: str) -> list[str]:
        """The hosts of its MX records, best first; '.' of a domain that takes no email (RFC 7505)."""
        found = await self._ask(name, "MX")
        best_first = sorted(found, key=lambda record: int(record.preference))
        return [str(record.exchange).rstrip(".") or "." for record in best_first]

    async def has_address(self, name: str) -> bool:
        return bool(await self._ask(name, "A") or await self._ask(name, "AAAA"))

    async def _ask(self, name: str, kind: str) -> list[Any]:
        try:
            resolver = self._resolver or Resolver()
            return list(await resolver.resolve(f"{name.rstrip('.')}.", kind, lifetime=ANSWERS_WITHIN, search=False))
        except (NXDOMAIN, NoAnswer):
            return []
        except (DNSException, OSError):
            raise Away from None


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()
