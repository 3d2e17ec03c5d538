"""What is kept of feedback, and when it goes: links, tokens, then words, and last the numbers.

The links of emails that are out are forgotten much earlier (`feedback/asking.py`).
"""

from datetime import datetime, timedelta

from events.ground.database import query, within_tx
from events.ground.keeping import Period
from registrations.feedback import box
from registrations.people.person import NAMED

from . import rows
from .kept import Gone, Kept, Rows

OVER = Period(box.OPEN_FOR + timedelta(days=1), "after the event")
FORGET = "UPDATE feedback_box SET words_sealed = NULL WHERE {where} RETURNING event_id"


@within_tx
async def forget_words(kept: Kept, at: datetime, real: datetime) -> Gone:
    found = await rows.due(kept, at, real)
    if found is None:
        return Gone()
    where, values = found.some(kept, rows.BATCH)
    gone = rows.by_event(await query(FORGET.format(where=where), values))
    await rows.record(kept, gone, at)
    return gone


def classes() -> tuple[Kept, ...]:
    return (
        Kept(
            "feedback_links", "Links for feedback", "which link an email has that asks for feedback and is not out yet",
            f"as soon as the email is out, or cannot be sent; {OVER} at the latest", "nothing",
            Rows("feedback_link", days=OVER.time), rows.delete,
        ),
        Kept(
            "feedback_tokens", "Tokens for feedback", "keyed hashes of links that let an answer in, and of nobody",
            f"with the answer; {OVER} at the latest", "nothing", Rows("feedback_token", days=OVER.time), rows.delete,
        ),
        Kept(
            "feedback_words", "Words of feedback", "what people wrote after the event, apart from their other answers",
            str(NAMED), "how often each other answer was given",
            Rows("feedback_box", "words_sealed IS NOT NULL", days=NAMED.time), forget_words,
            f"what you write in feedback, which is kept without your name: {NAMED}",
        ),
        Kept(
            "feedback", "Feedback", "how often each answer was given, by kind of organisation where people said it",
            str(box.KEPT), "nothing", Rows("feedback_box", days=box.KEPT.time), rows.delete_and_record,
            f"how often each other answer was given in feedback: {box.KEPT}",
        ),
    )  # fmt: skip
