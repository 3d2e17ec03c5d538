"""A server that is killed half-way through an act on many: another goes on, nobody is acted on twice or left out."""

import asyncio
import signal
import sys
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database, is_postgres, query
from registrations.bulk import working
from registrations.bulk.bulk_act import BulkAct, BulkKind, Stage
from registrations.people.registration import Registration, State
from server import ROOT
from tests.at_the_desk import several
from tests.waiting import until

from .acts import became, begun, waiting_emails, works

PEOPLE = 130  # three parts
HELD = """SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND xact_start IS NOT NULL"""


async def dies(database: Database, where: str) -> int:
    """How a process of its own ended that worked on it."""
    command = [sys.executable, "-m", "tests.registrations.bulk.dying", database.url, where]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    ended = await process.wait()
    await until(all_is_let_go)
    return ended


async def all_is_let_go() -> bool:
    """PostgreSQL holds what the dead one held until it sees that nobody is there any more. On a busy machine that takes
    a moment, in which a turn finds nothing to do and leaves it to the next, 30 seconds later."""
    return not is_postgres() or not await query(HELD)


@pytest.mark.parametrize("where", ["inside", "after"])
async def test_another_goes_on_where_one_was_killed(database: Database, event: Event, omar: Staff, where: str) -> None:
    await several(event, PEOPLE)
    act = await begun(event, omar, BulkKind.NOT_OFFER, await Registration.all())
    assert await dies(database, where) == -signal.SIGKILL
    half_way = await BulkAct.get(id=act.id)
    assert (half_way.stage, half_way.done) == (Stage.WORKING, 50 if where == "inside" else 100)
    assert await works() == 0  # the dead one's lease
    assert await works(clock.real() + working.LEASE + timedelta(seconds=5)) == 1
    assert (await became(act), (await BulkAct.get(id=act.id)).stage) == (["done"] * PEOPLE, Stage.DONE)
    assert await Registration.filter(state=State.NOT_OFFERED).count() == PEOPLE
    assert len({email.subject_id for email in await waiting_emails("not_offered")}) == PEOPLE
    assert len(await waiting_emails("not_offered")) == PEOPLE
    assert await AuditEntry.filter(action=Action.NOT_OFFERED).count() == PEOPLE
