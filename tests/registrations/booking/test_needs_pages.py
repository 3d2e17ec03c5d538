"""The booking page leads to pages on which guests tell us what they need; a ticked consent keeps it, a no deletes it.

Rules: GU-18, DP-05, DP-13, SG-12, EM-05.
"""

import re

import httpx2
import pytest

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import Database
from events.ground.tokens import Purpose
from events.mail.outbox import Message
from registrations.people.choices import Choices, Switch
from registrations.people.needs import NOTHING, Adjustment
from registrations.people.registration import Registration, State
from tests.browser import browsing, heading, words
from tests.people import Person, queued
from tests.professional import path_to, put_into, with_ticket
from tests.registrations.booking.telling_needs import ALLERGY, WORDS, tells_everything
from tests.registrations.booking.test_change_pages import sent_with

ADJUSTMENTS = {"wanted": ["bsl", "evacuation"], "words": WORDS, "agree": "adjustments 1"}
WITHDRAWN = {"any": "no", "word": "withdraw"}
DIET = {"wanted": ["allergy"], "words": ALLERGY, "agree": "diet 1", "caterer": "caterer 1"}


@pytest.fixture
async def booking(event: Event, ada: Person) -> str:
    return path_to((await with_ticket(ada, event))[0], Purpose.MANAGE)


async def now() -> Registration:
    return await Registration.get()


def ticked(page: httpx2.Response) -> list[str]:
    return re.findall(r'<input [^>]*value="([^"]*)" checked', page.text)


async def test_ada_tells_us_what_she_needs_and_her_booking_says_so(database: Database, booking: str) -> None:
    async with browsing(database) as client:
        shown = await client.get(booking)
        assert f'href="{booking}/needs/adjustments"' in shown.text
        first = await client.get(f"{booking}/needs/adjustments")
        assert (heading(first), ticked(first)) == ("Adjustments and access", [])
        assert "Do not tell us about a diagnosis." in words(first.text)
        yes = await client.post(f"{booking}/needs/adjustments", data={"any": "yes"})
        which = await client.get(yes.headers["location"])
        assert (heading(which), ticked(which)) == ("Your adjustments", []), "nothing is agreed to beforehand"
        agreed = "I agree that Safer Places and Three Rivers District Council can use this information"
        assert agreed in words(which.text)
        told = await client.post(yes.headers["location"], data=ADJUSTMENTS)
        assert (told.status_code, told.headers["location"]) == (303, f"{booking}?saved=adjustments")
        said = words((await client.get(told.headers["location"])).text)
    assert "We have what you need." in said
    assert "A British Sign Language interpreter: we have it, and nothing is arranged yet." in said
    assert ((await now()).needs.adjustment_words, await queued()) == (WORDS, [("needs_asked", 1)])


async def test_before_anything_is_noted_the_page_claims_no_answer(database: Database, booking: str) -> None:
    async with browsing(database) as client:
        page = words((await client.get(booking)).text)
        asks = words((await client.get(f"{booking}/needs/adjustments")).text)
    assert (page.count("Nothing noted"), "No requirements" in page) == (2, False)
    assert "sees your answer, and marshals what you write for them, if you allow it." in asks


