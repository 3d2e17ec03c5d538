"""An event's data key is replaced while people ask, organisers decide and phones hold lists: nobody notices.

Rules: SE-16.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event, Moved, held_event
from events.ground import clock, data_keys, keys, presence
from events.ground.database import is_postgres, query, run_tx
from events.ground.presence import Said
from events.ground.refusal import Refused
from events.rotation import data_key, dropping, resealing
from registrations.asking import drafting
from registrations.people import directory
from registrations.people.directory import Directory, Sort
from registrations.people.registration import Registration
from registrations.phones import door_changes, whole_list
from registrations.phones.door import Door
from registrations.phones.scan_answer import BADGE
from tests.at_the_door import a_phone_at
from tests.callers_world import World
from tests.events.rotation.rotating import Place, all_said, both_choose_first, key_of, of_older_keys
from tests.people import MONDAY, THE_DAY, confirmed, someone
from tests.professional import with_ticket
from tests.registrations.phones.list_reading import of_number, read_blob
from tests.waiting import until


async def test_all_says_the_same_under_the_new_key_and_the_old_one_is_gone(place: Place, world: World) -> None:
    event, before = world.event, await all_said()
    old = event.data_key
    assert await of_older_keys(await key_of(event)) == []
    tally = await place.rotates_event(event)
    key = await key_of(event)
    assert (key.fingerprint == old, tally.renewed > 10, tally.left.total()) == (False, True, 0)
    assert (await all_said(), await of_older_keys(key)) == (before, [])
    assert await place.drops_event(event) == {}
    assert data_keys.kept().fingerprints_of(event.slug) == [key.fingerprint]
    assert len(place.lines(event)) == 1
    place.opens()
    assert await all_said() == before
    acts = await AuditEntry.filter(event_id=event.id, subject=f"event:{event.id}").order_by("id")
    assert [(entry.action, entry.details["key"]) for entry in acts if "key" in entry.details] == [
        (Action.KEY_ROTATION_BEGUN, key.fingerprint),
        (Action.KEY_ROTATED, key.fingerprint),
        (Action.KEY_DROPPED, old),
    ]


async def test_other_events_are_left_alone_and_again_means_another_key(place: Place, world: World) -> None:
    elsewhere = (await Event.exclude(id=world.event.id))[0]
    asked = await confirmed(someone(), elsewhere)
    for _ in range(2):
        await place.rotates_event(world.event)
    assert len(place.lines(world.event)) == 3
    assert await place.drops_event(world.event) == {}
    assert (await Event.get(id=elsewhere.id)).data_key == elsewhere.data_key
    assert (await Registration.get(id=asked.id)).person_sealed == asked.person_sealed


async def test_the_directory_and_the_lists_of_phones_go_on(
    place: Place, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, phone, read = world.event, await a_phone_at(world.door), list[int]()
    asked, ticket = await with_ticket(someone(), event)
    people = await directory.of(event.id)
    before, put = [person.id for person in people.order(Sort.NAME)], Directory.put
    fetched = await whole_list.of(phone, await Event.get(id=event.id), THE_DAY)

    def reading(of: Directory, rows: Any) -> None:
        read.extend(row[2] for row in rows)
        put(of, rows)

    monkeypatch.setattr(Directory, "put", reading)
    await place.rotates_event(event)
    people = await directory.of(event.id)
    assert [person.id for person in people.order(Sort.NAME)] == before
    assert sorted(read) == sorted(row.id for row in await Registration.filter(event_id=event.id)), "each row once"
    after = await Event.get(id=event.id)
    assert (after.list_version, after.list_whole_since) == (ticket.list_version, event.list_whole_since)
    blobs = [read_blob(blob) for blob in (fetched, await whole_list.of(phone, after, THE_DAY))]
    said = [await of_number(after, ticket.n, blob) for blob in blobs]
    assert (said[0], said[0]) == (said[1], {"s": "ok", "n": asked.full_name, "o": asked.organisation, "t": BADGE})


async def test_it_is_still_known_whose_address_takes_no_email(place: Place, world: World) -> None:
    """The database forgets it when the hash of the address becomes another."""
    stopped, other = [await confirmed(someone(), world.event) for _ in range(2)]
    await Registration.filter(id=stopped.id).update(undeliverable="5.1.1")
    await place.rotates_event(world.event)
    rows = [await Registration.get(id=row.id) for row in (stopped, other)]
    assert [row.undeliverable for row in rows] == ["5.1.1", ""]
    assert rows[0].address_tag != stopped.address_tag, "the control"


async def test_no_event_has_two_doors_of_one_name_under_whichever_key(place: Place, world: World) -> None:
    lead = world.staff["lead"]
    await door_changes.make_door(world.event, "Vestry", lead, MONDAY)
    await place.rotates_event(world.event)
    stale = world.event  # as a page has it that was read before
    with pytest.raises(Refused, match="There is a door of this name already"):
        await door_changes.make_door(stale, "Vestry", lead, MONDAY)
    made = await door_changes.make_door(stale, "Cloister", lead, MONDAY)
    assert (made.name, await of_older_keys(await key_of(world.event))) == ("Cloister", [])


async def test_whoever_moves_the_event_meanwhile_waits_for_nobody_in_a_circle(place: Place, world: World) -> None:
    """They hold the event's row and come to its doors, which the new key comes to as well."""
    event = world.event
    await Door.filter(id=world.door.id).update(opens_at=THE_DAY)

    @run_tx
    async def moves() -> None:
        await held_event(event.id)
        holds.set()
        if is_postgres():
            await until(somebody_waits)
        await door_changes.follow_event(Moved(event.id, 1, world.staff["lead"], THE_DAY, clock.real()))

    async def somebody_waits() -> bool:
        return bool(await query("SELECT 1 FROM pg_locks WHERE NOT granted"))

    holds = asyncio.Event()

    async def rotates() -> None:
        await holds.wait()
        await place.rotates_event(event)

    await asyncio.gather(moves(), rotates())
    door = await Door.get(id=world.door.id)
    assert (door.opens_at, door.name) == (THE_DAY + timedelta(days=1), world.door.name)
    assert await of_older_keys(await key_of(event)) == []


