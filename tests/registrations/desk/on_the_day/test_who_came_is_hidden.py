"""A role that does not see who has arrived is not told by the history of a person, by emails, or by marks on lists.

Rules: SE-09. What organisers read of the same is the control.
"""

import pytest

from events.accounts.staff import Staff
from events.audit import audit
from events.event import Event
from events.ground import clock
from events.ground.database import Database, run_tx
from events.mail.outbox import Message, MessageState
from registrations.checkin.walking_in import deciding_walk_ins
from registrations.desk.on_the_day.presence import ACTS_THAT_SAY_IT
from registrations.phones.door import Device
from registrations.telling import timed_emails
from tests.at_the_desk import desk
from tests.browser import browsing, words
from tests.people import MONDAY
from tests.registrations.certificates.giving import comes, release, takes
from tests.registrations.checkin.walking_in.test_walk_ins import lee, newest, start
from tests.registrations.feedback.guests import NEXT_DAY

__all__ = ["lee"]
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


async def read(database: Database, staff: Staff, path: str) -> str:
    async with browsing(database, staff) as client:
        return words((await client.get(path)).text)


@SQLITE
async def test_neither_certificates_nor_thanks_say_it(
    database: Database, event: Event, sid: Device, omar: Staff, vic: Staff
) -> None:
    person = await comes(event, sid)
    await release(event, omar)
    await takes(person, event)
    clock.move_to(NEXT_DAY)
    await timed_emails.turn(NEXT_DAY, clock.real())
    page, emails = desk(event, "people", person.id), desk(event, "emails")
    told = ("Took their certificate", "Thank you for coming")
    assert [what in await read(database, omar, page) for what in told] == [True, True]
    assert [what in await read(database, vic, page) for what in told] == [False, False]
    await Message.filter(template="thanks").update(state=MessageState.FAILED, done_at=NEXT_DAY)
    shown, hidden = await read(database, omar, emails), await read(database, vic, emails)
    assert [who in shown for who in (person.full_name, "Thank you for coming")] == [True, True]
    assert [who in hidden for who in (person.full_name, "Thank you for coming")] == [False, False]
    assert "No email has failed that your role is shown." in hidden


@SQLITE
async def test_no_act_that_was_done_at_a_door_or_since_somebody_came_is_in_their_history(
    database: Database, event: Event, sid: Device, omar: Staff, vic: Staff
) -> None:
    person = await comes(event, sid)
    for action in ACTS_THAT_SAY_IT:
        await run_tx(audit.record)(action, person, by=omar, at=MONDAY, event_id=event.id)
    page = desk(event, "people", person.id)
    shown, hidden = await read(database, omar, page), await read(database, vic, page)
    sentences = {action: f"{action[:1].upper()}{action[1:]}" for action in ACTS_THAT_SAY_IT}
    assert {action for action, said in sentences.items() if said not in shown} == set()
    assert {action for action, said in sentences.items() if said in hidden} == set()


@SQLITE
async def test_nor_is_a_walk_in_marked(database: Database, event: Event, lee: Device, omar: Staff, vic: Staff) -> None:
    await start(lee)
    walk_in = await newest()
    await deciding_walk_ins.approve(walk_in, walk_in.registration.marks[0], omar, MONDAY)
    pages = {desk(event, "people"): "not vetted yet", desk(event, "people", walk_in.registration_id): "Let in without"}
    for path, mark in pages.items():
        assert (mark in await read(database, omar, path), mark in await read(database, vic, path)) == (True, False)
