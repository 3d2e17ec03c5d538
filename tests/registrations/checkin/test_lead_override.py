"""The lead's override: whose PIN it is, how often it may be wrong, what it lets a scan do, what the audit log says."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, keys, limits, live
from events.ground.database import Database
from registrations.checkin import reference_lookup
from registrations.checkin.scan import Scan
from registrations.phones import finding, pairing
from registrations.phones.door import Device, Door, DoorPass, PassRole
from registrations.phones.scan_answer import Answer
from tests.at_the_door import a_phone_at, a_ticket, with_the_override_of
from tests.browser import browsing, words
from tests.conftest import SETTINGS
from tests.door_phone import HttpPhone, a_paired_phone, row_of
from tests.people import Person, a_door, a_phone, an_event
from tests.registrations.checkin.overriding import MINUTE, NINE, a_lead, again, on_record, typed

pytestmark = pytest.mark.usefixtures("the_day")


SPENT = "Too many PINs were wrong, so none works any more. An organiser makes each lead a new pass, with a new PIN."


def other_than(*pins: str) -> str:
    return next(pin for pin in ("000000", "111111", "222222") if pin not in pins)


async def test_a_lead_is_shown_a_pin_once_beside_the_code_and_a_steward_none(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    async with browsing(database, omar) as desk:
        path = f"/desk/{event.slug}/doors/{door.id}/phones"
        answer = await desk.post(path, data={"phone_name": "Lee's phone", "role": "door_lead"})
        page = words(answer.text)
        assert "The lead's own PIN" in page
        assert answer.headers["cache-control"] == "no-store"
        assert "PIN" not in words((await desk.post(path, data={"phone_name": "Main 1", "role": "steward"})).text)
        assert "PIN" not in words((await desk.get(f"/desk/{event.slug}/doors/{door.id}")).text)
    lead, steward = await DoorPass.all().order_by("id")
    assert (len(lead.pin_hash or ""), steward.pin_hash) == (32, None)


async def test_the_right_pin_gives_a_stewards_phone_two_minutes_and_the_record_names_the_lead(
    door: Door, sid: Device, omar: Staff
) -> None:
    lee = await a_lead(door, omar)
    assert await typed(lee.pin, sid) == {"override": {"by": "Lee's phone", "seconds": 120}}
    lead_id = lee.door_pass.id
    assert [(await again(sid, after)).lead for after in (MINUTE, timedelta(seconds=119), 2 * MINUTE)] == [
        lead_id, lead_id, None,
    ]  # fmt: skip
    [entry] = await AuditEntry.filter(action=Action.OVERRIDE_GIVEN)
    assert (entry.actor, entry.subject, entry.details) == (
        f"pass:{lead_id}", f"door_pass:{sid.id}", {"door": door.id},
    )  # fmt: skip


async def test_a_pin_outlives_a_new_key(door: Door, sid: Device, omar: Staff) -> None:
    lee = await a_lead(door, omar)
    keys.install(keys.Keyring([keys.new_key(), SETTINGS.key.get_secret_value()]))
    assert await typed(lee.pin, sid) == {"override": {"by": "Lee's phone", "seconds": 120}}


async def test_on_the_leads_own_phone_it_lasts_an_hour(door: Door, omar: Staff) -> None:
    lee = await a_lead(door, omar)
    own = await again(await finding.device_of(lee.door_pass, clock.real()))
    assert own.lead is None, "the role alone is no override"
    assert await typed(lee.pin, own) == {"override": {"by": "Lee's phone", "seconds": 3600}}
    assert [(await again(own, after)).lead for after in (59 * MINUTE, 60 * MINUTE)] == [lee.door_pass.id, None]


async def test_five_wrong_pins_on_one_phone_make_it_wait_and_spend_nobodys(
    door: Door, sid: Device, omar: Staff
) -> None:
    lee, other = await a_lead(door, omar), await a_phone_at(door, "Main door 2")
    wrong = other_than(lee.pin)
    answers = [await typed(wrong, sid) for _ in range(5)]
    assert [answer["left"] for answer in answers] == [4, 3, 2, 1, 0]
    assert answers[0] == {
        "error": "pin",
        "sentence": "That is not a lead's PIN. 4 tries left, then this phone takes no PIN for 15 minutes.",
        "left": 4,
    }
    assert answers[3]["sentence"].startswith("That is not a lead's PIN. 1 try left,")
    assert (await typed(lee.pin, sid))["sentence"].startswith("Too many PINs were wrong on this phone.")
    assert await on_record(Action.PINS_SPENT, Action.DOOR_ALERT) == [
        ("raised an alert at a door", f"pass:{sid.id}", {"door": door.id, "kind": "wrong PINs"}),
    ]
    assert (await typed(lee.pin, other))["override"]["by"] == "Lee's phone", "another phone, at once"
    assert (await typed(lee.pin, sid, 31 * MINUTE))["override"]["by"] == "Lee's phone", "this one, later"


async def test_wrong_pins_on_many_phones_spend_all_and_a_new_pass_has_a_new_one(
    event: Event, door: Door, sid: Device, omar: Staff
) -> None:
    lee = await a_lead(door, omar)
    phones = [await a_phone_at(door, f"Main door {n}") for n in range(limits.PINS.tries // 5)]
    answers = [await typed(other_than(lee.pin), device) for device in phones for _ in range(5)]
    assert [answer["sentence"] == SPENT for answer in answers] == [False] * (limits.PINS.tries - 1) + [True]
    assert await typed(lee.pin, sid) == {"error": "pin", "sentence": SPENT, "left": 0}
    assert (await DoorPass.get(id=lee.door_pass.id)).pin_hash is None
    assert await on_record(Action.PINS_SPENT) == [("spent the leads' PINs", f"pass:{phones[-1].id}", {"leads": 1})]
    new = await a_lead(door, omar, "Lee's next phone")
    assert (await typed(lee.pin, sid))["left"] == 3, "the old PIN stays spent"
    assert (await typed(new.pin, sid))["override"]["by"] == "Lee's next phone"


async def test_each_wrong_pin_is_on_record_without_the_pin(door: Door, sid: Device, omar: Staff) -> None:
    lee = await a_lead(door, omar)
    wrong = other_than(lee.pin)
    await typed(wrong, sid)
    await typed(lee.pin, sid)
    assert await on_record(Action.PIN_REFUSED) == [("typed a wrong PIN", f"pass:{sid.id}", {"left": 4})]
    for entry in await AuditEntry.all():
        assert not {wrong, lee.pin} & set(str(entry.canonical()).replace('"', " ").split())


async def test_a_right_pin_forgives_the_wrong_ones_before_it(door: Door, sid: Device, omar: Staff) -> None:
    lee = await a_lead(door, omar)
    for pin in (*[other_than(lee.pin)] * 4, lee.pin, *[other_than(lee.pin)] * 4, lee.pin):
        last = await typed(pin, sid)
    assert "override" in last


async def test_a_right_pin_forgives_the_wrong_ones_on_other_phones_too(
    event: Event, door: Door, sid: Device, omar: Staff
) -> None:
    lee, other = await a_lead(door, omar), await a_phone_at(door, "Main door 2")
    for _ in range(limits.PINS.tries - 1):
        assert await limits.count(limits.PINS, f"{event.id}|{lee.door_pass.id}", clock.real())
    assert "override" in await typed(lee.pin, sid)
    assert (await typed(other_than(lee.pin), other))["left"] == 4, "it is no last one, which spends the PINs of all"
    assert "override" in await typed(lee.pin, other)


async def test_without_any_lead_the_answers_are_the_same(event: Event, door: Door, sid: Device, omar: Staff) -> None:
    lee = await a_lead(door, omar)
    with_one = [await typed(other_than(lee.pin), sid) for _ in range(7)]
    alone = await a_phone_at(await a_door(await an_event()))
    assert [await typed("000000", alone) for _ in range(7)] == with_one


async def test_a_crowd_of_guesses_at_once_gets_no_more_tries_than_one_by_one(
    database: Database, door: Door, sid: Device, omar: Staff
) -> None:
    lee = await a_lead(door, omar)
    guesses = [f"{n:06}" for n in range(400_000, 400_031) if f"{n:06}" != lee.pin][:30]
    answers = await asyncio.gather(*(typed(pin, sid) for pin in guesses))
    assert sorted(answer["left"] for answer in answers) == [0] * 26 + [1, 2, 3, 4]
    assert await AuditEntry.filter(action=Action.PIN_REFUSED).count() == 5
    assert "error" in await typed(lee.pin, sid)


async def test_a_try_beyond_the_limit_is_not_looked_at_while_the_others_are_being_answered(
    event: Event, door: Door, sid: Device, omar: Staff
) -> None:
    """Counted first, then looked at: the right one in a crowd is as wrong as the rest of it."""
    lee = await a_lead(door, omar)
    for _ in range(limits.PINS.tries):
        assert await limits.count(limits.PINS, f"{event.id}|{lee.door_pass.id}", clock.real())
    assert await typed(lee.pin, sid) == {"error": "pin", "sentence": SPENT, "left": 0}


@pytest.mark.parametrize("how", ["not paired", "revoked", "past", "of another event"])
async def test_a_lead_who_is_not_at_the_door_has_no_pin(door: Door, sid: Device, omar: Staff, how: str) -> None:
    if how == "not paired":
        made = await pairing.make_pass(door, "Lee", PassRole.DOOR_LEAD, omar, clock.now(), clock.real())
    else:
        made = await a_lead(await a_door(await an_event()) if how == "of another event" else door, omar)
    if how == "revoked":
        await pairing.revoke(await DoorPass.get(id=made.door_pass.id), omar, clock.now(), clock.real())
    elif how == "past":
        await DoorPass.filter(id=made.door_pass.id).update(expires_at=clock.real())
    assert (await typed(made.pin, sid)).get("left") == 4


async def test_the_override_ends_with_the_pass_of_its_lead(door: Door, sid: Device, omar: Staff) -> None:
    lee = await a_lead(door, omar)
    await typed(lee.pin, sid)
    assert (await again(sid)).lead == lee.door_pass.id
    await pairing.revoke(await DoorPass.get(id=lee.door_pass.id), omar, clock.now(), clock.real())
    assert (await again(sid)).lead is None


async def test_an_override_given_while_the_lead_is_revoked_counts_for_nothing(
    door: Door, sid: Device, omar: Staff
) -> None:
    for _ in range(5):
        lee = await a_lead(door, omar)
        ended = await DoorPass.get(id=lee.door_pass.id)
        await asyncio.gather(typed(lee.pin, sid), pairing.revoke(ended, omar, clock.now(), clock.real()))
        assert (await again(sid)).lead is None


async def test_two_leads_with_each_others_override_are_revoked_at_once(door: Door, omar: Staff) -> None:
    for _ in range(5):
        lee, lou = await a_lead(door, omar), await a_lead(door, omar)
        await typed(lee.pin, await finding.device_of(lou.door_pass, clock.real()))
        await typed(lou.pin, await finding.device_of(lee.door_pass, clock.real()))
        leads = [await DoorPass.get(id=lead.door_pass.id) for lead in (lee, lou)]
        assert [lead.override_by for lead in leads] == [lou.door_pass.id, lee.door_pass.id]
        await asyncio.gather(*(pairing.revoke(lead, omar, clock.now(), clock.real()) for lead in leads))
        assert [(await finding.device_of(lead, clock.real())).live for lead in leads] == [False, False]


async def test_the_leads_override_opens_typing_again(
    event: Event, door: Door, sid: Device, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REFERENCES_A_MINUTE", limits.REFERENCES_A_MINUTE._replace(tries=99))
    monkeypatch.setattr(reference_lookup, "LIMITS", (limits.REFERENCES_AN_HOUR, limits.REFERENCES_A_MINUTE))

    async def look_up() -> Answer:
        return await reference_lookup.look_up("HK7-4QD", sid, NINE, clock.real())

    assert [("error" in await look_up()) for _ in range(21)] == [False] * 20 + [True]
    locked = await look_up()
    assert (locked["error"], locked["lead"]) == ("slow", True)
    lee = await a_lead(door, omar)
    await typed(other_than(lee.pin), sid)
    assert "error" in await look_up()
    await typed(lee.pin, sid)
    assert "error" not in await look_up()


async def post(device: HttpPhone, path: str, **body: Any) -> tuple[int, Any]:
    answer = await device.client.post(f"/door/api/{path}", json=body)
    return answer.status_code, answer.json()


async def test_a_phone_asks_for_the_override_and_only_the_page_that_heard_the_pin_has_it(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    lee, ticket = await a_lead(door, omar), await a_ticket(ada, event)
    async with a_paired_phone(database, door, omar) as device:
        await device.client.get("/door/api/pass?page=aaaaaaaa")
        for pin in (7, "12345", "1234567", "12345\u0663", None):
            assert await post(device, "override", pin=pin) == (
                422,
                {"error": "malformed", "sentence": "A lead's PIN has 6 digits."},
            )
        status, wrong = await post(device, "override", pin=other_than(lee.pin), page="aaaaaaaa")
        assert (status, wrong["error"], wrong["left"]) == (403, "pin", 4)
        right = {"override": {"by": "Lee's phone", "seconds": 120}}
        assert await post(device, "override", pin=lee.pin, page="aaaaaaaa") == (200, right)

        async def verdict(page: str, **more: Any) -> str:
            _, body = await post(device, "scans", scans=[await row_of(ticket, **more)], page=page)
            return str(body["answers"][0]["verdict"])

        assert await verdict("aaaaaaaa") == "ok"
        assert await verdict("aaaaaaaa") == "already_in"
        assert await verdict("aaaaaaaa", code="left_without_scan") == "ok"
        assert await verdict("bbbbbbbb", code="left_without_scan") == "already_in"
        for _ in range(2):
            assert await verdict("aaaaaaaa", code="left_without_scan") == "already_in", "and it does not come back"
    assert await Scan.filter(code="left_without_scan").count() == 1


async def test_the_board_hears_of_spent_pins(event: Event, door: Door, sid: Device, omar: Staff) -> None:
    lee, nudge = await a_lead(door, omar), live.hub().wake(f"doors:{event.id}")
    nudge.clear()
    for _ in range(4):
        await typed(other_than(lee.pin), sid)
    assert not nudge.is_set()
    await typed(other_than(lee.pin), sid)
    assert nudge.is_set()


async def test_no_event_has_a_pin_twice(event: Event, door: Door) -> None:
    """So that the record can say whose override it was."""
    first, second = await a_phone(door, "Lee", PassRole.DOOR_LEAD), await a_phone(door, "Lou", PassRole.DOOR_LEAD)
    await DoorPass.filter(id=first.id).update(pin_hash="x" * 32)
    with pytest.raises(IntegrityError):
        await DoorPass.filter(id=second.id).update(pin_hash="x" * 32)
    assert with_the_override_of(await finding.device_of(first, clock.real())).lead == first.id
