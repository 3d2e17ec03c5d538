"""Node with all simulated phones in it: commands go in as lines of JSON, and questions of the network come out."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from tests import node_packages
from tests.run_all import ROOT, node

Told = dict[str, Any]
Answers = Callable[[Told], Awaitable[Told]]
LONGEST_LINE = 2**24
NODE = ["--experimental-vm-modules", "--no-warnings", "tests/simulator/phones.mjs"]


class Machine:
    """`answers` says what becomes of each question that leaves a phone, and answers those that reach the server."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers

    async def start(self) -> None:
        node_packages.fetch()
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(
            node() or "node", *NODE, cwd=ROOT, stdin=pipe, stdout=pipe, limit=LONGEST_LINE
        )

    async def stop(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()
        await self.process.wait()

    async def do(self, to: str, phone: str = "", *given: Any) -> Any:
        """What it comes to, once nothing is under way any more at this moment of the day."""
        self._write({"to": to, "phone": phone, "given": given})
        while True:
            told = json.loads(await self.process.stdout.readline() or '{"failed": "Node has stopped"}')  # type: ignore[union-attr]
            if "failed" in told:
                raise AssertionError(f"{to} {phone} {given}: {told['failed']}")
            if "done" in told:
                return told["done"]
            self._write({"answer": await self.answers(told)})

    def _write(self, told: Told) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(told).encode() + b"\n")
