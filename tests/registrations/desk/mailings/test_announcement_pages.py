"""An announcement is written, read, tested on oneself and sent to those who were chosen, once.

Rules: EM-13, EM-15, EM-16, SG-11.
"""

import asyncio

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import Database, query
from events.mail.outbox import Message
from registrations import all_emails
from registrations.desk.mailings.announcement_forms import ASKED_ABOUT
from registrations.people.registration import OrganisationKind, Registration, State
from registrations.telling import announcing
from registrations.telling.announcement import Announcement, Audience
from registrations.telling.mailing import Mailing
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_ticket
from tests.browser import browsing, words
from tests.events.mail.mailing import send
from tests.mail_reading import assert_it_reads_well, text_of
from tests.people import VENUE_CANARY, someone
from tests.registrations.telling.telling import email_to, in_state, one_of_each
from tests.smtp_sink import smtp_sink

TYPED = {
    "audience": Audience.GUESTS.value, "kind": "all", "references": "", "subject": "Where to park",
    "words": "Please come by train.\n\n  There is no car park.  ",
}  # fmt: skip


def path(event: Event, *parts: object) -> str:
    return "/".join(["/desk", event.slug, "emails", "announcements", *map(str, parts)])


async def wrote(client: httpx2.AsyncClient, event: Event, **typed: str) -> Announcement:
    done = await client.post(path(event, "new"), data=TYPED | typed)
    assert done.status_code == 303, words(done.text)
    made = await Announcement.all().order_by("-id").first()
    assert made is not None
    assert done.headers["location"] == f"{path(event, made.id)}?said=written"
    return made


async def recipients() -> list[int]:
    return sorted([message.subject_id for message in await Message.filter(template="announcement")])


async def test_it_is_read_before_and_nothing_goes_out(database: Database, event: Event, lena: Staff) -> None:
    await one_of_each(event)
    async with browsing(database, lena) as client:
        made = await wrote(client, event)
        page = await client.get(path(event, made.id))
        picture = await client.get(path(event, made.id, "picture"))
    assert "To everybody with a place: 1 person as of now. Send 1 email" in words(page.text)
    for shown in (page, picture):
        assert ["Dear Alex Example," in shown.text, "Please come by train." in shown.text] == [True, True]
    assert await Message.all().count() == 0
    kept = (await query("SELECT subject_sealed, words_sealed FROM announcement"))[0]
    assert not [value for value in kept.values() if b"train" in bytes(value) or b"park" in bytes(value)]


async def test_it_goes_to_each_who_was_chosen_once_however_often_it_is_sent(
    database: Database, event: Event, lena: Staff
) -> None:
    people = await one_of_each(event)
    async with browsing(database, lena) as client:
        made = await wrote(client, event)
        sent = await asyncio.gather(*(client.post(path(event, made.id, "send"), data={"seen": "0"}) for _ in range(3)))
        assert sorted(answer.status_code for answer in sent) == [303, 409, 409]
        page = await client.get(path(event, made.id))
        assert ("Sent" in words(page.text), "Send 1 email" in words(page.text)) == (True, False)
        assert (await client.post(path(event, made.id, "discard"))).status_code == 409
    assert await recipients() == [people[State.APPROVED].id]
    entry = await AuditEntry.get(action=Action.MAILING_BEGUN)
    assert (entry.actor, entry.details) == (lena.actor, {"template": "announcement"})
    async with smtp_sink() as sink:
        await send(sink, all_emails.writers())
    [caught] = sink.caught
    assert caught.recipients == (people[State.APPROVED].email,)
    assert_it_reads_well(caught.email)
    assert ["There is no car park." in text_of(caught.email), caught.email["Subject"]] == [True, "Where to park"]


@pytest.mark.parametrize("audience", ASKED_ABOUT)
async def test_each_audience_is_who_it_says(database: Database, event: Event, lena: Staff, audience: Audience) -> None:
    people = await one_of_each(event)
    expected = {
        Audience.GUESTS: [State.APPROVED], Audience.NOT_ARRIVED: [State.APPROVED], Audience.ARRIVED: [],
        Audience.WAITING: [State.OFFERED, State.WAITING], Audience.UNDECIDED: [State.CONFIRMED, State.RECHECKING],
    }[audience]  # fmt: skip
    async with browsing(database, lena) as client:
        made = await wrote(client, event, audience=audience.value)
        done = await client.post(path(event, made.id, "send"), data={"seen": "0"})
    assert done.status_code == (303 if expected else 409)
    assert await recipients() == sorted(people[state].id for state in expected)
    assert await Mailing.all().count() == bool(expected), "what would go to nobody was not begun"


async def test_references_and_kinds_choose_further(database: Database, event: Event, lena: Staff) -> None:
    one, two = await a_ticket(someone(), event), await a_ticket(someone(), event)
    async with browsing(database, lena) as client:
        made = await wrote(client, event, references=f"{one.reference.lower()}\n{one.reference.replace('-', ' ')}")
        form = await client.get(path(event, made.id, "change"))
        assert (one.reference in form.text, two.reference in form.text) == (True, False)
        await client.post(path(event, made.id, "send"), data={"seen": "0"})
        assert await recipients() == [one.registration_id]
        police = await wrote(client, event, kind="police")
        assert "0 people as of now" in words((await client.get(path(event, police.id))).text)
        wrong = await client.post(path(event, "new"), data=TYPED | {"references": "AAA-AAA"})
    assert (wrong.status_code, "There is no ticket with the reference AAA-AAA" in wrong.text) == (422, True)


