"""A backup that is restored brings nobody back who was erased after it was made; who asked anew since then stays.

Rules: DP-07, DP-08, SE-16.
"""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from events.accounts.staff import RoleName, Staff
from events.backup import backing_up, drill, erased_list
from events.backup.backing_up import Made
from events.backup.erased_list import NAME
from events.backup.restoring import Restored
from events.event import Event
from events.ground import data_keys, settings
from events.ground.database import Database
from events.ground.refusal import Refused
from events.ground.settings import Settings
from events.mail.outbox import Message, MessageState
from registrations.asking import drafting, registering
from registrations.asking.draft import Draft
from registrations.booking import new_address
from registrations.deciding import vetting
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import Registration, State
from registrations.privacy.rights import erasing, noting
from registrations.privacy.rights.rights_request import Outcome, Right, RightsRequest
from registrations.tickets.ticket import Ticket
from tests.events.backup.restores import REAL, Restores
from tests.events.rotation.rotating import a_place
from tests.people import MONDAY, Person, a_member_of_staff, an_event, audit_of, request_of, requested
from tests.professional import told_by, with_ticket
from tests.registrations.booking.addressing import NEW, asks
from tests.registrations.privacy.rights.asking import a_rights_request

HOUR = timedelta(hours=1)
AGAIN = "erased a person again, in a backup that was restored"


@pytest.fixture
def here(chosen: Settings) -> Path:
    """The folder of the backups, which the running server knows."""
    settings.choose(chosen)
    assert chosen.backup_folder is not None
    return chosen.backup_folder


@pytest.fixture
async def with_ada_and_bo(house: Database, chosen: Settings, here: Path, ada: Person, bo: Person) -> Made:
    """A backup of an event with a ticket of each, and a draft of Ada's."""
    async with house.opened():
        event, _ = await an_event_with_a_lead()
        for person in (ada, bo):
            await with_ticket(person, event)
        await drafting.keep(event, None, "", {"full_name": ada.name, "email": ada.email}, REAL)
        return await backing_up.back_up(house, chosen, REAL)


async def erase(house: Database, person: Person) -> None:
    """An hour after the backup, for a request that is in it or not."""
    async with house.opened():
        event = await Event.get()
        lena = await a_member_of_staff("Omar Organiser", f"omar.{person.email}", event, RoleName.ORGANISER)
        asked = await a_rights_request(event, lena, Right.ERASURE, person.email)
        await erasing.erase(asked, lena, MONDAY + HOUR, REAL + HOUR)


def take_away(folder: Path) -> None:
    """The disk is not mounted, say."""
    folder.rename(folder.with_name("away"))
    folder.write_text("no folder")


def bring_back(folder: Path) -> None:
    folder.unlink()
    folder.with_name("away").rename(folder)


async def named(place: Database) -> set[str]:
    async with place.opened():
        return {row.email for row in await Registration.all()} - {""}


async def an_event_with_a_lead() -> tuple[Event, Staff]:
    event = await an_event(slug="launch")
    return event, await a_member_of_staff("Lena Lead", "lena@hosts.example.org", event, RoleName.LEAD)


async def cancelled_and_noted(asked: Registration, lena: Staff) -> None:
    await vetting.cancel(asked, lena, MONDAY + HOUR)
    assert await noting.write_down(REAL + HOUR) == 1


async def test_she_is_erased_again_and_he_is_not(
    restore: Restores, house: Database, with_ada_and_bo: Made, ada: Person, bo: Person
) -> None:
    await erase(house, ada)
    restored = await restore(with_ada_and_bo.file)
    assert (restored.erased, restored.list_faults) == (1, [])
    assert await named(restore.place) == {bo.email}
    async with restore.place.opened():
        gone = await Registration.get(person_sealed=None)
        assert (gone.state, await Draft.all().count(), (await Event.get()).taken) == (State.CANCELLED, 0, 1)
        assert await Ticket.filter(revoked_at=None).count() == 1
        assert [act for act, by, _ in await audit_of(gone) if by == "system"] == [AGAIN]


async def test_the_control_without_the_list_she_comes_back(
    restore: Restores, house: Database, with_ada_and_bo: Made, here: Path, ada: Person, bo: Person
) -> None:
    await erase(house, ada)
    (here / NAME).unlink()
    assert "There is no list of what was erased" in await restore.why_not(with_ada_and_bo.file)
    restored = await restore(with_ada_and_bo.file, with_faults=True)
    assert (restored.erased, len(restored.list_faults)) == (0, 1)
    assert await named(restore.place) == {ada.email, bo.email}


