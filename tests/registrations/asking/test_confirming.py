"""A yes confirms what stands behind the link that was opened; a no sets it aside, and can be taken back."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import source
from registrations.asking import confirming, registering
from registrations.people.link_answers import LINK_LASTS, LinkAnswers
from registrations.people.registration import Registration, State
from tests.people import MONDAY, Person, audit_of, confirmed, link_of, request_of, requested, someone
from tests.professional import told_by
from tests.registrations.privacy.retention.going import went

LATER = MONDAY + timedelta(minutes=5)
MALLORYS = "01632 960999"


async def asks(event: Event, person: Person, minutes: int) -> LinkAnswers:
    """The link that they are sent."""
    at = MONDAY + timedelta(minutes=minutes)
    await registering.ask(event, told_by(person), at, at)
    return await link_of(await request_of(person.email))


async def again(link: LinkAnswers) -> LinkAnswers:
    return await LinkAnswers.get(id=link.id).select_related("registration")


async def test_yes_confirms_once(event: Event, ada: Person) -> None:
    asked = await requested(ada, event)
    both = [await link_of(asked) for _ in range(2)]
    await asyncio.gather(*(confirming.confirm(link, LATER) for link in both))
    asked = await Registration.get(id=asked.id)
    assert (asked.state, asked.confirmed_at) == (State.CONFIRMED, LATER)
    assert await audit_of(asked) == [(Action.CONFIRMED, f"person:{asked.id}", LATER)]


async def test_who_says_yes_together_pays_for_nobody_else(event: Event) -> None:
    """One row of ten cannot be written. The other nine are confirmed, each from the network that it came from."""
    asked = [await requested(someone(), event) for _ in range(10)]
    await Registration.filter(id=asked[4].id).update(person_sealed=b"damaged")
    links = [await link_of(registration) for registration in asked]

    async def says_yes(number: int) -> None:
        source.note(f"10.0.0.{number}")
        await confirming.confirm(links[number], LATER)

    became = await asyncio.gather(*map(says_yes, range(10)), return_exceptions=True)
    assert [number for number, failed in enumerate(became) if failed] == [4]
    rows = await Registration.all().order_by("id")
    assert [row.state is State.CONFIRMED for row in rows] == [number != 4 for number in range(10)]
    entries = await AuditEntry.filter(action=Action.CONFIRMED).order_by("subject")
    assert len({entry.source for entry in entries}) == 9


async def test_yes_confirms_the_answers_of_its_own_link_and_deletes_all_others(event: Event, ada: Person) -> None:
    """A stranger who asks later in Ada's name changes nothing of what she says yes to."""
    ada = replace(ada, badge_name="Ada", phone="01632 960001")
    hers = await asks(event, ada, 0)
    await asks(event, replace(ada, name="Mallory", kind="police", badge_name="", phone=MALLORYS), 1)
    await confirming.confirm(hers, LATER)
    now = await Registration.get(id=hers.registration_id)
    assert (now.state, now.full_name, now.badge_name, now.phone, now.kind) == (
        State.CONFIRMED, ada.name, "Ada", "01632 960001", "charity",
    )  # fmt: skip
    assert now.requested_at == MONDAY
    assert [link.answers for link in await LinkAnswers.all()] == [{}, {}]


async def test_yes_after_three_days_changes_nothing(event: Event, ada: Person) -> None:
    link = await link_of(await requested(ada, event))
    await confirming.confirm(link, MONDAY + LINK_LASTS)
    assert (await Registration.get()).state is State.REQUESTED
    await confirming.confirm(link, MONDAY + LINK_LASTS - timedelta(minutes=1))
    assert (await Registration.get()).state is State.CONFIRMED


