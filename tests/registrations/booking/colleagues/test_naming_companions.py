"""A guest names somebody who comes along to support them: that one is asked, and nothing says why.

Rules: DP-16, EM-05, EV-05, SE-01.
"""

import asyncio

import httpx2
import pytest

from events.audit.action import Action
from events.audit.audit import AuditEntry, about
from events.event import Event
from events.ground.database import Database, query
from events.ground.refusal import Refused
from events.ground.tokens import Purpose
from events.mail.outbox import Message
from registrations.asking.registering import EMAILS
from registrations.booking.colleagues.colleague_emails import colleague_email
from registrations.people.colleague import Colleague
from registrations.people.companions import MOST, companions_of
from registrations.people.registration import OrganisationKind, Registration, State
from tests.browser import browsing, heading, words
from tests.mail_reading import assert_it_reads_well, folded, html_of, text_of, written
from tests.people import VENUE_CANARY, Person, audit_of, queued, request_of, someone
from tests.professional import path_to, put_into, with_ticket
from tests.registrations.asking.test_by_colleague import says_yes as answers_yes
from tests.registrations.booking.colleagues.naming_them import KIT, asks_for_a_place, names, newest, says_yes
from tests.registrations.coming import a_guest, anew, comes_along

YES = {"email": KIT.email, "send": "yes"}


async def test_ada_names_kit_who_answers_and_is_linked_with_her_request(
    database: Database, event: Event, ada: Person
) -> None:
    guest, _ = await with_ticket(ada, event)
    booking = path_to(guest, Purpose.MANAGE)
    async with browsing(database) as client:
        assert f'href="{booking}/companion"' in (await client.get(booking)).text
        page = await client.get(f"{booking}/companion")
        no = await client.post(f"{booking}/companion", data={"email": KIT.email, "send": "no"})
        assert (heading(page), no.headers["location"], await queued()) == (
            "Name somebody who comes along with you", booking, [],
        )  # fmt: skip
        sent = await client.post(f"{booking}/companion", data=YES)
        assert "whoever comes along" in words((await client.get(sent.headers["location"])).text)
        before = words((await client.get(booking)).text)
    named = await newest(guest)
    assert await queued() == [("companion", named.id)]
    async with browsing(database) as theirs:
        question = await theirs.get(named.path)
        assert (heading(question), "checked" in question.text) == ("Do you come along with a guest?", False)
        assert (await theirs.post(named.path, data={})).status_code == 422
        assert await Registration.all().count() == 1, "nothing was changed by looking, or by an empty form"
        assert (await asks_for_a_place(theirs, named, event)).status_code == 303
    request = await request_of(KIT.email)
    assert (request.state, request.comes_with_id) == (State.CONFIRMED, guest.id)
    assert [row.id for row in await companions_of(guest)] == [request.id]
    assert (await queued())[1:] == [("received", request.id)], "vetted like anybody"
    async with browsing(database) as client:
        assert words((await client.get(booking)).text) == before, "the guest is told nothing of the answer"


async def leaves_empty(client: httpx2.AsyncClient, named: Colleague, event: Event) -> str:
    await says_yes(client, named)
    return await answers_name_alone(client, event)


async def answers_name_alone(client: httpx2.AsyncClient, event: Event) -> str:
    """Whatever else is asked. Where that leads to."""
    ask = f"/e/{event.slug}/ask"
    await client.post(f"{ask}/name", data={"full_name": KIT.name, "badge_name": ""})
    await client.post(f"{ask}/organisation", data={"organisation": ""})
    await client.post(f"{ask}/role", data={"role": "", "phone": ""})
    return str((await client.post(f"{ask}/check")).headers["location"])


@pytest.mark.parametrize("along", [True, False])
async def test_who_comes_along_may_leave_organisation_and_role_empty_and_nobody_else(
    database: Database, event: Event, ada: Person, along: bool
) -> None:
    named = await names((await with_ticket(ada, event))[0], comes_along=along)
    async with browsing(database) as client:
        led_to = await leaves_empty(client, named, event)
    if not along:
        assert led_to.endswith("/ask/organisation")
        return
    request = await request_of(KIT.email)
    assert (led_to, request.state, request.kind) == (named.path, State.CONFIRMED, OrganisationKind.OTHER)
    assert (request.full_name, request.organisation, request.role) == (KIT.name, "", "")


