"""The emails to people who run an event: links that work once, and what happened to an account."""

import pytest

from events.accounts import account_alerts, password_links
from events.accounts.account_alerts import Alert, alert, sentence
from events.accounts.staff import Staff
from events.accounts.staff_emails import SOMETHING, WRITERS, sentence_of
from events.event import Event
from events.ground import clock
from events.ground.tokens import Match, Purpose, match
from events.mail.outbox import Message
from tests.mail_reading import OWN, assert_it_reads_well, html_of, links_of, text_of, written
from tests.people import MONDAY


async def newest() -> Message:
    return await Message.all().order_by("-id").first() or pytest.fail("nothing was queued")


async def test_omar_is_invited_by_name_to_his_event_with_a_link_that_is_his(
    event: Event, omar: Staff, lena: Staff
) -> None:
    await password_links.email_invitation(omar, by=lena, at=MONDAY, real=clock.real())
    email = await written(WRITERS["staff_invite"], await newest())
    assert email is not None
    assert_it_reads_well(email)
    (link,) = [href for href, _ in links_of(html_of(email))]
    fresh = await Staff.get(id=omar.id)
    assert link.startswith(f"{OWN}staff/join/")
    assert match(Purpose.STAFF_INVITE, link.rpartition("/")[2], fresh.generation) is Match.CURRENT
    assert (str(email["To"]), str(email["Subject"])) == (
        f"{omar.full_name} <omar@hosts.example.org>",
        "Your invitation to help on Monday 15 April 2019",
    )
    said = text_of(email)
    assert f"{lena.full_name} of Safer Places made an account for you at places.example.org" in said
    role = f"{event.title}, Monday 15 April 2019: organiser (decides who comes, and runs the doors)"
    assert role in " ".join(said.split())
    assert "The page works once, for 3 days." in said


async def test_an_invitation_that_nobody_sent_names_nobody(omar: Staff) -> None:
    await password_links.email_invitation(omar, by=None, at=MONDAY, real=clock.real())
    email = await written(WRITERS["staff_invite"], await newest())
    assert email is not None
    assert "An organiser made an account for you" in text_of(email)


async def test_omar_is_emailed_a_link_for_a_new_password(omar: Staff) -> None:
    await Staff.filter(id=omar.id).update(password_hash="set", joined_at=MONDAY)
    await password_links.email_reset(omar, by=None, at=MONDAY, real=clock.real())
    email = await written(WRITERS["staff_reset"], await newest())
    assert email is not None
    assert_it_reads_well(email)
    (link,) = [href for href, _ in links_of(html_of(email))]
    fresh = await Staff.get(id=omar.id)
    assert link.startswith(f"{OWN}staff/reset/")
    assert match(Purpose.STAFF_RESET, link.rpartition("/")[2], fresh.generation) is Match.CURRENT
    assert "The page works once, for 60 minutes." in text_of(email)


async def test_no_link_is_emailed_once_it_is_used_or_the_account_disabled(omar: Staff) -> None:
    await password_links.email_invitation(omar, by=None, at=MONDAY, real=clock.real())
    invitation = await newest()
    await password_links.email_reset(omar, by=None, at=MONDAY, real=clock.real())
    reset = await newest()
    mine = Staff.filter(id=omar.id)
    await mine.update(disabled_at=MONDAY)
    assert await written(WRITERS["staff_invite"], invitation) is None
    assert await written(WRITERS["staff_reset"], reset) is None
    await mine.update(disabled_at=None, password_hash="set", joined_at=MONDAY, link_expires_at=None)
    assert await written(WRITERS["staff_invite"], invitation) is None
    assert await written(WRITERS["staff_reset"], reset) is None


async def test_each_account_event_is_told_without_a_link_and_under_a_subject_of_its_own(omar: Staff) -> None:
    subjects = set()
    for kind in Alert:
        await alert(omar, kind, MONDAY)
        email = await written(WRITERS["staff_alert"], await newest())
        assert email is not None
        assert_it_reads_well(email)
        assert sentence(kind) in text_of(email)
        assert "When: Monday 8 April 2019, 09:00" in text_of(email)
        assert links_of(html_of(email)) == []
        subjects.add(str(email["Subject"]))
        assert len(str(email["Subject"])) <= 70, "longer ones are cut off"
    assert len(subjects) == len(Alert)
    assert "Your account: Your password was changed" in subjects


async def test_a_disabled_account_is_told_that_it_is(omar: Staff) -> None:
    await Staff.filter(id=omar.id).update(disabled_at=MONDAY)
    await alert(omar, Alert.DISABLED, MONDAY)
    email = await written(WRITERS["staff_alert"], await newest())
    assert email is not None
    assert "Your account was disabled." in text_of(email)


async def test_nothing_is_written_to_an_account_that_is_gone(omar: Staff) -> None:
    for template, writer in WRITERS.items():
        assert (
            await written(writer, Message(id=1, template=template, subject_id=404, cause="x", queued_at=MONDAY)) is None
        )


def test_a_cause_that_nobody_listed_still_says_to_look() -> None:
    assert [sentence_of(cause) for cause in (f"{Alert.PHONE_PAIRED}:5", "moon_eaten:1", "")] == [
        account_alerts.SENTENCES[Alert.PHONE_PAIRED],
        SOMETHING,
        SOMETHING,
    ]
