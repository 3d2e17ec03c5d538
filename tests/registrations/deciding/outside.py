"""The counter of an event beside a count of its rows, and every way into a place or out of it."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import query, run_tx
from events.ground.refusal import Refused
from registrations.booking import new_address, own_booking, rechecking
from registrations.booking.handing import handing_over
from registrations.deciding import coming_along, offers, restoring, several_decisions, undone_decisions, vetting
from registrations.deciding.vetting import Decision
from registrations.people.registration import TO_DECIDE, OrganisationKind, Registration, State
from registrations.privacy.rights import erasing
from registrations.privacy.rights.rights_request import Right
from tests.people import request_of, someone
from tests.registrations.booking import addressing
from tests.registrations.booking.handing.handing import newest as newest_hand_over
from tests.registrations.booking.handing.handing import told_of
from tests.registrations.coming import anew
from tests.registrations.deciding.waiting import NOON
from tests.registrations.privacy.rights.asking import a_rights_request

FRESH = """SELECT count(*) AS places FROM registration
    WHERE event_id = ? AND comes_with_id IS NULL AND state IN ('approved', 'offered', 'rechecking')"""
LOOSE = """SELECT c.id FROM registration c LEFT JOIN registration g ON g.id = c.comes_with_id
    WHERE c.event_id = ? AND c.comes_with_id IS NOT NULL AND c.state NOT IN ('cancelled', 'expired')
    AND (g.id IS NULL OR g.comes_with_id IS NOT NULL OR g.state NOT IN ('approved', 'rechecking'))"""
CROWDS = """SELECT comes_with_id FROM registration WHERE event_id = ? AND comes_with_id IS NOT NULL
    AND state NOT IN ('cancelled', 'expired') GROUP BY comes_with_id HAVING count(*) > 2"""
TICKETS = """SELECT r.id FROM registration r WHERE r.event_id = ? AND (r.state = 'approved') <> EXISTS
    (SELECT 1 FROM ticket t WHERE t.registration_id = r.id AND t.revoked_at IS NULL)"""
ended_by_address = run_tx(offers.end_by_address)
Act = Callable[[Registration, Staff], Awaitable[object]]


async def wrong(event: Event) -> dict[str, object]:
    """What does not hold: the counter and a fresh count of the places, if they differ; whoever comes along with nobody
    who has a place; guests with more than two; who has a ticket without a place, or the other way round."""
    taken, [fresh] = (await Event.get(id=event.id)).taken, await query(FRESH, [event.id])
    found: dict[str, object] = {"counted": (taken, fresh["places"])} if taken != fresh["places"] else {}
    for name, sql in {"loose": LOOSE, "crowds": CROWDS, "tickets": TICKETS}.items():
        if rows := await query(sql, [event.id]):
            found[name] = [list(row.values()) for row in rows]
    return found


async def fill(event: Event) -> None:
    """From now on no place is left."""
    await Event.filter(id=event.id).update(capacity=(await Event.get(id=event.id)).taken, allowance=0)


async def approve(person: Registration, by: Staff) -> object:
    return await vetting.decide(await anew(person), Decision.APPROVE, by, NOON)


async def _together(person: Registration, decision: Decision, by: Staff) -> None:
    """From the list on which they are, if they are on one."""
    seen = await anew(person)
    if seen.state in {*TO_DECIDE, State.WAITING}:
        await several_decisions.decide_people([seen], decision, by, NOON, seen=seen.state)


async def approve_together(person: Registration, by: Staff) -> None:
    await _together(person, Decision.APPROVE, by)


async def offer(person: Registration, by: Staff) -> None:
    await offers.offer(await anew(person), by, NOON)


async def take_offer(person: Registration, by: Staff) -> None:
    await offers.take(await anew(person), NOON)


async def decline_offer(person: Registration, by: Staff) -> None:
    await offers.decline(await anew(person), NOON)


async def run_out(person: Registration, by: Staff) -> None:
    seen = await anew(person)
    await offers.run_out(seen, (seen.offered_until or NOON) + timedelta(hours=1))


async def wait(person: Registration, by: Staff) -> object:
    return await vetting.decide(await anew(person), Decision.WAIT, by, NOON)


async def decline(person: Registration, by: Staff) -> object:
    return await vetting.decide(await anew(person), Decision.NOT_OFFER, by, NOON)


async def wait_together(person: Registration, by: Staff) -> None:
    await _together(person, Decision.WAIT, by)


async def decline_together(person: Registration, by: Staff) -> None:
    await _together(person, Decision.NOT_OFFER, by)


async def undo(person: Registration, by: Staff) -> None:
    await undone_decisions.undo(await anew(person), by, NOON)


async def withdraw(person: Registration, by: Staff) -> None:
    await vetting.withdraw(await anew(person), by, NOON)


async def cancel(person: Registration, by: Staff) -> None:
    await vetting.cancel(await anew(person), by, NOON)


async def reconsider(person: Registration, by: Staff) -> None:
    await vetting.reconsider(await anew(person), by, NOON)


async def give_up(person: Registration, by: Staff) -> None:
    await own_booking.give_up(await anew(person), NOON)


async def change_organisation(person: Registration, by: Staff) -> None:
    await rechecking.change_organisation(await anew(person), "Another", OrganisationKind.CHARITY, NOON, clock.real())


async def restore_with_a_place(person: Registration, by: Staff) -> None:
    await restoring.restore(await anew(person), State.APPROVED, by, NOON)


async def restore_to_the_list(person: Registration, by: Staff) -> None:
    await restoring.restore(await anew(person), State.WAITING, by, NOON)


async def move_address(person: Registration, by: Staff) -> None:
    """Whoever has a place is looked at again."""
    await new_address.confirm(await addressing.asks(person, someone().email), NOON)


async def end_by_address(person: Registration, by: Staff) -> None:
    """As where two have to approve the address that they keep."""
    assert await ended_by_address(await anew(person))


async def hand_over(person: Registration, by: Staff) -> None:
    """To somebody whom an organiser approves at once."""
    to = someone()
    await handing_over.ask(await anew(person), to.email, "", NOON, clock.real())
    if await handing_over.take_up(await newest_hand_over(person), told_of(to), NOON):
        await vetting.approve(await request_of(to.email), by, NOON)


async def erase(person: Registration, by: Staff) -> None:
    request = await a_rights_request(await Event.get(id=person.event_id), by, Right.ERASURE, (await anew(person)).email)
    await erasing.erase(request, by, NOON, clock.real())


async def unlink(person: Registration, by: Staff) -> None:
    await coming_along.unlink(await anew(person), by, NOON)


ACTS: list[Act] = [
    approve, approve_together, offer, take_offer, decline_offer, run_out, wait, decline, wait_together,
    decline_together, undo, withdraw, cancel, reconsider, give_up, change_organisation, restore_with_a_place,
    restore_to_the_list, move_address, hand_over, unlink,
]  # fmt: skip


OUT: dict[str, Sequence[Act]] = {
    "gave up": [give_up],
    "was withdrawn": [withdraw],
    "was cancelled": [cancel],
    "was undone": [undo],
    "was erased": [erase],
    "waits after changing": [change_organisation, wait],
    "was declined after changing": [change_organisation, decline],
    "waits with others": [change_organisation, wait_together],
    "was declined with others": [change_organisation, decline_together],
}  # in which whoever has a place loses it


async def do(acts: Sequence[Act], person: Registration, by: Staff) -> None:
    """One after the other."""
    for act in acts:
        await act(person, by)


async def tried(act: Act, person: Registration, by: Staff) -> None:
    """Many of them are refused, as they would be to whoever tried."""
    with suppress(Refused):
        await act(person, by)
