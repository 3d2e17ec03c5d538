"""An invitation names event, role and inviter: on the page of its link, and in the email to who has an account."""

from events.accounts import accounts, password_links
from events.accounts.staff import RoleName, Staff
from events.accounts.staff_emails import WRITERS
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.tokens import Purpose
from events.mail.outbox import Message
from tests.browser import BASE, words
from tests.events.accounts.joining import invited
from tests.events.accounts.signing_in import Client
from tests.mail_reading import text_of, written
from tests.people import MONDAY, a_member_of_staff

ROLE = "Monday 15 April 2019: organiser (decides who comes, and runs the doors)"


async def test_the_page_of_the_link_says_who_invited_and_to_what(browser: Client, event: Event, lena: Staff) -> None:
    ines = await invited(event, lena)
    await password_links.send(ines, by=lena, at=MONDAY, real=clock.real())
    link = password_links.link_of(await Staff.get(id=ines.id), Purpose.STAFF_INVITE).removeprefix(BASE)
    page = words((await browser.get(link)).text)
    assert "Welcome, Ines Invited. Lena Lead of Safer Places invited you to help run this event:" in page
    assert f"{event.title}, {ROLE}" in page
    assert "After this you set up an app for codes." in page


async def test_a_new_password_names_nobody(browser: Client, event: Event, lena: Staff) -> None:
    ines = await invited(event, lena)
    await Staff.filter(id=ines.id).update(joined_at=MONDAY)
    await password_links.send(await Staff.get(id=ines.id), by=lena, at=MONDAY, real=clock.real())
    link = password_links.link_of(await Staff.get(id=ines.id), Purpose.STAFF_RESET).removeprefix(BASE)
    page = words((await browser.get(link)).text)
    assert "This signs you out everywhere else." in page
    assert [name for name in ("Lena", event.title) if name in page] == []


async def test_the_newest_invitation_of_a_person_counts_and_no_request_hides_who_it_was(
    event: Event, lena: Staff, omar: Staff
) -> None:
    nora = await a_member_of_staff("Nora New", "nora@hosts.example.org", event, RoleName.VIEWER)
    assert await password_links.invited_by(nora) == password_links.AN_ORGANISER
    for by, expected in ((lena, lena), (omar, omar), (None, omar)):
        await password_links.email_invitation(nora, by=by, at=MONDAY, real=clock.real())
        assert await password_links.invited_by(nora) == f"{expected.full_name} of {expected.host}"
    assert await AuditEntry.filter(subject=nora.actor, action="invited an account").count() == 3


async def test_somebody_with_an_account_hears_for_which_event_and_from_whom(event: Event, lena: Staff) -> None:
    nora = await a_member_of_staff("Nora New", "nora@hosts.example.org", None, None)
    await accounts.give_role(nora, event, RoleName.ORGANISER, by=lena, at=MONDAY)
    message = await Message.get(template="staff_alert")
    email = await written(WRITERS["staff_alert"], message)
    assert email is not None
    said = " ".join(text_of(email).split())
    given = f"Event: {event.title}, Monday 15 April 2019 Role: organiser Given by: Lena Lead of Safer Places"
    assert f"{given} When:" in said
    assert "Lena" not in str(email["Subject"])
    await accounts.take_role(nora, event, by=lena, at=MONDAY)
    gone = await written(WRITERS["staff_alert"], message)
    taken = await written(WRITERS["staff_alert"], await Message.get(cause__startswith="role_taken"))
    assert gone is not None
    assert taken is not None
    assert ("Role:" in text_of(gone), "Given by" in text_of(taken)) == (False, False)
