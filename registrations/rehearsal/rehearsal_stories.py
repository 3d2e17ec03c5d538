"""Those of whom there is more to tell: what each page of the desk needs somebody for. All in the week before."""

from collections import Counter
from datetime import datetime, timedelta
from functools import partial

from events.ground import clock
from events.mail.bounces import addressees
from events.mail.outbox import Message, MessageState, Reply
from registrations.asking import by_telephone, confirming, registering
from registrations.asking.made_or_found import Answers
from registrations.booking import alias, new_address
from registrations.booking.address_emails import ADDRESS_ASKED, NEW_ADDRESS
from registrations.booking.handing import handing_over
from registrations.booking.handing.handing_over import Details
from registrations.codes.badge_type import BadgeType
from registrations.deciding import asking_for_more, coming_along, offers, vetting
from registrations.deciding.asking_for_more import More
from registrations.people.address_change import AddressChange
from registrations.people.hand_over import HandOver
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import OrganisationKind
from registrations.tickets import badge_types

from .rehearsal_emails import mark_sent
from .rehearsal_lives import Life
from .rehearsal_needs import FIRST, GUESTS
from .story import Story

LOOKALIKE = Answers(
    full_name="Dana Crewe",
    email="dana.crewe@westmoor-counci1.example.org",  # a digit where the council has a letter
    organisation="Westmoor Borough Council",
    kind=OrganisationKind.COUNCIL.value,
    role="Community safety officer",
)
MISSPELT = Answers(
    full_name="Toni Ashby",
    email="toni.ashby@foldhoms.example.org",  # as an organiser heard it on the telephone
    organisation="Fold Homes",
    kind=OrganisationKind.HOUSING.value,
    role="Housing officer",
    phone="01632 960417",
)
NO_SUCH_DOMAIN = Reply(550, "5.1.2")
AT_HOME = "mailbox.example.com"  # where the second address of a guest is
TAKES_OVER = ("Casey Flint", "Frankie Holt")  # has a colleague's place by now; waits for a decision about one
HANDS_OVER = 5  # of those who were approved, the one whose colleague waits: those before have another part
MOVES = "beechtree.example.net"


BADGE_TYPES = {BadgeType.SPEAKER: 4, BadgeType.HOST: 2, BadgeType.HELPER: 3}


def tell(story: Story, lives: list[Life]) -> None:
    approved = [life.person for life in lives if life.fate == "approved"]
    free = approved[FIRST + len(GUESTS) :]  # without a part so far
    waiting = next(life.person.email for life in lives if life.fate == "waiting")
    signs = approved[FIRST + 4]  # comes with a colleague who signs
    companion = next(person for person in free if person.organisation == signs.organisation)
    known_by_badge = next(person for person in free if person.badge_name and person is not companion)
    others = [p for p in free if p not in (companion, known_by_badge)]
    gives, moves, again = others[10:13]
    on = story.calendar.on
    hands_over(story, gives.email, TAKES_OVER[0], on(4, 11, 20), on(4, 14, 5), decided=on(3, 10, 50))
    hands_over(story, approved[HANDS_OVER].email, TAKES_OVER[1], on(1, 11, 10), on(1, 17, 35))
    moves_to(story, moves.email, f"{moves.email.partition('@')[0]}@{MOVES}", on(2, 12, 15), on(2, 12, 55))
    story.over |= {gives.email, moves.email}
    asks(story, LOOKALIKE, on(1, 18, 40))
    own = f"{again.email.partition('@')[0]}@{AT_HOME}"
    twice = Answers(again.full_name, own, again.organisation, again.kind.value, again.role)
    asks(story, twice, on(1, 19, 25))
    story.then(on(1, 14, 45), partial(_by_telephone, story))
    story.then(on(1, 11, 45), partial(_known_by_badge, story, known_by_badge.email))
    story.then(on(1, 17, 45), partial(_come_along, story, companion.email, signs.email))
    typed = Counter(BADGE_TYPES).elements()
    for guest, badge_type in zip(others[20:], typed, strict=False):
        story.then(on(1, 11, 40), partial(_set_badge_type, story, guest.email, badge_type))
    story.then(on(1, 16, 5), partial(_ask_for_more, story, moves.email))
    story.then(story.until - timedelta(minutes=20), partial(_offer, story, waiting))


def asks(story: Story, answers: Answers, at: datetime) -> None:
    """And says yes in a few minutes."""
    story.then(at, partial(_ask, story, answers))
    story.then(at + timedelta(minutes=6), partial(_confirm, story, answers.email))


