"""Whoever came has one certificate, and nobody else, whoever releases them and whatever comes in later.

Rules: EV-09.
"""

import asyncio
from collections.abc import Awaitable
from functools import partial
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event, in_columns
from events.ground import clock
from events.ground.database import query
from events.ground.refusal import Refused
from registrations.certificates import ending, issuing, releasing, standing, taking, writing
from registrations.certificates.certificate import (
    Certificate,
    CertificateNumber,
    CertificateTerms,
    Hours,
    Shows,
    Words,
    terms_of,
)
from registrations.certificates.standing import Counts
from registrations.certificates.taking import View
from registrations.checkin import checkin
from registrations.people.registration import Registration
from registrations.phones.door import Device
from tests.at_the_door import a_phone_at, scan_of, undo_of
from tests.people import VENUE_CANARY, Person, a_room, an_event, audit_of, tell_anew
from tests.professional import with_ticket
from tests.registrations.certificates.giving import (
    HOURS,
    NEXT_DAY,
    NINE,
    WORDS,
    comes,
    number_of,
    o_clock,
    passes,
    release,
    takes,
    valid,
    whose,
)


async def test_who_came_has_one_and_a_no_show_has_none(
    event: Event, sid: Device, omar: Staff, ada: Person, bo: Person
) -> None:
    came, absent = await comes(event, sid, ada), (await with_ticket(bo, event))[0]
    await release(event, omar)
    assert await whose() == [came.id]
    assert (await taking.found_for(absent, event)).view is View.DID_NOT_COME
    with pytest.raises(Refused):
        await takes(absent, event)
    assert await valid(await takes(came, event))
    assert await standing.counted(event) == Counts(came=1, issued=1, taken=1, ended=0)
    assert await standing.released(event) == NEXT_DAY


async def test_who_came_to_a_room_alone_did_not_come_to_the_event(event: Event, omar: Staff) -> None:
    room = await a_phone_at(await a_room(event), "Room 1")
    await comes(event, room)
    await release(event, omar)
    assert await whose() == []


async def test_nobody_has_one_before_the_release_or_at_another_event(event: Event, sid: Device, omar: Staff) -> None:
    came = await comes(event, sid)
    other = await an_event()
    await writing.write(event, WORDS, HOURS, 0, omar, NEXT_DAY)
    await issuing.turn(NEXT_DAY)
    assert await whose() == []
    assert (await taking.found_for(came, event)).view is View.NOT_RELEASED
    await release(other, omar)
    assert await whose() == []
    await releasing.release(event, 1, omar, NEXT_DAY, clock.real())
    await issuing.turn(NEXT_DAY)
    assert await whose() == [came.id]


async def test_they_are_released_once_the_door_is_closed_or_the_day_is_over(event: Event, omar: Staff) -> None:
    await writing.write(event, WORDS, HOURS, 0, omar, o_clock(15))
    with pytest.raises(Refused, match="once the door is closed"):
        await releasing.release(event, 1, omar, o_clock(15), clock.real())
    assert await standing.released(event) is None
    await Event.filter(id=event.id).update(doors_closed_at=o_clock(17))
    await releasing.release(event, 1, omar, o_clock(17, 30), clock.real())
    assert await standing.released(event) == o_clock(17, 30)


async def test_nobody_has_one_before_what_counts_has_ended(event: Event, sid: Device, omar: Staff) -> None:
    """Else whoever came in would have attended the whole of it by noon, where the door was closed early."""
    await comes(event, sid)
    await writing.write(event, WORDS, HOURS, 0, omar, NINE)
    await Event.filter(id=event.id).update(doors_closed_at=o_clock(12))
    for at in (o_clock(12, 5), o_clock(15, 59)):
        with pytest.raises(Refused, match="What counts ends at 16:00"):
            await releasing.release(event, 1, omar, at, clock.real())
    await releasing.release(event, 1, omar, o_clock(16), clock.real())
    assert await standing.released(event) == o_clock(16)


async def test_none_says_where_the_event_is_also_where_it_was_moved_since(event: Event, omar: Staff) -> None:
    await writing.write(event, Words("How Watersmeet helps"), HOURS, 0, omar, NINE)
    await Event.filter(id=event.id).update(**in_columns(event, {"venue": "Watersmeet Hall, 1 High Street"}))
    with pytest.raises(Refused, match="says where the event is"):
        await releasing.release(event, 1, omar, NEXT_DAY, clock.real())
    await Event.filter(id=event.id).update(**in_columns(event, {"venue": "Another Hall, 2 High Street"}))
    await releasing.release(event, 1, omar, NEXT_DAY, clock.real())


