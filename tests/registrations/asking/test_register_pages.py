"""The journey of a professional who asks for a place, as the pages show it.

Rules: GU-01, GU-02, GU-03, GU-04, GU-07, GU-09, GU-10, EM-14.
"""

import re

import httpx2
import pytest

from events.event import PUBLIC, Event, EventState
from events.ground import clock, live
from events.ground.database import Database
from registrations.asking.draft import Draft
from registrations.asking.question_forms import FORMS
from registrations.people.registration import Registration, State
from tests.browser import browsing, heading, words
from tests.people import Person, link_of, queued, request_of
from tests.professional import answer_questions, ask, questions_of

STEPS = list(FORMS)


def rows(answer: httpx2.Response) -> dict[str, str]:
    pairs = re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", answer.text, re.S)
    return {words(label): words(value) for label, value in pairs}


def errors(answer: httpx2.Response) -> list[tuple[str, str]]:
    """The error summary: where each error links to, and what it says."""
    return [(href, words(text)) for href, text in re.findall(r'<a href="#([^"]+)">(.*?)</a>', answer.text, re.S)]


async def test_ada_asks_and_is_told_to_check_her_email(database: Database, event: Event, ada: Person) -> None:
    async with browsing(database) as client:
        sent = await ask(client, event, ada)
        assert (sent.status_code, sent.headers["location"]) == (303, f"/e/{event.slug}/asked")
        page = await client.get(sent.headers["location"])
    assert (page.status_code, heading(page)) == (200, "Check your email")
    assert "We are sending an email to ada@wardens.example.org , from events@example.org ." in words(page.text)
    asked = await request_of(ada.email)
    assert (asked.full_name, asked.state) == ("Ada Ashdown", State.REQUESTED)
    assert await queued() == [("confirm", (await link_of(asked)).id)]


async def test_browsers_fill_in_what_they_know_of_ada(database: Database, event: Event, ada: Person) -> None:
    """WCAG 1.3.5: each input about the person says in HTML's own words what it wants."""
    filled = {}
    async with browsing(database) as client:
        for step, answers in questions_of(ada).items():
            page = await client.get(f"/e/{event.slug}/ask/{step}")
            for tag in re.findall(r"<input[^>]*autocomplete[^>]*>", page.text):
                filled[re.findall(r'name="(\w+)"', tag)[0]] = re.findall(r'autocomplete="([^"]*)"', tag)[0]
            await client.post(f"/e/{event.slug}/ask/{step}", data=answers)
    assert filled == {
        "full_name": "name", "email": "email", "phone": "tel",
        "organisation": "organization", "role": "organization-title",
    }  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
