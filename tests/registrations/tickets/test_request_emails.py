"""The emails to professionals: what each says, when it is still true, and what none of them gives away.

Rules: SG-04, EM-15, EM-16.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.wording import NOT_OFFERED
from events.mail import emails, outbox
from events.mail.outbox import Message
from registrations.all_emails import writers
from registrations.asking import registering
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import Registration, State
from registrations.tickets import request_emails, ticketing
from registrations.tickets.request_emails import WRITERS
from tests.browser import browsing, words
from tests.mail_reading import OWN, assert_it_reads_well, folded, html_of, links_of, text_of, written
from tests.people import MONDAY, VENUE_CANARY, Person, confirmed, link_of, requested
from tests.professional import told_by

LINKS = {
    "confirm": ["confirm"],
    "received": ["manage"],
    "have_place": ["ticket", "manage"],
    "ticket": ["ticket", "manage"],
    "waiting": ["manage"],
    "not_offered": [],
    "given_up": ["e"],  # of the event, to ask again
    "cancelled": [],
}
TRUE_WHILE = {
    "confirm": {State.REQUESTED},
    "received": {State.CONFIRMED, State.WAITING, State.RECHECKING},
    "have_place": {State.APPROVED},
    "ticket": {State.APPROVED},
    "waiting": {State.WAITING},
    "not_offered": {State.NOT_OFFERED},
    "given_up": {State.CANCELLED},
    "cancelled": {State.CANCELLED, State.CONFIRMED, State.WAITING, State.NOT_OFFERED},
}


async def a_person_for(template: str, person: Person, event: Event) -> Registration:
    """In a state in which this email is true."""
    row = await requested(person, event)
    await Registration.filter(id=row.id).update(state=min(TRUE_WHILE[template]))
    return await Registration.get(id=row.id).select_related("event")


async def queued_for(template: str, person: Registration, cause: str = "test") -> Message:
    subject = person.id
    if template == "ticket":
        subject = (await ticketing.issue(person, MONDAY)).id
    elif template == "confirm":
        subject = (await link_of(person)).id
    await outbox.put(template, subject, cause=cause, at=MONDAY, event_id=person.event_id)
    return await Message.all().order_by("-id").first() or pytest.fail("nothing was queued")


async def test_every_email_reads_well(event: Event, ada: Person) -> None:
    links = {}
    for template in WRITERS:
        person = await a_person_for(template, ada, event)
        email = await written(WRITERS[template], await queued_for(template, person))
        assert email is not None
        assert_it_reads_well(email)
        known = template != "confirm"
        assert str(email["To"]) == ("Ada Ashdown <ada@wardens.example.org>" if known else "ada@wardens.example.org")
        assert ("Dear Ada Ashdown," in text_of(email)) == known
        assert "Hosted by Safer Places and Three Rivers District Council" in text_of(email)
        assert "organisers@example.org, 01632 960003" in text_of(email)
        assert "To tell us about a concern for anyone's safety, telephone 01632 960003." in text_of(email)
        links[template] = [href.removeprefix(OWN).split("/")[0] for href, _ in links_of(html_of(email))]
        await Registration.filter(id=person.id).update(state=State.EXPIRED)
    assert links == LINKS


async def test_a_stranger_cannot_have_words_of_theirs_sent_to_an_address(event: Event) -> None:
    """Anyone can type anyone's address: until somebody confirms, the email holds nothing that was typed."""
    name, organisation = "I know where you live", "Threats Ltd"
    typed = Person(name, "ada@wardens.example.org", organisation, "charity", "Stalker", "Boo", "07700 900982")
    email = await written(WRITERS["confirm"], await queued_for("confirm", await requested(typed, event)))
    assert email is not None
    said = text_of(email) + html_of(email) + str(email) + str(email["To"])
    assert [answer for answer in (typed.name, typed.organisation, typed.role, typed.phone) if answer in said] == []
    asked = await confirmed(replace(typed, email="bo@x.example.org"), event)
    received = await written(WRITERS["received"], await queued_for("received", asked))
    assert typed.name in str(received and text_of(received))


