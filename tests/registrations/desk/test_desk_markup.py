"""The desk's pages are valid where a browser forgives and a screen reader does not: roles, buttons, ids, numbers."""

from collections import Counter
from html.parser import HTMLParser

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from registrations.deciding import vetting
from tests.at_the_desk import desk, several
from tests.at_the_door import a_phone_at
from tests.browser import browsing
from tests.people import MONDAY, a_door

OWN_ROLE = {
    "table": "table", "thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "td": "cell", "nav": "navigation",
    "main": "main", "ul": "list", "ol": "list", "li": "listitem", "button": "button", "aside": "complementary",
}  # fmt: skip
HEADERS = {"columnheader", "rowheader"}
PAGES = (
    "requests", "people", "people/1", "people/1/name", "people/1/cancel", "people/1/withdraw", "board", "conflicts",
    "doors", "doors/1", "phones/1/revoke", "mail", "event", "event/hours", "event/places", "event/contacts",
    "event/hosts", "event/privacy", "organisations", "organisations/add",
)  # fmt: skip


class Markup(HTMLParser):
    """The faults of one page, in words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.ids: Counter[str] = Counter()
        self.tags: Counter[str] = Counter()
        self.feed(text)
        self.faults += [f"id {id_} stands {times} times" for id_, times in self.ids.items() if times > 1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        role = attributes.get("role")
        self.tags[tag] += 1
        if role and (role == OWN_ROLE.get(tag) or (tag == "th" and role in HEADERS)):
            self.faults.append(f"<{tag}> has that role already: {role}")
        if tag == "button" and attributes.get("type") not in ("submit", "button"):
            self.faults.append(f"a button has no type: {attributes}")
        if id_ := attributes.get("id"):
            self.ids[id_] += 1


def test_the_check_itself_finds_each_fault() -> None:
    page = '<table role="table"><tr role="row"><th role="rowheader" id="a"></th></tr></table><button id="a">Go</button>'
    assert len(Markup(page).faults) == 5


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
async def test_no_page_of_the_desk_has_a_fault_in_its_markup(database: Database, event: Event, lena: Staff) -> None:
    asked = await several(event, 3)
    await vetting.approve(asked[0], lena, MONDAY)
    await outbox.done(await Message.get(), MessageState.FAILED, MONDAY)
    await a_phone_at(await a_door(event))
    faults, rows = {}, 0
    async with browsing(database, lena) as client:
        for path in PAGES:
            page = await client.get(desk(event, path))
            assert (page.status_code, page.text.startswith("<!DOCTYPE html>")) == (200, True), path
            markup = Markup(page.text)
            rows += markup.tags["tr"]
            faults[path] = markup.faults
    assert {path: found for path, found in faults.items() if found} == {}
    assert rows > 15  # the tables were filled
