"""Phones: a code shown once and spent once, a pass that dies when its time or its lead says so."""

import asyncio
import re
from datetime import timedelta

import pytest

from events import event_changes
from events.accounts.staff import RoleName, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event, EventState
from events.ground import clock, wording
from events.ground.database import connection
from events.ground.refusal import Refused
from registrations.phones import door_changes, finding, heartbeat, pairing
from registrations.phones.door import Door, DoorPass, PassRole
from registrations.phones.heartbeat import Report
from registrations.phones.pairing import Made
from tests.people import MONDAY, THE_DAY, a_member_of_staff, audit_of, queued

HOME, MOBILE = "192.0.2.1", "198.51.100.7"


async def a_code(door: Door, by: Staff, role: PassRole = PassRole.STEWARD) -> Made:
    return await pairing.make_pass(door, "Main door 1", role, by, THE_DAY, clock.real())


async def test_a_door_has_a_name_of_its_own(event: Event, omar: Staff) -> None:
    door = await door_changes.make_door(event, "Main door", omar, MONDAY)
    assert await audit_of(door) == [("made a door", omar.actor, MONDAY)]
    with pytest.raises(Refused, match="There is a door of this name already"):
        await door_changes.make_door(event, "Main door", omar, MONDAY)
    assert await Door.all().count() == 1


async def test_the_link_and_the_typed_code_are_shown_and_only_their_hashes_kept(door: Door, omar: Staff) -> None:
    made = await a_code(door, omar)
    assert re.fullmatch(r"https://places\.example\.org/door/#[a-z2-7]{26}", made.link)
    assert re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{5}-[2-9A-HJKMNP-TV-Z]{5}", made.typed)
    kept = str((await DoorPass.filter(id=made.door_pass.id).values())[0])
    assert made.secret not in kept
    assert made.typed.replace("-", "") not in kept


@pytest.mark.parametrize("typed", [False, True])
async def test_dr25_either_code_pairs_one_phone_once(door: Door, omar: Staff, lena: Staff, typed: bool) -> None:
    made = await a_code(door, omar)
    code = f" {made.typed.lower().replace('-', ' ')}" if typed else made.secret.upper()
    paired = await pairing.pair(code, HOME, THE_DAY, clock.real())
    device = await finding.find_pass(paired.token, clock.real())
    assert device is not None
    assert (device.id, device.name, device.role, device.door_name, device.live) == (
        made.door_pass.id, "Main door 1", PassRole.STEWARD, "Main door", True,
    )  # fmt: skip
    assert await audit_of(made.door_pass) == [
        ("made a pairing code", omar.actor, THE_DAY),
        ("paired a phone", f"pass:{device.id}", THE_DAY),
    ]
    assert await queued() == [("staff_alert", lena.id)]
    kept = await DoorPass.get(id=device.id)
    assert (kept.code_hash, kept.typed_hash) == (None, None), "of what is spent nothing is kept"
    for again in (made.secret, made.typed):
        with pytest.raises(Refused, match="That code does not work") as refused:
            await pairing.pair(again, HOME, THE_DAY, clock.real())
        assert refused.value.status == 403


async def test_dr25_a_code_lives_ten_minutes(door: Door, omar: Staff) -> None:
    made = await a_code(door, omar)
    with pytest.raises(Refused, match="That code does not work"):
        await pairing.pair(made.secret, HOME, THE_DAY, clock.real() + timedelta(minutes=10))


async def test_dr25_a_wrong_code_reads_like_a_spent_one(door: Door, omar: Staff) -> None:
    await a_code(door, omar)
    for n, code in enumerate(["", "x", "\ud800", "ß" * 10, "' OR 1=1 --", "A" * 10_000, "None"]):
        with pytest.raises(Refused, match="That code does not work"):
            await pairing.pair(code, f"192.0.2.{n}", THE_DAY, clock.real())


async def test_five_wrong_codes_slow_one_network_and_keep_no_right_one_out(door: Door, omar: Staff) -> None:
    made = await a_code(door, omar)
    for _ in range(5):
        with pytest.raises(Refused, match="That code does not work"):
            await pairing.pair("22222-22222", HOME, THE_DAY, clock.real())
    with pytest.raises(Refused, match="Too many codes were wrong") as refused:
        await pairing.pair("22222-22222", HOME, THE_DAY, clock.real())
    assert refused.value.status == 429
    entries = await AuditEntry.filter(action=Action.PAIRING_FAILED).order_by("id")
    assert [(entry.actor, entry.details) for entry in entries] == [("system", {"left": n}) for n in (4, 3, 2, 1, 0)]
    with pytest.raises(Refused, match="That code does not work"):
        await pairing.pair("22222-22222", MOBILE, THE_DAY, clock.real())
    assert (await pairing.pair(made.secret, HOME, THE_DAY, clock.real())).door_pass.id == made.door_pass.id


