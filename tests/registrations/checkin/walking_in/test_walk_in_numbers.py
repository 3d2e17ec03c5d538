"""Each walk-in has a number, on the lead's phone as at the desk: several of one minute look alike else. SG-06."""

from events.event import Event
from registrations.checkin.walking_in import deciding_walk_ins
from registrations.phones.door import Device
from tests.registrations.checkin.walking_in.test_walk_ins import WREN, lee, on_phone, start

__all__ = ["lee"]


async def test_two_of_one_minute_have_numbers_that_the_desk_has_too(event: Event, lee: Device) -> None:
    for name in ("Wren Walker", "Robin Runner"):
        await start(lee, WREN._replace(full_name=name, email=f"{name[:4].lower()}@weekly.example.org"))
    told = await on_phone(lee)
    assert len({walk_in["asked"] for walk_in in told}) == 1, "of the same minute"
    assert [walk_in["number"] for walk_in in told] == [
        walk_in.id for walk_in in await deciding_walk_ins.all_of(event.id)
    ]
    assert "Wren" not in str(told)
