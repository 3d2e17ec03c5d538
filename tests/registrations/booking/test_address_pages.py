"""The pages and emails of another address: only a chosen Yes does anything, and no page tells whom we know.

Rules: GU-22, EM-06, SE-01, EM-16.
"""

from datetime import date

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.settings import current
from events.ground.tokens import Purpose
from events.known_organisation import KnownOrganisation, Treatment
from events.mail.outbox import Message
from registrations.booking import new_address
from registrations.booking.address_emails import address_email
from registrations.deciding import vetting
from registrations.deciding.vetting import Decision
from registrations.people.address_change import AddressChange
from registrations.people.registration import Registration, State
from tests.browser import browsing, heading, words
from tests.mail_reading import assert_it_reads_well, html_of, links_of, text_of, written
from tests.people import MONDAY, THE_DAY, Person, confirmed, queued
from tests.professional import path_to, put_into, with_ticket
from tests.registrations.booking.addressing import NEW, anew, asks, newest, waits
from tests.registrations.booking.test_change_pages import sent_with

OVER = "This link no longer works"


def path_of(change: AddressChange, purpose: Purpose) -> str:
    return change.link(purpose).removeprefix(current().base_url)


async def test_ada_asks_on_her_booking_page_and_nothing_is_done_without_a_yes(
    database: Database, event: Event, ada: Person
) -> None:
    asked, _ = await with_ticket(ada, event)
    booking = path_to(asked, Purpose.MANAGE)
    async with browsing(database) as client:
        assert f'href="{booking}/address"' in (await client.get(booking)).text
        page = await client.get(f"{booking}/address")
        seen = sent_with(page.text)
        nothing = await client.post(f"{booking}/address", data={"email": NEW, **seen})
        no = await client.post(f"{booking}/address", data={"email": NEW, "save": "no", **seen})
        same = await client.post(f"{booking}/address", data={"email": ada.email.upper(), "save": "yes", **seen})
        bad = await client.post(f"{booking}/address", data={"email": "ada", "save": "yes", **seen})
        assert (heading(page), await queued()) == ("Change your email address", [])
        assert [answer.status_code for answer in (nothing, no, same, bad)] == [422, 303, 303, 422]
        assert f'value="{NEW}"' in nothing.text
        sent = await client.post(f"{booking}/address", data={"email": NEW, "save": "yes", **seen})
        again = await client.post(f"{booking}/address", data={"email": NEW, "save": "yes", **seen})
        other = await client.post(f"{booking}/address", data={"email": "x@other.example.org", "save": "yes", **seen})
        said = words((await client.get(sent.headers["location"])).text)
    assert sent.headers["location"] == again.headers["location"] == f"{booking}?saved=address", "a second press is calm"
    assert (other.status_code, 'value="x@other.example.org"' in other.text, "checked" in other.text) == (
        409,
        True,
        False,
    )
    assert "We sent an email to the new address, and one to your current address. Nothing has changed yet." in said
    assert (ada.email in said, NEW in said, "keep your current address" in said) == (True, False, True)
    assert await queued() == [("new_address", asked.id), ("address_asked", asked.id)]


@pytest.mark.parametrize("state", [State.OFFERED, State.RECHECKING])
async def test_whoever_is_to_answer_or_to_be_decided_on_first_is_shown_no_way_to_another_address(
    database: Database, event: Event, ada: Person, state: State
) -> None:
    booking = path_to(await put_into(state, ada, event), Purpose.MANAGE)
    async with browsing(database) as client:
        page, refused = await client.get(booking), await client.get(f"{booking}/address")
    assert (page.status_code, f"{booking}/address" in page.text, refused.status_code) == (200, False, 409)


@pytest.mark.parametrize("state", [State.REQUESTED, State.APPROVED, State.NOT_OFFERED])
async def test_the_answer_is_the_same_for_an_address_that_we_know(
    database: Database, event: Event, ada: Person, bo: Person, state: State
) -> None:
    asked, _ = await with_ticket(ada, event)
    await put_into(state, bo, event)
    booking, answers = path_to(asked, Purpose.MANAGE), []
    async with browsing(database) as client:
        for address in (bo.email, "nobody@constabulary.example.org"):
            seen = sent_with((await client.get(f"{booking}/address")).text)
            typed = {"email": address, "save": "yes", **seen}
            sent = await client.post(f"{booking}/address", data=typed)
            shown = await client.get(booking)
            answers.append((sent.status_code, sent.headers["location"], sorted(sent.headers), len(shown.text)))
    assert answers[0] == answers[1]


