"""What the emails to many say, when they are still true, and what none of them gives away.

Rules: SG-11, SG-14, EM-15, EM-16.
"""

from datetime import datetime, timedelta

import pytest

from events.audit.audit import Machine
from events.event import Event
from events.ground import clock
from events.mail.outbox import Message
from registrations.checkin import checkin
from registrations.people.registration import Registration, State, with_event
from registrations.telling.mailing import BY_THE_CLOCK, KINDS, Mailing
from registrations.telling.mailing_emails import mailing_email
from tests.at_the_door import a_phone_at, a_ticket, scan_of
from tests.mail_reading import assert_it_reads_well, folded, html_of, links_of, read, text_of
from tests.people import MONDAY, THE_DAY, VENUE_CANARY, a_door, someone
from tests.registrations.certificates.giving import release
from tests.registrations.telling.telling import begun, email_to, in_state, told

REAL = datetime.fromisoformat("2026-01-05T10:00:00+00:00")  # the machine's clock, years from the event's
BEFORE_THE_DAY = {"week_before", "thursday_before", "day_before"}
AFTERWARDS = {"thanks", "certificate"}
AFTER = THE_DAY + timedelta(days=1)


async def a_guest_who_came(event: Event) -> Registration:
    ticket = await a_ticket(someone(), event)
    phone = await a_phone_at(await a_door(event))
    await checkin.settle([await scan_of(ticket)], phone, THE_DAY)
    return await Registration.get(id=ticket.registration_id)


async def begin(template: str, event: Event) -> None:
    """With something to say: of a change that the doors open at another time, and of a release that it was."""
    clock.move_to(AFTER if template in AFTERWARDS else MONDAY)
    if template == "certificate":
        await release(event, Machine(), AFTER)
    elif template == "event_changed":
        await told(event, MONDAY, REAL, doors_open_at=event.starts_at)
    else:
        await Event.filter(id=event.id).update(venue_released_at=MONDAY if template == "venue_released" else None)
        await begun(template, event, MONDAY, REAL)


@pytest.mark.parametrize("template", KINDS)
async def test_each_reads_well_and_names_the_venue_only_once_it_is_released(event: Event, template: str) -> None:
    guest = await a_guest_who_came(event)
    await begin(template, event)
    email = await email_to(guest, template)
    assert email is not None
    assert_it_reads_well(email)
    assert f"Dear {guest.full_name}," in text_of(email)
    assert (VENUE_CANARY in text_of(email)) == (template == "venue_released")
    assert (event.wellbeing in folded(text_of(email))) == (template in BEFORE_THE_DAY)
    links = {"thanks": ["manage"], "certificate": ["manage"], "venue_released": ["ticket"]}.get(
        template, ["ticket", "manage"]
    )
    assert [href.split("/")[3] for href, _ in links_of(html_of(email))] == links
    assert email["Subject"] in {
        f"Your place on {event.day_words}", f"A change for {event.day_words}",
        f"The address for {event.day_words}", "Thank you for coming",
        f"Your certificate for {event.day_words}",
    }  # fmt: skip


@pytest.mark.parametrize("template", KINDS)
@pytest.mark.parametrize("state", [State.CANCELLED, State.NOT_OFFERED, State.REQUESTED, State.EXPIRED])
async def test_none_goes_to_whoever_is_out_by_then(event: Event, template: str, state: State) -> None:
    guest = await a_guest_who_came(event)
    await begin(template, event)
    assert await email_to(guest, template) is not None
    await Registration.filter(id=guest.id).update(state=state)
    assert await email_to(guest, template) is None


@pytest.mark.parametrize("template", KINDS)
async def test_none_goes_out_once_it_is_stopped(event: Event, template: str) -> None:
    guest = await a_guest_who_came(event)
    await begin(template, event)
    await Mailing.all().update(stopped_at=MONDAY)
    assert await email_to(guest, template) is None


@pytest.mark.parametrize("template", [kind.template for kind in BY_THE_CLOCK])
async def test_one_by_the_clock_is_for_the_day_on_which_the_event_is(event: Event, template: str) -> None:
    guest = await a_guest_who_came(event)
    await begin(template, event)
    await Event.filter(id=event.id).update(day=event.day + timedelta(days=7))
    assert await email_to(guest, template) is None
    await Event.filter(id=event.id).update(day=event.day, emails_off=[template])
    assert await email_to(guest, template) is None


@pytest.mark.parametrize("template", sorted(set(KINDS) - AFTERWARDS))
async def test_none_but_thanks_and_certificates_goes_out_after_the_event(event: Event, template: str) -> None:
    guest = await a_guest_who_came(event)
    await begin(template, event)
    clock.move_to(AFTER)
    assert await email_to(guest, template) is None


async def test_one_whose_choice_of_people_cannot_be_read_holds_up_no_other(event: Event) -> None:
    await in_state(State.APPROVED, event)
    damaged = await begun("week_before", event, MONDAY, clock.real(), "2020-01-01")
    good = await begun("week_before", event, MONDAY, clock.real())
    await Mailing.filter(id=damaged.id).update(chosen={})
    messages = await Message.filter(template="week_before").order_by("id")
    message_of = {message.cause: message for message in messages}
    with pytest.raises(KeyError):
        await mailing_email(message_of[damaged.message_cause])
    assert await mailing_email(message_of[good.message_cause]) is not None


async def test_nobody_is_told_as_one_who_waits_what_is_for_those_with_a_place(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their state is read first, and they get their place back before the rest is."""
    guest = await in_state(State.APPROVED, event)
    await Event.filter(id=event.id).update(venue_released_at=MONDAY)
    await begun("venue_released", event, MONDAY, clock.real())
    await Registration.filter(id=guest.id).update(state=State.WAITING)

    async def and_then(where: str, *values: object) -> Registration | None:
        person = await with_event(where, *values)
        await Registration.filter(id=guest.id).update(state=State.APPROVED)
        return person

    monkeypatch.setattr("registrations.telling.mailing_emails.with_event", and_then)
    message = await Message.get(template="venue_released")
    assert await mailing_email(message) is None
    email = await mailing_email(message)
    assert email is not None
    assert VENUE_CANARY in text_of(read(email)), "the control"
