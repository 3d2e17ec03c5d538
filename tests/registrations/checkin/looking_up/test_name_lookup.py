"""A guest looked up by name at a door: who is found, how often, who may, and what is recorded.

Rules: DP-15, SG-19, SE-04, SE-09, SE-12. Cases: DR-26, DR-27, DR-28.
"""

import asyncio
from datetime import timedelta
from typing import Any
from unittest.mock import ANY

import pytest

from events.accounts.staff import Staff
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, limits
from registrations.checkin import checkin, lead_override
from registrations.checkin.looking_up import name_lookup, names
from registrations.checkin.looking_up.name_lookup import Typed
from registrations.checkin.scan import read_sent
from registrations.deciding import vetting
from registrations.people.registration import Registration, State
from registrations.phones import alarm, pairing
from registrations.phones.door import Device, Door, PassRole
from registrations.phones.scan_answer import Answer
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, scan_id
from tests.people import THE_DAY, Person, an_event, confirmed

START = clock.at_venue(THE_DAY.date(), 9, 0)
NOBODY = {"rows": [], "sentence": "Nobody was found. Check the spelling, or take them aside."}
MORE = {"rows": [], "sentence": "Type more"}
SHORT = {"sentence": "Type at least 3 letters of the surname."}
FIRST = {"sentence": "Type their first name too, or its initial."}
ONLY_LEADS = "Only a door lead's phone looks up names at this event. Ask for the reference, or call the lead."


def guest(name: str, n: int = 1) -> Person:
    return Person(name, f"{name.split()[0].lower()}{n}@guests.example.org", f"Organisation {n}", "charity", "Advocate")


@pytest.fixture
async def on(event: Event) -> Event:
    """Stewards may look up names there."""
    await Event.filter(id=event.id).update(stewards_look_up=True)
    return await Event.get(id=event.id)


async def typed(surname: str, first: str, by: Device, after: float = 0, initials: str = "SID") -> Answer:
    """So many seconds after nine, by the machine's clock."""
    return await name_lookup.look_up(Typed(surname, first, initials), by, THE_DAY, START + timedelta(seconds=after))


async def chosen(row: str, by: Device, after: float = 0) -> Answer:
    return await name_lookup.choose(row, "SID", by, THE_DAY, START + timedelta(seconds=after))


def names_in(answer: Answer) -> list[str]:
    return [row["name"] for row in answer["rows"]]


async def test_who_is_found_is_named_with_organisation_only_chosen_and_let_in_by_one_tap(
    on: Event, sid: Device, ada: Person
) -> None:
    await a_ticket(ada, on)
    [row] = (await typed("ash", "a", sid))["rows"]
    assert row == {"row": ANY, "name": "Ada Ashdown", "organisation": "Wardens of Westmoor"}
    found = (await chosen(row["row"], sid))["found"]
    proof = found.pop("proof")
    assert found == {
        "name": "Ada Ashdown", "badge_name": "Ada Ashdown", "organisation": "Wardens of Westmoor", "badge": "Delegate",
        "tray": "A", "photos": False,
    }  # fmt: skip
    for verdict in ("ok", "already_in"):
        [answer] = await checkin.settle([read_sent({"id": scan_id(), "kind": "in", "proof": proof})], sid, THE_DAY)
        assert answer["verdict"] == verdict


async def test_dr27_a_steward_gets_nothing_type_more_five_and_the_eleventh_asks_for_the_lead(
    on: Event, door: Door, sid: Device, omar: Staff
) -> None:
    for n in range(5):
        await a_ticket(guest(f"J{'aeiou'[n]}n Smith", n), on)
    assert [await typed(surname, "j", sid) for surname in ("", "a", "sm", "%", "_", "%%%%")] == [SHORT] * 6
    assert [await typed("smi", first, sid) for first in ("", "%", "_", "7")] == [FIRST] * 4
    assert names_in(await typed("smi", "j", sid)) == [f"J{vowel}n Smith" for vowel in "aeiou"]
    assert [await typed(surname, "j", sid) for surname in ("smi%", "sm_th", "smith%")] == [NOBODY] * 3, "literally"
    await a_ticket(guest("John Smithson"), on)
    assert [await typed("SMITH", "J", sid, n) for n in range(6)] == [MORE] * 6
    slow = await typed("SMITH", "J", sid, 7)
    assert slow == {"error": "slow", "seconds": ANY, "lead": True}
    assert await typed("SMITH", "J", sid, 7 + slow["seconds"]) == MORE, "and later one more works"
    assert (await typed("SMITH", "J", sid, 8 + slow["seconds"]))["error"] == "slow"
    made = await pairing.make_pass(door, "Lee's phone", PassRole.DOOR_LEAD, omar, THE_DAY, START)
    await pairing.pair(made.secret, "network", THE_DAY, START)
    assert "override" in await lead_override.give(made.pin, sid, THE_DAY, START + timedelta(seconds=9))
    assert names_in(await typed("smiths", "j", sid, 10 + slow["seconds"])) == ["John Smithson"], "by the lead's word"


