"""The desk shows what guests said, in steps, and never who said it.

Rules: EV-10.
"""

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.feedback import answering, asking
from registrations.feedback.box import FeedbackBox
from tests.at_the_desk import desk
from tests.browser import browsing, words
from tests.registrations.feedback.guests import CLOSED, NEXT_DAY, contents, many_asked, said


async def read_by(staff: Staff, event: Event, database: Database) -> str:
    async with browsing(database, staff) as client:
        answer = await client.get(desk(event, "after", "feedback"))
    assert answer.status_code == 200
    return words(answer.text)


async def test_organisers_and_viewers_read_it_step_by_step(
    database: Database, event: Event, omar: Staff, vic: Staff
) -> None:
    assert "Whoever came is asked in the email" in await read_by(omar, event, database)
    links = await many_asked(event, 30)
    for n, link in enumerate(links[:9]):
        await answering.take(link, said(4, "police", f"Listen more {n}"), NEXT_DAY)
    before = await read_by(omar, event, database)
    assert "At least 5 of 30 have answered. Feedback is open until Wednesday 15 May 2019." in before
    assert ("Listen" in before, "Confident 5" in before) == (False, False)
    await answering.take(links[9], said(4, "charity", "Listen more 9"), NEXT_DAY)
    shown = await read_by(omar, event, database)
    assert "This page shows what 5 of them said." in shown
    assert ("Confident 5" in shown, shown.count("Remove it : Listen more")) == (True, 5)
    assert "By kind of organisation" not in shown
    for n, link in enumerate(links[10:]):
        await answering.take(link, said(1 + n % 5, ("police", "charity", "council")[n % 3]), NEXT_DAY)
    await asking.turn(CLOSED)
    clock.move_to(CLOSED)
    closed = await read_by(omar, event, database)
    assert "30 of 30 have answered. Feedback is closed." in closed
    assert (
        "By kind of organisation" in closed,
        "Council Hidden" in closed,
        closed.count("Remove it : Listen more"),
    ) == (
        True,
        True,
        10,
    )
    viewed = await read_by(vic, event, database)
    assert ("30 of 30 have answered" in viewed, "Listen more" in viewed) == (True, False)


async def test_organisers_remove_what_names_somebody_for_good(
    database: Database, event: Event, omar: Staff, vic: Staff
) -> None:
    """One of two who wrote the same; and nothing that is not shown, as it would be a guess that says yes."""
    for n, link in enumerate(await many_asked(event, 12)):
        await answering.take(link, said(4, "", "Ask Ada\nfirst" if n < 2 else f"Listen {n}"), NEXT_DAY)
    here, typed = desk(event, "after", "feedback"), {"question": "differently", "text": "Ask Ada\r\nfirst"}
    async with browsing(database, omar) as client:
        early = await client.post(f"{here}/remove", data=typed | {"text": "Listen 99"})
        assert (early.status_code, "nothing was removed" in words(early.text)) == (409, True)
        await asking.turn(CLOSED)
        first = await client.post(f"{here}/remove", data=typed)
        assert first.headers["location"] == f"{here}?said=removed"
        assert "It is removed." in words((await client.get(first.headers["location"])).text)
    found = await contents(event)
    assert (found.shown.texts["differently"].count("Ask Ada\nfirst"), found.people) == (1, 12)
    [entry] = await AuditEntry.filter(action=Action.FEEDBACK_REMOVED)
    assert (entry.actor, entry.details) == (omar.actor, {"question": "differently"})
    async with browsing(database, vic) as client:
        assert (await client.post(f"{here}/remove", data=typed)).status_code == 403
    assert (await contents(event)).shown.texts["differently"].count("Ask Ada\nfirst") == 1


async def test_it_says_where_the_answers_cannot_be_read_and_where_nobody_was_asked(
    database: Database, event: Event, omar: Staff
) -> None:
    await many_asked(event, 5)
    await FeedbackBox.all().update(numbers_sealed=b"\x01damaged")
    assert "The answers cannot be read" in await read_by(omar, event, database)
    await FeedbackBox.all().delete()
    clock.move_to(CLOSED)
    assert "Nobody was asked" in await read_by(omar, event, database)
    await Event.filter(id=event.id).update(emails_off=["thanks"])
    assert "Nobody is asked" in await read_by(omar, event, database)
