"""Somebody comes without a place: a lead asks, an organiser decides, a steward types the reference.

Rules: SG-02, SG-03, SG-06, SE-04, SE-15. Case: DR-37.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, limits
from events.ground.refusal import Refused
from events.mail.outbox import Message
from registrations.asking import registering
from registrations.checkin import checkin, reference_lookup
from registrations.checkin.scan import read_sent
from registrations.checkin.walking_in import deciding_walk_ins, starting
from registrations.checkin.walking_in.starting import Asked
from registrations.checkin.walking_in.walk_in import Reason, Stage, WalkIn
from registrations.deciding import vetting
from registrations.deciding.vetting import Result
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import Registration, State
from registrations.phones.door import Device, Door, PassRole
from registrations.phones.scan_answer import Answer
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, scan_id, with_the_override_of
from tests.people import THE_DAY, Person, confirmed, requested
from tests.professional import told_by

START = clock.at_venue(THE_DAY.date(), 9, 0)
WREN = Asked("Wren Walker", "Westmoor Weekly", "wren@weekly.example.org", Reason.PRESS)
BY_LEADS = "Only a door lead asks for a place at the door, with their PIN, on their own phone."


@pytest.fixture
async def lee(event: Event, door: Door) -> Device:
    """A lead's own phone, with the PIN typed."""
    return with_the_override_of(await a_phone_at(door, "Lead", PassRole.DOOR_LEAD))


async def start(by: Device, asked: Asked = WREN, at: datetime = THE_DAY, real: datetime = START) -> Answer:
    return await starting.start(asked, by, at, real)


async def newest() -> WalkIn:
    found = await WalkIn.all().order_by("-id").select_related("registration").first()
    assert found is not None
    return found


async def approve(by: Staff, walk_in: WalkIn | None = None) -> Result:
    walk_in = walk_in or await newest()
    mark = (await Registration.get(id=walk_in.registration_id)).marks[0]
    return await deciding_walk_ins.approve(walk_in, mark, by, THE_DAY)


async def on_phone(by: Device) -> list[dict[str, Any]]:
    return await starting.of_phone(by, THE_DAY)


async def typed(reference: str, by: Device) -> Answer:
    return await reference_lookup.look_up(reference, by, THE_DAY, START)


async def acts() -> list[tuple[str, str]]:
    rows: list[Any] = await AuditEntry.filter(action__contains="place").order_by("id").values_list("action", "actor")
    return [tuple(row) for row in rows]


async def test_who_was_let_in_and_is_asked_for_again_is_shown_once_with_the_reference(lee: Device, omar: Staff) -> None:
    """However the second one is decided, its row tells what became of it alone."""
    await start(lee)
    assert await approve(omar) is Result.DONE
    await start(lee)
    assert await deciding_walk_ins.decline(await newest(), omar, THE_DAY)
    declined, approved = await on_phone(lee)
    assert (declined["stage"], "reference" in declined) == ("declined", False)
    assert (approved["stage"], "reference" in approved) == ("approved", True)


async def test_dr37_no_reference_before_an_organiser_lets_them_in_and_then_it_works(
    event: Event, lee: Device, sid: Device, omar: Staff
) -> None:
    assert (await start(lee)).keys() == {"walk_in"}
    asked = {"number": (await newest()).id, "asked": int(THE_DAY.timestamp()), "stage": "waiting"}
    assert (await on_phone(lee), await Ticket.all().count()) == ([asked], 0), "it does not exist"
    assert await approve(omar) is Result.DONE
    ticket = await Ticket.get()
    assert await on_phone(lee) == [asked | {"stage": "approved", "reference": ticket.reference}]
    found = (await typed(ticket.reference, sid))["found"]
    assert (found["name"], found["organisation"]) == ("Wren Walker", "Westmoor Weekly")
    scan = read_sent({"id": scan_id(), "kind": "in", "proof": found["proof"]})
    assert [answer["verdict"] for answer in await checkin.settle([scan], sid, THE_DAY)] == ["ok"]
    assert [message.template for message in await Message.filter(event_id=event.id)] == ["ticket"], "to their address"
    row = await Registration.get()
    assert (row.state, row.email, (await Event.get(id=event.id)).taken) == (State.APPROVED, WREN.email, 1)
    walk_in = await newest()
    assert (walk_in.is_to_be_vetted, walk_in.decided_by_id) == (True, omar.id)
    assert await acts() == [
        ("asked for a place at a door", lee.actor), ("let in somebody who came without a place", omar.actor),
    ]  # fmt: skip


async def test_dr37_a_full_venue_refuses_and_nothing_is_half_done(event: Event, lee: Device, omar: Staff) -> None:
    await Event.filter(id=event.id).update(capacity=0)
    await start(lee)
    assert await approve(omar) is Result.FULL
    assert ((await newest()).stage, (await Registration.get()).state) == (Stage.WAITING, State.REQUESTED)
    assert (await on_phone(lee))[0]["stage"] == "waiting"
    await Event.filter(id=event.id).update(capacity=1)
    assert await approve(omar) is Result.DONE


