"""Answers under way are sealed, found by a cookie alone, and last as long as people keep answering.

Rules: GU-16.
"""

import asyncio
import json
from datetime import datetime, timedelta

import pytest

from events.event import Event
from events.ground import clock, data_keys, limits, wording
from events.ground.refusal import Refused
from registrations.asking import drafting, registering
from registrations.asking.draft import AFTER_ASKING, ANSWERS, IDLE, Draft
from registrations.asking.drafting import Opened
from tests.people import MONDAY, an_event
from tests.registrations.privacy.retention.going import went

FULL = {"full_name": "Ada Ashdown", "email": "ada@wardens.example.org"}


async def opened_by(event: Event, token: str, real: datetime) -> Opened | None:
    """The draft of this cookie, as a page of the event finds it."""
    return (await drafting.find(event.slug, token, real))[1]


async def test_each_answer_is_added_and_lets_the_draft_last(event: Event) -> None:
    real = clock.real()
    token = await drafting.keep(event, None, "", {"full_name": "Ada"}, real)
    opened = await opened_by(event, token, real)
    later = real + timedelta(hours=19)
    assert await drafting.keep(event, opened, token, {"role": "Advocate"}, later) == token
    found = await opened_by(event, token, later + IDLE - timedelta(seconds=1))
    assert found is not None
    assert found.answers == {"full_name": "Ada", "role": "Advocate"}
    assert await opened_by(event, token, later + IDLE) is None


async def test_a_draft_is_found_by_its_own_cookie_and_event_only(event: Event) -> None:
    real = clock.real()
    token = await drafting.keep(event, None, "", FULL, real)
    draft = await Draft.get()
    other = await an_event()
    assert [await opened_by(event, cookie, real) for cookie in ("", draft.cookie_hash, token + "x")] == [None] * 3
    assert await opened_by(other, token, real) is None


async def test_drafts_that_are_looked_for_at_the_same_time_are_each_their_own(event: Event) -> None:
    real, other = clock.real(), await an_event()
    ada, boris, elsewhere = [
        await drafting.keep(where, None, "", {"full_name": name}, real)
        for where, name in ((event, "Ada"), (event, "Boris"), (other, "Elsewhere"))
    ]
    cookies = [boris, ada, "nobody's", elsewhere, ada, ""]
    found = await asyncio.gather(*(opened_by(event, cookie, real) for cookie in cookies))
    names = [opened and opened.answers["full_name"] for opened in found]
    assert names == ["Boris", "Ada", None, None, "Ada", None]


async def test_only_our_key_opens_it_and_without_that_it_is_gone(event: Event) -> None:
    token = await drafting.keep(event, None, "", FULL, clock.real())
    draft = await Draft.get()
    sealed = draft.answers_sealed
    assert json.loads(data_keys.open_sealed(ANSWERS, draft.cookie_hash, sealed)) == FULL
    assert b"Ada" not in sealed
    data_keys.install(data_keys.DataKeys())
    assert await opened_by(event, token, clock.real()) is None


async def test_spending_leaves_the_address_and_happens_once(event: Event) -> None:
    real = clock.real()
    token = await drafting.keep(event, None, "", FULL, real)
    opened = [await opened_by(event, token, real) for _ in range(10)]
    answers = await asyncio.gather(*(drafting.spend(copy, "a link", real) for copy in opened if copy))
    assert sorted(answers) == [False] * 9 + [True]
    left = await opened_by(event, token, real)
    assert left is not None
    assert left.answers == {"sent_to": "ada@wardens.example.org", "link": "a link"}
    assert await opened_by(event, token, real + AFTER_ASKING) is None


async def test_who_begins_anew_after_asking_begins_with_nothing(event: Event) -> None:
    real = clock.real()
    token = await drafting.keep(event, None, "", FULL, real)
    opened = await opened_by(event, token, real)
    assert opened is not None
    await drafting.spend(opened, "a link", real)
    await drafting.keep(event, await opened_by(event, token, real), token, {"full_name": "Bo"}, real)
    found = await opened_by(event, token, real)
    assert found is not None
    assert found.answers == {"full_name": "Bo"}


async def test_forgetting_deletes_one_and_the_expired(event: Event) -> None:
    real = clock.real()
    token = await drafting.keep(event, None, "", FULL, real)
    await drafting.keep(event, None, "", FULL, real - IDLE)
    kept = await drafting.keep(event, None, "", FULL, real)
    await drafting.forget(token)
    assert await went("drafts", MONDAY, real) == 1
    assert await Draft.all().count() == 1
    assert await opened_by(event, kept, real) is not None


async def test_of_those_who_begin_at_once_only_the_one_over_the_limit_is_refused(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ASKS_FROM_NETWORK", limits.ASKS_FROM_NETWORK._replace(tries=1))
    begun = [
        registering.begin(event, {"full_name": f"Asker {n}"}, network, clock.real())
        for n, network in enumerate(["192.0.2.1", "192.0.2.1", "192.0.2.2"])
    ]
    first, refused, third = await asyncio.gather(*begun, return_exceptions=True)
    assert isinstance(refused, Refused)
    assert refused.sentence == wording.TOO_MANY_REQUESTS
    drafts = [await opened_by(event, str(token), clock.real()) for token in (first, third)]
    assert [draft and draft.answers for draft in drafts] == [{"full_name": "Asker 0"}, {"full_name": "Asker 2"}]
    assert await Draft.all().count() == 2