async def test_a_lead_needs_no_first_letter_no_switch_and_sees_ten(event: Event, door: Door) -> None:
    lee = await a_phone_at(door, "Lead", PassRole.DOOR_LEAD)
    for n in range(10):
        await a_ticket(guest(f"{'ABCDEFGHIJ'[n]}l Smith", n), event)
    assert len((await typed("smi", "", lee))["rows"]) == 10
    assert names_in(await typed("smi", "al", lee)) == ["Al Smith"]
    await a_ticket(guest("Zed Smithers"), event)
    assert [await typed("smi", "", lee), await typed("sm", "a", lee)] == [MORE, SHORT]


async def test_dr26_a_steward_is_refused_until_organisers_switch_it_on_and_that_is_recorded(
    event: Event, sid: Device, ada: Person, door: Door
) -> None:
    ticket = await a_ticket(ada, event)
    lee = await a_phone_at(door, "Lead", PassRole.DOOR_LEAD)
    [row] = (await typed("ashd", "a", lee))["rows"]
    refused = {"error": "role", "sentence": ONLY_LEADS}
    assert [await typed("ashd", "a", sid), await typed("", "", sid), await chosen(row["row"], sid)] == [refused] * 3
    entries: list[Any] = await AuditEntry.filter(action="was refused a look-up by name").values_list("actor", "details")
    assert entries == [(sid.actor, {"door": door.id})] * 3
    await Event.filter(id=event.id).update(stewards_look_up=True)
    assert names_in(await typed("ashd", "a", sid)) == [ada.name]
    assert ticket.id


@pytest.mark.parametrize("state", [state for state in State if state is not State.APPROVED])
async def test_nobody_is_found_without_a_place_and_they_are_as_unknown_as_a_stranger(
    on: Event, sid: Device, ada: Person, cleo: Person, state: State
) -> None:
    ticket = await a_ticket(ada, on)
    await a_ticket(cleo, on)
    [row] = (await typed("ashd", "a", sid))["rows"]
    await Registration.filter(id=ticket.registration_id).update(state=state)
    await Ticket.filter(id=ticket.id).update(revoked_at=THE_DAY)
    assert [await typed("ashd", "a", sid), await typed("nobo", "a", sid)] == [NOBODY] * 2
    surname = cleo.name.split()[-1]
    assert names_in(await typed(surname, cleo.name[0], sid)) == [cleo.name], "others are"
    lost = await chosen(row["row"], sid)
    assert lost == {"ask_lead": {"reference": ticket.reference}}, "no name, whatever happened since"


async def test_no_one_of_another_event_is_found(on: Event, sid: Device, ada: Person) -> None:
    await a_ticket(ada, await an_event())
    assert await typed("ashd", "a", sid) == NOBODY


async def test_only_who_was_found_can_be_chosen_by_the_same_phone_and_soon(
    on: Event, door: Door, sid: Device, ada: Person
) -> None:
    await a_ticket(ada, on)
    other = await a_phone_at(door, "Main door 2")
    [row] = (await typed("ashd", "a", sid))["rows"]
    late = {"found": None, "sentence": "That list is too old. Look them up again."}
    forged = [row["row"][:-6] + "AAAA==", "", "1", "é", "x" * 5000, f"{sid.id}|1|{int(START.timestamp())}"]
    assert [await chosen(text, sid) for text in forged] == [late] * 6
    assert [await chosen(row["row"], other), await chosen(row["row"], sid, 121)] == [late] * 2
    assert (await chosen(row["row"], sid, 119))["found"]["name"] == ada.name


async def test_dr28_it_records_counts_and_ids_and_never_what_was_typed(on: Event, sid: Device, ada: Person) -> None:
    ticket = await a_ticket(ada, on)
    [row] = (await typed("ashd", "a", sid))["rows"]
    await chosen(row["row"], sid)
    await typed("nobody", "n", sid, initials="")
    entries: list[Any] = await AuditEntry.filter(action__contains="looked up").order_by("id").values_list(
        "action", "actor", "event_id", "subject", "details")  # fmt: skip
    assert [tuple(entry) for entry in entries] == [
        ("looked up a name at a door", sid.actor, on.id, "", {"initials": "SID", "letters": 5, "results": 1}),
        ("opened somebody who was looked up at a door", sid.actor, on.id, f"ticket:{ticket.id}", {"initials": "SID"}),
        ("looked up a name at a door", sid.actor, on.id, "", {"initials": "", "letters": 7, "results": 0}),
    ]


