"""Emails to somebody whom a guest names say that guest's name only as an organiser approved it.

Rules: DP-16.
"""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.mail.outbox import Message
from registrations.all_emails import writers
from registrations.booking import changing, rechecking
from registrations.booking.changing import Change
from registrations.booking.corrected_details import correct_details
from registrations.deciding import vetting
from registrations.people.registration import OrganisationKind, Registration
from registrations.tickets.sender_name import approved_name
from tests.mail_reading import folded, text_of, written
from tests.people import MONDAY, Person
from tests.professional import approved_by
from tests.registrations.asking.invitations import an_invitation, asks, code_of, confirms
from tests.registrations.booking.colleagues.naming_them import names
from tests.registrations.booking.handing.handing import asks as hands_over

LOUD = "URGENT your account is closed"


async def anew(asked: Registration) -> Registration:
    return await Registration.get(id=asked.id)


async def calls_herself(asked: Registration, name: str) -> None:
    await changing.change(await anew(asked), Change.NAME, name, MONDAY, clock.real())


async def said_in(template: str) -> str:
    email = await written(writers()[template], await Message.get(template=template))
    assert email is not None
    return folded(text_of(email))


@pytest.mark.parametrize("template", ["colleague", "companion", "hand_over", "handing_over"])
async def test_words_that_no_organiser_approved_stand_in_no_email(
    event: Event, ada: Person, omar: Staff, template: str
) -> None:
    """Anybody may type any words as their name, and the email is the hosts'."""
    asked = await approved_by(omar, ada, event)
    await calls_herself(asked, LOUD)
    if template.startswith("hand"):
        await hands_over(asked, says_who=True)
    else:
        await names(await anew(asked), comes_along=template == "companion", says_who=True)
    said = await said_in(template)
    assert (LOUD in said and template != "handing_over", "do not" in said) == (False, True)
    await calls_herself(asked, ada.name)
    await correct_details(await anew(asked), {"full_name": LOUD}, None, None, omar, MONDAY, clock.real())
    if template != "handing_over":  # which is to the guest, and greets them by it
        assert LOUD in await said_in(template), "the control: an organiser wrote it"


async def test_an_organisers_decision_approves_the_name_that_stands_then(
    event: Event, ada: Person, omar: Staff
) -> None:
    asked = await approved_by(omar, ada, event)
    assert await approved_name(await anew(asked)) == ada.name
    await changing.change(await anew(asked), Change.ROLE, "Officer", MONDAY, clock.real())
    assert await approved_name(await anew(asked)) == ada.name, "of a role nobody speaks here"
    await calls_herself(asked, "Ada Birch")
    await correct_details(await anew(asked), {"role": "Advocate"}, None, None, omar, MONDAY, clock.real())
    assert await approved_name(await anew(asked)) == ""
    to = ("Lantern", OrganisationKind.HOUSING, MONDAY, clock.real())
    await rechecking.change_organisation(await anew(asked), *to)
    assert await approved_name(await anew(asked)) == ""
    await vetting.approve(await anew(asked), omar, MONDAY)
    assert await approved_name(await anew(asked)) == "Ada Birch"


async def test_who_came_by_an_invitation_unread_is_somebody(event: Event, ada: Person, omar: Staff) -> None:
    asked = await asks(ada, event, code_of(await an_invitation(event, omar, skips=True)))
    await confirms(asked)
    assert await approved_name(await anew(asked)) == ""
    await correct_details(await anew(asked), {"full_name": "Ada Birch"}, None, None, omar, MONDAY, clock.real())
    assert await approved_name(await anew(asked)) == "Ada Birch", "the control"
