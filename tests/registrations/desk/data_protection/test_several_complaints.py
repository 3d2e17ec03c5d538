"""After a flood complaints that nobody has shown to be theirs are closed together, and no other. Rules: DP-09."""

from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import Database
from registrations.privacy.cases import complaints
from registrations.privacy.cases.complaint import Complaint, Outcome
from tests.at_the_desk import desk, notice
from tests.browser import browsing, words
from tests.people import MONDAY, an_event
from tests.registrations.privacy.cases.complaining import a_complaint

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
FOUND = {"outcome": "not about data protection", "finding": "Written by a machine.", "close": "yes"}


async def several(event: Event, number: int) -> list[Complaint]:
    return [await a_complaint(event) for _ in range(number)]


@SQLITE
async def test_those_ticked_are_closed_together_with_one_outcome(database: Database, event: Event, omar: Staff) -> None:
    flood, honest = await several(event, 3), await a_complaint(event)
    await complaints.confirm(honest, omar, MONDAY)
    here = desk(event, "data-protection")
    ticked = [f"{complaint.id}-{complaint.version}" for complaint in flood[:2]]
    async with browsing(database, omar) as client:
        page = await client.get(here)
        told, _, apart = page.text.partition("Not shown to be theirs")
        assert (honest.reference in told, honest.reference in apart.partition("</form>")[0]) == (True, False)
        nothing = await client.post(f"{here}/complaints/several", data={})
        assert "Tick the complaints first" in notice(await client.get(nothing.headers["location"]))
        asked = await client.post(f"{here}/complaints/several", data={"complaint": ticked})
        assert "Close 2 complaints?" in words(asked.text)
        wrong = await client.post(f"{here}/complaints/several/close", data={"complaint": ticked})
        assert (wrong.status_code, "Select yes to close them" in wrong.text) == (422, True)
        kept = await client.post(f"{here}/complaints/several/close", data=FOUND | {"complaint": ticked, "close": "no"})
        assert kept.headers["location"] == here
        assert await Complaint.filter(closed_at=None).count() == 4
        done = await client.post(f"{here}/complaints/several/close", data=FOUND | {"complaint": ticked})
        assert notice(await client.get(done.headers["location"])) == "The complaints are closed."
    closed = await Complaint.exclude(closed_at=None).order_by("id")
    assert [complaint.id for complaint in closed] == [complaint.id for complaint in flood[:2]]
    assert {(complaint.outcome, complaint.finding) for complaint in closed} == {(Outcome.NOT_OURS, FOUND["finding"])}
    entries = await AuditEntry.filter(action__in=[Action.COMPLAINT_OUTCOME, Action.COMPLAINT_CLOSED]).order_by("id")
    assert [(entry.actor, entry.subject) for entry in entries] == [
        (omar.actor, f"complaint:{complaint.id}") for complaint in closed for _ in range(2)
    ]


async def test_whichever_was_confirmed_changed_or_closed_since_or_is_of_another_event_stays(
    event: Event, omar: Staff
) -> None:
    confirmed, changed, closed, plain = await several(event, 4)
    other = await a_complaint(await an_event())
    await complaints.confirm(confirmed, omar, MONDAY)
    assert await complaints.note_outcome(changed, Outcome.UPHELD, "We did.", changed.version, omar, MONDAY)
    seen = {complaint.id: complaint.version for complaint in (confirmed, changed, closed, plain, other)}
    only = {closed.id: closed.version}
    assert await complaints.close_unconfirmed(event, only, Outcome.NOT_OURS, "No.", omar, MONDAY) == 1
    later = MONDAY + timedelta(hours=1)
    assert await complaints.close_unconfirmed(event, seen, Outcome.NOT_OURS, "No.", omar, later) == 1
    assert [row.id for row in await Complaint.filter(closed_at=later)] == [plain.id]


@SQLITE
async def test_an_outcome_that_somebody_noted_is_replaced_by_none_for_all(
    database: Database, event: Event, omar: Staff
) -> None:
    noted, plain = await several(event, 2)
    assert await complaints.note_outcome(noted, Outcome.UPHELD, "We did.", noted.version, omar, MONDAY)
    both = [f"{complaint.id}-{complaint.version}" for complaint in await Complaint.all().order_by("id")]
    here = desk(event, "data-protection")
    async with browsing(database, omar) as client:
        page = (await client.get(here)).text
        assert [f'value="{box}"' in page for box in both] == [False, True]
        asked = words((await client.post(f"{here}/complaints/several", data={"complaint": both})).text)
        await client.post(f"{here}/complaints/several/close", data=FOUND | {"complaint": both})
    assert ("Close 1 complaint?" in asked, noted.reference in asked) == (True, False)
    now = await Complaint.get(id=noted.id)
    assert (now.outcome, now.finding, now.closed_at) == (Outcome.UPHELD, "We did.", None)
    assert (await Complaint.get(id=plain.id)).outcome is Outcome.NOT_OURS
