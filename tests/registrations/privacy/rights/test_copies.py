"""The link to a copy goes to its address alone, works once and for seven days, and is used up by whoever opens it.

Rules: DP-08.
"""

import asyncio
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import tokens
from events.ground.refusal import Refused
from events.ground.tokens import Purpose
from events.mail.outbox import Message, MessageState
from registrations.checkin import checkin
from registrations.checkin.scan import PAPER, Scan
from registrations.phones.door import Device
from registrations.privacy.rights import copies, rights_requests
from registrations.privacy.rights.copies import LASTS, VISIT
from registrations.privacy.rights.gathering import gather
from registrations.privacy.rights.rights_emails import WRITERS
from registrations.privacy.rights.rights_request import Outcome, Right, RightsRequest
from tests.at_the_door import a_ticket, scan_of
from tests.mail_reading import assert_it_reads_well, folded, html_of, links_of, text_of, written
from tests.people import MONDAY, THE_DAY, Person, audit_of, confirmed
from tests.registrations.privacy.rights.asking import a_rights_request, asked_by_link, newest

MINUTE = timedelta(minutes=1)


async def token_of(request: RightsRequest) -> str:
    return (await newest(request)).copy_link.rpartition("/")[2]


@pytest.fixture
async def asked(event: Event, ada: Person) -> RightsRequest:
    return await asked_by_link(await confirmed(ada, event), Right.ACCESS)


@pytest.fixture
async def sent(asked: RightsRequest, omar: Staff) -> RightsRequest:
    await copies.send(asked, omar, MONDAY)
    return await newest(asked)


async def test_the_link_goes_to_the_address_and_each_step_is_on_the_audit_log(
    sent: RightsRequest, ada: Person, omar: Staff
) -> None:
    [message] = await Message.filter(template=copies.COPY)
    email = await written(WRITERS[copies.COPY], message)
    assert email is not None
    assert_it_reads_well(email)
    assert [address.addr_spec for address in email["To"].addresses] == [ada.email]
    assert links_of(html_of(email))[0] == ("https://places.example.org/copy/" + await token_of(sent), "Open the copy")
    assert "works once, and until 09:00 on Monday 15 April 2019." in folded(text_of(email))
    visit = await copies.open_once(sent, rights_requests.ByLink(1), MONDAY + MINUTE)
    assert visit
    assert await audit_of(sent) == [
        ("received a rights request", "person:1", MONDAY),
        ("made a link to a copy of what is held about a person", omar.actor, MONDAY),
        ("opened the copy by its link", "person:1", MONDAY + MINUTE),
        ("closed a rights request", "person:1", MONDAY + MINUTE),
    ]


async def test_of_many_who_press_at_once_one_opens_it_and_it_is_used_up(sent: RightsRequest) -> None:
    token = await token_of(sent)
    visits = await asyncio.gather(*(copies.open_once(sent, None, MONDAY + MINUTE) for _ in range(6)))
    [visit] = [visit for visit in visits if visit]
    assert await copies.behind(token, MONDAY + MINUTE) is None
    assert await copies.visited(token, visit, MONDAY + MINUTE) == sent
    now = await newest(sent)
    assert (now.closed_at, now.outcome) == (MONDAY + MINUTE, Outcome.DONE)


async def test_whoever_opened_it_has_ten_minutes_and_nobody_else_any(sent: RightsRequest) -> None:
    token, visit = await token_of(sent), await copies.open_once(sent, None, MONDAY)
    assert visit
    assert await copies.visited(token, visit, MONDAY + VISIT - timedelta(seconds=1)) == sent
    assert await copies.visited(token, visit, MONDAY + VISIT) is None
    for cookie in ("", "x" * 43, visit[:-1]):
        assert await copies.visited(token, cookie, MONDAY) is None


async def test_a_link_that_nobody_opened_is_over_after_seven_days(sent: RightsRequest) -> None:
    token = await token_of(sent)
    assert await copies.behind(token, MONDAY + LASTS - MINUTE) == sent
    assert await copies.behind(token, MONDAY + LASTS) is None
    assert await copies.open_once(sent, None, MONDAY + LASTS) is None
    assert (await newest(sent)).closed_at is None, "it is still to be answered"


