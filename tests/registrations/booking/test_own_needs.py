"""What guests tell us for the day is kept with their consent, sealed, and gone at once when they take it back.

Rules: DP-05, DP-13, SG-12, GU-18.
"""

import asyncio
import hashlib
import re
from datetime import timedelta

import pytest

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, data_keys, limits
from events.ground.database import Database, query
from events.ground.keys import CannotOpen
from events.ground.refusal import Refused
from events.mail.outbox import Message
from registrations import all_emails
from registrations.booking import own_booking, own_needs
from registrations.people import choices, needs
from registrations.people.choices import Choices, Switch
from registrations.people.consent import NEWEST, WORDINGS, Consent, Subject
from registrations.people.needs import NOTHING, Adjustment, Diet, Needs, Step
from registrations.people.registration import KNOWS_OF_A_PLACE, MANAGED, Registration, State
from registrations.tickets.ticket import Ticket
from tests.mail_reading import assert_it_reads_well, html_of, text_of, written
from tests.people import MONDAY, Person, as_told, audit_of, queued
from tests.professional import put_into, with_ticket
from tests.registrations.booking.telling_needs import ALLERGY, WORDS, tells_adjustments, tells_diet, tells_everything

LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
async def guest(event: Event, ada: Person) -> Registration:
    return (await with_ticket(ada, event))[0]


async def now(asked: Registration) -> Registration:
    return await Registration.get(id=asked.id)


async def test_what_ada_needs_is_kept_with_the_wording_that_she_agreed_to_and_when(guest: Registration) -> None:
    told = await tells_adjustments(guest, Adjustment.BSL, Adjustment.STEP_FREE)
    assert told.needs == Needs(
        adjustments={"step-free": "asked", "bsl": "asked"},
        adjustment_words=WORDS,
        consents={"adjustments": Consent("adjustments 1", MONDAY.isoformat())},
    )
    assert await queued() == [("needs_asked", guest.id)]


async def test_her_diet_is_another_consent_and_what_the_caterer_reads_a_third(guest: Registration) -> None:
    await tells_adjustments(guest)
    told = (await tells_diet(guest, at=LATER)).needs
    assert (told.diets, told.diet_words) == (("vegan", "allergy"), ALLERGY)
    assert {about: consent.at for about, consent in told.consents.items()} == {
        "adjustments": MONDAY.isoformat(), "diet": LATER.isoformat(), "caterer": LATER.isoformat(),
    }  # fmt: skip
    without = (await tells_diet(guest, Diet.HALAL, words="", at=LATER)).needs
    assert (without.diets, without.diet_words, set(without.consents)) == (("halal",), "", {"adjustments", "diet"})


async def test_nothing_of_it_stands_in_an_email_or_an_entry(guest: Registration) -> None:
    await tells_everything(guest)
    entries = [entry.details for entry in await AuditEntry.filter(action=Action.CHOSE)]
    assert entries == [{}] * 4
    for template in ("needs_asked", "booking_changed"):
        message = await Message.filter(template=template).order_by("id").first()
        assert message is not None
        email = await written(all_emails.writers()[template], message)
        assert email is not None
        assert_it_reads_well(email)
        said = text_of(email) + html_of(email) + str(email["Subject"])
        shown = [
            WORDS,
            ALLERGY,
            *(what.label for kind in (Adjustment, Diet, Switch) for what in kind if what != "else"),
        ]
        assert [text for text in shown if text in said] == []
        assert re.search("diet|adjust|photo|your safety", said, re.I) is None


async def test_it_is_sealed_under_a_key_of_its_own(database: Database, guest: Registration) -> None:
    """What opens a person opens neither, nor one the other; and each stands for this request alone."""
    told = await tells_everything(guest)
    for sealed in (told.needs_sealed, told.choices_sealed):
        assert sealed is not None
        for purpose in {"person", "needs", "choices"}:
            opens = [f"{what}|{told.event_id}|{told.public_id}" for what in ("registration", "needs", "choices")]
            found = [row for row in opens if _opens(purpose, row, sealed)]
            own = (purpose == "needs") is (sealed == told.needs_sealed) and purpose != "person"
            assert found == ([f"{purpose}|{told.event_id}|{told.public_id}"] if own else [])
    assert needs.opened(told.needs_sealed, told.id, told.event_id, "another") is needs.UNREADABLE
    assert WORDS.encode() not in bytes(told.needs_sealed or b"")


