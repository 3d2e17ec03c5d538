"""The access lead notes what somebody needs or eats as they telephone, by the reference of their ticket.

Rules: DP-05, EV-04, GU-18.
"""

from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.mail.outbox import Message
from registrations.booking import own_needs
from registrations.booking.own_needs import mark_of
from registrations.desk.arranging import noting_pages
from registrations.people.consent import NEWEST, Subject
from registrations.people.needs import NOTHING, Adjustment, Diet
from registrations.people.registration import Registration
from registrations.tickets import gathered
from registrations.tickets.ticket import Ticket
from tests.at_the_desk import desk
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, an_event, queued
from tests.professional import with_ticket

AGREE = NEWEST[Subject.ADJUSTMENTS]
NEEDS, FOOD = {"about": "needs"}, {"about": "food"}


async def now(guest: Registration) -> Registration:
    return await Registration.get(id=guest.id)


async def test_what_a_caller_needs_is_noted_with_their_consent_and_they_are_told(
    database: Database, event: Event, ada: Person, axel: Staff, omar: Staff
) -> None:
    guest, ticket = await with_ticket(ada, event)
    here = f"/desk/{event.slug}/access/note"
    said = NEEDS | {"reference": ticket.reference.lower(), "wanted": ["hearing-loop"], "words": "In the morning"}
    async with browsing(database, axel) as client:
        shown = await client.post(here, data=NEEDS | {"reference": ticket.reference})
        said["seen"] = mark_of(guest)
        assert f'name="seen" value="{said["seen"]}"' in shown.text
        assert await AuditEntry.filter(action=Action.NEEDS_READ).count() == 1, "that it was read is recorded"
        assert (heading(shown), event.host_names in words(shown.text)) == (f"What {ada.name} needs", True)
        without = await client.post(f"{here}/said", data=said)
        assert (without.status_code, "Select that you agree" in words(without.text)) == (422, True)
        assert (await now(guest)).needs == NOTHING
        done = await client.post(f"{here}/said", data=said | {"agree": AGREE})
        assert done.headers["location"] == (
            f"/desk/{event.slug}/access?said=noted-needs&guest={guest.id}#guest-{guest.id}"
        )
        assert "In the morning" in words((await client.get(done.headers["location"])).text)
        again = await client.post(here, data=NEEDS | {"reference": ticket.reference})
        assert ("In the morning" in again.text, 'value="hearing-loop" checked' in again.text) == (True, True)
    told = (await now(guest)).needs
    assert (told.adjustments, told.consents[Subject.ADJUSTMENTS].wording) == ({"hearing-loop": "asked"}, AGREE)
    assert [template for template, _ in await queued()] == ["needs_asked"]
    [entry] = await AuditEntry.filter(action=Action.NEED_MOVED)
    assert (entry.actor, entry.details) == (axel.actor, {"step": "asked"})
    async with browsing(database, omar) as client:
        page = words((await client.get(desk(event, "people", guest.id))).text)
    assert ("Axel Access" in page, str(Action.CHOSE) in page) == (False, False), (
        "no organiser reads who needs something"
    )


async def test_to_a_caller_whom_no_email_reaches_it_is_read_back(
    database: Database, event: Event, ada: Person, axel: Staff
) -> None:
    guest, ticket = await with_ticket(ada, event)
    shown = list[str]()
    async with browsing(database, axel) as client:
        for status in ("", "5.1.1"):
            await Registration.filter(id=guest.id).update(undeliverable=status)
            page = await client.post(f"/desk/{event.slug}/access/note", data=NEEDS | {"reference": ticket.reference})
            shown.append(words(page.text))
    says = [("An email tells them" in page, "No email reaches them: read back" in page) for page in shown]
    assert says == [(True, False), (False, True)]


