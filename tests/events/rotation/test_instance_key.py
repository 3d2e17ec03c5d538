"""The instance key is replaced while no server runs: what it sealed, hashed, signed and proved is good all the same.

Rules: SE-16.
"""

import asyncio
import signal
from functools import partial
from typing import Any

import pytest

from events import readiness
from events.accounts.staff import Role, RoleName, Staff, account_of
from events.audit import audit_seal, audit_verify, key_use
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, keys, presence, tokens
from events.ground.database import query, run_tx
from events.ground.refusal import Refused
from events.ground.tokens import Match, Purpose
from events.rotation import replacing_keys
from registrations.certificates import checking
from registrations.certificates.certificate import Certificate
from registrations.codes.ticket_code import normal_reference
from registrations.people.registration import Registration
from registrations.tickets.ticket import Ticket, code_of, ticket_of_reference
from tests.callers_world import World
from tests.events.rotation.rotating import (
    INSTANCE,
    Place,
    all_said,
    both_begin_together,
    key_of,
    killed_again_and_again,
    of_older_keys,
)  # fmt: skip
from tests.people import an_event
from tests.people import code_of as app_code_of


async def acts() -> list[tuple[Action, str]]:
    entries = await AuditEntry.filter(event_id=None).order_by("id")
    return [(entry.action, entry.details["key"]) for entry in entries if "key" in entry.details]


async def test_all_that_can_be_is_made_with_the_new_key_and_says_the_same(place: Place, world: World) -> None:
    before, old, lead = await all_said(), keys.ring().fingerprints[0], world.staff["lead"]
    address, certificate = lead.email, await Certificate.all().order_by("id").first()
    number = certificate.held.number if certificate and certificate.held else ""
    assert await of_older_keys(INSTANCE) == []
    tally = await place.rotates()
    new = keys.ring().fingerprints[0]
    assert (keys.ring().fingerprints, tally.renewed > 20, tally.left.total()) == ([new, old], True, 0)
    assert (await all_said(), await of_older_keys(INSTANCE)) == (before, [])
    assert await acts() == [(Action.KEY_ROTATION_BEGUN, new), (Action.KEY_ROTATED, new)]
    keys.install(keys.Keyring(place.lines()[:1]))
    assert await all_said() == before, "without the old key"
    assert await checking.is_valid(number, "192.0.2.1", clock.real())
    assert await account_of(address) == lead
    assert {role.is_ours for role in await Role.all()} == {True}


async def test_what_was_given_out_before_is_still_good(place: Place, world: World) -> None:
    ticket, lead = await Ticket.all().order_by("id").first(), world.staff["lead"]
    assert ticket is not None
    event = await Event.get(id=ticket.event_id)
    asked = await Registration.get(id=ticket.registration_id)
    code, reference = code_of(event, ticket.n), normal_reference(ticket.reference) or ""
    moment = clock.real()  # an app's code is another each half minute
    link, app = asked.link(Purpose.MANAGE), app_code_of(lead, moment)
    await audit_seal.seal_all()
    await place.rotates()
    after = await Event.get(id=event.id)
    assert (code_of(after, ticket.n), after.key_fingerprint) == (code, event.key_fingerprint)
    assert await ticket_of_reference(event.id, reference) == ticket
    assert tokens.match(Purpose.MANAGE, link.rpartition("/")[2], asked.generation) is Match.CURRENT
    assert app_code_of(await Staff.get(id=lead.id), moment) == app
    await audit_seal.seal_all()
    assert await audit_verify.verify() == []
    assert await readiness.unknown_keys() == []


async def test_an_event_without_tickets_is_bound_to_the_new_key(place: Place, world: World) -> None:
    empty = await an_event()
    await place.rotates()
    new = keys.ring().fingerprints[0]
    bound = {event.id: event.key_fingerprint == new for event in await Event.all()}
    assert (bound[empty.id], bound[world.event.id]) == (True, False)
    after = await Event.get(id=empty.id)
    assert after.list_whole_since == after.list_version > empty.list_version, "phones fetch their lists anew"


async def test_again_means_another_key(place: Place, world: World) -> None:
    for _ in range(2):
        await place.rotates()
    assert len(place.lines()) == 3
    assert await of_older_keys(INSTANCE) == []


