"""A code counts once somebody confirms an address that it is for: as often as it may, until its day, and never twice.

Rules: SE-15, SG-02.
"""

from asyncio import gather
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event, EventState
from events.ground.clock import at_venue
from events.mail.outbox import Message
from registrations.asking import confirming, inviting
from registrations.asking.invited import Used
from registrations.people.invitation import Invitation
from registrations.people.registration import Registration, State
from registrations.tickets.ticket import Ticket
from tests.people import MONDAY, Person, an_event, audit_of, link_of, queued, requested, someone
from tests.registrations.asking.invitations import WARDENS, an_invitation, asks, code_of, confirms
from tests.registrations.privacy.retention.going import went

IN_TIME = MONDAY + timedelta(days=2, hours=14, minutes=59)  # 23:59 on its last day


async def now(asked: Registration) -> tuple[State, int | None]:
    row = await Registration.get(id=asked.id)
    return row.state, row.invitation_id


async def used(invitation: Invitation) -> int:
    return (await Invitation.get(id=invitation.id)).used


async def test_ada_waits_for_a_decision_like_everybody_and_it_is_known_which_code_she_used(
    event: Event, omar: Staff, ada: Person
) -> None:
    invitation = await an_invitation(event, omar)
    asked = await asks(ada, event, code_of(invitation))
    assert (await used(invitation), await now(asked)) == (0, (State.REQUESTED, None)), "anybody may have typed it"
    assert await confirms(asked, IN_TIME) is Used.COUNTS
    assert (await used(invitation), await now(asked)) == (1, (State.CONFIRMED, invitation.id))
    assert [person.id for person in await inviting.used_by(invitation)] == [asked.id]
    assert [action for action, *_ in await audit_of(asked)] == [
        Action.REQUESTED, Action.CONFIRMED, Action.INVITATION_USED,
    ]  # fmt: skip
    assert [template for template, _ in await queued()] == ["confirm"]


async def test_saying_yes_again_counts_no_second_use(event: Event, omar: Staff, ada: Person) -> None:
    invitation = await an_invitation(event, omar)
    asked = await asks(ada, event, code_of(invitation))
    assert [await confirms(asked), await confirms(asked)] == [Used.COUNTS, None]
    assert await used(invitation) == 1


async def test_one_that_skips_the_queue_gives_a_place_in_the_name_of_the_invitation_and_its_maker(
    event: Event, omar: Staff, ada: Person
) -> None:
    invitation = await an_invitation(event, omar, skips=True)
    asked = await asks(ada, event, code_of(invitation))
    assert await confirms(asked) is Used.PLACE
    ticket = await Ticket.get(registration_id=asked.id, revoked_at=None)
    assert (await now(asked))[0] is State.APPROVED
    assert (await Event.get(id=event.id)).taken == 1
    assert ("ticket", ticket.id) in await queued()
    entry = await AuditEntry.get(action=Action.APPROVED)
    assert (entry.actor, entry.details["made_by"]) == (f"invitation:{invitation.id}", omar.actor)
    row = await Registration.get(id=asked.id)
    assert row.state_before is None, "there is no decision of an organiser to undo"


async def test_where_all_places_are_taken_they_are_put_on_the_waiting_list(
    event: Event, omar: Staff, ada: Person
) -> None:
    await Event.filter(id=event.id).update(capacity=0)
    invitation = await an_invitation(event, omar, skips=True)
    asked = await asks(ada, event, code_of(invitation))
    assert await confirms(asked) is Used.PLACE
    assert await now(asked) == (State.WAITING, invitation.id)
    assert (await Ticket.all().count(), (await Event.get(id=event.id)).taken) == (0, 0)
    assert ("waiting", asked.id) in await queued()
    entries = await AuditEntry.filter(actor=f"invitation:{invitation.id}")
    assert [entry.action for entry in entries] == [Action.PUT_ON_WAITING_LIST]


@pytest.mark.parametrize(
    ("only_for", "places", "counts"),
    [
        ("ada@wardens.example.org", 1, True),
        ("adam@wardens.example.org", 1, False),
        ("wardens.example.org", 2, True),
        ("ardens.example.org", 2, False),
        ("example.org", 2, False),
        ("north.wardens.example.org", 2, False),
    ],
)
async def test_it_is_for_one_address_or_for_addresses_at_exactly_one_domain(
    event: Event, omar: Staff, ada: Person, only_for: str, places: int, counts: bool
) -> None:
    """The address that was confirmed is the row's own: what was typed elsewhere is never looked at."""
    invitation = await an_invitation(event, omar, only_for=only_for, places=places, skips=True)
    asked = await asks(ada, event, code_of(invitation))
    assert await confirms(asked) is (Used.PLACE if counts else Used.REFUSED)
    assert await now(asked) == ((State.APPROVED, invitation.id) if counts else (State.CONFIRMED, None))
    assert await used(invitation) == counts