async def test_what_marshals_may_know_stays_as_it_was(
    database: Database, event: Event, ada: Person, axel: Staff
) -> None:
    guest, ticket = await with_ticket(ada, event)
    evacuation = Adjustment.EVACUATION
    await own_needs.tell_adjustments(guest, [evacuation], "", MONDAY - timedelta(days=1), clock.real(), "A chair")
    before = (await now(guest)).needs
    said = NEEDS | {"reference": ticket.reference, "wanted": [evacuation.value, "bsl"], "words": "x", "agree": AGREE}
    said["seen"] = mark_of(await now(guest))
    async with browsing(database, axel) as client:
        await client.post(f"/desk/{event.slug}/access/note/said", data=said)
        after = (await now(guest)).needs
        assert (after.leaving_words, after.consents[Subject.MARSHALS]) == (
            before.leaving_words, before.consents[Subject.MARSHALS]
        ), "they agreed to it then, and were not asked again"  # fmt: skip
        assert set(after.adjustments) == {"bsl", "evacuation"}
        said["seen"] = mark_of(await now(guest))
        await client.post(f"/desk/{event.slug}/access/note/said", data=said | {"wanted": "bsl"})
    gone = (await now(guest)).needs
    assert (gone.leaving_words, Subject.MARSHALS in gone.consents) == ("", False), "without that need for nothing"


async def test_what_marshals_may_know_is_noted_once_a_caller_agrees(
    database: Database, event: Event, ada: Person, axel: Staff
) -> None:
    guest, ticket = await with_ticket(ada, event)
    said = NEEDS | {"reference": ticket.reference, "wanted": "evacuation", "agree": AGREE, "leaving": "A chair"}
    said["seen"] = mark_of(guest)
    async with browsing(database, axel) as client:
        without = await client.post(f"/desk/{event.slug}/access/note/said", data=said)
        assert (without.status_code, "Select that marshals may read this" in words(without.text)) == (422, True)
        assert (await now(guest)).needs == NOTHING
        await client.post(f"/desk/{event.slug}/access/note/said", data=said | {"marshals": NEWEST[Subject.MARSHALS]})
        shown = await client.post(f"/desk/{event.slug}/access/note", data=NEEDS | {"reference": ticket.reference})
    told = (await now(guest)).needs
    assert (told.leaving_words, told.consents[Subject.MARSHALS].wording) == ("A chair", NEWEST[Subject.MARSHALS])
    assert "Marshals may read already: “A chair”." in words(shown.text)


async def test_what_a_caller_eats_is_noted_for_the_caterer_and_not_shown_to_the_access_lead(
    database: Database, event: Event, ada: Person, axel: Staff, omar: Staff
) -> None:
    guest, ticket = await with_ticket(ada, event)
    await own_needs.tell_diet(guest, [Diet.VEGAN, Diet.ELSE], "Canary seed", MONDAY, clock.real())
    await own_needs.tell_adjustments(await now(guest), [Adjustment.BSL], "", MONDAY, clock.real())
    await Message.all().delete()
    said = FOOD | {
        "reference": ticket.reference,
        "wanted": "allergy",
        "words": "Nuts",
        "seen": mark_of(await now(guest)),
    }
    agreed = {"agree": NEWEST[Subject.DIET], "caterer": NEWEST[Subject.CATERER]}
    async with browsing(database, axel) as client:
        shown = await client.post(f"/desk/{event.slug}/access/note", data=FOOD | {"reference": ticket.reference})
        assert heading(shown) == f"What {ada.name} eats"
        assert ("Canary" in shown.text, "checked" in shown.text) == (False, False)
        without = await client.post(f"/desk/{event.slug}/access/note/said", data=said)
        assert (without.status_code, (await now(guest)).needs.diets) == (422, ("vegan", "else"))
        done = await client.post(f"/desk/{event.slug}/access/note/said", data=said | agreed)
        page = words((await client.get(done.headers["location"])).text)
        late = await client.post(f"/desk/{event.slug}/access/note/said", data=said | agreed | {"words": "Soya"})
    told = (await now(guest)).needs
    assert (told.diets, told.diet_words, told.consents[Subject.DIET].wording) == (("allergy",), "Nuts", agreed["agree"])
    assert ("noted for the caterer." in page, "Nuts" in page, late.status_code) == (True, False, 409)
    assert told.adjustments == {"bsl": "asked"}, "which was not spoken of"
    [email] = await Message.filter(template="booking_changed")
    assert gathered.parts_of(email) == ["noted"]
    [entry] = await AuditEntry.filter(action=Action.NEED_MOVED)
    assert entry.actor == axel.actor
    async with browsing(database, omar) as client:
        assert "Axel Access" not in words((await client.get(desk(event, "people", guest.id))).text)


