"""An organiser types what somebody says on the telephone: it waits behind a link of its own, for their own Yes.

Rules: DP-16, SE-01.
"""

import asyncio
from collections import Counter
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.event import Event, EventState
from events.ground import clock
from events.ground.database import Database
from events.ground.refusal import Refused
from events.mail.outbox import Message
from registrations.asking import by_telephone, confirming, registering
from registrations.asking.by_telephone import HasOne
from registrations.people.link_answers import LINK_LASTS, LinkAnswers
from registrations.people.registration import Registration, State
from registrations.tickets.request_emails import confirm_email
from tests.browser import browsing, words
from tests.mail_reading import text_of, written
from tests.people import MONDAY, THE_DAY, Person, audit_of, link_of, queued, someone
from tests.professional import put_into, told_by

CALLED = MONDAY + timedelta(minutes=7)


async def take(event: Event, person: Person, by: Staff) -> Registration:
    return await by_telephone.take(event, told_by(person), by, CALLED, clock.real())


async def test_only_their_own_yes_makes_it_a_request(event: Event, ada: Person, omar: Staff) -> None:
    asked = await take(event, ada, omar)
    link = await link_of(asked)
    assert (asked.state, asked.full_name, link.answers["role"]) == (State.REQUESTED, ada.name, ada.role)
    assert (link.taken_by_id, link.taken_at) == (omar.id, CALLED)
    assert await queued() == [("confirm", link.id)]
    assert await audit_of(asked) == [(Action.TAKEN_BY_TELEPHONE, omar.actor, CALLED)]
    await confirming.confirm(link, CALLED + timedelta(hours=1))
    now = await Registration.get(id=asked.id)
    assert (now.state, now.full_name, now.email) == (State.CONFIRMED, ada.name, ada.email)
    assert [act for act, _, _ in await audit_of(asked)] == [Action.TAKEN_BY_TELEPHONE, Action.CONFIRMED]


@pytest.mark.parametrize("state", sorted(State))
async def test_an_organiser_is_told_of_a_request_that_there_is_and_nothing_is_sent(
    event: Event, ada: Person, bo: Person, omar: Staff, state: State
) -> None:
    known = await put_into(state, ada, event)
    before = (await queued(), await LinkAnswers.all().count())
    typed = Person("Ada A", ada.email, "Lantern", "housing", "Worker")
    if state in {State.REQUESTED, State.CANCELLED, State.EXPIRED}:
        asked = await take(event, typed, omar)
        assert ((await link_of(asked)).answers["organisation"], len(await queued())) == ("Lantern", len(before[0]) + 1)
        return
    with pytest.raises(HasOne) as there_is:
        await take(event, typed, omar)
    assert there_is.value.registration_id == known.id
    assert (await queued(), await LinkAnswers.all().count()) == before
    assert (await Registration.get(id=known.id)).organisation == ada.organisation


async def test_what_somebody_else_typed_with_the_address_keeps_its_own_link(
    event: Event, ada: Person, omar: Staff
) -> None:
    """Whoever says yes to the one has not said yes to the other."""
    await registering.ask(
        event, told_by(Person("A Stranger", ada.email, "Nobody", "charity", "x")), MONDAY, clock.real()
    )
    theirs = await link_of(await Registration.get())
    asked = await take(event, ada, omar)
    assert [link.answers["full_name"] for link in await LinkAnswers.all().order_by("id")] == ["A Stranger", ada.name]
    await confirming.confirm(await link_of(asked), CALLED)
    assert (await Registration.get()).full_name == ada.name
    assert (await LinkAnswers.get(id=theirs.id)).answers == {}


async def test_ten_presses_make_one_link_and_a_late_one_sends_it_again(event: Event, ada: Person, omar: Staff) -> None:
    real = clock.real().replace(second=1)
    presses = [by_telephone.take(event, told_by(ada), omar, CALLED, real) for _ in range(10)]
    assert len({asked.id for asked in await asyncio.gather(*presses)}) == 1
    link = await LinkAnswers.get()
    assert await queued() == [("confirm", link.id)]
    await by_telephone.take(event, told_by(ada), omar, CALLED + LINK_LASTS / 2, real + timedelta(minutes=2))
    assert await queued() == [("confirm", link.id)] * 2
    assert (await LinkAnswers.get()).asked_at == CALLED + LINK_LASTS / 2


