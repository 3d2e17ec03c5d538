"""A test email goes to whoever asked for it, by the same way as all others; and what IT teams are told is so.

Rules: EM-13.
"""

import re
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, settings
from events.ground.database import Database, query
from events.ground.refusal import Refused
from events.mail import mailer
from events.mail.bounces import return_path, returned
from events.mail.outbox import Message
from registrations.all_emails import writers
from registrations.desk.arriving import own_test_email
from registrations.tickets.request_emails import TEMPLATES
from tests.browser import browsing, words
from tests.conftest import SETTINGS
from tests.events.mail.bounces.returning import sample
from tests.events.mail.mailing import send
from tests.mail_reading import assert_it_reads_well
from tests.people import MONDAY
from tests.smtp_sink import smtp_sink

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
OURS = SETTINGS.model_copy(update={"bounces": "bounces@back.example.org", "dkim_selector": "relay2026"})


@pytest.fixture(autouse=True)
def as_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailer, "_trouble", "")
    settings.choose(OURS)


async def test_a_test_email_goes_to_whoever_pressed_the_button_as_every_other_email_does(
    database: Database, event: Event, lena: Staff, omar: Staff
) -> None:
    path = f"/desk/{event.slug}/emails"
    async with browsing(database, omar) as client, smtp_sink() as sink:
        done = await client.post(f"{path}/test", data={"to": lena.email, "email": lena.email})
        page = words((await client.get(done.headers["location"])).text)
        assert "The test email is on its way to your own address." in page
        assert re.search(r"Test email of 8 April 2019, 09:\d\d: Waiting to be sent", page)
        await send(sink, writers())
        [caught] = sink.caught
        assert caught.recipients == (omar.email,)
        assert return_path.message_in(caught.sender) == (await Message.get()).id
        assert caught.sender.endswith("@back.example.org")
        assert_it_reads_well(caught.email)
        assert re.search(r"Test email of 8 April 2019, 09:\d\d: Sent", words((await client.get(path)).text))
    entry = await AuditEntry.get(action=Action.TEST_EMAIL_SENT)
    assert (entry.actor, entry.subject, entry.event_id, entry.details) == (
        omar.actor, f"staff:{omar.id}", event.id, {},
    )  # fmt: skip


async def test_one_that_comes_back_says_why(database: Database, event: Event, omar: Staff, lena: Staff) -> None:
    await own_test_email.send(omar, event, MONDAY, clock.real())
    await query("UPDATE message SET state = 'sent', tries = 1")
    await returned.take(sample("postfix_dmarc", (await Message.get()).id), "", MONDAY, clock.real())
    async with browsing(database, omar) as client:
        page = words((await client.get(f"/desk/{event.slug}/emails")).text)
    assert "Did not arrive. Their mail system refused our email" in page
    assert "Nobody. No email has failed." in page, "nobody is to be telephoned about it"
    async with browsing(database, lena) as client:
        assert "Test email of" not in (await client.get(f"/desk/{event.slug}/emails")).text, "hers are others"


async def test_a_few_an_hour_are_enough(database: Database, event: Event, omar: Staff, lena: Staff) -> None:
    real = clock.real()
    for _ in range(own_test_email.OFTEN.tries):
        await own_test_email.send(omar, event, MONDAY, real)
    with pytest.raises(Refused, match="Wait a little"):
        await own_test_email.send(omar, event, MONDAY, real)
    await own_test_email.send(lena, event, MONDAY, real)
    await own_test_email.send(omar, event, MONDAY, real + timedelta(hours=2))
    assert await Message.filter(subject_id=omar.id).count() == own_test_email.OFTEN.tries + 1


async def test_a_disabled_account_is_sent_none(database: Database, event: Event, omar: Staff) -> None:
    await own_test_email.send(omar, event, MONDAY, clock.real())
    await Staff.filter(id=omar.id).update(disabled_at=MONDAY)
    async with smtp_sink() as sink:
        await send(sink, writers())
        assert sink.caught == []


async def text_shown(database: Database, event: Event, staff: Staff) -> str:
    async with browsing(database, staff) as client:
        page = (await client.get(f"/desk/{event.slug}/emails/it-teams")).text
    found = re.search(r"<pre[^>]*>(.*?)</pre>", page, re.S)
    assert found is not None
    return words(found[1])


async def test_it_teams_are_told_what_a_filter_can_see(database: Database, event: Event, vic: Staff) -> None:
    said = await text_shown(database, event, vic)
    for line in (
        'From: events@example.org, shown as "Conference places"',
        "Answers go to: organisers@example.org",
        "Return path: bounces+<24 letters and digits>@back.example.org, another one for each email",
        "DKIM: d=example.org, selector relay2026",
        "SPF: the servers that the record of back.example.org names",
        "DMARC: the record of example.org",
        "Links lead to: https://places.example.org and nowhere else",
        f"Your place on {event.day_words}",
        f"Confirm your request: conference on {event.day_words}",
        f"Reminder: Confirm your request: conference on {event.day_words}",
        f"Do you want a place? Conference on {event.day_words}",
        "Thank you for coming",
        "shows a picture of a code",
        "Allow them by the DKIM signature of example.org, not by the address of a server or by the return path.",
    ):
        assert line in said, line


async def test_what_is_not_set_is_not_said(database: Database, event: Event, vic: Staff) -> None:
    settings.choose(SETTINGS.model_copy(update={"sender": "events@example.org", "code_in_email": False}))
    said = await text_shown(database, event, vic)
    assert "From: events@example.org Answers go to: organisers@example.org Return path: events@example.org" in said
    assert "Allow them by the sender events@example.org, not by the address of a server." in said
    assert [word for word in ("DKIM", "selector", "picture", "another one", "shown as") if word in said] == []


async def test_it_names_neither_the_venue_nor_what_the_event_is_about(
    database: Database, event: Event, vic: Staff
) -> None:
    assert len(TEMPLATES) > 10, "the subjects of all of them are told"
    said = await text_shown(database, event, vic)
    assert event.host_names in said
    assert [word for word in (event.title, event.venue, "stalk", "victim") if word and word in said] == []
