"""What guests read of an address that an organiser typed: in emails and on pages, each true of whoever has no place."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.settings import current
from events.ground.tokens import Purpose
from events.mail.outbox import Message
from registrations.booking import corrected_address
from registrations.booking.address_emails import address_email
from registrations.people.address_change import AddressChange
from registrations.people.registration import State
from tests.browser import browsing, heading, words
from tests.mail_reading import assert_it_reads_well, text_of, written
from tests.people import MONDAY, Person
from tests.professional import put_into
from tests.registrations.booking.addressing import NEW, anew, newest

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
TYPED = "At 09:00 on Monday 8 April 2019 an organiser"


async def typed(event: Event, person: Person, by: Staff, state: State) -> AddressChange:
    asked = await put_into(state, person, event)
    await corrected_address.correct(await anew(asked), NEW, by, MONDAY, clock.real())
    return await newest(asked)


def path_of(change: AddressChange, purpose: Purpose) -> str:
    return change.link(purpose).removeprefix(current().base_url)


@pytest.mark.parametrize("state", [State.CONFIRMED, State.WAITING, State.APPROVED])
async def test_the_emails_say_who_typed_it_and_what_follows(
    event: Event, ada: Person, omar: Staff, state: State
) -> None:
    await typed(event, ada, omar, state)
    question, warning = [
        await written(address_email, await Message.get(template=template))
        for template in ("new_address", "address_asked")
    ]
    assert question is not None
    assert warning is not None
    for email in (question, warning):
        assert_it_reads_well(email)
    texts = [" ".join(text_of(email).split()) for email in (question, warning)]
    assert [TYPED in text for text in texts] == [True, True]
    assert [ada.name in text for text in texts] == [False, True]
    assert ["your ticket stops working" in text for text in texts] == [False, state is State.APPROVED]
    assert ["your booking" in text for text in texts] == [state is State.APPROVED] * 2
    assert (str(question["to"]), f"{current().base_url}/privacy" in texts[0]) == (NEW, True)


@SQLITE
@pytest.mark.parametrize("state", [State.CONFIRMED, State.WAITING])
async def test_at_the_new_address_only_a_yes_counts(
    database: Database, event: Event, ada: Person, omar: Staff, state: State
) -> None:
    change = await typed(event, ada, omar, state)
    await Message.filter(template="address_asked").update(tries=1)
    here = path_of(change, Purpose.NEW_ADDRESS)
    async with browsing(database) as client:
        page = await client.get(here)
        assert (heading(page), TYPED in words(page.text), ada.name in page.text, "checked" in page.text) == (
            "Is this your request?", True, False, False
        )  # fmt: skip
        nothing = await client.post(here, data={})
        assert (nothing.status_code, (await anew(change.registration)).email) == (422, ada.email)
        await client.post(here, data={"theirs": "yes"})
        said = await client.get(here)
        assert "Our newest email to you says how things stand." in words(said.text)
        over = await client.get(path_of(change, Purpose.KEEP_ADDRESS))
    assert (over.status_code, (await anew(change.registration)).email) == (410, NEW)


@SQLITE
async def test_the_present_address_keeps_it_and_nothing_else_changes(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    change = await typed(event, ada, omar, State.WAITING)
    here = path_of(change, Purpose.KEEP_ADDRESS)
    async with browsing(database) as client:
        page = await client.get(here)
        assert (TYPED in words(page.text), "ticket" in words(page.text)) == (True, False)
        done = await client.post(here, data={"keep": "yes"})
        kept = await client.get(done.headers["location"])
        again = await client.get(here)
    assert ("Nothing else has changed." in words(kept.text), "new ticket" in kept.text) == (True, False)
    now = await anew(change.registration)
    assert (again.status_code, now.email, now.state, now.generation) == (410, ada.email, State.WAITING, 0)
