"""Hours of doors are changed while others change them too, end passes and pair phones: nobody waits for ever."""

from asyncio import gather
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.event import Event, held_event
from events.ground import clock
from events.ground.database import run_tx
from registrations.phones import door_changes, pairing
from registrations.phones.door import Device, Door, DoorPass, PassRole, WrittenOff
from tests.at_the_door import a_phone_at
from tests.people import THE_DAY, a_door

CLOSES = clock.at_venue(THE_DAY.date(), 18, 0)


@pytest.fixture
async def doors(event: Event) -> list[Door]:
    return [await a_door(event, f"Door {n}") for n in range(3)]


def moves(door: Door, n: int, by: Staff) -> Awaitable[Any]:
    """To another closing time each time, so that every pass of the event moves."""
    later = timedelta(minutes=n)
    return door_changes.change_door(door, None, CLOSES + later, by, THE_DAY, clock.real() + later)


async def test_organisers_who_change_hours_of_different_doors_do_not_wait_for_each_other(
    doors: list[Door], omar: Staff
) -> None:
    """Each moves the passes of all doors. PostgreSQL found a deadlock in this when they did not come one by one."""
    for n, door in enumerate(doors * 2):
        await a_phone_at(door, f"Phone {n}")
    for n in range(8):
        await gather(*(moves(door, 1 + 3 * n + k, omar) for k, door in enumerate(doors)))
    hours = [door.closes_at for door in await Door.all().order_by("id")]
    assert hours == [CLOSES + timedelta(minutes=22 + k) for k in range(3)]


async def test_phones_that_are_paired_anew_at_another_door_do_not_wait_for_whoever_changes_hours(
    doors: list[Door], omar: Staff
) -> None:
    """A pairing holds the new pass, then the one before; hours move both."""
    for n in range(6):
        before = [await a_phone_at(doors[k], f"Phone {n} {k}") for k in (0, 1)]
        codes = [await pairing.make_pass(doors[1 - k], f"New {n} {k}", PassRole.STEWARD, omar, THE_DAY, clock.real())
                 for k in (0, 1)]  # fmt: skip
        pairs = [pairing.pair(code.secret, "192.0.2.1", THE_DAY, clock.real(), instead_of=device)
                 for code, device in zip(codes, before, strict=True)]  # fmt: skip
        await gather(*pairs, moves(doors[2], 3 * n + 1, omar), moves(doors[0], 3 * n + 2, omar))
    paired = DoorPass.filter(paired_at__not_isnull=True)
    assert (await paired.count(), await paired.filter(revoked_at=None).count()) == (24, 12)


async def test_whoever_holds_the_event_and_ends_a_pass_does_not_wait_for_whoever_changes_hours(
    event: Event, doors: list[Door], omar: Staff
) -> None:
    """As those who accept scans, write a phone off, or close the door: first the event, then passes."""
    phones = [await a_phone_at(door, f"Phone {n}") for n, door in enumerate(doors * 3)]

    @run_tx
    async def ends(device: Device) -> None:
        await held_event(event.id)
        await pairing.write_off(await DoorPass.get(id=device.id), WrittenOff.LEFT, omar, THE_DAY, clock.real())

    for n, three in enumerate(zip(phones[::3], phones[1::3], phones[2::3], strict=True)):
        await gather(
            *(ends(device) for device in three), *(moves(door, 3 * n + k, omar) for k, door in enumerate(doors))
        )
    assert await DoorPass.filter(revoked_at=None).count() == 0
