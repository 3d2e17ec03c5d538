"""Organisers remind people of what they still have to do: the email that fits, once a day, of what they know already.

Rules: EM-15, EM-16.
"""

import asyncio
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database, run_tx
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from registrations.bulk import acting, reminding
from registrations.bulk.bulk_act import BulkAct, BulkKind, Outcome, Stage
from registrations.bulk.reminder import Reminder
from registrations.deciding import offers, vetting
from registrations.people.link_answers import LINK_LASTS, LinkAnswers
from registrations.people.registration import Registration, State
from registrations.workshops import choosing
from tests.events.programme.programmes import a_programme
from tests.people import MONDAY, Person, confirmed, link_of, requested, someone
from tests.professional import put_into
from tests.registrations.workshops.guests import chooses

from .acts import became, begun, emails_are_out, fixed, works

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def asked(event: Event, person: Person | None = None) -> Registration:
    """The email that asks whether they asked is out."""
    made = await requested(person or someone(), event)
    await outbox.put("confirm", (await link_of(made)).id, cause="asked", at=MONDAY, event_id=event.id)
    return made


async def offered(event: Event, by: Staff) -> Registration:
    waits = await confirmed(someone(), event)
    await vetting.put_on_waiting_list(waits, by, MONDAY)
    await offers.offer(waits, by, MONDAY)
    return await Registration.get(id=waits.id)


async def with_place(event: Event, by: Staff) -> Registration:
    guest = await confirmed(someone(), event)
    await vetting.approve(guest, by, MONDAY)
    guest.event = event
    return guest


async def reminded(event: Event, by: Staff, *people: Registration) -> list[str]:
    act = await begun(event, by, BulkKind.REMIND, people, None)
    await works()
    return await became(act)


async def sent_to() -> list[tuple[str, int]]:
    found = await Message.filter(cause__startswith="remind ").order_by("id")
    return [(message.template, message.subject_id) for message in found]


async def test_each_gets_the_email_that_fits_and_whoever_has_nothing_to_do_none(event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar)
    person, offer, guest = await asked(event), await offered(event, omar), await with_place(event, omar)
    chosen = await chooses(await with_place(event, omar), filled.slot, filled.first.id)
    rest = [await put_into(state, someone(), event) for state in (State.CONFIRMED, State.WAITING, State.NOT_OFFERED)]
    await emails_are_out()
    people = [person, offer, guest, chosen, *rest]
    act = await fixed(event, omar, BulkKind.REMIND, people, None)
    assert await reminding.preview(event, act.id, MONDAY) == {
        Outcome.CONFIRM: 1, Outcome.OFFER: 1, Outcome.WORKSHOPS: 1, Outcome.NOTHING: 4,
    }  # fmt: skip
    await acting.begin(act, omar, MONDAY, clock.real())
    await works()
    assert sorted(await became(act)) == sorted(["confirm", "offer", "workshops", *["nothing"] * 4])
    link = await link_of(person)
    assert await sent_to() == [("confirm", link.id), ("offer", offer.id), ("choose_workshops", guest.id)]
    noted = await AuditEntry.filter(action=Action.REMINDED).order_by("id")
    assert [(entry.subject, entry.actor, entry.details) for entry in noted] == [
        (f"registration:{row.id}", omar.actor, {"of": of})
        for row, of in ((person, "confirm"), (offer, "offer"), (guest, "workshops"))
    ]


async def test_nobody_is_reminded_twice_within_a_day_whoever_presses_and_when(
    event: Event, omar: Staff, lena: Staff
) -> None:
    offer = await offered(event, omar)
    await emails_are_out()
    acts = [await begun(event, by, BulkKind.REMIND, [offer], None) for by in (omar, lena)]
    await asyncio.gather(works(), works())
    assert sorted([*await became(acts[0]), *await became(acts[1])]) == ["offer", "reminded"]
    await Reminder.all().update(reminded_at=MONDAY - reminding.AGAIN_AFTER + timedelta(minutes=1))
    assert await reminded(event, omar, offer) == ["reminded"]
    await Reminder.all().update(reminded_at=MONDAY - reminding.AGAIN_AFTER)
    assert await reminded(event, omar, offer) == ["offer"]


async def test_of_two_who_found_that_somebody_may_be_reminded_one_does(event: Event, omar: Staff) -> None:
    """The database says so, whatever both have read before."""
    offer, notes = await offered(event, omar), run_tx(reminding._not_reminded_yet)
    wanted = {offer.id: Outcome.OFFER}
    assert [await notes(event, wanted, f"remind {n}", omar, MONDAY) for n in (1, 2)] == [{offer.id}, set()]