async def test_of_two_for_the_last_place_one_is_let_in(event: Event, lee: Device, omar: Staff, lena: Staff) -> None:
    await Event.filter(id=event.id).update(capacity=1)
    await start(lee)
    await start(lee, WREN._replace(email="other@weekly.example.org"))
    one, other = await WalkIn.all().order_by("id").select_related("registration")
    both = await asyncio.gather(approve(omar, one), approve(lena, other))
    assert sorted(both) == [Result.DONE, Result.FULL]
    assert await Ticket.all().count() == 1


async def test_dr26_a_steward_and_a_lead_without_the_pin_are_refused_and_that_is_recorded(
    event: Event, door: Door, sid: Device
) -> None:
    lee = await a_phone_at(door, "Lead", PassRole.DOOR_LEAD)
    steward_with_pin = with_the_override_of(lee, sid)
    for device in (sid, lee, steward_with_pin):
        assert await start(device) == {"error": "role", "sentence": BY_LEADS}
    assert (await Registration.all().count(), await WalkIn.all().count()) == (0, 0)
    assert await acts() == [("was refused to ask for a place at a door", phone.actor) for phone in (sid, lee, sid)]
    assert await on_phone(sid) == []
    await start(with_the_override_of(lee))
    assert await WalkIn.all().count() == 1, "a lead with the PIN is not"


async def test_declined_the_request_is_emptied_at_once_and_the_door_hears_no_reason(
    event: Event, lee: Device, omar: Staff, lena: Staff
) -> None:
    await start(lee)
    walk_in = await newest()
    assert await deciding_walk_ins.decline(walk_in, omar, THE_DAY)
    assert [shown["stage"] for shown in await on_phone(lee)] == ["declined"]
    row = await Registration.get()
    assert (row.state, row.person_sealed, row.address_tag) == (State.CANCELLED, None, "")
    assert not await deciding_walk_ins.decline(walk_in, lena, THE_DAY)
    assert await approve(lena, walk_in) is Result.DECIDED
    assert (await Ticket.all().count(), await Message.filter(event_id=event.id).count()) == (0, 0)


@pytest.mark.parametrize("state", [State.CONFIRMED, State.WAITING, State.APPROVED, State.NOT_OFFERED])
async def test_the_door_cannot_tell_that_an_address_has_a_request_and_an_organiser_can(
    event: Event, lee: Device, omar: Staff, ada: Person, state: State
) -> None:
    if state is State.APPROVED:
        has = await Registration.get(id=(await a_ticket(ada, event)).registration_id)
    else:
        has = await confirmed(ada, event)
        await Registration.filter(id=has.id).update(state=state)
    stranger = await start(lee)
    known = await start(lee, WREN._replace(email=ada.email))
    assert stranger.keys() == known.keys() == {"walk_in"}
    assert [shown["stage"] for shown in await on_phone(lee)] == ["waiting", "waiting"], "also where they have a ticket"
    walk_in = await newest()
    assert (walk_in.registration_id, walk_in.is_new) == (has.id, False)
    assert (await Registration.get(id=has.id)).full_name == ada.name, "what was typed changes nothing"
    said = await approve(omar, walk_in)
    assert said is (Result.DECIDED if state is State.NOT_OFFERED else Result.DONE)
    assert ("reference" in (await on_phone(lee))[0]) is (state is not State.NOT_OFFERED)
    assert (await newest()).is_to_be_vetted is (state in (State.CONFIRMED, State.WAITING))


async def test_a_lost_confirmation_is_let_in_and_its_old_link_confirms_nothing(
    event: Event, lee: Device, omar: Staff, ada: Person
) -> None:
    asked = await requested(ada, event)
    await start(lee, WREN._replace(email=ada.email, reason=Reason.LOST))
    walk_in = await newest()
    assert (walk_in.registration_id, walk_in.is_new) == (asked.id, False)
    assert await approve(omar) is Result.DONE
    assert (await Registration.get(id=asked.id)).state is State.APPROVED
    assert [link.answers_sealed for link in await LinkAnswers.filter(registration_id=asked.id)] == [None]
    await deciding_walk_ins.decline(walk_in, omar, THE_DAY)
    assert (await Registration.get(id=asked.id)).state is State.APPROVED, "too late to decline"


async def test_declined_a_request_that_somebody_made_before_stays(
    event: Event, lee: Device, omar: Staff, ada: Person
) -> None:
    asked = await requested(ada, event)
    await start(lee, WREN._replace(email=ada.email))
    assert await deciding_walk_ins.decline(await newest(), omar, THE_DAY)
    row = await Registration.get(id=asked.id)
    assert (row.state, row.email) == (State.REQUESTED, ada.email)


