"""The emails about a place that is handed over: the first that a colleague hears of us, and what both sides hear.

Rules: DP-16, SG-07, EM-16.
"""

from datetime import date, datetime, timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database, run_tx
from events.ground.tokens import Purpose
from events.mail.outbox import Message
from registrations.all_emails import writers
from registrations.booking.handing import handing_over
from registrations.deciding import taking_over, vetting
from tests.browser import browsing, words
from tests.mail_reading import assert_it_reads_well, html_of, links_of, text_of, written
from tests.people import MONDAY, VENUE_CANARY, Person, someone
from tests.professional import approved_by, path_to, with_ticket
from tests.registrations.booking.handing.handing import CY, anew, asks, taken_up

EVE = clock.at_venue(date(2019, 4, 14), 10, 0)


async def email_of(template: str) -> Message:
    found = await Message.filter(template=template).order_by("-id").first()
    assert found is not None
    return found


async def test_the_first_email_to_a_colleague_says_where_their_address_is_from_and_names_no_guest(
    event: Event, ada: Person
) -> None:
    hand_over = await asks((await with_ticket(ada, event))[0])
    message = await email_of("hand_over")
    email = await written(writers()["hand_over"], message)
    assert email is not None
    assert_it_reads_well(email)
    assert (str(email["To"]), str(email["Subject"])) == (
        CY.email,
        "Take over a place: conference on Monday 15 April 2019",
    )
    said = text_of(email) + html_of(email) + str(email)
    assert [word for word in (ada.name, ada.email, ada.organisation, VENUE_CANARY) if word in said] == []
    links = [hand_over.link, "https://places.example.org/privacy"]
    assert [href for href, _ in links_of(html_of(email))] == links
    for owed in (
        "gave us your work address",
        "Safer Places and Three Rivers District Council are responsible",
        "use it only to ask you this",
        "after 3 days",
        "a copy of it, or to correct or delete it",
        "Information Commissioner's Office",
        "09:00 on Thursday 11 April 2019",
    ):
        assert owed in " ".join(text_of(email).split()), owed
    await handing_over.refuse(hand_over, MONDAY)
    assert await written(writers()["hand_over"], message) is None


@pytest.mark.parametrize("says_who", [False, True])
async def test_both_emails_name_the_guest_where_they_chose_that_alone(
    event: Event, ada: Person, omar: Staff, says_who: bool
) -> None:
    await asks(await approved_by(omar, ada, event), says_who=says_who)
    emails = [
        await written(writers()[template], await email_of(template)) for template in ("hand_over", "handing_over")
    ]
    to_colleague, to_guest = [text_of(email) for email in emails if email is not None]
    assert (ada.name in to_colleague, "We do not say who" in to_colleague) == (says_who, not says_who)
    assert ("We do not tell your colleague who you are" in to_guest) is not says_who


@pytest.mark.parametrize(
    ("asked", "changes_until", "until"),
    [
        (MONDAY, None, "09:00 on Thursday 11 April 2019"),
        (EVE, None, "23:59 on Monday 15 April 2019"),
        (EVE, 0, "23:59 on Monday 15 April 2019"),
        (EVE, 1, "23:59 on Sunday 14 April 2019"),
        (MONDAY, 6, "23:59 on Tuesday 9 April 2019"),
    ],
)
async def test_both_emails_and_the_page_say_until_when_the_colleague_can_really_answer(
    database: Database, event: Event, ada: Person, asked: datetime, changes_until: int | None, until: str
) -> None:
    """Three days, or as long as organisers take changes, or to the end of the event."""
    clock.move_to(asked)
    await Event.filter(id=event.id).update(changes_until=changes_until)
    giver, _ticket = await with_ticket(ada, event)
    async with browsing(database) as client:
        page = words((await client.get(f"{path_to(giver, Purpose.MANAGE)}/hand-over")).text)
        hand_over = await asks(giver, at=asked)
        for template in ("hand_over", "handing_over"):
            email = await written(writers()[template], await email_of(template))
            assert email is not None
            assert f" {until}" in " ".join(text_of(email).split())
            assert f" {until}" in words(html_of(email))
        in_full = asked == MONDAY and changes_until is None
        assert f"They have {'3 days' if in_full else f'until {until}'} to answer" in page
        last = handing_over.answered_until(await Event.get(id=event.id), asked)
        link = hand_over.link.removeprefix("https://places.example.org")
        opened = []
        for moment in (last - timedelta(minutes=1), last + timedelta(minutes=1)):
            clock.move_to(moment)
            opened.append((await client.get(link)).status_code)
    assert opened == [200, 410]


@pytest.mark.parametrize("has_said_yes", [False, True])
async def test_the_guest_is_told_and_given_a_way_to_keep_the_place(
    event: Event, ada: Person, has_said_yes: bool
) -> None:
    giver = (await taken_up(ada, event))[0] if has_said_yes else (await with_ticket(ada, event))[0]
    if not has_said_yes:
        await asks(giver)
    first, *later = await Message.filter(template="handing_over").order_by("id")
    email = await written(writers()["handing_over"], later[0] if later else first)
    assert email is not None
    assert_it_reads_well(email)
    assert str(email["To"]) == "Ada Ashdown <ada@wardens.example.org>"
    assert ("Your colleague wants to take over your place" in text_of(email)) is has_said_yes
    assert [word for word in (CY.email, CY.name) if word in text_of(email) + html_of(email)] == []
    assert [href for href, _ in links_of(html_of(email))] == [f"{giver.link(Purpose.MANAGE)}/hand-over/back"]
    if has_said_yes:
        assert await written(writers()["handing_over"], first) is None, "the question that was answered since"
    await handing_over.take_back(await anew(giver), MONDAY)
    assert await written(writers()["handing_over"], later[0] if later else first) is None


async def test_what_becomes_of_it_is_told_to_both_and_names_neither(event: Event, ada: Person, omar: Staff) -> None:
    giver, receiver = await taken_up(ada, event)
    await handing_over.take_back(giver, MONDAY)
    await run_tx(taking_over.tell)(taking_over.NOT_ANSWERED, giver.id, event.id, MONDAY)  # of another colleague
    other, colleague = await taken_up(Person("Bo Guest", "bo@x.example.org", "X", "charity", "Y"), event, someone())
    await vetting.approve(colleague, omar, MONDAY)
    expected = {
        "place_kept": (giver, "You keep it", [giver.link(Purpose.MANAGE)]),
        "not_answered": (giver, "They did not answer in time", [giver.link(Purpose.MANAGE)]),
        "not_handed_over": (receiver, "Your request stays open.", [receiver.link(Purpose.MANAGE)]),
        "handed_over": (other, "Your colleague has your place now.", []),
    }
    for template, (person, said, links) in expected.items():
        email = await written(writers()[template], await email_of(template))
        assert email is not None, template
        assert_it_reads_well(email)
        assert (person.email in str(email["To"]), said in " ".join(text_of(email).split())) == (True, True), template
        assert [href for href, _ in links_of(html_of(email))] == links
        names = {who.full_name for who in (giver, receiver, other, colleague)} - {person.full_name}
        assert [name for name in names if name in str(email)] == []
