"""Makers of invitations, and people who ask with one."""

from datetime import date, datetime

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from registrations.asking import confirming, inviting, registering
from registrations.asking.invited import Used
from registrations.asking.inviting import Wanted
from registrations.asking.made_or_found import Answers
from registrations.people.invitation import Invitation
from registrations.people.registration import Registration
from tests.people import MONDAY, Person, link_of, request_of
from tests.professional import told_by

WARDENS = "wardens.example.org"  # Ada's domain


async def an_invitation(
    event: Event, by: Staff, *, only_for: str = WARDENS, places: int = 2, last_day: date = date(2019, 4, 10),
    skips: bool = False, partner: str = "Wardens of Westmoor", keeps: bool = False,
) -> Invitation:  # fmt: skip
    made = await inviting.make(event, Wanted(partner, only_for, places, last_day, skips, keeps), by, MONDAY)
    made.event = event
    return made


def code_of(invitation: Invitation) -> str:
    assert invitation.terms
    return invitation.terms.code


async def asks(person: Person, event: Event, code: str, at: datetime = MONDAY) -> Registration:
    """Has entered the code, and not confirmed yet."""
    answers = told_by(person)
    await registering.ask(event, Answers(**vars(answers) | {"invitation": code}), at, clock.real())
    return await request_of(person.email)


async def confirms(asked: Registration, at: datetime = MONDAY) -> Used | None:
    return await confirming.confirm(await link_of(asked), at)