async def test_whoever_is_killed_again_and_again_goes_on_where_it_was(
    place: Place, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await all_said()
    assert await killed_again_and_again(place, place.rotates, monkeypatch) > 10, "it does so many things"
    assert (await all_said(), await of_older_keys(INSTANCE), len(place.lines())) == (before, [], 2)


async def test_two_at_once_do_the_same(place: Place, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before, of_event = await all_said(), partial(place.rotates_event, world.event)
    both_begin_together(monkeypatch)
    await asyncio.gather(place.rotates(), place.rotates())
    await asyncio.gather(of_event(), of_event())
    assert (await all_said(), len(place.lines()), len(place.lines(world.event))) == (before, 2, 2)
    assert await of_older_keys(INSTANCE) + await of_older_keys(await key_of(world.event)) == []
    assert [action for action, _ in await acts()] == [Action.KEY_ROTATION_BEGUN, Action.KEY_ROTATED]


async def test_a_server_that_starts_in_this_moment_holds_it_up_and_ends(
    place: Place, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    signals = list[int]()
    monkeypatch.setattr(signal, "raise_signal", signals.append)

    async def one_runs(file: Any) -> bool:
        return True

    await readiness.end_if_half_replaced()
    assert signals == []
    with monkeypatch.context() as running:
        running.setattr(presence, "is_held", one_runs)
        with pytest.raises(Refused, match="Stop every server first, also on other machines"):
            await place.rotates()
    lines = place.lines()
    await readiness.end_if_half_replaced()
    assert signals == [signal.SIGTERM]
    await place.rotates()
    assert (place.lines(), await readiness.half_replaced()) == (lines, []), "the same new key as before"


async def test_no_server_starts_before_a_key_is_replaced_as_a_whole(place: Place, world: World) -> None:
    event = world.event
    await run_tx(key_use.begin)(keys.ring().fingerprints[0], None, clock.now())
    await run_tx(key_use.begin)(event.data_key, event, clock.now())
    said = "key: a new one is half in place. ./run key {} goes on with it"
    assert await readiness.unknown_keys() == [said.format("rotate"), said.format(f"rotate {event.slug}")]
    await Event.filter(id=event.id).update(data_key="")  # destroyed in the middle: nothing is left to replace
    assert await readiness.unknown_keys() == [said.format("rotate")]
    await query("UPDATE key_use SET proof = 'forged' RETURNING id")
    assert await readiness.half_replaced() == [], "what is not ours counts as nothing"


async def test_where_the_keys_are_a_setting_it_says_what_to_do_and_does_the_rest(place: Place, world: World) -> None:
    async def by_setting(*written: str) -> None:
        keys.install(keys.Keyring(list(written)))
        await replacing_keys.rotate_instance(None, place.database.file, clock.now, place.said.append)

    [old] = place.lines()
    with pytest.raises(Refused, match="Put this in front of the keys in MUSTER_KEY") as refused:
        await by_setting(old)
    new = refused.value.sentence.rpartition(": ")[2]
    before = await all_said()
    await by_setting(new, old)
    assert (await of_older_keys(INSTANCE), await all_said()) == ([], before)
    with pytest.raises(Refused, match="Put this in front of the keys in MUSTER_KEY"):
        await by_setting(new, old)
    assert place.lines() == [old]


async def test_what_somebody_put_into_the_database_stops_nobody_and_is_not_made_ours(
    place: Place, world: World
) -> None:
    viewer, stranger = world.staff["viewer"], world.staff["no role"]
    into = "INSERT INTO role (staff_id, event_id, name, proof) VALUES (?, ?, ?, 'forged')"
    await query(into, [stranger.id, world.event.id, RoleName.LEAD.value])
    await query(into, [stranger.id, (await an_event()).id, "superlead"])
    await Staff.filter(id=viewer.id).update(holder_sealed=b"\x01damaged, and of no key")
    tally = await place.rotates()
    assert dict(tally.left) | {"role": 1, "staff": 1} == dict(tally.left)
    assert tally.left.total() == 2
    assert [role.is_ours for role in await Role.filter(staff_id=stranger.id, event_id=world.event.id)] == [False]


async def test_it_is_still_known_which_account_takes_no_email(place: Place, world: World) -> None:
    viewer = world.staff["viewer"]
    await Staff.filter(id=viewer.id).update(undeliverable="5.1.1")
    await place.rotates()
    after = await Staff.get(id=viewer.id)
    assert (after.undeliverable, after.email_tag == viewer.email_tag) == ("5.1.1", False)


async def test_a_server_without_the_key_that_seals_now_does_not_start(place: Place, world: World) -> None:
    old = place.lines()
    await place.rotates()
    assert await readiness.unknown_keys() == []
    keys.install(keys.Keyring(list(reversed(place.lines()))))
    assert "which has to stand in front of" in (await readiness.unknown_keys())[0]
    keys.install(keys.Keyring([keys.new_key(), *place.lines()]))
    assert await readiness.unknown_keys() == [], "as after a backup from before the newest one was restored"
    keys.install(keys.Keyring(old))
    missing = await readiness.unknown_keys()
    assert [line.partition(" by ")[0] for line in missing if "sealed by" in line] == ["key: what is kept is sealed"]
    place.key_file.write_text("\n".join(old))
    with pytest.raises(Refused, match="The key that seals now is not here"):
        await place.rotates()
    assert place.lines() == old, "nor is another one begun with, which would come in its place"


async def test_both_kinds_of_keys_are_replaced_one_after_the_other(place: Place, world: World) -> None:
    before = await all_said()
    for _ in range(2):
        await place.rotates_event(world.event)
        await place.rotates()
        await place.drops_event(world.event)
    place.opens()
    assert await all_said() == before
