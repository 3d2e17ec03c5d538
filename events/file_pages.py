"""Our own files as they travel: packed once for each version, for every browser that unpacks. Public files alone:
beside a secret the length of a packed answer would tell of it.
"""

import gzip
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

WORTH_IT = frozenset({".css", ".js", ".mjs", ".svg", ".wasm"})
REFUSED = re.compile(r"q=0(\.0*)?$")
VARIES = {"vary": "accept-encoding"}


class OwnFiles(StaticFiles):
    """Each is asked after by its mark, and the packed one has a mark of its own."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        path, asked = Path(full_path), Headers(scope=scope)
        if not _packs(path, asked):
            plain = super().file_response(full_path, stat_result, scope, status_code)
            plain.headers.update(VARIES)
            return plain
        told = FileResponse(path, status_code, stat_result=stat_result).headers
        headers = VARIES | {"etag": f'{told["etag"][:-1]}-gzip"', "last-modified": told["last-modified"]}
        answer = _packed_answer(packed(path, stat_result.st_mtime_ns), headers, told["content-type"])
        return NotModifiedResponse(answer.headers) if self.is_not_modified(answer.headers, asked) else answer


async def own_file(request: Request, path: Path, media_type: str, headers: Mapping[str, str]) -> Response:
    """One that stays as it is for as long as we run."""
    headers = {**VARIES, **headers}
    if not _packs(path, request.headers):
        return FileResponse(path, headers=headers, media_type=media_type)
    return _packed_answer(await to_thread.run_sync(packed, path), headers, media_type)


async def own_text(request: Request, text: str, media_type: str, headers: Mapping[str, str]) -> Response:
    """One that is put together when we start."""
    headers = {**VARIES, **headers}
    if not takes_gzip(request.headers.get("accept-encoding", "")):
        return Response(text, headers=headers, media_type=media_type)
    return _packed_answer(_packed_text(text), headers, media_type)


def _packed_answer(body: bytes, headers: Mapping[str, str], media_type: str) -> Response:
    return Response(body, headers={"content-encoding": "gzip", **headers}, media_type=media_type)


@lru_cache(maxsize=256)
def packed(path: Path, changed: int = 0) -> bytes:
    """A tenth of a second for the biggest of them, and once: a file that has `changed` is another one."""
    return gzip.compress(path.read_bytes(), 9, mtime=0)


@lru_cache(maxsize=16)
def _packed_text(text: str) -> bytes:
    return gzip.compress(text.encode(), 9, mtime=0)


def _packs(path: Path, asked: Headers) -> bool:
    return path.suffix in WORTH_IT and takes_gzip(asked.get("accept-encoding", ""))


def takes_gzip(accepts: str) -> bool:
    """Named, and not to say that it is refused."""
    offers = (one.strip().lower().partition(";") for one in accepts.split(","))
    return any(name.strip() == "gzip" and not REFUSED.match(how.replace(" ", "")) for name, _, how in offers)
