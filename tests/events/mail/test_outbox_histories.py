"""Any history of an email, over processes that die and clocks set back: it goes out in its turn, or is undone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.ground import presence
from events.ground.database import Database
from events.mail import outbox
from events.mail.outbox import CLOCKS_APART, EPOCH, FIRST_WAIT, LEASE, Message, MessageState
from tests.people import MONDAY

BEGIN = datetime.fromisoformat("2026-01-05T10:00:00+00:00")  # the machine's time
UNDO_FOR = timedelta(seconds=30)
PASSES = [timedelta(seconds=n) for n in (1, 29, 31, 61, 301, -3600)]  # the last one is a clock that is set back
ALWAYS = ["nothing", "put", "claim", "claim", "undo", "kill", "lose the lock", "take leases back", "wait"]
WITH_ONE_IN_HAND = ["send", "put off", "put off", "put back", "put back", "be overtaken", "be overtaken"]
STEPS = 24  # of which a history that is made smaller does nothing in most


@dataclass
class Expected:
    """A message as it should be."""

    id: int
    next_try_at: datetime
    state: MessageState = MessageState.QUEUED
    tries: int = 0
    put_off_at: datetime | None = None
    lease_until: datetime | None = None
    leased_by: int | None = None

    def is_due(self, real: datetime) -> bool:
        was_set_back = self.put_off_at is not None and self.put_off_at > real + CLOCKS_APART
        is_free = self.lease_until is None or self.lease_until < real
        return self.state is MessageState.QUEUED and is_free and (self.next_try_at <= real or was_set_back)

    def is_let_go(self) -> None:
        self.lease_until = self.leased_by = None


class History:
    """Does what is drawn, here and in the outbox; the living process has the newest mark."""

    def __init__(self, data: st.DataObject, monkeypatch: pytest.MonkeyPatch) -> None:
        self.data, self.real, self.mark = data, BEGIN, 1
        self.messages: dict[int, Expected] = {}
        self.held: list[Message] = []  # by the living process, or so it believes
        monkeypatch.setattr(presence, "mine", lambda: self.mark)
        monkeypatch.setattr(presence, "gone", self._gone)

    async def _gone(self, marks: list[int]) -> list[int]:
        return [mark for mark in marks if mark != self.mark]

    async def take(self, act: str) -> None:
        if act == "nothing":
            return
        await getattr(self, act.replace(" ", "_"))()
        rows = {row.id: row for row in await Message.all()}
        fields = ("next_try_at", "state", "tries", "put_off_at", "lease_until", "leased_by")
        stored = {id_: {name: getattr(row, name) for name in fields} for id_, row in rows.items()}
        assert stored == {
            id_: {name: getattr(message, name) for name in fields} for id_, message in self.messages.items()
        }, act

    def possible(self) -> list[str]:
        return ALWAYS + (WITH_ONE_IN_HAND if self.held else [])

    def one_held(self) -> Message:
        return self.held.pop(self.data.draw(st.integers(0, len(self.held) - 1)))

    async def put(self) -> None:
        due = self.data.draw(st.sampled_from([EPOCH, self.real + UNDO_FOR]))
        number = len(self.messages)
        for is_first in (True, False):
            assert await outbox.put("confirm", number, cause="asked", at=MONDAY, due=due) is is_first
        message = await Message.get(subject_id=number)
        self.messages[message.id] = Expected(message.id, due)

    async def claim(self) -> None:
        limit = self.data.draw(st.integers(1, 3))
        due = sorted(id_ for id_, message in self.messages.items() if message.is_due(self.real))[:limit]
        claimed = await outbox.claim(self.real, limit)
        assert [message.id for message in claimed] == due
        for message in claimed:
            expected = self.messages[message.id]
            expected.tries += 1
            expected.lease_until, expected.leased_by = self.real + LEASE, self.mark
        self.held += claimed

    async def send(self) -> None:
        message = self.one_held()
        await outbox.done(message, MessageState.SENT, MONDAY)
        if (expected := self.messages[message.id]).state is MessageState.QUEUED:
            expected.state = MessageState.SENT
            expected.is_let_go()

    async def put_off(self) -> None:
        message = self.one_held()
        await outbox.again(message, MONDAY, self.real)
        if (expected := self.messages[message.id]).state is MessageState.QUEUED:
            expected.next_try_at = self.real + FIRST_WAIT * 2 ** (message.tries - 1)
            expected.put_off_at = self.real
            expected.is_let_go()

    async def put_back(self) -> None:
        """Whoever has taken it meanwhile, because our lease was over, keeps it."""
        message = self.one_held()
        is_ours = self.messages[message.id].leased_by == message.leased_by
        await outbox.put_back([message])
        if is_ours:
            self.messages[message.id].tries -= 1
            self.messages[message.id].is_let_go()

    async def undo(self) -> None:
        """Only what nobody has ever begun to send."""
        expected = self.messages[self.data.draw(st.sampled_from(sorted(self.messages)))]
        untouched = expected.state is MessageState.QUEUED and expected.tries == 0 and expected.lease_until is None
        assert await outbox.take_back(await Message.get(id=expected.id), MONDAY) is untouched
        if untouched:
            expected.state = MessageState.DROPPED

    async def kill(self) -> None:
        """Whatever it held is left as it is; another process begins."""
        self.held = []
        await self.lose_the_lock()

    async def lose_the_lock(self) -> None:
        """It goes on with what it has in hand, though others think it gone."""
        self.mark += 1

    async def be_overtaken(self) -> None:
        """Another process thinks it gone, and takes what it has in hand."""
        await self.lose_the_lock()
        await self.take_leases_back()
        await self.claim()

    async def take_leases_back(self) -> None:
        left = [message for message in self.messages.values() if message.leased_by not in (None, self.mark)]
        assert await outbox.end_dead_leases() == len(left)
        for expected in left:
            expected.is_let_go()

    async def wait(self) -> None:
        self.real += self.data.draw(st.sampled_from(PASSES))


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_whatever_happens_to_an_email_it_is_with_one_process_and_goes_when_it_is_due(
    database: Database, monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    await Message.all().delete()
    history = History(data, monkeypatch)
    await history.take("put")
    for _ in range(STEPS):
        await history.take(data.draw(st.sampled_from(history.possible())))
