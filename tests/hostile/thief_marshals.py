"""A marshal's phone and its key card, in the day that a thief of the database would like."""

import base64
import re
from typing import Any

import httpx2

from events.ground import clock
from registrations.checkin import checkin
from registrations.codes import key_card
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, scan_of
from tests.door_phone import HttpPhone
from tests.registrations.desk.cards.test_card_pages import code_on
from tests.registrations.roll_call.marshals import Marshal, a_tick

MARSHALS = "Hortensia Sweepwell's phone"


def code_and_pin_on(page: str) -> tuple[str, str]:
    """The typed code and the PIN, if it has one, as the page of a new phone shows them once."""
    [code] = set(re.findall(r"\b[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}\b", page))
    pins = re.findall(r">(\d{3} ?\d{3})<", page)
    return code, pins[0].replace(" ", "") if pins else ""


async def many_come_in(day: Any) -> None:
    """Beside those of whom the day tells."""
    tickets = await Ticket.filter(revoked_at=None).exclude(id=day.dora.id).order_by("-id").limit(30)
    steward = await a_phone_at(day.door, "Another phone")
    await checkin.settle([await scan_of(ticket) for ticket in tickets], steward, clock.now())


async def calls_the_roll(day: Any, phone: httpx2.AsyncClient) -> None:
    """`day` is the Day. A card is made, the list opened, somebody ticked: neither what opens it nor who is on it is to
    be found."""
    here, marshal = f"/desk/{day.event.slug}/roll-call", Marshal(HttpPhone(phone))
    async with day.browser(day.lena) as desk:
        text = code_on((await desk.post(f"{here}/card")).text)
    secret = key_card.parse(text)
    assert secret is not None
    await many_come_in(day)
    await marshal.state()
    sealed = await marshal.list()
    started = await marshal.starts("drill")
    key = base64.urlsafe_b64decode(started["running"]["key"] + "=")
    rows = sealed.opened(day.event, key)["rows"]
    assert len(rows) > 20, "there is something to find"
    day.says(text, *{name for row in rows for name in row[:2] if len(name) > 9})
    day.secrets |= {secret, key}
    assert (await marshal.sends(started["joined"], a_tick(rows[0][3])))["refused"] == []
    async with day.browser(day.lena) as desk:
        assert (await desk.post(f"{here}/end")).status_code == 303
