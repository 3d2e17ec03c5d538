"""The desk says whose place somebody takes over; it is approved on that person's page alone.

Rules: SG-07, SG-02.
"""

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.people.registration import State
from tests.at_the_desk import ticked
from tests.browser import browsing, words
from tests.people import Person, confirmed
from tests.registrations.booking.handing.handing import CY, anew, live_tickets, newest, taken_up


async def test_the_desk_says_whose_place_it_is_and_approves_it_on_the_persons_page_alone(
    database: Database, event: Event, ada: Person, lena: Staff
) -> None:
    giver, receiver = await taken_up(ada, event)
    plain = await confirmed(Person("Bo", "bo@x.example.org", "Wardens", "charity", "Warden"), event)
    desk = f"/desk/{event.slug}"
    async with browsing(database, lena) as client:
        queue, page = await client.get(f"{desk}/requests"), await client.get(f"{desk}/people/{receiver.id}")
        control, theirs = await client.get(f"{desk}/people/{plain.id}"), await client.get(f"{desk}/people/{giver.id}")
        place = f"The place of {ada.name}"
        assert [place in words(shown.text) for shown in (queue, page, control, theirs)] == [False, True, False, False]
        assert f"Takes over the place of {ada.name}" in words(queue.text)
        assert f"The place to {CY.name}" in words(theirs.text)
        one = await client.post(f"{desk}/requests/approve", data={"person": await ticked(receiver)})
        assert one.headers["location"] == f"{desk}/people/{receiver.id}"
        both = await client.post(
            f"{desk}/requests", data={"person": await ticked(receiver, plain), "decision": "approve"}
        )
        assert (
            f"Left out, since each is decided on a page of their own: {CY.name} : takes over the place of a guest"
            in words(both.text)
        )
        assert [f'name="person" value="{who.id}-' in both.text for who in (receiver, plain)] == [False, True]
        sly = await client.post(
            f"{desk}/requests/several", data={"person": await ticked(receiver), "decision": "approve"}
        )
        assert "not approved, since it is the place of a guest" in words(
            (await client.get(sly.headers["location"])).text
        )
        assert await live_tickets(giver, receiver) == [1, 0]
        decide = f"{desk}/people/{receiver.id}/decide"
        shown = {"decision": "approve", "seen": "confirmed"}
        older = await client.post(decide, data=shown | {"takes_over": "0"})
        assert "nothing was changed" in words((await client.get(older.headers["location"])).text)
        hand_over = await newest(giver)
        done = await client.post(decide, data=shown | {"takes_over": str(hand_over.id)})
        said = (await client.get(done.headers["location"])).text
    assert (f"{CY.name} : approved. The ticket is on its way." in words(said), "/undo" in said) == (True, False)
    assert await live_tickets(giver, receiver) == [0, 1]


async def test_a_decline_on_the_page_leaves_the_place_where_it_is(
    database: Database, event: Event, ada: Person, lena: Staff
) -> None:
    giver, receiver = await taken_up(ada, event)
    async with browsing(database, lena) as client:
        typed = {"decision": "not_offer", "seen": "confirmed", "takes_over": str((await newest(giver)).id)}
        done = await client.post(f"/desk/{event.slug}/people/{receiver.id}/decide", data=typed)
        said = (await client.get(done.headers["location"])).text
    assert (f"{CY.name} : declined. The email is on its way." in words(said), "/undo" in said) == (True, False)
    assert ((await anew(receiver)).state, await live_tickets(giver)) == (State.NOT_OFFERED, [1])
