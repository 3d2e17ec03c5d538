"""People who are invited, and the links and emails that they get."""

from datetime import UTC, datetime, timedelta

from events.accounts import accounts, password_links
from events.accounts.staff import RoleName, Staff
from events.event import Event
from events.ground.tokens import Purpose
from tests.people import MONDAY

NOW = datetime(2030, 1, 7, 9, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
NEW_PASSWORD = "river lantern stove"


async def invited(event: Event, lena: Staff, role: RoleName = RoleName.ORGANISER) -> Staff:
    return await accounts.invite(
        "ines@hosts.example.org", "Ines Invited", "Three Rivers", event, role, by=lena, at=MONDAY, real=NOW
    )


def token_of(staff: Staff, purpose: Purpose) -> str:
    return password_links.link_of(staff, purpose).rpartition("/")[2]
