"""A search finds people however a name or a telephone number is typed, as a door does; lists stand by surname."""

from dataclasses import replace

import pytest

from events.accounts.staff import RoleName, Staff
from events.event import Event
from events.ground.database import Database
from registrations.checkin.looking_up import names
from registrations.desk.people_list import Wanted, find
from tests.at_the_desk import desk
from tests.browser import browsing
from tests.people import Person, a_member_of_staff, confirmed, someone

TYPED = [
    "O'Brien", "O\u2019Brien", "o\u2018brien", "OBrien", "O\u02bcBRIEN", "obrien-nguyen", "O'Brien Nguyen",
    "Søren O", "soren",
]  # fmt: skip
NUMBERS = [
    "07700 900123",
    "07700900123",
    "+44 7700 900123",
    "0044 7700 900123",
    "+44 (0)7700-900.123",
    "900123",
    "0123",
]


async def found(event: Event, text: str, **wanted: bool) -> list[str]:
    return [person.full_name for person in (await find(event.id, Wanted(text, **wanted))).people]  # type: ignore[arg-type]


@pytest.mark.parametrize("written", ["Søren O'Brien-Nguyen", "Søren O\u2019Brien\u2010Nguyen"])
async def test_apostrophes_hyphens_and_strokes_count_neither_at_the_desk_nor_at_a_door(
    event: Event, ada: Person, written: str
) -> None:
    await confirmed(replace(ada, name=written), event)
    await confirmed(someone(), event)
    for text in TYPED:
        assert await found(event, text) == await found(event, text, by_email=False) == [written], text
        assert names.found([(7, written)], names.squeezed(text), "") == [7], "and the door"
    assert await found(event, "O'Malley") == [], "the control"


@pytest.mark.parametrize("written", ["07700 900123", "+447700900123", "+44 (0) 7700 900 123"])
async def test_the_digits_of_a_telephone_number_find_whose_it_is(event: Event, ada: Person, written: str) -> None:
    await confirmed(replace(ada, phone=written), event)
    await confirmed(replace(someone(), phone="01632 960001"), event)
    await confirmed(someone(), event)
    assert [await found(event, text) for text in NUMBERS] == [[ada.name]] * len(NUMBERS)
    assert await found(event, "07700 900124") == await found(event, "123") == []
    assert [await found(event, text, by_phone=False) for text in NUMBERS] == [[]] * len(NUMBERS)


async def test_a_number_from_abroad_is_found_with_or_without_its_zeros(event: Event, ada: Person) -> None:
    await confirmed(replace(ada, phone="+33 1 99 00 12 34"), event)
    assert await found(event, "0033 199 001234") == await found(event, "+33199001234") == [ada.name]


async def test_a_number_in_a_name_is_found_too(event: Event, ada: Person, bo: Person) -> None:
    await confirmed(replace(ada, organisation="Project 2019"), event)
    await confirmed(replace(bo, phone="01632 962019"), event)
    assert await found(event, "2019") == [ada.name, bo.name]
    assert await found(event, "2019", by_phone=False) == [ada.name]


SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


@SQLITE
async def test_only_who_sees_telephone_numbers_finds_by_one(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    await confirmed(replace(ada, phone="07700 900123"), event)
    viewer = await a_member_of_staff("Vic Viewer", "vic.viewer@hosts.example.org", event, RoleName.VIEWER)
    for staff, text, finds in ((omar, "900123", True), (viewer, "900123", False), (viewer, "ashdown", True)):
        async with browsing(database, staff) as client:
            answer = await client.post(desk(event, "people", "search"), data={"text": text})
            page = await client.get(answer.headers["location"])
        assert (ada.name in page.text) is finds
        assert ("telephone, organisation" in page.text) is (staff is omar)


async def test_lists_stand_by_surname(event: Event) -> None:
    listed = ["Zoe Adams", "Xin Bo", "Jan van der Berg", "Ada Smith", "Zoe Smith", "Ada Smith-Jones", "山田 太郎"]
    for name in reversed(listed):
        await confirmed(replace(someone(), name=name), event)
    assert await found(event, "") == ["Zoe Adams", "Xin Bo", "Ada Smith", "Zoe Smith", "Ada Smith-Jones",
                                      "Jan van der Berg", "山田 太郎"]  # fmt: skip
