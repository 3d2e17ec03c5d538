"""Templates become pages: what each may use, and what stands on every page of ours."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import (
    ChainableUndefined,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    Template,
)
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from markupsafe import _escape_inner, escape  # type: ignore[attr-defined]  # in C, or in Python
from starlette.requests import Request
from starlette.responses import HTMLResponse, StreamingResponse

from events.ground import clock, wording

TEMPLATES = Path(__file__).parents[2] / "templates"
OF_EVERY_DICT = frozenset(dir(dict))
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass
class Banner:
    """What stands above every page of a rehearsal; empty in the live product."""

    facts: Callable[[], Mapping[str, Any]] | None = None


BANNER = Banner()


class Quick(Environment):
    """Looks names up in dictionaries first, and takes attributes as they are. Macros read hundreds of facts a page, and
    Jinja would try each in more ways than one."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict and attribute not in OF_EVERY_DICT:
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        try:
            return getattr(obj, attribute)
        except AttributeError:
            return super().getattr(obj, attribute)


def as_text(value: Any) -> str:
    """What is put out, escaped. Jinja would make Markup of each word of a page, only to join it with the others."""
    return _escape_inner(value) if type(value) is str else escape(value)


def in_one_piece(block: Callable[[Context], Iterable[str]]) -> Callable[[Context], Iterable[str]]:
    """Each piece that a block puts out would go up through all the templates that its own one extends."""

    def drawn(context: Context) -> Iterable[str]:
        return ("".join(block(context)),)

    return drawn


class Once(Template):
    """Imported, it is drawn once for all: here all templates have the same globals, which Jinja would compare at each
    import of each page."""

    @classmethod
    def _from_namespace(cls, environment: Environment, namespace: MutableMapping[str, Any], *more: Any) -> Template:
        namespace["escape"] = as_text  # what the compiled template calls for its output, and for nothing else
        for name, block in namespace["blocks"].items():
            namespace["blocks"][name] = namespace[f"block_{name}"] = in_one_piece(block)
        return super()._from_namespace(environment, namespace, *more)

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        if self._module is None:
            self._module = self.make_module()
        return self._module


Quick.template_class = Once


@lru_cache(maxsize=1)
def templates() -> Environment:
    """Read once: a new version of a template needs a restart, as code does."""
    macros = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    loader = ChoiceLoader([FileSystemLoader(TEMPLATES), macros])
    made = Quick(
        loader=loader, autoescape=True, undefined=ChainableUndefined, trim_blocks=True, lstrip_blocks=True,
        auto_reload=False,
    )  # fmt: skip
    made.globals |= {"wording": wording, "day_words": clock.day_words, "time_words": clock.time_words, "zip": zip}
    made.filters |= {"when": when}
    return made


def when(moment: datetime) -> str:
    """8 April 2019, 09:12 at the venue."""
    there = clock.local(moment)
    return f"{date_words(there)}, {there.hour:02}:{there.minute:02}"


def date_words(day: date) -> str:
    """8 April 2019."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def render(request: Request, template: str, status: int = 200, **facts: Any) -> HTMLResponse:
    now = clock.now()
    shared = {
        "request": request,
        "path": request.scope["path"],
        "staff": getattr(request.state, "staff", None),
        "session": getattr(request.state, "session", None),
        "role": getattr(request.state, "role", None),
        "event": getattr(request.state, "event", None),
        "doors_ask": getattr(request.state, "doors_ask", ""),
        "current_time": now,
        "today": clock.local(now).date(),
        "banner": BANNER.facts() if BANNER.facts else None,
    }
    return HTMLResponse(templates().get_template(template).render(shared | facts), status)


def event_stream(sent: AsyncIterator[str]) -> StreamingResponse:
    """What a page's script listens to; no cache and no proxy holds it back."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(sent, media_type="text/event-stream", headers=headers)
