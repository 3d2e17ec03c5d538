"""The ticket on paper: one page that says what gets a guest in, in their own name, and where only once that is known.

Rules: GU-15, SG-01, SG-05, SG-11, SE-19.
"""

import re
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.event import Event, new_event, sealed
from events.ground import clock, wording
from events.web import pdf
from events.web.fonts import GAP, characters, drawable
from events.web.rendering import TEMPLATES
from registrations.people.choices import NONE, Choices, Switch
from registrations.people.consent import Consent
from registrations.people.person import Person
from registrations.tickets.pdf_ticket import FILE_NAME, HAS_GAPS, TEMPLATE, facts_of, pdf_ticket
from registrations.tickets.ticket import Ticket, code_of, seal_reference
from tests import pdf_reading
from tests.mail_reading import INDISCREET
from tests.pdf_reading import Tag
from tests.people import MONDAY, VENUE_CANARY

DOTS = 100  # an inch
A4, A6 = (1170, 827), (585, 413)  # rows and columns of such dots
NAMES = {
    "Latin": "Ŵilliam-Ångström Żółć Nguyễn", "Cyrillic": "Дмитро Ґалаґан-Щербаківський", "Greek": "Αλέξανδρος Παππάς",
    "Arabic": "محمد عبد الله الرحمن", "Hebrew": "שרה כהן בן־דוד", "Devanagari": "श्रीमती क्षत्रिय कुमारी",
    "Bengali": "রহিমা খাতুন", "Gurmukhi": "ਗੁਰਪ੍ਰੀਤ ਕੌਰ", "Gujarati": "જ્યોતિ પટેલ", "Tamil": "தமிழ்ச்செல்வி",
}  # fmt: skip


def an_event_of_theirs(
    venue: str = f"{VENUE_CANARY} House,\n1 Example Street", bring: str = "Lunch is there for you.", **changed: Any
) -> Event:
    """In no database: the page is made of the rows alone."""
    event = new_event("launch", "Conference for professionals", date(2019, 4, 15), MONDAY)
    event.id, event.hosts = 1, [{"name": "Safer Places"}, {"name": "Three Rivers District Council"}]
    event.starts_at, event.ends_at = clock.at_venue(event.day, 9, 30), clock.at_venue(event.day, 16, 0)
    event.doors_open_at = clock.at_venue(event.day, 9, 0)
    event.venue_sealed = sealed(event, "venue", venue)
    event.wellbeing = changed.pop("wellbeing", "A quiet room is open all day.")
    event.bring, event.access_facts = bring, "Step-free entrance."
    return event.update_from_dict(changed)


def facts(
    event: Event, name: str = "Ada Ashdown", badge_name: str = "", n: int = 7, chosen: Choices = NONE
) -> dict[str, Any]:
    told = ("ada@wardens.example.org", "Wardens of Westmoor", "Advocate", "07700 900123")
    ticket = Ticket(n=n, reference_sealed=seal_reference(event.id, n, "HK7-4QD"))
    ticket.event_id = event.id  # which tests alone, without a database, have to do
    return facts_of(event, Person(name, badge_name, *told), chosen, ticket)


async def on_paper(name: str = "Ada Ashdown", badge_name: str = "", chosen: Choices = NONE, **changed: Any) -> bytes:
    return await pdf_ticket(facts(an_event_of_theirs(**changed), name, badge_name, chosen=chosen))


async def test_the_whole_page() -> None:
    assert pdf_reading.words(await on_paper(badge_name="Ada A")) == (
        "Your ticket Conference for professionals Monday 15 April 2019 Your reference HK7-4QD Ada A"
        " When Date Monday 15 April 2019 Time 09:30 to 16:00 Doors open 09:00"
        " Hosts Safer Places and Three Rivers District Council"
        f" At the door Show the code or say your reference. {wording.ONLY_DOOR_STAFF_SCAN}"
        " Staff check your name against your work ID."
        " Your place Name Ada Ashdown Name on the badge Ada A Event Conference for professionals"
        f" Address {wording.VENUE_LATER} Bring Your work ID, and this page or your reference. Lunch is there for you."
        " Support A quiet room is open all day."
        " Access Step-free entrance. Do not share the address or this page. The ticket is for you alone."
        " To wear it, fold the lower half behind, then the right half behind. It is then A6, the size of many badge"
        " holders, with the code on its front and this half inside."
    )


async def test_a_band_has_the_events_colour_and_moves_nothing() -> None:
    plain, coloured = await on_paper(), await on_paper(colour="#0b7a75")
    assert pdf_reading.words(coloured) == pdf_reading.words(plain)
    greys = [int(pdf_reading.picture(file, DOTS)[5, 5].item()) for file in (plain, coloured)]
    assert greys == [255, 88], "white, and as dark as that colour is"


