"""A mail gateway that opens every link, and sends each form with each single choice but Yes, loses and sends nothing.

What it does change is what one press undoes, and what hurts nobody: how README puts it. Rules: EM-05, EM-06.
"""

import pytest
from starlette.routing import Route

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.tokens import Purpose
from registrations.booking import own_needs
from registrations.people.needs import Adjustment
from registrations.people.registration import Registration, State
from registrations.privacy.rights.rights_request import Right
from server import all_routes
from tests.at_the_door import a_phone_at
from tests.browser import browsing
from tests.hostile.machines import emails, links_in
from tests.hostile.picking import Picker
from tests.hostile.test_gateway import everybody, hand_overs, other_addresses
from tests.people import MONDAY, a_door, someone
from tests.professional import path_to, put_into
from tests.registrations.booking.colleagues.naming_them import a_guest_names, names
from tests.registrations.booking.telling_needs import tells_everything
from tests.registrations.certificates.giving import comes, release
from tests.registrations.deciding.outside import run_out
from tests.registrations.feedback.guests import NEXT_DAY, a_link, an_answered_box
from tests.registrations.privacy.rights.asking import a_copy
from tests.registrations.workshops.guests import a_guest, takes_part

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
COUNTERS = {
    "event.people_version",
    "event.list_version",
    "registration.version",
    "ticket.list_version",
    "attempt.tries",
    "new in attempt",
}
SAVED = {"/manage/{token}/needs/safety", "/manage/{token}/change/{what}"}  # by one press, whatever was chosen
TOLD = {"message: booking_changed", "message.cause"}  # one email, to which each further change is added
UNDONE = {  # by one press: saved or chosen again, or the Yes that the link still takes
    ("/manage/{token}/needs/safety", ""): {"registration.choices_sealed", "message: booking_changed"},
    ("/manage/{token}/change/{what}", ""): {"registration.person_sealed"} | TOLD,
    ("/manage/{token}/needs/photos", "photos=no"): {"registration.choices_sealed", "new in erased_address"} | TOLD,
    ("/confirm/{token}", "asked=no"): {"link_answers.said_no_at", "registration.person_sealed"},
}  # fmt: skip
TYPED = {  # what ends, deletes or sends something
    ("/offer/{token}", "answer=no"),
    ("/colleague/{token}", "place=no"),
    ("/take-over/{token}", "take_over=no"),
    ("/new-address/{token}", "theirs=no"),
    ("/manage/{token}/needs/{need}", "any=no"),
    ("/manage/{token}/needs/{need}/which", "agree=adjustments 1"),  # marshals are not ticked again
    *(("/manage/{token}/rights", f"kind={kind}") for kind in (Right.ACCESS, Right.ERASURE)),
    *(("/manage/{token}/workshops/{slot:int}", f"workshop={n}") for n in (2, 3)),
    ("/feedback/{token}", "before=1"),  # the link is used by then
}
LINKS = tuple(f"/{purpose.value}/" for purpose in Purpose if not purpose.startswith("staff"))


async def told(event: Event, omar: Staff) -> list[Registration]:
    """Guests who have told us all that can be told, and one who lets marshals know without a word of their own."""
    first, second = [await a_guest(event) for _ in range(2)]
    await tells_everything(first)
    await own_needs.tell_adjustments(second, [Adjustment.EVACUATION], "", MONDAY, clock.real(), "")
    await takes_part(first, event, omar)
    lapsed = await put_into(State.OFFERED, someone(), event)
    await run_out(lapsed, omar)
    return [first, second]


async def world(event: Event, omar: Staff) -> list[str]:
    """Every link that we send to guests, and to those who are named by guests."""
    await Event.filter(id=event.id).update(capacity=1000)
    await everybody(event)
    await other_addresses(event)
    asked, _taken_up = await hand_overs(event)
    used = await put_into(State.CONFIRMED, someone(), event)
    guests = [*await told(event, omar), await comes(event, await a_phone_at(await a_door(event)))]
    await release(event, omar)
    await an_answered_box(event, "")
    named = [await a_guest_names(someone(), event), await names((await a_guest(event)), comes_along=True)]
    mailed = [*links_in(await emails()), *(row.link for row in named)]
    mailed += [path_to(guest, purpose) for guest in guests for purpose in (Purpose.MANAGE, Purpose.TICKET)]
    needs = [f"{link}/needs/{what}/which" for link in mailed if "/manage/" in link for what in ("adjustments", "diet")]
    mailed = [*needs, *mailed, f"{asked.link}/details", f"{path_to(used, Purpose.CONFIRM)}/again"]
    return [*mailed, f"/feedback/{await a_link(event)}", (await a_copy(event, omar)).copy_link]


def effects(machine: Picker) -> dict[tuple[str, str], set[str]]:
    """By the form and what was chosen in it."""
    found: dict[tuple[str, str], set[str]] = {}
    for change in machine.changes:
        if what := change.what - COUNTERS:
            chose = "" if change.route in SAVED else change.chose
            found.setdefault((change.route, chose), set()).update(what)
    return found


async def pressed(database: Database, links: list[str], *, reads: bool = False) -> Picker:
    """On a day before the event, and on the day after it."""
    async with browsing(database) as client:
        machine = Picker(client, LINKS, reads=reads)
        await machine.follow(links)
        clock.move_to(NEXT_DAY)
        machine.opened.clear()
        await machine.follow(links)
    return machine


@SQLITE
async def test_each_single_choice_but_yes_loses_and_sends_nothing(
    database: Database, event: Event, omar: Staff
) -> None:
    machine = await pressed(database, await world(event, omar))
    assert effects(machine) == UNDONE
    forms = {
        route.path
        for route in all_routes()
        if isinstance(route, Route) and "POST" in (route.methods or ()) and route.path.startswith(LINKS)
    }
    assert forms - machine.sent == set()


@SQLITE
async def test_whoever_types_the_word_gets_it_done(database: Database, event: Event, omar: Staff) -> None:
    """The control: the same choices, by somebody who reads what the label says."""
    machine = await pressed(database, await world(event, omar), reads=True)
    assert effects(machine).keys() - UNDONE.keys() == TYPED