async def test_at_the_new_address_only_a_yes_counts_and_nothing_says_whose_booking_it_is(
    database: Database, event: Event, ada: Person
) -> None:
    change = await asks((await with_ticket(ada, event))[0])
    path = path_of(change, Purpose.NEW_ADDRESS)
    async with browsing(database) as client:
        page = await client.get(path)
        nothing = await client.post(path, data={})
        assert (heading(page), nothing.status_code, NEW in page.text) == ("Is this your booking?", 422, True)
        assert [said for said in (ada.name, ada.email, ada.organisation) if said in page.text] == []
        assert (await anew(change.registration)).state is State.APPROVED
        yes = await client.post(path, data={"theirs": "yes"})
        stands = await client.get(path)
        late = await client.post(path, data={"theirs": "no", "word": "delete"})
    assert (yes.headers["location"], heading(stands), heading(late)) == (path, "Thank you", "Thank you")
    assert (await anew(change.registration)).state is State.RECHECKING
    assert (await newest(change.registration)).address == NEW


async def test_a_no_there_ends_it(database: Database, event: Event, ada: Person) -> None:
    change = await asks((await with_ticket(ada, event))[0])
    new, keep = path_of(change, Purpose.NEW_ADDRESS), path_of(change, Purpose.KEEP_ADDRESS)
    async with browsing(database) as client:
        assert (await client.post(new, data={"theirs": "no", "word": "delete"})).status_code == 303
        pages = [await client.get(new), await client.get(keep), await client.post(new, data={"theirs": "yes"})]
    assert [(page.status_code, heading(page)) for page in pages] == [(410, OVER)] * 3
    assert (await anew(change.registration)).state is State.APPROVED


async def test_the_old_address_stops_it_with_a_yes(database: Database, event: Event, ada: Person) -> None:
    change = await waits(ada, event)
    path = path_of(change, Purpose.KEEP_ADDRESS)
    old = path_to(change.registration, Purpose.MANAGE)
    async with browsing(database) as client:
        page = await client.get(path)
        nothing, no = await client.post(path, data={}), await client.post(path, data={"keep": "no"})
        assert (heading(page), nothing.status_code, no.status_code) == ("Keep your current address", 422, 303)
        assert (await anew(change.registration)).state is State.RECHECKING
        yes = await client.post(path, data={"keep": "yes"})
        kept, stands = await client.get(yes.headers["location"]), await client.get(path)
        assert (heading(kept), heading(stands)) == ("You keep your address", OVER)
        now = await anew(change.registration)
        assert ((await client.get(old)).status_code, now.state) == (404, State.APPROVED)
        assert (await client.get(path_to(now, Purpose.MANAGE))).status_code == 200


async def test_after_the_event_nothing_of_it_is_left_to_do(database: Database, event: Event, ada: Person) -> None:
    change = await waits(ada, event)
    asked, _ = await with_ticket(Person("Di", "di@x.example.org", "X", "charity", "Y"), event)
    clock.move_to(THE_DAY.replace(hour=23))
    await Event.filter(id=event.id).update(day=MONDAY.date())
    async with browsing(database) as client:
        keep = await client.get(path_of(change, Purpose.KEEP_ADDRESS))
        late = await client.get(path_to(asked, Purpose.MANAGE) + "/address")
    assert (keep.status_code, late.status_code) == (410, 409)


async def test_the_email_to_the_new_address_names_nobody(event: Event, ada: Person) -> None:
    change = await asks((await with_ticket(ada, event))[0])
    email = await written(address_email, await Message.get(template="new_address"))
    assert email is not None
    assert_it_reads_well(email)
    assert (str(email["To"]), str(email["Subject"])) == (
        NEW,
        "Confirm your new address: conference on Monday 15 April 2019",
    )
    said = text_of(email) + html_of(email) + str(email)
    assert [word for word in (ada.name, ada.email, ada.organisation) if word in said] == []
    assert [href for href, _ in links_of(html_of(email))] == [change.link(Purpose.NEW_ADDRESS)]
    assert "09:00 on Thursday 11 April 2019" in text_of(email)


