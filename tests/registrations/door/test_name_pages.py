"""Guests looked up by name over HTTP: what phones are answered, and that nothing of it stays anywhere.

Rules: DP-15, SG-05, SE-12.
"""

import json

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import Database
from registrations.phones.door import Door, PassRole
from tests.at_the_door import a_ticket
from tests.door_phone import proof_text, row_of
from tests.people import Person
from tests.registrations.door.requests import a_phone, send
from tests.tables import models

pytestmark = pytest.mark.usefixtures("the_day")
CANARY = Person("Zuleika Quetzalbird", "zuleika@guests.example.org", "Kestrels", "charity", "Advocate")
TYPED = ("quetzalb", "z")


async def look_up(phone: httpx2.AsyncClient, surname: object, first: object) -> httpx2.Response:
    return await phone.post("/door/api/names", json={"surname": surname, "first": first, "initials": "sid"})


async def test_a_phone_finds_chooses_and_lets_in(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    async with a_phone(database, door, omar, PassRole.DOOR_LEAD) as lee:
        assert (await lee.get("/door/api/pass")).json()["pass"]["looks_up"] is True
        found = await look_up(lee, "ashdown", "")
        [row] = found.json()["rows"]
        assert (found.status_code, row["name"], row.keys()) == (200, ada.name, {"row", "name", "organisation"})
        chosen = (await lee.post("/door/api/names/choose", json={"row": row["row"], "initials": "LE"})).json()["found"]
        assert chosen["proof"] == await proof_text(ticket)
        answers = (await send(lee, await row_of(ticket, proof=chosen["proof"]))).json()["answers"]
        assert [answer["verdict"] for answer in answers] == ["ok"]
        wrong: list[tuple[object, object]] = [(None, ""), ("smi", 7), ("smi", [])]
        said = [(await look_up(lee, *names)).status_code for names in wrong]
        assert [*said, (await lee.post("/door/api/names/choose", json={"row": 7})).status_code] == [422] * 4


async def test_dr26_a_steward_has_no_look_up_until_organisers_say_so(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    await a_ticket(ada, event)
    async with a_phone(database, door, omar) as sid:
        assert (await sid.get("/door/api/pass")).json()["pass"]["looks_up"] is False
        refused = [await look_up(sid, "ashdown", "a"), await sid.post("/door/api/names/choose", json={"row": "x"})]
        assert [(answer.status_code, answer.json()["error"]) for answer in refused] == [(403, "role")] * 2
        assert ada.name not in "".join(answer.text for answer in refused)
        await Event.filter(id=event.id).update(stewards_look_up=True)
        assert (await sid.get("/door/api/pass")).json()["pass"]["looks_up"] is True
        assert (await look_up(sid, "ashdown", "a")).json()["rows"][0]["name"] == ada.name
    assert await AuditEntry.filter(action="was refused a look-up by name").count() == 2


async def test_dr28_nothing_that_was_typed_or_found_stands_in_log_audit_log_database_or_address(
    database: Database, event: Event, door: Door, omar: Staff, printed: pytest.CaptureFixture[str]
) -> None:
    ticket = await a_ticket(CANARY, event)
    await Event.filter(id=event.id).update(stewards_look_up=True)
    asked: list[str] = []
    heard: list[str] = []
    async with a_phone(database, door, omar) as sid:
        for surname, first in (TYPED, ("quetzalx", "z"), ("quetzalb%", "z"), ("q", "z")):
            answer = await look_up(sid, surname, first)
            asked.append(f"{answer.request.url} {answer.request.headers}")
            heard.append(answer.text + str(answer.headers))
            for row in answer.json().get("rows", []):
                chosen = await sid.post("/door/api/names/choose", json={"row": row["row"], "initials": "SID"})
                asked.append(f"{chosen.request.url}")
                heard.append(chosen.text)
    log = "".join(printed.readouterr())
    kept = json.dumps([await model.all().values() for model in models()], default=str)
    for secret in ("quetzal", "zuleika", "kestrels", ticket.reference.lower()):
        assert secret not in (log + kept + "".join(asked)).lower()
    assert "quetzal" in "".join(heard).lower(), "it was found"
    assert "name_pages.look_up" in log, "there is a log to search"
    assert "looked up a name at a door" in kept, "and a database"
