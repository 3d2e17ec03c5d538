"""Connections that come at once to several processes: each of these takes some."""

import asyncio
import os
import socket
from collections import Counter
from functools import partial

import pytest

from events.web import connections
from events.web.connections import MOST, Crowd
from tests.waiting import WITHIN


@pytest.mark.parametrize(("shared", "took_some"), [(True, 2), (False, 1)])
async def test_of_several_processes_none_takes_all_connections_that_wait(shared: bool, took_some: int) -> None:
    """Two of them in one loop, which asks both in turn. `False` is the control: the first that is asked takes all."""
    [opened] = connections.listeners("127.0.0.1", 0, Crowd(MOST))
    waiting = [socket.create_connection(opened.getsockname()) for _ in range(8)]
    took, loop = Counter[int](), asyncio.get_running_loop()

    def one_more(process: int) -> asyncio.Protocol:
        took[process] += 1
        return asyncio.Protocol()

    processes = list[asyncio.Server]()
    for number in range(2):
        listener = connections.Listener(fileno=os.dup(opened.fileno()))
        listener.crowd, listener.shared = Crowd(MOST), shared
        processes.append(await loop.create_server(partial(one_more, number), sock=listener))
    async with asyncio.timeout(WITHIN):
        while took.total() < len(waiting):  # noqa: ASYNC110  # asyncio has no event for it
            await asyncio.sleep(0)
    for server in processes:
        server.close()
    for end in (*waiting, opened):
        end.close()
    assert len(took) == took_some, took
