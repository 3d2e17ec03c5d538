"""The desk's page on which each word for a kind of organisation that we do not know is said once. Rules: DP-16."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.ground import clock
from events.web.routing import answers, page, redirect
from registrations.desk.desk_pages import path_of, show
from registrations.importing import importing, kind_words, kinds, previewing
from registrations.importing.kinds import Word
from registrations.people.registration import OrganisationKind

from .import_pages import AGAIN, HERE, own_import

NOT_SAID = "Choose a kind for “{}”"
NONE_SAID = "Choose a kind for people whose row has none"


async def ask(request: Request) -> Response:
    """What somebody has said before stands there, and what a word can mean alone."""
    begun = await own_import(request)
    _, rows = previewing.opened(begun, clock.real())
    words = previewing.unknown_kinds(begun, rows)
    if not words:
        return redirect(path_of(request, *HERE, begun.public_id))
    known = await kind_words.remembered(request.state.event) | dict(begun.answers.kinds)
    return await _ask(
        request, words, {word.folded: known.get(word.folded) or kinds.guess(word.written) for word in words}
    )


async def say(request: Request) -> Response:
    begun = await own_import(request)
    _, rows = previewing.opened(begun, clock.real())
    words, posted = previewing.unknown_kinds(begun, rows), await answers(request)
    given = {word.folded: str(posted.get(_name(word), "")) for word in words}
    said = {word: kind for word, kind in given.items() if kind in list(OrganisationKind)}
    if len(said) < len(words):
        return await _ask(request, words, said, is_wrong=True)
    await importing.say_kinds(request.state.event, begun, said, [word.folded for word in words if word.is_lasting])
    return redirect(path_of(request, *HERE, begun.public_id))


async def _ask(request: Request, words: list[Word], said: Mapping[str, str], *, is_wrong: bool = False) -> Response:
    asked = [(f"kind-{n}", _name(word), word, said.get(word.folded, "")) for n, word in enumerate(words, 1)]
    wrong = {id_: _wrong(word) for id_, _, word, kind in asked if is_wrong and not kind}
    facts: dict[str, Any] = {"asked": asked, "wrong": wrong, "kinds": [kind.value for kind in OrganisationKind]}
    facts["summary"] = [{"text": text, "href": f"#{id_}"} for id_, text in wrong.items()]
    return await show(request, "desk/importing/kinds.html", 422 if wrong else 200, **facts)


def _wrong(word: Word) -> str:
    return NOT_SAID.format(word.written[:60]) if word.written else NONE_SAID


def _name(word: Word) -> str:
    """Of its field: by the word itself, so that no other column's word is ever taken for it."""
    return f"kind of {word.folded}"


routes = [
    page("/desk/{event}/people/import/{public_id}/kinds", ask, who=AGAIN),
    page("/desk/{event}/people/import/{public_id}/kinds", say, who=AGAIN, methods=["POST"]),
]
