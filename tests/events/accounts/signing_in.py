"""Browsers in which somebody signs in, and what the pages then say."""

import re
from html import unescape

import httpx2

from events.accounts.staff import Staff
from events.ground import clock
from tests.people import PASSWORD, code_of

NEW_PASSWORD = "river lantern stove"


Client = httpx2.AsyncClient


def errors(answer: httpx2.Response) -> list[str]:
    """The sentences of the error summary; each stands at its field too, and the title says so."""
    summary = re.search(r'govuk-error-summary__list">(.*?)</ul>', answer.text, re.S)
    found = re.findall(r"<a href=\"#([^\"]+)\">(.*?)</a>", summary[1]) if summary else []
    for field, _ in found:
        assert f'id="{field}"' in answer.text
    for _, sentence in found:
        assert answer.text.count(sentence) == 2
    assert answer.text.count("<title>Error: ") == bool(found)
    return [unescape(sentence) for _, sentence in found]


def where(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("location", "")


async def half(browser: Client, staff: Staff, following: str = "") -> httpx2.Response:
    """The right password; no code yet."""
    return await browser.post(f"/staff/sign-in{following}", data={"email": staff.email, "password": PASSWORD})


async def whole(browser: Client, staff: Staff, following: str = "") -> httpx2.Response:
    first = await half(browser, staff, following)
    return await browser.post(first.headers["location"], data={"code": code_of(staff, clock.real())})