def _opens(purpose: str, row: str, sealed: bytes) -> bool:
    try:
        return bool(data_keys.open_sealed(purpose, row, bytes(sealed)))
    except CannotOpen:
        return False


@pytest.mark.parametrize("state", sorted(State))
async def test_only_who_knows_of_a_place_tells_and_whoever_has_a_booking_takes_back(
    event: Event, ada: Person, bo: Person, state: State
) -> None:
    asked = await put_into(state, ada, event)
    if state in KNOWS_OF_A_PLACE:
        assert (await tells_diet(asked)).needs.diets
    else:
        with pytest.raises(Refused, match="once you have a place"):
            await tells_diet(asked)
    told = await tells_diet((await with_ticket(bo, event))[0])
    await query("UPDATE registration SET state = ? WHERE id = ?", [state, told.id])
    told = await now(told)
    if state in MANAGED:
        assert await own_needs.withdraw(told, Subject.DIET, LATER, clock.real())
    else:
        with pytest.raises(Refused):
            await own_needs.withdraw(told, Subject.DIET, LATER, clock.real())
    assert ((await now(told)).needs == NOTHING) is (state in MANAGED)


async def test_a_consent_that_is_withdrawn_takes_its_own_with_it_at_once_and_no_other(guest: Registration) -> None:
    await tells_everything(guest)
    before = await now(guest)
    assert await own_needs.withdraw(guest, Subject.ADJUSTMENTS, LATER, clock.real())
    left = (await now(guest)).needs
    assert (left.adjustments, left.adjustment_words, left.replies) == ({}, "", {})
    assert (left.diets, set(left.consents)) == (before.needs.diets, {"diet", "caterer"})
    await own_booking.decline_photos(guest, LATER, clock.real())
    assert (await now(guest)).choices == Choices(None, before.choices.switches, declined_photos=True)
    assert await own_needs.withdraw(guest, Subject.DIET, LATER, clock.real())
    assert (await now(guest)).needs_sealed is None, "no row keeps even that there was something"
    entries = await AuditEntry.filter(action=Action.CONSENT_WITHDRAWN)
    assert [entry.details for entry in entries] == [{}] * 3, "the entry says nothing of what it was"


async def test_a_second_press_withdraws_nothing_more_and_says_nothing_more(guest: Registration) -> None:
    await tells_diet(guest)
    assert [await own_needs.withdraw(guest, Subject.DIET, LATER, clock.real()) for _ in range(2)] == [True, False]
    assert await AuditEntry.filter(action=Action.CONSENT_WITHDRAWN).count() == 1


async def test_of_many_that_tell_and_take_back_at_once_none_is_lost(guest: Registration) -> None:
    await tells_diet(guest)
    await asyncio.gather(
        own_needs.withdraw(guest, Subject.DIET, LATER, clock.real()),
        own_needs.tell_adjustments(guest, [Adjustment.BSL], "", LATER, clock.real()),
        own_needs.agree_to_photos(guest, LATER, clock.real()),
        own_needs.switch(guest, [Switch.NO_LISTS], LATER, clock.real()),
    )
    left = await now(guest)
    assert (left.needs.diets, left.needs.adjustments) == ((), {"bsl": "asked"})
    assert (left.choices.in_photos, left.choices.switches) == (True, frozenset({Switch.NO_LISTS}))


async def test_photographs_are_off_until_she_says_yes_and_with_the_switch_whatever_she_said(
    guest: Registration,
) -> None:
    assert not guest.choices.in_photos
    await own_needs.agree_to_photos(guest, MONDAY, clock.real())
    agreed = (await now(guest)).choices
    assert (agreed.in_photos, agreed.photos) == (True, Consent("photos 1", MONDAY.isoformat()))
    await own_needs.switch(guest, [Switch.NO_PHOTOS], LATER, clock.real())
    assert (await now(guest)).choices == Choices(None, frozenset({Switch.NO_PHOTOS}))
    with pytest.raises(Refused, match="chosen to be in no photograph"):
        await own_needs.agree_to_photos(guest, LATER, clock.real())


async def test_phones_are_told_of_another_badge(guest: Registration) -> None:
    before = await Ticket.get(registration_id=guest.id)
    await own_needs.switch(guest, [Switch.FIRST_NAME], LATER, clock.real())
    assert (await Ticket.get(id=before.id)).list_version > before.list_version