async def _ask(story: Story, answers: Answers, at: datetime) -> None:
    await registering.ask(story.event, answers, at, clock.real())
    await mark_sent("confirm", (await _link(story, answers.email)).id, at)


async def _confirm(story: Story, email: str, at: datetime) -> None:
    await confirming.confirm(await _link(story, email), at)


async def _link(story: Story, email: str) -> LinkAnswers:
    person = await story.person(email)
    return await LinkAnswers.get(registration_id=person.id).select_related("registration")


def hands_over(
    story: Story, guest: str, name: str, asked: datetime, taken_up: datetime, decided: datetime | None = None
) -> None:
    """To a colleague at the same organisation, who wants the place; an organiser has decided, or is still to."""
    address = f"{name.lower().replace(' ', '.')}@{guest.partition('@')[2]}"
    story.then(asked, partial(_hand_over, story, guest, address))
    story.then(taken_up, partial(_take_up, story, guest, name))
    if decided:
        story.then(decided, partial(_approve, story, guest, address))


async def _hand_over(story: Story, guest: str, address: str, at: datetime) -> None:
    person = await story.person(guest)
    await handing_over.ask(person, address, "", at, clock.real())
    for template in (handing_over.ASK, handing_over.ASKED):
        await mark_sent(template, person.id, at)


async def _take_up(story: Story, guest: str, name: str, at: datetime) -> None:
    person = await story.person(guest)
    hand_over = await HandOver.get(registration_id=person.id).select_related("registration")
    details = Details(name, "", person.organisation, person.kind, person.role, "")
    await handing_over.take_up(hand_over, details, at)


async def _approve(story: Story, guest: str, email: str, at: datetime) -> None:
    """What both were told before is no longer true when the mailer comes to it."""
    giver, person = await story.person(guest), await story.person(email)
    await mark_sent(handing_over.ASKED, giver.id, at)
    await mark_sent("received", person.id, at)
    await vetting.approve(person, story.crew["omar.said"], at)


async def _set_badge_type(story: Story, email: str, badge_type: BadgeType, at: datetime) -> None:
    await badge_types.set_badge_type(await story.person(email), badge_type, story.crew["omar.said"], at)


def moves_to(story: Story, guest: str, address: str, asked: datetime, yes: datetime) -> None:
    """A guest works elsewhere by now: their place is held until an organiser has looked at the new address."""
    story.then(asked, partial(_move, story, guest, address))
    story.then(yes, partial(_say_yes, story, guest))


async def _move(story: Story, guest: str, address: str, at: datetime) -> None:
    person = await story.person(guest)
    await new_address.ask(person, address, "", at, clock.real())
    for template in (NEW_ADDRESS, ADDRESS_ASKED):
        await mark_sent(template, person.id, at)


async def _say_yes(story: Story, guest: str, at: datetime) -> None:
    person = await story.person(guest)
    change = await AddressChange.get(registration_id=person.id).select_related("registration")
    await new_address.confirm(change, at)


async def _by_telephone(story: Story, at: datetime) -> None:
    """The address was heard wrong: the email came back, and somebody has to telephone."""
    person = await by_telephone.take(story.event, MISSPELT, story.crew["omar.said"], at, clock.real())
    link = await LinkAnswers.get(registration_id=person.id)
    message = await Message.get(template="confirm", subject_id=link.id, state=MessageState.QUEUED)
    await addressees.failed(message, at, NO_SUCH_DOMAIN)


async def _known_by_badge(story: Story, email: str, at: datetime) -> None:
    await alias.note(await story.person(email), True, story.crew["omar.said"], at)


async def _come_along(story: Story, companion: str, guest: str, at: datetime) -> None:
    by = story.crew["omar.said"]
    await coming_along.link(await story.person(companion), await story.person(guest), by, at)


async def _ask_for_more(story: Story, email: str, at: datetime) -> None:
    person = await story.person(email)
    await asking_for_more.ask(person, More.MANAGER, story.crew["marcus.bell"], at)
    await mark_sent(More.MANAGER.template, person.id, at)


async def _offer(story: Story, email: str, at: datetime) -> None:
    """Whoever waits for longest has the first of the places that are free again, if an offer may go out by now."""
    if offers.ends(story.event, at) is not None:
        person = await story.person(email)
        await mark_sent("waiting", person.id, at)
        await offers.offer(person, story.crew["lena.hart"], at)
