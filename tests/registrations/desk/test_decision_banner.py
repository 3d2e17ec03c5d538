"""What the banner says after a decision, and how the decision is undone."""

import re
from datetime import timedelta

import httpx2
import pytest

from events.accounts.staff import Role, RoleName, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from registrations.deciding import vetting
from registrations.people.registration import Registration, State
from tests.at_the_desk import amber, desk, green, several, state_of, ticked
from tests.browser import browsing
from tests.people import MONDAY, Person, an_event, audit_of, confirmed, queued

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


async def test_an_approval_is_undone_while_its_email_waits(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    before = clock.real()
    async with browsing(database, omar) as client:
        done = await client.post(desk(event, "requests", "approve"), data={"person": await ticked(asked)})
        assert (await Message.get()).next_try_at >= before + vetting.UNDO_FOR
        page = await client.get(done.headers["location"])
        assert f'action="{desk(event, "requests", "undo")}"' in page.text
        undone = await client.post(desk(event, "requests", "undo"), data={"person": await ticked(asked)})
        page = await client.get(undone.headers["location"])
    assert green(page) == "Ada Ashdown : the decision is undone, and no email was sent."
    assert (await state_of(asked), await queued()) == (State.CONFIRMED, [])
    assert (await audit_of(asked))[-1][0] == Action.DECISION_UNDONE


async def test_too_late_to_undo_is_amber_and_leads_to_the_person(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    async with browsing(database, omar) as client:
        done = await client.post(desk(event, "requests", "approve"), data={"person": await ticked(asked)})
        await outbox.done(await Message.get(), MessageState.SENT, MONDAY)
        page = await client.get(done.headers["location"])
        assert green(page) == "Ada Ashdown : approved. The ticket is on its way."
        late = await client.post(desk(event, "requests", "undo"), data={"person": await ticked(asked)})
        page = await client.get(late.headers["location"])
    assert green(page) == ""
    assert amber(page).startswith("Ada Ashdown : too late to undo. The email is on its way")
    assert desk(event, "people", asked.id) in page.text
    assert await state_of(asked) is State.APPROVED


async def test_by_night_the_email_waits_for_the_morning_and_the_decision_can_be_undone_until_then(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    clock.move_to(clock.at_venue(clock.local(MONDAY).date(), 21, 0))
    asked = await confirmed(ada, event)
    async with browsing(database, omar) as client:
        done = await client.post(desk(event, "requests/approve"), data={"person": await ticked(asked)})
        page = await client.get(done.headers["location"])
        assert "The ticket goes out at 08:00, as none does by night. Undo" in green(page)
        message = await Message.get()
        assert timedelta(hours=10, minutes=59) < message.next_try_at - clock.real() <= timedelta(hours=11)
        undo = dict(re.findall(r'<input type="hidden" name="(person|seen)" value="([\w-]+)">', page.text))
        await client.post(desk(event, "requests", "undo"), data=undo)
    assert await state_of(asked) is State.CONFIRMED


async def test_what_somebody_else_decided_since_is_not_undone_and_not_offered_to_be(
    database: Database, event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    """Omar's banner is still of his own decision, which Lena has taken back."""
    asked = await confirmed(ada, event)
    async with browsing(database, omar) as client:
        done = await client.post(desk(event, "requests"), data={"person": await ticked(asked), "decision": "not_offer"})
        page = await client.get(done.headers["location"])
        undo = dict(re.findall(r'<input type="hidden" name="(person|seen)" value="([\w-]+)">', page.text))
        assert (undo, "Undo" in green(page)) == (
            {"person": (await ticked(asked))[0], "seen": "not_offered"},
            True,
        )
        await vetting.reconsider(await Registration.get(id=asked.id), lena, MONDAY)
        due = clock.real() + vetting.UNDO_FOR
        await vetting.approve(await Registration.get(id=asked.id), lena, MONDAY, due)
        assert "Undo" not in green(await client.get(done.headers["location"]))
        late = await client.post(desk(event, "requests", "undo"), data=undo)
        assert amber(await client.get(late.headers["location"])).startswith("Ada Ashdown : too late to undo.")
    assert await state_of(asked) is State.APPROVED


async def test_a_decision_on_a_persons_page_is_undone_there(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    here = desk(event, "people", asked.id)
    async with browsing(database, omar) as client:
        done = await client.post(f"{here}/decide", data={"seen": "confirmed", "decision": "not_offer"})
        page = await client.get(done.headers["location"])
        assert green(page) == "Ada Ashdown : declined. The email goes out in 30 seconds. Undo : Ada Ashdown"
        undone = await client.post(f"{here}/undo", data={"seen": "not_offered"})
        assert green(await client.get(undone.headers["location"])).startswith("Ada Ashdown : the decision is undone")
    assert await state_of(asked) is State.CONFIRMED


async def test_without_a_place_nothing_is_green_and_the_next_step_stands_there(
    database: Database, ada: Person, omar: Staff
) -> None:
    event = await an_event(capacity=0)
    await Role.create(staff=omar, event=event, name=RoleName.ORGANISER)
    asked = await confirmed(ada, event)
    here = desk(event, "people", asked.id)
    async with browsing(database, omar) as client:
        queue = await client.post(desk(event, "requests", "approve"), data={"person": await ticked(asked)})
        own = await client.post(f"{here}/decide", data={"seen": "confirmed", "decision": "approve"})
        for answer in (queue, own):
            page = await client.get(answer.headers["location"])
            assert green(page) == ""
            assert amber(page) == (
                "Ada Ashdown : not approved, since no place is left. "
                "Put on the waiting list Change the number of places"
            )
        await client.post(
            desk(event, "requests"), data={"person": await ticked(asked), "decision": "wait"}
        )  # that button
    assert await state_of(asked) is State.WAITING


async def test_an_address_that_somebody_made_up_names_nobody_and_tells_of_no_decision(
    database: Database, event: Event, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    await vetting.not_offer(asked, omar, MONDAY)
    made_up = {"said": "approve", "full": str(asked.id), "decided": f"act=approve&full={asked.id}"}
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "requests"), params=made_up)
    assert (ada.name in page.text, green(page), amber(page)) == (False, "", "")


async def test_a_banner_is_of_who_decided_and_whom_it_names_is_in_the_entry(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff, vic: Staff
) -> None:
    """Deciding on somebody of any state names them: that was read, too."""
    asked, other = await confirmed(ada, event), await confirmed(bo, event)
    await vetting.not_offer(asked, omar, MONDAY)
    async with browsing(database, omar) as client:
        decided = {"person": await ticked(asked), "decision": "approve"}
        where = (await client.post(desk(event, "requests", "several"), data=decided)).headers["location"]
        page = await client.get(where)
        elsewhere = await client.get(where.replace("/requests?", f"/people/{other.id}?"))
    async with browsing(database, vic) as client:
        theirs = await client.get(where)
    assert amber(page) == "Ada Ashdown : nothing was changed, since someone else had decided by then. Now: Declined."
    own, *_ = await AuditEntry.filter(action=Action.LISTED, actor=omar.actor).order_by("-id")
    assert own.details["ids"] == [other.id, asked.id]
    assert [ada.name in answer.text for answer in (elsewhere, theirs)] == [False, False]


def all_fields(page: httpx2.Response) -> dict[str, list[str]]:
    """What the button *Undo all* posts."""
    form = page.text.partition('data-undo="')[2].partition("</form>")[0]
    names = re.findall(r'<input type="hidden" name="(\w+)" value="([\w -]+)">', form)
    return {name: [value for other, value in names if other == name] for name, _ in names}


@pytest.mark.parametrize("decision", ["approve", "wait", "not_offer"])
async def test_several_are_undone_with_one_button_while_their_emails_wait(
    database: Database, event: Event, omar: Staff, decision: str
) -> None:
    asked, before = await several(event, 5), clock.real()
    async with browsing(database, omar) as client:
        posted = {"person": await ticked(*asked), "decision": decision}
        done = await client.post(desk(event, "requests", "several"), data=posted)
        assert all(email.next_try_at >= before + vetting.UNDO_FOR for email in await Message.all())
        page = await client.get(done.headers["location"])
        assert green(page).endswith("Their emails go out in 30 seconds. Undo all 5")
        undone = await client.post(desk(event, "requests", "undo"), data=all_fields(page))
        assert green(await client.get(undone.headers["location"])) == "5 decisions are undone, and no email was sent."
    assert [await state_of(person) for person in asked] == [State.CONFIRMED] * 5
    assert (await queued(), (await Event.get(id=event.id)).taken) == ([], 0)


async def test_of_several_those_are_undone_that_nobody_has_decided_on_or_written_to_since(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    sent, moved, mine = await several(event, 3)
    async with browsing(database, omar) as client:
        posted = {"person": await ticked(sent, moved, mine), "decision": "not_offer"}
        done = await client.post(desk(event, "requests", "several"), data=posted)
        undo = all_fields(await client.get(done.headers["location"]))
        await outbox.done(await Message.get(subject_id=sent.id), MessageState.SENT, MONDAY)
        await vetting.reconsider(await Registration.get(id=moved.id), lena, MONDAY)
        assert green(await client.get(done.headers["location"])).endswith("Undo all 2"), "not what Lena took back"
        undone = await client.post(desk(event, "requests", "undo"), data=undo)
        page = await client.get(undone.headers["location"])
    assert green(page).startswith(f"{mine.full_name} : the decision is undone")
    assert amber(page).startswith(f"{sent.full_name} , {moved.full_name} : too late to undo.")
    assert [await state_of(person) for person in (sent, moved, mine)] == [
        State.NOT_OFFERED, State.CONFIRMED, State.CONFIRMED,
    ]  # fmt: skip
