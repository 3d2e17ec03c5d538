"""A request that names two hosts, or in HTTP/1.1 none, is answered with nothing but that."""

from typing import Any

import pytest

from events.ground.database import Database
from server import make_app

HOST = (b"host", b"places.example.org")


@pytest.mark.parametrize(
    ("version", "headers", "status"),
    [("1.1", [HOST], 200), ("1.1", [HOST, HOST], 400), ("1.1", [], 400), ("1.0", [], 200), ("1.0", [HOST, HOST], 400)],
)
async def test_a_request_names_one_host(
    database: Database, version: str, headers: list[tuple[bytes, bytes]], status: int
) -> None:
    said = list[dict[str, Any]]()
    scope = {"type": "http", "http_version": version, "method": "GET", "path": "/healthz", "raw_path": b"/healthz",
             "query_string": b"", "headers": headers, "client": ("192.0.2.1", 1), "scheme": "http",
             "server": ("127.0.0.1", 80), "root_path": ""}  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    await make_app(database)(scope, receive, send)
    assert said[0]["status"] == status
