"""What a phone posts: read without a failure, and held to what is possible."""

import base64
from datetime import timedelta

import pytest

from events.event import Event
from registrations.checkin.scan import ScanKind, Sent, read_sent
from registrations.phones.door import Device, Door
from tests.at_the_door import (
    a_ticket,
    rows_of,
    scan_id,
    scan_of,
)
from tests.people import Person
from tests.registrations.checkin.settling import LATER, says


@pytest.mark.parametrize(
    ("age", "seconds"), [(90, 90), (0, 0), (-5, 0), (float("nan"), 0), (float("inf"), 7200), (10**400, 7200)]
)
async def test_a_scan_happened_between_the_phones_last_contact_and_now(
    event: Event, door: Door, sid: Device, ada: Person, age: float, seconds: int
) -> None:
    ticket = await a_ticket(ada, event)
    device = sid._replace(longest_age=7200.0)
    sent = read_sent({"id": scan_id(), "kind": "in", "proof": proof_text(await scan_of(ticket)), "age": age})
    await says(sent, device, LATER + timedelta(hours=3))
    assert await rows_of("arrived_at", "happened_at") == [
        [LATER + timedelta(hours=3), LATER + timedelta(hours=3) - timedelta(seconds=seconds)]
    ]


def proof_text(scan: Sent) -> str:
    return base64.urlsafe_b64encode(scan.proof).decode()


@pytest.mark.parametrize(
    ("posted", "fault"),
    [
        (None, "id"), ([], "id"), ({}, "id"), ({"id": 7}, "id"), ({"id": "a" * 31}, "id"), ({"id": "A" * 32}, "id"),
        ({"id": "\ud800" * 32}, "id"), ({"id": "a" * 32}, "kind"), ({"id": "a" * 32, "kind": {}}, "kind"),
        ({"id": "a" * 32, "kind": "in"}, "proof"), ({"id": "a" * 32, "kind": "in", "proof": "A" * 21}, "proof"),
        ({"id": "a" * 32, "kind": "in", "proof": ["A" * 22]}, "proof"), ({"id": "a" * 32, "kind": "undo"}, "undoes"),
        ({"id": "a" * 32, "kind": "undo", "undoes": "x"}, "undoes"),
        ({"id": "a" * 32, "kind": "invalid", "age": "soon", "length": True}, ""),
        ({"id": "a" * 32, "kind": "invalid", "age": [], "length": 10**30}, ""),
    ],
)  # fmt: skip
def test_whatever_was_posted_is_read_without_a_failure(posted: object, fault: str) -> None:
    assert read_sent(posted).fault == fault


def test_values_are_held_to_what_is_possible() -> None:
    sent = read_sent({"id": "a" * 32, "kind": "invalid", "age": True, "length": -3})
    assert sent == Sent("a" * 32, ScanKind.INVALID, age=0.0, length=0, held=True)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ab", "AB"), ("éa", "ÉA"), ("ßabc", "ßABC"), ("aßß", "Aßß"),
        ("abcde", ""), ("a1", ""), ("", ""), (7, ""), (None, ""),
    ],
)  # fmt: skip
def test_initials_are_kept_letter_by_letter(typed: object, kept: str) -> None:
    assert read_sent({"id": "a" * 32, "kind": "invalid", "initials": typed}).initials == kept


@pytest.mark.parametrize("fresh_id", [True, False])
async def test_a_kept_scan_has_a_name_only_where_its_phone_is_made_to_say_that_it_is_new(
    event: Event, sid: Device, ada: Person, fresh_id: bool
) -> None:
    """As README and docs/security.md say of a stolen phone. Nothing in such a scan tells it from a live one."""
    kept = await scan_of(await a_ticket(ada, event), age=600.0)
    forged = kept._replace(age=0.1, id=scan_id() if fresh_id else kept.id)
    assert (await says(forged, sid, LATER))["name"] == ada.name
    again = forged._replace(id=scan_id(), age=600.0)
    assert "name" not in await says(again, sid, LATER), "sent with its age it has none"
