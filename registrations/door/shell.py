"""The door's pages and files, under an address that changes with them, so that phones may keep both."""

import json
import re
from functools import cache
from hashlib import sha256
from pathlib import Path

SCANNER = Path(__file__).parent / "scanner"
TEMPLATES = Path(__file__).parents[2] / "templates"
VENDOR = TEMPLATES / "static" / "vendor"
WORKER = "service-worker.mjs"  # has an address of its own: one that stays
DECODER = ("zxing/share.js", "zxing/reader/index.js", "zxing/reader/zxing_reader.wasm")
REMARKS = re.compile(r"^[ \t]*(?://[^\n]*|/\*\*.*?\*/)\n", re.MULTILINE | re.DOTALL)  # that fill whole lines
IMPORTS = re.compile(r'^(?:import|export)\b[^;"]*"\./([^"]+)";', re.MULTILINE)
TYPES = {
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".css": "text/css",
    ".wasm": "application/wasm",
}


@cache
def files() -> dict[str, Path]:
    """By their path below the folder. The modules find each other, and the decoder, by the same relative paths."""
    ours = [path for path in sorted(SCANNER.iterdir()) if path.suffix in TYPES and path.name != WORKER]
    theirs = [VENDOR / name for name in DECODER if (VENDOR / name).is_file()]  # `doctor` says when they are missing
    return {f"scanner/{path.name}": path for path in ours} | {
        f"vendor/{path.relative_to(VENDOR).as_posix()}": path for path in theirs
    }


@cache
def version() -> str:
    """The hash of every byte that a phone keeps, pages and worker included."""
    made = sha256()
    pages = {path.name: path for path in sorted((TEMPLATES / "door").iterdir())}
    for name, path in (files() | pages | {WORKER: SCANNER / WORKER}).items():
        made.update(f"{name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return made.hexdigest()[:16]


@cache
def module(path: Path) -> str:
    """A module as it is sent, without its comments, which are a quarter of its bytes."""
    return REMARKS.sub("", path.read_text(encoding="utf-8"))


def folder() -> str:
    return f"/door/s/{version()}"


@cache
def modules_of(first: str) -> list[str]:
    """The addresses of all that a page's first module imports, nearest first: named in the page, the browser asks for
    all at once. Else it hears of each only once the one before has come, and a door's page is seven deep."""
    names = [first]
    for name in names:  # which grows meanwhile
        names += [needed for needed in dict.fromkeys(IMPORTS.findall(module(SCANNER / name))) if needed not in names]
    return [f"{folder()}/scanner/{name}" for name in names[1:]]


@cache
def worker() -> str:
    """The service worker, with the version and the list of files to keep."""
    listed = json.dumps([f"{folder()}/{name}" for name in files()])
    return (SCANNER / WORKER).read_text(encoding="utf-8").replace('["{files}"]', listed).replace("{version}", version())