async def test_one_form_does_once_whatever_it_does(event: Event, ada: Person, omar: Staff) -> None:
    """Pressed ten times at once, and again when the person has answered."""
    real, form = clock.real(), "of this form"

    async def presses(person: Person, form: str, minutes: int = 0) -> Registration:
        later = real + timedelta(minutes=minutes)
        return await by_telephone.take(event, told_by(person), omar, CALLED, later, form)

    assert len({asked.id for asked in await asyncio.gather(*[presses(ada, form) for _ in range(10)])}) == 1
    asked = await presses(ada, form, minutes=2)
    assert asked.id == (await Registration.get()).id
    assert await audit_of(asked) == [(Action.TAKEN_BY_TELEPHONE, omar.actor, CALLED)]
    assert (len(await queued()), await LinkAnswers.all().count()) == (1, 1)
    assert await confirming.say_no(await link_of(asked), CALLED)
    await presses(ada, form, minutes=3)
    assert (len(await queued()), await LinkAnswers.all().count()) == (1, 1)
    await presses(Person("Ada A", ada.email, "Lantern", "housing", "Worker"), form, minutes=4)
    assert (len(await queued()), await LinkAnswers.all().count()) == (2, 2), "other answers are another act"
    await presses(ada, "another form", minutes=5)
    acts = [act for act, _, _ in await audit_of(asked)]
    assert (len(await queued()), acts.count(Action.TAKEN_BY_TELEPHONE)) == (3, 3)


async def test_a_form_that_is_pressed_again_after_the_yes_says_what_there_is(
    event: Event, ada: Person, omar: Staff
) -> None:
    asked = await by_telephone.take(event, told_by(ada), omar, CALLED, clock.real(), "of this form")
    await confirming.confirm(await link_of(asked), CALLED)
    again = await by_telephone.take(event, told_by(ada), omar, CALLED, clock.real(), "of this form")
    assert (again.id, again.state) == (asked.id, State.CONFIRMED)
    with pytest.raises(HasOne):
        await by_telephone.take(event, told_by(ada), omar, CALLED, clock.real(), "of another form")


async def test_an_organiser_and_the_person_at_the_same_moment_make_one_request(event: Event, omar: Staff) -> None:
    people = [someone() for _ in range(5)]
    acts = [take(event, person, omar) for person in people]
    asking = [registering.ask(event, told_by(person), CALLED, clock.real()) for person in people]
    await asyncio.gather(*acts, *asking)
    emails = Counter(row.email for row in await Registration.all())
    assert emails == {person.email: 1 for person in people}
    assert await LinkAnswers.all().count() == 10


async def test_two_organisers_who_take_the_same_call_ask_once(
    event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    await asyncio.gather(take(event, ada, omar), take(event, ada, lena))
    assert (await LinkAnswers.all().count(), await Registration.all().count()) == (1, 1)


@pytest.mark.parametrize("state", [EventState.OPEN, EventState.CLOSED])
async def test_closed_or_full_it_is_decided_on_like_any_other(
    event: Event, ada: Person, omar: Staff, state: EventState
) -> None:
    await Event.filter(id=event.id).update(state=state, capacity=0)
    asked = await take(await Event.get(id=event.id), ada, omar)
    await confirming.confirm(await link_of(asked), CALLED)
    assert (await Registration.get(id=asked.id)).state is State.CONFIRMED


async def test_not_before_the_notice_is_complete_nor_after_the_event(event: Event, ada: Person, omar: Staff) -> None:
    await Event.filter(id=event.id).update(state=EventState.DRAFT)
    with pytest.raises(Refused, match="has not been opened yet"):
        await take(await Event.get(id=event.id), ada, omar)
    with pytest.raises(Refused, match="is over"):
        await by_telephone.take(event, told_by(ada), omar, THE_DAY + timedelta(days=1), clock.real())
    assert (await Registration.all().count(), await queued()) == (0, [])


async def test_nobodys_mailbox_is_filled_from_the_desk(event: Event, ada: Person, omar: Staff) -> None:
    real = clock.real()
    for n in range(6):
        person = Person(f"Ada {n}", ada.email, ada.organisation, ada.kind, ada.role)
        await by_telephone.take(event, told_by(person), omar, CALLED, real)
    due = [message.next_try_at > real for message in await Message.all().order_by("id")]
    assert (due[0], due[-1], len(due)) == (False, True, 6), "what is too much waits, and nothing is lost"


async def test_the_email_and_its_page_say_where_it_came_from(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await take(event, ada, omar)
    email = await written(confirm_email, await Message.get(template="confirm"))
    assert email is not None
    text = text_of(email)
    called = "At 09:07 on Monday 8 April 2019 an organiser entered"
    assert called in " ".join(text.split())
    assert "https://places.example.org/privacy" in text
    assert [told for told in (ada.name, ada.organisation, "Omar") if told in text] == [], "of nobody"
    async with browsing(database) as client:
        page = await client.get(urlsplit((await link_of(asked)).link).path)
    assert called in words(page.text)
    assert [told for told in (ada.name, ada.email, ada.organisation, ada.role) if told not in words(page.text)] == []
    assert "checked" not in page.text


async def test_an_email_of_somebody_who_asked_here_says_nothing_of_a_call(event: Event, ada: Person) -> None:
    await registering.ask(event, told_by(ada), MONDAY, clock.real())
    email = await written(confirm_email, await Message.get(template="confirm"))
    assert email is not None
    text = text_of(email)
    assert ("an organiser entered" in text, "asked for a place at this event" in text) == (False, True)
