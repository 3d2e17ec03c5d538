"""Each of the rehearsal's people lives through what became of them, by the verbs that everybody uses."""

from datetime import datetime

from events.ground import clock
from registrations.asking import confirming, registering
from registrations.asking.made_or_found import Answers
from registrations.booking import own_booking
from registrations.deciding import vetting
from registrations.people.link_answers import LinkAnswers

from .rehearsal_emails import mark_sent
from .rehearsal_lives import ENDED, Life
from .rehearsal_people import Invented
from .story import Story

HAS_TICKET = {"approved", *ENDED}


def answers_of(person: Invented) -> Answers:
    return Answers(
        full_name=person.full_name,
        email=person.email,
        organisation=person.organisation,
        kind=person.kind.value,
        role=person.role,
        badge_name=person.badge_name,
        phone=person.phone,
    )


def lives_through(story: Story, life: Life) -> None:
    """Plans it: each act finds the row as it stands then."""
    story.then(life.asked, lambda at: _ask(story, life, at))
    if life.confirmed:
        story.then(life.confirmed, lambda at: _confirm(story, life, at))
    if life.decided:
        story.then(life.decided, lambda at: _decide(story, life, at))
    if life.ended:
        story.then(life.ended, lambda at: _end(story, life, at))


async def _ask(story: Story, life: Life, at: datetime) -> None:
    """Who still has to confirm finds the email in the mailbox: it goes out once the rehearsal has begun."""
    await registering.ask(story.event, answers_of(life.person), at, clock.real())
    if life.fate != "not confirmed":
        link = await _link(story, life)
        await mark_sent("confirm", link.id, at)


async def _confirm(story: Story, life: Life, at: datetime) -> None:
    await confirming.confirm(await _link(story, life), at)


async def _link(story: Story, life: Life) -> LinkAnswers:
    person = await story.person(life.person.email)
    return await LinkAnswers.get(registration_id=person.id).select_related("registration")


async def _decide(story: Story, life: Life, at: datetime) -> None:
    person, by = await story.person(life.person.email), story.crew[life.by]
    if life.fate in HAS_TICKET:
        ticket = await vetting.approve(person, by, at)
        if life.fate != "approved" or life.person.email in story.over:
            await mark_sent("ticket", ticket.id, at)
    elif life.fate == "waiting":
        await vetting.put_on_waiting_list(person, by, at)
    else:
        await vetting.not_offer(person, by, at)


async def _end(story: Story, life: Life, at: datetime) -> None:
    person = await story.person(life.person.email)
    if life.fate == "gave up":
        await own_booking.give_up(person, at)
    else:
        await vetting.cancel(person, story.crew[life.by], at)
