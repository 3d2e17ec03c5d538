"""Before a decision somebody is asked for a work address or a manager's contact: marked, once a day, without a reason.

Rules: SG-03, SG-04.
"""

import asyncio
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import Database
from events.ground.refusal import Refused
from events.ground.tokens import Purpose
from events.mail.outbox import Message
from registrations.deciding import asking_for_more, vetting
from registrations.deciding.asking_for_more import More
from registrations.people.registration import TO_DECIDE, State
from tests.browser import browsing
from tests.mail_reading import text_of, written
from tests.people import MONDAY, THE_DAY, Person, audit_of, confirmed, queued
from tests.professional import path_to, put_into
from tests.registrations.deciding.decisions import anew


@pytest.mark.parametrize(("more", "template"), [(More.ADDRESS, "more_address"), (More.MANAGER, "more_manager")])
async def test_the_request_is_marked_and_stays_to_be_decided(
    event: Event, ada: Person, omar: Staff, more: More, template: str
) -> None:
    asked = await confirmed(ada, event)
    await asking_for_more.ask(asked, more, omar, MONDAY)
    now = await anew(asked)
    assert (now.state, now.more_asked_at, now.more_asked_by_id) == (State.CONFIRMED, MONDAY, omar.id)
    assert await queued() == [(template, asked.id)]
    assert await audit_of(asked) == [(Action.MORE_ASKED, omar.actor, MONDAY)]
    assert (await AuditEntry.get(action=Action.MORE_ASKED)).details == {"what": more.value}


async def test_once_a_day_at_most_whoever_asks(event: Event, ada: Person, omar: Staff, lena: Staff) -> None:
    asked = await confirmed(ada, event)
    await asking_for_more.ask(asked, More.ADDRESS, omar, MONDAY)
    with pytest.raises(Refused, match="less than a day ago"):
        await asking_for_more.ask(await anew(asked), More.MANAGER, lena, MONDAY + timedelta(hours=23))
    assert await queued() == [("more_address", asked.id)]
    await asking_for_more.ask(await anew(asked), More.MANAGER, lena, MONDAY + timedelta(days=1))
    assert (await anew(asked)).more_asked_by_id == lena.id
    assert len(await queued()) == 2


async def test_of_ten_who_ask_at_once_one_does(event: Event, ada: Person, omar: Staff) -> None:
    asked = await confirmed(ada, event)
    copies = [await anew(asked) for _ in range(10)]
    acts = [asking_for_more.ask(copy, More.ADDRESS, omar, MONDAY) for copy in copies]
    answers = await asyncio.gather(*acts, return_exceptions=True)
    assert (answers.count(None), {type(answer) for answer in answers}) == (1, {type(None), Refused})
    assert await queued() == [("more_address", asked.id)]


@pytest.mark.parametrize("state", sorted(State))
async def test_only_whoever_is_to_be_decided_is_asked(event: Event, ada: Person, omar: Staff, state: State) -> None:
    asked = await put_into(state, ada, event)
    if state in TO_DECIDE:
        more = More.MANAGER if state is State.RECHECKING else More.ADDRESS
        await asking_for_more.ask(asked, more, omar, MONDAY)
        assert await queued() == [(more.template, asked.id)]
        return
    with pytest.raises(vetting.AlreadyDecided):
        await asking_for_more.ask(asked, More.ADDRESS, omar, MONDAY)
    assert await queued() == []


async def test_whoever_is_looked_at_again_is_asked_for_no_address_that_their_page_would_not_take(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await put_into(State.RECHECKING, ada, event)
    async with browsing(database) as client:
        answer = await client.get(f"{path_to(asked, Purpose.MANAGE)}/address")
    assert answer.status_code == 409, "this is why"
    with pytest.raises(Refused, match="no other address can be entered"):
        await asking_for_more.ask(asked, More.ADDRESS, omar, MONDAY)
    now = await anew(asked)
    assert (await queued(), await audit_of(asked), now.more_asked_at) == ([], [], None)
    await asking_for_more.ask(now, More.MANAGER, omar, MONDAY)
    assert await queued() == [("more_manager", asked.id)]


async def test_whoever_was_decided_on_meanwhile_or_after_the_event_is_not_asked(
    event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    asked = await confirmed(ada, event)
    seen = await anew(asked)
    with pytest.raises(Refused, match="is over"):
        await asking_for_more.ask(seen, More.ADDRESS, omar, THE_DAY + timedelta(days=1))
    await vetting.approve(asked, lena, MONDAY)
    with pytest.raises(vetting.AlreadyDecided):
        await asking_for_more.ask(seen, More.ADDRESS, omar, MONDAY)
    assert (await anew(asked)).more_asked_at is None


@pytest.mark.parametrize(("more", "asks"), [(More.ADDRESS, "we need a work email address"), (More.MANAGER, "manager")])
async def test_the_email_is_the_same_for_all_and_is_not_sent_once_decided(
    event: Event, ada: Person, bo: Person, omar: Staff, more: More, asks: str
) -> None:
    texts = []
    for person in (ada, bo):
        asked = await confirmed(person, event)
        await asking_for_more.ask(asked, more, omar, MONDAY)
        message = await Message.get(template=more.template, subject_id=asked.id)
        email = await written(asking_for_more.WRITERS[more.template], message)
        assert email is not None
        texts.append(text_of(email).replace(person.name, "NAME"))
        link, stays = [line for line in texts[-1].splitlines() if line.startswith("https://")], texts[-1]
        texts[-1] = stays.replace(link[0], "LINK")
        await vetting.not_offer(await anew(asked), omar, MONDAY)
        assert await written(asking_for_more.WRITERS[more.template], message) is None
    assert texts[0] == texts[1]
    assert asks in " ".join(texts[0].split())


ASKED_FOR = {More.ADDRESS: "We asked you for a work email address", More.MANAGER: "We asked you for the contact of"}


@pytest.mark.parametrize("more", list(More))
async def test_their_page_says_what_was_asked_for_until_they_had_a_place(
    database: Database, event: Event, ada: Person, omar: Staff, more: More
) -> None:
    asked = await put_into(State.CONFIRMED, ada, event)
    async with browsing(database) as client:
        await asking_for_more.ask(asked, more, omar, MONDAY)
        page = await client.get(path_to(asked, Purpose.MANAGE))
        assert [sentence in page.text for sentence in ASKED_FOR.values()] == [
            more is More.ADDRESS,
            more is More.MANAGER,
        ]
        entered = f'{path_to(asked, Purpose.MANAGE)}/address">Enter it' in page.text
        assert entered is (more is More.ADDRESS)
        await vetting.put_on_waiting_list(await anew(asked), omar, MONDAY)
        assert (await client.get(path_to(asked, Purpose.MANAGE))).content == page.content, "as for who is undecided"
        await vetting.approve(await anew(asked), omar, MONDAY)
        later = await client.get(path_to(await anew(asked), Purpose.MANAGE))
    assert (later.status_code, "We asked you for" in later.text) == (200, False)


async def test_a_request_confirmed_anew_or_never_asked_for_more_is_reminded_of_nothing(
    event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    asked, other = await confirmed(ada, event), await confirmed(bo, event)
    await asking_for_more.ask(asked, More.ADDRESS, omar, MONDAY)
    asked = await anew(asked)
    assert await asking_for_more.asked_for(asked) is More.ADDRESS
    asked.confirmed_at = MONDAY + timedelta(hours=1)
    assert [await asking_for_more.asked_for(request) for request in (asked, other)] == [None, None]
