"""Organisers write to all whom a list showed: the people are fixed at the press, and nobody learns of a place by it.

Rules: EM-13, SG-04, SE-06.
"""

from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database, run_tx
from events.mail.outbox import Message
from registrations.bulk import acting, fixing, working
from registrations.bulk.bulk_act import BulkAct, BulkKind, BulkPerson
from registrations.people.registration import Registration, State
from registrations.telling.announcement import Announcement, Audience
from tests.at_the_desk import desk
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, confirmed, someone
from tests.professional import put_into
from tests.registrations.bulk.acts import fixed

from .test_bulk_pages import presses

TEXT = {"subject": "Where to park", "words": "Behind the hall."}


async def test_whoever_was_on_the_list_and_may_be_written_to_gets_it_and_nobody_else(
    database: Database, event: Event, ada: Person, lena: Staff
) -> None:
    to = [await put_into(state, someone(), event) for state in (State.APPROVED, State.WAITING, State.CONFIRMED)]
    for state in (State.NOT_OFFERED, State.CANCELLED, State.REQUESTED):
        await put_into(state, someone(), event)
    async with browsing(database, lena) as client:
        page = await presses(client, event, "write", "people/all")
        told = words(page.text)
        assert heading(page) == "Write to 6 people?"
        assert "3 of them can get an email" in told
        assert "The other 3 are left out" in told
        await confirmed(ada, event)  # who came to the list later
        act = await BulkAct.get()
        form = f"emails/announcements/new?people={act.id}"
        assert "It goes to the people of the list that you chose" in words((await client.get(desk(event, form))).text)
        assert (await client.post(desk(event, form), data={"subject": "", "words": "x"})).status_code == 422
        written = await client.post(desk(event, form), data=TEXT)
        here = written.headers["location"].partition("?")[0]
        assert "3 people as of now" in words((await client.get(here)).text)
        changed = await client.post(f"{here}/change", data=TEXT | {"words": "Behind the hall, please.", "seen": "0"})
        assert changed.status_code == 303
        await working.turn(MONDAY, clock.real() + working.LEASE * 100)  # it is kept, and nothing is done with it
        assert (await client.post(f"{here}/send", data={"seen": "1"})).status_code == 303
    [made] = await Announcement.all()
    assert (made.audience, made.act_id, made.sent_at is None) == (Audience.CHOSEN, act.id, False)
    emails = await Message.filter(template="announcement").order_by("subject_id")
    assert [email.subject_id for email in emails] == sorted(person.id for person in to)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_only_whoever_fixed_the_list_writes_to_it_and_no_other_form_names_it(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    await put_into(State.APPROVED, someone(), event)
    async with browsing(database, lena) as client:
        await presses(client, event, "write", "people/all")
        waits = await presses(client, event, "wait", "requests/all")
        number = str(waits.url.path).rpartition("/")[2]
        assert (await client.get(desk(event, f"emails/announcements/new?people={number}"))).status_code == 404
        posted = TEXT | {"audience": Audience.CHOSEN.value, "kind": "all", "references": ""}
        assert (await client.post(desk(event, "emails/announcements/new"), data=posted)).status_code == 422
    act = await BulkAct.get(kind="write")
    async with browsing(database, omar) as client:
        assert (await client.get(desk(event, f"emails/announcements/new?people={act.id}"))).status_code == 404
    assert await Registration.all().count() == 1


async def test_a_list_to_which_nobody_writes_within_a_day_is_forgotten(event: Event, omar: Staff) -> None:
    people = [await confirmed(someone(), event)]
    left, kept = [await fixed(event, omar, BulkKind.WRITE, people, None) for _ in range(2)]
    await run_tx(acting.keep)(kept.id, MONDAY)
    real = clock.real()
    await working.turn(MONDAY, real + fixing.WRITTEN_WITHIN - timedelta(minutes=1))
    assert await BulkPerson.all().count() == 2, "somebody may be writing still"
    await working.turn(MONDAY, real + fixing.WRITTEN_WITHIN + timedelta(minutes=1))
    assert [row.bulk_id for row in await BulkPerson.all()] == [kept.id]
    assert not await BulkAct.filter(id=left.id).exists()