async def test_nobody_learns_from_a_reminder_what_no_email_has_told_them(event: Event, omar: Staff) -> None:
    """A decision that can still be undone, an email that waits or failed: they do not know yet."""
    await a_programme(event, omar)
    people = [await asked(event), await offered(event, omar), await with_place(event, omar)]
    for state in (MessageState.QUEUED, MessageState.FAILED, MessageState.DROPPED):
        await Message.all().update(state=state)
        assert await reminded(event, omar, *people) == ["not_out"] * 3
    assert await sent_to() == []
    await Message.all().update(state=MessageState.SENT)
    assert await reminded(event, omar, *people) == ["confirm", "offer", "workshops"]


async def test_who_said_no_or_has_no_working_address_or_whose_time_is_over_is_left_alone(
    event: Event, omar: Staff
) -> None:
    no, dead, late = [await asked(event) for _ in range(3)]
    over = await offered(event, omar)
    await emails_are_out()
    await LinkAnswers.filter(registration_id=no.id).update(said_no_at=MONDAY, answers_sealed=None)
    await Registration.filter(id=no.id).update(person_sealed=None)
    await Registration.filter(id=dead.id).update(undeliverable="5.1.1")
    await LinkAnswers.filter(registration_id=late.id).update(asked_at=MONDAY - LINK_LASTS)
    await Registration.filter(id=over.id).update(offered_until=MONDAY)
    assert await reminded(event, omar, no, dead, late, over) == ["said_no", "no_email", "over", "over"]
    assert await sent_to() == []


async def test_of_a_request_that_nobody_confirmed_one_reminder_is_all(event: Event, omar: Staff) -> None:
    """Anybody may have typed the address: whoever reads it is written to twice at most."""
    person = await asked(event)
    await emails_are_out()
    assert await reminded(event, omar, person) == ["confirm"]
    await emails_are_out()
    await Reminder.all().update(reminded_at=MONDAY - timedelta(days=2))
    assert await reminded(event, omar, person) == ["reminded"]


@SQLITE
async def test_by_night_reminders_wait_and_are_not_for_what_ends_before_the_morning(
    database: Database, event: Event, omar: Staff
) -> None:
    night = MONDAY.replace(hour=21)
    soon, tomorrow = await offered(event, omar), await offered(event, omar)
    await emails_are_out()
    await Registration.filter(id=soon.id).update(offered_until=night + timedelta(hours=8))
    await Registration.filter(id=tomorrow.id).update(offered_until=night + timedelta(hours=20))
    act = await fixed(event, omar, BulkKind.REMIND, [soon, tomorrow], None)
    clock.move_to(night)
    assert await reminding.preview(event, act.id, night) == {Outcome.OVER: 1, Outcome.OFFER: 1}
    await acting.begin(act, omar, night, clock.real())
    await works()
    email = await Message.get(cause=reminding.cause_of(act.id))
    assert round((email.next_try_at - clock.real()) / timedelta(hours=1)) == 10


async def test_reminders_are_taken_back_as_long_as_none_went_out_and_may_then_be_sent(
    event: Event, omar: Staff
) -> None:
    first, second = await offered(event, omar), await asked(event)
    await emails_are_out()
    act = await begun(event, omar, BulkKind.REMIND, [first, second], None)
    await works()
    await Message.filter(cause=reminding.cause_of(act.id), template="offer").update(state=MessageState.SENT)
    await acting.undo(await BulkAct.get(id=act.id), omar, MONDAY, clock.real())
    await works()
    assert (await became(act), (await BulkAct.get(id=act.id)).stage) == (["too_late", "undone"], Stage.UNDONE)
    assert await Message.filter(cause=reminding.cause_of(act.id), state=MessageState.DROPPED).count() == 1
    assert await reminded(event, omar, first, second) == ["reminded", "confirm"]


@SQLITE
async def test_only_while_guests_can_choose_are_they_reminded_of_it(event: Event, omar: Staff) -> None:
    guest = await with_place(event, omar)
    await emails_are_out()
    assert await reminded(event, omar, guest) == ["nothing"]  # there is no programme
    filled = await a_programme(event, omar)
    await choosing.close(event, filled.slot.id, by=omar, at=MONDAY)
    assert await reminded(event, omar, guest) == ["nothing"]
    await choosing.reopen(event, filled.slot.id, by=omar, at=MONDAY)
    assert await reminded(event, omar, guest) == ["workshops"]
