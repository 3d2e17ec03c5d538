"""Who asks, answers, submits or writes while the data key of the event is replaced does so as always.

Rules: SE-16.
"""

import asyncio
from contextvars import Context
from typing import Any

import pytest

from events.event import Event
from events.ground import clock
from events.ground.database import query
from registrations.asking import confirming, drafting, inviting, registering
from registrations.people.registration import LIVE, Registration, State
from registrations.telling import announcing
from registrations.telling.announcement import Audience
from registrations.telling.announcing import Written
from tests.callers_world import World
from tests.events.rotation.rotating import Place, key_of, of_older_keys
from tests.people import MONDAY, link_of, requested, someone
from tests.professional import told_by
from tests.registrations.asking.invitations import an_invitation, code_of


async def live_rows(event: Event) -> list[Registration]:
    return await Registration.filter(event_id=event.id, state__in=LIVE).order_by("id")


def addresses(rows: list[Registration]) -> list[str]:
    return sorted(row.email for row in rows)


async def test_who_read_the_old_key_before_asks_with_the_new_one(place: Place, world: World) -> None:
    """The page had read the event; the key was replaced and dropped before it asks."""
    again, new, stale = someone(), someone(), await Event.get(id=world.event.id)
    await requested(again, world.event)
    await place.rotates_event(world.event)
    await place.drops_event(world.event)
    for person in (again, new):
        await registering.ask(stale, told_by(person), MONDAY, clock.real())
    assert await registering.begin(stale, {"full_name": "Ada"}, "", clock.real())
    rows = await live_rows(world.event)
    assert [addresses(rows).count(person.email) for person in (again, new)] == [1, 1]
    assert await of_older_keys(await key_of(world.event)) == []


async def test_who_read_the_old_key_before_writes_an_announcement_with_the_new_one(place: Place, world: World) -> None:
    stale, texts = await Event.get(id=world.event.id), ("Parking", "The square is shut.")
    await place.rotates_event(world.event)
    await place.drops_event(world.event)
    made = await announcing.write(stale, Written(*texts, Audience.GUESTS, "", ()), world.staff["lead"], MONDAY)
    assert (made.subject, made.words) == texts
    assert await of_older_keys(await key_of(world.event)) == []


async def test_a_code_that_was_given_out_before_still_finds_its_invitation(place: Place, world: World) -> None:
    stale, lead = await Event.get(id=world.event.id), world.staff["lead"]
    before = await an_invitation(world.event, lead)
    code = code_of(before)
    await place.rotates_event(world.event)
    between = await inviting.working(await Event.get(id=world.event.id), code, MONDAY)
    await place.drops_event(world.event)
    made = await an_invitation(stale, lead)
    now = await Event.get(id=world.event.id)
    found = [await inviting.working(now, given, MONDAY) for given in (code, code_of(made))]
    assert [row.id if row else None for row in (between, *found)] == [before.id, before.id, made.id]
    assert await of_older_keys(await key_of(world.event)) == []


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # SQLite has one transaction at a time
async def test_what_is_asked_meanwhile_is_moved_with_all_others(
    place: Place, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody is in the middle of asking, with the old key, when it is to be replaced."""
    turns, rotation = registering._turns, list[asyncio.Task[Any]]()

    async def while_the_key_waits(*args: Any) -> Any:
        rotation.append(asyncio.create_task(place.rotates_event(world.event), context=Context()))
        waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
        while not rotation[0].done() and not await query(waits):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return await turns(*args)

    monkeypatch.setattr(registering, "_turns", while_the_key_waits)
    person = someone()
    await registering.ask(world.event, told_by(person), MONDAY, clock.real())
    monkeypatch.undo()
    await rotation[0]
    assert await of_older_keys(await key_of(world.event)) == []
    await registering.ask(world.event, told_by(person), MONDAY, clock.real())
    assert addresses(await live_rows(world.event)).count(person.email) == 1


async def test_an_address_has_one_request_however_many_ask_while_the_key_changes(place: Place, world: World) -> None:
    known, new, event = [someone() for _ in range(5)], [someone() for _ in range(5)], await Event.get(id=world.event.id)
    for person in known:
        await requested(person, event)
    asking = [registering.ask(event, told_by(person), MONDAY, clock.real()) for person in [*known, *new] * 3]
    answers = await asyncio.gather(*asking[:10], place.rotates_event(event), *asking[10:], return_exceptions=True)
    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    rows = addresses(await live_rows(event))
    assert [rows.count(person.email) for person in [*known, *new]] == [1] * 10
    assert await of_older_keys(await key_of(event)) == []


async def test_whoever_read_a_row_before_writes_it_under_the_new_key(place: Place, world: World) -> None:
    """A yes, a no, an answer and a submission, each read before the key was replaced."""
    people = [someone() for _ in range(4)]
    yes, no = [await link_of(await requested(person, world.event)) for person in people[:2]]
    tokens = [await drafting.keep(world.event, None, "", vars(told_by(person)), clock.real()) for person in people[2:]]
    drafts = [(await drafting.find(world.event.slug, token, clock.real()))[1] for token in tokens]
    await place.rotates_event(world.event)
    await confirming.confirm(yes, MONDAY)
    assert await confirming.say_no(no, MONDAY)
    await drafting.keep(world.event, drafts[0], tokens[0], {"role": "Sergeant"}, clock.real())
    await registering.ask(world.event, told_by(people[3]), MONDAY, clock.real(), draft=drafts[1])
    states = [(await Registration.get(id=link.registration_id)).state for link in (yes, no)]
    assert states == [State.CONFIRMED, State.REQUESTED]
    kept = (await drafting.find(world.event.slug, tokens[0], clock.real()))[1]
    assert kept is not None
    assert kept.answers == vars(told_by(people[2])) | {"role": "Sergeant"}
    assert addresses(await live_rows(world.event)).count(people[3].email) == 1
    assert await of_older_keys(await key_of(world.event)) == []
