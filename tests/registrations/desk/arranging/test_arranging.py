"""The access lead takes what each guest needs from asked to arranged to answered; each step is an email, and one entry.

Rules: EV-04, EM-16, SE-12.
"""

import asyncio

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, wording
from events.ground.database import Database, query
from events.ground.refusal import Refused
from events.mail.outbox import Message
from registrations import all_emails
from registrations.booking import own_needs
from registrations.booking.needs_emails import OF_STEP
from registrations.booking.own_needs import mark_of
from registrations.deciding import vetting
from registrations.desk.arranging import arranging
from registrations.exports import email_rows
from registrations.people.consent import Subject
from registrations.people.needs import Adjustment, Step
from registrations.people.registration import Registration
from tests.at_the_desk import desk
from tests.browser import browsing, heading, words
from tests.mail_reading import assert_it_reads_well, html_of, text_of, written
from tests.people import MONDAY, Person, queued
from tests.professional import with_ticket
from tests.registrations.booking.telling_needs import (
    ALLERGY,
    WORDS,
    tells_adjustments,
    tells_diet,
    tells_everything,
)

LOOP, BSL = Adjustment.HEARING_LOOP, Adjustment.BSL
REPLY = "The loop covers rows one to three"


async def now(asked: Registration) -> Registration:
    return await Registration.get(id=asked.id)


async def test_each_thing_goes_from_asked_to_arranged_to_answered_with_an_email_for_each_step(
    event: Event, guest: Registration, axel: Staff
) -> None:
    await arranging.move(guest, LOOP, Step.ARRANGED, "", axel, MONDAY)
    await arranging.move(await now(guest), LOOP, Step.TOLD, REPLY, axel, MONDAY)
    told = (await now(guest)).needs
    assert (told.adjustments, told.replies) == ({"hearing-loop": "told", "bsl": "asked"}, {"hearing-loop": REPLY})
    assert [template for template, _ in await queued()] == ["needs_asked", "needs_arranged", "needs_told"]
    entries = await AuditEntry.filter(action=Action.NEED_MOVED).order_by("id")
    assert [(entry.actor, entry.details) for entry in entries] == [
        (axel.actor, {"step": "arranged"}), (axel.actor, {"step": "told"}),
    ]  # fmt: skip


async def test_of_many_who_press_at_once_one_takes_the_step(guest: Registration, axel: Staff) -> None:
    presses = (arranging.move(guest, LOOP, Step.ARRANGED, "", axel, MONDAY) for _ in range(8))
    answers = await asyncio.gather(*presses, return_exceptions=True)
    assert [answer for answer in answers if answer is None] == [None]
    assert await Message.filter(template="needs_arranged").count() == 1


async def test_what_she_withdrew_is_not_arranged_and_no_email_speaks_of_it(guest: Registration, axel: Staff) -> None:
    await arranging.move(guest, LOOP, Step.ARRANGED, "", axel, MONDAY)
    await own_needs.withdraw(guest, Subject.ADJUSTMENTS, MONDAY, clock.real())
    with pytest.raises(Refused, match="not asked for any more"):
        await arranging.move(guest, BSL, Step.ARRANGED, "", axel, MONDAY)
    for message in await Message.filter(template__in=list(OF_STEP.values())):
        assert await written(all_emails.writers()[message.template], message) is None


@pytest.mark.parametrize("step", list(Step))
async def test_the_email_of_a_step_reads_well_and_says_nothing_of_what_it_is(guest: Registration, step: Step) -> None:
    message = Message(id=7, template=OF_STEP[step], subject_id=guest.id, cause="x", queued_at=MONDAY)
    email = await written(all_emails.writers()[message.template], message)
    assert email is not None
    assert_it_reads_well(email)
    said = text_of(email) + html_of(email) + str(email["Subject"]) + wording.EMAIL_NAMES[message.template]
    shown = [WORDS, *(what.label for what in Adjustment if what is not Adjustment.ELSE), "adjustment", "access lead"]
    assert [text for text in shown if text in said] == []
    assert ("You can reply" in said, "the organisers read replies" in said) == (False, True), "who alone may read it"


