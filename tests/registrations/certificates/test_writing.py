"""No text of a certificate says where the event is, since a certificate is shown to others. Rules: EV-09."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.refusal import Refused
from registrations.certificates import writing
from registrations.certificates.certificate import Words, terms_of
from tests.people import MONDAY, VENUE_CANARY
from tests.registrations.certificates.giving import HOURS, WORDS


@pytest.mark.parametrize("text", ["outcomes", "accredited_by", "accreditation"])
async def test_none_of_its_texts_says_where_the_event_is(event: Event, omar: Staff, text: str) -> None:
    said = vars(WORDS) | {text: f"Learned at {VENUE_CANARY}"}
    with pytest.raises(Refused, match="says where the event is"):
        await writing.write(event, Words(**said), HOURS, 0, omar, MONDAY)
    assert await terms_of(event.id) is None
    await writing.write(event, Words(**said | {text: "Learned together"}), HOURS, 0, omar, MONDAY)
    terms = await terms_of(event.id)
    assert terms, "the control"
    assert terms.words == Words(**said | {text: "Learned together"})
