"""Who asks for a password link without being signed in: a network can ask often, and floods leave nothing behind.

Rules: SE-01, SE-04.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx2
import pytest

from events.accounts import known_browser, password_links, password_requests
from events.accounts.password_requests import (
    AGAIN,
    FROM_BROWSER,
    FROM_NETWORK,
    MOST_WAITING,
    TOO_MANY_WAIT,
    PasswordRequest,
)
from events.accounts.sign_in_tries import Caller
from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.ground import clock
from events.ground.database import Database
from events.ground.limits import Attempt
from events.ground.refusal import Refused
from events.mail.outbox import Message
from tests.browser import browsing, heading, words
from tests.events.accounts.sessions import OFFICE
from tests.events.accounts.signing_in import where, whole
from tests.hostile.test_enumeration import statements
from tests.people import MONDAY, queued
from tests.waiting import until

Client = httpx2.AsyncClient
FORGOT = "/staff/forgot"
FLOODS = [f"203.0.113.{n}" for n in range(4)]


@pytest.fixture
async def worker(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """The turn that a server runs, without its pause."""
    monkeypatch.setattr(password_requests, "SPREAD", 0)
    stop = asyncio.Event()
    turn = asyncio.create_task(password_requests.run(stop))
    yield
    stop.set()
    await turn


async def asks(browser: Client, email: str) -> httpx2.Response:
    return await browser.post(FORGOT, data={"email": email})


async def test_two_thousand_from_four_addresses_leave_next_to_nothing_and_hold_up_nobody(
    database: Database, lena: Staff, worker: None
) -> None:
    answers, waited = list[httpx2.Response](), list[int]()
    async with AsyncExitStack() as opened:
        floods = [await opened.enter_async_context(browsing(database, network=network)) for network in FLOODS]
        honest = await opened.enter_async_context(browsing(database, network="192.0.2.1"))
        for first in range(0, 500, 25):
            invented = [(flood, f"nobody{n}@hosts.example.org") for n in range(first, first + 25) for flood in floods]
            answers += await asyncio.gather(*(asks(flood, email) for flood, email in invented))
            waited.append(len(password_requests.waiting()))
            assert (await honest.get("/healthz")).status_code == 200
            if first == 250:
                assert heading(await asks(honest, lena.email)) == "Check your email"
                assert where(await whole(honest, lena))[0] == 303
    await until(lambda: Message.exists(template="staff_reset", subject_id=lena.id))
    counted = Counter(answer.status_code for answer in answers)
    assert counted.total() == 2000
    assert 4 * FROM_NETWORK.tries <= counted[200] <= 4 * FROM_NETWORK.tries + 40, "a quarter of an hour may have ended"
    assert set(counted) == {200, 429}
    assert max(waited) <= MOST_WAITING
    kinds = {("staff_reset", lena.id), ("staff_alert", lena.id)}
    assert (set(await queued()), len(await queued())) == (kinds, 2), "no email waits for nobody"
    assert await Attempt.all().count() <= 2 * (2 * len(FLOODS) + 6), "none for each address"
    assert await AuditEntry.filter(action=Action.PASSWORD_RESET_REFUSED).count() in {4, 8}, "one for each network"
    assert await AuditEntry.all().count() < 20


async def test_beyond_the_limit_the_page_says_when_to_try_again_and_the_same_for_all(
    database: Database, lena: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(password_requests, "FROM_NETWORK", FROM_NETWORK._replace(tries=2))
    async with browsing(database) as browser, browsing(database, network="192.0.2.1") as elsewhere:
        within = [await asks(browser, email) for email in (lena.email, "nobody@hosts.example.org")]
        beyond = [await asks(browser, email) for email in (lena.email, "nobody@hosts.example.org")]
        assert [answer.status_code for answer in within] == [200, 200]
        assert (await asks(elsewhere, lena.email)).status_code == 200, "others are asked nothing"
    first, second = beyond
    assert (first.status_code, first.text) == (second.status_code, second.text)
    assert (first.status_code, heading(first)) == (429, "That could not be done")
    assert 0 < int(first.headers["retry-after"]) <= 2 * FROM_NETWORK.within.total_seconds()
    minutes = -(-int(first.headers["retry-after"]) // 60)
    assert f"Try again in {minutes} minutes." in words(first.text)


async def test_where_too_many_wait_the_next_are_asked_to_come_back(database: Database, lena: Staff) -> None:
    one = PasswordRequest("nobody@hosts.example.org", OFFICE, MONDAY, clock.real())
    password_requests.waiting().extend([one] * MOST_WAITING)
    async with browsing(database) as browser:
        refused = [await asks(browser, email) for email in (lena.email, "nobody@hosts.example.org")]
        assert {(answer.status_code, answer.headers["retry-after"]) for answer in refused} == {(503, str(AGAIN))}
        assert refused[0].text == refused[1].text
        assert TOO_MANY_WAIT in words(refused[0].text)
        assert (len(password_requests.waiting()), await Attempt.all().count()) == (MOST_WAITING, 0)
        password_requests.waiting().pop()
        assert (await asks(browser, lena.email)).status_code == 200


async def test_no_account_is_looked_for_before_the_answer(database: Database, lena: Staff) -> None:
    costs = []
    async with browsing(database) as browser:
        for email in (lena.email, "nobody@hosts.example.org"):
            with statements() as kept:
                assert (await asks(browser, email)).status_code == 200
            costs.append(list(kept))
    assert costs[0] == costs[1]
    assert not [statement for statement in costs[0] if "staff" in statement]
    assert [request.email for request in password_requests.waiting()] == [lena.email, "nobody@hosts.example.org"]
    assert await queued() == []
    with statements() as kept:  # by the worker
        await password_requests.work_off()
    assert [statement for statement in kept if "staff" in statement]
    assert await queued() == [("staff_reset", lena.id)]


async def test_the_worker_outlives_a_failure_and_leaves_nobody_waiting_at_the_stop(
    lena: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(password_requests, "EVERY", 0.01)
    monkeypatch.setattr(password_requests, "SPREAD", 0)
    done = list[str]()

    async def ask(email: str, *_: object) -> None:
        done.append(email)
        if done == ["first@hosts.example.org"]:
            raise OSError

    monkeypatch.setattr(password_links, "ask", ask)
    for name in ("first", "second"):
        await password_requests.put(f"{name}@hosts.example.org", OFFICE, MONDAY, clock.real())
    stop = asyncio.Event()
    turn = asyncio.create_task(password_requests.run(stop))
    await until(lambda: _is(len(done) == 3))
    password_requests.waiting().append(PasswordRequest("last@hosts.example.org", OFFICE, MONDAY, clock.real()))
    stop.set()
    await turn
    assert done == [f"{name}@hosts.example.org" for name in ("first", "second", "first", "last")]


async def _is(true: bool) -> bool:
    return true


async def test_while_the_database_is_away_a_request_waits_for_an_hour(
    database: Database, lena: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, real = password_links.ask, clock.real()

    async def away(*_: object) -> None:
        raise OSError

    for n in range(3):
        await password_requests.put(f"nobody{n}@hosts.example.org", OFFICE, MONDAY, real)
    await password_requests.put(lena.email, OFFICE, MONDAY, real)
    await password_requests.put(lena.email, OFFICE, MONDAY, real - password_requests.KEPT)
    monkeypatch.setattr(password_links, "ask", away)
    for _ in range(2):
        with pytest.raises(OSError):  # noqa: PT011  # as the turn logs it
            await password_requests.work_off()
        assert len(password_requests.waiting()) == 4
    monkeypatch.setattr(password_links, "ask", asked)
    await password_requests.work_off()
    assert (len(password_requests.waiting()), await queued()) == (0, [("staff_reset", lena.id)])


async def test_a_browser_that_signed_in_before_asks_past_a_flood_beside_it_but_a_forged_one_does_not(
    lena: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also once she has another password, and while too many wait; no more than so often."""
    flood, mine = Caller("192.0.2.1"), Caller("192.0.2.1", known=known_browser.remember(lena, clock.real()))
    forged = flood._replace(known=f"{mine.known[:-1]}!")
    monkeypatch.setattr(password_requests, "FROM_NETWORK", FROM_NETWORK._replace(tries=2))
    monkeypatch.setattr(password_requests, "MOST_WAITING", 2)
    await Staff.filter(id=lena.id).update(password_hash="another")

    async def ask(caller: Caller) -> int:
        try:
            await password_requests.put(lena.email, caller, MONDAY, clock.real())
        except Refused as refused:
            return refused.status
        return 200

    assert [await ask(caller) for caller in (flood, flood, flood, forged)] == [200, 200, 503, 503]
    nonce, of_account, of_any = mine.known.split(".")
    varied = [mine._replace(known=f"{nonce}.{of_account}{n}.{of_any}") for n in range(FROM_BROWSER.tries + 1)]
    assert [await ask(caller) for caller in varied] == [200] * FROM_BROWSER.tries + [503], (
        "one browser, whatever it adds"
    )
    password_requests.waiting().clear()
    assert [await ask(caller) for caller in (flood, forged, mine)] == [429] * 3
    monkeypatch.setattr(password_requests, "MOST_WITH_KNOWN", 2)
    others = [mine._replace(known=known_browser.remember(lena, clock.real())) for _ in range(3)]
    assert [await ask(caller) for caller in others] == [200, 200, 503], "many marks fill no queue without end"


async def test_who_signed_in_long_ago_has_no_tries_of_their_own(lena: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor a mark for each time: one that is no account's any more would go on for ever."""
    monkeypatch.setattr(password_requests, "FROM_NETWORK", FROM_NETWORK._replace(tries=1))
    real = clock.real()
    for days, is_known in ((0, True), (30, True), (31, False)):
        mark = known_browser.remember(lena, real - timedelta(days=days))
        nonce, mac = mark.partition(".")[0], mark.partition(".")[2]
        newer = f"{nonce.partition('~')[0]}~{real.date().toordinal()}.{mac}"
        assert known_browser.is_ours(mark, real) is is_known
        assert known_browser.is_ours(newer, real) is (days == 0), "the day is proved too"
    old, new = [Caller("192.0.2.1", known=known) for known in (mark, known_browser.remember(lena, real))]
    for caller in (old, new):
        await password_requests.put(lena.email, caller, MONDAY, real)
    with pytest.raises(Refused):
        await password_requests.put(lena.email, old, MONDAY, real)
