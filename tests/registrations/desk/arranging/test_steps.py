"""What the access lead can do with what somebody needs, from which step: answer, ask back, say that it cannot be.

Rules: EV-04.
"""

from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock, wording
from events.ground.database import Database
from events.ground.refusal import Refused
from events.ground.tokens import Purpose
from registrations.booking import for_the_day, own_needs
from registrations.booking.own_needs import mark_of
from registrations.desk.arranging import arranging
from registrations.people.needs import Adjustment, Step
from registrations.people.registration import Registration
from tests.browser import browsing, words
from tests.people import MONDAY, THE_DAY, queued
from tests.professional import path_to
from tests.registrations.booking.test_change_pages import sent_with

LOOP, BSL = Adjustment.HEARING_LOOP, Adjustment.BSL
REPLY = "The loop covers rows one to three"


async def now(asked: Registration) -> Registration:
    return await Registration.get(id=asked.id)


async def test_what_is_arranged_and_described_is_one_email(
    database: Database, event: Event, guest: Registration, axel: Staff
) -> None:
    async with browsing(database, axel) as client:
        typed = {"step": "arranged", f"of-{guest.id}-hearing-loop-reply": REPLY, "seen": mark_of(guest)}
        await client.post(f"/desk/{event.slug}/access/{guest.id}/hearing-loop", data=typed)
    assert [template for template, _ in await queued()] == ["needs_asked", "needs_told"]
    assert (await now(guest)).needs.replies == {"hearing-loop": REPLY}


async def test_what_cannot_be_arranged_is_said_with_its_reason_and_may_be_arranged_after_all(
    guest: Registration, axel: Staff
) -> None:
    await arranging.move(guest, LOOP, Step.CANNOT, "The room has no loop. A laptop shows captions.", axel, MONDAY)
    assert for_the_day.shown(await now(guest)).adjustments[0].step == "cannot be arranged"
    await arranging.move(await now(guest), LOOP, Step.ARRANGED, "", axel, MONDAY)
    assert [template for template, _ in await queued()] == ["needs_asked", "needs_cannot", "needs_arranged"]
    assert (await now(guest)).needs.replies["hearing-loop"] == "", "the reason is not true any more"


async def test_a_question_is_answered_on_her_page_and_the_rest_stays_arranged(guest: Registration, axel: Staff) -> None:
    await arranging.move(guest, LOOP, Step.ARRANGED, "", axel, MONDAY)
    await arranging.move(await now(guest), BSL, Step.QUESTION, "For the whole day?", axel, MONDAY)
    [_, asked] = for_the_day.shown(await now(guest)).adjustments
    assert (asked.reply, asked.step.startswith("we have a question")) == ("For the whole day?", True)
    await own_needs.tell_adjustments(await now(guest), [LOOP, BSL], "In the morning", MONDAY, clock.real())
    told = (await now(guest)).needs
    assert (told.adjustments, told.replies.get("bsl", "")) == ({"hearing-loop": "arranged", "bsl": "asked"}, "")
    await own_needs.tell_adjustments(await now(guest), [LOOP, BSL], "In the evening", MONDAY, clock.real())
    assert set((await now(guest)).needs.adjustments.values()) == {"asked"}, "with no question open all is asked anew"


async def test_her_booking_page_says_at_its_top_that_there_is_a_question(
    database: Database, guest: Registration, axel: Staff
) -> None:
    page = path_to(guest, Purpose.MANAGE)
    async with browsing(database) as client:
        assert "We have a question" not in (await client.get(page)).text
        await arranging.move(guest, BSL, Step.QUESTION, "For the whole day?", axel, MONDAY)
        shown = (await client.get(page)).text
        question = shown.index("We have a question")
        assert shown.index("<h1") < question < shown.index("<dl")
        assert f'{page}/needs/adjustments">answer it' in shown
        assert ('href="#adjustments"' in shown, 'id="adjustments"' in shown) == (True, True)
        await own_needs.tell_adjustments(await now(guest), [BSL], "In the morning", MONDAY, clock.real())
        assert "We have a question" not in (await client.get(page)).text


