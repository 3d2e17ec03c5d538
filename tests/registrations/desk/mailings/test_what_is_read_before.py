"""An announcement is read before as each who is chosen will get it: greeting, formatting, and the link at its end.

Rules: EM-13, EM-15.
"""

import re
from html import unescape

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations import all_emails
from registrations.bulk.bulk_act import BulkAct
from registrations.people.registration import State
from registrations.telling.announcement import Announcement, Audience
from tests.at_the_desk import desk
from tests.browser import browsing, words
from tests.events.mail.mailing import send
from tests.mail_reading import html_of, links_of, text_of
from tests.registrations.desk.mailings.test_announcement_pages import TYPED, path, wrote
from tests.registrations.telling.telling import one_of_each
from tests.smtp_sink import smtp_sink

WRITTEN = (
    "Dear all,\n\nPlease **come early**.\n\n- by train\n- on foot\n\nSee [the map](https://maps.example.org/a?b=1&c=2)."
)
TICKET, REQUEST = "Open your ticket", "Open your request"


@pytest.mark.parametrize("greets", [True, False])
async def test_the_greeting_is_shown_and_can_be_left_out(
    database: Database, event: Event, lena: Staff, greets: bool
) -> None:
    await one_of_each(event)
    async with browsing(database, lena) as client:
        form = words((await client.get(path(event, "new"))).text)
        made = await wrote(client, event, words=WRITTEN, **({} if greets else {"greeting": "ungreeted"}))
        page = await client.get(path(event, made.id))
        change = await client.get(path(event, made.id, "change"))
        await client.post(path(event, made.id, "send"), data={"seen": "0"})
    assert "Leave out “Dear [name],” at the top" in form
    assert ("Dear Alex Example," in page.text, "Dear all," in page.text) == (greets, True)
    assert ('value="ungreeted" checked' in change.text) is not greets
    async with smtp_sink() as sink:
        await send(sink, all_emails.writers())
    [caught] = sink.caught
    assert [f"Dear {caught.email['To'].addresses[0].display_name}," in text_of(caught.email)] == [greets]


async def test_the_email_has_the_markdown_of_the_public_page(database: Database, event: Event, lena: Staff) -> None:
    await one_of_each(event)
    async with browsing(database, lena) as client:
        made = await wrote(client, event, words=WRITTEN)
        await client.post(path(event, made.id, "send"), data={"seen": "0"})
        wrong = await client.post(path(event, "new"), data=TYPED | {"words": "<b>Now</b>\n\n![x](https://x.example/y)"})
    async with smtp_sink() as sink:
        await send(sink, all_emails.writers())
    [caught] = sink.caught
    html, text = html_of(caught.email), text_of(caught.email).replace("\r\n", "\n")
    assert ("<strong>come early</strong>" in html, "<li>by train</li>" in html, "govuk" in html) == (True, True, False)
    assert ("https://maps.example.org/a?b=1&c=2", "the map") in [(unescape(to), shown) for to, shown in links_of(html)]
    assert "Please come early.\n\n- by train\n- on foot\n\nSee the map (https://maps.example.org/a?b=1&c=2)." in text
    assert (wrong.status_code, "Line 1 has HTML" in words(wrong.text), "Line 3 has a picture" in words(wrong.text)) == (
        422, True, True,
    )  # fmt: skip


async def test_each_state_of_the_chosen_has_a_preview_of_its_own(database: Database, event: Event, lena: Staff) -> None:
    await one_of_each(event)
    async with browsing(database, lena) as client:
        waiting = await wrote(client, event, audience=Audience.WAITING.value)
        page = await client.get(path(event, waiting.id))
        assert re.findall(r"<h2[^>]*>(For [^<]*)</h2>", page.text) == [
            "For 2 people without a place (Offered, Waiting list)"
        ]
        assert (TICKET in page.text, REQUEST in page.text) == (False, True)
        pictures = re.findall(r'<iframe[^>]* src="([^"]+)"', page.text)
        [picture] = [await client.get(source) for source in pictures]
        assert (TICKET in picture.text, REQUEST in picture.text) == (False, True)
        fixed = await client.post(desk(event, "people", "all"), data={"everyone": "yes", "act": "write"})
        act = await BulkAct.get()
        form = desk(event, "emails", "announcements", f"new?people={act.id}")
        done = await client.post(form, data={"subject": "News", "words": "Soon more."})
        listed = await client.get(done.headers["location"])
    assert (fixed.status_code, done.status_code) == (303, 303)
    assert "To the people of the list Everybody on the list" in words(listed.text)
    headings = re.findall(r"<h2[^>]*>(For \d+ \w+ with[a-z]*)", listed.text)
    assert headings == ["For 1 person with", "For 4 people without"]
    assert (TICKET in listed.text, REQUEST in listed.text) == (True, True)


async def test_lists_show_its_subject_to_whoever_may_read_it(
    database: Database, event: Event, lena: Staff, vic: Staff
) -> None:
    await one_of_each(event)
    async with browsing(database, lena) as client:
        made = await wrote(client, event, subject="Where to park")
        await client.post(path(event, made.id, "send"), data={"seen": "0"})
        sent = words((await client.get(desk(event, "emails", "to-many"))).text)
    async with browsing(database, vic) as client:
        seen = words((await client.get(desk(event, "emails", "to-many"))).text)
    assert ("Where to park Announcement" in sent, "Where to park" in seen, "Announcement" in seen) == (
        True,
        False,
        True,
    )
    assert (await Announcement.get()).subject == "Where to park"
    assert State.APPROVED in (await Announcement.get()).recipients.states