async def test_what_is_arranged_stays_so_unless_she_says_something_else(guest: Registration) -> None:
    told = await tells_adjustments(guest, Adjustment.BSL, Adjustment.PARKING)
    arranged = {"bsl": Step.ARRANGED.value, "parking": Step.ASKED.value}
    sealed = needs.sealed(Needs(arranged, WORDS, {"bsl": "At the front"}), await Event.get(), told.public_id)
    await query("UPDATE registration SET needs_sealed = ? WHERE id = ?", [sealed, told.id])
    more = (await tells_adjustments(guest, Adjustment.BSL, Adjustment.QUIET_ROOM)).needs
    assert (more.adjustments, more.replies) == ({"bsl": "arranged", "quiet-room": "asked"}, {"bsl": "At the front"})
    other = (await tells_adjustments(guest, Adjustment.BSL, words="And a lamp")).needs
    assert (other.adjustments, other.replies) == ({"bsl": "asked"}, {})


async def test_what_was_to_be_arranged_goes_with_the_place(guest: Registration) -> None:
    told = await tells_everything(guest)
    assert await own_booking.give_up(told, LATER)
    left = await now(guest)
    assert (left.needs_sealed, left.choices_sealed) == (None, None)


async def test_a_damaged_value_is_named_in_the_log_keeps_the_person_safe_and_can_be_told_anew(
    guest: Registration, printed: pytest.CaptureFixture[str]
) -> None:
    await tells_everything(guest)
    await query("UPDATE registration SET needs_sealed = ?, choices_sealed = ?", [b"\x01" + bytes(60)] * 2)
    damaged = await now(guest)
    assert (damaged.needs, damaged.choices) == (needs.UNREADABLE, choices.UNREADABLE)
    assert (damaged.choices.in_photos, damaged.choices.switches) == (False, frozenset(Switch))
    assert printed.readouterr().out.count(f"registration:{guest.id}") >= 2
    await own_needs.switch(guest, [], LATER, clock.real())
    assert await own_needs.withdraw(guest, Subject.ADJUSTMENTS, LATER, clock.real()), "it can be deleted all the same"
    left = await tells_diet(guest)
    assert (left.needs.adjustments, left.needs.diet_words, left.choices) == ({}, ALLERGY, Choices())


async def test_somebody_who_changes_it_very_often_has_to_wait_but_not_to_take_it_back(guest: Registration) -> None:
    await tells_diet(guest)
    for _ in range(limits.CHANGES_OF_BOOKING.tries):
        await limits.count(limits.CHANGES_OF_BOOKING, str(guest.id), clock.real())
    with pytest.raises(Refused, match="very often"):
        await tells_diet(guest)
    with pytest.raises(Refused, match="very often"):
        await tells_adjustments(guest)
    assert await own_needs.withdraw(guest, Subject.DIET, LATER, clock.real())
    assert (await audit_of(guest))[-1][0] == Action.CONSENT_WITHDRAWN


def test_the_first_word_of_the_name_stands_on_the_badge_alone(ada: Person) -> None:
    told = as_told(ada)
    switched = Choices(switches=frozenset({Switch.FIRST_NAME, Switch.NO_ORGANISATION}))
    assert (switched.badge_name(told), switched.badge_organisation(told)) == ("Ada", "")
    assert (Choices().badge_name(told), Choices().badge_organisation(told)) == (ada.name, ada.organisation)


WRITTEN = {
    "adjustments 1": "db900a661f80d1bd",
    "diet 1": "a6aa70dfcf0e4350",
    "caterer 1": "71cacaa9d2bc3d70",
    "marshals 1": "33f66fa8a587a09e",
    "photos 1": "0031276c6659e365",
}  # SHA-256 of each wording, its first letters


def test_a_wording_that_somebody_may_have_agreed_to_is_never_changed() -> None:
    found = {version: hashlib.sha256(text.encode()).hexdigest()[:16] for version, text in WORDINGS.items()}
    assert found == WRITTEN, "give another wording another version, and leave this one"
    assert [NEWEST[subject].partition(" ")[0] for subject in Subject] == [subject.value for subject in Subject]


def test_the_newest_wordings_say_the_time_that_is_kept() -> None:
    timed = [text for version, text in WORDINGS.items() if version in NEWEST.values() and "delete" in text]
    assert len(timed) == 4
    assert [text for text in timed if str(needs.KEPT) not in text] == []
