"""An audit log of more than a year: Lena and Omar act in turn, and what is over is deleted."""

from datetime import timedelta

from events.accounts.staff import Staff
from events.audit import audit_seal, forgetting
from events.audit.action import Action
from events.audit.audit import Machine
from tests.people import MONDAY, recorded

DAY = timedelta(days=1)


async def acts(*staff: Staff, on: int = 0, number: int = 1) -> None:
    """So many of each in turn, on this day after Monday."""
    for n in range(number):
        for member in staff:
            await recorded(Action.SEARCHED, member, by=member, at=MONDAY + on * DAY, event_id=1, found=n)


async def a_year(lena: Staff, omar: Staff) -> None:
    """Six acts on Monday, six on Tuesday, and four a year later; all sealed as they were done. Each vouches for others
    before it, also the first of a day."""
    for day in (0, 1, 370):
        await acts(lena, omar, on=day, number=2 if day == 370 else 3)
        await audit_seal.seal_all()


async def forget(at: int = 366) -> int:
    """All that is over so many days after Monday; how many went."""
    gone = 0
    while number := await forgetting.forget(MONDAY + at * DAY, Machine()):
        gone += number
    return gone
