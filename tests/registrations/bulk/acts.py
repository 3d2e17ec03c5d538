"""What tests of bulk acts share: an act on these people, begun; the turn that works on it; and what became of them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.mail.outbox import Message, MessageState
from registrations.bulk import acting, fixing, working
from registrations.bulk.bulk_act import BulkAct, BulkKind, BulkPerson, Outcome
from registrations.bulk.reminder import Reminder
from registrations.people.registration import Registration, State
from tests.at_the_desk import several
from tests.people import MONDAY


async def fixed(
    event: Event, by: Staff, kind: BulkKind, people: Collection[Registration], seen: State | None = State.CONFIRMED
) -> BulkAct:
    ids = [person.id for person in people]
    return await fixing.fix(event, kind, seen, ids, "To decide", by, MONDAY, clock.real())


async def begun(
    event: Event, by: Staff, kind: BulkKind, people: Collection[Registration], seen: State | None = State.CONFIRMED
) -> BulkAct:
    act = await fixed(event, by, kind, people, seen)
    await acting.begin(act, by, MONDAY, clock.real())
    return await BulkAct.get(id=act.id)


async def works(real: datetime | None = None) -> int:
    return await working.turn(MONDAY, real or clock.real())


async def became(act: BulkAct) -> list[str]:
    """In the order in which they were acted on."""
    return [Outcome(row.outcome).value if row.outcome else "" for row in await _people(act)]


async def _people(act: BulkAct) -> list[BulkPerson]:
    return await BulkPerson.filter(bulk_id=act.id).order_by("id")


async def waiting_emails(template: str) -> list[Message]:
    return await Message.filter(template=template, state=MessageState.QUEUED).order_by("id")


async def emails_are_out() -> None:
    """Whatever waits to be sent was sent."""
    await Message.filter(state=MessageState.QUEUED).update(state=MessageState.SENT, done_at=MONDAY)


async def was_among_many(person: Registration, event: Event, by: Staff) -> None:
    """Nothing came of it, since they have moved on; and they were reminded."""
    await begun(event, by, BulkKind.WAIT, [person])
    await works()
    await Reminder.create(
        event=event, registration=person, what=Outcome.WORKSHOPS, cause="remind 1", reminded_at=MONDAY,
        reminded_by=by.actor,
    )  # fmt: skip


async def of_bulk_acts(world: Any, caller: str, path: str) -> dict[str, str]:
    """An act of theirs, as far as the page needs it."""
    by = world.staff.get(caller, world.staff["lead"])
    people = await several(world.event, 1)
    act = await (fixed if path.endswith("/begin") else begun)(world.event, by, BulkKind.WAIT, people)
    if path.endswith("/undo"):
        await working.turn(MONDAY, clock.real())
    return {"id": str(act.id)}
