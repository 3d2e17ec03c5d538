"""In the rehearsal two guests have each named a colleague: one has answered and waits for a decision, one is asked."""

from datetime import datetime, timedelta

from events.event import Event
from events.ground import clock
from registrations.asking import by_colleague, drafting
from registrations.asking.drafting import COLLEAGUE
from registrations.asking.made_or_found import Answers
from registrations.booking.colleagues import naming
from registrations.people.colleague import named_by
from registrations.people.registration import Registration, with_event

from .rehearsal_emails import mark_sent

NAMED_BEFORE, ANSWERED_BEFORE = timedelta(days=1), timedelta(hours=20)
ANSWERS = Answers(
    full_name="Sam Winter",
    email="sam.winter@lantern.example.org",
    organisation="Lantern Advocacy",
    kind="charity",
    role="Helpline worker",
)
ASKED = "jo.summers@harbourhouse.example.org"
GUEST = "event_id = ? AND state = 'approved' ORDER BY id LIMIT 1 OFFSET ?"
FIRST = 3  # those before it use their rights


async def name_colleagues(event: Event, at: datetime) -> None:
    for number, address in enumerate((ANSWERS.email, ASKED), FIRST):
        guest = await with_event(GUEST, event.id, number)
        if guest is not None:
            await naming.name(guest, address, "", at - NAMED_BEFORE, clock.real())
            await answer(event, guest, at - ANSWERED_BEFORE)


async def answer(event: Event, guest: Registration, at: datetime) -> None:
    """Of those two the one whose answers there are."""
    [named] = await named_by(guest)
    told = {name: text for name, text in vars(ANSWERS).items() if text}
    token = await drafting.keep(event, None, "", told | {COLLEAGUE: named.public_id}, clock.real())
    _, opened = await drafting.find(event.slug, token, clock.real())
    proved = await by_colleague.proved(event, opened, at) if opened else None
    if opened is not None and proved is not None:
        await mark_sent("colleague", named.id, at)
        await by_colleague.confirm(event, proved, ANSWERS, opened, at, clock.real())
    await drafting.forget(token)
