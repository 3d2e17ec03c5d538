"""A list has nobody written to who said no, gave up their place, or had their data erased. Rules: DP-16."""

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database, run_tx
from registrations.importing import importing, previewing, unwilling
from registrations.people import objection
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import Registration, State
from registrations.privacy.rights import erasing
from registrations.privacy.rights.rights_request import Right
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, an_event, requested
from tests.professional import put_into
from tests.registrations.importing.lists import a_list
from tests.registrations.privacy.rights.asking import a_rights_request


async def left_out(event: Event, by: Staff, *people: Person) -> tuple[int, int, int]:
    """How many of them are invited, known and left out."""
    begun = await a_list(event, by, people=people)
    foretold = (await previewing.preview(event, begun, clock.real())).sorted
    done = await importing.take(event, begun, by, MONDAY, clock.real())
    counts = (done.invited, done.known, done.left_out)
    assert (len(foretold.new), len(foretold.known), foretold.left_out) == counts, "as the preview said"
    return counts


async def link_of_list(person: Person) -> str:
    [request] = [row for row in await Registration.all() if row.email == person.email]
    link = await LinkAnswers.get(registration_id=request.id)
    return link.link.removeprefix("https://places.example.org")


async def test_who_said_no_to_a_list_is_told_what_that_means_and_asked_by_no_other(
    database: Database, event: Event, omar: Staff, ada: Person, bo: Person
) -> None:
    assert await left_out(event, omar, ada, bo) == (2, 0, 0)
    path = await link_of_list(ada)
    async with browsing(database) as client:
        page = await client.get(path)
        assert (heading(page), "Yes, I want a place" in words(page.text)) == ("Do you want a place?", True)
        assert "Did you ask" not in page.text
        unsaid = await client.post(path, data={})
        assert (unsaid.status_code, "Select whether you want a place" in words(unsaid.text)) == (422, True)
        said = await client.post(path, data={"asked": "no"}, follow_redirects=True)
    assert (heading(said), "used another person" in said.text) == ("You said no", False)
    assert "no list has us write to you again" in words(said.text)
    assert await AuditEntry.filter(action__in=[Action.NOT_ASKED, Action.NOT_WANTED]).count() == 1
    await Registration.all().update(state=State.EXPIRED)  # as both are after three days
    assert await left_out(event, omar, ada, bo) == (1, 0, 1)


async def test_whoever_had_their_data_erased_is_left_out(event: Event, omar: Staff, ada: Person, bo: Person) -> None:
    for person in (ada, bo):
        await requested(person, event)
    asked = await a_rights_request(event, omar, Right.ERASURE, ada.email)
    await erasing.erase(asked, omar, MONDAY, clock.real())
    assert await left_out(event, omar, ada, bo) == (0, 1, 1)


async def test_whoever_gave_up_a_place_or_objected_is_left_out_and_nobody_else(
    event: Event, omar: Staff, ada: Person, bo: Person, cleo: Person
) -> None:
    await put_into(State.CANCELLED, ada, event)
    await run_tx(objection.note)(event.id, bo.email, MONDAY)
    assert await left_out(event, omar, ada, bo, cleo) == (1, 0, 2)
    assert await left_out(event, omar, ada, bo, cleo) == (0, 1, 2)
    other = await an_event(slug="another")
    assert await unwilling.of(other, [ada.email, bo.email]) == set()
