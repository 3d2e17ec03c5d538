"""Organisers write what certificates say, look at one, release them and end one. Rules: EV-09."""

import pytest

from events.accounts.staff import Session, Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.programme import changing
from events.programme.changing import Times
from events.programme.programme import Words as SessionWords
from registrations.certificates import checking, standing, writing
from registrations.certificates.certificate import Hours, Words, certificate_of, terms_of
from registrations.certificates.standing import Counts
from registrations.people.registration import Registration
from registrations.phones.door import Device
from tests import pdf_reading
from tests.at_the_desk import desk, fields, notice
from tests.browser import browsing, heading, words
from tests.people import Person
from tests.professional import with_ticket
from tests.registrations.certificates.giving import HOURS, NEXT_DAY, WORDS, comes, o_clock, release, takes, whose

TYPED = {"outcomes": WORDS.outcomes, "starts": "09:30", "ends": "16:00", "breaks": "12:30 to 13:15"}


def here(event: Event, *parts: object) -> str:
    return desk(event, "after", "certificates", *parts)


@pytest.fixture(autouse=True)
def morning_after() -> None:
    clock.move_to(NEXT_DAY)


async def test_from_nothing_to_released_and_back(
    database: Database, event: Event, sid: Device, omar: Staff, ada: Person
) -> None:
    person = await comes(event, sid, ada)
    async with browsing(database, omar) as client:
        assert "Nothing is written yet" in (await client.get(here(event))).text
        form = await client.get(here(event, "text"))
        assert (fields(form)["seen"], fields(form)["starts"], fields(form)["ends"]) == ("0", "09:30", "16:00")
        saved = await client.post(here(event, "text"), data=TYPED | {"seen": "0"}, follow_redirects=True)
        assert notice(saved) == "Saved what the certificates say."
        terms = await terms_of(event.id)
        assert terms
        assert (terms.words, terms.hours) == (WORDS, HOURS)
        assert "1 person was checked in" in saved.text
        preview = await client.get(here(event, "preview"))
        assert (heading(preview), "SPECIMEN" in preview.text) == ("Certificate of attendance", True)
        assert "SPECIMEN" in pdf_reading.words((await client.get(here(event, "certificate.pdf"))).content)
        asked = await client.get(here(event, "release"))
        released = await client.post(here(event, "release"), data=fields(asked), follow_redirects=True)
        assert notice(released).startswith("The certificates are released.")
        assert await whose() == [person.id]
        await client.get(here(event, "take-back"))
        back = await client.post(here(event, "take-back"), follow_redirects=True)
        assert notice(back) == "The release is taken back. Nobody has a certificate."
    assert (await whose(), await standing.released(event)) == ([], None)


async def test_once_a_guest_has_theirs_the_page_offers_no_way_back(
    database: Database, event: Event, sid: Device, omar: Staff
) -> None:
    person = await comes(event, sid)
    await release(event, omar)
    await takes(person, event)
    async with browsing(database, omar) as client:
        shown = await client.get(here(event))
        assert "cannot be taken back any more" in shown.text
        assert (await client.get(here(event, "take-back"))).status_code == 303
        refused = await client.post(here(event, "take-back"))
    assert (refused.status_code, await whose()) == (409, [person.id])


