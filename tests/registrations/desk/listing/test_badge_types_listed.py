"""Badge types on the people list: a filter and a column, set for all whom a filter shows, and in files.

Rules: EV-02, SE-13.
"""

from dataclasses import replace

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.booking import alias
from registrations.bulk import working
from registrations.bulk.bulk_act import BulkAct
from registrations.codes.badge_type import BadgeType
from registrations.deciding import vetting
from registrations.desk.listing.saved_filter import Listed
from registrations.desk.listing.saved_pages import kept
from registrations.exports import rows
from registrations.exports.export import ExportKind
from registrations.people.registration import Registration
from registrations.tickets import badge_types
from tests.at_the_desk import desk, several
from tests.browser import browsing, heading, words
from tests.people import MONDAY, Person, confirmed
from tests.professional import with_ticket

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


async def nothing_to_tell(read: int) -> None:
    """Nobody waits for the progress here."""


async def test_a_filter_and_a_column_say_the_badge_type(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    speaker, _ = await confirmed(ada, event), await confirmed(bo, event)
    async with browsing(database, omar) as client:
        await client.get(desk(event, "people"))  # the directory knows everybody by then
        await badge_types.set_badge_type(speaker, BadgeType.SPEAKER, omar, MONDAY)
        posted = await client.post(desk(event, "people", "search"), data={"type": "speaker", "columns": "type"})
        assert posted.headers["location"].endswith("?type=speaker&columns=type")
        page = await client.get(posted.headers["location"])
        everybody = words((await client.get(desk(event, "people"), params={"columns": "type"})).text)
        wrong = await client.post(
            desk(event, "people", "all"), params={"type": "king"}, data={"everyone": "yes", "act": "write"}
        )
    assert ("1 to 1 of 1" in words(page.text), "Ada Ashdown" in page.text, "Bo Okafor" in page.text) == (
        True, True, False,
    )  # fmt: skip
    assert ('data-label="Badge type">Speaker' in page.text, "Delegate" in everybody) == (True, True)
    assert wrong.status_code == 422, "a filter that is cut means nobody, not everybody"
    assert kept("type=speaker&state=approved", Listed.PEOPLE) == {"type": "speaker", "state": "approved"}
    assert kept("type=king", Listed.PEOPLE) == {}


async def test_all_whom_a_filter_shows_are_set_at_once(database: Database, event: Event, omar: Staff) -> None:
    people = await several(event, 55)
    await badge_types.set_badge_type(people[0], BadgeType.HELPER, omar, MONDAY)
    ended = people[1]
    async with browsing(database, omar) as client:
        press = {"everyone": "yes", "act": "badge-type", "badge_type": "helper"}
        wrong = await client.post(desk(event, "people", "all"), data=press | {"badge_type": "king"})
        posted = await client.post(desk(event, "people", "all"), data=press)
        page = await client.get(posted.headers["location"])
        await vetting.cancel(ended, omar, MONDAY)
        begun = await client.post(f"{posted.headers['location']}/begin")
        await working.turn(MONDAY, clock.real())
        done = words((await client.get(begun.headers["location"])).text)
        undo = await client.post(f"{posted.headers['location']}/undo")
    assert (wrong.status_code, heading(page)) == (422, "Set the badge type of 55 people to Helper?")
    assert "No email goes out. To undo it, set another type." in words(page.text)
    assert ("Badge type set 53" in done, "Had this badge type already, or the request had ended 2" in done) == (
        True, True,
    )  # fmt: skip
    assert ("Undo" in done, undo.status_code, (await BulkAct.get()).undo_at) == (False, 409, None)
    assert await Registration.filter(badge_type=BadgeType.HELPER).count() == 54
    assert (await Registration.get(id=ended.id)).badge_type is BadgeType.DELEGATE
    assert await AuditEntry.filter(action=Action.BADGE_TYPE_SET).count() == 54


async def test_files_say_it_and_of_an_alias_only_the_badges_do(event: Event, omar: Staff, ada: Person) -> None:
    guest, _ = await with_ticket(replace(ada, badge_name="Sparrow"), event)
    await badge_types.set_badge_type(guest, BadgeType.SPEAKER, omar, MONDAY)
    [listed] = await rows.of_people(event, [guest.id], nothing_to_tell)
    [badge] = await rows.of_event(event, ExportKind.BADGES, nothing_to_tell)
    assert (listed["type"], badge["type"]) == ("Speaker", "Speaker")
    await alias.note(guest, True, omar, MONDAY)
    [listed] = await rows.of_people(event, [guest.id], nothing_to_tell)
    assert listed["type"] == "Ask the lead"