async def test_after_the_event_nothing_is_yet_to_be_arranged(
    database: Database, booking: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with browsing(database) as client:
        await client.post(f"{booking}/needs/adjustments/which", data=ADJUSTMENTS)
        before = words((await client.get(booking)).text)
        monkeypatch.setattr(Event, "is_over", lambda *_: True)
        after = words((await client.get(booking)).text)
    assert [("nothing is arranged yet" in page, "Sign Language" in page) for page in (before, after)] == [
        (True, True), (False, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "ticked_as", "says"),
    [
        ("adjustments", "else", "Enter what else you need, or clear that box"),
        ("diet", "allergy", "Enter what you are allergic to, or clear that box"),
        ("diet", "else", "Enter what else you eat, or clear that box"),
    ],
)
async def test_what_says_nothing_without_words_asks_for_them(
    database: Database, booking: str, what: str, ticked_as: str, says: str
) -> None:
    which = f"{booking}/needs/{what}/which"
    async with browsing(database) as client:
        page = await client.post(which, data={"wanted": ticked_as, "agree": f"{what} 1"})
        assert (page.status_code, words(page.text).count(says)) == (422, 2)
        assert ((await now()).needs, ticked(page)) == (NOTHING, [ticked_as, f"{what} 1"])


@pytest.mark.parametrize(
    ("what", "posted", "missing", "sentence"),
    [
        ("adjustments", ADJUSTMENTS, "agree", "Select that you agree, so that we may keep this"),
        ("adjustments", ADJUSTMENTS, "wanted", "Select what you need"),
        ("diet", DIET, "agree", "Select that you agree, so that we may keep this"),
        ("diet", DIET, "wanted", "Select what you eat"),
        ("diet", DIET, "caterer", "Select that the caterer may read this with your name, or leave the box above empty"),
    ],
)
async def test_without_a_ticked_consent_nothing_is_kept_and_what_was_typed_stays(
    database: Database, booking: str, what: str, posted: dict[str, str], missing: str, sentence: str
) -> None:
    page = f"{booking}/needs/{what}/which"
    async with browsing(database) as client:
        wrong = await client.post(page, data={name: value for name, value in posted.items() if name != missing})
        assert (wrong.status_code, words(wrong.text).count(sentence)) == (422, 2), "in the summary and beside the field"
        assert ("There is a problem" in wrong.text, f'href="#{missing}"' in wrong.text) == (True, True)
        assert "<title>Error: " in wrong.text
        assert posted["words"].partition("'")[0] in wrong.text
    assert ((await now()).needs, await queued()) == (NOTHING, [])


async def test_a_consent_to_another_wording_is_none(database: Database, booking: str) -> None:
    async with browsing(database) as client:
        older = await client.post(f"{booking}/needs/diet/which", data=DIET | {"agree": "diet 0"})
    assert (older.status_code, (await now()).needs) == (422, NOTHING)


@pytest.mark.parametrize("what", ["adjustments", "diet"])
async def test_a_no_deletes_what_was_told_at_once(database: Database, booking: str, what: str) -> None:
    await tells_everything(await now())
    async with browsing(database) as client:
        page = await client.get(f"{booking}/needs/{what}")
        assert (ticked(page), "If you say no, you withdraw that" in words(page.text)) == ([], True)
        nothing = await client.post(f"{booking}/needs/{what}")
        assert (nothing.status_code, "Select yes if you" in nothing.text) == (422, True)
        no = await client.post(f"{booking}/needs/{what}", data=WITHDRAWN)
        assert no.headers["location"] == f"{booking}?saved=withdrawn"
        said = words((await client.get(no.headers["location"])).text)
        again = await client.post(f"{booking}/needs/{what}", data=WITHDRAWN)
        assert again.headers["location"] == booking
    gone, stays = (WORDS, ALLERGY) if what == "adjustments" else (ALLERGY, WORDS)
    left = (await now()).needs
    assert (gone in str(left), stays in str(left)) == (False, True)
    assert "You have withdrawn your consent. What you told us is deleted." in said


async def test_what_was_told_is_ticked_for_whoever_changes_it_and_the_consent_never(
    database: Database, booking: str
) -> None:
    await tells_everything(await now())
    async with browsing(database) as client:
        pages = [await client.get(f"{booking}/needs/{page}") for page in ("adjustments/which", "diet/which", "safety")]
    assert [ticked(page) for page in pages] == [
        ["hearing-loop"], ["vegan", "allergy"], ["first-name", "other-entrance"]
    ]  # fmt: skip
    assert WORDS in pages[0].text


async def test_photographs_are_off_until_she_says_yes(database: Database, booking: str) -> None:
    page = f"{booking}/needs/photos"
    async with browsing(database) as client:
        assert "None that include you" in (await client.get(booking)).text
        shown = await client.get(page)
        assert (ticked(shown), (await client.post(page)).status_code) == ([], 422)
        yes = await client.post(page, data={"photos": "photos 1"})
        assert ("You can be in them" in (await client.get(booking)).text, yes.status_code) == (True, 303)
        assert (await now()).choices.in_photos
        await client.post(page, data={"photos": "no"})
    assert (await now()).choices == Choices(declined_photos=True)


async def test_the_ticket_asks_about_photographs_until_she_has_answered(
    database: Database, event: Event, booking: str
) -> None:
    question = "Can we take photographs that include you?"
    async with browsing(database) as client:
        ticket = path_to(await now(), Purpose.TICKET)
        asked = await client.get(ticket)
        assert (question in asked.text, ticked(asked), f'action="{booking}/needs/photos"' in asked.text) == (
            True, [], True,
        )  # fmt: skip
        assert "you have not answered yet" in (await client.get(booking)).text
        for answer in ("no", "no"):
            saved = await client.post(f"{booking}/needs/photos", data={"photos": answer})
        assert "What you say about photographs is saved." in (await client.get(saved.headers["location"])).text
        assert question not in (await client.get(ticket)).text
        assert "you have not answered" not in (await client.get(booking)).text
        assert (await now()).choices == Choices(declined_photos=True)
        assert await AuditEntry.filter(action=Action.CHOSE).count() == 1, "a second no changes nothing"
        await client.post(f"{booking}/needs/photos", data={"photos": "photos 1"})
    chosen = (await now()).choices
    assert (chosen.in_photos, chosen.declined_photos, chosen.has_answered_photos) == (True, False, True)


async def test_whoever_is_in_no_photograph_for_safety_is_not_asked(database: Database, booking: str) -> None:
    async with browsing(database) as client:
        await client.post(f"{booking}/needs/safety", data={"switches": ["no-photos"]})
        assert "Can we take photographs" not in (await client.get(path_to(await now(), Purpose.TICKET))).text


async def test_switches_are_saved_with_one_press_and_the_page_shows_the_badge(database: Database, booking: str) -> None:
    page, on = f"{booking}/needs/safety", {"switches": ["first-name", "no-lists"]}
    async with browsing(database) as client:
        shown = await client.get(page)
        assert (ticked(shown), "your badge says Ada ." in words(shown.text)) == ([], True)
        assert (await client.post(page, data=on)).status_code == 303
        assert "Only my first name on my badge" in words((await client.get(booking)).text)
    assert (await now()).choices.switches == frozenset({Switch.FIRST_NAME, Switch.NO_LISTS})


async def test_a_form_for_safety_that_was_drawn_before_a_choice_saves_nothing(database: Database, booking: str) -> None:
    """As a gateway sends it that opened the page first: what she chose for her safety stays."""
    page, first = f"{booking}/needs/safety", {"switches": ["first-name"]}
    async with browsing(database) as client:
        before = sent_with((await client.get(page)).text)
        await client.post(page, data=first | before)
        late = [await client.post(page, data=typed | before) for typed in ({}, {"switches": ["no-lists"]})]
        assert [answer.status_code for answer in late] == [409, 409]
        assert "Your booking has been changed meanwhile, so nothing was saved." in words(late[0].text)
        assert "You had entered: I am not in any list that other guests see." in words(late[1].text)
        assert ticked(late[1]) == ["first-name"], "what stands: sent as it is, it changes nothing"
        again = await client.post(page, data=first | sent_with(late[0].text))
    assert (again.status_code, (await now()).choices.switches) == (303, frozenset({Switch.FIRST_NAME}))
    assert [message.cause.split()[0] for message in await Message.filter(template="booking_changed")] == ["answered"]
    assert await AuditEntry.filter(action=Action.CHOSE).count() == 1, "nothing is done where nothing differs"


@pytest.mark.parametrize("state", [State.CONFIRMED, State.WAITING, State.OFFERED])
async def test_who_has_no_place_is_not_asked(database: Database, event: Event, bo: Person, state: State) -> None:
    booking = path_to(await put_into(state, bo, event), Purpose.MANAGE)
    async with browsing(database) as client:
        assert "For the day" not in (await client.get(booking)).text
        answer = await client.post(f"{booking}/needs/diet/which", data=DIET)
    assert (answer.status_code, "Tell us this once you have a place." in words(answer.text)) == (409, True)


async def test_after_the_event_a_consent_can_still_be_withdrawn_and_nothing_else_be_told(
    database: Database, booking: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tells_everything(await now())
    monkeypatch.setattr(Event, "is_over", lambda *_: True)
    async with browsing(database) as client:
        shown = (await client.get(booking)).text
        assert [f"/needs/{what}" in shown for what in ("adjustments", "diet", "photos", "safety")] == [
            True, True, True, False
        ]  # fmt: skip
        late = [await client.post(f"{booking}/needs/diet/which", data=DIET)]
        late.append(await client.post(f"{booking}/needs/safety", data={"switches": ["first-name"]}))
        late.append(await client.post(f"{booking}/needs/photos", data={"photos": "photos 1"}))
        assert [answer.status_code for answer in late] == [409] * 3
        for page, no in {"adjustments": WITHDRAWN, "diet": WITHDRAWN, "photos": {"photos": "no"}}.items():
            assert (await client.post(f"{booking}/needs/{page}", data=no)).status_code == 303
    assert ((await now()).needs, (await now()).choices.photos) == (NOTHING, None)


async def test_there_is_no_page_for_any_other_need(database: Database, booking: str) -> None:
    async with browsing(database) as client:
        nothing = await client.get(f"/manage/{'a' * 42}/needs/diet")
        other = [await client.get(f"{booking}/needs/{what}") for what in ("caterer", "caterer/which")]
    assert [(page.status_code, page.text) for page in other] == [(404, nothing.text)] * 2


async def test_no_page_asks_for_a_condition(database: Database, booking: str) -> None:
    async with browsing(database) as client:
        asked = [words((await client.get(f"{booking}/needs/adjustments{page}")).text) for page in ("", "/which")]
    said = " ".join(asked).replace("Do not tell us about a diagnosis.", "")
    assert re.findall(r"diagnos|disab|condition|illness|medical", said, re.I) == []
    assert len(Adjustment) == 10
