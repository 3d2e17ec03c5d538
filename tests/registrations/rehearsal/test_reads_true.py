"""The sample reads true: a stranger who opens any person, list or log finds nothing that cannot have been."""

from dataclasses import replace
from datetime import datetime

import pytest

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground.database import Database, query, run_tx
from registrations.codes.badge_type import BadgeType
from registrations.deciding import similar_requests
from registrations.desk import person_history
from registrations.people.registration import Registration, State
from registrations.rehearsal import rehearsal_stories
from tests.people import MONDAY

from .contradictions import CONTRADICTIONS

ENTERED = {  # one entry of the audit log too many, since its rows are never changed: at
    "the audit log goes back in time": "2019-03-25 10:30:00+00:00",
    "somebody acted in their sleep": "2019-04-06 11:00:00+00:00",
    "something happens that is still to come": "2019-04-08 12:00:00+00:00",
}
PLANTED = {  # a row, changed behind the back of every verb
    "somebody confirmed what no email had asked": """UPDATE message SET state = 'queued' WHERE template = 'confirm'
        AND subject_id = (SELECT min(id) FROM link_answers)""",
    "an email was lost, and nobody shows it": "UPDATE message SET state = 'failed' WHERE id = 1",
    "a place ended before its ticket was sent": """UPDATE message SET state = 'dropped'
        WHERE template = 'ticket' AND state = 'sent'""",
    "a decision came before the request": """UPDATE registration SET decided_at = '2019-03-01 10:00:00+00:00'
        WHERE id = 1""",
    "a ticket has no approval": "UPDATE ticket SET issued_at = '2019-04-04 02:00:00+00:00' WHERE id = 1",
    "somebody chose a workshop before they had a place": """UPDATE workshop_choice
        SET chosen_at = '2019-03-25 07:00:00+00:00' WHERE id = 1""",
    "somebody acted who had not joined": "UPDATE staff SET joined_at = NULL WHERE id = 3",
    "somebody waits beside a free place": """UPDATE ticket SET revoked_at = issued_at
        WHERE id = (SELECT min(id) FROM ticket WHERE revoked_at IS NULL)""",
    "the places are counted wrong": "UPDATE event SET taken = taken + 1",
    "a link or an offer has run out": """UPDATE registration SET offered_until = '2019-04-08 07:59:00+00:00'
        WHERE state = 'offered'""",
    "an address or number could be somebody's": "UPDATE event SET contact_email = 'places@launch.example.co.uk'",
}
SOMEBODY_ELSES = "an address is somebody else's"  # sealed, so no SQL plants it


@pytest.fixture
def database(rehearsed: Database) -> Database:
    return rehearsed


async def test_nothing_in_it_contradicts_anything_else(database: Database) -> None:
    found = {words: await ask(MONDAY) for words, ask in CONTRADICTIONS.items()}
    assert found == {words: [] for words in CONTRADICTIONS}


async def test_each_contradiction_is_found_where_there_is_one(database: Database) -> None:
    """All in one copy of the sample: each is taken back before the next."""
    assert {*PLANTED, *ENTERED, SOMEBODY_ELSES} == set(CONTRADICTIONS)
    assert [words for words in CONTRADICTIONS if not await found_where_planted(words)] == []
    assert await CONTRADICTIONS["the places are counted wrong"](MONDAY) == [], "it was taken back"


class TakenBack(Exception):
    """What was planted in this transaction."""


async def found_where_planted(words: str) -> list[str]:
    found = list[str]()

    @run_tx
    async def plant() -> None:
        if words in ENTERED:
            at = datetime.fromisoformat(ENTERED[words])
            await audit.record(Action.APPROVED, await Registration.get(id=1), by=await Staff.get(id=1), at=at)
        elif words in PLANTED:
            await query(PLANTED[words], [])
        else:
            person = await Registration.get(id=1).select_related("event")
            sealed = person.sealed(replace(person.person, email="someone.else@lantern.example.org"))
            await Registration.filter(id=1).update(person_sealed=sealed)
        found.extend(await CONTRADICTIONS[words](MONDAY))
        raise TakenBack

    with pytest.raises(TakenBack):
        await plant()
    return found


async def test_there_is_somebody_for_each_page(database: Database) -> None:
    """In every state, and with each of the parts that the desk has a page for."""
    event, people = await Event.get(), await Registration.all()
    by_address = {person.email: person for person in people}
    assert {person.state for person in people} == set(State)
    [companion] = [person for person in people if person.comes_with_id]
    guest = next(person for person in people if person.id == companion.comes_with_id)
    assert (guest.organisation, companion.organisation) == (guest.organisation, guest.organisation)
    assert len([person for person in people if person.choices.alias and person.badge_name]) == 1
    assert len([person for person in people if person.more_asked_at]) == 1
    typed = {person.badge_type for person in people if person.state is State.APPROVED}
    assert typed == set(BadgeType)
    assert by_address[rehearsal_stories.MISSPELT.email].undeliverable == "5.1.2"
    signals = await similar_requests.signals(event.id, people)
    cautions = sorted(
        (person.state.value, signal.words.partition(",")[0])
        for person in people if person.state is State.CONFIRMED for signal in signals[person.id] if signal.caution
    )  # fmt: skip
    assert cautions == [
        ("confirmed", "1 more in this name"), ("confirmed", "Looks like westmoor-council.example.org"),
    ]  # fmt: skip


async def test_whoever_handed_over_and_whoever_has_the_place_read_alike(database: Database) -> None:
    [receiver] = [person for person in await Registration.all() if person.full_name == rehearsal_stories.TAKES_OVER[0]]
    acts = [happening.what for happening in await person_history.history(receiver, at_the_door=True)]
    assert sorted(acts) == [
        "Approved", "Asked to take over a place",
        "Email: Ticket. Waiting to be sent", "Email: We have the request. Sent",
    ]  # fmt: skip
    assert receiver.state is State.APPROVED
