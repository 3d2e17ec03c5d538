"""Requests that share a transaction share each statement, and none is mixed with another."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import limits, source
from events.ground.database import run_tx
from events.mail.outbox import EPOCH, Message
from registrations.asking import drafting, held_back, registering
from registrations.people.link_answers import LinkAnswers
from tests.people import MONDAY, Person, request_of, someone
from tests.professional import told_by

LATER = MONDAY + timedelta(minutes=5)


async def test_of_those_who_ask_together_each_link_and_email_has_its_own_answers(event: Event) -> None:
    """New ones, one who has asked before, and one who asks twice."""
    people = [someone() for _ in range(6)]
    await registering.ask(event, told_by(people[0]), MONDAY, MONDAY)
    told = [told_by(replace(person, role=f"Role {n}")) for n, person in enumerate([*people, people[1]])]
    opened = []
    for answers in told:
        token = await drafting.keep(event, None, "", vars(answers), MONDAY)
        opened.append((token, (await drafting.find(event.slug, token, MONDAY))[1]))
    asked = zip(told, opened, strict=True)
    await asyncio.gather(*(registering.ask(event, answers, LATER, LATER, draft=draft) for answers, (_, draft) in asked))
    for answers, (token, _) in zip(told, opened, strict=True):
        _, left = await drafting.find(event.slug, token, LATER)
        assert left is not None
        link = await LinkAnswers.get(public_id=left.link).prefetch_related("registration")
        assert (left.sent_to, link.registration.email, link.answers["role"]) == (
            answers.email,
            answers.email,
            answers.role,
        )
        assert await Message.filter(template="confirm", subject_id=link.id, cause=f"asked {left.link}").count() == 1
    assert [(await request_of(person.email)).role for person in people[:3]] == ["Role 0", "Role 6", "Role 2"]


async def test_those_of_whom_nobody_is_known_share_their_transaction(event: Event) -> None:
    """What fails together is done again for each alone, which nobody would see."""
    people = [someone() for _ in range(3)]
    asked = [
        registering.Submission(event, told_by(person), MONDAY, MONDAY, None, "192.0.2.1", source.hashed())
        for person in people
    ]
    assert await run_tx(registering._ask_all)(asked) == [timedelta()] * 3
    assert [(await request_of(person.email)).email for person in people] == [person.email for person in people]


async def test_what_a_second_press_at_the_same_moment_counted_is_taken_back(event: Event, ada: Person) -> None:
    """It had read the draft before the first one was done with it."""
    token = await drafting.keep(event, None, "", vars(told_by(ada)), MONDAY)
    [first, second] = [(await drafting.find(event.slug, token, MONDAY))[1] for _ in range(2)]
    for draft in (first, second):
        await registering.ask(event, told_by(ada), MONDAY, MONDAY, draft=draft, network="192.0.2.1")
    assert await limits.left(limits.EMAILS_TO_ONE_MAILBOX, ada.email, MONDAY) == 14
    assert await limits.left(limits.EMAILS_FROM_NETWORK, "192.0.2.1", MONDAY) == 249
    assert await limits.left(limits.ASKS_FROM_NETWORK, "192.0.2.1", MONDAY) == 598, "as a request, both count"


@pytest.mark.parametrize("pressed", [[0, 1], [1, 0], [0, 1, 1]])
async def test_of_two_presses_with_an_answer_changed_between_them_the_newer_is_sent(
    event: Event, ada: Person, pressed: list[int]
) -> None:
    """The first one still waited, so both are in one transaction."""
    token = await drafting.keep(event, None, "", vars(told_by(ada)), MONDAY)
    opened = [(await drafting.find(event.slug, token, MONDAY))[1]]
    await drafting.keep(event, opened[0], token, {"role": "Manager"}, MONDAY)
    opened.append((await drafting.find(event.slug, token, MONDAY))[1])
    drafts = [draft for n in pressed if (draft := opened[n]) is not None]
    asked = [
        registering.Submission(event, registering.answers_of(draft), LATER, LATER, draft, "192.0.2.1", source.hashed())
        for draft in drafts
    ]
    assert await run_tx(registering._ask_all)(asked) == [timedelta()] * len(pressed)
    assert [link.answers["role"] for link in await LinkAnswers.all().prefetch_related("registration")] == ["Manager"]
    assert await limits.left(limits.EMAILS_FROM_NETWORK, "192.0.2.1", LATER) == 249


async def test_beyond_the_cap_of_all_emails_those_who_ask_together_wait_and_organisers_are_told_once(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_back, "most_an_hour", lambda _: 4)
    people = [someone() for _ in range(8)]
    asking = [registering.ask(event, told_by(person), MONDAY, MONDAY, network="192.0.2.1") for person in people]
    late = await asyncio.gather(*asking)
    due = [message.next_try_at for message in await Message.filter(template="confirm").order_by("id")]
    assert due == [EPOCH] * 4 + [MONDAY + timedelta(hours=2)] * 2 + [MONDAY + timedelta(hours=4)] * 2
    assert late == [max(moment - MONDAY, timedelta()) for moment in due]
    assert await AuditEntry.filter(action=Action.EMAILS_HELD_BACK).count() == 1


async def test_answers_of_one_draft_that_come_at_the_same_moment_are_both_kept(event: Event) -> None:
    """From two windows of one browser, each of which has read the draft before the other answered."""
    token = await drafting.keep(event, None, "", {"full_name": "Ada"}, MONDAY)
    drafts = [(await drafting.find(event.slug, token, MONDAY))[1] for _ in range(2)]
    new = [{"role": "Advocate"}, {"organisation": "Wardens"}]
    keeping = [drafting.keep(event, draft, token, answers, LATER) for draft, answers in zip(drafts, new, strict=True)]
    await asyncio.gather(*keeping)
    _, kept = await drafting.find(event.slug, token, LATER)
    assert kept is not None
    assert kept.answers == {"full_name": "Ada", "role": "Advocate", "organisation": "Wardens"}