async def test_whoever_is_of_another_kind_by_the_time_it_goes_out_is_told_nothing(
    database: Database, event: Event, lena: Staff
) -> None:
    stays, moves = [await in_state(State.APPROVED, event) for _ in range(2)]
    await Registration.all().update(kind=OrganisationKind.POLICE)
    async with browsing(database, lena) as client:
        made = await wrote(client, event, kind="police")
        await client.post(path(event, made.id, "send"), data={"seen": "0"})
    assert await recipients() == [stays.id, moves.id]
    await Registration.filter(id=moves.id).update(kind=OrganisationKind.CHARITY)
    emails = [await email_to(person, "announcement") for person in (stays, moves)]
    assert [email is not None for email in emails] == [True, False]


async def test_one_for_somebody_who_is_gone_by_now_does_not_go_to_everybody(
    database: Database, event: Event, lena: Staff
) -> None:
    one, _ = await a_ticket(someone(), event), await a_ticket(someone(), event)
    async with browsing(database, lena) as client:
        made = await wrote(client, event, references=one.reference)
        await Ticket.filter(id=one.id).update(revoked_at=event.created_at)
        changed = await client.post(
            path(event, made.id, "change"), data=TYPED | {"seen": "7", "words": "A comma, more."}
        )
    assert 'name="seen" value="7"' in changed.text, "a wrong entry makes the form no newer"
    assert (changed.status_code, "none is left" in changed.text) == (422, True)
    assert (await Announcement.get()).ids == [one.registration_id]


WRONG: list[tuple[dict[str, str], str]] = [
    ({"audience": ""}, "Select who gets it"),
    ({"subject": ""}, "Enter the subject"),
    ({"subject": "Stalking awareness"}, announcing.IN_SUBJECT),
    ({"words": " \n "}, "Enter what you want to say"),
    ({"words": f"It is at {VENUE_CANARY.upper()}!"}, announcing.NAMES_VENUE),
    ({"subject": VENUE_CANARY}, announcing.NAMES_VENUE),
    ({"words": "Go to 1 Example Street."}, announcing.NAMES_VENUE),
    ({"words": "x" * 5001}, "5000 characters"),
]


@pytest.mark.parametrize(("typed", "told"), WRONG)
async def test_what_cannot_be_sent_is_told_and_kept_on_the_form(
    database: Database, event: Event, lena: Staff, typed: dict[str, str], told: str
) -> None:
    async with browsing(database, lena) as client:
        answer = await client.post(path(event, "new"), data=TYPED | typed)
    assert (answer.status_code, told in words(answer.text), await Announcement.all().count()) == (422, True, 0)
    assert TYPED["subject"] in answer.text or "subject" in typed


async def test_a_venue_that_is_held_back_again_is_not_sent_after_all(
    database: Database, event: Event, lena: Staff
) -> None:
    await in_state(State.APPROVED, event)
    async with browsing(database, lena) as client:
        await Event.filter(id=event.id).update(venue_released_at=event.created_at)
        made = await wrote(client, event, words=f"It is at {VENUE_CANARY}.")
        await Event.filter(id=event.id).update(venue_released_at=None)
        done = await client.post(path(event, made.id, "send"), data={"seen": "0"})
        assert (done.status_code, await recipients()) == (409, [])
        await Event.filter(id=event.id).update(venue_released_at=event.created_at)
        done = await client.post(path(event, made.id, "send"), data={"seen": "0"})
    assert (done.status_code, len(await recipients())) == (303, 1)


async def test_nobody_sends_or_replaces_what_somebody_else_has_changed_since(
    database: Database, event: Event, lena: Staff
) -> None:
    await in_state(State.APPROVED, event)
    async with browsing(database, lena) as client:
        made = await wrote(client, event)
        first = await client.post(path(event, made.id, "change"), data=TYPED | {"seen": "0", "words": "Come early."})
        second = await client.post(path(event, made.id, "change"), data=TYPED | {"seen": "0", "words": "Come late."})
        stale = await client.post(path(event, made.id, "send"), data={"seen": "0"})
        assert (first.status_code, second.status_code, stale.status_code) == (303, 409, 409)
        assert (await Announcement.get()).words == "Come early."
        assert (await client.post(path(event, made.id, "send"), data={"seen": "1"})).status_code == 303


async def test_a_test_goes_to_whoever_asks_for_it_and_ten_an_hour(
    database: Database, event: Event, lena: Staff
) -> None:
    await in_state(State.APPROVED, event)
    async with browsing(database, lena) as client:
        made = await wrote(client, event)
        statuses = [(await client.post(path(event, made.id, "test"))).status_code for _ in range(11)]
    assert statuses == [303] * 10 + [429]
    async with smtp_sink() as sink:
        await send(sink, all_emails.writers())
    assert {caught.recipients for caught in sink.caught} == {(lena.email,)}
    assert {str(caught.email["Subject"]) for caught in sink.caught} == {"Test: Where to park"}


async def test_what_is_discarded_is_gone(database: Database, event: Event, lena: Staff) -> None:
    async with browsing(database, lena) as client:
        made = await wrote(client, event)
        assert "Where to park" in (await client.get(f"/desk/{event.slug}/emails/to-many")).text
        done = await client.post(path(event, made.id, "discard"))
        assert (done.status_code, await Announcement.all().count()) == (303, 0)
        assert (await client.get(path(event, made.id))).status_code == 404
