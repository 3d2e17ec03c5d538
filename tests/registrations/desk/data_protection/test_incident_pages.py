"""The desk's pages of incidents: opening, the clock, the decision, closing, and the page on paper.

Rules: DP-10.
"""

import re
from datetime import timedelta
from html import unescape

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.phones.door import DoorPass
from registrations.privacy.cases import casework
from registrations.privacy.cases.incident import Incident, IncidentKind
from tests.at_the_desk import desk, notice
from tests.at_the_door import a_phone_at
from tests.browser import browsing, heading, words
from tests.people import MONDAY, a_door
from tests.registrations.privacy.cases.incidents import HAPPENED, WHY, an_incident, decided

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
OPENED = {
    "kind": "something went to the wrong person", "description": HAPPENED, "aware_day": "2019-04-08",
    "aware_time": "08:15",
}  # fmt: skip
DECIDED = {"decision": "do not report it to the ICO", "reason": WHY, "hosts_told": "yes"}


def of(event: Event, incident: Incident, *parts: str) -> str:
    return desk(event, "data-protection", "incidents", incident.id, *parts)


async def readings() -> list[str]:
    return [f"{entry.actor} {entry.subject}" for entry in await AuditEntry.filter(action=Action.INCIDENT_READ)]


async def test_omar_opens_one_decides_and_closes_it(database: Database, event: Event, omar: Staff) -> None:
    new = desk(event, "data-protection", "incidents", "new")
    async with browsing(database, omar) as client:
        page = await client.get(new)
        assert (heading(page), 'value="2019-04-08"' in page.text, 'value="09:00"' in page.text) == (
            "Open an incident", True, True,
        )  # fmt: skip
        opened = await client.post(new, data=OPENED)
        page = await client.get(opened.headers["location"])
        made = await Incident.get()
        assert heading(page) == f"Incident {made.id}: something went to the wrong person"
        assert "Report by Thursday 11 April 2019, 08:15 71 hours" in words(page.text)
        assert notice(page) == "The incident is open, and the leads are told."
        assert of(event, made, "close") not in page.text, "nothing is decided yet"
        assert (await client.post(of(event, made, "close"), data={"seen": "0"})).status_code == 409
        noted = await client.post(of(event, made, "decision"), data=DECIDED | {"seen": "0"})
        page = await client.get(noted.headers["location"])
        [seen] = set(re.findall(r'name="seen" value="(\d+)"', page.text))
        closed = await client.post(of(event, made, "close"), data={"seen": seen})
        overview = await client.get(closed.headers["location"])
    assert notice(overview) == "The incident is closed."
    assert f"{made.id}: something went to the wrong person" in words(overview.text)
    assert HAPPENED not in unescape(overview.text)
    assert (await Incident.get()).decided_by == omar.actor


async def test_the_form_that_is_sent_twice_leads_to_the_same_incident(
    database: Database, event: Event, omar: Staff
) -> None:
    new = desk(event, "data-protection", "incidents", "new")
    async with browsing(database, omar) as client:
        sent = [await client.post(new, data=OPENED) for _ in range(2)]
        made = await Incident.get()
        assert [answer.headers["location"] for answer in sent] == [f"{of(event, made)}?said=opened"] * 2
        await casework.close(await decided(made, omar), 1, omar, MONDAY)
        again = await client.post(new, data=OPENED)
    assert (again.headers["location"], await Incident.all().count()) == (of(event, made), 1)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"kind": ""}, "Select what happened"),
        ({"kind": "fire"}, "Select what happened"),
        ({"description": ""}, "Enter what happened"),
        ({"aware_day": ""}, "Enter the day"),
        ({"aware_day": "31/4/2019"}, "must be a date like 15/4/2019"),
        ({"aware_time": "25:00"}, "Time of that day must be a time like 09:30"),
        ({"aware_time": "09:30"}, "When you became aware must not be in the future"),
        ({"aware_day": "9 4 2019"}, "When you became aware must not be in the future"),
    ],
)
async def test_bad_input_keeps_what_was_typed_and_opens_nothing(
    database: Database, event: Event, omar: Staff, changed: dict[str, str], sentence: str
) -> None:
    async with browsing(database, omar) as client:
        answer = await client.post(desk(event, "data-protection", "incidents", "new"), data=OPENED | changed)
    assert (answer.status_code, sentence in answer.text, "<title>Error: " in answer.text) == (422, True, True)
    posted = {name: value for name, value in (OPENED | changed).items() if name != "kind"}
    kept = [value for value in posted.values() if value not in unescape(answer.text)]
    assert (kept, await Incident.all().count()) == ([], 0)


