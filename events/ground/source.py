"""The network that this task's act comes from: set once for each request, read by the audit log."""

from contextvars import ContextVar

from . import keys

PURPOSE = "source of an act"
_network: ContextVar[str] = ContextVar("network", default="")


def note(network: str) -> None:
    """The network of the request that this task answers, as limits count it."""
    _network.set(network)


def hashed() -> str:
    """32 hex characters that are the same for the same network, from which nobody without the key learns it; '' for a
    turn or a command."""
    network = _network.get()
    return keys.keyed_hash(PURPOSE, network) if network else ""
