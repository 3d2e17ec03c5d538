"""What tests of the desk share: addresses, what a banner says, and people who ask one after the other."""

import re
from datetime import timedelta
from html import unescape

import httpx2

from events.event import Event
from registrations.people.registration import Registration, State
from tests.browser import words
from tests.people import MONDAY, confirmed, someone


def desk(event: Event, *parts: object) -> str:
    return "/".join(["/desk", event.slug, *(str(part) for part in parts)])


async def state_of(asked: Registration) -> State:
    return (await Registration.get(id=asked.id)).state


async def several(event: Event, number: int) -> list[Registration]:
    return [await confirmed(someone(), event, MONDAY + timedelta(minutes=n)) for n in range(number)]


async def ticked(*asked: Registration) -> list[str]:
    """What the tick boxes of these people post, as a list shows them now."""
    rows = {row.id: row for row in await Registration.filter(id__in=[person.id for person in asked])}
    return [f"{person.id}-{rows[person.id].marks[0]}" for person in asked]


def fields(page: httpx2.Response) -> dict[str, str]:
    """What its form would post if nobody typed or chose anything."""
    inputs = re.findall(r'<input(?![^>]* type="(?:radio|checkbox)")([^>]*)>', page.text)
    values = [(re.search(r' name="([^"]+)"', text), re.search(r' value="([^"]*)"', text)) for text in inputs]
    return {name[1]: unescape(value[1]) if value else "" for name, value in values if name}


def notice(answer: httpx2.Response) -> str:
    """What a page says was just done."""
    _, found, rest = answer.text.partition('<p class="govuk-notification-banner__heading">')
    return words(rest.partition("</p>")[0]) if found else ""


def green(answer: httpx2.Response) -> str:
    """What the banner says was done, with its buttons; '' without one."""
    return _outcome(answer, "done")


def amber(answer: httpx2.Response) -> str:
    """What the banner says was not done, with what can be done now; '' without one."""
    return _outcome(answer, "not")


def _outcome(answer: httpx2.Response, kind: str) -> str:
    found = re.search(rf'<div class="desk-outcome desk-outcome--{kind}".*?</div>', answer.text, re.S)
    return words(found[0]) if found else ""
