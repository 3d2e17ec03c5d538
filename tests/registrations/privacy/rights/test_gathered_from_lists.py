"""A copy says truly what became of somebody whom organisers acted on together with others. Rules: DP-08."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import run_tx
from events.mail.outbox import Message, MessageState
from registrations.bulk import acting
from registrations.bulk.bulk_act import BulkAct, BulkKind, Outcome
from registrations.people.registration import Registration, State
from registrations.privacy.rights import gathered_from_lists
from tests.at_the_desk import several, state_of
from tests.people import MONDAY
from tests.registrations.bulk.acts import begun, fixed, works


async def told_to(person: Registration) -> list[object]:
    """What became of each act, the oldest first."""
    acts, _ = await gathered_from_lists.sections([person])
    return [row["What became of it"] for row in acts.rows]


@pytest.mark.parametrize("outcome", Outcome)
def test_what_an_act_came_to_has_words_and_says_nothing_only_of_what_was_not_done(outcome: Outcome) -> None:
    done = {Outcome.DONE, Outcome.FIRST, Outcome.CONFIRM, Outcome.OFFER, Outcome.WORKSHOPS, Outcome.TOO_LATE}
    said = gathered_from_lists.BECAME[outcome]
    assert said.startswith("Nothing: ") == (outcome not in {*done, Outcome.UNDONE})


async def test_whoever_an_undo_was_too_late_for_reads_that_it_was_done(event: Event, omar: Staff) -> None:
    [person] = await several(event, 1)
    act = await begun(event, omar, BulkKind.NOT_OFFER, [person])
    await works()
    await Message.filter(template="not_offered").update(state=MessageState.SENT, done_at=MONDAY)
    await acting.undo(await BulkAct.get(id=act.id), omar, MONDAY, clock.real())
    await works()
    assert (await state_of(person), await told_to(person)) == (
        State.NOT_OFFERED, ["Done, and it was too late to undo it"],
    )  # fmt: skip


async def test_an_act_that_never_came_to_somebody_says_why(event: Event, omar: Staff) -> None:
    [person] = people = await several(event, 1)
    await fixed(event, omar, BulkKind.NOT_OFFER, people)
    stopped = await begun(event, omar, BulkKind.WAIT, people)
    assert await told_to(person) == ["Nothing: it was not begun", "Nothing yet"]
    await acting.stop(stopped, omar, MONDAY, clock.real())
    written = await fixed(event, omar, BulkKind.WRITE, people, None)
    await run_tx(acting.keep)(written.id, MONDAY)
    assert await told_to(person) == [
        "Nothing: it was not begun",
        "Nothing: it was stopped before your turn came",
        "An email was written for these people: see Emails for those that you were sent",
    ]