async def test_each_link_has_three_days_of_its_own(event: Event, ada: Person) -> None:
    old, newer = await asks(event, ada, 0), await asks(event, ada, 60)
    three_days_on = MONDAY + LINK_LASTS
    await confirming.confirm(old, three_days_on)
    assert (await again(newer)).registration.state is State.REQUESTED
    await confirming.confirm(newer, three_days_on)
    assert (await again(newer)).registration.state is State.CONFIRMED


async def test_no_sets_the_answers_aside_and_organisers_read_that_somebody_else_asked(
    event: Event, ada: Person
) -> None:
    link = await link_of(await requested(ada, event))
    assert [await confirming.say_no(link, LATER) for _ in range(2)] == [True, True]
    now = await Registration.get()
    assert (now.state, now.full_name, now.organisation, now.phone) == (State.REQUESTED, "", "", "")
    assert (await again(link)).said_no_at == LATER
    entry = await AuditEntry.get(action=Action.NOT_ASKED)
    assert (entry.subject, entry.event_id, entry.details) == (f"registration:{now.id}", event.id, {})


async def test_a_later_yes_from_the_same_link_takes_the_no_back(event: Event, ada: Person) -> None:
    link = await link_of(await requested(ada, event))
    await confirming.say_no(link, LATER)
    await confirming.confirm(await again(link), LATER + timedelta(hours=1))
    now = await Registration.get()
    assert (now.state, now.full_name, now.organisation) == (State.CONFIRMED, ada.name, ada.organisation)
    assert [action for action, *_ in await audit_of(now)] == [Action.NOT_ASKED, Action.CONFIRMED]


async def test_what_was_set_aside_is_deleted_when_its_link_expires(event: Event, ada: Person) -> None:
    link = await link_of(await requested(ada, event))
    await confirming.say_no(link, LATER)
    assert await went("unconfirmed", MONDAY + LINK_LASTS - timedelta(minutes=1)) == 0
    assert (await again(link)).answers["full_name"] == ada.name
    assert await went("unconfirmed", MONDAY + LINK_LASTS) == 1
    now = await again(link)
    assert (now.answers, now.registration.state, now.registration.email) == ({}, State.EXPIRED, "")


async def test_no_to_a_strangers_link_leaves_ones_own_request(event: Event, ada: Person) -> None:
    hers = await asks(event, ada, 0)
    strangers = await asks(event, replace(ada, name="Mallory", phone=MALLORYS), 1)
    await confirming.say_no(strangers, LATER)
    now = await Registration.get()
    assert (now.full_name, now.phone) == (ada.name, "")
    await confirming.confirm(await again(hers), LATER)
    assert (await Registration.get()).state is State.CONFIRMED


async def test_no_comes_too_late_once_the_address_is_confirmed(event: Event, ada: Person) -> None:
    asked = await confirmed(ada, event)
    assert not await confirming.say_no(await link_of(asked), LATER)
    assert (await Registration.get(id=asked.id)).state is State.CONFIRMED
    assert await audit_of(asked) == []


async def test_yes_and_no_at_once_leave_a_whole_request_whoever_is_first(event: Event, ada: Person) -> None:
    for _ in range(5):
        link = await link_of(await requested(ada, event))
        yes, no = confirming.confirm(link, LATER), confirming.say_no(await again(link), LATER)
        await asyncio.gather(no, yes)
        now = await Registration.get(id=link.registration_id)
        assert (now.state, now.full_name) == (State.CONFIRMED, ada.name)
        await now.delete()


async def test_answers_behind_an_expired_link_are_deleted_though_a_newer_one_goes_on(event: Event, ada: Person) -> None:
    old = await asks(event, replace(ada, role="Assistant"), 0)
    newer = await asks(event, ada, 60)
    await confirming.say_no(newer, MONDAY + timedelta(minutes=61))
    assert (await Registration.get()).role == "Assistant"
    assert await went("links", MONDAY + LINK_LASTS) == 1
    assert ((await again(old)).answers, (await again(newer)).answers["role"]) == ({}, ada.role)
    assert (await Registration.get()).role == ""
