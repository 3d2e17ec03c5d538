"""A number is checked by whoever has it on paper, and by nobody who guesses. Rules: EV-09."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.refusal import Refused
from registrations.certificates import checking
from registrations.certificates.certificate import Certificate, CertificateNumber
from registrations.phones.door import Device
from tests.people import an_event
from tests.registrations.certificates.giving import comes, release, takes, valid


async def test_numbers_are_kept_in_an_order_that_tells_nothing(event: Event, sid: Device, omar: Staff) -> None:
    """Neither as people asked, nor as their certificates are numbered."""
    people = [await comes(event, sid) for _ in range(12)]
    await release(event, omar)
    rows = await Certificate.all().order_by("number_id")
    orders = [row.registration_id for row in rows], [row.id for row in rows]
    assert orders[0] != [person.id for person in people]
    assert orders[1] != sorted(orders[1])


async def test_a_number_of_one_event_is_no_other_events_and_a_guess_is_none(
    event: Event, sid: Device, omar: Staff
) -> None:
    person, other = await comes(event, sid), await an_event()
    await release(event, omar)
    await release(other, omar)
    number = await takes(person, event)
    [kept] = await CertificateNumber.all()
    assert (kept.event_id, number in kept.number_hash) == (event.id, False)
    for typed in (
        number[:-1] + ("0" if number[-1] != "0" else "1"),
        number.replace("-", "")[:-1],
        "",
        kept.number_hash,
    ):
        assert not await valid(typed)
    assert await valid(number.lower())


async def test_who_asks_too_often_is_slowed_down_and_nobody_else(event: Event) -> None:
    for _ in range(checking.CHECKS.tries):
        await valid("7K2QH-4MD9X-B0RTE", "192.0.2.7")
    with pytest.raises(Refused) as refused:
        await valid("7K2QH-4MD9X-B0RTE", "192.0.2.7")
    assert refused.value.status == 429
    assert not await valid("7K2QH-4MD9X-B0RTE", "192.0.2.8")