@pytest.mark.parametrize(
    ("before", "after"), [(Step.ASKED, Step.ASKED), (Step.TOLD, Step.ARRANGED), (Step.CANNOT, Step.QUESTION)]
)
async def test_no_step_is_taken_that_does_not_follow(
    guest: Registration, axel: Staff, before: Step, after: Step
) -> None:
    if before is not Step.ASKED:
        await arranging.move(guest, LOOP, before, REPLY, axel, MONDAY)
    told = (await now(guest)).needs
    with pytest.raises(Refused, match="so already"):
        await arranging.move(await now(guest), LOOP, after, REPLY, axel, MONDAY)
    assert (await now(guest)).needs == told


@pytest.mark.parametrize("step", [Step.TOLD, Step.QUESTION, Step.CANNOT])
async def test_nobody_is_answered_with_nothing(guest: Registration, axel: Staff, step: Step) -> None:
    with pytest.raises(Refused, match="Write what they are to read"):
        await arranging.move(guest, LOOP, step, "", axel, MONDAY)


async def test_an_answer_that_nobody_has_read_is_not_closed_by_a_page_of_before_it(
    database: Database, event: Event, guest: Registration, axel: Staff
) -> None:
    await arranging.move(guest, LOOP, Step.QUESTION, "Near the exit?", axel, MONDAY)
    seen = mark_of(await now(guest))
    await own_needs.tell_adjustments(await now(guest), [LOOP, BSL], "Far from every door", MONDAY, clock.real())
    async with browsing(database, axel) as client:
        typed = {"step": "arranged", f"of-{guest.id}-hearing-loop-reply": "Beside the exit", "seen": seen}
        late = await client.post(f"/desk/{event.slug}/access/{guest.id}/hearing-loop", data=typed)
    assert (late.status_code, (await now(guest)).needs.adjustments["hearing-loop"]) == (409, "asked")


async def test_a_question_is_answered_after_the_last_day_for_changes_and_nothing_moves_after_the_event(
    database: Database, event: Event, guest: Registration, axel: Staff
) -> None:
    await Event.filter(id=event.id).update(changes_until=(event.day - MONDAY.date()).days + 1)
    which = f"{path_to(guest, Purpose.MANAGE)}/needs/adjustments/which"
    async with browsing(database) as client:
        assert (await client.get(which)).status_code == 409, "the control"
        await arranging.move(guest, BSL, Step.QUESTION, "For the whole day?", axel, MONDAY)
        shown = await client.get(which)
        told = {"wanted": ["bsl"], "words": "In the morning", "agree": "adjustments 1", **sent_with(shown.text)}
        assert (await client.post(which, data=told)).status_code == 303
        assert (await client.get(which)).status_code == 409, "it is answered"
    with pytest.raises(Refused, match="is over"):
        await arranging.move(await now(guest), BSL, Step.ARRANGED, "", axel, MONDAY + timedelta(days=30))


async def test_after_the_event_the_page_offers_no_step_and_promises_no_email(
    database: Database, event: Event, guest: Registration, axel: Staff
) -> None:
    here = f"/desk/{event.slug}/access"
    shown = {}
    async with browsing(database, axel) as client:
        for name, at in (("before", THE_DAY), ("after", THE_DAY + timedelta(days=1))):
            clock.move_to(at)
            page = (await client.get(here)).text
            shown[name] = ['name="step"' in page, f'{here}/note"' in page, "Each step sends them" in page]
        assert "The event is over" in words(page)
        late = await client.post(f"{here}/{guest.id}/hearing-loop", data={"step": "told", "seen": mark_of(guest)})
    assert shown == {"before": [True] * 3, "after": [False] * 3}
    assert (late.status_code, wording.IS_OVER in words(late.text)) == (409, True)
