"""Walk-ins without a network: a number read out by telephone, a line on paper, and the line typed up later.

Rules: EV-06, SG-02, SG-06, SE-15.
"""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest

from events.accounts.staff import Staff
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from events.mail.outbox import Message
from registrations.checkin.conflict import ConflictKind
from registrations.checkin.scan import Scan
from registrations.checkin.walking_in import deciding_walk_ins
from registrations.checkin.walking_in.walk_in import Reason, Stage, WalkIn
from registrations.deciding import vetting
from registrations.paper import comparing, printing, release, typing_up, walk_in_lines
from registrations.paper.release import Release, normal_number
from registrations.paper.sheet import Sheet, SheetKind
from registrations.paper.walk_in_lines import ENDED, MALFORMED, UNKNOWN
from registrations.people.registration import Registration, State
from registrations.phones.door import Door
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_ticket
from tests.people import Person, an_event, confirmed, requested, someone
from tests.registrations.paper.releases import WREN, a_list, enters, used, why_not
from tests.registrations.paper.typing import EVENING, HALF_HOUR, Begin, open_conflicts, people_in

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [("4827 1935", "48271935"), ("4827-1935", "48271935"), ("4827193", None), ("482719355", None), ("4827193x", None),
     ("٤٨٢٧١٩٣٥", None), ("4827193²", None), ("", None)],
)  # fmt: skip
def test_a_number_of_a_list_is_eight_digits_and_nothing_else(typed: str, normal: str | None) -> None:
    assert normal_number(typed) == normal


async def test_a_list_has_a_number_for_each_line_none_twice_and_none_that_tells_another(
    event: Event, omar: Staff
) -> None:
    lists = [await a_list(event, omar) for _ in range(3)]
    digits = [normal_number(number) for numbers in lists for number in numbers]
    assert [len(numbers) for numbers in lists] == [24] * 3
    assert None not in digits
    assert len(set(digits)) == 72
    steps = Counter(int(b or 0) - int(a or 0) for a, b in pairwise(digits))
    assert max(steps.values()) == 1, "no step is there twice"
    assert await used(event) == (72, 0)
    kept = str(await Release.all().values()) + str(await AuditEntry.all().values())
    assert not any(number in kept or (digit or "") in kept for number in lists[0] for digit in digits)


async def test_who_was_released_is_a_guest_at_the_door_counted_once_and_vetted_later(
    event: Event, omar: Staff, sheet: Sheet, numbers: list[str]
) -> None:
    entered = await enters(sheet, omar, numbers[0])
    assert (entered.before, (await release.counted(event.id)).surplus, await open_conflicts()) == (False, 0, [])
    row, ticket = await Registration.get(), await Ticket.get()
    assert (row.full_name, row.email, row.state, ticket.revoked_at) == (
        WREN.full_name, WREN.email, State.APPROVED, None,
    )  # fmt: skip
    assert (await people_in(event), (await Event.get(id=event.id)).taken) == (1, 1)
    scan = await Scan.get()
    assert (scan.source, scan.happened_at, scan.unsure, scan.ticket_id) == ("paper", HALF_HOUR.middle, 900.0, ticket.id)
    walk_in = await WalkIn.get()
    assert (walk_in.stage, walk_in.reason, walk_in.is_to_be_vetted, walk_in.decided_by_id, walk_in.asked_at) == (
        Stage.APPROVED, Reason.PRESS, True, omar.id, HALF_HOUR.middle,
    )  # fmt: skip
    assert await deciding_walk_ins.not_vetted(event.id) == {row.id}
    assert await deciding_walk_ins.mark_vetted(walk_in, omar, EVENING)
    assert await used(event) == (24, 1)
    assert [message.template for message in await Message.filter(event_id=event.id)] == ["ticket"]
    found = await comparing.compared(await Sheet.get(id=sheet.id))
    assert (found.ticks, found.typed, found.missing) == (2, 1, 1), "as of any sheet"


async def test_a_number_is_used_once_and_each_fault_has_its_words(
    event: Event, omar: Staff, begun: Begin, sheet: Sheet, numbers: list[str]
) -> None:
    elsewhere = await an_event()
    [foreign, *_] = await a_list(elsewhere, omar)
    other = await a_list(event, omar)
    lists = await Sheet.filter(kind=SheetKind.RELEASE, event_id=event.id).order_by("number")
    await enters(sheet, omar, numbers[0])
    second = await begun.sheet(kind=SheetKind.WALK_IN)
    used_already = f"This number was used already, for line 1 of sheet {sheet.number}. Look at both again, or say that"
    assert (await why_not(sheet, numbers[0], 2)).startswith(used_already)
    assert (await why_not(second, numbers[0])).startswith(used_already)
    assert (await why_not(sheet, "12 34"), await why_not(sheet, "HK7-4QD")) == (MALFORMED, MALFORMED)
    assert await why_not(sheet, foreign) == UNKNOWN, "another event's is as unknown as an invented one"
    await printing.end_releases(lists[1], omar, EVENING)
    assert await why_not(sheet, other[0]) == ENDED
    with pytest.raises(Refused):
        await printing.end_releases(lists[1], omar, EVENING)
    assert isinstance(await walk_in_lines.find_release(event, sheet, 2, numbers[1].replace(" ", "-")), Release)
    await printing.destroy(lists[0], omar, EVENING)
    assert await why_not(sheet, numbers[1], 2) == ENDED


