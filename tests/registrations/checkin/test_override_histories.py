"""Any history of PINs, right and wrong, on phones of two leads and two stewards: who may override is who should."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.accounts.staff import Staff
from events.ground import clock, limits
from events.ground.database import Database
from events.ground.limits import PINS_OF_PHONE, Limit
from registrations.checkin import lead_override
from registrations.phones import finding, pairing
from registrations.phones.door import Device, Door, DoorPass, PassRole
from registrations.phones.pairing import Made
from registrations.phones.scan_answer import Answer
from tests.at_the_door import a_phone_at
from tests.people import a_door, an_event

pytestmark = pytest.mark.usefixtures("the_day")
PINS = Limit("wrong PINs of the leads of one event, in histories", 7, timedelta(hours=12))  # so that they are reached
ON_A_STEWARDS, ON_THE_OWN = timedelta(minutes=2), timedelta(hours=1)
PASSES = [timedelta(minutes=n) for n in (1, 2, 7, 16, 45, 60)]
ACTS = ["right", "right", "wrong", "wrong", "wrong", "crowd", "wait", "wait", "revoke", "new lead"]
WRONG = "no PIN"


class Counted:
    """Tries within a limit whose window slides, by slot."""

    def __init__(self, limit: Limit) -> None:
        self.limit, self.tries = limit, defaultdict[tuple[int, int], int](int)

    def left(self, subject: int, real: datetime) -> int:
        seconds = int(self.limit.within.total_seconds())
        slot, into = divmod(int(real.timestamp()), seconds)
        weighs = -(-self.tries[subject, slot - 1] * (seconds - into) // seconds)
        return max(0, self.limit.tries - weighs - self.tries[subject, slot])

    def count(self, subject: int, real: datetime) -> bool:
        if not self.left(subject, real):
            return False
        self.tries[subject, int(real.timestamp()) // int(self.limit.within.total_seconds())] += 1
        return True

    def forgive(self, subject: int) -> None:
        for key in [key for key in self.tries if key[0] == subject]:
            del self.tries[key]


class History:
    """Does what is drawn, here and at the door. A lead's pass is known by its id."""

    def __init__(self, data: st.DataObject, door: Door, omar: Staff) -> None:
        self.data, self.door, self.omar = data, door, omar
        self.real = clock.real().astimezone(UTC)
        self.phones: list[int] = []
        self.pins: dict[int, str] = {}  # of the leads whose PIN is worth something
        self.known: dict[int, str] = {}  # of all leads there have been
        self.revoked: set[int] = set()
        self.overrides: dict[int, tuple[int, datetime]] = {}  # by phone: whose, until when
        self.on_phone, self.at_event = Counted(PINS_OF_PHONE), Counted(PINS)
        self.newest = 0

    async def begin(self) -> None:
        self.phones = [(await a_phone_at(self.door, f"Main door {n}")).id for n in (1, 2)]
        for _ in range(2):
            await self.new_lead()

    async def take(self, act: str) -> None:
        await getattr(self, act.replace(" ", "_"))()
        for id_ in self.phones:
            lead, until = self.overrides.get(id_, (None, self.real))
            holds = lead if until > self.real and lead not in self.revoked else None
            assert (await self.device(id_)).lead == holds, (act, id_)

    async def device(self, id_: int) -> Device:
        return await finding.device_of(await DoorPass.get(id=id_), self.real)

    async def types(self, pin: str, on: int) -> None:
        answer = await lead_override.give(pin, await self.device(on), clock.now(), self.real)
        expected = self.expects(pin, on)
        assert said(answer) == expected, (pin, on)

    def expects(self, pin: str, on: int) -> int | str:
        """How many tries are left, or the seconds for which it is given."""
        if not self.on_phone.count(on, self.real):
            return 0
        counted = self.at_event.count(self.newest, self.real)
        lead = next((id_ for id_, own in self.pins.items() if own == pin), None)
        if lead is None or not counted:
            if not counted or not self.at_event.left(self.newest, self.real):
                self.pins.clear()
                return 0
            return self.on_phone.left(on, self.real)
        self.on_phone.forgive(on)
        self.at_event.forgive(self.newest)
        lasts = ON_THE_OWN if lead == on else ON_A_STEWARDS
        self.overrides[on] = (lead, self.real + lasts)
        return f"{int(lasts.total_seconds())} seconds"

    def a_phone(self) -> int:
        return self.data.draw(st.sampled_from([id_ for id_ in self.phones if id_ not in self.revoked]))

    async def right(self) -> None:
        """By anybody who ever had one: it may be worth nothing any more."""
        lead = self.data.draw(st.sampled_from(sorted(self.known)))
        await self.types(self.known[lead], self.a_phone())

    async def wrong(self) -> None:
        await self.types(WRONG, self.a_phone())

    async def crowd(self) -> None:
        """As many as one phone may type."""
        on = self.a_phone()
        for _ in range(PINS_OF_PHONE.tries):
            await self.types(WRONG, on)

    async def wait(self) -> None:
        self.real += self.data.draw(st.sampled_from(PASSES))

    async def revoke(self) -> None:
        leads = [id_ for id_ in self.known if id_ not in self.revoked]
        if leads:
            gone = self.data.draw(st.sampled_from(leads))
            await pairing.revoke(await DoorPass.get(id=gone), self.omar, clock.now(), self.real)
            self.revoked.add(gone)
            self.pins.pop(gone, None)

    async def new_lead(self) -> None:
        """What was typed wrong before weighs no more."""
        number = len(self.phones)
        made: Made = await pairing.make_pass(
            self.door, f"Lead {number}", PassRole.DOOR_LEAD, self.omar, clock.now(), self.real
        )
        await pairing.pair(made.secret, f"192.0.2.{number}", clock.now(), self.real)
        self.newest = made.door_pass.id
        self.phones.append(self.newest)
        self.pins[self.newest] = self.known[self.newest] = made.pin


def said(answer: Answer) -> int | str:
    return answer["left"] if "error" in answer else f"{answer['override']['seconds']} seconds"


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_whatever_is_typed_in_whatever_order_only_who_was_given_it_may_override(
    database: Database, omar: Staff, monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    monkeypatch.setattr(limits, "PINS", PINS)
    history = History(data, await a_door(await an_event()), omar)
    await history.begin()
    for _ in range(data.draw(st.integers(1, 12))):
        await history.take(data.draw(st.sampled_from(ACTS)))
