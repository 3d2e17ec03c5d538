"""Asking by a link or with a code: every code that cannot be used gets one sentence, which tells nothing.

Rules: SE-01, SE-03, SE-04.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx2
import pytest

from events.accounts.staff import Staff
from events.event import Event, EventState
from events.ground import clock
from events.ground.database import Database, query
from events.ground.limits import Attempt
from events.ground.tokens import Purpose
from registrations.asking import inviting
from registrations.asking.question_forms import CANNOT_BE_USED
from registrations.asking.register_pages import DRAFT
from registrations.codes.invitation_code import new_code
from registrations.people.invitation import Invitation
from registrations.people.registration import Registration, State
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, an_event, link_of, request_of
from tests.professional import path_to, questions_of
from tests.registrations.asking.invitations import an_invitation, asks, code_of, confirms

Maker = Callable[[Event, Staff, Person], Awaitable[str]]


def page_of(event: Event, code: str) -> str:
    return f"/e/{event.slug}/invited/{code}"


async def fill_in(client: httpx2.AsyncClient, event: Event, person: Person, code: str) -> httpx2.Response:
    """Up to the page of the organisation, whose answer it returns."""
    asked = questions_of(person)
    for step in ("name", "email"):
        await client.post(f"/e/{event.slug}/ask/{step}", data=asked[step])
    return await client.post(f"/e/{event.slug}/ask/organisation", data=asked["organisation"] | {"invitation": code})


async def test_by_the_link_the_code_is_filled_in_and_counts_once_the_address_is_confirmed(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    invitation = await an_invitation(event, omar)
    async with browsing(database) as client:
        page = await client.get(page_of(event, code_of(invitation)))
        assert (page.status_code, heading(page)) == (200, "You are invited to ask for a place")
        begun = await client.post(page_of(event, code_of(invitation)))
        assert (begun.status_code, begun.headers["location"]) == (303, f"/e/{event.slug}/ask/name")
        for step in ("name", "email"):
            await client.post(f"/e/{event.slug}/ask/{step}", data=questions_of(ada)[step])
        filled = await client.get(f"/e/{event.slug}/ask/organisation")
        assert f'value="{code_of(invitation)}"' in filled.text
        given = questions_of(ada)["organisation"] | {"invitation": code_of(invitation)}
        await client.post(f"/e/{event.slug}/ask/organisation", data=given)
        await client.post(f"/e/{event.slug}/ask/role", data=questions_of(ada)["role"])
        assert code_of(invitation) in (await client.get(f"/e/{event.slug}/ask/check")).text
        await client.post(f"/e/{event.slug}/ask/check")
        link = (await link_of(await request_of(ada.email))).link
        assert code_of(invitation) in (await client.get(link)).text
        said = await client.get((await client.post(link, data={"asked": "yes"})).headers["location"])
    assert "Your invitation code counts" in words(said.text)
    assert (await request_of(ada.email)).invitation_id == invitation.id


async def test_opening_the_link_looks_nothing_up_and_is_the_same_for_every_code(
    database: Database, event: Event, omar: Staff
) -> None:
    right = code_of(await an_invitation(event, omar))
    async with browsing(database) as client:
        pages = [(await client.get(page_of(event, code))) for code in (right, new_code(), "nonsense")]
        assert len({(page.status_code, page.text, str(sorted(page.headers))) for page in pages}) == 1
        assert (await Attempt.all().count(), DRAFT.name in client.cookies) == (0, False)
        await client.post(page_of(event, right))
        assert DRAFT.name in client.cookies, "pressing the button does begin"


async def unknown(event: Event, omar: Staff, ada: Person) -> str:
    return new_code()


async def misshapen(event: Event, omar: Staff, ada: Person) -> str:
    return "ABC"


async def ended(event: Event, omar: Staff, ada: Person) -> str:
    invitation = await an_invitation(event, omar)
    await inviting.end(invitation, omar, MONDAY)
    return code_of(invitation)


async def used_up(event: Event, omar: Staff, ada: Person) -> str:
    invitation = await an_invitation(event, omar, places=1)
    await confirms(await asks(ada, event, code_of(invitation)))
    return code_of(invitation)


async def over(event: Event, omar: Staff, ada: Person) -> str:
    invitation = await an_invitation(event, omar)
    await Invitation.filter(id=invitation.id).update(until=MONDAY)
    return code_of(invitation)


async def of_another_event(event: Event, omar: Staff, ada: Person) -> str:
    return code_of(await an_invitation(await an_event(), omar))


async def damaged(event: Event, omar: Staff, ada: Person) -> str:
    """Its tag stands, so that it is found; what it is for cannot be read."""
    invitation = await an_invitation(event, omar)
    await query("UPDATE invitation SET code_tag = 'damaged' WHERE id = ?", [invitation.id])
    return code_of(invitation)


WRONG: list[Maker] = [unknown, misshapen, ended, used_up, over, of_another_event, damaged]


async def test_every_code_that_cannot_be_used_gets_the_same_answer_by_link_and_on_the_form(
    database: Database, event: Event, omar: Staff, ada: Person, bo: Person
) -> None:
    codes = [await make(event, omar, ada) for make in WRONG]
    by_link, on_form = set(), set()
    for code in codes:
        async with browsing(database) as client:
            answer = await client.post(page_of(event, code))
            by_link.add((answer.status_code, answer.text.replace(code, "")))
            refused = await fill_in(client, event, bo, code)
            assert refused.status_code == 303
            shown = await client.get(refused.headers["location"])
            on_form.add((shown.status_code, words(shown.text).replace(code, "")))
            assert f'value="{code}"' in shown.text, "what was typed stays"
    assert [len(by_link), len(on_form)] == [1, 1]
    assert [CANNOT_BE_USED in text for _, text in (*by_link, *on_form)] == [True, True]


async def test_without_the_code_the_form_goes_on_and_a_right_one_is_taken(
    database: Database, event: Event, omar: Staff, bo: Person
) -> None:
    right = code_of(await an_invitation(event, omar))
    async with browsing(database) as client:
        await fill_in(client, event, bo, "wrong")
        for code in ("", right.lower().replace("-", " ")):
            answer = await fill_in(client, event, bo, code)
            assert answer.headers["location"].endswith("/ask/role"), code


async def test_thirty_wrong_codes_in_ten_minutes_are_enough_from_one_network_and_right_ones_are_not_counted(
    database: Database, event: Event, omar: Staff
) -> None:
    right = code_of(await an_invitation(event, omar))
    async with browsing(database) as client:
        taken = [(await client.post(page_of(event, right))).status_code for _ in range(40)]
        wrong = [(await client.post(page_of(event, new_code()))).status_code for _ in range(32)]
        slowed = await client.post(page_of(event, right))
    assert taken == [303] * 40
    assert wrong == [422] * 30 + [429] * 2
    assert slowed.status_code == 429, "whether a code works, nobody learns then"


async def test_whoever_confirms_another_address_reads_that_the_code_does_not_count(
    database: Database, event: Event, omar: Staff, bo: Person
) -> None:
    """And nothing of whom it is for."""
    code = code_of(await an_invitation(event, omar, partner="Canary Partner"))
    asked = await asks(bo, event, code)
    async with browsing(database) as client:
        path = (await link_of(asked)).link
        page = await client.get((await client.post(path, data={"asked": "yes"})).headers["location"])
    said = words(page.text)
    assert "could not be used with this address, or no longer" in said
    assert "A person looks at every request" in said
    assert [text for text in ("wardens.example.org", "Canary Partner") if text in page.text] == []
    assert (await Registration.get(id=asked.id)).state is State.CONFIRMED


async def test_who_has_a_place_at_once_reads_that_we_email_them(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    asked = await asks(ada, event, code_of(await an_invitation(event, omar, skips=True)))
    async with browsing(database) as client:
        answer = await client.post((await link_of(asked)).link, data={"asked": "yes"})
        said = words((await client.get(answer.headers["location"])).text)
        assert ("We email you now" in said, "A person looks at every request" in said) == (True, False)
        ticket = await client.get(path_to(await Registration.get(id=asked.id), Purpose.TICKET))
    assert ticket.status_code == 200


async def test_while_registration_is_not_open_no_code_opens_it(database: Database, event: Event, omar: Staff) -> None:
    code = code_of(await an_invitation(event, omar))
    await Event.filter(id=event.id).update(state=EventState.CLOSED)
    async with browsing(database) as client:
        answers = [await client.get(page_of(event, code)), await client.post(page_of(event, code))]
    assert [(answer.status_code, answer.headers["location"]) for answer in answers] == [(303, f"/e/{event.slug}")] * 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_no_code_stands_in_the_log(
    database: Database, event: Event, omar: Staff, printed: pytest.CaptureFixture[str]
) -> None:
    code = code_of(await an_invitation(event, omar))
    async with browsing(database) as client:
        await client.get(page_of(event, code))
        await client.post(page_of(event, code))
    logged = printed.readouterr()
    assert "invited_pages.begin" in logged.out + logged.err
    assert code not in logged.out + logged.err


async def test_asking_with_a_code_looks_the_same_for_an_address_that_we_know(
    database: Database, event: Event, omar: Staff, ada: Person, bo: Person
) -> None:
    code = code_of(await an_invitation(event, omar))
    await confirms(await asks(ada, event, ""), clock.now() + timedelta(minutes=1))
    pages = []
    for person in (ada, bo):
        async with browsing(database) as client:
            await fill_in(client, event, person, code)
            await client.post(f"/e/{event.slug}/ask/role", data=questions_of(person)["role"])
            answer = await client.post(f"/e/{event.slug}/ask/check")
            shown = await client.get(answer.headers["location"])
            pages.append((answer.status_code, shown.text.replace(person.email, "")))
    assert pages[0] == pages[1]