@pytest.mark.parametrize("typed", ["", "ABC", "ABC-DEF", "elsewhere", "revoked"])
async def test_without_the_reference_of_a_ticket_nobody_is_named(
    database: Database, event: Event, ada: Person, bo: Person, axel: Staff, typed: str
) -> None:
    other = await an_event(slug="another")
    references = {"elsewhere": (await with_ticket(bo, other))[1], "revoked": (await with_ticket(ada, event))[1]}
    await Ticket.filter(id=references["revoked"].id).update(revoked_at=MONDAY)
    reference = references[typed].reference if typed in references else typed
    async with browsing(database, axel) as client:
        for path, more in (("note", {}), ("note/said", {"wanted": "bsl", "agree": AGREE})):
            page = await client.post(f"/desk/{event.slug}/access/{path}", data=NEEDS | {"reference": reference} | more)
            assert (page.status_code, heading(page)) == (422, "Somebody telephones")
            assert "Enter the reference of a ticket of this event" in words(page.text)
            assert ada.name not in page.text
    assert await queued() == []


@pytest.mark.parametrize("meanwhile", ["withdrawn", "more"])
async def test_what_a_guest_changes_meanwhile_is_not_overwritten(
    database: Database, event: Event, ada: Person, axel: Staff, meanwhile: str
) -> None:
    guest, ticket = await with_ticket(ada, event)
    await own_needs.tell_adjustments(guest, [Adjustment.BSL], "x", MONDAY, clock.real())
    said = NEEDS | {"reference": ticket.reference, "wanted": ["bsl", "parking"], "words": "x", "agree": AGREE}
    said["seen"] = mark_of(await now(guest))
    if meanwhile == "withdrawn":
        await own_needs.withdraw(await now(guest), Subject.ADJUSTMENTS, MONDAY, clock.real())
    else:
        both = [Adjustment.BSL, Adjustment.EVACUATION]
        await own_needs.tell_adjustments(await now(guest), both, "x", MONDAY, clock.real(), "A chair")
    theirs = (await now(guest)).needs
    async with browsing(database, axel) as client:
        late = await client.post(f"/desk/{event.slug}/access/note/said", data=said)
        without = await client.post(f"/desk/{event.slug}/access/note/said", data=said | {"seen": ""})
    assert (late.status_code, without.status_code, (await now(guest)).needs) == (409, 409, theirs)


async def test_after_the_event_nothing_is_noted(database: Database, event: Event, ada: Person, axel: Staff) -> None:
    guest, ticket = await with_ticket(ada, event)
    await Event.filter(id=event.id).update(day=(MONDAY - timedelta(days=3)).date())
    said = NEEDS | {
        "reference": ticket.reference,
        "wanted": "bsl",
        "words": "x",
        "agree": AGREE,
        "seen": mark_of(guest),
    }
    async with browsing(database, axel) as client:
        assert (await client.post(f"/desk/{event.slug}/access/note/said", data=said)).status_code == 409
    assert (await now(guest)).needs == NOTHING


async def test_who_types_many_references_of_nobody_has_to_wait(
    database: Database, event: Event, ada: Person, axel: Staff
) -> None:
    _guest, ticket = await with_ticket(ada, event)
    async with browsing(database, axel) as client:
        statuses = [
            (await client.post(f"/desk/{event.slug}/access/note", data=NEEDS | {"reference": reference})).status_code
            for reference in [*(["ABC-DEF"] * (noting_pages.WRONG.tries + 1)), ticket.reference]
        ]
    assert statuses == [422] * noting_pages.WRONG.tries + [429, 200]
