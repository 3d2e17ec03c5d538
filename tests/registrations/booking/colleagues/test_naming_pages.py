"""The page on which a guest names a colleague, and the email to them.

Rules: DP-16, EM-05, EM-06, SE-01.
"""

from datetime import date, datetime, timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event, EventState
from events.ground import clock
from events.ground.database import Database
from events.ground.tokens import Purpose
from events.mail.outbox import Message
from registrations.asking import by_colleague
from registrations.booking import own_booking
from registrations.booking.colleagues.colleague_emails import colleague_email
from registrations.people.colleague import Colleague
from registrations.people.registration import Registration, State
from tests.browser import browsing, heading, words
from tests.mail_reading import assert_it_reads_well, folded, html_of, links_of, text_of, written
from tests.people import MONDAY, THE_DAY, VENUE_CANARY, Person, queued
from tests.professional import approved_by, path_to, put_into, with_ticket
from tests.registrations.booking.colleagues.naming_them import KIT, a_guest_names, names, newest, outside

THE_END = "23:59 on Monday 15 April 2019"
EVE = clock.at_venue(date(2019, 4, 14), 10, 0)
YES = {"email": KIT.email, "send": "yes"}


async def test_ada_names_kit_and_nothing_is_sent_without_a_yes(database: Database, event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    booking = path_to(asked, Purpose.MANAGE)
    async with browsing(database) as client:
        assert f'href="{booking}/colleague"' in (await client.get(booking)).text
        page = await client.get(f"{booking}/colleague")
        wrong = [{"email": KIT.email}, {"email": "kit", "send": "yes"}, {"email": ada.email.upper(), "send": "yes"}]
        answers = [await client.post(f"{booking}/colleague", data=typed) for typed in wrong]
        no = await client.post(f"{booking}/colleague", data={"email": KIT.email, "send": "no"})
        assert (heading(page), await queued()) == ("Ask whether a colleague wants a place", [])
        assert [answer.status_code for answer in answers] == [422] * 3
        assert "this one is your own" in words(answers[2].text)
        assert (no.headers["location"], f'value="{KIT.email}"' in answers[0].text) == (booking, True)
        sent = await client.post(f"{booking}/colleague", data=YES)
        said = words((await client.get(sent.headers["location"])).text)
        left = words((await client.get(f"{booking}/colleague")).text)
    assert sent.headers["location"] == f"{booking}?saved=colleague"
    assert "We do not tell you what they answer" in said
    assert (KIT.email in said, "You can name 4 more." in left, "5 people" in words(page.text)) == (
        False,
        True,
        True,
    )
    assert await queued() == [("colleague", (await newest(asked)).id)]


@pytest.mark.parametrize("state", sorted(State))
@pytest.mark.parametrize("who", ["colleague", "companion"])
async def test_the_answer_is_the_same_whoever_is_named(
    database: Database, event: Event, ada: Person, bo: Person, state: State, who: str
) -> None:
    """And so is the booking page afterwards, whatever they do."""
    asked, _ = await with_ticket(ada, event)
    await put_into(state, bo, event)
    booking, seen = path_to(asked, Purpose.MANAGE), []
    async with browsing(database) as client:
        for address in (bo.email, "nobody@constabulary.example.org"):
            await Colleague.all().delete()
            sent = await client.post(f"{booking}/{who}", data={"email": address, "send": "yes"})
            pages = [await client.get(booking), await client.get(f"{booking}/{who}")]
            seen.append([outside(page) for page in (sent, *pages)])
    assert seen[0] == seen[1]


async def test_what_the_guest_sees_does_not_change_with_the_answer(
    database: Database, event: Event, ada: Person
) -> None:
    named = await a_guest_names(ada, event)
    booking = path_to(named.registration, Purpose.MANAGE)
    async with browsing(database) as client:
        before = [outside(await client.get(path)) for path in (booking, f"{booking}/colleague")]
        await by_colleague.decline(named, clock.now())
        assert [outside(await client.get(path)) for path in (booking, f"{booking}/colleague")] == before
        again = await client.post(f"{booking}/colleague", data=YES)
    assert again.status_code == 303


async def test_after_five_the_page_says_so(database: Database, event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    for n in range(5):
        await names(asked, f"kit{n}@lanterns.example.org", n)
    booking = path_to(asked, Purpose.MANAGE)
    async with browsing(database) as client:
        page = await client.get(f"{booking}/colleague")
        late = await client.post(f"{booking}/colleague", data=YES)
    assert ('<form method="post" novalidate>' in page.text, late.status_code) == (False, 409)
    assert "You have named 5 people, and nobody can name more." in words(page.text)


@pytest.mark.parametrize(
    ("asked_at", "said", "until", "deleted"),
    [
        (MONDAY, "3 days", "09:00 on Thursday 11 April 2019", "09:00 on Thursday 11 April 2019"),
        (EVE, f"until {THE_END}", THE_END, "10:00 on Wednesday 17 April 2019"),
    ],
)
async def test_page_and_email_say_until_when_kit_can_really_answer(
    database: Database, event: Event, ada: Person, asked_at: datetime, said: str, until: str, deleted: str
) -> None:
    """Three days, or to the end of the event; the address is kept for three days all the same."""
    clock.move_to(asked_at)
    guest, _ = await with_ticket(ada, event)
    async with browsing(database) as client:
        page = words((await client.get(f"{path_to(guest, Purpose.MANAGE)}/colleague")).text)
        named = await names(guest, at=asked_at)
        email = await written(colleague_email, await Message.get(template="colleague"))
        assert email is not None
        for text in (" ".join(text_of(email).split()), words(html_of(email))):
            assert f"Open this page before {until}" in text
            assert f"If you do not answer, we delete it by {deleted}." in text
        clock.move_to(clock.at_venue(date(2019, 4, 16), 0, 1) if asked_at == EVE else asked_at + timedelta(days=3))
        assert (await client.get(named.path)).status_code == 410
    assert f"They have {said} to answer" in page


@pytest.mark.parametrize("state", [State.CONFIRMED, State.WAITING, State.OFFERED, State.RECHECKING])
async def test_whoever_has_no_place_is_not_offered_it(
    database: Database, event: Event, ada: Person, state: State
) -> None:
    booking = path_to(await put_into(state, ada, event), Purpose.MANAGE)
    async with browsing(database) as client:
        assert "/colleague" not in (await client.get(booking)).text
        page = await client.get(f"{booking}/colleague")
        assert (page.status_code, (await client.post(f"{booking}/colleague", data=YES)).status_code) == (409, 409)
    assert "Only somebody with a place" in words(page.text)


async def test_once_registration_has_closed_nobody_is_named(database: Database, event: Event, ada: Person) -> None:
    booking = path_to((await with_ticket(ada, event))[0], Purpose.MANAGE)
    await Event.filter(id=event.id).update(state=EventState.CLOSED)
    async with browsing(database) as client:
        assert "/colleague" not in (await client.get(booking)).text
        late = await client.post(f"{booking}/colleague", data=YES)
        clock.move_to(THE_DAY.replace(day=16))
        over = await client.post(f"{booking}/colleague", data=YES)
    assert (late.status_code, over.status_code, await Colleague.all().count()) == (409, 409, 0)
    assert "Registration has closed" in words(late.text)


async def test_the_email_says_where_we_have_the_address_from_and_names_no_guest(event: Event, ada: Person) -> None:
    named = await a_guest_names(ada, event)
    email = await written(colleague_email, await Message.get(template="colleague"))
    assert email is not None
    assert_it_reads_well(email)
    assert (str(email["To"]), str(email["Subject"])) == (
        KIT.email,
        "Would you like a place? Conference on Monday 15 April 2019",
    )
    said = folded(text_of(email))
    whole = said + html_of(email) + str(email)
    assert [word for word in (ada.name, ada.email, ada.organisation, VENUE_CANARY) if word in whole] == []
    assert [href for href, _ in links_of(html_of(email))] == [named.link, "https://places.example.org/privacy"]
    for fact in (
        "Somebody who has a place at this event thinks that you might want one, and asked us to write to you.",
        "It came from the person who asked us to write to you.",
        "If you do not answer, we delete it by 09:00 on Thursday 11 April 2019.",
        "Safer Places: places@hosts.example.org, 01632 960001",
        "Three Rivers District Council: rivers@hosts.example.org",
        "You can ask them for a copy of it, to correct or delete it, or to limit how they use it. You can object",
    ):
        assert fact in said


@pytest.mark.parametrize("who", ["colleague", "companion"])
@pytest.mark.parametrize("chosen", [{}, {"who": "name"}])
async def test_the_email_names_the_guest_where_they_choose_that_alone(
    database: Database, event: Event, ada: Person, omar: Staff, who: str, chosen: dict[str, str]
) -> None:
    page = path_to(await approved_by(omar, ada, event), Purpose.MANAGE) + f"/{who}"
    async with browsing(database) as client:
        assert " checked" not in (await client.get(page)).text, "nothing is chosen beforehand"
        await client.post(page, data=YES | chosen)
    email = await written(colleague_email, await Message.get(template=who))
    assert email is not None
    assert_it_reads_well(email)
    is_named = bool(chosen)
    said = folded(text_of(email))
    assert [said.count(ada.name), "We do not say who they are" in said] == [2 * is_named, not is_named]
    assert ada.name not in str(email["Subject"])


async def test_the_email_is_not_sent_once_it_asks_nothing_any_more(event: Event, ada: Person) -> None:
    message_of, ends = {}, ("answered", "place", "closed")
    for end in ends:
        named = await a_guest_names(
            Person(end, f"{end}@x.example.org", "X", "charity", "Y"), event, f"{end}@y.example.org"
        )
        message = message_of[end] = await Message.get(template="colleague", subject_id=named.id)
        assert await written(colleague_email, message) is not None, "the control"
    by_address = {named.address: named for named in await Colleague.all().select_related("registration__event")}
    await by_colleague.decline(by_address["answered@y.example.org"], clock.now())
    await own_booking.give_up(await Registration.get(id=by_address["place@y.example.org"].registration_id), clock.now())
    sent = {end: await written(colleague_email, message) for end, message in message_of.items()}
    assert [end for end in ends if sent[end]] == ["closed"]
    await Event.filter(id=event.id).update(state=EventState.CLOSED)
    assert await written(colleague_email, message_of["closed"]) is None