async def test_a_day_is_read_as_a_browser_sends_it_and_as_people_type_it(
    database: Database, event: Event, omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        for typed in ("2019-04-07", "7/4/2019", "07 04 2019", "7.4.2019"):
            data = OPENED | {"aware_day": typed, "description": f"Typed as {typed}"}
            await client.post(desk(event, "data-protection", "incidents", "new"), data=data)
    found = [incident.aware_at for incident in await Incident.all()]
    assert found == [MONDAY - timedelta(days=1, minutes=45)] * 4


@pytest.mark.parametrize("missing", ["decision", "reason", "hosts_told"])
async def test_without_decision_reason_or_word_on_the_hosts_nothing_is_noted(
    database: Database, event: Event, omar: Staff, missing: str
) -> None:
    made = await an_incident(event, omar)
    data = {name: value for name, value in DECIDED.items() if name != missing} | {"seen": "0"}
    async with browsing(database, omar) as client:
        await Incident.filter(id=made.id).update(version=1)
        answer = await client.post(of(event, made, "decision"), data=data)
    assert 'name="seen" value="0"' in answer.text, "a wrong entry makes the form no newer"
    assert (answer.status_code, "There is a problem" in answer.text) == (422, True)
    assert (await Incident.get()).decision is None


async def test_each_reading_is_on_the_audit_log_whichever_page_shows_it(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    made = await decided(await an_incident(event, lena), lena)
    async with browsing(database, omar) as client:
        answers = [await client.get(of(event, made)), await client.get(of(event, made, "print"))]
        answers += [await client.post(of(event, made, "decision"))]
        answers += [await client.post(of(event, made, "decision"), data=DECIDED | {"seen": "0"})]
    assert [(answer.status_code, HAPPENED in unescape(answer.text)) for answer in answers] == [
        (200, True), (200, True), (422, True), (409, True),
    ]  # fmt: skip
    assert "Someone else has decided since" in answers[-1].text
    assert await readings() == [f"staff:{omar.id} incident:{made.id}"] * 4


async def test_the_page_on_paper_holds_all_of_it_and_no_form(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    made = await decided(await an_incident(event, omar), lena)
    async with browsing(database, omar) as client:
        page = await client.get(of(event, made, "print"))
    told = [HAPPENED, WHY, "Do not report it to the ICO", "by Lena Lead", "Thursday 11 April 2019, 09:00"]
    told += ["Lena Lead, Safer Places", "Still open", "Omar Organiser: Opened an incident"]
    assert [what for what in told if what not in words(page.text)] == []
    assert "<form" not in page.text.partition("<main")[2].partition("</main>")[0]


async def test_only_a_phone_that_is_said_to_be_lost_opens_an_incident(
    database: Database, event: Event, omar: Staff
) -> None:
    clock.move_to(MONDAY)
    door = await a_door(event)
    lost, back = await a_phone_at(door, "Main door 1"), await a_phone_at(door, "Main door 2")
    async with browsing(database, omar) as client:
        asked = words((await client.get(desk(event, "phones", back.id, "revoke"))).text)
        assert "that opens an incident under Data protection, and tells the leads" in asked
        await client.post(desk(event, "phones", back.id, "revoke"))
        assert await Incident.all().count() == 0
        for _ in range(2):
            done = await client.post(desk(event, "phones", lost.id, "revoke"), data={"why": "lost"})
        assert "Main door 1 is revoked." in words((await client.get(done.headers["location"])).text)
    made = await Incident.get()
    assert (made.kind, made.door_pass_id) == (IncidentKind.LOST_PHONE, lost.id)
    assert await DoorPass.filter(revoked_at=None).count() == 0