@pytest.mark.parametrize("has_said_yes", [False, True])
async def test_the_present_address_is_warned_and_given_a_way_to_stop_it(
    event: Event, ada: Person, has_said_yes: bool
) -> None:
    change = await waits(ada, event) if has_said_yes else await asks((await with_ticket(ada, event))[0])
    message = await Message.filter(template="address_asked").order_by("-id").first() or await Message.get(id=0)
    email = await written(address_email, message)
    assert email is not None
    assert_it_reads_well(email)
    assert str(email["To"]) == "Ada Ashdown <ada@wardens.example.org>"
    assert ("The new address is confirmed." in text_of(email)) is has_said_yes
    assert NEW not in text_of(email) + html_of(email)
    assert [href for href, _ in links_of(html_of(email))] == [change.link(Purpose.KEEP_ADDRESS)]
    await AddressChange.filter(id=change.id).update(address_sealed=None)
    assert await written(address_email, message) is None


async def test_the_desk_shows_both_addresses_with_the_new_signals(
    database: Database, event: Event, ada: Person, lena: Staff
) -> None:
    change = await waits(ada, event)
    await KnownOrganisation.create(
        event=event, domain="wardens.example.org", kind="charity", treatment=Treatment.PARTNER
    )
    other = await confirmed(Person("Bo", "bo@wardens.example.org", "Wardens", "charity", "Warden"), event)
    async with browsing(database, lena) as client:
        queue = await client.get(f"/desk/{event.slug}/requests")
        person = await client.get(f"/desk/{event.slug}/people/{change.registration_id}")
        control = await client.get(f"/desk/{event.slug}/people/{other.id}")
    moved = "Changed their address 8 April"
    assert [", from wardens.example.org" in words(page.text) for page in (queue, person)] == [False, False], "once"
    assert [moved in words(page.text) for page in (queue, person, control)] == [True, True, False]
    assert [NEW in page.text for page in (queue, person, control)] == [True, True, False]
    known = "Address of a known organisation"
    assert (known in words(control.text), known in words(person.text)) == (True, False)


async def test_the_email_of_an_offer_in_the_old_mailbox_says_nothing_of_the_place_any_more(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked, _ = await with_ticket(ada, event)
    await Registration.filter(id=asked.id).update(offer_n=1)
    path = path_to(await anew(asked), Purpose.OFFER)
    async with browsing(database) as client:
        assert heading(await client.get(path)) == "You have a place", "the control"
        assert await new_address.confirm(await asks(asked), MONDAY)
        await vetting.decide(await anew(asked), Decision.APPROVE, omar, MONDAY)
        page = await client.get(path)
    assert (page.status_code, heading(page)) == (410, "This offer is over")


@pytest.mark.parametrize("is_approved", [False, True])
async def test_the_first_email_in_the_old_mailbox_answers_until_the_new_address_is_approved(
    database: Database, event: Event, ada: Person, omar: Staff, is_approved: bool
) -> None:
    """Neither that the request goes on, nor one email more to whoever it is now."""
    change = await waits(ada, event)
    other, _ = await with_ticket(Person("Di", "di@x.example.org", "X", "charity", "Y"), event)
    paths = [path_to(asked, Purpose.CONFIRM) for asked in (change.registration, other)]
    if is_approved:
        await vetting.decide(await anew(change.registration), Decision.APPROVE, omar, MONDAY)
    before = await queued()
    async with browsing(database) as client:
        pages = [await client.get(path) for path in paths]
        again = [await client.post(f"{path}/again", data={"again": "yes"}) for path in paths]
        yes = await client.post(paths[0], data={"asked": "yes"})
    sent = (await queued())[len(before) :]
    first = (410, "This link has expired") if is_approved else (200, "We have your request")
    assert [(page.status_code, heading(page)) for page in pages] == [first, (200, "We have your request")]
    assert [answer.status_code for answer in again] == [410 if is_approved else 303, 303]
    assert (yes.status_code, len(sent)) == (410 if is_approved else 200, 1 if is_approved else 2)


async def test_the_question_close_to_the_event_can_be_answered_until_it_is_over(event: Event, ada: Person) -> None:
    """Three days otherwise."""
    await asks((await with_ticket(ada, event))[0])
    message, said = await Message.get(template="new_address"), []
    for day in (date(2019, 4, 15), date(2019, 4, 9)):
        await Event.filter(id=event.id).update(day=day)
        email = await written(address_email, message)
        assert email is not None
        said.append(" ".join(text_of(email).split()))
    assert "before 09:00 on Thursday 11 April 2019, choose" in said[0]
    assert "before 23:59 on Tuesday 9 April 2019, choose" in said[1]