async def test_right_codes_are_not_counted(door: Door, omar: Staff) -> None:
    for _ in range(12):
        made = await a_code(door, omar)
        await pairing.pair(made.typed, HOME, THE_DAY, clock.real())
    with pytest.raises(Refused, match="That code does not work"):
        await pairing.pair("22222-22222", HOME, THE_DAY, clock.real())
    [failed] = await AuditEntry.filter(action=Action.PAIRING_FAILED)
    assert failed.details == {"left": 4}, "the first wrong one is the first that counts"


async def test_a_revoked_code_pairs_nothing(door: Door, omar: Staff) -> None:
    made = await a_code(door, omar)
    await pairing.revoke(made.door_pass, omar, THE_DAY, clock.real())
    with pytest.raises(Refused, match="That code does not work"):
        await pairing.pair(made.secret, HOME, THE_DAY, clock.real())


async def test_a_revoked_phone_is_known_and_dead_and_revoking_twice_is_one_entry(door: Door, omar: Staff) -> None:
    paired = await pairing.pair((await a_code(door, omar)).secret, HOME, THE_DAY, clock.real())
    for _ in range(2):
        await pairing.revoke(paired.door_pass, omar, THE_DAY, clock.real())
    device = await finding.find_pass(paired.token, clock.real())
    assert device is not None
    assert not device.live
    assert [action for action, _, _ in await audit_of(paired.door_pass)].count("revoked a phone") == 1


async def test_phones_that_are_looked_up_at_the_same_time_are_each_themselves(door: Door, omar: Staff) -> None:
    made = [await a_code(door, omar) for _ in range(3)]
    paired = [await pairing.pair(code.typed, HOME, THE_DAY, clock.real()) for code in made]
    tokens = [paired[2].token, paired[0].token, "nobody's", paired[1].token, paired[0].token, ""]
    phones = await asyncio.gather(*(finding.find_pass(token, clock.real()) for token in tokens))
    ids = [phone.door_pass.id for phone in paired]
    assert [phone and phone.id for phone in phones] == [ids[2], ids[0], None, ids[1], ids[0], None]


async def test_a_stranger_is_nobody(door: Door) -> None:
    assert [await finding.find_pass(token, clock.real()) for token in ("", "x", "\ud800", "None")] == [None] * 4


async def test_a_pass_ends_an_hour_after_the_close_and_with_the_event(event: Event, door: Door, omar: Staff) -> None:
    paired = await pairing.pair((await a_code(door, omar)).secret, HOME, THE_DAY, clock.real())

    async def lives(after: timedelta) -> bool:
        device = await finding.find_pass(paired.token, clock.real() + after)
        return device is not None and device.live

    assert [await lives(timedelta(hours=hours, minutes=-1)) for hours in (1, 8, 9)] == [True, True, False]
    await Event.filter(id=event.id).update(state=EventState.OVER)
    assert not await lives(timedelta(hours=1))


@pytest.mark.parametrize(
    ("closes", "ends"),
    [
        (timedelta(hours=9), timedelta(hours=10)),
        (timedelta(hours=3), timedelta(hours=4)),
        (timedelta(hours=-1), timedelta(hours=2)),
        (None, timedelta(hours=8)),
    ],
    ids=["later", "earlier", "mistyped: an hour is left", "with the event again"],
)
async def test_a_pass_follows_the_close_of_its_door(
    door: Door, omar: Staff, closes: timedelta | None, ends: timedelta
) -> None:
    door_pass = (await a_code(door, omar)).door_pass
    made = door_pass.expires_at - timedelta(hours=8)
    an_hour_on, real = THE_DAY + timedelta(hours=1), made + timedelta(hours=1)
    for planned in (timedelta(hours=5), closes):
        closes_at = THE_DAY + planned if planned is not None else None
        await door_changes.change_door(door, THE_DAY - timedelta(hours=2), closes_at, omar, an_hour_on, real)
    assert (await DoorPass.get(id=door_pass.id)).expires_at == made + ends
    for _ in range(2):  # put right, and saved once more
        await door_changes.change_door(door, None, THE_DAY + timedelta(hours=6), omar, an_hour_on, real)
        assert (await DoorPass.get(id=door_pass.id)).expires_at == made + timedelta(hours=7)


async def test_a_pass_follows_the_close_by_the_machines_clock_when_a_rehearsal_moved_the_other(
    door: Door, omar: Staff
) -> None:
    door_pass = (await a_code(door, omar)).door_pass
    a_minute_on = clock.real() + timedelta(minutes=1)
    moved_to, closes = THE_DAY + timedelta(hours=4), THE_DAY + timedelta(hours=9)
    await door_changes.change_door(door, None, closes, omar, moved_to, a_minute_on)
    assert (await DoorPass.get(id=door_pass.id)).expires_at == a_minute_on + timedelta(hours=5 + 1)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # which says what it is asked
