"""No more email goes to an address that takes none, until it is another or somebody says: try again. On both databases.

Rules: EM-12.
"""

import re
from collections.abc import Awaitable, Callable

import pytest

from events.accounts import accounts, password_links
from events.accounts.staff import RoleName, Staff, sealed_columns
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import query, run_tx
from events.mail import mailer, outbox
from events.mail.bounces import addressees
from events.mail.outbox import Message, MessageState, Reply
from registrations.all_emails import finders, writers
from registrations.deciding import vetting
from registrations.people.person import address_tag
from registrations.people.registration import Registration
from server import ROOT
from tests.events.mail.mailing import send
from tests.house import House
from tests.people import MONDAY, Person, confirmed
from tests.smtp_sink import smtp_sink

DEAD, FULL, REFUSED = "550 5.1.1 no such user", "552 5.2.2 mailbox full", "554 5.7.1 not for us"


@pytest.fixture(autouse=True)
def no_trouble_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailer, "_trouble", "")


async def acts(*actions: Action) -> list[tuple[str, str, str, object]]:
    entries = await AuditEntry.filter(action__in=actions).order_by("id")
    return [(entry.actor, entry.action.value, entry.subject, entry.details) for entry in entries]


async def states() -> list[tuple[str, str, str]]:
    return [
        (message.template, message.state.value, message.reply_status) for message in await Message.all().order_by("id")
    ]


@pytest.mark.parametrize(("answer", "status"), [(DEAD, "5.1.1"), (FULL, "5.2.2"), ("550 User unknown", "5.1.1")])
async def test_after_one_failure_nothing_more_is_sent_and_each_email_is_for_the_telephone(
    event: Event, ada: Person, bo: Person, omar: Staff, answer: str, status: str
) -> None:
    mine, other = await confirmed(ada, event), await confirmed(bo, event)
    async with smtp_sink() as sink:
        sink.refuses(ada.email, answer)
        for person in (mine, other):
            await vetting.put_on_waiting_list(person, omar, MONDAY)
        await send(sink, writers())
        sink._refused.clear()
        for person in (mine, other):
            await vetting.approve(await Registration.get(id=person.id), omar, MONDAY)
        await send(sink, writers())
        assert sink.recipients == [bo.email, bo.email], "Bo's came all the time"
    assert await states() == [
        ("waiting", "failed", status), ("waiting", "sent", ""), ("ticket", "failed", status), ("ticket", "sent", ""),
    ]  # fmt: skip
    assert [(await Registration.get(id=person.id)).undeliverable for person in (mine, other)] == [status, ""]
    assert await acts(Action.ADDRESS_STOPPED) == [
        ("system", Action.ADDRESS_STOPPED.value, f"registration:{mine.id}", {"status": status})
    ]


async def test_a_refusal_of_one_email_keeps_no_other_back(event: Event, ada: Person, omar: Staff) -> None:
    asked = await confirmed(ada, event)
    async with smtp_sink() as sink:
        sink.refuses(ada.email, REFUSED)
        await vetting.put_on_waiting_list(asked, omar, MONDAY)
        await send(sink, writers())
        sink._refused.clear()
        await vetting.approve(await Registration.get(), omar, MONDAY)
        await send(sink, writers())
        assert sink.recipients == [ada.email]


async def test_try_again_lets_this_email_and_all_others_go(event: Event, ada: Person, omar: Staff) -> None:
    asked = await confirmed(ada, event)
    async with smtp_sink() as sink:
        sink.refuses(ada.email, DEAD)
        await vetting.put_on_waiting_list(asked, omar, MONDAY)
        await send(sink, writers())
        sink._refused.clear()
        message = await Message.get()
        assert await addressees.retry(message, omar, MONDAY, event.id)
        assert not await addressees.retry(message, omar, MONDAY, event.id)
        await send(sink, writers())
        await vetting.approve(await Registration.get(), omar, MONDAY)
        await send(sink, writers())
        assert sink.recipients == [ada.email, ada.email]
    assert (await Registration.get()).undeliverable == ""
    assert [(actor, act) for actor, act, _, _ in await acts(Action.ADDRESS_ALLOWED, Action.EMAIL_RETRIED)] == [
        (omar.actor, Action.EMAIL_RETRIED.value), (omar.actor, Action.ADDRESS_ALLOWED.value),
    ]  # fmt: skip


async def change_of_person(event: Event, ada: Person, lena: Staff) -> tuple[str, Callable[[], Awaitable[object]]]:
    asked = await confirmed(ada, event)
    return "registration", lambda: Registration.filter(id=asked.id).update(
        address_tag=address_tag(event, "new@x.example")
    )


