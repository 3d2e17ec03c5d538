"""The network that an act comes from, as limits count it: noted once for each request, read by the audit log."""

from contextvars import ContextVar
from functools import lru_cache
from ipaddress import IPv4Address, ip_address, ip_network

from . import keys

PURPOSE = "source of an act"
LAN = 64  # the prefix of IPv6 that one home or office network has
WIDER = {56: 3, 48: 4}  # prefixes that one line may be given, and how many halves of a network's share they have
_network: ContextVar[str] = ContextVar("network", default="")


@lru_cache(maxsize=256)
def network_at(address: str) -> str:
    """An IPv4 address as it is, and an IPv6 address as its /64; text that is no address as it is."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv4Address):
        return str(known)
    return str(known.ipv4_mapped or ip_network((known, LAN), strict=False))


@lru_cache(maxsize=256)
def around(network: str) -> tuple[tuple[str, int], ...]:
    """The /56 and the /48 that a /64 lies in, and how many halves of its share each has. Nothing for anything else.

    Whoever has one of these can send from another /64 each time.
    """
    try:
        known = ip_network(network)
    except ValueError:
        return ()
    if known.version == 4 or known.prefixlen != LAN:
        return ()
    return tuple((str(known.supernet(new_prefix=prefix)), halves) for prefix, halves in WIDER.items())


def note(network: str) -> None:
    """The network of the request that this task answers, as limits count it."""
    _network.set(network)


def hashed() -> str:
    """32 hex characters that are the same for the same network, from which nobody without the key learns it; '' for a
    turn or a command."""
    network = _network.get()
    return keys.keyed_hash(PURPOSE, network) if network else ""
