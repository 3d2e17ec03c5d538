"""PDFs, set by Typst from templates of ours: tagged, in our fonts, and the same bytes for the same facts."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

import anyio
import typst
from anyio import to_thread

from . import fonts
from .rendering import TEMPLATES

NOTHING = TEMPLATES / "nothing.typ"  # an empty page
SETTING = anyio.CapacityLimiter(1)  # one at a time, each some milliseconds: the loop and its pages stay free
STANDARD: Final = "ua-1"  # Typst refuses what does not keep it: a picture without words, a letter that no font has
CONTENT_TYPE = "application/pdf"
KEPT_FOR = 11  # so many times Typst sets something before it lets go of what it has kept for a text that stays


async def pdf(template: str, facts: Mapping[str, Any], setting: anyio.CapacityLimiter = SETTING) -> bytes:
    """Set in a thread. The template reads the facts from `sys.inputs`: texts that `fonts.drawable` has seen, and lists
    of them. `setting`: a queue of their own, for long ones, so that nobody's ticket waits for them."""
    return await to_thread.run_sync(typeset, TEMPLATES / template, facts, limiter=setting)


async def svg(template: str, facts: Mapping[str, Any]) -> str:
    """The first page alone, as a drawing of its true size."""
    return await to_thread.run_sync(draw, TEMPLATES / template, facts, limiter=SETTING)


async def forget() -> None:
    """Lets go of what Typst keeps of files before, some hundred bytes for each letter: between files of many pages."""
    await to_thread.run_sync(_forget, limiter=SETTING)


def typeset(template: Path, facts: Mapping[str, Any]) -> bytes:
    """Adds the names of our fonts to the facts."""
    said = json.dumps({**facts, "fonts": _families()})
    return cast(bytes, _compiler(template).compile(sys_inputs={"facts": said}, pdf_standards=STANDARD))


def draw(template: Path, facts: Mapping[str, Any]) -> str:
    said = json.dumps({**facts, "fonts": _families()})
    return cast(bytes, _compiler(template).compile(sys_inputs={"facts": said}, format="svg")).decode()


def _forget() -> None:
    for _ in range(KEPT_FOR):
        _compiler(NOTHING).compile()


@lru_cache(maxsize=16)
def _compiler(template: Path) -> typst.Compiler:
    """Reads nothing but this folder and our fonts, so that a page is set the same on every machine."""
    return typst.Compiler(template, root=template.parent, font_paths=_fonts(), ignore_system_fonts=True)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts.FOLDER])
    if fonts.FIRST not in found.families():
        raise RuntimeError(f"no fonts in {fonts.FOLDER}: ./run puts them there, or python hatch_build.py alone")
    return found


def _families() -> list[str]:
    return sorted(_fonts().families(), key=lambda family: family != fonts.FIRST)
