"""The programme is written while an event gives its data key up. Only PostgreSQL locks rows.

Rules: SE-16, EV-01.
"""

from contextvars import copy_context

import pytest

from events.accounts.staff import Staff
from events.event import DESTROYED, Event
from events.ground.database import query
from events.ground.refusal import Refused
from events.programme import changing
from events.programme.programme import ProgrammeItem
from tests.events.programme.programmes import MORNING, OPENING
from tests.people import MONDAY
from tests.registrations.privacy.rights.test_erasure_locks import Holds, beside, until_so_many_wait

pytestmark = pytest.mark.parametrize("database", ["postgres"], indirect=True)


async def test_nothing_is_added_once_the_key_is_given_up(event: Event, omar: Staff) -> None:
    """Also by whoever waited for that: no key opens it any more."""

    async def added() -> None:
        await changing.add_session(event, OPENING, MORNING, by=omar, at=MONDAY)

    outside = copy_context()
    gives_up = Holds("event", event.id, outside)
    gives_up.then = lambda: query("UPDATE event SET data_key = '' WHERE id = ? RETURNING id", [event.id])
    await gives_up.held.wait()
    adds = beside(added(), outside)
    await until_so_many_wait(1)
    await gives_up.lets_go()
    with pytest.raises(Refused, match=DESTROYED):
        await adds
    assert await ProgrammeItem.all().count() == 0
