"""Everybody on a list who can be is invited, nobody twice, and nobody has a place by it.

Rules: DP-16.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from events.accounts import reading
from events.accounts.staff import Staff
from events.accounts.staff_emails import WRITERS
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event, EventState
from events.ground import clock
from events.ground.database import Database, query
from events.ground.refusal import Refused
from events.mail import outbox
from events.mail.outbox import EPOCH, Message
from registrations.asking import confirming, held_back, registering
from registrations.importing import importing, previewing
from registrations.importing.checking import EMAIL_WRONG, check
from registrations.importing.columns import suggested
from registrations.importing.importing import ColumnsChanged
from registrations.importing.people_import import LASTS, PeopleImport
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import Registration, State
from registrations.tickets.ticket import Ticket
from tests.mail_reading import text_of, written
from tests.people import MONDAY, THE_DAY, Person, requested, someone
from tests.professional import told_by, with_ticket
from tests.registrations.importing.lists import HEADINGS, a_list, row_of


async def take(event: Event, begun: PeopleImport, by: Staff) -> PeopleImport:
    return await importing.take(event, begun, by, MONDAY, clock.real())


async def test_everybody_is_asked_and_nobody_has_a_place(event: Event, omar: Staff, ada: Person, bo: Person) -> None:
    done = await take(event, await a_list(event, omar, people=[ada, bo]), omar)
    assert (done.invited, done.known, done.list_sealed) == (2, 0, None)
    people = await Registration.all().order_by("id")
    assert [(row.full_name, row.email, row.state) for row in people] == [
        (who.name, who.email, State.REQUESTED) for who in (ada, bo)
    ]
    links = await LinkAnswers.all().order_by("id")
    assert [(link.taken_by_id, link.taken_at, link.from_list) for link in links] == [(omar.id, MONDAY, True)] * 2
    emails = await Message.all().order_by("id")
    assert [(email.template, email.subject_id) for email in emails] == [("confirm", link.id) for link in links]
    assert (await Ticket.all().count(), (await Event.get(id=event.id)).taken) == (0, 0)
    links[0].registration = people[0]
    await confirming.confirm(links[0], MONDAY)
    assert (await Registration.get(id=people[0].id)).state is State.CONFIRMED, "and then they are decided on"


async def test_leads_hear_of_a_list_with_more_people_than_anybody_opens(
    event: Event, omar: Staff, lena: Staff, ada: Person, bo: Person, cleo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PEOPLE", reading.PEOPLE._replace(tries=2))
    monkeypatch.setattr(importing, "PART", 1)
    await take(event, await a_list(event, omar, people=[ada, bo]), omar)
    assert await Message.filter(template="lead_alert").count() == 0, "few people"
    done = await take(event, await a_list(event, omar, people=[ada, bo, cleo]), omar)
    assert (done.invited, done.known) == (1, 2)
    [message] = await Message.filter(template="lead_alert")
    email = await written(WRITERS["lead_alert"], message)
    text = " ".join((text_of(email) if email else "").split())
    assert message.subject_id == lena.id
    assert "Omar Organiser imported a list of people." in text
    assert "Now: 3 people. Asked by email: 1. Had a request already: 2. Left out: 0" in text
    assert ada.name not in text


async def test_the_same_list_twice_changes_nothing(event: Event, omar: Staff, ada: Person, bo: Person) -> None:
    await take(event, await a_list(event, omar, people=[ada, bo]), omar)
    tables = ("registration", "link_answers", "message")
    before = [await query(f"SELECT * FROM {table} ORDER BY id") for table in tables]  # noqa: S608
    done = await take(event, await a_list(event, omar, people=[ada, bo]), omar)
    assert (done.invited, done.known) == (0, 2)
    assert [await query(f"SELECT * FROM {table} ORDER BY id") for table in tables] == before  # noqa: S608


async def test_who_has_a_request_or_a_place_stays_as_they_are(
    event: Event, omar: Staff, ada: Person, bo: Person, cleo: Person
) -> None:
    await requested(ada, event)
    await with_ticket(bo, event)
    before = await query("SELECT * FROM registration ORDER BY id")
    changed = [replace(who, name="Somebody Else", role="Changed") for who in (ada, bo)]
    shouted = replace(changed[0], email=ada.email.upper())
    done = await take(event, await a_list(event, omar, people=[shouted, changed[1], cleo]), omar)
    assert (done.invited, done.known) == (1, 2)
    assert (await query("SELECT * FROM registration ORDER BY id"))[:2] == before


async def test_of_many_who_import_the_same_list_at_the_same_moment_one_invites(event: Event, omar: Staff) -> None:
    people = [someone() for _ in range(30)]
    lists = [await a_list(event, omar, people=people) for _ in range(4)]
    done = await asyncio.gather(*(take(event, begun, omar) for begun in [*lists, *lists]))
    assert sorted((imported.invited, imported.known) for imported in done) == [(0, 30)] * 6 + [(30, 0)] * 2
    assert (await Registration.all().count(), await LinkAnswers.all().count(), await Message.all().count()) == (30,) * 3
    assert await AuditEntry.filter(action=Action.TAKEN_FROM_LIST).count() == 30
    entries = await AuditEntry.filter(action=Action.LIST_IMPORTED).order_by("id")
    assert sorted(entry.details["invited"] for entry in entries) == [0, 0, 0, 30]


async def test_who_asks_at_the_same_moment_as_they_are_imported_has_one_request(
    event: Event, omar: Staff, ada: Person
) -> None:
    begun = await a_list(event, omar, people=[ada])
    await asyncio.gather(
        take(event, begun, omar),
        *(registering.ask(event, told_by(ada), MONDAY, clock.real()) for _ in range(3)),
    )
    assert await Registration.all().count() == 1


async def test_a_row_that_cannot_be_right_is_left_out_and_kept_with_why(event: Event, omar: Staff, ada: Person) -> None:
    odd = replace(someone(), email="nowhere")
    done = await take(event, await a_list(event, omar, people=[ada, odd]), omar)
    assert [row.full_name for row in await Registration.all()] == [ada.name]
    assert (done.invited, done.list_sealed, done.answers_sealed) == (1, None, None)
    assert done.unusable == (["Row", "Why", *HEADINGS], [["3", EMAIL_WRONG, *row_of(odd)]])
    whole = await take(event, await a_list(event, omar, people=[someone()]), omar)
    assert whole.unusable_sealed is None, "the control"


async def test_nobody_is_invited_where_no_row_can_be_right(event: Event, omar: Staff) -> None:
    begun = await a_list(event, omar, people=[replace(someone(), email="nowhere")])
    with pytest.raises(Refused, match="nobody was invited"):
        await take(event, begun, omar)
    assert (await Registration.all().count(), await Message.all().count()) == (0, 0)


async def test_who_is_stopped_half_way_goes_on_there_and_nobody_is_asked_twice(
    event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = await a_list(event, omar, people=[someone() for _ in range(5)])
    monkeypatch.setattr(importing, "PART", 2)
    put, calls = outbox.put_each, list[int]()

    async def fails_late(*args: object) -> None:
        calls.append(1)
        await put(*args)  # type: ignore[arg-type]
        if len(calls) == 2:
            raise asyncio.CancelledError

    monkeypatch.setattr(outbox, "put_each", fails_late)
    with pytest.raises(asyncio.CancelledError):
        await take(event, begun, omar)
    assert (await Registration.all().count(), await Message.all().count()) == (2, 2), "the second part is undone"
    assert await AuditEntry.filter(action=Action.LIST_IMPORTED).count() == 0
    begun = await PeopleImport.get(id=begun.id)
    with pytest.raises(Refused):
        await importing.choose(event, begun, {})
    ended = await asyncio.gather(*(take(event, begun, omar) for _ in range(3)))
    assert {(done.invited, done.known, done.taken, done.list_sealed) for done in ended} == {(5, 0, 5, None)}
    assert (await Registration.all().count(), await Message.all().count()) == (5, 5)
    assert [entry.details["invited"] for entry in await AuditEntry.filter(action=Action.LIST_IMPORTED)] == [5]


async def test_columns_that_change_in_the_moment_of_the_yes_invite_nobody(
    event: Event, omar: Staff, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, turn = await a_list(event, omar, people=[ada]), held_back.take_turn

    async def others_choose_first() -> None:
        await PeopleImport.filter(id=begun.id).update(chosen=begun.chosen | {"full_name": 2})
        await turn()

    with monkeypatch.context() as patched:
        patched.setattr(held_back, "take_turn", others_choose_first)
        with pytest.raises(ColumnsChanged):
            await take(event, begun, omar)
    assert (await Registration.all().count(), (await PeopleImport.get()).taken) == (0, 0)
    assert (await take(event, await PeopleImport.get(), omar)).invited == 1, "the control"


async def test_a_list_is_kept_for_an_hour(event: Event, omar: Staff, ada: Person) -> None:
    begun = await a_list(event, omar, people=[ada])
    await PeopleImport.all().update(begun_at=clock.real() - LASTS)
    with pytest.raises(Refused, match="kept for an hour"):
        await take(event, await PeopleImport.get(id=begun.id), omar)
    await PeopleImport.all().update(begun_at=clock.real() - LASTS + timedelta(minutes=1))
    assert (await take(event, await PeopleImport.get(id=begun.id), omar)).invited == 1


async def test_by_night_the_emails_wait_for_the_morning_and_so_do_their_links(
    event: Event, omar: Staff, ada: Person
) -> None:
    night = MONDAY + timedelta(hours=13)
    await importing.take(event, await a_list(event, omar, people=[ada]), omar, night, clock.real())
    link, email = await LinkAnswers.get(), await Message.get()
    assert (link.asked_at, email.next_try_at > EPOCH) == (MONDAY + timedelta(hours=23), True)
    await importing.take(event, await a_list(event, omar), omar, MONDAY, clock.real())
    assert await Message.filter(next_try_at=EPOCH).count() == 1, "the control, by day"


async def test_nothing_is_imported_before_registration_was_opened_nor_after_the_event(
    event: Event, omar: Staff, ada: Person
) -> None:
    begun = await a_list(event, omar, people=[ada])
    for changed, at in ((EventState.DRAFT, MONDAY), (EventState.OPEN, THE_DAY + timedelta(days=2))):
        event.state = changed
        with pytest.raises(Refused):
            await importing.take(event, begun, omar, at, clock.real())
    assert await Registration.all().count() == 0


async def test_five_thousand_people_are_imported(database: Database, event: Event, omar: Staff) -> None:
    people = [someone() for _ in range(5000)]
    begun = await a_list(event, omar, people=people)
    assert len((await previewing.preview(event, begun, clock.real())).sorted.new) == 5000
    assert (await take(event, begun, omar)).invited == 5000
    assert await Registration.all().count() == await Message.all().count() == 5000
    assert (await take(event, await a_list(event, omar, people=people), omar)).known == 5000


def test_headings_suggest_columns_and_a_first_name_and_a_surname_make_a_name() -> None:
    assert suggested(HEADINGS) == {"full_name": 0, "email": 1, "organisation": 2, "kind": 3, "role": 4, "phone": 5}
    headings = ["Surname", "Contact name", "E-MAIL ADDRESS:", "Forename", "Company", "Notes"]
    chosen = suggested(headings)
    assert chosen == {"last_name": 0, "email": 2, "first_name": 3, "organisation": 4}
    rows = [["Ashdown", "x", "Ada@Wardens.Example.org ", "Ada", "Wardens", "secret"]]
    [answers] = check(rows, 2, chosen, "charity").people
    assert (answers.full_name, answers.email, answers.kind) == ("Ada Ashdown", "ada@wardens.example.org", "charity")
