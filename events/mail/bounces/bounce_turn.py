"""Looks into the folder of what came back, every few minutes, for as long as the server runs."""

import asyncio

import structlog

from events.ground import clock, live, presence
from events.ground.repeating import repeat
from events.ground.settings import Settings

from . import returned
from .bounce_folder import BounceFolder, FolderTrouble, Stopped, apart
from .returned import Outcome

EVERY_SECONDS = 120.0
log = structlog.get_logger()
_trouble = ""


def trouble() -> str:
    """Why what came back cannot be read just now, in a sentence for organisers; nothing when all is well."""
    return _trouble


async def run(chosen: Settings, stop: asyncio.Event) -> None:
    if chosen.bounces_host:
        await presence.tried()
        await repeat(lambda: _look(chosen, stop), EVERY_SECONDS, stop, "bounces not read")


async def _look(chosen: Settings, stop: asyncio.Event) -> None:
    """One server alone reads: what is not ours, or not understood, is only counted, and each would count it. The others
    see whether they could."""
    if await presence.is_for_another():
        _say(await probe(chosen))
    else:
        await turn(chosen, stop)


async def turn(chosen: Settings, stop: asyncio.Event) -> None:
    """Takes in all that nobody has seen. What was taken in and could not be marked is taken in again: that changes
    nothing."""
    folder = BounceFolder(chosen)
    try:
        await apart(stop, folder.open)
        for uid in await apart(stop, folder.unread):
            await _take(folder, uid, stop)
        _say("")
    except FolderTrouble as error:
        _say(str(error))
    except Stopped:
        return
    finally:
        if stop.is_set():
            folder.drop()
        else:
            await apart(asyncio.Event(), folder.close)


async def _take(folder: BounceFolder, uid: str, stop: asyncio.Event) -> None:
    """First what follows from it, then the mark: so nothing is lost between the two."""
    raw = await apart(stop, folder.fetch, uid)
    if raw is None:
        return
    outcome = await returned.take(raw, "", clock.now(), clock.real())
    await apart(stop, folder.mark, uid, flagged=outcome is Outcome.UNKNOWN)


async def probe(chosen: Settings) -> str:
    """Signs in and looks at the folder as a turn does, and reads nothing. What is in the way, in a sentence, or
    nothing."""
    folder, never = BounceFolder(chosen), asyncio.Event()
    try:
        await apart(never, folder.open)
    except FolderTrouble as error:
        return str(error)
    finally:
        await apart(never, folder.close)
    return ""


def _say(sentence: str) -> None:
    global _trouble
    if sentence != _trouble:
        _trouble = sentence
        if sentence:
            log.warning("bounces not read", why=sentence)
        live.publish("mail")
