"""Asks the guests of an event for feedback, once; and ends it, once its time is over. `at` is the event's time."""

from collections.abc import Sequence
from datetime import datetime

from events.event import Event
from events.ground import clock
from events.ground.database import find_rows, query, run_tx, within_tx

from . import box, token
from .box import TOGETHER, FeedbackBox, last_day, sealed_numbers, sealed_words

BEGIN = """INSERT INTO feedback_box (event_id, asked, asked_at, is_closed, numbers_sealed, words_sealed)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (event_id) DO NOTHING RETURNING id"""
# Not while a mailing is being filled: people whose email is not queued yet have a link already.
FORGET_SENT = """DELETE FROM feedback_link WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.template = 'thanks'
        AND m.subject_id = feedback_link.registration_id AND m.state = 'queued')
    AND NOT EXISTS (SELECT 1 FROM mailing f WHERE f.event_id = feedback_link.event_id AND f.template = 'thanks'
        AND NOT f.is_filled AND f.stopped_at IS NULL) RETURNING id"""
MORE = "UPDATE feedback_box SET asked = asked + ? WHERE event_id = ? RETURNING id"
HELD = "SELECT * FROM feedback_box WHERE event_id = ? FOR NO KEY UPDATE"


@within_tx
async def begin(event: Event, guests: Sequence[int], at: datetime) -> bool:
    """Gives each of these requests a link, for the email that thanks them. False if the event's guests were asked
    before, or are so few that no answer could ever be shown."""
    if len(guests) < TOGETHER or not event.data_key:
        return False
    empty = [sealed_numbers(event.id, box.Contents()), box.empty_words(event)]
    if not await query(BEGIN, [event.id, len(guests), at, False, *empty]):
        return False
    await token.make(event, guests)
    return True


@within_tx
async def ask_later(event: Event, guests: Sequence[int], at: datetime) -> None:
    """The same for guests of whom it is known only now that they came. Tokens first, as an answer takes them."""
    if await begin(event, guests, at) or not await FeedbackBox.exists(event_id=event.id, is_closed=False):
        return
    if event.data_key:
        await token.make(event, guests)
        await query(MORE, [len(guests), event.id])


async def turn(at: datetime) -> None:
    """Forgets which link an email had that is out, and closes what is over."""
    await forget_links()
    for open_box in await FeedbackBox.filter(is_closed=False).select_related("event"):
        if clock.local(at).date() > last_day(open_box.event):
            await close(open_box.event_id)


@run_tx
async def forget_links() -> None:
    await query(FORGET_SENT)


@run_tx
async def close(event_id: int) -> None:
    """For good: the rest comes into the results, which never change again. Tokens first, as an answer takes them."""
    await query("DELETE FROM feedback_token WHERE event_id = ? RETURNING id", [event_id])
    await query("DELETE FROM feedback_link WHERE event_id = ? RETURNING id", [event_id])
    held = await held_box(event_id)
    if held is None or held.is_closed:
        return
    contents = held.contents
    closed = FeedbackBox.filter(id=held.id)
    if contents is None:  # it cannot be read: nothing more can be put in, either
        await closed.update(is_closed=True)
        return
    contents.show_all()
    await put_back(held, contents)
    await closed.update(is_closed=True)


@within_tx
async def held_box(event_id: int) -> FeedbackBox | None:
    """As it stands until the transaction ends."""
    found = await find_rows(FeedbackBox, HELD, [event_id])
    return found[0] if found else None


@within_tx
async def put_back(held: FeedbackBox, contents: box.Contents) -> None:
    words = sealed_words(held.event_id, contents, held.words_sealed)
    await FeedbackBox.filter(id=held.id).update(
        numbers_sealed=sealed_numbers(held.event_id, contents), words_sealed=words
    )