async def test_who_goes_on_with_another_address_is_asked_like_anybody(
    database: Database, event: Event, ada: Person
) -> None:
    named = await names((await with_ticket(ada, event))[0], comes_along=True)
    async with browsing(database) as client:
        await says_yes(client, named)
        await client.post(f"/e/{event.slug}/ask/name", data={"full_name": KIT.name, "badge_name": ""})
        await client.post(f"/e/{event.slug}/ask/email", data={"email": "other@x.example.org"})
        led_to = await answers_name_alone(client, event)
    assert led_to.endswith("/ask/organisation")


async def test_the_record_says_with_whom_and_nowhere_why(event: Event, ada: Person) -> None:
    named = await names((await with_ticket(ada, event))[0], comes_along=True)
    await answers_yes(named, event)
    request = await request_of(KIT.email)
    assert [act for act, _, _ in await audit_of(request)] == [Action.REQUESTED, Action.CONFIRMED, Action.COMES_ALONG]
    [entry] = await AuditEntry.filter(action=Action.COMES_ALONG)
    assert (entry.actor, entry.details) == (f"person:{request.id}", {"guest": about(named.registration)})
    [row] = await query("SELECT * FROM registration WHERE id = ?", [request.id])
    assert (row["needs_sealed"], row["choices_sealed"]) == (None, None)


async def test_a_colleague_is_not_linked(event: Event, ada: Person) -> None:
    """The control: the same page, and the same Yes."""
    await answers_yes(await names((await with_ticket(ada, event))[0]), event)
    assert (await request_of(KIT.email)).comes_with_id is None


@pytest.mark.parametrize("state", sorted(set(EMAILS) - {State.REQUESTED}))
async def test_nobody_who_has_a_request_is_linked_by_a_guests_word(
    event: Event, ada: Person, bo: Person, state: State
) -> None:
    theirs = await put_into(state, bo, event)
    named = await names((await with_ticket(ada, event))[0], bo.email, comes_along=True)
    assert (await queued(), named.address_sealed) == ([(EMAILS[state], theirs.id)], None)
    assert (await anew(theirs)).comes_with_id is None


async def test_a_third_asks_like_anybody_and_is_not_linked(event: Event, ada: Person) -> None:
    """Nor does the guest learn it: each gets the same page and the same email."""
    guest, people = (await with_ticket(ada, event))[0], [someone() for _ in range(MOST + 1)]
    for n, person in enumerate(people):
        await answers_yes(await names(guest, person.email, n, comes_along=True), event, person)
    linked = [(await request_of(person.email)).comes_with_id for person in people]
    assert linked == [guest.id] * MOST + [None]


async def test_of_five_who_say_yes_at_once_two_are_linked(event: Event, ada: Person) -> None:
    guest, people = (await with_ticket(ada, event))[0], [someone() for _ in range(5)]
    named = [await names(guest, person.email, n, comes_along=True) for n, person in enumerate(people)]
    await asyncio.gather(*(answers_yes(row, event, person) for row, person in zip(named, people, strict=True)))
    assert sorted([(await request_of(person.email)).comes_with_id or 0 for person in people]) == [
        *[0] * 3, *[guest.id] * MOST,
    ]  # fmt: skip


async def test_whoever_comes_along_names_nobody(database: Database, event: Event) -> None:
    companion = await comes_along(await a_guest(event), State.APPROVED)
    booking = path_to(companion, Purpose.MANAGE)
    for along in (True, False):
        with pytest.raises(Refused, match="You come along with a guest"):
            await names(companion, comes_along=along)
    async with browsing(database) as client:
        page = await client.get(booking)
        pages = [await client.get(f"{booking}/{part}") for part in ("companion", "colleague")]
        sent = [await client.post(f"{booking}/{part}", data=YES) for part in ("companion", "colleague")]
    assert [answer.status_code for answer in (*pages, *sent)] == [409] * 4
    assert ("/companion" in page.text, "/colleague" in page.text, "/hand-over" in page.text) == (False,) * 3
    assert "You come along with a guest" in words(page.text)
    assert (await Colleague.all().count(), await queued()) == (0, [])


async def test_the_email_says_where_we_have_the_address_from_and_names_no_guest(event: Event, ada: Person) -> None:
    await names((await with_ticket(ada, event))[0], comes_along=True)
    email = await written(colleague_email, await Message.get(template="companion"))
    assert email is not None
    assert email["To"] == KIT.email
    assert_it_reads_well(email)
    for text in (folded(text_of(email)), words(html_of(email))):
        assert "would like you to come along to support them" in text
        assert "We do not ask why you come along" in text
        assert [said for said in (ada.name, ada.organisation, VENUE_CANARY) if said in text] == []