async def test_without_a_release_nobody_is_lost_and_it_is_a_loud_conflict(
    event: Event, omar: Staff, sheet: Sheet
) -> None:
    await enters(sheet, omar)
    assert (await open_conflicts(), await people_in(event)) == ([ConflictKind.WALK_IN], 1)
    row, ticket, walk_in = await Registration.get(), await Ticket.get(), await WalkIn.get()
    assert (row.state, (await Event.get(id=event.id)).taken) == (State.CONFIRMED, 0), "to decide, like anyone"
    assert ticket.revoked_at is not None
    assert (walk_in.stage, walk_in.is_to_be_vetted, await used(event)) == (Stage.UNRELEASED, True, (0, 0))
    assert await Message.filter(event_id=event.id).count() == 0, "nobody was told that they have a place"
    await vetting.approve(row, omar, EVENING)
    assert (await people_in(event), await Ticket.filter(revoked_at=None).count()) == (1, 1)


@pytest.mark.parametrize("state", [State.REQUESTED, State.CONFIRMED, State.WAITING, State.APPROVED, State.NOT_OFFERED])
async def test_somebody_whom_we_know_is_the_same_person(
    event: Event, omar: Staff, sheet: Sheet, numbers: list[str], ada: Person, state: State
) -> None:
    if state is State.APPROVED:
        known = await Registration.get(id=(await a_ticket(ada, event)).registration_id)
    else:
        known = await requested(ada, event) if state is State.REQUESTED else await confirmed(ada, event)
        await Registration.filter(id=known.id).update(state=state)
    entered = await enters(sheet, omar, numbers[0], asked=WREN._replace(email=ada.email))
    row = await Registration.get()
    declined = state is State.NOT_OFFERED
    assert (row.id, row.state) == (known.id, State.NOT_OFFERED if declined else State.APPROVED)
    assert row.full_name == (WREN.full_name if state is State.REQUESTED else ada.name)
    assert await open_conflicts() == ([ConflictKind.WALK_IN] if declined else []), "declined, and in: loud"
    assert (await WalkIn.get()).is_to_be_vetted is (state is not State.APPROVED)
    assert (await people_in(event), entered.before, await used(event)) == (1, False, (24, 1))


async def test_a_full_venue_keeps_nobody_out_who_is_in_and_the_surplus_is_said(
    event: Event, omar: Staff, sheet: Sheet, numbers: list[str]
) -> None:
    await Event.filter(id=event.id).update(capacity=1, allowance=0)
    said = list[int]()
    for n in (1, 2, 3):
        await enters(sheet, omar, numbers[n], n, WREN._replace(email=f"w{n}@weekly.example.org"))
        said.append((await release.counted(event.id)).surplus)
    assert said == [0, 1, 2]
    assert ((await Event.get(id=event.id)).taken, await people_in(event)) == (3, 3)
    someone_else = await confirmed(someone(), event)
    with pytest.raises(Refused):
        await vetting.approve(someone_else, omar, EVENING)


async def test_where_two_have_to_approve_one_release_is_not_enough_and_that_is_loud(
    event: Event, omar: Staff, lena: Staff, sheet: Sheet, numbers: list[str]
) -> None:
    await Event.filter(id=event.id).update(two_approvals=True)
    await enters(sheet, omar, numbers[0])
    row = await Registration.get()
    assert (row.state, await open_conflicts(), await people_in(event)) == (State.CONFIRMED, [ConflictKind.WALK_IN], 1)
    assert (await used(event), (await WalkIn.get()).stage) == ((24, 1), Stage.UNRELEASED)


async def test_a_reference_on_a_line_is_typed_as_on_any_sheet(
    event: Event, begun: Begin, sheet: Sheet, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    typed = await begun.types(sheet, ticket.reference)
    assert (typed.before, await people_in(event)) == (False, 1)
    assert await typing_up.find(sheet, event, "1") == typing_up.NO_LINES


async def test_the_audit_log_says_what_was_entered_and_nobodys_name(
    event: Event, omar: Staff, sheet: Sheet, numbers: list[str]
) -> None:
    await enters(sheet, omar, numbers[0])
    [entry] = await AuditEntry.filter(action="typed up somebody who came in without a place")
    assert entry.details == {"sheet": sheet.number, "line": 1, "reason": "press", "known": False, "released": True,
                             "place": True}  # fmt: skip
    kept = str(await AuditEntry.all().values())
    for secret in ("Wren", "Weekly", numbers[0], numbers[0].replace(" ", "")):
        assert secret not in kept


@SQLITE
async def test_a_list_has_no_lines_to_type_up(event: Event, door: Door, omar: Staff, numbers: list[str]) -> None:
    made = await Sheet.get(kind=SheetKind.RELEASE)
    with pytest.raises(Refused):
        await typing_up.begin(made, door, 1, omar, EVENING + timedelta(hours=1), clock.real())
