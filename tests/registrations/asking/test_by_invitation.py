"""Registration is by invitation: codes work, nobody else asks, and no page tells who is invited.

Rules: SE-01, SE-03, SG-02.
"""

import httpx2
import pytest

from events.accounts.staff import Staff
from events.event import Event, EventState, event_with
from events.ground.database import Database
from registrations.asking import confirming
from registrations.asking.confirming import NotInvited
from registrations.asking.question_forms import NOBODY_ELSE_ASKS
from registrations.people.registration import Registration, State
from tests.at_the_desk import desk
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, link_of, request_of
from tests.professional import questions_of
from tests.registrations.asking.invitations import an_invitation, asks, code_of, confirms
from tests.registrations.asking.test_invited_pages import page_of

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


@pytest.fixture
async def invited_only(event: Event) -> Event:
    await Event.filter(id=event.id).update(by_invitation=True)
    return await event_with(event.id)


async def asks_on_pages(client: httpx2.AsyncClient, event: Event, person: Person, **also: str) -> list[httpx2.Response]:
    questions = questions_of(person)
    questions["organisation"] |= also
    posted = [await client.post(f"/e/{event.slug}/ask/{step}", data=said) for step, said in questions.items()]
    return [*posted, await client.post(f"/e/{event.slug}/ask/check")]


@SQLITE
async def test_without_an_invitation_nobody_asks_and_the_public_page_says_why(
    database: Database, invited_only: Event, ada: Person
) -> None:
    async with browsing(database) as client:
        page = words((await client.get(f"/e/{invited_only.slug}")).text)
        begun = await client.get(f"/e/{invited_only.slug}/ask")
        answers = await asks_on_pages(client, invited_only, ada)
    assert "Registration is by invitation" in page
    assert "Ask for a place" not in page
    assert {answer.headers["location"] for answer in [begun, *answers]} == {f"/e/{invited_only.slug}"}
    assert await Registration.all().count() == 0


@SQLITE
@pytest.mark.parametrize("typed", [False, True])
async def test_with_a_code_somebody_asks_by_its_link_or_as_they_type_it(
    database: Database, invited_only: Event, omar: Staff, ada: Person, typed: bool
) -> None:
    code = code_of(await an_invitation(invited_only, omar))
    async with browsing(database) as client:
        here = f"/e/{invited_only.slug}/invited" if typed else page_of(invited_only, code)
        begun = await client.post(here, data={"code": code.lower()})
        assert begun.headers["location"] == f"/e/{invited_only.slug}/ask/name"
        sent = await asks_on_pages(client, invited_only, ada, invitation=code)
        assert sent[-1].headers["location"].startswith(f"/e/{invited_only.slug}/asked")
        again = await client.post(f"/e/{invited_only.slug}/asked")
        assert again.headers["location"].startswith(f"/e/{invited_only.slug}/asked?again")
        link = (await link_of(await request_of(ada.email))).link
        await client.post(link, data={"asked": "yes"})
    assert (await request_of(ada.email)).state is State.CONFIRMED


@SQLITE
async def test_who_clears_the_code_on_the_way_is_asked_for_it(
    database: Database, invited_only: Event, omar: Staff, ada: Person
) -> None:
    code = code_of(await an_invitation(invited_only, omar))
    async with browsing(database) as client:
        await client.post(page_of(invited_only, code))
        sent = await asks_on_pages(client, invited_only, ada, invitation="")
        [shown] = [
            words((await client.get(answer.headers["location"])).text)
            for answer in sent
            if "tried=" in answer.headers["location"]
        ]
        assert "Enter your invitation code. Registration is by invitation" in shown
        assert sent[-1].headers["location"] == f"/e/{invited_only.slug}/ask/organisation"
        wrong = await client.post(
            f"/e/{invited_only.slug}/ask/organisation",
            data=questions_of(ada)["organisation"] | {"invitation": "7KQM-2XRB-9TDW-HC4P"},
        )
        shown = words((await client.get(wrong.headers["location"])).text)
    assert NOBODY_ELSE_ASKS in shown
    assert "leave it empty" not in shown
    assert await Registration.all().count() == 0


@SQLITE
async def test_every_code_that_cannot_be_used_gets_one_answer(
    database: Database, invited_only: Event, omar: Staff
) -> None:
    used_up = await an_invitation(invited_only, omar, places=1)
    await type(used_up).filter(id=used_up.id).update(used=1)
    async with browsing(database) as client:
        here = f"/e/{invited_only.slug}/invited"
        shown = await client.get(here)
        pages = [await client.post(here, data={"code": code}) for code in (code_of(used_up), "7KQM-2XRB-9TDW-HC4P")]
        assert heading(shown) == "Your invitation code"
    said = [words(page.text).replace(code_of(used_up), "").replace("7KQM-2XRB-9TDW-HC4P", "") for page in pages]
    assert [page.status_code for page in pages] == [422, 422]
    assert said[0] == said[1]


async def test_a_code_that_is_not_for_the_address_confirms_nothing(
    database: Database, invited_only: Event, omar: Staff, ada: Person, bo: Person
) -> None:
    invitation = await an_invitation(invited_only, omar)
    stranger = await asks(bo, invited_only, code_of(invitation))
    with pytest.raises(NotInvited):
        await confirms(stranger)
    assert (await request_of(bo.email)).state is State.REQUESTED
    assert (await type(invitation).get(id=invitation.id)).used == 0
    await confirms(await asks(ada, invited_only, code_of(invitation)))
    assert (await request_of(ada.email)).state is State.CONFIRMED, "the control"
    await Event.filter(id=invited_only.id).update(by_invitation=False)
    await confirming.confirm(await link_of(stranger), MONDAY)
    assert (await request_of(bo.email)).state is State.CONFIRMED, "where everybody can ask"


@SQLITE
async def test_once_registration_is_closed_no_code_works(database: Database, invited_only: Event, omar: Staff) -> None:
    code = code_of(await an_invitation(invited_only, omar))
    await Event.filter(id=invited_only.id).update(state=EventState.CLOSED)
    async with browsing(database) as client:
        begun = await client.post(page_of(invited_only, code))
    assert begun.headers["location"] == f"/e/{invited_only.slug}"


@SQLITE
async def test_who_closes_registration_reads_how_codes_go_on(database: Database, event: Event, omar: Staff) -> None:
    async def said() -> tuple[bool, bool]:
        """On the event's page that codes stop with it, on the invitations' page that they have."""
        pages = [words((await client.get(desk(event, *path))).text) for path in (["event"], ["people", "invitations"])]
        return "not with an invitation either" in pages[0], "closed, so no invitation works" in pages[1]

    async with browsing(database, omar) as client:
        assert await said() == (True, False)
        await client.post(desk(event, "event", "registration", "close"))
        assert await said() == (False, True)


@SQLITE
async def test_organisers_choose_who_can_ask(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        assert "Who can ask Everybody" in words((await client.get(desk(event, "event"))).text)
        await client.post(desk(event, "event", "who-asks"), data={"who_asks": "invited"})
        assert "Only people with an invitation" in words((await client.get(desk(event, "event"))).text)
    assert (await event_with(event.id)).by_invitation
