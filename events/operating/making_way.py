"""A server makes way for a new one at SIGHUP. The sockets stay open, so that whoever comes meanwhile waits, and is not
turned away.

A process by itself ends, and begins anew in its own place: SQLite takes one at a time. Of several, each goes once
another one is ready (workers.py): the process above lets go of it.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from events.ground import live
from events.web.connections import Listener
from events.web.serving import Way

ALONE = 4  # seconds for what was begun, while others wait: a phone waits for eight
BESIDE_OTHERS = 30
READY = b"r"  # what a worker says once
SOCKETS, LIFELINE, METRICS = "--sockets", "--lifeline", "--metrics"  # what a process is given by another


def is_at_a_terminal() -> bool:
    """Then its end is ours too."""
    return sys.stdin is not None and sys.stdin.isatty()


async def at_hang_up(way: Way, stop: asyncio.Event) -> None:
    """The turn of a process by itself. Before and after it SIGHUP does nothing: what starts is as new as can be."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, way.make, ALONE)
    await stop.wait()
    loop.remove_signal_handler(signal.SIGHUP)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


async def once_let_go(lifeline: socket.socket, way: Way, stop: asyncio.Event) -> None:
    """The turn of one of several: says that it works, and makes way when the process above lets go, or is gone."""
    loop, let_go = asyncio.get_running_loop(), asyncio.Event()
    lifeline.setblocking(False)
    with suppress(OSError):
        lifeline.send(READY)
    loop.add_reader(lifeline, let_go.set)  # nothing is ever said to us
    await live.first_of(let_go, stop, within=float("inf"))
    loop.remove_reader(lifeline)
    if not stop.is_set():
        way.make(BESIDE_OTHERS)


def kept(sockets: Sequence[Listener]) -> list[int]:
    """Copies, which stay open when the server closes its own."""
    return [os.dup(listener.fileno()) for listener in sockets]


def begin_anew(descriptors: Sequence[int]) -> None:
    """Puts a new server, of the files as they are now, into the place of this process. It never returns."""
    for descriptor in descriptors:
        os.set_inheritable(descriptor, True)
    sys.stdout.flush()
    os.execv(sys.executable, words_for(sys.orig_argv, {SOCKETS: listed(descriptors)}))  # noqa: S606


def listed(descriptors: Sequence[int]) -> str:
    return ",".join(map(str, descriptors))


def words_for(before: Sequence[str], options: Mapping[str, str]) -> list[str]:
    """The command that started us, with these options at its end in place of what they were then."""
    words = [sys.executable, *before[1:]]
    for option, value in options.items():
        if option in words:
            at = words.index(option)
            del words[at : at + 2]
        words += [option, value]
    return words