class Killed(BaseException):
    """Nothing of ours catches it."""


def deadly(real: Callable[..., Any], calls: list[int]) -> Callable[..., Any]:
    """Kills at the call for which nothing is left of `calls`."""

    def call(*args: Any, **kwargs: Any) -> Any:
        calls[0] -= 1
        if calls[0] < 0:
            raise Killed
        return real(*args, **kwargs)

    return call


async def test_whoever_is_killed_again_and_again_goes_on_where_it_was(
    place: Place, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first thing it does, at the second, and so on, each time from where the last one was."""
    before, kills = await all_said(), 0
    while True:
        with monkeypatch.context() as killing:
            calls = [kills]
            for room, name in [(data_key, "rewrite"), (data_key, "query"), (resealing, "query"), (dropping, "rewrite")]:
                killing.setattr(room, name, deadly(getattr(room, name), calls))
            with suppress(Killed):
                await place.rotates_event(world.event)
                assert await place.drops_event(world.event) == {}
                break
        kills += 1
        place.opens()
        assert await all_said() == before, "in the middle too"
    assert kills > 10, "it does so many things"
    assert (await all_said(), await of_older_keys(await key_of(world.event))) == (before, [])
    assert len(place.lines(world.event)) == 1


async def test_two_at_once_do_the_same(place: Place, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    both_choose_first(data_key, monkeypatch)
    before = await all_said()
    await asyncio.gather(place.rotates_event(world.event), place.rotates_event(world.event))
    assert (await all_said(), await of_older_keys(await key_of(world.event))) == (before, [])
    assert len(place.lines(world.event)) == 2
    acts = await AuditEntry.filter(action__in=[Action.KEY_ROTATION_BEGUN, Action.KEY_ROTATED]).order_by("id")
    assert [entry.action for entry in acts] == [Action.KEY_ROTATION_BEGUN, Action.KEY_ROTATED]


async def test_what_was_damaged_is_counted_and_stops_nobody(place: Place, world: World) -> None:
    asked = await confirmed(someone(), world.event)
    *kept, last = asked.person_sealed or b""
    damaged = bytes([*kept, last ^ 1])
    await Registration.filter(id=asked.id).update(person_sealed=damaged)
    tally = await place.rotates_event(world.event)
    assert (tally.left.total(), tally.left["registration"]) == (1, 1)
    assert await place.drops_event(world.event) == {}
    assert (await Registration.get(id=asked.id)).person_sealed == damaged


async def test_what_was_sealed_with_the_old_key_late_keeps_it(
    place: Place, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale, why = await Event.get(id=world.event.id), dropping._why_event
    await place.rotates_event(world.event)

    async def and_then(*args: Any) -> list[str]:
        said = await why(*args)
        await drafting.keep(stale, None, "", {"full_name": "Ada"}, clock.real())
        return said

    monkeypatch.setattr(dropping, "_why_event", and_then)
    needed = await place.drops_event(world.event)
    assert needed == {stale.data_key: [dropping.STILL_SEALED.format(1)]}


async def test_the_old_key_stays_until_the_backups_that_it_opens_are_gone(place: Place, world: World) -> None:
    place.backups.mkdir()
    stamp = (clock.real() - timedelta(days=2)).strftime("%Y%m%dT%H%M%SZ")
    (backup := place.backups / f"muster-{stamp}.age").touch()
    clock.move_to(None)
    old = world.event.data_key
    await place.rotates_event(world.event)
    needed = await place.drops_event(world.event, place.backups)
    assert (list(needed), len(place.lines(world.event))) == ([old], 2)
    assert needed[old][0].startswith("1 backup opens with it; the last is deleted on ")
    backup.rename(place.backups / f"muster-{(clock.real() + timedelta(days=1)).strftime('%Y%m%dT%H%M%SZ')}.age")
    assert await place.drops_event(world.event, place.backups) == {}, "one that was made since"
    assert len(place.lines(world.event)) == 1


async def test_a_server_that_does_not_know_the_new_key_holds_it_up(
    place: Place, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def one_is_behind(said: Said, file: Path | None) -> int:
        return int(said.what == presence.OPENS)

    with monkeypatch.context() as waiting:
        waiting.setattr(presence, "not_saying", one_is_behind)
        with pytest.raises(Refused, match=r"1 running server does not know the new key yet. Copy .* to their machines"):
            await place.rotates_event(world.event)
    assert (await Event.get(id=world.event.id)).data_key == world.event.data_key
    lines = place.lines(world.event)
    await place.rotates_event(world.event)
    assert place.lines(world.event) == lines, "the same new key as before"
    assert (await Event.get(id=world.event.id)).data_key != world.event.data_key


async def test_without_the_key_of_the_event_nothing_is_begun(place: Place, world: World) -> None:
    file = place.data_keys / f"{world.event.slug}.key"
    file.write_text(f"{keys.new_key()}\n")
    place.opens()
    with pytest.raises(Refused, match="put it back first"):
        await place.rotates_event(world.event)
    await Event.filter(id=world.event.id).update(data_key="")
    with pytest.raises(Refused, match="is destroyed"):
        await place.rotates_event(world.event)
    assert (await Event.get(id=world.event.id)).data_key == ""


async def test_a_key_that_is_coming_is_no_old_one(place: Place, world: World) -> None:
    """As after an older backup was restored, from before the event had it."""
    await place.rotates_event(world.event)
    await place.rotates_event(world.event)
    [coming, now, old] = data_keys.kept().fingerprints_of(world.event.slug)
    await Event.filter(id=world.event.id).update(data_key=now)
    await resealing.renew_all(await key_of(world.event), place.said.append)
    assert await place.drops_event(world.event) == {}
    assert data_keys.kept().fingerprints_of(world.event.slug) == [coming, now]
    assert old not in data_keys.kept().fingerprints