async def test_the_page_shows_her_needs_and_takes_both_steps(
    database: Database, event: Event, guest: Registration, axel: Staff
) -> None:
    here = f"/desk/{event.slug}/access"
    async with browsing(database, axel) as client:
        page = await client.get(here)
        said = words(page.text)
        assert (heading(page), WORDS in said, "A hearing loop" in said) == ("Access", True, True)
        assert "The loop is on, and a seat within it is kept free" in said
        seen = {"seen": mark_of(guest)}
        assert f'name="seen" value="{seen["seen"]}"' in page.text
        done = await client.post(f"{here}/{guest.id}/hearing-loop", data=seen | {"step": "arranged"})
        assert done.headers["location"] == f"{here}?said=arranged&guest={guest.id}#guest-{guest.id}"
        before, name, below = (await client.get(done.headers["location"])).text.partition(f'id="guest-{guest.id}"')
        assert ("Noted as" in words(before + name), "Ada Ashdown: noted as arranged." in words(below)) == (False, True)
        assert "Noted as arranged." in words((await client.get(f"{here}?said=arranged&guest=999")).text)
        prefix = f"of-{guest.id}-hearing-loop-"
        loop, told = f"{here}/{guest.id}/hearing-loop", seen | {"step": "told", f"{prefix}reply": REPLY}
        empty = await client.post(loop, data=told | {f"{prefix}reply": " "})
        assert (empty.status_code, f'href="#{prefix}reply"' in empty.text) == (422, True)
        assert words(empty.text).count("Enter what is arranged, as they will read it") == 2
        older = await client.post(loop, data=told)
        assert (older.status_code, "so already" in words(older.text)) == (409, True), "from a page of before"
        await client.post(loop, data=told | {"seen": mark_of(await now(guest))})
        assert REPLY in words((await client.get(here)).text)
        nothing = [await client.post(f"{here}/{guest.id}/{what}", data={"step": "told"}) for what in ("parking", "x")]
    assert ([answer.status_code for answer in nothing], (await now(guest)).needs.replies) == (
        [422, 404], {"hearing-loop": REPLY},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("step", "noted"),
    [("arranged", "noted as arranged."), ("cannot", "noted. Your words stand on their booking page.")],
)
async def test_whom_no_email_reaches_the_access_lead_tells(
    database: Database, event: Event, guest: Registration, axel: Staff, step: str, noted: str
) -> None:
    """Whose address takes none, as that of a walk-in who has none of their own."""
    await Registration.filter(id=guest.id).update(undeliverable="5.1.1")
    here, reply = f"/desk/{event.slug}/access", {f"of-{guest.id}-bsl-reply": "No interpreter is free"}
    posted = {"seen": mark_of(guest), "step": step} | (reply if step == "cannot" else {})
    async with browsing(database, axel) as client:
        done = await client.post(f"{here}/{guest.id}/bsl", data=posted)
        without = words((await client.get(done.headers["location"])).text)
        await Registration.filter(id=guest.id).update(undeliverable="")
        emailed = words((await client.get(done.headers["location"])).text)
    assert f"Ada Ashdown: {noted} No email reaches them: tell them yourself." in without
    assert ("We email them" in without, "No email reaches them" in emailed) == (False, False)
    assert f"Ada Ashdown: {noted} We email them." in emailed


async def test_only_guests_of_this_event_with_a_place_are_on_it_those_with_open_needs_first(
    database: Database, event: Event, guest: Registration, bo: Person, cleo: Person, axel: Staff, omar: Staff
) -> None:
    for what in (LOOP, BSL):
        await arranging.move(await now(guest), what, Step.ARRANGED, "", axel, MONDAY)
        await arranging.move(await now(guest), what, Step.TOLD, REPLY, axel, MONDAY)
    await tells_adjustments((await with_ticket(bo, event))[0])
    gone = await tells_everything((await with_ticket(cleo, event))[0])
    await vetting.withdraw(gone, omar, MONDAY)
    found = await arranging.wanted(event, axel, MONDAY, clock.real())
    assert [guest_of.person.full_name for guest_of in found] == [bo.name, "Ada Ashdown"]


