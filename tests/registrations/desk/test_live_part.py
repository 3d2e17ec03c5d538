"""A part of a page that many watch: one drawing serves them all, and none of them misses the last change."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import pytest

from events.accounts import sign_in
from events.accounts.staff import Role, Session, Staff
from events.event import Event
from events.ground import clock, live
from registrations.desk.live_part import Part, Watcher, changes, drawings, together
from tests.waiting import WITHIN

NEWS = "news of this test"


class Drawn:
    """Counts its drawings, and what each shows is that count."""

    def __init__(self) -> None:
        self.times = 0
        self.fails = False
        self.begun = asyncio.Event()

    async def __call__(self) -> str:
        self.begun.set()
        await asyncio.sleep(0.01)
        if self.fails:
            raise ValueError("nothing can be drawn")
        self.times += 1
        return str(self.times)

    def part(self) -> Part:
        return Part("test", NEWS, self, 0.05, 10.0 * WITHIN)


async def heard(stream: AsyncIterator[str]) -> str:
    return (await asyncio.wait_for(anext(stream), WITHIN)).strip()


def shows(count: int) -> str:
    return f'data: {{"html": "{count}"}}'


@pytest.fixture
async def watcher(event: Event, vic: Staff) -> Watcher:
    await sign_in.begin_full_session(vic, clock.real())
    return Watcher((await Session.get(staff=vic)).id, (await Role.get(staff=vic)).id)


async def test_twenty_watchers_are_sent_one_drawing_and_one_more_after_any_number_of_changes(watcher: Watcher) -> None:
    drawn = Drawn()
    streams = [changes(drawn.part(), watcher) for _ in range(20)]
    assert await asyncio.gather(*map(heard, streams)) == ["retry: 3000"] * 20
    assert await asyncio.gather(*map(heard, streams)) == [shows(1)] * 20
    for _ in range(5):
        live.publish(NEWS)
    assert await asyncio.gather(*map(heard, streams)) == [shows(2)] * 20
    assert drawn.times == 2


async def test_what_changes_while_it_is_drawn_is_drawn_once_more(watcher: Watcher) -> None:
    drawn = Drawn()
    stream = changes(drawn.part(), watcher)
    await heard(stream)
    first = asyncio.create_task(heard(stream))
    await drawn.begun.wait()
    live.publish(NEWS)
    assert (await first, await heard(stream)) == (shows(1), shows(2))


async def test_who_comes_later_is_shown_a_new_drawing_and_others_see_it_too(watcher: Watcher) -> None:
    drawn = Drawn()
    early, late = changes(drawn.part(), watcher), changes(drawn.part(), watcher)
    assert [await heard(early), await heard(early)] == ["retry: 3000", shows(1)]
    assert [await heard(late), await heard(late), await heard(early)] == ["retry: 3000", shows(2), shows(2)]


async def test_one_who_leaves_ends_nobody_elses_stream_and_the_last_one_ends_the_drawing(watcher: Watcher) -> None:
    drawn = Drawn()
    stays, leaves = changes(drawn.part(), watcher), changes(drawn.part(), watcher)
    for stream in (leaves, stays):
        assert [await heard(stream), await heard(stream)][0] == "retry: 3000"
    await leaves.aclose()
    live.publish(NEWS)
    assert await heard(stays) == shows(drawn.times)
    assert list(drawings(live.hub())) == ["test"]
    drawing = drawings(live.hub())["test"]
    await stays.aclose()
    await asyncio.wait_for(drawing.task, WITHIN)
    assert not drawings(live.hub())


async def test_a_drawing_that_fails_ends_its_streams_and_the_next_watcher_is_served(watcher: Watcher) -> None:
    drawn = Drawn()
    drawn.fails = True
    stream = changes(drawn.part(), watcher)
    await heard(stream)
    with pytest.raises(ValueError, match="nothing can be drawn"):
        await heard(stream)
    drawn.fails = False
    again = changes(drawn.part(), watcher)
    assert [await heard(again), await heard(again)] == ["retry: 3000", shows(1)]


async def test_every_stream_ends_with_the_process(watcher: Watcher) -> None:
    streams = [changes(Drawn().part(), watcher) for _ in range(3)]
    for _ in range(2):
        await asyncio.gather(*map(heard, streams))
    live.hub().close()
    assert [[line async for line in stream] for stream in streams] == [[], [], []]


async def test_a_disabled_account_sees_no_further_drawing(watcher: Watcher, vic: Staff) -> None:
    stream = changes(Drawn().part(), watcher)
    assert [await heard(stream), await heard(stream)] == ["retry: 3000", shows(1)]
    await Staff.filter(id=vic.id).update(disabled_at=clock.real())
    live.publish(NEWS)
    with pytest.raises(StopAsyncIteration):
        await heard(stream)


async def said_in_turn(*lines: str, fails: bool = False, closed: list[str] | None = None) -> AsyncGenerator[str, None]:
    try:
        for line in lines:
            await asyncio.sleep(0)
            yield line
        if fails:
            raise ValueError("nothing can be said")
        if closed is not None:
            await asyncio.Event().wait()  # it would go on for ever
    finally:
        if closed is not None:
            closed.append(lines[0])


async def test_streams_that_are_heard_together_lose_no_line_and_end_with_the_first() -> None:
    closed: list[str] = []
    stream = together(said_in_turn("a", "b", "c"), said_in_turn("1", "2", closed=closed))
    async with asyncio.timeout(WITHIN):
        heard_lines = [line async for line in stream]
    assert sorted(heard_lines) == ["1", "2", "a", "b", "c"]
    assert [line for line in heard_lines if line.isalpha()] == ["a", "b", "c"]
    assert closed == ["1"], "the other one is closed"


async def test_whoever_stops_listening_closes_them_all_and_a_failure_is_heard() -> None:
    closed: list[str] = []
    stream = together(said_in_turn("a", closed=closed), said_in_turn("1", closed=closed))
    await anext(stream)
    await stream.aclose()
    assert sorted(closed) == ["1", "a"]
    with pytest.raises(ValueError, match="nothing can be said"):
        [line async for line in together(said_in_turn("a", fails=True), said_in_turn("1", closed=closed))]
    assert closed.count("1") == 2