async def test_ended_over_or_of_another_event_it_is_a_request_like_any_other(
    event: Event, omar: Staff, ada: Person
) -> None:
    ended, over = await an_invitation(event, omar, skips=True), await an_invitation(event, omar, skips=True)
    asked = [await asks(replace(ada, email=f"{n}@{WARDENS}"), event, code_of((ended, over)[n])) for n in range(2)]
    await inviting.end(ended, omar, MONDAY)
    results = [await confirms(asked[0]), await confirms(asked[1], IN_TIME + timedelta(minutes=1))]
    elsewhere = await an_invitation(await an_event(), omar, skips=True)
    asked.append(await asks(replace(ada, email=f"2@{WARDENS}"), event, code_of(elsewhere)))
    results.append(await confirms(asked[2]))
    assert results == [Used.REFUSED] * 3
    assert [await now(row) for row in asked] == [(State.CONFIRMED, None)] * 3


async def test_once_the_event_is_over_it_gives_no_place(event: Event, omar: Staff, ada: Person) -> None:
    invitation = await an_invitation(event, omar, last_day=event.day, skips=True)
    asked = await asks(ada, event, code_of(invitation))
    await Event.filter(id=event.id).update(day=MONDAY.date() - timedelta(days=1))
    assert await confirms(asked) is Used.REFUSED
    assert (await now(asked))[0] is State.CONFIRMED


async def test_of_many_at_once_exactly_as_many_use_it_as_may(event: Event, omar: Staff) -> None:
    """The database counts: on SQLite, and among transactions of PostgreSQL at the same time."""
    invitation = await an_invitation(event, omar, places=3, skips=True)
    people = [replace(someone(), email=f"warden{n}@{WARDENS}") for n in range(12)]
    asked = [await asks(person, event, code_of(invitation)) for person in people]
    links = [await link_of(row) for row in asked]
    results = await gather(*(confirming.confirm(link, MONDAY) for link in links))
    assert Counter(results) == {Used.PLACE: 3, Used.REFUSED: 9}
    states = Counter([(await now(row))[0] for row in asked])
    assert states == {State.APPROVED: 3, State.CONFIRMED: 9}
    assert (await used(invitation), (await Event.get(id=event.id)).taken) == (3, 3)


async def test_two_for_the_last_use_of_two_codes_and_the_last_place_wait_for_nobody(event: Event, omar: Staff) -> None:
    """Codes crosswise, beside others without a code: one place, one ticket, and no transaction waits for ever."""
    await Event.filter(id=event.id).update(capacity=1)
    codes = [code_of(await an_invitation(event, omar, places=4, skips=True)) for _ in range(2)]
    people = [replace(someone(), email=f"warden{n}@{WARDENS}") for n in range(8)]
    asked = [await asks(person, event, codes[n % 2]) for n, person in enumerate(people)]
    plain = [await requested(someone(), event) for _ in range(4)]
    links = [await link_of(row) for row in [*asked, *plain]]
    results = await gather(*(confirming.confirm(link, MONDAY) for link in links))
    assert Counter(results) == {Used.PLACE: 8, None: 4}
    states = Counter([(await now(row))[0] for row in asked])
    assert states == {State.APPROVED: 1, State.WAITING: 7}
    assert await Ticket.all().count() == 1
    assert await Message.filter(template__in=["ticket", "waiting"]).count() == 8


async def test_who_asks_later_with_a_code_changes_nothing_of_a_decision(event: Event, omar: Staff, ada: Person) -> None:
    """A code gives nobody what organisers have declined."""
    asked = await asks(ada, event, "")
    await confirms(asked)
    await Registration.filter(id=asked.id).update(state=State.NOT_OFFERED)
    invitation = await an_invitation(event, omar, skips=True)
    await asks(ada, event, code_of(invitation))
    assert (await used(invitation), await now(asked)) == (0, (State.NOT_OFFERED, None))


async def test_it_is_used_although_registration_has_closed_since_they_asked(
    event: Event, omar: Staff, ada: Person
) -> None:
    asked = await asks(ada, event, code_of(await an_invitation(event, omar)))
    await Event.filter(id=event.id).update(state=EventState.CLOSED)
    assert await confirms(asked) is Used.COUNTS


async def test_thirty_days_after_the_event_nobody_knows_who_used_which(event: Event, omar: Staff, ada: Person) -> None:
    asked = await asks(ada, event, code_of(await an_invitation(event, omar, skips=True)))
    await confirms(asked)
    assert await went("invitations", at_venue(event.day + timedelta(days=30), 0, 0) - timedelta(minutes=1)) == 0
    assert await went("invitations", at_venue(event.day + timedelta(days=30), 0, 0)) == 1
    assert await now(asked) == (State.APPROVED, None)
    assert (await Registration.get(id=asked.id)).full_name == ada.name