@pytest.mark.parametrize("role", [PassRole.STEWARD, PassRole.DOOR_LEAD])
async def test_after_forty_in_a_day_no_phone_finds_anybody_until_it_is_given_a_leads_pin(
    on: Event, door: Door, ada: Person, omar: Staff, role: PassRole
) -> None:
    """A lead's phone that was stolen unlocked names ten people at a time. The board hears of the fortieth."""
    await a_ticket(ada, on)
    stolen, other = await a_phone_at(door, "Stolen", role), await a_phone_at(door, "Main door 2", role)
    made = await pairing.make_pass(door, "Lee's phone", PassRole.DOOR_LEAD, omar, THE_DAY, START)
    await pairing.pair(made.secret, "network", THE_DAY, START)
    for n in range(39):
        await typed("nobody", "n", stolen, n * 40)
        await typed("nobody", "n", other, n * 40)
    assert await alarm.recent(on.id, THE_DAY - timedelta(hours=1)) == []
    [row] = (await typed("ash", "a", stolen, 1600))["rows"]
    assert await alarm.recent(on.id, THE_DAY - timedelta(hours=1)) == [
        alarm.Alarm(THE_DAY, door.id, alarm.Kind.NAMES, stolen.actor, id=ANY)
    ]
    later, slow = START + timedelta(hours=1), {"error": "slow", "seconds": ANY, "lead": True}
    assert [await typed("ash", "a", stolen, seconds) for seconds in (1640, 3600)] == [slow] * 2
    assert (await chosen(row["row"], stolen, 1641))["found"]["name"] == ada.name, "the fortieth comes in"
    assert (await lead_override.give("000000", stolen, THE_DAY, later))["error"] == "pin"
    assert await typed("ash", "a", stolen, 3640) == slow
    assert "override" in await lead_override.give(made.pin, stolen, THE_DAY, later)
    assert [names_in(await typed("ash", "a", phone, 3641)) for phone in (stolen, other)] == [[ada.name]] * 2


async def test_forty_one_at_once_are_forty_and_one_refused(
    on: Event, sid: Device, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name_lookup, "LIMITS", (limits.NAMES_A_DAY,))
    await a_ticket(ada, on)
    answers = await asyncio.gather(*(typed("ash", "a", sid) for _ in range(41)))
    assert sum("rows" in answer for answer in answers) == 40


async def test_no_name_is_shown_before_the_day_to_a_phone_paired_early(on: Event, sid: Device, ada: Person) -> None:
    await a_ticket(ada, on)
    asked = Typed("ashd", "a", "SID")
    early = await name_lookup.look_up(asked, sid, THE_DAY - timedelta(hours=3), START)
    assert early == {"rows": [], "sentence": "Names can be looked up from two hours before the doors open"}
    assert names_in(await name_lookup.look_up(asked, sid, THE_DAY - timedelta(hours=2), START)) == [ada.name]


async def test_who_is_approved_or_withdrawn_on_the_day_is_found_at_once_or_no_more(
    on: Event, sid: Device, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, on)
    assert await typed("ashd", "a", sid) == NOBODY
    await vetting.approve(asked, omar, THE_DAY)
    assert names_in(await typed("ashd", "a", sid)) == [ada.name]
    await vetting.withdraw(await Registration.get(id=asked.id), omar, THE_DAY)
    assert await typed("ashd", "a", sid) == NOBODY


async def test_dr27_of_twenty_at_once_ten_are_answered(on: Event, sid: Device, ada: Person) -> None:
    await a_ticket(ada, on)
    said = await asyncio.gather(*(typed("ashd", "a", sid) for _ in range(20)))
    assert sum("rows" in answer for answer in said) == 10


async def test_a_phone_that_may_look_nobody_up_has_no_names_looked_through(
    event: Event, sid: Device, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 20,000 that takes a while, in which a stolen phone could hold up all doors by asking again and again."""
    await a_ticket(ada, event)
    looked, found_as_ever = [], names.found

    def noting(people: Any, surname: str, first: str) -> list[int]:
        looked.append(surname)
        return found_as_ever(people, surname, first)

    monkeypatch.setattr(names, "found", noting)
    assert (await typed("ash", "a", sid))["error"] == "role"
    assert looked == []
    await Event.filter(id=event.id).update(stewards_look_up=True)
    said = [await typed("ash", "a", sid) for _ in range(12)]
    assert ([answer.get("error", "") for answer in said], len(looked)) == ([""] * 10 + ["slow"] * 2, 10)
