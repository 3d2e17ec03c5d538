"""Links that set a password: good once, for one thing and for their time, and sent only to who has an account."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest

from events.accounts import known_browser, password_links, passwords, sign_in
from events.accounts.password_links import INVITED_FOR, RESET_FOR, found, time_left
from events.accounts.sign_in_tries import Caller
from events.accounts.staff import Session, Staff
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import limits
from events.ground.limits import Attempt
from events.ground.refusal import Refused
from events.ground.tokens import Purpose
from tests.events.accounts.joining import MINUTE, NEW_PASSWORD, NOW, SECOND, invited, token_of
from tests.events.accounts.sessions import ELSEWHERE, OFFICE, alerts_of
from tests.people import MONDAY, PASSWORD, joined, queued


async def test_a_link_is_good_once_for_one_thing_and_for_its_time(event: Event, lena: Staff) -> None:
    ines = await Staff.get(id=(await invited(event, lena)).id)
    token = token_of(ines, Purpose.STAFF_INVITE)
    assert await found(Purpose.STAFF_INVITE, token, NOW + INVITED_FOR - SECOND) == ines
    assert await found(Purpose.STAFF_INVITE, token, NOW + INVITED_FOR) is None
    assert await found(Purpose.STAFF_RESET, token, NOW) is None
    assert await found(Purpose.STAFF_INVITE, token[:-1] + ("a" if token[-1] != "a" else "b"), NOW) is None
    assert await found(Purpose.STAFF_INVITE, "", NOW) is None
    await password_links.accept_invitation(ines, NEW_PASSWORD, "", MONDAY, NOW)
    assert await found(Purpose.STAFF_INVITE, token, NOW) is None
    fresh = await Staff.get(id=ines.id)
    assert await found(Purpose.STAFF_INVITE, token_of(fresh, Purpose.STAFF_INVITE), NOW) is None  # none was sent


async def test_one_link_opened_ten_times_at_once_sets_one_password(event: Event, lena: Staff) -> None:
    ines = await Staff.get(id=(await invited(event, lena)).id)
    tries = [password_links.accept_invitation(ines, f"{NEW_PASSWORD} {n}", "", MONDAY, NOW) for n in range(10)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert Counter(type(answer).__name__ for answer in answers) == {"str": 1, "Refused": 9}
    assert await Session.filter(staff=ines).count() == 1


async def test_inviting_again_kills_the_link_before(event: Event, lena: Staff) -> None:
    ines = await Staff.get(id=(await invited(event, lena)).id)
    before = token_of(ines, Purpose.STAFF_INVITE)
    await password_links.send(ines, by=lena, at=MONDAY, real=NOW)
    ines = await Staff.get(id=ines.id)
    assert await found(Purpose.STAFF_INVITE, before, NOW) is None
    assert await found(Purpose.STAFF_INVITE, token_of(ines, Purpose.STAFF_INVITE), NOW)
    assert await queued() == [("lead_alert", lena.id), *[("staff_invite", ines.id)] * 2]


async def test_a_forgotten_password_is_reset_and_every_browser_signed_out(event: Event, lena: Staff) -> None:
    elsewhere = await sign_in.begin_full_session(lena, NOW)
    await password_links.ask(lena.email, OFFICE, MONDAY, NOW)
    lena = await Staff.get(id=lena.id)
    assert await queued() == [("staff_reset", lena.id)]
    token = token_of(lena, Purpose.STAFF_RESET)
    assert await found(Purpose.STAFF_RESET, token, NOW + RESET_FOR) is None
    assert await found(Purpose.STAFF_RESET, token, NOW + RESET_FOR - SECOND) == lena
    new = await password_links.reset(lena, NEW_PASSWORD, "Firefox", MONDAY, NOW)
    assert await sign_in.find_session(elsewhere, NOW) is None
    session = await sign_in.find_session(new, NOW)
    assert session is not None
    assert sign_in.needs_second_factor(session)
    assert await alerts_of(lena) == ["password_changed"]
    lena = await Staff.get(id=lena.id)
    assert await passwords.right(lena.password_hash, NEW_PASSWORD)
    assert not await passwords.right(lena.password_hash, PASSWORD)
    assert lena.totp_set_at is not None  # her codes stay as they were


async def test_asking_for_a_reset_emails_only_who_is_there_and_three_times_an_hour(lena: Staff, omar: Staff) -> None:
    await Staff.filter(id=omar.id).update(disabled_at=MONDAY)
    await password_links.ask("nobody@hosts.example.org", OFFICE, MONDAY, NOW)
    await password_links.ask(omar.email, OFFICE, MONDAY, NOW)
    assert (await queued(), await Attempt.all().count(), await AuditEntry.all().count()) == ([], 0, 0)
    for _ in range(5):
        await password_links.ask(lena.email, OFFICE, MONDAY, NOW)
    assert await queued() == [("staff_reset", lena.id)] * 3
    assert await opens(lena, await newest_link(lena), NOW)


async def test_strangers_end_no_link_of_lena_and_use_up_none_of_her_requests(lena: Staff) -> None:
    """Wherever they are: they ask from three new networks a minute, for hours."""
    await password_links.ask(lena.email, OFFICE, MONDAY, NOW)
    links, sent = [(NOW, await newest_link(lena))], 1
    for minute in range(1, 180):
        real = NOW + minute * MINUTE
        for n in range(3):
            await password_links.ask(lena.email, Caller(f"203.0.113.{minute % 50}{n}"), MONDAY, real)
        if len(await queued()) > sent:
            links, sent = [*links, (real, await newest_link(lena))], len(await queued())
        for at, link in links:
            assert await opens(lena, link, real) or real - at >= RESET_FOR / 2, "half an hour from each email at least"
            assert real - at < 1.5 * RESET_FOR or not await opens(lena, link, real), "nobody keeps one alive"
        assert await opens(lena, links[0][1], real) == (real < NOW + RESET_FOR)
        assert real - links[-1][0] < RESET_FOR / 2 + MINUTE, "nor can anybody use up all emails"
    assert sent < 3 * (limits.RESET_EMAILS_OF_ACCOUNT.tries + 2), "nor fill her mailbox"
    sure = known_browser.remember(await Staff.get(id=lena.id), NOW)
    await password_links.ask(lena.email, Caller("198.51.100.7", known=sure), MONDAY, real)
    assert len(await queued()) == sent + 1, "her own browser has emails of its own"


async def test_an_outsider_asks_three_times_and_lena_still_gets_her_email(lena: Staff) -> None:
    for _ in range(9):
        await password_links.ask(lena.email, ELSEWHERE, MONDAY, NOW)
    assert await queued() == [("staff_reset", lena.id)] * 3
    await password_links.ask(lena.email, OFFICE, MONDAY, NOW)
    assert await queued() == [("staff_reset", lena.id)] * 4


async def test_a_link_in_its_second_half_works_on_beside_the_new_one_until_one_is_used(lena: Staff) -> None:
    await password_links.ask(lena.email, OFFICE, MONDAY, NOW)
    first, late = await newest_link(lena), NOW + RESET_FOR / 2
    assert time_left(await Staff.get(id=lena.id), NOW) == "60 minutes"
    await password_links.ask(lena.email, ELSEWHERE, MONDAY, late - SECOND)
    assert await newest_link(lena) == first, "in its first half the same is sent again"
    assert time_left(await Staff.get(id=lena.id), late - SECOND) == "31 minutes"
    await password_links.ask(lena.email, ELSEWHERE, MONDAY, late)
    second = await newest_link(lena)
    assert second != first
    end = late + RESET_FOR / 2
    assert [await opens(lena, first, end - SECOND), await opens(lena, first, end)] == [True, False]
    await password_links.reset(await Staff.get(id=lena.id), NEW_PASSWORD, "", MONDAY, late)
    assert [await opens(lena, link, late) for link in (first, second)] == [False, False]
    await password_links.ask(lena.email, OFFICE, MONDAY, late)
    assert [await opens(lena, link, late) for link in (first, second, await newest_link(lena))] == [False, False, True]


async def test_a_link_that_is_over_comes_back_with_no_other(lena: Staff) -> None:
    await password_links.ask(lena.email, OFFICE, MONDAY, NOW)
    over = await newest_link(lena)
    await password_links.ask(lena.email, OFFICE, MONDAY, NOW + RESET_FOR)
    assert not await opens(lena, over, NOW + RESET_FOR)
    assert await opens(lena, await newest_link(lena), NOW + RESET_FOR)


async def test_a_lead_who_sends_a_link_ends_those_before(lena: Staff, omar: Staff) -> None:
    await joined(omar)
    await password_links.ask(omar.email, OFFICE, MONDAY, NOW)
    before = await newest_link(omar)
    await password_links.send(await Staff.get(id=omar.id), by=lena, at=MONDAY, real=NOW)
    assert [await opens(omar, link, NOW) for link in (before, await newest_link(omar))] == [False, True]


async def test_an_outsider_ends_no_invitation_and_hides_nobody_who_sent_it(event: Event, lena: Staff) -> None:
    ines = await Staff.get(id=(await invited(event, lena)).id)
    first = token_of(ines, Purpose.STAFF_INVITE)
    for hours in (1, 40, 71):
        await password_links.ask(ines.email, ELSEWHERE, MONDAY, NOW + timedelta(hours=hours))
        assert await found(Purpose.STAFF_INVITE, first, NOW + timedelta(hours=hours)) == ines
    assert await password_links.invited_by(ines) == "Lena Lead of Safer Places"


async def newest_link(staff: Staff) -> str:
    return token_of(await Staff.get(id=staff.id), Purpose.STAFF_RESET)


async def opens(staff: Staff, token: str, real: datetime) -> bool:
    return await found(Purpose.STAFF_RESET, token, real) == staff


async def test_the_terminal_makes_a_link_when_no_email_can_help(lena: Staff, omar: Staff) -> None:
    link = await password_links.for_the_terminal(lena, MONDAY, NOW)
    assert link.startswith("https://places.example.org/staff/reset/")
    assert await found(Purpose.STAFF_RESET, link.rpartition("/")[2], NOW)
    first = await password_links.for_the_terminal(omar, MONDAY, NOW)
    assert first.startswith("https://places.example.org/staff/join/")
    assert await queued() == []


async def test_a_link_is_good_though_somebody_asks_while_its_new_password_is_hashed(lena: Staff) -> None:
    lena = await joined(lena)
    await password_links.ask(lena.email, OFFICE, MONDAY, NOW)
    token = token_of(await Staff.get(id=lena.id), Purpose.STAFF_RESET)
    later = NOW + RESET_FOR / 2 + MINUTE
    hers = await found(Purpose.STAFF_RESET, token, later)
    assert hers is not None
    await password_links.ask(lena.email, ELSEWHERE, MONDAY, later)
    await password_links.reset(hers, NEW_PASSWORD, "", MONDAY, later)
    newest = token_of(await Staff.get(id=lena.id), Purpose.STAFF_RESET)
    assert [await found(Purpose.STAFF_RESET, link, later) for link in (token, newest)] == [None, None]
    with pytest.raises(Refused):
        await password_links.reset(hers, NEW_PASSWORD, "", MONDAY, later)
