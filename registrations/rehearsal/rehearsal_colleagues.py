"""In the rehearsal two guests have each named a colleague: one has answered and waits for a decision, one is asked."""

from datetime import datetime
from functools import partial

from events.ground import clock
from registrations.asking import by_colleague, drafting
from registrations.asking.drafting import COLLEAGUE
from registrations.asking.made_or_found import Answers
from registrations.booking.colleagues import naming
from registrations.people.colleague import named_by

from .rehearsal_emails import mark_sent
from .rehearsal_lives import approved_people
from .story import Story

ANSWERS = Answers(
    full_name="Sam Winter",
    email="sam.winter@lantern.example.org",
    organisation="Lantern Advocacy",
    kind="charity",
    role="Helpline worker",
)
ASKED = "jo.summers@harbourhouse.example.org"
FIRST = 3  # of those who were approved: whoever comes before uses their rights


def name_colleagues(story: Story) -> None:
    """On the last working day; the one answers in the afternoon."""
    named = zip(approved_people()[FIRST:], (ANSWERS.email, ASKED), strict=False)
    for number, (guest, address) in enumerate(named):
        story.then(story.calendar.on(1, 9, 40 + 7 * number), partial(_name, story, guest, address))
        if address == ANSWERS.email:
            story.then(story.calendar.on(1, 17, 5), partial(_answer, story, guest))


async def _name(story: Story, guest: str, address: str, at: datetime) -> None:
    await naming.name(await story.person(guest), address, "", at, clock.real())
    [named] = await named_by(await story.person(guest))
    if address == ANSWERS.email:
        await mark_sent("colleague", named.id, at)


async def _answer(story: Story, guest: str, at: datetime) -> None:
    event = story.event
    [named] = await named_by(await story.person(guest))
    told = {name: text for name, text in vars(ANSWERS).items() if text}
    token = await drafting.keep(event, None, "", told | {COLLEAGUE: named.public_id}, clock.real())
    _, opened = await drafting.find(event.slug, token, clock.real())
    proved = await by_colleague.proved(event, opened, at) if opened else None
    if opened is not None and proved is not None:
        await by_colleague.confirm(event, proved, ANSWERS, opened, at, clock.real())
    await drafting.forget(token)
