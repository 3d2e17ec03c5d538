"""An old instance key is dropped once nothing needs it, and not a moment before: each need is planted here.

Rules: SE-16.
"""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest

from events import event_file
from events.accounts.staff import RoleName, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, keys
from events.ground.database import Database
from events.rotation import dropping, needs
from events.rotation.needs import Need
from registrations.privacy import key_needs
from server import ROOT
from tests.events.rotation.planting import PLANTED, a_ticket, codes, forgetting_all, nobody_is_named_any_more
from tests.events.rotation.rotating import Place, a_place
from tests.house import House
from tests.people import a_member_of_staff, an_event

WEEKS = timedelta(days=30)
LAUNCH = Path(event_file.__file__).with_name("launch.toml")


@pytest.fixture
def place(database: Database, tmp_path: Path) -> Place:
    """At the time of the machine, which needs compare with."""
    clock.move_to(None)
    return a_place(tmp_path, database)


@pytest.fixture
async def lead(place: Place) -> Staff:
    """Of an event a month from now, at which nobody has asked yet."""
    event = await an_event(slug="launch")
    day = clock.real() + WEEKS
    await Event.filter(id=event.id).update(day=day.date(), ends_at=day, doors_open_at=day)
    return await a_member_of_staff("Lena Lead", "lena@hosts.example.org", await Event.get(), RoleName.LEAD)


def test_every_need_is_tried_here() -> None:
    assert [*needs.OWN, *key_needs.NEEDS] == list(PLANTED), "plant it"
    assert needs.OTHERS == key_needs.NEEDS, "and the server's composition names it"