async def test_each_question_page_has_one_heading_a_way_back_and_continue(
    database: Database, event: Event, ada: Person, step: str
) -> None:
    async with browsing(database) as client:
        for earlier in STEPS[: STEPS.index(step)]:
            await client.post(f"/e/{event.slug}/ask/{earlier}", data=questions_of(ada)[earlier])
        page = await client.get(f"/e/{event.slug}/ask/{step}")
    assert page.status_code == 200
    assert heading(page)
    assert page.text.index("govuk-back-link") < page.text.index("<h1")
    assert re.findall(r"<button[^>]*>\s*(.*?)\s*</button>", page.text)[0] == "Continue"
    assert "*" not in words(page.text)
    assert not re.search(r"\s(required|onsubmit)", page.text)
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("step", "typed", "expected"),
    [
        ("name", {}, [("full_name", "Enter your full name")]),
        ("name", {"full_name": "N" * 101}, [("full_name", "Full name must be 100 characters or fewer")]),
        ("email", {}, [("email", "Enter your work email address")]),
        (
            "email",
            {"email": "ada at home"},
            [("email", "Enter an email address in the correct format, like name@example.com")],
        ),
        (
            "organisation",
            {"kind": "circus"},
            [
                ("organisation", "Enter the name of your organisation"),
                ("kind", "Select the kind of organisation"),
            ],
        ),
        ("role", {"phone": "none"}, [
            ("role", "Enter your role"),
            ("phone", "Enter a telephone number, like 01632 960 001 or 07700 900 982"),
        ]),
    ],
)  # fmt: skip
async def test_errors_say_what_to_do_above_and_beside_the_field_and_keep_what_was_typed(
    database: Database, event: Event, ada: Person, step: str, typed: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    async with browsing(database) as client:
        for earlier in STEPS[: STEPS.index(step)]:
            await client.post(f"/e/{event.slug}/ask/{earlier}", data=questions_of(ada)[earlier])
        drafts = await Draft.all().values()
        page = await client.post(f"/e/{event.slug}/ask/{step}", data=typed)
        if drafts:
            page = await client.get(page.headers["location"])
            assert not [value for value in typed.values() if value in page.url.query.decode()]
    assert (page.status_code, errors(page)) == (200 if drafts else 422, expected)
    assert re.search(r"<title>Error: ", page.text)
    for field, sentence in expected:
        assert re.search(rf'id="{field}-error".*?{re.escape(sentence)}', page.text, re.S)
    for value in typed.values():
        assert value in page.text or value == "circus"
    assert await Draft.all().values() == drafts


async def test_what_was_wrong_is_over_with_the_next_answer_and_with_the_draft(
    database: Database, event: Event, ada: Person
) -> None:
    """Its address stays in the history of the browser."""
    async with browsing(database) as client, browsing(database) as another:
        where = f"/e/{event.slug}/ask/email"
        for browser in (client, another):
            await browser.post(f"/e/{event.slug}/ask/name", data=questions_of(ada)["name"])
        wrong = (await client.post(where, data={"email": "ada at home"})).headers["location"]
        assert "ada at home" in (await client.get(wrong)).text
        theirs = await another.get(wrong)
        assert ("ada at home" in theirs.text, errors(theirs)) == (False, [])
        await client.post(where, data=questions_of(ada)["email"])
        mended = await client.get(wrong)
        assert (f'value="{ada.email}"' in mended.text, errors(mended)) == (True, [])
        again = (await client.post(where, data={"email": "ada at home"})).headers["location"]
        await client.post("/exit")
        assert (await client.get(again)).status_code in {303, 410}


async def test_what_is_too_long_for_an_address_is_answered_directly(
    database: Database, event: Event, ada: Person
) -> None:
    async with browsing(database) as client:
        await client.post(f"/e/{event.slug}/ask/name", data=questions_of(ada)["name"])
        page = await client.post(f"/e/{event.slug}/ask/email", data={"email": "a" * 9_000})
    assert (page.status_code, "a" * 9_000 in page.text) == (422, True)


async def test_the_check_page_shows_all_and_a_change_comes_back_to_it(
    database: Database, event: Event, ada: Person
) -> None:
    async with browsing(database) as client:
        await answer_questions(client, event, ada)
        check = await client.get(f"/e/{event.slug}/ask/check")
        assert heading(check) == "Check your answers before you ask for a place"
        assert rows(check) == {
            "Full name": "Ada Ashdown",
            "Name for your badge": "Not provided",
            "Work email address": "ada@wardens.example.org",
            "Organisation": "Wardens of Westmoor",
            "Kind of organisation": "Charity",
            "Invitation code": "Not provided",
            "Role": "Advocate",
            "Telephone number": "Not provided",
        }
        for step, typed in {
            "name": {"full_name": "Zoë O'Brien-Nguyễn 3rd", "badge_name": "Zoë"},
            "email": {"email": "Zoe@Wardens.Example.ORG"},
            "organisation": {"organisation": "Fen Wardens", "kind": "school, college or university"},
            "role": {"role": "Lecturer", "phone": "(01632) 960 001"},
        }.items():
            page = await client.get(f"/e/{event.slug}/ask/{step}")
            assert questions_of(ada)[step].get("full_name", "") in page.text
            changed = await client.post(f"/e/{event.slug}/ask/{step}", data=typed)
            assert changed.headers["location"] == f"/e/{event.slug}/ask/check"
        assert list(rows(await client.get(f"/e/{event.slug}/ask/check")).values()) == [
            "Zoë O'Brien-Nguyễn 3rd", "Zoë", "zoe@wardens.example.org", "Fen Wardens",
            "School, college or university", "Not provided", "Lecturer", "(01632) 960 001",
        ]  # fmt: skip


async def test_a_slip_in_a_providers_name_warns_and_lets_continue(
    database: Database, event: Event, ada: Person
) -> None:
    typed = {"email": "ada@homtail.com"}
    async with browsing(database) as client:
        await client.post(f"/e/{event.slug}/ask/name", data=questions_of(ada)["name"])
        warned = await client.get((await client.post(f"/e/{event.slug}/ask/email", data=typed)).headers["location"])
        assert (warned.status_code, "Did you mean ada@hotmail.com?" in warned.text) == (200, True)
        again = re.search(r'name="sure" value="([^"]+)"', warned.text)
        assert again is not None
        on = await client.post(f"/e/{event.slug}/ask/email", data=typed | {"sure": again[1]})
    assert (on.status_code, on.headers["location"]) == (303, f"/e/{event.slug}/ask/organisation")


async def test_the_warning_is_met_before_the_field_and_a_button_takes_what_was_meant(
    database: Database, event: Event, ada: Person
) -> None:
    async with browsing(database) as client:
        await client.post(f"/e/{event.slug}/ask/name", data=questions_of(ada)["name"])
        asked = await client.get(f"/e/{event.slug}/ask/email")
        sent = await client.post(f"/e/{event.slug}/ask/email", data={"email": "ada@homtail.com"})
        warned = await client.get(sent.headers["location"])
        titles = [re.findall(r"<title>(.*?)</title>", page.text) for page in (asked, warned)]
        assert titles == [["Work email address - ask for a place"], ["Check the address - ask for a place"]]
        [banner] = re.findall(r'<div class="govuk-notification-banner"[^>]*>', warned.text)
        assert {'role="alert"', 'tabindex="-1"', "autofocus"} <= set(banner.strip("<>").split())
        places = [warned.text.index(part) for part in (banner, "Did you mean ada@hotmail.com?", 'href="#email"', "<h1")]
        assert places == sorted(places)
        form = warned.text.index('name="email" value="ada@hotmail.com"')
        assert words(warned.text[form : warned.text.index("</form>", form)]).endswith("Use ada@hotmail.com")
        on = await client.post(f"/e/{event.slug}/ask/email", data={"email": "ada@hotmail.com"})
        assert (on.status_code, on.headers["location"]) == (303, f"/e/{event.slug}/ask/organisation")
        kept = await client.get(f"/e/{event.slug}/ask/email")
    assert 'value="ada@hotmail.com"' in kept.text


async def test_nobody_skips_a_question(database: Database, event: Event, ada: Person) -> None:
    async with browsing(database) as client:
        assert (await client.get(f"/e/{event.slug}/ask/role")).headers["location"] == f"/e/{event.slug}/ask"
        await client.post(f"/e/{event.slug}/ask/name", data=questions_of(ada)["name"])
        for later in ("organisation", "role", "check"):
            page = await client.get(f"/e/{event.slug}/ask/{later}")
            assert page.headers["location"] == f"/e/{event.slug}/ask/email"
        sent = await client.post(f"/e/{event.slug}/ask/check")
        assert sent.headers["location"] == f"/e/{event.slug}/ask/email"
        assert (await client.get(f"/e/{event.slug}/ask/shoe-size")).status_code == 404
    assert await Registration.all().count() == 0


async def test_the_answer_page_can_be_opened_again_and_soon_forgets_the_address(
    database: Database, event: Event, ada: Person
) -> None:
    async with browsing(database) as client:
        await ask(client, event, ada)
        assert ada.email in (await client.get(f"/e/{event.slug}/asked")).text
        assert (await client.get(f"/e/{event.slug}/ask/check")).headers["location"] == f"/e/{event.slug}/asked"
        assert "Ada" not in (await client.get(f"/e/{event.slug}/ask/name")).text
        await Draft.all().update(expires_at=clock.real())
        page = await client.get(f"/e/{event.slug}/asked")
    assert (page.status_code, heading(page), ada.email in page.text) == (200, "Check your email", False)


async def test_the_email_can_be_sent_again_from_the_answer_page(database: Database, event: Event, ada: Person) -> None:
    async with browsing(database) as client:
        await ask(client, event, ada)
        again = await client.post(f"/e/{event.slug}/asked")
        assert again.headers["location"] == f"/e/{event.slug}/asked?again"
        page = await client.get(again.headers["location"])
    asked = await request_of(ada.email)
    assert "If you get two, use either" in page.text
    assert "Open our email within 3 days" in page.text
    assert await queued() == [("confirm", (await link_of(asked)).id)] * 2


@pytest.mark.parametrize("state", [EventState.DRAFT, EventState.CLOSED, EventState.OVER])
async def test_nobody_asks_while_registration_is_not_open(
    database: Database, event: Event, ada: Person, state: EventState
) -> None:
    async with browsing(database) as client:
        await answer_questions(client, event, ada)
        await Event.filter(id=event.id).update(state=state)
        live.publish(PUBLIC)
        sent = {"name": questions_of(ada)["name"], "check": {}}
        turned_away = [await client.get(f"/e/{event.slug}/ask")]
        turned_away += [await client.post(f"/e/{event.slug}/ask/{step}", data=data) for step, data in sent.items()]
    assert [answer.headers["location"] for answer in turned_away] == [f"/e/{event.slug}"] * 3
    assert await Registration.all().count() == 0
