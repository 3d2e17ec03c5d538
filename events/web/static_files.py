"""Our own files as they travel: packed once for each version, for every browser that unpacks. Public files alone:
beside a secret the length of a packed answer would tell of it.

In brotli where the build has put that beside the file, which it can for what we did not write; else in gzip.
"""

import gzip
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from .rendering import render

WORTH_IT = frozenset({".css", ".js", ".mjs", ".svg", ".wasm"})
REFUSED = re.compile(r"q=0(\.0*)?$")
BROTLI = "br"  # its name to browsers, and what a file so packed is called beside the plain one
VARIES = {"vary": "accept-encoding"}


class OwnFiles(StaticFiles):
    """Checks each file by its mark; a packed one has a mark of its own. Hidden files belong to the build."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        return ("", None) if any(part.startswith(".") for part in Path(path).parts) else super().lookup_path(path)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        path, asked = Path(full_path), Headers(scope=scope)
        packing = _packing(path, asked)
        if not packing:
            plain = super().file_response(full_path, stat_result, scope, status_code)
            plain.headers.update(VARIES)
            return plain
        told = FileResponse(path, status_code, stat_result=stat_result).headers
        headers = VARIES | {"etag": f'{told["etag"][:-1]}-{packing}"', "last-modified": told["last-modified"]}
        body = packed(path, packing, stat_result.st_mtime_ns)
        answer = _packed_answer(body, packing, headers, told["content-type"])
        return NotModifiedResponse(answer.headers) if self.is_not_modified(answer.headers, asked) else answer


async def own_file(request: Request, path: Path, media_type: str, headers: Mapping[str, str]) -> Response:
    """Sends a file that does not change while we run."""
    headers = {**VARIES, **headers}
    packing = _packing(path, request.headers)
    if not packing:
        return FileResponse(path, headers=headers, media_type=media_type)
    return _packed_answer(await to_thread.run_sync(packed, path, packing), packing, headers, media_type)


async def own_text(request: Request, text: str, media_type: str, headers: Mapping[str, str]) -> Response:
    """Sends a text that is put together here, the same for everybody."""
    headers = {**VARIES, **headers}
    if "gzip" not in taken(request.headers.get("accept-encoding", "")):
        return Response(text, headers=headers, media_type=media_type)
    return _packed_answer(_packed_text(text), "gzip", headers, media_type)


async def own_page(
    request: Request, template: str, headers: Mapping[str, str] = MappingProxyType({}), **facts: Any
) -> Response:
    """Sends a page that is the same for everybody."""
    answer = render(request, template, **facts)
    return await own_text(request, bytes(answer.body).decode(), "text/html", headers)


def _packed_answer(body: bytes, packing: str, headers: Mapping[str, str], media_type: str) -> Response:
    return Response(body, headers={"content-encoding": packing, **headers}, media_type=media_type)


@lru_cache(maxsize=256)
def packed(path: Path, packing: str, changed: int = 0) -> bytes:
    """Packs a file, which takes a tenth of a second for the biggest, once. A file with another `changed` is another
    file."""
    return _beside(path).read_bytes() if packing == BROTLI else gzip.compress(path.read_bytes(), 9, mtime=0)


@lru_cache(maxsize=16)
def _packed_text(text: str) -> bytes:
    return gzip.compress(text.encode(), 9, mtime=0)


def _packing(path: Path, asked: Headers) -> str:
    """The smallest packing that the browser takes. None if the file is to be sent as it is."""
    takes = taken(asked.get("accept-encoding", "")) if path.suffix in WORTH_IT else frozenset()
    if BROTLI in takes and _beside(path).is_file():
        return BROTLI
    return "gzip" if "gzip" in takes else ""


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.{BROTLI}")


def taken(accepts: str) -> frozenset[str]:
    """The encodings that the browser names and does not refuse. A browser that says nothing, or a star, gets the
    plain file: a star accepts that too."""
    offers = (offer.strip().lower().partition(";") for offer in accepts.split(","))
    return frozenset(name.strip() for name, _, how in offers if not REFUSED.match(how.replace(" ", "")))