async def test_that_it_was_read_is_recorded_without_saying_who_is_on_it(
    database: Database, event: Event, guest: Registration, axel: Staff, lena: Staff
) -> None:
    async with browsing(database, axel) as client:
        await client.get(f"/desk/{event.slug}/access")
    entry = await AuditEntry.get(action=Action.NEEDS_READ)
    assert (entry.actor, entry.subject) == (axel.actor, f"event:{event.id}")
    assert entry.details == {"list": "adjustments", "number": 1}
    async with browsing(database, lena) as client:
        assert "Axel Access" in (await client.get(f"/desk/{event.slug}/reads")).text


async def test_the_access_lead_opens_this_and_reads_nothing_else(
    database: Database, event: Event, ada: Person, guest: Registration, axel: Staff
) -> None:
    await tells_everything(guest)
    async with browsing(database, axel) as client:
        assert (await client.get("/desk")).headers["location"] == f"/desk/{event.slug}/access"
        page = (await client.get(f"/desk/{event.slug}/access")).text
        others = [
            await client.get(f"/desk/{event.slug}/{what}") for what in ("people", f"people/{guest.id}", "catering")
        ]
    assert [answer.status_code for answer in others] == [403] * 3
    assert [text for text in (ada.email, ada.organisation, ada.role, ALLERGY, "To decide") if text in page] == []


async def test_the_emails_can_be_read_beforehand_as_text_and_as_a_picture(
    database: Database, event: Event, axel: Staff
) -> None:
    here = f"/desk/{event.slug}/access/emails"
    async with browsing(database, axel) as client:
        for step in Step:
            page, picture = await client.get(f"{here}/{step}"), await client.get(f"{here}/{step}/picture")
            assert (page.status_code, "Dear Alex Example" in page.text) == (200, True)
            assert (picture.status_code, "Dear Alex Example" in picture.text) == (200, True)
        assert (await client.get(f"{here}/cooked")).status_code == 404


async def test_a_value_that_cannot_be_read_is_said_and_stops_nobody_else(
    database: Database, event: Event, guest: Registration, bo: Person, axel: Staff
) -> None:
    damaged = await tells_adjustments((await with_ticket(bo, event))[0])
    await query("UPDATE registration SET needs_sealed = ? WHERE id = ?", [b"\x01" + bytes(60), damaged.id])
    async with browsing(database, axel) as client:
        said = words((await client.get(f"/desk/{event.slug}/access")).text)
    assert ("This cannot be read" in said, WORDS in said) == (True, True)


async def test_nobody_else_at_the_desk_reads_who_needs_something(
    database: Database, event: Event, guest: Registration, bo: Person, axel: Staff, omar: Staff, vic: Staff
) -> None:
    """What they read of her is what they read of somebody who has told us what he eats."""
    eats = await tells_diet((await with_ticket(bo, event))[0])
    await arranging.move(guest, LOOP, Step.ARRANGED, "", axel, MONDAY)
    await arranging.move(await now(guest), LOOP, Step.TOLD, REPLY, axel, MONDAY)
    for staff in (omar, vic):
        async with browsing(database, staff) as client:
            pages = [words((await client.get(desk(event, "people", person.id))).text) for person in (guest, eats)]
        hers, his = [page.partition("History When What Who")[2].partition("Your view")[0] for page in pages]
        assert hers.partition("Viewed")[0] == his.partition("Viewed")[0]
        assert "Told us something for the day" in hers
        assert "Email: Booking changed." in hers

    async def told(_: int) -> None:
        """Nobody waits for this file."""

    lines = await email_rows.of_event(event, told)
    assert [line["which"] for line in lines if line["name"] == guest.full_name] == ["Booking changed"]
    assert [line["which"] for line in lines if line["name"] == eats.full_name] == ["Booking changed"]


async def test_nor_does_the_audit_log_tell_a_lead(
    database: Database, event: Event, guest: Registration, axel: Staff, lena: Staff
) -> None:
    await arranging.move(guest, LOOP, Step.ARRANGED, "", axel, MONDAY)
    async with browsing(database, lena) as client:
        log = words((await client.get(desk(event, "audit"))).text)
        of_her = words((await client.get(desk(event, "audit"), params={"subject": f"registration {guest.id}"})).text)
    assert f"{Action.NEED_MOVED} Somebody with a place step: arranged" in log
    assert f"{Action.CHOSE} Registration {guest.id}" in of_her, "the control"
    assert "Somebody with a place" not in of_her
