"""What the script has of feedback: an answer, and a guest who has not answered yet."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime

from events.event import Event
from events.ground import clock
from registrations.feedback.box import FeedbackBox
from registrations.feedback.token import FeedbackLink, FeedbackToken
from tests.registrations.feedback.guests import a_link, an_answered_box

Gone = Callable[[], Awaitable[bool]]


def midnight(year: int, month: int, day: int) -> datetime:
    return clock.at_venue(date(year, month, day), 0, 0)


AFTERWARDS = {
    **dict.fromkeys(("feedback_links", "feedback_tokens"), midnight(2019, 5, 16)),
    "feedback_words": midnight(2019, 7, 14),
    "feedback": midnight(2020, 4, 14),
}


async def traces_afterwards(event: Event) -> tuple[dict[str, Gone], dict[str, bytes]]:
    """By the code of their class how one sees that it is gone, and a value that stands nowhere else."""
    await an_answered_box(event, "Ask first")
    await a_link(event)
    await FeedbackLink.create(event=event, registration_id=1, public_id="trace-of-links-0")
    box, token = await FeedbackBox.get(), await FeedbackToken.get()

    async def words_are_gone() -> bool:
        return not await FeedbackBox.filter(words_sealed__isnull=False).exists()

    async def numbers_are_gone() -> bool:
        return not await FeedbackBox.all().exists()

    async def tokens_are_gone() -> bool:
        return not await FeedbackToken.all().exists()

    async def links_are_gone() -> bool:
        return not await FeedbackLink.all().exists()

    gone: dict[str, Gone] = {
        "feedback_words": words_are_gone,
        "feedback": numbers_are_gone,
        "feedback_tokens": tokens_are_gone,
        "feedback_links": links_are_gone,
    }
    return gone, {
        "feedback_words": bytes(box.words_sealed or b""),
        "feedback": bytes(box.numbers_sealed),
        "feedback_tokens": token.token_hash.encode(),
        "feedback_links": b"trace-of-links-0",
    }