async def test_all_passes_of_a_door_follow_at_once(door: Door, omar: Staff) -> None:
    passes = [(await a_code(door, omar)).door_pass for _ in range(5)]
    asked = list[str]()
    connection()._connection._conn.set_trace_callback(asked.append)
    await door_changes.change_door(door, None, THE_DAY + timedelta(hours=9), omar, THE_DAY, real := clock.real())
    assert sum(sql.startswith('UPDATE "door_pass"') for sql in asked) == 2, "those that end later, and those sooner"
    ends = {door_pass.expires_at for door_pass in await DoorPass.filter(id__in=[made.id for made in passes])}
    assert ends == {real + timedelta(hours=9 + 1)}


async def test_a_pass_follows_the_end_of_its_event_and_one_that_is_over_stays_over(
    event: Event, door: Door, omar: Staff
) -> None:
    door_pass = (await a_code(door, omar)).door_pass
    had, later = door_pass.expires_at, timedelta(hours=1)
    for at, extended in ((THE_DAY, later), (THE_DAY + timedelta(hours=9), later)):
        seen = await Event.get(id=event.id)
        assert seen.ends_at is not None
        real = had - timedelta(hours=8) + (at - THE_DAY)  # as it goes at the door
        assert await event_changes.change(seen, {"ends_at": seen.ends_at + later}, by=omar, at=at, real=real)
        assert (await DoorPass.get(id=door_pass.id)).expires_at == had + extended


async def test_no_code_is_made_once_the_doors_have_closed(event: Event, door: Door, omar: Staff) -> None:
    with pytest.raises(Refused, match="The doors have closed"):
        await pairing.make_pass(door, "Late", PassRole.STEWARD, omar, THE_DAY + timedelta(hours=7), clock.real())


async def test_a_new_pass_replaces_the_one_that_the_phone_had(door: Door, omar: Staff) -> None:
    first = await pairing.pair((await a_code(door, omar)).secret, HOME, THE_DAY, clock.real())
    had = await finding.find_pass(first.token, clock.real())
    await pairing.pair((await a_code(door, omar)).secret, HOME, THE_DAY, clock.real(), instead_of=had)
    now = await finding.find_pass(first.token, clock.real())
    assert now is not None
    assert not now.live


async def test_a_contact_is_noted_every_few_seconds_and_what_is_left_to_send(door: Door, omar: Staff) -> None:
    paired = await pairing.pair((await a_code(door, omar)).secret, HOME, THE_DAY, real := clock.real())

    async def told(after: int, to_send: int | None) -> tuple[int, int, int]:
        """Seconds after pairing at which it was last seen; what it has to send; how old its scans may be by then."""
        moment = real + timedelta(seconds=after)
        device = await finding.find_pass(paired.token, moment)
        assert device is not None
        await heartbeat.note(device, Report(to_send=to_send), THE_DAY, moment)
        device = await finding.find_pass(paired.token, moment)
        assert device is not None
        assert device.last_seen_at is not None
        return round((device.last_seen_at - real).total_seconds()), device.to_send, round(device.longest_age)

    assert await told(4, None) == (0, 0, 4)
    assert await told(60, None) == (60, 0, 60)
    assert await told(61, 30) == (61, 30, 61)
    assert await told(62, 0) == (62, 0, 0)
    assert await told(99, 100_000) == (99, 100_000, 37)


async def test_only_leads_who_still_work_here_hear_of_a_phone(door: Door, lena: Staff, omar: Staff) -> None:
    gone = await a_member_of_staff(
        "Gus Gone", "gus@hosts.example.org", await Event.get(id=door.event_id), RoleName.LEAD
    )
    await Staff.filter(id=gone.id).update(disabled_at=clock.real())
    made = await a_code(door, omar)
    await pairing.pair(made.secret, HOME, THE_DAY, clock.real())
    assert await queued() == [("staff_alert", lena.id)]


async def test_without_hours_no_code_is_made_and_none_is_spent(event: Event, door: Door, omar: Staff) -> None:
    made = await pairing.make_pass(door, "Main door 1", PassRole.STEWARD, omar, clock.now(), clock.real())
    await Event.filter(id=event.id).update(doors_open_at=None)
    with pytest.raises(Refused, match=wording.NO_HOURS):
        await pairing.make_pass(door, "Main door 2", PassRole.STEWARD, omar, clock.now(), clock.real())
    with pytest.raises(Refused, match=wording.NO_HOURS):
        await pairing.pair(made.typed, "192.0.2.1", clock.now(), clock.real())
    await Door.filter(id=door.id).update(opens_at=THE_DAY)  # the door's own hours are enough
    assert (await pairing.pair(made.typed, "192.0.2.1", clock.now(), clock.real())).door_pass.id == made.door_pass.id