async def test_the_times_that_are_offered_are_those_of_the_programme(
    database: Database, event: Event, omar: Staff
) -> None:
    for title, starts, ends in (("Opening", 600, 660), ("A talk", 675, 750), ("Another", 795, 900)):
        await changing.add_session(event, SessionWords(title), Times(starts, ends), by=omar, at=NEXT_DAY)
    async with browsing(database, omar) as client:
        form = await client.get(here(event, "text"))
    assert (fields(form)["starts"], fields(form)["ends"]) == ("10:00", "15:00")
    assert ">11:00 to 11:15\n12:30 to 13:15</textarea>" in form.text
    assert "The times are those of the programme" in form.text


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"outcomes": " \n "}, "Enter what people have learned"),
        ({"outcomes": "x\n" * 9}, "Enter 8 learning outcomes or fewer, one on a line"),
        ({"outcomes": "x" * 161}, "Each learning outcome must be 160 characters or fewer"),
        ({"starts": "25:00"}, "Starts must be a time like 09:30"),
        ({"ends": "09:30"}, "It must end after it starts"),
        ({"breaks": "lunch"}, "Write each break on a line of its own, like 12:30 to 13:15"),
        ({"breaks": "13:15 to 12:30"}, "Each break must end after it starts, and lie between start and end"),
        ({"breaks": "15:30 to 16:30"}, "Each break must end after it starts, and lie between start and end"),
        ({"breaks": "09:30 to 16:00"}, "Nothing is left beside the breaks"),
        ({"accredited_by": "A body"}, "Enter both who accredited the event and their reference, or neither"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_saved(
    database: Database, event: Event, omar: Staff, changed: dict[str, str], says: str
) -> None:
    async with browsing(database, omar) as client:
        answer = await client.post(here(event, "text"), data=TYPED | {"seen": "7"} | changed)
        assert 'name="seen" value="7"' in answer.text, "a wrong entry makes the form no newer"
        assert (answer.status_code, says in words(answer.text)) == (422, True)
        assert await terms_of(event.id) is None
        await client.post(here(event, "text"), data=TYPED | {"seen": "0", "breaks": "12:30-13:15\n15.00 \u2013 15.10"})
    terms = await terms_of(event.id)
    assert terms
    assert terms.hours == Hours(570, 960, [(750, 795), (900, 910)])


async def test_who_writes_beside_somebody_else_is_told(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        await client.post(here(event, "text"), data=TYPED | {"seen": "0"})
        again = await client.post(here(event, "text"), data=TYPED | {"seen": "0", "outcomes": "Mine"})
        assert (again.status_code, "Someone else has changed" in again.text) == (409, True)
        right = await client.post(here(event, "text"), data=TYPED | {"seen": "1", "outcomes": "Mine"})
    terms = await terms_of(event.id)
    assert terms
    assert (right.status_code, terms.words) == (303, Words("Mine"))


async def test_it_is_not_released_while_the_door_is_open(database: Database, event: Event, omar: Staff) -> None:
    clock.move_to(o_clock(15))
    async with browsing(database, omar) as client:
        await client.post(here(event, "text"), data=TYPED | {"seen": "0"})
        shown = await client.get(here(event))
        assert "once the door is closed" in words(shown.text)
        assert (await client.get(here(event, "release"))).status_code == 303
        assert (await client.post(here(event, "release"), data={"seen": "1"})).status_code == 409
    assert await standing.released(event) is None


async def test_ending_one_asks_to_prove_it_and_shows_no_number(
    database: Database, event: Event, sid: Device, omar: Staff, bo: Person
) -> None:
    person, absent = await comes(event, sid), (await with_ticket(bo, event))[0]
    await release(event, omar)
    number = await takes(person, event)
    path = here(event, "people", person.id)
    async with browsing(database, omar) as client:
        shown = await client.get(path)
        assert (number in shown.text, "5 hours 45 minutes" in shown.text) == (False, True)
        assert "There is none" in (await client.get(here(event, "people", absent.id))).text
        ended = await client.post(f"{path}/end", follow_redirects=True)
        assert notice(ended) == "The certificate is ended. Its number is not valid any more."
        assert "Omar Organiser" in ended.text
        assert await standing.counted(event) == Counts(came=1, issued=0, taken=0, ended=1)
        renewed = await client.post(f"{path}/renew", follow_redirects=True)
        assert notice(renewed) == "The certificate stands again, with the same number."
        assert (await client.post(here(event, "people", absent.id, "renew"))).status_code == 409
        assert (await client.post(here(event, "people", absent.id, "end"))).status_code == 409
        await Session.all().update(stepped_up_at=None)
        proved = await client.post(f"{path}/end")
    assert (proved.status_code, proved.headers["location"].startswith("/staff/step-up")) == (303, True)
    certificate = await certificate_of(person.id)
    assert certificate
    assert certificate.ended_at is None


async def test_the_release_stays_once_somebody_was_deleted_with_a_number_that_is_valid(
    database: Database, event: Event, sid: Device, omar: Staff
) -> None:
    """Else the page would say that nobody has one, while whoever shows theirs has a number that is valid."""
    person = await comes(event, sid)
    await comes(event, sid)
    await release(event, omar)
    number = await takes(person, event)
    async with browsing(database, omar) as client:
        assert "cannot be taken back any more, since guests have taken theirs." in (await client.get(here(event))).text
        await Registration.filter(id=person.id).update(person_sealed=None)
        shown = await client.get(here(event))
        assert "or are deleted with a number that stays valid." in shown.text
        assert "The others are being made" not in shown.text, "whoever is deleted gets none"
        assert (await client.get(here(event, "take-back"))).status_code == 303
        assert (await client.post(here(event, "take-back"))).status_code == 409
    assert await standing.counted(event) == Counts(came=1, issued=1, taken=0, ended=0, deleted=1)
    assert await checking.is_valid(number, "192.0.2.1", clock.real())


async def test_the_page_offers_no_way_back_where_the_one_that_was_taken_is_ended(
    database: Database, event: Event, sid: Device, omar: Staff
) -> None:
    person = await comes(event, sid)
    await release(event, omar)
    async with browsing(database, omar) as client:
        assert "Nobody has taken one yet." in (await client.get(here(event))).text, "the control"
        await takes(person, event)
        await client.post(here(event, "people", person.id, "end"))
        shown = await client.get(here(event))
        assert "Nobody has taken one yet." not in shown.text
        assert "cannot be taken back any more" in shown.text
        assert (await client.get(here(event, "take-back"))).status_code == 303


async def test_the_page_offers_the_release_once_what_counts_has_ended(
    database: Database, event: Event, omar: Staff
) -> None:
    await writing.write(event, WORDS, HOURS, 0, omar, o_clock(9))
    await Event.filter(id=event.id).update(doors_closed_at=o_clock(12))
    for at, offered in ((o_clock(12, 5), False), (o_clock(16, 1), True)):
        clock.move_to(at)
        async with browsing(database, omar) as client:
            page, asked = await client.get(here(event)), await client.get(here(event, "release"))
        assert ("Release the certificates" in page.text, asked.status_code == 200) == (offered, offered)
        assert ("and what counts has ended (09:30 to 16:00)" in page.text) is not offered
