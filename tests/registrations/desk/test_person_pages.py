"""A person on the desk: the whole history, decisions on the newest view, acts that ask first, and a corrected name."""

from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, wording
from events.ground.database import Database
from events.mail.outbox import Message
from registrations.asking import confirming
from registrations.deciding import vetting
from registrations.people.registration import Registration, State
from tests.at_the_desk import amber, desk, fields, notice, state_of
from tests.browser import browsing, heading, words
from tests.people import MONDAY, THE_DAY, Person, audit_of, confirmed, link_of, requested

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


@SQLITE
async def test_a_persons_page_has_the_whole_history_and_looking_is_recorded(
    database: Database, event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    asked = await confirmed(ada, event)
    ticket = await vetting.approve(asked, lena, MONDAY + timedelta(hours=1))
    async with browsing(database, omar) as client:
        await client.get(desk(event, "people", asked.id))
        page = await client.get(desk(event, "people", asked.id))
    shown = words(page.text)
    assert heading(page) == "Ada Ashdown Approved"
    assert f"Ticket {ticket.reference}, issued 8 April 2019, 10:00" in shown
    assert "8 April 2019, 10:00 Approved Lena Lead" in shown
    assert "8 April 2019, 10:00 Email: Ticket. Waiting to be sent Muster" in shown
    assert "Viewed once before, last by Omar Organiser." in shown
    assert "Ada" not in page.text.partition("<title>")[2].partition("</title>")[0]
    assert [act for act, _, _ in await audit_of(asked)] == [Action.APPROVED, Action.VIEWED, Action.VIEWED]


@SQLITE
async def test_a_decision_on_an_older_view_changes_nothing(
    database: Database, event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    asked = await confirmed(ada, event)
    await vetting.put_on_waiting_list(await Registration.get(id=asked.id), lena, MONDAY)
    async with browsing(database, omar) as client:
        late = await client.post(
            desk(event, "people", asked.id, "decide"), data={"seen": "confirmed", "decision": "approve"}
        )
        told = amber(await client.get(late.headers["location"]))
        assert told == "Ada Ashdown : nothing was changed, since someone else had decided by then. Now: Waiting list."
        assert await state_of(asked) is State.WAITING
        await client.post(desk(event, "people", asked.id, "decide"), data={"seen": "waiting", "decision": "approve"})
    assert await state_of(asked) is State.APPROVED


@SQLITE
async def test_nobody_at_the_desk_is_shown_whose_address_a_stranger_used(
    database: Database, event: Event, ada: Person, lena: Staff
) -> None:
    """Whoever answers *No, I did not ask* is promised that."""
    asked = await requested(ada, event)
    async with browsing(database, lena) as client:
        pages = [desk(event, "people") + "?state=requested", desk(event, "people", asked.id)]
        pages += [f"{pages[1]}/cancel", f"{pages[1]}/details", desk(event, "emails")]
        before = [(await client.get(page)).text for page in pages]
        assert [ada.email in text for text in before] == [True, True, False, False, False], "the control"
        await confirming.say_no(await link_of(asked), MONDAY)
        after = [(await client.get(page)).text for page in pages]
        assert [secret for secret in (ada.email, ada.name, "wardens") if secret in " ".join(after)] == []
        assert ["Details set aside" in text for text in after] == [True, True, False, False, False]
        assert (await client.post(f"{pages[1]}/cancel", data={"seen": "requested"})).status_code == 303
    assert await state_of(asked) is State.CANCELLED


@SQLITE
async def test_without_a_decision_nothing_is_decided(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    async with browsing(database, omar) as client:
        page = await client.post(desk(event, "people", asked.id, "decide"), data={"seen": "confirmed"})
    assert (page.status_code, page.text.count("Select a decision")) == (422, 2)
    assert await state_of(asked) is State.CONFIRMED


@SQLITE
async def test_withdrawing_and_cancelling_ask_first(database: Database, event: Event, ada: Person, omar: Staff) -> None:
    asked = await confirmed(ada, event)
    await vetting.approve(asked, omar, MONDAY)
    here = desk(event, "people", asked.id)
    async with browsing(database, omar) as client:
        assert heading(await client.get(f"{here}/withdraw")) == "Withdraw the approval of Ada Ashdown?"
        assert heading(await client.get(f"{here}/cancel")) == "Cancel the request of Ada Ashdown?"
        assert await state_of(asked) is State.APPROVED
        done = await client.post(f"{here}/withdraw", data={"seen": "approved"})
        assert notice(await client.get(done.headers["location"])).startswith("The approval is withdrawn.")
        assert await state_of(asked) is State.CONFIRMED
        assert (await client.get(f"{here}/withdraw")).status_code == 404
        late = await client.post(f"{here}/cancel", data={"seen": "approved"})
        assert amber(await client.get(late.headers["location"])).endswith("Now: To decide.")
        await client.post(f"{here}/cancel", data={"seen": "confirmed"})
        page = await client.get(here)
    assert await state_of(asked) is State.CANCELLED
    assert "Restore the request" in page.text


@SQLITE
async def test_a_mis_click_is_put_back_and_a_ticket_sent_again(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    await vetting.not_offer(asked, omar, MONDAY)
    here = desk(event, "people", asked.id)
    async with browsing(database, omar) as client:
        await client.post(f"{here}/reconsider", data={"seen": "not_offered"})
        assert await state_of(asked) is State.CONFIRMED
        await vetting.approve(await Registration.get(id=asked.id), omar, MONDAY)
        done = await client.post(f"{here}/ticket")
        again = await client.post(f"{here}/ticket")
        assert (await client.post(f"{here}/nonsense")).status_code == 404
    assert (done.status_code, again.status_code) == (303, 409)
    assert await Message.filter(template="ticket", state="queued").count() == 2


@SQLITE
async def test_after_the_event_nothing_is_promised_that_no_email_says(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    guest, declined = await confirmed(ada, event), await confirmed(bo, event)
    await vetting.approve(guest, omar, MONDAY)
    await vetting.not_offer(declined, omar, MONDAY)
    here, there = (desk(event, "people", person.id) for person in (guest, declined))
    clock.move_to(THE_DAY + timedelta(days=1))
    async with browsing(database, omar) as client:
        pages = [(await client.get(path)).text for path in (here, there)]
        refused = [await client.post(f"{here}/ticket"), await client.post(f"{there}/reconsider")]
        asked_first = [words((await client.get(f"{here}/{act}")).text) for act in ("withdraw", "cancel", "details")]
        adding = words((await client.get(desk(event, "people", "add"))).text)
    assert ["Send the ticket again" in pages[0], "Put back in the queue" in pages[1]] == [False, False]
    assert [(answer.status_code, wording.IS_OVER in words(answer.text)) for answer in refused] == [(409, True)] * 2
    promises = ("They are told", "back to the queue", "an email says")
    assert [[said for said in promises if said in page] for page in asked_first] == [[]] * 3
    assert (wording.IS_OVER in adding, "Send them the email" in adding) == (True, False)


@SQLITE
async def test_a_name_is_mended_and_what_was_typed_stays_when_it_is_wrong(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    here = desk(event, "people", asked.id, "details")
    async with browsing(database, omar) as client:
        page = await client.get(here)
        assert 'value="Ada Ashdown"' in page.text
        kind = {"kind": "charity"}
        wrong = await client.post(here, data=fields(page) | kind | {"full_name": "", "badge_name": "Lady A"})
        assert (wrong.status_code, wrong.text.count("Enter their full name")) == (422, 2)
        assert 'value="Lady A"' in wrong.text
        await client.post(here, data=fields(wrong) | kind | {"full_name": "Ada Ash", "badge_name": ""})
    now = await Registration.get(id=asked.id)
    assert (now.full_name, now.badge_name) == ("Ada Ash", "")
    corrected = await AuditEntry.get(action=Action.CORRECTED)
    assert corrected.details == {"what": "name"}