async def test_the_subjects_say_no_more_than_the_day(event: Event, ada: Person) -> None:
    """Lock screens and gateways' logs show them."""
    said = {}
    for template in WRITERS:
        person = await a_person_for(template, ada, event)
        email = await written(WRITERS[template], await queued_for(template, person))
        said[template] = str(email["Subject"]) if email else ""
        await Registration.filter(id=person.id).update(state=State.EXPIRED)
    ask, place = "Your request for Monday 15 April 2019", "Your place on Monday 15 April 2019"
    assert said == dict.fromkeys(WRITERS, ask) | {
        "confirm": "Confirm your request: conference on Monday 15 April 2019",
        "ticket": place,
    }


async def test_an_email_is_written_only_while_it_is_true(event: Event, ada: Person) -> None:
    true: dict[str, set[State]] = {}
    for template in WRITERS:
        person = await a_person_for(template, ada, event)
        message = await queued_for(template, person)
        for state in State:
            await Registration.filter(id=person.id).update(state=state)
            if await written(WRITERS[template], message) is not None:
                true.setdefault(template, set()).add(state)
        await Registration.filter(id=person.id).update(state=State.EXPIRED)
    assert true == TRUE_WHILE


async def test_no_email_is_written_once_the_event_is_over(event: Event, ada: Person) -> None:
    for template in WRITERS:
        person = await a_person_for(template, ada, event)
        message = await queued_for(template, person)
        assert await written(WRITERS[template], message) is not None
        clock.move_to(clock.at_venue(event.day + timedelta(days=1), 0, 1))
        assert await written(WRITERS[template], message) is None
        clock.move_to(MONDAY)
        await Registration.filter(id=person.id).update(state=State.EXPIRED)


async def test_nothing_is_written_of_a_row_that_is_gone(event: Event) -> None:
    for template in WRITERS:
        assert (
            await written(
                WRITERS[template], Message(id=1, template=template, subject_id=404, cause="x", queued_at=MONDAY)
            )
            is None
        )


async def test_refusals_are_the_same_bytes_apart_from_the_greeting(event: Event, ada: Person, bo: Person) -> None:
    said = []
    for who in (ada, bo):
        email = await written(
            WRITERS["not_offered"], await queued_for("not_offered", await a_person_for("not_offered", who, event))
        )
        assert email is not None
        for header in ("To", "Message-ID"):
            del email[header]
        assert NOT_OFFERED in text_of(email)
        said.append(bytes(email).replace(f"Dear {who.name},".encode(), b"Dear"))
    assert said[0] == said[1]


async def test_a_refusal_says_the_same_after_a_change_of_mind(event: Event, ada: Person) -> None:
    """Whether somebody was refused once or twice, or had waited first, cannot be told from the email."""
    person = await a_person_for("not_offered", ada, event)
    first = await written(WRITERS["not_offered"], await queued_for("not_offered", person))
    again = await written(WRITERS["not_offered"], await queued_for("not_offered", person, cause="again"))
    assert first is not None
    assert again is not None
    assert (text_of(first), html_of(first)) == (text_of(again), html_of(again))


@pytest.mark.parametrize("released", [False, True])
async def test_what_no_email_gives_away(released: bool, event: Event) -> None:
    """The venue is in the ticket once it is released, and in no other email ever; the rest nowhere."""
    if released:
        await Event.filter(id=event.id).update(venue_released_at=MONDAY)
    await Event.filter(id=event.id).update(dpia_reference="CANARY-dpia", access_facts="CANARY-access")
    canaries = Person(
        "Ada Ashdown", "ada@wardens.example.org", "CANARY-organisation", "charity", "CANARY-role",
        badge_name="CANARY-badge", phone="07700 900982",
    )  # fmt: skip
    with_venue = []
    for template in WRITERS:
        person = await a_person_for(template, canaries, event)
        email = await written(WRITERS[template], await queued_for(template, person))
        assert email is not None
        everything = "".join([str(email["Subject"]), text_of(email), html_of(email)])
        assert "07700 900003" not in everything  # the lead's own number is for door phones
        assert "07700 900982" not in everything
        assert "CANARY-" not in everything.replace(VENUE_CANARY, "")
        with_venue += [template] if VENUE_CANARY in everything else []
        await Registration.filter(id=person.id).update(state=State.EXPIRED)
    assert with_venue == (["ticket"] if released else [])


