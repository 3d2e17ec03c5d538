"""The audit log on its page: who did what, newest first, filtered and paged, and nothing of another event."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import httpx2
import pytest

from events.accounts.staff import RoleName, Staff
from events.audit import audit_seal
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.audit_pages import EMAILS
from events.event import Event
from events.ground import source
from events.web.rendering import TEMPLATES
from tests.browser import heading, words
from tests.events.accounts.signing_in import Client, whole
from tests.people import MONDAY, a_door, a_member_of_staff, a_phone, an_event, joined, recorded


@pytest.fixture
async def lena(lena: Staff) -> Staff:
    return await joined(lena)


def table(answer: httpx2.Response) -> list[list[str]]:
    rows = re.findall(r"<tr><td.*?</tr>", answer.text, re.S)
    return [[words(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)] for row in rows]


async def test_the_record_says_who_did_what_newest_first(desk: Client, event: Event, omar: Staff) -> None:
    await desk.post(f"/desk/{event.slug}/staff/{omar.id}/role", data={"role": "viewer"})
    await desk.post(f"/desk/{event.slug}/staff/{omar.id}/take-role")
    answer = await desk.get(f"/desk/{event.slug}/audit")
    assert heading(answer) == "Audit log"
    rows = [[who, what, to, details] for _, who, what, to, details, _ in table(answer)]
    assert rows == [
        ["Lena Lead", "took a role away", "Omar Organiser", ""],
        ["Lena Lead", "gave a role", "Omar Organiser", "role: viewer"],
    ]
    assert "No entry is sealed yet." in words(answer.text)
    again = table(await desk.get(f"/desk/{event.slug}/audit"))
    assert again[0][1:5] == ["Lena Lead", "read the audit", f"Event {event.id}", "rows: 2, filtered: no"]


async def test_what_only_a_technician_needs_is_folded_away(desk: Client, event: Event, omar: Staff) -> None:
    details: dict[str, Any] = {"list": "people", "ids": [3, 8], "letters": 0, "state": ""}
    await recorded(Action.LISTED, event, by=omar, at=MONDAY, event_id=event.id, **details)
    answer = await desk.get(f"/desk/{event.slug}/audit")
    folded = re.findall(r"<summary>([^<]*)</summary>(.*?)</details>", answer.text, re.S)
    assert folded[-1] == ("list: people", "ids: 3 8, letters: 0")
    assert "<summary>Technical details</summary>" in answer.text


async def test_emails_and_states_have_the_names_that_organisers_know(desk: Client, event: Event, omar: Staff) -> None:
    for template in ("week_before", "needs_arranged", "lead_alert"):
        await recorded(Action.EMAIL_SENT, event, by=omar, at=MONDAY, event_id=event.id, template=template)
    await recorded(Action.LISTED, event, by=omar, at=MONDAY, event_id=event.id, list="people", state="not_offered")
    told = [row[4] for row in table(await desk.get(f"/desk/{event.slug}/audit"))]
    assert [re.sub("Technical details.*", "", said).strip() for said in told] == [
        "list: people, state: Declined", "email: Notice to leads", "email: Booking changed", "email: A week to go",
    ]  # fmt: skip


async def test_a_detail_reads_as_the_desk_says_it(desk: Client, event: Event, omar: Staff) -> None:
    nine = int(datetime(2019, 4, 15, 8, tzinfo=UTC).timestamp())  # 09:00 at the venue
    entries: list[tuple[Action, dict[str, Any], str]] = [
        (Action.DOOR_CHANGED, {"opens": nine, "closes": None}, "opens: 09:00"),
        (Action.PASS_MADE, {"door": 3, "role": "door_lead"}, "door: 3, role: door lead"),
        (Action.HANDED_OVER, {"to": "registration:40"}, "to: registration 40"),
        (Action.EVENT_CHANGED, {"changed": ["access_facts", "bring_sealed"]}, "changed: access facts; bring"),
        (Action.WALK_IN_ASKED, {"known": True, "reason": "other_host"}, "known: yes, reason: other host"),
    ]
    for action, details, _ in reversed(entries):
        await recorded(action, event, by=omar, at=MONDAY, event_id=event.id, **details)
    told = [row[4] for row in table(await desk.get(f"/desk/{event.slug}/audit"))]
    assert told == [says for _, _, says in entries]


def test_every_email_has_a_name_there() -> None:
    emails = {folder.name for folder in (TEMPLATES / "emails").iterdir() if folder.is_dir()}
    assert emails == set(EMAILS)


async def test_the_record_can_be_filtered_and_paged(desk: Client, event: Event, lena: Staff, omar: Staff) -> None:
    for n in range(250):
        await recorded(Action.SEARCHED, omar, by=omar, at=MONDAY, event_id=event.id, found=n)
    await audit_seal.seal_all()
    base = f"/desk/{event.slug}/audit"
    first = await desk.get(base, params={"actor": omar.actor, "action": "searched"})
    assert [row[4] for row in table(first)] == [f"found: {n}" for n in range(249, 149, -1)]
    older = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert older
    second = await desk.get(unescape(older[1]))
    assert [row[4] for row in table(second)] == [f"found: {n}" for n in range(149, 49, -1)]
    subject = await desk.get(base, params={"subject": f"staff {omar.id}"})
    assert len(table(subject)) == 100
    nothing = await desk.get(base, params={"subject": "Ada Ashdown"})
    assert "Nothing was found." in words(nothing.text)
    assert str(await audit_seal.head()) in nothing.text
    entry = await AuditEntry.filter(action="read the audit").order_by("-id").first()
    assert entry is not None
    assert entry.details == {"rows": 0, "filtered": True}  # what was typed may be a name


async def test_what_an_entry_is_about_is_found_as_it_is_shown(desk: Client, event: Event, omar: Staff) -> None:
    phone = await a_phone(await a_door(event))
    for subject in (phone, event):
        await recorded(Action.PASS_MADE, subject, by=omar, at=MONDAY, event_id=event.id)
    shown = [row[3] for row in table(await desk.get(f"/desk/{event.slug}/audit"))]
    assert shown == [f"Event {event.id}", f"Door pass {phone.id}"]
    for typed in (shown[1], f"door  pass: {phone.id}", f"door_pass:{phone.id}"):
        found = table(await desk.get(f"/desk/{event.slug}/audit", params={"subject": typed}))
        assert [row[2:4] for row in found] == [["made a pairing code", f"Door pass {phone.id}"]]


async def test_the_page_says_that_sealing_has_stopped_only_where_it_has(
    desk: Client, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = []
    for trouble in (audit_seal.TAKEN_OUT.format(1), f"Seal 3 was cut off. {audit_seal.STOPPED}"):
        monkeypatch.setattr(audit_seal, "_trouble", trouble)
        said = words((await desk.get(f"/desk/{event.slug}/audit")).text)
        assert f"The audit log is damaged: {trouble} Ask who runs the server to run audit verify." in said
        shown.append("Nothing more is sealed" in said)
    assert shown == [False, True]


async def test_a_lead_reads_nothing_of_another_event(desk: Client, event: Event, omar: Staff) -> None:
    other = await an_event()
    await recorded(Action.EVENT_OPENED, other, by=omar, at=MONDAY, event_id=other.id)
    stranger = await a_member_of_staff("Stranger", "s@hosts.example.org", other, RoleName.LEAD)
    await recorded(Action.SIGNED_IN, stranger, by=stranger, at=MONDAY)
    await recorded(Action.SIGNED_IN, omar, by=omar, at=MONDAY)
    rows = [row[1:3] for row in table(await desk.get(f"/desk/{event.slug}/audit"))]
    assert rows == [["Omar Organiser", "signed in"]]


async def test_an_entry_says_whether_acts_came_from_one_place_and_never_which(browser: Client, lena: Staff) -> None:
    await browser.post("/staff/sign-in", data={"email": lena.email, "password": "wrong"})
    await whole(browser, lena)
    sources = {entry.source for entry in await AuditEntry.all()}
    assert [len(source) for source in sources] == [32]
    assert "127.0.0.1" not in str(await AuditEntry.all().values())
    source.note("192.0.2.77")
    await recorded(Action.SEARCHED, by=lena, at=MONDAY)
    assert (await AuditEntry.all().order_by("-id"))[0].source not in sources
    source.note("")
    await recorded(Action.SEARCHED, by=lena, at=MONDAY)
    assert (await AuditEntry.all().order_by("-id"))[0].source == "", "a turn or a command comes from nowhere"