async def test_what_changed_since_it_was_shown_lets_nobody_in(event: Event, lee: Device, omar: Staff) -> None:
    await start(lee)
    walk_in = await newest()
    shown = walk_in.registration.marks[0]
    await start(lee, WREN._replace(full_name="Somebody Else"))
    with pytest.raises(deciding_walk_ins.ChangedMeanwhile):
        await deciding_walk_ins.approve(walk_in, shown, omar, THE_DAY)
    assert await Ticket.all().count() == 0
    assert await approve(omar) is Result.DONE
    assert (await Registration.get()).full_name == "Somebody Else"


async def test_where_two_have_to_approve_they_do(event: Event, lee: Device, omar: Staff, lena: Staff) -> None:
    await Event.filter(id=event.id).update(two_approvals=True)
    await start(lee)
    assert [await approve(omar), await approve(omar)] == [Result.FIRST] * 2
    assert (await Ticket.all().count(), (await newest()).stage) == (0, Stage.WAITING)
    assert await approve(lena) is Result.DONE
    assert (await newest()).decided_by_id == lena.id


async def test_the_same_is_asked_for_once_and_belongs_to_the_phone_that_asked_last(
    event: Event, door: Door, lee: Device
) -> None:
    kim = with_the_override_of(await a_phone_at(door, "Other lead", PassRole.DOOR_LEAD))
    both = await asyncio.gather(start(lee), start(lee))
    assert both[0] == both[1]
    assert await start(kim) == both[0]
    assert (await WalkIn.all().count(), len(await on_phone(kim)), len(await on_phone(lee))) == (1, 1, 0)


async def test_twenty_an_hour_and_only_on_the_day(event: Event, lee: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    later = {"error": "closed", "sentence": "Places at the door can be asked for on the day, from two hours before the "
             "doors open."}  # fmt: skip
    assert await start(lee, at=THE_DAY - timedelta(hours=3)) == later
    assert await start(lee, at=THE_DAY + timedelta(days=1)) == later
    monkeypatch.setattr(limits, "WALK_INS", limits.WALK_INS._replace(tries=2))
    said = [await start(lee, WREN._replace(email=f"p{n}@weekly.example.org")) for n in range(3)]
    assert [answer.get("error", "") for answer in said] == ["", "", "slow"]
    assert "error" not in await start(lee, real=START + timedelta(hours=3))


async def test_vetted_once_and_withdrawn_the_reference_goes_from_the_phone(
    event: Event, lee: Device, omar: Staff, lena: Staff
) -> None:
    await start(lee)
    walk_in = await newest()
    assert not await deciding_walk_ins.mark_vetted(walk_in, omar, THE_DAY), "nobody was let in yet"
    await approve(omar)
    assert [await deciding_walk_ins.mark_vetted(walk_in, by, THE_DAY) for by in (lena, omar)] == [True, False]
    assert ((await newest()).vetted_by_id, (await newest()).is_to_be_vetted) == (lena.id, False)
    await vetting.withdraw(await Registration.get(), omar, THE_DAY)
    assert [shown["stage"] for shown in await on_phone(lee)] == ["declined"]


async def test_nothing_personal_stands_in_the_audit_log(event: Event, lee: Device, omar: Staff) -> None:
    await start(lee)
    await approve(omar)
    kept = str(await AuditEntry.all().values())
    for secret in ("Wren", "Walker", "Weekly", "wren@"):
        assert secret not in kept
    assert "'reason': 'press'" in kept


async def test_of_two_who_decide_in_the_same_moment_one_does(
    event: Event, lee: Device, omar: Staff, lena: Staff
) -> None:
    await start(lee)
    walk_in = await newest()
    both = await asyncio.gather(approve(omar, walk_in), approve(lena, walk_in), return_exceptions=True)
    assert sum(said is Result.DONE for said in both) == 1, both
    assert all(said in (Result.DONE, Result.DECIDED) or isinstance(said, Refused) for said in both)
    assert (await Ticket.all().count(), (await Event.get(id=event.id)).taken) == (1, 1)
    assert await Message.filter(event_id=event.id, template="ticket").count() == 1


async def test_let_in_and_declined_in_the_same_moment_is_one_of_both_and_never_half(
    event: Event, lee: Device, omar: Staff, lena: Staff
) -> None:
    await start(lee)
    walk_in = await newest()
    said, declined = await asyncio.gather(
        approve(omar, walk_in), deciding_walk_ins.decline(walk_in, lena, THE_DAY), return_exceptions=True
    )
    row, tickets = await Registration.get(), await Ticket.all().count()
    if declined is True:
        assert (row.state, tickets, said is Result.DONE) == (State.CANCELLED, 0, False)
    else:
        assert (row.state, tickets, said, declined) == (State.APPROVED, 1, Result.DONE, False)


async def test_asked_for_while_they_ask_themselves_it_is_one_request(event: Event, lee: Device, ada: Person) -> None:
    await asyncio.gather(
        start(lee, WREN._replace(email=ada.email)), registering.ask(event, told_by(ada), THE_DAY, clock.real())
    )
    assert (await Registration.all().count(), await WalkIn.all().count()) == (1, 1)
