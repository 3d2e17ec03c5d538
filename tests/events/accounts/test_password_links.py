"""Links that set a password: good once, for one thing and for their time, and sent only to who has an account."""

import asyncio
from collections import Counter

from events.accounts import password_links, passwords, sign_in
from events.accounts.password_links import INVITED_FOR, RESET_FOR, found
from events.accounts.staff import Session, Staff
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.limits import Attempt
from events.ground.tokens import Purpose
from tests.events.accounts.joining import NEW_PASSWORD, NOW, SECOND, invited, token_of
from tests.events.accounts.sessions import alerts_of
from tests.people import MONDAY, PASSWORD, queued


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
    await password_links.ask(lena.email, MONDAY, NOW)
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
    await password_links.ask("nobody@hosts.example.org", MONDAY, NOW)
    await password_links.ask(omar.email, MONDAY, NOW)
    assert (await queued(), await Attempt.all().count(), await AuditEntry.all().count()) == ([], 0, 0)
    for _ in range(5):
        await password_links.ask(lena.email, MONDAY, NOW)
    assert await queued() == [("staff_reset", lena.id)] * 3
    newest = await Staff.get(id=lena.id)
    assert await found(Purpose.STAFF_RESET, token_of(newest, Purpose.STAFF_RESET), NOW)  # whoever asked on, it works


async def test_the_terminal_makes_a_link_when_no_email_can_help(lena: Staff, omar: Staff) -> None:
    link = await password_links.for_the_terminal(lena, MONDAY, NOW)
    assert link.startswith("https://places.example.org/staff/reset/")
    assert await found(Purpose.STAFF_RESET, link.rpartition("/")[2], NOW)
    first = await password_links.for_the_terminal(omar, MONDAY, NOW)
    assert first.startswith("https://places.example.org/staff/join/")
    assert await queued() == []
