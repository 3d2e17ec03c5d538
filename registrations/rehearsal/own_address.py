"""Which address of this computer phones in the same network reach it by. It may be in several networks at once."""

import fcntl
import socket
import struct
import sys
from contextlib import suppress
from ipaddress import IPv4Address
from typing import NamedTuple

from events.ground.refusal import Refused

SOMEWHERE = ("192.0.2.1", 9)  # reserved for examples: nothing is sent there, but the system chooses a way
ADDRESS_OF, STATE_OF = (0x8915, 0x8913) if sys.platform == "linux" else (0xC0206921, 0xC0206911)  # macOS and the BSDs
REQUEST = 32  # bytes of a question about a network interface, at least; 40 on Linux
UP, LOOPBACK, POINT_TO_POINT, RUNNING = 0x1, 0x8, 0x10, 0x40
ALONE = "This computer is in no network. Join the Wi-Fi of the phone, or name an address: --lan 192.168.1.20"
SEVERAL = "This computer is in several networks: {}. Name its address in the phone's: --lan {}"


class Interface(NamedTuple):
    name: str
    address: str
    state: int

    def is_shared(self) -> bool:
        """With phones, perhaps: a tunnel has one other end."""
        away = not self.state & (LOOPBACK | POINT_TO_POINT) and self.state & UP and self.state & RUNNING
        parsed = IPv4Address(self.address)
        return bool(away) and parsed.is_private and not parsed.is_link_local


def found() -> str:
    """The one by which it reaches everything else, unless no phone can be there. Raises Refused."""
    return choose(_on_the_way(), shared())


def choose(on_the_way: str, among: list[Interface]) -> str:
    """`on_the_way`: empty where it reaches nothing beyond its networks."""
    addresses = [interface.address for interface in among]
    if on_the_way in addresses or (on_the_way and not among):
        return on_the_way
    if not among:
        raise Refused(ALONE)
    if len(among) > 1:
        raise Refused(SEVERAL.format(listed(among), addresses[0]))
    return addresses[0]


def listed(among: list[Interface]) -> str:
    return ", ".join(f"{interface.address} ({interface.name})" for interface in among)


def shared() -> list[Interface]:
    return [interface for interface in interfaces() if interface.is_shared()]


def interfaces() -> list[Interface]:
    """Those with an IPv4 address. Empty where this system answers otherwise than we ask."""
    made = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            with suppress(OSError):
                address, state = (_asked(asking, what, name) for what in (ADDRESS_OF, STATE_OF))
                made.append(Interface(name, socket.inet_ntoa(address[4:8]), *struct.unpack("=H", state[:2])))
    return made


def _asked(asking: socket.socket, what: int, name: str) -> bytes:
    """What the system answers behind the sixteen bytes of the name."""
    return fcntl.ioctl(asking, what, struct.pack(f"{REQUEST + 8}s", name.encode()))[16:]


def _on_the_way() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial, suppress(OSError):
        trial.connect(SOMEWHERE)
        return str(trial.getsockname()[0])
    return ""