async def test_what_they_say_is_written_first_and_looked_at(event: Event, omar: Staff, lena: Staff) -> None:
    with pytest.raises(Refused, match="Write first"):
        await releasing.release(event, 0, omar, NEXT_DAY, clock.real())
    await writing.write(event, WORDS, HOURS, 0, omar, NEXT_DAY)
    await writing.write(event, Words("Something else"), HOURS, 1, lena, NEXT_DAY)
    with pytest.raises(Refused, match="Someone else has changed"):
        await releasing.release(event, 1, omar, NEXT_DAY, clock.real())
    for seen in (0, 1):
        with pytest.raises(Refused, match="Someone else has changed"):
            await writing.write(event, WORDS, HOURS, seen, omar, NEXT_DAY)
    await releasing.release(event, 2, omar, NEXT_DAY, clock.real())
    terms = await terms_of(event.id)
    assert terms
    assert (terms.words, terms.hours) == (Words("Something else"), Hours(570, 960, [(750, 795)]))


async def test_no_text_says_where_the_event_is(event: Event, omar: Staff) -> None:
    with pytest.raises(Refused, match="says where"):
        await writing.write(event, Words(f"Met at {VENUE_CANARY} House"), HOURS, 0, omar, NEXT_DAY)
    assert await terms_of(event.id) is None


async def test_two_press_release_at_once_and_several_servers_make_them(
    event: Event, sid: Device, omar: Staff, lena: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "NEXT", issuing.NEXT.replace(f"LIMIT {issuing.BATCH}", "LIMIT 2"))
    people = [await comes(event, sid) for _ in range(7)]
    await writing.write(event, WORDS, HOURS, 0, omar, NEXT_DAY)
    await asyncio.gather(*(releasing.release(event, 1, by, NEXT_DAY, clock.real()) for by in (omar, lena, omar)))
    await asyncio.gather(*(issuing.turn(NEXT_DAY) for _ in range(4)))
    assert await whose() == [person.id for person in people]
    assert await CertificateNumber.all().count() == 7
    assert len({await number_of(person) for person in people}) == 7
    entries = await AuditEntry.filter(action=Action.CERTIFICATES_ISSUED)
    assert sum(entry.details["number"] for entry in entries) == 7
    assert await AuditEntry.filter(action=Action.CERTIFICATES_RELEASED).count() == 1


