"""A lead asks for a place over HTTP: who may, what is wrong with a field, and that nothing of it stays unsealed.

Rules: SG-05, SG-06, SE-12.
"""

import json
import re
from typing import Any

import httpx2
import pytest

from events.accounts.staff import Staff
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.checkin.walking_in.walk_in import Reason, WalkIn
from registrations.people.registration import Registration
from registrations.phones import pairing
from registrations.phones.door import Door, PassRole
from server import ROOT
from tests.browser import browsing
from tests.registrations.door.requests import a_phone
from tests.tables import models

pytestmark = pytest.mark.usefixtures("the_day")
TYPED = {
    "full_name": " Zuleika  Quetzalbird ", "organisation": "Kestrels", "email": "Zuleika@Guests.example.org",
    "reason": "lost", "page": "aaaaaaaa",
}  # fmt: skip


async def ask(phone: httpx2.AsyncClient, **differs: Any) -> httpx2.Response:
    return await phone.post("/door/api/walk-ins", json=TYPED | differs)


def test_the_phone_and_the_desk_give_each_reason_the_same_words() -> None:
    page = (ROOT / "templates/door/scanner.html").read_text()
    chosen = dict(re.findall(r'<option value="(\w+)">([^<]+)</option>', page))
    assert chosen == {reason.name.lower(): reason.value.capitalize() for reason in Reason}


async def test_dr26_a_stewards_phone_is_refused_whatever_it_posts(
    database: Database, door: Door, omar: Staff, event: Event
) -> None:
    async with a_phone(database, door, omar) as sid:
        said = [await ask(sid), await ask(sid, email=7), await sid.post("/door/api/walk-ins", content=b"[")]
        assert [(answer.status_code, answer.json()["error"]) for answer in said] == [(403, "role")] * 3
        assert (await sid.get("/door/api/walk-ins")).json() == {"walk_ins": []}
    assert await AuditEntry.filter(action="was refused to ask for a place at a door").count() == 3
    assert await Registration.all().count() == 0


async def test_dr37_a_lead_asks_after_the_pin_and_what_was_typed_stands_sealed_alone(
    database: Database, event: Event, door: Door, omar: Staff, printed: pytest.CaptureFixture[str]
) -> None:
    made = await pairing.make_pass(door, "Lee's phone", PassRole.DOOR_LEAD, omar, clock.now(), clock.real())
    async with browsing(database) as lee:
        assert (await lee.post("/door/api/pair", json={"code": made.secret})).status_code == 200
        assert (await ask(lee)).status_code == 403, "no PIN yet"
        assert (await lee.post("/door/api/override", json={"pin": made.pin, "page": "aaaaaaaa"})).status_code == 200
        assert (await ask(lee, page="bbbbbbbb")).status_code == 403, "another run of the page has not heard it"
        wrong = await ask(lee, full_name="-", email="nobody", reason="")
        assert (wrong.status_code, [fault["field"] for fault in wrong.json()["wrong"]]) == (
            422,
            ["full_name", "email", "reason"],
        )
        done = await ask(lee)
        assert (done.status_code, done.json().keys()) == (200, {"walk_in"})
        [shown] = (await lee.get("/door/api/walk-ins")).json()["walk_ins"]
        number = (await WalkIn.get()).id
        assert shown == {"number": number, "asked": int(clock.now().timestamp()), "stage": "waiting"}
    row = await Registration.get(id=(await WalkIn.get()).registration_id)
    assert (row.full_name, row.email) == ("Zuleika Quetzalbird", "zuleika@guests.example.org")
    log = "".join(printed.readouterr())
    kept = json.dumps([await model.all().values() for model in models()], default=str)
    for secret in ("quetzal", "zuleika", "kestrels"):
        assert secret not in (log + kept).lower()
    assert "walk_in_pages.start" in log, "there is a log to search"
    assert "asked for a place at a door" in kept, "and a database"