async def change_of_staff(event: Event, ada: Person, lena: Staff) -> tuple[str, Callable[[], Awaitable[object]]]:
    columns = sealed_columns(lena.public_id, lena.holder.__class__("new@x.example", "Lena Lead", "Safer Places"))
    return "staff", lambda: Staff.filter(id=lena.id).update(**columns)


@pytest.mark.parametrize("whose", [change_of_person, change_of_staff])
async def test_the_database_itself_forgets_it_with_the_address(
    event: Event, ada: Person, lena: Staff, whose: Callable[..., Awaitable[tuple[str, Callable[[], Awaitable[object]]]]]
) -> None:
    """And with nothing else: a change of another column leaves it."""
    table, change = await whose(event, ada, lena)
    of_table = f"SELECT undeliverable FROM {table}"  # noqa: S608
    await query(f"UPDATE {table} SET undeliverable = '5.1.1'")  # noqa: S608
    await query(f"UPDATE {table} SET generation = generation + 1")  # noqa: S608
    assert await query(of_table) == [{"undeliverable": "5.1.1"}]
    await change()
    assert await query(of_table) == [{"undeliverable": ""}]


async def test_staff_are_not_written_to_either_until_a_lead_says_so(event: Event, lena: Staff, omar: Staff) -> None:
    """Not even an alert: it would come back as well."""
    async with smtp_sink() as sink:
        sink.refuses(omar.email, DEAD)
        for _ in range(2):
            await password_links.send(omar, by=lena, at=MONDAY, real=clock.real())
            await send(sink, writers())
        stopped = await Staff.get(id=omar.id)
        assert (stopped.undeliverable, sink.recipients, sink.steps["RCPT"]) == ("5.1.1", [], 0)
        sink._refused.clear()
        assert await addressees.allow(stopped, lena, MONDAY, event.id)
        assert not await addressees.allow(stopped, lena, MONDAY, event.id)
        await password_links.send(await Staff.get(id=omar.id), by=lena, at=MONDAY, real=clock.real())
        await send(sink, writers())
        assert sink.recipients[-1:] == [omar.email]
    assert [entry[2] for entry in await acts(Action.ADDRESS_STOPPED, Action.ADDRESS_ALLOWED)] == [
        f"staff:{omar.id}"
    ] * 2


async def test_every_email_but_those_about_a_case_knows_its_addressee() -> None:
    """Whoever adds an email says whose address it goes to, or it would go on to a dead one."""
    about_a_case = {"complaint_received", "rights_received", "rights_copy", "erased"}
    nobodys_yet = {"new_address", "colleague", "companion", "hand_over"}
    assert set(writers()) - set(finders()) == about_a_case | nobodys_yet
    assert finders() == addressees.FINDERS


WRITTEN = re.compile(r"emails\.write\(\s*message,\s*to=(.+?)[,)]")
UNASKED = {  # they write to an address that is nobody's yet, to a case, or to an invented guest: nobody else does
    "registrations/booking/address_emails.py",
    "registrations/booking/colleagues/colleague_emails.py",
    "registrations/booking/handing/hand_over_emails.py",
    "registrations/privacy/cases/complaint_emails.py",
    "registrations/privacy/rights/rights_emails.py",
    "registrations/telling/example.py",
}


def test_every_email_to_a_row_asks_first_whether_its_address_takes_any() -> None:
    told = [(path, to) for path, text in House(ROOT).sources for to in WRITTEN.findall(text)]
    assert len(told) > 7, "the search itself has to work"
    assert {path for path, to in told if not to.startswith("reachable(")} == UNASKED


async def test_of_two_failures_at_once_one_is_noted(event: Event, ada: Person, omar: Staff) -> None:
    await vetting.put_on_waiting_list(await confirmed(ada, event), omar, MONDAY)
    message = await Message.get()

    @run_tx
    async def stop(status: str) -> None:
        await addressees.stop(message, status, MONDAY)

    for status in ("5.1.1", "5.2.2", "5.1.1"):
        await stop(status)
    assert (await Registration.get()).undeliverable == "5.1.1"
    assert len(await acts(Action.ADDRESS_STOPPED)) == 1


async def test_an_invitation_to_nowhere_is_seen(event: Event, lena: Staff) -> None:
    async with smtp_sink() as sink:
        sink.refuses("typo@hosts.example.org", DEAD)
        new = await accounts.invite(
            "typo@hosts.example.org",
            "Ty Po",
            "Safer Places",
            event,
            RoleName.VIEWER,
            by=lena,
            at=MONDAY,
            real=clock.real(),
        )
        await send(sink, writers())
    assert (await Staff.get(id=new.id)).undeliverable == "5.1.1"
    failed = await Message.get(template="staff_invite")
    assert (failed.state, Reply(failed.reply_code, failed.reply_status)) == (MessageState.FAILED, Reply(550, "5.1.1"))
    assert await outbox.claim(clock.real()) == []