async def test_a_server_that_is_killed_half_way_leaves_the_rest_to_the_next(
    event: Event, sid: Device, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "NEXT", issuing.NEXT.replace(f"LIMIT {issuing.BATCH}", "LIMIT 2"))
    people = [await comes(event, sid) for _ in range(5)]
    await writing.write(event, WORDS, HOURS, 0, omar, NEXT_DAY)
    await releasing.release(event, 1, omar, NEXT_DAY, clock.real())
    record, calls = audit.record, []

    async def killed(*given: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise SystemError("killed")
        return await record(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(audit, "record", killed)
        with pytest.raises(SystemError):
            await issuing.turn(NEXT_DAY)
    assert (len(await whose()), await CertificateNumber.all().count()) == (2, 2), "a batch is whole or is not there"
    await issuing.turn(NEXT_DAY)
    assert await whose() == [person.id for person in people]
    assert await CertificateNumber.all().count() == 5


async def test_who_comes_in_later_gets_one_and_nothing_is_read_while_nothing_changes(
    event: Event, sid: Device, omar: Staff, bo: Person
) -> None:
    first = await comes(event, sid)
    late, ticket = await with_ticket(bo, event)
    await release(event, omar)
    assert await query(issuing.DUE) == []
    await passes(ticket, sid, o_clock(10))  # such as a line that is typed up from paper
    assert [row["event_id"] for row in await query(issuing.DUE)] == [event.id]
    await issuing.turn(NEXT_DAY)
    assert await whose() == [first.id, late.id]


async def test_an_entry_that_is_undone_ends_it_and_one_that_comes_again_renews_it(
    event: Event, sid: Device, omar: Staff, ada: Person
) -> None:
    person, ticket = await with_ticket(ada, event)
    scan = await scan_of(ticket)
    await checkin.settle([scan], sid, o_clock(9))
    await release(event, omar)
    number = await takes(person, event)
    await checkin.settle([undo_of(scan)], sid, o_clock(9))
    assert (await taking.found_for(person, event)).view is View.DID_NOT_COME, "at once"
    await issuing.turn(NEXT_DAY)
    assert (await whose(), await valid(number)) == ([], False)
    await passes(ticket, sid, o_clock(10))
    await issuing.turn(NEXT_DAY)
    assert (await whose(), await valid(number)) == ([person.id], True), "the same number"
    assert [act for act, _, _ in await audit_of(person)][-3:] == [
        Action.CERTIFICATE_TAKEN, Action.CERTIFICATE_ENDED, Action.CERTIFICATE_RENEWED,
    ]  # fmt: skip


async def test_an_organiser_ends_one_and_renews_it(event: Event, sid: Device, omar: Staff, lena: Staff) -> None:
    person, other = await comes(event, sid), await comes(event, sid)
    await release(event, omar)
    number, kept = await takes(person, event), await takes(other, event)
    ended = await asyncio.gather(
        *(ending.end(person, event, by, NEXT_DAY) for by in (omar, lena)), return_exceptions=True
    )
    assert sorted(map(type, ended), key=str) == sorted([type(None), Refused], key=str), "once"
    assert (await valid(number), await valid(kept)) == (False, True)
    assert (await taking.found_for(person, event)).view is View.ENDED
    with pytest.raises(Refused):
        await takes(person, event)
    await issuing.turn(NEXT_DAY)
    await CertificateTerms.all().update(settled_version=-1)
    await issuing.turn(NEXT_DAY)
    assert not await valid(number), "no turn renews what an organiser ended"
    renewed = await asyncio.gather(
        *(ending.renew(person, event, by, NEXT_DAY) for by in (omar, lena)), return_exceptions=True
    )
    assert sorted(map(type, renewed), key=str) == sorted([type(None), Refused], key=str), "once"
    assert await valid(number)
    assert await number_of(person) == number


async def test_the_release_is_taken_back_until_a_guest_has_theirs(event: Event, sid: Device, omar: Staff) -> None:
    person = await comes(event, sid)
    await release(event, omar)
    number = await number_of(person)
    await releasing.take_back(event, omar, NEXT_DAY)
    assert (await Certificate.all().count(), await CertificateNumber.all().count(), await valid(number)) == (
        0,
        0,
        False,
    )
    await issuing.turn(NEXT_DAY)
    assert await whose() == []
    await releasing.release(event, 1, omar, NEXT_DAY, clock.real())
    await issuing.turn(NEXT_DAY)
    again = await takes(person, event)
    assert again != number
    with pytest.raises(Refused, match="has taken"):
        await releasing.take_back(event, omar, NEXT_DAY)
    assert await standing.released(event) == NEXT_DAY
    assert await valid(again)


async def test_taking_and_taking_back_at_once_agree(event: Event, sid: Device, omar: Staff) -> None:
    """Whoever has seen a number keeps it: either nobody has, or the release stays."""
    people = [await comes(event, sid) for _ in range(6)]
    for n in range(5):
        await Certificate.all().delete()
        await CertificateTerms.all().delete()
        await CertificateNumber.all().delete()
        await release(event, omar)
        take = partial(taking.take, event=event, shows=Shows.FULL_NAME, at=NEXT_DAY, real=clock.real())
        acts: list[Awaitable[None]] = [take(person) for person in people]
        acts.insert(n, releasing.take_back(event, omar, NEXT_DAY))
        done = await asyncio.gather(*acts, issuing.turn(NEXT_DAY), return_exceptions=True)
        assert not [error for error in done if isinstance(error, BaseException) and not isinstance(error, Refused)]
        took = [person for person, answer in zip(people, done[:n] + done[n + 1 :], strict=False) if answer is None]
        assert bool(took) == (await standing.released(event) is not None), done
        assert await Certificate.filter(taken_at__not_isnull=True).count() == len(took)
        assert await CertificateNumber.all().count() == await Certificate.all().count()


async def test_a_name_that_is_corrected_is_corrected_on_it(event: Event, sid: Device, omar: Staff) -> None:
    person = await comes(event, sid)
    await release(event, omar)
    number = await takes(person, event)
    await tell_anew(person, full_name="Ada Ashdown-Mended")
    found = await taking.found_for(await Registration.get(id=person.id), event)
    assert found.ready
    assert (found.ready.name, found.ready.number) == ("Ada Ashdown-Mended", number)
