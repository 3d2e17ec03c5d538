"""Of two forms about needs or safety that were drawn from the same, the later overwrites nothing unseen.

Rules: SG-12, GU-18.
"""

import asyncio

import pytest

from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.tokens import Purpose
from registrations.booking import own_needs
from registrations.deciding.correcting import ChangedMeanwhile
from registrations.people.choices import Switch
from registrations.people.registration import Registration
from tests.browser import browsing, words
from tests.keys import a_new_key_comes
from tests.people import MONDAY, Person
from tests.professional import path_to, with_ticket
from tests.registrations.booking.telling_needs import ALLERGY, WORDS
from tests.registrations.booking.test_change_pages import sent_with

pytestmark = pytest.mark.engines
NO_LISTS, FIRST_NAME = frozenset({Switch.NO_LISTS}), frozenset({Switch.FIRST_NAME})
ADJUSTMENTS = {"wanted": ["bsl"], "words": WORDS, "agree": "adjustments 1"}
DIET = {"wanted": ["allergy"], "words": ALLERGY, "agree": "diet 1", "caterer": "caterer 1"}
OTHER = {
    "adjustments": {"wanted": ["parking"], "agree": "adjustments 1"},
    "diet": {"wanted": ["vegan"], "agree": "diet 1"},
}


@pytest.fixture
async def guest(database: Database, event: Event, ada: Person) -> Registration:
    return (await with_ticket(ada, event))[0]


async def now() -> Registration:
    return await Registration.get()


async def test_of_two_choices_for_safety_at_once_one_is_saved_and_the_other_hears_of_it(guest: Registration) -> None:
    """Both read the row before either was saved."""
    both = [own_needs.switch(guest, chosen, MONDAY, clock.real(), seen="") for chosen in (NO_LISTS, FIRST_NAME)]
    answers = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["ChangedMeanwhile", "NoneType"]
    assert (await now()).choices.switches == (NO_LISTS if answers[0] is None else FIRST_NAME)


async def test_the_same_choice_pressed_twice_at_once_is_calm(guest: Registration) -> None:
    await asyncio.gather(*(own_needs.switch(guest, NO_LISTS, MONDAY, clock.real(), seen="") for _ in range(2)))
    assert (await now()).choices.switches == NO_LISTS


async def test_a_choice_that_was_drawn_from_what_stands_is_saved(guest: Registration) -> None:
    await own_needs.switch(guest, NO_LISTS, MONDAY, clock.real(), seen="")
    with pytest.raises(ChangedMeanwhile):
        await own_needs.switch(guest, FIRST_NAME, MONDAY, clock.real(), seen="")
    await own_needs.switch(guest, FIRST_NAME, MONDAY, clock.real(), seen="no-lists")
    assert (await now()).choices.switches == FIRST_NAME


@pytest.mark.parametrize(("what", "told"), [("adjustments", ADJUSTMENTS), ("diet", DIET)])
async def test_an_older_form_about_needs_saves_nothing_and_shows_what_we_have(
    database: Database, guest: Registration, what: str, told: dict[str, str]
) -> None:
    page = f"{path_to(guest, Purpose.MANAGE)}/needs/{what}/which"
    async with browsing(database) as client:
        before = sent_with((await client.get(page)).text)
        assert (await client.post(page, data=told | before)).status_code == 303
        assert (await client.post(page, data=told | before)).status_code == 303, "a second press is calm"
        kept = (await now()).needs
        late = await client.post(page, data=OTHER[what] | before)
        assert (late.status_code, (await now()).needs) == (409, kept)
        assert str(told["words"]) in late.text.replace("&#39;", "'"), "what we have"
        assert f'value="{OTHER[what]["wanted"][0]}" checked' in late.text, "beside what was typed"
        assert f'value="{told["agree"]}" checked' not in late.text
        wrong = await client.post(page, data={"wanted": [], **before})
        assert (wrong.status_code, sent_with(wrong.text)) == (422, before), "a wrong entry makes no form newer"
        again = await client.post(page, data=OTHER[what] | sent_with(late.text))
        assert (again.status_code, (await now()).needs == kept) == (303, False)


async def test_a_form_about_needs_outlives_a_new_key(database: Database, guest: Registration) -> None:
    await own_needs.tell_diet(guest, [], ALLERGY, MONDAY, clock.real())
    page = f"{path_to(guest, Purpose.MANAGE)}/needs/diet/which"
    async with browsing(database) as client:
        seen = sent_with((await client.get(page)).text)
        a_new_key_comes()
        saved = await client.post(page, data=DIET | {"words": "Nuts"} | seen)
    assert (saved.status_code, "Nuts" in words(str((await now()).needs))) == (303, True)
