"""Organisers make invitations, see who used which, and end them; the leads hear of one that skips the queue.

Rules: SE-06, SE-12.
"""

from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, wording
from events.ground.database import Database, query
from registrations.asking import inviting
from registrations.people.invitation import Invitation, Terms
from registrations.people.registration import Registration
from tests.at_the_desk import desk, notice
from tests.browser import browsing, heading, words
from tests.people import THE_DAY, Person, audit_of, confirmed, queued
from tests.registrations.asking.invitations import an_invitation, asks, code_of, confirms

TYPED = {
    "partner": "Wardens of Westmoor", "only_for": "Wardens.Example.org", "places": "5", "last_day": "12/4/2019",
    "skips": "no", "keeps": "no",
}  # fmt: skip


def path(event: Event, *parts: object) -> str:
    return desk(event, "people", "invitations", *parts)


async def test_omar_makes_one_and_gives_its_link_to_the_partner(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        done = await client.post(path(event, "make"), data=TYPED)
        made = await Invitation.get()
        made.event = event
        assert done.headers["location"] == f"{path(event, made.id)}?said=made"
        page = await client.get(done.headers["location"])
        listed = await client.get(path(event))
    assert made.terms == Terms(code_of(made), "Wardens of Westmoor", "wardens.example.org")
    assert (made.places, made.used, made.skips_queue, made.last_day) == (5, 0, False, "Friday 12 April 2019")
    assert notice(page) == "The invitation is made. Send its link or its code to the partner."
    assert [text for text in (code_of(made), made.link, "0 of 5", "None is kept free") if text not in page.text] == []
    assert "Wardens of Westmoor wardens.example.org 0 of 5 Friday 12 April 2019 As for everybody Works" in words(
        listed.text
    )
    assert [(action, by) for action, by, _ in await audit_of(made)] == [(Action.INVITATION_MADE, omar.actor)]
    assert await queued() == []


async def test_of_one_that_skips_the_queue_all_leads_are_told_and_not_for_whom_it_is(
    event: Event, lena: Staff, omar: Staff
) -> None:
    made = await an_invitation(event, omar, skips=True)
    assert await queued() == [("lead_alert", lena.id)]
    entry = await AuditEntry.get(action=Action.INVITATION_MADE)
    assert (entry.actor, entry.details["places"], entry.details["skips_queue"]) == (omar.actor, 2, True)
    assert entry.subject == f"invitation:{made.id}"


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("partner", "", "Enter who it is for"),
        ("only_for", "", "Enter the domain of their addresses, or one whole address"),
        ("only_for", "org", "Enter a domain with a dot in it"),
        ("only_for", "gmail.com", "Anybody can have an address at gmail.com"),
        ("only_for", "ada@", "Enter an email address in the correct format"),
        ("only_for", "ada@wardens.example.org", "An invitation for one address is for 1 place"),
        ("places", "0", "must be a whole number from 1 to 1000"),
        ("places", "many", "must be a whole number from 1 to 1000"),
        ("last_day", "7/4/2019", "The last day must be from today to the day of the event"),
        ("last_day", "16/4/2019", "The last day must be from today to the day of the event"),
        ("last_day", "tomorrow", "Last day must be a date"),
        ("skips", "", "Select whether they have a place at once"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_made(
    database: Database, event: Event, omar: Staff, field: str, typed: str, said: str
) -> None:
    async with browsing(database, omar) as client:
        page = await client.post(path(event, "make"), data=TYPED | {field: typed})
        assert (page.status_code, said in words(page.text)) == (422, True)
        assert "Wardens of Westmoor" in page.text or field == "partner", "what was typed stays"
        assert await Invitation.all().count() == 0
        mended = await client.post(path(event, "make"), data=TYPED)
    assert mended.status_code == 303


async def test_who_used_which_stands_on_its_page_and_on_theirs_and_in_the_queue(
    database: Database, event: Event, omar: Staff, ada: Person, bo: Person
) -> None:
    first, other = await an_invitation(event, omar), await an_invitation(event, omar, partner="Somebody else")
    asked = await asks(ada, event, code_of(first))
    await confirms(asked)
    alone = await confirmed(bo, event)
    async with browsing(database, omar) as client:
        pages = [words((await client.get(path(event, row.id))).text) for row in (first, other)]
        queue = words((await client.get(desk(event, "requests"))).text)
        hers, his = [words((await client.get(desk(event, "people", row.id))).text) for row in (asked, alone)]
    assert [(ada.name in page, "Nobody yet" in page) for page in pages] == [(True, False), (False, True)]
    assert queue.count("Invited: Wardens of Westmoor") == 1
    assert ["Invitation Wardens of Westmoor" in page for page in (hers, his)] == [True, False]
    assert "Used an invitation" in hers
    lists = [row.details for row in await AuditEntry.filter(action=Action.LISTED)]
    assert [(said["invitation"], said["ids"]) for said in lists if "invitation" in said] == [
        (first.id, [asked.id]), (other.id, []),
    ]  # fmt: skip


async def test_a_place_by_invitation_is_in_the_history_as_the_invitations(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    asked = await asks(ada, event, code_of(await an_invitation(event, omar, skips=True)))
    await confirms(asked)
    async with browsing(database, omar) as client:
        page = words((await client.get(desk(event, "people", asked.id))).text)
    assert "Approved An invitation" in page


async def test_one_that_has_ended_shows_no_code_and_is_ended_once(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    made = await an_invitation(event, omar)
    asked = await asks(ada, event, code_of(made))
    await confirms(asked)
    async with browsing(database, omar) as client:
        assert code_of(made) in (await client.get(path(event, made.id))).text
        done = await client.post(path(event, made.id, "end"))
        page = await client.get(done.headers["location"])
        again = await client.post(path(event, made.id, "end"))
    assert notice(page) == "The invitation has ended."
    assert (code_of(made) in page.text, ada.name in page.text) == (False, True)
    assert (again.status_code, inviting.ENDED_ALREADY in words(again.text)) == (409, True)
    assert [action for action, *_ in await audit_of(made)] == [Action.INVITATION_MADE, Action.INVITATION_ENDED]
    assert (await Registration.get(id=asked.id)).invitation_id == made.id, "what it was used for stays"


async def test_one_that_was_damaged_stops_no_other(database: Database, event: Event, omar: Staff, ada: Person) -> None:
    damaged, whole = await an_invitation(event, omar), await an_invitation(event, omar)
    asked = await asks(ada, event, code_of(damaged))
    await query("UPDATE invitation SET terms_sealed = ? WHERE id = ?", [b"\x01damaged", damaged.id])
    async with browsing(database, omar) as client:
        listed, own = await client.get(path(event)), await client.get(path(event, damaged.id))
    assert (listed.status_code, own.status_code, heading(own)) == (200, 200, "This invitation cannot be read")
    assert words(listed.text).count("Wardens of Westmoor") == 1
    assert [result.value for result in [await confirms(asked)] if result] == ["refused"]
    assert (await Invitation.get(id=whole.id)).used == 0


async def test_after_the_event_no_invitation_is_offered_or_made(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        before = await client.get(path(event))
        clock.move_to(THE_DAY + timedelta(days=1))
        after, form = await client.get(path(event)), await client.get(path(event, "make"))
        refused = await client.post(path(event, "make"), data=TYPED)
    assert [path(event, "make") in page.text for page in (before, after)] == [True, False]
    assert [(page.status_code, wording.IS_OVER in words(page.text)) for page in (form, refused)] == [(409, True)] * 2
    assert await Invitation.all().count() == 0


async def test_places_are_kept_where_it_is_chosen_and_the_page_says_how_many(
    database: Database, event: Event, omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        wrong = await client.post(path(event, "make"), data=TYPED | {"keeps": "yes"})
        many = await client.post(path(event, "make"), data=TYPED | {"keeps": "yes", "skips": "yes", "places": "500"})
        made = await client.post(path(event, "make"), data=TYPED | {"keeps": "yes", "skips": "yes"})
        page = words((await client.get(made.headers["location"])).text)
        overview = words((await client.get(desk(event, "overview"))).text)
    assert (wrong.status_code, inviting.KEPT_AT_ONCE in words(wrong.text)) == (422, True)
    assert (many.status_code, "There are not so many places left to keep: 120 are" in words(many.text)) == (422, True)
    assert "Places 5 kept free until the last day" in page
    assert "115 places left" in page
    assert "5 of 120 given out or kept, 115 left." in overview
    assert "5 places are kept for invitations" in overview