async def test_a_newer_link_replaces_the_older_one_and_a_second_press_sends_nothing(
    sent: RightsRequest, omar: Staff
) -> None:
    old = await token_of(sent)
    with pytest.raises(Refused, match="on its way already"):
        await copies.send(sent, omar, MONDAY + MINUTE / 2)
    await copies.send(sent, omar, MONDAY + MINUTE)
    assert await copies.behind(old, MONDAY + MINUTE) is None
    assert await copies.open_once(sent, None, MONDAY + MINUTE) is None, "as it was seen before"
    assert await copies.behind(await token_of(sent), MONDAY + MINUTE) == sent
    found = [await written(WRITERS[copies.COPY], row) for row in await Message.filter(template=copies.COPY)]
    assert [email is None for email in found] == [True, False], "the older email is not sent any more"


async def test_of_several_who_send_it_at_once_one_does(asked: RightsRequest, omar: Staff, lena: Staff) -> None:
    sends = (copies.send(asked, by, MONDAY) for by in (omar, lena, omar))
    answers = await asyncio.gather(*sends, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", "Refused", "Refused"]
    assert await Message.filter(template=copies.COPY).count() == 1


async def test_no_link_opens_before_one_was_sent_or_of_another_purpose(asked: RightsRequest, omar: Staff) -> None:
    assert await copies.behind(await token_of(asked), MONDAY) is None
    await copies.send(asked, omar, MONDAY)
    for purpose in Purpose:
        token = tokens.make(purpose, asked.public_id, 1)
        assert (await copies.behind(token, MONDAY) is not None) == (purpose is Purpose.COPY)


@pytest.mark.parametrize("outcome", Outcome)
async def test_a_request_that_was_refused_opens_nothing_one_that_was_closed_as_done_does(
    sent: RightsRequest, omar: Staff, outcome: Outcome
) -> None:
    await rights_requests.close(sent, outcome, "As we told her.", 0, omar, MONDAY)
    opens = outcome in (Outcome.DONE, Outcome.PARTLY)
    assert (await copies.behind(await token_of(sent), MONDAY) is not None) == opens
    assert (await copies.open_once(sent, None, MONDAY) is not None) == opens
    with pytest.raises(Refused, match="is closed"):
        await copies.send(sent, omar, MONDAY + MINUTE)


async def test_only_a_request_for_a_copy_has_a_link(event: Event, omar: Staff) -> None:
    asked = await a_rights_request(event, omar, Right.ERASURE)
    with pytest.raises(Refused):
        await copies.send(asked, omar, MONDAY)
    assert await Message.filter(template=copies.COPY).count() == 0


async def test_how_it_stands_with_the_link_in_words(asked: RightsRequest, omar: Staff) -> None:
    assert await copies.standing(asked, MONDAY) is None
    await copies.send(asked, omar, MONDAY)
    sent, email = await newest(asked), Message.filter(template=copies.COPY)
    said = [await copies.standing(sent, MONDAY)]
    await email.update(state=MessageState.SENT)
    said += [await copies.standing(sent, MONDAY), await copies.standing(sent, MONDAY + LASTS)]
    await email.update(state=MessageState.FAILED, reply_code=550)
    said += [await copies.standing(sent, MONDAY)]
    made = "The link was made Monday 8 April 2019, 09:00"
    assert [tuple(standing) for standing in said if standing] == [
        (f"{made}, and not opened yet. Its email waits to be sent", False),
        (f"{made}, and not opened yet. It works until Monday 15 April 2019", False),
        (f"{made}. Nobody opened it in time", True),
        ("Our email with the link did not arrive. The address does not exist", True),
    ]


async def test_it_tells_what_a_phone_scanned_from_what_was_ticked_on_paper(
    event: Event, ada: Person, sid: Device
) -> None:
    await checkin.settle([await scan_of(await a_ticket(ada, event))], sid, THE_DAY)
    scanned = await Scan.get()
    same = {name: getattr(scanned, name) for name in Scan._meta.db_fields - {"id"}}
    await Scan.create(**same | {"client_id": "f" * 32, "source": PAPER})
    copy = await gather(event, ada.email, THE_DAY)
    [scans] = [section for section in copy.sections if section.table == "scan"]
    assert [row["What"] for row in scans.rows] == ["Scanned to come in", "Ticked on paper to come in, and typed up"]
