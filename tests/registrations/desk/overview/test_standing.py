"""What the overview counts, on both databases: how long people wait, who they are, and how emails go."""

from datetime import timedelta

from events.accounts.staff import Staff
from events.event import Event
from events.mail import outbox
from events.mail.outbox import Message, MessageState, Reply
from registrations.deciding import vetting
from registrations.desk.overview import standing
from registrations.desk.overview.standing import ASKED
from registrations.people import directory
from registrations.people.registration import OrganisationKind, Registration, State
from tests.people import MONDAY, Person, an_event, confirmed, requested, someone

DAY = timedelta(days=1)


async def test_median_and_longest_are_of_decisions_on_new_requests_alone(event: Event, omar: Staff) -> None:
    rows = [await confirmed(someone(), event, MONDAY) for _ in range(6)]
    await vetting.approve(rows[0], omar, MONDAY + DAY)
    await vetting.put_on_waiting_list(rows[1], omar, MONDAY + 2 * DAY)
    await vetting.not_offer(rows[2], omar, MONDAY + 7 * DAY)
    await vetting.cancel(rows[3], omar, MONDAY + 30 * DAY)  # which is no decision
    await vetting.not_offer(rows[4], omar, MONDAY + 5 * DAY)
    await vetting.reconsider(await Registration.get(id=rows[4].id), omar, MONDAY + 5 * DAY)
    await vetting.approve(await confirmed(someone(), await an_event()), omar, MONDAY + 6 * DAY)
    waits = await standing.waits(event)
    assert (waits.decided, waits.median, waits.longest) == (3, 2 * DAY, 7 * DAY)
    await vetting.approve(await Registration.get(id=rows[1].id), omar, MONDAY + 7 * DAY)  # from the waiting list
    assert (await standing.waits(event))[:3] == (2, 4 * DAY, 7 * DAY)


async def test_who_waits_for_longest_is_counted_from_their_yes_or_from_the_withdrawal(
    event: Event, omar: Staff
) -> None:
    assert (await standing.waits(event))[3:] == (None, None)
    first, second = await confirmed(someone(), event, MONDAY), await confirmed(someone(), event, MONDAY + DAY)
    await requested(someone(), event, MONDAY - 9 * DAY)
    await confirmed(someone(), await an_event(), MONDAY - 9 * DAY)
    assert (await standing.waits(event))[3:] == (first.id, MONDAY)
    await vetting.approve(first, omar, MONDAY)
    await vetting.withdraw(await Registration.get(id=first.id), omar, MONDAY + 2 * DAY)
    assert (await standing.waits(event))[3:] == (second.id, MONDAY + DAY)
    await vetting.approve(second, omar, MONDAY + 3 * DAY)
    assert (await standing.waits(event))[3:] == (first.id, MONDAY + 2 * DAY)


async def test_emails_are_counted_by_what_became_of_them(event: Event) -> None:
    asked = await confirmed(someone(), event)
    assert await standing.emails(event) == standing.Emails(0, None, 0, 0, None)
    for n in range(5):
        await outbox.put("ticket", asked.id, cause=f"{n}", at=MONDAY + n * DAY, event_id=event.id)
    await outbox.put("ticket", asked.id, cause="elsewhere", at=MONDAY, event_id=(await an_event()).id)
    await outbox.put("lead_alert", 1, cause="of staff", at=MONDAY, event_id=event.id)
    sent, failed, back, *_ = await Message.filter(event_id=event.id, template="ticket").order_by("id")
    await outbox.done(sent, MessageState.SENT, MONDAY + DAY)
    await outbox.done(failed, MessageState.FAILED, MONDAY, Reply(550, "5.1.1"))
    await outbox.done(back, MessageState.FAILED, MONDAY, Reply(None, "5.1.1"))
    assert await standing.emails(event) == standing.Emails(2, MONDAY + 3 * DAY, 2, 1, MONDAY + DAY)


async def test_people_are_counted_by_kind_as_they_are_decided(
    event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    async def now() -> list[tuple[OrganisationKind, int, int]]:
        return [tuple(of) for of in standing.kinds(await directory.of(event.id))]  # type: ignore[misc]

    assert await now() == []
    charity, police = await confirmed(ada, event), await confirmed(bo, event)
    await requested(someone(), event)
    assert sorted(await now()) == [(OrganisationKind.CHARITY, 0, 1), (OrganisationKind.POLICE, 0, 1)]
    await vetting.approve(police, omar, MONDAY)
    assert await now() == [(OrganisationKind.POLICE, 1, 0), (OrganisationKind.CHARITY, 0, 1)]
    await vetting.not_offer(charity, omar, MONDAY)
    assert await now() == [(OrganisationKind.POLICE, 1, 0)]


async def test_only_whose_address_said_yes_has_asked(event: Event, omar: Staff) -> None:
    later, first = await confirmed(someone(), event, MONDAY + DAY), await confirmed(someone(), event, MONDAY)
    await requested(someone(), event, MONDAY)
    await vetting.not_offer(later, omar, MONDAY + DAY)
    asked = standing.asked(await directory.of(event.id))
    assert asked == {first.requested_at.date(): 1, later.requested_at.date(): 1}
    assert State.REQUESTED not in ASKED