async def test_an_old_data_key_that_was_put_back_for_the_backup_hides_nobody(
    restore: Restores, house: Database, chosen: Settings, here: Path, tmp_path: Path, ada: Person, bo: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """When she was erased, no tag under that key could be made any more."""
    keys = a_place(tmp_path, house)
    async with house.opened():
        event = await an_event(slug="launch")
        for person in (ada, bo):
            await with_ticket(person, event)
        made = await backing_up.back_up(house, chosen, REAL)
        old = keys.lines(event)
        await keys.rotates_event(event)
        assert await keys.drops_event(event) == {}
    await erase(house, ada)
    [new] = keys.lines(event)
    (keys.data_keys / "launch.key").write_text("\n".join([new, *old]))
    keys.opens()
    assert (await restore(made.file)).erased == 1
    assert await named(restore.place) == {bo.email}


async def test_another_list_is_given_by_its_name(
    restore: Restores, house: Database, with_ada_and_bo: Made, here: Path, tmp_path: Path, ada: Person, bo: Person
) -> None:
    await erase(house, ada)
    elsewhere = shutil.move(here / NAME, tmp_path / "on-a-stick.txt")
    restored = await restore(with_ada_and_bo.file, erased=Path(elsewhere))
    assert restored.erased == 1
    assert await named(restore.place) == {bo.email}


async def test_a_list_with_a_line_that_is_not_ours_stops_the_restore_and_its_tags_erase_nobody(
    restore: Restores, house: Database, with_ada_and_bo: Made, here: Path, ada: Person, bo: Person
) -> None:
    await erase(house, ada)
    async with house.opened():
        his = (await request_of(bo.email)).address_tag
    with (here / NAME).open("a") as file:
        [line] = (here / NAME).read_text().splitlines()
        said, _, mac = line.rpartition(" ")
        file.write(f"{said.rpartition(' ')[0]} {his} {mac}\n")
    assert f"Line 2 of {NAME} is not as Muster wrote it, " in await restore.why_not(with_ada_and_bo.file)
    restored = await restore(with_ada_and_bo.file, with_faults=True)
    assert (restored.erased, await named(restore.place)) == (1, {bo.email})


async def test_who_asked_anew_after_their_erasure_stays(
    restore: Restores, house: Database, chosen: Settings, with_ada_and_bo: Made, ada: Person, bo: Person
) -> None:
    await erase(house, ada)
    async with house.opened():
        await registering.ask(await Event.get(), told_by(ada), MONDAY + 2 * HOUR, REAL)
        later = await backing_up.back_up(house, chosen, REAL + 3 * HOUR)
    restored = await restore(later.file)
    assert (restored.erased, await named(restore.place)) == (0, {ada.email, bo.email})
    async with restore.place.opened():
        link = await LinkAnswers.get(answers_sealed__not_isnull=True)
        assert link.answers["full_name"] == ada.name


async def test_her_request_to_be_erased_is_in_the_backup_and_names_her_no_more(
    restore: Restores, house: Database, chosen: Settings, with_ada_and_bo: Made, ada: Person
) -> None:
    async with house.opened():
        event, lena = await Event.get(), await a_member_of_staff("Una", "una@hosts.example.org", None, None)
        asked = await a_rights_request(event, lena, Right.ERASURE, ada.email)
        made = await backing_up.back_up(house, chosen, REAL + HOUR / 2)
        await erasing.erase(asked, lena, MONDAY + HOUR, REAL + HOUR)
    await restore(made.file)
    async with restore.place.opened():
        now = await RightsRequest.get()
        assert (now.email, now.outcome, now.closed_at is None) == ("", Outcome.ENDED, False)
        waiting = await Message.filter(state=MessageState.QUEUED).values_list("template", flat=True)
        assert set(waiting) <= {"rights_alert"}, "nothing is sent to her, and no second last email"


async def test_what_an_organiser_cancelled_and_emptied_at_once_does_not_come_back(
    restore: Restores, house: Database, chosen: Settings, here: Path, ada: Person
) -> None:
    async with house.opened():
        event, lena = await an_event_with_a_lead()
        asked = await requested(ada, event)
        made = await backing_up.back_up(house, chosen, REAL)
        await cancelled_and_noted(asked, lena)
    restored = await restore(made.file)
    assert (restored.erased, await named(restore.place)) == (1, set())
    async with restore.place.opened():
        assert await LinkAnswers.exclude(answers_sealed=None).count() == 0


async def test_a_request_that_was_cancelled_ends_nothing_else_of_its_address(
    restore: Restores, house: Database, chosen: Settings, here: Path, ada: Person
) -> None:
    """Anybody can have typed that address: what its owner asked by telephone is still to be answered."""
    async with house.opened():
        event, lena = await an_event_with_a_lead()
        asked = await requested(ada, event)
        await a_rights_request(event, lena, Right.CORRECTION, ada.email)
        made = await backing_up.back_up(house, chosen, REAL)
        await cancelled_and_noted(asked, lena)
    restored = await restore(made.file)
    assert (restored.erased, await named(restore.place)) == (1, set())
    async with restore.place.opened():
        now = await RightsRequest.get()
        assert (now.email, now.closed_at) == (ada.email, None)


async def test_what_somebody_asked_does_not_come_back_who_was_erased_without_the_data_key(
    restore: Restores, house: Database, chosen: Settings, here: Path, ada: Person, bo: Person
) -> None:
    """The instance key seals rights requests, and outlives the event's data key: no tag of her address is left."""
    async with house.opened():
        event, lena = await an_event_with_a_lead()
        for person in (ada, bo):
            await a_rights_request(event, lena, Right.CORRECTION, person.email)
        made = await backing_up.back_up(house, chosen, REAL)
        data_keys.kept().destroy(event.slug)
        await Event.all().update(data_key="")
    await erase(house, ada)
    assert (await restore(made.file, with_faults=True)).list_faults == []
    async with restore.place.opened():
        rows = await RightsRequest.all().order_by("id")
        assert [(row.email, row.outcome) for row in rows] == [("", Outcome.ENDED), (bo.email, None)]


async def test_whoever_had_another_address_when_the_backup_was_made_does_not_come_back(
    restore: Restores, house: Database, with_ada_and_bo: Made, ada: Person, bo: Person
) -> None:
    async with house.opened():
        guest = await request_of(ada.email)
        assert await new_address.confirm(await asks(guest), MONDAY)
        await vetting.approve(await Registration.get(id=guest.id), await Staff.get(), MONDAY)
    await erase(house, replace(ada, email=NEW))
    restored = await restore(with_ada_and_bo.file)
    assert (restored.erased, await named(restore.place)) == (1, {bo.email})


async def test_the_drill_says_whom_it_would_erase_again_and_changes_nothing(
    house: Database, chosen: Settings, identity: Path, with_ada_and_bo: Made, here: Path, ada: Person, bo: Person
) -> None:
    await erase(house, ada)
    before = (here / NAME).read_text()
    programs = chosen.backup_programs
    drilled = await drill.drill(house, with_ada_and_bo.file, identity, MONDAY, REAL, programs=programs)
    assert isinstance(drilled.restored, Restored)
    assert (drilled.restored.erased, (here / NAME).read_text()) == (1, before)
    assert await named(house) == {bo.email}
    (here / NAME).unlink()
    drilled = await drill.drill(house, with_ada_and_bo.file, identity, MONDAY, REAL, programs=programs)
    assert (drilled.restored.erased, len(drilled.restored.list_faults)) == (0, 1)


async def test_an_erasure_that_was_not_noted_at_once_is_noted_by_the_next_turn(
    restore: Restores, house: Database, with_ada_and_bo: Made, here: Path, ada: Person, bo: Person
) -> None:
    """As after a crash between the act and the note, or with a folder that is away."""
    take_away(here)
    await erase(house, ada)
    bring_back(here)
    assert erased_list.read(here / NAME).entries == []
    async with house.opened():
        assert await noting.overdue((await Event.get()).id, MONDAY + HOUR + noting.SOON) == 1
        assert await noting.write_down(REAL + HOUR) == 1
        assert await noting.overdue((await Event.get()).id, MONDAY + 2 * HOUR) == 0
    assert (await restore(with_ada_and_bo.file)).erased == 1


async def test_a_list_whose_key_is_not_here_is_refused(
    restore: Restores, house: Database, with_ada_and_bo: Made, here: Path, ada: Person
) -> None:
    await erase(house, ada)
    (here / NAME).write_text((here / NAME).read_text().replace("2", "3"))
    with pytest.raises(Refused, match="--with-faults"):
        await restore(with_ada_and_bo.file)
