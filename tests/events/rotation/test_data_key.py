"""An event's data key is replaced while no server runs: afterwards all says the same, and nobody notices.

Rules: SE-16.
"""

from datetime import timedelta
from typing import Any

import pytest

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, data_keys, keys, presence
from events.ground.keyring.ring import fingerprint_in
from events.ground.refusal import Refused
from events.rotation import dropping, replacing_keys, resealing
from registrations.asking import drafting, inviting, registering
from registrations.codes.badge_type import BadgeType
from registrations.people import directory
from registrations.people.directory import Sort
from registrations.people.person import TAGGED_AS
from registrations.people.registration import LIVE, Registration
from registrations.phones import door_changes, whole_list
from tests.at_the_door import a_phone_at
from tests.callers_world import World
from tests.events.rotation.rotating import Place, all_said, key_of, killed_again_and_again, of_older_keys
from tests.people import MONDAY, THE_DAY, confirmed, requested, someone
from tests.professional import told_by, with_ticket
from tests.registrations.asking.invitations import an_invitation, code_of
from tests.registrations.phones.list_reading import of_number, read_blob


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


async def test_rows_of_many_parts_are_all_made_anew(
    place: Place, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "A_PART", 2)
    before = await all_said()
    await place.rotates_event(world.event)
    assert (await all_said(), await of_older_keys(await key_of(world.event))) == (before, [])


async def test_whoever_asks_again_and_a_code_that_was_given_out_are_known(place: Place, world: World) -> None:
    again, new = someone(), someone()
    await requested(again, world.event)
    code = code_of(before := await an_invitation(world.event, world.staff["lead"]))
    await place.rotates_event(world.event)
    await place.drops_event(world.event)
    event = await Event.get(id=world.event.id)
    for person in (again, new):
        await registering.ask(event, told_by(person), MONDAY, clock.real())
    live = [row.email for row in await Registration.filter(event_id=event.id, state__in=LIVE)]
    assert [live.count(person.email) for person in (again, new)] == [1, 1]
    found = await inviting.working(event, code, MONDAY)
    assert found is not None
    assert found.id == before.id


async def test_the_directory_and_the_lists_of_phones_go_on(place: Place, world: World) -> None:
    event, phone = world.event, await a_phone_at(world.door)
    asked, ticket = await with_ticket(someone(), event)
    people = await directory.of(event.id)
    before = [person.id for person in people.order(Sort.NAME)]
    fetched = await whole_list.of(phone, await Event.get(id=event.id), THE_DAY)
    await place.rotates_event(event)
    people = await directory.of(event.id)
    assert [person.id for person in people.order(Sort.NAME)] == before
    after = await Event.get(id=event.id)
    assert (after.list_version, after.list_whole_since) == (ticket.list_version, event.list_whole_since)
    blobs = [read_blob(blob) for blob in (fetched, await whole_list.of(phone, after, THE_DAY))]
    said = [await of_number(after, ticket.n, blob) for blob in blobs]
    known = {"s": "ok", "n": asked.full_name, "o": asked.organisation, "t": BadgeType.DELEGATE.words, "y": ""}
    assert (said[0], said[0]) == (said[1], known)


async def test_it_is_still_known_whose_address_takes_no_email(place: Place, world: World) -> None:
    """The database forgets it when the hash of the address becomes another."""
    stopped, other = [await confirmed(someone(), world.event) for _ in range(2)]
    await Registration.filter(id=stopped.id).update(undeliverable="5.1.1")
    await place.rotates_event(world.event)
    rows = [await Registration.get(id=row.id) for row in (stopped, other)]
    assert [row.undeliverable for row in rows] == ["5.1.1", ""]
    assert rows[0].address_tag != stopped.address_tag, "the control"


async def test_no_event_has_two_doors_of_one_name_under_the_new_key(place: Place, world: World) -> None:
    lead = world.staff["lead"]
    await door_changes.make_door(world.event, "Vestry", lead, MONDAY)
    await place.rotates_event(world.event)
    event = await Event.get(id=world.event.id)
    with pytest.raises(Refused, match="There is a door of this name already"):
        await door_changes.make_door(event, "Vestry", lead, MONDAY)
    assert (await door_changes.make_door(event, "Cloister", lead, MONDAY)).name == "Cloister"


async def test_whoever_is_killed_again_and_again_goes_on_where_it_was(
    place: Place, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        await place.rotates_event(world.event)
        assert await place.drops_event(world.event) == {}

    before = await all_said()
    assert await killed_again_and_again(place, work, monkeypatch) > 10, "it does so many things"
    assert (await all_said(), await of_older_keys(await key_of(world.event))) == (before, [])
    assert len(place.lines(world.event)) == 1


async def test_what_was_damaged_is_counted_and_stops_nobody(place: Place, world: World) -> None:
    asked = await confirmed(someone(), world.event)
    *kept, last = asked.person_sealed or b""
    damaged = bytes([*kept, last ^ 1])
    await Registration.filter(id=asked.id).update(person_sealed=damaged)
    tally = await place.rotates_event(world.event)
    assert (tally.left.total(), tally.left["registration"]) == (1, 1)
    assert await place.drops_event(world.event) == {}
    assert (await Registration.get(id=asked.id)).person_sealed == damaged


async def test_what_is_in_the_way_of_another_row_is_left_alone(
    place: Place, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As somebody may plant it who writes to the database: a request that has the tag that another is to have."""
    first, planted, last = [await confirmed(someone(), world.event) for _ in range(3)]
    line = keys.new_key()
    monkeypatch.setattr(replacing_keys, "new_key", lambda: line)
    (place.data_keys / "planted.key").write_text(line)
    (place.data_keys / "planted.key").chmod(0o600)
    tag = data_keys.tag(fingerprint_in(line), TAGGED_AS, first.email)
    await Registration.filter(id=planted.id).update(address_tag=tag)
    tally = await place.rotates_event(world.event)
    assert tally.left.total() > 0
    rows = [await Registration.get(id=row.id) for row in (first, last)]
    assert [row.full_name for row in rows] == [first.full_name, last.full_name]
    assert rows[1].address_tag != last.address_tag, "those after it are made anew"


async def test_what_was_sealed_with_the_old_key_late_keeps_it(place: Place, world: World) -> None:
    """By a command that was typed meanwhile."""
    stale = await Event.get(id=world.event.id)
    await place.rotates_event(world.event)
    await drafting.keep(stale, None, "", {"full_name": "Ada"}, clock.real())
    assert await place.drops_event(world.event) == {stale.data_key: [dropping.STILL_SEALED.format(1)]}
    await place.rotates_event(world.event)
    assert await place.drops_event(world.event) == {}


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


async def test_a_server_that_starts_in_this_moment_holds_it_up(
    place: Place, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def one_runs(file: Any) -> bool:
        return True

    with monkeypatch.context() as running:
        running.setattr(presence, "is_held", one_runs)
        with pytest.raises(Refused, match="Stop every server first, also on other machines"):
            await place.rotates_event(world.event)
    assert (await Event.get(id=world.event.id)).data_key == world.event.data_key, "it goes on with the old one"
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
    assert not data_keys.kept().has(old)
    await place.rotates_event(world.event)
    assert (await Event.get(id=world.event.id)).data_key == coming, "it is gone on with"
