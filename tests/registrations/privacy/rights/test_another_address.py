"""Whoever moved to another address is erased under it: nothing is left under the one they had, or will never have.

Rules: DP-08.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import copy_context
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from registrations.deciding import new_addresses, vetting
from registrations.deciding.vetting import Decision
from registrations.people.address_change import AddressChange
from registrations.people.invitation import Invitation
from registrations.people.registration import Registration, State
from registrations.privacy.rights import erasing
from registrations.privacy.rights.rights_request import Right
from tests.people import MONDAY, Person
from tests.registrations.asking.invitations import an_invitation, asks, code_of, confirms
from tests.registrations.booking.addressing import NEW, anew, moves, waits
from tests.registrations.privacy.rights.asking import a_rights_request, newest

LATER = MONDAY + timedelta(hours=1)
HELD_UP = 0.5  # seconds: one who waits for the other's lock is given up on, and goes on when that one is done


async def erase(email: str, event: Event, omar: Staff) -> None:
    await erasing.erase(await a_rights_request(event, omar, Right.ERASURE, email), omar, LATER, clock.real())


async def test_an_invitation_for_the_address_that_they_had_goes_too_and_no_other(
    event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    hers, his = [await an_invitation(event, omar, only_for=who.email, places=1, skips=True) for who in (ada, bo)]
    for person, invitation in ((ada, hers), (bo, his)):
        await confirms(await asks(person, event, code_of(invitation)))
    await moves(await Registration.get(invitation_id=hers.id), omar)
    await erase(NEW, event, omar)
    assert [row.id for row in await Invitation.all()] == [his.id]


@pytest.mark.parametrize("first", ["the erasure", "the approval"])
async def test_no_erased_address_is_approved_in_the_same_moment(
    event: Event, ada: Person, omar: Staff, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await anew((await waits(ada, event)).registration)
    request = await a_rights_request(event, omar, Right.ERASURE, NEW)

    async def approves() -> None:
        with suppress(Refused):
            await vetting.decide(asked, Decision.APPROVE, omar, LATER)

    async def erases() -> None:
        await erasing.erase(request, omar, LATER, clock.real())

    if first == "the erasure":
        other = between(monkeypatch, erasing, "held_requests", approves)
        await erases()
    else:
        other = between(monkeypatch, new_addresses, "confirmed_of", erases)
        await approves()
    await other[0]
    now = await anew(asked)
    kept = {(ada.email, State.RECHECKING), (ada.email, State.APPROVED)}
    assert (now.email, now.state) in {*kept, ("", State.CANCELLED)}
    assert await AddressChange.exclude(address_sealed=None).count() == 0


async def test_whoever_moves_away_in_the_same_moment_is_erased_whole_or_not_at_all(
    event: Event, ada: Person, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await anew((await waits(ada, event)).registration)
    request = await a_rights_request(event, omar, Right.ERASURE, ada.email)

    async def approves() -> None:
        with suppress(Refused):
            await vetting.decide(asked, Decision.APPROVE, omar, LATER)

    other = between(monkeypatch, erasing, "reader_of", approves)
    with suppress(Refused):
        await erasing.erase(request, omar, LATER, clock.real())
    await other[0]
    closed = (await newest(request)).closed_at is not None
    assert ((await anew(asked)).email == "", await AddressChange.all().count() == 0) == (closed, closed)


def between(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, act: Callable[[], Coroutine[Any, Any, None]]
) -> list[asyncio.Task[None]]:
    """Begins the act once this has been read, and lets it go as far as it gets."""
    begun: list[asyncio.Task[None]] = []
    reads, outside = getattr(module, name), copy_context()  # of the other's transaction

    async def read(*words: Any) -> Any:
        found = await reads(*words)
        if not begun:
            begun.append(asyncio.get_running_loop().create_task(act(), context=outside))
            await asyncio.wait(begun, timeout=HELD_UP)
        return found

    monkeypatch.setattr(module, name, read)
    return begun