@pytest.mark.parametrize("need", PLANTED, ids=lambda need: need.__name__)
async def test_what_needs_it_keeps_it_and_is_counted(
    place: Place, lead: Staff, need: Need, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(needs, "OWN", [need])
    monkeypatch.setattr(needs, "OTHERS", [])
    planted, [old] = PLANTED[need], keys.ring().fingerprints
    if planted.before:
        await planted.plant(lead)
    await place.rotates()
    if not planted.before:
        await planted.plant(lead)
        place.opens()
    dropped, needed = await place.drops()
    assert (dropped, list(needed), len(needed[old]), len(place.lines())) == ([], [old], 1, 2)
    assert planted.said in needed[old][0]
    await planted.ends(lead)
    assert await place.drops() == ([old], {})
    assert (len(place.lines()), keys.ring().older) == (1, 0)
    [entry] = await AuditEntry.filter(action=Action.KEY_DROPPED)
    assert entry.details == {"key": old}


SINCE = [need for need in PLANTED if PLANTED[need].before and need is not key_needs.of_unanswered]  # it may be older


@pytest.mark.parametrize("need", SINCE, ids=lambda need: need.__name__)
async def test_what_has_come_since_needs_the_new_one_alone(
    place: Place, lead: Staff, need: Need, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(needs, "OWN", [need])
    monkeypatch.setattr(needs, "OTHERS", [])
    [old] = keys.ring().fingerprints
    await place.rotates()
    await forgetting_all() if need is needs.of_the_audit_log else None
    await PLANTED[need].plant(lead)
    assert await place.drops() == ([old], {})


async def test_a_backup_from_before_needs_it_and_whoever_has_a_copy_may_say_otherwise(
    place: Place, lead: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(needs, "OWN", [])
    monkeypatch.setattr(needs, "OTHERS", [])
    place.backups.mkdir()
    (place.backups / f"muster-{(clock.real() - WEEKS).strftime('%Y%m%dT%H%M%SZ')}.age").touch()
    [old] = keys.ring().fingerprints
    await place.rotates()
    dropped, needed = await place.drops(place.backups)
    assert (dropped, [said.partition(";")[0] for said in needed[old]]) == ([], ["1 backup opens with it"])
    assert await place.drops(None) == ([old], {})


async def test_nothing_is_dropped_before_all_is_made_with_the_new_key(
    place: Place, lead: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(needs, "OWN", [])
    monkeypatch.setattr(needs, "OTHERS", [])
    [old] = keys.ring().fingerprints
    keys.write_new(place.key_file)
    place.opens()
    assert await place.drops() == ([], {old: [dropping.NOT_DONE]})
    await place.rotates()
    assert await place.drops() == ([old], {})
    assert await place.drops() == ([], {})


async def test_of_several_old_keys_those_go_that_nothing_needs(
    place: Place, lead: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(needs, "OWN", [needs.of_recovery_codes])
    monkeypatch.setattr(needs, "OTHERS", [])
    [oldest] = keys.ring().fingerprints
    await place.rotates()
    await codes(lead)
    second = keys.ring().fingerprints[0]
    await place.rotates()
    dropped, needed = await place.drops()
    assert (dropped, list(needed), keys.ring().fingerprints[1:]) == ([oldest], [second], [second])


async def test_an_event_that_is_put_off_after_its_key_was_dropped_is_bound_to_the_new_one(
    place: Place, lead: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(needs, "OWN", [needs.of_tickets])
    monkeypatch.setattr(needs, "OTHERS", [])
    await a_ticket(lead)
    await place.rotates()
    await nobody_is_named_any_more(lead)
    await place.drops()
    assert (await Event.get()).key_fingerprint == ""
    file = tmp_path / "put-off.toml"
    file.write_text(LAUNCH.read_text().replace("2019-04-15", "2059-04-15"))
    loaded = (await event_file.load(file, clock.now(), clock.real())).event
    assert loaded.key_fingerprint == keys.ring().fingerprints[0]


USES = {  # of the instance key: what becomes of it when that key is dropped
    "events.accounts.known_browser 'known browser'": "the browser is new once more, and its owner is told",
    "events.accounts.passkeys.challenge 'passkey challenges'": "of_sessions",
    "events.accounts.passkeys.passkey DEVICE": "of_values",
    "events.accounts.recovery KEY": "of_recovery_codes",
    "events.accounts.staff HOLDER": "of_values",
    "events.accounts.staff ROLES": "of_values",
    "events.accounts.staff TAGGED_AS": "of_values",
    "events.accounts.staff TOTP": "of_values",
    "events.accounts.totp 'offered totp'": "of_sessions",
    "events.accounts.totp TOTP": "of_values",
    "events.audit.audit MARKS": "of_the_audit_log",
    "events.audit.audit VALUES": "of_the_audit_log",
    "events.audit.audit_seal 'audit reach'": "of_the_audit_log",
    "events.audit.audit_seal 'audit seals'": "of_the_audit_log",
    "events.audit.audit_seal MARKS": "of_the_audit_log",
    "events.audit.boundary 'audit boundary'": "of_the_audit_log",
    "events.audit.key_use USED_AS": "of_values",
    "events.backup.erased_list SEALED_FOR": "of_erasures",
    "events.backup.sealed_file MAC": "of_backups",
    "events.content.event_part 'event as shown'": "of_sessions",
    "events.event 'tickets'": "of_tickets",
    "events.ground.limits 'limits'": "tries are counted anew",
    "events.ground.source PURPOSE": "it is only compared",
    "events.ground.tokens 'links'": "of_bookings, of_unanswered, of_copies, of_feedback, of_staff_links",
    "events.mail.bounces.return_path PURPOSE": "of_emails",
    "events.mail.emails 'message id'": "an email that is sent again has another number",
    "events.mail.last_email ADDRESS": "of_values",
    "events.web.sealed_query purpose": "of_sessions",
    "registrations.asking.by_telephone 'added by telephone'": "it is of one form, which is sent again at most",
    "registrations.feedback.box NUMBERS": "of_values",
    "registrations.feedback.token SPENT_AS": "of_feedback",
    "registrations.asking.held_back 'held back'": "it is of one hour",
    "registrations.badges.badge HASHED_AS": "of_tickets: it is of the key that the event is bound to",
    "registrations.booking.changing 'booking as seen'": "of_sessions",
    "registrations.booking.corrected_details 'details as seen at the desk'": "of_sessions",
    "registrations.booking.own_needs 'needs as seen'": "of_sessions",
    "registrations.booking.own_needs 'needs as shown'": "of_sessions",
    "registrations.importing.people_import 'chosen columns'": "it is of one hour",
    "registrations.people.objection TAGGED_AS": "of_objections",
    "registrations.people.registration 'request as listed'": "of_sessions",
    "registrations.certificates.certificate CHECK_KEY": "of_values",
    "registrations.checkin.received_scan 'proofs'": "it is only compared",
    "registrations.checkin.looking_up.name_lookup ROW": "it is of two minutes, and a name is typed anew",
    "registrations.people.erased EMPTIED": "of_backups: only in one from before is it looked for",
    "registrations.people.erased WITHDRAWN": "of_backups: only in one from before is it looked for",
    "registrations.people.former_address SEALED_AS": "of_values",
    "registrations.people.former_address TAGGED_AS": "of_values",
    "registrations.paper.release NUMBER": "of_tickets: it is of the key that the event is bound to",
    'registrations.phones.pins "lead\'s PIN"': "of_phones",
    "registrations.phones.finding 'scans of a pass'": "of_phones",
    "registrations.phones.pairing PAIRING": "of_phones",
    "registrations.privacy.cases.case sealed_for": "of_values",
    "registrations.privacy.cases.complaints purpose": "of_values",
    "registrations.privacy.cases.complaints sealed_for.FINDING": "of_values",
    "registrations.privacy.cases.complaints sealed_for.SAME_AS": "of_values",
    "registrations.privacy.cases.incidents sealed_for.DESCRIPTION": "of_values",
    "registrations.privacy.cases.incidents sealed_for.REASON": "of_values",
    "registrations.privacy.cases.incidents sealed_for.SAME_AS": "of_values",
    "registrations.privacy.rights.rights_requests sealed_for.ABOUT": "of_values",
    "registrations.privacy.rights.rights_requests sealed_for.EMAIL": "of_values",
    "registrations.privacy.rights.rights_requests sealed_for.NOTE": "of_values",
    "registrations.privacy.rights.rights_requests sealed_for.SAME_AS": "of_values",
    "registrations.tickets.ticket REFERENCE": "of_values, of_tickets",
}
PURPOSE_IS = {
    "seal": 0,
    "open_sealed": 0,
    "opened_in": 1,
    "keyed_hash": 0,
    "keyed_hashes": 0,
    "sub_key": 0,
    "sub_keys": 0,
}


def test_every_use_of_the_instance_key_is_thought_of_when_it_is_dropped() -> None:
    house, found = House(ROOT), set()
    for room in house.rooms:
        if room.startswith(("events.ground.key", "events.ground.data_keys", "events.rotation")):
            continue
        for call in (node for node in ast.walk(ast.parse(house.text(room))) if isinstance(node, ast.Call)):
            what = ast.unparse(call.func)
            name = what.rpartition(".")[2]
            if name in PURPOSE_IS and re.match(r"(keys|ring|keys\.ring\(\))\.", what):
                found.add(f"{room} {ast.unparse(call.args[PURPOSE_IS[name]])}")
    assert found == set(USES), "say what becomes of it, and give it a need in events/rotation/needs.py if it has one"