async def test_a_name_is_shown_whole_and_carries_no_link(event: Event) -> None:
    for name, said in {
        "Zoë O'Brien-Nguyễn 3rd": "Zoë O'Brien-Nguyễn 3rd",
        "Ẹ" * 100: "Ẹ" * 100,
        "Win at https://evil.example": "Win at https:// evil. example",
    }.items():
        person = await confirmed(Person(name, f"p{len(name)}@x.example.org", "Org", "charity", "Advocate"), event)
        email = await written(WRITERS["received"], await queued_for("received", person))
        assert email is not None
        assert f"Dear {said}," in text_of(email)


async def test_links_in_an_email_are_todays(event: Event, ada: Person) -> None:
    """An email that waited is written with the link that works when it goes out, not when it was queued."""
    person = await a_person_for("received", ada, event)
    message = await queued_for("received", person)
    before = await written(WRITERS["received"], message)
    await Registration.filter(id=person.id).update(generation=1)
    after = await written(WRITERS["received"], message)
    assert before is not None
    assert after is not None
    assert links_of(html_of(before)) != links_of(html_of(after))
    assert before["Message-ID"] == after["Message-ID"]


async def test_the_email_of_an_older_link_keeps_its_link(event: Event, ada: Person) -> None:
    """Whoever asks later in somebody's name never gets their link into an email that was queued before."""
    person = await a_person_for("confirm", ada, event)
    message, first = await queued_for("confirm", person), await link_of(person)
    await registering.ask(event, told_by(ada), MONDAY, MONDAY)
    email = await written(WRITERS["confirm"], message)
    assert email is not None
    assert first.link in [href for href, _ in links_of(html_of(email))]


async def test_whose_request_a_message_is_about(event: Event, ada: Person, bo: Person) -> None:
    unconfirmed, guest = await requested(bo, event), await a_person_for("ticket", ada, event)
    nobody = Registration(id=99, event=event)
    about = (("confirm", unconfirmed), ("ticket", guest), ("received", guest), ("received", nobody))
    messages = [await queued_for(template, person) for template, person in about]
    owners = await request_emails.requests_of(messages)
    assert [owners[message.id] for message in messages] == [unconfirmed.id, guest.id, guest.id, 99]
    assert await request_emails.about(guest.id) == messages[2:0:-1], "the newest first"
    assert await request_emails.about(unconfirmed.id) == messages[:1]
    await LinkAnswers.all().delete()
    assert messages[0].id not in await request_emails.requests_of(messages)


def test_every_email_has_its_two_templates() -> None:
    there = {
        path.name: sorted(file.name for file in path.iterdir()) for path in emails.TEMPLATES.iterdir() if path.is_dir()
    }
    assert there == {name: ["body.html", "subject.txt"] for name in writers()}


async def test_the_email_that_asks_says_when_its_link_ends_however_late_it_comes(event: Event, ada: Person) -> None:
    message = await queued_for("confirm", await requested(ada, event, MONDAY))
    clock.move_to(MONDAY + timedelta(hours=48))
    email = await written(WRITERS["confirm"], message)
    assert email is not None
    assert "Open this page before 09:00 on Thursday 11 April 2019, choose Yes or No" in folded(text_of(email))


async def test_no_email_asks_for_a_yes_by_a_link_that_is_over(event: Event, ada: Person) -> None:
    """It can have waited for three days, or the clock of a rehearsal has moved on."""
    message = await queued_for("confirm", await requested(ada, event, MONDAY))
    asks = []
    for hours in (71, 72):
        clock.move_to(MONDAY + timedelta(hours=hours))
        asks.append(await WRITERS["confirm"](message) is not None)
    assert asks == [True, False]


async def test_the_email_and_the_page_of_what_was_given_up_say_the_same(
    database: Database, event: Event, ada: Person
) -> None:
    person = await a_person_for("given_up", ada, event)
    email = await written(WRITERS["given_up"], await queued_for("given_up", person))
    assert email is not None
    async with browsing(database) as client:
        page = words((await client.get(f"/e/{event.slug}/given-up")).text)
    for sentence in (
        "Thank you for telling us that you are not coming. Somebody else can come instead.",
        "If you had a ticket, it no longer works. If you did not tell us this,",
        "If your plans change again, ask for a place again",
    ):
        assert (sentence in page, sentence in folded(text_of(email))) == (True, True), sentence
    assert (f"{OWN}e/{event.slug}", "If your plans change again, ask for a place again") in links_of(html_of(email))