async def test_the_badge_honours_what_she_has_chosen() -> None:
    first = Choices(switches=frozenset({Switch.FIRST_NAME, Switch.OTHER_ENTRANCE}))
    said = pdf_reading.words(await on_paper(chosen=first, contact_phone="01632 960003"))
    assert "HK7-4QD Ada When" in said
    assert "Name Ada Ashdown Name on the badge Ada Event" in said
    assert "Entrance Before you come, telephone the organisers: 01632 960003. They tell you how to arrive." in said
    agreed = Consent("photos 1", MONDAY.isoformat())
    for chosen, stands in ((Choices(agreed), True), (Choices(agreed, frozenset({Switch.NO_PHOTOS})), False)):
        assert ("Photographs: yes" in pdf_reading.words(await on_paper(chosen=chosen))) is stands


async def test_what_is_not_known_has_no_line() -> None:
    bare: dict[str, Any] = {
        "starts_at": None,
        "ends_at": None,
        "doors_open_at": None,
        "bring": "",
        "access_facts": "",
        "wellbeing": "",
    }
    said = pdf_reading.words(await on_paper(**bare))
    assert [word for word in ("Time", "Doors open", "Access", "Name on the badge") if word in said] == []
    assert "Bring Your work ID, and this page or your reference. Do not share" in said


async def test_the_venue_only_once_it_is_released() -> None:
    held_back, released = await on_paper(), await on_paper(venue_released_at=MONDAY)
    assert VENUE_CANARY not in f"{pdf_reading.everything(held_back)}{facts(an_event_of_theirs())}"
    assert f"Address {VENUE_CANARY} House, 1 Example Street Bring" in pdf_reading.words(released)
    assert VENUE_CANARY in pdf_reading.everything(released), "the control"


async def test_it_has_no_link_and_none_of_what_guests_tell_us_but_the_name() -> None:
    file = await on_paper(venue_released_at=MONDAY)
    said, found = pdf_reading.words(file), pdf_reading.everything(file)
    assert [word for word in ("@", "http", "www", "://") if word in said] == []
    assert [word for word in ("wardens", "Wardens", "07700", "Advocate") if word in found] == []
    assert (b"/URI" in file, b"/Link" in file, b"/Annots" in file) == (False, False, False)


async def test_it_says_nothing_of_the_matter_beside_what_the_event_is_called() -> None:
    file = await on_paper(title="Conference", hosts=[{"name": "Three Rivers District Council"}])
    assert [text for text in (pdf_reading.everything(file), FILE_NAME) if INDISCREET.search(text)] == []
    assert pdf_reading.title_and_language(await on_paper(title="Launch for victims of stalking"))[0] == (
        "Your place on Monday 15 April 2019"
    )


async def test_a_rehearsal_marks_what_it_made_up() -> None:
    said = pdf_reading.words(await on_paper(rehearsal=True, venue_released_at=MONDAY))
    assert said.count("(made up for this rehearsal)") == 6


async def test_a_screen_reader_gets_headings_lists_and_words_for_the_code_in_their_order() -> None:
    file = await on_paper()
    assert pdf_reading.title_and_language(file) == ("Your place on Monday 15 April 2019", "en-GB")
    read = [tag for tag in pdf_reading.tags(file) if tag.kind not in {"Div", "Span", "LI", "Lbl", "LBody"}]
    front = [Tag("H1"), Tag("P"), Tag("P"), Tag("Figure", "Ticket code, reference HK7-4QD"), *[Tag("P")] * 3]
    back = [Tag("H2"), Tag("L"), Tag("H2"), Tag("P"), Tag("P")]
    assert read == [Tag("Document"), *front, *back, Tag("H2"), Tag("L"), Tag("P"), Tag("P")]
    assert [tag.kind for tag in pdf_reading.tags(file)].count("Lbl") == 10


async def test_the_code_is_read_from_the_page_and_from_its_folded_front() -> None:
    event = an_event_of_theirs()
    drawn = pdf_reading.picture(await pdf_ticket(facts(event)), DOTS)
    assert drawn.shape == A4
    code = code_of(event, 7)
    parts = {"page": drawn, "front": drawn[: A6[0], : A6[1]], "back": drawn[: A6[0], A6[1] :], "inside": drawn[A6[0] :]}
    assert {name: pdf_reading.codes(part) for name, part in parts.items()} == {
        "page": [code], "front": [code], "back": [], "inside": [],
    }  # fmt: skip


