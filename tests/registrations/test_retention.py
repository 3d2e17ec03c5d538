"""What nobody confirmed is gone after three days, by itself; so are drafts and counts of tries."""

import asyncio
from datetime import timedelta

from events import clock, limits
from events.audit import Action
from events.database import Database
from events.event import Event
from events.limits import Attempt
from registrations import drafting, registering, retention
from registrations.draft import IDLE, Draft
from registrations.registration import Registration, State
from tests.people import MONDAY, Person, audit_of, confirmed, requested, someone

THREE_DAYS_ON = MONDAY + registering.LINK_LASTS
PERSONAL = ("full_name", "badge_name", "email", "organisation", "role", "phone", "search")


async def test_an_unconfirmed_request_loses_all_that_is_personal(event: Event, ada: Person) -> None:
    asked = await requested(ada, event)
    assert await retention.expire_due(THREE_DAYS_ON - timedelta(minutes=1)) == 0
    assert await retention.expire_due(THREE_DAYS_ON) == 1
    row = await Registration.get(id=asked.id)
    assert ([getattr(row, name) for name in PERSONAL], row.state, row.kind) == ([""] * 7, State.EXPIRED, "charity")
    assert await audit_of(asked) == [(Action.EXPIRED, "system", THREE_DAYS_ON)]


async def test_whoever_confirmed_or_asked_again_in_time_is_kept(event: Event, ada: Person, bo: Person) -> None:
    await confirmed(ada, event)
    await requested(bo, event, THREE_DAYS_ON - timedelta(hours=1))
    before = await Registration.all().order_by("id").values()
    assert await retention.expire_due(THREE_DAYS_ON) == 0
    assert await Registration.all().order_by("id").values() == before


async def test_the_empty_row_goes_after_a_month(event: Event, ada: Person) -> None:
    await requested(ada, event)
    await retention.expire_due(THREE_DAYS_ON)
    await retention.expire_due(MONDAY + retention.RECOGNISED)
    assert await Registration.all().count() == 0


async def test_many_are_expired_turn_by_turn_and_each_once(event: Event) -> None:
    for _ in range(5):
        await requested(someone(), event)
    answers = await asyncio.gather(*(retention.expire_due(THREE_DAYS_ON) for _ in range(3)))
    assert sum(answers) == await Registration.filter(state=State.EXPIRED).count() == 5


async def test_a_turn_forgets_drafts_and_tries_whose_time_is_up(database: Database, event: Event) -> None:
    real = clock.real()
    await drafting.keep(event, None, "", {"full_name": "Ada"}, real - IDLE)
    kept = await drafting.keep(event, None, "", {"full_name": "Bo"}, real)
    await limits.count(limits.CONFIRM_MAILS, "ada@wardens.example.org", real - timedelta(days=1))
    await retention.turn(MONDAY, real)
    assert (await Draft.all().count(), await Attempt.all().count()) == (1, 0)
    assert await drafting.find(event, kept, real) is not None


async def test_the_turns_end_at_once_when_the_server_stops(database: Database) -> None:
    stop = asyncio.Event()
    turns = asyncio.create_task(retention.run(stop))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(turns, 1)