async def test_the_code_is_at_least_40_millimetres_wide() -> None:
    assert pdf_reading.width_of_code(pdf_reading.picture(await on_paper(), DOTS), DOTS) > 40


async def test_the_same_ticket_is_the_same_bytes_and_another_is_not() -> None:
    event = an_event_of_theirs()
    first, again, other = [await pdf_ticket(facts(event, n=n)) for n in (7, 7, 8)]
    assert (first == again, first == other) == (True, False)


async def test_all_fonts_are_in_the_file_and_no_more_of_them_than_it_uses() -> None:
    fonts, file = pdf_reading.fonts(await on_paper()), await on_paper(" ".join(NAMES.values())[:100])
    assert {re.sub(r"^[A-Z]{6}\+", "", name): inside for name, inside in fonts.items()} == {
        "NotoSans-Bold": True, "NotoSans-Regular": True,
    }  # fmt: skip
    assert all(pdf_reading.fonts(file).values())
    assert len(file) < 100_000


@pytest.mark.parametrize("script", NAMES)
@pytest.mark.parametrize("length", [40, 100])
async def test_a_name_in_any_script_has_room_and_is_all_there(script: str, length: int) -> None:
    name = (f"{NAMES[script]} " * 20)[:length].strip()
    file = await on_paper(name)
    assert await has_room(file)
    said = letters_of(pdf_reading.words(file))
    assert GAP not in pdf_reading.words(file)
    if script in {"Latin", "Cyrillic", "Greek"}:  # of others the tests' reader gives letters in the order of drawing
        assert said.count(letters_of(name)) == 2
    assert set(letters_of(name)) <= set(said)


def letters_of(text: str) -> str:
    """Without what a line's end may add or take: spaces and hyphens."""
    return "".join(letter for letter in text if letter.isalnum())


async def test_a_long_name_is_drawn_smaller_before_it_is_broken() -> None:
    word = "Wolfeschlegelsteinhausenbergerdorff"
    assert pdf_reading.words(await on_paper(f"Hubert {word}")).count(word) == 2


@pytest.mark.parametrize("word", ["W" * 100, "W" * 40, "م" * 100, "क्ष" * 33])
async def test_a_name_without_a_space_has_room_too(word: str) -> None:
    file = await on_paper(word)
    assert await has_room(file)
    assert letters_of(pdf_reading.words(file)).count(letters_of(word)) == 2 or not word.isascii()


@pytest.mark.parametrize("name", ["李小明", "Ada 🌸 Ashdown", "김 " * 50, "a김" * 50])
async def test_what_cannot_be_drawn_is_marked_and_explained(name: str) -> None:
    file = await on_paper(name)
    said = pdf_reading.words(file)
    assert "".join(said.split()).count(f"Name{''.join(drawable(name).split())}") == 1
    assert said.count(HAS_GAPS) == 1
    assert await has_room(file)
    assert HAS_GAPS not in pdf_reading.words(await on_paper())


@settings(deadline=None, max_examples=60)
@given(st.text(st.one_of(st.characters(), st.sampled_from(sorted(characters()))), min_size=1, max_size=100))
def test_no_name_breaks_the_page(name: str) -> None:
    file = pdf.typeset(TEMPLATES / TEMPLATE, facts(an_event_of_theirs(), name))
    assert len(pdf_reading.opened(file)) == 1


async def test_the_longest_that_organisers_can_enter_has_room() -> None:
    """Each field at the limit of its form."""
    longest: dict[str, Any] = {
        "title": "Wide Words " * 18, "bring": "W" * 1000, "wellbeing": "W" * 1000,
        "access_facts": "Two words and a longer one " * 74,
        "venue": "W\n" * 250, "venue_released_at": MONDAY, "rehearsal": True,
        "hosts": [{"name": f"The District Council of Wide Words {n}"} for n in range(8)],
    }  # fmt: skip
    assert await has_room(await on_paper("W" * 100, "Wm " * 33, **longest))


async def has_room(file: bytes) -> bool:
    """One page; and around what stands in each of its three parts is no more ink than on Ada's: the marks for folds."""
    return len(pdf_reading.opened(file)) == 1 and np.array_equal(frame_of(file), frame_of(await on_paper()))


def frame_of(file: bytes) -> Any:
    """Six of the ten millimetres of white on each side of the page, and of each fold that does not cross a text."""
    drawn, wide = pdf_reading.picture(file, DOTS).squeeze(), DOTS // 4
    frame = np.zeros(A4, bool)
    frame[:wide] = frame[A6[0] - wide : A6[0] + wide] = frame[-wide:] = True
    frame[:, :wide] = frame[: A6[0], A6[1] - wide : A6[1] + wide] = frame[:, -wide:] = True
    return drawn[frame]
